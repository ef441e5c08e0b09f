//! The rows of the pilots' tables.

use virta_model::schema::{PILOT_BALANCE, PILOT_BASELINE, PILOT_CLIENTS, PILOT_COUNTS};
use virta_model::settings::Pilot;
use virta_model::{Sex, Table, Value};

use super::balance::{PoolSums, VARIABLES, balance};
use super::details::{Detail, Stretch};
use super::figures::{Figure, MEASURES, Measure, Measured, figure, measured};
use super::has_baseline;
use super::matching::LEVELS;
use super::windows::{Use, Windows};
use super::{Made, Set};
use crate::input::pilots::Frozen;
use crate::input::rows::Window;

/// The tables of all pilots.
pub(super) struct Tables {
    clients: Table,
    baseline: Table,
    balance: Table,
    counts: Table,
}

impl Tables {
    pub(super) fn new() -> Self {
        Tables {
            clients: Table::new(&PILOT_CLIENTS),
            baseline: Table::new(&PILOT_BASELINE),
            balance: Table::new(&PILOT_BALANCE),
            counts: Table::new(&PILOT_COUNTS),
        }
    }

    pub(super) fn finish(self) -> Vec<Table> {
        vec![self.clients, self.baseline, self.balance, self.counts]
    }

    /// Adds a pilot. `pools` has what the candidates of each set's index date were like; without them the balance is
    /// the frozen one.
    pub(super) fn add(&mut self, pilot: &Pilot, newest: i32, made: &Made, frozen: Option<&Frozen<'_>>, snapshot: &str) {
        let Made { sets, pools } = made;
        sets.iter().for_each(|set| self.add_set(pilot, set));
        let measured_sets = measured(pilot, newest, sets);
        self.add_figures(pilot, &measured_sets);
        self.add_counts(pilot, (newest, snapshot), sets, &measured_sets);
        if pilot.comparison.is_none() {
            return;
        }
        if let (None, Some(frozen)) = (pools, frozen) {
            self.copy_balance(pilot, frozen.balance);
        } else {
            let pools = pools.as_deref().unwrap_or_default();
            let is_in = |client_id| measured_sets.iter().any(|other| other.set.listed.client_id == client_id);
            let pools: Vec<PoolSums> =
                sets.iter().zip(pools).filter(|(set, _)| is_in(set.listed.client_id)).map(|(_, sums)| *sums).collect();
            self.add_balance(pilot, &measured_sets, &pools);
        }
    }

    fn copy_balance(&mut self, pilot: &Pilot, balance: &Table) {
        for row in (0..balance.rows()).filter(|&row| balance.value(row, 0) == Value::Text(&pilot.name)) {
            let values: Vec<Value<'_>> = (0..balance.columns.len()).map(|column| balance.value(row, column)).collect();
            self.balance.push(&values);
        }
    }

    fn add_set(&mut self, pilot: &Pilot, set: &Set) {
        let windows = set.listed.windows(pilot);
        let common = Common { pilot, set, windows };
        if let Some(own) = &set.own {
            let who = ClientRow { role: "pilot", client_id: set.listed.client_id, level: None, decile: set.decile };
            common.add(&mut self.clients, &who, own);
        }
        for found in &set.matches {
            let who = ClientRow {
                role: "comparison",
                client_id: found.client_id,
                level: Some(found.level),
                decile: Some(found.decile),
            };
            common.add(&mut self.clients, &who, &found.detail);
        }
    }

