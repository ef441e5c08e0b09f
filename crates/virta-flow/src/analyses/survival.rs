//! How long it takes until something happens, when for some it has not happened yet.

use serde::{Deserialize, Serialize};

use crate::hash::FastMap;
use crate::pass::sums::AddUp;

/// A wait: how long, and whether it ended or is only known to have lasted so long.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Wait {
    pub time: i64,
    pub is_over: bool,
}

/// The Kaplan-Meier estimate of the share still waiting (Kaplan and Meier 1958), as steps: each time at which a wait
/// ended with the share that waits longer. A wait that is not over by its time counts as waiting at that time.
pub(crate) fn still_waiting(waits: &mut [Wait]) -> Vec<(i64, f64)> {
    waits.sort_unstable();
    let counted = waits.chunk_by(|a, b| a.time == b.time).map(|same| {
        let over = same.iter().filter(|wait| wait.is_over).count() as u64;
        Counted { time: same[0].time, over, open: same.len() as u64 - over }
    });
    steps(waits.len() as u64, counted)
}

/// Waits of the same time.
#[derive(Debug, Clone, Copy)]
struct Counted {
    time: i64,
    over: u64,
    open: u64,
}

/// `counted` has each time once, ascending.
fn steps(all: u64, counted: impl Iterator<Item = Counted>) -> Vec<(i64, f64)> {
    let mut steps = Vec::new();
    // Between two waits that are not over the product of (n - d) / n is one fraction: so that without any such wait the
    // shares are exact.
    let (mut share, mut since, mut waiting) = (1.0, all, all);
    for Counted { time, over, open } in counted {
        waiting -= over;
        if over > 0 {
            steps.push((time, share * waiting as f64 / since as f64));
        }
        if open > 0 {
            share *= waiting as f64 / since as f64;
            waiting -= open;
            since = waiting;
        }
    }
    steps
}

/// Waits counted by how long they are, for as many as there are contacts. The order of adding does not matter.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Waits {
    /// By time: those that are over, and those that are not.
    short: Vec<[u64; 2]>,
    long: FastMap<i64, [u64; 2]>,
}

/// Times up to here are places in a list.
const SHORT: usize = 512;

impl Waits {
    #[inline]
    pub(super) fn add(&mut self, time: i64, is_over: bool) {
        self.add_many(time, is_over, 1);
    }

    /// Adds as many waits of the same time.
    #[inline]
    pub(super) fn add_many(&mut self, time: i64, is_over: bool, count: u64) {
        self.at(time)[usize::from(!is_over)] += count;
    }

    /// Whether each time is where it belongs.
    pub(crate) fn fits(&self) -> bool {
        self.short.len() <= SHORT && self.long.keys().all(|&time| time >= SHORT as i64)
    }

    /// As [`still_waiting`].
    pub(super) fn still_waiting(&self) -> Vec<(i64, f64)> {
        let mut counted: Vec<(i64, [u64; 2])> = self.counted().collect();
        counted.sort_unstable_by_key(|(time, _)| *time);
        let all = counted.iter().map(|(_, [over, open])| over + open).sum();
        steps(all, counted.into_iter().map(|(time, [over, open])| Counted { time, over, open }))
    }

    #[inline]
    fn at(&mut self, time: i64) -> &mut [u64; 2] {
        match usize::try_from(time) {
            Ok(place) if place < SHORT => {
                if place >= self.short.len() {
                    self.short.resize(place + 1, [0; 2]);
                }
                &mut self.short[place]
            }
            _ => self.long.entry(time).or_default(),
        }
    }

    /// Each time once, in no order; times are never below 0.
    fn counted(&self) -> impl Iterator<Item = (i64, [u64; 2])> + '_ {
        let short = (0..).zip(self.short.iter().copied()).filter(|(_, counts)| *counts != [0; 2]);
        short.chain(self.long.iter().map(|(&time, &counts)| (time, counts)))
    }
}

