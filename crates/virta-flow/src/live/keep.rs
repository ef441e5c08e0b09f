//! What is kept of each client: a line of use for each period and service.

use virta_model::settings::CountBy;

use crate::input::client::ClientInfo;
use crate::input::columns::{NO_COST, NO_DAY};
use crate::input::rows::{ClientRows, Rows, RowsCopy, Window};
use crate::pass::percentiles::Users;
use crate::pass::reading::Visitor;
use crate::rules::counting::tally;
use crate::rules::plan::{BY_SERVICE, Plan};
use crate::rules::tally::{Cell, Tally};

/// The clients of a bucket, ascending, with their use by window.
#[derive(Debug, Default)]
pub(super) struct Chunk {
    pub clients: Vec<ClientInfo>,
    pub windows: Vec<KeptWindow>,
}

/// Use in one stretch of days; every column has a row for each client of the chunk.
#[derive(Debug, Default)]
pub(super) struct KeptWindow {
    pub days: Vec<Days>,
    pub units: Vec<KeptUnit>,
}

/// The days of single contacts that rules look at, and what else is not told by service.
#[derive(Debug, Clone, Copy)]
pub(super) struct Days {
    /// On which the window's first contact began; [`NO_DAY`] of who has none.
    pub first: i32,
    /// The last day of any contact that began before that one; [`NO_DAY`] without any.
    pub(crate) last_before: i32,
    /// At the window's end; [`NO_AGE`] where it is not known.
    age: i16,
}

const NO_AGE: i16 = i16::MIN;

impl Days {
    pub(super) fn age(self) -> Option<i32> {
        (self.age != NO_AGE).then_some(self.age.into())
    }
}

/// Use by value: the columns of all clients one after another, in order of value.
#[derive(Debug, Default)]
pub(super) struct KeptUnit {
    /// One past the last line of each client.
    ends: Vec<u32>,
    values: Vec<u16>,
    contacts: Vec<u32>,
    /// As rule 3 counts them.
    days: Vec<u32>,
    /// [`NO_COST`] where no contact has a price.
    costs: Vec<i64>,
}

impl KeptUnit {
    fn push(&mut self, used: Option<&Tally>) {
        for (value, cell) in used.into_iter().flat_map(|tally| tally.values().iter().map(|&v| (v, tally.cell(v)))) {
            self.values.push(value);
            self.contacts.push(cell.contacts);
            self.days.push(u32::try_from(cell.days()).unwrap_or(u32::MAX));
            self.costs.push(if cell.priced > 0 { cell.cost } else { NO_COST });
        }
        self.ends.push(self.values.len() as u32);
    }

    /// Fills a tally with a client's use, by the client's place. Which of the days were stays is not kept.
    pub(super) fn load(&self, client: usize, tally: &mut Tally) {
        let end = self.ends.get(client).map_or(0, |&end| end as usize);
        let begin = client.checked_sub(1).and_then(|before| self.ends.get(before)).map_or(0, |&end| end as usize);
        tally.clear();
        for at in begin..end {
            let (contacts, cost) = (self.contacts[at], self.costs[at]);
            let is_priced = cost != NO_COST;
            let cell = Cell {
                contacts,
                stays: contacts,
                stay_days: self.days[at],
                priced: u32::from(is_priced),
                cost: if is_priced { cost } else { 0 },
            };
            tally.put(self.values[at], cell);
        }
    }

    fn bytes(&self) -> usize {
        self.ends.len() * 4 + self.values.len() * (2 + 4 + 4 + 8)
    }
}

impl Chunk {
    fn new(windows: usize, units: usize) -> Self {
        let window = || KeptWindow { days: Vec::new(), units: (0..units).map(|_| KeptUnit::default()).collect() };
        Chunk { clients: Vec::new(), windows: (0..windows).map(|_| window()).collect() }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.clients.is_empty()
    }

    pub(super) fn bytes(&self) -> usize {
        let window = |window: &KeptWindow| {
            window.days.len() * size_of::<Days>() + window.units.iter().map(KeptUnit::bytes).sum::<usize>()
        };
        self.clients.len() * size_of::<ClientInfo>() + self.windows.iter().map(window).sum::<usize>()
    }

    /// Counts users by contacts, for thresholds that are percentiles.
    pub(crate) fn note_percentiles(&self, plan: &Plan<'_>, windows: &[Window], units: &[CountBy], users: &mut Users) {
        let mut use_of = UseOf::new(plan, units);
        for (period, window) in plan.periods.iter().enumerate() {
            let Some(at) = windows.iter().position(|kept| kept == window) else { continue };
            for client in 0..self.clients.len() {
                if plan.has_age(self.windows[at].days[client].age()) {
                    use_of.load(plan, &self.windows[at], client);
                    users.note(period, &use_of.tallies);
                }
            }
        }
    }
}

