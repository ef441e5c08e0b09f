//! The controls of the cohort builder, as an address, both ways.

use std::fmt::Write as _;

use serde::Serialize;

/// What the controls say. Texts of numbers are as they stand in the address.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Form {
    /// Where it came from: `s:` and a study's name, `t:` and the hash of a pasted file, or nothing.
    pub base: String,
    /// The cohort's name.
    pub cohort: String,
    pub periods: Vec<String>,
    /// The period that is looked at.
    pub period: String,
    pub age_min: Option<u32>,
    pub age_max: Option<u32>,
    pub age_at: String,
    /// What shares are of: people of the `same` ages, `all`, or the base's `own`.
    pub population: String,
    pub services: u32,
    pub count_by: String,
    pub contacts: u32,
    pub days: u32,
    pub cost_euros: i64,
    pub percentile: u32,
    pub sectors: Vec<String>,
    pub towns: Vec<String>,
    pub washout: Option<u32>,
    pub rolling: Option<u32>,
    pub observed: Option<u32>,
    pub excludes: Vec<String>,
    /// Least contacts of a peak; none without one.
    pub peak_contacts: Option<u32>,
    pub peak_days: u32,
    /// Whether only emergency contacts make it.
    pub is_peak_emergency: bool,
    /// Whether a peak is enough instead of services.
    pub is_peak_enough: bool,
    /// `emergency` or a sector; empty without a sequence.
    pub sequence_first: String,
    pub sequence_then: String,
    pub sequence_days: u32,
    /// The study file has peaks or sequences that the controls cannot say: they stay as they are.
    pub keeps_peaks: bool,
    pub keeps_sequences: bool,
}

/// Days of a peak and of a sequence until somebody says another number.
pub(super) const WINDOW_DAYS: u32 = 30;

/// The pairs of an address, in order.
pub(crate) type Pairs = Vec<(String, String)>;

pub(super) fn first<'a>(pairs: &'a Pairs, name: &str) -> Option<&'a str> {
    pairs.iter().find(|(key, _)| key == name).map(|(_, value)| value.trim())
}

fn all(pairs: &Pairs, name: &str) -> Vec<String> {
    let values = pairs.iter().filter(|(key, value)| key == name && !value.trim().is_empty());
    values.map(|(_, value)| value.trim().to_owned()).collect()
}

fn number<T: std::str::FromStr>(pairs: &Pairs, name: &str) -> Option<T> {
    first(pairs, name).and_then(|text| text.replace(['\u{a0}', ' '], "").parse().ok())
}

impl Form {
    /// The controls as an address has them; what it does not say is not set.
    pub(super) fn of_pairs(pairs: &Pairs, begin: &Form) -> Self {
        let years: Vec<String> = all(pairs, "p");
        let periods = if years.is_empty() { begin.periods.clone() } else { years };
        let period = first(pairs, "y").unwrap_or_default().to_owned();
        let (age_min, age_max): (Option<u32>, Option<u32>) = (number(pairs, "amin"), number(pairs, "amax"));
        // An upper age below the lower one, while it is being typed, is the lower one.
        let age_max = age_max.map(|max| max.max(age_min.unwrap_or(0)));
        let whole = |name: &str| number::<u32>(pairs, name).filter(|&n| n > 0);
        Form {
            base: begin.base.clone(),
            cohort: begin.cohort.clone(),
            period: if periods.contains(&period) { period } else { periods.last().cloned().unwrap_or_default() },
            periods,
            age_min,
            age_max,
            age_at: one_of(first(pairs, "at"), &["period_end", "period_start", "first_contact"]),
            population: one_of(first(pairs, "pop"), &["same", "all", "own"]),
            services: whole("s").unwrap_or(1).min(1000),
            count_by: one_of(first(pairs, "by"), &["service", "package", "sector", "unit", "provider"]),
            contacts: whole("n").unwrap_or(1),
            days: number(pairs, "d").unwrap_or(0),
            cost_euros: number::<i64>(pairs, "e").unwrap_or(0).clamp(0, 1_000_000_000),
            percentile: number::<u32>(pairs, "q").unwrap_or(0).min(99),
            sectors: all(pairs, "sec"),
            towns: all(pairs, "mun"),
            washout: whole("w"),
            rolling: whole("r"),
            observed: whole("o"),
            excludes: all(pairs, "x"),
            peak_contacts: whole("pc"),
            peak_days: whole("pd").unwrap_or(WINDOW_DAYS),
            is_peak_emergency: first(pairs, "pe") == Some("1"),
            is_peak_enough: first(pairs, "pa") == Some("1"),
            sequence_first: kind_of(first(pairs, "qf")),
            sequence_then: kind_of(first(pairs, "qt")),
            sequence_days: whole("qd").unwrap_or(WINDOW_DAYS),
            keeps_peaks: begin.keeps_peaks,
            keeps_sequences: begin.keeps_sequences,
        }
    }

