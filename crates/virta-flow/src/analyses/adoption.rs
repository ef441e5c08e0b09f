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
use std::ops::Range;

use serde::{Deserialize, Serialize};
use virta_model::schema::ADOPTION;
use virta_model::{Day, PlanKind, Table, Value, days_in_month};

use super::{Analysis, End, int_or_null, sums_in};
use crate::hash::FastMap;
use crate::input::client::ClientInfo;
use crate::input::columns::{Columns, NO_CODE};
use crate::input::rows::{ClientRows, Window};
use crate::input::side::{Assessment, ClientPlan};
use crate::pass::client_period::ClientPeriod;
use crate::pass::groups::Remap;
use crate::pass::side_tables::SideTables;
use crate::pass::sums::{AddUp, add_up};
use crate::rules::plan::Plan;
use crate::shares::frame::{Frame, is_code};

pub(super) struct Adoption {
    /// `None` is every user.
    cohort: Option<usize>,
    one_contact_days: i32,
    /// In time; each with the periods that have it, in the study's order, and its days in them.
    months: Vec<(String, Vec<(usize, Window)>)>,
    /// By period, the months that it has.
    months_of: Vec<Range<usize>>,
    /// By period, its days where it shares no month with another.
    alone: Vec<Option<Window>>,
    /// By period: how the client at hand is a member.
    now: Vec<Now>,
    /// By provider, whether it is among those of the client and period at hand.
    is_listed: Vec<bool>,
    /// What the client at hand adds through the period at hand.
    own: Own,
    /// By provider, and by municipality; counties and everybody are made of the latter.
    sums: (Vec<Sum>, FastMap<u16, Sum>),
}

#[derive(Debug, Clone, Default)]
struct Now {
    is_member: bool,
    first_contact: i32,
    municipality: u16,
    providers: Vec<u16>,
}

/// Clients by month; empty where nobody has been added.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Sum {
    /// By month, then by column.
    months: Vec<[i64; COLUMNS]>,
    /// By period: clients who are eligible in each of its months and nothing else. Most are.
    eligible: Vec<i64>,
}

/// What one client adds to a sum.
#[derive(Debug)]
enum Own {
    /// Eligible in each month of the period of this number.
    Eligible(usize),
    /// By month, a bit for each column.
    Months(Vec<(usize, u8)>),
}

/// The columns: eligible, with a responsible worker, with a plan, with consent, first plans, one contact.
const COLUMNS: usize = 6;
/// The bit of the first of them.
const ELIGIBLE: u8 = 1;

impl Analysis for Adoption {
    type Sums = (Vec<Sum>, FastMap<u16, Sum>);

