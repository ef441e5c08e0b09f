//! `flows`: from which service to which.
//!
//! Unit: pairs of consecutive contacts of a client in the period, in rule 8's order, of different services, whose gap
//! is at most `flow.max_gap_days`. The gap is the start of the later less the last day of the earlier: of a visit its
//! day, of an open stay the end of observation. Where they overlap it is negative, and always small enough.
//! `clients` are distinct; the median is exact, of an even number the mean of the middle two.
//!
//! `order_unknown` are the transitions whose own two contacts have the same day, the same time or none and the same
//! sequence or none: rule 8 puts the service with the lower code first, the truth may be the other way round. With
//! `flow.unknown_order = "skip"` these are no transitions at all, so that none is counted and none is unknown. A
//! transition from or to one of two such contacts and a third is none of them: its own two contacts have an order.

use serde::{Deserialize, Serialize};
use virta_model::schema::FLOWS;
use virta_model::settings::UnknownOrder;
use virta_model::{Table, Value};

use super::unknown_order::{self, Unordered};
use super::{Analysis, End, row};
use crate::hash::FastMap;
use crate::input::columns::Columns;
use crate::pass::client_period::ClientPeriod;
use crate::pass::costs::Behind;
use crate::pass::groups::Remap;
use crate::pass::sums::{BySlot, Merge};
use crate::rules::plan::Plan;
use crate::shares::frame::Frame;

pub(super) struct Flows {
    max_gap: i64,
    skips_unknown_order: bool,
    /// Gaps of 0 up to this are counted in place, others in a map.
    dense_gaps: usize,
    services: usize,
    /// By slot.
    pairs: BySlot<Pairs>,
    unknown: BySlot<Unordered>,
    /// The number of the visit, so that a client is counted once for a pair.
    visit: u32,
}

#[derive(Debug, Default)]
struct Pairs {
    /// The place of each pair of services, or 0; places begin at 1.
    places: Vec<u32>,
    /// The same for catalogues whose pairs are too many to list.
    sparse: FastMap<u32, u32>,
    sums: Vec<Sum>,
    /// By place, then by gap.
    gaps: Vec<u32>,
    /// What is not yet in `gaps`, in a quarter of the room: while the clients pass all of it stays near the processor.
    /// Each that comes round has put 256 into `gaps`.
    new_gaps: Vec<u8>,
    /// By place and gap, for gaps that are negative or very long.
    other_gaps: FastMap<(u32, i32), u64>,
}

#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub(super) struct Sum {
    clients: u32,
    #[serde(skip)]
    last_visit: u32,
    order_unknown: u32,
    from: u16,
    to: u16,
    transitions: Largest,
}

/// What the client of the last visit has, and the two largest numbers of those before.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub(super) struct Largest {
    #[serde(skip)]
    of_last: u32,
    largest: u32,
    second: u32,
    /// Clients before who have any.
    clients: u32,
}

/// The transitions from one service to another, as they travel.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Transitions {
    sum: Sum,
    /// Each gap once, with its number of transitions.
    gaps: Vec<(i32, u64)>,
}

/// Up to this many services every pair has a place of its own in a list.
const MOST_LISTED: usize = 128;
/// Gaps up to this are counted in a list.
const MOST_DENSE_GAP: u32 = 400;

impl Analysis for Flows {
    type Sums = (BySlot<Vec<Transitions>>, BySlot<Unordered>);

    fn new(plan: &Plan<'_>) -> Option<Self> {
        let flow = plan.study.flow?;
        Some(Flows {
            max_gap: flow.max_gap_days.into(),
            skips_unknown_order: flow.unknown_order == UnknownOrder::Skip,
            dense_gaps: flow.max_gap_days.min(MOST_DENSE_GAP) as usize + 1,
            services: plan.catalogue.services.len(),
            pairs: BySlot::default(),
            unknown: BySlot::default(),
            visit: 0,
        })
    }

    fn columns() -> Columns {
        Columns { start_time: true, sequence: true, ..Columns::NONE }
    }

