//! Rules 0 and 12: which days an extract can know of.
//!
//! What a row says has begun or happened lies between the spreadsheets' zero day and the day of its extract; a planned end
//! after the extract is an open end. In `clients` a field that cannot be true is null and counted, and the row stays:
//! it is all that is known of a person. Pilots begin when they are planned to, agreements and totals are of whatever
//! period they name: these days are free.

use virta_model::{BirthPrecision, Day, age_on, earliest_birth};

use crate::parse::date::DAYS;
use crate::rows::layout::{Layout, NO_DAY, Slot, clear, get_u32, put_u32};

/// The rule of a day that no extract of this day can know.
pub(crate) const AFTER_EXTRACT: &str = "after_extract";
/// The rule of spreadsheets' zero day and everything before: 1899-12-30 to 1900-01-01 are the serial numbers 0 to 2.
pub(crate) const BEFORE_1900: &str = "before_1900";
const BEFORE_BIRTH: &str = "before_birth";
const OVER_120: &str = "age_over_120";

/// 1899-12-30, the day that spreadsheets number 0.
pub(crate) const ZERO_DAY: Day = Day(-25_569);
/// 1900-01-02.
const FIRST_DAY: i32 = -25_566;
const AGE_MAX: i32 = 120;
/// An end with a two-digit year that lies so little before its start is a mistake, and a step of a case was taken before;
/// one that lies further back belongs to the next century.
const BEFORE_START_DAYS: i32 = 10 * 365;
/// Two-digit years of what may be planned are the nearest to the extract.
const NEAREST_DAYS: i32 = 50 * 365;

/// Whether a rule refuses a row for a day that its extract cannot know.
pub(crate) fn is_impossible_day(rule: &str) -> bool {
    [AFTER_EXTRACT, BEFORE_1900].contains(&rule)
}

/// How a column's days stand to the day of the extract.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// The row has begun, or it is refused.
    Begins,
    /// A step of a case: before it is taken it is null.
    Step,
    /// Planned or past: an end after the extract is open.
    Ends,
    /// About a person.
    Person,
    Free,
}

fn kind_of(table: &str, column: &str) -> Kind {
    match (table, column) {
        ("contacts", "start_date")
        | ("assessments", "contacted_on")
        | ("plans", "from_date")
        | ("feedback", "given_on") => Kind::Begins,
        ("assessments", _) => Kind::Step,
        ("contacts", "end_date") | ("plans", "to_date") | ("pilots", "left_on") => Kind::Ends,
        ("clients", _) => Kind::Person,
        _ => Kind::Free,
    }
}

/// The latest day that a two-digit year of a column may mean.
pub(crate) fn latest(table: &str, column: &str, extracted_on: Day) -> Day {
    match kind_of(table, column) {
        Kind::Free => Day(extracted_on.0.saturating_add(NEAREST_DAYS)),
        _ => extracted_on,
    }
}

/// A day as it is read of a column: one that stands for "never" or comes from a typing error, such as 31.12.9999, is as
/// good as any other beyond the bounds of the column. `None` where it can only be a mistake.
#[inline]
pub(crate) fn within(day: Day, is_bounded: bool) -> Option<Day> {
    match is_bounded {
        _ if DAYS.contains(&day.0) => Some(day),
        true => Some(Day(day.0.clamp(*DAYS.start(), *DAYS.end()))),
        false => None,
    }
}

/// Whether the extract's day bounds a column, so that no day of it need be refused for being unreadable.
pub(crate) fn is_bounded(table: &str, column: &str, extracted_on: Option<Day>) -> bool {
    extracted_on.is_some() && kind_of(table, column) != Kind::Free
}

/// What is checked in each row of a file.
#[derive(Debug)]
pub(crate) struct Limits {
    extracted_on: i32,
    begins: Vec<Slot>,
    steps: Vec<Slot>,
    ends: Vec<Slot>,
    person: Option<PersonSlots>,
    /// Pairs of a start and what comes after it, an end or a step, whose years have two digits.
    short_ends: Vec<(Slot, Slot)>,
}

#[derive(Debug, Clone, Copy)]
struct PersonSlots {
    birth: Slot,
    precision: Slot,
    died: Slot,
    from: Slot,
    to: Slot,
}

impl Limits {
    /// The checks of a table's rows; none for a file whose day nobody knows, which only a draft has.
    pub(crate) fn new(layout: &Layout, extracted_on: Option<Day>) -> Self {
        let table = layout.schema.name;
        let of = |kind: Kind| -> Vec<Slot> {
            let is_day = |slot: &&Slot| slot.kind == crate::rows::layout::SlotKind::Day;
            let slots = layout.slots.iter().filter(is_day);
            slots.filter(|slot| extracted_on.is_some() && kind_of(table, slot.name) == kind).copied().collect()
        };
        let slot = |name| layout.slot(name);
        let person = || {
            Some(PersonSlots {
                birth: slot("birth_date")?,
                precision: slot("birth_precision")?,
                died: slot("died_on")?,
                from: slot("observed_from")?,
                to: slot("observed_to")?,
            })
        };
        Limits {
            extracted_on: extracted_on.map_or(i32::MAX, |day| day.0),
            begins: of(Kind::Begins),
            steps: of(Kind::Step),
            ends: of(Kind::Ends),
            person: (table == "clients" && extracted_on.is_some()).then(person).flatten(),
            short_ends: Vec::new(),
        }
    }

