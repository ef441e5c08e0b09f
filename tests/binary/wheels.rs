//! The store and its results as Python's wheels read them: plain Parquet, by the paths that the binary prints.

use std::process::Command;

use virta_tests::needs;

use super::runner::{Bench, checkout};

/// For each reader a program that takes files and prints the rows, the sum of one column and the least and the largest of
/// another.
const READERS: [(&str, &str); 3] = [
    (
        "duckdb",
        "import sys, duckdb\n\
         total, day, *files = sys.argv[1:]\n\
         print(*duckdb.read_parquet(files).aggregate(f'count(*), sum({total}), min({day}), max({day})').fetchall()[0])",
    ),
    (
        "polars",
        "import sys, polars\n\
         total, day, *files = sys.argv[1:]\n\
         t = polars.read_parquet(files)\n\
         print(t.height, t[total].sum(), t[day].min(), t[day].max())",
    ),
    (
        "pyarrow",
        "import sys, pyarrow.dataset, pyarrow.compute as c\n\
         total, day, *files = sys.argv[1:]\n\
         t = pyarrow.dataset.dataset(files).to_table([total, day])\n\
         print(t.num_rows, c.sum(t[total]), c.min(t[day]), c.max(t[day]))",
    ),
];

/// Whether Python has the wheel. Nobody needs it to build or to run virta.
fn is_installed(wheel: &str) -> bool {
    needs::works(&format!("Python's wheel {wheel}"), "python3", &["-c", &format!("import {wheel}")])
}

#[test]
fn duckdb_polars_and_arrow_read_what_virta_reads() {
    let small = |name: &str| checkout().join("fixtures/small").join(name).to_string_lossy().into_owned();
    let bench = Bench::new();
    bench.virta(["ingest", "s", &small("hoito.toml"), &small("sosiaali.toml")]).ends_with(0);
    bench.virta(["study", "s", &small("study.toml")]).ends_with(0);
    let study = bench.virta(["paths", "s"]).ends_with(0).out;
    let study = study.lines().find_map(|path| Some(path.split_once("/results/")?.1.split_once('/')?.0.to_owned()));
    let members = format!("{}.members", study.unwrap());
    for (table, total, day) in [("contacts", "cost_cents", "start_date"), (&members, "cost_cents", "qualified_on")] {
        let paths = bench.virta(["paths", "s", table]).ends_with(0).out;
        assert!(paths.lines().count() >= 1, "{table}");
        let name = table.split('.').map(|part| format!("\"{part}\"")).collect::<Vec<_>>().join(".");
        let question = format!("select count(*), sum({total}), min({day}), max({day}) from {name}");
        let answer = bench.virta(["sql", "s", "--format", "csv", "-c", &question]).ends_with(0).out;
        let expected = answer.lines().nth(1).unwrap().replace(',', " ");
        assert!(!expected.starts_with("0 "), "{table} has no row");
        for (wheel, program) in READERS.into_iter().filter(|(wheel, _)| is_installed(wheel)) {
            let mut command = Command::new("python3");
            command.current_dir(bench.folder.path()).args(["-c", program, total, day]).args(paths.lines());
            let output = command.output().unwrap();
            assert!(output.status.success(), "{wheel}: {}", String::from_utf8_lossy(&output.stderr));
            assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), expected, "{wheel} reads {table}");
        }
    }
}
