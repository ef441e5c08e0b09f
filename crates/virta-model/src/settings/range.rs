//! Ranges that settings write as texts: of ages, and of days.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::one_or_more::one_or_more;
use crate::day::Day;

/// Whole years, both ends included: `"18..64"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct AgeRange {
    pub min: u32,
    pub max: u32,
}

impl TryFrom<String> for AgeRange {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let (min, max) = text.split_once("..").ok_or("ages are written \"18..64\", both ends included")?;
        match (min.trim().parse(), max.trim().parse()) {
            (Ok(min), Ok(max)) if min <= max => Ok(AgeRange { min, max }),
            _ => Err("ages are written \"18..64\", the lower first, both ends included"),
        }
    }
}

impl From<AgeRange> for String {
    fn from(ages: AgeRange) -> Self {
        format!("{}..{}", ages.min, ages.max)
    }
}

/// A stretch of days, both ends included, with the text that the study wrote for it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct Period {
    pub first: Day,
    pub last: Day,
    label: String,
}

impl Period {
    /// The period of a calendar year.
    pub fn year(year: i32) -> Option<Self> {
        let label = format!("{year:04}");
        Some(Period { first: Day::from_ymd(year, 1, 1)?, last: Day::from_ymd(year, 12, 31)?, label })
    }

    /// As the study wrote it: `2013`, or `2014-01-01..2014-12-31`. The `period` column of every table.
    pub fn label(&self) -> &str {
        &self.label
    }

    pub fn days(&self) -> i64 {
        i64::from(self.last.0) - i64::from(self.first.0) + 1
    }

    pub fn contains(&self, day: Day) -> bool {
        self.first <= day && day <= self.last
    }
}

impl TryFrom<String> for Period {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        const FORM: &str = "a period is a year, \"2013\", or two days, \"2014-01-01..2014-12-31\", the earlier first";
        let text = text.trim();
        if text.len() == 4 && text.bytes().all(|byte| byte.is_ascii_digit()) {
            return text.parse().ok().and_then(Period::year).ok_or(FORM);
        }
        let (first, last) = text.split_once("..").ok_or(FORM)?;
        match (Day::parse_iso(first.trim()), Day::parse_iso(last.trim())) {
            (Some(first), Some(last)) if first <= last => Ok(Period { first, last, label: format!("{first}..{last}") }),
            _ => Err(FORM),
        }
    }
}

impl From<Period> for String {
    fn from(period: Period) -> Self {
        period.label
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.label)
    }
}

pub(super) fn periods<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Vec<Period>, D::Error> {
    let texts: Vec<String> = one_or_more(deserializer, "expected a period such as \"2013\" or a list of them")?;
    texts.into_iter().map(|text| Period::try_from(text).map_err(serde::de::Error::custom)).collect()
}
