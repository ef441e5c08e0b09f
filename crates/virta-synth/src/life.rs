//! What services a person uses: the contacts of a life, as they finally stand.

pub(crate) mod order;

use virta_model::Day;

use crate::calendar::social_stays_extracted_on;
use crate::contact::Contact;
use crate::person::{Person, Segment};
use crate::pilot::Pilot;
use crate::random::{Purpose, Rng, mix};
use crate::region::{RegionOptions, day, new_year};
use crate::service::*;

/// Every contact of a person, in order of start, time and service, numbered by system.
pub(crate) fn contacts(options: &RegionOptions, person: &Person) -> Vec<Contact> {
    number(live(options, person).found)
}

/// The days of the emergency visits that a pilot's client was spared.
pub(crate) fn prevented(options: &RegionOptions, person: &Person) -> Vec<Day> {
    live(options, person).prevented
}

fn live<'a>(options: &'a RegionOptions, person: &'a Person) -> Life<'a> {
    let mut rng = Rng::new(options.seed, Purpose::Records, person.index);
    let mut life =
        Life { options, person, pilot: Pilot::of(options, person), found: Vec::new(), prevented: Vec::new() };
    if person.segment != Segment::None || rng.per_mille(60) {
        life.residential_care(&mut rng);
        for year in options.years() {
            life.one_year(&mut rng, year);
        }
    }
    if person.is_last_visitor() {
        life.push_visit(&mut rng, GP, options.last_day(), Some(15 * 60));
    }
    life.plant_order();
    life
}

struct Life<'a> {
    options: &'a RegionOptions,
    person: &'a Person,
    pilot: Option<Pilot>,
    found: Vec<Contact>,
    prevented: Vec<Day>,
}

/// How much of its expected use a person-year has, in per cent, and how often: most years are light, few are heavy.
const HEAVINESS: ([u32; 8], [u32; 8]) = ([15, 35, 60, 90, 130, 200, 380, 800], [180, 220, 220, 160, 110, 70, 32, 8]);

/// Hundredths of a visit a year.
type Rates = &'static [(ServiceAt, u32)];

