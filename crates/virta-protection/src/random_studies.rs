//! Small random studies whose tables agree with each other, and a reader who tries to undo the withholding.

use std::collections::{BTreeMap, BTreeSet};

use virta_model::schema::{self, TableSchema};
use virta_model::{Table, Value};

use crate::{Cell, Datum, ProtectedStudy, StudyTables, protect};

/// Deterministic numbers, so that a failing study can be made again from its seed.
struct Dice(u64);

impl Dice {
    fn next(&mut self, below: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % below
    }
}

struct Person {
    sex: &'static str,
    municipality: &'static str,
    services: Vec<&'static str>,
    contacts: i64,
    cost: i64,
}

const SERVICES: [&str; 6] = ["a", "b", "c", "d", "e", "f"];

fn people(dice: &mut Dice) -> Vec<Person> {
    let count = 20 + dice.next(220);
    let rare = 1 + dice.next(30);
    (0..count)
        .map(|_| {
            let mut services: Vec<&str> = SERVICES
                .iter()
                .copied()
                .filter(|&service| dice.next(if service > "d" { rare + 2 } else { 3 }) == 0)
                .collect();
            if services.is_empty() {
                services.push("a");
            }
            Person {
                sex: ["female", "male", "male", "unknown"][dice.next(3) as usize + usize::from(dice.next(40) == 0)],
                municipality: ["005", "047", "069", "102", "226"][(dice.next(3) + dice.next(3)) as usize],
                contacts: services.len() as i64 + dice.next(9) as i64,
                cost: dice.next(90_000) as i64,
                services,
            }
        })
        .collect()
}

fn table(schema: &'static TableSchema, rows: Vec<Vec<Value<'_>>>) -> Table {
    let mut table = Table::new(schema);
    rows.iter().for_each(|row| table.push(row));
    table
}

fn sums<'p>(people: impl Iterator<Item = &'p Person>) -> (i64, i64, i64) {
    people.fold((0, 0, 0), |(n, contacts, cost), person| (n + 1, contacts + person.contacts, cost + person.cost))
}

/// The tables of a study with one cohort: those with at least three services.
fn study(dice: &mut Dice) -> Vec<Table> {
    use Value::{Int, Null, Ratio, Text};
    let people = people(dice);
    let least = 2 + dice.next(2) as usize;
    let of = |cohort: &str| {
        people.iter().filter(move |person| cohort == "all" || person.services.len() >= least).collect::<Vec<_>>()
    };
    let (users, contacts, cost) = sums(people.iter());
    let mut profile = Vec::new();
    let mut use_rows = Vec::new();
    let mut sets = Vec::new();
    let mut starts = Vec::new();
    let all_sets: BTreeMap<(&str, String), Vec<&Person>> = ["all", "heavy"]
        .iter()
        .flat_map(|&cohort| of(cohort).into_iter().map(move |person| ((cohort, person.services.join("+")), person)))
        .fold(BTreeMap::new(), |mut sets: BTreeMap<_, Vec<&Person>>, (key, person)| {
            sets.entry(key).or_default().push(person);
            sets
        });
    for cohort in ["all", "heavy"] {
        let members = of(cohort);
        let mut push = |dimension: &'static str, value: Option<&'static str>| {
            let inside = members.iter().copied().filter(|person| match dimension {
                "sex" => Some(person.sex) == value,
                "municipality" => Some(person.municipality) == value,
                _ => true,
            });
            let (n, contacts, cents) = sums(inside);
            profile.push(vec![
                Text(cohort),
                Text("2014"),
                Text(dimension),
                value.map_or(Null, Text),
                Int(n),
                Null,
                Int(contacts),
                Int(cents),
                Ratio(n as f64 / users as f64),
                Ratio(cents as f64 / cost.max(1) as f64),
            ]);
        };
        push("all", None);
        for (dimension, values) in [
            ("sex", people.iter().map(|person| person.sex).collect::<BTreeSet<_>>()),
            ("municipality", people.iter().map(|person| person.municipality).collect()),
        ] {
            values.into_iter().for_each(|value| push(dimension, Some(value)));
        }
        for service in SERVICES {
            let users_of =
                |members: &[&Person]| members.iter().filter(|p| p.services.contains(&service)).count() as i64;
            let n = users_of(&members);
            if n > 0 {
                let share = n as f64 / users_of(&of("all")) as f64;
                let row =
                    [Text(cohort), Text("2014"), Text(service), Int(n), Int(n), Int(0), Int(n * 100), Ratio(share)];
                use_rows.push(row.to_vec());
            }
            let first = members.iter().filter(|person| person.services[0] == service).count() as i64;
            if first > 0 {
                starts.push(vec![Text(cohort), Text("2014"), Text(service), Int(first), Int(first / 4)]);
            }
        }
    }
    for ((cohort, set), members) in &all_sets {
        let (n, contacts, cents) = sums(members.iter().copied());
        let services = members[0].services.len() as i64;
        sets.push(vec![Text(cohort), Text("2014"), Text(set), Int(services), Int(n), Int(contacts), Int(cents)]);
    }
    let mut per_client = Vec::new();
    for services in 1..=6 {
        let (n, contacts, cents) = sums(people.iter().filter(|person| person.services.len() == services));
        if n > 0 {
            per_client.push(vec![Text("2014"), Int(services as i64), Int(n), Int(contacts), Int(cents)]);
        }
    }
    let mut sweep = Vec::new();
    for services in 1..=6_i64 {
        for least in [1_i64, 4, 8] {
            let inside = |person: &&Person| person.services.len() as i64 >= services && person.contacts >= least;
            let (n, _, cents) = sums(people.iter().filter(inside));
            sweep.push(vec![Text("2014"), Text("service"), Int(services), Int(least), Int(n), Int(cents)]);
        }
    }
    let heavy = of("heavy").len() as i64;
    let women = of("heavy").iter().filter(|person| person.sex == "female").count() as i64;
    let rule = |step, text, remaining, removed, alone| {
        vec![Text("heavy"), Int(step), Text(text), Int(remaining), Int(removed), Int(alone)]
    };
    let attrition = vec![rule(1, "users", users, 0, 0), rule(2, "services", heavy, users - heavy, users - heavy)];
    let _ = women;
    let summary = vec![
        Text("2014"),
        Int(users),
        Null,
        Null,
        Int(contacts),
        Int(cost),
        Int(0),
        Ratio(0.5),
        Text("h"),
        Text("s"),
        Text("v"),
    ];
    vec![
        table(&schema::SUMMARY, vec![summary]),
        table(&schema::ATTRITION, attrition),
        table(&schema::PROFILE, profile),
        table(&schema::SERVICE_USE, use_rows),
        table(&schema::SERVICES_PER_CLIENT, per_client),
        table(&schema::COMBINATIONS, sets),
        table(&schema::FLOW_STARTS, starts),
        table(&schema::SWEEP, sweep),
    ]
}

