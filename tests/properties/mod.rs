//! What holds for every world. Seeds are fixed, so that a failure is the same everywhere.

mod live;
mod shares;
mod worlds;

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed};
use virta_tests::memory::Cut;
use virta_tests::{Cell, Tables, World};

use crate::spec::check::{agreed, core, study};

/// `PROPTEST_CASES` in the environment asks for so many cases with other seeds each time, to hunt.
fn config(cases: u32) -> Config {
    if std::env::var_os("PROPTEST_CASES").is_some() {
        return Config { failure_persistence: None, ..Config::default() };
    }
    Config { cases, rng_seed: RngSeed::Fixed(2013), failure_persistence: None, ..Config::default() }
}

const WHOLE: Cut = Cut { bucket_count: 1, batch_rows: 64 };

proptest! {
    #![proptest_config(config(400))]

    #[test]
    fn the_core_and_the_oracle_agree_on_every_table(world in worlds::world(), text in worlds::study()) {
        agreed(&study(&text), &world);
    }
}

proptest! {
    #![proptest_config(config(60))]

    #[test]
    fn months_add_up_to_the_year_to_the_cent(world in worlds::world()) {
        let mut periods: Vec<String> = vec!["\"2012\"".to_owned(), "\"2013\"".to_owned()];
        for (year, month) in (2012..=2013).flat_map(|year| (1..=12).map(move |month| (year, month))) {
            let last = virta_model::days_in_month(year, month);
            periods.push(format!("\"{year}-{month:02}-01..{year}-{month:02}-{last}\""));
        }
        let text = format!("[study]\nname = \"s\"\nperiods = [{}]\n", periods.join(", "));
        let tables = core(&study(&text), &world, WHOLE, 2);
        for year in ["2012", "2013"] {
            // Days of stays and cents of each service, of the year itself and of its months.
            let mut sums: BTreeMap<(bool, String), (i64, i64)> = BTreeMap::new();
            for row in tables["service_use"].iter().filter(|row| row[1].to_string().starts_with(year)) {
                let sum = sums.entry((row[1].to_string() == year, row[2].to_string())).or_default();
                *sum = (sum.0 + integer(&row[5]), sum.1 + integer(&row[6]));
            }
            for ((is_year, service), sum) in &sums {
                prop_assert_eq!(Some(sum), sums.get(&(!is_year, service.clone())), "{} {}", year, service);
            }
        }
    }

    #[test]
    fn a_stricter_threshold_never_adds_a_member(world in worlds::world(), rolling in any::<bool>()) {
        let mut text = String::new();
        for (services, contacts) in pairs() {
            let window = if rolling { "rolling_days = 30\n" } else { "" };
            text += &format!(
                "[[cohort]]\nname = \"k{services}v{contacts}\"\nmin_services = {services}\n{window}heavy = {{ min_contacts = {contacts} }}\n"
            );
        }
        let tables = core(&study(&text), &world, WHOLE, 2);
        let members = |services: u32, contacts: u32| members_of(&tables, &format!("k{services}v{contacts}"));
        for (services, contacts) in pairs() {
            if services > 1 {
                prop_assert!(members(services, contacts).is_subset(&members(services - 1, contacts)));
            }
            if contacts > 1 {
                prop_assert!(members(services, contacts).is_subset(&members(services, contacts - 1)));
            }
        }
    }

    #[test]
    fn a_sweep_says_what_separate_cohorts_say(world in worlds::world()) {
        for count_by in ["service", "package", "sector", "unit", "provider"] {
            let mut text = format!(
                "[sweep]\nmin_services = [1, 2, 3]\nmin_contacts = [1, 2, 3]\ncount_by = [\"{count_by}\"]\n"
            );
            for (services, contacts) in pairs() {
                text += &format!(
                    "[[cohort]]\nname = \"k{services}v{contacts}\"\ncount_by = \"{count_by}\"\nmin_services = {services}\n\
                     heavy = {{ min_contacts = {contacts} }}\n"
                );
            }
            let tables = core(&study(&text), &world, WHOLE, 1);
            for row in &tables["sweep"] {
                let cohort = format!("k{}v{}", row[2], row[3]);
                let members = tables["members"].iter().filter(|member| member[0].to_string() == cohort);
                let (clients, cost) = members.fold((0, 0), |(n, cost), row| (n + 1, cost + integer(&row[10])));
                prop_assert_eq!((integer(&row[4]), integer(&row[5])), (clients, cost), "{} {}", count_by, cohort);
            }
        }
    }

    #[test]
    fn rows_in_any_order_give_the_same_tables(
        (world, shuffled) in worlds::world().prop_flat_map(|world| {
            let rows = Just(world.contacts.clone()).prop_shuffle();
            (Just(world), rows)
        }),
        text in worlds::study(),
    ) {
        let study = study(&text);
        let again = World { contacts: shuffled, ..world.clone() }.completed();
        prop_assert_eq!(core(&study, &world, WHOLE, 1), core(&study, &again, WHOLE, 1));
    }

    #[test]
    fn threads_buckets_and_batches_change_no_byte(world in worlds::world(), text in worlds::study()) {
        let study = study(&text);
        let world = crate::spec::check::spread(&world);
        let expected = core(&study, &world, WHOLE, 1);
        for (bucket_count, threads, batch_rows) in [(2, 2, 1), (8, 3, 5), (32, 4, 2), (128, 8, 1000)] {
            let found = core(&study, &world, Cut { bucket_count, batch_rows }, threads);
            prop_assert_eq!(&expected, &found, "{} buckets, {} threads", bucket_count, threads);
        }
    }

    #[test]
    fn parts_add_up_to_the_whole(world in worlds::world(), text in worlds::study()) {
        let study = study(&text);
        let tables = core(&study, &world, WHOLE, 1);
        let users: BTreeMap<String, i64> =
            tables["summary"].iter().map(|row| (row[0].to_string(), integer(&row[1]))).collect();
        // Each user has one number of services, one set, one mix of sectors, one start, one path, and one value of
        // each dimension.
        for (table, clients, cohort) in [
            ("services_per_client", 2, None),
            ("combinations", 4, Some(0)),
            ("sector_overlap", 5, Some(0)),
            ("flow_starts", 3, Some(0)),
            ("flow_ends", 3, Some(0)),
            ("pathways", 4, Some(0)),
        ] {
            // Paths of eras leave out who has no step.
            if table == "pathways" && study.pathways.is_some() {
                continue;
            }
            for (period, users) in &users {
                let place = usize::from(cohort.is_some());
                let rows = tables.get(table).into_iter().flatten();
                let ours = rows.filter(|row| row[place].to_string() == *period);
                let all = ours.filter(|row| cohort.is_none_or(|at: usize| row[at].to_string() == "all"));
                prop_assert_eq!(all.map(|row| integer(&row[clients])).sum::<i64>(), *users, "{} {}", table, period);
            }
        }
        let mut by_dimension: BTreeMap<(String, String), (i64, f64)> = BTreeMap::new();
        for row in tables["profile"].iter().filter(|row| row[0].to_string() == "all") {
            let sum = by_dimension.entry((row[1].to_string(), row[2].to_string())).or_default();
            *sum = (sum.0 + integer(&row[4]), sum.1 + if let Cell::Ratio(share) = row[8] { share } else { 0.0 });
        }
        for ((period, dimension), (clients, share)) in by_dimension {
            prop_assert_eq!(clients, users[&period], "{} {}", dimension, period);
            prop_assert!(clients == 0 || (share - 1.0).abs() < 1e-9, "{} {}: {}", dimension, period, share);
        }
    }
}

fn pairs() -> impl Iterator<Item = (u32, u32)> {
    (1..=3).flat_map(|services| (1..=3).map(move |contacts| (services, contacts)))
}

fn members_of(tables: &Tables, cohort: &str) -> BTreeSet<i64> {
    let rows = tables["members"].iter().filter(|row| row[0].to_string() == cohort);
    rows.map(|row| integer(&row[2])).collect()
}

fn integer(cell: &Cell) -> i64 {
    match cell {
        Cell::Int(value) => *value,
        _ => 0,
    }
}
