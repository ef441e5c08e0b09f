//! Code lists: from a source's codes to services, with names, sectors and dated unit costs.

use std::path::Path;

use hashbrown::{HashMap, HashSet};
use virta_model::settings::{Encoding, Source};
use virta_model::{Day, Sector};

use crate::error::{At, Error, Result};
use crate::parse::flag::flag;
use crate::profile::side_file::{KEY_CONFLICT, SideBad, SideFile, cell_text, missing_column, text_of};
use crate::read::cells::Cells;
use crate::read::form::Form;
use crate::read::input::for_each_row;

/// What a code list says about a service. The order is the one that disagreement is settled by.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ServiceFacts {
    pub package: Option<String>,
    pub sector: Sector,
    pub is_emergency: bool,
    pub name_fi: Option<String>,
    pub name_sv: Option<String>,
    pub name_en: Option<String>,
    /// Whether it may have stays; `None` where the list does not say.
    pub has_stays: Option<bool>,
}

/// A unit cost for the days `from..=to`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Price {
    pub from: Day,
    pub to: Day,
    pub cents: i64,
}

/// A code list in memory. It is a delivery like any other: its bad rows are quarantined, and too many of them refuse it.
/// Rows that contradict each other mean nothing, whatever their order: the codes of these rows are unknown.
#[derive(Debug, Clone, Default)]
pub(crate) struct CodeList {
    /// Code to service, and the code's place among `prices`.
    pub services: HashMap<String, (String, u32)>,
    /// Unit costs by code, each in order of its days.
    pub(crate) prices: Vec<Vec<Price>>,
    /// By code, in the same places: whether the list says that its service has no stays.
    pub(crate) is_without_stays: Vec<bool>,
    /// What the list says about its services, each once.
    pub facts: Vec<(String, ServiceFacts)>,
    /// About the memory that it takes.
    pub bytes: usize,
    /// What became of its rows.
    pub file: SideFile,
}

/// A code list takes about this many times its file: each text stands in several tables.
pub(crate) const BYTES_PER_BYTE: usize = 4;

const COLUMNS: [&str; 12] = [
    "code",
    "service",
    "package",
    "sector",
    "is_emergency",
    "name_fi",
    "name_sv",
    "name_en",
    "valid_from",
    "valid_to",
    "unit_cost_cents",
    "has_stays",
];

/// What a code list is, and how it is mended.
const WORDS: [&str; 3] = [
    "code list",
    "mend these lines: sector is social, primary, specialised or other, is_emergency and has_stays true or false, a day \
     2014-01-31, 12,30 euros are 1230 cents, and each code has a service; or raise bad_rows_max_percent",
    "let all lines of a code name one service, all lines of a service say the same about it, and each unit cost of a code \
     have days of its own; or raise bad_rows_max_percent: then such codes are unknown",
];

/// A line that can be read.
struct Line {
    number: u64,
    /// Empty in a line that is about a service alone.
    code: String,
    service: String,
    facts: ServiceFacts,
    price: Option<Price>,
}

impl CodeList {
    /// Reads a code list: `code,service,package,sector,is_emergency,name_fi,name_sv,name_en`, optionally
    /// `unit_cost_cents,valid_from,valid_to` and `has_stays`. Its delimiter is the comma, semicolon or tab that its header
    /// uses; it is UTF-8, or else in its source's encoding. `check` is told the memory that it takes and may refuse it.
    ///
    /// # Errors
    /// A list without the columns `code` and `service`, with too many identity codes, or with more bad rows than the
    /// source allows.
    pub(crate) fn read(path: &Path, source: &Source, check: &dyn Fn(usize, &Path) -> Result<()>) -> Result<Self> {
        let size = std::fs::metadata(path).map_or(0, |metadata| metadata.len() as usize).saturating_mul(BYTES_PER_BYTE);
        check(size, path)?;
        let format = format_of(path, source)?;
        let (lines, mut file) = read_lines(path, &format)?;
        let contradicting = contradictions(&lines);
        let mut list = CodeList { bytes: size, ..CodeList::default() };
        if contradicting.is_empty() {
            list.add(lines, &mut file);
        } else {
            let is_good = |line: &Line| !contradicting.contains_key(&line.number);
            list.add(lines.into_iter().filter(is_good), &mut file);
            // Their texts are hashed in the quarantine.
            for_each_row(path, &Form::plain(&format), &mut |_| Ok(()), &mut |line, cells| {
                if let Some(field) = contradicting.get(&line) {
                    let field = (*field).to_owned();
                    file.bad.push(SideBad { line, field, rule: KEY_CONFLICT, row: text_of(cells) });
                }
                Ok(())
            })?;
        }
        file.bad.sort();
        file.check(source, WORDS)?;
        list.file = file;
        Ok(list)
    }

