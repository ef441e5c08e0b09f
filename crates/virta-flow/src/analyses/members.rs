//! `members` and `near_members`: rule 4.
//!
//! Unit: a client in a cohort and a period; rows by `client_id`, then period and cohort in the study's order. Contacts,
//! days and cost are all of the client's in the period, whatever counts. `qualified_on` is the first day by which enough
//! services count; a near member has none. A near member keeps every rule but the number of services, has one counted
//! service less than the cohort asks for, and more of them than in the period before: the study's period that ends the
//! day before this one begins, else as many days right before it. Near a rolling cohort are those whom no window
//! qualifies and whose period, taken as a whole, has one service too few.
//!
//! The rows of a bucket are handed over when it is done, so that no table of members is ever held whole.

use std::cell::LazyCell;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use serde::{Deserialize, Serialize};
use virta_model::schema::{MEMBERS, NEAR_MEMBERS, TableSchema};
use virta_model::{ColumnData, NULL_CODE, NULL_DAY, NULL_INT, Sex, Table, TextColumn, Texts};

use super::member_rows::{NO_AGE, Row, Used};
use super::{Analysis, End, bits_of, join_into};
use crate::hash::FastMap;
use crate::input::client::lived;
use crate::input::columns::NO_DAY;
use crate::pass::client_period::ClientPeriod;
use crate::pass::groups::Remap;
use crate::pass::part_output::{InOrder, PartOutput};
use crate::rules::plan::Plan;
use crate::shares::frame::{Frame, is_code};
use crate::shares::numbers;

/// The rows of the bucket at hand.
pub(super) struct Members {
    members: Vec<Row>,
    near: Vec<Row>,
    wide: WideSets,
    /// What another machine is to send, by bucket.
    kept: BTreeMap<u32, BucketRows>,
    shared: Arc<MemberRows>,
}

/// The rows of a bucket whose clients have passed.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct BucketRows {
    #[serde(with = "numbers")]
    members: Vec<Row>,
    #[serde(with = "numbers")]
    near: Vec<Row>,
    /// The wide sets that these rows have the numbers of.
    wide: Vec<Box<[u16]>>,
}

/// What the workers share: rows in order, and the sets that are too large for a number.
#[derive(Debug)]
struct MemberRows {
    members: InOrder<Row>,
    near: InOrder<Row>,
    /// By count unit: whether its sets fit into the bits of a number.
    is_narrow: Vec<bool>,
    wide: Mutex<WideSets>,
}

const MOST_NARROW: usize = 64;

/// Distinct sets of more than 64 possible values, numbered as they come.
#[derive(Debug, Default)]
struct WideSets {
    numbers: FastMap<Box<[u16]>, u64>,
    sets: Vec<Box<[u16]>>,
}

impl WideSets {
    fn number(&mut self, set: &[u16]) -> u64 {
        if let Some(&number) = self.numbers.get(set) {
            return number;
        }
        let number = self.sets.len() as u64;
        self.sets.push(set.into());
        self.numbers.insert(set.into(), number);
        number
    }
}

impl Members {
    fn with(shared: Arc<MemberRows>) -> Self {
        Members { members: Vec::new(), near: Vec::new(), wide: WideSets::default(), kept: BTreeMap::new(), shared }
    }
}

impl Analysis for Members {
    type Sums = BTreeMap<u32, BucketRows>;

    fn new(plan: &Plan<'_>) -> Option<Self> {
        Some(Members::with(Arc::new(MemberRows::new(plan))))
    }

    fn another(&self, _: &Plan<'_>) -> Option<Self> {
        Some(Members::with(Arc::clone(&self.shared)))
    }

    fn user(&mut self, seen: &ClientPeriod<'_>) {
        let used = LazyCell::new(|| Used {
            cost: if seen.used.is_priced { seen.used.cost } else { NULL_INT },
            stay_days: u32::try_from(seen.used.stay_days).unwrap_or(u32::MAX),
            contacts: seen.used.contacts,
            emergency_contacts: seen.used.emergency_contacts,
            period: seen.period as u32,
            municipality: seen.plan.municipality_in(seen.period, seen.client.municipality),
            sectors: seen.used.sectors.count_ones() as u8,
        });
        for (at, (eligible, cohort)) in seen.eligibility.iter().zip(&seen.plan.cohorts).enumerate() {
            let rows = match (eligible.is_member(), eligible.near_from) {
                (true, _) => &mut self.members,
                (false, Some(_)) => &mut self.near,
                (false, None) => continue,
            };
            let set = match self.shared.is_narrow[cohort.count_unit] {
                true => eligible.service_set.iter().fold(0, |bits, &value| bits | 1 << (value % 64)),
                false => self.wide.number(&eligible.service_set),
            };
            rows.push(Row {
                client_id: seen.client.client_id,
                set,
                used: *used,
                age: lived(eligible.age).unwrap_or(NO_AGE),
                qualified_on: eligible.qualified_on.filter(|_| eligible.is_member()).unwrap_or(NO_DAY),
                services: eligible.service_set.len() as u16,
                services_before: eligible.near_from.unwrap_or_default() as u16,
                // A study has at most 64 cohorts.
                cohort: at as u8,
                sex: seen.client.sex.map_or(u8::MAX, |sex| sex as u8),
            });
        }
    }

