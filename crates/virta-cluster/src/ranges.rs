//! Which range is to be run where, next. No input or output: what happened goes in, what is to be done comes out.

use std::collections::BTreeMap;
use std::ops::Range;
use std::time::{Duration, Instant};

use crate::limits::Limits;
use crate::part::Part;

/// Who runs a range.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Who {
    Worker(usize),
    /// The coordinator itself.
    Here,
}

/// A range that is being run by somebody, from 0 as they are begun.
pub(crate) type Attempt = u64;

#[derive(Debug)]
struct Running {
    range: usize,
    who: Who,
    since: Instant,
}

#[derive(Debug, Clone, Copy, Default)]
struct WorkerState {
    /// Since its last whole answer.
    faults: u32,
    rests_until: Option<Instant>,
    is_left_out: bool,
}

#[derive(Debug)]
enum RangeState {
    /// Not whole yet; so often a worker failed at it.
    Open {
        faults: u32,
    },
    /// Whole, not given away yet.
    Whole(Part),
    Given,
}

/// All ranges of a job, and who runs which.
#[derive(Debug)]
pub(crate) struct Ranges {
    limits: Limits,
    ranges: Vec<(Range<u32>, RangeState)>,
    /// The first that was not given away.
    first: usize,
    running: BTreeMap<Attempt, Running>,
    attempts: Attempt,
    workers: Vec<WorkerState>,
    /// How long whole answers took for a bucket.
    took: Vec<Duration>,
    again: usize,
}

/// Somebody is to run a range.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Start {
    pub attempt: Attempt,
    pub who: Who,
    pub buckets: Range<u32>,
}

/// What a fault leads to.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct AfterFault {
    /// The worker gets nothing more.
    pub is_left_out: bool,
}

