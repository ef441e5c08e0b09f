//! From a statement to the plan that is run, and its rows under the names of the answer.

use std::sync::Arc;

use arrow::array::{RecordBatch, RecordBatchOptions};
use arrow::compute::cast;
use arrow::datatypes::SchemaRef;
use datafusion::error::{DataFusionError, Result};
use datafusion::execution::SendableRecordBatchStream;
use datafusion::execution::context::SessionState;
use datafusion::logical_expr::{PlanType, StringifiedPlan};
use datafusion::physical_plan::explain::ExplainExec;
use datafusion::physical_plan::{ExecutionPlan, execute_stream};
use datafusion::sql::parser::Statement as Parsed;

use crate::guard::only_reads;
use crate::mend;
use crate::shares::{self, Shared};
use crate::stop::{self, Stop};

/// Plans a statement and starts it.
pub(crate) async fn stream(
    state: &SessionState,
    parsed: Parsed,
    sql: &str,
    stop: &Stop,
    shared: Option<Shared>,
) -> Result<SendableRecordBatchStream> {
    let plan = physical(state, parsed, sql, stop, shared).await?;
    execute_stream(stop::watched(plan, stop)?, state.task_ctx())
}

/// Plans a statement, for several machines if it is to be shared and they all know what it names.
pub(crate) async fn physical(
    state: &SessionState,
    parsed: Parsed,
    sql: &str,
    stop: &Stop,
    shared: Option<Shared>,
) -> Result<Arc<dyn ExecutionPlan>> {
    let has_workers = shared.is_some();
    let plan = stop::planned(stop, async {
        let plan = state.statement_to_plan(parsed).await?;
        only_reads(&plan, sql).map_err(|error| DataFusionError::External(Box::new(error)))?;
        stop.check()?;
        let is_shared = shared.is_some() && shares::is_known_everywhere(&plan)?;
        let shared = shared.filter(|_| is_shared).map(Arc::new);
        shares::planned(shared, async { state.create_physical_plan(&mend::mended(plan)?).await }).await
    });
    let plan = plan.await?;
    stop.check()?;
    Ok(if has_workers { saying_who(plan) } else { plan })
}

/// The answer of `explain` with a line of who runs what.
fn saying_who(plan: Arc<dyn ExecutionPlan>) -> Arc<dyn ExecutionPlan> {
    let Some(explained) = plan.downcast_ref::<ExplainExec>() else { return plan };
    let said = |told: &StringifiedPlan| {
        let mut told = told.clone();
        if told.plan_type == PlanType::FinalPhysicalPlan {
            let who = match told.plan.contains(shares::SHARED) {
                true => "Workers: what stands below FromWorkers. Here: the rest.",
                false => "Workers: nothing. Here: all of it.",
            };
            told.plan = Arc::new(format!("{}\n{who}", told.plan.trim_end()));
        }
        told
    };
    let told = explained.stringified_plans().iter().map(said).collect();
    Arc::new(ExplainExec::new(explained.schema(), told, explained.verbose()))
}

/// A batch under the names and types of the answer.
pub(crate) fn under(schema: &SchemaRef, batch: &RecordBatch) -> Result<RecordBatch> {
    let columns = batch.columns().iter().zip(schema.fields()).map(|(column, field)| {
        if column.data_type() == field.data_type() { Ok(Arc::clone(column)) } else { cast(column, field.data_type()) }
    });
    let columns = columns.collect::<std::result::Result<Vec<_>, _>>()?;
    let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
    Ok(RecordBatch::try_new_with_options(Arc::clone(schema), columns, &options)?)
}
