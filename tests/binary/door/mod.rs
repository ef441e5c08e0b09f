//! The door for clients of PostgreSQL: who comes in, what they see, how statements end, what is written down.

mod client;
mod page;
mod workers;

use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::time::{Duration, Instant};

use client::{Client, Open, error};
use page::Browser;

use super::runner::{Bench, checkout};

const ROWS: &[&str] = &["--role", "data_unit"];
const PROTECTED: &[&str] = &["--role", "researcher", "--sees", "protected"];
const PROJECT: &[&str] = &["--role", "project", "--study", "small"];

/// The small region, whose numbers are known, with its study.
fn bench() -> Bench {
    let bench = Bench::new();
    let small = |name: &str| checkout().join("fixtures/small").join(name).display().to_string();
    bench.virta(["ingest", "s", &small("hoito.toml"), &small("sosiaali.toml")]).ends_with(0);
    bench.virta(["study", "s", &small("study.toml")]).ends_with(0);
    bench
}

fn texts(rows: &[Vec<Option<String>>]) -> Vec<String> {
    let text = |row: &Vec<Option<String>>| {
        row.iter().map(|cell| cell.clone().unwrap_or("-".into())).collect::<Vec<_>>().join("|")
    };
    rows.iter().map(text).collect()
}

#[test]
fn questions_are_answered_by_both_protocols_with_parameters_cursors_and_copies() {
    let bench = bench();
    let open = Open::new(&bench, &[("aino", ROWS)], &[]);
    let mut client = open.client("aino");
    let mut is = |sql: &str, expected: &[&str]| assert_eq!(texts(&client.query(sql).unwrap()), expected, "{sql}");
    is("select count(*) from contacts", &["29"]);
    is("select 1; select 2 as two", &["1", "2"]);
    is("select clients, cost_cents from small.summary", &["7|5487327"]);
    is("select date '2014-01-31', null, true, 1.5, time '12:00'", &["2014-01-31|-|t|1.5|12:00:00"]);
    is("copy (select 1 as a, 'x,y' as b) to stdout with csv header", &["a,b\n", "1,\"x,y\"\n"]);
    is("begin; declare c cursor for select x from generate_series(1, 5) t(x)", &[]);
    is("fetch 2 from c", &["1", "2"]);
    is("move 1 in c", &[]);
    is("fetch all c", &["4", "5"]);
    is("close c; commit", &[]);
    is("prepare p (date) as select count(*) from contacts where start_date < $1; execute p ('1990-01-01')", &["0"]);
    is("set application_name = 'test'; show application_name", &["test"]);
    is("select relname from pg_class where oid = 'store.contacts'::regclass", &["contacts"]);
    // What psql asks for `\dL`, `\dO` and `\drds`.
    is(
        "select lanname from pg_language l left join pg_description d on d.classoid = l.tableoid and d.objoid = l.oid \
         where l.lanplcallfoid != 0",
        &[],
    );
    is("select collname from pg_collation where collencoding in (-1, 6) order by 1", &["C", "default"]);
    is("select setconfig from pg_db_role_setting left join pg_roles r on r.oid = setrole", &[]);
    let answer = client.execute(
        "select $1::date, $2, count(*) from contacts where service = $3 or $3 is null",
        &[None, Some("x"), None],
    );
    assert_eq!(texts(&answer.unwrap()), ["-|x|29"]);
    assert_eq!(client.query("begin; select nothing").unwrap_err().0, "42703");
    assert_eq!(client.query("select 1").unwrap_err().0, "25P02");
    client.query("rollback").unwrap();
    for sql in
        ["drop table contacts", "insert into contacts select * from contacts", "copy contacts from stdin", "set role x"]
    {
        assert_eq!(client.query(sql).unwrap_err().0, "42501", "{sql}");
    }
    assert_eq!(texts(&client.query("select 3").unwrap()), ["3"]);
}

