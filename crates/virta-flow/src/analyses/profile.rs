//! `profile`: who the clients of a cohort are.
//!
//! Unit: users of the population, by cohort, period, dimension and value; a row for each value that a client of the
//! cohort has. The dimension `all` has the one value `all`. Ages are those at the period's end, in the bands of
//! the population ([`AgeBand::of`]). A missing field is null, and so is the age of the unborn. The segment is the first of the study
//! one of whose services the client used in the period, else `other`. `residents` are all residents of the population
//! with the value, whatever cohort; null without a client list. Shares are of all users of the population and of their
//! cost; null when there is none.

use std::collections::BTreeMap;

use virta_model::schema::PROFILE;
use virta_model::{AgeBand, Sex, Table, Value};

use super::{Analysis, End, Slots, row, share, sums_in};
use crate::input::client::ClientInfo;
use crate::pass::client_period::{ClientPeriod, Idle};
use crate::pass::costs::Usage;
use crate::pass::groups::Remap;
use crate::pass::sums::{AddUp, BySlot};
use crate::rules::plan::Plan;
use crate::shares::frame::{Frame, is_alike};

pub(super) struct Profile {
    places: Places,
    /// Users by slot and residents by period, then both by place.
    sums: (BySlot<Vec<Usage>>, Vec<Vec<i64>>),
    /// The services of each segment, by number.
    segments: Vec<Vec<bool>>,
    age_bands: Vec<AgeBand>,
    age_labels: Vec<String>,
}

/// Where the values of each dimension begin. The last place of each is for null, or for `other`.
#[derive(Debug, Clone, Copy)]
struct Places {
    sex: usize,
    municipality: usize,
    language: usize,
    segment: usize,
    end: usize,
}

const ALL: usize = 0;
const AGE: usize = 1;

impl Places {
    fn new(plan: &Plan<'_>, age_bands: usize) -> Self {
        let sex = AGE + age_bands + 1;
        let municipality = sex + Sex::ALL.len() + 1;
        let language = municipality + plan.catalogue.municipalities.len() + 1;
        let segment = language + plan.catalogue.languages.len() + 1;
        Places { sex, municipality, language, segment, end: segment + plan.study.segments.len() + 1 }
    }

    /// `age_band` is a number of the population's bands, or as many as there are.
    fn of(&self, client: &ClientInfo, age_band: usize, segment: usize) -> [usize; 6] {
        // A missing number is larger than any other, so it falls on the last place.
        let numbered = |first: usize, end: usize, number: u16| (first + usize::from(number)).min(end - 1);
        [
            ALL,
            AGE + age_band,
            self.sex + client.sex.map_or(Sex::ALL.len(), |sex| sex as usize),
            numbered(self.municipality, self.language, client.municipality),
            numbered(self.language, self.segment, client.language),
            self.segment + segment,
        ]
    }
}

impl Analysis for Profile {
    type Sums = (BySlot<Vec<Usage>>, Vec<Vec<i64>>);

    fn new(plan: &Plan<'_>) -> Option<Self> {
        let services = &plan.catalogue.services;
        let segments = plan.study.segments.iter().map(|segment| {
            services.iter().map(|service| segment.any_service.contains(&service.code)).collect::<Vec<bool>>()
        });
        let age_bands = AgeBand::of(plan.ages);
        let places = Places::new(plan, age_bands.len());
        Some(Profile {
            places,
            sums: (BySlot::default(), vec![vec![0; places.end]; plan.periods.len()]),
            segments: segments.collect(),
            age_labels: age_bands.iter().map(AgeBand::label).collect(),
            age_bands,
        })
    }

    fn user(&mut self, seen: &ClientPeriod<'_>) {
        let used = seen.services().values();
        let fits = |services: &Vec<bool>| used.iter().any(|&service| services[usize::from(service)]);
        let segment = self.segments.iter().position(fits).unwrap_or(self.segments.len());
        let places = self.places.of(seen.client, self.age_band(seen.age), segment);
        let (clients, residents) = &mut self.sums;
        let clients = clients.at(seen.slot);
        clients.resize(self.places.end, Usage::default());
        let usage = seen.used.usage();
        for place in places {
            clients[place].add(&usage);
            residents[seen.period][place] += i64::from(seen.observed_days > 0);
        }
    }

    fn idle_resident(&mut self, idle: &Idle<'_>) {
        for place in self.places.of(idle.client, self.age_band(idle.age), self.segments.len()) {
            self.sums.1[idle.period][place] += 1;
        }
    }

    sums_in!(sums, |own, (clients, residents), frame| {
        frame.has_lists(clients, own.places.end) && is_alike(residents, &own.sums.1)
    });

