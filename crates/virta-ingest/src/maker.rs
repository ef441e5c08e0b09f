//! Makes packed rows of a file's rows: guard, pseudonym, columns, rules, checks.

use hashbrown::HashMap;
use virta_model::settings::{CancelledWhen, Unknown};
use virta_model::{ClientId, CostSource, hetu};

use crate::cells::Cells;
use crate::date::{DAYS, DateFormat};
use crate::intern::{Interner, NO_TEXT};
use crate::key::{Pseudonymiser, RowHasher, client_of};
use crate::layout::{
    CANCELLED, CLIENT_AT, COUNT_OCCURRENCE, DELIVERY_AT, FLAGS_AT, HASH_AT, KEY_AT, KEYED, LINE_AT, NO_CODE, NO_DAY,
    NO_INT, Slot, VERSION_AT, get_i64, get_u32, is_null, put_i64, put_u32, put_u128,
};
use crate::number::{self, Wrong};
use crate::people::municipality;
use crate::plan::{ColumnPlan, Input, Plan, Reading, Target, closed, flag, put};

/// A refused row. The field is a place in the plan's names.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bad {
    pub line: u64,
    pub field: u16,
    pub rule: &'static str,
    pub hash: i64,
}

/// What a worker learned of a file.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tally {
    pub rows_read: u64,
    pub bad: Vec<Bad>,
    /// By column of the file: cells with a personal identity code, and cells with anything.
    pub hetu_hits: Vec<u64>,
    pub values: Vec<u64>,
    /// By slot of the layout: good rows where it is null.
    pub nulls: Vec<u64>,
    pub good: u64,
    pub cancelled: u64,
    /// Good rows by the table's first date, from the first day that a date may be.
    pub days: Vec<u32>,
    /// By column plan: good cells whose code the list does not name.
    pub unknown: Vec<u64>,
    pub by_unit_cost: u64,
    pub no_newline_at_end: bool,
    /// Services of good rows, by the number of their text.
    pub services: Vec<bool>,
}

impl Tally {
    pub fn add(&mut self, other: Tally) {
        fn sum(into: &mut Vec<u64>, other: &[u64]) {
            into.resize(into.len().max(other.len()), 0);
            into.iter_mut().zip(other).for_each(|(a, b)| *a += b);
        }
        self.rows_read += other.rows_read;
        self.good += other.good;
        self.cancelled += other.cancelled;
        self.by_unit_cost += other.by_unit_cost;
        self.no_newline_at_end |= other.no_newline_at_end;
        self.bad.extend(other.bad);
        sum(&mut self.hetu_hits, &other.hetu_hits);
        sum(&mut self.values, &other.values);
        sum(&mut self.nulls, &other.nulls);
        sum(&mut self.unknown, &other.unknown);
        self.services.resize(self.services.len().max(other.services.len()), false);
        self.services.iter_mut().zip(&other.services).for_each(|(a, b)| *a |= b);
        self.days.resize(self.days.len().max(other.days.len()), 0);
        self.days.iter_mut().zip(&other.days).for_each(|(a, b)| *a += b);
    }
}

/// The secrets and names that all rows of a delivery share.
#[derive(Clone)]
pub(crate) struct Secrets {
    pub pseudonyms: Pseudonymiser,
    /// For identities, bound to source, table and key columns.
    pub identity: RowHasher,
    /// For quarantine.
    pub row: RowHasher,
}

