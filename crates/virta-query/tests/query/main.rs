//! Queries over a small made-up region: answers, plans, refusals, errors, limits.
// Test code: a broken assumption should stop the test at once.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
// `Options` can only be made by its default and changed.
#![allow(clippy::field_reassign_with_default)]

mod answers;
mod engine;
mod forms;
mod limits;
mod own_plans;
mod plans;
mod refusals;
mod region;
mod shares;

use std::sync::OnceLock;

use arrow::util::pretty::pretty_format_batches;
use virta_query::{Options, Session};
use virta_store::Store;

/// The region that most tests share: 2,000 clients in 8 buckets.
fn store() -> &'static Store {
    static STORE: OnceLock<(tempfile::TempDir, Store)> = OnceLock::new();
    let (_, store) = STORE.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let store = region::build(&folder.path().join("store"), 2000, 10, 8, false);
        (folder, store)
    });
    store
}

fn open(options: Options) -> Session {
    let store = store();
    let studies = [store.results("heavy-users").unwrap()];
    Session::open(&store.current().unwrap(), &studies, options).unwrap()
}

fn session(threads: usize) -> Session {
    let mut options = Options::default();
    options.threads = threads;
    open(options)
}

/// The rows of an answer, cells joined by a blank, null as `-`.
fn rows(session: &Session, sql: &str) -> Vec<String> {
    let answer = session.query(sql).and_then(virta_query::Answer::collect);
    lines(&answer.unwrap_or_else(|error| panic!("{}", error.explain(sql))))
}

/// The rows of batches in the same way.
fn lines(batches: &[arrow::array::RecordBatch]) -> Vec<String> {
    let options = arrow::util::display::FormatOptions::new().with_null("-");
    let mut rows = Vec::new();
    for batch in batches {
        let columns: Vec<_> = batch
            .columns()
            .iter()
            .map(|column| arrow::util::display::ArrayFormatter::try_new(column, &options).unwrap())
            .collect();
        for row in 0..batch.num_rows() {
            rows.push(columns.iter().map(|column| column.value(row).to_string()).collect::<Vec<_>>().join(" "));
        }
    }
    rows
}

fn plan(session: &Session, sql: &str) -> String {
    let batches = session.query(&format!("explain {sql}")).unwrap().collect().unwrap();
    pretty_format_batches(&batches).unwrap().to_string()
}

/// Writes a region of ten million contacts into the folder that `VIRTA_BENCH_STORE` names, for the SQL benchmark.
#[test]
#[ignore = "writes a large store"]
fn a_large_region_for_the_benchmark() {
    let Some(path) = std::env::var_os("VIRTA_BENCH_STORE") else { return };
    region::build(path.as_ref(), 100_000, 91, 64, false);
}
