//! What of a pilot's means may leave.
//!
//! A mean and the number of its clients give a sum over clients back, so a mean is held to the rules of sums: k clients
//! have any of what is measured, no two dominate, and its step is a fifth of what the largest client adds to it. Who
//! stands behind a mean is read from the table of the pilot's clients, which itself never leaves; without that table no
//! mean does.

use std::collections::{BTreeMap, BTreeSet};

use virta_model::schema::TableSchema;
use virta_model::{Table, Value};

use crate::contributors::Contributors;
use crate::policy::{Rounding, fine_step_at_least, nearest_fraction, two_digits};
use crate::reason::Reason;
use crate::rows::Row;

/// The clients of the pilots and those they are compared with.
#[derive(Debug, Default)]
pub(crate) struct Pilots<'a> {
    table: Option<&'a Table>,
    by_name: BTreeMap<&'a str, Vec<Person<'a>>>,
}

#[derive(Debug)]
struct Person<'a> {
    client_id: i64,
    is_pilot: bool,
    is_female: bool,
    /// Whose baseline is observed, and who has any follow-up.
    is_observed: bool,
    is_followed: bool,
    used: Vec<Used<'a>>,
}

#[derive(Debug)]
struct Used<'a> {
    is_after: bool,
    service: Option<&'a str>,
    row: usize,
}

/// Whose use a mean is of.
#[derive(Debug, Clone, Copy)]
struct Of {
    is_pilot: bool,
    is_after: bool,
    is_followed: bool,
}

const fn of(is_pilot: bool, is_after: bool, is_followed: bool) -> Of {
    Of { is_pilot, is_after, is_followed }
}

/// The means of `pilot_baseline`.
const MEANS: [(&str, Of); 6] = [
    ("baseline_mean", of(true, false, false)),
    ("comparison_baseline_mean", of(false, false, false)),
    ("before_mean", of(true, false, true)),
    ("after_mean", of(true, true, true)),
    ("comparison_before_mean", of(false, false, true)),
    ("comparison_after_mean", of(false, true, true)),
];

/// What each difference is made from, by the means in the end.
const DIFFERENCES: [(&str, &[&str]); 5] = [
    ("change", &["before_mean", "after_mean"]),
    ("comparison_change", &["comparison_before_mean", "comparison_after_mean"]),
    ("difference", &["before_mean", "after_mean", "comparison_before_mean", "comparison_after_mean"]),
    ("interval_low", &["before_mean", "after_mean", "comparison_before_mean", "comparison_after_mean"]),
    ("interval_high", &["before_mean", "after_mean", "comparison_before_mean", "comparison_after_mean"]),
];

impl<'a> Pilots<'a> {
    pub(crate) fn new(tables: &'a [Table]) -> Self {
        let Some(table) = tables.iter().find(|table| table.schema.name == "pilot_clients") else {
            return Pilots::default();
        };
        let mut pilots = Pilots { table: Some(table), ..Pilots::default() };
        for row in 0..table.rows() {
            let text = |column| text(table, row, column);
            let (Some(name), Some(client_id)) = (text("pilot"), int(table, row, "client_id")) else { continue };
            let is_pilot = text("role") == Some("pilot");
            let people = pilots.by_name.entry(name).or_default();
            // The rows of a client stand together.
            if people.last().is_none_or(|last| last.client_id != client_id || last.is_pilot != is_pilot) {
                let is_female = text("sex") == Some("female");
                let new =
                    Person { client_id, is_pilot, is_female, is_observed: false, is_followed: false, used: Vec::new() };
                people.push(new);
            }
            let Some(person) = people.last_mut() else { continue };
            let is_after = text("window") == Some("after");
            let has_days = int(table, row, "observed_days").unwrap_or(0) > 0;
            if is_after {
                person.is_followed |= has_days;
            } else {
                person.is_observed |= has_days;
            }
            person.used.push(Used { is_after, service: text("service"), row });
        }
        // With a comparison, only clients who were matched stand behind the means.
        let matched: BTreeSet<(&str, i64)> = (0..table.rows())
            .filter_map(|row| Some((text(table, row, "pilot")?, int(table, row, "matched_with")?)))
            .collect();
        for (name, people) in &mut pilots.by_name {
            let is_compared = matched.iter().any(|(pilot, _)| pilot == name);
            people.retain(|person| {
                let is_matched = !person.is_pilot || !is_compared || matched.contains(&(name, person.client_id));
                person.is_observed && is_matched
            });
        }
        pilots
    }

