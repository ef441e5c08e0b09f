//! `pathways` of a study with `[pathways]`, drawn on a line of days.
//!
//! The line has a place for each day and one between each two days. An era of several days covers the places between its
//! first and its last day, those two days left out; an era of one day covers that day alone. Pieces are runs of places that
//! the same eras cover; a day that an era of one day covers is a piece of its own for each such era.

use std::collections::{BTreeMap, BTreeSet};

use virta_model::Day;
use virta_model::settings::{Pathways, Steps, Study, Switch, WindowFrom};

use super::cell::row;
use super::{PeriodPeople, Person, Tables, Window};

/// First day, last day, services.
type Stretch = (i32, i32, BTreeSet<String>);

/// First day, last day, service.
type Era = (i32, i32, String);

pub(super) fn pathways(study: &Study, settings: &Pathways, periods: &[PeriodPeople<'_>], tables: &mut Tables) {
    let rows = tables.entry("pathways").or_default();
    for period in periods {
        for (number, (cohort, people)) in period.groups(study).into_iter().enumerate() {
            // The first group is everybody, who qualify for nothing.
            let cohort_at = number.checked_sub(1);
            let mut paths: BTreeMap<String, (i64, i64)> = BTreeMap::new();
            let mut lengths: BTreeMap<String, usize> = BTreeMap::new();
            for person in people {
                let Some(window) = window(study, settings, period, person, cohort_at) else { continue };
                let Some((path, steps, is_unknown)) = path(settings, person, window) else { continue };
                let sum = paths.entry(path.clone()).or_default();
                *sum = (sum.0 + 1, sum.1 + i64::from(is_unknown));
                lengths.insert(path, steps);
            }
            for (path, (clients, unknown)) in paths {
                let steps = lengths[&path];
                rows.push(row![cohort.as_str(), period.label.as_str(), path, steps, clients, unknown]);
            }
        }
    }
}

/// The days that a path is made of, and whether they are the period itself.
fn window(
    study: &Study,
    settings: &Pathways,
    period: &PeriodPeople<'_>,
    person: &Person<'_>,
    cohort: Option<usize>,
) -> Option<Window> {
    let Some(wanted) = &settings.window else { return Some(period.window) };
    let in_period = person.contacts_in(period.window);
    let first_of = |service: Option<&String>| {
        let contacts = in_period.iter().filter(|one| service.is_none_or(|service| one.service == *service));
        contacts.map(|contact| contact.start.max(period.window.from)).min()
    };
    let from = match &wanted.from {
        WindowFrom::PeriodStart => Some(period.window.from),
        WindowFrom::FirstContact => first_of(None),
        WindowFrom::Service(service) => first_of(Some(service)),
        WindowFrom::IndexDate => {
            let named = |name: &String| study.pilots.iter().any(|pilot| pilot.name == *name);
            let rows = period.world.pilots.iter().filter(|row| row.client == person.id && named(&row.pilot));
            rows.map(|row| row.index).min().filter(|day| period.window.has(*day))
        }
        WindowFrom::QualifiedOn => {
            let at = period.users.iter().position(|&at| period.people[at].id == person.id)?;
            period.standings[cohort?][at].qualified_on
        }
    }?;
    let last = Day(from.0 + wanted.days as i32 - 1);
    let to = person.end.map_or(last, |end| end.min(last));
    (from <= to).then_some(Window { from, to })
}

/// A path, its number of steps, and whether labels alone put two of them in order.
fn path(settings: &Pathways, person: &Person<'_>, window: Window) -> Option<(String, usize, bool)> {
    let eras = eras(settings, person, window);
    let stretches = stretches(settings, &eras);
    let label = |services: &BTreeSet<String>| services.iter().cloned().collect::<Vec<_>>().join("+");
    let mut all: Vec<(i32, i32, String)> =
        stretches.iter().map(|(first, last, services)| (*first, *last, label(services))).collect();
    all.sort();
    let mut path: Vec<&str> = Vec::new();
    let mut last = None;
    for stretch in &all {
        let label = stretch.2.as_str();
        let is_new = match settings.steps {
            Steps::All => true,
            Steps::Changes => path.last() != Some(&label),
            Steps::First => !path.contains(&label),
        };
        if is_new && path.len() < settings.max_steps as usize {
            path.push(label);
            last = Some((stretch.0, stretch.1));
        } else if is_new {
            break;
        }
    }
    if path.is_empty() {
        return settings.show_none.then(|| ("none".to_owned(), 0, false));
    }
    // Stretches of other days than the last step's and after it do not make the path.
    let makes = |stretch: &&(i32, i32, String)| Some((stretch.0, stretch.1)) <= last;
    let mut by_days: BTreeMap<(i32, i32), BTreeSet<&str>> = BTreeMap::new();
    for stretch in all.iter().filter(makes) {
        by_days.entry((stretch.0, stretch.1)).or_default().insert(&stretch.2);
    }
    let is_unknown = by_days.values().any(|labels| labels.len() > 1);
    Some((path.join("-"), path.len(), is_unknown))
}

/// Contacts of a service, the nearest two joined again and again.
fn eras(settings: &Pathways, person: &Person<'_>, window: Window) -> Vec<Era> {
    let mut eras: Vec<Era> = Vec::new();
    for contact in person.contacts_in(window) {
        let (first, last) = (contact.start.max(window.from).0, person.last_day(contact).min(window.to).0);
        let is_wanted = settings.services.is_empty() || settings.services.contains(&contact.service);
        if is_wanted && last - first + 1 >= settings.min_days as i32 {
            eras.push((first, last, contact.service.clone()));
        }
    }
    let gap = settings.merge_gap_days as i32;
    let near = |a: &Era, b: &Era| a.2 == b.2 && a.0 <= b.1 + gap && b.0 <= a.1 + gap;
    'again: loop {
        for a in 0..eras.len() {
            for b in a + 1..eras.len() {
                if near(&eras[a], &eras[b]) {
                    let other = eras.remove(b);
                    let joined = &mut eras[a];
                    (joined.0, joined.1) = (joined.0.min(other.0), joined.1.max(other.1));
                    continue 'again;
                }
            }
        }
        eras.sort();
        return eras;
    }
}