impl Life<'_> {
    fn one_year(&mut self, rng: &mut Rng, year: i32) {
        let first = new_year(year).max(self.person.observed_from);
        let last = Day(new_year(year + 1).0 - 1).min(self.person.last_day().unwrap_or(Day(i32::MAX)));
        if first > last {
            return;
        }
        let days = u64::from((last.0 - first.0 + 1).unsigned_abs());
        // Use grows a little every year.
        let drift = 100 + 2 * u64::from((year - self.options.first_year).unsigned_abs());
        let heaviness = u64::from(HEAVINESS.0[rng.pick(&HEAVINESS.1)]) * drift / 100;
        for &(service, rate) in rates(self.person, year) {
            let Some(rate) = self.own_rate(service, rate) else { continue };
            let expected = rate * heaviness * days / 36_500;
            for _ in 0..visits(rng, expected) {
                self.visit_or_stay(rng, service, first, last);
            }
        }
        if let Some(months) = assistance_months(rng, self.person.segment) {
            self.assistance(rng, year, months, first, last);
        }
    }

    /// People keep to services of their own, the more so the fewer their needs: who uses one at all uses it more.
    fn own_rate(&self, service: ServiceAt, rate: u32) -> Option<u64> {
        let users_percent: u64 = match self.person.segment {
            Segment::None | Segment::Light => 38,
            Segment::Chronic => 42,
            Segment::Elderly | Segment::Psychiatric | Segment::ChildWelfare | Segment::Disability => 60,
            Segment::Substance => 75,
            Segment::Complex => 92,
        };
        let draw = mix(mix(self.options.seed ^ (self.person.index << 8)) ^ u64::from(service)) % 100;
        (draw < users_percent).then(|| u64::from(rate) * 100 / users_percent)
    }

    fn visit_or_stay(&mut self, rng: &mut Rng, service: ServiceAt, first: Day, last: Day) {
        match service {
            WARD_SOMATIC => {
                let days = 1 + rng.below(6) as i32 + if rng.per_mille(150) { rng.below(20) as i32 } else { 0 };
                self.ward(rng, service, first, last, days);
            }
            WARD_PSYCHIATRIC => {
                let days = 4 + rng.below(30) as i32 + if rng.per_mille(120) { rng.below(90) as i32 } else { 0 };
                self.ward(rng, service, first, last, days);
            }
            SUBSTANCE_REHAB => {
                let start = Day(rng.between(first.0, last.0));
                let days = 14 + rng.below(29) as i32;
                self.stay(rng, service, start, Day(start.0 + days - 1));
            }
            EMERGENCY_HOSPITAL | EMERGENCY_PRIMARY => {
                let start = emergency_day(rng, first, last);
                if self.pilot.is_some_and(|pilot| pilot.prevents(rng, start)) {
                    self.prevented.push(start);
                    return;
                }
                let minute = emergency_minute(rng, start);
                self.push_visit(rng, service, start, Some(minute));
                self.after_emergency(rng, start, last);
            }
            HOME_CARE => {
                // A day of home care is often two visits, whose rows are equal.
                let start = Day(rng.between(first.0, last.0));
                let before = self.found.len();
                self.push_visit(rng, service, start, None);
                if rng.per_mille(80) {
                    self.found.extend_from_within(before..);
                }
            }
            _ => {
                let start = office_day(rng, first, last);
                let minute = (8 * 60 + 15 * rng.below(30)) as u16;
                let has_time = super::service::service(service).system != System::SocialVisits;
                self.push_visit(rng, service, start, has_time.then_some(minute));
            }
        }
    }

    /// An emergency visit leads to a general practitioner, or for some to social work.
    fn after_emergency(&mut self, rng: &mut Rng, start: Day, last: Day) {
        let needs_social_work = matches!(self.person.segment, Segment::Substance | Segment::Complex);
        let next = match rng.below(100) {
            0..=27 => GP,
            28..=45 if needs_social_work => ADULT_SOCIAL_WORK,
            _ => return,
        };
        let follow_up = Day(start.0 + 1 + rng.below(7) as i32);
        if follow_up <= last {
            let minute = (9 * 60 + 15 * rng.below(24)) as u16;
            self.push_visit(rng, next, follow_up, (next == GP).then_some(minute));
        }
    }

    fn push_visit(&mut self, rng: &mut Rng, service: ServiceAt, start: Day, minute: Option<u16>) {
        let facts = super::service::service(service);
        let cents = facts.unit_cost_cents(start).or_else(|| {
            // A few rows come without a price; most prices differ, some by much.
            let is_priced = !rng.per_mille(20);
            is_priced.then(|| price(rng, facts.euros * 100))
        });
        self.push(rng, Contact { start, minute, end: None, is_stay: false, cents, ..blank(service) });
    }

    fn ward(&mut self, rng: &mut Rng, service: ServiceAt, first: Day, last: Day, days: i32) {
        let start = Day(rng.between(first.0, last.0));
        let end = Day(start.0 + days - 1).min(self.person.last_day().unwrap_or(Day(i32::MAX)));
        let minute = Some((7 * 60 + rng.below(14 * 60)) as u16);
        // Who is still in hospital when the years end has neither discharge nor price yet.
        let is_over = end <= self.options.last_day();
        let whole = super::service::service(service).euros * 100 * i64::from(end.0 - start.0 + 1);
        let cents = price(rng, whole);
        self.push(
            rng,
            Contact {
                start,
                minute,
                end: is_over.then_some(end),
                is_stay: true,
                cents: is_over.then_some(cents),
                ..blank(service)
            },
        );
    }

    /// A stay of social care; ends with residence at the latest.
    fn stay(&mut self, rng: &mut Rng, service: ServiceAt, start: Day, end: Day) {
        let end = end.min(self.person.last_day().unwrap_or(Day(i32::MAX)));
        if end < start || self.found.iter().any(|other| other.service == service && other.start == start) {
            return;
        }
        let cents = super::service::service(service).euros * 100 * i64::from(end.0 - start.0 + 1);
        self.push(rng, Contact { start, end: Some(end), is_stay: true, cents: Some(cents), ..blank(service) });
        let last_extract = social_stays_extracted_on(self.options.last_year);
        if let Some(stay) = self.found.last_mut().filter(|stay| stay.is_closed_late() && end > last_extract) {
            (stay.end, stay.cents) = (None, None);
        }
    }

    /// Long-term care: decision after decision, from before the years or in them, each of half a year to a year and a
    /// half, so that stays span years.
    fn residential_care(&mut self, rng: &mut Rng) {
        let (service, per_mille) = match self.person.segment {
            Segment::Elderly => (HOUSING_ELDERLY, 520),
            Segment::Disability => (HOUSING_DISABILITY, 520),
            Segment::Psychiatric => (HOUSING_MENTAL, 130),
            Segment::ChildWelfare if rng.per_mille(450) => (CHILD_RESIDENTIAL, 430),
            Segment::ChildWelfare => (FOSTER_CARE, 550),
            Segment::Complex => (HOUSING_MENTAL, 160),
            _ => return,
        };
        if !rng.per_mille(per_mille) {
            return;
        }
        let (region_first, region_last) = (self.options.first_day(), self.options.last_day());
        // Most have lived there since before the years.
        let earliest = Day(region_first.0 - 1800).max(self.person.observed_from);
        let mut start = Day(rng.between(earliest.0, region_last.0.max(earliest.0)));
        while start <= region_last {
            let end = Day(start.0 + rng.between(180, 540));
            if end >= region_first {
                self.stay(rng, service, start, end);
            }
            start = Day(end.0 + 1);
            if self.person.last_day().is_some_and(|last| start > last) || rng.per_mille(80) {
                return;
            }
        }
    }

    fn assistance(&mut self, rng: &mut Rng, year: i32, months: u32, first: Day, last: Day) {
        let begins = 1 + rng.below(12);
        for month in (begins..=12).take(months as usize) {
            let start = day(year, month, 1);
            // Paid for whole months of residence: the row has no more than the month.
            if start < first || start > last {
                continue;
            }
            let cents = price(rng, super::service::service(SOCIAL_ASSISTANCE).euros * 100);
            self.push(rng, Contact { start, cents: Some(cents), ..blank(SOCIAL_ASSISTANCE) });
        }
    }

    fn push(&mut self, rng: &mut Rng, contact: Contact) {
        let draw = rng.next();
        self.found.push(Contact {
            provider: (draw % 4) as u8,
            variant: (draw >> 8) as u8,
            reason: (draw >> 16) as u16,
            ..contact
        });
    }
}

