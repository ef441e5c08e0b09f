//! `regions`: the same figures for each wellbeing services county and municipality, made comparable.
//!
//! Unit: users of the population, by cohort, period and where they live; a row for each region in which a client of the
//! cohort lives or a resident of the population does. Municipalities are those of the year in which the period ends.
//! Clients without a municipality are in no row. Residents are those of the population. Rates are per 1,000 residents,
//! costs per resident; null without residents, costs also when no contact has a price.
//!
//! Standardised rates are directly standardised for age and sex: the rate of each stratum of the region, weighted with
//! that stratum's residents in all regions together in the same period, which is the standard population. Strata are
//! women and men of 0-17, 18-34, 35-49, 50-64, 65-79 and 80+ years at the period's end; who has no age or another sex is
//! in no stratum. Null when the region has no resident in a stratum that the standard population has.

use std::collections::BTreeMap;

use virta_model::schema::REGIONS;
use virta_model::{STANDARD_AGES, Sex, Table};

use super::{Analysis, End, Slots, row, sums_in};
use crate::input::client::ClientInfo;
use crate::pass::client_period::{ClientPeriod, Idle};
use crate::pass::costs::Usage;
use crate::pass::groups::Remap;
use crate::pass::sums::{AddUp, BySlot};
use crate::rules::plan::Plan;
use crate::shares::frame::{Frame, is_alike};

pub(super) struct Regions {
    /// Municipalities and one place for none.
    towns: usize,
    /// Users by slot and residents by period, then both by municipality and stratum.
    sums: (BySlot<Vec<Usage>>, Vec<Vec<i64>>),
}

/// Women and men of each band.
const STRATA: usize = 2 * STANDARD_AGES.len();
/// The strata and a place for whom no stratum has.
const PLACES: usize = STRATA + 1;

fn stratum(client: &ClientInfo, age: Option<i32>) -> usize {
    let band = age.and_then(|age| STANDARD_AGES.iter().rposition(|&first| first <= age));
    match (band, client.sex) {
        (Some(band), Some(Sex::Female)) => 2 * band,
        (Some(band), Some(Sex::Male)) => 2 * band + 1,
        _ => STRATA,
    }
}

impl Analysis for Regions {
    type Sums = (BySlot<Vec<Usage>>, Vec<Vec<i64>>);

    fn new(plan: &Plan<'_>) -> Option<Self> {
        let towns = plan.catalogue.municipalities.len();
        let residents = vec![vec![0; (towns + 1) * PLACES]; plan.periods.len()];
        Some(Regions { towns, sums: (BySlot::default(), residents) })
    }

    fn user(&mut self, seen: &ClientPeriod<'_>) {
        let place = self.place(seen.client, seen.age);
        let users = self.sums.0.at(seen.slot);
        users.resize((self.towns + 1) * PLACES, Usage::default());
        users[place].add(&seen.used.usage());
        self.sums.1[seen.period][place] += i64::from(seen.observed_days > 0);
    }

    fn idle_resident(&mut self, idle: &Idle<'_>) {
        let place = self.place(idle.client, idle.age);
        self.sums.1[idle.period][place] += 1;
    }

    sums_in!(sums, |own, (users, residents), frame| {
        frame.has_lists(users, (own.towns + 1) * PLACES) && is_alike(residents, &own.sums.1)
    });

    fn finish(self, end: &End<'_>) -> Vec<Table> {
        let mut table = Table::new(&REGIONS);
        let everywhere: Vec<usize> = (0..=self.towns).collect();
        let regions: Vec<_> = (0..end.plan.periods.len()).map(|period| regions(end.plan, period)).collect();
        for slots in end.slots() {
            let standard = self.residents_of(slots.period, &everywhere);
            for (level, region, towns) in &regions[slots.period] {
                let users = self.users_of(&slots, towns);
                let residents = self.residents_of(slots.period, towns);
                let mut all = Usage::default();
                users.iter().for_each(|sum| all.add(sum));
                let population: i64 = residents.iter().sum();
                if all.clients == 0 && population == 0 {
                    continue;
                }
                let rate = |number: i64| (population > 0).then(|| number as f64 * 1000.0 / population as f64);
                let standardised =
                    |of: fn(&Usage) -> i64| standardised(&users.each_ref().map(of), &residents, &standard);
                let cents = |cents: Option<f64>| cents.map(nearest);
                let cost = all.cost.cents();
                let row = row![
                    slots.cohort,
                    slots.label,
                    *level,
                    *region,
                    population,
                    all.clients,
                    all.contacts,
                    all.cost,
                    rate(all.clients),
                    rate(all.contacts.sum()),
                    cents(cost.filter(|_| population > 0).map(|cost| cost as f64 / population as f64)),
                    standardised(|sum| sum.clients).map(|rate| rate * 1000.0),
                    standardised(|sum| sum.contacts.sum()).map(|rate| rate * 1000.0),
                    cents(cost.and_then(|_| standardised(|sum| sum.cost.cents().unwrap_or_default()))),
                ];
                end.push(&mut table, all.clients, &row);
            }
        }
        vec![table]
    }
}

impl Regions {
    fn place(&self, client: &ClientInfo, age: Option<i32>) -> usize {
        // A missing number is larger than any other, so it falls on the last place.
        usize::from(client.municipality).min(self.towns) * PLACES + stratum(client, age)
    }

    fn users_of(&self, slots: &Slots<'_>, towns: &[usize]) -> [Usage; PLACES] {
        let mut sums = [Usage::default(); PLACES];
        for users in slots.of(&self.sums.0).filter(|users| !users.is_empty()) {
            for &town in towns {
                sums.iter_mut().zip(&users[town * PLACES..]).for_each(|(sum, more)| sum.add(more));
            }
        }
        sums
    }

    fn residents_of(&self, period: usize, towns: &[usize]) -> [i64; PLACES] {
        let mut sums = [0; PLACES];
        for &town in towns {
            sums.iter_mut().zip(&self.sums.1[period][town * PLACES..]).for_each(|(sum, more)| *sum += more);
        }
        sums
    }
}

/// Counties and then municipalities: level, code, the municipalities that belong to it in a period.
fn regions<'a>(plan: &Plan<'a>, period: usize) -> Vec<(&'static str, &'a str, Vec<usize>)> {
    let towns = &plan.catalogue.municipalities;
    let mut counties: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (place, town) in towns.iter().enumerate() {
        if let Some(county) = &town.wellbeing_county {
            counties.entry(county).or_default().push(place);
        }
    }
    let counties = counties.into_iter().map(|(county, towns)| ("wellbeing_county", county, towns));
    let towns = towns.iter().zip(plan.municipalities_in(period));
    counties.chain(towns.map(|(town, places)| ("municipality", town.code.as_str(), places))).collect()
}

/// To the nearest cent, halves away from 0. A sum of fractions that should be a half may lie a hair below it.
fn nearest(cents: f64) -> i64 {
    (cents + 1e-7_f64.copysign(cents)).round() as i64
}

/// Per resident of the standard population.
fn standardised(numbers: &[i64; PLACES], residents: &[i64; PLACES], standard: &[i64; PLACES]) -> Option<f64> {
    let weights = &standard[..STRATA];
    let whole: i64 = weights.iter().sum();
    let mut rate = 0.0;
    for ((&number, &residents), &weight) in numbers.iter().zip(residents).zip(weights) {
        if weight > 0 {
            rate += (residents > 0).then(|| number as f64 / residents as f64)? * weight as f64;
        }
    }
    (whole > 0).then(|| rate / whole as f64)
}
