//! One client in one period, as the analyses see it.

use crate::analyses::Analyses;
use crate::client::ClientInfo;
use crate::costs::Costs;
use crate::groups::Groups;
use crate::outlet::Outlet;
use crate::pilots::PoolMembers;
use crate::plan::{Plan, SERVICE_LEVEL};
use crate::reading::Visitor;
use crate::rows::{ClientRows, Rows, RowsCopy, Window};
use crate::standing::{Judge, Standing, User, values};
use crate::tally::Tally;
use crate::totals::{State, Total, Totals};

/// A user of a period who belongs to the population.
pub(crate) struct Visit<'a> {
    pub plan: &'a Plan<'a>,
    pub period: usize,
    pub window: Window,
    pub client: &'a ClientInfo,
    /// All contacts of the client, also those outside the period.
    pub contacts: &'a ClientRows<'a>,
    /// The contacts of the period; never empty.
    pub rows: &'a Rows<'a>,
    /// Use by level, in the order of the plan.
    pub tallies: &'a [Tally],
    pub used: Used,
    /// Age at the period's end; below 0 before birth.
    pub age: Option<i32>,
    /// Days of residence in the period; 0 is no resident.
    pub observed_days: i64,
    /// One for each cohort.
    pub standings: &'a [Standing],
    /// Where the sums of everybody in the same cohorts and the same period are kept.
    pub slot: usize,
}

impl Visit<'_> {
    /// Use by service.
    pub fn services(&self) -> &Tally {
        &self.tallies[SERVICE_LEVEL]
    }
}

/// A resident of the population without use in the period.
pub(crate) struct Idle<'a> {
    pub period: usize,
    pub client: &'a ClientInfo,
    pub age: Option<i32>,
    pub observed_days: i64,
}

/// A client's whole use of a period.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Used {
    pub contacts: u32,
    pub stay_days: u64,
    /// Contacts without a price cost 0.
    pub cost: i64,
    /// Whether any contact has a price.
    pub is_priced: bool,
    pub emergency_contacts: u32,
    /// A bit for each sector.
    pub sectors: u8,
}

impl Used {
    /// The cost as a client's part of a sum.
    #[inline]
    pub fn costs(&self) -> Costs {
        if self.is_priced { Costs::of(self.cost) } else { Costs::unpriced() }
    }
}

/// One worker of a run: visits clients and adds up.
pub(crate) struct StudyVisitor<'a> {
    pub plan: &'a Plan<'a>,
    outlet: &'a Outlet<'a>,
    pub analyses: Analyses,
    pub groups: Groups,
    pub totals: Totals,
    pub pool_members: PoolMembers,
    judge: Judge,
    tallies: Vec<Tally>,
    standings: Vec<Standing>,
    copy: RowsCopy,
    values: Vec<u16>,
    client_totals: Vec<Total>,
}

impl<'a> StudyVisitor<'a> {
    pub fn new(plan: &'a Plan<'a>, outlet: &'a Outlet<'a>) -> Self {
        StudyVisitor {
            plan,
            outlet,
            analyses: Analyses::new(plan),
            groups: Groups::default(),
            totals: Totals::default(),
            pool_members: PoolMembers::new(plan),
            judge: Judge::new(plan),
            tallies: plan.levels.iter().map(|level| Tally::new(level.codes.len())).collect(),
            standings: vec![Standing::default(); plan.cohorts.len()],
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
                self.analyses.idle_resident(&Idle { period, client, age, observed_days });
            }
            return Total { cost: 0, contacts: 0, state };
        }
        tally(plan, &rows, &mut self.tallies, &mut self.values);
        let used = used(plan, &rows, &self.tallies[SERVICE_LEVEL]);
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
        self.judge.judge(&user, &mut self.standings);
        self.pool_members.note(period, client.client_id, &self.standings);
        let cohorts = self
            .standings
            .iter()
            .enumerate()
            .fold(0, |mask, (at, standing)| mask | u64::from(standing.is_member()) << (at % 64));
        let slot = self.groups.number(cohorts) * plan.periods.len() + period;
        self.analyses.user(&Visit {
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
            standings: &self.standings,
            slot,
        });
        let residence = if observed_days > 0 { State::RESIDENT } else { State::UNKNOWN };
        let price = if used.is_priced { State::PRICED } else { State::UNKNOWN };
        Total { cost: used.cost, contacts: used.contacts, state: State::USER.or(residence).or(price) }
    }
}

impl Visitor for StudyVisitor<'_> {
    fn begin_bucket(&mut self, bucket: u32) {
        self.totals.begin_bucket(bucket, self.plan);
    }

    fn end_bucket(&mut self, bucket: u32) {
        self.analyses.end_bucket(bucket, self.plan, self.outlet);
    }

    fn is_in_vain(&self) -> bool {
        self.outlet.has_failed()
    }

    fn client(&mut self, client: &ClientInfo, contacts: &ClientRows<'_>) {
        self.totals.has_client_list |= client.is_listed;
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
        self.analyses.end_client(client, self.plan);
        self.totals.push(&totals);
        self.client_totals = totals;
    }
}

/// Use by every level of the plan.
pub(crate) fn tally(plan: &Plan<'_>, rows: &Rows<'_>, tallies: &mut [Tally], copy: &mut Vec<u16>) {
    let Some((services, others)) = tallies.split_first_mut() else { return };
    services.count(rows.service, rows);
    for (at, (tally, level)) in others.iter_mut().zip(&plan.levels[1..]).enumerate() {
        if level.of_service.is_empty() {
            tally.count(values(plan, at + 1, rows, copy), rows);
        } else {
            tally.fold(services, &level.of_service);
        }
    }
}

fn used(plan: &Plan<'_>, rows: &Rows<'_>, services: &Tally) -> Used {
    let mut used = Used { contacts: rows.len() as u32, ..Used::default() };
    for &service in services.values() {
        let cell = services.cell(service);
        used.stay_days += u64::from(cell.stay_days);
        used.cost += cell.cost;
        used.is_priced |= cell.priced > 0;
        used.sectors |= plan.sector_bits[usize::from(service)];
        if plan.is_emergency[usize::from(service)] {
            used.emergency_contacts += cell.contacts;
        }
    }
    if !rows.emergency.is_empty() {
        let urgent = rows.service.iter().zip(rows.emergency);
        used.emergency_contacts += urgent
            .map(|(&service, &is_urgent)| u32::from(is_urgent && !plan.is_emergency[usize::from(service)]))
            .sum::<u32>();
    }
    used
}
