//! Makes packed rows of a file's rows: guard, pseudonym, columns, rules, checks.

mod carried;
mod persons;
mod settle;
mod tally;
mod values;

use std::sync::Arc;

use hashbrown::HashMap;
use virta_model::settings::CancelledWhen;
use virta_model::{ClientId, hetu};

use crate::key::{Pseudonymiser, RowHasher};
use crate::merge::claims;
use crate::parse::date::DAYS;
use crate::parse::number::trim;
use crate::parse::pseudonym::SPREADSHEET_ERROR;
use crate::profile::plan::{Plan, Target};
use crate::read::cells::{Cells, is_error};
use crate::rows::intern::Interner;
use crate::rows::keys;
use crate::rows::layout::{
    CANCELLED, CLIENT_AT, COUNT_OCCURRENCE, DELIVERY_AT, FLAGS_AT, HASH_AT, KEY_AT, KEYED, LINE_AT, Slot, VERSION_AT,
    put_i64, put_u32, put_u128,
};
use crate::rows::shape::{Differing, Shape};
use persons::{Person, Persons};
use settle::cost_slots;
use values::{Memo, Outcome};

pub(crate) use carried::{LookedUp, UnknownTexts};
pub(crate) use tally::{Bad, Tally};

/// The secrets and names that all rows of a delivery share.
#[derive(Clone)]
pub(crate) struct Secrets {
    pub pseudonyms: Pseudonymiser,
    /// For identities, bound to source, table and key columns.
    pub identity: RowHasher,
    /// For quarantine.
    pub row: RowHasher,
    /// Whether it matters who the rows' people would be if pseudonyms were made good in another way.
    pub(crate) notes_alternates: bool,
}

/// Makes packed rows for one delivery, in one thread.
pub(crate) struct RowMaker<'a> {
    plan: &'a Plan,
    secrets: &'a Secrets,
    texts: &'a Interner,
    bucket_count: u32,
    /// By column plan: what its short and its other texts became.
    memos: Vec<Memo>,
    memories: Vec<HashMap<Box<[u8]>, Outcome>>,
    persons: Persons,
    row: Vec<u8>,
    joined: Vec<u8>,
    hashed: Vec<u8>,
    wrong: Vec<(Option<Slot>, u16, &'static str)>,
    /// Whether a rule of the profile gave the row its cost, which is then no price of a day or month.
    costs_by_rule: bool,
    /// Fields of the row at hand that were made null, and the rules.
    emptied: Vec<(&'static str, &'static str)>,
    header_row: Vec<u8>,
    /// Columns of the file that a row is judged by and no column of the table is made of.
    others: Vec<usize>,
    service: Option<Slot>,
    /// Of contacts: cost, where it comes from, and what a unit cost goes by.
    cost: Option<[Slot; 5]>,
    /// Slots that columns of the file fill, and their places in the layout.
    filled: Vec<(usize, Slot)>,
    /// By bucket: packed rows in short form.
    pub rows: Vec<Vec<u8>>,
    /// By bucket: the 128 bits of persons that came up.
    pub people: Vec<Vec<u128>>,
    /// The person of the row that is being made.
    client_now: Option<ClientId>,
    /// What differs between the rows.
    pub(crate) shape: Arc<Shape>,
    /// Something was filled into a row that its file's shape leaves out.
    pub(crate) is_misshapen: bool,
    /// By range of keys: what rows with a `row_key` claim, in short form.
    pub(crate) claims: Vec<Vec<u8>>,
    /// What differs between the claims.
    pub(crate) claim_shape: Arc<Shape>,
    pub(crate) tally: Tally,
    /// Refused rows that the other threads know of.
    pub(crate) refused_told: usize,
}

