//! What a reader knows to hold among the tables of time and order.

use virta_protection::{Cell, Datum};

use super::{equal, groups, inside, keys, measured_everywhere, own, size};
use crate::reader::{Reader, shown_keys};
use crate::region::{county_of, services_of};
use crate::solver::OPEN;

pub(crate) fn relate(reader: &mut Reader<'_>) {
    follow_ups(reader);
    episodes(reader);
    one_day(reader);
    continuity(reader);
    funnels(reader);
    adoption_of_places(reader);
    adoption_of_months(reader);
    sectors(reader);
}

/// `more` is at least `less`, of which nothing else is known.
fn at_least(reader: &mut Reader<'_>, more: Option<usize>, less: Option<usize>, why: &str) {
    if let (Some(more), Some(less)) = (more, less) {
        reader.system.relate(vec![(more, 1), (less, -1)], 0, OPEN, why);
    }
}

fn columns<const N: usize>(
    reader: &Reader<'_>,
    table: &'static str,
    keys: &[String],
    columns: [&'static str; N],
) -> [Option<usize>; N] {
    columns.map(|column| reader.at(table, &own(keys), column))
}

/// Equal where the study's definitions make them so.
fn same(reader: &mut Reader<'_>, total: Option<usize>, parts: &[usize], why: &str) {
    if measured_everywhere(reader, parts, total) {
        equal(reader, total, parts, why);
    }
}

fn follow_ups(reader: &mut Reader<'_>) {
    for keys in keys(reader, "follow_up") {
        let names = ["events", "clients", "followed_7", "followed_30"];
        let [events, clients, week, month] = columns(reader, "follow_up", &keys, names);
        at_least(reader, events, clients, "an event each");
        at_least(reader, events, month, "events are followed");
        at_least(reader, month, week, "a week is in a month");
        let total = size(reader, &keys[0], &keys[1], "clients");
        inside(reader, total, clients, "clients with an event");
        let of_group = |other: &[String]| other[..2] == keys[..2];
        if keys[2] == "gp" {
            for (column, number) in [("clients", clients), ("contacts", events)] {
                let used = reader.all("service_use", column, |other| of_group(other) && other[2] == "gp");
                same(reader, number, &used, "the events are the contacts of a service");
            }
        } else {
            for (column, number) in [("clients", clients), ("visits", events)] {
                let bands =
                    reader.all("emergency_bands", column, |other| of_group(other) && !other[2].starts_with('>'));
                same(reader, number, &bands, "the events are the emergency visits");
            }
        }
    }
}

fn episodes(reader: &mut Reader<'_>) {
    for keys in keys(reader, "episodes") {
        let [clients, episodes, open, days] =
            columns(reader, "episodes", &keys, ["clients", "episodes", "open", "days"]);
        at_least(reader, episodes, clients, "an episode each");
        at_least(reader, episodes, open, "open episodes");
        at_least(reader, days, episodes, "a day each");
        let [used, contacts, cost] = columns(reader, "service_use", &keys, ["clients", "contacts", "cost_cents"]);
        same(reader, used, clients.as_slice(), "who uses a service has an episode of it");
        at_least(reader, contacts, episodes, "an episode is of contacts");
        let own_cost = reader.at("episodes", &own(&keys), "cost_cents");
        same(reader, cost, own_cost.as_slice(), "episodes cost what their contacts do");
        let total = size(reader, &keys[0], &keys[1], "clients");
        inside(reader, total, clients, "clients with an episode");
    }
}

fn one_day(reader: &mut Reader<'_>) {
    for keys in keys(reader, "co_use") {
        let names = ["clients", "days", "same_site_clients", "same_site_days"];
        let [clients, days, near, near_days] = columns(reader, "co_use", &keys, names);
        at_least(reader, days, clients, "a day each");
        at_least(reader, near_days, near, "a day each at one unit");
        at_least(reader, days, near_days, "days at one unit");
        inside(reader, clients, near, "clients at one unit");
        for service in [&keys[2], &keys[3]] {
            let used = reader.at("service_use", &[&keys[0], &keys[1], service], "clients");
            inside(reader, used, clients, "who has both on one day uses the service");
        }
        let both = reader.all("combinations", "clients", |other| {
            let has = |service: &String| other[2].split('+').any(|member| member == service);
            other[..2] == keys[..2] && has(&keys[2]) && has(&keys[3])
        });
        // Sets that nobody sees may have both, too.
        let total = size(reader, &keys[0], &keys[1], "clients");
        if let (Some(total), false) = (total, both.is_empty()) {
            let k = reader.k();
            reader.system.inside(total, &both, false, k, "sets with both services");
        }
    }
}

fn continuity(reader: &mut Reader<'_>) {
    for keys in keys(reader, "continuity") {
        let [clients] = columns(reader, "continuity", &keys, ["clients"]);
        let total = size(reader, &keys[0], &keys[1], "clients");
        inside(reader, total, clients, "clients with three contacts");
    }
}

fn funnels(reader: &mut Reader<'_>) {
    let mut rows = keys(reader, "funnel");
    rows.retain(|keys| {
        let steps = reader.study.study.funnels.iter().find(|funnel| funnel.name == keys[0]).map(|funnel| &funnel.steps);
        let number: usize = keys[2].parse().unwrap_or(0);
        steps.and_then(|steps| steps.get(number.checked_sub(1)?)).is_some_and(|step| step.what.to_string() == keys[3])
    });
    assert_eq!(rows.is_empty(), reader.study.study.funnels.is_empty(), "the funnels are read");
    for keys in &rows {
        let [here] = columns(reader, "funnel", keys, ["clients"]);
        let step: i64 = keys[2].parse().unwrap_or(0);
        let is_next = |other: &&Vec<String>| other[..2] == keys[..2] && other[2] == (step + 1).to_string();
        let next = rows.iter().find(is_next).and_then(|next| reader.at("funnel", &own(next), "clients"));
        inside(reader, here, next, "steps of a funnel");
        if step == 1 {
            let used = reader.at("service_use", &["all", &keys[1], "gp"], "clients");
            same(reader, used, here.as_slice(), "the first step is the users of a service");
            inside(reader, used, next, "later steps have used the service");
        }
    }
}

const ADOPTION: [&str; 6] =
    ["eligible", "with_responsible_worker", "with_plan", "with_consent", "first_plans", "one_contact"];

fn adoption_of_places(reader: &mut Reader<'_>) {
    for keys in keys(reader, "adoption") {
        let of_row = columns(reader, "adoption", &keys, ADOPTION);
        for part in &of_row[1..] {
            inside(reader, of_row[0], *part, "of those eligible");
        }
        inside(reader, of_row[2], of_row[4], "a first plan is a plan");
        for (column, total) in ADOPTION.into_iter().zip(of_row) {
            let is_all = |keys: &[String]| keys[1] == "all" && keys[2] == "all" && keys[3] == "all";
            if is_all(&keys) {
                let towns = reader
                    .all("adoption", column, |other| other[0] == keys[0] && !other[2].is_empty() && other[2] != "all");
                // Who lives in no known place is in a row without a municipality.
                let without = reader.all("adoption", column, |other| other[0] == keys[0] && other[2].is_empty());
                let parts: Vec<usize> = towns.into_iter().chain(without).collect();
                same(reader, total, &parts, "municipalities add up");
                let providers = reader.all("adoption", column, |other| other[0] == keys[0] && other[3] != "all");
                for provider in providers {
                    inside(reader, total, Some(provider), "clients of a provider");
                }
            } else if keys[2] == "all" && keys[3] == "all" {
                let parts = reader.all("adoption", column, |other| {
                    other[0] == keys[0]
                        && other[1] == keys[1]
                        && other[2] != "all"
                        && county_of(&other[2]) == Some(&keys[1])
                });
                same(reader, total, &parts, "municipalities add up to counties");
            }
        }
    }
}

/// Nobody has two first plans or two first contacts in a period, and who is eligible is a member of the cohort.
fn adoption_of_months(reader: &mut Reader<'_>) {
    let cohort = reader.study.study.cohorts.first().map_or("all", |cohort| cohort.name.as_str()).to_owned();
    let periods: Vec<String> = groups(reader, "summary", 1).into_iter().map(|keys| keys[0].clone()).collect();
    let k = reader.k();
    for period in &periods {
        let has = |month: &String| match period.split_once("..") {
            Some((first, last)) => first[..7] <= month[..] && month[..] <= last[..7],
            None => month.starts_with(period.as_str()),
        };
        let total = size(reader, &cohort, period, "clients");
        let of_all = |reader: &Reader<'_>, column| {
            reader.all("adoption", column, |keys| has(&keys[0]) && keys[1..].iter().all(|place| place == "all"))
        };
        for member in of_all(reader, "eligible") {
            inside(reader, total, Some(member), "members of the cohort");
        }
        for column in ["first_plans", "one_contact"] {
            let months = of_all(reader, column);
            if let Some(total) = total.filter(|_| !months.is_empty()) {
                reader.system.inside(total, &months, true, k, "once in a period");
            }
        }
    }
}

