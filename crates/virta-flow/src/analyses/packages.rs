//! `packages`: what each provider did for each service package, against what was agreed, and what clients say of it.
//!
//! Unit: contacts of users of the population, by provider, package and period. A row for each pair that has a contact
//! or an answer in the period, or an agreement on any day of it; contacts without a provider or a package have rows of
//! their own with null, so that contacts and cost add up to the period's. Days: a visit is one day, a stay its days in
//! the period.
//!
//! What is not measured is null, never 0: a cost when no contact has one, agreed figures without an agreement, feedback
//! without answers. Without any contact, use and cost are 0.
//!
//! Agreements that reach beyond the period count by days, in whole units: of a volume the part up to day d of n is
//! `volume * d / n` rounded down, so that adjacent periods add up to the whole. Several agreements add up; when one of
//! them has no volume, or they count different things, the volume is null. Feedback of one questionnaire only: the one
//! with the most answers of the row, of equals the first by bytes. The change is that of clients with answers on two
//! days or more: the mean score of the last day less the mean score of the first.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use virta_model::schema::PACKAGES;
use virta_model::{Table, Value};

use super::{Analysis, End, int_or_null, ratio_or_null, sums_in};
use crate::hash::FastMap;
use crate::input::columns::{Columns, NO_CODE, NO_COST};
use crate::input::rows::{Rows, Window, cost_between};
use crate::input::side::{Agreement, Answer};
use crate::pass::client_period::ClientPeriod;
use crate::pass::costs::{Costs, Counts};
use crate::pass::groups::Remap;
use crate::pass::sums::{AddUp, add_up};
use crate::rules::plan::Plan;
use crate::shares::frame::{Frame, is_code};

pub(super) struct Packages {
    /// The package of each service, or [`NO_CODE`].
    of_service: Vec<u16>,
    codes: Vec<String>,
    /// By period: use by provider and package.
    periods: Vec<FastMap<Pair, Use>>,
    rows: Vec<(Pair, OfClient)>,
}

/// Numbers of a provider and a package.
type Pair = (u16, u16);

#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub(super) struct Use {
    clients: i64,
    contacts: Counts,
    days: Counts,
    cost: Costs,
    priced: Counts,
}

add_up!(Use { clients, contacts, days, cost, priced });

/// What contacts of one client add.
#[derive(Debug, Clone, Copy, Default)]
struct OfClient {
    contacts: u32,
    days: u32,
    cost: i64,
    unpriced: u32,
}

impl OfClient {
    fn add(&mut self, other: OfClient) {
        self.contacts += other.contacts;
        self.days = self.days.saturating_add(other.days);
        self.cost += other.cost;
        self.unpriced += other.unpriced;
    }

    fn used(self) -> Use {
        Use {
            clients: 1,
            contacts: Counts::of(self.contacts),
            days: Counts::of(self.days),
            cost: if self.unpriced < self.contacts { Costs::of(self.cost) } else { Costs::unpriced() },
            priced: Counts::of(self.contacts - self.unpriced),
        }
    }
}

impl Analysis for Packages {
    type Sums = Vec<FastMap<Pair, Use>>;

    fn new(plan: &Plan<'_>) -> Option<Self> {
        plan.study.packages?;
        let services = &plan.catalogue.services;
        let codes: BTreeSet<&String> = services.iter().filter_map(|service| service.package.as_ref()).collect();
        let codes: Vec<String> = codes.into_iter().cloned().collect();
        let number = |code: &String| codes.binary_search(code).map_or(NO_CODE, |at| at as u16);
        let of_service = services.iter().map(|service| service.package.as_ref().map_or(NO_CODE, number)).collect();
        let periods = plan.periods.iter().map(|_| FastMap::default()).collect();
        Some(Packages { of_service, codes, periods, rows: Vec::new() })
    }

    fn columns() -> Columns {
        Columns { provider: true, ..Columns::NONE }
    }

    fn user(&mut self, seen: &ClientPeriod<'_>) {
        self.rows.clear();
        let of_service = &self.of_service;
        self.rows.extend((0..seen.rows.len()).map(|row| (pair(of_service, seen.rows, row), used(seen.rows, row))));
        self.rows.sort_unstable_by_key(|(pair, _)| *pair);
        let uses = &mut self.periods[seen.period];
        for same in self.rows.chunk_by(|a, b| a.0 == b.0) {
            let mut sum = OfClient::default();
            same.iter().for_each(|(_, used)| sum.add(*used));
            uses.entry(same[0].0).or_default().add(&sum.used());
        }
    }