#[test]
fn a_portal_that_is_fetched_from_in_words_says_and_sends_texts() {
    let bench = bench();
    let open = Open::new(&bench, &[("aino", ROWS)], &[]);
    let mut client = open.client("aino");
    client.query("begin").unwrap();
    client.send(b'P', b"\0select 7::bigint as n\0\0\0");
    // All columns in binary form, as a driver asks that reads the portal by messages.
    client.send(b'B', b"p\0\0\0\0\0\0\0\x01\0\x01");
    client.send(b'D', b"Pp\0");
    client.send(b'S', b"");
    client.answer().unwrap();
    client.ask("fetch 1 from p");
    let mut told = None;
    let row = loop {
        match client.read() {
            (b'T', body) => told = Some(body),
            (b'D', body) => break body,
            (b'E', body) => panic!("{:?}", error(&body)),
            _ => {}
        }
    };
    assert!(told.unwrap().ends_with(&[0, 0]), "the form of the column");
    assert_eq!(row, [0, 1, 0, 0, 0, 1, b'7']);
}

#[test]
fn plans_show_no_paths_of_files() {
    let bench = bench();
    let open = Open::new(&bench, &[("paula", PROTECTED), ("aino", ROWS)], &[]);
    for (user, table) in [("paula", "small.profile"), ("aino", "small.members"), ("aino", "contacts")] {
        let mut client = open.client(user);
        for explain in ["explain", "explain verbose", "explain analyze"] {
            let plan = texts(&client.query(&format!("{explain} select * from {table}")).unwrap()).join("\n");
            let name = table.rsplit('.').next().unwrap();
            // What was run is told of without the names of tables that were in memory.
            assert!(explain == "explain analyze" || plan.contains(name), "{plan}");
            assert!(!plan.contains(&format!("/{name}")) && !plan.contains(".parquet"), "{explain} {table}: {plan}");
        }
    }
}

#[test]
fn a_wrong_name_and_a_wrong_password_are_told_alike_and_take_as_long() {
    let bench = bench();
    let open = Open::new(&bench, &[("aino", ROWS)], &[]);
    // The quickest of each, which other work of the machine moves least.
    let mut times = [Duration::MAX; 2];
    for (time, (user, password)) in times.iter_mut().zip([("aino", "not the password"), ("nobody", client::PASSWORD)]) {
        let told = (0..5).map(|_| {
            let begun = Instant::now();
            let told = Client::login(open.port, user, password).unwrap_err();
            *time = begun.elapsed().min(*time);
            told
        });
        let told: BTreeSet<String> = told.collect();
        assert_eq!(told.len(), 1);
        assert!(told.iter().all(|text| text.contains("the name or the password is wrong") && !text.contains(user)));
    }
    assert!(times[0] < times[1] * 2 && times[1] < times[0] * 2, "{times:?}");
    // Who was removed is out, without the door being opened again.
    bench.virta(["users", "u.toml", "remove", "aino"]).ends_with(0);
    assert!(Client::login(open.port, "aino", client::PASSWORD).is_err());
}

#[test]
fn other_machines_are_let_in_encrypted_only() {
    let bench = bench();
    bench.write("password", client::PASSWORD);
    bench.virta(["users", "u.toml", "add", "aino", "--role", "data_unit", "--password-file", "password"]).ends_with(0);
    let run = bench.virta(["serve", "s", "--users", "u.toml", "--postgres", "0.0.0.0:0"]).ends_with(1);
    run.says(&["must be encrypted", "--tls-cert"]);
    bench.virta(["serve", "s", "--users", "u.toml"]).ends_with(2);
}