fn sectors(reader: &mut Reader<'_>) {
    for keys in keys(reader, "sector_concentration") {
        let [clients, contacts, days] = columns(reader, "sector_concentration", &keys, ["clients", "contacts", "days"]);
        at_least(reader, contacts, clients, "a contact each");
        at_least(reader, days, clients, "a day each");
        let of_sector = services_of(&keys[1]);
        let used = |reader: &Reader<'_>, column| -> Vec<usize> {
            let of = |service: &&str| reader.at("service_use", &["all", &keys[0], service], column);
            of_sector.iter().filter_map(of).collect()
        };
        for part in used(reader, "clients") {
            inside(reader, clients, Some(part), "users of a service use its sector");
        }
        for (column, total) in
            [("contacts", contacts), ("cost_cents", reader.at("sector_concentration", &own(&keys), "cost_cents"))]
        {
            let parts = used(reader, column);
            same(reader, total, &parts, "services of a sector add up");
        }
        if let ([one], true) = (&used(reader, "clients")[..], of_sector.len() == 1) {
            same(reader, clients, &[*one], "the only service of a sector");
        }
        let sets = reader.all("sector_overlap", "clients", |other| {
            other[0] == "all" && other[1] == keys[0] && other[2].split('+').any(|sector| sector == keys[1])
        });
        same(reader, clients, &sets, "sets with a sector");
        let total = size(reader, "all", &keys[0], "clients");
        inside(reader, total, clients, "users of a sector");
    }
    for keys in keys(reader, "sector_top_overlap") {
        let [both] = columns(reader, "sector_top_overlap", &keys, ["clients"]);
        for sector in [&keys[1], &keys[2]] {
            let users = reader.at("sector_concentration", &[&keys[0], sector], "clients");
            inside(reader, users, both, "the costliest of a sector use it");
            if let (Some(users), Some(both)) = (users, both) {
                reader.system.relate(vec![(users, 1), (both, -10)], -9, OPEN, "a tenth of the users");
            }
        }
        let sets = reader.all("sector_overlap", "clients", |other| {
            let has = |sector: &String| other[2].split('+').any(|own| own == sector);
            other[0] == "all" && other[1] == keys[0] && has(&keys[1]) && has(&keys[2])
        });
        if let (Some(both), false) = (both, sets.is_empty()) {
            let terms = sets.into_iter().map(|set| (set, 1)).chain([(both, -1)]);
            reader.system.relate(terms.collect(), 0, OPEN, "the costliest of two sectors use both");
        }
        expected_in_both_tops(reader, &keys);
    }
}

