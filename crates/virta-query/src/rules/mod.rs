//! Rules that DataFusion's optimiser lacks for this layout.

mod distinct_codes;

use std::sync::Arc;

use datafusion::optimizer::{Optimizer, OptimizerRule};

/// DataFusion's own rules with ours in their places.
pub(crate) fn logical() -> Vec<Arc<dyn OptimizerRule + Send + Sync>> {
    let mut rules = Optimizer::new().rules;
    // Before the rule that turns one count(distinct ...) into two groupings.
    let place = rules.iter().position(|rule| rule.name() == "single_distinct_aggregation_to_group_by");
    rules.insert(place.unwrap_or(0), Arc::new(distinct_codes::DistinctCodes));
    rules
}
