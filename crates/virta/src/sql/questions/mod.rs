//! Ad hoc questions to the analysis core as table functions: `cohort(...)`, `flows(...)`, `follow_up(...)`.
//!
//! The arguments are a study's keys: they are written as a study, read by its reader and checked by its rules, so that
//! a question and a study file never differ.

mod known;
mod quoted;
mod study;
mod words;

use std::sync::Arc;

use arrow::array::RecordBatch;
use virta_flow::{RunOptions, Source};
use virta_query::{Argument, Complaint, Question};
use virta_store::{Snapshot, to_record_batch};

use crate::source::StoreSource;
use crate::table_functions::{TABLE_FUNCTIONS, TableFunction};

/// The questions over a snapshot.
pub(crate) fn questions(snapshot: &Snapshot, threads: usize) -> Vec<Question> {
    let question = |function: &'static TableFunction| {
        let snapshot = snapshot.clone();
        Question {
            name: function.name,
            usage: function.usage,
            arguments: function.arguments().iter().map(|key| key.argument).collect(),
            answer: Arc::new(move |arguments: &[Argument]| ask(&snapshot, threads, function, arguments)),
        }
    };
    TABLE_FUNCTIONS.iter().map(question).collect()
}

fn ask(
    snapshot: &Snapshot,
    threads: usize,
    function: &TableFunction,
    arguments: &[Argument],
) -> Result<RecordBatch, Complaint> {
    let refused = |error: &dyn std::fmt::Display| Complaint::new(error.to_string());
    let text = study::text(function, arguments)?;
    let study = text.study(function)?;
    let source = StoreSource::open(snapshot, &study).map_err(|error| refused(&error))?;
    known::check(&study, &source.catalogue().services, arguments)?;
    let options = RunOptions {
        threads,
        study_hash: text.hash(),
        snapshot: snapshot.id().to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        progress: None,
        ..RunOptions::default()
    };
    let tables = virta_flow::run(&study, &source, &options).map_err(|error| refused(&error))?;
    let found = tables.iter().find(|found| found.schema.name == function.table);
    let found = found.ok_or_else(|| Complaint::new("the analysis gave no such table"))?;
    to_record_batch(found).map_err(|error| refused(&error))
}
