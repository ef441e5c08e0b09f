//! How one source's extracts are read.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::one_or_more::one_or_more;
use super::place::Place;
use super::{SettingsError, read};
use crate::day::Day;
use crate::schema;

/// A profile file.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    pub source: Source,
    #[serde(default)]
    pub codes: NameLists,
    #[serde(rename = "file")]
    pub files: Vec<FileSpec>,
}

impl Profile {
    /// Reads a profile's text.
    ///
    /// ```
    /// use virta_model::settings::Profile;
    /// let profile = Profile::parse(r#"
    ///     [source]
    ///     name = "hilmo"
    ///     [[file]]
    ///     table = "contacts"
    ///     path = "hoito_*.csv"
    ///     [file.columns]
    ///     client = { from = "TNRO" }
    ///     service = { from = ["PALA", "EA"] }
    ///     start_date = { from = "TUPVA", format = "%d.%m.%Y" }
    /// "#).unwrap();
    /// assert_eq!(profile.files[0].columns["service"].from, ["PALA", "EA"]);
    /// ```
    ///
    /// # Errors
    /// Text that is no TOML, keys that a profile does not have, and values that cannot be used: the first of them, with its
    /// line and column.
    pub fn parse(text: &str) -> Result<Self, SettingsError> {
        read(text, Profile::check)
    }

    fn check(&self, at: Place<'_>) -> Result<(), SettingsError> {
        let source = at.key("source");
        if self.source.name.is_empty() {
            return source.key("name").refuse("a source needs a name: it becomes part of every contact");
        }
        if !(0.0..=100.0).contains(&self.source.bad_rows_max_percent) {
            return source.key("bad_rows_max_percent").refuse("bad_rows_max_percent lies in 0..=100");
        }
        if self.source.normalise.pad.is_some_and(|length| !(1..=PAD_MAX).contains(&length)) {
            return source.key("normalise").key("pad").refuse(format!("pad of normalise is a length in 1..={PAD_MAX}"));
        }
        if self.files.is_empty() {
            return source.refuse("a profile names at least one [[file]]");
        }
        self.files.iter().enumerate().try_for_each(|(number, file)| file.check(at.key("file").item(number)))
    }
}

/// Lists of what codes are called, by path relative to the profile. They name what is shown and change no row.
///
/// ```
/// use virta_model::settings::Profile;
/// let profile = Profile::parse(r#"
///     [source]
///     name = "decisions"
///     [codes]
///     packages = "codes/packages.csv"     # package,name_fi,name_sv,name_en
///     providers = "codes/providers.csv"   # provider,name_fi,name_sv,name_en
///     [[file]]
///     table = "contacts"
///     path = "decisions_*.csv"
///     [file.columns]
///     client = { from = "client" }
///     service = { from = "service" }
///     start_date = { from = "day" }
/// "#).unwrap();
/// assert_eq!(profile.codes.providers.as_deref(), Some("codes/providers.csv"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct NameLists {
    /// `package,name_fi,name_sv,name_en`.
    pub packages: Option<String>,
    /// `provider,name_fi,name_sv,name_en`.
    pub providers: Option<String>,
}

/// The system that delivers, and what all its files have in common.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    pub name: String,
    /// Pseudonym domain: the same domain in two sources means the same person. Defaults to the source's name.
    pub pseudonym: Option<String>,
    pub extracted_on: Option<ExtractedOn>,
    #[serde(default)]
    pub encoding: Encoding,
    #[serde(default = "default_delimiter", deserialize_with = "one_byte")]
    pub delimiter: u8,
    #[serde(default = "default_quote", deserialize_with = "one_byte")]
    pub quote: u8,
    #[serde(default = "default_decimal", deserialize_with = "one_byte")]
    pub decimal: u8,
    /// Exactly these texts mean missing.
    #[serde(default = "default_null")]
    pub null: Vec<String>,
    /// A file with a larger share of bad rows is refused whole.
    #[serde(default = "default_bad_rows")]
    pub bad_rows_max_percent: f64,
    /// Of the pseudonyms of all its tables.
    #[serde(default)]
    pub normalise: Normalise,
}

/// What other systems and spreadsheets did to a source's pseudonyms is made good, in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Normalise {
    /// Blanks before and after the text go.
    pub trim: bool,
    /// All letters become capital, or small.
    pub case: Option<LetterCase>,
    /// Digits alone get leading zeros back, up to this length.
    pub pad: Option<u8>,
}

