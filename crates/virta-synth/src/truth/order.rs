//! The answers about time and order: exact counts by year, and the shares that were planted.

use std::collections::BTreeMap;

use virta_model::municipality::county_of;
use virta_model::{Day, PlanKind};

use crate::contact::Contact;
use crate::life::order::{
    EMERGENCY_DAYS, EMERGENCY_PER_MILLE, PLAN_DAYS, PLAN_PER_MILLE, first_emergency, risk_tested,
};
use crate::person::Person;
use crate::records::{Plan, spread, unit};
use crate::region::{RegionOptions, day, new_year};
use crate::service::{ADULT_SOCIAL_WORK, REHABILITATIVE_WORK, SOCIAL_EMERGENCY, SUPPORTED_HOUSING, service};

/// Of the responsible workers that clients ever have, those of the first so many days tell how fast the way of working spreads.
const PACE_DAYS: i32 = 365;

/// A file of counts about time and order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum OrderFile {
    FollowUp,
    CoUse,
    Eras,
    Funnel,
    Adoption,
    Planted,
}

/// Every such file: its name and its header.
pub(crate) const ORDER_FILES: [(OrderFile, &str, &str); 6] = [
    (OrderFile::FollowUp, "follow_up.csv", "name;period;events;clients;followed_7;followed_30\n"),
    (OrderFile::CoUse, "co_use.csv", "period;service_a;service_b;clients;days;same_site_clients;same_site_days\n"),
    (OrderFile::Eras, "eras.csv", "period;path;clients\n"),
    (OrderFile::Funnel, "funnel.csv", "name;period;step;clients\n"),
    (
        OrderFile::Adoption,
        "adoption.csv",
        "month;wellbeing_county;municipality;eligible;with_responsible_worker;with_plan;with_consent;first_plans\n",
    ),
    (OrderFile::Planted, "planted.csv", "what;planted_per_mille;clients;found\n"),
];

/// Counts by file and by the first cells of a line.
#[derive(Debug, Clone, Default)]
pub(crate) struct OrderSums(BTreeMap<(OrderFile, String), Vec<u64>>);

impl OrderSums {
    fn add(&mut self, file: OrderFile, line: String, counts: &[u64]) {
        let sums = self.0.entry((file, line)).or_insert_with(|| vec![0; counts.len()]);
        sums.iter_mut().zip(counts).for_each(|(sum, count)| *sum += count);
    }

    pub(crate) fn merge(&mut self, next: OrderSums) {
        next.0.into_iter().for_each(|((file, line), counts)| self.add(file, line, &counts));
    }

    /// The lines of a file.
    pub(crate) fn lines(&self, file: OrderFile) -> String {
        let lines = self.0.iter().filter(|((of, _), _)| *of == file).map(|((_, line), counts)| {
            let counts: Vec<String> = counts.iter().map(u64::to_string).collect();
            format!("{line};{}\n", counts.join(";"))
        });
        lines.collect()
    }

    /// What does not belong to a year.
    pub(crate) fn add_person(
        &mut self,
        options: &RegionOptions,
        person: &Person,
        contacts: &[Contact],
        plans: &[Plan],
    ) {
        let last = person.last_known(options);
        if let Some(first) = first_emergency(contacts).filter(|first| first.0 + EMERGENCY_DAYS <= last.0) {
            let after = |contact: &&Contact| contact.service == SOCIAL_EMERGENCY && contact.start > first;
            let found = contacts.iter().find(after).is_some_and(|next| next.start.0 - first.0 <= EMERGENCY_DAYS);
            let line = format!("first emergency visit to social emergency services;{EMERGENCY_PER_MILLE}");
            self.add(OrderFile::Planted, line, &[1, u64::from(found)]);
        }
        if let Some(tested) = risk_tested(contacts).filter(|tested| tested.0 + PLAN_DAYS <= last.0) {
            let found = first_plan_after(plans, tested).is_some_and(|from| from.0 - tested.0 <= PLAN_DAYS);
            self.add(OrderFile::Planted, format!("risk test to plan;{PLAN_PER_MILLE}"), &[1, u64::from(found)]);
        }
        let worker = plans.iter().find(|plan| plan.kind == PlanKind::ResponsibleWorker);
        if let Some((worker, (county, from, days))) = worker.zip(spread(options, person))
            && person.observed_from <= from
            && from.0 + days <= last.0 + 1
        {
            let line = format!("responsible workers of county {county};{}", 1000 * PACE_DAYS / days);
            let is_early = worker.from.0 - from.0 < PACE_DAYS;
            self.add(OrderFile::Planted, line, &[1, u64::from(is_early)]);
        }
        for year in options.years() {
            let (first, last) = (new_year(year), day(year, 12, 31));
            self.follow_up(year, contacts);
            self.co_use(year, contacts);
            if contacts.iter().any(|c| c.service == REHABILITATIVE_WORK && c.start >= first && c.start <= last) {
                let (work, housing) = (service(REHABILITATIVE_WORK).code, service(SUPPORTED_HOUSING).code);
                self.add(OrderFile::Eras, format!("{year};{work}-{work}+{housing}-{housing}"), &[1]);
            }
            let test = risk_tested(contacts).filter(|tested| (first..=last).contains(tested));
            let planned = test.and_then(|tested| Some(first_plan_after(plans, tested)?.0 - tested.0));
            self.add(OrderFile::Funnel, format!("risk test to plan;{year};1"), &[u64::from(test.is_some())]);
            let is_soon = planned.is_some_and(|days| days <= PLAN_DAYS);
            self.add(OrderFile::Funnel, format!("risk test to plan;{year};2"), &[u64::from(is_soon)]);
        }
    }

