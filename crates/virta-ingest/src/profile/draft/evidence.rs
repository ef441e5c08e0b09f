//! What the cells of a column look like.

use std::collections::{HashMap, HashSet};

use virta_model::hetu;

use super::grid::{Cell, Form, Row};
use super::names::{OPEN_ENDS, STAND_INS};
use crate::parse::date::DateFormat;
use crate::parse::number;

/// A value is named in a draft only when so many rows carry it: a rarer one could tell somebody's.
pub(super) const ROWS_MIN: usize = 5;
/// More distinct values than this are no list of codes.
const CODES_MAX: usize = 300;

/// Ways to write days, the commoner first. Of two that read equally many the first is taken.
pub(super) const DATES: [&str; 21] = [
    "%d.%m.%Y",
    "%d.%m.%Y %H:%M",
    "%d.%m.%Y %H:%M:%S",
    "%d.%m.%Y klo %H:%M",
    "%d.%m.%Y klo %H.%M",
    "%d.%m.%Y %H.%M",
    "iso",
    "%Y/%m/%d %H:%M:%S.%f",
    "%Y/%m/%d %H:%M:%S",
    "%Y/%m/%d %H:%M",
    "%Y/%m/%d",
    "%d/%m/%Y",
    "%d/%m/%Y %H:%M",
    "%d/%m/%Y %H:%M:%S",
    "%m/%d/%Y",
    "%m/%d/%Y %H:%M",
    "%d-%m-%Y",
    "%d-%m-%Y %H:%M",
    "%d-%m-%Y %H:%M:%S",
    "%d.%m.%y",
    "%Y%m%d",
];
/// Ways to write times of day.
pub(super) const TIMES: [&str; 4] = ["%H:%M", "%H:%M:%S", "%H.%M", "%H%M"];

#[derive(Debug, Default)]
pub(super) struct Column {
    pub name: String,
    /// Place in the file.
    pub at: usize,
    pub filled: usize,
    /// Cells that are text rather than typed numbers, days and times, and neither stand-ins nor open ends.
    pub texts: usize,
    pub(crate) typed_numbers: usize,
    pub(crate) typed_days: usize,
    pub(crate) typed_times: usize,
    pub errors: usize,
    /// Of `texts`, which formats read how many, alone and first.
    reads: Vec<Vec<bool>>,
    times: [usize; TIMES.len()],
    /// Of `texts`, numbers with this decimal sign.
    pub(crate) comma_numbers: usize,
    pub(crate) point_numbers: usize,
    pub(crate) whole_numbers: usize,
    pub(crate) with_comma: usize,
    pub(crate) with_point: usize,
    /// Cells with a time of day besides the day.
    pub(crate) with_time: usize,
    /// Rows that carry each of the texts that stand for nothing or for an open end.
    pub(crate) stand_ins: HashMap<String, usize>,
    pub(crate) open_ends: HashMap<String, usize>,
    pub hetu: usize,
    /// Rows by value, while there are few values.
    values: Option<HashMap<String, usize>>,
    seen: Option<HashSet<String>>,
    /// For ids: lengths of those with letters and of those of digits alone.
    pub(crate) with_letters: Option<Lengths>,
    pub(crate) of_digits: Option<Lengths>,
    pub upper: usize,
    pub lower: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Lengths {
    pub least: usize,
    pub most: usize,
}

impl Lengths {
    fn with(lengths: Option<Self>, length: usize) -> Option<Self> {
        let Lengths { least, most } = lengths.unwrap_or(Lengths { least: length, most: length });
        Some(Lengths { least: least.min(length), most: most.max(length) })
    }
}

impl Column {
    /// Looks at the cells of a column.
    pub(super) fn look(name: &str, at: usize, rows: &[Row], formats: &Formats) -> Self {
        let mut column = Column {
            name: name.to_owned(),
            at,
            values: Some(HashMap::new()),
            seen: Some(HashSet::new()),
            ..Column::default()
        };
        for cell in rows.iter().filter_map(|row| row.cells.get(at)).filter(|cell| !cell.is_empty()) {
            column.take(cell, formats);
        }
        column
    }

    fn take(&mut self, cell: &Cell, formats: &Formats) {
        let text = cell.text.as_str();
        self.hetu += usize::from(hetu::occurs_in(text.as_bytes()));
        if cell.form == Form::Text {
            if let Some(stand_in) = STAND_INS.iter().find(|stand_in| **stand_in == text) {
                *self.stand_ins.entry((*stand_in).to_owned()).or_default() += 1;
                return;
            }
            if OPEN_ENDS.iter().any(|end| end.to_lowercase() == text.to_lowercase()) {
                *self.open_ends.entry(text.to_owned()).or_default() += 1;
                return;
            }
        }
        self.filled += 1;
        self.count_value(text);
        self.look_at_id(text);
        match cell.form {
            Form::Number => self.typed_numbers += 1,
            Form::Day => {
                self.typed_days += 1;
                self.with_time += usize::from(text.contains('T'));
            }
            Form::Time => self.typed_times += 1,
            Form::Error => self.errors += 1,
            Form::Text => self.take_text(text, formats),
        }
    }

