//! Rule 4: how a user of a period stands in each cohort.

use virta_model::settings::AgeAt;

use crate::input::client::ClientInfo;
use crate::input::columns::NO_CODE;
use crate::input::rows::{ClientRows, Rows, RowsCopy, Window};
use crate::rules::counting::values;
use crate::rules::following::first_sequence;
use crate::rules::plan::{BY_SERVICE, CohortPlan, Plan};
use crate::rules::qualify::{Qualifier, Reach, bits_of, first_day_of_any_use};
use crate::rules::rule::Case;
use crate::rules::tally::Tally;

/// The rule that every cohort has: enough counted services. It is the first, so its bit is the lowest.
pub(crate) const SERVICES_RULE: u128 = 1;

/// How a user of a period stands in one cohort.
#[derive(Debug, Clone, Default)]
pub(crate) struct Eligibility {
    /// The rules that the user breaks, a bit for each rule of the cohort in order.
    pub broken: u128,
    /// The counted services of members and near members, ascending; of the others nothing is told.
    pub service_set: Vec<u16>,
    /// At the cohort's reference date.
    pub age: Option<i32>,
    /// Members only.
    pub qualified_on: Option<i32>,
    /// Counted services of the period before, for those who are one service below the threshold and above that.
    pub(crate) near_from: Option<u32>,
}

impl Eligibility {
    pub(crate) fn is_member(&self) -> bool {
        self.broken == 0
    }
}

/// What the rules look at.
pub(crate) struct User<'a> {
    pub plan: &'a Plan<'a>,
    pub period: usize,
    pub client: &'a ClientInfo,
    pub contacts: &'a ClientRows<'a>,
    /// The period's contacts; never empty.
    pub rows: &'a Rows<'a>,
    /// Use in the period by unit.
    pub(crate) tallies: &'a [Tally],
    /// Bits of the sectors used.
    pub sectors: u8,
    /// At the period's end.
    pub age: Option<i32>,
    pub observed_days: i64,
}

/// Kept from client to client, so that nothing is allocated on the way.
pub(crate) struct EligibilityCheck {
    qualifier: Qualifier,
    /// Use in another window, by unit.
    tallies: Vec<Tally>,
    copy: RowsCopy,
    values: Vec<u16>,
    /// By cohort, the first day found for the client at hand, `None` while nobody has asked.
    first_days: Vec<Option<Option<i32>>>,
    /// By sequence of the cohort at hand, the day on which it was complete.
    sequences: Vec<Option<i32>>,
}

impl EligibilityCheck {
    pub(crate) fn new(plan: &Plan<'_>) -> Self {
        EligibilityCheck {
            qualifier: Qualifier::new(plan.count_units.iter().map(|unit| unit.codes.len()).max().unwrap_or(0).max(1)),
            tallies: plan.count_units.iter().map(|unit| Tally::new(unit.codes.len())).collect(),
            copy: RowsCopy::default(),
            values: Vec::new(),
            first_days: vec![None; plan.cohorts.len()],
            sequences: Vec::new(),
        }
    }

    /// Fills `eligibility`, one for each cohort of the plan in order, or for as many of the first as there are.
    pub(crate) fn check(&mut self, user: &User<'_>, eligibility: &mut [Eligibility]) {
        self.first_days.fill(None);
        for (at, cohort) in user.plan.cohorts.iter().enumerate().take(eligibility.len()) {
            let (earlier, rest) = eligibility.split_at_mut(at);
            if let Some(eligible) = rest.first_mut() {
                self.stand(user, cohort, earlier, eligible);
            }
        }
    }