impl<'a> RowMaker<'a> {
    /// `persons_bytes` is about how much memory may go to remembering persons.
    pub(crate) fn new(
        plan: &'a Plan,
        secrets: &'a Secrets,
        texts: &'a Interner,
        delivery: u32,
        buckets: u32,
        persons_bytes: usize,
    ) -> Self {
        let mut header_row = plan.template.clone();
        put_u32(&mut header_row, DELIVERY_AT, delivery);
        header_row[FLAGS_AT] = if plan.keyed() {
            KEYED
        } else if plan.counts_occurrences {
            COUNT_OCCURRENCE
        } else {
            0
        };
        let bucket_count = buckets;
        let buckets = bucket_count as usize;
        let differing = Differing {
            flags: plan.cancelled.is_some(),
            keyed: plan.keyed(),
            versions: plan.keyed() && plan.version.is_some(),
        };
        RowMaker {
            plan,
            secrets,
            texts,
            bucket_count,
            memos: vec![Memo::new(); plan.columns.len()],
            memories: vec![HashMap::new(); plan.columns.len()],
            persons: Persons::new(persons_bytes),
            claim_shape: Arc::new(claims::shape(&header_row, differing)),
            shape: Arc::new(Shape::new(header_row.clone(), differing, &plan.differing_slots())),
            claims: vec![Vec::new(); if plan.claims() { keys::PARTITIONS } else { 0 }],
            row: header_row.clone(),
            joined: Vec::new(),
            hashed: Vec::new(),
            wrong: Vec::new(),
            costs_by_rule: false,
            emptied: Vec::new(),
            header_row,
            others: plan.judging_columns(),
            service: plan.layout.slot("service"),
            cost: cost_slots(plan),
            filled: plan.filled_slots(),
            rows: vec![Vec::new(); buckets],
            people: vec![Vec::new(); buckets],
            tally: Tally {
                hetu_hits: vec![0; plan.width],
                values: vec![0; plan.width],
                nulls: vec![0; plan.layout.slots.len()],
                unknown: vec![0; plan.columns.len()],
                looked_up: vec![LookedUp::default(); plan.columns.len()],
                unknown_texts: vec![UnknownTexts::default(); plan.columns.len()],
                days: vec![0; (DAYS.end() - DAYS.start() + 1) as usize],
                ..Tally::default()
            },
            client_now: None,
            is_misshapen: false,
            refused_told: 0,
        }
    }

    /// A line that is no row.
    pub(crate) fn refuse_line(&mut self, line: u64, text: &[u8], rule: &'static str) {
        self.tally.rows_read += 1;
        let hash = self.secrets.row.hash(text);
        self.tally.bad.push(Bad { line, field: 0, rule, hash });
    }

    /// A row of the file.
    pub(crate) fn take<C: Cells>(&mut self, cells: &C, line: u64) {
        if self.is_header_again(cells) {
            self.tally.lines_skipped += 1;
            return;
        }
        self.hashed.clear();
        cells.join(&mut self.hashed);
        if let Some(column) = self.guard(cells) {
            let hash = self.secrets.row.hash(&self.hashed);
            self.tally.rows_read += 1;
            self.tally.bad.push(Bad { line, field: column as u16 + 1, rule: "hetu", hash });
            return;
        }
        if !self.is_selected(cells) {
            self.tally.rows_read += 1;
            self.tally.not_selected += 1;
            return;
        }
        let Some(unpivot) = &self.plan.unpivot else {
            return self.take_one(cells, line);
        };
        let length = self.hashed.len();
        let mut any = false;
        for (at, column) in unpivot.columns.iter().enumerate() {
            let value = cells.cell(*column);
            if self.plan.is_null(value) {
                continue;
            }
            any = true;
            let index = (at + 1).to_string();
            self.hashed.truncate(length);
            self.hashed.push(0x1e);
            self.hashed.extend_from_slice(index.as_bytes());
            self.take_one(&Unpivoted { cells, width: self.plan.width, value, index: index.as_bytes() }, line);
        }
        if !any {
            self.hashed.truncate(length);
            let hash = self.secrets.row.hash(&self.hashed);
            self.tally.rows_read += 1;
            self.tally.bad.push(Bad { line, field: 0, rule: "no_value", hash });
        }
    }

    /// The first column with a personal identity code.
    fn guard<C: Cells>(&mut self, cells: &C) -> Option<usize> {
        let mut found = None;
        for at in 0..cells.count().min(self.plan.width) {
            let cell = cells.cell(at);
            if cell.is_empty() {
                continue;
            }
            self.tally.values[at] += 1;
            // Nine digits, a sign or not, and a check character.
            if cell.len() >= 10 && hetu::occurs_in(cell) {
                self.tally.hetu_hits[at] += 1;
                found = found.or(Some(at));
            }
        }
        found
    }

