//! A study made ready to run: names turned into numbers, units and columns worked out.

use virta_model::Sector;
use virta_model::settings::{AgeAt, AgeRange, Cohort, CountBy, Study};

use crate::error::Error;
use crate::hash::FastMap;
use crate::input::catalogue::Catalogue;
use crate::input::client::ClientInfo;
use crate::input::columns::{Columns, NO_CODE};
use crate::input::options::RunOptions;
use crate::input::pilots::PilotClient;
use crate::input::rows::Window;
use crate::rules::rule::Rule;
use crate::rules::sectors::sector_bit;
use crate::rules::which::Which;

/// Place of the unit of single services among [`Plan::count_units`].
pub(crate) const BY_SERVICE: usize = 0;

pub(crate) struct Plan<'a> {
    pub study: &'a Study,
    pub catalogue: &'a Catalogue,
    pub periods: Vec<Window>,
    /// The period before each: the study's period that ends the day before, else as many days right before it.
    pub before: Vec<Window>,
    /// What can be counted; single services first.
    pub(crate) count_units: Vec<CountUnit>,
    pub cohorts: Vec<CohortPlan>,
    /// The bit of each service's sector.
    pub(crate) sector_bits: Vec<u8>,
    pub is_emergency: Vec<bool>,
    /// By period and municipality number, the number of the one it belongs to in the year of the period's last day.
    towns: Vec<Vec<u16>>,
    /// By municipality number, the number of what it has become since.
    towns_now: Vec<u16>,
    pub ages: Option<AgeRange>,
    /// Rule 0: the last day of residence and follow-up: what the study sets, or the newest day that a source of contacts
    /// knows of. `None` where neither says anything.
    pub end: Option<i32>,
    /// The first day of each client in any of the study's pilots.
    pub(crate) index_dates: FastMap<i64, i32>,
}

/// A way of counting: the values of a `count_by`.
pub(crate) struct CountUnit {
    pub count_by: CountBy,
    /// The value of each service, or [`NO_CODE`]; empty for units that are columns of their own.
    pub of_service: Vec<u16>,
    /// Codes of the values, sorted by bytes.
    pub codes: Vec<String>,
}

/// A cohort's rules as numbers.
pub(crate) struct CohortPlan {
    pub(crate) count_unit: usize,
    pub min_services: u32,
    /// Thresholds of one service, by period.
    pub needs: Vec<Need>,
    pub percentile: u32,
    pub age_at: AgeAt,
    pub rolling_days: Option<i32>,
    /// Any of them is enough.
    pub peaks: Vec<PeakPlan>,
    /// Whether a peak is enough instead of services.
    pub has_peak_instead: bool,
    pub sequences: Vec<SequencePlan>,
    /// The first cohort that counts services in the same way, maybe this one: they have the same counted services and
    /// the same day of qualifying.
    pub(crate) counts_as: usize,
    /// The rules in order, as attrition words them; the services come first.
    pub rules: Vec<String>,
    /// The rules after the services, in the same order.
    pub checks: Vec<Rule>,
}

/// So many contacts within so many days, both ends included.
pub(crate) struct PeakPlan {
    pub which: Which,
    pub need: Need,
    pub days: i32,
}

/// One contact and then another within so many days.
pub(crate) struct SequencePlan {
    pub first: Which,
    pub then: Which,
    pub within_days: i32,
}

/// Rule 3: what the use of one service must reach to count.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Need {
    /// Least contacts of any service.
    pub contacts: u32,
    /// Least contacts of each service, where a percentile sets them apart.
    pub(crate) contacts_each: Option<Vec<u32>>,
    /// 0 is not set.
    pub days: i64,
    pub cost: Option<i64>,
}

impl Need {
    #[inline]
    pub(crate) fn contacts_of(&self, value: u16) -> u32 {
        match &self.contacts_each {
            None => self.contacts,
            Some(each) => each.get(usize::from(value)).copied().unwrap_or(self.contacts),
        }
    }

    /// The same need with another least number of contacts, where no percentile sets them apart.
    pub(crate) fn with_contacts(&self, contacts: u32) -> Need {
        Need { contacts: contacts.max(1), contacts_each: None, ..*self }
    }