    fn finish(self, end: &End<'_>) -> Vec<Table> {
        let mut table = Table::new(&PROFILE);
        let whole: Vec<Usage> = end.slots().take(end.plan.periods.len()).map(|all| self.sum(&all, &[ALL])).collect();
        let dimensions: Vec<_> = (0..end.plan.periods.len()).map(|period| self.dimensions(end.plan, period)).collect();
        for slots in end.slots() {
            for (dimension, values) in &dimensions[slots.period] {
                for (value, places) in values {
                    let cell = self.sum(&slots, places);
                    if cell.clients == 0 {
                        continue;
                    }
                    let residents: i64 = places.iter().map(|&place| self.sums.1[slots.period][place]).sum();
                    let cost_share = cell.cost.cents().zip(whole[slots.period].cost.cents());
                    let cost_share = cost_share.and_then(|(part, whole)| share(part, whole));
                    let row = row![
                        slots.cohort,
                        slots.label,
                        *dimension,
                        value.map_or(Value::Null, Value::Text),
                        cell.clients,
                        end.totals.has_client_list.then_some(residents),
                        cell.contacts,
                        cell.cost,
                        share(cell.clients, whole[slots.period].clients),
                        cost_share,
                    ];
                    end.push(&mut table, cell.clients, &row);
                }
            }
        }
        vec![table]
    }
}

/// A dimension's values in order, null last, each with the places whose sum it is.
type Values<'a> = Vec<(Option<&'a str>, Vec<usize>)>;

impl Profile {
    fn sum(&self, slots: &Slots<'_>, places: &[usize]) -> Usage {
        let mut sum = Usage::default();
        for cells in slots.of(&self.sums.0).filter(|cells| !cells.is_empty()) {
            places.iter().for_each(|&place| sum.add(&cells[place]));
        }
        sum
    }

    /// The number of an age's band; as many as there are for an age that is in none.
    fn age_band(&self, age: Option<i32>) -> usize {
        let band = age.and_then(|age| self.age_bands.iter().position(|band| band.contains(age)));
        band.unwrap_or(self.age_bands.len())
    }

    fn dimensions<'a>(&'a self, plan: &'a Plan<'_>, period: usize) -> Vec<(&'static str, Values<'a>)> {
        fn listed<'a>(first: usize, values: impl Iterator<Item = &'a str>) -> Values<'a> {
            let mut listed: Values<'a> =
                values.enumerate().map(|(at, value)| (Some(value), vec![first + at])).collect();
            listed.push((None, vec![first + listed.len()]));
            listed
        }
        let mut dimensions = vec![
            ("all", vec![(Some("all"), vec![ALL])]),
            ("age_band", listed(AGE, self.age_labels.iter().map(String::as_str))),
            ("sex", listed(self.places.sex, Sex::ALL.iter().map(|sex| sex.as_str()))),
            ("municipality", self.municipalities(plan, period)),
            ("wellbeing_county", self.counties(plan)),
            ("language", listed(self.places.language, plan.catalogue.languages.iter().map(String::as_str))),
        ];
        let segments = &plan.study.segments;
        if !segments.is_empty() {
            let names = segments.iter().map(|segment| segment.name.as_str()).chain(std::iter::once("other"));
            let values = names.enumerate().map(|(at, name)| (Some(name), vec![self.places.segment + at]));
            dimensions.push(("segment", values.collect()));
        }
        dimensions
    }

    /// A municipality of a period is the sum of those that belong to it by then.
    fn municipalities<'a>(&self, plan: &'a Plan<'_>, period: usize) -> Values<'a> {
        let first = self.places.municipality;
        let towns = &plan.catalogue.municipalities;
        let places = plan.municipalities_in(period).into_iter();
        let mut values: Values<'a> = towns
            .iter()
            .zip(places)
            .map(|(town, places)| (Some(town.code.as_str()), places.into_iter().map(|place| first + place).collect()))
            .collect();
        values.push((None, vec![first + towns.len()]));
        values
    }

    /// A county is the sum of its municipalities.
    fn counties<'a>(&self, plan: &'a Plan<'_>) -> Values<'a> {
        let towns = &plan.catalogue.municipalities;
        let mut counties: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        let mut unknown = vec![self.places.municipality + towns.len()];
        for (place, town) in (self.places.municipality..).zip(towns) {
            match &town.wellbeing_county {
                Some(county) => counties.entry(county).or_default().push(place),
                None => unknown.push(place),
            }
        }
        counties.into_iter().map(|(county, places)| (Some(county), places)).chain([(None, unknown)]).collect()
    }
}