    sums_in!(periods, |own, periods, frame| {
        let providers = frame.plan.catalogue.providers.len();
        let is_pair = |(provider, package): &Pair| is_code(*provider, providers) && is_code(*package, own.codes.len());
        periods.len() == frame.plan.periods.len() && periods.iter().flat_map(FastMap::keys).all(is_pair)
    });

    fn finish(self, end: &End<'_>) -> Vec<Table> {
        let mut table = Table::new(&PACKAGES);
        for ((label, window), uses) in end.labels().zip(&end.plan.periods).zip(&self.periods) {
            let mut rows: BTreeMap<(Option<&str>, Option<&str>), Row<'_>> = BTreeMap::new();
            for (&(provider, package), &used) in uses {
                let provider = end.plan.catalogue.providers.get(usize::from(provider)).map(String::as_str);
                let package = self.codes.get(usize::from(package)).map(String::as_str);
                rows.entry((provider, package)).or_default().used = used;
            }
            for agreement in &end.side_tables.agreements {
                if agreement.first.0 <= window.last && window.first <= agreement.last.0 {
                    let key = (Some(agreement.provider.as_str()), Some(agreement.package.as_str()));
                    rows.entry(key).or_default().agreements.push(agreement);
                }
            }
            for answer in end.side_tables.answers_in(end.plan, *window) {
                let key = (Some(answer.provider.as_str()), Some(answer.package.as_str()));
                rows.entry(key).or_default().answers.push(answer);
            }
            // Missing providers and packages stand last.
            let (named, unnamed): (Vec<_>, Vec<_>) = rows.iter().partition(|((provider, _), _)| provider.is_some());
            for ((provider, package), row) in named.into_iter().chain(unnamed) {
                row.push(&mut table, *provider, *package, label, *window);
                let keys = [text(*provider), text(*package), Value::Text(label)];
                let amounts = [
                    ("contacts", row.used.contacts.behind()),
                    ("days", row.used.days.behind()),
                    ("cost_cents", row.used.cost.behind()),
                    ("priced_contacts", row.used.priced.behind()),
                ];
                end.contributors.note(&PACKAGES, &keys, row.used.clients, &amounts);
                let answers = Feedback::of(&row.answers).answers;
                end.contributors.note(&PACKAGES, &keys, answers.behind().clients, &[("answers", answers.behind())]);
            }
        }
        vec![table]
    }
}

fn pair(of_service: &[u16], rows: &Rows<'_>, row: usize) -> Pair {
    let provider = rows.more.provider.get(row).copied().unwrap_or(NO_CODE);
    (provider, of_service.get(usize::from(rows.service[row])).copied().unwrap_or(NO_CODE))
}

/// What one contact adds.
fn used(rows: &Rows<'_>, row: usize) -> OfClient {
    let days = if rows.is_stay(row) { rows.stay_days(row) } else { 1 };
    OfClient { contacts: 1, days, cost: rows.cost(row), unpriced: u32::from(rows.cost[row] == NO_COST) }
}

/// Everything about one provider and package in one period.
#[derive(Debug, Default)]
struct Row<'a> {
    used: Use,
    agreements: Vec<&'a Agreement>,
    /// By instrument, client, day.
    answers: Vec<&'a Answer>,
}

impl Row<'_> {
    fn push(&self, table: &mut Table, provider: Option<&str>, package: Option<&str>, label: &str, window: Window) {
        let used = self.used;
        let (contacts, days, priced) = (used.contacts.sum(), used.days.sum(), used.priced.sum());
        let cost = used.cost.cents();
        let agreed = Agreed::of(&self.agreements, window);
        let actual = match agreed.unit {
            Some("contacts") => Some(contacts),
            Some("days") => Some(days),
            Some("clients") => Some(used.clients),
            _ => None,
        };
        let less = |actual: Option<i64>, agreed: Option<i64>| Some(actual?.saturating_sub(agreed?));
        let unit_cost = cost.zip(actual).and_then(|(cost, actual)| per(cost, actual));
        let feedback = Feedback::of(&self.answers);
        table.push(&[
            text(provider),
            text(package),
            Value::Text(label),
            Value::Int(used.clients),
            Value::Int(contacts),
            Value::Int(days),
            int_or_null(cost),
            Value::Int(contacts - priced),
            int_or_null(cost.map(|_| priced)),
            int_or_null(cost.and_then(|cost| per(cost, used.clients))),
            int_or_null(cost.and_then(|cost| per(cost, contacts))),
            int_or_null(agreed.volume),
            text(agreed.unit),
            int_or_null(agreed.unit_cost),
            int_or_null(agreed.cost),
            int_or_null(less(actual, agreed.volume)),
            int_or_null(less(unit_cost, agreed.unit_cost)),
            int_or_null(less(cost, agreed.cost)),
            text(feedback.instrument),
            int_or_null(some(feedback.answers.sum())),
            int_or_null(some(feedback.answers.behind().clients)),
            ratio_or_null(feedback.mean),
            int_or_null(some(feedback.repeat_clients)),
            ratio_or_null(feedback.change),
        ]);
    }
}