    /// Whether any use at all is enough.
    pub(crate) fn is_any_use(&self) -> bool {
        self.contacts <= 1 && self.is_same_contacts()
    }

    pub(crate) fn is_contacts_only(&self) -> bool {
        self.days == 0 && self.cost.is_none()
    }

    /// Whether only contacts matter, and the same number for every service.
    pub(crate) fn is_same_contacts(&self) -> bool {
        self.is_contacts_only() && self.contacts_each.is_none()
    }

    #[inline]
    pub(crate) fn is_met(&self, value: u16, contacts: u32, days: i64, cost: i64) -> bool {
        contacts >= self.contacts_of(value) && days >= self.days && self.cost.is_none_or(|least| cost >= least)
    }
}

/// The least contacts of each value, by cohort and period; nothing for a cohort without a percentile.
pub(crate) type Thresholds = Vec<Vec<Option<Vec<u32>>>>;

impl<'a> Plan<'a> {
    pub(crate) fn new(study: &'a Study, catalogue: &'a Catalogue) -> Result<Self, Error> {
        const MOST_COHORTS: usize = 64;
        if study.cohorts.len() > MOST_COHORTS {
            return Err(Error::TooManyCohorts { count: study.cohorts.len(), most: MOST_COHORTS });
        }
        let mut plan = Plan {
            study,
            catalogue,
            periods: study.study.periods.iter().map(Window::of).collect(),
            before: Vec::new(),
            count_units: vec![CountUnit::new(CountBy::Service, catalogue)],
            cohorts: Vec::new(),
            sector_bits: catalogue.services.iter().map(|service| sector_bit(service.sector)).collect(),
            is_emergency: catalogue.services.iter().map(|service| service.is_emergency).collect(),
            towns: Vec::new(),
            towns_now: catalogue.municipalities_in(i32::MAX),
            ages: study.study.population.ages,
            end: study.study.observed_until.or(catalogue.observation_end()).map(|day| day.0),
            index_dates: FastMap::default(),
        };
        plan.towns = plan.periods.iter().map(|period| catalogue.municipalities_in(period.last_year())).collect();
        plan.before = plan.periods.iter().map(|&period| before(&plan.periods, period)).collect();
        for cohort in &study.cohorts {
            let count_unit = plan.count_unit(cohort.count_by);
            let mut new = CohortPlan::new(study, cohort, count_unit, catalogue);
            let counts = |cohort: &CohortPlan| {
                (cohort.count_unit, cohort.min_services, cohort.percentile, cohort.rolling_days, cohort.needs.clone())
            };
            new.counts_as =
                plan.cohorts.iter().position(|old| counts(old) == counts(&new)).unwrap_or(plan.cohorts.len());
            plan.cohorts.push(new);
        }
        for &count_by in study.sweep.iter().flat_map(|sweep| &sweep.count_by) {
            plan.count_unit(count_by);
        }
        Ok(plan)
    }

    /// The plan of a run, which knows the first day of each client in a pilot.
    pub(crate) fn of_run(study: &'a Study, catalogue: &'a Catalogue, options: &RunOptions<'_>) -> Result<Self, Error> {
        catalogue.check()?;
        let mut plan = Plan::new(study, catalogue)?;
        let named = |pilot: &&PilotClient| study.pilots.iter().any(|named| named.name == pilot.pilot);
        for pilot in options.pilots.iter().filter(named) {
            let day = plan.index_dates.entry(pilot.client_id).or_insert(pilot.index_date.0);
            *day = pilot.index_date.0.min(*day);
        }
        Ok(plan)
    }

    /// The place of a unit, which is made when no cohort has asked for it yet.
    fn count_unit(&mut self, count_by: CountBy) -> usize {
        match self.count_unit_of(count_by) {
            Some(at) => at,
            None => {
                self.count_units.push(CountUnit::new(count_by, self.catalogue));
                self.count_units.len() - 1
            }
        }
    }

    pub(crate) fn count_unit_of(&self, count_by: CountBy) -> Option<usize> {
        self.count_units.iter().position(|unit| unit.count_by == count_by)
    }

