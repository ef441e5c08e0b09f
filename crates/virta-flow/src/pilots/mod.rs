//! Pilots: baselines, comparison clients and differences in differences.
//!
//! A pilot's clients each have an index date; the windows before and after it leave the day itself out, and the window
//! after ends when the client leaves the pilot. Of a window only the days count on which the client was observed and the
//! study follows anybody (up to the end of observation, rule 0): contacts, the parts of stays and their costs outside
//! them are left out, and the follow-up is as long as they are.
//!
//! Comparison clients are members of the cohort in the newest period of the study that ends before the index date: a
//! cohort that is chosen by what came after would carry the answer in it. They take the index date of the client they
//! are matched with, and the same windows. They are nobody's pilot clients, and were observed on every day of the window
//! before and on the index date. How they are matched is said in `matching`, what is estimated in `interval`.
//!
//! A baseline that an earlier run made is kept as it was, by client ([`Frozen`]); only what came after is read anew. A
//! comparison client that has joined a pilot since is followed up to the day before.
//!
//! Besides the tables of the study this takes two passes: one over the members of the cohort, one over the buckets of
//! those who were chosen.

mod balance;
#[cfg(test)]
mod coverage;
mod details;
mod figures;
mod frozen;
#[cfg(test)]
mod frozen_tests;
mod interval;
mod matching;
mod pool;
mod random;
mod reading;
mod sizes;
mod tables;
mod windows;

use std::collections::BTreeMap;

use virta_model::Table;
use virta_model::settings::Pilot;

use self::balance::PoolSums;
pub(crate) use self::details::{COLUMNS, Detail, Question};
use self::frozen::{FrozenClient, FrozenSet, until_joining};
use self::matching::{Match, Ranked, deal};
use self::random::{Draws, Purpose};
pub(crate) use self::reading::{Answered, Found, Here, IndexDate, PilotPasses};
pub(crate) use self::sizes::PoolSizes;
use self::windows::Windows;
use crate::error::Error;
use crate::input::options::RunOptions;
use crate::input::pilots::{Frozen, PilotClient};
use crate::rules::plan::Plan;

/// A client of one pilot.
#[derive(Debug, Clone, Copy)]
struct Listed {
    client_id: i64,
    index: i32,
    left_on: Option<i32>,
    /// The period whose members of the cohort the comparison clients are drawn from.
    period: Option<usize>,
}

impl Listed {
    fn windows(&self, pilot: &Pilot) -> Windows {
        Windows::new(self.index, self.left_on, pilot.before_days, pilot.after_days)
    }
}

/// A client of the pilot with its comparison clients.
#[derive(Debug)]
struct Set {
    listed: Listed,
    /// Label of the period whose members of the cohort could be drawn.
    period: Option<String>,
    /// Decile of the client's own cost among the candidates; `None` without any.
    decile: Option<u8>,
    /// `None` for a client of whom the store knows nothing.
    own: Option<Detail>,
    matches: Vec<Matched>,
    /// The snapshot that the baseline was made from; `None` without a baseline.
    snapshot: Option<String>,
    is_frozen: bool,
}

/// A comparison client of a set.
#[derive(Debug)]
struct Matched {
    client_id: i64,
    level: u8,
    decile: u8,
    detail: Detail,
}

/// The sets of a pilot in order of `client_id`.
struct Made {
    sets: Vec<Set>,
    /// What the candidates of each set's index date were like; `None` where nobody new was matched.
    pools: Option<Vec<PoolSums>>,
}

/// Makes the tables of every pilot of the study.
pub(crate) fn run(
    plan: &Plan<'_>,
    options: &RunOptions<'_>,
    sizes: &PoolSizes,
    passes: &mut dyn PilotPasses,
) -> Result<Vec<Table>, Error> {
    let mut joined: Vec<(i64, i32)> =
        options.pilots.iter().map(|client| (client.client_id, client.index_date.0)).collect();
    joined.sort_unstable();
    joined.dedup_by_key(|(client, _)| *client);
    let newest = newest(plan);
    let mut tables = tables::Tables::new();
    for (number, pilot) in plan.study.pilots.iter().enumerate() {
        let clients = clients_of(pilot, options.pilots, plan);
        let members_max = usize::try_from(sizes.most(pilot, plan)).unwrap_or(usize::MAX);
        let frozen = options.frozen.iter().find(|frozen| frozen.pilot == pilot.name);
        let kept = frozen.map(Frozen::sets).unwrap_or_default();
        let passes = &mut *passes;
        let mut one = OnePilot {
            plan,
            snapshot: &options.snapshot,
            passes,
            pilot,
            number,
            joined: &joined,
            members_max,
            kept: &kept,
            newest,
        };
        let made = one.sets(&clients)?;
        tables.add(pilot, newest, &made, frozen, &options.snapshot);
    }
    Ok(tables.finish())
}

