//! What a connection has set, and what it is told when it asks.

use std::collections::BTreeMap;

use crate::error::{Refusal, Result};

/// The version that clients decide by what to ask for: catalogue questions are those for this one.
pub(crate) const SERVER_VERSION: &str = "15.0";
const SERVER_VERSION_NUMBER: &str = "150000";

/// Settings that clients are told of when they change, under the names that they know.
const TOLD: &[&str] = &[
    "application_name",
    "client_encoding",
    "DateStyle",
    "default_transaction_read_only",
    "in_hot_standby",
    "integer_datetimes",
    "IntervalStyle",
    "is_superuser",
    "search_path",
    "server_encoding",
    "server_version",
    "session_authorization",
    "standard_conforming_strings",
    "TimeZone",
];

/// What nobody changes.
const FIXED: &[&str] = &[
    "default_transaction_read_only",
    "in_hot_standby",
    "integer_datetimes",
    "is_superuser",
    "max_identifier_length",
    "server_encoding",
    "server_version",
    "server_version_num",
    "session_authorization",
    "standard_conforming_strings",
    "transaction_read_only",
];

/// Settings of a connection by their names in small letters.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    values: BTreeMap<String, String>,
    defaults: BTreeMap<String, String>,
}

/// Bounds of what a connection can keep here.
const SETTINGS_MAX: usize = 200;
const VALUE_BYTES_MAX: usize = 1000;

impl Settings {
    pub(crate) fn new(user: &str) -> Self {
        let defaults = [
            ("application_name", ""),
            ("bytea_output", "hex"),
            ("client_encoding", "UTF8"),
            ("client_min_messages", "notice"),
            ("datestyle", "ISO, YMD"),
            ("default_transaction_isolation", "repeatable read"),
            ("default_transaction_read_only", "on"),
            ("extra_float_digits", "1"),
            ("in_hot_standby", "off"),
            ("integer_datetimes", "on"),
            ("intervalstyle", "postgres"),
            ("is_superuser", "off"),
            ("lc_collate", "C"),
            ("lc_ctype", "C.UTF-8"),
            ("max_identifier_length", "63"),
            ("max_index_keys", "32"),
            ("search_path", "store"),
            ("server_encoding", "UTF8"),
            ("server_version", SERVER_VERSION),
            ("server_version_num", SERVER_VERSION_NUMBER),
            ("session_authorization", user),
            ("standard_conforming_strings", "on"),
            ("statement_timeout", "0"),
            ("timezone", "UTC"),
            ("transaction_isolation", "repeatable read"),
            ("transaction_read_only", "on"),
        ];
        let defaults: BTreeMap<String, String> =
            defaults.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        Settings { values: defaults.clone(), defaults }
    }

    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.values.get(&name.to_lowercase()).map(String::as_str)
    }

    /// Every setting with its value, in order of name.
    pub(crate) fn all(&self) -> impl Iterator<Item = (&str, &str)> {
        self.values.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// What clients are told at the beginning: names as they know them, and values.
    pub(crate) fn told(&self) -> impl Iterator<Item = (&'static str, &str)> {
        TOLD.iter().filter_map(|name| Some((*name, self.get(name)?)))
    }

    /// Sets a value and says under which name a client is to be told of it, if it is.
    ///
    /// # Errors
    /// A value that does not hold here: other encodings, dates in other forms.
    pub(crate) fn set(&mut self, name: &str, value: &str) -> Result<Option<&'static str>> {
        let key = name.to_lowercase();
        let unfit = |message: String| Err(Refusal::new("22023", message));
        let value = match (key.as_str(), value.trim()) {
            (_, given) if given.eq_ignore_ascii_case("default") => self.defaults.get(&key).cloned().unwrap_or_default(),
            ("client_encoding", given) => {
                let plain = given.to_ascii_lowercase().replace(['-', '_'], "");
                match plain.as_str() {
                    "utf8" | "unicode" | "sqlascii" => "UTF8".to_owned(),
                    _ => return unfit("texts are sent as UTF-8: set client_encoding = 'UTF8'".to_owned()),
                }
            }
            ("datestyle", given) if given.get(..3).is_some_and(|form| form.eq_ignore_ascii_case("iso")) => {
                given.to_owned()
            }
            // The order of the parts of a day alone, which ISO days do not have in doubt.
            ("datestyle", given) if ["ymd", "mdy", "dmy"].contains(&given.to_ascii_lowercase().as_str()) => {
                format!("ISO, {}", given.to_ascii_uppercase())
            }
            ("datestyle", _) => return unfit("days are sent as 2014-01-31: set DateStyle = 'ISO'".to_owned()),
            ("statement_timeout", given) => match milliseconds(given) {
                Some(time) => time.to_string(),
                None => return unfit("statement_timeout is a number of milliseconds, or as '30s'".to_owned()),
            },
            (key, given) if FIXED.contains(&key) => match self.get(key).is_some_and(|held| same(held, given)) {
                true => given.to_owned(),
                false => return unfit(format!("{key} cannot be changed")),
            },
            (_, given) => given.to_owned(),
        };
        if value.len() > VALUE_BYTES_MAX || (self.values.len() >= SETTINGS_MAX && !self.values.contains_key(&key)) {
            return Err(Refusal::new("53400", "a connection cannot keep more settings"));
        }
        self.values.insert(key, value);
        Ok(TOLD.iter().find(|told| told.eq_ignore_ascii_case(name)).copied())
    }

    /// Puts one setting, or every one, back.
    pub(crate) fn reset(&mut self, name: Option<&str>) {
        match name.map(str::to_lowercase) {
            None => self.values = self.defaults.clone(),
            Some(name) => match self.defaults.get(&name) {
                Some(value) => drop(self.values.insert(name, value.clone())),
                None => drop(self.values.remove(&name)),
            },
        }
    }

    /// Milliseconds that a statement may take as the connection wishes; `None` for as long as the server lets it.
    pub(crate) fn statement_timeout(&self) -> Option<u64> {
        self.get("statement_timeout").and_then(|value| value.parse().ok()).filter(|time| *time > 0)
    }
}

