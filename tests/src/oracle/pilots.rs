//! The tables of pilots, one client at a time.
//!
//! Where the rules leave a choice: only days count on which a client is observed and the world has data; comparison
//! clients are members in the newest period that ends before the index date, lived there on every day from the window's
//! first to the index date, and are in no pilot at all; use after is compared with the use before at the same length.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use virta_model::Day;
use virta_model::settings::{Pilot, Study};

use super::cell::row;
use super::{PeriodPeople, Person, Tables, Window, municipality_in};
use crate::world::World;

/// Rows of the four tables.
pub(super) fn pilots(
    study: &Study,
    world: &World,
    people: &[Person<'_>],
    periods: &[PeriodPeople<'_>],
    tables: &mut Tables,
) {
    for pilot in &study.pilots {
        let newest = world.end(study).unwrap_or(Day(i32::MIN));
        let mut run = Run { pilot, world, people, periods, newest, sets: Vec::new() };
        run.match_all(study);
        run.clients(tables);
        run.baseline(tables);
        run.balance(tables);
        run.counts(tables);
    }
}

struct Run<'a> {
    pilot: &'a Pilot,
    world: &'a World,
    people: &'a [Person<'a>],
    periods: &'a [PeriodPeople<'a>],
    newest: Day,
    sets: Vec<Set<'a>>,
}

struct Set<'a> {
    id: i64,
    own: Option<&'a Person<'a>>,
    index: Day,
    before: Window,
    after: Window,
    asked_until: Day,
    period: Option<&'a PeriodPeople<'a>>,
    decile: Option<i64>,
    /// Everybody who could be drawn, with the decile; the costliest first.
    pool: Vec<(&'a Person<'a>, i64)>,
    /// Person, level, decile.
    matches: Vec<(&'a Person<'a>, i64, i64)>,
}

const MEASURES: [&str; 6] = ["contacts", "cost_cents", "emergency_contacts", "stay_days", "services", "providers"];

impl<'a> Run<'a> {
    fn match_all(&mut self, study: &Study) {
        let mut listed: BTreeMap<i64, (Day, Option<Day>)> = BTreeMap::new();
        for row in self.world.pilots.iter().filter(|row| row.pilot == self.pilot.name) {
            let later = |left: Option<Day>| left.unwrap_or(Day(i32::MAX));
            let place = listed.entry(row.client).or_insert((row.index, row.left));
            if (row.index, later(row.left)) < (place.0, later(place.1)) {
                *place = (row.index, row.left);
            }
        }
        let shift = |day: Day, days: i64| Day((i64::from(day.0) + days) as i32);
        for (id, (index, left)) in listed {
            let asked_until = shift(index, self.pilot.after_days.into());
            let mut set = Set {
                id,
                own: self.people.iter().find(|person| person.id == id && !person.is_stranger()),
                index,
                before: Window { from: shift(index, -i64::from(self.pilot.before_days)), to: shift(index, -1) },
                after: Window { from: shift(index, 1), to: left.map_or(asked_until, |left| left.min(asked_until)) },
                asked_until,
                period: self.pool_period(index),
                decile: None,
                pool: Vec::new(),
                matches: Vec::new(),
            };
            set.pool = self.pool(study, &set);
            if let Some(own) = set.own.filter(|_| self.has_baseline(&set) && !set.pool.is_empty()) {
                set.decile = Some(self.decile_among(&set, own));
            }
            self.sets.push(set);
        }
        self.deal();
    }

    fn pool_period(&self, index: Day) -> Option<&'a PeriodPeople<'a>> {
        self.pilot.comparison.as_ref()?;
        let ended = self.periods.iter().filter(|period| period.window.to < index);
        ended.max_by_key(|period| (period.window.to, period.window.from))
    }