fn text(text: Option<&str>) -> Value<'_> {
    text.map_or(Value::Null, Value::Text)
}

/// A number of answers, or nothing where there is none.
fn some(count: i64) -> Option<i64> {
    (count > 0).then_some(count)
}

/// Cents by a number, to the nearest cent, halves away from 0.
fn per(cents: i64, number: i64) -> Option<i64> {
    if number <= 0 {
        return None;
    }
    let (size, number) = (i128::from(cents.unsigned_abs()), i128::from(number));
    let rounded = (2 * size + number) / (2 * number);
    i64::try_from(if cents < 0 { -rounded } else { rounded }).ok()
}

/// What was agreed for a period.
#[derive(Debug, Clone, Copy, Default)]
struct Agreed<'a> {
    volume: Option<i64>,
    unit: Option<&'a str>,
    unit_cost: Option<i64>,
    cost: Option<i64>,
}

impl<'a> Agreed<'a> {
    fn of(agreements: &[&'a Agreement], window: Window) -> Self {
        if agreements.is_empty() {
            return Agreed::default();
        }
        let in_period = |agreement: &Agreement| {
            let part = |volume| cost_between(volume, agreement.first.0, agreement.last.0, window);
            agreement.volume.map(part)
        };
        let volumes: Option<Vec<i64>> = agreements.iter().map(|agreement| in_period(agreement)).collect();
        let prices: Option<Vec<i64>> = agreements.iter().map(|agreement| agreement.unit_cost_cents).collect();
        let cost = volumes.as_ref().zip(prices.as_ref()).map(|(volumes, prices)| {
            volumes
                .iter()
                .zip(prices)
                .fold(0, |sum: i64, (volume, price)| sum.saturating_add(volume.saturating_mul(*price)))
        });
        let unit = agreements[0].unit.as_deref();
        let is_one_unit = agreements.iter().all(|agreement| agreement.unit.as_deref() == unit);
        let volume = volumes.filter(|_| is_one_unit).map(|volumes| volumes.iter().sum());
        let unit_cost = prices.filter(|_| is_one_unit).and_then(|prices| match prices.as_slice() {
            [first, others @ ..] if others.iter().all(|price| price == first) => Some(*first),
            _ => cost.zip(volume).and_then(|(cost, volume)| per(cost, volume)),
        });
        Agreed { volume, unit: unit.filter(|_| is_one_unit), unit_cost, cost }
    }
}

/// What clients say.
#[derive(Debug, Clone, Copy, Default)]
struct Feedback<'a> {
    instrument: Option<&'a str>,
    /// How many each client gave.
    answers: Counts,
    mean: Option<f64>,
    repeat_clients: i64,
    change: Option<f64>,
}

impl<'a> Feedback<'a> {
    /// `answers` by instrument, client and day.
    fn of(answers: &[&'a Answer]) -> Self {
        let by_instrument = answers.chunk_by(|a, b| a.instrument == b.instrument);
        let Some(answers) = by_instrument.min_by_key(|answers| std::cmp::Reverse(answers.len())) else {
            return Feedback::default();
        };
        let clients = || answers.chunk_by(|a, b| a.client_id == b.client_id);
        let changes: Vec<f64> = clients().filter_map(change).collect();
        Feedback {
            instrument: answers.first().map(|answer| answer.instrument.as_str()),
            answers: clients().map(|answers| answers.len() as u32).collect(),
            mean: mean(answers.iter().map(|answer| answer.score)),
            repeat_clients: changes.len() as i64,
            change: mean(changes.iter().copied()),
        }
    }
}

/// How one client's score changed between the first and the last day of answers.
fn change(answers: &[&Answer]) -> Option<f64> {
    let day = |answers: &[&Answer]| mean(answers.iter().map(|answer| answer.score));
    let mut days = answers.chunk_by(|a, b| a.given_on == b.given_on);
    Some((days.next().and_then(day), days.next_back().and_then(day))).and_then(|(first, last)| Some(last? - first?))
}

/// Added up in the order given, which is fixed, so that the bits are the same each time.
fn mean(scores: impl ExactSizeIterator<Item = f64>) -> Option<f64> {
    let number = scores.len();
    (number > 0).then(|| scores.sum::<f64>() / number as f64)
}