fn same(held: &str, given: &str) -> bool {
    let is_on = |value: &str| ["on", "true", "yes", "1"].iter().any(|word| value.eq_ignore_ascii_case(word));
    let is_off = |value: &str| ["off", "false", "no", "0"].iter().any(|word| value.eq_ignore_ascii_case(word));
    held.eq_ignore_ascii_case(given) || (is_on(held) && is_on(given)) || (is_off(held) && is_off(given))
}

fn milliseconds(text: &str) -> Option<u64> {
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let factor = match unit.trim() {
        "" | "ms" => 1,
        "s" => 1000,
        "min" => 60_000,
        "h" => 3_600_000,
        _ => return None,
    };
    number.parse::<u64>().ok()?.checked_mul(factor)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_that_do_not_hold_are_refused_and_others_are_kept() {
        let mut settings = Settings::new("aino");
        assert_eq!(settings.set("TimeZone", "Europe/Helsinki"), Ok(Some("TimeZone")));
        assert_eq!(settings.get("timezone"), Some("Europe/Helsinki"));
        assert_eq!(settings.set("extra_float_digits", "3"), Ok(None));
        assert_eq!(settings.set("client_encoding", "utf-8"), Ok(Some("client_encoding")));
        for (name, value) in [
            ("client_encoding", "latin1"),
            ("DateStyle", "German"),
            ("statement_timeout", "soon"),
            ("is_superuser", "on"),
            ("default_transaction_read_only", "off"),
        ] {
            assert!(settings.set(name, value).is_err(), "{name}");
        }
        settings.set("statement_timeout", "2min").unwrap();
        assert_eq!(settings.statement_timeout(), Some(120_000));
        settings.reset(None);
        assert_eq!((settings.statement_timeout(), settings.get("timezone")), (None, Some("UTC")));
    }
}