    fn pool(&self, study: &Study, set: &Set<'a>) -> Vec<(&'a Person<'a>, i64)> {
        let (Some(period), Some(comparison)) = (set.period, &self.pilot.comparison) else { return Vec::new() };
        let cohort = study.cohorts.iter().position(|cohort| cohort.name == comparison.cohort).unwrap();
        let members = period.users.iter().zip(&period.standings[cohort]).filter(|(_, standing)| standing.is_member());
        let mut pool: Vec<&'a Person<'a>> = members
            .map(|(&at, _)| &self.people[at])
            .filter(|person| !self.world.pilots.iter().any(|row| row.client == person.id))
            .filter(|person| {
                let span = Window { from: set.before.from, to: set.index };
                span.days().all(|day| person.lives_here(day))
            })
            .collect();
        pool.sort_by_key(|person| self.rank(set, person));
        let n = pool.len();
        pool.into_iter().enumerate().map(|(rank, person)| (person, (10 * rank / n) as i64 + 1)).collect()
    }

    fn rank(&self, set: &Set<'_>, person: &Person<'_>) -> (Reverse<i64>, Reverse<i64>, i64) {
        let values = self.values(person, set.before);
        (Reverse(values["cost_cents"]), Reverse(values["contacts"]), person.id)
    }

    fn decile_among(&self, set: &Set<'_>, own: &Person<'_>) -> i64 {
        let above = set.pool.iter().filter(|(person, _)| self.rank(set, person) < self.rank(set, own)).count();
        (10 * above / set.pool.len()).min(9) as i64 + 1
    }

    /// Everybody takes turns, in the order that the seed draws.
    fn deal(&mut self) {
        let Some(comparison) = &self.pilot.comparison else { return };
        let mut random = Random::new(self.pilot.bootstrap.seed, 1, &self.pilot.name);
        let mut order: Vec<usize> = (0..self.sets.len()).collect();
        for place in (1..order.len()).rev() {
            order.swap(place, random.below(place as u64 + 1) as usize);
        }
        let mut taken: BTreeSet<i64> = BTreeSet::new();
        for _ in 0..comparison.per_client {
            for &at in &order {
                let set = &self.sets[at];
                let (Some(own), Some(decile)) = (set.own, set.decile) else { continue };
                let free = set.pool.iter().filter(|(person, _)| !taken.contains(&person.id));
                let of = |person: &Person<'_>, name: &str| self.values(person, set.before)[name];
                let nearest = free
                    .filter_map(|&(person, its)| {
                        let level = level(own, person, set.index)?;
                        let far = |name: &str| (of(own, name) - of(person, name)).abs();
                        let key = (
                            level,
                            (its - decile).abs(),
                            far("services"),
                            far("contacts"),
                            far("cost_cents"),
                            person.id,
                        );
                        Some((key, (person, level, its)))
                    })
                    .min_by_key(|(key, _)| *key);
                if let Some((_, found)) = nearest {
                    taken.insert(found.0.id);
                    self.sets[at].matches.push(found);
                }
            }
        }
    }

    /// The days of a window that count.
    fn counted_days(&self, person: &Person<'_>, window: Window) -> Vec<Day> {
        if window.to < window.from {
            return Vec::new();
        }
        window.days().filter(|&day| day <= self.newest && person.lives_here(day)).collect()
    }

    fn counted_window(&self, person: &Person<'_>, window: Window) -> Option<Window> {
        let days = self.counted_days(person, window);
        Some(Window { from: *days.first()?, to: *days.last()? })
    }