    fn stand(&mut self, user: &User<'_>, cohort: &CohortPlan, earlier: &[Eligibility], eligible: &mut Eligibility) {
        let tally = &user.tallies[cohort.count_unit];
        let period = user.plan.periods[user.period];
        eligible.qualified_on = None;
        eligible.near_from = None;
        eligible.age = age(user, cohort, period);
        let peak = self.peak_day(user, cohort, period);
        self.sequences.clear();
        let services = &user.tallies[BY_SERVICE];
        self.sequences.extend(cohort.sequences.iter().map(|sequence| {
            let has_both = [&sequence.first, &sequence.then].iter().all(|which| which.most(user.rows, services) > 0);
            if has_both { first_sequence(user.rows, period.first, sequence) } else { None }
        }));
        eligible.broken = broken_besides_services(user, cohort, earlier, eligible.age, peak, &self.sequences);

        let counted = count(tally, cohort, user.period);
        let rolling_on = cohort.rolling_days.and_then(|days| self.first_day(user, cohort, period, Reach::Days(days)));
        let has_services = match cohort.rolling_days {
            None => counted >= cohort.min_services,
            Some(_) => rolling_on.is_some(),
        };
        let is_enough = has_services || (cohort.has_peak_instead && peak.is_some());
        if !is_enough {
            let is_near = eligible.broken == 0 && counted + 1 == cohort.min_services;
            eligible.broken |= SERVICES_RULE;
            if is_near {
                let before = self.count_in(user, cohort, user.plan.before[user.period]);
                if before < counted {
                    eligible.near_from = Some(before);
                    set_of(tally, cohort, user.period, &mut eligible.service_set);
                }
            }
            return;
        }
        if eligible.broken != 0 {
            return;
        }
        let services_on = match (cohort.rolling_days, rolling_on) {
            (Some(days), Some(day)) => {
                self.set_in(user, cohort, Window::ending(day, days), &mut eligible.service_set);
                rolling_on
            }
            _ => {
                set_of(tally, cohort, user.period, &mut eligible.service_set);
                has_services.then(|| self.first_day(user, cohort, period, Reach::Period)).flatten()
            }
        };
        let first = match cohort.has_peak_instead {
            true => services_on.into_iter().chain(peak).min(),
            false => services_on.max(peak),
        };
        eligible.qualified_on = first.max(self.sequences.iter().copied().flatten().max());
    }

    /// The first day of the period on which a peak is reached by the period's contacts.
    fn peak_day(&mut self, user: &User<'_>, cohort: &CohortPlan, period: Window) -> Option<i32> {
        let mut first: Option<i32> = None;
        for peak in &cohort.peaks {
            if peak.which.most(user.rows, &user.tallies[BY_SERVICE]) < peak.need.contacts {
                continue;
            }
            let fits = |row| if peak.which.fits(user.rows, row) { 0 } else { NO_CODE };
            self.values.clear();
            self.values.extend((0..user.rows.len()).map(fits));
            let reach = Reach::Days(peak.days);
            let day = self.qualifier.first_day(user.rows, &self.values, &peak.need, 1, period, reach);
            first = first.into_iter().chain(day).min();
        }
        first
    }

    fn first_day(&mut self, user: &User<'_>, cohort: &CohortPlan, period: Window, reach: Reach) -> Option<i32> {
        if let Some(known) = self.first_days[cohort.counts_as] {
            return known;
        }
        let rows = &user.contacts.rows;
        let need = &cohort.needs[user.period];
        let values = values(user.plan, cohort.count_unit, rows, &mut self.values);
        let services = cohort.min_services;
        let first = if is_plain(user, cohort) && services > 0 {
            first_day_of_any_use(rows, values, user.tallies[cohort.count_unit].mask(), services, period, reach)
        } else {
            self.qualifier.first_day(rows, values, need, services, period, reach)
        };
        self.first_days[cohort.counts_as] = Some(first);
        first
    }

    /// The number of counted services in another window.
    fn count_in(&mut self, user: &User<'_>, cohort: &CohortPlan, window: Window) -> u32 {
        if is_plain(user, cohort) {
            return self.any_use_in(user, cohort, window).count_ones();
        }
        count(self.tally_in(user, cohort, window), cohort, user.period)
    }

    /// The counted services in another window, ascending.
    fn set_in(&mut self, user: &User<'_>, cohort: &CohortPlan, window: Window, set: &mut Vec<u16>) {
        if is_plain(user, cohort) {
            let mut bits = self.any_use_in(user, cohort, window);
            set.clear();
            while bits != 0 {
                set.push(bits.trailing_zeros() as u16);
                bits &= bits - 1;
            }
            return;
        }
        set_of(self.tally_in(user, cohort, window), cohort, user.period, set);
    }

    /// The values used in another window as bits; see [`is_plain`].
    fn any_use_in(&mut self, user: &User<'_>, cohort: &CohortPlan, window: Window) -> u64 {
        let rows = &user.contacts.rows;
        let values = values(user.plan, cohort.count_unit, rows, &mut self.values);
        let from = rows.start.partition_point(|&start| start < window.first);
        let to = rows.start.partition_point(|&start| start <= window.last);
        bits_of(values.get(from..to).unwrap_or_default())
    }