fn overlap(a: &Era, b: &Era) -> bool {
    // In order, so that a is the earlier.
    b.0 < a.1
}

fn stretches(settings: &Pathways, eras: &[Era]) -> Vec<Stretch> {
    let one = |service: &String| BTreeSet::from([service.clone()]);
    let overlaps_any = |at: usize| {
        (0..eras.len()).any(|other| {
            (other < at && overlap(&eras[other], &eras[at])) || (at < other && overlap(&eras[at], &eras[other]))
        })
    };
    let (tied, free): (Vec<usize>, Vec<usize>) = (0..eras.len()).partition(|&at| overlaps_any(at));
    let mut stretches: Vec<Stretch> = free.iter().map(|&at| (eras[at].0, eras[at].1, one(&eras[at].2))).collect();
    // The pieces in order of time: first and last day, eras.
    let mut pieces: Vec<(i32, i32, Vec<usize>)> = Vec::new();
    let (from, to) = (tied.iter().map(|&at| eras[at].0).min(), tied.iter().map(|&at| eras[at].1).max());
    for (day, next) in (from.unwrap_or(0)..=to.unwrap_or(-1)).map(|day| (day, day + 1)) {
        let mut is_cut = tied.iter().any(|&at| eras[at].0 == day || eras[at].1 == day);
        for &visit in tied.iter().filter(|&&at| (eras[at].0, eras[at].1) == (day, day)) {
            let covers = |at: &&usize| **at == visit || (eras[**at].0 < day && day < eras[**at].1);
            pieces.push((day, day, tied.iter().filter(covers).copied().collect()));
            is_cut = true;
        }
        let here: Vec<usize> = tied.iter().copied().filter(|&at| eras[at].0 <= day && next <= eras[at].1).collect();
        match pieces.last_mut() {
            Some(piece) if !is_cut && piece.2 == here => piece.1 = next,
            _ => pieces.push((day, next, here)),
        }
    }
    // Whose each piece is: several of them mean a combination, or each apart.
    let mut cut: Vec<Stretch> = Vec::new();
    let mut alone: Vec<(usize, Vec<(i32, i32)>)> = tied.iter().map(|&at| (at, Vec::new())).collect();
    for (first, last, here) in pieces.into_iter().filter(|piece| !piece.2.is_empty()) {
        let is_whole = here.iter().any(|&at| (eras[at].0, eras[at].1) == (first, last));
        let is_short = last - first < settings.combine_days as i32;
        let owners = match here.len() {
            1 => here,
            _ if is_short && !is_whole && settings.switch == Switch::Keep => here,
            _ if is_short && !is_whole => here.into_iter().max_by_key(|&at| &eras[at]).into_iter().collect(),
            _ => {
                cut.push((first, last, here.iter().map(|&at| eras[at].2.clone()).collect()));
                continue;
            }
        };
        for (at, stretches) in alone.iter_mut().filter(|(at, _)| owners.contains(at)) {
            // A combination of one day stands between two stretches of an era.
            let is_parted = cut.iter().any(|(a, b, with)| (*a, *b) == (first, first) && with.contains(&eras[*at].2));
            match stretches.last_mut() {
                Some(stretch) if stretch.1 == first && !is_parted => stretch.1 = last,
                _ => stretches.push((first, last)),
            }
        }
    }
    for (at, parts) in alone {
        cut.extend(parts.into_iter().map(|(first, last)| (first, last, one(&eras[at].2))));
    }
    stretches.extend(cut.into_iter().filter(|(first, last, _)| last - first >= settings.min_piece_days as i32));
    stretches
}