fn blank(service: ServiceAt) -> Contact {
    Contact {
        service,
        start: Day(0),
        minute: None,
        end: None,
        is_stay: false,
        cents: None,
        provider: 0,
        variant: 0,
        reason: 0,
        number: 0,
    }
}

/// Around `expected` hundredths, from none to twice as many.
fn visits(rng: &mut Rng, expected: u64) -> u64 {
    let drawn = u64::from(rng.below(u32::try_from(expected * 2 + 1).unwrap_or(u32::MAX)));
    drawn / 100 + u64::from(rng.below(100) < (drawn % 100) as u32)
}

/// Half to one and a half times `cents`; one in fifty costs several times as much.
fn price(rng: &mut Rng, cents: i64) -> i64 {
    let per_mille = 500 + i64::from(rng.below(1001));
    let times = if rng.per_mille(20) { 2 + i64::from(rng.below(6)) } else { 1 };
    cents * per_mille / 1000 * times
}

/// A weekday; July is half as busy and autumn a little busier.
fn office_day(rng: &mut Rng, first: Day, last: Day) -> Day {
    for _ in 0..12 {
        let day = Day(rng.between(first.0, last.0));
        let (_, month, _) = day.ymd();
        let kept = match month {
            7 => 450,
            1..=3 | 9..=11 => 1000,
            _ => 850,
        };
        if day.weekday() <= 5 && rng.per_mille(kept) {
            return day;
        }
    }
    first
}

