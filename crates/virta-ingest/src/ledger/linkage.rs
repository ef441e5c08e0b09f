//! Linkage: of a source's people, who is found in the client list, in another source, and nowhere else.
//!
//! It is counted person by person, in the buckets that an ingest touches; the others' counts stay as they are. A source
//! whose people are strangers everywhere usually has its pseudonyms worn by some system on the way.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{Array, Int32Array, Int64Array, StringArray};
use hashbrown::HashMap;
use serde::Serialize;
use virta_model::{Day, schema};
use virta_store::{Commit, Snapshot};

use crate::error::Result;
use crate::ledger::entries::read_details;
use crate::merge::naming::Named;
use crate::rows::intern::Interner;
use crate::rows::stored::{self, Hidden};

const TABLE: &str = "deliveries.linkage";

/// How a source's people are known elsewhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SourceLinkage {
    pub source: String,
    /// The newest day of extract of its deliveries: what it knows ends there.
    pub known_to: Option<String>,
    /// People whom a row of the source names that stands in the store.
    pub clients: u64,
    /// Of those, found in a client list of whatever source; `None` without any client list.
    pub in_client_list: Option<u64>,
    /// Found in another source, by more than its client list; `None` where there is no other.
    pub in_other_sources: Option<u64>,
    /// Found neither in a client list nor in another source; `None` where there is neither.
    pub alone: Option<u64>,
    /// Found in each other source, by more than its client list.
    pub found_in: BTreeMap<String, u64>,
}

/// The linkage of each source in a snapshot, in order of name; `None` of a store that an earlier version filled.
///
/// # Errors
/// What is remembered of the deliveries cannot be read.
pub fn linkage(snapshot: &Snapshot) -> Result<Option<Vec<SourceLinkage>>> {
    if snapshot.deliveries().is_empty() {
        return Ok(Some(Vec::new()));
    }
    let texts = Interner::default();
    let Some(known) = Linkage::read(snapshot, &texts)? else { return Ok(None) };
    let details = read_details(snapshot)?;
    let ledger = snapshot.deliveries().iter().map(|delivery| {
        let extracted_on = details.get(&delivery.delivery_id).and_then(|details| details.extracted_on);
        (delivery.source.as_str(), delivery.table.as_str(), extracted_on)
    });
    Ok(Some(known.by_source(ledger, &texts.texts())))
}

/// Of one source in one bucket, or in all.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Count {
    pub clients: u64,
    /// Named by more than a client list.
    pub(crate) by_rows: u64,
    pub(crate) in_list: u64,
    pub(crate) in_others: u64,
    pub alone: u64,
}

impl Count {
    fn add(&mut self, other: Count) {
        self.clients += other.clients;
        self.by_rows += other.by_rows;
        self.in_list += other.in_list;
        self.in_others += other.in_others;
        self.alone += other.alone;
    }
}

/// Of one bucket. Sources are numbers of texts.
#[derive(Debug, Clone, Default)]
pub(crate) struct BucketCounts {
    sources: HashMap<u32, Count>,
    /// People of the first source who are found in the second.
    pairs: HashMap<(u32, u32), u64>,
}

impl BucketCounts {
    pub(crate) fn of(named: &Named) -> Self {
        let mut counts = BucketCounts::default();
        let (mut all, mut by_rows) = (Vec::new(), Vec::new());
        for person in named.people() {
            all.clear();
            by_rows.clear();
            all.extend(person.iter().map(|naming| naming.source));
            by_rows.extend(person.iter().filter(|naming| !naming.in_list).map(|naming| naming.source));
            for sources in [&mut all, &mut by_rows] {
                sources.sort_unstable();
                sources.dedup();
            }
            let in_list = person.iter().any(|naming| naming.in_list);
            for source in &all {
                let others = by_rows.iter().filter(|other| *other != source);
                let in_others = others.clone().next().is_some();
                counts.sources.entry(*source).or_default().add(Count {
                    clients: 1,
                    by_rows: u64::from(by_rows.contains(source)),
                    in_list: u64::from(in_list),
                    in_others: u64::from(in_others),
                    alone: u64::from(!in_list && !in_others),
                });
                for other in others {
                    *counts.pairs.entry((*source, *other)).or_default() += 1;
                }
            }
        }
        counts
    }
}

/// Of all buckets.
#[derive(Debug, Default)]
pub(crate) struct Linkage {
    pub buckets: BTreeMap<u32, BucketCounts>,
}

