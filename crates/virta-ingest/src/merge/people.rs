//! The `clients` table: one row a person, from every source that tells something about it.

use std::sync::Arc;

use arrow::array::{ArrayRef, Int64Array};
use arrow::datatypes::{Field, Schema};
use hashbrown::HashMap;
use virta_model::municipality::{code_of_name, successor_of};
use virta_model::schema::{CLIENTS, Kind};
use virta_model::{BirthPrecision, Day, Sex};
use virta_store::{arrow_schema, data_type};

use crate::error::{Error, Result};
use crate::key::client_of;
use crate::merge::bucket::{Change, Merge, Standing};
use crate::merge::identity;
use crate::merge::naming::Named;
use crate::parse::plausible::reconcile_with_birth;
use crate::rows::layout::{
    CLIENT_AT, DELIVERY_AT, Layout, NO_CODE, NO_DAY, Slot, VERSION_AT, get_i64, get_u32, get_u128, is_null, put_i64,
    put_u32,
};
use crate::rows::pack::Rows;
use crate::rows::sorting::sort;
use crate::rows::stored::{self, Hidden};

/// Hidden table of the rows that were delivered about persons.
pub(crate) const ROWS: &str = "clients.rows";
/// Hidden table of the 128 bits of every person.
pub(crate) const KEYS: &str = "clients.keys";

/// A municipality, by code or by name, as a code of three digits. Whether it had merged by then is looked at once it is known
/// whose word stands.
pub(crate) fn municipality(text: &str) -> Option<String> {
    let text = text.trim();
    if text.is_empty() || text.len() > 3 || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return code_of_name(text).map(str::to_owned);
    }
    Some(format!("{text:0>3}"))
}

/// What a municipality's code had become in the year of a day; without a day, what it ever becomes.
fn municipality_on(code: &str, day: Option<i32>) -> &str {
    successor_of(code, day.map_or(i32::MAX, |day| Day(day).year())).unwrap_or(code)
}

