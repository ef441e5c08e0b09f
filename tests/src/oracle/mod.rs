//! The naive oracle: every cohort table of a study, the plainest way.
//!
//! It reads a [`World`] and a [`Study`] and goes through people, days and contacts one by one. Where the rules
//! leave a choice, it is written at the function that makes it.

mod access;
mod adoption;
mod calendar;
mod cell;
mod co_use;
mod cohort;
mod continuity;
mod contributors;
mod costs;
mod emergency;
mod episodes;
mod eras;
mod flow;
mod follow_up;
mod funnel;
mod joiners;
mod packages;
mod person;
mod pilots;
mod profile;
mod regions;
mod sectors;
mod statistics;
mod sweep;
mod use_tables;

pub use calendar::{Window, age, cost_of_day, months, municipality_in};
pub use cell::{Cell, Tables, cells};
pub use cohort::Standing;
pub use person::{Person, Use};
pub use statistics::{bottom_count, decile, gini, median, percentile, top_count};

use virta_model::Day;
use virta_model::settings::{Period, Study};

use crate::world::World;
use cohort::standings;

/// Computes `pathways` of each of some studies with `[pathways]`, and nothing else: for worlds of many people. The studies
/// say nothing of the end of observation.
pub fn pathways(studies: &[Study], world: &World) -> Vec<Tables> {
    let people = Person::all(world, studies.first().and_then(|study| world.end(study)));
    let mut all = Vec::new();
    for study in studies {
        let periods = study.study.periods.iter().map(|period| PeriodPeople::new(study, world, &people, period));
        let periods: Vec<PeriodPeople<'_>> = periods.collect();
        let mut tables = Tables::new();
        if let Some(settings) = &study.pathways {
            eras::pathways(study, settings, &periods, &mut tables);
        }
        all.push(tables);
    }
    all
}

/// Computes every table that the study asks for.
pub fn run(study: &Study, world: &World) -> Tables {
    let people = Person::all(world, world.end(study));
    let periods: Vec<PeriodPeople<'_>> =
        study.study.periods.iter().map(|period| PeriodPeople::new(study, world, &people, period)).collect();
    let mut tables = Tables::new();
    cohort::attrition(study, &periods, &mut tables);
    cohort::members(study, &periods, &mut tables);
    cohort::near_members(study, &periods, &mut tables);
    cohort::definition_overlap(study, &periods, &mut tables);
    profile::profile(study, &periods, &mut tables);
    regions::regions(study, &periods, &mut tables);
    profile::summary(&periods, &mut tables);
    use_tables::service_use(study, &periods, &mut tables);
    use_tables::services_per_client(&periods, &mut tables);
    use_tables::combinations(study, &periods, &mut tables);
    use_tables::sector_overlap(study, &periods, &mut tables);
    if let Some(flow) = &study.flow {
        flow::flows(study, flow, &periods, &mut tables);
        flow::ends(study, &periods, &mut tables);
        if study.pathways.is_none() {
            flow::pathways(study, flow, &periods, &mut tables);
        }
    }
    if study.monthly_states.is_some() {
        flow::monthly_states(study, &periods, &mut tables);
    }
    if study.concentration.is_some() {
        costs::concentration(&periods, &mut tables);
        costs::lorenz(&periods, &mut tables);
        sectors::sectors(&periods, &mut tables);
    }
    if study.persistence.is_some() {
        costs::persistence(&periods, &mut tables);
    }
    if study.joiners.is_some() {
        joiners::joiners(study, &periods, &mut tables);
    }
    if study.emergency.is_some() {
        emergency::bands(study, &periods, &mut tables);
        emergency::hours(study, &periods, &mut tables);
        emergency::blocks(study, &periods, &mut tables);
        emergency::next(study, &periods, &mut tables);
    }
    if !study.follows.is_empty() {
        follow_up::follow_up(study, &periods, &mut tables);
    }
    if let Some(settings) = &study.episodes {
        episodes::episodes(study, settings, &periods, &mut tables);
    }
    if let Some(settings) = &study.pathways {
        eras::pathways(study, settings, &periods, &mut tables);
    }
    if study.co_use.is_some() {
        co_use::co_use(study, &periods, &mut tables);
    }
    if study.continuity.is_some() {
        continuity::continuity(study, &periods, &mut tables);
    }
    if let Some(top) = &study.top_users {
        costs::top_users(top, &periods, &mut tables);
    }
    if let Some(sweep) = &study.sweep {
        sweep::sweep(sweep, &periods, &mut tables);
    }
    pilots::pilots(study, world, &people, &periods, &mut tables);
    let mut given = Vec::new();
    if study.packages.is_some() {
        given = packages::packages(&periods, &mut tables);
    }
    if let Some(limits) = &study.access {
        access::access(limits, study.study.observed_until, &periods, &mut tables);
    }
    if !study.funnels.is_empty() {
        funnel::funnels(study, &periods, &mut tables);
    }
    if let Some(settings) = &study.adoption {
        adoption::adoption(study, settings, &periods, &mut tables);
    }
    contributors::contributors(study, &periods, given, &mut tables);
    tables
}

