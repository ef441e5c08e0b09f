//! What a study may ask about time and order: peaks and sequences of cohorts, and what follows an event.

use std::fmt;

use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{Error, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Serialize};

use super::contacts::{Contacts, SectorRule, modes, positive, some};
use super::title::Title;
use crate::codes::Mode;

/// So many contacts within so many days of the period.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Peak {
    /// Days of the window, both ends included.
    #[serde(deserialize_with = "positive")]
    pub within_days: u32,
    #[serde(deserialize_with = "positive")]
    pub min_contacts: u32,
    /// Besides enough services, or instead of them.
    #[serde(default)]
    pub combine: Combine,
    #[serde(default)]
    emergency: bool,
    #[serde(default)]
    service: Vec<String>,
    #[serde(default)]
    sector: Vec<SectorRule>,
    #[serde(default)]
    package: Vec<String>,
    #[serde(default, deserialize_with = "modes")]
    mode: Vec<Mode>,
}

impl Peak {
    /// The contacts that it counts.
    pub fn which(&self) -> Contacts {
        Contacts {
            emergency: self.emergency,
            service: self.service.clone(),
            sector: self.sector.clone(),
            package: self.package.clone(),
            mode: self.mode.clone(),
        }
    }
}

/// As attrition words it: `at least 5 (emergency) within 30 days`.
impl fmt::Display for Peak {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "at least {} ({}) within {} days", self.min_contacts, self.which(), self.within_days)
    }
}

/// How a peak goes with the number of services.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Combine {
    /// A member needs both.
    #[default]
    All,
    /// Either is enough.
    Any,
}

/// `[cohort.peak]` or several `[[cohort.peak]]`, of which any is enough.
pub(super) fn peaks<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Vec<Peak>, D::Error> {
    struct OneOrMore;
    impl<'de> Visitor<'de> for OneOrMore {
        type Value = Vec<Peak>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a table [cohort.peak] or several [[cohort.peak]]")
        }

        fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Vec<Peak>, A::Error> {
            Peak::deserialize(MapAccessDeserializer::new(map)).map(|peak| vec![peak])
        }

        fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Vec<Peak>, A::Error> {
            Vec::deserialize(SeqAccessDeserializer::new(seq))
        }
    }
    let peaks = deserializer.deserialize_any(OneOrMore)?;
    if peaks.windows(2).any(|pair| pair[0].combine != pair[1].combine) {
        return Err(D::Error::custom("the peaks of a cohort combine in the same way: any of them is enough"));
    }
    Ok(peaks)
}

/// A contact of one kind and, within so many days after, one of another.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Sequence {
    #[serde(deserialize_with = "some")]
    pub first: Contacts,
    #[serde(deserialize_with = "some")]
    pub then: Contacts,
    /// The second begins on the 1st to this day after the day on which the first began.
    #[serde(deserialize_with = "positive")]
    pub within_days: u32,
}

/// As attrition words it: `emergency, then sector social within 30 days`.
impl fmt::Display for Sequence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, then {} within {} days", self.first, self.then, self.within_days)
    }
}

/// An event and what comes after it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Follow {
    pub name: String,
    #[serde(default)]
    pub title: Title,
    #[serde(deserialize_with = "some")]
    pub first: Contacts,
    #[serde(deserialize_with = "some")]
    pub then: Contacts,
    /// Ascending.
    #[serde(default = "a_week_and_a_month", deserialize_with = "ascending")]
    pub within_days: Vec<u32>,
}

fn a_week_and_a_month() -> Vec<u32> {
    vec![7, 30]
}

fn ascending<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Vec<u32>, D::Error> {
    const MOST: u32 = 3660;
    let mut days = Vec::<u32>::deserialize(deserializer)?;
    if days.is_empty() || days.iter().any(|day| !(1..=MOST).contains(day)) {
        return Err(D::Error::custom(format!("within_days lists one or more numbers of days in 1..={MOST}")));
    }
    days.sort_unstable();
    days.dedup();
    Ok(days)
}
