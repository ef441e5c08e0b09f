//! The code lists of a store, as numbers.

use std::collections::BTreeMap;

use virta_model::{Day, Sector, municipality};

use crate::error::Error;

/// The code lists that the columns point into by number. Each list is sorted by the code's bytes, without repeats,
/// and has at most 65,535 entries.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Catalogue {
    pub services: Vec<Service>,
    pub providers: Vec<String>,
    pub units: Vec<String>,
    /// The systems that delivered contacts.
    pub sources: Vec<String>,
    /// Rule 0, by place in `sources`: the last day that each knows of. What it left open goes on to it.
    pub known_to: Vec<Day>,
    /// Every municipality that a client has, named in a code list or not, and those they merged into.
    pub municipalities: Vec<Municipality>,
    pub languages: Vec<String>,
}

/// A service and what it belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Service {
    pub code: String,
    pub package: Option<String>,
    pub sector: Sector,
    /// Whether every contact of the service is an emergency.
    pub is_emergency: bool,
    /// Whether it may have stays: `false` only where its code list says that it has none. Then `service_use` counts no
    /// days of stays of it, whatever its contacts are.
    pub has_stays: bool,
}

/// A municipality and the wellbeing services county that it, or its successor, belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Municipality {
    pub code: String,
    pub wellbeing_county: Option<String>,
}

impl Municipality {
    /// These and those they merged into, which have the same county, sorted for a [`Catalogue`]. A period shows the
    /// municipalities of its own year, so a catalogue without the later ones shows codes that had ended.
    pub fn with_successors(municipalities: impl IntoIterator<Item = Municipality>) -> Vec<Municipality> {
        let mut all: BTreeMap<String, Municipality> = BTreeMap::new();
        for town in municipalities {
            for code in municipality::successors(&town.code) {
                let county = || Municipality { code: code.to_owned(), ..town.clone() };
                all.entry(code.to_owned()).or_insert_with(county);
            }
            all.insert(town.code.clone(), town);
        }
        all.into_values().collect()
    }
}

impl Catalogue {
    /// The number of the municipality that each one belongs to in a year: itself, or what it has merged into by the
    /// year's first day.
    pub(crate) fn municipalities_in(&self, year: i32) -> Vec<u16> {
        let number = |code: &str| self.municipalities.binary_search_by(|town| town.code.as_str().cmp(code)).ok();
        let in_year = |(at, town): (usize, &Municipality)| {
            municipality::successor_of(&town.code, year).and_then(number).unwrap_or(at) as u16
        };
        self.municipalities.iter().enumerate().map(in_year).collect()
    }

    /// The newest day that any source of contacts knows of; `None` without such a source.
    pub fn observation_end(&self) -> Option<Day> {
        self.known_to.iter().copied().max()
    }

    pub(crate) fn check(&self) -> Result<(), Error> {
        if self.known_to.len() != self.sources.len() {
            return Err(Error::UnknownEnd { sources: self.sources.len(), known: self.known_to.len() });
        }
        check_list("services", &self.services, |service| &service.code)?;
        check_list("providers", &self.providers, |code| code)?;
        check_list("units", &self.units, |code| code)?;
        check_list("sources", &self.sources, |code| code)?;
        check_list("municipalities", &self.municipalities, |municipality| &municipality.code)?;
        check_list("languages", &self.languages, |code| code)
    }
}

fn check_list<T>(list: &'static str, values: &[T], code: impl Fn(&T) -> &String) -> Result<(), Error> {
    const MOST: usize = u16::MAX as usize;
    if values.len() > MOST {
        return Err(Error::TooManyCodes { list, count: values.len(), most: MOST });
    }
    if values.windows(2).any(|pair| code(&pair[0]).as_bytes() >= code(&pair[1]).as_bytes()) {
        return Err(Error::UnsortedCatalogue { list });
    }
    Ok(())
}