impl Merge<'_> {
    /// Merges one bucket of persons: `macs` are those that came up, `new_rows` what was delivered about some of them, with
    /// the verdicts on keys that others' rows have too. `named` is who stands in the other tables; the answer names
    /// everybody. A person exists while anything names it.
    pub(crate) fn people(
        &self,
        layout: &Layout,
        bucket: u32,
        macs: Vec<u128>,
        (new_rows, verdicts): (Vec<u8>, &[u8]),
        mut named: Named,
    ) -> Result<Change> {
        let (standing, mut change) = self.resolve(layout, Some(bucket), ROWS, new_rows, verdicts)?;
        let Standing { bytes, mut live, ghosts, texts } = standing;
        let sources = self.sources();
        named.add_rows(layout, &bytes, &live, &sources);
        named.add_ghosts(layout.schema.name, &ghosts);
        named.arrange();
        let macs = self.all_people(bucket, macs, &named)?;
        sort(layout, &bytes, &mut live, &texts, &sources);

        let mut people = Vec::with_capacity(macs.len() * layout.row_bytes);
        let blank = layout.blank();
        let mut from = 0;
        for mac in &macs {
            let client = client_of(*mac).0;
            let row_of = |at: u32| &bytes[at as usize * layout.row_bytes..][..layout.row_bytes];
            while live.get(from).is_some_and(|at| get_i64(row_of(*at), CLIENT_AT) < client) {
                from += 1;
            }
            let mut to = from;
            while live.get(to).is_some_and(|at| get_i64(row_of(*at), CLIENT_AT) == client) {
                to += 1;
            }
            let rows: Vec<&[u8]> = live[from..to].iter().map(|at| row_of(*at)).collect();
            from = to;
            let start = people.len();
            people.extend_from_slice(&blank);
            put_i64(&mut people[start..], CLIENT_AT, client);
            self.unite(layout, rows, &sources, &texts, &mut people[start..], &mut change);
        }
        if self.writes {
            // The successor of a municipality may be a text that no row had.
            self.write_people(layout, bucket, &people, &self.texts.texts())?;
            self.write_keys(bucket, &macs)?;
            self.write_rows(layout, bucket, &bytes, &live, &texts)?;
            let mut sidecar = identity::Sidecar::new(self.commit, layout, Some(bucket), self.deliveries);
            sidecar.add(&bytes, &live, &ghosts)?;
            sidecar.finish()?;
        }
        change.named = named;
        Ok(change)
    }

    /// One person's row from the rows about it: field by field the newest that says something, by day of extract,
    /// version, then bytes. A less exact birth date gives way to a more exact one that agrees with it; the first and
    /// last day of residence go together. Nobody is observed before the birth that stands in the end.
    fn unite(
        &self,
        layout: &Layout,
        mut rows: Vec<&[u8]>,
        sources: &[u32],
        texts: &[Arc<str>],
        into: &mut [u8],
        change: &mut Change,
    ) {
        if rows.is_empty() {
            return;
        }
        let version = |row: &[u8]| if layout.keyed { get_u128(row, VERSION_AT) } else { 0 };
        let newness = |row: &[u8]| (self.deliveries.extracted_on(get_u32(row, DELIVERY_AT)), version(row));
        rows.sort_by_cached_key(|row| {
            let text = readable(layout, row, texts);
            std::cmp::Reverse((newness(row), text))
        });
        let source_of = |row: &[u8]| sources.get(get_u32(row, DELIVERY_AT) as usize).copied();
        for slot in &layout.slots {
            let says = |row: &[u8]| !(is_null(row, *slot) || slot.name == "sex" && row[slot.at] == Sex::Unknown as u8);
            let mut by_source: HashMap<Option<u32>, &[u8]> = HashMap::new();
            for row in rows.iter().filter(|row| says(row)) {
                by_source.entry(source_of(row)).or_insert(value(row, *slot));
            }
            let newest = rows.iter().find(|row| says(row)).or_else(|| rows.iter().find(|row| !is_null(row, *slot)));
            let disagree = match slot.name {
                "birth_precision" => false,
                // A code from before a merger and one from after it say the same.
                "municipality" => {
                    let today = |value: &&[u8]| texts.get(get_u32(value, 0) as usize).map(|t| municipality_on(t, None));
                    is_mixed(by_source.values().map(today))
                }
                _ => is_mixed(by_source.values()),
            };
            if disagree {
                *change.disagreements.entry(slot.name).or_default() += 1;
            }
            if let Some(row) = newest {
                into[slot.at..slot.at + value(row, *slot).len()].copy_from_slice(value(row, *slot));
            }
            if let ("municipality", Some(row)) = (slot.name, newest)
                && let Some(code) = texts.get(get_u32(row, slot.at) as usize)
            {
                let extracted_on = self.deliveries.extracted_on(get_u32(row, DELIVERY_AT));
                // Of an extract without a day nobody knows, so its code stands as it is.
                if extracted_on != i32::MIN {
                    put_u32(into, slot.at, self.texts.number(municipality_on(code, Some(extracted_on))));
                }
            }
        }
        if let (Some(birth), Some(precision)) = (layout.slot("birth_date"), layout.slot("birth_precision")) {
            let known = rows.iter().filter(|row| !is_null(row, birth));
            let newest = known.clone().next();
            let best = newest.and_then(|newest| {
                known.filter(|row| agrees(row, newest, birth, precision)).min_by_key(|row| row[precision.at])
            });
            if let Some(row) = best {
                into[birth.at..birth.at + 4].copy_from_slice(value(row, birth));
                into[precision.at] = row[precision.at];
            }
        }
        if let (Some(from), Some(to)) = (layout.slot("observed_from"), layout.slot("observed_to"))
            && let Some(row) = rows.iter().find(|row| !is_null(row, from) || !is_null(row, to))
        {
            into[from.at..from.at + 4].copy_from_slice(value(row, from));
            into[to.at..to.at + 4].copy_from_slice(value(row, to));
        }
        for field in reconcile_with_birth(layout, into) {
            *change.disagreements.entry(field).or_default() += 1;
        }
    }

    /// Of the persons known so far and those that came up, who is named, in order of client.
    fn all_people(&self, bucket: u32, mut macs: Vec<u128>, named: &Named) -> Result<Vec<u128>> {
        for batch in stored::read(self.commit.base(), KEYS, Some(bucket), Some(&["high", "low"]))? {
            let batch = batch?;
            let halves = batch.ints(0)?.values().iter().zip(batch.ints(1)?.values());
            macs.extend(halves.map(|(high, low)| u128::from(*high as u64) << 64 | u128::from(*low as u64)));
        }
        macs.sort_unstable();
        macs.dedup();
        // A person that was named by its client_id alone has only zeros after it, and comes first.
        let mut people: Vec<u128> = Vec::with_capacity(macs.len());
        for mac in macs {
            match people.last_mut() {
                Some(last) if client_of(*last) == client_of(mac) => {
                    if *last << 63 != 0 {
                        return Err(Error::Collision);
                    }
                    *last = mac;
                }
                _ => people.push(mac),
            }
        }
        people.retain(|mac| named.names(client_of(*mac).0));
        // Pilots may name a person by its client_id. Whether its pseudonym was ever met in a row that moved to somebody
        // else depends on the order of deliveries, so that what no other row names is known by its client_id alone.
        for mac in people.iter_mut().filter(|mac| named.is_named_by_pilots_alone(client_of(**mac).0)) {
            *mac = *mac >> 65 << 65;
        }
        Ok(people)
    }

    fn write_people(&self, layout: &Layout, bucket: u32, people: &[u8], texts: &[Arc<str>]) -> Result<()> {
        let order: Vec<u32> = (0..(people.len() / layout.row_bytes) as u32).collect();
        let rows = Rows { layout, bytes: people, order: &order };
        let columns = slot_columns(layout, &rows, texts)?;
        stored::write(self.commit.bucket_writer(&CLIENTS, bucket)?, CLIENTS.name, arrow_schema(&CLIENTS), columns)
    }

    fn write_rows(&self, layout: &Layout, bucket: u32, bytes: &[u8], order: &[u32], texts: &[Arc<str>]) -> Result<()> {
        if order.is_empty() {
            self.commit.remove(ROWS, Some(bucket));
            return Ok(());
        }
        let fields: Vec<Field> =
            CLIENTS.columns.iter().map(|c| Field::new(c.name, data_type(c.kind), c.kind != Kind::Id)).collect();
        let schema = Arc::new(Schema::new(fields));
        let columns = slot_columns(layout, &Rows { layout, bytes, order }, texts)?;
        let writer = self.commit.sidecar_writer(ROWS, Some(bucket), Arc::clone(&schema), &["client_id"])?;
        stored::write(writer, ROWS, schema, columns)
    }

    fn write_keys(&self, bucket: u32, macs: &[u128]) -> Result<()> {
        let int = |of: fn(u128) -> i64| Int64Array::from_iter_values(macs.iter().map(|mac| of(*mac)));
        Hidden::default()
            .with("client_id", int(|mac| client_of(mac).0))
            .with("high", int(|mac| (mac >> 64) as i64))
            .with("low", int(|mac| mac as i64))
            .plain()
            .write(self.commit, KEYS, Some(bucket))
    }
}