/// The clients of a pilot by `client_id`; who is listed twice has the earlier index date, and then the earlier end.
fn clients_of(pilot: &Pilot, listed: &[PilotClient], plan: &Plan<'_>) -> Vec<Listed> {
    let own = listed.iter().filter(|client| client.pilot == pilot.name);
    let mut clients: Vec<Listed> = own
        .map(|client| {
            let index = client.index_date.0;
            let ended = plan.periods.iter().enumerate().filter(|(_, period)| period.last < index);
            let period = ended.max_by_key(|(at, period)| (period.last, period.first, std::cmp::Reverse(*at)));
            Listed {
                client_id: client.client_id,
                index,
                left_on: client.left_on.map(|day| day.0),
                period: period.map(|(at, _)| at).filter(|_| pilot.comparison.is_some()),
            }
        })
        .collect();
    clients.sort_unstable_by_key(|client| (client.client_id, client.index, client.left_on.unwrap_or(i32::MAX)));
    clients.dedup_by_key(|client| client.client_id);
    clients
}

/// The end of observation.
fn newest(plan: &Plan<'_>) -> i32 {
    plan.end.unwrap_or(i32::MIN)
}

struct OnePilot<'a> {
    plan: &'a Plan<'a>,
    /// The snapshot that is read.
    snapshot: &'a str,
    passes: &'a mut dyn PilotPasses,
    pilot: &'a Pilot,
    /// Its place in the study.
    number: usize,
    /// Everybody of any pilot with the first index date, by client.
    joined: &'a [(i64, i32)],
    /// The most members of the cohort in any period.
    members_max: usize,
    kept: &'a BTreeMap<i64, FrozenSet>,
    newest: i32,
}

/// What a pass over the pool may keep at once, so that memory stays bounded whatever the pilot.
const KEPT_MAX: usize = 1 << 19;

/// What the passes over the pool find for each client of the pilot.
struct Wishes {
    wishes: Vec<Vec<Match>>,
    deciles: Vec<Option<u8>>,
    pools: Vec<PoolSums>,
}

