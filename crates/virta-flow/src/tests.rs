//! Answers worked out by hand, through the whole of [`run`].

use virta_model::settings::Study;
use virta_model::{BirthPrecision, Day, PartSink, Sector, Table, Value};

use crate::memory::{Client, Contact, MemorySource};
use crate::{Error, RunOptions, Service, run, run_into};

/// Contacts, one a line: client, service, first day, last day (`-` for a visit, `..` for an open stay), cents or `-`.
fn contacts(text: &str) -> Vec<Contact> {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    lines
        .zip(0..)
        .map(|(line, contact_id)| {
            let fields: Vec<&str> = line.split_whitespace().collect();
            let end = Day::parse_iso(fields[3]);
            Contact {
                contact_id,
                client_id: fields[0].parse().unwrap(),
                service: fields[1].to_owned(),
                provider: Some(format!("at {}", fields[1])),
                unit: None,
                start: Day::parse_iso(fields[2]).unwrap(),
                start_time: None,
                sequence: None,
                end,
                is_stay: fields[3] != "-",
                is_emergency: false,
                cost_cents: fields[4].parse().ok(),
                source: "s".to_owned(),
            }
        })
        .collect()
}

fn services() -> Vec<Service> {
    let service = |code: &str, package: &str, sector| Service {
        code: code.to_owned(),
        package: Some(package.to_owned()),
        sector,
        is_emergency: code == "er",
        has_stays: true,
    };
    vec![
        service("a", "p", Sector::Social),
        service("b", "p", Sector::Primary),
        service("c", "q", Sector::Specialised),
        service("er", "q", Sector::Specialised),
    ]
}

fn study(text: &str) -> Study {
    Study::parse(&format!("[study]\nname = \"s\"\n{text}")).unwrap()
}

fn tables_of(text: &str, clients: Vec<Client>, rows: &str) -> Vec<Table> {
    let source = MemorySource::from_rows(services(), Vec::new(), clients, contacts(rows));
    let tables = run(&study(text), &source, &RunOptions::default()).unwrap();
    // Whatever the buckets, batches and threads, the tables are the same.
    for (buckets, batch, threads) in [(1, 1, 1), (4, 2, 3), (64, 3, 2)] {
        let cut = source.clone().with_buckets(buckets).with_batches(batch);
        let options = RunOptions { threads, ..RunOptions::default() };
        assert_eq!(run(&study(text), &cut, &options).unwrap(), tables, "{buckets} buckets");
    }
    tables
}

/// Some columns of a table, a line for each row.
fn show(tables: &[Table], name: &str, columns: &[&str]) -> Vec<String> {
    let table = tables.iter().find(|table| table.schema.name == name).unwrap();
    let places: Vec<usize> = columns.iter().map(|column| table.schema.index_of(column).unwrap()).collect();
    let text = |value: Value<'_>| match value {
        Value::Null => "null".to_owned(),
        Value::Int(number) => number.to_string(),
        Value::Date(day) => Day(day).to_string(),
        Value::Time(seconds) => seconds.to_string(),
        Value::Flag(flag) => flag.to_string(),
        Value::Ratio(ratio) => ratio.to_string(),
        Value::Text(text) => text.to_owned(),
    };
    let row = |row: usize| places.iter().map(|&at| text(table.value(row, at))).collect::<Vec<_>>().join(" ");
    (0..table.rows()).map(row).collect()
}

fn members(text: &str, rows: &str) -> Vec<String> {
    let tables = tables_of(text, Vec::new(), rows);
    show(&tables, "members", &["client_id", "services", "cost_cents", "qualified_on", "service_set"])
}

#[test]
fn a_stay_that_spans_new_year_counts_in_both_years_and_its_cost_adds_up() {
    let text = "periods = [\"2013\", \"2014\"]\n[[cohort]]\nname = \"c\"\nmin_services = 1\n";
    // Three days, 100 cents: 33 up to the first, 66 up to the second, 100 in all.
    let found = members(text, "1 a 2013-12-30 2014-01-01 100");
    assert_eq!(found, ["1 1 66 2013-12-30 a", "1 1 34 2014-01-01 a"]);
}

#[test]
fn an_open_stay_runs_to_the_move_the_death_or_the_newest_day() {
    let text = "period = \"2013\"\n[[cohort]]\nname = \"c\"\nmin_services = 1\n";
    let day = |text: &str| Day::parse_iso(text);
    let client = |client_id, observed_to, died_on| Client { client_id, observed_to, died_on, ..Client::default() };
    let clients = vec![
        client(1, None, None),
        client(2, day("2013-03-10"), None),
        client(3, day("2013-03-10"), day("2013-03-05")),
        client(4, day("2013-02-01"), None),
    ];
    let rows = "1 a 2013-03-01 .. 0
                2 a 2013-03-01 .. 0
                3 a 2013-03-01 .. 0
                4 a 2013-03-01 .. 0
                5 a 2013-03-20 - 0";
    let tables = tables_of(text, clients, rows);
    assert_eq!(show(&tables, "members", &["client_id", "stay_days"]), ["1 20", "2 10", "3 5", "4 1", "5 0"]);
}