fn number(cell: Option<&Cell>) -> Option<i64> {
    match cell {
        Some(Cell::Value(Datum::Int(number))) => Some(*number),
        _ => None,
    }
}

fn text(cell: Option<&Cell>) -> String {
    match cell {
        Some(Cell::Value(Datum::Text(text))) => text.clone(),
        _ => String::new(),
    }
}

/// The sums that a reader of the report knows by heart, written apart from the program's own list: each is the shown
/// total, the shown parts, and how many parts are not shown.
fn subtractions(study: &ProtectedStudy) -> Vec<(String, i64, usize, Vec<i64>)> {
    let mut found = Vec::new();
    let profile = study.table("profile").unwrap();
    let row_of = |cohort: &str, dimension: &str, value: &str| {
        (0..profile.rows().len()).find(|&row| {
            text(profile.cell(row, "cohort")) == cohort
                && text(profile.cell(row, "dimension")) == dimension
                && text(profile.cell(row, "value")) == value
        })
    };
    for cohort in ["all", "heavy"] {
        for column in ["clients", "contacts", "cost_cents"] {
            let total = row_of(cohort, "all", "").and_then(|row| number(profile.cell(row, column)));
            let Some(total) = total else { continue };
            for dimension in ["sex", "municipality"] {
                let rows = (0..profile.rows().len()).filter(|&row| {
                    text(profile.cell(row, "cohort")) == cohort && text(profile.cell(row, "dimension")) == dimension
                });
                let cells: Vec<Option<i64>> = rows.map(|row| number(profile.cell(row, column))).collect();
                let hidden = cells.iter().filter(|cell| cell.is_none()).count();
                found.push((
                    format!("{cohort} {dimension} {column}"),
                    total,
                    hidden,
                    cells.into_iter().flatten().collect(),
                ));
            }
        }
    }
    for row in 0..profile.rows().len() {
        if text(profile.cell(row, "cohort")) == "heavy" {
            let key = ["dimension", "value"].map(|column| text(profile.cell(row, column)));
            let all = row_of("all", &key[0], &key[1]).and_then(|row| number(profile.cell(row, "clients")));
            if let (Some(all), Some(heavy)) = (all, number(profile.cell(row, "clients"))) {
                found.push((format!("rest {} {} clients", key[0], key[1]), all, 1, vec![heavy]));
            }
        }
    }
    found
}

#[test]
fn no_reader_can_undo_the_withholding_of_a_thousand_random_studies() {
    for seed in 0..1000 {
        let tables = study(&mut Dice(seed));
        let k = 3 + (seed % 8) as u32;
        let disclosed = protect(&StudyTables::new(&tables, k)).unwrap();
        assert_eq!(disclosed.log().broken_sums, Vec::<String>::new(), "seed {seed}");
        for table in disclosed.tables() {
            for row in 0..table.rows().len() {
                let clients = table.cell(row, "clients");
                assert!(number(clients).is_none_or(|n| n >= i64::from(k)), "seed {seed} {} {row}", table.name());
            }
        }
        for (name, total, hidden, shown) in subtractions(&disclosed) {
            let rest = total - shown.iter().sum::<i64>();
            let people = name.ends_with("clients");
            if hidden > 0 && people {
                assert!(rest == 0 || rest >= i64::from(k), "seed {seed}: {name} leaves {rest}");
            }
            assert!(hidden != 1 || name.starts_with("rest"), "seed {seed}: {name} gives one figure away");
        }
    }
}

#[test]
fn most_of_a_large_study_is_shown() {
    let mut shown = 0;
    let mut all = 0;
    for seed in 0..200 {
        let disclosed = protect(&StudyTables::new(&study(&mut Dice(seed)), 5)).unwrap();
        for table in disclosed.tables() {
            for cell in table.rows().iter().flatten() {
                all += 1;
                shown += usize::from(!matches!(cell, Cell::Withheld(_)));
            }
        }
    }
    assert!(shown * 100 > all * 60, "{shown} of {all}");
    println!("{shown} of {all} cells shown");
}

#[test]
fn tables_of_persons_and_unknown_tables_are_refused() {
    let tables: Vec<Table> = [&schema::MEMBERS, &schema::NEAR_MEMBERS, &schema::TOP_USERS, &schema::CONTACTS]
        .into_iter()
        .map(Table::new)
        .collect();
    let disclosed = protect(&StudyTables::new(&tables, 5)).unwrap();
    assert!(disclosed.tables().is_empty());
    assert_eq!(disclosed.log().refused, ["members", "near_members", "top_users", "contacts"]);
}