/// Any day; weekends are busier.
fn emergency_day(rng: &mut Rng, first: Day, last: Day) -> Day {
    for _ in 0..12 {
        let day = Day(rng.between(first.0, last.0));
        if day.weekday() >= 6 || rng.per_mille(720) {
            return day;
        }
    }
    first
}

/// Quiet until morning, busiest in the afternoon; weekend nights are busy.
fn emergency_minute(rng: &mut Rng, day: Day) -> u16 {
    const WEEKDAY: [u32; 24] =
        [9, 7, 6, 5, 5, 6, 9, 18, 38, 52, 58, 60, 58, 55, 54, 55, 58, 60, 58, 52, 44, 34, 24, 15];
    const WEEKEND: [u32; 24] =
        [30, 28, 25, 22, 16, 10, 9, 12, 28, 45, 55, 58, 58, 56, 55, 55, 54, 54, 52, 48, 44, 40, 36, 33];
    let hour = rng.pick(if day.weekday() >= 6 { &WEEKEND } else { &WEEKDAY });
    (hour as u32 * 60 + rng.below(60)) as u16
}

fn assistance_months(rng: &mut Rng, segment: Segment) -> Option<u32> {
    let per_mille = match segment {
        Segment::Complex => 620,
        Segment::Substance => 520,
        Segment::Psychiatric => 230,
        Segment::Light | Segment::Chronic => 22,
        _ => 0,
    };
    rng.per_mille(per_mille).then(|| 1 + rng.below(12))
}