    fn end_bucket(&mut self, bucket: u32, plan: &Plan<'_>, output: Option<&PartOutput<'_>>) {
        let rows = BucketRows {
            members: std::mem::take(&mut self.members),
            near: std::mem::take(&mut self.near),
            wide: std::mem::take(&mut self.wide).sets,
        };
        match output {
            Some(output) => self.shared.send(bucket, rows, plan, output),
            None => {
                self.kept.insert(bucket, rows);
            }
        }
    }

    fn merge(&mut self, other: Self, _: &Remap) {
        self.kept.extend(other.kept);
    }

    fn take_sums(&mut self) -> Self::Sums {
        std::mem::take(&mut self.kept)
    }

    fn put_sums(&mut self, sums: Self::Sums, frame: &Frame<'_>) -> bool {
        let fits = sums.keys().copied().eq(frame.buckets.clone())
            && sums.values().all(|rows| rows.fits(frame.plan, &self.shared.is_narrow));
        self.kept = sums;
        fits
    }

    fn end_share(&mut self, plan: &Plan<'_>, output: &PartOutput<'_>) {
        for (bucket, rows) in std::mem::take(&mut self.kept) {
            self.shared.send(bucket, rows, plan, output);
        }
    }

    fn finish(self, end: &End<'_>) -> Vec<Table> {
        let rows = &self.shared;
        for (schema, kept) in [(&MEMBERS, &rows.members), (&NEAR_MEMBERS, &rows.near)] {
            if let Some((number, last)) = kept.finish() {
                end.output.send(number, rows.part(schema, end.plan, &last));
            }
        }
        Vec::new()
    }
}

impl BucketRows {
    /// Whether the numbers are those of the study and the catalogue.
    fn fits(&self, plan: &Plan<'_>, is_narrow: &[bool]) -> bool {
        let has_set = |row: &Row, unit: usize| {
            let codes = plan.count_units[unit].codes.len();
            match is_narrow[unit] {
                true => row.set.checked_shr(codes as u32).unwrap_or(0) == 0,
                false => usize::try_from(row.set)
                    .ok()
                    .and_then(|number| self.wide.get(number))
                    .is_some_and(|set| set.iter().all(|&value| usize::from(value) < codes)),
            }
        };
        let is_known = |row: &Row| {
            let cohort = plan.cohorts.get(usize::from(row.cohort));
            (row.used.period as usize) < plan.periods.len()
                && is_code(row.used.municipality, plan.catalogue.municipalities.len())
                && cohort.is_some_and(|cohort| has_set(row, cohort.count_unit))
        };
        let fits = |rows: &[Row]| rows.is_sorted_by_key(|row| row.client_id) && rows.iter().all(is_known);
        fits(&self.members) && fits(&self.near)
    }
}

impl MemberRows {
    /// Sends the rows of a bucket, or keeps them until it is their turn.
    fn send(&self, bucket: u32, rows: BucketRows, plan: &Plan<'_>, output: &PartOutput<'_>) {
        let BucketRows { mut members, mut near, wide } = rows;
        if !wide.is_empty() {
            let mut shared = self.wide.lock().unwrap_or_else(PoisonError::into_inner);
            let numbers: Vec<u64> = wide.iter().map(|set| shared.number(set)).collect();
            let wide_rows = members.iter_mut().chain(&mut near);
            for row in wide_rows.filter(|row| !self.is_narrow[plan.cohorts[usize::from(row.cohort)].count_unit]) {
                row.set = numbers[row.set as usize];
            }
        }
        for (schema, kept, new) in [(&MEMBERS, &self.members, members), (&NEAR_MEMBERS, &self.near, near)] {
            for (number, full) in kept.push(bucket, new) {
                output.send(number, self.part(schema, plan, &full));
                kept.take_back(full);
            }
        }
    }