    /// Whether the row is the header once more, as where files were put together.
    #[inline]
    fn is_header_again<C: Cells>(&self, cells: &C) -> bool {
        let header = &self.plan.header;
        header.first().is_some_and(|name| cells.cell(0).len() >= name.len() && trim(cells.cell(0)) == name.as_slice())
            && header.iter().enumerate().all(|(at, name)| trim(cells.cell(at)) == name.as_slice())
            && header.iter().any(|name| !name.is_empty())
    }

    /// Whether the section is about the row. Where that cannot be told, the row is refused later.
    fn is_selected<C: Cells>(&self, cells: &C) -> bool {
        self.plan.selects.iter().all(|selected| {
            let cell = cells.cell(selected.column);
            let is_missing = || selected.missing && self.plan.is_null(cell);
            selected.values.iter().any(|value| value.as_slice() == trim(cell)) || is_missing() || is_error(cell)
        })
    }

    /// Of a row with cells that hold errors instead of values, the field that the first of them leaves without a value,
    /// and the rule that refuses it.
    fn error_in<C: Cells>(&self, cells: &C) -> Option<(u16, &'static str)> {
        let plan = self.plan;
        let holds_error = |at: &usize| is_error(cells.cell(*at));
        for column in &plan.columns {
            if column.input.places().iter().any(holds_error) {
                let is_required = match &column.target {
                    Target::Client | Target::ClientId => true,
                    Target::Slot(slot, _) => plan.required.iter().any(|required| required.at == slot.at),
                };
                return Some((plan.field_of(column.name), if is_required { "missing" } else { SPREADSHEET_ERROR }));
            }
        }
        let other = self.others.iter().find(|at| holds_error(at));
        other.map(|at| (*at as u16 + 1, SPREADSHEET_ERROR))
    }

    fn take_one<C: Cells>(&mut self, cells: &C, line: u64) {
        self.tally.rows_read += 1;
        if cells.has_errors()
            && let Some((field, rule)) = self.error_in(cells)
        {
            return self.refuse(line, field, rule);
        }
        self.row.copy_from_slice(&self.header_row);
        self.wrong.clear();
        self.costs_by_rule = false;
        self.client_now = None;
        let cancelled = self.plan.cancelled.as_ref().is_some_and(|(at, when)| {
            let text = cells.cell(*at);
            match when {
                CancelledWhen::NotNull => !self.plan.is_null(text),
                CancelledWhen::Values(values) => values.iter().any(|value| trim(value.as_bytes()) == trim(text)),
            }
        });
        let mut client = None;
        let mut nobody = "missing";
        let mut prices: Option<(usize, u32)> = None;
        let plan = self.plan;
        for (number, column) in plan.columns.iter().enumerate() {
            match &column.target {
                Target::Client => match self.client(number, column, cells) {
                    Ok(person) => {
                        client = Some(person);
                        self.client_now = Some(person.client);
                    }
                    Err(rule) => nobody = rule,
                },
                Target::ClientId => match self.client_id(number, column, cells) {
                    Ok(person) => client = Some(person),
                    Err(rule) => nobody = rule,
                },
                Target::Slot(slot, reading) => {
                    if cancelled {
                        continue;
                    }
                    if let Some(found) = self.fill(number, column, *slot, reading, cells)
                        && slot.name == "service"
                    {
                        prices = Some((number, found));
                    }
                }
            }
        }
        let person: Option<Person> = client;
        // Tables without clients have one bucket and no person.
        if person.is_none() && plan.layout.schema.has_clients() {
            let field =
                plan.field_of(if plan.columns.iter().any(|c| c.name == "client_id") { "client_id" } else { "client" });
            return self.refuse(line, field, nobody);
        }
        let client = person.map_or(ClientId(0), |person| person.client);
        if let Some(at) = self.without_key(cells) {
            return self.refuse(line, at as u16 + 1, "missing");
        }
        let version = match &plan.version {
            None => 0,
            Some((at, format)) => match cells.cell(*at) {
                text if plan.is_null(text) => 0,
                text => match format.rank(text, plan.decimal) {
                    Some(rank) => rank,
                    None => return self.refuse(line, *at as u16 + 1, "version"),
                },
            },
        };
        if cancelled {
            self.tally.cancelled += 1;
            self.row[FLAGS_AT] |= CANCELLED;
        } else {
            self.apply_rules(cells, &mut prices);
            if let Some((_, field, rule)) = self.wrong.first() {
                return self.refuse(line, *field, rule);
            }
            if let Some((field, rule)) = self.settle(prices) {
                let field = plan.field_of(field);
                return self.refuse(line, field, rule);
            }
            self.count_good();
        }
        self.identify(cells, client, line, version);
        let bucket = client.bucket(self.bucket_count) as usize;
        if let Some(person) = person {
            self.count_person(person, bucket);
        }
        let Some(rows) = self.rows.get_mut(bucket) else { return };
        // A look at the first row of each bucket and chunk would find a mistake in the program.
        self.is_misshapen |= rows.is_empty() && !self.shape.holds(&self.row);
        self.shape.shorten(&self.row, rows);
    }