impl OnePilot<'_> {
    fn sets(&mut self, clients: &[Listed]) -> Result<Made, Error> {
        let each = self.pilot.comparison.as_ref().map_or(0, |comparison| comparison.per_client as usize);
        let nobody_new = !self.kept.is_empty()
            && clients.len() == self.kept.len()
            && clients.iter().all(|client| self.kept_of(client).is_some());
        let Wishes { mut wishes, deciles, pools } =
            if nobody_new { Wishes::none(clients) } else { self.wishes(clients)? };
        for (wishes, client) in wishes.iter_mut().zip(clients) {
            if self.kept_of(client).is_some() {
                wishes.clear();
            }
        }
        let kept = clients.iter().filter_map(|client| self.kept_of(client));
        let taken: Vec<i64> = kept.flat_map(|set| set.matches.iter().map(|found| found.client_id)).collect();
        let draws = Draws::new(self.pilot.bootstrap.seed, Purpose::Matching, &self.pilot.name);
        let dealt = deal(&wishes, each, &taken, draws);
        let sets = self.detailed(clients, &deciles, &dealt)?;
        Ok(Made { sets, pools: (!nobody_new).then_some(pools) })
    }

    /// The frozen baseline of a client whose index date is still the same. Who found no match may yet find one.
    fn kept_of(&self, client: &Listed) -> Option<&FrozenSet> {
        let is_done = |set: &&FrozenSet| !set.matches.is_empty() || self.pilot.comparison.is_none();
        self.kept.get(&client.client_id).filter(|set| set.index == client.index).filter(is_done)
    }

    /// Everybody's wishes among the members of the cohort.
    fn wishes(&mut self, clients: &[Listed]) -> Result<Wishes, Error> {
        let mut all = Wishes::none(clients);
        let each = self.pilot.comparison.as_ref().map_or(0, |comparison| comparison.per_client as usize);
        let kept: usize = self.kept.values().map(|set| set.matches.len()).sum();
        // No more than this can be gone before a client chooses for the last time.
        let most = clients.len().saturating_mul(each).saturating_add(kept);
        let mut dates: Vec<IndexDate> = clients.iter().filter_map(|c| Some((c.index, c.period?))).collect();
        dates.sort_unstable();
        dates.dedup();
        for dates in dates.chunks((KEPT_MAX / self.members_max.max(1)).max(1)) {
            for found in self.passes.pools(self.number, dates)? {
                let ranked = Ranked::new(found.candidates);
                if ranked.candidates().is_empty() {
                    continue;
                }
                let sum = PoolSums::of(&ranked);
                for own in &found.pilot {
                    let Ok(at) = clients.binary_search_by_key(&own.client_id, |client| client.client_id) else {
                        continue;
                    };
                    all.wishes[at] = ranked.nearest(own, most);
                    all.deciles[at] = Some(ranked.decile_of(own));
                    all.pools[at] = sum;
                }
            }
        }
        Ok(all)
    }

    /// The sets with everybody's windows.
    fn detailed(
        &mut self,
        clients: &[Listed],
        deciles: &[Option<u8>],
        dealt: &[Vec<Match>],
    ) -> Result<Vec<Set>, Error> {
        let mut answers = self.answers(clients, dealt)?;
        let sets = clients.iter().zip(deciles).zip(dealt);
        Ok(sets.map(|((client, &decile), matches)| self.set(client, decile, matches, &mut answers)).collect())
    }

    fn set(&self, client: &Listed, decile: Option<u8>, matches: &[Match], answers: &mut Answers) -> Set {
        let own = answers.take(client.client_id, true);
        if let Some(kept) = self.kept_of(client) {
            let mut again = |old: &FrozenClient| match answers.take(old.client_id, false) {
                Some(new) => Detail { after: new.after, goes_on: new.goes_on, ..old.detail.clone() },
                None => old.detail.clone(),
            };
            let matches = kept.matches.iter().map(|old| Matched {
                client_id: old.client_id,
                level: old.level.unwrap_or_default(),
                decile: old.decile.unwrap_or_default(),
                detail: again(old),
            });
            let matches = matches.collect();
            let own = match own {
                Some(new) => Detail { after: new.after, goes_on: new.goes_on, ..kept.own.detail.clone() },
                None => kept.own.detail.clone(),
            };
            return Set {
                listed: *client,
                period: kept.period.clone(),
                decile: kept.own.decile,
                own: Some(own),
                matches,
                snapshot: Some(kept.snapshot.clone()),
                is_frozen: true,
            };
        }
        let found = |found: &Match| {
            let client_id = found.client_id;
            Some(Matched {
                client_id,
                level: found.level,
                decile: found.decile,
                detail: answers.take(client_id, false)?,
            })
        };
        let mut set = Set {
            listed: *client,
            period: client.period.and_then(|at| Some(self.plan.study.study.periods.get(at)?.label().to_owned())),
            decile,
            own,
            matches: matches.iter().filter_map(found).collect(),
            snapshot: None,
            is_frozen: false,
        };
        set.snapshot = has_baseline(&set, self.pilot, self.newest).then(|| self.snapshot.to_owned());
        set
    }

    /// The windows of every client of the pilot and of everybody who is compared with them.
    fn answers(&mut self, clients: &[Listed], dealt: &[Vec<Match>]) -> Result<Answers, Error> {
        let mut questions: Vec<Question> = Vec::new();
        for (client, matches) in clients.iter().zip(dealt) {
            let windows = client.windows(self.pilot);
            questions.push(Question { client_id: client.client_id, is_own: true, index: client.index, windows });
            let kept = self.kept_of(client).into_iter().flat_map(|set| set.matches.iter().map(|old| old.client_id));
            for client_id in kept.chain(matches.iter().map(|found| found.client_id)) {
                let joined = self.joined.binary_search_by_key(&client_id, |(client, _)| *client);
                let joined = joined.ok().and_then(|at| self.joined.get(at)).map(|(_, index)| *index);
                let windows = until_joining(windows, joined);
                questions.push(Question { client_id, is_own: false, index: client.index, windows });
            }
        }
        // Somebody who is compared and has joined the pilot since is asked for as both.
        questions.sort_unstable_by_key(Question::key);
        let details = self.passes.details(self.number, &questions)?;
        Ok(Answers { questions, details })
    }
}

impl Wishes {
    fn none(clients: &[Listed]) -> Self {
        Wishes {
            wishes: vec![Vec::new(); clients.len()],
            deciles: vec![None; clients.len()],
            pools: vec![PoolSums::default(); clients.len()],
        }
    }
}

/// Details by question.
struct Answers {
    /// Ascending by client.
    questions: Vec<Question>,
    details: Vec<Option<Detail>>,
}

impl Answers {
    fn take(&mut self, client_id: i64, is_own: bool) -> Option<Detail> {
        let number = self.questions.binary_search_by_key(&(client_id, is_own), Question::key).ok()?;
        self.details.get_mut(number)?.take()
    }
}

/// Whether the store has the whole window before the index date, and the client any of it; or had, when it was frozen.
fn has_baseline(set: &Set, pilot: &Pilot, newest: i32) -> bool {
    let is_covered = set.is_frozen || set.listed.windows(pilot).before.last <= newest;
    is_covered && set.own.as_ref().is_some_and(|own| own.before.observed_days > 0)
}
