//! A baseline stays as it was made, while the follow-up goes on.

use virta_model::settings::Study;
use virta_model::{Day, Table, Value};

use crate::memory::{Contact, MemorySource};
use crate::{Frozen, PilotClient, RunOptions, run};

const STUDY: &str = "[study]\nname = \"s\"\nperiods = [\"2012\"]\n[[cohort]]\nname = \"c\"\nmin_services = 1\n\
    [[pilot]]\nname = \"p\"\nbefore_days = 10\nafter_days = 10\ncomparison = { cohort = \"c\", per_client = 1 }\n";

fn day(text: &str) -> Day {
    Day::parse_iso(text).unwrap_or(Day(0))
}

fn visit(client_id: i64, start: &str) -> Contact {
    Contact {
        contact_id: i64::from(day(start).0),
        client_id,
        service: "a".to_owned(),
        provider: None,
        unit: None,
        start: day(start),
        start_time: None,
        sequence: None,
        end: None,
        is_stay: false,
        is_emergency: false,
        cost_cents: Some(100),
        source: "x".to_owned(),
    }
}

fn pilot(clients: &[(i64, &str)]) -> Vec<PilotClient> {
    let listed = clients.iter().map(|&(client_id, index)| PilotClient {
        pilot: "p".to_owned(),
        client_id,
        index_date: day(index),
        left_on: None,
    });
    listed.collect()
}

fn tables(contacts: &[Contact], pilots: &[PilotClient], frozen: Option<&[Table]>, snapshot: &str) -> Vec<Table> {
    let source = MemorySource::from_rows(Vec::new(), Vec::new(), Vec::new(), contacts.to_vec());
    let of = |name: &str| frozen.map(|tables| tables.iter().find(|table| table.schema.name == name).expect(name));
    let frozen: Vec<Frozen<'_>> = of("pilot_clients")
        .zip(of("pilot_balance"))
        .map(|(clients, balance)| Frozen { pilot: "p", clients, balance })
        .into_iter()
        .collect();
    let options = RunOptions { pilots, frozen: &frozen, snapshot: snapshot.to_owned(), ..RunOptions::default() };
    run(&Study::parse(STUDY).expect("the study is right"), &source, &options).expect("it runs")
}

/// Client, role, window, contacts and the snapshot of the baseline, of all services together.
fn clients(tables: &[Table]) -> Vec<(i64, String, String, i64, String)> {
    let table = tables.iter().find(|table| table.schema.name == "pilot_clients").expect("a pilot was asked for");
    let value = |row, column: &str| table.value(row, table.schema.index_of(column).expect(column));
    let text =
        |row, column: &str| if let Value::Text(text) = value(row, column) { text.to_owned() } else { String::new() };
    let int = |row, column: &str| if let Value::Int(value) = value(row, column) { value } else { -1 };
    (0..table.rows())
        .filter(|&row| value(row, "service") == Value::Null)
        .map(|row| {
            let snapshot = text(row, "baseline_snapshot");
            (int(row, "client_id"), text(row, "role"), text(row, "window"), int(row, "contacts"), snapshot)
        })
        .collect()
}

fn count(tables: &[Table], step: &str) -> i64 {
    let table = tables.iter().find(|table| table.schema.name == "pilot_counts").expect("a pilot was asked for");
    let row = (0..table.rows()).find(|&row| table.value(row, 1) == Value::Text(step)).expect(step);
    if let Value::Int(clients) = table.value(row, 2) { clients } else { -1 }
}

/// 1 takes part from 15 June; 2 and 3 used something in 2012, 2 as much as 1 before the index date.
fn first_contacts() -> Vec<Contact> {
    vec![
        visit(2, "2012-03-01"),
        visit(3, "2012-03-01"),
        visit(1, "2013-06-10"),
        visit(2, "2013-06-10"),
        visit(1, "2013-06-17"),
    ]
}

fn row(client: i64, role: &str, window: &str, contacts: i64) -> (i64, String, String, i64, String) {
    (client, role.to_owned(), window.to_owned(), contacts, "s1".to_owned())
}

#[test]
fn a_frozen_baseline_stays_and_only_the_follow_up_is_read_anew() {
    let pilots = pilot(&[(1, "2013-06-15")]);
    let first = tables(&first_contacts(), &pilots, None, "s1");
    assert_eq!(
        clients(&first),
        [
            row(1, "pilot", "before", 1),
            row(1, "pilot", "after", 1),
            row(2, "comparison", "before", 1),
            row(2, "comparison", "after", 0)
        ]
    );
    // Later 3 turns out to have been as like as 2, 1 to have had more, and both go on.
    let mut later = first_contacts();
    later.extend([visit(1, "2013-06-11"), visit(2, "2013-06-20"), visit(1, "2013-06-21"), visit(3, "2013-06-30")]);
    let second = tables(&later, &pilots, Some(&first), "s2");
    assert_eq!(
        clients(&second),
        [
            row(1, "pilot", "before", 1),
            row(1, "pilot", "after", 2),
            row(2, "comparison", "before", 1),
            row(2, "comparison", "after", 1)
        ]
    );
    assert_eq!((count(&first, "frozen"), count(&second, "frozen")), (0, 1));
    let balance = |tables: &[Table]| tables.iter().find(|table| table.schema.name == "pilot_balance").cloned();
    assert_eq!(balance(&first), balance(&second));
    // Whoever asks for a new one gets what the data now say.
    assert_eq!(clients(&tables(&later, &pilots, None, "s2"))[0].3, 2);
}

#[test]
fn the_same_snapshot_gives_the_same_tables_with_and_without_what_was_frozen_on_it() {
    let pilots = pilot(&[(1, "2013-06-15"), (9, "2013-06-15")]);
    let first = tables(&first_contacts(), &pilots, None, "s1");
    assert_eq!(first, tables(&first_contacts(), &pilots, Some(&first), "s1"));
}

#[test]
fn who_joins_later_is_matched_with_those_who_are_left_and_leaves_the_comparison() {
    let first = tables(&first_contacts(), &pilot(&[(1, "2013-06-15")]), None, "s1");
    // 2, compared with 1 so far, takes part from 19 June: its visit on the 18th still counts, that on the 20th does not.
    let mut later = first_contacts();
    later.extend([visit(2, "2013-06-18"), visit(2, "2013-06-20"), visit(3, "2013-12-31")]);
    let second = tables(&later, &pilot(&[(1, "2013-06-15"), (2, "2013-06-19")]), Some(&first), "s2");
    let of = |client: i64, role: &str| {
        let rows = clients(&second).into_iter().filter(move |row| row.0 == client && row.1 == role);
        rows.map(|row| (row.2, row.3, row.4)).collect::<Vec<_>>()
    };
    let rows = |before: i64, after: i64, snapshot: &str| {
        vec![("before".to_owned(), before, snapshot.to_owned()), ("after".to_owned(), after, snapshot.to_owned())]
    };
    assert_eq!(of(1, "pilot"), rows(1, 1, "s1"));
    assert_eq!(of(2, "comparison"), rows(1, 1, "s1"));
    assert_eq!(of(2, "pilot"), rows(2, 1, "s2"));
    assert_eq!(of(3, "comparison"), rows(0, 0, "s2"));
}
