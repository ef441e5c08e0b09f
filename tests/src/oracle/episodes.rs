//! `episodes`: each person's contacts of each service, joined one after another.

use std::collections::BTreeMap;

use virta_model::Day;
use virta_model::settings::{CountBy, Episodes, Study};

use super::access::{median, p90};
use super::cell::row;
use super::{PeriodPeople, Person, Tables, Use, Window};
use crate::world::Contact;

/// What one person adds to a row.
#[derive(Debug, Clone, Default)]
pub(super) struct OfPerson {
    /// Length in days and whether it has ended, of each episode.
    pub lengths: Vec<(i64, bool)>,
    pub days: i64,
    pub used: Use,
}

impl OfPerson {
    pub(super) fn open(&self) -> i64 {
        self.lengths.iter().filter(|(_, is_over)| !is_over).count() as i64
    }
}

/// By service, a person's episodes that have a contact in the period.
pub(super) fn of(person: &Person<'_>, period: &PeriodPeople<'_>, settings: &Episodes) -> BTreeMap<String, OfPerson> {
    let gap = settings.gap_days as i32;
    let end = person.end.unwrap_or(Day(i32::MAX / 2));
    let mut by_service = BTreeMap::new();
    for (service, used) in person.use_by(period.window, CountBy::Service) {
        let mut episodes: Vec<Vec<&Contact>> = Vec::new();
        for contact in person.contacts.iter().copied().filter(|contact| contact.service == service) {
            let last = |episode: &Vec<&Contact>| episode.iter().map(|one| person.last_day(one)).max().unwrap();
            match episodes.last_mut() {
                Some(episode) if contact.start.0 <= last(episode).0 + gap => episode.push(contact),
                _ => episodes.push(vec![contact]),
            }
        }
        let mut sum = OfPerson { used, ..OfPerson::default() };
        for episode in episodes {
            if !episode.iter().any(|contact| person.overlaps(contact, period.window)) {
                continue;
            }
            let first = episode[0].start;
            let last = episode.iter().map(|contact| person.last_day(contact)).max().unwrap();
            let is_open_stay = |contact: &&Contact| {
                let known_to = person.world.known_to(&contact.source);
                contact.is_stay && contact.end.is_none() && person.observation_end().is_none_or(|end| end >= known_to)
            };
            let is_open = episode.iter().any(is_open_stay) || last.0 + gap.max(1) > end.0;
            let seen = if is_open { last.min(end) } else { last };
            sum.lengths.push((i64::from(seen.0 - first.0 + 1).max(1), !is_open));
            sum.days += Window { from: first, to: last }.days().filter(|&day| period.window.has(day)).count() as i64;
        }
        by_service.insert(service, sum);
    }
    by_service
}

pub(super) fn episodes(study: &Study, settings: &Episodes, periods: &[PeriodPeople<'_>], tables: &mut Tables) {
    let rows = tables.entry("episodes").or_default();
    for period in periods {
        for (cohort, people) in period.groups(study) {
            let mut by_service: BTreeMap<String, Vec<OfPerson>> = BTreeMap::new();
            for person in people {
                for (service, one) in of(person, period, settings) {
                    by_service.entry(service).or_default().push(one);
                }
            }
            for (service, each) in by_service {
                let lengths: Vec<(i64, bool)> = each.iter().flat_map(|one| one.lengths.clone()).collect();
                let mut used = Use::default();
                each.iter().for_each(|one| used.add(one.used));
                rows.push(row![
                    cohort.as_str(),
                    period.label.as_str(),
                    service,
                    lengths.len(),
                    each.len(),
                    each.iter().map(OfPerson::open).sum::<i64>(),
                    median(&lengths),
                    p90(&lengths),
                    each.iter().map(|one| one.days).sum::<i64>(),
                    used.known_cost(),
                ]);
            }
        }
    }
}
