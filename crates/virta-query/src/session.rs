//! A session: one snapshot, the studies' results beside it, and queries over both.

use std::fmt;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use datafusion::catalog::{CatalogProvider, MemoryCatalogProvider, MemorySchemaProvider, SchemaProvider};
use datafusion::config::Dialect;
use datafusion::error::DataFusionError;
use datafusion::execution::SessionStateBuilder;
use datafusion::execution::context::SessionState;
use datafusion::execution::disk_manager::{DiskManagerBuilder, DiskManagerMode};
use datafusion::execution::memory_pool::FairSpillPool;
use datafusion::execution::runtime_env::RuntimeEnvBuilder;
use datafusion::physical_plan::execute_stream;
use datafusion::prelude::{SessionConfig, SessionContext};
use tokio::runtime::Runtime;
use tokio::task::JoinHandle;
use virta_store::{Snapshot, StudyResults};

use crate::error::{Error, Result};
use crate::guard::{no_identity_codes, only_reads};
use crate::questions::{Question, Questions};
use crate::{catalogue, describe, functions, mend, reword, rules, types};

/// The catalogue that every schema lies in. Nobody has to write it.
pub(crate) const CATALOGUE: &str = "virta";

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
        }
    }
}

/// SQL over one snapshot and the studies' results. See the [crate's example](crate).
pub struct Session {
    context: SessionContext,
    runtime: Option<Runtime>,
    options: Options,
    dictionary: Vec<catalogue::SchemaEntry>,
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session").field("options", &self.options).finish_non_exhaustive()
    }
}

impl Session {
    /// Opens a session over a snapshot and studies' results, which are looked at when a query first reads them.
    ///
    /// # Errors
    /// [`Error::Store`] when a file that the functions of the domain need is damaged, [`Error::Spill`] when the folder
    /// for temporary files cannot be written.
    pub fn open(snapshot: &Snapshot, studies: &[StudyResults], options: Options) -> Result<Self> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(options.threads.max(1))
            .thread_name("virta-sql")
            .build()
            .map_err(|_| Error::Engine("its threads cannot be started"))?;
        let schemas = catalogue::schemas(snapshot, studies, options.threads)?;
        let catalogue = MemoryCatalogProvider::new();
        let mut providers: Vec<(String, String, Arc<dyn SchemaProvider>)> = Vec::new();
        for schema in &schemas {
            let tables = MemorySchemaProvider::new();
            for table in &schema.tables {
                let added = tables.register_table(table.name.clone(), Arc::clone(&table.provider) as _);
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
        let context = SessionContext::new_with_state(state(&options, catalogue)?);
        Ok(Session { context, runtime: Some(runtime), options, dictionary: schemas })
    }

    /// Starts one query. Rows are worked out while they are asked for.
    pub fn query(&self, sql: &str) -> Result<Answer> {
        let Some(runtime) = &self.runtime else { return Err(Error::Engine("it has ended")) };
        no_identity_codes(sql)?;
        let started = Instant::now();
        let limit_bytes = self.options.memory_limit_bytes.unwrap_or_default();
        let state = self.context.state();
        let statement = state.sql_to_statement(sql, &Dialect::Generic).map_err(|error| reword::planning(error, sql))?;
        if let Some(table) = describe::described(&statement).and_then(|name| describe::find(&self.dictionary, name)) {
            return Ok(self.ready(runtime, describe::describe(table)?));
        }
        let plan = runtime.block_on(async {
            let plan = state.statement_to_plan(statement).await.map_err(|error| reword::planning(error, sql))?;
            only_reads(&plan, sql)?;
            let plan = mend::mended(plan).map_err(|error| reword::planning(error, sql))?;
            state.create_physical_plan(&plan).await.map_err(|error| reword::planning(error, sql))
        })?;
        let planned_in = started.elapsed();
        let _inside = runtime.enter();
        let stream =
            execute_stream(plan, state.task_ctx()).map_err(|error| reword::running(error, sql, limit_bytes))?;
        let schema = stream.schema();
        let (sender, batches) = sync_channel(2);
        let task = runtime.spawn(async move {
            let mut stream = stream;
            while let Some(batch) = std::future::poll_fn(|context| stream.as_mut().poll_next(context)).await {
                if sender.send(Message::Batch(batch)).is_err() {
                    return;
                }
            }
            // Nobody listens any more: fine.
            let _ = sender.send(Message::End);
        });
        let sql = sql.to_owned();
        let is_interrupted = self.options.is_interrupted;
        Ok(Answer {
            schema,
            batches: Mutex::new(batches),
            task,
            sql,
            limit_bytes,
            is_interrupted,
            planned_in,
            ended: false,
        })
    }

    /// An answer that is there already.
    fn ready(&self, runtime: &Runtime, batch: RecordBatch) -> Answer {
        let (sender, batches) = sync_channel(2);
        let schema = batch.schema();
        // The channel holds both, and its other end is here.
        let _ = sender.send(Message::Batch(Ok(batch))).and_then(|()| sender.send(Message::End));
        Answer {
            schema,
            batches: Mutex::new(batches),
            task: runtime.spawn(async {}),
            sql: String::new(),
            limit_bytes: 0,
            is_interrupted: self.options.is_interrupted,
            planned_in: Duration::ZERO,
            ended: false,
        }
    }

    /// Every schema with its tables and columns, `store` first: the data dictionary.
    pub fn schemas(&self) -> &[catalogue::SchemaEntry] {
        &self.dictionary
    }

    /// The table functions that the host program answers.
    pub fn questions(&self) -> &[Question] {
        &self.options.questions
    }

    /// The names of every function, for completion.
    pub fn function_names(&self) -> Vec<String> {
        let state = self.context.state();
        let mut names: Vec<String> = state
            .scalar_functions()
            .keys()
            .chain(state.aggregate_functions().keys())
            .chain(state.window_functions().keys())
            .chain(state.table_functions().keys())
            .cloned()
            .chain(self.options.questions.iter().map(|question| question.name.to_owned()))
            .collect();
        names.sort_unstable();
        names.dedup();
        names
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            // Whatever still runs has nobody to answer to.
            runtime.shutdown_timeout(Duration::from_secs(2));
        }
    }
}

