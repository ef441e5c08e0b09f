//! The door over workers: the same rows, also where the workers are gone, and nothing for those who see protected tables.

use super::client::Open;
use super::{PROTECTED, ROWS, bench, texts};
use crate::binary::machines::{Worker, region};

const COUNTED: &str = "select service, count(*), sum(cost_cents) from contacts where start_date >= '2013-01-01' group by service order by service";
const ASKED: &str =
    "select service, count(*), sum(cost_cents) from contacts where start_date >= $1 group by service order by service";

#[test]
fn the_door_has_workers_read_and_does_without_them() {
    // Says whether the program can do it.
    if region().is_none() {
        return;
    }
    let bench = bench();
    bench.virta(["worker", "--new-secret", "m.secret"]).ends_with(0);
    let alone = bench.virta(["sql", "s", "-c", COUNTED, "--format", "csv"]).ends_with(0).out;
    let alone: Vec<String> = alone.lines().skip(1).map(|line| line.replace(',', "|")).collect();
    assert!(alone.len() > 3, "{alone:?}");
    let worker = Worker::start(&bench, Some("m.secret"));
    let users: [(&str, &[&str]); 2] = [("aino", ROWS), ("rita", PROTECTED)];
    let open = Open::new(&bench, &users, &["--workers", &worker.address, "--secret", "m.secret"]);
    let (mut aino, mut rita) = (open.client("aino"), open.client("rita"));
    let mut explained = |sql: &str| texts(&aino.query(&format!("explain {sql}")).unwrap()).join("\n");
    assert!(explained(COUNTED).contains("FromWorkers"), "{}", explained(COUNTED));
    // What only the door knows stays there.
    let named = aino.query("select distinct current_user from contacts where start_date >= '1990-01-01'").unwrap();
    assert_eq!(texts(&named), ["aino"]);
    assert_eq!(aino.query("select count(*) > 10 from pg_class").unwrap(), [[Some("t".to_owned())]]);
    let mut is_answered = || {
        assert_eq!(texts(&aino.query(COUNTED).unwrap()), alone);
        assert_eq!(texts(&aino.execute(ASKED, &[Some("2013-01-01")]).unwrap()), alone);
    };
    is_answered();
    // Protected tables are in the memory of the door alone.
    let plan = texts(&rita.query("explain select count(*) from small.summary").unwrap()).join("\n");
    assert!(!plan.contains("orkers"), "{plan}");
    assert!(rita.query(COUNTED).is_err());
    drop(worker);
    is_answered();
    is_answered();
}

#[test]
fn the_door_opens_though_no_worker_answers() {
    if region().is_none() {
        return;
    }
    let bench = bench();
    let open = Open::new(&bench, &[("aino", ROWS)], &["--workers", "127.0.0.1:9"]);
    let rows = open.client("aino").query("select count(*) from contacts where start_date >= '1990-01-01'").unwrap();
    assert_eq!(texts(&rows), ["29"]);
}