    fn user(&mut self, seen: &ClientPeriod<'_>) {
        // Numbers may come round after four thousand million visits; 0 is nobody's.
        self.visit = self.visit.wrapping_add(1).max(1);
        let services = self.services;
        let pairs = self.pairs.at(seen.slot);
        if services <= MOST_LISTED && pairs.places.is_empty() {
            pairs.places.resize(services * services, 0);
        }
        let rows = seen.rows;
        let (mut is_any, mut is_any_unknown) = (false, false);
        let steps = rows.service.windows(2).zip(rows.start.iter().skip(1)).zip(rows.end);
        for (row, ((pair, &start), &end)) in steps.enumerate() {
            let (from, to) = (pair[0], pair[1]);
            if from == to {
                continue;
            }
            let gap = i64::from(start) - i64::from(end);
            if gap > self.max_gap {
                continue;
            }
            // Contacts of the same day have no days between them.
            let is_unknown = gap <= 0 && rows.is_tied_with_next(row);
            if is_unknown && self.skips_unknown_order {
                continue;
            }
            let place = pairs.place(from, to, services, self.dense_gaps);
            let sum = &mut pairs.sums[place];
            if sum.last_visit != self.visit {
                sum.clients += 1;
                sum.last_visit = self.visit;
                sum.end_client();
            }
            sum.transitions.of_last += 1;
            is_any = true;
            is_any_unknown |= is_unknown;
            sum.order_unknown += u32::from(is_unknown);
            if gap >= 0 && (gap as usize) < self.dense_gaps {
                pairs.add_gap(place * self.dense_gaps + gap as usize);
            } else {
                *pairs.other_gaps.entry((place as u32, gap as i32)).or_default() += 1;
            }
        }
        if is_any {
            self.unknown.at(seen.slot).client(is_any_unknown);
        }
    }

    fn merge(&mut self, mut other: Self, remap: &Remap) {
        self.unknown.merge(other.unknown, remap);
        self.pairs.0.iter_mut().chain(&mut other.pairs.0).for_each(Pairs::settle);
        for (slot, there) in other.pairs.0.into_iter().enumerate().filter(|(_, pairs)| !pairs.sums.is_empty()) {
            let here = self.pairs.at(remap.slot(slot));
            if here.sums.is_empty() {
                *here = there;
                continue;
            }
            here.merge(&there, self.services, self.dense_gaps);
        }
    }

    fn take_sums(&mut self) -> Self::Sums {
        let pairs = self.pairs.0.iter_mut().map(|pairs| pairs.take(self.dense_gaps)).collect();
        (BySlot(pairs), std::mem::take(&mut self.unknown))
    }

    fn put_sums(&mut self, sums: Self::Sums, frame: &Frame<'_>) -> bool {
        let (pairs, unknown) = sums;
        self.unknown = unknown;
        let fits = frame.has_slots(&pairs) && frame.has_slots(&self.unknown);
        let pairs = pairs.0.into_iter().map(|all| Pairs::of(all, self.services, self.dense_gaps)).collect();
        Option::map(pairs, |pairs| self.pairs = BySlot(pairs)).is_some() && fits
    }

    fn finish(mut self, end: &End<'_>) -> Vec<Table> {
        self.pairs.0.iter_mut().for_each(Pairs::settle);
        let mut table = Table::new(&FLOWS);
        for slots in end.slots() {
            let mut whole = Pairs::default();
            if self.services <= MOST_LISTED {
                whole.places.resize(self.services * self.services, 0);
            }
            slots.of(&self.pairs).for_each(|pairs| whole.merge(pairs, self.services, self.dense_gaps));
            let other_gaps = whole.other_gaps_by_place();
            let mut places: Vec<usize> = (0..whole.sums.len()).collect();
            places.sort_unstable_by_key(|&place| (whole.sums[place].from, whole.sums[place].to));
            for place in places {
                let sum = whole.sums[place];
                let dense = &whole.gaps[place * self.dense_gaps..(place + 1) * self.dense_gaps];
                let transitions = dense.iter().map(|&count| u64::from(count)).sum::<u64>()
                    + other_gaps[place].iter().map(|(_, count)| count).sum::<u64>();
                let row = row![
                    slots.cohort,
                    slots.label,
                    end.plan.service_code(sum.from),
                    end.plan.service_code(sum.to),
                    (Value::Int(transitions as i64), sum.transitions.behind(transitions as i64)),
                    sum.order_unknown,
                    sum.clients,
                    median(dense, &other_gaps[place], transitions),
                ];
                end.push(&mut table, sum.clients.into(), &row);
            }
        }
        vec![table, unknown_order::rows(end, &FLOWS, |slots| slots.sum(&self.unknown))]
    }
}

