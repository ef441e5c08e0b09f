//! A definition's answer: how many, how it came to be, what they use, who is near.

use virta_model::Sector;
use virta_model::settings::CountBy;

use super::keep::{Chunk, UseOf};
use super::{Asked, Who};
use crate::hash::FastMap;
use crate::input::client::{ClientInfo, lived};
use crate::input::columns::NO_DAY;
use crate::input::rows::{ClientRows, Rows, RowsCopy, Window};
use crate::live::keep::Days;
use crate::pass::groups::at;
use crate::pass::reading::Visitor;
use crate::rules::counting::tally;
use crate::rules::eligibility::{Eligibility, EligibilityCheck, SERVICES_RULE, User, check_kept, count};
use crate::rules::plan::{BY_SERVICE, Plan};
use crate::rules::rule::looks_at_contacts;
use crate::rules::tally::Tally;
use rayon::prelude::*;

/// What a study of the same definition says.
#[derive(Debug, Clone, PartialEq)]
pub struct Look {
    /// In the order of the study's periods.
    pub periods: Vec<LookPeriod>,
    /// Of the period asked for: each service that somebody used, by number of the catalogue.
    pub services: Vec<ServiceLook>,
    /// Of the period asked for: clients by least services (rows) and least contacts of each (columns), who keep every
    /// other rule of the definition. `None` where thresholds alone do not tell: rules about single contacts, percentiles.
    pub grid: Option<Vec<Vec<i64>>>,
    /// Of the period asked for, by `client_id`; empty unless people were asked for.
    pub people: Vec<Person>,
}

/// People and what they used.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sum {
    pub clients: i64,
    pub contacts: i64,
    /// `None` where no contact has a price.
    pub cost_cents: Option<i64>,
}

/// A period of the study.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LookPeriod {
    pub label: String,
    /// Users of the population.
    pub users: Sum,
    pub members: Sum,
    /// The rules in order: as the table `attrition`, without its first row.
    pub steps: Vec<LookStep>,
    /// Those who lack one counted service and keep every other rule.
    pub short: i64,
    /// Of these, those who had fewer in the period before: the table `near_members`.
    pub near: i64,
}

/// A rule and what it does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LookStep {
    /// As attrition words it.
    pub rule: String,
    pub remaining: i64,
    pub removed: i64,
    pub removed_alone: i64,
    /// Those who keep every rule but this one.
    pub only: i64,
}

/// Use of a service by the cohort.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceLook {
    pub service: String,
    pub sector: Sector,
    pub members: Sum,
    /// All its users of the population.
    pub users: i64,
}

/// Somebody on a list, as `members` has them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    pub client_id: i64,
    pub age: Option<i32>,
    /// `female`, `male`, `unknown`, or nothing.
    pub sex: &'static str,
    /// Code of the period's municipality; empty where it is not known.
    pub municipality: String,
    /// Counted services of the period.
    pub services: u32,
    pub sectors: u32,
    pub contacts: i64,
    pub cost_cents: Option<i64>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Total {
    clients: i64,
    contacts: i64,
    cost: i64,
    is_priced: bool,
}

impl Total {
    fn add(&mut self, other: Total) {
        self.clients += other.clients;
        self.contacts += other.contacts;
        self.cost += other.cost;
        self.is_priced |= other.is_priced;
    }

    fn sum(self) -> Sum {
        Sum { clients: self.clients, contacts: self.contacts, cost_cents: self.is_priced.then_some(self.cost) }
    }
}

/// What is added up of a period.
#[derive(Debug, Default)]
struct PeriodSums {
    users: Total,
    members: Total,
    /// Users by the rules that they break.
    broken: FastMap<u128, i64>,
    short: i64,
    near: i64,
}

/// What is added up of a definition; the order of clients does not matter.
#[derive(Debug)]
pub(super) struct Sums {
    periods: Vec<PeriodSums>,
    /// By service, of members, and users of the population.
    services: Vec<(Total, i64)>,
    /// By place of the least contacts, by number of values that reach them.
    grid: Option<Vec<Vec<i64>>>,
    people: Vec<Person>,
}

/// What is known of a user besides the use by value.
struct Facts<'a> {
    period: usize,
    client: &'a ClientInfo,
    sectors: u8,
}

