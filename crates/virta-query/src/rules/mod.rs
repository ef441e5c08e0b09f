//! Rules that DataFusion's optimiser lacks for this layout.

mod client_windows;
mod clients_first;
mod code_groups;
mod dependencies;
mod distinct_clients;
mod distinct_codes;
mod named_twice;
mod once_per_client;
mod ordered_texts;
mod outer_constants;
mod parts;
mod watch;

use std::sync::Arc;

use datafusion::optimizer::{Analyzer, AnalyzerRule, Optimizer, OptimizerRule};
use datafusion::physical_optimizer::PhysicalOptimizerRule;
use datafusion::physical_optimizer::optimizer::PhysicalOptimizer;

use crate::mend::exact::ExactNumbers;
use crate::shares::ByWorkers;

/// DataFusion's own rules that give expressions their types, and ours after them.
pub(crate) fn analysis() -> Vec<Arc<dyn AnalyzerRule + Send + Sync>> {
    let mut rules = Analyzer::new().rules;
    rules.push(Arc::new(ExactNumbers));
    rules
}

/// DataFusion's own rules with ours in their places.
pub(crate) fn logical() -> Vec<Arc<dyn OptimizerRule + Send + Sync>> {
    let mut rules = Optimizer::new().rules;
    // Before the rule that turns one count(distinct ...) into two groupings.
    let place = rules.iter().position(|rule| rule.name() == "single_distinct_aggregation_to_group_by");
    let place = place.unwrap_or(0);
    rules.insert(place, Arc::new(distinct_codes::DistinctCodes));
    rules.insert(place, Arc::new(distinct_clients::DistinctClients));
    // Before that, and after the rules that bring filters to the tables.
    rules.insert(place, Arc::new(clients_first::ClientsFirst));
    let watched = rules.into_iter().flat_map(|rule| {
        let before = dependencies::Independent::comes_before(rule.name());
        let before = before.then(|| Arc::new(dependencies::Independent) as _);
        [Arc::new(watch::Watch) as _].into_iter().chain(before).chain([rule])
    });
    watched.collect()
}

/// The same for physical plans.
pub(crate) fn physical() -> Vec<Arc<dyn PhysicalOptimizerRule + Send + Sync>> {
    let moves_filters = |rule: &Arc<dyn PhysicalOptimizerRule + Send + Sync>| rule.name().starts_with("FilterPushdown");
    let known = PhysicalOptimizer::new().rules.into_iter();
    let mut rules: Vec<Arc<dyn PhysicalOptimizerRule + Send + Sync>> = known
        .map(|rule| if moves_filters(&rule) { Arc::new(named_twice::NamedTwice(rule)) as _ } else { rule })
        .collect();
    // After the rule that chooses the sides of joins, and before those that sort and distribute rows.
    let place = rules.iter().position(|rule| rule.name() == "join_selection").map_or(0, |place| place + 1);
    rules.insert(place, Arc::new(outer_constants::Unsaid));
    // Before the rules that sort and distribute rows for the windows.
    rules.insert(0, Arc::new(client_windows::WalkClients));
    // After the rules that look for DataFusion's own aggregations, and after those that sort.
    let place = rules.iter().position(|rule| rule.name() == "EnsureCooperative").unwrap_or(rules.len());
    rules.insert(place, Arc::new(code_groups::GroupByCodes));
    rules.insert(place, Arc::new(ordered_texts::TextsInOrder));
    rules.insert(place, Arc::new(once_per_client::OncePerClient));
    // After every rule that changes a plan; what checks the plan comes last.
    let place = rules.iter().position(|rule| rule.name() == "SanityCheckPlan").unwrap_or(rules.len());
    rules.insert(place, Arc::new(ByWorkers));
    rules.into_iter().flat_map(|rule| [Arc::new(watch::Watch) as _, rule]).collect()
}