    /// A mean or a difference of means as it may be shown.
    pub(crate) fn figure(
        &self,
        schema: &TableSchema,
        row: &Row,
        column: &str,
        rounding: &Rounding,
    ) -> Result<f64, Reason> {
        let value = schema.index_of(column).and_then(|at| row.ratio(at)).unwrap_or(0.0);
        let pilot = row.text(schema.index_of("pilot"));
        let people = self.by_name.get(pilot).map_or(&[][..], Vec::as_slice);
        if let Some(at) = schema.index_of("variable") {
            return self.balance(schema, row, people, (row.text(Some(at)), column, value), rounding);
        }
        let measure = row.text(schema.index_of("measure"));
        let service = Some(row.text(schema.index_of("service"))).filter(|service| !service.is_empty());
        let parts: &[&str] = DIFFERENCES.iter().find(|(name, _)| *name == column).map_or(&[], |(_, parts)| parts);
        let is_part = |name: &str| name == column || parts.contains(&name);
        let means = MEANS.iter().filter(|(name, _)| is_part(name));
        let mut step = 0.0_f64;
        for &(_, of) in means {
            step = step.max(self.step(people, of, measure, service, rounding)?);
        }
        if step == 0.0 { Err(Reason::NotDeclared) } else { Ok(nearest_fraction(value, step)) }
    }

    /// What a mean is rounded to, if it may be shown.
    fn step(
        &self,
        people: &[Person<'_>],
        of: Of,
        measure: &str,
        service: Option<&str>,
        rounding: &Rounding,
    ) -> Result<f64, Reason> {
        let table = self.table.ok_or(Reason::ContributorsUnknown)?;
        let group = people.iter().filter(|person| person.is_pilot == of.is_pilot);
        let group = group.filter(|person| !of.is_followed || person.is_followed);
        let amounts: Vec<i64> = group.map(|person| person.amount(table, of.is_after, measure, service)).collect();
        let behind = Contributors::of(amounts.iter().copied());
        rounding.check(behind)?;
        let step = rounding.step(behind.largest, measure == "cost_cents");
        Ok(fine_step_at_least(step as f64 / amounts.len().max(1) as f64))
    }

    /// How alike the groups were before.
    fn balance(
        &self,
        schema: &TableSchema,
        row: &Row,
        people: &[Person<'_>],
        (variable, column, value): (&str, &str, f64),
        rounding: &Rounding,
    ) -> Result<f64, Reason> {
        let is_pilot = match column {
            "mean" => true,
            "comparison_mean" => false,
            "pool_mean" => {
                // Who else could have been drawn is not listed, so there must be many of them.
                let pool = row.int(schema.index_of("pool_clients")).unwrap_or(0);
                let is_many = !rounding.is_few(pool / 4);
                return if is_many { Ok(two_digits(value)) } else { Err(Reason::ContributorsUnknown) };
            }
            // A standardised difference tells no mean: what it is divided by is not said.
            _ => {
                let others = if column == "difference_before" { "pool_mean" } else { "comparison_mean" };
                for mean in ["mean", others] {
                    self.balance(schema, row, people, (variable, mean, 0.0), rounding)?;
                }
                return Ok(nearest_fraction(value, 0.1));
            }
        };
        let group = || people.iter().filter(|person| person.is_pilot == is_pilot);
        let all = group().count() as i64;
        let shown = |people: i64| rounding.people(people).ok_or(Reason::TooFewClients);
        let of_all = shown(all)?;
        match variable {
            "female" => {
                let women = group().filter(|person| person.is_female).count() as i64;
                shown(all - women)?;
                Ok(shown(women)? as f64 / of_all as f64)
            }
            // One client's part of the mean is at most so much.
            "age" => Ok(nearest_fraction(value, fine_step_at_least(100.0 / (5 * all) as f64))),
            "cost_decile" => Ok(nearest_fraction(value, fine_step_at_least(10.0 / (5 * all) as f64))),
            measure => {
                let before = of(is_pilot, false, false);
                Ok(nearest_fraction(value, self.step(people, before, measure, None, rounding)?))
            }
        }
    }
}

impl Person<'_> {
    fn amount(&self, table: &Table, is_after: bool, measure: &str, service: Option<&str>) -> i64 {
        let used = self.used.iter().find(|used| used.is_after == is_after && used.service == service);
        used.and_then(|used| int(table, used.row, measure)).unwrap_or(0)
    }
}

fn text<'a>(table: &'a Table, row: usize, column: &str) -> Option<&'a str> {
    match table.value(row, table.schema.index_of(column)?) {
        Value::Text(text) => Some(text),
        _ => None,
    }
}

fn int(table: &Table, row: usize, column: &str) -> Option<i64> {
    match table.value(row, table.schema.index_of(column)?) {
        Value::Int(number) => Some(number),
        _ => None,
    }
}
