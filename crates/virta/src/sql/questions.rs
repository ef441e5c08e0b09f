//! Ad hoc questions to the analysis core as table functions: `cohort(...)`, `flows(...)`, `combinations(...)`.
//!
//! The arguments are a study's keys: they are written as a study, read by its reader and checked by its rules, so that
//! a question and a study file never differ.

use std::fmt::Write;
use std::sync::Arc;

use arrow::array::RecordBatch;
use virta_flow::RunOptions;
use virta_model::settings::{Cohort, Study};
use virta_query::{Argument, Question, Value};
use virta_store::{Snapshot, to_record_batch};

use crate::source::StoreSource;

/// Keys of a cohort that are no arguments: they make no difference to one cohort, or hold keys of their own.
const NO_ARGUMENTS: &[&str] = &["name", "title", "heavy", "age", "exclude_cohorts", "peak", "sequence"];
const AGE_KEYS: &[&str] = &["age_min", "age_max", "age_at"];
const HEAVY_KEYS: &[&str] = &["min_contacts", "min_days", "min_cost_cents", "percentile"];
const FLOW_KEYS: &[&str] = &["max_gap_days", "max_steps", "unknown_order"];

/// The questions over a snapshot.
pub fn questions(snapshot: &Snapshot, threads: usize) -> Vec<Question> {
    let question = |table: &'static str, name, usage, doc, example| {
        let snapshot = snapshot.clone();
        let answer = move |arguments: &[Argument]| ask(&snapshot, threads, table, arguments);
        Question { name, usage, doc, example, answer: Arc::new(answer) }
    };
    vec![
        question(
            "members",
            "cohort",
            "cohort(period => '2014', min_services => 4, min_contacts => 3, age_min => 18, age_max => 64, ...)",
            "The members of a cohort, as a study's table members. Arguments are the keys of a study's [[cohort]] and \
             [cohort.heavy], with age_min, age_max and age_at for age; lists are texts with commas.",
            "select services, count(*) as clients from cohort(period => '2014') group by 1 order by 1",
        ),
        question(
            "flows",
            "flows",
            "flows(period => '2014', max_gap_days => 90, ...)",
            "Consecutive contacts of different services, as a study's table flows: of all users, and of the members \
             of the cohort that the other arguments make, as in cohort(...).",
            "select from_service, to_service, transitions from flows(period => '2014') where cohort = 'all' \
             order by transitions desc, from_service, to_service limit 10",
        ),
        question(
            "combinations",
            "combinations",
            "combinations(period => '2014', ...)",
            "Sets of counted services, as a study's table combinations; arguments as in cohort(...).",
            "select service_set, clients from combinations(period => '2014') where cohort = 'all' \
             order by clients desc, service_set limit 10",
        ),
    ]
}

fn ask(snapshot: &Snapshot, threads: usize, table: &str, arguments: &[Argument]) -> Result<RecordBatch, String> {
    let text = study_text(arguments, table == "flows")?;
    let study = Study::parse(&text).map_err(|error| error.message)?;
    let source = StoreSource::open(snapshot, &study).map_err(|error| error.to_string())?;
    let options = RunOptions {
        threads,
        study_hash: blake3::hash(text.as_bytes()).to_hex().to_string(),
        snapshot: snapshot.id().to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        progress: None,
        ..RunOptions::default()
    };
    let tables = virta_flow::run(&study, &source, &options).map_err(|error| error.to_string())?;
    let found = tables.iter().find(|found| found.schema.name == table);
    let found = found.ok_or("the analysis gave no such table")?;
    to_record_batch(found).map_err(|error| error.to_string())
}