fn rates(person: &Person, year: i32) -> Rates {
    let age = year - person.birth.year();
    match person.segment {
        Segment::None => &[(DENTAL, 20), (GP, 15)],
        Segment::Light if age < 7 => {
            &[(CHILD_CLINIC, 330), (GP, 110), (EMERGENCY_PRIMARY, 30), (EMERGENCY_HOSPITAL, 14)]
        }
        Segment::Light if age < 18 => {
            &[(SCHOOL_HEALTH, 160), (DENTAL, 110), (GP, 60), (NURSE, 30), (EMERGENCY_PRIMARY, 22), (CLINIC_OTHER, 8)]
        }
        Segment::Light => &[
            (GP, 120),
            (NURSE, 75),
            (DENTAL, 85),
            (EMERGENCY_PRIMARY, 18),
            (EMERGENCY_HOSPITAL, 12),
            (CLINIC_OTHER, 18),
            (CLINIC_SURGERY, 12),
            (PHYSIOTHERAPY, 20),
            (DAY_SURGERY, 3),
            (WARD_SOMATIC, 3),
        ],
        Segment::Chronic => &[
            (GP, 330),
            (NURSE, 380),
            (DENTAL, 70),
            (CLINIC_INTERNAL, 130),
            (CLINIC_NEUROLOGY, 28),
            (CLINIC_SURGERY, 55),
            (PHYSIOTHERAPY, 110),
            (EMERGENCY_HOSPITAL, 45),
            (EMERGENCY_PRIMARY, 30),
            (WARD_SOMATIC, 28),
            (DAY_SURGERY, 9),
            (HOME_NURSING, 60),
        ],
        Segment::Elderly => &[
            (HOME_CARE, 5200),
            (HOME_NURSING, 900),
            (GP, 300),
            (NURSE, 240),
            (EMERGENCY_HOSPITAL, 85),
            (WARD_SOMATIC, 75),
            (CLINIC_INTERNAL, 70),
            (PHYSIOTHERAPY, 60),
        ],
        Segment::Psychiatric => &[
            (CLINIC_PSYCHIATRY, 1100),
            (MENTAL_PRIMARY, 420),
            (WARD_PSYCHIATRIC, 45),
            (GP, 210),
            (NURSE, 120),
            (EMERGENCY_HOSPITAL, 55),
            (ADULT_SOCIAL_WORK, 110),
            (DENTAL, 50),
        ],
        Segment::Substance => &[
            (SUBSTANCE_COUNSELLING, 950),
            (SUBSTANCE_REHAB, 55),
            (MENTAL_PRIMARY, 240),
            (ADULT_SOCIAL_WORK, 330),
            (EMERGENCY_HOSPITAL, 170),
            (EMERGENCY_PRIMARY, 70),
            (WARD_SOMATIC, 45),
            (WARD_PSYCHIATRIC, 20),
            (GP, 140),
        ],
        Segment::ChildWelfare => &[
            (FAMILY_WORK, 900),
            (SCHOOL_HEALTH, 240),
            (CLINIC_PSYCHIATRY, 220),
            (MENTAL_PRIMARY, 110),
            (GP, 110),
            (EMERGENCY_PRIMARY, 40),
            (DENTAL, 100),
        ],
        Segment::Disability => &[
            (DISABILITY_SUPPORT, 900),
            (PHYSIOTHERAPY, 420),
            (CLINIC_NEUROLOGY, 150),
            (GP, 240),
            (NURSE, 180),
            (WARD_SOMATIC, 30),
            (DENTAL, 80),
        ],
        Segment::Complex => &[
            (ADULT_SOCIAL_WORK, 700),
            (SUBSTANCE_COUNSELLING, 300),
            (MENTAL_PRIMARY, 450),
            (CLINIC_PSYCHIATRY, 500),
            (EMERGENCY_HOSPITAL, 380),
            (EMERGENCY_PRIMARY, 160),
            (WARD_PSYCHIATRIC, 60),
            (WARD_SOMATIC, 80),
            (GP, 520),
            (NURSE, 450),
            (CLINIC_INTERNAL, 140),
            (FAMILY_WORK, 120),
            (SUBSTANCE_REHAB, 30),
            (DENTAL, 90),
        ],
    }
}

/// Puts contacts in order and numbers them within their system.
fn number(mut contacts: Vec<Contact>) -> Vec<Contact> {
    contacts.sort_by(|a, b| {
        (a.order(), a.end, a.cents, a.provider, a.variant).cmp(&(b.order(), b.end, b.cents, b.provider, b.variant))
    });
    let mut numbers = [0u32; 5];
    for contact in &mut contacts {
        let number = &mut numbers[contact.service().system as usize];
        contact.number = *number;
        *number += 1;
    }
    contacts
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    /// With the client, service and start are the key of a social care stay.
    fn stays_are_distinct(contacts: &[Contact]) -> bool {
        let mut seen = HashSet::new();
        contacts
            .iter()
            .filter(|c| c.is_stay && c.service().system == System::SocialStays)
            .all(|c| seen.insert((c.service, c.start)))
    }

    #[test]
    fn contacts_lie_in_the_years_and_in_the_residence() {
        let options = RegionOptions { clients: 4000, ..RegionOptions::default() };
        for index in 0..options.clients {
            let person = Person::new(&options, index);
            let contacts = contacts(&options, &person);
            assert!(stays_are_distinct(&contacts));
            for contact in &contacts {
                assert!(contact.overlap(options.first_day(), options.last_day()).is_some());
                assert!(contact.start >= person.observed_from);
                assert!(
                    person
                        .last_day()
                        .is_none_or(|last| contact.start <= last && contact.end.is_none_or(|end| end <= last))
                );
            }
        }
    }
}
