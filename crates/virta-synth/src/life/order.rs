//! What is planted about time and order: an emergency visit that leads to social work, two services met at one desk, a
//! risk test, eras that overlap. Each has services of its own, so that nothing else hides what was planted.

use virta_model::Day;

use super::{Life, office_day};
use crate::contact::Contact;
use crate::person::{MUNICIPALITIES, Segment};
use crate::random::{Purpose, Rng, mix};
use crate::region::{RegionOptions, day};
use crate::service::*;

/// Of the clients whose first emergency visit is known for [`EMERGENCY_DAYS`] more, so many in a thousand meet social
/// emergency work within these days.
pub(crate) const EMERGENCY_PER_MILLE: u32 = 250;
pub(crate) const EMERGENCY_DAYS: i32 = 30;

/// Of the risk-tested who are known for [`PLAN_DAYS`] more, so many in a thousand get a plan within these days.
pub(crate) const PLAN_PER_MILLE: u32 = 400;
pub(crate) const PLAN_DAYS: i32 = 60;

/// Where tests are made at one desk, together with a visit to a nurse.
pub(crate) const ONE_DESK_TOWN: usize = 1;
/// The variant and provider by which a record of primary care names the town's own health station.
const AT_THE_DESK: (u8, u8) = (3 << 3, 3);

/// Days of the two eras that overlap: the later one begins [`OVERLAP_DAYS`] before the earlier one ends.
const EARLIER_DAYS: i32 = 90;
const LATER_DAYS: i32 = 100;
const OVERLAP_DAYS: i32 = 45;

impl Life<'_> {
    pub(super) fn plant_order(&mut self) {
        let mut rng = Rng::new(self.options.seed, Purpose::Order, self.person.index);
        self.social_work_after_emergency(&mut rng);
        self.risk_test(&mut rng);
        self.eras_that_overlap(&mut rng);
    }

    fn social_work_after_emergency(&mut self, rng: &mut Rng) {
        let (leads, days) = (rng.per_mille(EMERGENCY_PER_MILLE), 1 + rng.below(EMERGENCY_DAYS as u32) as i32);
        let first = first_emergency(&self.found);
        let known = first.filter(|first| first.0 + EMERGENCY_DAYS <= self.person.last_known(self.options).0);
        if let Some(first) = known.filter(|_| leads) {
            self.push_visit(rng, SOCIAL_EMERGENCY, Day(first.0 + days), None);
        }
    }

    /// Adults with few needs are tested once; in one town many more, and at one desk with a nurse.
    fn risk_test(&mut self, rng: &mut Rng) {
        let person = self.person;
        let age = self.options.first_year - person.birth.year();
        let has_few_needs = matches!(person.segment, Segment::Light | Segment::Chronic);
        let first = self.options.first_day().max(person.observed_from);
        let last = person.last_known(self.options);
        if !has_few_needs || !person.is_listed || !(18..65).contains(&age) || first > last {
            return;
        }
        let start = office_day(rng, first, last);
        let is_at_desk = person.municipality_on(start) == MUNICIPALITIES[ONE_DESK_TOWN].0;
        if !rng.per_mille(if is_at_desk { 500 } else { 60 }) {
            return;
        }
        let minute = (9 * 60 + 15 * rng.below(20)) as u16;
        self.push_visit(rng, RISK_TEST, start, Some(minute));
        if is_at_desk {
            let test = self.found.pop();
            self.push_visit(rng, NURSE, start, Some(minute + 30));
            let nurse = self.found.pop();
            let (variant, provider) = AT_THE_DESK;
            self.found.extend(test.into_iter().chain(nurse).map(|visit| Contact { variant, provider, ..visit }));
        }
    }

    /// Supported housing begins while rehabilitative work goes on, and outlasts it, all in one year.
    fn eras_that_overlap(&mut self, rng: &mut Rng) {
        let years = self.options.last_year - self.options.first_year + 1;
        let year = self.options.first_year + rng.below(years.unsigned_abs()) as i32;
        let start = Day(day(year, 1, 1).0 + rng.below(200) as i32);
        let is_planted = matches!(self.person.segment, Segment::Psychiatric | Segment::Substance | Segment::Complex)
            && rng.per_mille(300);
        let later = Day(start.0 + EARLIER_DAYS - OVERLAP_DAYS);
        let end = Day(later.0 + LATER_DAYS - 1);
        if is_planted && self.person.observed_from <= start && end <= self.person.last_known(self.options) {
            self.stay(rng, REHABILITATIVE_WORK, start, Day(start.0 + EARLIER_DAYS - 1));
            self.stay(rng, SUPPORTED_HOUSING, later, end);
        }
    }
}

/// The first emergency visit of all.
pub(crate) fn first_emergency(contacts: &[Contact]) -> Option<Day> {
    contacts.iter().filter(|contact| contact.service().is_emergency).map(|contact| contact.start).min()
}

/// When somebody was risk-tested.
pub(crate) fn risk_tested(contacts: &[Contact]) -> Option<Day> {
    contacts.iter().find(|contact| contact.service == RISK_TEST).map(|contact| contact.start)
}

/// The first day of the plan to which a risk test led.
pub(crate) fn plan_after_test(options: &RegionOptions, index: u64, last: Day, contacts: &[Contact]) -> Option<Day> {
    let draw = mix(options.seed ^ mix(index ^ 0x000F_0211_E15B));
    let leads = draw % 1000 < u64::from(PLAN_PER_MILLE);
    let tested = risk_tested(contacts).filter(|tested| leads && tested.0 + PLAN_DAYS <= last.0)?;
    Some(Day(tested.0 + 1 + ((draw >> 32) % PLAN_DAYS as u64) as i32))
}
