//! What every thread of a run does with each client.

use std::ops::Range;

use crate::analyses::Analyses;
use crate::error::Error;
use crate::input::client::ClientInfo;
use crate::input::rows::{ClientRows, RowsCopy};
use crate::input::source::Source;
use crate::pass::client_period::{ClientPeriod, Idle, Used};
use crate::pass::gathered::Gathered;
use crate::pass::part_output::PartOutput;
use crate::pass::passes::Passes;
use crate::pass::reading::Visitor;
use crate::pass::side_tables::SideTables;
use crate::pass::totals::{State, Total};
use crate::rules::counting::tally;
use crate::rules::eligibility::{Eligibility, EligibilityCheck, User};
use crate::rules::plan::{BY_SERVICE, Plan};
use crate::rules::tally::Tally;

/// Goes through some buckets with all threads. Rows of large tables leave through `output`; without one they are kept,
/// for the machine that puts the shares together.
pub(crate) fn gather<S: Source>(
    passes: &Passes<'_, S>,
    plan: &Plan<'_>,
    buckets: Range<u32>,
    side_tables: &SideTables,
    output: Option<&PartOutput<'_>>,
) -> Result<Gathered, Error> {
    let analyses = Analyses::new(plan);
    let wanted = plan.columns().or(analyses.columns());
    let worker = || Worker::new(plan, side_tables, output, analyses.another(plan));
    let visitors = passes.over_buckets(buckets, wanted, worker);
    if let Some(output) = output {
        output.check()?;
    }
    let mut all = visitors?.into_iter().map(|visitor| visitor.gathered);
    let mut whole = all.next().unwrap_or_else(|| Gathered::new(plan, analyses.another(plan)));
    all.for_each(|other| passes.pool.install(|| whole.merge(other, plan)));
    Ok(whole)
}

/// One worker of a run: takes clients one after another and adds up.
pub(crate) struct Worker<'a> {
    plan: &'a Plan<'a>,
    side_tables: &'a SideTables,
    /// `None` where another machine will send the parts.
    output: Option<&'a PartOutput<'a>>,
    pub gathered: Gathered,
    check: EligibilityCheck,
    tallies: Vec<Tally>,
    eligibility: Vec<Eligibility>,
    copy: RowsCopy,
    values: Vec<u16>,
    client_totals: Vec<Total>,
}

impl<'a> Worker<'a> {
    pub(crate) fn new(
        plan: &'a Plan<'a>,
        side_tables: &'a SideTables,
        output: Option<&'a PartOutput<'a>>,
        analyses: Analyses,
    ) -> Self {
        Worker {
            plan,
            side_tables,
            output,
            gathered: Gathered::new(plan, analyses),
            check: EligibilityCheck::new(plan),
            tallies: plan.count_units.iter().map(|unit| Tally::new(unit.codes.len())).collect(),
            eligibility: vec![Eligibility::default(); plan.cohorts.len()],
            copy: RowsCopy::default(),
            values: Vec::new(),
            client_totals: Vec::new(),
        }
    }

    fn user(&mut self, period: usize, client: &ClientInfo, contacts: &ClientRows<'_>, age: Option<i32>) -> Total {
        let plan = self.plan;
        let window = plan.periods[period];
        let observed_days = client.observed_days(plan.followed(window));
        let rows = contacts.within(window, &mut self.copy);
        if rows.is_empty() {
            let state = match (observed_days > 0, client.is_listed) {
                (true, _) => State::RESIDENT,
                (false, true) => State::ABSENT,
                (false, false) => State::UNKNOWN,
            };
            if observed_days > 0 {
                self.gathered.analyses.idle_resident(&Idle { period, client, age, observed_days });
            }
            return Total { cost: 0, contacts: 0, state };
        }
        tally(plan, &rows, &mut self.tallies, &mut self.values);
        let used = Used::of(plan, &rows, &self.tallies[BY_SERVICE]);
        let user = User {
            plan,
            period,
            client,
            contacts,
            rows: &rows,
            tallies: &self.tallies,
            sectors: used.sectors,
            age,
            observed_days,
        };
        self.check.check(&user, &mut self.eligibility);
        self.gathered.pool_sizes.note(period, &self.eligibility);
        let cohorts = self
            .eligibility
            .iter()
            .enumerate()
            .fold(0, |mask, (at, eligible)| mask | u64::from(eligible.is_member()) << (at % 64));
        let slot = self.gathered.groups.number(cohorts) * plan.periods.len() + period;
        self.gathered.analyses.user(&ClientPeriod {
            plan,
            period,
            window,
            client,
            contacts,
            rows: &rows,
            tallies: &self.tallies,
            used,
            age,
            observed_days,
            eligibility: &self.eligibility,
            slot,
        });
        let residence = if observed_days > 0 { State::RESIDENT } else { State::UNKNOWN };
        let price = if used.is_priced { State::PRICED } else { State::UNKNOWN };
        Total { cost: used.cost, contacts: used.contacts, state: State::USER.or(residence).or(price) }
    }
}

impl Visitor for Worker<'_> {
    fn begin_bucket(&mut self, bucket: u32) {
        self.gathered.totals.begin_bucket(bucket, self.plan);
    }

    fn end_bucket(&mut self, bucket: u32) {
        self.gathered.analyses.end_bucket(bucket, self.plan, self.output);
    }

    fn is_in_vain(&self) -> bool {
        self.output.is_some_and(PartOutput::has_failed)
    }

    fn client(&mut self, client: &ClientInfo, contacts: &ClientRows<'_>) {
        self.gathered.totals.has_client_list |= client.is_listed;
        let mut totals = std::mem::take(&mut self.client_totals);
        totals.clear();
        for (period, window) in self.plan.periods.iter().enumerate() {
            let age = client.age_on(window.last);
            totals.push(if self.plan.has_age(age) {
                self.user(period, client, contacts, age)
            } else {
                Total { cost: 0, contacts: 0, state: State::ABSENT }
            });
        }
        self.gathered.analyses.end_client(client, contacts, self.side_tables, self.plan);
        self.gathered.totals.push(&totals);
        self.client_totals = totals;
    }
}