/// The longest pseudonym that `pad` may ask for.
const PAD_MAX: u8 = 64;

impl std::fmt::Display for Normalise {
    /// As a profile has it: `normalise = { trim = true, case = "upper", pad = 9 }`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let parts = [
            self.trim.then(|| "trim = true".to_owned()),
            self.case.map(|case| format!("case = \"{}\"", case.as_str())),
            self.pad.map(|length| format!("pad = {length}")),
        ];
        let parts: Vec<String> = parts.into_iter().flatten().collect();
        write!(f, "normalise = {{ {} }}", parts.join(", "))
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LetterCase {
    Upper,
    Lower,
}

impl LetterCase {
    pub const fn as_str(self) -> &'static str {
        match self {
            LetterCase::Upper => "upper",
            LetterCase::Lower => "lower",
        }
    }
}

impl Source {
    pub fn pseudonym_domain(&self) -> &str {
        self.pseudonym.as_deref().unwrap_or(&self.name)
    }
}

fn default_delimiter() -> u8 {
    b';'
}
fn default_quote() -> u8 {
    b'"'
}
fn default_decimal() -> u8 {
    b','
}
fn default_null() -> Vec<String> {
    vec![String::new()]
}
fn default_bad_rows() -> f64 {
    5.0
}

fn one_byte<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<u8, D::Error> {
    let text = String::deserialize(deserializer)?;
    match text.as_bytes() {
        [byte] => Ok(*byte),
        _ => Err(serde::de::Error::custom("expected one ASCII character, such as \";\", \",\" or \"\\t\"")),
    }
}

/// When an extract was made: orders the deliveries of sources without a version column.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(untagged, expecting = "expected a day such as \"2014-01-31\" or { from_file_name = \"%Y%m%d\" }")]
pub enum ExtractedOn {
    Date(#[serde(deserialize_with = "iso_day")] Day),
    FileName(FromFileName),
}

/// A date pattern that is looked for in the file's name.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FromFileName {
    pub from_file_name: String,
}

fn iso_day<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Day, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Form {
        Text(String),
        Date(toml::value::Datetime),
    }
    let text = match Form::deserialize(deserializer)? {
        Form::Text(text) => text,
        Form::Date(date) => date.to_string(),
    };
    Day::parse_iso(&text).ok_or_else(|| serde::de::Error::custom("expected a day such as \"2014-01-31\""))
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
pub enum Encoding {
    /// A byte order mark is accepted.
    #[default]
    #[serde(rename = "utf-8")]
    Utf8,
    #[serde(rename = "windows-1252")]
    Windows1252,
    #[serde(rename = "iso-8859-15")]
    Iso885915,
    #[serde(rename = "iso-8859-1")]
    Iso88591,
}

impl Encoding {
    pub const fn as_str(self) -> &'static str {
        match self {
            Encoding::Utf8 => "utf-8",
            Encoding::Windows1252 => "windows-1252",
            Encoding::Iso885915 => "iso-8859-15",
            Encoding::Iso88591 => "iso-8859-1",
        }
    }
}

/// The files that fill one table.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileSpec {
    /// A store table that deliveries can fill.
    pub table: String,
    /// A glob, relative to the profile. Each file is a delivery.
    pub path: String,
    /// The sheet of a workbook. Without it the workbook must have one filled sheet.
    pub sheet: Option<Sheet>,
    /// The line that names the columns, from 1, or several lines, one after another, whose cells together name them.
    /// Lines before it are skipped. Empty: the first line that is not empty.
    #[serde(default, deserialize_with = "lines")]
    pub header_row: Vec<u32>,
    /// The names of the columns, of a file without a line that names them.
    #[serde(default)]
    pub header: Vec<String>,
    /// How the first filled cell of a row of totals begins. Such rows at the end of a file are skipped.
    #[serde(default)]
    pub footer: Vec<String>,
    /// Rows that this section is about: those where every named column has one of its values.
    #[serde(default, rename = "where")]
    pub selects: BTreeMap<String, Vec<String>>,
    /// Columns that identify a row across deliveries. Empty: the whole row.
    #[serde(default)]
    pub row_key: Vec<String>,
    pub version: Option<Version>,
    pub cancelled: Option<Cancelled>,
    #[serde(default)]
    pub columns: BTreeMap<String, ColumnSpec>,
    #[serde(default, rename = "rule")]
    pub rules: Vec<Rule>,
    pub unpivot: Option<Unpivot>,
}

