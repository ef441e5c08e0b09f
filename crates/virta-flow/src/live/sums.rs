//! What is added up of a definition, client by client.

use super::look::{Look, LookPeriod, LookStep, Person, ServiceLook, Sum};
use super::{Asked, Who};
use crate::hash::FastMap;
use crate::input::client::{ClientInfo, lived};
use crate::pass::sums::at;
use crate::rules::eligibility::{Eligibility, SERVICES_RULE};
use crate::rules::plan::Plan;
use crate::rules::rule::looks_at_contacts;
use crate::rules::tally::{Cell, Tally};

/// People and their use, as it is added up.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Total {
    pub(super) clients: i64,
    pub(super) contacts: i64,
    pub(super) cost: i64,
    pub(super) is_priced: bool,
}

/// A client's use by value, ascending.
pub(super) trait ByValue {
    fn each(&self, visit: impl FnMut(u16, &Cell));
}

impl ByValue for Tally {
    #[inline]
    fn each(&self, mut visit: impl FnMut(u16, &Cell)) {
        self.values().iter().for_each(|&value| visit(value, self.cell(value)));
    }
}

impl Total {
    /// One client's.
    pub(super) fn of(services: &Tally) -> Self {
        let mut used = Total { clients: 1, ..Total::default() };
        services.each(|_, cell| {
            used.contacts += i64::from(cell.contacts);
            used.cost += cell.cost;
            used.is_priced |= cell.priced > 0;
        });
        used
    }

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
    broken: Broken,
    short: i64,
    near: i64,
}

/// Users by the rules that they break. Most break one of few sets of rules: these are counted in a small table, by the lowest
/// rules, and move on to the map when another set needs their place.
#[derive(Debug)]
struct Broken {
    often: [(u128, i64); Broken::OFTEN],
    all: FastMap<u128, i64>,
}

impl Default for Broken {
    fn default() -> Self {
        Broken { often: [(0, 0); Broken::OFTEN], all: FastMap::default() }
    }
}

impl Broken {
    const OFTEN: usize = 32;

    #[inline]
    fn add(&mut self, broken: u128) {
        let place = &mut self.often[broken as usize % Broken::OFTEN];
        if place.0 != broken {
            let (other, users) = std::mem::replace(place, (broken, 0));
            if users > 0 {
                *self.all.entry(other).or_insert(0) += users;
            }
        }
        place.1 += 1;
    }

    fn merge(&mut self, other: Broken) {
        for (broken, users) in other.often.into_iter().chain(other.all).filter(|(_, users)| *users > 0) {
            *self.all.entry(broken).or_insert(0) += users;
        }
    }

    /// Users of the sets of rules that fit.
    fn of(&self, fits: impl Fn(u128) -> bool) -> i64 {
        let all = self.all.iter().map(|(broken, users)| (*broken, *users));
        all.chain(self.often).filter(|(broken, _)| fits(*broken)).map(|(_, users)| users).sum()
    }
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
    /// Of the client at hand, by place of the least contacts, how many values reach them.
    reached: Vec<usize>,
}

/// What is known of a user besides the use by value.
pub(super) struct Facts<'a> {
    pub(super) period: usize,
    pub(super) client: &'a ClientInfo,
    pub(super) sectors: u8,
    /// All use of the period.
    pub(super) used: Total,
    /// Values of the cohort's unit that count.
    pub(super) counted: u32,
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
            reached: Vec::new(),
        }
    }

    /// Takes a user of the population. The cohort asked for is the last of the plan; `services` and `counted` are the use by
    /// service and by the cohort's unit.
    #[inline]
    pub(super) fn user(
        &mut self,
        plan: &Plan<'_>,
        asked: &Asked<'_>,
        facts: &Facts<'_>,
        services: &impl ByValue,
        counted: &impl ByValue,
        eligible: &Eligibility,
    ) {
        let Some(cohort) = plan.cohorts.last() else { return };
        let used = facts.used;
        let period = &mut self.periods[facts.period];
        period.users.add(used);
        period.broken.add(eligible.broken);
        let is_member = eligible.is_member();
        let is_short = eligible.broken == SERVICES_RULE && facts.counted + 1 == cohort.min_services;
        if is_member {
            period.members.add(used);
        }
        period.short += i64::from(is_short);
        period.near += i64::from(eligible.near_from.is_some());
        if facts.period != asked.period {
            return;
        }
        services.each(|value, cell| {
            let (members, users) = &mut self.services[usize::from(value)];
            *users += 1;
            if is_member {
                members.add(Total {
                    clients: 1,
                    contacts: cell.contacts.into(),
                    cost: cell.cost,
                    is_priced: cell.priced > 0,
                });
            }
        });
        if let Some(grid) = &mut self.grid
            && eligible.broken & !SERVICES_RULE == 0
        {
            let need = cohort.needs[facts.period].with_contacts(1);
            let reached = &mut self.reached;
            reached.clear();
            reached.resize(grid.len(), 0);
            counted.each(|value, cell| {
                if need.is_met(value, cell.contacts, cell.days(), cell.cost) {
                    for (reached, &least) in reached.iter_mut().zip(asked.grid.1) {
                        *reached += usize::from(cell.contacts >= least);
                    }
                }
            });
            for (clients, &values) in grid.iter_mut().zip(reached.iter()) {
                *at(clients, values) += 1;
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
                services: facts.counted,
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
            here.broken.merge(there.broken);
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
    let of = |is: &dyn Fn(u128) -> bool| sums.broken.of(is);
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
