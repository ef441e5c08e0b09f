//! What a reader can work out: whole numbers between bounds, and sums that they fulfil.

use std::collections::VecDeque;

/// A number that somebody may want to know.
#[derive(Debug, Clone)]
pub(crate) struct Unknown {
    pub name: String,
    pub low: i64,
    pub high: i64,
    pub truth: i64,
    /// Whether it must not be pinned: 1 to k - 1 people, or an amount of so few.
    pub is_secret: bool,
}

/// No bound.
pub(crate) const OPEN: i64 = 1 << 40;

/// `low <= sum of times x unknown <= high`.
#[derive(Debug, Clone)]
struct Sum {
    terms: Vec<(usize, i64)>,
    low: i64,
    high: i64,
}

#[derive(Debug, Default)]
pub(crate) struct System {
    pub unknowns: Vec<Unknown>,
    sums: Vec<Sum>,
    /// The sums that each unknown is in.
    of: Vec<Vec<usize>>,
}

type Bounds = Vec<(i64, i64)>;

impl System {
    pub(crate) fn add(&mut self, unknown: Unknown) -> usize {
        assert!(unknown.low <= unknown.truth && unknown.truth <= unknown.high, "the reader is wrong: {unknown:?}");
        self.unknowns.push(unknown);
        self.of.push(Vec::new());
        self.unknowns.len() - 1
    }

    /// A sum that holds, which is held against the truth: an attack on what is not so proves nothing.
    pub(crate) fn relate(&mut self, terms: Vec<(usize, i64)>, low: i64, high: i64, why: &str) {
        let truth: i64 = terms.iter().map(|&(at, times)| times * self.unknowns[at].truth).sum();
        let names = || terms.iter().map(|&(at, _)| self.unknowns[at].name.as_str()).collect::<Vec<_>>();
        assert!(low <= truth && truth <= high, "{why} does not hold: {truth} in {low}..={high} of {:?}", names());
        let number = self.sums.len();
        terms.iter().for_each(|&(at, _)| self.of[at].push(number));
        self.sums.push(Sum { terms, low, high });
    }

    /// `total` is the sum of `parts`.
    pub(crate) fn equal(&mut self, total: usize, parts: &[usize], why: &str) {
        let terms = std::iter::once((total, -1)).chain(parts.iter().map(|&part| (part, 1)));
        self.relate(terms.collect(), 0, 0, why);
    }

    /// The parts are inside the total; what is left over is a number of its own.
    pub(crate) fn inside(&mut self, total: usize, parts: &[usize], is_people: bool, k: i64, why: &str) {
        let truth = self.unknowns[total].truth - parts.iter().map(|&part| self.unknowns[part].truth).sum::<i64>();
        let names: Vec<&str> = parts.iter().take(3).map(|&part| self.unknowns[part].name.as_str()).collect();
        let name = format!("{} less {}", self.unknowns[total].name, names.join(", "));
        let is_secret = is_people && (1..k).contains(&truth);
        let rest = self.add(Unknown { name, low: 0, high: OPEN, truth, is_secret });
        let parts: Vec<usize> = parts.iter().copied().chain([rest]).collect();
        self.equal(total, &parts, why);
    }

    /// Takes in another system; gives by how much the numbers of its unknowns grow.
    pub(crate) fn absorb(&mut self, other: System) -> usize {
        let (unknowns, sums) = (self.unknowns.len(), self.sums.len());
        self.unknowns.extend(other.unknowns);
        let shifted =
            |sum: Sum| Sum { terms: sum.terms.iter().map(|&(at, times)| (at + unknowns, times)).collect(), ..sum };
        self.sums.extend(other.sums.into_iter().map(shifted));
        self.of.extend(other.of.into_iter().map(|of| of.into_iter().map(|sum| sum + sums).collect()));
        unknowns
    }

