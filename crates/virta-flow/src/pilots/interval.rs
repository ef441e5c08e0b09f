//! A difference in differences with its interval.
//!
//! # The estimate
//! A set is a client of the pilot and the comparison clients matched with it. For each client, `after` is what was used
//! in the followed days after the index date, `time` how long those are, and `before` what the same client would have
//! used in as much time at the rate of the days before. So a follow-up that was cut short compares with as short a
//! stretch of the time before, and weighs as much as it lasted. Comparison clients are averaged within their set. A
//! group's change is `(sum of after - sum of before) / sum of time`, the difference in differences is the pilot's change
//! less the comparison clients'. With every follow-up complete it is the plain mean over the sets of (after - before)
//! less the mean (after - before) of the set's comparison clients.
//!
//! # The interval
//! Costs and visits are skewed and a pilot is small: with 20 sets the percentile bootstrap covers too seldom. The
//! interval is the symmetric bootstrap-t interval (Hall: On symmetric bootstrap confidence intervals, Journal of the
//! Royal Statistical Society B 50, 1988): `estimate ± t s`, where `s` is the standard error of the estimate from its
//! linearisation over the sets, and `t` the 95th per cent point of `|estimate* - estimate| / s*` over resamples of the
//! sets. Sets are resampled whole, so that what a match shares stays together. The point is the `ceil(0.95 (draws + 1))`-th
//! smallest. A resample without any spread counts as infinitely far off; an interval that would have to reach there is
//! not given at all, nor is one of fewer than [`SETS_MIN`] sets.

use super::random::Draws;

/// Fewer sets than this have no interval: their resamples are too few to tell.
pub(super) const SETS_MIN: usize = 5;

/// One group's part of a set: a client of the pilot, or the average of the set's comparison clients.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Part {
    pub before: f64,
    pub after: f64,
    pub time: f64,
}

impl Part {
    fn add(&mut self, other: Part) {
        self.before += other.before;
        self.after += other.after;
        self.time += other.time;
    }
}

/// A client of the pilot beside its comparison clients.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Pair {
    pub pilot: Part,
    pub comparison: Part,
}

/// Means per unit of time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Means {
    pub before: f64,
    pub after: f64,
}

impl Means {
    fn of(sum: Part) -> Self {
        Means { before: sum.before / sum.time, after: sum.after / sum.time }
    }

    pub(super) fn change(self) -> f64 {
        self.after - self.before
    }
}

/// What the sets say of one measure.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Estimate {
    pub pilot: Means,
    pub comparison: Means,
    pub interval: Option<(f64, f64)>,
}

impl Estimate {
    pub(super) fn difference(&self) -> f64 {
        self.pilot.change() - self.comparison.change()
    }
}

/// The estimate of sets that all have some time in both groups; `None` without any set.
pub(super) fn estimate(pairs: &[Pair], draws: u32, random: Draws) -> Option<Estimate> {
    if pairs.is_empty() {
        return None;
    }
    let sums = pairs.iter().fold(Pair::default(), |mut sum, pair| {
        sum.pilot.add(pair.pilot);
        sum.comparison.add(pair.comparison);
        sum
    });
    let (pilot, comparison) = (Means::of(sums.pilot), Means::of(sums.comparison));
    Some(Estimate { pilot, comparison, interval: interval(pairs, draws, random) })
}

fn interval(pairs: &[Pair], draws: u32, mut random: Draws) -> Option<(f64, f64)> {
    if pairs.len() < SETS_MIN || draws == 0 {
        return None;
    }
    let sets: Vec<Gain> = pairs.iter().map(Gain::of).collect();
    let (estimate, error) = estimate_and_error(sets.iter());
    let mut chosen = vec![0; sets.len()];
    let mut distances: Vec<f64> = (0..draws)
        .map(|_| {
            chosen.fill_with(|| random.below(sets.len() as u32) as usize);
            let (drawn, spread) = estimate_and_error(chosen.iter().filter_map(|&at| sets.get(at)));
            // Rounding leaves a trace of spread where there is none.
            if spread > error * 1e-9 { (drawn - estimate).abs() / spread } else { f64::INFINITY }
        })
        .collect();
    distances.sort_unstable_by(f64::total_cmp);
    let place = (u64::from(draws) + 1) * 95;
    let point = distances.get(usize::try_from(place.div_ceil(100)).ok()?.checked_sub(1)?)?;
    let reach = point * error;
    (reach.is_finite() && error > 0.0).then_some((estimate - reach, estimate + reach))
}

/// A set's gains over the time before, and its time, of both groups.
#[derive(Debug, Clone, Copy)]
struct Gain {
    pilot: f64,
    pilot_time: f64,
    comparison: f64,
    comparison_time: f64,
}

impl Gain {
    fn of(pair: &Pair) -> Self {
        Gain {
            pilot: pair.pilot.after - pair.pilot.before,
            pilot_time: pair.pilot.time,
            comparison: pair.comparison.after - pair.comparison.before,
            comparison_time: pair.comparison.time,
        }
    }
}

/// The difference in differences of some sets, and its standard error: the root of the sum of the squared influences
/// of the sets over n (n - 1), an influence being how the sums of a set move both ratios.
fn estimate_and_error<'a>(sets: impl Iterator<Item = &'a Gain> + Clone) -> (f64, f64) {
    let mut n = 0.0;
    let mut sum = Gain { pilot: 0.0, pilot_time: 0.0, comparison: 0.0, comparison_time: 0.0 };
    for set in sets.clone() {
        n += 1.0;
        sum.pilot += set.pilot;
        sum.pilot_time += set.pilot_time;
        sum.comparison += set.comparison;
        sum.comparison_time += set.comparison_time;
    }
    let (pilot, comparison) = (sum.pilot / sum.pilot_time, sum.comparison / sum.comparison_time);
    let (pilot_scale, comparison_scale) = (n / sum.pilot_time, n / sum.comparison_time);
    let squares: f64 = sets
        .map(|set| {
            let influence = (set.pilot - pilot * set.pilot_time) * pilot_scale
                - (set.comparison - comparison * set.comparison_time) * comparison_scale;
            influence * influence
        })
        .sum();
    (pilot - comparison, (squares / (n * (n - 1.0))).sqrt())
}
