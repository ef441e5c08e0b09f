//! One wrong date in one row: it changes no number of another client, and of its own client only what the row itself says.
//!
//! Whatever is counted of clients adds up over them. So what a change does to a whole region is what it does to a region
//! in which only the row's own client lives, beside somebody who keeps every file from being empty.

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::test_runner::{Config, RngSeed};
use virta_model::Day;
use virta_model::schema::{
    ACCESS, ATTRITION, EMERGENCY_BANDS, EMERGENCY_HOURS, EMERGENCY_NEXT, FLOW_ENDS, FLOW_STARTS, FLOWS, MEMBERS,
    MONTHLY_STATES, NEAR_MEMBERS, PROFILE, REGIONS, SECTOR_OVERLAP, SERVICE_USE, SERVICES_PER_CLIENT, SUMMARY, SWEEP,
    TableSchema,
};
use virta_tests::Cell;

use super::runner::Bench;

/// The files of a region: name, the columns that hold dates, the others, and the section of the profile that reads them.
struct File {
    name: &'static str,
    source: &'static str,
    extracted_on: &'static str,
    dates: &'static [&'static str],
    others: &'static [&'static str],
    section: &'static str,
}

const CONTACTS: &str = "table = \"contacts\"\n[file.columns]\nclient = { from = \"who\" }\n\
    service = { from = \"what\", codes = \"codes.csv\" }\nstart_date = { from = \"start\", format = \"iso\" }\n\
    end_date = { from = \"end\", format = \"iso\" }\nis_stay = { from = \"stay\" }\ncost_cents = { from = \"cost\", unit = \"cent\" }\n";
const VISITS: &[&str] = &["what", "stay", "cost"];

/// The sources differ in what they know.
const FILES: [File; 5] = [
    File {
        name: "hospital",
        source: "hospital",
        extracted_on: "2013-12-31",
        dates: &["start", "end"],
        others: VISITS,
        section: CONTACTS,
    },
    File {
        name: "social",
        source: "social",
        extracted_on: "2014-03-31",
        dates: &["start", "end"],
        others: VISITS,
        section: CONTACTS,
    },
    File {
        name: "people",
        source: "register",
        extracted_on: "2014-06-30",
        dates: &["born", "died", "from", "to"],
        others: &["town"],
        section: "table = \"clients\"\n[file.columns]\nclient = { from = \"who\" }\nbirth_date = { from = \"born\" }\n\
            died_on = { from = \"died\" }\nobserved_from = { from = \"from\" }\nobserved_to = { from = \"to\" }\n\
            municipality = { from = \"town\" }\n",
    },
    File {
        name: "cases",
        source: "cases",
        extracted_on: "2013-06-30",
        dates: &["contact", "start", "end"],
        others: &["tier"],
        section: "table = \"assessments\"\n[file.columns]\nclient = { from = \"who\" }\ntier = { from = \"tier\" }\n\
            contacted_on = { from = \"contact\" }\nstarted_on = { from = \"start\" }\ncompleted_on = { from = \"end\" }\n",
    },
    File {
        name: "plans",
        source: "cases",
        extracted_on: "2013-03-31",
        dates: &["from", "to"],
        others: &["kind"],
        section: "table = \"plans\"\n[file.columns]\nclient = { from = \"who\" }\nkind = { from = \"kind\" }\n\
            from_date = { from = \"from\" }\nto_date = { from = \"to\" }\n",
    },
];

const CODES: &str = "code,service,sector,is_emergency\na,a,social,false\nb,b,primary,false\nc,c,specialised,false\n\
    e,e,specialised,true\n";

const STUDY: &str = "[study]\nname = \"s\"\nperiods = [\"2012\", \"2013\", \"2014\", \"2013-06-01..2014-05-31\"]\n\
    [[cohort]]\nname = \"two\"\nmin_services = 2\n[[cohort]]\nname = \"young\"\nmin_services = 1\n\
    age = { min = 0, max = 17, at = \"first_contact\" }\n[[cohort]]\nname = \"heavy\"\nmin_services = 1\nwashout_days = 60\n\
    observed_days_min = 100\nexclude_cohorts = [\"young\"]\n[cohort.heavy]\nmin_days = 20\n[[cohort]]\nname = \"rolling\"\n\
    min_services = 2\nrolling_days = 90\n[flow]\n[emergency]\n[monthly_states]\n[access]\n[sweep]\n";

