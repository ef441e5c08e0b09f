//! Definitions answered while somebody edits them.
//!
//! A study reads every contact. While a threshold is moved that is too slow, so [`Live`] keeps, for each period, what each
//! client used of each service: contacts, days and cost, and the few days that rules look at. It is made by the same code
//! that adds up a study's periods, and a definition is then held against it by the same rules, so that what [`Live::look`]
//! says is what a study of the same definition says. Cohorts with rules about single contacts (rolling windows, peaks, sequences) cannot be
//! answered from sums: [`look_through`] reads the contacts for them and gives the same [`Look`].

mod answer;
mod keep;
mod look;
mod sums;

use virta_model::settings::{Cohort, CountBy, Study};

use crate::error::Error;
use crate::input::catalogue::Catalogue;
use crate::input::columns::Columns;
use crate::input::kept::KeptSource;
use crate::input::options::RunOptions;
use crate::input::rows::Window;
use crate::input::source::Source;
use crate::live::answer::{Answerer, answer};
use crate::live::keep::{Chunk, Keeper};
use crate::live::sums::Sums;
use crate::pass::passes::{Passes, pool};
use crate::pass::percentiles::{self, Users};
use crate::rules::plan::Plan;
use crate::rules::rule::looks_at_contacts;

pub use look::{Look, LookPeriod, LookStep, Person, ServiceLook, Sum};

/// What is asked of a definition.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// The study whose periods, population and cohorts are meant.
    pub study: &'a Study,
    /// The name of the cohort that is looked at.
    pub cohort: &'a str,
    /// The number of the period whose services, thresholds and people are told.
    pub period: usize,
    /// Thresholds of the grid: least numbers of services, and least contacts of each.
    pub grid: (&'a [u32], &'a [u32]),
    /// Whether people are listed, and which.
    pub people: Option<Who>,
}

/// People who can be listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    Members,
    /// One counted service short, and every other rule kept.
    Short,
    /// As the table `near_members`: short, with more counted services than in the period before.
    Near,
    /// Those who break this rule alone, by its number in [`LookPeriod::steps`].
    OnlyRule(usize),
}

/// What every client used in the periods of a study, kept in memory.
#[derive(Debug)]
pub struct Live {
    catalogue: Catalogue,
    /// The periods, and those before them.
    windows: Vec<Window>,
    /// Single services, and what else was counted that does not follow from them.
    units: Vec<CountBy>,
    chunks: Vec<Chunk>,
}

impl Live {
    /// Reads all contacts once and keeps what the study's periods need.
    ///
    /// # Errors
    /// A catalogue or columns that break their contract, and what the source reports.
    pub fn open<S: Source>(study: &Study, source: &S, options: &RunOptions<'_>) -> Result<Self, Error> {
        let catalogue = source.catalogue();
        catalogue.check()?;
        let plan = Plan::new(study, catalogue)?;
        let (windows, units) = needed(&plan);
        let columns = Columns {
            stays: true,
            cost: true,
            provider: units.contains(&CountBy::Provider),
            unit: units.contains(&CountBy::Unit),
            ..Columns::NONE
        };
        let pool = pool(options)?;
        let passes = Passes::new(source, &pool, options, source.bucket_count());
        let kept = passes.run(columns, || Keeper::new(&plan, &windows, &units))?;
        let mut chunks: Vec<(u32, Chunk)> = kept.into_iter().flat_map(Keeper::into_chunks).collect();
        chunks.sort_by_key(|(bucket, _)| *bucket);
        let chunks = chunks.into_iter().map(|(_, chunk)| chunk).filter(|chunk| !chunk.is_empty()).collect();
        Ok(Live { catalogue: catalogue.clone(), windows, units, chunks })
    }

    /// Whether the periods and what is counted of this study are kept.
    ///
    /// # Errors
    /// A study with too many cohorts.
    pub fn covers(&self, study: &Study) -> Result<bool, Error> {
        let (windows, units) = needed(&Plan::new(study, &self.catalogue)?);
        Ok(windows.iter().all(|window| self.windows.contains(window))
            && units.iter().all(|unit| self.units.contains(unit)))
    }

    /// The code lists that the numbers of the answers come from.
    pub fn catalogue(&self) -> &Catalogue {
        &self.catalogue
    }

    /// Memory that is kept, in bytes.
    pub fn bytes(&self) -> usize {
        self.chunks.iter().map(Chunk::bytes).sum()
    }

