//! What is kept of each client: a line of use for each period and service.

use virta_model::settings::CountBy;

use crate::input::client::ClientInfo;
use crate::input::columns::{NO_COST, NO_DAY};
use crate::input::rows::{ClientRows, Rows, RowsCopy, Window};
use crate::live::sums::{ByValue, Total};
use crate::pass::percentiles::Users;
use crate::pass::reading::Visitor;
use crate::rules::counting::tally;
use crate::rules::eligibility::count;
use crate::rules::plan::{BY_SERVICE, CohortPlan, Need, Plan};
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
    pub(super) whole: Vec<Whole>,
    pub units: Vec<KeptUnit>,
}

/// All use of the window together, and what else is not told by service: the few days that rules look at.
#[derive(Debug, Clone, Copy)]
pub(super) struct Whole {
    /// [`NO_COST`] where no contact has a price.
    cost: i64,
    contacts: u32,
    /// On which the window's first contact began; [`NO_DAY`] of who has none.
    pub(super) first: i32,
    /// The last day of any contact that began before that one; [`NO_DAY`] without any.
    pub(super) last_before: i32,
    /// At the window's end; [`NO_AGE`] where it is not known.
    age: i16,
    /// Bits of the sectors used.
    pub(super) sectors: u8,
}

const NO_AGE: i16 = i16::MIN;

impl Whole {
    /// What the client used, as a part of a sum.
    pub(super) fn total(self) -> Total {
        let is_priced = self.cost != NO_COST;
        Total { clients: 1, contacts: self.contacts.into(), cost: if is_priced { self.cost } else { 0 }, is_priced }
    }

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

    /// A client's use, by the client's place.
    #[inline]
    pub(super) fn lines(&self, client: usize) -> Lines<'_> {
        let end = self.ends.get(client).map_or(0, |&end| end as usize);
        let begin = client.checked_sub(1).and_then(|before| self.ends.get(before)).map_or(0, |&end| end as usize);
        Lines {
            values: self.values.get(begin..end).unwrap_or_default(),
            contacts: self.contacts.get(begin..end).unwrap_or_default(),
            days: self.days.get(begin..end).unwrap_or_default(),
            costs: self.costs.get(begin..end).unwrap_or_default(),
        }
    }

    /// Fills a tally with a client's use, by the client's place. Which of the days were stays is not kept.
    pub(super) fn load(&self, client: usize, tally: &mut Tally) {
        tally.clear();
        self.lines(client).each(|value, cell| tally.put(value, *cell));
    }

    fn bytes(&self) -> usize {
        self.ends.len() * 4 + self.values.len() * (2 + 4 + 4 + 8)
    }
}

/// A client's use by value, ascending.
#[derive(Debug, Clone, Copy)]
pub(super) struct Lines<'a> {
    values: &'a [u16],
    contacts: &'a [u32],
    days: &'a [u32],
    costs: &'a [i64],
}

impl Lines<'_> {
    /// Rule 3: how many values meet the need.
    #[inline]
    pub(super) fn count(&self, need: &Need) -> u32 {
        if need.is_any_use() {
            return self.values.len() as u32;
        }
        if need.is_same_contacts() {
            return self.contacts.iter().filter(|&&contacts| contacts >= need.contacts).count() as u32;
        }
        let mut met = 0;
        self.each(|value, cell| met += u32::from(need.is_met(value, cell.contacts, cell.days(), cell.cost)));
        met
    }
}

impl ByValue for Lines<'_> {
    #[inline]
    fn each(&self, mut visit: impl FnMut(u16, &Cell)) {
        let used = self.values.iter().zip(self.contacts).zip(self.days).zip(self.costs);
        for (((&value, &contacts), &days), &cost) in used {
            let is_priced = cost != NO_COST;
            let cell = Cell {
                contacts,
                stays: contacts,
                stay_days: days,
                priced: u32::from(is_priced),
                cost: if is_priced { cost } else { 0 },
            };
            visit(value, &cell);
        }
    }
}

impl Chunk {
    fn new(windows: usize, units: usize) -> Self {
        let window = || KeptWindow { whole: Vec::new(), units: (0..units).map(|_| KeptUnit::default()).collect() };
        Chunk { clients: Vec::new(), windows: (0..windows).map(|_| window()).collect() }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.clients.is_empty()
    }