/// The use of a client in a window, by every unit of a plan.
pub(super) struct UseOf {
    pub(crate) tallies: Vec<Tally>,
    /// By unit of the plan, its place among those that are kept.
    kept: Vec<Option<usize>>,
}

impl UseOf {
    pub(super) fn new(plan: &Plan<'_>, units: &[CountBy]) -> Self {
        let kept = |unit: &crate::rules::plan::CountUnit| units.iter().position(|kept| *kept == unit.count_by);
        UseOf {
            tallies: plan.count_units.iter().map(|unit| Tally::new(unit.codes.len())).collect(),
            kept: plan.count_units.iter().map(kept).collect(),
        }
    }

    pub(super) fn load(&mut self, plan: &Plan<'_>, window: &KeptWindow, client: usize) {
        let Some((services, others)) = self.tallies.split_first_mut() else { return };
        if let Some(kept) = self.kept[BY_SERVICE].and_then(|at| window.units.get(at)) {
            kept.load(client, services);
        }
        for ((tally, unit), kept) in others.iter_mut().zip(&plan.count_units[1..]).zip(&self.kept[1..]) {
            match kept.and_then(|at| window.units.get(at)) {
                Some(kept) => kept.load(client, tally),
                None => tally.fold(services, &unit.of_service),
            }
        }
    }
}

/// Keeps what passes by.
pub(super) struct Keeper<'a> {
    plan: &'a Plan<'a>,
    windows: &'a [Window],
    /// The place of each kept unit among the plan's.
    units: Vec<usize>,
    chunk: Chunk,
    chunks: Vec<(u32, Chunk)>,
    tallies: Vec<Tally>,
    copy: RowsCopy,
    values: Vec<u16>,
}

impl<'a> Keeper<'a> {
    pub(super) fn new(plan: &'a Plan<'a>, windows: &'a [Window], units: &[CountBy]) -> Self {
        Keeper {
            plan,
            windows,
            units: units.iter().filter_map(|&unit| plan.count_unit_of(unit)).collect(),
            chunk: Chunk::default(),
            chunks: Vec::new(),
            tallies: plan.count_units.iter().map(|unit| Tally::new(unit.codes.len())).collect(),
            copy: RowsCopy::default(),
            values: Vec::new(),
        }
    }

    pub(crate) fn into_chunks(self) -> Vec<(u32, Chunk)> {
        self.chunks
    }
}

impl Visitor for Keeper<'_> {
    fn begin_bucket(&mut self, _: u32) {
        self.chunk = Chunk::new(self.windows.len(), self.units.len());
    }

    fn end_bucket(&mut self, bucket: u32) {
        self.chunks.push((bucket, std::mem::take(&mut self.chunk)));
    }

    fn client(&mut self, client: &ClientInfo, contacts: &ClientRows<'_>) {
        if contacts.rows.is_empty() {
            return;
        }
        self.chunk.clients.push(*client);
        for (kept, &window) in self.chunk.windows.iter_mut().zip(self.windows) {
            let rows = contacts.within(window, &mut self.copy);
            let age = client.age_on(window.last).and_then(|age| i16::try_from(age).ok()).unwrap_or(NO_AGE);
            let first = rows.start.first().copied().unwrap_or(NO_DAY);
            kept.days.push(Days { first, last_before: last_before(contacts, &rows), age });
            if rows.is_empty() {
                kept.units.iter_mut().for_each(|unit| unit.push(None));
                continue;
            }
            tally(self.plan, &rows, &mut self.tallies, &mut self.values);
            for (unit, &at) in kept.units.iter_mut().zip(&self.units) {
                unit.push(self.tallies.get(at));
            }
        }
    }
}

/// The last day of any contact that began before the first of these rows.
fn last_before(contacts: &ClientRows<'_>, rows: &Rows<'_>) -> i32 {
    let Some(&first) = rows.start.first() else { return NO_DAY };
    let before = contacts.rows.start.partition_point(|&start| start < first);
    let stays = contacts.stays.iter().map(|&stay| stay as usize).take_while(|&stay| stay < before);
    let visit = before.checked_sub(1).map(|last| contacts.rows.start[last]);
    stays.map(|stay| contacts.rows.end[stay]).chain(visit).max().unwrap_or(NO_DAY)
}