    /// Each emergency visit of the year and what comes on a later day.
    fn follow_up(&mut self, year: i32, contacts: &[Contact]) {
        for (name, then) in
            [("emergency to social work", ADULT_SOCIAL_WORK), ("emergency to social emergency", SOCIAL_EMERGENCY)]
        {
            let mut counts = [0; 4];
            for event in contacts.iter().filter(|c| c.service().is_emergency && c.start.year() == year) {
                let next = contacts.iter().find(|c| c.service == then && c.start > event.start);
                let days = next.map(|next| next.start.0 - event.start.0);
                counts[0] += 1;
                counts[1] = 1;
                counts[2] += u64::from(days.is_some_and(|days| days <= 7));
                counts[3] += u64::from(days.is_some_and(|days| days <= 30));
            }
            self.add(OrderFile::FollowUp, format!("{name};{year}"), &counts);
        }
    }

    /// Each pair of services met on one day, and on one day at one unit.
    fn co_use(&mut self, year: i32, contacts: &[Contact]) {
        let (first, last) = (new_year(year), day(year, 12, 31));
        // By day, the services and the units they were met at.
        let mut days: BTreeMap<Day, BTreeMap<&str, Vec<&str>>> = BTreeMap::new();
        for contact in contacts {
            let Some((from, to)) = contact.overlap(first, last) else { continue };
            for number in from.0..=to.0 {
                let units = days.entry(Day(number)).or_default().entry(contact.service().code).or_default();
                units.extend(unit(contact));
            }
        }
        let mut pairs: BTreeMap<(&str, &str), [u64; 2]> = BTreeMap::new();
        for services in days.values().filter(|services| services.len() > 1) {
            for (a, units) in services {
                for (b, others) in services.range::<str, _>((std::ops::Bound::Excluded(*a), std::ops::Bound::Unbounded))
                {
                    let met = pairs.entry((a, b)).or_default();
                    met[0] += 1;
                    met[1] += u64::from(units.iter().any(|unit| others.contains(unit)));
                }
            }
        }
        for ((a, b), [days, site_days]) in pairs {
            self.add(OrderFile::CoUse, format!("{year};{a};{b}"), &[1, days, u64::from(site_days > 0), site_days]);
        }
    }

    /// A member of the study's first cohort in a year, month by month.
    pub(crate) fn add_member(&mut self, options: &RegionOptions, year: i32, person: &Person, plans: &[Plan]) {
        let town = person.known_municipality(options);
        let county = town.and_then(county_of);
        let places = [Some(("all", "all")), county.map(|county| (county, "all")), county.zip(town)];
        for month in 1..=12 {
            let first = day(year, month, 1);
            let last = if month == 12 { day(year, 12, 31) } else { Day(day(year, month + 1, 1).0 - 1) };
            if person.is_listed && !person.is_observed(first, last) {
                continue;
            }
            let has = |kind| {
                let in_force = |plan: &Plan| plan.from <= last && plan.to.is_none_or(|to| to >= first);
                u64::from(plans.iter().any(|plan| plan.kind == kind && in_force(plan)))
            };
            let plan = PlanKind::MultiServicePlan;
            let begun = plans.iter().filter(|one| one.kind == plan).map(|one| one.from).min();
            let is_first = begun.is_some_and(|from| (first..=last).contains(&from));
            let counts = [1, has(PlanKind::ResponsibleWorker), has(plan), has(PlanKind::Consent), u64::from(is_first)];
            for (county, town) in places.into_iter().flatten() {
                self.add(OrderFile::Adoption, format!("{year:04}-{month:02};{county};{town}"), &counts);
            }
        }
    }
}

/// The first multi-service plan of a later day.
fn first_plan_after(plans: &[Plan], day: Day) -> Option<Day> {
    plans.iter().filter(|plan| plan.kind == PlanKind::MultiServicePlan && plan.from > day).map(|plan| plan.from).min()
}
