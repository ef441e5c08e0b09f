//! The `services` table: what code lists say, and services that no list names.

use std::collections::{BTreeMap, BTreeSet};

use arrow::array::{Array, BooleanArray, Date32Array, StringArray};
use virta_model::schema::SERVICES;
use virta_model::{Sector, Table, Value};
use virta_store::{Commit, Snapshot};

use crate::error::Result;
use crate::profile::codelist::ServiceFacts;
use crate::rows::stored::{Hidden, Stored, number_or_none, read, text_or_none};

/// Hidden table of everything that code lists ever said about services.
const FACTS: &str = "services.facts";

/// Services with everything ever said about them. Only grows, so that no order of deliveries matters.
#[derive(Debug, Default)]
pub(crate) struct Catalogue {
    /// By service, each statement with the newest day of an extract that came with it.
    facts: BTreeMap<String, BTreeMap<ServiceFacts, Option<i32>>>,
    services: BTreeSet<String>,
}

impl Catalogue {
    pub(crate) fn read(snapshot: &Snapshot) -> Result<Self> {
        let mut catalogue = Catalogue::default();
        for batch in read(snapshot, "services", None, Some(&["service"]))? {
            catalogue.services.extend(batch?.codes(0)?.into_iter().map(str::to_owned));
        }
        for batch in read(snapshot, FACTS, None, None)? {
            catalogue.read_facts(&batch?)?;
        }
        Ok(catalogue)
    }

    fn read_facts(&mut self, batch: &Stored<'_>) -> Result<()> {
        let (service, package, sector) = (batch.texts(0)?, batch.texts(1)?, batch.texts(2)?);
        let (emergency, days) = (batch.flags(3)?, batch.days(7)?);
        let (fi, sv, en) = (batch.texts(4)?, batch.texts(5)?, batch.texts(6)?);
        // Stores of older versions lack it.
        let stays = batch.flags(8).ok();
        for n in 0..batch.rows() {
            let facts = ServiceFacts {
                package: text_or_none(package, n),
                sector: Sector::parse(sector.value(n)).ok_or_else(|| batch.wrong())?,
                is_emergency: emergency.value(n),
                name_fi: text_or_none(fi, n),
                name_sv: text_or_none(sv, n),
                name_en: text_or_none(en, n),
                has_stays: stays.filter(|stays| !stays.is_null(n)).map(|stays| stays.value(n)),
            };
            self.add_facts(service.value(n), &facts, number_or_none(days, n));
        }
        Ok(())
    }

    /// What a code list says, delivered with an extract of this day.
    pub(crate) fn add_facts(&mut self, service: &str, facts: &ServiceFacts, extracted_on: Option<i32>) {
        let known = self.facts.entry(service.to_owned()).or_default().entry(facts.clone()).or_insert(extracted_on);
        *known = (*known).max(extracted_on);
        self.services.insert(service.to_owned());
    }

    /// A service that a row names.
    pub(crate) fn add_service(&mut self, service: &str) {
        if !self.services.contains(service) {
            self.services.insert(service.to_owned());
        }
    }

    pub(crate) fn unnamed(&self) -> Vec<String> {
        self.services.iter().filter(|service| !self.facts.contains_key(*service)).cloned().collect()
    }

    pub(crate) fn disputed(&self) -> Vec<String> {
        self.facts.iter().filter(|(_, facts)| facts.len() > 1).map(|(service, _)| service.clone()).collect()
    }

    /// What counts of a service: the newest list wins; of equally new ones the greatest statement, so that the answer is
    /// always the same.
    fn facts_of(&self, service: &str) -> Option<&ServiceFacts> {
        let facts = self.facts.get(service)?.iter();
        facts.max_by_key(|(facts, day)| (**day, *facts)).map(|(facts, _)| facts)
    }

    pub(crate) fn write(&self, commit: &Commit) -> Result<()> {
        let mut table = Table::new(&SERVICES);
        for service in &self.services {
            let facts = self.facts_of(service);
            table.push(&[
                Value::Text(service),
                text_value(facts.and_then(|facts| facts.package.as_ref())),
                Value::Text(facts.map_or(Sector::Other, |facts| facts.sector).as_str()),
                Value::Flag(facts.is_some_and(|facts| facts.is_emergency)),
                text_value(facts.and_then(|facts| facts.name_fi.as_ref())),
                text_value(facts.and_then(|facts| facts.name_sv.as_ref())),
                text_value(facts.and_then(|facts| facts.name_en.as_ref())),
            ]);
        }
        if table.rows() > 0 {
            commit.replace(&table)?;
        }
        self.write_facts(commit)
    }

    fn write_facts(&self, commit: &Commit) -> Result<()> {
        let rows: Vec<(&String, &ServiceFacts, Option<i32>)> = self
            .facts
            .iter()
            .flat_map(|(service, facts)| facts.iter().map(move |(facts, day)| (service, facts, *day)))
            .collect();
        if rows.is_empty() {
            return Ok(());
        }
        let text = |of: fn(&ServiceFacts) -> &Option<String>| {
            StringArray::from_iter(rows.iter().map(|(_, facts, _)| of(facts).as_ref()))
        };
        let flag = |of: fn(&ServiceFacts) -> Option<bool>| -> BooleanArray {
            rows.iter().map(|(_, facts, _)| of(facts)).collect()
        };
        Hidden::default()
            .with("service", StringArray::from_iter_values(rows.iter().map(|(service, ..)| service)))
            .with_some("package", text(|facts| &facts.package))
            .with("sector", StringArray::from_iter_values(rows.iter().map(|(_, facts, _)| facts.sector.as_str())))
            .with("is_emergency", flag(|facts| Some(facts.is_emergency)))
            .with_some("name_fi", text(|facts| &facts.name_fi))
            .with_some("name_sv", text(|facts| &facts.name_sv))
            .with_some("name_en", text(|facts| &facts.name_en))
            .with_some("extracted_on", Date32Array::from_iter(rows.iter().map(|(.., day)| *day)))
            .with_some("has_stays", flag(|facts| facts.has_stays))
            .write(commit, FACTS, None)
    }
}

/// The services of a snapshot whose code lists say that they have no stays.
///
/// # Errors
/// A file of the snapshot that cannot be read, or is not as it was written.
pub fn services_without_stays(snapshot: &Snapshot) -> Result<BTreeSet<String>> {
    let catalogue = Catalogue::read(snapshot)?;
    let is_without =
        |service: &&String| catalogue.facts_of(service).is_some_and(|facts| facts.has_stays == Some(false));
    Ok(catalogue.facts.keys().filter(is_without).cloned().collect())
}

fn text_value(text: Option<&String>) -> Value<'_> {
    text.map_or(Value::Null, |text| Value::Text(text))
}