impl Pairs {
    /// The place of a pair, which is made when it is met for the first time.
    #[inline]
    fn place(&mut self, from: u16, to: u16, services: usize, dense_gaps: usize) -> usize {
        let known = if self.places.is_empty() {
            self.sparse.get(&sparse_key(from, to)).copied().unwrap_or(0)
        } else {
            self.places[usize::from(from) * services + usize::from(to)]
        };
        if known > 0 { known as usize - 1 } else { self.new_place(from, to, services, dense_gaps) }
    }

    #[cold]
    fn new_place(&mut self, from: u16, to: u16, services: usize, dense_gaps: usize) -> usize {
        self.sums.push(Sum { from, to, ..Sum::default() });
        self.gaps.resize(self.sums.len() * dense_gaps, 0);
        self.new_gaps.resize(self.sums.len() * dense_gaps, 0);
        let known = self.sums.len() as u32;
        if self.places.is_empty() {
            self.sparse.insert(sparse_key(from, to), known);
        } else {
            self.places[usize::from(from) * services + usize::from(to)] = known;
        }
        known as usize - 1
    }

    #[inline]
    fn add_gap(&mut self, at: usize) {
        let new = &mut self.new_gaps[at];
        *new = new.wrapping_add(1);
        if *new == 0 {
            self.gaps[at] += 256;
        }
    }

    /// Moves what is new to the rest.
    fn settle(&mut self) {
        self.sums.iter_mut().for_each(Sum::end_client);
        for (gap, new) in self.gaps.iter_mut().zip(&mut self.new_gaps) {
            *gap += u32::from(std::mem::take(new));
        }
    }

    /// Takes in another's counts, which are settled.
    fn merge(&mut self, other: &Pairs, services: usize, dense_gaps: usize) {
        if self.places.is_empty() && !other.places.is_empty() {
            self.places.resize(services * services, 0);
        }
        let mut places = Vec::with_capacity(other.sums.len());
        for (at, there) in other.sums.iter().enumerate() {
            let place = self.place(there.from, there.to, services, dense_gaps);
            places.push(place as u32);
            // Clients of different workers or groups are different clients.
            self.sums[place].add(there);
            let gaps = &other.gaps[at * dense_gaps..(at + 1) * dense_gaps];
            self.gaps[place * dense_gaps..].iter_mut().zip(gaps).for_each(|(here, there)| *here += there);
        }
        for (&(place, gap), count) in &other.other_gaps {
            if let Some(&place) = places.get(place as usize) {
                *self.other_gaps.entry((place, gap)).or_default() += count;
            }
        }
    }

    /// Every pair with its gaps.
    fn take(&mut self, dense_gaps: usize) -> Vec<Transitions> {
        self.settle();
        let other_gaps = self.other_gaps_by_place();
        let all = std::mem::take(self);
        let of_place = |(place, (sum, other)): (usize, (Sum, Vec<(i32, u64)>))| {
            let dense = all.gaps.iter().skip(place * dense_gaps).take(dense_gaps).zip(0..);
            let dense = dense.filter(|(count, _)| **count > 0).map(|(&count, gap)| (gap, u64::from(count)));
            Transitions { sum, gaps: dense.chain(other).collect() }
        };
        all.sums.into_iter().zip(other_gaps).enumerate().map(of_place).collect()
    }