    /// Takes lines that do not contradict each other. One that says again what another says is superseded.
    fn add(&mut self, lines: impl IntoIterator<Item = Line>, file: &mut SideFile) {
        let mut known: HashSet<(String, Option<Price>)> = HashSet::new();
        let mut told: HashSet<String> = HashSet::new();
        for Line { number, code, service, facts, price } in lines {
            let is_without_stays = facts.has_stays == Some(false);
            if told.insert(service.clone()) {
                self.facts.push((service.clone(), facts));
            } else if code.is_empty() {
                file.superseded.push(number);
            }
            if code.is_empty() {
                continue;
            }
            if !known.insert((code.clone(), price)) {
                file.superseded.push(number);
                continue;
            }
            let next = self.prices.len() as u32;
            let (_, place) = self.services.entry(code).or_insert_with(|| (service, next));
            if *place == next {
                self.prices.push(Vec::new());
                self.is_without_stays.push(is_without_stays);
            }
            if let (Some(price), Some(prices)) = (price, self.prices.get_mut(*place as usize)) {
                prices.push(price);
            }
        }
    }

    /// What the list says by its codes in lower case.
    ///
    /// # Errors
    /// Codes that differ in nothing but capitals have different services or prices.
    pub(crate) fn folded(&self) -> std::result::Result<HashMap<String, (String, u32)>, ()> {
        let mut folded: HashMap<String, (String, u32)> = HashMap::with_capacity(self.services.len());
        for (code, said) in &self.services {
            let prices = |place: u32| self.prices.get(place as usize);
            match folded.get(&code.to_lowercase()) {
                Some(known) if known.0 != said.0 || prices(known.1) != prices(said.1) => return Err(()),
                Some(_) => {}
                None => {
                    folded.insert(code.to_lowercase(), said.clone());
                }
            }
        }
        Ok(folded)
    }
}

/// How the list's file is written.
pub(crate) fn format_of(path: &Path, source: &Source) -> Result<Source> {
    let bytes = std::fs::read(path).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => Error::settings(
            path,
            "codes",
            "the code list does not exist",
            "the path in codes = \"...\" is relative to the profile",
        ),
        _ => Error::Io { action: "read", path: path.to_owned(), source: error },
    })?;
    let mut format = source.clone();
    let first = bytes.split(|byte| matches!(byte, b'\n' | b'\r')).next().unwrap_or_default();
    format.delimiter =
        [b',', b';', b'\t'].into_iter().max_by_key(|d| first.iter().filter(|b| *b == d).count()).unwrap_or(b',');
    if std::str::from_utf8(&bytes).is_ok() {
        format.encoding = Encoding::Utf8;
    }
    Ok(format)
}

/// The lines that can be read, and the file with the others as bad rows.
fn read_lines(path: &Path, format: &Source) -> Result<(Vec<Line>, SideFile)> {
    const HEADER: &str = "the header is code,service,package,sector,is_emergency,name_fi,name_sv,name_en";
    let mut lines = Vec::new();
    let mut columns = |header: &[String]| {
        let place = |wanted: &str| header.iter().position(|name| name == wanted);
        match ["code", "service"].into_iter().find(|name| place(name).is_none()) {
            Some(name) => Err(missing_column(path, name, "the code list lacks this column", HEADER.to_owned())),
            None => Ok(COLUMNS.map(place)),
        }
    };
    let file = SideFile::read(path, "code", format, &mut columns, &mut |places, number, cells| {
        let line = read_line(number, *places, cells).map_err(|(field, rule)| (field.to_owned(), rule));
        Ok(line.map(|line| lines.push(line)))
    })?;
    Ok((lines, file))
}

/// Reads a line.
///
/// # Errors
/// The column that is wrong, and the rule that it breaks.
fn read_line(
    number: u64,
    places: [Option<usize>; COLUMNS.len()],
    cells: &dyn Cells,
) -> std::result::Result<Line, (&'static str, &'static str)> {
    let [code, service, package, sector, emergency, name_fi, name_sv, name_en, from, to, cost, stays] =
        places.map(|at| cell_text(cells, at));
    let service = service.ok_or(("service", "missing"))?;
    let sector = match sector.as_deref() {
        None => Sector::Other,
        Some(text) => Sector::parse(text).ok_or(("sector", "code"))?,
    };
    let is_emergency = match emergency.as_deref() {
        None => false,
        Some(text) => flag(text.as_bytes()).ok_or(("is_emergency", "flag"))? == 1,
    };
    let has_stays = match stays.as_deref() {
        None => None,
        Some(text) => Some(flag(text.as_bytes()).ok_or(("has_stays", "flag"))? == 1),
    };
    let price = match cost {
        None => None,
        Some(cost) => {
            let cents = cost.parse().map_err(|_| ("unit_cost_cents", "number"))?;
            let day = |text: Option<String>, otherwise: i32, column: &'static str| match text {
                None => Ok(Day(otherwise)),
                Some(text) => Day::parse_iso(&text).ok_or((column, "date")),
            };
            let (from, to) = (day(from, i32::MIN, "valid_from")?, day(to, i32::MAX, "valid_to")?);
            if to < from {
                return Err(("valid_to", "end_before_start"));
            }
            Some(Price { from, to, cents })
        }
    };
    let facts = ServiceFacts { package, sector, is_emergency, name_fi, name_sv, name_en, has_stays };
    Ok(Line { number, code: code.unwrap_or_default(), service, facts, price })
}