    /// Narrows bounds until nothing moves, beginning at some sums; `false` when they contradict each other.
    fn narrow(&self, bounds: &mut Bounds, first: impl IntoIterator<Item = usize>) -> bool {
        let mut waiting: VecDeque<usize> = first.into_iter().collect();
        let mut is_waiting = vec![false; self.sums.len()];
        waiting.iter().for_each(|&sum| is_waiting[sum] = true);
        let mut steps = 0_u64;
        while let Some(number) = waiting.pop_front() {
            is_waiting[number] = false;
            steps += 1;
            // Bounds that creep by ones over wide intervals end here; what was found so far holds.
            if steps > 2_000_000 {
                return true;
            }
            let sum = &self.sums[number];
            let (mut least, mut most) = (0_i64, 0_i64);
            for term in &sum.terms {
                let (low, high) = ends(bounds, *term);
                least += low;
                most += high;
            }
            if least > sum.high || most < sum.low {
                return false;
            }
            for term in &sum.terms {
                let (at, times) = *term;
                let (low, high) = ends(bounds, *term);
                // What the others leave for this term.
                let (from, to) = (sum.low - (most - high), sum.high - (least - low));
                let (mut new_low, mut new_high) = bounds[at];
                if times > 0 {
                    new_low = new_low.max(divide_up(from, times));
                    new_high = new_high.min(to.div_euclid(times));
                } else {
                    new_low = new_low.max(divide_up(-to, -times));
                    new_high = new_high.min((-from).div_euclid(-times));
                }
                if new_low > new_high {
                    return false;
                }
                if (new_low, new_high) != bounds[at] {
                    let (old_least, old_most) = (low, high);
                    bounds[at] = (new_low, new_high);
                    let (low, high) = if times > 0 {
                        (times * new_low, times * new_high)
                    } else {
                        (times * new_high, times * new_low)
                    };
                    least += low - old_least;
                    most += high - old_most;
                    for &other in &self.of[at] {
                        if other != number && !std::mem::replace(&mut is_waiting[other], true) {
                            waiting.push_back(other);
                        }
                    }
                }
            }
        }
        true
    }

    /// The secrets that can have one value only: bounds are narrowed by every sum, and each other value within them is
    /// tried until one contradicts nothing.
    pub(crate) fn pinned(&self) -> Vec<&Unknown> {
        let mut bounds: Bounds = self.unknowns.iter().map(|unknown| (unknown.low, unknown.high)).collect();
        assert!(self.narrow(&mut bounds, 0..self.sums.len()), "the truth contradicts itself");
        let secrets = self.unknowns.iter().enumerate().filter(|(_, unknown)| unknown.is_secret);
        let is_pinned = |(at, unknown): &(usize, &Unknown)| {
            let (low, high) = bounds[*at];
            assert!(low <= unknown.truth && unknown.truth <= high, "narrowed too far: {unknown:?}");
            let near = |value: i64| (value - unknown.truth).abs();
            let mut others: Vec<i64> = (low.max(unknown.truth - 12)..=high.min(unknown.truth + 12)).collect();
            others.sort_by_key(|&value| near(value));
            !others.into_iter().filter(|&value| value != unknown.truth).any(|value| {
                let mut bounds = bounds.clone();
                bounds[*at] = (value, value);
                self.narrow(&mut bounds, self.of[*at].iter().copied())
            })
        };
        secrets.filter(is_pinned).map(|(_, unknown)| unknown).collect()
    }
}

/// The least and the most of a term.
fn ends(bounds: &Bounds, (at, times): (usize, i64)) -> (i64, i64) {
    let (low, high) = bounds[at];
    if times > 0 { (times * low, times * high) } else { (times * high, times * low) }
}

fn divide_up(number: i64, by: i64) -> i64 {
    -(-number).div_euclid(by)
}

#[test]
fn a_number_that_all_others_leave_no_choice_is_pinned_and_one_with_a_choice_is_not() {
    let unknown = |low, high, truth| Unknown { name: String::new(), low, high, truth, is_secret: truth < 5 };
    let mut system = System::default();
    // 12 = 9 + 3, all but the last shown exactly.
    let [total, part, small] = [(12, 12, 12), (9, 9, 9), (0, 4, 3)].map(|(a, b, c)| system.add(unknown(a, b, c)));
    system.equal(total, &[part, small], "");
    assert_eq!(system.pinned().len(), 1);
    // The same with the total between 6 and 14.
    let mut system = System::default();
    let [total, part, small] = [(6, 14, 12), (9, 9, 9), (0, 4, 3)].map(|(a, b, c)| system.add(unknown(a, b, c)));
    system.equal(total, &[part, small], "");
    assert_eq!(system.pinned().len(), 0);
}