impl Ranges {
    /// The buckets in ranges, several per worker, so that who is fast does more.
    pub(crate) fn new(buckets: u32, workers: usize, limits: &Limits) -> Self {
        let ranges = all_ranges(buckets, workers, limits);
        let ranges = ranges.into_iter().map(|range| (range, RangeState::Open { faults: 0 })).collect();
        Ranges {
            limits: limits.clone(),
            ranges,
            first: 0,
            running: BTreeMap::new(),
            attempts: 0,
            workers: vec![WorkerState::default(); workers],
            took: Vec::new(),
            again: 0,
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.ranges.len()
    }

    pub(crate) fn done(&self) -> usize {
        self.ranges.iter().filter(|(_, state)| !matches!(state, RangeState::Open { .. })).count()
    }

    pub(crate) fn is_finished(&self) -> bool {
        self.first == self.ranges.len()
    }

    pub(crate) fn again(&self) -> usize {
        self.again
    }

    pub(crate) fn busy_workers(&self) -> usize {
        self.running.values().filter(|running| running.who != Who::Here).count()
    }

    /// Gives nothing more to a worker.
    pub(crate) fn leave_out(&mut self, worker: usize) {
        if let Some(state) = self.workers.get_mut(worker) {
            state.is_left_out = true;
        }
    }

    /// The next thing to begin, if there is any. It counts as begun.
    pub(crate) fn next(&mut self, now: Instant) -> Option<Start> {
        let free = |ranges: &Self, who: Who| ranges.running.values().all(|running| running.who != who);
        for worker in 0..self.workers.len() {
            let who = Who::Worker(worker);
            let state = self.workers[worker];
            let rests = state.rests_until.is_some_and(|until| now < until);
            if state.is_left_out || rests || !free(self, who) {
                continue;
            }
            if let Some(range) = self.waiting().or_else(|| self.straggler(who, now)) {
                return Some(self.begin(range, who, now));
            }
        }
        let range = self.for_here()?;
        free(self, Who::Here).then(|| self.begin(range, Who::Here, now))
    }

    /// A range came back whole. Those who run it too are to be stopped.
    pub(crate) fn whole(&mut self, attempt: Attempt, part: Part, now: Instant) -> Vec<Attempt> {
        let Some(running) = self.running.remove(&attempt) else { return Vec::new() };
        let buckets = self.ranges.get(running.range).map_or(1, |(buckets, _)| buckets.len() as u32);
        self.took.push(now.saturating_duration_since(running.since) / buckets.max(1));
        if let Who::Worker(worker) = running.who
            && let Some(state) = self.workers.get_mut(worker)
        {
            (state.faults, state.rests_until) = (0, None);
        }
        if let Some((_, state @ RangeState::Open { .. })) = self.ranges.get_mut(running.range) {
            *state = RangeState::Whole(part);
        }
        let others = self.running.iter().filter(|(_, other)| other.range == running.range);
        others.map(|(attempt, _)| *attempt).collect()
    }

    /// A run ended without an answer because it was stopped.
    pub(crate) fn stopped(&mut self, attempt: Attempt) {
        self.running.remove(&attempt);
    }

    /// A worker failed at a range. It rests longer after each fault, until it is left out.
    pub(crate) fn fault(&mut self, attempt: Attempt, now: Instant) -> AfterFault {
        let Some(running) = self.running.remove(&attempt) else { return AfterFault { is_left_out: false } };
        if let Some((_, RangeState::Open { faults })) = self.ranges.get_mut(running.range) {
            *faults += 1;
        }
        let Who::Worker(worker) = running.who else { return AfterFault { is_left_out: false } };
        let Some(state) = self.workers.get_mut(worker) else { return AfterFault { is_left_out: false } };
        state.faults += 1;
        state.rests_until = Some(now + self.limits.rest * state.faults);
        state.is_left_out |= state.faults >= self.limits.faults;
        AfterFault { is_left_out: state.is_left_out }
    }

    /// The parts that are next in order.
    pub(crate) fn take(&mut self) -> Vec<Part> {
        let mut parts = Vec::new();
        while let Some((_, state @ RangeState::Whole(_))) = self.ranges.get_mut(self.first) {
            if let RangeState::Whole(part) = std::mem::replace(state, RangeState::Given) {
                parts.push(part);
            }
            self.first += 1;
        }
        parts
    }

    fn begin(&mut self, range: usize, who: Who, now: Instant) -> Start {
        let attempt = self.attempts;
        self.attempts += 1;
        let (buckets, state) = &self.ranges[range];
        let failed_before = matches!(state, RangeState::Open { faults } if *faults > 0);
        self.again += usize::from(failed_before || self.is_run(range));
        let start = Start { attempt, who, buckets: buckets.clone() };
        self.running.insert(attempt, Running { range, who, since: now });
        start
    }

    fn is_run(&self, range: usize) -> bool {
        self.running.values().any(|running| running.range == range)
    }

    /// The ranges that may be run now: those soon to be given away, so that what waits stays bounded.
    fn near(&self) -> Range<usize> {
        let ahead = self.limits.ahead.max(1).saturating_mul(self.workers.len().max(1));
        self.first..self.first.saturating_add(ahead).min(self.ranges.len())
    }

    /// The first range that nobody runs and workers may still try.
    fn waiting(&self) -> Option<usize> {
        self.near().find(|range| {
            self.faults(*range).is_some_and(|faults| faults < self.limits.attempts) && !self.is_run(*range)
        })
    }

    fn faults(&self, range: usize) -> Option<u32> {
        match self.ranges.get(range)? {
            (_, RangeState::Open { faults }) => Some(*faults),
            _ => None,
        }
    }

    /// A range that somebody else has run for long, where nothing else is left to do.
    fn straggler(&self, who: Who, now: Instant) -> Option<usize> {
        let mut took = self.took.clone();
        took.sort_unstable();
        let usual = took.get(took.len() / 2).copied().unwrap_or_default();
        let long = |range: usize| {
            let buckets = self.ranges.get(range).map_or(1, |(buckets, _)| buckets.len() as u32);
            self.limits.slow.max(usual.saturating_mul(buckets).saturating_mul(2))
        };
        let runs = |range: usize| self.running.values().filter(move |running| running.range == range);
        self.near().find(|range| {
            let is_slow = runs(*range).all(|running| now.saturating_duration_since(running.since) > long(*range));
            self.faults(*range).is_some()
                && runs(*range).count() == 1
                && is_slow
                && runs(*range).all(|one| one.who != who)
        })
    }

    /// A range that only the coordinator is left for.
    fn for_here(&self) -> Option<usize> {
        let nobody = self.workers.iter().all(|worker| worker.is_left_out);
        self.near().find(|range| {
            self.faults(*range).is_some_and(|faults| nobody || faults >= self.limits.attempts) && !self.is_run(*range)
        })
    }
}

/// All buckets in ranges: a large one for each worker, then smaller ones.
fn all_ranges(buckets: u32, workers: usize, limits: &Limits) -> Vec<Range<u32>> {
    let workers = u32::try_from(workers).unwrap_or(u32::MAX).max(1);
    let later = limits.ranges_per_worker.saturating_sub(1);
    if limits.first_percent == 0 || later == 0 {
        return cut(buckets, workers.saturating_mul(later + 1));
    }
    let first = (u64::from(buckets) * u64::from(limits.first_percent.min(100)) / 100) as u32;
    let mut ranges = cut(first, workers);
    let rest = cut(buckets - first, workers.saturating_mul(later));
    ranges.extend(rest.into_iter().map(|range| first + range.start..first + range.end));
    ranges
}

/// So many buckets in about so many ranges, whose sizes differ by one at most.
fn cut(buckets: u32, wanted: u32) -> Vec<Range<u32>> {
    let count = wanted.clamp(1, buckets.max(1));
    let edge = |at: u32| (u64::from(buckets) * u64::from(at) / u64::from(count)) as u32;
    (0..count).map(|at| edge(at)..edge(at + 1)).filter(|range| !range.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits() -> Limits {
        Limits { ranges_per_worker: 2, first_percent: 0, ahead: 100, attempts: 2, faults: 2, ..Limits::default() }
    }

    fn part(buckets: Range<u32>) -> Part {
        Part { buckets, batches: Vec::new() }
    }

    #[test]
    fn every_bucket_is_in_one_range() {
        for (buckets, wanted) in [(0, 4), (1, 4), (4, 4), (16, 7), (64, 28), (65, 64), (7, 0), (u32::MAX, 3)] {
            let ranges = cut(buckets, wanted);
            let mut next = 0;
            for range in &ranges {
                assert_eq!(range.start, next);
                next = range.end;
            }
            assert_eq!(next, buckets);
            assert!(ranges.len() <= wanted.max(1) as usize);
        }
    }

    #[test]
    fn each_worker_has_a_large_range_first_and_then_small_ones() {
        for (buckets, workers) in [(64, 4), (64, 1), (3, 2), (1, 7), (0, 3), (1024, 64)] {
            let ranges = all_ranges(buckets, workers, &Limits::default());
            let all: Vec<u32> = ranges.iter().cloned().flatten().collect();
            assert_eq!(all, (0..buckets).collect::<Vec<_>>(), "{buckets} buckets of {workers} workers");
        }
        assert_eq!(all_ranges(64, 2, &Limits::default()), [0..24, 24..48, 48..56, 56..64]);
    }

    #[test]
    fn a_failed_range_goes_to_the_others_and_at_last_here() {
        let now = Instant::now();
        let mut ranges = Ranges::new(4, 2, &limits());
        let (first, second) = (ranges.next(now).unwrap(), ranges.next(now).unwrap());
        assert_eq!((first.who, second.who), (Who::Worker(0), Who::Worker(1)));
        assert_eq!(ranges.next(now), None);
        assert!(!ranges.fault(first.attempt, now).is_left_out);
        // The one who failed rests; the other takes what failed first.
        assert_eq!(ranges.next(now), None);
        ranges.whole(second.attempt, part(1..2), now);
        let third = ranges.next(now).unwrap();
        assert_eq!((third.who, third.buckets), (Who::Worker(1), 0..1));
        ranges.fault(third.attempt, now);
        let here = ranges.next(now).unwrap();
        assert_eq!((here.who, here.buckets), (Who::Here, 0..1));
        assert!(ranges.take().is_empty(), "nothing is given away before the first");
        ranges.whole(here.attempt, part(0..1), now);
        assert_eq!(ranges.take(), [part(0..1), part(1..2)]);
        assert_eq!(ranges.again(), 2);
    }

    #[test]
    fn when_all_are_left_out_the_coordinator_does_the_rest() {
        let now = Instant::now();
        let mut ranges = Ranges::new(3, 1, &Limits { ranges_per_worker: 3, ..limits() });
        let first = ranges.next(now).unwrap();
        ranges.whole(first.attempt, part(0..1), now);
        ranges.leave_out(0);
        for bucket in 1..3 {
            let start = ranges.next(now).unwrap();
            assert_eq!((start.who, start.buckets), (Who::Here, bucket..bucket + 1));
            assert_eq!(ranges.next(now), None, "one at a time");
            ranges.whole(start.attempt, part(bucket..bucket + 1), now);
        }
        assert_eq!(ranges.take().len(), 3);
        assert!(ranges.is_finished());
    }

    #[test]
    fn a_slow_range_is_run_twice_and_counts_once() {
        let now = Instant::now();
        let mut ranges = Ranges::new(2, 2, &Limits { ranges_per_worker: 1, ..limits() });
        let (slow, quick) = (ranges.next(now).unwrap(), ranges.next(now).unwrap());
        ranges.whole(quick.attempt, part(1..2), now);
        assert_eq!(ranges.next(now), None);
        let later = now + Duration::from_secs(60);
        let again = ranges.next(later).unwrap();
        assert_eq!((again.who, again.buckets.clone()), (Who::Worker(1), 0..1));
        assert_eq!(ranges.next(later), None);
        assert_eq!(ranges.whole(again.attempt, part(0..1), later), [slow.attempt]);
        // Its answer comes after all, before it could be stopped.
        ranges.whole(slow.attempt, part(0..1), later);
        assert_eq!(ranges.take(), [part(0..1), part(1..2)]);
        assert!(ranges.is_finished());
    }

    #[test]
    fn no_more_is_begun_than_may_wait() {
        let now = Instant::now();
        let mut ranges = Ranges::new(100, 2, &Limits { ranges_per_worker: 50, ahead: 2, ..limits() });
        let first = ranges.next(now).unwrap();
        let mut begun = 1;
        while let Some(start) = ranges.next(now) {
            begun += 1;
            ranges.whole(start.attempt, part(start.buckets), now);
        }
        assert_eq!(begun, 4);
        ranges.whole(first.attempt, part(first.buckets), now);
        assert_eq!(ranges.take().len(), 4);
        assert!(ranges.next(now).is_some());
    }
}