/// What chance alone would give is one top times the other by all users: what is shown of it bounds both tops, and a top
/// is a tenth of a sector's users.
fn expected_in_both_tops(reader: &mut Reader<'_>, keys: &[String]) {
    let table = reader.shown.table("sector_top_overlap").expect("tables that leave are shown");
    let Some(row) = (0..table.rows().len()).find(|&row| shown_keys(table, row) == *keys) else { return };
    let Some(Cell::Value(Datum::Ratio(expected))) = table.cell(row, "expected") else { return };
    let least = expected - f64::from(reader.study.policy.round_to());
    let Some(all) = size(reader, "all", &keys[0], "clients") else { return };
    let sectors = [&keys[1], &keys[2]].map(|sector| reader.at("sector_concentration", &[&keys[0], sector], "clients"));
    let [Some(a), Some(b)] = sectors else { return };
    for (one, other) in [(a, b), (b, a)] {
        let unknowns = &reader.system.unknowns;
        let (everybody, other_top) = (unknowns[all].low as f64, (unknowns[other].high as f64 / 10.0).ceil());
        let top = (least * everybody / other_top).floor() as i64;
        // A top of so many is of more than ten times as many less ten.
        if top > 1 {
            reader.system.relate(vec![(one, 1)], 10 * (top - 1) + 1, OPEN, "a top that chance tells");
        }
    }
}
