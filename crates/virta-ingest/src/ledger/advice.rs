//! Which way to make pseudonyms good would join people who are strangers now.
//!
//! People of a source whom no client list knows (where there is none: no other source) are tried in the other ways that
//! [`crate::parse::alternates`] noted, against the people of client lists (of other sources). People of a client list whom no
//! other source knows are tried against people whom other sources know and no list.

use std::sync::atomic::{AtomicBool, Ordering};

use hashbrown::{HashMap, HashSet};
use serde::Serialize;
use virta_model::ClientId;
use virta_model::settings::{LetterCase, Normalise};

use crate::key::Pseudonymiser;
use crate::ledger::linkage::Count;
use crate::merge::naming::{Named, Naming};
use crate::parse::alternates::{Alternate, Alternates, Way};

/// A way to make a source's pseudonyms good that would join people who are strangers now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct JoinAdvice {
    pub source: String,
    /// The key to write into `[source]` of its profile: `normalise = { case = "upper", pad = 9 }`.
    pub key: String,
    /// People who would be joined; of very many people a sample is tried and this is an estimate.
    pub joins: u64,
    /// People of the source who are found in no client list; where there is no list, in no other source.
    pub unmatched: u64,
}

/// Advice is given when more than this share of the unmatched would be joined.
const SHARE_MIN: f64 = 0.02;

/// What reading noted of the people of one source.
pub(crate) struct Strangers {
    /// How its pseudonyms are made good, and what hashes them.
    pub normalise: Normalise,
    pub pseudonyms: Pseudonymiser,
    pub(crate) alternates: Alternates,
}

/// The people of one source, by its client list or by its other tables, in other ways.
struct Candidates {
    source: u32,
    in_list: bool,
    normalise: Normalise,
    /// By client.
    entries: Vec<Alternate>,
    /// The share of the source's people that they stand for.
    share: f64,
    is_unmatched: Vec<AtomicBool>,
    /// Places of `entries` by the other client.
    by_other: Vec<u32>,
    is_known: Vec<AtomicBool>,
}

/// The candidates of all sources that were read.
pub(crate) struct Advice {
    sets: Vec<Candidates>,
    /// Whether the store has a client list of any source.
    has_list: bool,
}

impl Advice {
    /// `noted` is by source, whether by its client list, and domain of pseudonyms.
    pub(crate) fn new(noted: HashMap<(u32, bool, String), Strangers>, has_list: bool) -> Self {
        let mut noted: Vec<_> = noted.into_iter().collect();
        noted.sort_by(|(a, _), (b, _)| a.cmp(b));
        let sets = noted
            .into_iter()
            .map(|((source, in_list, _), Strangers { normalise, pseudonyms, alternates })| {
                let (mut entries, share) = alternates.finish(&pseudonyms);
                entries.sort_unstable_by_key(|entry| (entry.client, entry.other, entry.way));
                let mut by_other: Vec<u32> = (0..entries.len() as u32).collect();
                by_other.sort_by_key(|at| entries.get(*at as usize).map(|entry| entry.other));
                let flags = || entries.iter().map(|_| AtomicBool::new(false)).collect();
                let (is_unmatched, is_known) = (flags(), flags());
                Candidates { source, in_list, normalise, entries, share, is_unmatched, by_other, is_known }
            })
            .collect();
        Advice { sets, has_list }
    }

    /// Looks at everybody of a bucket.
    pub(crate) fn look(&self, bucket: u32, buckets: u32, named: &Named) {
        for set in &self.sets {
            let in_bucket = |client: i64| ClientId(client).bucket(buckets);
            let from = set.entries.partition_point(|entry| in_bucket(entry.client) < bucket);
            for (at, entry) in set.entries.iter().enumerate().skip(from) {
                if in_bucket(entry.client) != bucket {
                    break;
                }
                if self.is_unmatched(set, named.of(entry.client))
                    && let Some(flag) = set.is_unmatched.get(at)
                {
                    flag.store(true, Ordering::Relaxed);
                }
            }
            let other = |at: &u32| set.entries.get(*at as usize).map_or(0, |entry| entry.other);
            let from = set.by_other.partition_point(|at| in_bucket(other(at)) < bucket);
            for at in set.by_other.iter().skip(from).take_while(|at| in_bucket(other(at)) == bucket) {
                if self.is_known(set, named.of(other(at)))
                    && let Some(flag) = set.is_known.get(*at as usize)
                {
                    flag.store(true, Ordering::Relaxed);
                }
            }
        }
    }

    /// Buckets where an unmatched person would lie in another way.
    pub(crate) fn wanted(&self, buckets: u32) -> HashSet<u32> {
        let of_set = |set: &Candidates| {
            let unmatched = set.entries.iter().zip(&set.is_unmatched);
            unmatched.filter(|(_, flag)| flag.load(Ordering::Relaxed)).map(|(entry, _)| entry.other).collect::<Vec<_>>()
        };
        self.sets.iter().flat_map(of_set).map(|other| ClientId(other).bucket(buckets)).collect()
    }