    /// The address that gives these controls again, without its question mark.
    pub(crate) fn query(&self) -> String {
        let mut query = String::new();
        let mut add = |name: &str, value: &str| {
            let _ = write!(query, "{}{name}={}", if query.is_empty() { "" } else { "&" }, encoded(value));
        };
        if !self.base.is_empty() {
            add("base", &self.base);
            add("c", &self.cohort);
        }
        self.periods.iter().for_each(|period| add("p", period));
        add("y", &self.period);
        for (name, value) in [
            ("amin", self.age_min),
            ("amax", self.age_max),
            ("w", self.washout),
            ("r", self.rolling),
            ("o", self.observed),
        ] {
            if let Some(value) = value {
                add(name, &value.to_string());
            }
        }
        for (name, value, usual) in
            [("at", &self.age_at, "period_end"), ("pop", &self.population, "same"), ("by", &self.count_by, "service")]
        {
            if value != usual {
                add(name, value);
            }
        }
        add("s", &self.services.to_string());
        add("n", &self.contacts.to_string());
        for (name, value) in [("d", i64::from(self.days)), ("e", self.cost_euros), ("q", self.percentile.into())] {
            if value > 0 {
                add(name, &value.to_string());
            }
        }
        if let Some(contacts) = self.peak_contacts {
            add("pc", &contacts.to_string());
            add("pd", &self.peak_days.to_string());
            let marks = [("pe", self.is_peak_emergency), ("pa", self.is_peak_enough)];
            marks.iter().filter(|(_, is_set)| *is_set).for_each(|(name, _)| add(name, "1"));
        }
        if self.has_sequence() {
            add("qf", &self.sequence_first);
            add("qt", &self.sequence_then);
            add("qd", &self.sequence_days.to_string());
        }
        for (name, values) in [("sec", &self.sectors), ("mun", &self.towns), ("x", &self.excludes)] {
            values.iter().for_each(|value| add(name, value));
        }
        query
    }

    pub(crate) fn has_sequence(&self) -> bool {
        !self.sequence_first.is_empty() && !self.sequence_then.is_empty()
    }
}

/// The kinds of contacts that a sequence's controls name.
pub(crate) const KINDS: &[&str] = &["emergency", "social", "primary", "specialised", "other", "health"];

fn kind_of(text: Option<&str>) -> String {
    KINDS.iter().find(|kind| Some(**kind) == text).map_or_else(String::new, |kind| (*kind).to_owned())
}

fn one_of(text: Option<&str>, known: &[&str]) -> String {
    let found = known.iter().find(|one| Some(**one) == text);
    found.or(known.first()).map_or_else(String::new, |one| (*one).to_owned())
}

/// A text as an address carries it.
pub(crate) fn encoded(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' | b':' => out.push(byte.into()),
            _ => drop(write!(out, "%{byte:02X}")),
        }
    }
    out
}