/// The study that the arguments make: one cohort, named `cohort`.
fn study_text(arguments: &[Argument], with_flow: bool) -> Result<String, String> {
    let value_of = |name: &str| arguments.iter().find(|argument| argument.name == name).map(|argument| &argument.value);
    let mut cohort_keys = Cohort::KEYS.to_vec();
    cohort_keys.retain(|key| !NO_ARGUMENTS.contains(key));
    let known = [&cohort_keys[..], AGE_KEYS, HEAVY_KEYS, &["period"], if with_flow { FLOW_KEYS } else { &[] }].concat();
    for (at, argument) in arguments.iter().enumerate() {
        if !known.contains(&argument.name.as_str()) {
            return Err(format!("there is no argument {}; there are {}", argument.name, known.join(", ")));
        }
        if arguments.iter().take(at).any(|other| other.name == argument.name) {
            return Err(format!("{} is given twice", argument.name));
        }
    }
    let period = value_of("period").ok_or("period is missing: a year as '2014', or '2014-01-01..2014-12-31'")?;
    let mut text = format!("[study]\nname = \"question\"\nperiods = [{}]\n", written(&as_text(period)));
    if with_flow {
        text.push_str("[flow]\n");
        keys(&mut text, FLOW_KEYS, &value_of);
    }
    text.push_str("[[cohort]]\nname = \"cohort\"\n");
    keys(&mut text, &cohort_keys, &value_of);
    if AGE_KEYS.iter().any(|key| value_of(key).is_some()) {
        text.push_str("[cohort.age]\n");
        for (key, argument) in ["min", "max", "at"].iter().zip(AGE_KEYS) {
            if let Some(value) = value_of(argument) {
                let _ = writeln!(text, "{key} = {}", written(value));
            }
        }
    }
    text.push_str("[cohort.heavy]\n");
    keys(&mut text, HEAVY_KEYS, &value_of);
    Ok(text)
}

fn keys<'a>(text: &mut String, keys: &[&str], value_of: &impl Fn(&str) -> Option<&'a Value>) {
    for key in keys {
        let Some(value) = value_of(key) else { continue };
        // Writing into a text cannot fail.
        let _ = match (*key, value) {
            ("sectors_required" | "municipalities", Value::Text(list)) => {
                let items: Vec<String> = list.split(',').map(|item| quoted(item.trim())).collect();
                writeln!(text, "{key} = [{}]", items.join(", "))
            }
            _ => writeln!(text, "{key} = {}", written(value)),
        };
    }
}

/// A year may be written as a number.
fn as_text(value: &Value) -> Value {
    match value {
        Value::Whole(number) => Value::Text(number.to_string()),
        other => other.clone(),
    }
}

fn written(value: &Value) -> String {
    match value {
        Value::Whole(number) => number.to_string(),
        Value::Flag(flag) => flag.to_string(),
        Value::Text(text) => quoted(text),
    }
}

/// As a TOML string: what is not plain is escaped.
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            c if c.is_control() => quoted.push_str(&format!("\\u{:04X}", u32::from(c))),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    fn argument(name: &str, value: Value) -> Argument {
        Argument { name: name.to_owned(), value }
    }

    #[test]
    fn arguments_make_the_study_that_a_file_would() {
        let arguments = [
            argument("period", Value::Whole(2014)),
            argument("min_services", Value::Whole(3)),
            argument("age_min", Value::Whole(18)),
            argument("sectors_required", Value::Text("social, health".to_owned())),
            argument("min_contacts", Value::Whole(2)),
            argument("max_gap_days", Value::Whole(30)),
        ];
        let study = Study::parse(&study_text(&arguments, true).unwrap()).unwrap();
        let cohort = &study.cohorts[0];
        assert_eq!((cohort.min_services, cohort.heavy.min_contacts, cohort.sectors_required.len()), (3, 2, 2));
        assert_eq!(cohort.age.map(|age| age.min), Some(18));
        assert_eq!(study.flow.map(|flow| flow.max_gap_days), Some(30));
    }

    #[test]
    fn a_text_cannot_leave_its_quotes() {
        let arguments = [argument("period", Value::Text("2014\"]\n[evil".to_owned()))];
        assert!(Study::parse(&study_text(&arguments, false).unwrap()).is_err());
        assert!(study_text(&[argument("colour", Value::Whole(1))], false).is_err());
        assert!(study_text(&[argument("max_gap_days", Value::Whole(1))], false).is_err());
    }
}