fn slot_columns(layout: &Layout, rows: &Rows<'_>, texts: &[Arc<str>]) -> Result<Vec<ArrayRef>> {
    let slots = layout.slots.iter().map(|slot| rows.column(*slot, texts));
    std::iter::once(Some(rows.clients()))
        .chain(slots)
        .collect::<Option<Vec<_>>>()
        .ok_or_else(|| Error::state(layout.schema.name, "a column cannot be built"))
}

fn is_mixed<T: PartialEq>(mut values: impl Iterator<Item = T>) -> bool {
    let first = values.next();
    values.any(|other| Some(other) != first)
}

fn value(row: &[u8], slot: Slot) -> &[u8] {
    &row[slot.at..slot.at + slot.kind.bytes()]
}

/// A row's fields as text, for an order that does not depend on the numbers of texts.
fn readable(layout: &Layout, row: &[u8], texts: &[Arc<str>]) -> Vec<u8> {
    use crate::rows::layout::SlotKind;
    let mut bytes = Vec::new();
    for slot in &layout.slots {
        match slot.kind {
            SlotKind::Text => {
                let text = texts.get(get_u32(row, slot.at) as usize);
                bytes.extend_from_slice(text.map_or(&[], |text| text.as_bytes()));
            }
            SlotKind::Day => {
                let day = get_u32(row, slot.at) as i32;
                if day != NO_DAY {
                    bytes.extend_from_slice(Day(day).to_string().as_bytes());
                }
            }
            _ => bytes.extend(value(row, *slot).iter().filter(|byte| **byte != NO_CODE)),
        }
        bytes.push(0);
    }
    bytes
}

/// Whether two birth dates can be the same as far as both are known.
fn agrees(a: &[u8], b: &[u8], birth: Slot, precision: Slot) -> bool {
    let date = |row: &[u8]| Day(get_u32(row, birth.at) as i32).ymd();
    let ((year_a, month_a, day_a), (year_b, month_b, day_b)) = (date(a), date(b));
    let coarser = a[precision.at].max(b[precision.at]);
    year_a == year_b
        && (coarser == BirthPrecision::Year as u8
            || month_a == month_b && (coarser == BirthPrecision::Month as u8 || day_a == day_b))
}
