//! Definitions that are answered while somebody edits them say what a study of the same definition says.

use proptest::prelude::*;
use virta_flow::{Asked, KeptSource, Live, Look, RunOptions, Who, look_through, looks_at_contacts, needs_contacts};
use virta_model::settings::Study;
use virta_tests::memory::{Cut, Memory};
use virta_tests::{Cell, Tables, World};

use super::{WHOLE, config, worlds};
use crate::spec::check::{core, study};

proptest! {
    #![proptest_config(config(120))]

    #[test]
    fn a_live_answer_is_that_of_the_study(world in worlds::world(), text in worlds::study()) {
        let study = study(&text);
        let tables = core(&study, &world, WHOLE, 1);
        for cut in [WHOLE, Cut { bucket_count: 8, batch_rows: 3 }] {
            let source = Memory::new(&world, cut);
            let live = Live::open(&study, &source, &RunOptions::default()).unwrap();
            for cohort in &study.cohorts {
                for period in 0..study.study.periods.len() {
                    compare(&study, &world, &tables, &live, &source, &cohort.name, period);
                }
            }
        }
    }
}

const SERVICES: [u32; 3] = [1, 2, 3];
const CONTACTS: [u32; 3] = [1, 2, 4];

fn compare(study: &Study, world: &World, tables: &Tables, live: &Live, source: &Memory, cohort: &str, period: usize) {
    let asked = Asked { study, cohort, period, grid: (&SERVICES, &CONTACTS), people: Some(Who::Members) };
    let options = RunOptions { threads: 2, ..RunOptions::default() };
    let look = look_through(&asked, source, &options).unwrap();
    let kept = KeptSource::open(&asked, source, &options).unwrap();
    assert!(kept.answers(&asked).unwrap());
    assert_eq!(look_through(&asked, &kept, &options).unwrap(), look, "{cohort}");
    match needs_contacts(&asked).unwrap() {
        true => assert!(live.look(&asked).is_err()),
        false => assert_eq!(live.look(&asked).unwrap(), look, "{cohort}"),
    }
    is_as_the_tables_say(study, tables, &look, cohort, period);
    let near = look_through(&Asked { people: Some(Who::Near), ..asked }, source, &RunOptions::default()).unwrap();
    let near: Vec<String> = near.people.iter().map(|person| person.client_id.to_string()).collect();
    assert_eq!(near, ids(tables, "near_members", cohort, &look.periods[period].label));
    if let Some(grid) = &look.grid {
        for (row, services) in grid.iter().zip(SERVICES) {
            for (&clients, contacts) in row.iter().zip(CONTACTS) {
                let mut other = study.clone();
                let moved = other.cohorts.iter_mut().find(|other| other.name == cohort).unwrap();
                moved.min_services = services;
                moved.heavy.min_contacts = contacts;
                let tables = core(&other, world, WHOLE, 1);
                let members = ids(&tables, "members", cohort, &look.periods[period].label);
                assert_eq!(clients, members.len() as i64, "{services} services, {contacts} contacts");
            }
        }
    }
}

fn is_as_the_tables_say(study: &Study, tables: &Tables, look: &Look, cohort: &str, period: usize) {
    let mut steps = rows(tables, "attrition").filter(|row| row[0].to_string() == cohort);
    for seen in &look.periods {
        let whole = |cohort: &str| {
            let is = |row: &&Vec<Cell>| {
                row[0].to_string() == cohort && row[1].to_string() == seen.label && row[2].to_string() == "all"
            };
            rows(tables, "profile").find(is)
        };
        for (sum, cohort) in [(seen.users, "all"), (seen.members, cohort)] {
            match whole(cohort) {
                Some(row) => {
                    let cost = sum.cost_cents.map_or(Cell::Null, Cell::Int);
                    assert_eq!((&row[4], &row[6], &row[7]), (&Cell::Int(sum.clients), &Cell::Int(sum.contacts), &cost));
                }
                None => assert_eq!(sum.clients, 0),
            }
        }
        assert_eq!(steps.next().map(|row| row[3].clone()), Some(Cell::Int(seen.users.clients)));
        for step in &seen.steps {
            let row = steps.next().expect("a row for each rule");
            assert!(row[2].to_string().ends_with(&step.rule), "{} {}", row[2], step.rule);
            let numbers = [step.remaining, step.removed, step.removed_alone].map(Cell::Int);
            assert_eq!(row[3..6], numbers, "{cohort} {}", step.rule);
        }
        assert_eq!(seen.near as usize, ids(tables, "near_members", cohort, &seen.label).len());
        let rolls = study.cohorts.iter().any(|other| other.name == cohort && looks_at_contacts(other));
        assert!(rolls || seen.near <= seen.short);
    }
    let label = &look.periods[period].label;
    let is_here = |row: &&Vec<Cell>, cohort: &str| row[0].to_string() == cohort && row[1].to_string() == *label;
    for used in &look.services {
        let row = |cohort: &str| {
            rows(tables, "service_use").find(|row| is_here(row, cohort) && row[2].to_string() == used.service)
        };
        assert_eq!(row("all").map(|row| row[3].clone()), Some(Cell::Int(used.users)));
        match row(cohort) {
            Some(row) => {
                let cost = used.members.cost_cents.map_or(Cell::Null, Cell::Int);
                let numbers = (&row[3], &row[4], &row[6]);
                assert_eq!(numbers, (&Cell::Int(used.members.clients), &Cell::Int(used.members.contacts), &cost));
            }
            None => assert_eq!(used.members.clients, 0),
        }
    }
    let all = rows(tables, "service_use").filter(|row| is_here(row, "all")).count();
    assert_eq!(look.services.len(), all);
    let people: Vec<String> = look.people.iter().map(|person| person.client_id.to_string()).collect();
    assert_eq!(people, ids(tables, "members", cohort, label));
    for (person, row) in look.people.iter().zip(members_of(tables, "members", cohort, label)) {
        let age = person.age.map_or(Cell::Null, |age| Cell::Int(age.into()));
        let cost = person.cost_cents.map_or(Cell::Null, Cell::Int);
        assert_eq!((&row[3], &row[8], &row[10]), (&age, &Cell::Int(person.contacts), &cost));
    }
}

fn rows<'a>(tables: &'a Tables, table: &str) -> impl Iterator<Item = &'a Vec<Cell>> {
    tables.get(table).into_iter().flatten()
}

fn members_of<'a>(tables: &'a Tables, table: &str, cohort: &str, period: &str) -> Vec<&'a Vec<Cell>> {
    let is = |row: &&Vec<Cell>| row[0].to_string() == cohort && row[1].to_string() == period;
    rows(tables, table).filter(is).collect()
}

fn ids(tables: &Tables, table: &str, cohort: &str, period: &str) -> Vec<String> {
    members_of(tables, table, cohort, period).into_iter().map(|row| row[2].to_string()).collect()
}
