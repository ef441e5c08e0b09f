//! Code lists: from a source's codes to services, with names, sectors and dated unit costs.

use std::path::Path;

use hashbrown::HashMap;
use virta_model::settings::{Encoding, Source};
use virta_model::{Day, Sector, hetu};

use crate::error::{At, Error, Refusal, Result};
use crate::form::Form;
use crate::input::for_each_row;
use crate::lookup::SideFile;

/// What a code list says about a service. The order is the one that disagreement is settled by.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ServiceFacts {
    pub package: Option<String>,
    pub sector: Sector,
    pub is_emergency: bool,
    pub name_fi: Option<String>,
    pub name_sv: Option<String>,
    pub name_en: Option<String>,
}

/// A unit cost for the days `from..=to`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Price {
    pub from: Day,
    pub to: Day,
    pub cents: i64,
}

#[derive(Debug, Clone, Default)]
pub(crate) struct CodeList {
    /// Code to service, and the code's place among `prices`.
    pub services: HashMap<String, (String, u32)>,
    /// Unit costs by code, each in order of its days.
    pub prices: Vec<Vec<Price>>,
    /// What the list says about its services, each once.
    pub facts: Vec<(String, ServiceFacts)>,
    /// About the memory that it takes.
    pub bytes: usize,
    /// What became of its rows, each of which must be right.
    pub file: SideFile,
}

/// A code list takes about this many times its file: each text stands in several tables.
const BYTES_PER_BYTE: usize = 4;

const COLUMNS: [&str; 10] =
    ["code", "service", "package", "sector", "is_emergency", "name_fi", "name_sv", "name_en", "valid_from", "valid_to"];