impl Linkage {
    /// What the store remembers; `None` when it never counted.
    pub(crate) fn read(snapshot: &Snapshot, texts: &Interner) -> Result<Option<Self>> {
        if snapshot.file(TABLE, None).is_none() {
            return Ok(None);
        }
        let mut linkage = Linkage::default();
        for batch in stored::read(snapshot, TABLE, None, None)? {
            let batch = batch?;
            let (buckets, sources, others) = (batch.small_ints(0)?, batch.texts(1)?, batch.texts(2)?);
            let numbers = [batch.ints(3)?, batch.ints(4)?, batch.ints(5)?, batch.ints(6)?, batch.ints(7)?];
            for n in 0..batch.rows() {
                let [clients, by_rows, in_list, in_others, alone] = numbers.map(|column| column.value(n) as u64);
                let bucket = linkage.buckets.entry(buckets.value(n) as u32).or_default();
                let source = texts.number(sources.value(n));
                if others.is_null(n) {
                    bucket.sources.insert(source, Count { clients, by_rows, in_list, in_others, alone });
                } else {
                    bucket.pairs.insert((source, texts.number(others.value(n))), clients);
                }
            }
        }
        Ok(Some(linkage))
    }

    pub(crate) fn write(&self, commit: &Commit, texts: &[Arc<str>]) -> Result<()> {
        let text = |number: u32| texts.get(number as usize).map_or("", |text| text);
        let mut rows: Vec<(u32, &str, Option<&str>, Count)> = Vec::new();
        for (bucket, counts) in &self.buckets {
            rows.extend(counts.sources.iter().map(|(source, count)| (*bucket, text(*source), None, *count)));
            rows.extend(counts.pairs.iter().map(|((source, other), clients)| {
                (*bucket, text(*source), Some(text(*other)), Count { clients: *clients, ..Count::default() })
            }));
        }
        if rows.is_empty() {
            commit.remove(TABLE, None);
            return Ok(());
        }
        rows.sort_unstable_by_key(|(bucket, source, other, _)| (*bucket, *source, *other));
        let int = |of: fn(&Count) -> u64| Int64Array::from_iter_values(rows.iter().map(|(.., count)| of(count) as i64));
        Hidden::default()
            .with("bucket", Int32Array::from_iter_values(rows.iter().map(|row| row.0 as i32)))
            .with("source", StringArray::from_iter_values(rows.iter().map(|row| row.1)))
            .with_some("other", StringArray::from_iter(rows.iter().map(|row| row.2)))
            .with("clients", int(|count| count.clients))
            .with("by_rows", int(|count| count.by_rows))
            .with("in_client_list", int(|count| count.in_list))
            .with("in_other_sources", int(|count| count.in_others))
            .with("alone", int(|count| count.alone))
            .write(commit, TABLE, None)
    }

    /// A source's people in all buckets.
    pub(crate) fn count(&self, source: u32) -> Count {
        let mut sum = Count::default();
        self.buckets.values().filter_map(|counts| counts.sources.get(&source)).for_each(|count| sum.add(*count));
        sum
    }

    /// Sums by source. `ledger` gives each delivery's source, table and day of extract.
    pub(crate) fn by_source<'a>(
        &self,
        ledger: impl Iterator<Item = (&'a str, &'a str, Option<i32>)>,
        texts: &[Arc<str>],
    ) -> Vec<SourceLinkage> {
        let mut known_to: BTreeMap<&str, Option<i32>> = BTreeMap::new();
        let mut is_listed = false;
        for (source, table, extracted_on) in ledger {
            let newest = known_to.entry(source).or_default();
            *newest = (*newest).max(extracted_on);
            is_listed |= table == schema::CLIENTS.name;
        }
        let number = |name: &str| texts.iter().position(|text| &**text == name).map(|at| at as u32);
        let mut pairs: BTreeMap<(u32, u32), u64> = BTreeMap::new();
        for (pair, clients) in self.buckets.values().flat_map(|counts| &counts.pairs) {
            *pairs.entry(*pair).or_default() += clients;
        }
        let has_rows = |name: &str| number(name).is_some_and(|source| self.count(source).by_rows > 0);
        let with_rows: Vec<&str> = known_to.keys().copied().filter(|name| has_rows(name)).collect();
        let sum = |name: &str, newest: Option<i32>| {
            let count = number(name).map(|source| self.count(source)).unwrap_or_default();
            let others: Vec<&str> = with_rows.iter().copied().filter(|other| *other != name).collect();
            let clients_in = |other: &str| number(name).zip(number(other)).and_then(|pair| pairs.get(&pair).copied());
            SourceLinkage {
                source: name.to_owned(),
                known_to: newest.map(|day| Day(day).to_string()),
                clients: count.clients,
                in_client_list: is_listed.then_some(count.in_list),
                in_other_sources: (!others.is_empty()).then_some(count.in_others),
                alone: (is_listed || !others.is_empty()).then_some(count.alone),
                found_in: others.iter().map(|other| ((*other).to_owned(), clients_in(other).unwrap_or(0))).collect(),
            }
        };
        let all = known_to.iter().map(|(name, newest)| sum(name, *newest));
        // A source of tables without people, such as totals, has nobody to be found.
        all.filter(|source| source.clients > 0).collect()
    }
}
