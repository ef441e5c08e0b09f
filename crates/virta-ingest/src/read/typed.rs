//! Cells of files with types of their own as the texts that a delimited file would have.

use calamine::Data;
use virta_model::Day;
use virta_model::settings::Source;

use crate::read::cells::{ERROR_MARK, OwnedCells};

/// Whole numbers from here on are not exact as doubles or in single or half precision, so that two ids may have become
/// one.
pub(crate) const EXACT_DOUBLES_BELOW: f64 = 9_007_199_254_740_992.0;
pub(crate) const EXACT_SINGLES_BELOW: f64 = 16_777_216.0;
pub(crate) const EXACT_HALVES_BELOW: f64 = 2048.0;
/// Spreadsheets keep 15 digits of a number.
const EXACT_IN_SHEETS_BELOW: f64 = 1e15;

/// How a source writes what has types here.
pub(crate) struct Texts<'a> {
    source: &'a Source,
}

impl<'a> Texts<'a> {
    pub(crate) fn new(source: &'a Source) -> Self {
        Texts { source }
    }

    /// A cell of a sheet as text. `shows_time` says of a date at midnight that midnight is meant.
    pub(crate) fn of(&self, cell: &Data, shows_time: bool) -> String {
        match cell {
            Data::Empty => String::new(),
            Data::String(text) => text.clone(),
            Data::DateTimeIso(text) => text.clone(),
            Data::DurationIso(text) => clock_of_duration(text).unwrap_or_else(|| text.clone()),
            Data::Int(number) => number.to_string(),
            Data::Float(number) => self.number(*number, EXACT_IN_SHEETS_BELOW),
            Data::Bool(flag) => flag.to_string(),
            Data::DateTime(stamp) if stamp.is_duration() => clock_of_days(stamp.as_f64()),
            // Less than a day is a time of day: the day zero of spreadsheets is no date.
            Data::DateTime(stamp) if (0.0..1.0).contains(&stamp.as_f64()) => clock_of_days(stamp.as_f64()),
            Data::DateTime(stamp) => {
                let (year, month, day, hour, minute, second, _) = stamp.to_ymd_hms_milli();
                if (hour, minute, second) == (0, 0, 0) && !shows_time && stamp.as_f64().fract() == 0.0 {
                    format!("{year:04}-{month:02}-{day:02}")
                } else {
                    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}")
                }
            }
            Data::Error(error) => error.to_string(),
        }
    }

    /// Appends a cell of a sheet. An error is marked, unless the profile takes its text for missing; so is a day that
    /// the profile takes for missing by its text.
    pub(crate) fn push(&self, cell: &Data, shows_time: bool, cells: &mut OwnedCells) {
        let text = self.of(cell, shows_time);
        match cell {
            Data::Error(_) => self.push_error(&text, cells),
            Data::DateTime(_) | Data::DateTimeIso(_) => self.push_date(&text, cells),
            _ => cells.push(&text),
        }
    }

    /// Appends a date or date and time in ISO form.
    pub(crate) fn push_date(&self, text: &str, cells: &mut OwnedCells) {
        match self.means_missing(text) {
            Some(missing) => cells.push(missing),
            None => cells.push(text),
        }
    }

    /// Appends what stands for no value.
    pub(crate) fn push_error(&self, text: &str, cells: &mut OwnedCells) {
        if self.source.null.iter().any(|null| null == text) {
            return cells.push(text);
        }
        let mut marked = vec![ERROR_MARK];
        marked.extend_from_slice(text.as_bytes());
        cells.push_bytes(&marked);
    }

    /// A number of a Parquet file, exact below the limit: none for one that is no number.
    pub(crate) fn push_double(&self, number: f64, exact_below: f64, cells: &mut OwnedCells) {
        match number {
            _ if number.is_nan() => cells.push(self.source.null.first().map_or("", String::as_str)),
            _ if number.is_infinite() => self.push_error("infinite", cells),
            _ => cells.push(&self.number(number, exact_below)),
        }
    }

    /// A whole number as a whole number, and one that may stand for several with an exponent, which is no number here.
    fn number(&self, number: f64, exact_below: f64) -> String {
        if number.abs() >= exact_below {
            return format!("{number:.16E}");
        }
        if number.fract() == 0.0 {
            // Minus zero is zero.
            return format!("{:.0}", number + 0.0);
        }
        number.to_string().replace('.', &char::from(self.source.decimal).to_string())
    }

    /// The text for missing that means the day of an ISO text, such as `31.12.9999`.
    fn means_missing(&self, iso: &str) -> Option<&'a str> {
        if self.source.null.iter().all(String::is_empty) {
            return None;
        }
        let day = Day::parse_iso(iso.get(..10)?)?;
        let of = |null: &str| {
            let finnish = || {
                let mut parts = null.split('.').rev().map(|part| part.parse::<u32>().ok());
                let (year, month, day) = (parts.next()??, parts.next()??, parts.next()??);
                parts.next().is_none().then(|| Day::from_ymd(i32::try_from(year).ok()?, month, day)).flatten()
            };
            Day::parse_iso(null).or_else(finnish)
        };
        self.source.null.iter().map(String::as_str).find(|null| of(null) == Some(day))
    }
}

/// A part of days as `HH:MM:SS`; beyond a day the hours go on.
fn clock_of_days(days: f64) -> String {
    let seconds = (days * 86_400.0).round();
    // A time that is rounded up to midnight would be that of the day before.
    let seconds = if days < 1.0 { seconds.min(86_399.0) } else { seconds } as i64;
    let (sign, seconds) = if seconds < 0 { ("-", -seconds) } else { ("", seconds) };
    format!("{sign}{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60)
}

/// `PT08H15M00S`, as OpenDocument writes times of day.
fn clock_of_duration(text: &str) -> Option<String> {
    let (hours, rest) = text.strip_prefix("PT")?.split_once('H')?;
    let (minutes, rest) = rest.split_once('M')?;
    let seconds = rest.strip_suffix('S')?.split(['.', ',']).next()?;
    let part = |text: &str| text.parse::<u32>().ok();
    Some(format!("{:02}:{:02}:{:02}", part(hours)?, part(minutes)?, part(seconds)?))
}