    fn take_text(&mut self, text: &str, formats: &Formats) {
        self.texts += 1;
        let bytes = text.as_bytes();
        let stamps: Vec<_> = formats.dates.iter().map(|format| format.as_ref()?.read(bytes, b',')).collect();
        self.with_time += usize::from(stamps.iter().flatten().any(|stamp| stamp.seconds.is_some()));
        let reads: Vec<bool> = stamps.iter().map(|stamp| stamp.is_some_and(|stamp| stamp.day.is_some())).collect();
        if self.reads.len() < 5000 {
            self.reads.push(reads);
        }
        for (count, format) in self.times.iter_mut().zip(&formats.times) {
            *count += usize::from(format.as_ref().is_some_and(|f| f.read(bytes, b',').is_some()));
        }
        self.comma_numbers += usize::from(number::amount(bytes, b',', 2).is_ok());
        self.point_numbers += usize::from(number::amount(bytes, b'.', 2).is_ok());
        self.whole_numbers += usize::from(!bytes.is_empty() && bytes.iter().all(u8::is_ascii_digit));
        self.with_comma += usize::from(bytes.contains(&b','));
        self.with_point += usize::from(bytes.contains(&b'.'));
    }

    fn count_value(&mut self, text: &str) {
        if let Some(values) = &mut self.values {
            *values.entry(text.to_owned()).or_default() += 1;
            if values.len() > CODES_MAX {
                self.values = None;
            }
        }
        if self.seen.as_mut().is_some_and(|seen| !seen.insert(text.to_owned())) {
            self.seen = None;
        }
    }

    fn look_at_id(&mut self, text: &str) {
        let length = text.chars().count();
        if text.bytes().all(|byte| byte.is_ascii_digit()) {
            self.of_digits = Lengths::with(self.of_digits, length);
        } else if text.chars().all(char::is_alphanumeric) {
            self.with_letters = Lengths::with(self.with_letters, length);
        }
        self.upper += usize::from(text.chars().any(char::is_uppercase));
        self.lower += usize::from(text.chars().any(char::is_lowercase));
    }

    /// Whether every row has a value here and no two the same.
    pub(crate) fn is_unique(&self, rows: usize) -> bool {
        self.seen.is_some() && self.filled == rows && rows >= 20
    }

    /// The values, where there are few, each with its rows; commonest first. A value that fewer than
    /// [`ROWS_MIN`] rows carry is left out.
    pub(super) fn codes(&self) -> Vec<(&str, usize)> {
        let Some(values) = &self.values else { return Vec::new() };
        let mut codes: Vec<_> = values.iter().map(|(value, rows)| (value.as_str(), *rows)).collect();
        codes.retain(|(value, rows)| *rows >= ROWS_MIN && !hetu::occurs_in(value.as_bytes()));
        codes.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
        codes
    }

    /// How many distinct values there are, where there are few.
    pub(super) fn distinct(&self) -> Option<usize> {
        self.values.as_ref().map(HashMap::len)
    }

    /// The fewest formats that read the texts, the commonest first; empty where they are no days. Typed days need none.
    pub(crate) fn date_formats(&self) -> Vec<&'static str> {
        let mut open: Vec<&Vec<bool>> = self.reads.iter().collect();
        let all = open.len();
        let mut formats = Vec::new();
        while !open.is_empty() && formats.len() < 4 {
            let count = |at: usize| open.iter().filter(|reads| reads.get(at) == Some(&true)).count();
            let Some(best) = (0..DATES.len()).rev().max_by_key(|at| count(*at)).filter(|at| count(*at) > 0) else {
                break;
            };
            let Some(format) = DATES.get(best) else { break };
            formats.push(*format);
            open.retain(|reads| reads.get(best) != Some(&true));
        }
        if open.len() * 20 > all { Vec::new() } else { formats }
    }

    /// Whether the column holds days.
    pub(crate) fn is_date(&self) -> bool {
        self.filled > 0
            && self.typed_numbers + self.typed_times == 0
            && (self.typed_days > 0 || self.texts > 0)
            && (self.texts == 0 || !self.date_formats().is_empty())
    }

    /// The format that reads the times of day.
    pub(crate) fn time_format(&self) -> Option<&'static str> {
        let (format, read) = TIMES.iter().zip(self.times).rev().max_by_key(|(_, read)| *read)?;
        (read * 20 >= self.texts * 19 && (self.texts > 0)).then_some(*format)
    }

    pub(crate) fn is_time(&self) -> bool {
        self.filled > 0
            && self.typed_numbers + self.typed_days == 0
            && (self.typed_times > 0 || self.texts > 0)
            && (self.texts == 0 || self.time_format().is_some())
    }

    pub(super) fn is_number(&self) -> bool {
        let texts = self.comma_numbers.max(self.point_numbers);
        // As with days, a few cells may be something else.
        self.filled > 0 && (texts + self.typed_numbers) * 20 >= self.filled * 19
    }

    pub(crate) fn is_year(&self) -> bool {
        let is_year = |value: &String| value.len() == 4 && (value.starts_with("19") || value.starts_with("20"));
        self.values.as_ref().is_some_and(|values| !values.is_empty() && values.keys().all(is_year))
    }

    /// Open ends that may be named: enough rows carry them, or they are words for it.
    pub(super) fn named(counts: &HashMap<String, usize>) -> Vec<&str> {
        let mut named: Vec<&str> = counts.keys().map(String::as_str).collect();
        named.sort_unstable();
        named
    }
}

/// The formats that are tried, read once.
#[derive(Debug)]
pub(super) struct Formats {
    dates: Vec<Option<DateFormat>>,
    times: Vec<Option<DateFormat>>,
}

impl Default for Formats {
    fn default() -> Self {
        let parse = |format: &&str| DateFormat::parse(Some(format)).ok();
        Formats { dates: DATES.iter().map(parse).collect(), times: TIMES.iter().map(parse).collect() }
    }
}