impl Sums {
    pub(super) fn new(plan: &Plan<'_>, asked: &Asked<'_>) -> Self {
        let has_grid = plan.cohorts.last().is_some_and(|cohort| cohort.percentile == 0)
            && asked.study.cohorts.iter().any(|cohort| cohort.name == asked.cohort && !looks_at_contacts(cohort));
        Sums {
            periods: plan.periods.iter().map(|_| PeriodSums::default()).collect(),
            services: vec![(Total::default(), 0); plan.catalogue.services.len()],
            grid: has_grid.then(|| vec![Vec::new(); asked.grid.1.len()]),
            people: Vec::new(),
        }
    }

    /// Takes a user of the population. The cohort asked for is the last of the plan.
    fn user(
        &mut self,
        plan: &Plan<'_>,
        asked: &Asked<'_>,
        facts: &Facts<'_>,
        tallies: &[Tally],
        eligible: &Eligibility,
    ) {
        let Some(cohort) = plan.cohorts.last() else { return };
        let services = &tallies[BY_SERVICE];
        let mut used = Total { clients: 1, ..Total::default() };
        for &value in services.values() {
            let cell = services.cell(value);
            used.contacts += i64::from(cell.contacts);
            used.cost += cell.cost;
            used.is_priced |= cell.priced > 0;
        }
        let period = &mut self.periods[facts.period];
        period.users.add(used);
        *period.broken.entry(eligible.broken).or_insert(0) += 1;
        let is_member = eligible.is_member();
        let counted = count(&tallies[cohort.count_unit], cohort, facts.period);
        let is_short = eligible.broken == SERVICES_RULE && counted + 1 == cohort.min_services;
        if is_member {
            period.members.add(used);
        }
        period.short += i64::from(is_short);
        period.near += i64::from(eligible.near_from.is_some());
        if facts.period != asked.period {
            return;
        }
        for &value in services.values() {
            let (members, users) = &mut self.services[usize::from(value)];
            *users += 1;
            if is_member {
                let cell = services.cell(value);
                members.add(Total {
                    clients: 1,
                    contacts: cell.contacts.into(),
                    cost: cell.cost,
                    is_priced: cell.priced > 0,
                });
            }
        }
        if let Some(grid) = &mut self.grid
            && eligible.broken & !SERVICES_RULE == 0
        {
            let (need, used) = (&cohort.needs[facts.period], &tallies[cohort.count_unit]);
            for (reached, &least) in grid.iter_mut().zip(asked.grid.1) {
                let is_reached = |&&value: &&u16| {
                    let cell = used.cell(value);
                    need.with_contacts(least).is_met(value, cell.contacts, cell.days(), cell.cost)
                };
                *at(reached, used.values().iter().filter(is_reached).count()) += 1;
            }
        }
        let is_wanted = asked.people.is_some_and(|who| match who {
            Who::Members => is_member,
            Who::Short => is_short,
            Who::Near => eligible.near_from.is_some(),
            Who::OnlyRule(rule) => 1u128.checked_shl(rule as u32) == Some(eligible.broken),
        });
        if is_wanted {
            let municipality = plan.municipality_in(facts.period, facts.client.municipality);
            let municipality = plan.catalogue.municipalities.get(usize::from(municipality));
            self.people.push(Person {
                client_id: facts.client.client_id,
                age: lived(eligible.age),
                sex: facts.client.sex.map_or("", |sex| sex.as_str()),
                municipality: municipality.map_or_else(String::new, |town| town.code.clone()),
                services: counted,
                sectors: facts.sectors.count_ones(),
                contacts: used.contacts,
                cost_cents: used.is_priced.then_some(used.cost),
            });
        }
    }

    pub(super) fn merge(&mut self, other: Sums) {
        for (here, there) in self.periods.iter_mut().zip(other.periods) {
            here.users.add(there.users);
            here.members.add(there.members);
            here.short += there.short;
            here.near += there.near;
            for (broken, users) in there.broken {
                *here.broken.entry(broken).or_insert(0) += users;
            }
        }
        for (here, there) in self.services.iter_mut().zip(other.services) {
            here.0.add(there.0);
            here.1 += there.1;
        }
        for (here, there) in self.grid.iter_mut().flatten().zip(other.grid.into_iter().flatten()) {
            for (reached, clients) in there.into_iter().enumerate() {
                *at(here, reached) += clients;
            }
        }
        self.people.extend(other.people);
    }

