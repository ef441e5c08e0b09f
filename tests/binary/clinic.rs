//! A clinic's deliveries, for tests of what goes wrong on the way.

use super::runner::Bench;

const PROFILE: &str = r#"[source]
name = "clinic"
pseudonym = "region"
extracted_on = { from_file_name = "%Y%m%d" }
bad_rows_max_percent = 40
[[file]]
table = "contacts"
path = "visits_*.csv"
row_key = ["ID"]
version = { from = "VERSION" }
cancelled = { from = "CANCELLED", when = "not_null" }
[file.columns]
client = { from = "CLIENT" }
service = { from = "SERVICE" }
start_date = { from = "START" }
cost_cents = { from = "COST", unit = "euro" }
"#;

const PEOPLE: &str = r#"[source]
name = "register"
pseudonym = "region"
extracted_on = { from_file_name = "%Y%m%d" }
[[file]]
table = "clients"
path = "people_*.csv"
[file.columns]
client = { from = "CLIENT" }
birth_date = { from = "BORN" }
"#;

/// The command that ingests both profiles, one thread at a time, so that two runs do the same in the same order.
pub(super) const INGEST: [&str; 6] = ["ingest", "s", "clinic.toml", "register.toml", "--threads", "1"];

/// A store of two buckets, as [`bench_of`] makes it.
pub(super) fn bench() -> Bench {
    bench_of(2)
}

/// A store with a first delivery of visits and people in it; a second of each, with corrections, a
/// cancellation and a bad row, lies beside their profiles.
pub(super) fn bench_of(buckets: u32) -> Bench {
    let bench = Bench::with_buckets(buckets);
    bench.write("clinic.toml", PROFILE);
    bench.write("register.toml", PEOPLE);
    bench.write("visits_20140101.csv", visits(0..40, 1));
    bench.write("people_20140101.csv", "CLIENT;BORN\nK1;1950-01-01\nK2;1960-01-01\n");
    bench.virta(INGEST).ends_with(0);
    bench.write("visits_20140201.csv", visits(30..70, 2) + "900;K1;doctor;never;1,50;1;\n");
    bench.write("people_20140201.csv", "CLIENT;BORN\nK2;1960-01-02\nK60;1970-01-01\n");
    bench
}

/// Rows of visits by their ids; every ninth is cancelled by a version of 2.
pub(super) fn visits(ids: std::ops::Range<u32>, version: u32) -> String {
    let row = |id: u32| {
        let cancelled = if version == 2 && id.is_multiple_of(9) { "x" } else { "" };
        format!("{id};K{id};doctor;2013-12-{:02};{id},50;{version};{cancelled}\n", id % 28 + 1)
    };
    "ID;CLIENT;SERVICE;START;COST;VERSION;CANCELLED\n".to_owned() + &ids.map(row).collect::<String>()
}
