//! `adoption`: month by month, how many of a cohort have a responsible worker, a plan, a consent.
//!
//! Unit: clients by calendar month, cut to the periods of the study and to what is followed. `eligible` are the members of
//! the cohort that `[adoption]` names (else of the study's first, else all users) in the period that has the month, who may
//! be observed in it: who is known to have moved or died is not. A month that two periods share counts a client once, as
//! the first of them in the study's order does.
//!
//! A row for everybody, for each county, for each municipality (those of the year in which the period ends) and for each
//! provider with whom a client has a contact in the period; a client of two providers is in the rows of both.
//!
//! `with_...` have one in force on any day of the month. `first_plans` are those whose first multi-service plan of all comes
//! into force in the month. `one_contact` are those whose first contact of the period lies in the month and for whom a
//! multi-service plan came into force, or an assessment began, on that day or at most `one_contact_days` later. What the
//! store has nothing of is null.

use std::collections::BTreeMap;

use virta_model::schema::ADOPTION;
use virta_model::{Day, PlanKind, Table, Value, days_in_month};

use super::{Analysis, End, int_or_null};
use crate::hash::FastMap;
use crate::input::client::ClientInfo;
use crate::input::columns::{Columns, NO_CODE};
use crate::input::rows::{ClientRows, Window};
use crate::pass::client_period::ClientPeriod;
use crate::pass::groups::Remap;
use crate::pass::side_tables::SideTables;
use crate::rules::plan::Plan;

pub(super) struct Adoption {
    /// `None` is every user.
    cohort: Option<usize>,
    one_contact_days: i32,
    /// In time; each with the periods that have it, and its days in them.
    months: Vec<(String, Vec<(usize, Window)>)>,
    /// By period: how the client at hand is a member.
    now: Vec<Option<Now>>,
    sums: FastMap<(u32, Place), Sum>,
}

#[derive(Debug, Clone)]
struct Now {
    first_contact: i32,
    municipality: u16,
    providers: Vec<u16>,
}

/// What a sum is of, by number; counties and everybody are made of municipalities.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Place {
    Municipality(u16),
    Provider(u16),
}

#[derive(Debug, Clone, Copy, Default)]
struct Sum {
    eligible: i64,
    with_responsible_worker: i64,
    with_plan: i64,
    with_consent: i64,
    first_plans: i64,
    one_contact: i64,
}

impl Analysis for Adoption {
    fn new(plan: &Plan<'_>) -> Option<Self> {
        let settings = plan.study.adoption.as_ref()?;
        let named = |name: &String| plan.study.cohorts.iter().position(|cohort| cohort.name == *name);
        let first = (!plan.study.cohorts.is_empty()).then_some(0);
        let cohort = match &settings.cohort {
            Some(name) if name == "all" => None,
            Some(name) => named(name),
            None => first,
        };
        Some(Adoption {
            cohort,
            one_contact_days: i32::try_from(settings.one_contact_days).unwrap_or(i32::MAX),
            months: months(plan),
            now: vec![None; plan.periods.len()],
            sums: FastMap::default(),
        })
    }

    fn columns() -> Columns {
        Columns { provider: true, ..Columns::NONE }
    }

    fn user(&mut self, visit: &ClientPeriod<'_>) {
        let is_member = self.cohort.is_none_or(|at| visit.eligibility.get(at).is_some_and(|one| one.is_member()));
        if !is_member {
            return;
        }
        let mut providers: Vec<u16> = visit.rows.more.provider.to_vec();
        providers.sort_unstable();
        providers.dedup();
        providers.retain(|&provider| provider != NO_CODE);
        self.now[visit.period] = Some(Now {
            first_contact: visit.rows.start.first().map_or(visit.window.first, |&day| day.max(visit.window.first)),
            municipality: visit.plan.municipality_in(visit.period, visit.client.municipality),
            providers,
        });
    }

    fn end_client(&mut self, client: &ClientInfo, _: &ClientRows<'_>, side_tables: &SideTables, plan: &Plan<'_>) {
        if self.now.iter().all(Option::is_none) {
            return;
        }
        for (month, (_, periods)) in (0u32..).zip(&self.months) {
            let member = periods.iter().find_map(|(period, days)| Some((self.now[*period].as_ref()?, *days)));
            let Some((now, days)) = member.filter(|(_, days)| !client.is_listed || client.observed_days(*days) > 0)
            else {
                continue;
            };
            let sum = self.one(client.client_id, now, days, side_tables, plan);
            let places = now.providers.iter().map(|&provider| Place::Provider(provider));
            for place in std::iter::once(Place::Municipality(now.municipality)).chain(places) {
                self.sums.entry((month, place)).or_default().add(sum);
            }
        }
        self.now.fill(None);
    }

    fn merge(&mut self, other: Self, _: &Remap) {
        other.sums.into_iter().for_each(|(key, sum)| self.sums.entry(key).or_default().add(sum));
    }