    /// Whether a cohort has a percentile threshold, so that thresholds must be set first.
    pub(crate) fn needs_percentiles(&self) -> bool {
        self.cohorts.iter().any(|cohort| cohort.percentile > 0)
    }

    /// Whether thresholds are of this study's cohorts, periods and values.
    pub(crate) fn fits(&self, thresholds: &Thresholds) -> bool {
        let of_cohort = |(cohort, periods): (&CohortPlan, &Vec<Option<Vec<u32>>>)| {
            let values = (cohort.percentile > 0)
                .then(|| self.count_units.get(cohort.count_unit).map_or(0, |unit| unit.codes.len()));
            periods.len() == cohort.needs.len() && periods.iter().all(|each| each.as_ref().map(Vec::len) == values)
        };
        thresholds.len() == self.cohorts.len() && self.cohorts.iter().zip(thresholds).all(of_cohort)
    }

    /// Takes in least contacts that follow from percentiles, by cohort and period.
    pub(crate) fn set_thresholds(&mut self, thresholds: Thresholds) {
        for (cohort, periods) in self.cohorts.iter_mut().zip(thresholds) {
            for (need, each) in cohort.needs.iter_mut().zip(periods) {
                need.contacts_each = each;
            }
        }
    }

    /// Columns that the rules need, whatever is analysed.
    pub(crate) fn columns(&self) -> Columns {
        let is_counted = |count_by| self.count_unit_of(count_by).is_some();
        Columns {
            stays: true,
            cost: true,
            emergency: !self.cohorts.is_empty(),
            provider: is_counted(CountBy::Provider),
            unit: is_counted(CountBy::Unit),
            mode: self.study.names_modes(),
            ..Columns::NONE
        }
    }

    pub(crate) fn service_code(&self, service: u16) -> &'a str {
        self.catalogue.services.get(usize::from(service)).map_or("", |service| &service.code)
    }

    /// The municipality that a client's own belongs to in a period; [`NO_CODE`] stays.
    pub(crate) fn municipality_in(&self, period: usize, municipality: u16) -> u16 {
        let towns = self.towns.get(period);
        towns.and_then(|towns| towns.get(usize::from(municipality))).copied().unwrap_or(NO_CODE)
    }

    /// What the municipality of a client has become since; [`NO_CODE`] stays.
    pub(crate) fn municipality_now(&self, municipality: u16) -> u16 {
        self.towns_now.get(usize::from(municipality)).copied().unwrap_or(NO_CODE)
    }

    /// For each municipality, those that belong to it in a period.
    pub(crate) fn municipalities_in(&self, period: usize) -> Vec<Vec<usize>> {
        let mut belonging = vec![Vec::new(); self.catalogue.municipalities.len()];
        for town in 0..belonging.len() {
            if let Some(here) = belonging.get_mut(usize::from(self.municipality_in(period, town as u16))) {
                here.push(town);
            }
        }
        belonging
    }

    /// Each period and the next in time, of those that begin before the end of observation.
    pub(crate) fn pairs_in_time(&self) -> Vec<(usize, usize)> {
        let mut in_time: Vec<usize> = (0..self.periods.len()).collect();
        in_time.retain(|&period| !self.is_unknown(self.periods[period]));
        in_time.sort_by_key(|&period| (self.periods[period].first, self.periods[period].last));
        in_time.windows(2).map(|pair| (pair[0], pair[1])).collect()
    }

    /// The part of a window in which anybody is followed; it may be empty.
    pub(crate) fn followed(&self, window: Window) -> Window {
        Window { last: self.end.map_or(window.last, |end| window.last.min(end)), ..window }
    }

    /// Whether nothing is known of a window, since it begins after the end of observation.
    pub(crate) fn is_unknown(&self, window: Window) -> bool {
        self.end.is_some_and(|end| end < window.first)
    }

    /// Whether a client belongs to the population of a period that ends on `last`.
    #[inline]
    pub(crate) fn has_client(&self, client: &ClientInfo, last: i32) -> bool {
        self.ages.is_none() || self.has_age(client.age_on(last))
    }

    /// Whether somebody of this age at the period's end belongs to the population. An unknown age lies outside any
    /// range of ages.
    pub(crate) fn has_age(&self, age: Option<i32>) -> bool {
        self.ages.is_none_or(|ages| {
            age.is_some_and(|age| i64::from(ages.min) <= i64::from(age) && i64::from(age) <= i64::from(ages.max))
        })
    }
}