    fn add_figures(&mut self, pilot: &Pilot, sets: &[Measured<'_>]) {
        let mut services: Vec<&str> = sets
            .iter()
            .flat_map(|set| std::iter::once(set.own).chain(set.set.matches.iter().map(|found| &found.detail)))
            .flat_map(|detail| detail.before.by_service.iter().chain(&detail.after.by_service))
            .map(|(service, _)| service.as_str())
            .collect();
        services.sort_unstable();
        services.dedup();
        for measure in MEASURES {
            self.add_figure(pilot, measure, None, &figure(pilot, sets, measure));
        }
        for service in services {
            let measure = Measure::ContactsOf(service);
            self.add_figure(pilot, measure, Some(service), &figure(pilot, sets, measure));
        }
    }

    fn add_figure(&mut self, pilot: &Pilot, measure: Measure<'_>, service: Option<&str>, figure: &Figure) {
        let compared = |value: Value<'static>| if figure.is_compared { value } else { Value::Null };
        let of = |value: Option<f64>| value.map_or(Value::Null, Value::Ratio);
        self.baseline.push(&[
            Value::Text(&pilot.name),
            Value::Text(measure.name()),
            service.map_or(Value::Null, Value::Text),
            Value::Int(figure.clients),
            compared(Value::Int(figure.comparison_clients)),
            of(figure.baseline_mean),
            of(figure.comparison_baseline_mean),
            Value::Int(figure.followed),
            compared(Value::Int(figure.followed_comparison)),
            of(figure.pilot.before),
            of(figure.pilot.after),
            compared(of(figure.comparison.before)),
            compared(of(figure.comparison.after)),
            of(figure.pilot.change),
            compared(of(figure.comparison.change)),
            compared(of(figure.difference)),
            of(figure.interval.map(|interval| interval.0)),
            of(figure.interval.map(|interval| interval.1)),
        ]);
    }

    fn add_balance(&mut self, pilot: &Pilot, sets: &[Measured<'_>], pools: &[PoolSums]) {
        let of = |value: Option<f64>| value.map_or(Value::Null, Value::Ratio);
        for (variable, row) in VARIABLES.iter().zip(balance(sets, pools)) {
            self.balance.push(&[
                Value::Text(&pilot.name),
                Value::Text(variable),
                Value::Int(row.clients),
                Value::Int(row.comparison_clients),
                Value::Int(row.pool_clients),
                of(row.mean),
                of(row.comparison_mean),
                of(row.pool_mean),
                of(row.difference_before),
                of(row.difference_after),
            ]);
        }
    }

    fn add_counts(&mut self, pilot: &Pilot, (newest, snapshot): (i32, &str), sets: &[Set], measured: &[Measured<'_>]) {
        let has_baseline = |set: &&Set| has_baseline(set, pilot, newest);
        let is_older = |set: &&Set| set.snapshot.as_ref().is_some_and(|frozen| frozen != snapshot);
        let baselines = sets.iter().filter(has_baseline).count();
        self.add_count(pilot, "listed", sets.len(), None);
        self.add_count(pilot, "known", sets.iter().filter(|set| set.own.is_some()).count(), None);
        self.add_count(pilot, "baseline", baselines, None);
        self.add_count(pilot, "frozen", sets.iter().filter(is_older).count(), None);
        if let Some(comparison) = &pilot.comparison {
            self.add_count(pilot, "unmatched", baselines - measured.len(), None);
            let matches = || measured.iter().map(|set| set.set.matches.len());
            self.add_matched(pilot, "matched", matches());
            let each = comparison.per_client as usize;
            self.add_matched(pilot, "matched_fully", matches().filter(|&found| found >= each));
            for (level, name) in (1..=LEVELS).zip(["same_sex_age_municipality", "same_sex_age", "same_age"]) {
                let at_level = |set: &Measured<'_>| set.set.matches.iter().filter(|m| m.level == level).count();
                self.add_matched(pilot, name, measured.iter().map(at_level).filter(|&found| found > 0));
            }
        }
        let follow_ups: [(&str, FollowUp); 5] = [
            ("followed", |set, detail| set.is_followed(detail)),
            ("complete", |set, detail| set.is_complete(detail)),
            ("going_on", |set, detail| set.is_followed(detail) && !set.is_complete(detail) && detail.goes_on),
            ("ended_early", |set, detail| set.is_followed(detail) && !set.is_complete(detail) && !detail.goes_on),
            ("not_followed", |set, detail| !set.is_followed(detail)),
        ];
        for (name, is_so) in follow_ups {
            let own = measured.iter().filter(|set| is_so(set, set.own)).count();
            let others = measured.iter().flat_map(|set| set.set.matches.iter().map(move |found| (set, &found.detail)));
            let others = others.filter(|(set, detail)| is_so(set, detail)).count();
            self.add_count(pilot, name, own, pilot.comparison.is_some().then_some(others));
        }
    }

    /// Clients of the pilot, each with its number of comparison clients.
    fn add_matched(&mut self, pilot: &Pilot, step: &str, matches: impl Iterator<Item = usize>) {
        let (clients, others) = matches.fold((0, 0), |(clients, others), found| (clients + 1, others + found));
        self.add_count(pilot, step, clients, Some(others));
    }

    fn add_count(&mut self, pilot: &Pilot, step: &str, clients: usize, comparison_clients: Option<usize>) {
        self.counts.push(&[
            Value::Text(&pilot.name),
            Value::Text(step),
            Value::Int(clients as i64),
            comparison_clients.map_or(Value::Null, |clients| Value::Int(clients as i64)),
        ]);
    }
}

/// Whether the follow-up of a client of a set went so.
type FollowUp = fn(&Measured<'_>, &Detail) -> bool;

/// A client's part of a row.
struct ClientRow {
    role: &'static str,
    client_id: i64,
    level: Option<u8>,
    decile: Option<u8>,
}

/// What the rows of a set share.
struct Common<'a> {
    pilot: &'a Pilot,
    set: &'a Set,
    windows: Windows,
}

impl Common<'_> {
    fn add(&self, table: &mut Table, who: &ClientRow, detail: &Detail) {
        let after_end = self.windows.after;
        for (name, window, stretch) in
            [("before", self.windows.before, &detail.before), ("after", after_end, &detail.after)]
        {
            self.row(table, who, detail, (name, window, stretch), None, &stretch.used);
            for (service, used) in &stretch.by_service {
                self.row(table, who, detail, (name, window, stretch), Some(service), used);
            }
        }
    }

    fn row(
        &self,
        table: &mut Table,
        who: &ClientRow,
        detail: &Detail,
        (name, window, stretch): (&str, Window, &Stretch),
        service: Option<&str>,
        used: &Use,
    ) {
        let is_match = who.level.is_some();
        let number = |value: Option<u8>| value.map_or(Value::Null, |value| Value::Int(i64::from(value)));
        table.push(&[
            Value::Text(&self.pilot.name),
            Value::Text(who.role),
            Value::Int(who.client_id),
            if is_match { Value::Int(self.set.listed.client_id) } else { Value::Null },
            number(who.level),
            text(self.set.period.as_deref().filter(|_| is_match)),
            detail.person.sex.map_or(Value::Null, |sex: Sex| Value::Text(sex.as_str())),
            detail.person.age.map_or(Value::Null, |age| Value::Int(i64::from(age))),
            text(detail.municipality.as_deref()),
            number(who.decile),
            Value::Date(self.set.listed.index),
            Value::Text(name),
            Value::Date(window.first),
            Value::Date(window.last),
            Value::Int(stretch.observed_days),
            text(service),
            Value::Int(used.services),
            Value::Int(used.contacts),
            Value::Int(used.stay_days),
            used.cost().map_or(Value::Null, Value::Int),
            Value::Int(used.emergency_contacts),
            used.named_providers().map_or(Value::Null, Value::Int),
            text(self.set.snapshot.as_deref()),
        ]);
    }
}

fn text(text: Option<&str>) -> Value<'_> {
    text.map_or(Value::Null, Value::Text)
}