/// What a remembered text became.
#[derive(Debug, Clone, Copy)]
enum Outcome {
    Null,
    /// A number for the slot, a code's place among the prices, and whether the code list lacked it.
    Value {
        number: u32,
        prices: u32,
        unknown: bool,
    },
    Bad(&'static str),
}

const NO_PRICES: u32 = u32::MAX;
/// Texts remembered per column. A code column has fewer; a free text must not fill the memory.
const MEMORY_MAX: usize = 1 << 16;
const CLIENTS_REMEMBERED: usize = 1 << 16;
const PSEUDONYM_BYTES_REMEMBERED: usize = 40;

#[derive(Clone)]
struct Remembered {
    length: u8,
    bytes: [u8; PSEUDONYM_BYTES_REMEMBERED],
    /// Whether a good row of the person was met since.
    is_counted: bool,
    mac: u128,
}

/// The person of a row, and where it is remembered.
#[derive(Clone, Copy)]
struct Person {
    client: ClientId,
    mac: u128,
    place: Option<usize>,
}

/// Makes packed rows for one delivery, in one thread.
pub(crate) struct RowMaker<'a> {
    plan: &'a Plan,
    secrets: &'a Secrets,
    texts: &'a Interner,
    bucket_count: u32,
    memories: Vec<HashMap<Box<[u8]>, Outcome>>,
    clients: Vec<Remembered>,
    row: Vec<u8>,
    joined: Vec<u8>,
    hashed: Vec<u8>,
    wrong: Vec<(Option<Slot>, u16, &'static str)>,
    header_row: Vec<u8>,
    service: Option<Slot>,
    /// Of contacts: cost, where it comes from, and what a unit cost goes by.
    cost: Option<[Slot; 5]>,
    /// Slots that columns of the file fill, and their places in the layout.
    filled: Vec<(usize, Slot)>,
    /// By bucket: packed rows.
    pub rows: Vec<Vec<u8>>,
    /// By bucket: the 128 bits of persons that came up.
    pub people: Vec<Vec<u128>>,
    pub tally: Tally,
}

impl<'a> RowMaker<'a> {
    pub fn new(plan: &'a Plan, secrets: &'a Secrets, texts: &'a Interner, delivery: u32, bucket_count: u32) -> Self {
        let mut header_row = plan.template.clone();
        put_u32(&mut header_row, DELIVERY_AT, delivery);
        header_row[FLAGS_AT] = if plan.keyed() {
            KEYED
        } else if plan.counts_occurrences {
            COUNT_OCCURRENCE
        } else {
            0
        };
        let nobody = Remembered { length: u8::MAX, bytes: [0; PSEUDONYM_BYTES_REMEMBERED], is_counted: false, mac: 0 };
        let buckets = bucket_count as usize;
        RowMaker {
            plan,
            secrets,
            texts,
            bucket_count,
            memories: vec![HashMap::new(); plan.columns.len()],
            clients: vec![nobody; CLIENTS_REMEMBERED],
            row: header_row.clone(),
            joined: Vec::new(),
            hashed: Vec::new(),
            wrong: Vec::new(),
            header_row,
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
                days: vec![0; (DAYS.end() - DAYS.start() + 1) as usize],
                ..Tally::default()
            },
        }
    }

    /// A line that is no row.
    pub fn refuse_line(&mut self, line: u64, text: &[u8], rule: &'static str) {
        self.tally.rows_read += 1;
        let hash = self.secrets.row.hash(text);
        self.tally.bad.push(Bad { line, field: 0, rule, hash });
    }