/// What adds up over clients: a table, what its rows are told apart by, and its sums. Of rows about one client each
/// counts as itself.
const SUMS: &[(&TableSchema, &[&str], &[&str])] = &[
    (&SUMMARY, &["period"], &["clients", "residents", "person_years", "contacts", "cost_cents", "unpriced_contacts"]),
    (&SERVICE_USE, &["cohort", "period", "service"], &["clients", "contacts", "stay_days", "cost_cents"]),
    (&SERVICES_PER_CLIENT, &["period", "services"], &["clients", "contacts", "cost_cents"]),
    (&PROFILE, &["cohort", "period", "dimension", "value"], &["clients", "contacts", "cost_cents"]),
    (&REGIONS, &["cohort", "period", "level", "region"], &["clients", "residents", "contacts", "cost_cents"]),
    (&SECTOR_OVERLAP, &["cohort", "period", "social", "primary", "specialised"], &["clients", "cost_cents"]),
    (&FLOWS, &["cohort", "period", "from_service", "to_service"], &["transitions", "clients"]),
    (&FLOW_STARTS, &["cohort", "period", "service"], &["clients"]),
    (&FLOW_ENDS, &["cohort", "period", "service"], &["clients"]),
    (&MONTHLY_STATES, &["cohort", "month", "state"], &["clients"]),
    (&EMERGENCY_BANDS, &["cohort", "period", "band"], &["clients", "visits"]),
    (&EMERGENCY_HOURS, &["cohort", "period", "weekday"], &["clients", "visits"]),
    (&EMERGENCY_NEXT, &["cohort", "period", "within_days", "service"], &["clients", "visits"]),
    (
        &ACCESS,
        &["tier", "period", "municipality", "wellbeing_county"],
        &[
            "clients",
            "assessments",
            "open",
            "start_due",
            "started_in_time",
            "complete_due",
            "completed_in_time",
            "with_plan",
            "with_consent",
        ],
    ),
    (&SWEEP, &["period", "count_by", "min_services", "min_contacts"], &["clients", "cost_cents"]),
    (&ATTRITION, &["cohort", "step"], &["remaining", "removed", "removed_alone"]),
    (&MEMBERS, &[], &[]),
    (&NEAR_MEMBERS, &[], &[]),
];

/// A row of one of [`FILES`].
#[derive(Debug, Clone)]
struct Row {
    file: usize,
    client: usize,
    dates: Vec<Option<Day>>,
    others: Vec<&'static str>,
}

fn near() -> impl Strategy<Value = Day> {
    let first = Day::from_ymd(2012, 1, 1).unwrap().0;
    (0..900i32).prop_map(move |at| Day(first + at))
}

fn row() -> impl Strategy<Value = Row> {
    let born = (-14_000..16_300i32).prop_map(Day);
    let picks = (select(&["a", "b", "c", "e"][..]), select(&["0", "1"][..]), select(&["", "100", "250"][..]));
    let more = (
        select(&["091", "272", ""][..]),
        select(&["guidance", "basic"][..]),
        select(&["multi_service_plan", "consent"][..]),
    );
    let days = (near(), proptest::option::of(0..60i32), proptest::option::of(0..60i32), born);
    (select(&[0usize, 0, 0, 1, 1, 1, 2, 3, 4][..]), 0..6usize, days, picks, more).prop_map(
        |(file, client, (first, second, third, born), (what, stay, cost), (town, tier, kind))| {
            let later = |days: Option<i32>| days.map(|days| Day(first.0 + days));
            let (dates, others) = match file {
                0 | 1 => (vec![Some(first), later(second)], vec![what, stay, cost]),
                2 => (vec![Some(born), None, Some(first), third.and(later(second))], vec![town]),
                3 => (vec![Some(first), later(second), second.and(third).and(later(third.max(second)))], vec![tier]),
                _ => (vec![Some(first), later(second)], vec![kind]),
            };
            Row { file, client, dates, others }
        },
    )
}

/// Days of the changed cell: mostly any, some where it hurts.
fn any_day() -> impl Strategy<Value = Day> {
    let day = |y, m, d| Day::from_ymd(y, m, d).unwrap();
    let edges = vec![
        day(1899, 12, 30),
        day(1900, 1, 1),
        day(1900, 1, 2),
        day(2013, 12, 31),
        day(2014, 1, 1),
        day(2099, 1, 1),
        day(2200, 12, 31),
    ];
    prop_oneof![4 => (day(1850, 1, 1).0..=day(2200, 12, 31).0).prop_map(Day), 2 => select(edges), 2 => near()]
}