    pub(crate) fn new(plan: &Plan<'_>) -> Self {
        let wide = Mutex::new(WideSets::default());
        let is_narrow = plan.count_units.iter().map(|unit| unit.codes.len() <= MOST_NARROW).collect();
        MemberRows { members: InOrder::new(), near: InOrder::new(), is_narrow, wide }
    }

    /// Without `services_before` the schema is that of the members.
    fn part(&self, schema: &'static TableSchema, plan: &Plan<'_>, rows: &[Row]) -> Table {
        let ints = |of: fn(&Row) -> i64| ColumnData::Int(rows.iter().map(of).collect());
        let codes = |of: fn(&Row) -> u32, texts: Texts| {
            let count = texts.len() as u32;
            let code = |row: &Row| Some(of(row)).filter(|&code| code < count).unwrap_or(NULL_CODE);
            ColumnData::Text(TextColumn::of(rows.iter().map(code).collect(), texts))
        };
        let column = |name: &str| match name {
            "cohort" => {
                let names = plan.study.cohorts.iter().map(|cohort| cohort.name.as_str());
                codes(|row| row.cohort.into(), names.collect())
            }
            "period" => {
                let labels = plan.study.study.periods.iter().map(|period| period.label());
                codes(|row| row.used.period, labels.collect())
            }
            "client_id" => ints(|row| row.client_id),
            "age" => ints(|row| if row.age == NO_AGE { NULL_INT } else { row.age.into() }),
            "sex" => {
                let names = Sex::ALL.iter().map(|sex| sex.as_str());
                codes(|row| row.sex.into(), names.collect())
            }
            "municipality" => {
                let towns = plan.catalogue.municipalities.iter().map(|town| town.code.as_str());
                codes(|row| row.used.municipality.into(), towns.collect())
            }
            "services" => ints(|row| row.services.into()),
            "sectors" => ints(|row| row.used.sectors.into()),
            "contacts" => ints(|row| row.used.contacts.into()),
            "stay_days" => ints(|row| row.used.stay_days.into()),
            "cost_cents" => ints(|row| row.used.cost),
            "emergency_contacts" => ints(|row| row.used.emergency_contacts.into()),
            "qualified_on" => {
                let day = |row: &Row| if row.qualified_on == NO_DAY { NULL_DAY } else { row.qualified_on };
                ColumnData::Day(rows.iter().map(day).collect())
            }
            "service_set" => ColumnData::Text(self.service_sets(plan, rows)),
            _ => ints(|row| row.services_before.into()),
        };
        let columns = schema.columns.iter().map(|named| column(named.name)).collect();
        Table { schema, columns }
    }

    fn service_sets(&self, plan: &Plan<'_>, rows: &[Row]) -> TextColumn {
        let wide = self.is_narrow.contains(&false).then(|| self.wide.lock().unwrap_or_else(PoisonError::into_inner));
        let wide_set = |number: u64| -> &[u16] {
            wide.as_ref().and_then(|wide| wide.sets.get(number as usize)).map_or(&[], |set| &set[..])
        };
        let mut column = TextColumn::default();
        column.codes.reserve(rows.len());
        let mut numbers: FastMap<(u64, u32), u32> = FastMap::default();
        // Sets of two units can read the same.
        let mut texts: HashMap<String, u32> = HashMap::new();
        let is_mixed = plan.cohorts.iter().any(|cohort| cohort.count_unit != plan.cohorts[0].count_unit);
        let mut last = None;
        for row in rows {
            let unit = plan.cohorts[usize::from(row.cohort)].count_unit;
            let key = (row.set, unit as u32);
            let code = match last {
                // A client's cohorts often count the same services.
                Some((same, code)) if same == key => code,
                _ => *numbers.entry(key).or_insert_with(|| {
                    let codes = &plan.count_units[unit].codes;
                    let write = |text: &mut String| match self.is_narrow[unit] {
                        true => join_into(text, bits_of(row.set), codes, "+"),
                        false => join_into(text, wide_set(row.set).iter().copied(), codes, "+"),
                    };
                    if !is_mixed {
                        return column.texts.push_with(write);
                    }
                    let mut text = String::new();
                    write(&mut text);
                    *texts.entry(text).or_insert_with_key(|text| column.texts.push(text))
                }),
            };
            last = Some((key, code));
            column.codes.push(code);
        }
        column
    }
}
