//! The names of packages and providers in the store: everything that name lists ever said, and which of it counts.

use std::collections::BTreeMap;

use arrow::array::{Date32Array, StringArray};
use virta_store::{Commit, Snapshot};

use crate::error::Result;
use crate::profile::name_list::{Called, NameList, Named};
use crate::rows::stored::{Hidden, Stored, number_or_none, read, text_or_none};

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
        for batch in read(snapshot, TABLE, None, None)? {
            book.read_batch(&batch?)?;
        }
        Ok(book)
    }

    fn read_batch(&mut self, batch: &Stored<'_>) -> Result<()> {
        let (named, code, days) = (batch.texts(0)?, batch.texts(1)?, batch.days(5)?);
        let names = [batch.texts(2)?, batch.texts(3)?, batch.texts(4)?];
        for row in 0..batch.rows() {
            let called = names.map(|column| text_or_none(column, row));
            let named = Named::parse(named.value(row)).ok_or_else(|| batch.wrong())?;
            self.say(named, code.value(row), &called, number_or_none(days, row));
        }
        Ok(())
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
        let name =
            |at: usize| StringArray::from_iter(rows.iter().map(|(_, _, called, _)| called.get(at).cloned().flatten()));
        Hidden::default()
            .with("named", StringArray::from_iter_values(rows.iter().map(|(named, ..)| named.as_str())))
            .with("code", StringArray::from_iter_values(rows.iter().map(|(_, code, ..)| code)))
            .with_some("name_fi", name(0))
            .with_some("name_sv", name(1))
            .with_some("name_en", name(2))
            .with_some("extracted_on", Date32Array::from_iter(rows.iter().map(|(.., day)| *day)))
            .write(commit, TABLE, None)
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