    /// The pairs of another machine; `None` where one of them is none of the catalogue's, or stands there twice.
    fn of(all: Vec<Transitions>, services: usize, dense_gaps: usize) -> Option<Self> {
        let mut pairs = Pairs::default();
        for (number, Transitions { sum, gaps }) in all.into_iter().enumerate() {
            let is_pair = [sum.from, sum.to].into_iter().all(|service| usize::from(service) < services);
            // Without a list of places they are looked up, which is as good for what is only merged.
            let place = pairs.place(sum.from, sum.to, services, dense_gaps);
            if !is_pair || place != number {
                return None;
            }
            pairs.sums[place] = sum;
            for (gap, count) in gaps {
                match usize::try_from(gap).ok().filter(|&gap| gap < dense_gaps) {
                    Some(gap) => pairs.gaps[place * dense_gaps + gap] = u32::try_from(count).ok()?,
                    None => {
                        pairs.other_gaps.insert((place as u32, gap), count);
                    }
                }
            }
        }
        Some(pairs)
    }

    /// The gaps that are not counted in place, ascending, by place.
    fn other_gaps_by_place(&self) -> Vec<Vec<(i32, u64)>> {
        let mut gaps = vec![Vec::new(); self.sums.len()];
        for (&(place, gap), &count) in &self.other_gaps {
            gaps[place as usize].push((gap, count));
        }
        gaps.iter_mut().for_each(|gaps| gaps.sort_unstable());
        gaps
    }
}

impl Sum {
    /// The client at hand has no more transitions.
    #[inline]
    fn end_client(&mut self) {
        self.transitions.end_client();
    }

    /// Takes in other clients, the last of whom has ended.
    fn add(&mut self, other: &Sum) {
        self.clients += other.clients;
        self.order_unknown += other.order_unknown;
        self.transitions.add(other.transitions);
    }
}

impl Largest {
    /// Takes in the number of the client at hand, who then has none.
    #[inline]
    fn end_client(&mut self) {
        let count = std::mem::take(&mut self.of_last);
        self.clients += u32::from(count > 0);
        if count > self.largest {
            self.second = self.largest;
            self.largest = count;
        } else {
            self.second = self.second.max(count);
        }
    }

    fn add(&mut self, other: Largest) {
        self.clients += other.clients;
        self.second = self.second.max(other.second).max(self.largest.min(other.largest));
        self.largest = self.largest.max(other.largest);
    }

    fn behind(self, total: i64) -> Behind {
        Behind { clients: self.clients.into(), total, largest: self.largest.into(), second: self.second.into() }
    }
}

fn sparse_key(from: u16, to: u16) -> u32 {
    u32::from(from) << 16 | u32::from(to)
}

/// `dense` counts the gaps 0, 1, 2 and so on; `other` has those before and after, ascending.
fn median(dense: &[u32], other: &[(i32, u64)], transitions: u64) -> f64 {
    let below = other.iter().copied().filter(|(gap, _)| *gap < 0);
    let inside = dense.iter().enumerate().map(|(gap, &count)| (gap as i32, u64::from(count)));
    let above = other.iter().copied().filter(|(gap, _)| *gap >= 0);
    let (low, high) = (transitions.saturating_sub(1) / 2, transitions / 2);
    let (mut passed, mut at_low) = (0, None);
    for (gap, count) in below.chain(inside).chain(above).filter(|(_, count)| *count > 0) {
        passed += count;
        if at_low.is_none() && passed > low {
            at_low = Some(gap);
        }
        if let Some(low) = at_low.filter(|_| passed > high) {
            return f64::from(low) / 2.0 + f64::from(gap) / 2.0;
        }
    }
    0.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_of_an_even_number_is_the_mean_of_the_middle_two() {
        assert_eq!(median(&[1, 0, 1], &[], 2), 1.0);
        assert_eq!(median(&[1, 0, 0, 1], &[], 2), 1.5);
        assert_eq!(median(&[1, 1, 1], &[], 3), 1.0);
        assert_eq!(median(&[0, 1], &[(-3, 1)], 2), -1.0);
        assert_eq!(median(&[0, 1], &[(-3, 1), (500, 1)], 3), 1.0);
    }
}
