//! What of a pilot's tables leaves: cases with a known answer.

use virta_model::schema::{PILOT_BALANCE, PILOT_BASELINE, PILOT_CLIENTS, PILOT_COUNTS};
use virta_model::{Table, Value};

use crate::{Cell, ProtectedStudy, Reason, StudyTables, protect};

/// A client: contacts with services a, b and c, the same before and after; cost; days of follow-up.
#[derive(Clone, Copy)]
struct Person {
    contacts: [i64; 3],
    cost: i64,
    after_days: i64,
    is_female: bool,
}

const PERSON: Person = Person { contacts: [3, 0, 0], cost: 100, after_days: 365, is_female: false };

/// Twenty people with somewhat different use, half of them women.
fn twenty() -> Vec<Person> {
    (0..20)
        .map(|at| Person {
            contacts: [1 + at % 4, at % 2, 1 + at % 3],
            cost: 1000 + 10 * at,
            is_female: at % 2 == 0,
            ..PERSON
        })
        .collect()
}

const SERVICES: [&str; 3] = ["a", "b", "c"];

/// The tables of a pilot whose clients have one comparison client each, all of whom are like [`twenty`].
fn tables(pilot: &[Person]) -> Vec<Table> {
    use Value::{Date, Int, Null, Ratio, Text};
    let others = twenty();
    let others = &others[..pilot.len().min(20)];
    let mut clients = Table::new(&PILOT_CLIENTS);
    for (role, people) in [("pilot", pilot), ("comparison", others)] {
        for (at, person) in (0..).zip(people) {
            let id = if role == "pilot" { at } else { 100 + at };
            for (window, days) in [("before", 365), ("after", person.after_days)] {
                let services = SERVICES.iter().zip(person.contacts).filter(|(_, contacts)| *contacts > 0);
                let all = (None, person.contacts.iter().sum::<i64>());
                for (service, contacts) in
                    std::iter::once(all).chain(services.map(|(service, contacts)| (Some(*service), contacts)))
                {
                    clients.push(&[
                        Text("p"),
                        Text(role),
                        Int(id),
                        if role == "pilot" { Null } else { Int(at) },
                        Null,
                        Null,
                        Text(if person.is_female { "female" } else { "male" }),
                        Int(40),
                        Null,
                        Int(1),
                        Date(0),
                        Text(window),
                        Date(0),
                        Date(365),
                        Int(days),
                        service.map_or(Null, Text),
                        Int(1),
                        Int(contacts),
                        Int(0),
                        Int(person.cost),
                        Int(0),
                        Int(1),
                        Null,
                    ]);
                }
            }
        }
    }
    let n = pilot.len() as i64;
    let followed = pilot.iter().filter(|person| person.after_days > 0).count() as i64;
    let mut baseline = Table::new(&PILOT_BASELINE);
    for (measure, service) in [
        ("contacts", None),
        ("cost_cents", None),
        ("contacts", Some("a")),
        ("contacts", Some("b")),
        ("contacts", Some("c")),
    ] {
        let mut row =
            vec![Text("p"), Text(measure), service.map_or(Null, Text), Int(n), Int(n), Ratio(1.0), Ratio(1.0)];
        row.extend([Int(followed), Int(n)]);
        row.extend([Ratio(1.0); 9]);
        baseline.push(&row);
    }
    let mut balance = Table::new(&PILOT_BALANCE);
    for variable in ["female", "contacts"] {
        let mut row = vec![Text("p"), Text(variable), Int(n), Int(n), Int(300)];
        row.extend([Ratio(0.5); 5]);
        balance.push(&row);
    }
    let mut counts = Table::new(&PILOT_COUNTS);
    for (step, clients) in [
        ("listed", n),
        ("known", n),
        ("baseline", n),
        ("unmatched", 0),
        ("matched", n),
        ("followed", followed),
        ("not_followed", n - followed),
    ] {
        counts.push(&[Text("p"), Text(step), Int(clients), if clients == 0 { Null } else { Int(n) }]);
    }
    vec![clients, baseline, balance, counts]
}

fn disclosed(pilot: &[Person]) -> ProtectedStudy {
    protect(&StudyTables::new(&tables(pilot), 5)).expect("k is right")
}

/// Why a mean of a row of the baselines is withheld.
fn reason(study: &ProtectedStudy, row: usize, column: &str) -> Option<Reason> {
    match study.table("pilot_baseline")?.cell(row, column)? {
        Cell::Withheld(reason) => Some(*reason),
        _ => None,
    }
}

const CONTACTS: usize = 0;
const COST: usize = 1;
const A: usize = 2;
const B: usize = 3;
const C: usize = 4;

#[test]
fn a_pilot_of_many_who_all_do_something_leaves_whole_but_for_its_clients() {
    let study = disclosed(&twenty());
    assert!(study.table("pilot_clients").is_none());
    assert_eq!(study.log().refused, ["pilot_clients"]);
    assert_eq!(study.log().withheld, []);
}