    pub(super) fn finish(mut self, plan: &Plan<'_>, asked: &Asked<'_>) -> Look {
        let rules = plan.cohorts.last().map_or(&[][..], |cohort| &cohort.rules[..]);
        let periods = self.periods.iter().zip(&plan.study.study.periods).map(|(sums, period)| LookPeriod {
            label: period.label().to_owned(),
            users: sums.users.sum(),
            members: sums.members.sum(),
            steps: steps(rules, sums),
            short: sums.short,
            near: sums.near,
        });
        let services = self.services.iter().zip(&plan.catalogue.services).filter(|((_, users), _)| *users > 0);
        let services = services.map(|((members, users), service)| ServiceLook {
            service: service.code.clone(),
            sector: service.sector,
            members: members.sum(),
            users: *users,
        });
        let grid = self.grid.as_ref().map(|grid| {
            let cell = |least: &u32, reached: &Vec<i64>| reached.iter().skip(*least as usize).sum();
            asked.grid.0.iter().map(|least| grid.iter().map(|reached| cell(least, reached)).collect()).collect()
        });
        self.people.sort_by_key(|person| person.client_id);
        Look { periods: periods.collect(), services: services.collect(), grid, people: self.people }
    }
}

/// Rule 5, from how many break which rules.
fn steps(rules: &[String], sums: &PeriodSums) -> Vec<LookStep> {
    let mut remaining = sums.users.clients;
    let of = |is: &dyn Fn(u128) -> bool| -> i64 {
        sums.broken.iter().filter(|(broken, _)| is(**broken)).map(|(_, users)| users).sum()
    };
    let step = |(at, rule): (usize, &String)| {
        let bit = 1u128.checked_shl(at as u32).unwrap_or(0);
        let removed = of(&|broken| broken != 0 && broken & broken.wrapping_neg() == bit);
        remaining -= removed;
        LookStep {
            rule: rule.clone(),
            remaining,
            removed,
            removed_alone: of(&|broken| broken & bit != 0),
            only: of(&|broken| broken == bit),
        }
    };
    rules.iter().enumerate().map(step).collect()
}

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
}

impl KeptWorker {
    fn chunk(&mut self, plan: &Plan<'_>, asked: &Asked<'_>, places: &[(usize, usize)], chunk: &Chunk) {
        for (period, &(place, before)) in places.iter().enumerate() {
            let (kept, kept_before) = (&chunk.windows[place], &chunk.windows[before]);
            let followed = plan.followed(plan.periods[period]);
            for (at, (client, days)) in chunk.clients.iter().zip(&kept.days).enumerate() {
                let age = days.age();
                if days.first == NO_DAY || !plan.has_age(age) {
                    continue;
                }
                self.use_of.load(plan, kept, at);
                let sectors = sectors(plan, &self.use_of.tallies);
                let (starts, first) = two_days(days);
                let rows = Rows { start: &starts[first..], ..Rows::NONE };
                let contacts = ClientRows { rows, stays: &[], open: &[] };
                let user = User {
                    plan,
                    period,
                    client,
                    contacts: &contacts,
                    rows: &Rows { start: &starts[1..], ..Rows::NONE },
                    tallies: &self.use_of.tallies,
                    sectors,
                    age,
                    observed_days: client.observed_days(followed),
                };
                let before = &mut self.before;
                check_kept(&user, &mut self.eligibility, |cohort| {
                    before.load(plan, kept_before, at);
                    count(&before.tallies[cohort.count_unit], cohort, period)
                });
                let facts = Facts { period, client, sectors };
                if let Some(eligible) = self.eligibility.last() {
                    self.sums.user(plan, asked, &facts, &self.use_of.tallies, eligible);
                }
            }
        }
    }
}

/// Of a client's contacts, the rules that sums can answer look at two days only: the last one before the period's first
/// contact, and the day on which that one began. They are shown to the rules as two visits; the second number is 1 where
/// there is nothing before.
fn two_days(days: &Days) -> ([i32; 2], usize) {
    // A stay may have gone on when the first contact began: then no gap lies between them.
    let before = days.last_before.min(days.first.saturating_sub(1));
    ([before, days.first], usize::from(days.last_before == NO_DAY))
}

fn sectors(plan: &Plan<'_>, tallies: &[Tally]) -> u8 {
    let used = tallies[BY_SERVICE].values().iter();
    used.fold(0, |bits, &service| bits | plan.sector_bits[usize::from(service)])
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
            let sectors = sectors(plan, &self.tallies);
            let observed_days = client.observed_days(plan.followed(window));
            let tallies = &self.tallies;
            let user = User { plan, period, client, contacts, rows: &rows, tallies, sectors, age, observed_days };
            self.check.check(&user, &mut self.eligibility);
            if let Some(eligible) = self.eligibility.last() {
                self.sums.user(plan, self.asked, &Facts { period, client, sectors }, tallies, eligible);
            }
        }
    }
}
