//! The names of packages and providers in the store: everything that name lists ever said, and which of it counts.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, Date32Array, RecordBatch, StringArray};
use arrow::datatypes::{DataType, Date32Type, Field, Schema};
use virta_store::{Commit, Snapshot};

use crate::error::{Error, Result};
use crate::profile::name_list::{Called, NameList, Named};

/// The hidden table of names.
const TABLE: &str = "services.names";

/// Everything ever said about names. Only grows, so that no order of deliveries matters.
#[derive(Debug, Default)]
pub(crate) struct NameBook {
    /// By what is named and its code, each statement with the newest day of an extract that came with it.
    said: BTreeMap<(Named, String), BTreeMap<Called, Option<i32>>>,
}

impl NameBook {
    pub(crate) fn read(snapshot: &Snapshot) -> Result<Self> {
        let mut book = NameBook::default();
        if snapshot.file(TABLE, None).is_some() {
            for batch in snapshot.read(TABLE, None, None)? {
                let wrong = || Error::state(TABLE, "a column is not as it was written");
                book.read_batch(&batch?).ok_or_else(wrong)?;
            }
        }
        Ok(book)
    }

    fn read_batch(&mut self, batch: &RecordBatch) -> Option<()> {
        let text = |at: usize| batch.columns().get(at)?.as_string_opt::<i32>();
        let (named, code, names) = (text(0)?, text(1)?, [text(2)?, text(3)?, text(4)?]);
        let days = batch.columns().get(5)?.as_primitive_opt::<Date32Type>()?;
        for row in 0..batch.num_rows() {
            let called = names.map(|column| (!column.is_null(row)).then(|| column.value(row).to_owned()));
            let day = (!days.is_null(row)).then(|| days.value(row));
            self.say(Named::parse(named.value(row))?, code.value(row), &called, day);
        }
        Some(())
    }

    /// What a list says, delivered with an extract of this day.
    pub(crate) fn add(&mut self, list: &NameList, extracted_on: Option<i32>) {
        list.names.iter().for_each(|(code, called)| self.say(list.named, code, called, extracted_on));
    }

    fn say(&mut self, named: Named, code: &str, called: &Called, day: Option<i32>) {
        let said = self.said.entry((named, code.to_owned())).or_default();
        let known = said.entry(called.clone()).or_insert(day);
        *known = (*known).max(day);
    }

    pub(crate) fn write(&self, commit: &Commit) -> Result<()> {
        let all = self.said.iter();
        let rows: Vec<(&Named, &String, &Called, Option<i32>)> = all
            .flat_map(|((named, code), said)| said.iter().map(move |(called, day)| (named, code, called, *day)))
            .collect();
        if rows.is_empty() {
            return Ok(());
        }
        let name = |at: usize| -> ArrayRef {
            Arc::new(StringArray::from_iter(rows.iter().map(|(_, _, called, _)| called.get(at).cloned().flatten())))
        };
        let columns: Vec<ArrayRef> = vec![
            Arc::new(StringArray::from_iter_values(rows.iter().map(|(named, ..)| named.as_str()))),
            Arc::new(StringArray::from_iter_values(rows.iter().map(|(_, code, ..)| code))),
            name(0),
            name(1),
            name(2),
            Arc::new(Date32Array::from_iter(rows.iter().map(|(.., day)| *day))),
        ];
        let text = |name: &str, nullable: bool| Field::new(name, DataType::Utf8, nullable);
        let schema = Arc::new(Schema::new(vec![
            text("named", false),
            text("code", false),
            text("name_fi", true),
            text("name_sv", true),
            text("name_en", true),
            Field::new("extracted_on", DataType::Date32, true),
        ]));
        let batch = RecordBatch::try_new(Arc::clone(&schema), columns)
            .map_err(|source| Error::Arrow { table: TABLE.to_owned(), source })?;
        let mut writer = commit.sidecar_writer(TABLE, None, schema, &[])?;
        writer.write(&batch)?;
        Ok(writer.finish()?)
    }

    /// By code what counts: what came with the newest extract, of equally new the greatest, so that the answer is always
    /// the same.
    fn of(&self, named: Named) -> BTreeMap<String, [String; 3]> {
        let all = self.said.iter().filter(|((of, _), _)| *of == named);
        all.filter_map(|((_, code), said)| {
            let (called, _) = said.iter().max_by_key(|(called, day)| (**day, *called))?;
            Some((code.clone(), called.clone().map(Option::unwrap_or_default)))
        })
        .collect()
    }
}

/// What packages and providers are called, by code: the Finnish, Swedish and English name, empty where no list has one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CodeNames {
    pub packages: BTreeMap<String, [String; 3]>,
    pub providers: BTreeMap<String, [String; 3]>,
}

/// The names of packages and providers in a snapshot: those that the lists under `[codes]` of its profiles gave.
///
/// # Errors
/// A file of the snapshot that cannot be read, or is not as it was written.
pub fn code_names(snapshot: &Snapshot) -> Result<CodeNames> {
    let book = NameBook::read(snapshot)?;
    Ok(CodeNames { packages: book.of(Named::Package), providers: book.of(Named::Provider) })
}
