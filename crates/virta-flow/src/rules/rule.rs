//! The rules of a cohort after the number of services, each in one place: what it asks, and what breaks it. To add one: a
//! variant, and its arms in [`Rule::of`], [`Rule::is_kept`] and [`looks_at_contacts`].

use virta_model::municipality;
use virta_model::settings::{Cohort, CohortRule, SectorRule, Study};

use super::sectors::{SECTORS, sector_bit};
use crate::input::catalogue::Catalogue;
use crate::input::client::ClientInfo;
use crate::input::rows::{ClientRows, Rows, Window};

/// One rule of a cohort, as numbers.
#[derive(Debug)]
pub(crate) enum Rule {
    /// Some peak is reached.
    Peak,
    /// The sequence of this number is complete.
    Sequence(usize),
    AgeKnown,
    /// Both ends included. Who has no known age breaks [`Rule::AgeKnown`] and not this.
    Age {
        min: i64,
        max: i64,
    },
    /// Use of any of the sectors of these bits.
    Sector(u8),
    /// By period and municipality number.
    Municipality(Vec<Vec<bool>>),
    /// No day of any contact among so many days before the first contact of the period began.
    Washout(i32),
    /// Observed on at least so many days of the period.
    Observed(i64),
    /// Not a member of an earlier cohort, by its number.
    NotIn(usize),
}

/// A user of a period, as the rules of one cohort see it.
pub(crate) struct Case<'a> {
    pub period: usize,
    pub client: &'a ClientInfo,
    pub contacts: &'a ClientRows<'a>,
    /// The period's contacts; never empty.
    pub rows: &'a Rows<'a>,
    /// Bits of the sectors used.
    pub sectors: u8,
    pub observed_days: i64,
    /// At the cohort's reference date.
    pub age: Option<i32>,
    /// The first day on which a peak is reached.
    pub peak: Option<i32>,
    /// By sequence, the day on which it was complete.
    pub sequences: &'a [Option<i32>],
    /// A bit for each earlier cohort that the user is a member of.
    pub(crate) member_of: u64,
}

impl Rule {
    /// A cohort's rule ready to run; `None` where it leaves out a cohort that the study does not have.
    pub(crate) fn of(rule: CohortRule<'_>, study: &Study, catalogue: &Catalogue) -> Option<Rule> {
        Some(match rule {
            CohortRule::Peaks(_) => Rule::Peak,
            CohortRule::Sequence(at, _) => Rule::Sequence(at),
            CohortRule::AgeKnown => Rule::AgeKnown,
            CohortRule::Age(age) => Rule::Age { min: age.min.into(), max: age.max.into() },
            CohortRule::Sector(sector) => Rule::Sector(bits_of(sector)),
            CohortRule::Municipalities(named) => {
                let years = study.study.periods.iter().map(|period| Window::of(period).last_year());
                Rule::Municipality(years.map(|year| living_in(named, catalogue, year)).collect())
            }
            CohortRule::Washout(days) => Rule::Washout(i32::try_from(days).unwrap_or(i32::MAX)),
            CohortRule::Observed(days) => Rule::Observed(days.into()),
            CohortRule::NotIn(name) => Rule::NotIn(study.cohorts.iter().position(|other| other.name == name)?),
        })
    }

    #[inline]
    pub(crate) fn is_kept(&self, case: &Case<'_>) -> bool {
        match self {
            Rule::Peak => case.peak.is_some(),
            Rule::Sequence(at) => case.sequences.get(*at).is_some_and(Option::is_some),
            Rule::AgeKnown => case.age.is_some(),
            Rule::Age { min, max } => case.age.is_none_or(|age| *min <= i64::from(age) && i64::from(age) <= *max),
            Rule::Sector(bits) => case.sectors & bits != 0,
            Rule::Municipality(named) => {
                let town = usize::from(case.client.municipality);
                named.get(case.period).and_then(|named| named.get(town)).copied().unwrap_or(false)
            }
            Rule::Washout(days) => is_washed_out(case, *days),
            Rule::Observed(least) => case.observed_days >= *least,
            Rule::NotIn(other) => case.member_of >> other & 1 == 0,
        }
    }
}

/// Whether a cohort asks for more of the contacts than sums by service and the days on which use began tell.
pub fn looks_at_contacts(cohort: &Cohort) -> bool {
    cohort.rolling_days.is_some()
        || !cohort.peaks.is_empty()
        || cohort.rules().into_iter().any(|rule| match rule {
            CohortRule::Peaks(_) | CohortRule::Sequence(..) => true,
            CohortRule::AgeKnown
            | CohortRule::Age(_)
            | CohortRule::Sector(_)
            | CohortRule::Municipalities(_)
            | CohortRule::Washout(_)
            | CohortRule::Observed(_)
            | CohortRule::NotIn(_) => false,
        })
}

/// A rule as a row of attrition names it: with several periods it begins with the period that it is of.
pub(crate) fn in_period(study: &Study, label: &str, rule: &str) -> String {
    match study.study.periods.len() {
        0 | 1 => rule.to_owned(),
        _ => format!("{label}: {rule}"),
    }
}

/// Each sector that fulfils a rule as its bit.
fn bits_of(rule: SectorRule) -> u8 {
    SECTORS.iter().filter(|&&sector| rule.accepts(sector)).fold(0, |bits, &sector| bits | sector_bit(sector))
}

/// Whether each municipality belongs to one of those named. Both are what they have become by the year: who names a
/// municipality that had merged by then means the one it is part of.
fn living_in(named: &[String], catalogue: &Catalogue, year: i32) -> Vec<bool> {
    let in_year = |code: &String| municipality::successor_of(code, year).map_or(code.clone(), str::to_owned);
    let named: Vec<String> = named.iter().map(in_year).collect();
    catalogue.municipalities.iter().map(|town| named.contains(&in_year(&town.code))).collect()
}

fn is_washed_out(case: &Case<'_>, days: i32) -> bool {
    let Some(&first) = case.rows.start.first().filter(|_| days > 0) else { return true };
    let oldest = first.saturating_sub(days);
    let rows = &case.contacts.rows;
    // Stays may reach in from any earlier row; visits only from the last rows before.
    let before = rows.start.partition_point(|&start| start < first);
    let is_clean = before == 0 || rows.start[before - 1] < oldest;
    is_clean && !case.contacts.stays.iter().any(|&row| (row as usize) < before && rows.end[row as usize] >= oldest)
}
