//! The attack: whoever has every published table, the study, the codes and the policy tries to tell one small number.
//!
//! The code here shares nothing with the program's: it reads tables as a reader would, writes down what must hold among
//! their numbers, and narrows whole numbers until nothing moves. Modelled are margins of all dimensions, counties and
//! municipalities, summary and profile, services with contacts and costs, numbers of services times clients, sectors,
//! first and last services, months, sets and paths, cohorts inside and beside each other row by row and what is left over
//! of each, overlaps, attrition, thresholds, tops and deciles, emergency bands with their visits, hours and what follows,
//! flows with as many coming as going, packages, access, the steps of pilots, what follows an event, episodes, what meets
//! on one day, continuity, funnels, the spread of a way of working by month and place, sectors and their tops, rows that
//! stand for several, joiners, points of curves, what chance would give of two tops, and, for half of the regions, publicly known
//! numbers of residents with standardised rates over their sexes and ages. Releases are held against each other, too.

// Test code: a broken assumption should stop the test at once.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod again;
#[path = "../../../virta-flow/tests/memory/mod.rs"]
mod memory;
mod reader;
mod region;
mod relations;
mod rules;
mod solver;
mod strata;

use std::ops::Range;

use reader::Reader;
use region::RandomStudy;
use virta_protection::protect;

#[test]
fn no_small_number_of_a_hundred_regions_can_be_told() {
    let told = told(7_000..7_100, &|seed| attack(seed, None, false));
    assert!(told.is_empty(), "{}", told.join("\n"));
}

/// `cargo test --release -p virta-protection --test attack -- --ignored`
#[test]
#[ignore = "takes some minutes"]
fn no_small_number_of_a_thousand_regions_can_be_told() {
    let told = told(0..1_000, &|seed| attack(seed, None, false));
    assert!(told.is_empty(), "{}", told.join("\n"));
}

/// The least strict policy that a study can ask for.
#[test]
fn no_small_number_can_be_told_with_the_finest_rounding() {
    let told = told(8_000..8_100, &|seed| attack(seed, Some((5, 3)), false));
    assert!(told.is_empty(), "{}", told.join("\n"));
}

/// `cargo test --release -p virta-protection --test attack -- --ignored`
#[test]
#[ignore = "takes some minutes"]
fn no_small_number_of_a_thousand_regions_can_be_told_with_the_finest_rounding() {
    let told = told(20_000..21_000, &|seed| attack(seed, Some((5, 3)), false));
    assert!(told.is_empty(), "{}", told.join("\n"));
}

#[test]
fn the_same_attack_tells_small_numbers_where_the_others_are_exact() {
    let told: Vec<String> = (7_000..7_020).flat_map(|seed| attack(seed, None, true)).collect();
    assert!(told.len() > 500, "{}", told.len());
    for table in ["follow_up", "episodes", "co_use", "continuity", "adoption", "sector_concentration"] {
        assert!(told.iter().any(|told| told.contains(&format!(": {table} "))), "nothing of {table}");
    }
}

#[test]
fn what_is_zero_by_definition_depends_on_nobody() {
    (9_000..9_050).for_each(again::zeros_depend_on_nobody);
}

#[test]
fn no_small_number_can_be_told_from_two_releases() {
    let told = told(40_000..40_030, &|seed| two_releases(seed, false));
    assert!(told.is_empty(), "{}", told.join("\n"));
}

/// `cargo test --release -p virta-protection --test attack -- --ignored`
#[test]
#[ignore = "takes some minutes"]
fn no_small_number_can_be_told_from_two_releases_of_a_thousand_regions() {
    let told = told(41_000..42_000, &|seed| two_releases(seed, false));
    assert!(told.is_empty(), "{}", told.join("\n"));
}

#[test]
fn two_releases_tell_small_differences_where_their_numbers_are_exact() {
    let told = told(40_000..40_006, &|seed| two_releases(seed, true));
    let differences = told.iter().filter(|told| told.contains(" less ")).count();
    assert!(told.len() > 500 && differences > 200, "{} of {}", differences, told.len());
}

/// Why `virta release` refuses it: rarely, but a number rounded in two ways can be told.
#[test]
fn numbers_rounded_in_two_ways_can_be_told() {
    let told = again::by_another_policy(41_928, [(5, 5), (5, 3)], false);
    assert!(!told.is_empty());
}

fn two_releases(seed: u64, is_exact: bool) -> Vec<String> {
    // Another rounding of the same numbers is refused by `virta release`.
    let policies = [[(5, 5), (7, 5)], [(5, 3), (7, 3)], [(5, 5), (10, 5)], [(5, 10), (10, 10)]][seed as usize % 4];
    let told = [
        again::with_more_rows(seed, is_exact),
        again::with_a_stricter_cohort(seed, is_exact),
        again::by_another_policy(seed, policies, is_exact),
    ];
    told.concat()
}

/// What can be told of the regions of these seeds.
fn told(seeds: Range<u64>, attack: &(dyn Fn(u64) -> Vec<String> + Sync)) -> Vec<String> {
    let halves: Vec<Vec<u64>> = (0..2).map(|first| seeds.clone().skip(first).step_by(2).collect()).collect();
    std::thread::scope(|scope| {
        let threads: Vec<_> = halves
            .into_iter()
            .map(|seeds| scope.spawn(move || seeds.into_iter().flat_map(attack).collect::<Vec<String>>()))
            .collect();
        threads.into_iter().flat_map(|thread| thread.join().expect("no attack fails")).collect()
    })
}

fn attack(seed: u64, policy: Option<(u32, u32)>, is_exact: bool) -> Vec<String> {
    let study = RandomStudy::of(seed, policy);
    let shown = protect(&study.tables(seed)).expect("the policy is right");
    rules::check(seed, &study, &shown);
    let mut reader = Reader::new(&study, &shown, is_exact);
    relations::relate(&mut reader, seed.is_multiple_of(2));
    if seed.is_multiple_of(2) {
        strata::relate(&mut reader);
    }
    let found = reader.system.pinned().into_iter();
    let policy = study.policy;
    found.map(|unknown| format!("seed {seed}, {policy:?}: {} is {}", unknown.name, unknown.truth)).collect()
}