    fn finish(self, end: &End<'_>) -> Vec<Table> {
        let mut table = Table::new(&ADOPTION);
        let has = |kind: PlanKind| end.side_tables.plans.iter().any(|plan| plan.kind == kind);
        let has_plans = has(PlanKind::MultiServicePlan);
        let measured = [
            has(PlanKind::ResponsibleWorker),
            has_plans,
            has(PlanKind::Consent),
            has_plans,
            has_plans || !end.side_tables.assessments.is_empty(),
        ];
        let mut rows: BTreeMap<(u32, Row<'_>), Sum> = BTreeMap::new();
        for ((month, place), sum) in self.sums {
            let of_place: Vec<Row<'_>> = match place {
                Place::Provider(provider) => vec![Row::Provider(&end.plan.catalogue.providers[usize::from(provider)])],
                Place::Municipality(town) => {
                    let town = end.plan.catalogue.municipalities.get(usize::from(town));
                    let county = town.and_then(|town| town.wellbeing_county.as_deref());
                    let here = Row::Municipality { county, code: town.map(|town| town.code.as_str()) };
                    [Some(Row::Everybody), county.map(Row::County), Some(here)].into_iter().flatten().collect()
                }
            };
            of_place.into_iter().for_each(|row| rows.entry((month, row)).or_default().add(sum));
        }
        for ((month, row), sum) in rows {
            let label = self.months.get(month as usize).map_or("", |(label, _)| label);
            let text = |text: Option<&'_ str>| -> Option<String> { text.map(str::to_owned) };
            let (county, municipality, provider) = match row {
                Row::Everybody => (text(Some("all")), text(Some("all")), "all"),
                Row::County(county) => (text(Some(county)), text(Some("all")), "all"),
                Row::Municipality { county, code } => (text(county), text(code), "all"),
                Row::Provider(provider) => (text(Some("all")), text(Some("all")), provider),
            };
            let counts =
                [sum.with_responsible_worker, sum.with_plan, sum.with_consent, sum.first_plans, sum.one_contact];
            let mut values = vec![
                Value::Text(label),
                county.as_deref().map_or(Value::Null, Value::Text),
                municipality.as_deref().map_or(Value::Null, Value::Text),
                Value::Text(provider),
                Value::Int(sum.eligible),
            ];
            let of = |(count, is_measured): (i64, bool)| int_or_null(is_measured.then_some(count));
            values.extend(counts.into_iter().zip(measured).map(of));
            table.push(&values);
        }
        vec![table]
    }
}

/// What a row is of, in the order of the rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Row<'a> {
    Everybody,
    County(&'a str),
    Municipality { county: Option<&'a str>, code: Option<&'a str> },
    Provider(&'a str),
}

impl Adoption {
    /// What one client adds to a month.
    fn one(&self, client_id: i64, now: &Now, days: Window, side_tables: &SideTables, plan: &Plan<'_>) -> Sum {
        let plans = side_tables.plans_of(client_id);
        let has = |kind: PlanKind| {
            let in_force =
                |first: Day, last: Option<Day>| first.0 <= days.last && last.is_none_or(|last| last.0 >= days.first);
            i64::from(plans.iter().any(|one| one.kind == kind && in_force(one.first, one.last)))
        };
        let first_days = || plans.iter().filter(|one| one.kind == PlanKind::MultiServicePlan).map(|one| one.first.0);
        let first = now.first_contact;
        let begun = side_tables.assessments_of(client_id).iter().filter_map(|(_, one)| one.begun_on());
        let soon = |day: i32| {
            first <= day && day <= first.saturating_add(self.one_contact_days) && plan.end.is_none_or(|end| day <= end)
        };
        let is_enough = days.contains(first) && first_days().chain(begun.map(|day| day.0)).any(soon);
        Sum {
            eligible: 1,
            with_responsible_worker: has(PlanKind::ResponsibleWorker),
            with_plan: has(PlanKind::MultiServicePlan),
            with_consent: has(PlanKind::Consent),
            first_plans: i64::from(first_days().min().is_some_and(|day| days.contains(day))),
            one_contact: i64::from(is_enough),
        }
    }
}

impl Sum {
    fn add(&mut self, other: Sum) {
        self.eligible += other.eligible;
        self.with_responsible_worker += other.with_responsible_worker;
        self.with_plan += other.with_plan;
        self.with_consent += other.with_consent;
        self.first_plans += other.first_plans;
        self.one_contact += other.one_contact;
    }
}

/// The months of the study's periods of which anything is known.
fn months(plan: &Plan<'_>) -> Vec<(String, Vec<(usize, Window)>)> {
    let mut months: BTreeMap<(i32, u32), Vec<(usize, Window)>> = BTreeMap::new();
    for (period, window) in plan.periods.iter().enumerate() {
        let window = plan.followed(*window);
        let mut first = window.first;
        while first <= window.last {
            let (year, month, day) = Day(first).ymd();
            let last = window.last.min(first + (days_in_month(year, month) - day) as i32);
            months.entry((year, month)).or_default().push((period, Window { first, last }));
            first = last + 1;
        }
    }
    let label = |(year, month): (i32, u32)| format!("{year:04}-{month:02}");
    months.into_iter().map(|(month, periods)| (label(month), periods)).collect()
}