#[test]
fn days_count_once_for_a_visit_and_day_by_day_for_a_stay() {
    let text = "period = \"2013\"\n[[cohort]]\nname = \"c\"\nmin_services = 2\n[cohort.heavy]\nmin_days = 3\n";
    let rows = "1 a 2012-12-20 2013-01-02 0
                1 a 2013-01-05 - 0
                1 b 2013-01-01 2013-01-03 0
                2 a 2012-12-20 2013-01-02 0
                2 b 2013-01-01 2013-01-03 0";
    // a: two days of the stay, then the visit. b: three days.
    assert_eq!(members(text, rows), ["1 2 0 2013-01-05 a+b"]);
}

#[test]
fn the_cost_threshold_is_reached_on_a_day_inside_the_stay() {
    let text = "period = \"2013\"\n[[cohort]]\nname = \"c\"\nmin_services = 1\n[cohort.heavy]\nmin_cost_cents = 66\n";
    assert_eq!(members(text, "1 a 2013-01-01 2013-01-03 100"), ["1 1 100 2013-01-02 a"]);
    assert_eq!(members(&text.replace("66", "67"), "1 a 2013-01-01 2013-01-03 100"), ["1 1 100 2013-01-03 a"]);
    assert!(members(&text.replace("66", "101"), "1 a 2013-01-01 2013-01-03 100").is_empty());
}

#[test]
fn a_rolling_window_holds_its_first_day_and_not_the_day_before() {
    let text = "period = \"2013\"\n[[cohort]]\nname = \"c\"\nmin_services = 2\nrolling_days = 10\n";
    assert_eq!(members(text, "1 a 2013-01-01 - 1\n1 b 2013-01-10 - 2"), ["1 2 3 2013-01-10 a+b"]);
    assert!(members(text, "1 a 2013-01-01 - 1\n1 b 2013-01-11 - 2").is_empty());
    // The window may begin before the period, and its services are the set.
    let over_new_year = "1 a 2012-12-25 - 1\n1 b 2013-01-03 - 2\n1 c 2013-06-01 - 4";
    assert_eq!(members(text, over_new_year), ["1 2 6 2013-01-03 a+b"]);
    // A stay is in the window to its last day.
    assert_eq!(members(text, "1 a 2012-01-01 2013-01-05 0\n1 b 2013-01-14 - 0"), ["1 2 0 2013-01-14 a+b"]);
    assert!(members(text, "1 a 2012-01-01 2013-01-05 0\n1 b 2013-01-15 - 0").is_empty());
}

#[test]
fn a_rolling_window_counts_the_days_of_stays_exactly() {
    let text = "period = \"2013\"\n[[cohort]]\nname = \"c\"\nmin_services = 2\nrolling_days = 5\n[cohort.heavy]\nmin_days = 3\n";
    // Of the window that ends on 7 March, a has the 3rd to the 5th and b the 5th to the 7th.
    let rows = "1 a 2013-03-01 2013-03-05 0\n1 b 2013-03-05 2013-03-09 0";
    assert_eq!(members(text, rows), ["1 2 0 2013-03-07 a+b"]);
    let later = "1 a 2013-03-01 2013-03-05 0\n1 b 2013-03-06 2013-03-09 0";
    assert!(members(text, later).is_empty());
}

#[test]
fn a_percentile_counts_use_strictly_above_it() {
    let text = "period = \"2013\"\n[[cohort]]\nname = \"c\"\nmin_services = 1\n[cohort.heavy]\npercentile = 50\n";
    // Contacts with a: 1, 1, 2, 3. The 50th percentile is 1.
    let rows = "1 a 2013-01-01 - 0
                2 a 2013-01-01 - 0
                3 a 2013-01-01 - 0
                3 a 2013-01-02 - 0
                4 a 2013-01-01 - 0
                4 a 2013-01-02 - 0
                4 a 2013-01-03 - 0";
    assert_eq!(members(text, rows), ["3 1 0 2013-01-02 a", "4 1 0 2013-01-02 a"]);
    assert_eq!(members(&text.replace("50", "75"), rows), ["4 1 0 2013-01-03 a"]);
}

#[test]
fn washout_needs_one_free_day_more_than_it_says() {
    let text = "period = \"2013\"\n[[cohort]]\nname = \"c\"\nmin_services = 1\nwashout_days = 10\n";
    assert_eq!(members(text, "1 a 2012-12-31 - 0\n1 a 2013-01-11 - 0").len(), 1);
    assert!(members(text, "1 a 2012-12-31 - 0\n1 a 2013-01-10 - 0").is_empty());
    assert!(members(text, "1 a 2012-06-01 2012-12-31 0\n1 a 2013-01-10 - 0").is_empty());
}

