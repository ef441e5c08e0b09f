//! What only the whole row can tell: rules, missing fields, days that cannot be, order of dates, where the cost comes from.

use virta_model::{CostSource, Day};

use super::RowMaker;
use crate::parse::date::DAYS;
use crate::parse::number::trim;
use crate::parse::plausible::AFTER_EXTRACT;
use crate::profile::plan::{Plan, put};
use crate::profile::price;
use crate::read::cells::Cells;
use crate::rows::layout::{NO_CODE, NO_DAY, NO_INT, Slot, get_i64, get_u32, is_null, put_i64};

impl RowMaker<'_> {
    pub(super) fn apply_rules<C: Cells>(&mut self, cells: &C, prices: &mut Option<(usize, u32)>) {
        let matching = self.plan.rules.iter().find(|rule| {
            rule.when.iter().all(|(at, values)| values.iter().any(|value| value.as_slice() == trim(cells.cell(*at))))
        });
        let Some(rule) = matching else { return };
        for (slot, bytes) in &rule.set {
            put(&mut self.row, *slot, bytes);
            // What a rule sets need not be readable.
            self.wrong.retain(|(wrong, ..)| wrong.is_none_or(|wrong| wrong.at != slot.at));
            if slot.name == "service" {
                *prices = None;
            }
            self.costs_by_rule |= slot.name == "cost_cents";
        }
    }

    /// What only the whole row can tell: missing fields, days that cannot be, order of dates, where the cost comes from.
    pub(super) fn settle(&mut self, prices: Option<(usize, u32)>) -> Option<(&'static str, &'static str)> {
        if let Some(slot) = self.plan.required.iter().find(|slot| is_null(&self.row, **slot)) {
            return Some((slot.name, "missing"));
        }
        self.emptied.clear();
        if let Some(refusal) = self.plan.limits.check(&mut self.row, &mut self.emptied) {
            return Some(refusal);
        }
        if let Some((from, to)) = self.plan.order {
            let (start, end) = (get_u32(&self.row, from.at) as i32, get_u32(&self.row, to.at) as i32);
            if start != NO_DAY && end != NO_DAY && end < start {
                return Some((to.name, "end_before_start"));
            }
        }
        if self.is_stay_of_none(prices) {
            return Some(("is_stay", "no_stays"));
        }
        if self.cost.is_some() {
            if self.make_whole().is_none() {
                return Some(("cost_cents", "overflow"));
            }
            self.price(prices);
            self.count_planned_cost();
        } else if self.plan.layout.schema.name == "clients" {
            self.default_precision();
        }
        None
    }

    /// Whether this is a stay in a service of which its code list says that it has none.
    fn is_stay_of_none(&self, code: Option<(usize, u32)>) -> bool {
        let (Some([.., is_stay]), Some((number, place))) = (self.cost, code) else { return false };
        let list = self.plan.columns.get(number).and_then(|column| column.codes.as_ref());
        let is_without = list.and_then(|(list, _)| list.is_without_stays.get(place as usize)).copied();
        self.row[is_stay.at] == 1 && is_without == Some(true)
    }

    /// Makes the price of a day or month that the extract gives the cost of the whole stay, up to its end or the day of
    /// the extract, whichever is first. What is no stay has one day. `None` when that is more than fits.
    fn make_whole(&mut self) -> Option<()> {
        let (Some(per), Some([cost, _, start, end, is_stay])) = (self.plan.price_per, self.cost) else {
            return Some(());
        };
        let price = get_i64(&self.row, cost.at);
        if price == NO_INT || self.costs_by_rule {
            return Some(());
        }
        let (first, end) = (get_u32(&self.row, start.at) as i32, get_u32(&self.row, end.at) as i32);
        let known_until = self.plan.extracted_on.map_or(NO_DAY, |day| day.0);
        let last = match (self.row[is_stay.at] == 1, end, known_until) {
            (false, ..) => first,
            (true, NO_DAY, last) | (true, last, NO_DAY) => last,
            (true, end, extract) => end.min(extract),
        };
        // Nobody knows how long the stay has lasted, or it begins after the extract.
        let whole = if last < first { NO_INT } else { price::whole(price, per, Day(first), Day(last))? };
        put_i64(&mut self.row, cost.at, whole);
        Some(())
    }

    /// A cost of the extract stands. A row without one gets its code's unit cost of the day it started: a visit once, a
    /// stay for each of its days; an open stay stays unpriced.
    fn price(&mut self, prices: Option<(usize, u32)>) {
        let Some([cost, source, start, end, is_stay]) = self.cost else { return };
        if get_i64(&self.row, cost.at) != NO_INT {
            self.row[source.at] = CostSource::Extract as u8;
            return;
        }
        self.row[source.at] = CostSource::None as u8;
        let Some((number, place)) = prices else { return };
        let list = self.plan.columns.get(number).and_then(|column| column.codes.as_ref());
        let day = get_u32(&self.row, start.at) as i32;
        let price = list.and_then(|(list, _)| {
            list.prices.get(place as usize)?.iter().find(|price| price.from.0 <= day && day <= price.to.0)
        });
        let days = match (self.row[is_stay.at] == 1, get_u32(&self.row, end.at) as i32) {
            (false, _) => Some(1),
            (true, NO_DAY) => None,
            (true, last) => Some(i64::from(last) - i64::from(day) + 1),
        };
        if let Some(cents) = price.and_then(|price| price.cents.checked_mul(days?)) {
            put_i64(&mut self.row, cost.at, cents);
            self.row[source.at] = CostSource::UnitCost as u8;
            self.tally.by_unit_cost += 1;
        }
    }

    /// Counts a stay that has a cost and whose planned end is open now. Nobody can tell whether the cost is of the days
    /// so far or of the whole plan.
    fn count_planned_cost(&mut self) {
        let Some([cost, source, ..]) = self.cost else { return };
        let is_of_extract = self.row[source.at] == CostSource::Extract as u8 && get_i64(&self.row, cost.at) != 0;
        if self.plan.price_per.is_none() && is_of_extract && self.emptied.contains(&("end_date", AFTER_EXTRACT)) {
            self.tally.planned_costs += 1;
        }
    }

    fn default_precision(&mut self) {
        let layout = &self.plan.layout;
        if let (Some(birth), Some(precision)) = (layout.slot("birth_date"), layout.slot("birth_precision")) {
            if is_null(&self.row, birth) {
                self.row[precision.at] = NO_CODE;
            } else if is_null(&self.row, precision) {
                self.row[precision.at] = 0;
            }
        }
    }

    pub(super) fn count_good(&mut self) {
        self.tally.good += 1;
        for reason in self.emptied.drain(..) {
            *self.tally.emptied.entry(reason).or_default() += 1;
        }
        if let Some(slot) = self.service {
            let number = get_u32(&self.row, slot.at) as usize;
            if number >= self.tally.services.len() {
                self.tally.services.resize(number + 1, false);
            }
            self.tally.services[number] = true;
        }
        for (at, slot) in &self.filled {
            if is_null(&self.row, *slot) {
                self.tally.nulls[*at] += 1;
            }
        }
        if let Some((from, _)) = self.plan.order {
            let day = get_u32(&self.row, from.at) as i32;
            if let Some(count) = usize::try_from(i64::from(day) - i64::from(*DAYS.start()))
                .ok()
                .and_then(|at| self.tally.days.get_mut(at))
            {
                *count += 1;
            }
        }
    }
}

/// Only contacts have all of these.
pub(super) fn cost_slots(plan: &Plan) -> Option<[Slot; 5]> {
    let slot = |name| plan.layout.slot(name);
    Some([slot("cost_cents")?, slot("cost_source")?, slot("start_date")?, slot("end_date")?, slot("is_stay")?])
}