    fn values_where(&self, person: &Person<'_>, window: Window, service: Option<&str>) -> BTreeMap<&'static str, i64> {
        let mut values: BTreeMap<&'static str, i64> = MEASURES.iter().map(|name| (*name, 0)).collect();
        let Some(window) = self.counted_window(person, window) else { return values };
        let (mut services, mut providers) = (BTreeSet::new(), BTreeSet::new());
        for contact in person.contacts_in(window) {
            if service.is_some_and(|service| service != contact.service) {
                continue;
            }
            let used = person.use_of(contact, window);
            *values.get_mut("contacts").unwrap() += 1;
            *values.get_mut("cost_cents").unwrap() += used.cost;
            *values.get_mut("emergency_contacts").unwrap() += used.emergency;
            *values.get_mut("stay_days").unwrap() += used.stay_days;
            services.insert(contact.service.clone());
            providers.extend(contact.provider.clone());
        }
        values.insert("services", services.len() as i64);
        values.insert("providers", providers.len() as i64);
        values
    }

    fn values(&self, person: &Person<'_>, window: Window) -> BTreeMap<&'static str, i64> {
        self.values_where(person, window, None)
    }

    fn has_baseline(&self, set: &Set<'_>) -> bool {
        let Some(own) = set.own else { return false };
        set.before.to <= self.newest && !self.counted_days(own, set.before).is_empty()
    }

    fn measured(&self) -> Vec<&Set<'a>> {
        let is_in =
            |set: &&Set<'a>| self.has_baseline(set) && (self.pilot.comparison.is_none() || !set.matches.is_empty());
        self.sets.iter().filter(is_in).collect()
    }

    /// Whether a measure of people's windows is known: no contact at all, or one that has a price or names a provider.
    fn is_known(&self, measure: &str, service: Option<&str>, of: &[(&Person<'_>, Window)]) -> bool {
        let mut contacts = Vec::new();
        for (person, window) in of {
            let Some(window) = self.counted_window(person, *window) else { continue };
            contacts.extend(person.contacts_in(window).into_iter().cloned());
        }
        contacts.retain(|contact| service.is_none_or(|service| service == contact.service));
        contacts.is_empty()
            || match measure {
                "cost_cents" => contacts.iter().any(|contact| contact.cost.is_some()),
                "providers" => contacts.iter().any(|contact| contact.provider.is_some()),
                _ => true,
            }
    }

    fn clients(&self, tables: &mut Tables) {
        let rows = tables.entry("pilot_clients").or_default();
        for set in &self.sets {
            let own = set.own.iter().map(|own| (*own, None, set.decile));
            let others = set.matches.iter().map(|(person, level, decile)| (*person, Some(*level), Some(*decile)));
            for (person, level, decile) in own.chain(others) {
                for (name, window) in [("before", set.before), ("after", set.after)] {
                    let days = self.counted_days(person, window).len();
                    let mut services: Vec<Option<String>> = vec![None];
                    if let Some(counted) = self.counted_window(person, window) {
                        let used: BTreeSet<String> =
                            person.contacts_in(counted).iter().map(|contact| contact.service.clone()).collect();
                        services.extend(used.into_iter().map(Some));
                    }
                    for service in services {
                        let values = self.values_where(person, window, service.as_deref());
                        let known = |measure: &str| {
                            let is_known = self.is_known(measure, service.as_deref(), &[(person, window)]);
                            is_known.then_some(values[measure])
                        };
                        let (cost, providers) = (known("cost_cents"), known("providers"));
                        rows.push(row![
                            self.pilot.name.as_str(),
                            if level.is_some() { "comparison" } else { "pilot" },
                            person.id,
                            level.map(|_| set.id),
                            level,
                            set.period.filter(|_| level.is_some()).map(|period| period.label.clone()),
                            person.client.sex.map(|sex| sex.as_str()),
                            person.shown_age_on(set.index),
                            person.client.municipality.clone(),
                            decile,
                            set.index,
                            name,
                            window.from,
                            window.to,
                            days,
                            service,
                            values["services"],
                            values["contacts"],
                            values["stay_days"],
                            cost,
                            values["emergency_contacts"],
                            providers,
                        ]);
                    }
                }
            }
        }
    }

    fn baseline(&self, tables: &mut Tables) {
        let sets = self.measured();
        let mut kinds: Vec<(&str, Option<String>)> = MEASURES.iter().map(|name| (*name, None)).collect();
        let mut services = BTreeSet::new();
        for set in &sets {
            for person in set.own.into_iter().chain(set.matches.iter().map(|found| found.0)) {
                for window in [set.before, set.after].into_iter().filter_map(|w| self.counted_window(person, w)) {
                    services.extend(person.contacts_in(window).iter().map(|contact| contact.service.clone()));
                }
            }
        }
        kinds.extend(services.into_iter().map(|service| ("contacts", Some(service))));
        for (measure, service) in kinds {
            let row = self.figure(&sets, measure, service);
            tables.entry("pilot_baseline").or_default().push(row);
        }
    }

    fn figure(&self, sets: &[&Set<'a>], measure: &'static str, service: Option<String>) -> Vec<super::Cell> {
        let of = |person: &Person<'_>, window| self.values_where(person, window, service.as_deref())[measure] as f64;
        let years = |person: &Person<'_>, window| self.counted_days(person, window).len() as f64 / 365.0;
        let is_distinct = ["services", "providers"].contains(&measure);
        // (use before, time) and (use before at the length of the follow-up, use after, time) of a person.
        let baseline = |set: &Set<'_>, person: &Person<'_>| {
            let days = self.counted_days(person, set.before).len() as i32;
            let is_whole = days == set.before.to.0 - set.before.from.0 + 1;
            match is_distinct {
                true if is_whole => (of(person, set.before), 1.0),
                false if days > 0 => (of(person, set.before), years(person, set.before)),
                _ => (0.0, 0.0),
            }
        };
        let followed = |set: &Set<'_>, person: &Person<'_>| {
            let (before, after) = (years(person, set.before), years(person, set.after));
            if is_distinct {
                let is_whole = baseline(set, person).1 > 0.0 && self.is_complete(set, person);
                return if is_whole { (of(person, set.before), of(person, set.after), 1.0) } else { (0.0, 0.0, 0.0) };
            }
            match before > 0.0 && after > 0.0 {
                true => (of(person, set.before) / before * after, of(person, set.after), after),
                false => (0.0, 0.0, 0.0),
            }
        };
        let is_compared = self.pilot.comparison.is_some();
        let (mut clients, mut others, mut sums) = (0, 0, [0.0; 4]);
        let mut gains: Vec<[f64; 6]> = Vec::new();
        let mut followed_others = 0;
        // Whose windows each mean is of: own baseline, the others', then own before and after, the others' before, after.
        let mut behind: [Vec<(&Person<'_>, Window)>; 6] = Default::default();
        for set in sets {
            let own = set.own.unwrap();
            let n = set.matches.len() as f64;
            let base = baseline(set, own);
            let compared: Vec<_> = set.matches.iter().map(|found| baseline(set, found.0)).collect();
            let with_time = compared.iter().filter(|part| part.1 > 0.0).count() as i64;
            if base.1 > 0.0 && (!is_compared || with_time > 0) {
                clients += 1;
                others += with_time;
                behind[0].push((own, set.before));
                let there = set.matches.iter().zip(&compared).filter(|(_, part)| part.1 > 0.0);
                behind[1].extend(there.map(|(found, _)| (found.0, set.before)));
                sums[0] += base.0;
                sums[1] += base.1;
                if is_compared {
                    sums[2] += compared.iter().map(|part| part.0).sum::<f64>() / n;
                    sums[3] += compared.iter().map(|part| part.1).sum::<f64>() / n;
                }
            }
            let part = followed(set, own);
            let compared: Vec<_> = set.matches.iter().map(|found| followed(set, found.0)).collect();
            let with_time = compared.iter().filter(|part| part.2 > 0.0).count() as i64;
            if part.2 > 0.0 && (!is_compared || with_time > 0) {
                followed_others += with_time;
                let there = set.matches.iter().zip(&compared).filter(|(_, part)| part.2 > 0.0);
                for (person, at) in there.map(|(found, _)| (found.0, 4)).chain([(own, 2)]) {
                    behind[at].push((person, set.before));
                    behind[at + 1].push((person, set.after));
                }
                let average = |of: fn(&(f64, f64, f64)) -> f64| compared.iter().map(of).sum::<f64>() / n;
                let comparison = match is_compared {
                    true => [average(|part| part.0), average(|part| part.1), average(|part| part.2)],
                    false => [0.0, 0.0, 1.0],
                };
                gains.push([part.0, part.1, part.2, comparison[0], comparison[1], comparison[2]]);
            }
        }
        let sum = |at: usize| gains.iter().map(|gain| gain[at]).sum::<f64>();
        let is_there = !gains.is_empty();
        let known = behind.map(|of| self.is_known(measure, service.as_deref(), &of));
        let followed_known = [known[2], known[3], true, known[4], known[5]];
        let mean = |at: usize, time: usize| (is_there && followed_known[at]).then(|| sum(at) / sum(time));
        let change = |before: usize| Some(mean(before + 1, before + 2)? - mean(before, before + 2)?);
        let interval = if is_compared && known[2..].iter().all(|known| *known) { self.interval(&gains) } else { None };
        let compared = |value: Option<f64>| value.filter(|_| is_compared);
        row![
            self.pilot.name.as_str(),
            measure,
            service,
            clients,
            is_compared.then_some(others),
            (known[0] && sums[1] > 0.0).then(|| sums[0] / sums[1]),
            (known[1] && sums[3] > 0.0).then(|| sums[2] / sums[3]),
            gains.len(),
            is_compared.then_some(followed_others),
            mean(0, 2),
            mean(1, 2),
            compared(mean(3, 5)),
            compared(mean(4, 5)),
            change(0),
            compared(change(3)),
            compared(change(0).zip(change(3)).map(|(own, other)| own - other)),
            interval.map(|ends| ends.0),
            interval.map(|ends| ends.1),
        ]
    }

    /// The symmetric bootstrap-t interval over sets.
    fn interval(&self, gains: &[[f64; 6]]) -> Option<(f64, f64)> {
        if gains.len() < 5 {
            return None;
        }
        let (estimate, error) = did(gains);
        let mut random = Random::new(self.pilot.bootstrap.seed, 2, &self.pilot.name);
        let mut distances = Vec::new();
        for _ in 0..self.pilot.bootstrap.draws {
            let drawn: Vec<[f64; 6]> = gains.iter().map(|_| gains[random.below(gains.len() as u64) as usize]).collect();
            let (other, spread) = did(&drawn);
            distances.push(if spread > 1e-9 * error { (other - estimate).abs() / spread } else { f64::INFINITY });
        }
        distances.sort_by(f64::total_cmp);
        let place = (0.95 * (f64::from(self.pilot.bootstrap.draws) + 1.0) - 1e-9).ceil() as usize;
        let reach = distances[place - 1] * error;
        (error > 0.0 && reach.is_finite()).then_some((estimate - reach, estimate + reach))
    }

    fn is_complete(&self, set: &Set<'_>, person: &Person<'_>) -> bool {
        let days = self.counted_days(person, set.after);
        let asked = set.asked_until.0 - set.index.0;
        days.len() as i32 == asked
    }

    fn balance(&self, tables: &mut Tables) {
        if self.pilot.comparison.is_none() {
            return;
        }
        let sets = self.measured();
        let value = |set: &Set<'_>, person: &Person<'_>, decile: i64, variable: &str| match variable {
            "female" => Some(f64::from(u8::from(person.client.sex == Some(virta_model::Sex::Female)))),
            "age" => person.shown_age_on(set.index).map(f64::from),
            "cost_decile" => Some(decile as f64),
            name => Some(self.values(person, set.before)[name] as f64),
        };
        for variable in
            ["female", "age", "cost_decile", "cost_cents", "services", "contacts", "stay_days", "emergency_contacts"]
        {
            let own_windows: Vec<_> = sets.iter().map(|set| (set.own.unwrap(), set.before)).collect();
            let matches = || sets.iter().flat_map(|set| set.matches.iter().map(|found| (found.0, set.before)));
            let pool_windows = sets.iter().flat_map(|set| set.pool.iter().map(|found| (found.0, set.before)));
            let [own_known, others_known, pool_known] = [own_windows, matches().collect(), pool_windows.collect()]
                .map(|of: Vec<_>| self.is_known(variable, None, &of));
            let own: Vec<f64> = sets
                .iter()
                .filter(|_| own_known)
                .filter_map(|set| value(set, set.own.unwrap(), set.decile.unwrap(), variable))
                .collect();
            let mut weighted: Vec<(f64, f64)> = Vec::new();
            let mut pools: Vec<(f64, f64)> = Vec::new();
            let mut fewest = usize::MAX;
            for set in &sets {
                let found = set.matches.iter().filter_map(|found| value(set, found.0, found.2, variable));
                let found = found.filter(|_| others_known);
                weighted.extend(found.map(|value| (value, 1.0 / set.matches.len() as f64)));
                let pool = set.pool.iter().filter(|_| pool_known);
                let pool: Vec<f64> =
                    pool.filter_map(|&(person, decile)| value(set, person, decile, variable)).collect();
                fewest = fewest.min(pool.len());
                if !pool.is_empty() {
                    let n = pool.len() as f64;
                    pools.push((pool.iter().sum::<f64>() / n, pool.iter().map(|x| x * x).sum::<f64>() / n));
                }
            }
            let average =
                |values: &[f64]| (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64);
            let mean = average(&own);
            let total: f64 = weighted.iter().map(|pair| pair.1).sum();
            let comparison = (total > 0.0).then(|| weighted.iter().map(|pair| pair.0 * pair.1).sum::<f64>() / total);
            let pool = average(&pools.iter().map(|pool| pool.0).collect::<Vec<_>>());
            let squares = average(&pools.iter().map(|pool| pool.1).collect::<Vec<_>>());
            let pool_variance = pool.zip(squares).map(|(mean, squares)| (squares - mean * mean).max(0.0));
            let own_variance = mean
                .filter(|_| own.len() > 1)
                .map(|mean| own.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / (own.len() as f64 - 1.0));
            let divisor = own_variance.zip(pool_variance).map(|(a, b)| ((a + b) / 2.0).sqrt()).filter(|d| *d > 0.0);
            let difference = |other: Option<f64>| Some((mean? - other?) / divisor?);
            tables.entry("pilot_balance").or_default().push(row![
                self.pilot.name.as_str(),
                variable,
                own.len(),
                weighted.len(),
                if sets.is_empty() { 0 } else { fewest },
                mean,
                comparison,
                pool,
                difference(pool),
                difference(comparison),
            ]);
        }
    }

    fn counts(&self, tables: &mut Tables) {
        let rows = tables.entry("pilot_counts").or_default();
        let mut add = |step: &str, clients: usize, others: Option<usize>| {
            rows.push(row![self.pilot.name.as_str(), step, clients, others]);
        };
        let sets = self.measured();
        let baselines = self.sets.iter().filter(|set| self.has_baseline(set)).count();
        add("listed", self.sets.len(), None);
        add("known", self.sets.iter().filter(|set| set.own.is_some()).count(), None);
        add("baseline", baselines, None);
        add("frozen", 0, None);
        let is_compared = self.pilot.comparison.is_some();
        if let Some(comparison) = &self.pilot.comparison {
            add("unmatched", baselines - sets.len(), None);
            let all: Vec<usize> = sets.iter().map(|set| set.matches.len()).collect();
            add("matched", all.len(), Some(all.iter().sum()));
            let full: Vec<usize> = all.into_iter().filter(|&n| n as u32 == comparison.per_client).collect();
            add("matched_fully", full.len(), Some(full.iter().sum()));
            for (level, step) in [(1, "same_sex_age_municipality"), (2, "same_sex_age"), (3, "same_age")] {
                let at: Vec<usize> = sets
                    .iter()
                    .map(|set| set.matches.iter().filter(|found| found.1 == level).count())
                    .filter(|&n| n > 0)
                    .collect();
                add(step, at.len(), Some(at.iter().sum()));
            }
        }
        for step in ["followed", "complete", "going_on", "ended_early", "not_followed"] {
            let is_so = |set: &Set<'_>, person: &Person<'_>| self.follow_up(set, person).contains(&step);
            let own = sets.iter().filter(|set| is_so(set, set.own.unwrap())).count();
            let others = sets.iter().flat_map(|set| set.matches.iter().map(move |found| (set, found.0)));
            let others = others.filter(|(set, person)| is_so(set, person)).count();
            add(step, own, is_compared.then_some(others));
        }
    }

    fn follow_up(&self, set: &Set<'_>, person: &Person<'_>) -> Vec<&'static str> {
        let days = self.counted_days(person, set.after);
        let Some(last) = days.last() else { return vec!["not_followed"] };
        if self.is_complete(set, person) {
            return vec!["followed", "complete"];
        }
        let stays = person.observation_end().is_none_or(|end| end >= self.newest);
        if stays && *last == self.newest && *last < set.after.to {
            vec!["followed", "going_on"]
        } else {
            vec!["followed", "ended_early"]
        }
    }
}

/// A difference in differences and its standard error. A gain is before, after and time of the pilot's client, then of
/// its comparison clients.
fn did(gains: &[[f64; 6]]) -> (f64, f64) {
    let n = gains.len() as f64;
    let total = |of: &dyn Fn(&[f64; 6]) -> f64| gains.iter().map(of).sum::<f64>();
    let own = total(&|g| g[1] - g[0]) / total(&|g| g[2]);
    let other = total(&|g| g[4] - g[3]) / total(&|g| g[5]);
    let (own_time, other_time) = (total(&|g| g[2]) / n, total(&|g| g[5]) / n);
    let influence =
        |g: &[f64; 6]| ((g[1] - g[0]) - own * g[2]) / own_time - ((g[4] - g[3]) - other * g[5]) / other_time;
    let squares: f64 = gains.iter().map(|gain| influence(gain).powi(2)).sum();
    (own - other, (squares / n / (n - 1.0)).sqrt())
}

fn level(own: &Person<'_>, other: &Person<'_>, index: Day) -> Option<i64> {
    let band = |person: &Person<'_>| match person.age_on(index) {
        None | Some(i32::MIN..=-1) => 0,
        Some(0..=17) => 1,
        Some(18..=64) => 2,
        Some(65..=79) => 3,
        Some(_) => 4,
    };
    let same_age = band(own) == band(other);
    let same_sex = own.client.sex == other.client.sex;
    // As municipalities have become.
    let town = |person: &Person<'_>| {
        person.client.municipality.as_deref().map(|code| municipality_in(code, i32::MAX).to_owned())
    };
    let same_town = town(own) == town(other);
    match () {
        () if same_age && same_sex && same_town => Some(1),
        () if same_age && same_sex => Some(2),
        () if same_age => Some(3),
        () => None,
    }
}

/// SplitMix64, begun from seed, purpose and name as the core's documentation says.
struct Random {
    state: u64,
}

impl Random {
    fn new(seed: u64, purpose: u64, name: &str) -> Random {
        let mut state = Random::mixed(seed ^ Random::mixed(purpose));
        for byte in name.as_bytes() {
            state = Random::mixed(state ^ u64::from(*byte));
        }
        Random { state }
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.state = self.state.wrapping_add(11_400_714_819_323_198_485);
        let upper = Random::mixed(self.state) >> 32;
        upper * bound / (1 << 32)
    }

    fn mixed(mut z: u64) -> u64 {
        z ^= z >> 30;
        z = z.wrapping_mul(13_787_848_793_156_543_929);
        z ^= z >> 27;
        z = z.wrapping_mul(10_723_151_780_598_845_931);
        z ^ z >> 31
    }
}
