//! The engine's context: the catalogue of a session's tables, and how the engine is set.

use std::path::PathBuf;
use std::sync::Arc;

use datafusion::catalog::{
    CatalogProvider, MemoryCatalogProvider, MemorySchemaProvider, SchemaProvider, TableProvider,
};
use datafusion::config::Dialect;
use datafusion::execution::SessionStateBuilder;
use datafusion::execution::context::SessionState;
use datafusion::logical_expr::ScalarUDF;
use datafusion::prelude::{SessionConfig, SessionContext};

use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::host::{HostFunction, Hosted};
use crate::questions::{Question, Questions};
use crate::shares::Workers;
pub(crate) use crate::statement::CATALOGUE;
use crate::statement::{Relations, WrittenFor};
use crate::table::StoreTable;
use crate::{catalogue, functions, rules, types};

/// How a session runs.
#[derive(Debug, Clone)]
pub struct Options {
    /// Threads that a query uses. The answer of a query that orders its rows does not depend on it.
    pub threads: usize,
    /// A query that needs more writes to `spill_folder`, or fails with [`Error::Memory`]. `None`: no limit.
    pub memory_limit_bytes: Option<usize>,
    /// Where temporary files go; what was written is removed when the session ends.
    pub spill_folder: Option<PathBuf>,
    /// Asked several times a second while a query runs; true ends the query.
    pub is_interrupted: fn() -> bool,
    /// Table functions that the host program answers.
    pub questions: Vec<Question>,
    /// Functions that the host program answers.
    pub functions: Vec<HostFunction>,
    /// Whether clients of PostgreSQL write the statements: then the host program brings the tables of its catalogue.
    pub written_for: WrittenFor,
    /// Partitions that plans are made for, when it is not one for each thread: machines that answer together make the same
    /// plans.
    pub partitions: Option<usize>,
    /// Other machines that run shares of the statements. Views, lists and functions of the session's own stay here.
    pub workers: Option<Arc<dyn Workers>>,
    /// What queries run on, when sessions share it: then its threads and memory limit count, not those of here.
    pub engine: Option<Arc<Engine>>,
}

impl Default for Options {
    fn default() -> Self {
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        Options {
            threads,
            memory_limit_bytes: None,
            spill_folder: None,
            is_interrupted: || false,
            questions: Vec::new(),
            functions: Vec::new(),
            written_for: WrittenFor::default(),
            partitions: None,
            workers: None,
            engine: None,
        }
    }
}

impl Options {
    /// Partitions that plans are made for.
    pub(crate) fn partitions(&self, engine: &Engine) -> usize {
        self.partitions.unwrap_or(engine.threads).max(1)
    }
}

/// A context over the schemas' tables, each as `shown` gives it.
pub(crate) fn context(
    options: &Options,
    engine: &Engine,
    schemas: &[catalogue::SchemaEntry],
    shown: impl Fn(&str, &Arc<StoreTable>) -> datafusion::error::Result<Arc<dyn TableProvider>>,
) -> Result<SessionContext> {
    let catalogue = MemoryCatalogProvider::new();
    let mut providers: Vec<(String, String, Arc<dyn SchemaProvider>)> = Vec::new();
    if schemas.is_empty() {
        // A session's own views need a place also where there is no store.
        let store = catalogue::STORE_SCHEMA.to_owned();
        providers.push((store.clone(), store, Arc::new(MemorySchemaProvider::new())));
    }
    for schema in schemas {
        let tables = MemorySchemaProvider::new();
        for table in &schema.tables {
            let shown = shown(&table.name, &table.provider);
            let added = shown.and_then(|shown| tables.register_table(table.name.clone(), shown));
            added.map_err(|_| Error::Engine("two tables have the same name"))?;
        }
        providers.push((schema.unquoted_name(), schema.name.clone(), Arc::new(tables)));
    }
    // Exact names come last, so that a study's own name wins over the unquoted name of another.
    let unquoted = providers.iter().map(|(name, _, tables)| (name, tables));
    for (name, tables) in unquoted.chain(providers.iter().map(|(_, name, tables)| (name, tables))) {
        let added = catalogue.register_schema(name, Arc::clone(tables));
        added.map_err(|_| Error::Engine("a schema cannot be registered"))?;
    }
    Ok(SessionContext::new_with_state(state(options, engine, catalogue)))
}

fn state(options: &Options, engine: &Engine, catalogue: MemoryCatalogProvider) -> SessionState {
    let mut config = SessionConfig::new()
        .with_target_partitions(options.partitions(engine))
        .with_default_catalog_and_schema(CATALOGUE, catalogue::STORE_SCHEMA)
        .with_create_default_catalog_and_schema(false)
        .with_information_schema(options.written_for == WrittenFor::Virta);
    let settings = config.options_mut();
    settings.sql_parser.dialect = Dialect::Generic;
    settings.sql_parser.collect_spans = true;
    // Whichever way they are sorted.
    settings.sql_parser.default_null_ordering = "nulls_last".to_owned();
    settings.execution.parquet.pushdown_filters = true;
    settings.execution.parquet.reorder_filters = true;
    // What the two kinds of plan say of whether `(a <> b) is not true` can be null differs; nothing else does.
    settings.execution.skip_physical_aggregate_schema_check = true;
    // A limit above a window that looks ahead cuts off what it looks at.
    settings.optimizer.enable_window_limits = false;
    // Grouping by client and more keeps the partitions by client.
    settings.optimizer.preserve_file_partitions = 1;
    settings.optimizer.subset_repartition_threshold = 1;
    let state = SessionStateBuilder::new_with_default_features()
        .with_config(config)
        .with_runtime_env(Arc::clone(&engine.environment))
        .with_analyzer_rules(rules::analysis())
        .with_optimizer_rules(rules::logical())
        .with_physical_optimizer_rules(rules::physical())
        .with_type_planner(Arc::new(types::WrittenTypes))
        .with_relation_planners(vec![Arc::new(Questions(options.questions.clone())), Arc::new(Relations)])
        .build();
    let context = SessionContext::new_with_state(state);
    context.register_catalog(CATALOGUE, Arc::new(catalogue));
    functions::register(&context);
    for function in &options.functions {
        context.register_udf(ScalarUDF::from(Hosted::new(function.clone())));
    }
    context.state()
}
