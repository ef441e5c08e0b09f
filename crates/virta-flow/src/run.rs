//! Running a study.

use virta_model::settings::Study;
use virta_model::{PartSink, Table};

use crate::analyses::{Analyses, End};
use crate::error::Error;
use crate::input::catalogue::Catalogue;
use crate::input::columns::Columns;
use crate::input::options::RunOptions;
use crate::input::pilots::PilotClient;
use crate::input::source::Source;
use crate::pass::groups::Remap;
use crate::pass::part_output::{self, Kept, PartOutput};
use crate::pass::passes::{Passes, pool};
use crate::pass::percentiles::PercentileVisitor;
use crate::pass::side_tables::SideTables;
use crate::pilots;
use crate::rules::plan::Plan;
use crate::worker::Worker;

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
    let catalogue = source.catalogue();
    catalogue.check()?;
    let mut plan = Plan::new(study, catalogue)?;
    let named = |pilot: &&PilotClient| study.pilots.iter().any(|named| named.name == pilot.pilot);
    for pilot in options.pilots.iter().filter(named) {
        let day = plan.index_dates.entry(pilot.client_id).or_insert(pilot.index_date.0);
        *day = pilot.index_date.0.min(*day);
    }
    let pool = pool(options)?;
    let needs_percentiles = plan.cohorts.iter().any(|cohort| cohort.percentile > 0);
    let wanted = columns_of_pass(&plan);
    let passes = Passes::new(source, &pool, options, 1 + u32::from(needs_percentiles));
    if needs_percentiles {
        let columns = PercentileVisitor::columns(wanted);
        let mut visitors = passes.run(columns, || PercentileVisitor::new(&plan))?.into_iter();
        let thresholds = visitors.next().map(|mut first| {
            visitors.for_each(|other| first.merge(other));
            first.thresholds()
        });
        plan.set_thresholds(thresholds.unwrap_or_default());
    }
    let plan = plan;
    // Funnels go from contacts to plans and back, so that the side tables come before the pass.
    let side_tables = pool.install(|| SideTables::read(source, &plan))?;
    let output = PartOutput::new(sink);
    let analyses = Analyses::new(&plan);
    let worker = || Worker::new(&plan, &side_tables, &output, analyses.another(&plan));
    let visitors = passes.run(wanted, worker);
    output.check()?;
    let mut visitors = visitors?.into_iter();
    let mut whole = visitors.next().unwrap_or_else(worker);
    for other in visitors {
        let remap = Remap { groups: whole.groups.merge(&other.groups), periods: plan.periods.len() };
        pool.install(|| whole.analyses.merge(other.analyses, &remap));
        whole.totals.merge(other.totals);
        whole.pool_members.merge(other.pool_members);
    }
    let Worker { analyses, groups, mut totals, pool_members, .. } = whole;
    totals.finish();
    let mut tables =
        pool.install(|| analyses.finish(&End::new(&plan, &groups, &totals, &side_tables, options, &output)));
    output.check()?;
    if !study.pilots.is_empty() {
        tables.extend(pilots::run(&plan, &passes, pool_members)?);
        part_output::sort(&mut tables);
    }
    Ok(tables)
}