    /// Of a row whose key is missing whole, the first column of the key. Such rows are not one row: without a key nobody can
    /// tell which of them corrects which.
    #[inline]
    fn without_key<C: Cells>(&self, cells: &C) -> Option<usize> {
        let key = &self.plan.row_key;
        let first = *key.first()?;
        let is_missing = |cell: &[u8]| self.plan.is_null(cell) || trim(cell).is_empty();
        key.iter().all(|at| is_missing(cells.cell(*at))).then_some(first)
    }

    /// The fields of the last row whose text could not be read, each with the rule that it breaks.
    pub(crate) fn unreadable(&self) -> impl Iterator<Item = (u16, &'static str)> {
        self.wrong.iter().map(|(_, field, rule)| (*field, *rule))
    }

    /// The last row as far as it was read, also where it was refused.
    pub(crate) fn last_row(&self) -> &[u8] {
        &self.row
    }

    fn refuse(&mut self, line: u64, field: u16, rule: &'static str) {
        let hash = self.secrets.row.hash(&self.hashed);
        self.tally.bad.push(Bad { line, field, rule, hash });
    }

    /// Rule 9: who the row is. Of a row with a `row_key` that does not depend on whose it is.
    fn identify<C: Cells>(&mut self, cells: &C, client: ClientId, line: u64, version: u128) {
        put_i64(&mut self.row, CLIENT_AT, client.0);
        if !self.plan.keyed() {
            let key = self.secrets.identity.hash(&self.hashed);
            put_i64(&mut self.row, KEY_AT, key);
            return;
        }
        let row_hash = self.secrets.row.hash(&self.hashed);
        self.joined.clear();
        for at in &self.plan.row_key {
            // A key that comes again with blanks around it is the same.
            self.joined.extend_from_slice(trim(cells.cell(*at)));
            self.joined.push(0x1f);
        }
        if self.plan.unpivot.is_some() {
            self.joined.extend_from_slice(cells.cell(self.plan.width + 1));
        }
        let key = self.secrets.identity.hash(&self.joined);
        put_i64(&mut self.row, KEY_AT, key);
        put_i64(&mut self.row, LINE_AT, line as i64);
        put_i64(&mut self.row, HASH_AT, row_hash);
        put_u128(&mut self.row, VERSION_AT, version);
        if let Some(claims) = self.claims.get_mut(claims::partition_of(key)) {
            claims::add(&self.row, &self.claim_shape, claims);
        }
    }
}

/// A row with the two columns that unpivoting adds.
struct Unpivoted<'a, C> {
    cells: &'a C,
    width: usize,
    value: &'a [u8],
    index: &'a [u8],
}

impl<C: Cells> Cells for Unpivoted<'_, C> {
    fn count(&self) -> usize {
        self.width + 2
    }
    fn has_errors(&self) -> bool {
        self.cells.has_errors()
    }
    fn cell(&self, at: usize) -> &[u8] {
        match at.checked_sub(self.width) {
            None => self.cells.cell(at),
            Some(0) => self.value,
            Some(_) => self.index,
        }
    }
}