/// What would tell rows of persons, each statement in several ways.
fn attacks() -> Vec<String> {
    let mut attacks = Vec::new();
    let tables = [
        "store.contacts",
        "contacts",
        "clients",
        "store.clients",
        "\"store\".\"clients\"",
        "virta.store.clients",
        "s.store.clients",
        "small.members",
        "small.near_members",
        "small.top_users",
        "small.contributors",
        "small.pilot_clients",
        "\"small\".\"members\"",
        "virta.small.members",
        "store.pilots",
        "store.quarantine",
        "store.deliveries",
        "quarantine",
        "deliveries",
        "store.\"contacts.identity\"",
        "information_schema.df_settings",
    ];
    for table in tables {
        attacks.push(format!("select * from {table}"));
        attacks.push(format!("select count(*) from {table}"));
        attacks.push(format!("explain analyze select * from {table}"));
        attacks.push(format!("summarize {table}"));
        attacks.push(format!("describe {table}"));
        attacks.push(format!("copy {table} to stdout"));
        attacks.push(format!("create temp view v as select * from {table}"));
        attacks.push(format!("begin; declare c cursor for select * from {table}; fetch all c"));
    }
    for sql in [
        "select * from cohort(period => '2013')",
        "select * from flows(period => '2013')",
        "select * from combinations(period => '2013')",
        "select * from joiners(periods => '2012, 2013')",
        "select * from co_use(period => '2013')",
        "select * from continuity(period => '2013')",
        "select * from follow_up(period => '2013', first => 'emergency', then => 'sector social')",
        "select * from episodes(period => '2013', gap_days => 1, by => 'service')",
        "select * from pathways(period => '2013', window_from => 'first_contact')",
        "select * from funnel(period => '2013', steps => ['emergency', 'sector social within 30 days'])",
        "select * from adoption(period => '2013', cohort => 'all')",
        "select * from sector_concentration(period => '2013')",
        "select * from sector_top_overlap(period => '2013')",
        "select * from read_parquet('s/data/clients/0.parquet')",
        "select * from 's/data/clients/0.parquet'",
        "select * from parquet_metadata('s')",
        "create external table x stored as parquet location 's/data'",
        "set snapshot = 'x'; select * from clients",
        "copy (select 1) to program 'cat s.key'",
        "copy (select 1) to '/tmp/out'",
        "select pg_read_file('s.key')",
        "select lo_import('s.key')",
        "select current_setting('data_directory')",
        "set session authorization aino",
        "set role aino",
        "load 'x'",
        "do $$ select 1 $$",
        "call x()",
        "select relname, reltuples from pg_class",
        "select * from pg_stats",
        "select * from pg_stat_activity",
        "select obj_description('store.clients'::regclass)",
        "select * from information_schema.columns where table_schema = 'store'",
        "select 'store.clients'::regclass::oid",
        "select * from small.profile where cast(clients as text) || cohort = 1",
        "select cast(cohort as int) from small.profile",
        "select min(cost_cents), max(clients), avg(clients) from small.profile",
        "select * from small.summary",
        "select * from small.attrition",
        "select * from small.service_use",
        "select * from small.combinations",
        "select * from small.sources",
        "select 1 where exists (select 1 from clients)",
        "with x as (select * from clients) select * from x",
        "select (select max(client_id) from clients)",
        "select * from small.profile, lateral (select * from clients) c",
        "table clients",
        "values ((select client_id from clients limit 1))",
    ] {
        attacks.push(sql.to_owned());
    }
    attacks
}