impl CodeList {
    /// Reads a code list: `code,service,package,sector,is_emergency,name_fi,name_sv,name_en`, optionally
    /// `unit_cost_cents,valid_from,valid_to`. Its delimiter is the comma, semicolon or tab that its header uses; it is
    /// UTF-8, or else in its source's encoding. `check` is told the memory that it takes and may refuse it.
    pub fn read(path: &Path, source: &Source, check: &dyn Fn(usize, &Path) -> Result<()>) -> Result<Self> {
        let size = std::fs::metadata(path).map_or(0, |metadata| metadata.len() as usize).saturating_mul(BYTES_PER_BYTE);
        check(size, path)?;
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
        drop(bytes);
        let file = SideFile { path: path.to_owned(), key: "code".to_owned(), ..SideFile::default() };
        let mut list = CodeList { bytes: size, file, ..CodeList::default() };
        let mut places: Vec<Option<usize>> = Vec::new();
        let mut cost_at = None;
        let file = path.display().to_string();
        let refuse = |line: u64, column: &str, rule: &'static str, message: &str, fix: &str| {
            Error::Settings(Box::new(Refusal {
                file: file.clone(),
                line: Some(line),
                column: Some(column.to_owned()),
                rule,
                message: message.to_owned(),
                fix: fix.to_owned(),
                ..Refusal::default()
            }))
        };
        let places_cell = std::cell::RefCell::new((&mut places, &mut cost_at));
        let bad = for_each_row(
            path,
            &Form::plain(&format),
            &mut |names| {
                let mut inner = places_cell.borrow_mut();
                *inner.0 = COLUMNS.iter().map(|wanted| names.iter().position(|name| name == wanted)).collect();
                *inner.1 = names.iter().position(|name| name == "unit_cost_cents");
                for name in ["code", "service"] {
                    if !names.iter().any(|found| found == name) {
                        let fix = "the header is code,service,package,sector,is_emergency,name_fi,name_sv,name_en";
                        return Err(refuse(1, name, "missing_column", "the code list lacks this column", fix));
                    }
                }
                Ok(())
            },
            &mut |line, cells| {
                let inner = places_cell.borrow();
                let text = |at: Option<usize>| {
                    at.map(|at| String::from_utf8_lossy(cells.cell(at)).trim().to_owned()).filter(|t| !t.is_empty())
                };
                if (0..cells.count()).any(|at| hetu::occurs_in(cells.cell(at))) {
                    return Err(refuse(line, "-", "hetu", "a personal identity code stands here", "remove it"));
                }
                let [code, service, package, sector, emergency, fi, sv, en, from, to] =
                    std::array::from_fn(|n| text(inner.0.get(n).copied().flatten()));
                let code = code.unwrap_or_default();
                let Some(service) = service else {
                    return Err(refuse(line, "service", "missing", "a code without a service", "name its service"));
                };
                let sector = match sector.as_deref() {
                    None => Sector::Other,
                    Some(text) => Sector::parse(text).ok_or_else(|| {
                        refuse(line, "sector", "code", "no such sector", "use social, primary, specialised or other")
                    })?,
                };
                let is_emergency = match emergency.as_deref() {
                    None | Some("false" | "0" | "FALSE" | "False") => false,
                    Some("true" | "1" | "TRUE" | "True") => true,
                    Some(_) => {
                        return Err(refuse(line, "is_emergency", "flag", "not true or false", "use true or false"));
                    }
                };
                let facts = ServiceFacts { package, sector, is_emergency, name_fi: fi, name_sv: sv, name_en: en };
                let day = |text: Option<String>, default: i32, column: &str| match text {
                    None => Ok(Day(default)),
                    Some(text) => Day::parse_iso(&text)
                        .ok_or_else(|| refuse(line, column, "date", "not a day", "write it as 2014-01-31")),
                };
                let price = match text(*inner.1) {
                    None => None,
                    Some(cost) => {
                        let cents = cost.parse().map_err(|_| {
                            refuse(
                                line,
                                "unit_cost_cents",
                                "number",
                                "not a whole number of cents",
                                "write 12,30 euros as 1230",
                            )
                        })?;
                        let from = day(from, i32::MIN, "valid_from")?;
                        Some(Price { from, to: day(to, i32::MAX, "valid_to")?, cents })
                    }
                };
                list.file.rows_read += 1;
                let is_new = list.add(code, service, facts, price).map_err(|message| {
                    let fix = "let all lines of a code say the same, each with its own days";
                    refuse(line, "code", "conflict", message, fix)
                })?;
                if !is_new {
                    list.file.superseded.push(line);
                }
                Ok(())
            },
        )?;
        if bad.bad > 0 {
            let bad = bad.bad;
            let message = format!("{bad} lines have another number of fields than the header, or are not valid text");
            return Err(Error::settings(path, "fields", message, "mend the code list"));
        }
        Ok(list)
    }

    /// What the list says by its codes in lower case.
    ///
    /// # Errors
    /// Codes that differ in nothing but capitals have different services or prices.
    pub fn folded(&self) -> std::result::Result<HashMap<String, (String, u32)>, ()> {
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

    /// Whether the line tells something new. A line that says again what another says is no trouble.
    fn add(
        &mut self,
        code: String,
        service: String,
        facts: ServiceFacts,
        price: Option<Price>,
    ) -> std::result::Result<bool, &'static str> {
        match self.facts.iter().find(|(known, _)| *known == service) {
            Some((_, known)) if *known != facts => return Err("the list says two things about this service"),
            Some(_) => {}
            None => self.facts.push((service.clone(), facts)),
        }
        let next = self.prices.len() as u32;
        let (known, place) = self.services.entry(code).or_insert_with(|| (service.clone(), next)).clone();
        if known != service {
            return Err("this code has two services");
        }
        let mut is_new = place == next;
        if is_new {
            self.prices.push(Vec::new());
        }
        if let (Some(price), Some(prices)) = (price, self.prices.get_mut(place as usize)) {
            if prices.contains(&price) {
                return Ok(is_new);
            }
            if prices.iter().any(|other| other.from <= price.to && price.from <= other.to) {
                return Err("two unit costs of this code hold on the same day");
            }
            prices.push(price);
            is_new = true;
        }
        Ok(is_new)
    }
}

/// The bytes of a settings file, for knowing whether it changed.
pub(crate) fn digest(path: &Path) -> Result<blake3::Hash> {
    Ok(blake3::hash(&std::fs::read(path).at("read", path)?))
}
