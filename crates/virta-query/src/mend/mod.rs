//! What the engine would answer wrongly, or not at all, put right in the plan before the engine sees it, or refused.
//!
//! Each file is one kind of fault. `tests/query/engine.rs` asks the bare engine the same questions and fails as soon
//! as one is answered rightly, so that the guard can go.
//!
//! - [`subqueries`]: which subqueries the engine may answer itself, and what stands in the place of the others.
//! - [`bind`] and [`outer`]: how such a subquery is answered for all rows of the outer query at once.
//! - [`laterals`]: the same for `lateral`.
//! - [`sets`]: `except all`, `intersect all` and `distinct`.
//! - [`firsts`]: `distinct on`.
//! - [`keys`]: grouping sets of what is worked out.
//! - [`windows`]: frames over days and times of day, and neighbours that skip nulls.
//! - [`exact`]: whole numbers that grow past their range, days that lose their hours.
//! - [`fractions`]: fractions written out in a query.
//! - [`guarded`]: conditions that keep others from failing.
//! - [`intervals`]: lengths of time that are compared, or added to days.
//! - [`lengths`]: parts of lengths of time, and how long lists are.
//! - [`minutes`]: points in time without seconds, times of day that are numbers.
//! - [`narrow`]: casts that may lose a value, and days that are taken for numbers.
//! - [`whole`]: fractions cast to whole numbers.
//! - [`nulls`]: lists with a null in them.
//! - [`orders`]: orders that name one thing twice.
//! - [`sizes`]: texts and lists as large as a number says.
//! - [`alike`]: `is not distinct from` between tables.

mod alike;
mod bind;
pub(crate) mod exact;
mod firsts;
mod fractions;
mod guarded;
mod intervals;
mod keys;
mod laterals;
mod lengths;
mod minutes;
mod narrow;
mod neighbour;
mod nulls;
mod orders;
mod outer;
mod sets;
mod sizes;
mod subqueries;
mod whole;
mod windows;

use std::cell::Cell;
use std::sync::atomic::{AtomicUsize, Ordering};

use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::error::{DataFusionError, Result};
use datafusion::logical_expr::LogicalPlan;

use crate::error::{Complaint, Error};

/// Steps of a plan that are looked at. What stands in the place of a subquery can hold the outer query several times, so
/// that subqueries within each other could make a plan larger than the memory.
const STEPS_MAX: usize = 20_000;

/// The plan that is asked instead. It has the same columns.
pub(crate) fn mended(plan: LogicalPlan) -> Result<LogicalPlan> {
    mended_in(plan, &Cell::new(STEPS_MAX))
}

/// As [`mended`], in so many steps.
fn mended_in(plan: LogicalPlan, steps: &Cell<usize>) -> Result<LogicalPlan> {
    let Some(left) = steps.get().checked_sub(1) else {
        return Err(refused(
            "this has too many subqueries within each other to be answered",
            "work the inner ones out in a with clause or a view first, and join it",
        ));
    };
    steps.set(left);
    // From the outside inwards: what stands in the place of a subquery holds the subquery's own subqueries.
    let plan = sets::counted(plan)?;
    let plan = firsts::numbered(plan)?;
    let plan = keys::as_columns(plan)?;
    let plan = windows::framed(plan)?;
    let plan = alike::keyed(plan)?;
    let plan = laterals::joined(plan)?;
    let mut is_other = plan.transformed;
    let plan = subqueries::answered(plan.data)?;
    is_other |= plan.transformed;
    let plan = plan.data.map_children(|child| Ok(Transformed::yes(mended_in(child, steps)?)))?;
    is_other |= plan.transformed;
    let plan = plan.data.map_subqueries(|subquery| Ok(Transformed::yes(mended_in(subquery, steps)?)))?;
    // Whether a column may be null can have changed below.
    if is_other && !matches!(plan.data, LogicalPlan::Subquery(_)) {
        sets::once(plan.data.recompute_schema()?)
    } else {
        sets::once(plan.data)
    }
}

/// A name that no table and no column of a query has.
fn fresh(what: &str) -> String {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    format!("virta_{what}_{}", NEXT.fetch_add(1, Ordering::Relaxed))
}

/// A refusal that names what to write instead.
fn refused(message: &str, instead: &str) -> DataFusionError {
    DataFusionError::External(Box::new(Error::Query(Complaint::new(message).hint(instead))))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use datafusion::logical_expr::{LogicalPlanBuilder, Union, lit};

    use super::*;

    #[test]
    fn a_plan_that_grows_without_end_is_refused() {
        let one = Arc::new(LogicalPlanBuilder::empty(true).project([lit(1)]).unwrap().build().unwrap());
        let many = |count| LogicalPlan::Union(Union::try_new(vec![Arc::clone(&one); count]).unwrap());
        // Each takes two steps, and the union one.
        assert!(mended(many((STEPS_MAX - 1) / 2)).is_ok());
        let error = mended(many(STEPS_MAX / 2)).unwrap_err();
        assert!(error.to_string().contains("too many subqueries within each other"), "{error}");
    }
}
