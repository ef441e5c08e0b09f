//! The report on a screen: its parts within another page, and its words for what such a page says itself.

use virta_model::Day;
use virta_model::settings::cohort;

use crate::format;
use crate::html;
use crate::labels::{self, Names};
use crate::lang::Lang;
use crate::report::{Report, ReportError};
use crate::sections;
use crate::view::ProtectedStudy;

/// The look of what [`content`] gives, of plain pages around it, and of their charts.
pub fn style() -> String {
    format!("{}{}", html::STYLE, virta_chart::STYLE)
}

/// The report's parts as HTML, without a page around them: for the cohort and the period of [`Report::focus`].
///
/// # Errors
/// When a template fails, which a test rules out for every table that a study can have.
pub fn content(report: &Report<'_>, lang: Lang) -> Result<String, ReportError> {
    html::content(report, lang)
}

/// The report's parts about pilots as HTML, without a page around them: each pilot's answer, its measures before and after
/// beside the comparison, and what to know when reading them. Empty for a study without pilots.
///
/// # Errors
/// As [`content`].
pub fn pilots(report: &Report<'_>, lang: Lang) -> Result<String, ReportError> {
    html::pilots(report, lang)
}

/// What the study's tables say of one municipality as HTML, without a page around it: each table that knows where people
/// live, beside the whole that the municipality belongs to. `code` is one of [`place_codes`].
///
/// # Errors
/// As [`content`].
pub fn of_place(report: &Report<'_>, code: &str, lang: Lang) -> Result<String, ReportError> {
    html::of_place(report, code, lang)
}

/// The municipalities of which a study's tables tell, by code, ascending; small ones that were put together are one.
pub fn place_codes(study: &ProtectedStudy) -> Vec<String> {
    sections::place_codes(study)
}

/// Numbers and names as the report writes them.
#[derive(Debug, Clone, Copy)]
pub struct Say<'a> {
    pub names: &'a Names,
    pub lang: Lang,
}

impl Say<'_> {
    /// A whole number with its thousands apart.
    pub fn number(&self, value: i64) -> String {
        format::number(value, self.lang)
    }

    /// A number with decimals.
    pub fn decimal(&self, value: f64, decimals: usize) -> String {
        format::decimal(value, decimals, self.lang)
    }

    /// A share as whole per cent; below ten per cent with one decimal.
    pub fn percent(&self, share: f64) -> String {
        format::percent(share, self.lang)
    }

    /// Cents as euros to read.
    pub fn money(&self, cents: i64) -> String {
        format::money(cents as f64, self.lang)
    }

    /// Cents as euros to the cent.
    pub fn exact_money(&self, cents: i64) -> String {
        format!("{}\u{a0}€", format::decimal(cents as f64 / 100.0, 2, self.lang))
    }

    pub fn day(&self, day: Day) -> String {
        format::day(day, self.lang)
    }

    /// A day that is written `2014-03-01`; another text stays.
    pub fn iso_day(&self, text: &str) -> String {
        Day::parse_iso(text).map_or_else(|| text.to_owned(), |day| self.day(day))
    }

    /// A moment to the minute, from how the ledger and the registers write it (`2014-03-01T09:05:00Z`); another text stays.
    pub fn moment(&self, text: &str) -> String {
        let (day, time) = (text.get(..10).and_then(Day::parse_iso), text.get(11..16));
        let Some((day, time)) = day.zip(time) else { return text.to_owned() };
        let time = if self.lang == Lang::En { time.to_owned() } else { time.replace(':', ".") };
        format!("{} {time}", self.day(day))
    }

    /// A period as the study names it: a year stays, two days become dates.
    pub fn period(&self, label: &str) -> String {
        format::period(label, self.lang)
    }

    /// When: `vuonna 2014`, `år 2014`, `in 2014`.
    pub fn in_period(&self, label: &str) -> String {
        format::in_period(label, self.lang)
    }

    pub fn service(&self, code: &str) -> String {
        self.names.service(code, self.lang)
    }

    pub fn package(&self, code: &str) -> String {
        self.names.package(code, self.lang)
    }

    pub fn provider(&self, code: &str) -> String {
        self.names.provider(code, self.lang)
    }

    /// A municipality by its code; an empty code is missing.
    pub fn municipality(&self, code: &str) -> String {
        labels::dimension_value("municipality", Some(code).filter(|code| !code.is_empty()), self.lang)
    }

    /// A rule of attrition in words.
    pub fn rule(&self, rule: &str, name: impl Fn(&str) -> String) -> String {
        cohort::in_words(rule, self.lang, name)
    }

    /// A code of a closed list, such as a sector.
    pub fn code(&self, code: &str) -> String {
        labels::code(code, self.lang)
    }

    /// What is counted as one, by the code of `count_by`.
    pub fn counted(&self, code: &str) -> String {
        labels::counted(code, self.lang)
    }

    /// The name of a table.
    pub fn table(&self, name: &str) -> String {
        labels::table(name, self.lang)
    }

    /// The heading of a column.
    pub fn column(&self, name: &str) -> String {
        labels::column(name, self.lang)
    }
}
