//! The ledger and the quarantine as they are read from and written to the store.

use std::sync::Arc;

use arrow::array::{ArrayRef, DictionaryArray, Int64Array, RecordBatch, StringArray};
use arrow::datatypes::Int32Type;
use hashbrown::{HashMap, HashSet};
use virta_model::schema::QUARANTINE;
use virta_store::{Commit, Delivery, Snapshot, arrow_schema};

use crate::error::{Error, Result};
use crate::ledger::deliveries::{Deliveries, Details, Entry};
use crate::merge::bucket::Conflict;
use crate::rows::intern::Interner;
use crate::rows::stored::{self, Hidden};

const DETAILS: &str = "deliveries.details";
/// The rule of rows that only resolution refuses.
pub(crate) const CONFLICT: &str = "conflict";

/// Reads the ledger with what is remembered beside it.
pub(crate) fn read(snapshot: &Snapshot, texts: &Interner) -> Result<Deliveries> {
    let details = read_details(snapshot)?;
    let mut deliveries = Deliveries::default();
    for ledger in snapshot.deliveries() {
        let details = details
            .get(&ledger.delivery_id)
            .cloned()
            .ok_or_else(|| Error::state(DETAILS, format!("delivery {} is missing", ledger.delivery_id)))?;
        let source = texts.number(&ledger.source);
        deliveries.add(Entry { ledger: ledger.clone(), details, source, is_new: false });
    }
    Ok(deliveries)
}

pub(crate) fn read_details(snapshot: &Snapshot) -> Result<HashMap<i64, Details>> {
    let mut found = HashMap::new();
    for batch in stored::read(snapshot, DETAILS, None, None)? {
        let batch = batch?;
        let (ids, texts) = (batch.ints(0)?, batch.texts(1)?);
        for n in 0..batch.rows() {
            let details: Details = serde_json::from_str(texts.value(n)).map_err(|_| batch.wrong())?;
            found.insert(ids.value(n), details);
        }
    }
    Ok(found)
}

/// Sets the ledger and writes what is remembered beside it.
pub(crate) fn write(commit: &Commit, deliveries: &Deliveries) -> Result<()> {
    let mut entries: Vec<&Entry> = deliveries.entries.iter().collect();
    entries.sort_by_key(|entry| entry.ledger.delivery_id);
    let ledger: Vec<Delivery> = entries.iter().map(|entry| entry.ledger.clone()).collect();
    commit.set_ledger(ledger);
    if entries.is_empty() {
        return Ok(());
    }
    let ids = Int64Array::from_iter_values(entries.iter().map(|entry| entry.ledger.delivery_id));
    let details = entries.iter().map(|entry| serde_json::to_string(&entry.details).unwrap_or_default());
    Hidden::default()
        .with("delivery_id", ids)
        .with("details", StringArray::from_iter_values(details))
        .write(commit, DETAILS, None)
}

/// A refused row. Field and rule are numbers of texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Refused {
    pub delivery: u32,
    pub line: i64,
    pub field: u32,
    pub rule: u32,
    pub hash: i64,
}

/// All refused rows of the store.
#[derive(Debug, Default)]
pub(crate) struct Quarantine {
    pub rows: Vec<Refused>,
}

impl Quarantine {
    /// Reads the quarantine, but for what a delivery that is read again said before.
    pub(crate) fn read(snapshot: &Snapshot, deliveries: &Deliveries, texts: &Interner) -> Result<Self> {
        let mut rows = Vec::new();
        let conflict = texts.number(CONFLICT);
        for batch in stored::read(snapshot, QUARANTINE.name, None, None)? {
            let batch = batch?;
            let (ids, lines, fields, hashes) = (batch.ints(0)?, batch.ints(1)?, batch.texts(2)?, batch.texts(4)?);
            for (n, rule) in batch.codes(3)?.into_iter().enumerate() {
                let delivery = deliveries.number(ids.value(n)).ok_or_else(|| batch.wrong())?;
                let hash = i64::from_str_radix(hashes.value(n), 16).map_err(|_| batch.wrong())?;
                let rule = texts.number(rule);
                // Conflicts are settled per bucket, also those of a file that is read again.
                if !deliveries.is_new(delivery) || rule == conflict {
                    let field = texts.number(fields.value(n));
                    rows.push(Refused { delivery, line: lines.value(n), field, rule, hash });
                }
            }
        }
        Ok(Quarantine { rows })
    }

    pub(crate) fn replace_conflicts(&mut self, before: &[Conflict], after: &[Conflict], texts: &Interner) {
        let rule = texts.number(CONFLICT);
        let field = texts.number("");
        let gone: HashSet<(u32, i64, i64)> = before.iter().map(|c| (c.delivery, c.line, c.row_hash)).collect();
        self.rows.retain(|row| row.rule != rule || !gone.contains(&(row.delivery, row.line, row.hash)));
        self.rows.extend(after.iter().map(|c| Refused {
            delivery: c.delivery,
            line: c.line,
            field,
            rule,
            hash: c.row_hash,
        }));
    }

    pub(crate) fn count_by_delivery(&self) -> HashMap<u32, u64> {
        let mut counts = HashMap::new();
        for row in &self.rows {
            *counts.entry(row.delivery).or_default() += 1;
        }
        counts
    }

    pub(crate) fn write(&mut self, commit: &Commit, deliveries: &Deliveries, texts: &[Arc<str>]) -> Result<()> {
        if self.rows.is_empty() {
            commit.remove(QUARANTINE.name, None);
            return Ok(());
        }
        let text = |number: u32| texts.get(number as usize).map_or("", |text| text);
        self.rows.sort_unstable_by(|a, b| {
            let key = |row: &Refused| (deliveries.id(row.delivery), row.line);
            key(a)
                .cmp(&key(b))
                .then_with(|| text(a.field).cmp(text(b.field)))
                .then_with(|| text(a.rule).cmp(text(b.rule)))
                .then_with(|| a.hash.cmp(&b.hash))
        });
        let mut writer = commit.whole_writer(&QUARANTINE)?;
        for rows in self.rows.chunks(1 << 16) {
            let rules: DictionaryArray<Int32Type> = rows.iter().map(|row| Some(text(row.rule))).collect();
            let columns: Vec<ArrayRef> = vec![
                Arc::new(Int64Array::from_iter_values(rows.iter().map(|row| deliveries.id(row.delivery)))),
                Arc::new(Int64Array::from_iter_values(rows.iter().map(|row| row.line))),
                Arc::new(StringArray::from_iter_values(rows.iter().map(|row| text(row.field)))),
                Arc::new(rules),
                Arc::new(StringArray::from_iter_values(rows.iter().map(|row| format!("{:016x}", row.hash)))),
            ];
            let batch = RecordBatch::try_new(arrow_schema(&QUARANTINE), columns)
                .map_err(|source| Error::Arrow { table: QUARANTINE.name.to_owned(), source })?;
            writer.write(&batch)?;
        }
        Ok(writer.finish()?)
    }
}