impl AddUp for Waits {
    fn add(&mut self, other: &Self) {
        for (time, counts) in other.counted() {
            self.at(time).add(&counts);
        }
    }
}

/// Shares that are told apart.
const EQUAL: f64 = 1e-12;

/// The time by which half have ended waiting; where exactly half have from one end to the next, the mean of the two
/// times, as the median of an even number is. `None` when more than half still wait at the end.
pub(crate) fn median(steps: &[(i64, f64)]) -> Option<f64> {
    let at = steps.iter().position(|(_, share)| *share <= 0.5 + EQUAL)?;
    let (time, share) = steps[at];
    let next = steps.get(at + 1).filter(|_| share >= 0.5 - EQUAL);
    Some(next.map_or(time as f64, |(next, _)| (time + next) as f64 / 2.0))
}

/// The smallest time by which at least nine in ten have ended waiting, if ever.
pub(crate) fn p90(steps: &[(i64, f64)]) -> Option<i64> {
    steps.iter().find(|(_, share)| *share <= 0.1 + EQUAL).map(|(time, _)| *time)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn steps(text: &str) -> Vec<(i64, f64)> {
        let wait =
            |word: &str| Wait { time: word.trim_end_matches('+').parse().unwrap(), is_over: !word.ends_with('+') };
        still_waiting(&mut text.split_whitespace().map(wait).collect::<Vec<_>>())
    }

    #[test]
    fn the_maintenance_arm_of_the_leukaemia_trial_has_its_published_curve() {
        // Miller, Survival Analysis (1981): weeks to relapse, + is censored.
        let steps = steps("9 13 13+ 18 23 28+ 31 34 45+ 48 161+");
        let published = [(9, 0.909), (13, 0.818), (18, 0.716), (23, 0.614), (31, 0.491), (34, 0.368), (48, 0.184)];
        assert_eq!(steps.len(), published.len());
        for ((time, share), (expected_time, expected)) in steps.iter().zip(published) {
            assert_eq!(*time, expected_time);
            assert!((share - expected).abs() < 0.0005, "{time}: {share}");
        }
        assert_eq!(median(&steps), Some(31.0));
        assert_eq!(p90(&steps), None);
    }

    #[test]
    fn without_open_waits_these_are_the_plain_median_and_percentile() {
        assert_eq!(median(&steps("1 2 3 10")), Some(2.5));
        assert_eq!(median(&steps("1 2 2 3 10")), Some(2.0));
        assert_eq!(median(&steps("4 4 4")), Some(4.0));
        assert_eq!(p90(&steps("1 2 3 4 5 6 7 8 9 10")), Some(9));
        assert_eq!(p90(&steps("1 2 3 4 5 6 7 8 9 10 11")), Some(10));
    }

    #[test]
    fn a_median_that_is_not_reached_is_not_there() {
        assert_eq!(median(&steps("1 5+ 5+")), None);
        assert_eq!(median(&steps("1+ 2+")), None);
        assert_eq!(median(&[]), None);
        // Exactly half, and nobody after.
        assert_eq!(median(&steps("1 5+")), Some(1.0));
    }

    #[test]
    fn counted_waits_have_the_same_curve_as_listed_ones() {
        let text = "2 2 3+ 511 511+ 512 513+ 2000 2000";
        let mut halves = [Waits::default(), Waits::default()];
        for (at, word) in text.split_whitespace().enumerate() {
            halves[at % 2].add(word.trim_end_matches('+').parse().unwrap(), !word.ends_with('+'));
        }
        let [mut all, other] = halves;
        AddUp::add(&mut all, &other);
        assert_eq!(all.still_waiting(), steps(text));
    }

    #[test]
    fn an_open_wait_is_not_a_short_one() {
        // Dropping the open ones would say 2; of four, two had ended by 3.
        assert_eq!(median(&steps("2 3 9+ 9+")), Some(3.0));
    }
}