impl FileSpec {
    fn check(&self, at: Place<'_>) -> Result<(), SettingsError> {
        let Some(table) = schema::deliverable(&self.table) else {
            let names: Vec<_> =
                schema::STORE.iter().filter(|t| schema::deliverable(t.name).is_some()).map(|t| t.name).collect();
            return at
                .key("table")
                .refuse(format!("deliveries cannot fill this table; they can fill {}", names.join(", ")));
        };
        self.check_form(at)?;
        let columns = at.key("columns");
        for (name, column) in &self.columns {
            if !table.accepts(name) {
                let names: Vec<_> = table.fillable().collect();
                return columns.name(name).refuse(format!(
                    "table {} has no such column; it has {}",
                    table.name,
                    names.join(", ")
                ));
            }
            column.check(columns.key(name), name)?;
            self.check_price(columns.key(name), name, column)?;
        }
        let rules = self.rules.iter().enumerate();
        for (number, name) in rules.flat_map(|(number, rule)| rule.set.keys().map(move |name| (number, name))) {
            if !table.accepts(name) {
                return at
                    .key("rule")
                    .item(number)
                    .key("set")
                    .name(name)
                    .refuse(format!("table {} has no such column", table.name));
            }
        }
        for name in table.required() {
            if !self.columns.contains_key(name) {
                return columns.refuse(format!("table {} needs the column {name} under [file.columns]", table.name));
            }
        }
        Ok(())
    }

    /// Checks what is said about the lines of the file.
    fn check_form(&self, at: Place<'_>) -> Result<(), SettingsError> {
        if matches!(self.sheet, Some(Sheet::Number(0))) {
            return at.key("sheet").refuse("sheets count from 1");
        }
        if !self.header_row.is_empty() && !self.header.is_empty() {
            return at
                .key("header_row")
                .refuse("header_row is for a file with a header, header for one without: use one");
        }
        if self.header_row.contains(&0) {
            return at.key("header_row").refuse("lines count from 1");
        }
        if self.header_row.windows(2).any(|pair| matches!(pair, [a, b] if *b != a.saturating_add(1))) {
            return at.key("header_row").refuse("the lines of a header stand one after another, such as [3, 4]");
        }
        if self.footer.iter().any(|begin| begin.trim().is_empty()) {
            return at.key("footer").refuse("every row begins so: name the word that totals begin with");
        }
        let made = |name: &String| {
            self.unpivot.as_ref().is_some_and(|made| made.into == *name || made.index_into.as_ref() == Some(name))
        };
        if self.selects.keys().any(made) {
            return at.key("where").refuse("where is about columns of the file, not about those that unpivot makes");
        }
        if let Some((name, _)) = self.selects.iter().find(|(_, values)| values.is_empty()) {
            return at.key("where").refuse(format!("where: no value of {name} is selected"));
        }
        if let Some(Cancelled { from, when: CancelledWhen::Values(values) }) = &self.cancelled
            && let Some(selected) = self.selects.get(from)
            && !values.iter().any(|value| selected.contains(value))
        {
            return at.key("where").refuse(format!("where: rows that cancel are never selected by {from}"));
        }
        Ok(())
    }

    /// Prices of a day or a month are of stays.
    fn check_price(&self, at: Place<'_>, name: &str, column: &ColumnSpec) -> Result<(), SettingsError> {
        if !matches!(column.unit, Some(Unit::EuroPerDay | Unit::EuroPerMonth)) {
            return Ok(());
        }
        if self.table != "contacts" || name != "cost_cents" {
            return at.refuse(format!("column {name}: prices per day and month are of the cost of contacts"));
        }
        let is_stay = self.columns.get("is_stay");
        if is_stay.is_none_or(|column| column.constant == Some(Constant::Flag(false))) {
            let message = "prices per day and month are of stays: say so with is_stay, such as { const = true }";
            return at.refuse(message);
        }
        Ok(())
    }
}

/// A sheet of a workbook.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged, expecting = "expected the name of a sheet, or its number from 1")]
pub enum Sheet {
    Number(u32),
    Name(String),
}