#[test]
fn attrition_tells_the_unknown_age_apart() {
    let text = "period = \"2013\"\n[[cohort]]\nname = \"c\"\nmin_services = 1\nage = { min = 18, max = 64 }\n";
    let client = |client_id, year| Client {
        client_id,
        birth: Day::from_ymd(year, 12, 31).map(|day| (day, BirthPrecision::Day)),
        ..Client::default()
    };
    let rows = "1 a 2013-01-01 - 0\n2 a 2013-01-01 - 0\n3 a 2013-01-01 - 0";
    let tables = tables_of(text, vec![client(1, 1995), client(2, 1996)], rows);
    assert_eq!(
        show(&tables, "attrition", &["step", "rule", "remaining", "removed", "removed_alone"]),
        [
            "1 users: any contact in the period 3 0 0",
            "2 services: at least 1 3 0 0",
            "3 age unknown 2 1 1",
            "4 age: 18 to 64 1 1 1",
        ]
    );
    assert_eq!(show(&tables, "members", &["client_id", "age"]), ["1 18"]);
}

#[test]
fn those_who_rise_to_one_below_the_threshold_are_near() {
    let text = "periods = [\"2012\", \"2013\"]\n[[cohort]]\nname = \"c\"\nmin_services = 3\n";
    let rows = "1 a 2012-05-01 - 0
                1 a 2013-05-01 - 0
                1 b 2013-05-02 - 0
                2 a 2012-05-01 - 0
                2 c 2012-05-01 - 0
                2 a 2013-05-01 - 0
                2 b 2013-05-02 - 0";
    let tables = tables_of(text, Vec::new(), rows);
    let columns = ["client_id", "period", "services", "service_set", "services_before", "qualified_on"];
    assert_eq!(show(&tables, "near_members", &columns), ["1 2013 2 a+b 1 null", "2 2012 2 a+c 0 null"]);
}

#[test]
fn more_than_sixty_four_services_are_told_apart() {
    let text = "period = \"2013\"\n[flow]\nmax_steps = 9\n[[cohort]]\nname = \"c\"\nmin_services = 70\n";
    let rows: String =
        (0..70).map(|at| format!("1 s{at:03} 2013-01-01 - 1\n2 s{:03} 2013-02-01 - 1\n", at / 2)).collect();
    let found = members(text, &rows);
    assert_eq!(found.len(), 1);
    assert!(found[0].starts_with("1 70 70 2013-01-01 s000+s001+"), "{}", found[0]);
    let tables = tables_of(text, Vec::new(), &rows);
    assert_eq!(show(&tables, "combinations", &["cohort", "services", "clients"]), ["all 35 1", "all 70 1", "c 70 1"]);
    assert_eq!(show(&tables, "pathways", &["cohort", "steps", "clients"]), ["all 9 2", "c 9 1"]);
}

#[test]
fn an_empty_store_and_a_cohort_of_none_give_clear_tables() {
    let text = "period = \"2013\"\n[flow]\n[concentration]\n[persistence]\n[emergency]\n[monthly_states]\n[top_users]\n\
                [sweep]\n[[cohort]]\nname = \"c\"\n";
    let tables = tables_of(text, Vec::new(), "");
    assert_eq!(show(&tables, "attrition", &["remaining"]), ["0", "0"]);
    assert_eq!(show(&tables, "summary", &["clients", "residents", "person_years", "gini"]), ["0 null null 0"]);
    assert_eq!(show(&tables, "concentration", &["clients", "cost_share", "threshold_cents"])[0], "0 null null");
    assert_eq!(tables.iter().map(|table| table.schema.name).collect::<Vec<_>>().len(), 30);
}

#[test]
fn months_add_up_to_the_year_to_the_cent() {
    let months: Vec<String> = (1..=12)
        .map(|month| format!("\"2013-{month:02}-01..2013-{month:02}-{}\"", virta_model::days_in_month(2013, month)))
        .collect();
    let rows = "1 a 2012-11-15 2013-02-11 -9999
                1 a 2013-01-31 2013-11-01 100003
                2 b 2013-06-30 - 7
                3 c 2013-03-03 .. 12345
                2 c 2014-02-03 - -";
    let cost = |periods: &str| -> i64 {
        let tables = tables_of(&format!("periods = [{periods}]\n"), Vec::new(), rows);
        show(&tables, "summary", &["cost_cents"]).iter().map(|cost| cost.parse::<i64>().unwrap()).sum()
    };
    assert_eq!(cost(&months.join(", ")), cost("\"2013\""));
}