    fn new(plan: &Plan<'_>) -> Option<Self> {
        let settings = plan.study.adoption.as_ref()?;
        let named = |name: &String| plan.study.cohorts.iter().position(|cohort| cohort.name == *name);
        let first = (!plan.study.cohorts.is_empty()).then_some(0);
        let cohort = match &settings.cohort {
            Some(name) if name == "all" => None,
            Some(name) => named(name),
            None => first,
        };
        let months = months(plan);
        let months_of = |period: usize| {
            let has = |(_, periods): &(String, Vec<(usize, Window)>)| periods.iter().any(|(of, _)| *of == period);
            let first = months.iter().position(has).unwrap_or(0);
            first..months.iter().rposition(has).map_or(first, |last| last + 1)
        };
        let alone = |period: usize| {
            let months = months.get(months_of(period)).unwrap_or_default();
            let is_alone = !months.is_empty() && months.iter().all(|(_, periods)| periods.len() == 1);
            is_alone.then(|| plan.followed(plan.periods[period]))
        };
        Some(Adoption {
            cohort,
            one_contact_days: i32::try_from(settings.one_contact_days).unwrap_or(i32::MAX),
            months_of: (0..plan.periods.len()).map(months_of).collect(),
            alone: (0..plan.periods.len()).map(alone).collect(),
            now: vec![Now::default(); plan.periods.len()],
            is_listed: vec![false; plan.catalogue.providers.len()],
            own: Own::Eligible(0),
            sums: (vec![Sum::default(); plan.catalogue.providers.len()], FastMap::default()),
            months,
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
        let now = &mut self.now[visit.period];
        now.is_member = true;
        now.first_contact = visit.rows.start.first().map_or(visit.window.first, |&day| day.max(visit.window.first));
        now.municipality = visit.plan.municipality_in(visit.period, visit.client.municipality);
        now.providers.clear();
        for &provider in visit.rows.more.provider.iter().filter(|&&provider| provider != NO_CODE) {
            if !std::mem::replace(&mut self.is_listed[usize::from(provider)], true) {
                now.providers.push(provider);
            }
        }
        for &provider in &now.providers {
            self.is_listed[usize::from(provider)] = false;
        }
    }

    fn end_client(&mut self, client: &ClientInfo, _: &ClientRows<'_>, side_tables: &SideTables, plan: &Plan<'_>) {
        if !self.now.iter().any(|now| now.is_member) {
            return;
        }
        let facts = Facts {
            plans: side_tables.plans_of(client.client_id),
            assessments: side_tables.assessments_of(client.client_id),
            one_contact_days: self.one_contact_days,
            end: plan.end,
        };
        let Self { months, months_of, alone, now, own, sums: (of_providers, of_municipalities), .. } = self;
        for (period, member) in now.iter().enumerate().filter(|(_, member)| member.is_member) {
            let observed = client.observation();
            let is_there = |days: &Window| observed.first <= days.first && days.last <= observed.last;
            if facts.are_none() && alone[period].as_ref().is_some_and(is_there) {
                *own = Own::Eligible(period);
            } else {
                let mut adds = own.take();
                adds.extend(months_of[period].clone().filter_map(|month| {
                    // Of periods that share the month the first that has the client.
                    let first = months[month].1.iter().find(|(of, _)| now[*of].is_member);
                    let (_, days) = first.filter(|(of, _)| *of == period)?;
                    let is_there = !client.is_listed || client.observed_days(*days) > 0;
                    is_there.then(|| (month, facts.in_month(member.first_contact, *days)))
                }));
                *own = Own::Months(adds);
            }
            for &provider in &member.providers {
                of_providers[usize::from(provider)].add_client(own, months.len(), now.len());
            }
            of_municipalities.entry(member.municipality).or_default().add_client(own, months.len(), now.len());
        }
        now.iter_mut().for_each(|now| now.is_member = false);
    }

    sums_in!(sums, |own, (of_providers, of_municipalities), frame| {
        let (months, periods) = (own.months.len(), own.now.len());
        let is_whole = |sum: &Sum| {
            let lengths = (sum.months.len(), sum.eligible.len());
            lengths == (0, 0) || lengths == (months, periods)
        };
        let towns = frame.plan.catalogue.municipalities.len();
        of_providers.len() == frame.plan.catalogue.providers.len()
            && of_municipalities.keys().all(|&town| is_code(town, towns))
            && of_providers.iter().chain(of_municipalities.values()).all(is_whole)
    });

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
        let mut sums: BTreeMap<Row<'_>, Sum> = BTreeMap::new();
        for (provider, sum) in end.plan.catalogue.providers.iter().zip(&self.sums.0) {
            sums.entry(Row::Provider(provider)).or_default().add(sum);
        }
        for (town, sum) in &self.sums.1 {
            let town = end.plan.catalogue.municipalities.get(usize::from(*town));
            let county = town.and_then(|town| town.wellbeing_county.as_deref());
            let here = Row::Municipality { county, code: town.map(|town| town.code.as_str()) };
            for row in [Some(Row::Everybody), county.map(Row::County), Some(here)].into_iter().flatten() {
                sums.entry(row).or_default().add(sum);
            }
        }
        sums.values_mut().for_each(|sum| sum.spread(&self.months_of));
        let rows = self.months.iter().enumerate().flat_map(|(month, (label, _))| {
            sums.iter().filter_map(move |(row, sum)| Some((label, *row, *sum.months.get(month)?)))
        });
        for (label, row, [eligible, counts @ ..]) in rows.filter(|(_, _, [eligible, ..])| *eligible > 0) {
            let text = |text: Option<&'_ str>| -> Option<String> { text.map(str::to_owned) };
            let (county, municipality, provider) = match row {
                Row::Everybody => (text(Some("all")), text(Some("all")), "all"),
                Row::County(county) => (text(Some(county)), text(Some("all")), "all"),
                Row::Municipality { county, code } => (text(county), text(code), "all"),
                Row::Provider(provider) => (text(Some("all")), text(Some("all")), provider),
            };
            let mut values = vec![
                Value::Text(label),
                county.as_deref().map_or(Value::Null, Value::Text),
                municipality.as_deref().map_or(Value::Null, Value::Text),
                Value::Text(provider),
                Value::Int(eligible),
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

/// What the store knows of the client at hand.
struct Facts<'a> {
    plans: &'a [ClientPlan],
    assessments: &'a [(ClientInfo, Assessment)],
    one_contact_days: i32,
    end: Option<i32>,
}

impl Facts<'_> {
    fn are_none(&self) -> bool {
        self.plans.is_empty() && self.assessments.is_empty()
    }

    /// What an eligible client adds to a month, a bit for each column.
    fn in_month(&self, first_contact: i32, days: Window) -> u8 {
        if self.are_none() {
            return ELIGIBLE;
        }
        let has = |kind: PlanKind| {
            let in_force =
                |first: Day, last: Option<Day>| first.0 <= days.last && last.is_none_or(|last| last.0 >= days.first);
            self.plans.iter().any(|one| one.kind == kind && in_force(one.first, one.last))
        };
        let first_days =
            || self.plans.iter().filter(|one| one.kind == PlanKind::MultiServicePlan).map(|one| one.first.0);
        let begun = self.assessments.iter().filter_map(|(_, one)| one.begun_on());
        let soon = |day: i32| {
            first_contact <= day
                && day <= first_contact.saturating_add(self.one_contact_days)
                && self.end.is_none_or(|end| day <= end)
        };
        let columns: [bool; COLUMNS] = [
            true,
            has(PlanKind::ResponsibleWorker),
            has(PlanKind::MultiServicePlan),
            has(PlanKind::Consent),
            first_days().min().is_some_and(|day| days.contains(day)),
            days.contains(first_contact) && first_days().chain(begun.map(|day| day.0)).any(soon),
        ];
        columns.iter().enumerate().fold(0, |bits, (column, is_so)| bits | u8::from(*is_so) << column)
    }
}

impl Own {
    /// An empty list, the one at hand where there is one.
    fn take(&mut self) -> Vec<(usize, u8)> {
        match self {
            Own::Eligible(_) => Vec::new(),
            Own::Months(adds) => {
                adds.clear();
                std::mem::take(adds)
            }
        }
    }
}

add_up!(Sum { months, eligible });

impl Sum {
    fn add_client(&mut self, own: &Own, months: usize, periods: usize) {
        if self.months.is_empty() {
            *self = Sum { months: vec![[0; COLUMNS]; months], eligible: vec![0; periods] };
        }
        match own {
            Own::Eligible(period) => self.eligible[*period] += 1,
            Own::Months(adds) => {
                for (month, bits) in adds {
                    let columns = self.months[*month].iter_mut().enumerate();
                    columns.for_each(|(column, sum)| *sum += i64::from(bits >> column & 1));
                }
            }
        }
    }

    /// Adds to each month those who are eligible in each of its period.
    fn spread(&mut self, months_of: &[Range<usize>]) {
        for (clients, months) in self.eligible.drain(..).zip(months_of) {
            let months = self.months.get_mut(months.clone()).unwrap_or_default();
            months.iter_mut().for_each(|[eligible, ..]| *eligible += clients);
        }
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
