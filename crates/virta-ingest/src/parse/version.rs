//! Versions of rows, as numbers that compare as the versions do.

use virta_model::Day;
use virta_model::settings::Version;

use crate::parse::date::DateFormat;
use crate::parse::number;
use crate::read::header::Written;

/// How a profile's version column is read.
#[derive(Debug, Clone)]
pub(crate) struct VersionFormat(Option<DateFormat>);

impl VersionFormat {
    pub(crate) fn parse(version: &Version) -> Result<Self, String> {
        version.format.as_deref().map(|format| DateFormat::parse(Some(format))).transpose().map(VersionFormat)
    }

    /// Two-digit years are the latest that are not after this day.
    #[must_use]
    pub(crate) fn not_after(self, latest: Day) -> Self {
        VersionFormat(self.0.map(|format| format.not_after(latest)))
    }

    /// The same format as a file's cells are written.
    pub(crate) fn of_file(self, written: Written) -> Self {
        VersionFormat(self.0.map(|format| format.of_file(written)))
    }

    /// The order of a version: none, then numbers, then dates, then other texts by their first 15 bytes. `None` when a
    /// format is given and the text does not follow it.
    pub(crate) fn rank(&self, text: &[u8], decimal: u8) -> Option<u128> {
        if let Some(format) = &self.0 {
            return format.read(text, decimal).map(of_stamp);
        }
        // A thousand must not come before two.
        if number::has_foreign_groups(number::trim(text), decimal) {
            return None;
        }
        if let Ok(number) = number::scaled(text, decimal, 6).or_else(|_| number::scaled(text, b'.', 6)) {
            return Some((1 << 120) + (i128::from(number) + (1 << 64)) as u128);
        }
        if let Some(stamp) = DateFormat::Iso.read(text, decimal) {
            // The fraction of a second orders versions too.
            let micros = fraction_micros(text);
            return Some(of_stamp(stamp) + micros);
        }
        let prefix = (0..15).fold(0u128, |rank, at| (rank << 8) | u128::from(text.get(at).copied().unwrap_or(0)));
        Some((3 << 120) + prefix)
    }
}

fn of_stamp(stamp: crate::parse::date::Stamp) -> u128 {
    let day = stamp.day.map_or(0, |day| i64::from(day.0) + 1_000_000);
    let seconds = day * 86_400 + i64::from(stamp.seconds.unwrap_or(0));
    (2 << 120) + seconds as u128 * 1_000_000
}

fn fraction_micros(text: &[u8]) -> u128 {
    let Some(at) = memchr::memchr2(b'.', b',', text) else { return 0 };
    (1..=6).fold(0, |micros, n| {
        let digit = text.get(at + n).filter(|b| b.is_ascii_digit()).map_or(0, |b| u128::from(b - b'0'));
        micros * 10 + digit
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_compare_as_what_they_are() {
        let format = VersionFormat(None);
        let rank = |text: &str| format.rank(text.as_bytes(), b',').unwrap();
        assert!(rank("9") < rank("10"));
        assert!(rank("-1") < rank("0") && rank("1,5") < rank("1,6"));
        assert!(rank("2014-02-01") < rank("2014-02-01 00:00:01"));
        assert!(rank("2014-02-01T10:00:00.100") < rank("2014-02-01T10:00:00.200"));
        assert!(format.rank(b"1.000", b',').is_none() && format.rank(b"1,000", b'.').is_none());
        assert!(format.rank(b"1.000", b'.') < format.rank(b"2", b'.'));
        assert!(format.rank(b"1400000000.123", b',') < format.rank(b"1400000000.124", b','));
        assert!(rank("a") < rank("b") && rank("2014-02-01") < rank("a") && rank("99") < rank("2014-02-01"));
    }
}