    /// Use in another window.
    fn tally_in(&mut self, user: &User<'_>, cohort: &CohortPlan, window: Window) -> &Tally {
        let rows = user.contacts.within(window, &mut self.copy);
        let values = values(user.plan, cohort.count_unit, &rows, &mut self.values);
        let tally = &mut self.tallies[cohort.count_unit];
        tally.count(values, &rows);
        tally
    }
}

/// A stretch of days in which services are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stretch {
    Period,
    Before,
}

/// As [`EligibilityCheck::check`], from sums alone: of cohorts without rules about single contacts. It tells who is a member and who is
/// near, not since when. `counted` gives the number of counted services of the period, or of the period before.
pub(crate) fn check_kept(
    user: &User<'_>,
    eligibility: &mut [Eligibility],
    mut counted: impl FnMut(&CohortPlan, Stretch) -> u32,
) {
    let period = user.plan.periods[user.period];
    for (at, cohort) in user.plan.cohorts.iter().enumerate() {
        let (earlier, rest) = eligibility.split_at_mut(at);
        let Some(eligible) = rest.first_mut() else { return };
        eligible.age = age(user, cohort, period);
        eligible.broken = broken_besides_services(user, cohort, earlier, eligible.age, None, &[]);
        eligible.near_from = None;
        let now = counted(cohort, Stretch::Period);
        if now < cohort.min_services {
            if eligible.broken == 0 && now + 1 == cohort.min_services {
                eligible.near_from = Some(counted(cohort, Stretch::Before)).filter(|&before| before < now);
            }
            eligible.broken |= SERVICES_RULE;
        }
    }
}

/// Whether only the values used matter, which then fit into the bits of a number: any use counts, and the client has no
/// stays.
fn is_plain(user: &User<'_>, cohort: &CohortPlan) -> bool {
    user.contacts.stays.is_empty()
        && user.plan.count_units[cohort.count_unit].codes.len() <= 64
        && cohort.needs[user.period].is_any_use()
}

/// Rule 3: how many values meet the need.
pub(crate) fn count(tally: &Tally, cohort: &CohortPlan, period: usize) -> u32 {
    let need = &cohort.needs[period];
    if need.is_any_use() {
        return tally.values().len() as u32;
    }
    tally
        .values()
        .iter()
        .filter(|&&value| {
            let cell = tally.cell(value);
            need.is_met(value, cell.contacts, cell.days(), cell.cost)
        })
        .count() as u32
}

fn set_of(tally: &Tally, cohort: &CohortPlan, period: usize, set: &mut Vec<u16>) {
    let need = &cohort.needs[period];
    set.clear();
    if need.is_any_use() {
        return set.extend_from_slice(tally.values());
    }
    set.extend(tally.values().iter().copied().filter(|&value| {
        let cell = tally.cell(value);
        need.is_met(value, cell.contacts, cell.days(), cell.cost)
    }));
}

/// Rule 2. The first contact of the period counts from its own first day, also when that lies before the period.
fn age(user: &User<'_>, cohort: &CohortPlan, period: Window) -> Option<i32> {
    match cohort.age_at {
        AgeAt::PeriodEnd => user.age,
        AgeAt::PeriodStart => user.client.age_on(period.first),
        AgeAt::FirstContact => user.rows.start.first().and_then(|&start| user.client.age_on(start)),
    }
}

/// The rules after the first that are broken, a bit for each in the order of [`CohortPlan::rules`].
fn broken_besides_services(
    user: &User<'_>,
    cohort: &CohortPlan,
    earlier: &[Eligibility],
    age: Option<i32>,
    peak: Option<i32>,
    sequences: &[Option<i32>],
) -> u128 {
    let member_of =
        |members, (at, earlier): (usize, &Eligibility)| members | u64::from(earlier.is_member()) << (at % 64);
    let case = Case {
        period: user.period,
        client: user.client,
        contacts: user.contacts,
        rows: user.rows,
        sectors: user.sectors,
        observed_days: user.observed_days,
        age,
        peak,
        sequences,
        member_of: earlier.iter().enumerate().fold(0, member_of),
    };
    let broken = cohort.checks.iter().enumerate().filter(|(_, rule)| !rule.is_kept(&case));
    broken.fold(0, |broken, (at, _)| broken | SERVICES_RULE << (at + 1))
}