/// Lines that contradict another, each with the column in which they do: a code with two services, a service of which two
/// things are said, two unit costs of a code on the same day.
fn contradictions(lines: &[Line]) -> HashMap<u64, &'static str> {
    let mut services: HashMap<&str, Option<&str>> = HashMap::new();
    let mut facts: HashMap<&str, Option<&ServiceFacts>> = HashMap::new();
    let mut prices: HashMap<&str, Vec<Price>> = HashMap::new();
    for line in lines {
        let service = services.entry(&line.code).or_insert(Some(&line.service));
        *service = service.filter(|known| *known == line.service || line.code.is_empty());
        let said = facts.entry(&line.service).or_insert(Some(&line.facts));
        *said = said.filter(|known| **known == line.facts);
        prices.entry(&line.code).or_default().extend(line.price);
    }
    let overlapping: HashMap<&str, HashSet<Price>> =
        prices.into_iter().map(|(code, prices)| (code, overlapping(&prices))).collect();
    let column_of = |line: &Line| match line {
        line if services.get(line.code.as_str()) == Some(&None) => Some("code"),
        line if facts.get(line.service.as_str()) == Some(&None) => Some("service"),
        line => {
            let price = line.price.filter(|_| !line.code.is_empty())?;
            overlapping.get(line.code.as_str())?.contains(&price).then_some("unit_cost_cents")
        }
    };
    lines.iter().filter_map(|line| Some((line.number, column_of(line)?))).collect()
}

/// The unit costs that hold on a day on which another one holds, too. The same cost twice is one.
fn overlapping(prices: &[Price]) -> HashSet<Price> {
    let all = Spans::of(prices.iter());
    let mut by_cost: HashMap<i64, Vec<&Price>> = HashMap::new();
    prices.iter().for_each(|price| by_cost.entry(price.cents).or_default().push(price));
    let others = |same: &[&Price]| {
        let spans = Spans::of(same.iter().copied());
        let is_contradicted = |price: &&&Price| all.meeting(price) > spans.meeting(price);
        same.iter().filter(is_contradicted).map(|price| **price).collect::<Vec<_>>()
    };
    by_cost.values().flat_map(|same| others(same)).collect()
}

/// First and last days of unit costs, each in order.
struct Spans {
    from: Vec<Day>,
    to: Vec<Day>,
}

impl Spans {
    fn of<'a>(prices: impl Iterator<Item = &'a Price>) -> Self {
        let (mut from, mut to): (Vec<Day>, Vec<Day>) = prices.map(|price| (price.from, price.to)).unzip();
        from.sort_unstable();
        to.sort_unstable();
        Spans { from, to }
    }

    /// How many of them have a day in common with this one: those that have begun by its end, without those that ended
    /// before its beginning.
    fn meeting(&self, price: &Price) -> usize {
        let begun = self.from.partition_point(|from| *from <= price.to);
        begun - self.to.partition_point(|to| *to < price.from)
    }
}

/// The bytes of a settings file, for knowing whether it changed.
pub(crate) fn digest(path: &Path) -> Result<blake3::Hash> {
    Ok(blake3::hash(&std::fs::read(path).at("read", path)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_unit_cost_overlaps_whatever_holds_on_one_of_its_days() {
        let price = |from: i32, to: i32, cents: i64| Price { from: Day(from), to: Day(to), cents };
        let found = |prices: &[Price]| {
            let mut found: Vec<i64> = overlapping(prices).into_iter().map(|price| price.cents).collect();
            found.sort_unstable();
            found
        };
        assert!(found(&[price(1, 9, 1), price(10, 19, 2), price(20, 20, 3), price(1, 9, 1)]).is_empty());
        assert_eq!(found(&[price(1, 10, 1), price(10, 19, 2), price(20, 20, 3)]), [1, 2]);
        assert_eq!(found(&[price(0, 100, 1), price(1, 5, 2), price(3, 4, 3), price(101, 200, 4)]), [1, 2, 3]);
        assert_eq!(found(&[price(1, 10, 1), price(2, 20, 2), price(15, 16, 3), price(30, 40, 4)]), [1, 2, 3]);
        assert_eq!(found(&[price(1, 10, 1), price(1, 10, 2)]), [1, 2]);
        // The same cost for days that overlap says nothing new, and all of it is in doubt where another one is.
        assert!(found(&[price(1, 10, 1), price(5, 20, 1), price(21, 30, 2)]).is_empty());
        assert_eq!(overlapping(&[price(1, 100, 1), price(2, 50, 1), price(40, 200, 2), price(201, 300, 1)]).len(), 3);
    }
}