#[test]
fn who_may_see_protected_tables_sees_nothing_else_by_any_statement() {
    let bench = bench();
    let open = Open::new(&bench, &[("aino", ROWS), ("paula", PROTECTED), ("ville", PROJECT)], &[]);
    let mut aino = open.client("aino");
    let mut secrets: BTreeSet<String> = BTreeSet::new();
    for sql in
        ["select client_id from clients", "select contact_id from contacts", "select cost_cents from small.summary"]
    {
        secrets.extend(aino.query(sql).unwrap().into_iter().flatten().flatten());
    }
    assert!(secrets.len() > 30 && secrets.contains("5487327"));
    let attacks = attacks();
    assert!(attacks.len() >= 200, "{}", attacks.len());
    for user in ["paula", "ville"] {
        let mut client = open.client(user);
        let mut answered = 0;
        for sql in &attacks {
            let mut answers = vec![client.query(sql)];
            // Whatever state it left.
            client.query("rollback").unwrap();
            client.query("close all").unwrap();
            answers.push(client.execute(sql, &[]));
            for answer in answers {
                let told = match answer {
                    Ok(rows) => {
                        answered += rows.len();
                        texts(&rows).join("\n")
                    }
                    Err((_, text)) => text,
                };
                let found = secrets.iter().find(|secret| told.contains(secret.as_str()));
                assert_eq!(found, None, "{user}: {sql}");
                let names_file = |text: &str| text.contains(".parquet") || text.contains("/data");
                assert!(names_file(sql) || !names_file(&told), "{user}: {sql}: {told}");
            }
        }
        // They do see something.
        assert!(answered > 20, "{answered}");
        for sql in [
            "select * from clients",
            "select count(*) from contacts",
            "select * from small.members",
            "select * from cohort(period => '2013')",
        ] {
            assert!(client.query(sql).is_err(), "{user}: {sql}");
        }
        // Three members are fewer than five: nothing but that they are few.
        let rows = client.query("select clients, withheld from small.profile where cohort = 'four-plus'").unwrap();
        assert!(!rows.is_empty() && rows.iter().all(|row| row[0].is_none()), "{rows:?}");
        assert!(rows.iter().all(|row| row[1].as_ref().is_some_and(|names| names.contains("clients"))), "{rows:?}");
    }
}

#[test]
fn the_page_of_questions_answers_who_may_see_rows_and_nobody_else() {
    let bench = bench();
    let open =
        Open::new(&bench, &[("aino", ROWS), ("paula", PROTECTED), ("ville", PROJECT)], &["--http", "127.0.0.1:0"]);
    let mut secrets: BTreeSet<String> = BTreeSet::new();
    for sql in
        ["select client_id from clients", "select contact_id from contacts", "select cost_cents from small.summary"]
    {
        secrets.extend(open.client("aino").query(sql).unwrap().into_iter().flatten().flatten());
    }
    // What a page writes with separators and without.
    secrets.retain(|secret| secret.len() > 5);
    assert!(secrets.len() > 20);
    let port = open.http.unwrap();
    let files = |bench: &Bench| -> BTreeSet<String> {
        let entries = std::fs::read_dir(bench.folder.path()).unwrap();
        entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect()
    };
    let before = files(&bench);
    let attacks = attacks();
    for user in ["paula", "ville"] {
        let browser = Browser::enter(port, user, client::PASSWORD);
        for sql in &attacks {
            for path in ["/sql?q=", "/sql?page=1&q=", "/cohort?base=", "/clients?q=", "/flows?study=", "/studies/"] {
                let (status, told) = browser.get(&format!("{path}{}", page::encoded(sql)));
                let found = secrets.iter().find(|secret| told.contains(secret.as_str()));
                assert_eq!(found, None, "{user}: {path}{sql}");
                assert!(!path.starts_with("/sql") || status == 403, "{user}: {status} {path}{sql}");
            }
        }
        assert_eq!(browser.get("/sql").0, 403, "{user}");
        assert_eq!(browser.get("/sql/words").0, 403, "{user}");
        let kept = browser.post("/sql/save", &format!("name=mine&q={}", page::encoded("select * from clients")));
        assert_eq!(kept.0, 403, "{user}");
        assert_eq!(browser.get("/").0, 200, "{user}");
    }
    // Who may see rows sees them, and reads no file, writes none, and learns of none.
    let browser = Browser::enter(port, "aino", client::PASSWORD);
    let mut answered = 0;
    for sql in &attacks {
        let (status, told) = browser.get(&format!("/sql?q={}&lang=en", page::encoded(sql)));
        assert_eq!(status, 200, "{sql}");
        answered += usize::from(told.contains("<td"));
        let names_file = |text: &str| text.contains(".parquet") || text.contains("/data");
        assert!(names_file(sql) || !names_file(&told), "{sql}");
        assert!(!told.contains(&bench.folder.path().display().to_string()), "{sql}");
    }
    assert!(answered > 20, "{answered}");
    let added: Vec<String> = files(&bench).difference(&before).cloned().collect();
    assert!(added.is_empty(), "{added:?}");
    let log = std::fs::read_to_string(bench.path("s.use.jsonl")).unwrap();
    let of = |user: &str| log.matches(&format!("\"user\":\"{user}\"")).count();
    assert!(of("aino") > attacks.len() && log.contains("\"door\":\"http\""), "{}", of("aino"));
}