/// One period: who are its users and residents, and who stands where in each cohort.
#[derive(Debug)]
pub struct PeriodPeople<'a> {
    pub label: String,
    pub window: Window,
    pub world: &'a World,
    pub people: &'a [Person<'a>],
    /// Places in `people` of the users: any contact in the period, and in the population.
    pub users: Vec<usize>,
    /// Places of the residents of the population; `None` without a client list.
    pub residents: Option<Vec<usize>>,
    /// Places of everybody whose age belongs to the population.
    pub population: Vec<usize>,
    /// The last day of residence and follow-up, if any is known.
    pub end: Option<Day>,
    /// Whether the population is everybody, of whatever age.
    pub has_no_age_limit: bool,
    /// By cohort of the study, by place in `users`.
    pub standings: Vec<Vec<Standing>>,
}

impl<'a> PeriodPeople<'a> {
    fn new(study: &Study, world: &'a World, people: &'a [Person<'a>], period: &Period) -> Self {
        let window = Window { from: period.first, to: period.last };
        // The population is asked for at the period's end; an unknown age is outside an age range.
        let in_population = |person: &Person<'_>| match study.study.population.ages {
            None => true,
            Some(ages) => person
                .age_on(window.to)
                .is_some_and(|age| i64::from(ages.min) <= age.into() && i64::from(age) <= ages.max.into()),
        };
        let population: Vec<usize> = (0..people.len()).filter(|&at| in_population(&people[at])).collect();
        let users = population.iter().copied().filter(|&at| !people[at].contacts_in(window).is_empty()).collect();
        let residents = people
            .iter()
            .any(Person::is_listed)
            .then(|| population.iter().copied().filter(|&at| people[at].observed_days(window) > 0).collect());
        let label = period.label().to_owned();
        let mut this = PeriodPeople {
            label,
            window,
            world,
            people,
            users,
            residents,
            population,
            end: world.end(study),
            has_no_age_limit: study.study.population.ages.is_none(),
            standings: Vec::new(),
        };
        for cohort in &study.cohorts {
            let standings = standings(study, cohort, &this);
            this.standings.push(standings);
        }
        this
    }

    /// The implicit cohort `all` and the study's cohorts, each with its people.
    pub fn groups(&self, study: &Study) -> Vec<(String, Vec<&'a Person<'a>>)> {
        let all = self.users.iter().map(|&at| &self.people[at]).collect();
        let mut groups = vec![("all".to_owned(), all)];
        for (cohort, standings) in study.cohorts.iter().zip(&self.standings) {
            let members = self.users.iter().zip(standings).filter(|(_, standing)| standing.is_member());
            groups.push((cohort.name.clone(), members.map(|(&at, _)| &self.people[at]).collect()));
        }
        groups
    }

    /// Where somebody lives, as the municipalities are in the year in which the period ends.
    pub fn municipality(&self, person: &Person<'_>) -> Option<String> {
        let code = person.client.municipality.as_ref()?;
        Some(municipality_in(code, self.window.to.year()).to_owned())
    }

    /// Whether the period begins after the end of observation, so that nothing is known of it.
    pub fn is_unknown(&self) -> bool {
        self.end.is_some_and(|end| self.window.days().all(|day| day > end))
    }

    /// Known not to live there in the period, or outside the population by age.
    pub fn is_absent(&self, at: usize) -> bool {
        let person = &self.people[at];
        !self.population.contains(&at) || (person.is_listed() && person.observed_days(self.window) == 0)
    }

    pub fn user_people(&self) -> impl Iterator<Item = &'a Person<'a>> {
        let people = self.people;
        self.users.iter().map(move |&at| &people[at])
    }
}
