//! Which contacts a rule or an analysis means.

use std::fmt;

use serde::de::Error;
use serde::{Deserialize, Serialize};

use crate::codes::{Mode, Sector};

/// A sector that a member must have used; `health` is primary or specialised.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SectorRule {
    Social,
    Primary,
    Specialised,
    Other,
    Health,
}

impl SectorRule {
    /// Whether use in this sector fulfils the rule.
    pub const fn accepts(self, sector: Sector) -> bool {
        matches!(
            (self, sector),
            (SectorRule::Social, Sector::Social)
                | (SectorRule::Primary | SectorRule::Health, Sector::Primary)
                | (SectorRule::Specialised | SectorRule::Health, Sector::Specialised)
                | (SectorRule::Other, Sector::Other)
        )
    }

    pub const fn as_str(self) -> &'static str {
        match self {
            SectorRule::Social => "social",
            SectorRule::Primary => "primary",
            SectorRule::Specialised => "specialised",
            SectorRule::Other => "other",
            SectorRule::Health => "health",
        }
    }
}

/// Which contacts are meant: those that fit every key that is set, and of a list any of its values. With no key set,
/// all.
///
/// ```
/// use virta_model::settings::Contacts;
/// let which: Contacts = toml::from_str("emergency = true\nsector = [\"primary\", \"specialised\"]").unwrap();
/// assert_eq!(which.to_string(), "emergency, sector primary or specialised");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Contacts {
    /// Only contacts whose urgency or service is an emergency.
    pub emergency: bool,
    pub service: Vec<String>,
    pub sector: Vec<SectorRule>,
    pub package: Vec<String>,
    #[serde(deserialize_with = "modes")]
    pub mode: Vec<Mode>,
}

impl Contacts {
    /// Whether no key is set, so that every contact is meant.
    pub fn is_all(&self) -> bool {
        *self == Contacts::default()
    }
}

/// The keys that are set, as attrition and tables word them: `emergency, service a or b`; `contacts` without any.
impl fmt::Display for Contacts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fn list<T>(name: &str, values: &[T], text: impl Fn(&T) -> &str) -> Option<String> {
            let texts: Vec<&str> = values.iter().map(text).collect();
            (!texts.is_empty()).then(|| format!("{name} {}", texts.join(" or ")))
        }
        let parts = [
            self.emergency.then(|| "emergency".to_owned()),
            list("service", &self.service, String::as_str),
            list("sector", &self.sector, |sector| sector.as_str()),
            list("package", &self.package, String::as_str),
            list("mode", &self.mode, |mode| mode.as_str()),
        ];
        let parts: Vec<String> = parts.into_iter().flatten().collect();
        f.write_str(if parts.is_empty() { "contacts" } else { "" })?;
        f.write_str(&parts.join(", "))
    }
}

pub(super) fn modes<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Vec<Mode>, D::Error> {
    let texts = Vec::<String>::deserialize(deserializer)?;
    let known = || Mode::ALL.iter().map(|mode| mode.as_str()).collect::<Vec<_>>().join(", ");
    let mode =
        |text: &String| Mode::parse(text).ok_or_else(|| D::Error::custom(format!("a mode is one of {}", known())));
    texts.iter().map(mode).collect()
}

/// Some contacts, not all of them.
pub(super) fn some<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Contacts, D::Error> {
    let which = Contacts::deserialize(deserializer)?;
    match which.is_all() {
        true => Err(D::Error::custom("say which contacts: emergency = true, service, sector, package or mode")),
        false => Ok(which),
    }
}

/// A number of days or contacts of which 0 would say nothing.
pub(super) fn positive<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
    match u32::deserialize(deserializer)? {
        0 => Err(D::Error::custom("it is at least 1")),
        number => Ok(number),
    }
}