#[test]
fn a_cancel_or_a_client_that_goes_ends_the_statement_at_once() {
    const LONG: &str = "select count(*) from contacts a, contacts b, contacts c, contacts d, contacts e, contacts f, contacts g where a.contact_id < g.contact_id";
    const MANY: &str =
        "select a.contact_id from contacts a, contacts b, contacts c, contacts d, contacts e, contacts f, contacts g";
    let bench = bench();
    let open = Open::new(&bench, &[("aino", ROWS)], &[]);
    let mut client = open.client("aino");
    for sql in [LONG, MANY] {
        for pause in [0, 30, 300] {
            client.ask(sql);
            std::thread::sleep(Duration::from_millis(pause));
            // A cancel that comes before the statement is for nothing, so it is sent until one is taken.
            let key = client.key;
            let port = open.port;
            let is_done = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
            let done = std::sync::Arc::clone(&is_done);
            let canceller = std::thread::spawn(move || {
                while !done.load(std::sync::atomic::Ordering::SeqCst) {
                    let mut message = vec![0, 0, 0, 16, 4, 210, 22, 46];
                    message.extend_from_slice(&key.0.to_be_bytes());
                    message.extend_from_slice(&key.1.to_be_bytes());
                    let _ = Client::connect(port).write_all(&message);
                    std::thread::sleep(Duration::from_millis(20));
                }
            });
            let answer = client.answer();
            is_done.store(true, std::sync::atomic::Ordering::SeqCst);
            canceller.join().unwrap();
            assert_eq!(answer.unwrap_err().0, "57014", "{sql}");
        }
    }
    assert_eq!(texts(&client.query("select 1").unwrap()), ["1"]);
    // Nobody guesses the secret.
    let mut other = open.client("aino");
    other.ask("select count(*) from contacts a, contacts b, contacts c");
    let mut message = vec![0, 0, 0, 16, 4, 210, 22, 46];
    message.extend_from_slice(&other.key.0.to_be_bytes());
    message.extend_from_slice(&(other.key.1 ^ 1).to_be_bytes());
    Client::connect(open.port).write_all(&message).unwrap();
    assert_eq!(texts(&other.answer().unwrap()), [(29 * 29 * 29).to_string()]);
    let mut gone = open.client("aino");
    gone.ask(LONG);
    std::thread::sleep(Duration::from_millis(100));
    drop(gone);
    assert_eq!(texts(&client.query("select 2").unwrap()), ["2"]);
}

#[test]
fn statements_and_messages_have_limits() {
    let bench = bench();
    let open = Open::new(&bench, &[("aino", ROWS)], &["--time-limit", "1", "--connections", "2"]);
    let mut client = open.client("aino");
    let told = client
        .query("select a.contact_id from contacts a, contacts b, contacts c, contacts d, contacts e")
        .unwrap_err();
    assert_eq!(told.0, "57014", "{}", told.1);
    client.query("set statement_timeout = 100").unwrap();
    client.query("select count(*) from contacts a, contacts b, contacts c, contacts d, contacts e, contacts f, contacts g where a.contact_id < g.contact_id").unwrap_err();
    let _second = open.client("aino");
    assert!(Client::login(open.port, "aino", client::PASSWORD).unwrap_err().contains("too many"));
    client.send(b'Q', &[]);
    // A message says that it is longer than all that is taken.
    let mut long = open_again(&open);
    long.stream.write_all(&[b'Q', 0x3f, 0xff, 0xff, 0xff]).unwrap();
    match long.try_read() {
        Some((b'E', body)) => assert_eq!(error(&body).0, "54000"),
        other => panic!("{other:?}"),
    }
    assert!(long.try_read().is_none());
}

