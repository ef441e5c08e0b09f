//! Releases of one project against each other: a later one with more rows, one with a stricter cohort, and the same study
//! by another k. Who has both knows what must hold between their numbers, and wants the small differences too.
//!
//! Cohorts that fewer than k people tell apart and numbers rounded otherwise are not compared here: `virta release` names
//! them and refuses.

use std::collections::BTreeSet;

use virta_protection::protect;

use crate::reader::{Place, Reader};
use crate::region::{Change, RandomStudy};
use crate::relations;

/// What can be told from two releases of a region. `is_exact` is as [`Reader::new`] has it.
pub(crate) fn with_more_rows(seed: u64, is_exact: bool) -> Vec<String> {
    let is_grown = |(table, keys, column): &Place| {
        ["profile", "regions", "service_use", "summary"].contains(table)
            && ["clients", "contacts"].contains(column)
            && (*table == "summary" || ["all", "many"].contains(&keys[0].as_str()))
            // Who uses more may be in another segment.
            && (*table != "profile" || keys[2] != "segment")
    };
    let [before, after] = [Change::Nothing, Change::MoreRows].map(|change| RandomStudy::changed(seed, None, change));
    told(seed, (&before, &after), &is_grown, (Relation::FirstInSecond, is_exact))
}

pub(crate) fn with_a_stricter_cohort(seed: u64, is_exact: bool) -> Vec<String> {
    const TABLES: [&str; 8] = [
        "profile",
        "regions",
        "service_use",
        "sector_overlap",
        "flow_starts",
        "flow_ends",
        "monthly_states",
        "emergency_bands",
    ];
    let is_narrowed = |(table, keys, column): &Place| {
        TABLES.contains(table) && keys[0] == "many" && ["clients", "contacts", "visits"].contains(column)
    };
    let [wide, narrow] = [Change::Nothing, Change::Stricter].map(|change| RandomStudy::changed(seed, None, change));
    told(seed, (&narrow, &wide), &is_narrowed, (Relation::FirstInSecond, is_exact))
}

pub(crate) fn by_another_policy(seed: u64, policies: [(u32, u32); 2], is_exact: bool) -> Vec<String> {
    let [one, other] = policies.map(|policy| RandomStudy::of(seed, Some(policy)));
    told(seed, (&one, &other), &|_| true, (Relation::Same, is_exact))
}

#[derive(Clone, Copy, PartialEq)]
enum Relation {
    /// Each number of the first is part of the second's.
    FirstInSecond,
    Same,
}

fn told(
    seed: u64,
    (first, second): (&RandomStudy, &RandomStudy),
    is_related: &dyn Fn(&Place) -> bool,
    (relation, is_exact): (Relation, bool),
) -> Vec<String> {
    if relation == Relation::FirstInSecond && is_refused(first, second) {
        return Vec::new();
    }
    let shown = [first, second].map(|study| protect(&study.tables(seed)).expect("the policy is right"));
    let mut readers = [Reader::new(first, &shown[0], is_exact), Reader::new(second, &shown[1], is_exact)];
    readers.iter_mut().for_each(|reader| relations::relate(reader, false));
    let k = readers.iter().map(Reader::k).min().unwrap_or(0);
    let [mut reader, other] = readers;
    let pairs: Vec<(usize, usize, bool)> = other
        .places()
        .filter(|(place, _)| is_related(place))
        .filter_map(|((table, keys, column), there)| {
            let here = reader.at(table, &relations::own(keys), column)?;
            Some((here, there, *column == "clients"))
        })
        .collect();
    assert!(!pairs.is_empty(), "seed {seed}: nothing is compared");
    let more = reader.system.absorb(other.system);
    for (here, there, is_people) in pairs {
        match relation {
            Relation::Same => reader.system.equal(there + more, &[here], "the same by another policy"),
            Relation::FirstInSecond => {
                reader.system.inside(there + more, &[here], is_people, k, "a release inside another");
            }
        }
    }
    // What the less strict policy may show is no secret any more; the first is not stricter.
    if relation == Relation::Same {
        reader.system.unknowns.iter_mut().skip(more).for_each(|unknown| unknown.is_secret = false);
    }
    let found = reader.system.pinned().into_iter();
    let policies = (first.policy, second.policy);
    found.map(|unknown| format!("seed {seed}, {policies:?}: {} is {}", unknown.name, unknown.truth)).collect()
}

/// Whether fewer than k people tell a cohort of one release from the same of the other.
fn is_refused(first: &RandomStudy, second: &RandomStudy) -> bool {
    let groups: BTreeSet<(&String, &String)> =
        first.members.iter().chain(&second.members).map(|(cohort, period, _)| (cohort, period)).collect();
    let members = |study: &RandomStudy, (cohort, period): (&String, &String)| -> BTreeSet<i64> {
        let of = study.members.iter().filter(|member| (&member.0, &member.1) == (cohort, period));
        of.map(|member| member.2).collect()
    };
    let few = 1..first.policy.k().max(second.policy.k()) as usize;
    groups.into_iter().any(|group| {
        let (one, other) = (members(first, group), members(second, group));
        few.contains(&one.symmetric_difference(&other).count())
    })
}

/// No client's rows change what is 0 by definition, nor which cells stand as such.
pub(crate) fn zeros_depend_on_nobody(seed: u64) {
    let [one, other] = [Change::Nothing, Change::OtherPeople].map(|change| RandomStudy::changed(seed, None, change));
    let zeros = |study: &RandomStudy| {
        let table = study.tables.iter().find(|table| table.schema.name == "zeros").expect("every study has it");
        (0..table.rows())
            .map(|row| (0..6).map(|at| format!("{:?}", table.value(row, at))).collect())
            .collect::<Vec<String>>()
    };
    assert!(!zeros(&one).is_empty(), "seed {seed}");
    assert_eq!(zeros(&one), zeros(&other), "seed {seed}");
    let contacts = |study: &RandomStudy| study.people.iter().map(|person| person.contacts.clone()).collect::<Vec<_>>();
    assert_ne!(contacts(&one), contacts(&other), "seed {seed}: the people are others");
}