    /// Holds a definition against what is kept.
    ///
    /// # Errors
    /// A cohort that the study does not have, one that looks at single contacts, and a study that is not kept.
    pub fn look(&self, asked: &Asked<'_>) -> Result<Look, Error> {
        let study = narrowed(asked)?;
        if study.cohorts.iter().any(looks_at_contacts) || !self.covers(&study)? {
            return Err(Error::NotKept);
        }
        let mut plan = Plan::new(&study, &self.catalogue)?;
        if plan.needs_percentiles() {
            let mut users = Users::none(&plan);
            self.chunks.iter().for_each(|chunk| chunk.note_percentiles(&plan, &self.windows, &self.units, &mut users));
            let thresholds = users.thresholds(&plan);
            plan.set_thresholds(thresholds);
        }
        Ok(answer(&plan, asked, &self.windows, &self.units, &self.chunks))
    }
}

/// Holds a definition against all contacts: for cohorts that look at single contacts, and for comparison.
///
/// # Errors
/// A cohort that the study does not have, a catalogue or columns that break their contract, and what the source reports.
pub fn look_through<S: Source>(asked: &Asked<'_>, source: &S, options: &RunOptions<'_>) -> Result<Look, Error> {
    let catalogue = source.catalogue();
    catalogue.check()?;
    let study = narrowed(asked)?;
    let mut plan = Plan::new(&study, catalogue)?;
    let wanted = plan.columns();
    let pool = pool(options)?;
    let passes = Passes::new(source, &pool, options, source.bucket_count());
    if plan.needs_percentiles() {
        let users = percentiles::count(&passes, &plan, 0..source.bucket_count(), wanted)?;
        plan.set_thresholds(users.thresholds(&plan));
    }
    let visitors = passes.run(wanted, || Answerer::new(&plan, asked))?;
    let mut sums = Sums::new(&plan, asked);
    visitors.into_iter().for_each(|other| sums.merge(other.into_sums()));
    Ok(sums.finish(&plan, asked))
}

impl KeptSource {
    /// Reads a source once and keeps what [`look_through`] asks of it for this definition: edits of it are then answered
    /// from memory.
    ///
    /// # Errors
    /// A cohort that the study does not have, a catalogue that breaks its contract, and what the source reports.
    pub fn open<S: Source>(asked: &Asked<'_>, source: &S, options: &RunOptions<'_>) -> Result<Self, Error> {
        source.catalogue().check()?;
        let wanted = Plan::new(&narrowed(asked)?, source.catalogue())?.columns();
        KeptSource::read(source, wanted, &pool(options)?)
    }

    /// Whether a definition can be held against what is kept.
    ///
    /// # Errors
    /// A cohort that the study does not have.
    pub fn answers(&self, asked: &Asked<'_>) -> Result<bool, Error> {
        Ok(self.has(Plan::new(&narrowed(asked)?, self.catalogue())?.columns()))
    }
}

/// Whether the cohort that is asked for, or one that it leaves out, looks at single contacts.
///
/// # Errors
/// A cohort that the study does not have.
pub fn needs_contacts(asked: &Asked<'_>) -> Result<bool, Error> {
    Ok(narrowed(asked)?.cohorts.iter().any(looks_at_contacts))
}

/// The study with the cohort that is asked for, as the last, and those that it leaves out.
fn narrowed(asked: &Asked<'_>) -> Result<Study, Error> {
    let cohorts = &asked.study.cohorts;
    let at = cohorts.iter().position(|cohort| cohort.name == asked.cohort).ok_or(Error::NoCohort)?;
    if asked.period >= asked.study.study.periods.len() {
        return Err(Error::NoCohort);
    }
    let mut wanted = vec![false; cohorts.len()];
    wanted[at] = true;
    // Cohorts leave out earlier ones only, so one walk backwards finds them all.
    for at in (0..=at).rev().filter(|&at| wanted[at]).collect::<Vec<_>>() {
        mark(cohorts, at, &mut wanted);
    }
    let cohorts = cohorts.iter().zip(&wanted).filter(|(_, wanted)| **wanted).map(|(cohort, _)| cohort.clone());
    Ok(Study { cohorts: cohorts.collect(), sweep: None, ..asked.study.clone() })
}

fn mark(cohorts: &[Cohort], at: usize, wanted: &mut [bool]) {
    for name in &cohorts[at].exclude_cohorts {
        if let Some(other) = cohorts[..at].iter().position(|cohort| cohort.name == *name) {
            wanted[other] = true;
            mark(cohorts, other, wanted);
        }
    }
}

/// The stretches of days and the units that a plan's answers need.
fn needed(plan: &Plan<'_>) -> (Vec<Window>, Vec<CountBy>) {
    let mut windows = plan.periods.clone();
    windows.extend(&plan.before);
    windows.sort_by_key(|window| (window.first, window.last));
    windows.dedup();
    let units = plan.count_units.iter().filter(|unit| unit.is_kept()).map(|unit| unit.count_by);
    (windows, units.collect())
}