/// A connection once one of those that were there has ended.
fn open_again(open: &Open) -> Client {
    for _ in 0..100 {
        match Client::login(open.port, "aino", client::PASSWORD) {
            Ok(client) => return client,
            Err(_) => std::thread::sleep(Duration::from_millis(50)),
        }
    }
    panic!("nobody was let in")
}

#[test]
fn sockets_that_say_nothing_keep_nobody_out() {
    let bench = bench();
    let open = Open::new(&bench, &[("aino", ROWS)], &[]);
    let silent: Vec<_> = (0..450).map(|_| Client::connect(open.port)).collect();
    let begun = Instant::now();
    assert_eq!(texts(&open.client("aino").query("select 1").unwrap()), ["1"]);
    assert!(begun.elapsed() < Duration::from_secs(8), "sooner than the others' time to log in ends");
    // Those who came first had to go.
    assert_eq!((&silent[0]).read(&mut [0]).unwrap_or(0), 0);
}

#[test]
fn malformed_messages_end_their_own_connection_alone() {
    let bench = bench();
    let open = Open::new(&bench, &[("aino", ROWS)], &[]);
    let mut other = open.client("aino");
    let mut seed = 0x9E37_79B9_7F4A_7C15u64;
    let mut random = move || {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        seed
    };
    for round in 0..300 {
        let mut stream = Client::connect(open.port);
        let bytes: Vec<u8> = match round % 3 {
            // A first message of any kind.
            0 => (0..random() % 64).map(|_| random() as u8).collect(),
            // One that says how long it is.
            1 => {
                let body: Vec<u8> = (0..random() % 64).map(|_| random() as u8).collect();
                [&(body.len() as u32 + 4).to_be_bytes()[..], &body].concat()
            }
            _ => [&[0, 0, 0, 40, 0, 3, 0, 0][..], b"user\0aino\0database\0s\0\0", &[0; 9]].concat(),
        };
        let _ = stream.write_all(&bytes);
    }
    for _ in 0..60 {
        let mut client = open.client("aino");
        for _ in 0..20 {
            let kind = b"QPBDECHSXpdcfFz\0"[(random() % 16) as usize];
            let body: Vec<u8> = (0..random() % 40).map(|_| (random() as u8) % 4).collect();
            client.send(kind, &body);
        }
        client.send(b'X', &[]);
        let _ = client.stream.read_to_end(&mut Vec::new());
    }
    assert_eq!(texts(&other.query("select 1").unwrap()), ["1"]);
}

#[test]
fn every_statement_is_in_the_log_and_a_log_that_was_touched_is_found() {
    let bench = bench();
    let open = Open::new(&bench, &[("aino", ROWS)], &[]);
    let mut client = open.client("aino");
    client.query("select count(*) from contacts where client_id = 4829105823").unwrap();
    client.query("select nothing from contacts").unwrap_err();
    let code = client.query("select '010190-900P'").unwrap_err();
    assert!(code.1.contains("identity code") && !code.1.contains("900P"), "{}", code.1);
    drop(client);
    drop(open);
    let log = std::fs::read_to_string(bench.path("s.use.jsonl")).unwrap();
    assert!(log.contains("where client_id = ?") && !log.contains("4829105823") && !log.contains("900P"), "{log}");
    assert!(log.contains("\"what\":\"login\"") && log.contains("select nothing from contacts"), "{log}");
    bench.virta(["verify", "s"]).ends_with(0);
    let lines: Vec<&str> = log.split_inclusive('\n').collect();
    // The door was killed, so that the last entry may not be in the head yet.
    bench.write("s.use.jsonl", lines[..lines.len() - 2].concat());
    bench.virta(["verify", "s"]).ends_with(1).says(&[&format!("entry {} is gone", lines.len() - 1)]);
    bench.write("s.use.jsonl", log.replacen("aino", "rita", 1));
    bench.virta(["verify", "s"]).ends_with(1).says(&["entry 1 was changed"]);
}