fn lines<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Vec<u32>, D::Error> {
    one_or_more(deserializer, "expected the number of a line, such as 3, or several, such as [3, 4]")
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Version {
    pub from: String,
    /// As of a date column. Without it, numbers compare as numbers, ISO dates as dates and other text by bytes.
    pub format: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cancelled {
    pub from: String,
    pub when: CancelledWhen,
}

/// When a row cancels the row of its key.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged, expecting = "expected \"not_null\" or a list of values")]
pub enum CancelledWhen {
    #[serde(deserialize_with = "not_null")]
    NotNull,
    Values(Vec<String>),
}

fn not_null<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<(), D::Error> {
    match String::deserialize(deserializer)?.as_str() {
        "not_null" => Ok(()),
        _ => Err(serde::de::Error::custom("expected \"not_null\" or a list of values")),
    }
}

/// Where one column of the table comes from: exactly one of `from`, `const`, `lookup`.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ColumnSpec {
    /// One column of the file, or several, joined by `|`.
    #[serde(deserialize_with = "column_names")]
    pub from: Vec<String>,
    #[serde(rename = "const")]
    pub constant: Option<Constant>,
    pub lookup: Option<Lookup>,
    /// `%d.%m.%Y %H:%M`, `iso`, `days_since_1970` or `excel` (days of a spreadsheet, from 1904 on in a
    /// workbook that counts so, else from 1900); of several, the first that fits.
    #[serde(deserialize_with = "formats")]
    pub format: Vec<String>,
    /// A code list, relative to the profile.
    pub codes: Option<String>,
    pub unknown: Option<Unknown>,
    /// A code that the list does not name just so is looked for in other capitals.
    pub fold_case: bool,
    pub unit: Option<Unit>,
    /// Source text to table text. Values not named pass as they are; null stays null.
    pub map: BTreeMap<String, String>,
}

impl ColumnSpec {
    fn check(&self, at: Place<'_>, name: &str) -> Result<(), SettingsError> {
        let ways = usize::from(!self.from.is_empty())
            + usize::from(self.constant.is_some())
            + usize::from(self.lookup.is_some());
        if ways != 1 {
            return at.refuse(format!("column {name} needs exactly one of from, const, lookup"));
        }
        if self.codes.is_none() && self.unknown.is_some() {
            return at.key("unknown").refuse(format!("column {name}: unknown goes with codes"));
        }
        if self.fold_case && self.codes.is_none() {
            return at.key("fold_case").refuse(format!("column {name}: fold_case goes with codes"));
        }
        Ok(())
    }
}

fn column_names<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    one_or_more(deserializer, "expected a column name or a list of them")
}

fn formats<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    one_or_more(deserializer, "expected a date format such as \"%d.%m.%Y\", or a list of them")
}

/// A value that the profile itself gives.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(untagged, expecting = "expected a text, a whole number or true/false")]
pub enum Constant {
    Flag(bool),
    Number(i64),
    Text(String),
}

impl Constant {
    /// The constant as it would stand in a file.
    pub fn to_text(&self) -> String {
        match self {
            Constant::Flag(flag) => flag.to_string(),
            Constant::Number(number) => number.to_string(),
            Constant::Text(text) => text.clone(),
        }
    }
}

/// A value from a side table: the row of `file` whose `key` equals this row's `from`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lookup {
    /// Relative to the profile; a glob joins several files.
    pub file: String,
    pub key: String,
    pub from: String,
    pub value: String,
}

/// What to do with a code that the code list does not name.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(from = "String")]
pub enum Unknown {
    /// Refuse the row. The default.
    #[default]
    Quarantine,
    /// Let the code stand.
    Keep,
    /// Use this code instead.
    Code(String),
}

impl From<String> for Unknown {
    fn from(text: String) -> Self {
        match text.as_str() {
            "quarantine" => Unknown::Quarantine,
            "keep" => Unknown::Keep,
            _ => Unknown::Code(text),
        }
    }
}

/// The unit of an amount in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    #[default]
    Euro,
    Cent,
    /// Of stays: the price of each day.
    EuroPerDay,
    /// Of stays: the price of each whole calendar month.
    EuroPerMonth,
}

/// A rule on the row: when every named column of the file has one of the values, set these columns of the table.
/// The first rule that matches wins, after the columns.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    pub when: BTreeMap<String, Vec<String>>,
    pub set: BTreeMap<String, Constant>,
}

/// A row with a column a month becomes a row a month.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Unpivot {
    pub columns: Vec<String>,
    /// A new column with the value of each.
    pub into: String,
    /// A new column with the position of each, from 1.
    pub index_into: Option<String>,
}