    pub(super) fn bytes(&self) -> usize {
        let window = |window: &KeptWindow| {
            window.whole.len() * size_of::<Whole>() + window.units.iter().map(KeptUnit::bytes).sum::<usize>()
        };
        self.clients.len() * size_of::<ClientInfo>() + self.windows.iter().map(window).sum::<usize>()
    }

    /// Counts users by contacts, for thresholds that are percentiles.
    pub(crate) fn note_percentiles(&self, plan: &Plan<'_>, windows: &[Window], units: &[CountBy], users: &mut Users) {
        let mut use_of = UseOf::new(plan, units);
        for (period, window) in plan.periods.iter().enumerate() {
            let Some(at) = windows.iter().position(|kept| kept == window) else { continue };
            for client in 0..self.clients.len() {
                if plan.has_age(self.windows[at].whole[client].age()) {
                    use_of.next();
                    users.note(period, use_of.tallies(plan, &self.windows[at], client));
                }
            }
        }
    }
}

/// The use of a client in a window, by every unit of a plan.
pub(super) struct UseOf {
    tallies: Vec<Tally>,
    /// By unit of the plan, its place among those that are kept.
    kept: Vec<Option<usize>>,
    /// Whether [`UseOf::tallies`] are of the client at hand.
    is_loaded: bool,
}

impl UseOf {
    pub(super) fn new(plan: &Plan<'_>, units: &[CountBy]) -> Self {
        let kept = |unit: &crate::rules::plan::CountUnit| units.iter().position(|kept| *kept == unit.count_by);
        UseOf {
            tallies: plan.count_units.iter().map(|unit| Tally::new(unit.codes.len())).collect(),
            kept: plan.count_units.iter().map(kept).collect(),
            is_loaded: false,
        }
    }

    /// Another client, or another window, is at hand.
    #[inline]
    pub(super) fn next(&mut self) {
        self.is_loaded = false;
    }

    /// The use by a unit as it is kept; nothing of one that follows from single services.
    #[inline]
    pub(super) fn lines<'a>(&self, unit: usize, window: &'a KeptWindow, client: usize) -> Option<Lines<'a>> {
        Some(window.units.get((*self.kept.get(unit)?)?)?.lines(client))
    }

    /// The use by every unit of the client at hand.
    pub(super) fn tallies(&mut self, plan: &Plan<'_>, window: &KeptWindow, client: usize) -> &[Tally] {
        if !self.is_loaded {
            self.load(plan, window, client);
            self.is_loaded = true;
        }
        &self.tallies
    }

    fn load(&mut self, plan: &Plan<'_>, window: &KeptWindow, client: usize) {
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

    /// Rule 3: how many values of a cohort's unit count for the client at hand.
    #[inline]
    pub(super) fn count(
        &mut self,
        plan: &Plan<'_>,
        cohort: &CohortPlan,
        period: usize,
        window: &KeptWindow,
        client: usize,
    ) -> u32 {
        match self.lines(cohort.count_unit, window, client) {
            Some(lines) => lines.count(&cohort.needs[period]),
            None => count(&self.tallies(plan, window, client)[cohort.count_unit], cohort, period),
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
            let none = Whole { cost: NO_COST, contacts: 0, first, last_before: NO_DAY, age, sectors: 0 };
            if rows.is_empty() {
                kept.whole.push(none);
                kept.units.iter_mut().for_each(|unit| unit.push(None));
                continue;
            }
            tally(self.plan, &rows, &mut self.tallies, &mut self.values);
            let services = &self.tallies[BY_SERVICE];
            let total = Total::of(services);
            kept.whole.push(Whole {
                cost: if total.is_priced { total.cost } else { NO_COST },
                contacts: u32::try_from(total.contacts).unwrap_or(u32::MAX),
                last_before: last_before(contacts, &rows),
                sectors: sectors(self.plan, services.values()),
                ..none
            });
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

/// Bits of the sectors of these services.
pub(super) fn sectors(plan: &Plan<'_>, services: &[u16]) -> u8 {
    services.iter().fold(0, |bits, &service| bits | plan.sector_bits[usize::from(service)])
}
