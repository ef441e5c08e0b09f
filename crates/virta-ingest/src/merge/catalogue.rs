//! The `services` table: what code lists say, and services that no list names.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, Date32Array, RecordBatch, StringArray};
use arrow::datatypes::{DataType, Date32Type, Field, Int32Type, Schema, SchemaRef};
use virta_model::schema::SERVICES;
use virta_model::{Sector, Table, Value};
use virta_store::{Commit, Snapshot};

use crate::error::{Error, Result};
use crate::profile::codelist::ServiceFacts;

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
        let wrong = || Error::state(FACTS, "a column is not as it was written");
        if snapshot.file("services", None).is_some() {
            for batch in snapshot.read("services", None, Some(&["service"]))? {
                let batch = batch?;
                let column =
                    batch.columns().first().and_then(|c| c.as_dictionary_opt::<Int32Type>()).ok_or_else(wrong)?;
                let values = column.downcast_dict::<StringArray>().ok_or_else(wrong)?;
                catalogue.services.extend(values.into_iter().flatten().map(str::to_owned));
            }
        }
        if snapshot.file(FACTS, None).is_some() {
            for batch in snapshot.read(FACTS, None, None)? {
                catalogue.read_facts(&batch?).ok_or_else(wrong)?;
            }
        }
        Ok(catalogue)
    }

    fn read_facts(&mut self, batch: &RecordBatch) -> Option<()> {
        let text = |at: usize| batch.columns().get(at)?.as_string_opt::<i32>();
        let (service, package, sector) = (text(0)?, text(1)?, text(2)?);
        let emergency = batch.columns().get(3)?.as_boolean_opt()?;
        let (fi, sv, en) = (text(4)?, text(5)?, text(6)?);
        let days = batch.columns().get(7)?.as_primitive_opt::<Date32Type>()?;
        // Stores of older versions lack it.
        let stays = batch.columns().get(8).and_then(|column| column.as_boolean_opt());
        let own = |column: &StringArray, n: usize| (!column.is_null(n)).then(|| column.value(n).to_owned());
        for n in 0..batch.num_rows() {
            let facts = ServiceFacts {
                package: own(package, n),
                sector: Sector::parse(sector.value(n))?,
                is_emergency: emergency.value(n),
                name_fi: own(fi, n),
                name_sv: own(sv, n),
                name_en: own(en, n),
                has_stays: stays.filter(|stays| !stays.is_null(n)).map(|stays| stays.value(n)),
            };
            self.add_facts(service.value(n), &facts, (!days.is_null(n)).then(|| days.value(n)));
        }
        Some(())
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
        let text = |f: &dyn Fn(&ServiceFacts) -> Option<String>| -> ArrayRef {
            Arc::new(StringArray::from_iter(rows.iter().map(|(_, facts, _)| f(facts))))
        };
        let columns: Vec<ArrayRef> = vec![
            Arc::new(StringArray::from_iter_values(rows.iter().map(|(service, ..)| service))),
            text(&|facts| facts.package.clone()),
            text(&|facts| Some(facts.sector.as_str().to_owned())),
            Arc::new(BooleanArray::from(rows.iter().map(|(_, facts, _)| facts.is_emergency).collect::<Vec<_>>())),
            text(&|facts| facts.name_fi.clone()),
            text(&|facts| facts.name_sv.clone()),
            text(&|facts| facts.name_en.clone()),
            Arc::new(Date32Array::from_iter(rows.iter().map(|(.., day)| *day))),
            Arc::new(BooleanArray::from(rows.iter().map(|(_, facts, _)| facts.has_stays).collect::<Vec<_>>())),
        ];
        let schema = facts_schema();
        let batch = RecordBatch::try_new(schema.clone(), columns)
            .map_err(|source| Error::Arrow { table: FACTS.to_owned(), source })?;
        let mut writer = commit.sidecar_writer(FACTS, None, schema, &[])?;
        writer.write(&batch)?;
        Ok(writer.finish()?)
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

fn facts_schema() -> SchemaRef {
    let text = |name: &str, nullable: bool| Field::new(name, DataType::Utf8, nullable);
    Arc::new(Schema::new(vec![
        text("service", false),
        text("package", true),
        text("sector", false),
        Field::new("is_emergency", DataType::Boolean, false),
        text("name_fi", true),
        text("name_sv", true),
        text("name_en", true),
        Field::new("extracted_on", DataType::Date32, true),
        Field::new("has_stays", DataType::Boolean, true),
    ]))
}