#[test]
fn services_that_nobody_uses_change_nothing() {
    // With more than 64 services the sets are lists and not bits, with more than 128 the flows are in a map.
    let mut number = 7u32;
    let mut below = |limit: u32| {
        number = number.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (number >> 8) % limit
    };
    let mut rows = String::new();
    for _ in 0..600 {
        let (client, service) = (below(40), ["a", "b", "c", "er", "x", "y"][below(6) as usize]);
        let start = Day(15_300 + below(900) as i32);
        let end = match below(8) {
            0 => "..".to_owned(),
            1 | 2 => Day(start.0 + below(60) as i32).to_string(),
            _ => "-".to_owned(),
        };
        rows.push_str(&format!("{client} {service} {start} {end} {}\n", below(5000)));
    }
    let text = "periods = [\"2012\", \"2013\"]\n[flow]\nmax_steps = 12\n[emergency]\n[top_users]\nn = 3\n\
                [sweep]\ncount_by = [\"service\", \"provider\", \"package\"]\n\
                [[cohort]]\nname = \"plain\"\nmin_services = 3\n\
                [[cohort]]\nname = \"days\"\nmin_services = 2\nrolling_days = 100\n[cohort.heavy]\nmin_days = 20\n\
                [[cohort]]\nname = \"rolling\"\nmin_services = 3\nrolling_days = 60\ncount_by = \"provider\"\n\
                [[cohort]]\nname = \"cost\"\nmin_services = 2\n[cohort.heavy]\nmin_cost_cents = 4000\n\
                [[cohort]]\nname = \"many\"\nmin_services = 2\n[cohort.heavy]\npercentile = 60\n";
    let narrow = tables_of(text, Vec::new(), &rows);
    let unused = (0..150).map(|at| Service {
        code: format!("z{at:03}"),
        package: None,
        sector: Sector::Other,
        is_emergency: false,
        has_stays: true,
    });
    let wide = services().into_iter().chain(unused).collect();
    let source = MemorySource::from_rows(wide, Vec::new(), Vec::new(), contacts(&rows));
    let found = run(&study(text), &source, &RunOptions::default()).unwrap();
    for (narrow, wide) in narrow.iter().zip(&found) {
        // No client of these has a municipality.
        assert!(narrow.rows() > 0 || narrow.schema.name == "regions", "{}", narrow.schema.name);
        assert_eq!(narrow, wide, "{}", narrow.schema.name);
    }
}

#[test]
fn a_sink_that_keeps_nothing_stops_the_run() {
    struct Full;
    impl PartSink for Full {
        fn part(&self, _: u32, _: Table) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
            Err("the disk is full".into())
        }
    }
    let text = "period = \"2013\"\n[[cohort]]\nname = \"c\"\nmin_services = 1\n";
    let rows = contacts("1 a 2013-05-01 - 0");
    let source = MemorySource::from_rows(services(), Vec::new(), Vec::new(), rows).with_buckets(4);
    let error = run_into(&study(text), &source, &RunOptions::default(), &Full).unwrap_err();
    assert!(matches!(&error, Error::Sink(_)), "{error}");
    assert!(error.to_string().contains("the disk is full"), "{error}");
}

#[test]
fn the_rolling_window_of_any_use_slides_day_by_day() {
    // Windows of 10 days; three services are needed. Whether the second use of b still counts decides each case.
    let first_day = |rows: &str| {
        let text = "period = \"2013\"\n[[cohort]]\nname = \"c\"\nmin_services = 3\nrolling_days = 10\n";
        show(&tables_of(text, Vec::new(), rows), "members", &["qualified_on", "service_set"])
    };
    // Full on the period's first day, by use before it: that day, without a contact on it.
    let before = "1 a 2012-12-23 - 0\n1 b 2012-12-25 - 0\n1 c 2012-12-31 - 0\n1 a 2013-06-01 - 0";
    assert_eq!(first_day(before), ["2013-01-01 a+b+c"]);
    // A day too old.
    let too_old = "1 a 2012-12-22 - 0\n1 b 2012-12-25 - 0\n1 c 2012-12-31 - 0\n1 c 2013-06-01 - 0";
    assert_eq!(first_day(too_old), Vec::<String>::new());
    // All three in the year, but never within ten days.
    let apart = "1 a 2013-03-01 - 0\n1 b 2013-03-05 - 0\n1 c 2013-03-11 - 0";
    assert_eq!(first_day(apart), Vec::<String>::new());
    // The first use of a has left, its second has come; b is in on its last day.
    let slides = "1 a 2013-03-01 - 0\n1 b 2013-03-05 - 0\n1 a 2013-03-12 - 0\n1 c 2013-03-14 - 0";
    assert_eq!(first_day(slides), ["2013-03-14 a+b+c"]);
}