fn before(periods: &[Window], period: Window) -> Window {
    let last = period.first.saturating_sub(1);
    periods
        .iter()
        .copied()
        .filter(|other| other.last == last)
        .min_by_key(|other| other.first.abs_diff(last.saturating_sub(period.last - period.first)))
        .unwrap_or_else(|| Window::ending(last, period.last - period.first + 1))
}

impl CountUnit {
    /// Whether its use does not follow from the use by service.
    pub(crate) fn is_kept(&self) -> bool {
        self.count_by == CountBy::Service || self.of_service.is_empty()
    }

    fn new(count_by: CountBy, catalogue: &Catalogue) -> Self {
        let services = &catalogue.services;
        let (codes, of_service): (Vec<String>, Vec<u16>) = match count_by {
            CountBy::Service => {
                (services.iter().map(|service| service.code.clone()).collect(), (0..services.len() as u16).collect())
            }
            CountBy::Package => {
                let mut codes: Vec<String> = services.iter().filter_map(|service| service.package.clone()).collect();
                codes.sort_unstable();
                codes.dedup();
                let number = |code: &String| codes.binary_search(code).map_or(NO_CODE, |at| at as u16);
                let of = services.iter().map(|service| service.package.as_ref().map_or(NO_CODE, number)).collect();
                (codes, of)
            }
            CountBy::Sector => {
                let mut codes: Vec<String> = Sector::ALL.iter().map(|sector| sector.as_str().to_owned()).collect();
                codes.sort_unstable();
                let number = |sector: Sector| {
                    codes.iter().position(|code| code == sector.as_str()).map_or(NO_CODE, |at| at as u16)
                };
                let of = services.iter().map(|service| number(service.sector)).collect();
                (codes, of)
            }
            CountBy::Unit => (catalogue.units.clone(), Vec::new()),
            CountBy::Provider => (catalogue.providers.clone(), Vec::new()),
        };
        CountUnit { count_by, of_service, codes }
    }
}

impl CohortPlan {
    fn new(study: &Study, cohort: &Cohort, count_unit: usize, catalogue: &Catalogue) -> Self {
        let heavy = cohort.heavy;
        let need = Need {
            contacts: heavy.min_contacts.max(1),
            contacts_each: None,
            days: i64::from(heavy.min_days),
            cost: Some(heavy.min_cost_cents).filter(|&least| least != 0),
        };
        let days = |days: u32| i32::try_from(days).unwrap_or(i32::MAX);
        let known = cohort.rules().into_iter().filter_map(|rule| Some((rule, Rule::of(rule, study, catalogue)?)));
        let (words, checks): (Vec<String>, Vec<Rule>) = known.map(|(rule, check)| (rule.to_string(), check)).unzip();
        let rules = std::iter::once(cohort.services_words()).chain(words).collect();
        CohortPlan {
            count_unit,
            min_services: cohort.min_services,
            needs: vec![need; study.study.periods.len()],
            percentile: heavy.percentile,
            age_at: cohort.age.map(|age| age.at).unwrap_or_default(),
            rolling_days: cohort.rolling_days.map(days),
            peaks: cohort
                .peaks
                .iter()
                .map(|peak| PeakPlan {
                    which: Which::new(&peak.which(), catalogue),
                    need: Need { contacts: peak.min_contacts, contacts_each: None, days: 0, cost: None },
                    days: days(peak.within_days),
                })
                .collect(),
            has_peak_instead: cohort.has_peak_instead(),
            sequences: cohort
                .sequences
                .iter()
                .map(|sequence| SequencePlan {
                    first: Which::new(&sequence.first, catalogue),
                    then: Which::new(&sequence.then, catalogue),
                    within_days: days(sequence.within_days),
                })
                .collect(),
            counts_as: 0,
            rules,
            checks,
        }
    }
}