fn state(options: &Options, catalogue: MemoryCatalogProvider) -> Result<SessionState> {
    let runtime = RuntimeEnvBuilder::new();
    let runtime = match (options.memory_limit_bytes, &options.spill_folder) {
        (None, _) => runtime.with_disk_manager_builder(disk(DiskManagerMode::Disabled)),
        (Some(limit), None) => runtime
            .with_memory_pool(Arc::new(FairSpillPool::new(limit)))
            .with_disk_manager_builder(disk(DiskManagerMode::Disabled)),
        (Some(limit), Some(folder)) => runtime
            .with_memory_pool(Arc::new(FairSpillPool::new(limit)))
            .with_disk_manager_builder(disk(DiskManagerMode::Directories(vec![folder.clone()]))),
    };
    let runtime = runtime.build_arc().map_err(|error| match error {
        DataFusionError::IoError(error) => Error::Spill(error.kind().to_string()),
        _ => Error::Engine("it cannot be set up"),
    })?;
    let mut config = SessionConfig::new()
        .with_target_partitions(options.threads.max(1))
        .with_default_catalog_and_schema(CATALOGUE, catalogue::STORE_SCHEMA)
        .with_create_default_catalog_and_schema(false)
        .with_information_schema(true);
    let settings = config.options_mut();
    settings.sql_parser.dialect = Dialect::Generic;
    settings.sql_parser.collect_spans = true;
    // Whichever way they are sorted.
    settings.sql_parser.default_null_ordering = "nulls_last".to_owned();
    settings.execution.parquet.pushdown_filters = true;
    settings.execution.parquet.reorder_filters = true;
    // Grouping by client and more keeps the partitions by client.
    settings.optimizer.preserve_file_partitions = 1;
    settings.optimizer.subset_repartition_threshold = 1;
    let state = SessionStateBuilder::new_with_default_features()
        .with_config(config)
        .with_runtime_env(runtime)
        .with_analyzer_rules(rules::analysis())
        .with_optimizer_rules(rules::logical())
        .with_physical_optimizer_rules(rules::physical())
        .with_type_planner(Arc::new(types::WrittenTypes))
        .with_relation_planners(vec![Arc::new(Questions(options.questions.clone()))])
        .build();
    let context = SessionContext::new_with_state(state);
    context.register_catalog(CATALOGUE, Arc::new(catalogue));
    functions::register(&context);
    Ok(context.state())
}

fn disk(mode: DiskManagerMode) -> DiskManagerBuilder {
    DiskManagerBuilder::default().with_mode(mode)
}

#[derive(Debug)]
enum Message {
    Batch(Result<RecordBatch, DataFusionError>),
    /// The last batch was sent: without this word, an answer that broke off would look whole.
    End,
}

/// The rows of an answer, batch by batch.
#[derive(Debug)]
pub struct Answer {
    schema: SchemaRef,
    batches: Mutex<Receiver<Message>>,
    task: JoinHandle<()>,
    sql: String,
    limit_bytes: usize,
    is_interrupted: fn() -> bool,
    planned_in: Duration,
    ended: bool,
}

impl Answer {
    pub fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    /// How long reading and planning the query took.
    pub fn planned_in(&self) -> Duration {
        self.planned_in
    }

    /// All batches at once.
    pub fn collect(self) -> Result<Vec<RecordBatch>> {
        Iterator::collect(self)
    }
}

/// How long an interrupt may go unnoticed.
const PATIENCE: Duration = Duration::from_millis(50);

impl Iterator for Answer {
    type Item = Result<RecordBatch>;

    fn next(&mut self) -> Option<Self::Item> {
        let batches = self.batches.get_mut().unwrap_or_else(PoisonError::into_inner);
        loop {
            if self.ended {
                return None;
            }
            if (self.is_interrupted)() {
                self.task.abort();
                self.ended = true;
                return Some(Err(Error::Interrupted));
            }
            match batches.recv_timeout(PATIENCE) {
                Ok(Message::Batch(Ok(batch))) if batch.num_rows() == 0 => {}
                Ok(Message::Batch(Ok(batch))) => return Some(Ok(batch)),
                Ok(Message::Batch(Err(error))) => {
                    self.ended = true;
                    return Some(Err(reword::running(error, &self.sql, self.limit_bytes)));
                }
                Ok(Message::End) => {
                    self.ended = true;
                    return None;
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => {
                    self.ended = true;
                    return Some(Err(Error::Engine("a part of it stopped")));
                }
            }
        }
    }
}

impl Drop for Answer {
    fn drop(&mut self) {
        self.task.abort();
    }
}
