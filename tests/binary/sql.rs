//! Questions in SQL: answers, refusals with their place, and nothing written.

use super::runner::{Bench, checkout};

fn bench() -> Bench {
    let bench = Bench::new();
    let small = |name: &str| checkout().join("fixtures/small").join(name).display().to_string();
    bench.virta(["ingest", "s", &small("hoito.toml"), &small("sosiaali.toml")]).ends_with(0);
    bench.virta(["study", "s", &small("study.toml")]).ends_with(0);
    bench
}

#[test]
fn the_store_and_the_study_answer_in_sql() {
    let bench = bench();
    let answer = |text: &str| bench.virta(["sql", "s", "-c", text, "--format", "csv"]).ends_with(0).out;
    assert_eq!(answer("select count(*) n from contacts"), "n\n29\n");
    assert_eq!(answer("select clients, cost_cents from small.summary"), "clients,cost_cents\n7,5487327\n");
    let members = "select count(*) n from small.members where cohort = 'four-plus'";
    assert_eq!(answer(members), "n\n3\n");
    // Readers skip empty lines, and with them the row.
    assert_eq!(answer("select x from (values (1), (null)) t(x) order by x"), "x\n1\n\"\"\n");
    assert_eq!(answer("select x, 2 as y from (values (cast(null as int))) t(x)"), "x,y\n,2\n");
}

#[test]
fn what_is_written_to_a_device_goes_into_it() {
    use std::os::unix::fs::FileTypeExt;
    let bench = bench();
    let pipe = bench.path("pipe.html");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    for (arguments, holds) in [
        (&["sql", "s", "-c", "select 7 as n", "--format", "csv", "-o", "pipe.html"][..], "n\n7\n"),
        (&["report", "s", "small", "-o", "pipe.html"], "<html"),
    ] {
        let read = std::thread::spawn({
            let pipe = pipe.clone();
            move || std::fs::read_to_string(pipe).unwrap()
        });
        bench.virta(arguments.iter().copied()).ends_with(0);
        assert!(read.join().unwrap().contains(holds), "{arguments:?}");
        assert!(std::fs::metadata(&pipe).unwrap().file_type().is_fifo(), "{arguments:?}");
    }
    let run = bench.virta(["sql", "s", "-c", "select 7 as n", "--format", "csv", "-o", "/dev/stdout"]).ends_with(0);
    assert!(run.out.contains("n\n7\n"), "{}", run.out);
}

#[test]
fn what_would_write_is_refused_and_writes_nothing() {
    let bench = bench();
    let before = bench.store_bytes();
    for text in [
        "create table x as select 1",
        "drop table contacts",
        "insert into contacts select * from contacts",
        "delete from contacts",
        "copy (select 1) to 'x.csv'",
        "create external table x stored as csv location '/etc/passwd'",
        "set datafusion.execution.batch_size = 1",
        "explain analyze copy (select 1) to 'x.csv'",
    ] {
        let run = bench.virta(["sql", "s", "-c", text]).ends_with(1);
        assert!(!run.err.is_empty() && run.out.is_empty(), "{text}");
    }
    assert!(before == bench.store_bytes());
    assert!(!bench.path("x.csv").exists());
}

#[test]
fn errors_have_a_place_and_no_value_of_a_person() {
    let bench = bench();
    bench.virta(["sql", "s", "-c", "select\n  nothing from contacts"]).ends_with(1).says(&["line 2", "nothing"]);
    bench.virta(["sql", "s", "-c", "selec 1"]).ends_with(1).says(&["line 1"]);
    let ids = bench.virta(["sql", "s", "-c", "select client_id from clients", "--format", "csv"]).ends_with(0).out;
    let run =
        bench.virta(["sql", "s", "-c", "select cast(cast(client_id as text) || 'x' as int) from clients"]).ends_with(1);
    for id in ids.lines().skip(1) {
        assert!(!run.err.contains(id), "an error repeats an id");
    }
}

#[test]
fn a_query_with_an_identity_code_is_refused_and_not_repeated() {
    let bench = bench();
    let run = bench.virta(["sql", "s", "-c", "select * from clients where language = '010190-900P'"]).ends_with(1);
    assert!(!run.err.contains("010190-900P") && !run.out.contains("010190-900P"));
}

