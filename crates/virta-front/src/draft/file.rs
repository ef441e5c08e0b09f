//! Study files as texts: with a cohort's controls in their place, with a pilot.

use std::fmt::Write as _;

use toml::{Table, Value};
use virta_model::settings::{Cohort, Study};

use super::form::Form;
use crate::trouble::Trouble;

/// What is measured of a pilot, as a study file says it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Measured {
    pub pilot: String,
    pub before_days: u32,
    pub after_days: u32,
    /// The cohort from which comparison clients come, and how many for each client.
    pub comparison: Option<(String, u32)>,
}

/// A study file with a pilot in it, in place of what it said of the pilot before.
///
/// # Errors
/// What a study file cannot say.
pub(crate) fn with_pilot(text: &str, measured: &Measured) -> Result<String, Trouble> {
    let mut table = parsed(text)?;
    let pilots = table.entry("pilot").or_insert_with(|| Value::Array(Vec::new()));
    let Value::Array(pilots) = pilots else { return Err(Trouble::new("pilot is a list of sections: [[pilot]]")) };
    let is_it = |one: &&mut Table| one.get("name").and_then(Value::as_str) == Some(&measured.pilot);
    let section = match pilots.iter_mut().filter_map(Value::as_table_mut).find(is_it) {
        Some(section) => section,
        None => {
            pilots.push(Value::Table(Table::from_iter([("name".to_owned(), Value::String(measured.pilot.clone()))])));
            match pilots.last_mut().and_then(Value::as_table_mut) {
                Some(section) => section,
                None => return Err(Trouble::new("the pilot cannot be written")),
            }
        }
    };
    section.insert("before_days".to_owned(), Value::Integer(measured.before_days.into()));
    section.insert("after_days".to_owned(), Value::Integer(measured.after_days.into()));
    match &measured.comparison {
        Some((cohort, per_client)) => {
            let mut comparison = section.get("comparison").and_then(Value::as_table).cloned().unwrap_or_default();
            comparison.insert("cohort".to_owned(), Value::String(cohort.clone()));
            comparison.insert("per_client".to_owned(), Value::Integer((*per_client).into()));
            section.insert("comparison".to_owned(), Value::Table(comparison));
        }
        None => {
            section.remove("comparison");
        }
    }
    let text = to_text(&table)?;
    Study::parse(&text)?;
    Ok(text)
}

pub(super) fn parsed(text: &str) -> Result<Table, Trouble> {
    text.parse::<Table>().map_err(|error| Trouble::new(error.message()))
}

/// The study file with the controls' cohort in the place of the one they began as.
pub(super) fn written(form: &Form, begin: &Form, text: &str) -> Result<String, Trouble> {
    let mut table = parsed(text)?;
    if let Some(Value::Table(head)) = table.get_mut("study") {
        head.remove("period");
        let periods = form.periods.iter().cloned().map(Value::String).collect();
        head.insert("periods".to_owned(), Value::Array(periods));
        let ages = match form.population.as_str() {
            "same" if form.age_min.is_some() || form.age_max.is_some() => {
                Some(format!("{}..{}", form.age_min.unwrap_or(0), form.age_max.unwrap_or(200)))
            }
            "own" => None,
            _ => Some(String::new()),
        };
        match ages.as_deref() {
            None => {}
            Some("") => drop(head.remove("population")),
            Some(ages) => {
                let population = Table::from_iter([("ages".to_owned(), Value::String(ages.to_owned()))]);
                head.insert("population".to_owned(), Value::Table(population));
            }
        }
    }
    if let Some(Value::Array(cohorts)) = table.get_mut("cohort") {
        for cohort in cohorts.iter_mut().filter_map(Value::as_table_mut) {
            if cohort.get("name").and_then(Value::as_str) == Some(&form.cohort) {
                let mut new = form.cohort_table(cohort);
                // A title says what the rules were.
                if begin.cohort_table(cohort) != new {
                    new.remove("title");
                }
                *cohort = new;
            }
        }
    }
    to_text(&table)
}

/// Keys of the head in the order in which they are read.
const HEAD: &[&str] = &["name", "title", "periods", "population", "observed_until"];

/// A study file as people write it: the head, the cohorts, then every other section.
pub(super) fn to_text(table: &Table) -> Result<String, Trouble> {
    let mut text = String::from("[study]\n");
    if let Some(Value::Table(head)) = table.get("study") {
        lines(&mut text, head, HEAD);
    }
    for cohort in table.get("cohort").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_table) {
        text.push_str("\n[[cohort]]\n");
        lines(&mut text, cohort, &Cohort::KEYS);
    }
    for (key, value) in table.iter().filter(|(key, _)| *key != "study" && *key != "cohort") {
        let section = Table::from_iter([(key.clone(), value.clone())]);
        let section = toml::to_string(&section).map_err(|error| Trouble::new(error.to_string()))?;
        let _ = write!(text, "\n{section}");
    }
    Ok(text)
}

fn lines(text: &mut String, table: &Table, order: &[&str]) {
    let known = order.iter().filter_map(|key| table.get_key_value(*key));
    let others = table.iter().filter(|(key, _)| !order.contains(&key.as_str()));
    for (key, value) in known.chain(others) {
        let _ = writeln!(text, "{key} = {value}");
    }
}