/// Every number of the study of these rows that adds up over clients.
fn numbers(rows: &[&Row]) -> BTreeMap<String, i64> {
    let bench = Bench::with_buckets(2);
    bench.write("codes.csv", CODES);
    bench.write("study.toml", STUDY);
    let mut args = vec!["ingest".to_owned(), "s".to_owned(), "--threads".to_owned(), "1".to_owned()];
    for (at, file) in FILES.iter().enumerate() {
        let columns: Vec<&str> =
            std::iter::once("who").chain(file.dates.iter().copied()).chain(file.others.iter().copied()).collect();
        let mut text = format!("{}\n", columns.join(";"));
        for row in rows.iter().filter(|row| row.file == at) {
            let dates = row.dates.iter().map(|day| day.map_or(String::new(), |day| day.to_string()));
            let others = row.others.iter().map(|text| (*text).to_owned());
            let cells: Vec<String> = std::iter::once(format!("c{}", row.client)).chain(dates).chain(others).collect();
            text += &format!("{}\n", cells.join(";"));
        }
        bench.write(&format!("{}.csv", file.name), text);
        bench.write(
            &format!("{}.toml", file.name),
            format!(
                "[source]\nname = \"{}\"\npseudonym = \"r\"\nextracted_on = \"{}\"\nbad_rows_max_percent = 100\n\
                 [[file]]\npath = \"{}.csv\"\n{}",
                file.source, file.extracted_on, file.name, file.section
            ),
        );
        args.push(format!("{}.toml", file.name));
    }
    bench.virta(&args).ends_with(0);
    bench.virta(["study", "s", "study.toml", "--threads", "1"]).ends_with(0);
    let mut numbers = BTreeMap::new();
    for (schema, keys, sums) in SUMS {
        let place =
            |column: &&str| schema.index_of(column).unwrap_or_else(|| panic!("{} has no {column}", schema.name));
        for row in bench.result("s", schema) {
            if sums.is_empty() {
                let cells: Vec<String> = row.iter().map(Cell::to_string).collect();
                *numbers.entry(format!("{} {}", schema.name, cells.join(" "))).or_default() += 1;
            }
            let key: Vec<String> = keys.iter().map(|key| row[place(key)].to_string()).collect();
            for sum in *sums {
                let value = match row[place(sum)] {
                    Cell::Int(value) => value,
                    // Person-years, as days.
                    Cell::Ratio(value) => (value * 365.25).round() as i64,
                    _ => 0,
                };
                *numbers.entry(format!("{} {} {sum}", schema.name, key.join(" "))).or_default() += value;
            }
        }
    }
    numbers
}

/// What is different in the second, by how much.
fn change(before: &BTreeMap<String, i64>, after: &BTreeMap<String, i64>) -> BTreeMap<String, i64> {
    let mut change = after.clone();
    for (key, value) in before {
        *change.entry(key.clone()).or_default() -= value;
    }
    change.retain(|_, by| *by != 0);
    change
}

/// Somebody who keeps every file from being empty.
fn anchor() -> Vec<Row> {
    let day = |text| Day::parse_iso(text);
    let row = |file, dates, others| Row { file, client: 99, dates, others };
    vec![
        row(0, vec![day("2013-02-01"), None], vec!["a", "0", "100"]),
        row(1, vec![day("2013-02-01"), None], vec!["b", "1", "100"]),
        row(2, vec![day("1980-01-01"), None, day("2000-01-01"), None], vec!["091"]),
        row(3, vec![day("2013-01-07"), None, None], vec!["basic"]),
        row(4, vec![day("2013-01-07"), None], vec!["consent"]),
        row(4, vec![day("2013-01-07"), None], vec!["multi_service_plan"]),
    ]
}

fn config(cases: u32) -> Config {
    if std::env::var_os("PROPTEST_CASES").is_some() {
        return Config { failure_persistence: None, ..Config::default() };
    }
    Config { cases, rng_seed: RngSeed::Fixed(1850), failure_persistence: None, ..Config::default() }
}

proptest! {
    #![proptest_config(config(8))]

    #[test]
    fn one_date_of_one_row_changes_nothing_but_what_its_own_client_gives_alone(
        rows in proptest::collection::vec(row(), 12..40),
        changes in proptest::collection::vec((any::<Index>(), any::<Index>(), any_day()), 3),
    ) {
        let all: Vec<Row> = rows.into_iter().chain(anchor()).collect();
        let region = numbers(&all.iter().collect::<Vec<_>>());
        for (at, cell, day) in changes {
            let at = at.index(all.len() - anchor().len());
            let mut changed = all.clone();
            let cell = cell.index(changed[at].dates.len());
            changed[at].dates[cell] = Some(day);
            let of_client = |rows: &[Row]| {
                let own = rows.iter().filter(|row| row.client == all[at].client || row.client == 99);
                numbers(&own.collect::<Vec<_>>())
            };
            let alone = change(&of_client(&all), &of_client(&changed));
            let whole = change(&region, &numbers(&changed.iter().collect::<Vec<_>>()));
            prop_assert_eq!(whole, alone, "{:?}: {} to {}", all[at], cell, day);
        }
    }
}