    /// What comes after the start of this pair has two-digit years.
    pub(crate) fn add_short_end(&mut self, pair: (Slot, Slot)) {
        self.short_ends.push(pair);
    }

    /// The slots that a check can empty or change.
    pub(crate) fn changed_slots(&self) -> impl Iterator<Item = Slot> + '_ {
        let person = self.person.into_iter().flat_map(|p| [p.birth, p.precision, p.died, p.from, p.to]);
        let short = self.short_ends.iter().map(|(_, end)| *end);
        self.steps.iter().chain(&self.ends).copied().chain(person).chain(short)
    }

    /// Checks a row. Gives the field and the rule that refuse it; fields that are made null are added to `emptied`, each
    /// with the rule.
    #[inline]
    pub(crate) fn check(
        &self,
        row: &mut [u8],
        emptied: &mut Vec<(&'static str, &'static str)>,
    ) -> Option<(&'static str, &'static str)> {
        for slot in &self.begins {
            match day_of(row, *slot) {
                Some(day) if day > self.extracted_on => return Some((slot.name, AFTER_EXTRACT)),
                Some(day) if day < FIRST_DAY => return Some((slot.name, BEFORE_1900)),
                _ => {}
            }
        }
        for slot in &self.steps {
            if day_of(row, *slot).is_some_and(|day| day < FIRST_DAY) {
                return Some((slot.name, BEFORE_1900));
            }
        }
        for (start, end) in &self.short_ends {
            place_end(row, *start, *end);
        }
        for slot in self.steps.iter().chain(&self.ends) {
            if day_of(row, *slot).is_some_and(|day| day > self.extracted_on) {
                clear(row, *slot);
                emptied.push((slot.name, AFTER_EXTRACT));
            }
        }
        if let Some(person) = &self.person {
            self.check_person(row, *person, emptied);
        }
        None
    }

    fn check_person(&self, row: &mut [u8], slots: PersonSlots, emptied: &mut Vec<(&'static str, &'static str)>) {
        let mut empty = |row: &mut [u8], slot: Slot, rule: &'static str| {
            clear(row, slot);
            emptied.push((slot.name, rule));
        };
        for slot in [slots.died, slots.from, slots.to] {
            match day_of(row, slot) {
                Some(day) if day > self.extracted_on => empty(row, slot, AFTER_EXTRACT),
                Some(day) if day < FIRST_DAY => empty(row, slot, BEFORE_1900),
                _ => {}
            }
        }
        let Some(birth) = day_of(row, slots.birth) else { return };
        let precision = precision_of(row, slots.precision);
        let born = earliest_birth(Day(birth), precision).0;
        if born > self.extracted_on {
            return empty(row, slots.birth, AFTER_EXTRACT);
        }
        for slot in [slots.died, slots.to] {
            if day_of(row, slot).is_some_and(|day| day < born) {
                empty(row, slot, BEFORE_BIRTH);
            }
        }
        let last = day_of(row, slots.died).unwrap_or(self.extracted_on);
        if age_on(Day(birth), precision, Day(last)) > AGE_MAX {
            empty(row, slots.birth, OVER_120);
        }
    }
}

/// Of a person's fields put together from several sources: nobody is observed, moves away or dies before the birth. Gives
/// the fields that could not be true and are null now.
pub(crate) fn reconcile_with_birth(layout: &Layout, row: &mut [u8]) -> Vec<&'static str> {
    let slot = |name| layout.slot(name);
    let (Some(birth), Some(precision)) = (slot("birth_date"), slot("birth_precision")) else { return Vec::new() };
    let Some(day) = day_of(row, birth) else { return Vec::new() };
    let born = earliest_birth(Day(day), precision_of(row, precision)).0;
    if let Some(from) = slot("observed_from").filter(|from| day_of(row, *from).is_some_and(|day| day < born)) {
        put_u32(row, from.at, born as u32);
    }
    let mut emptied = Vec::new();
    for slot in [slot("died_on"), slot("observed_to")].into_iter().flatten() {
        if day_of(row, slot).is_some_and(|day| day < born) {
            clear(row, slot);
            emptied.push(slot.name);
        }
    }
    emptied
}

/// The first of the days that a two-digit year can mean which does not lie far before the start. 31.12.99 stands for
/// "never" and lies after any start.
fn place_end(row: &mut [u8], start: Slot, end: Slot) {
    let (Some(start), Some(day)) = (day_of(row, start), day_of(row, end)) else { return };
    let (year, month, of_month) = Day(day).ymd();
    let is_never = (year.rem_euclid(100), month, of_month) == (99, 12, 31);
    let earliest = if is_never { start } else { start.saturating_sub(BEFORE_START_DAYS) };
    let first = (-4..=4).filter_map(|n| Day::from_ymd(year + 100 * n, month, of_month)).find(|day| day.0 >= earliest);
    if let Some(first) = first.filter(|day| DAYS.contains(&day.0)) {
        put_u32(row, end.at, first.0 as u32);
    }
}

#[inline]
fn day_of(row: &[u8], slot: Slot) -> Option<i32> {
    Some(get_u32(row, slot.at) as i32).filter(|day| *day != NO_DAY)
}

fn precision_of(row: &[u8], slot: Slot) -> BirthPrecision {
    BirthPrecision::ALL.get(usize::from(row[slot.at])).copied().unwrap_or(BirthPrecision::Day)
}