    /// A row of the file.
    pub fn take<C: Cells>(&mut self, cells: &C, line: u64) {
        self.hashed.clear();
        cells.join(&mut self.hashed);
        if let Some(column) = self.guard(cells) {
            let hash = self.secrets.row.hash(&self.hashed);
            self.tally.rows_read += 1;
            self.tally.bad.push(Bad { line, field: column as u16 + 1, rule: "hetu", hash });
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

    fn take_one<C: Cells>(&mut self, cells: &C, line: u64) {
        self.tally.rows_read += 1;
        self.row.copy_from_slice(&self.header_row);
        self.wrong.clear();
        let cancelled = self.plan.cancelled.as_ref().is_some_and(|(at, when)| {
            let text = cells.cell(*at);
            match when {
                CancelledWhen::NotNull => !self.plan.is_null(text),
                CancelledWhen::Values(values) => values.iter().any(|value| value.as_bytes() == text),
            }
        });
        let mut client = None;
        let mut prices: Option<(usize, u32)> = None;
        let plan = self.plan;
        for (number, column) in plan.columns.iter().enumerate() {
            match &column.target {
                Target::Client => client = self.client(column, cells),
                Target::ClientId => client = self.client_id(column, cells),
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
            return self.refuse(line, field, "missing");
        }
        let client = person.map_or(ClientId(0), |person| person.client);
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
        self.rows[bucket].extend_from_slice(&self.row);
    }

    fn refuse(&mut self, line: u64, field: u16, rule: &'static str) {
        let hash = self.secrets.row.hash(&self.hashed);
        self.tally.bad.push(Bad { line, field, rule, hash });
    }

    /// Rule 9: who the row is.
    fn identify<C: Cells>(&mut self, cells: &C, client: ClientId, line: u64, version: u128) {
        put_i64(&mut self.row, CLIENT_AT, client.0);
        if !self.plan.keyed() {
            let key = self.secrets.identity.hash(&self.hashed);
            put_i64(&mut self.row, KEY_AT, key);
            return;
        }
        let row_hash = self.secrets.row.hash(&self.hashed);
        self.joined.clear();
        self.joined.extend_from_slice(&client.0.to_le_bytes());
        for at in &self.plan.row_key {
            self.joined.extend_from_slice(cells.cell(*at));
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
    }

    fn client<C: Cells>(&mut self, column: &ColumnPlan, cells: &C) -> Option<Person> {
        let text = text_of(self.plan, column, cells, &mut self.joined)?;
        let text = column.map.get(text).map_or(text, Vec::as_slice);
        let place = place_of(text);
        if let Some(known) = self.clients.get(place)
            && usize::from(known.length) == text.len()
            && known.bytes[..text.len()] == *text
        {
            return Some(Person { client: client_of(known.mac), mac: known.mac, place: Some(place) });
        }
        let mac = self.secrets.pseudonyms.mac(text);
        let is_short = text.len() <= PSEUDONYM_BYTES_REMEMBERED;
        if is_short {
            let mut bytes = [0; PSEUDONYM_BYTES_REMEMBERED];
            bytes[..text.len()].copy_from_slice(text);
            self.clients[place] = Remembered { length: text.len() as u8, bytes, is_counted: false, mac };
        }
        Some(Person { client: client_of(mac), mac, place: is_short.then_some(place) })
    }

    /// A person whose pseudonym is not known here: only the first 63 bits are.
    fn client_id<C: Cells>(&mut self, column: &ColumnPlan, cells: &C) -> Option<Person> {
        let text = text_of(self.plan, column, cells, &mut self.joined)?;
        let number = number::whole(text, self.plan.decimal).ok().filter(|number| *number >= 0)?;
        Some(Person { client: ClientId(number), mac: (number as u128) << 65, place: None })
    }

    /// A person exists once a good row names it.
    fn count_person(&mut self, person: Person, bucket: usize) {
        if let Some(known) = person.place.and_then(|place| self.clients.get_mut(place))
            && std::mem::replace(&mut known.is_counted, true)
        {
            return;
        }
        self.people[bucket].push(person.mac);
    }

    /// Fills a slot from its column; gives the place of the code's prices.
    fn fill<C: Cells>(
        &mut self,
        number: usize,
        column: &ColumnPlan,
        slot: Slot,
        reading: &Reading,
        cells: &C,
    ) -> Option<u32> {
        let text = text_of(self.plan, column, cells, &mut self.joined)?;
        let decimal = self.plan.decimal;
        let direct = |text: &[u8], row: &mut [u8]| -> Result<(), &'static str> {
            match reading {
                Reading::Day(format) => {
                    let day = read_stamp(format, text, decimal, column.typed).and_then(|stamp| stamp.day);
                    put_u32(row, slot.at, day.ok_or("date")?.0 as u32);
                }
                Reading::Time(format) => {
                    if let Some(seconds) = read_stamp(format, text, decimal, column.typed).ok_or("time")?.seconds {
                        put_u32(row, slot.at, seconds);
                    }
                }
                Reading::Scaled(scale) => {
                    put_i64(row, slot.at, number::scaled(text, decimal, *scale).map_err(rule_of)?)
                }
                Reading::Whole => put_i64(row, slot.at, number::whole(text, decimal).map_err(rule_of)?),
                Reading::Ratio => {
                    let bits = number::ratio(text, decimal).map_err(rule_of)?.to_bits();
                    put_i64(row, slot.at, bits as i64);
                }
                _ => {}
            }
            Ok(())
        };
        if matches!(reading, Reading::Day(_) | Reading::Time(_) | Reading::Scaled(_) | Reading::Whole | Reading::Ratio)
        {
            let mapped = if column.map.is_empty() { text } else { column.map.get(text).map_or(text, Vec::as_slice) };
            if mapped.is_empty() && !text.is_empty() {
                return None;
            }
            if let Err(rule) = direct(mapped, &mut self.row) {
                self.wrong.push((Some(slot), self.plan.field_of(slot.name), rule));
            }
            return None;
        }
        let memory = &mut self.memories[number];
        let outcome = match memory.get(text) {
            Some(outcome) => *outcome,
            None => {
                let outcome = read_code(column, reading, text, self.texts);
                if memory.len() < MEMORY_MAX {
                    memory.insert(text.into(), outcome);
                }
                outcome
            }
        };
        match outcome {
            Outcome::Null => None,
            Outcome::Bad(rule) => {
                self.wrong.push((Some(slot), self.plan.field_of(slot.name), rule));
                None
            }
            Outcome::Value { number: value, prices, unknown } => {
                match reading {
                    Reading::Flag | Reading::Closed(_) => self.row[slot.at] = value as u8,
                    _ => put_u32(&mut self.row, slot.at, value),
                }
                self.tally.unknown[number] += u64::from(unknown);
                (prices != NO_PRICES).then_some(prices)
            }
        }
    }

    fn apply_rules<C: Cells>(&mut self, cells: &C, prices: &mut Option<(usize, u32)>) {
        let matching = self.plan.rules.iter().find(|rule| {
            rule.when.iter().all(|(at, values)| values.iter().any(|value| value.as_slice() == cells.cell(*at)))
        });
        let Some(rule) = matching else { return };
        for (slot, bytes) in &rule.set {
            put(&mut self.row, *slot, bytes);
            // What a rule sets need not be readable.
            self.wrong.retain(|(wrong, ..)| wrong.is_none_or(|wrong| wrong.at != slot.at));
            if slot.name == "service" {
                *prices = None;
            }
        }
    }

    /// What only the whole row can tell: missing fields, order of dates, where the cost comes from.
    fn settle(&mut self, prices: Option<(usize, u32)>) -> Option<(&'static str, &'static str)> {
        if let Some(slot) = self.plan.required.iter().find(|slot| is_null(&self.row, **slot)) {
            return Some((slot.name, "missing"));
        }
        if let Some((from, to)) = self.plan.order {
            let (start, end) = (get_u32(&self.row, from.at) as i32, get_u32(&self.row, to.at) as i32);
            if start != NO_DAY && end != NO_DAY && end < start {
                return Some((to.name, "end_before_start"));
            }
        }
        if self.cost.is_some() {
            self.price(prices);
        } else if self.plan.layout.schema.name == "clients" {
            self.default_precision();
        }
        None
    }

    /// A cost of the extract stands. A row without one gets its code's unit cost of the day it started: a visit once, a
    /// stay for each of its days; an open stay stays unpriced.
    fn price(&mut self, prices: Option<(usize, u32)>) {
        let Some([cost, source, start, end, is_stay]) = self.cost else { return };
        if get_i64(&self.row, cost.at) != NO_INT {
            self.row[source.at] = CostSource::Extract as u8;
            return;
        }
        self.row[source.at] = CostSource::None as u8;
        let Some((number, place)) = prices else { return };
        let list = self.plan.columns.get(number).and_then(|column| column.codes.as_ref());
        let day = get_u32(&self.row, start.at) as i32;
        let price = list.and_then(|(list, _)| {
            list.prices.get(place as usize)?.iter().find(|price| price.from.0 <= day && day <= price.to.0)
        });
        let days = match (self.row[is_stay.at] == 1, get_u32(&self.row, end.at) as i32) {
            (false, _) => Some(1),
            (true, NO_DAY) => None,
            (true, last) => Some(i64::from(last) - i64::from(day) + 1),
        };
        if let Some(cents) = price.and_then(|price| price.cents.checked_mul(days?)) {
            put_i64(&mut self.row, cost.at, cents);
            self.row[source.at] = CostSource::UnitCost as u8;
            self.tally.by_unit_cost += 1;
        }
    }

    fn default_precision(&mut self) {
        let layout = &self.plan.layout;
        if let (Some(birth), Some(precision)) = (layout.slot("birth_date"), layout.slot("birth_precision")) {
            if is_null(&self.row, birth) {
                self.row[precision.at] = NO_CODE;
            } else if is_null(&self.row, precision) {
                self.row[precision.at] = 0;
            }
        }
    }

    fn count_good(&mut self) {
        self.tally.good += 1;
        if let Some(slot) = self.service {
            let number = get_u32(&self.row, slot.at) as usize;
            if number >= self.tally.services.len() {
                self.tally.services.resize(number + 1, false);
            }
            self.tally.services[number] = true;
        }
        for (at, slot) in &self.filled {
            if is_null(&self.row, *slot) {
                self.tally.nulls[*at] += 1;
            }
        }
        if let Some((from, _)) = self.plan.order {
            let day = get_u32(&self.row, from.at) as i32;
            if let Some(count) = usize::try_from(i64::from(day) - i64::from(*DAYS.start()))
                .ok()
                .and_then(|at| self.tally.days.get_mut(at))
            {
                *count += 1;
            }
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
    fn cell(&self, at: usize) -> &[u8] {
        match at.checked_sub(self.width) {
            None => self.cells.cell(at),
            Some(0) => self.value,
            Some(_) => self.index,
        }
    }
}

/// A column's text, or `None` when it is missing.
fn text_of<'b, C: Cells>(
    plan: &Plan,
    column: &'b ColumnPlan,
    cells: &'b C,
    joined: &'b mut Vec<u8>,
) -> Option<&'b [u8]> {
    match &column.input {
        Input::One(at) => Some(cells.cell(*at)).filter(|text| !plan.is_null(text)),
        Input::Lookup { from, table } => {
            let key = Some(cells.cell(*from)).filter(|text| !plan.is_null(text))?;
            table.get(key).filter(|text| !plan.is_null(text))
        }
        Input::Join(places) => {
            joined.clear();
            let mut any = false;
            for (n, at) in places.iter().enumerate() {
                if n > 0 {
                    joined.push(b'|');
                }
                let part = cells.cell(*at);
                if !plan.is_null(part) {
                    any = true;
                    joined.extend_from_slice(part);
                }
            }
            any.then_some(joined.as_slice())
        }
    }
}

/// A text that stands for a code, through the column's map and code list.
fn read_code(column: &ColumnPlan, reading: &Reading, text: &[u8], texts: &Interner) -> Outcome {
    let text = column.map.get(text).map_or(text, Vec::as_slice);
    if text.is_empty() {
        return Outcome::Null;
    }
    let mut prices = NO_PRICES;
    let mut unknown = false;
    let text = String::from_utf8_lossy(text);
    let mut value: &str = &text;
    if let Some((list, otherwise)) = &column.codes {
        match list.services.get(value) {
            Some((service, place)) => {
                value = service;
                prices = *place;
            }
            None => match otherwise {
                Unknown::Quarantine => return Outcome::Bad("unknown_code"),
                Unknown::Keep => unknown = true,
                Unknown::Code(code) => {
                    unknown = true;
                    value = code;
                }
            },
        }
    }
    let number = match reading {
        Reading::Flag => flag(value.as_bytes()).map(u32::from).ok_or("flag"),
        Reading::Closed(list) => closed(list, value.as_bytes()).map(u32::from).ok_or("code"),
        Reading::Municipality => municipality(value).map(|code| texts.number(&code)).ok_or("code"),
        _ => Ok(texts.number(value)),
    };
    match number {
        Ok(number) => Outcome::Value { number, prices, unknown },
        Err(rule) => Outcome::Bad(rule),
    }
}

fn read_stamp(format: &DateFormat, text: &[u8], decimal: u8, typed: bool) -> Option<crate::date::Stamp> {
    let stamp = format.read(text, decimal);
    if stamp.is_some() || !typed { stamp } else { DateFormat::Iso.read(text, decimal) }
}

fn rule_of(wrong: Wrong) -> &'static str {
    match wrong {
        Wrong::Unreadable => "number",
        Wrong::Overflow => "overflow",
    }
}

/// Only contacts have all of these.
fn cost_slots(plan: &Plan) -> Option<[Slot; 5]> {
    let slot = |name| plan.layout.slot(name);
    Some([slot("cost_cents")?, slot("cost_source")?, slot("start_date")?, slot("end_date")?, slot("is_stay")?])
}

/// Where a pseudonym is remembered.
fn place_of(text: &[u8]) -> usize {
    let hash = text
        .iter()
        .fold(0xcbf2_9ce4_8422_2325u64, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3));
    (hash ^ (hash >> 32)) as usize % CLIENTS_REMEMBERED
}

const _: () = assert!(NO_TEXT == u32::MAX);