#[test]
fn fewer_than_k_clients_of_a_service_are_withheld_and_the_rest_does_not_give_them_back() {
    let mut pilot = twenty();
    pilot.iter_mut().for_each(|person| person.contacts[1] = 0);
    pilot[0].contacts[1] = 4;
    let study = disclosed(&pilot);
    assert_eq!(reason(&study, B, "before_mean"), Some(Reason::TooFewClients));
    // All less a less c would be b.
    let protects = [CONTACTS, A, C].map(|row| reason(&study, row, "before_mean"));
    assert!(protects.contains(&Some(Reason::ProtectsAnother)), "{protects:?}");
    // With a mean goes what is made from it; the comparison clients' own stay.
    for column in ["change", "difference", "interval_low", "interval_high"] {
        assert_eq!(reason(&study, B, column), Some(Reason::FollowsAnother), "{column}");
    }
    assert_eq!(reason(&study, B, "comparison_before_mean"), None);
}

#[test]
fn a_cost_that_one_client_makes_up_is_withheld() {
    let mut pilot = twenty();
    pilot[7].cost = 10_000_000;
    let study = disclosed(&pilot);
    assert_eq!(reason(&study, COST, "before_mean"), Some(Reason::FewClientsDominate));
    assert_eq!(reason(&study, CONTACTS, "before_mean"), None);
}

#[test]
fn the_mean_of_all_beside_the_mean_of_all_but_one_would_be_that_one() {
    let mut pilot = twenty();
    pilot[3].after_days = 0;
    let study = disclosed(&pilot);
    assert_eq!(reason(&study, CONTACTS, "baseline_mean"), Some(Reason::TooFewBetween));
    assert_eq!(reason(&study, CONTACTS, "before_mean"), None);
    // Nor does the table of balance tell it; how alike the groups are it may tell.
    let balance = study.table("pilot_balance").expect("it may leave");
    assert_eq!(balance.cell(1, "mean"), Some(&Cell::Withheld(Reason::TooFewBetween)));
    assert!(matches!(balance.cell(1, "difference_after"), Some(Cell::Value(_))));
}

#[test]
fn one_client_without_a_match_is_not_told_and_the_means_of_the_others_are() {
    let mut tables = tables(&twenty());
    let counts = tables.last_mut().expect("the counts come last");
    let mut changed = Table::new(&PILOT_COUNTS);
    for row in 0..counts.rows() {
        let Value::Text(step) = counts.value(row, 1) else { continue };
        let clients = match step {
            "listed" | "known" | "baseline" => Value::Int(21),
            "unmatched" => Value::Int(1),
            _ => counts.value(row, 2),
        };
        changed.push(&[counts.value(row, 0), Value::Text(step), clients, counts.value(row, 3)]);
    }
    *counts = changed;
    let study = protect(&StudyTables::new(&tables, 5)).expect("k is right");
    let counts = study.table("pilot_counts").expect("it may leave");
    for (row, column) in [(3, "clients"), (4, "clients"), (4, "comparison_clients")] {
        assert!(matches!(counts.cell(row, column), Some(Cell::Withheld(_))), "{row} {column}");
    }
    assert!(matches!(counts.cell(0, "clients"), Some(Cell::Value(_))));
    let baseline = study.table("pilot_baseline").expect("it may leave");
    assert!(matches!(baseline.cell(CONTACTS, "clients"), Some(Cell::Withheld(_))));
    assert_eq!(reason(&study, CONTACTS, "before_mean"), None);
    assert_eq!(reason(&study, CONTACTS, "difference"), None);
}

#[test]
fn a_share_of_women_that_is_a_few_women_is_withheld() {
    let mut pilot = twenty();
    pilot.iter_mut().skip(3).for_each(|person| person.is_female = false);
    let study = disclosed(&pilot);
    let balance = study.table("pilot_balance").expect("it may leave");
    assert_eq!(balance.cell(0, "mean"), Some(&Cell::Withheld(Reason::TooFewClients)));
    assert!(matches!(balance.cell(0, "comparison_mean"), Some(Cell::Value(_))));
}

#[test]
fn of_a_pilot_below_k_nothing_is_told() {
    let study = disclosed(&twenty()[..4]);
    for table in ["pilot_baseline", "pilot_counts"] {
        let table = study.table(table).expect("it may leave");
        let shown = table.rows().iter().flatten().filter(|cell| {
            matches!(cell, Cell::Value(crate::Datum::Ratio(_)) | Cell::Value(crate::Datum::Int(1..=99)))
        });
        assert_eq!(shown.count(), 0, "{}", table.name());
    }
    // How others were who could have been drawn is of those others.
    let balance = study.table("pilot_balance").expect("it may leave");
    for column in ["mean", "comparison_mean", "difference_before", "difference_after"] {
        assert!(matches!(balance.cell(1, column), Some(Cell::Withheld(_))), "{column}");
    }
}

#[test]
fn without_the_table_of_clients_no_mean_leaves() {
    let tables = tables(&twenty());
    let study = protect(&StudyTables::new(&tables[1..], 5)).expect("k is right");
    assert_eq!(reason(&study, CONTACTS, "before_mean"), Some(Reason::ContributorsUnknown));
}
