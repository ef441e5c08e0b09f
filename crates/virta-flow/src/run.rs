//! Running a study.

use virta_model::settings::Study;
use virta_model::{PartSink, Table};

use crate::analyses::{Analyses, End};
use crate::error::Error;
use crate::input::catalogue::Catalogue;
use crate::input::columns::Columns;
use crate::input::options::RunOptions;
use crate::input::source::Source;
use crate::pass::gathered::Gathered;
use crate::pass::part_output::{self, Kept, PartOutput};
use crate::pass::passes::{Passes, pool};
use crate::pass::percentiles;
use crate::pass::side_tables::SideTables;
use crate::pilots;
use crate::rules::plan::Plan;
use crate::shares::{FromElsewhere, Workers};
use crate::worker::gather;

/// Runs a study with every table in memory; see [`run_into`].
///
/// # Errors
/// Those of [`run_into`].
pub fn run<S: Source>(study: &Study, source: &S, options: &RunOptions<'_>) -> Result<Vec<Table>, Error> {
    let kept = Kept::default();
    let mut tables = run_into(study, source, options, &kept)?;
    kept.join(&mut tables);
    Ok(tables)
}

/// The columns of contacts that a run of this study reads; none of a study that [`run_into`] refuses.
#[must_use]
pub fn columns_read(study: &Study) -> Columns {
    let catalogue = Catalogue::default();
    let Ok(plan) = Plan::new(study, &catalogue) else { return Columns::NONE };
    let of_pilots = if study.pilots.is_empty() { Columns::NONE } else { pilots::COLUMNS };
    columns_of_pass(&plan).or(of_pilots)
}

fn columns_of_pass(plan: &Plan<'_>) -> Columns {
    plan.columns().or(Analyses::new(plan).columns())
}

/// Runs a study: one pass over the clients of `source`, and a cheap one before it where a cohort has a percentile
/// threshold.
///
/// Tables with about a row for each client (members, near members, combinations, pathways) go to `sink` part by part,
/// which never sees more than a few parts at once. Returns the other tables that the study asks for, in the order of
/// `virta_model::schema::COHORT`. Rows are in a fixed order: the same rows give the same tables and parts whatever the
/// threads, buckets and batches. An empty source gives tables of zeros or without rows, not an error.
///
/// # Errors
/// Sections that cannot be run yet, a catalogue or columns that break their contract, and what the source and the sink
/// report.
pub fn run_into<S: Source>(
    study: &Study,
    source: &S,
    options: &RunOptions<'_>,
    sink: &dyn PartSink,
) -> Result<Vec<Table>, Error> {
    course(study, source, options, sink, None)
}

/// As [`run_into`], with the passes over the buckets made by `workers`. The tables and parts are the same.
///
/// Of the source the catalogue is read here, what the tables need besides contacts, and for pilots the windows of their
/// clients.
///
/// # Errors
/// Those of [`run_into`] and of `workers`; buckets that no share has.
pub fn run_shared<S: Source>(
    study: &Study,
    source: &S,
    options: &RunOptions<'_>,
    sink: &dyn PartSink,
    workers: &mut dyn Workers,
) -> Result<Vec<Table>, Error> {
    course(study, source, options, sink, Some(workers))
}

fn course<S: Source>(
    study: &Study,
    source: &S,
    options: &RunOptions<'_>,
    sink: &dyn PartSink,
    workers: Option<&mut dyn Workers>,
) -> Result<Vec<Table>, Error> {
    let mut plan = Plan::of_run(study, source.catalogue(), options)?;
    let pool = pool(options)?;
    let all = 0..source.bucket_count();
    let passes = Passes::new(source, &pool, options, all.end * (1 + u32::from(plan.needs_percentiles())));
    let mut elsewhere = workers.map(|workers| FromElsewhere { workers, passes: &passes });
    let mut thresholds = None;
    if plan.needs_percentiles() {
        let users = match &mut elsewhere {
            Some(elsewhere) => elsewhere.count(&plan)?,
            None => percentiles::count(&passes, &plan, all.clone(), columns_of_pass(&plan))?,
        };
        let found = thresholds.insert(users.thresholds(&plan));
        plan.set_thresholds(found.clone());
    }
    let plan = plan;
    // Funnels go from contacts to plans and back, so that the side tables come before the pass.
    let side_tables = pool.install(|| SideTables::read(source, &plan, all.clone()))?;
    let output = PartOutput::new(sink);
    let gathered = match &mut elsewhere {
        Some(elsewhere) => elsewhere.gather(&plan, thresholds.clone(), &output)?,
        None => gather(&passes, &plan, all.clone(), &side_tables, Some(&output))?,
    };
    let Gathered { analyses, groups, mut totals, pool_sizes } = gathered;
    totals.finish();
    let mut tables =
        pool.install(|| analyses.finish(&End::new(&plan, &groups, &totals, &side_tables, options, &output)));
    output.check()?;
    if !study.pilots.is_empty() {
        let passes: &mut dyn pilots::PilotPasses = match &mut elsewhere {
            Some(elsewhere) => &mut elsewhere.of_pilots(&plan, thresholds),
            None => &mut pilots::Here { plan: &plan, passes: &passes, buckets: all },
        };
        tables.extend(pilots::run(&plan, options, &pool_sizes, passes)?);
        part_output::sort(&mut tables);
    }
    Ok(tables)
}
