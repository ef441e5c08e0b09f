//! Holding a plan against what is kept, or against contacts as they are read.

use rayon::prelude::*;
use virta_model::settings::CountBy;

use super::Asked;
use super::keep::{Chunk, UseOf, Whole, sectors};
use super::look::Look;
use super::sums::{Facts, Sums, Total};
use crate::input::client::ClientInfo;
use crate::input::columns::NO_DAY;
use crate::input::rows::{ClientRows, Rows, RowsCopy, Window};
use crate::pass::reading::Visitor;
use crate::rules::counting::tally;
use crate::rules::eligibility::{Eligibility, EligibilityCheck, Stretch, User, check_kept, count};
use crate::rules::plan::{BY_SERVICE, Plan};
use crate::rules::rule::Rule;
use crate::rules::tally::Tally;

/// Holds a plan against what is kept.
pub(super) fn answer(
    plan: &Plan<'_>,
    asked: &Asked<'_>,
    windows: &[Window],
    units: &[CountBy],
    chunks: &[Chunk],
) -> Look {
    let place = |window: &Window| windows.iter().position(|kept| kept == window);
    let places: Vec<(usize, usize)> = plan
        .periods
        .iter()
        .zip(&plan.before)
        .map(|(period, before)| (place(period).unwrap_or(0), place(before).unwrap_or(0)))
        .collect();
    let worker = || KeptWorker {
        sums: Sums::new(plan, asked),
        use_of: UseOf::new(plan, units),
        before: UseOf::new(plan, units),
        eligibility: vec![Eligibility::default(); plan.cohorts.len()],
        asks_observed: plan
            .cohorts
            .iter()
            .flat_map(|cohort| &cohort.checks)
            .any(|rule| matches!(rule, Rule::Observed(_))),
    };
    let workers: Vec<Sums> = chunks
        .par_iter()
        .fold(worker, |mut worker, chunk| {
            worker.chunk(plan, asked, &places, chunk);
            worker
        })
        .map(|worker| worker.sums)
        .collect();
    let mut sums = Sums::new(plan, asked);
    workers.into_iter().for_each(|other| sums.merge(other));
    sums.finish(plan, asked)
}

struct KeptWorker {
    sums: Sums,
    use_of: UseOf,
    before: UseOf,
    eligibility: Vec<Eligibility>,
    /// Whether any cohort asks on how many days somebody was observed.
    asks_observed: bool,
}

impl KeptWorker {
    fn chunk(&mut self, plan: &Plan<'_>, asked: &Asked<'_>, places: &[(usize, usize)], chunk: &Chunk) {
        let Some(unit) = plan.cohorts.last().map(|cohort| cohort.count_unit) else { return };
        for (period, &(place, before_place)) in places.iter().enumerate() {
            let (kept, kept_before) = (&chunk.windows[place], &chunk.windows[before_place]);
            let followed = plan.followed(plan.periods[period]);
            for (at, (client, whole)) in chunk.clients.iter().zip(&kept.whole).enumerate() {
                let age = whole.age();
                if whole.first == NO_DAY || !plan.has_age(age) {
                    continue;
                }
                let (starts, first) = two_days(whole);
                let rows = Rows { start: &starts[first..], ..Rows::NONE };
                let contacts = ClientRows { rows, stays: &[], open: &[] };
                let user = User {
                    plan,
                    period,
                    client,
                    contacts: &contacts,
                    rows: &Rows { start: &starts[1..], ..Rows::NONE },
                    tallies: &[],
                    sectors: whole.sectors,
                    age,
                    observed_days: if self.asks_observed { client.observed_days(followed) } else { 0 },
                };
                let (use_of, before) = (&mut self.use_of, &mut self.before);
                use_of.next();
                before.next();
                let mut counted = 0;
                check_kept(&user, &mut self.eligibility, |cohort, stretch| match stretch {
                    Stretch::Period => {
                        counted = use_of.count(plan, cohort, period, kept, at);
                        counted
                    }
                    Stretch::Before => before.count(plan, cohort, period, kept_before, at),
                });
                // The cohort asked for is the last, so that the count is its own.
                let facts = Facts { period, client, sectors: whole.sectors, used: whole.total(), counted };
                let Some(eligible) = self.eligibility.last() else { continue };
                let Some(services) = use_of.lines(BY_SERVICE, kept, at) else { continue };
                match use_of.lines(unit, kept, at) {
                    Some(lines) => self.sums.user(plan, asked, &facts, &services, &lines, eligible),
                    None => {
                        let tally = &use_of.tallies(plan, kept, at)[unit];
                        self.sums.user(plan, asked, &facts, &services, tally, eligible);
                    }
                }
            }
        }
    }
}

/// Of a client's contacts, the rules that sums can answer look at two days only: the last one before the period's first
/// contact, and the day on which that one began. They are shown to the rules as two visits; the second number is 1 where
/// there is nothing before.
fn two_days(days: &Whole) -> ([i32; 2], usize) {
    // A stay may have gone on when the first contact began: then no gap lies between them.
    let before = days.last_before.min(days.first.saturating_sub(1));
    ([before, days.first], usize::from(days.last_before == NO_DAY))
}

/// Holds a plan against contacts as they are read.
pub(super) struct Answerer<'a> {
    plan: &'a Plan<'a>,
    asked: &'a Asked<'a>,
    sums: Sums,
    check: EligibilityCheck,
    tallies: Vec<Tally>,
    eligibility: Vec<Eligibility>,
    copy: RowsCopy,
    values: Vec<u16>,
}

impl<'a> Answerer<'a> {
    pub(super) fn new(plan: &'a Plan<'a>, asked: &'a Asked<'a>) -> Self {
        Answerer {
            plan,
            asked,
            sums: Sums::new(plan, asked),
            check: EligibilityCheck::new(plan),
            tallies: plan.count_units.iter().map(|unit| Tally::new(unit.codes.len())).collect(),
            eligibility: vec![Eligibility::default(); plan.cohorts.len()],
            copy: RowsCopy::default(),
            values: Vec::new(),
        }
    }

    pub(crate) fn into_sums(self) -> Sums {
        self.sums
    }
}

impl Visitor for Answerer<'_> {
    fn begin_bucket(&mut self, _: u32) {}

    fn client(&mut self, client: &ClientInfo, contacts: &ClientRows<'_>) {
        let plan = self.plan;
        for (period, &window) in plan.periods.iter().enumerate() {
            let age = client.age_on(window.last);
            if !plan.has_age(age) {
                continue;
            }
            let rows = contacts.within(window, &mut self.copy);
            if rows.is_empty() {
                continue;
            }
            tally(plan, &rows, &mut self.tallies, &mut self.values);
            let services = &self.tallies[BY_SERVICE];
            let (sectors, used) = (sectors(plan, services.values()), Total::of(services));
            let observed_days = client.observed_days(plan.followed(window));
            let tallies = &self.tallies;
            let user = User { plan, period, client, contacts, rows: &rows, tallies, sectors, age, observed_days };
            self.check.check(&user, &mut self.eligibility);
            if let (Some(eligible), Some(cohort)) = (self.eligibility.last(), plan.cohorts.last()) {
                let (services, by_unit) = (&tallies[BY_SERVICE], &tallies[cohort.count_unit]);
                let counted = count(by_unit, cohort, period);
                let facts = Facts { period, client, sectors, used, counted };
                self.sums.user(plan, self.asked, &facts, services, by_unit, eligible);
            }
        }
    }
}