#[test]
fn statements_and_commands_come_from_the_command_line_or_a_file() {
    let bench = bench();
    let run = |args: &[&str]| bench.virta(["sql", "s", "--format", "csv"].iter().chain(args)).ends_with(0).out;
    assert_eq!(run(&["-c", "select 1 as a; select 2 as b;"]), "a\n1\nb\n2\n");
    assert!(bench.virta(["sql", "s", "-c", ".tables"]).ends_with(0).out.contains("contacts"));
    bench.write("questions.sql", "-- clients\ncreate temp view v as\n  select count(*) as n from clients;\nselect n > 0 as x\nfrom v;\n.quit\nselect no;\n");
    assert!(run(&["-f", "questions.sql"]).ends_with("x\ntrue\n"));
    bench.virta(["sql", "s", "-c", "select 1; select no; select 3"]).ends_with(1).says(&["no column no"]);
    bench.virta(["sql", "s", "-c", ""]).ends_with(1).says(&["no statement"]);
}

#[test]
fn a_list_of_ones_own_is_joined_and_never_kept() {
    let bench = bench();
    let before = bench.store_bytes();
    let ids = bench
        .virta(["sql", "s", "-c", "select client_id from clients order by 1 limit 2", "--format", "csv"])
        .ends_with(0)
        .out;
    let ids: Vec<&str> = ids.lines().skip(1).collect();
    bench.write("Oma lista.csv", format!("\u{feff}client_id;alku;koodi\n{};1.2.2014;007\n{};;x\n", ids[0], ids[1]));
    let question = "select count(*) n, min(alku) a, min(koodi) k from oma_lista join clients using (client_id)";
    let run = bench.virta(["sql", "s", "--with", "Oma lista.csv", "--format", "csv", "-c", question]).ends_with(0);
    assert_eq!(run.out, "n,a,k\n2,2014-02-01,007\n");
    bench.write("codes.csv", "id,hetu\n1,131052-308T\n");
    let run = bench.virta(["sql", "s", "--with", "codes.csv", "-c", "select 1"]).ends_with(1).says(&["identity codes"]);
    assert!(!run.err.contains("308"));
    bench.write("contacts.csv", "a\n1\n");
    bench.virta(["sql", "s", "--with", "contacts.csv", "-c", "select 1"]).ends_with(1).says(&["a table of the store"]);
    assert!(before == bench.store_bytes());
}

#[test]
fn ids_are_text_where_readers_would_round_them() {
    let bench = bench();
    let question = "select client_id, cast(1.5 as double) as x, null as n from clients order by 1 limit 1";
    let json = bench.virta(["sql", "s", "-c", question, "--format", "json"]).ends_with(0).out;
    let rows: serde_json::Value = serde_json::from_str(&json).unwrap();
    let id = rows[0]["client_id"].as_str().unwrap().to_owned();
    assert!(id.parse::<i64>().is_ok());
    let csv = bench.virta(["sql", "s", "-c", question, "--format", "csv", "--lang", "fi"]).ends_with(0).out;
    assert_eq!(csv, format!("\u{feff}client_id;x;n\n=\"{id}\";1,5;\n"));
    let csv = bench.virta(["sql", "s", "-c", question, "--format", "csv"]).ends_with(0).out;
    assert_eq!(csv, format!("client_id,x,n\n{id},1.5,\n"));
}

#[test]
fn a_spreadsheet_program_runs_no_text_of_an_answer() {
    let bench = bench();
    let question = "select '=1+1' as a, '@x \"y\"' as b, '-' as c, -1 as d, 'a=b' as e";
    let csv = bench.virta(["sql", "s", "-c", question, "--format", "csv", "--lang", "sv"]).ends_with(0).out;
    assert_eq!(csv, "\u{feff}a;b;c;d;e\n\"=\"\"=1+1\"\"\";\"=\"\"@x \"\"\"\"y\"\"\"\"\"\"\";\"=\"\"-\"\"\";-1;a=b\n");
    let csv = bench.virta(["sql", "s", "-c", question, "--format", "csv"]).ends_with(0).out;
    assert!(csv.ends_with("=1+1,\"@x \"\"y\"\"\",-,-1,a=b\n"), "{csv}");
}

#[test]
fn views_for_duckdb_name_the_files_of_one_snapshot() {
    let bench = bench();
    let views = bench.virta(["paths", "s", "--duckdb"]).ends_with(0).out;
    let contacts = views.lines().find(|line| line.contains("\"contacts\"")).unwrap();
    assert!(contacts.starts_with("create or replace view \"contacts\" as select * from read_parquet(['"), "{contacts}");
    assert!(contacts.ends_with(".parquet']);"), "{contacts}");
    // A table without rows has no files; whoever names it gets its columns all the same.
    let none = views.lines().find(|line| line.contains("view \"feedback\"")).unwrap();
    assert!(none.contains("cast(null as DOUBLE) as \"score\"") && none.ends_with("where false;"), "{none}");
    assert!(views.contains("create schema if not exists \"small\";") && views.contains("view \"small\".\"members\""));
    for file in contacts.split('\'').filter(|part| part.ends_with(".parquet")) {
        assert!(bench.path(file).exists(), "{file}");
    }
}