    fn is_unmatched(&self, set: &Candidates, person: &[Naming]) -> bool {
        let is_named = person.iter().any(|naming| naming.source == set.source && naming.in_list == set.in_list);
        let is_matched = if self.has_list && !set.in_list {
            person.iter().any(|naming| naming.in_list)
        } else {
            person.iter().any(|naming| naming.source != set.source && !naming.in_list)
        };
        is_named && !is_matched
    }

    fn is_known(&self, set: &Candidates, person: &[Naming]) -> bool {
        let in_list = person.iter().any(|naming| naming.in_list);
        let in_others = person.iter().any(|naming| naming.source != set.source && !naming.in_list);
        match (self.has_list, set.in_list) {
            (true, false) => in_list,
            (true, true) => in_others && !in_list,
            (false, _) => in_others,
        }
    }

    /// The advice for each source, in order of its number. `count` gives a source's people.
    pub(crate) fn give(&self, count: &dyn Fn(u32) -> Count, name: &dyn Fn(u32) -> String) -> Vec<JoinAdvice> {
        let mut found: Vec<(LetterCase, JoinAdvice)> = Vec::new();
        for set in &self.sets {
            let of_source = count(set.source);
            let matched = if self.has_list && !set.in_list { of_source.in_list } else { of_source.in_others };
            let unmatched = of_source.clients - matched.min(of_source.clients);
            let Some((normalise, joins)) = set.best() else { continue };
            if joins as f64 <= SHARE_MIN * unmatched as f64 {
                continue;
            }
            let advice = JoinAdvice {
                source: name(set.source),
                key: normalise.to_string(),
                joins: joins.min(unmatched),
                unmatched,
            };
            found.push((normalise.case.unwrap_or(LetterCase::Upper), advice));
        }
        // Where two sources differ in case alone, each could be put into the other's: capitals win.
        let is_upper_asked = self.sets.iter().any(|set| {
            set.best().is_some_and(|(best, _)| best.case == Some(LetterCase::Upper) && best.case != set.normalise.case)
        });
        let mut given: Vec<JoinAdvice> = Vec::new();
        for (case, advice) in found {
            if case == LetterCase::Lower && is_upper_asked {
                continue;
            }
            match given.last_mut() {
                Some(last) if last.source == advice.source => {
                    if advice.joins > last.joins {
                        *last = advice;
                    }
                }
                _ => given.push(advice),
            }
        }
        given.sort_by(|a, b| a.source.cmp(&b.source));
        given
    }
}

impl Candidates {
    /// The way that joins most people, and how many. `None` when none joins anybody.
    fn best(&self) -> Option<(Normalise, u64)> {
        let flags = self.is_unmatched.iter().zip(&self.is_known);
        let joined = self
            .entries
            .iter()
            .zip(flags)
            .filter(|(_, (unmatched, known))| unmatched.load(Ordering::Relaxed) && known.load(Ordering::Relaxed));
        let joined: Vec<(i64, Way)> = joined.map(|(entry, _)| (entry.client, entry.way)).collect();
        let people = |fits: &dyn Fn(&Way) -> bool| {
            let people: HashSet<i64> = joined.iter().filter(|(_, way)| fits(way)).map(|(client, _)| *client).collect();
            people.len()
        };
        let cases = [LetterCase::Upper, LetterCase::Lower].map(|case| (people(&|way| way.case == Some(case)), case));
        // Of equal ones the first: capitals.
        let case = cases.into_iter().filter(|(people, _)| *people > 0).rev().max_by_key(|(people, _)| *people);
        let case = case.map(|(_, case)| case);
        let lengths: HashSet<u8> = joined.iter().map(|(_, way)| way.pad).filter(|pad| *pad > 0).collect();
        let mut lengths: Vec<(usize, u8)> =
            lengths.into_iter().map(|length| (people(&|way| way.pad == length), length)).collect();
        lengths.sort_by_key(|(people, length)| (std::cmp::Reverse(*people), *length));
        let pad = lengths.first().map(|(_, length)| *length);
        let fits = |way: &Way| way.case.is_none_or(|of| Some(of) == case) && (way.pad == 0 || Some(way.pad) == pad);
        let joins = (people(&fits) as f64 / self.share).round() as u64;
        let trims = joined.iter().any(|(_, way)| way.trim && fits(way));
        let normalise = Normalise {
            trim: self.normalise.trim || trims,
            case: case.or(self.normalise.case),
            pad: pad.or(self.normalise.pad),
        };
        (joins > 0 && normalise != self.normalise).then_some((normalise, joins))
    }
}
