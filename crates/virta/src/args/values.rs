//! Values that are typed: sizes, years, days, languages, shares.

use std::fmt;
use std::str::FromStr;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use virta_model::{Day, Lang};

/// Reads a language by its code.
pub(super) fn language() -> impl TypedValueParser<Value = Lang> {
    PossibleValuesParser::new(Lang::ALL.map(Lang::code)).try_map(|code| code.parse::<Lang>())
}

/// A size in bytes, written `512MB`, `2GB` or `1.5GiB`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Bytes(pub u64);

impl FromStr for Bytes {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const FORM: &str = "a size is a number with a unit, such as 512MB, 2GB or 1.5GiB";
        let digits_end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
        let (number, unit) = text.split_at(digits_end);
        let number: f64 = number.parse().map_err(|_| FORM)?;
        let factor = match unit.trim().to_ascii_lowercase().as_str() {
            "" | "b" => 1.0,
            "k" | "kb" => 1e3,
            "m" | "mb" => 1e6,
            "g" | "gb" => 1e9,
            "t" | "tb" => 1e12,
            "kib" => 1024.0,
            "mib" => 1024.0 * 1024.0,
            "gib" => 1024.0 * 1024.0 * 1024.0,
            _ => return Err(FORM),
        };
        let bytes = number * factor;
        if bytes < 16e6 {
            return Err("at least 16MB are needed");
        }
        Ok(Bytes(bytes as u64))
    }
}

/// Calendar years, both ends included, written `2012..2014`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Years {
    pub first: i32,
    pub last: i32,
}

impl FromStr for Years {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const FORM: &str = "years are written 2012..2014, the earlier first, between 1990 and 2100";
        let (first, last) = text.split_once("..").unwrap_or((text, text));
        match (first.trim().parse(), last.trim().parse()) {
            (Ok(first), Ok(last)) if (1990..=2100).contains(&first) && first <= last && last <= 2100 => {
                Ok(Years { first, last })
            }
            _ => Err(FORM),
        }
    }
}

impl fmt::Display for Years {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}..{}", self.first, self.last)
    }
}

pub(super) fn day(text: &str) -> Result<Day, String> {
    Day::parse_iso(text).ok_or_else(|| "a day is written 2014-01-31".to_owned())
}

pub(super) fn share(text: &str) -> Result<f64, &'static str> {
    match text.parse() {
        Ok(share) if (0.0..=0.5).contains(&share) => Ok(share),
        _ => Err("a share lies in 0 to 0.5"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_units() {
        for (text, bytes) in [("512MB", 512_000_000), ("2GB", 2_000_000_000), ("1.5GiB", 1_610_612_736)] {
            assert_eq!(text.parse(), Ok(Bytes(bytes)), "{text}");
        }
        for text in ["", "two", "2XB", "1MB", "GB", "-2GB"] {
            assert!(text.parse::<Bytes>().is_err(), "{text}");
        }
    }

    #[test]
    fn years_are_a_range_or_one() {
        assert_eq!("2012..2014".parse(), Ok(Years { first: 2012, last: 2014 }));
        assert_eq!("2013".parse(), Ok(Years { first: 2013, last: 2013 }));
        assert!("2014..2012".parse::<Years>().is_err());
    }
}
