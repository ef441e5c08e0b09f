//! A session: one snapshot, the studies' results beside it, and queries over both.

use std::fmt;
use std::sync::mpsc::sync_channel;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use arrow::array::{ArrayRef, RecordBatch, RecordBatchOptions, StringArray};
use arrow::compute::cast;
use arrow::datatypes::{Schema, SchemaRef};
use datafusion::datasource::ViewTable;
use datafusion::error::DataFusionError;
use datafusion::execution::SendableRecordBatchStream;
use datafusion::execution::context::SessionState;
use datafusion::physical_plan::execute_stream;
use datafusion::prelude::SessionContext;
use datafusion::sql::parser::Statement as Parsed;
use tokio::runtime::Runtime;
use virta_store::{Snapshot, StudyResults};

use crate::answer::{Answer, Message};
use crate::context::{CATALOGUE, Options, context};
use crate::error::{Complaint, Error, Result};
use crate::guard::only_reads;
use crate::questions::Question;
use crate::statement::{self, Headers, Statement};
use crate::stop::{self, Stop};
use crate::{catalogue, describe, mend, plain, reword};

/// SQL over one snapshot and the studies' results. See the [crate's example](crate).
pub struct Session {
    context: SessionContext,
    runtime: Option<Runtime>,
    known: Arc<Known>,
}

/// What a session knows, and the context that is made of it when a query first needs plain texts.
struct Known {
    options: Options,
    dictionary: Vec<catalogue::SchemaEntry>,
    /// Views and lists of the session's own, in the order in which they came.
    own: Mutex<Vec<Own>>,
    plain: OnceLock<SessionContext>,
}

/// A view or list that lives as long as the session.
#[derive(Debug, Clone)]
struct Own {
    name: String,
    what: What,
}

#[derive(Debug, Clone)]
enum What {
    View(Box<Parsed>),
    List(Vec<RecordBatch>),
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session").field("options", &self.known.options).finish_non_exhaustive()
    }
}

impl Known {
    fn own(&self) -> std::sync::MutexGuard<'_, Vec<Own>> {
        self.own.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes a view or list known to a context.
    fn register(&self, context: &SessionContext, own: &Own) -> datafusion::error::Result<()> {
        let is_plain = self.plain.get().is_some_and(|plain| std::ptr::eq(plain, context));
        let table = match &own.what {
            What::List(batches) => plain::in_memory(batches.clone())?,
            What::View(query) => {
                let state = context.state();
                let plan = |state: SessionState| {
                    let plan = at_once(state.statement_to_plan(query.as_ref().clone()))?;
                    only_reads(&plan, "").map_err(|error| DataFusionError::External(Box::new(error)))?;
                    mend::mended(plan)
                };
                let planned = match plan(state) {
                    Err(error) if !is_plain && plain::may_be_about_codes(&error) => plan(self.plain()?.state())?,
                    planned => planned?,
                };
                Arc::new(ViewTable::new(planned, None))
            }
        };
        let schema = context.catalog(CATALOGUE).and_then(|catalogue| catalogue.schema(catalogue::STORE_SCHEMA));
        let Some(schema) = schema else { return Ok(()) };
        schema.deregister_table(&own.name)?;
        schema.register_table(own.name.clone(), table).map(drop)
    }

    fn plain(&self) -> datafusion::error::Result<&SessionContext> {
        if let Some(plain) = self.plain.get() {
            return Ok(plain);
        }
        let made = context(&self.options, &self.dictionary, plain::store_view)
            .map_err(|error| DataFusionError::External(Box::new(error)))?;
        for own in self.own().clone() {
            self.register(&made, &own)?;
        }
        Ok(self.plain.get_or_init(|| made))
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
        let context = context(&options, &schemas, |_, table| Ok(Arc::clone(table) as _))?;
        let known = Known { options, dictionary: schemas, own: Mutex::default(), plain: OnceLock::new() };
        Ok(Session { context, runtime: Some(runtime), known: Arc::new(known) })
    }

    /// Starts one query. Rows are worked out while they are asked for.
    ///
    /// # Errors
    /// [`Error::Refused`] for a statement that does more than read, [`Error::Query`] for one that cannot be understood,
    /// and what [`Answer`] gives.
    pub fn query(&self, sql: &str) -> Result<Answer> {
        let Some(runtime) = &self.runtime else { return Err(Error::Engine("it has ended")) };
        let started = Instant::now();
        let state = self.context.state();
        let (parsed, headers) = match statement::read(sql, &state)? {
            Statement::Ask(parsed, headers) => (parsed, headers),
            Statement::Summarize(what) => return self.query(&self.summary(&what)?),
            Statement::Describe(name, parsed) => match describe::find(&self.known.dictionary, &name) {
                Some(table) => return Ok(self.ready(runtime, describe::describe(table)?)),
                None => (parsed, Headers::default()),
            },
            Statement::CreateView { name, query, replaces } => {
                self.create_view(sql, &name, query, replaces)?;
                return Ok(self.ready(runtime, done("view", &name)?));
            }
            Statement::DropView { name, if_exists } => {
                self.drop_view(&name, if_exists)?;
                return Ok(self.ready(runtime, done("dropped", &name)?));
            }
            Statement::Nothing => return Err(Error::query("there is no statement")),
        };
        let stop = Stop::default();
        let started_stream = runtime.block_on(async {
            // What fails on codes is planned once more over plain texts.
            match stream(&state, parsed.as_ref().clone(), sql, &stop).await {
                Ok(stream) => Ok((stream, true)),
                Err(error) if plain::may_be_about_codes(&error) => {
                    stream(&self.known.plain()?.state(), parsed.as_ref().clone(), sql, &stop)
                        .await
                        .map(|stream| (stream, false))
                }
                Err(error) => Err(error),
            }
        });
        let limit_bytes = self.known.options.memory_limit_bytes.unwrap_or_default();
        let (stream, has_codes) = started_stream.map_err(|error| self.helped(reword::planning(error, sql)))?;
        let planned_in = started.elapsed();
        let engine = stream.schema();
        let names = headers.names(engine.fields().iter().map(|field| field.name().clone()).collect());
        let fields: Vec<_> =
            engine.fields().iter().zip(names).map(|(field, name)| field.as_ref().clone().with_name(name)).collect();
        let schema = Arc::new(Schema::new(fields));
        let (sender, batches) = sync_channel(2);
        let again = has_codes.then(|| (Arc::clone(&self.known), parsed, sql.to_owned()));
        let (shown, stopped) = (Arc::clone(&schema), stop.clone());
        let task = runtime.spawn(async move {
            let (mut stream, mut again) = (stream, again);
            let mut is_first = true;
            while let Some(batch) = std::future::poll_fn(|context| stream.as_mut().poll_next(context)).await {
                if let (Err(error), true, Some((known, parsed, sql))) = (&batch, is_first, again.take())
                    && plain::may_be_about_codes(error)
                    && let Ok(plain) = known.plain()
                    && let Ok(other) = self::stream(&plain.state(), *parsed, &sql, &stopped).await
                {
                    stream = other;
                    continue;
                }
                is_first = false;
                if sender.send(Message::Batch(batch.and_then(|batch| under(&shown, &batch)))).is_err() {
                    return;
                }
            }
            // Nobody listens any more: fine.
            let _ = sender.send(Message::End);
        });
        let sql = sql.to_owned();
        let is_interrupted = self.known.options.is_interrupted;
        Ok(Answer {
            schema,
            batches: Mutex::new(batches),
            task,
            stop,
            sql,
            limit_bytes,
            is_interrupted,
            planned_in,
            ended: false,
        })
    }

    /// Adds a list of the user's own as a table, for this session only. It is read and never kept.
    ///
    /// # Errors
    /// [`Error::Query`] for a name that a table of the store or another list has.
    pub fn add_list(&self, name: &str, batches: Vec<RecordBatch>) -> Result<()> {
        self.is_free(name, false)?;
        let own = Own { name: name.to_owned(), what: What::List(batches) };
        let failed = |_| Error::query(format!("{name} cannot be read as a table"));
        if let Some(plain) = self.known.plain.get() {
            self.known.register(plain, &own).map_err(failed)?;
        }
        self.known.register(&self.context, &own).map_err(failed)?;
        self.known.own().push(own);
        Ok(())
    }

    /// The views and lists of the session, with their columns.
    pub fn own_tables(&self) -> Vec<(String, SchemaRef)> {
        let schema = self.context.catalog(CATALOGUE).and_then(|catalogue| catalogue.schema(catalogue::STORE_SCHEMA));
        let Some(schema) = schema else { return Vec::new() };
        let of = |own: &Own| {
            let table = at_once(schema.table(&own.name)).ok().flatten()?;
            Some((own.name.clone(), table.schema()))
        };
        self.known.own().iter().filter_map(of).collect()
    }

    /// Whether a view or list may have a name.
    fn is_free(&self, name: &str, replaces: bool) -> Result<()> {
        let is_store =
            self.known.dictionary.first().is_some_and(|store| store.tables.iter().any(|table| table.name == name));
        if is_store {
            let complaint = Complaint::new(format!("{name} is a table of the store"));
            return Err(Error::Query(complaint.hint("give it another name")));
        }
        match self.known.own().iter().find(|own| own.name == name) {
            None => Ok(()),
            Some(Own { what: What::View(_), .. }) if replaces => Ok(()),
            Some(_) => {
                let complaint = Complaint::new(format!("there is a {name} already"));
                Err(Error::Query(
                    complaint.hint(format!("create or replace temp view {name} as ..., or drop view {name}")),
                ))
            }
        }
    }

    fn create_view(&self, sql: &str, name: &str, query: Box<Parsed>, replaces: bool) -> Result<()> {
        self.is_free(name, replaces)?;
        let own = Own { name: name.to_owned(), what: What::View(query) };
        let register = || {
            if let Some(plain) = self.known.plain.get() {
                self.known.register(plain, &own)?;
            }
            self.known.register(&self.context, &own)
        };
        register().map_err(|error| self.helped(reword::planning(error, sql)))?;
        let mut all = self.known.own();
        all.retain(|other| other.name != name);
        all.push(own);
        Ok(())
    }

    fn drop_view(&self, name: &str, if_exists: bool) -> Result<()> {
        let mut all = self.known.own();
        let is_view = |own: &Own| own.name == name && matches!(own.what, What::View(_));
        if !all.iter().any(is_view) {
            let complaint = Complaint::new(format!("{name} is no view of this session"));
            return if if_exists {
                Ok(())
            } else {
                Err(Error::Refused(complaint.hint("only create temp view makes what can be dropped")))
            };
        }
        all.retain(|own| !is_view(own));
        for context in self.known.plain.get().into_iter().chain([&self.context]) {
            let schema = context.catalog(CATALOGUE).and_then(|catalogue| catalogue.schema(catalogue::STORE_SCHEMA));
            // It was registered, so it is there.
            let _ = schema.map(|schema| schema.deregister_table(name));
        }
        Ok(())
    }

    /// The question that a `summarize` stands for.
    fn summary(&self, what: &str) -> Result<String> {
        let is_query = what.split_whitespace().count() > 1;
        let source = if is_query { format!("({what})") } else { what.to_owned() };
        let query = format!("select * from {source} as summarized");
        let state = self.context.state();
        let Statement::Ask(parsed, _) = statement::read(&query, &state)? else {
            return Err(Error::query("only a table or a query can be summarized"));
        };
        let plan = at_once(state.statement_to_plan(*parsed));
        let plan = plan.map_err(|error| self.helped(reword::planning(error, what)))?;
        only_reads(&plan, what)?;
        Ok(describe::summary(plan.schema().as_arrow(), &source))
    }

    /// The error with the name that was most likely meant.
    fn helped(&self, error: Error) -> Error {
        let Error::Query(mut complaint) = error else { return error };
        if let Some(name) = complaint.message.strip_prefix("there is no table ") {
            let mut names: Vec<String> = self.known.own().iter().map(|own| own.name.clone()).collect();
            for schema in &self.known.dictionary {
                let of = schema.unquoted_name();
                let is_store = of == catalogue::STORE_SCHEMA;
                let shown = |table: &catalogue::TableEntry| {
                    if is_store { table.name.clone() } else { format!("{of}.{}", table.name) }
                };
                names.extend(schema.tables.iter().map(shown));
            }
            let name = name.strip_prefix("store.").unwrap_or(name);
            if let Some(meant) = reword::nearest(name, names.iter().map(String::as_str)) {
                complaint.hint = Some(format!("did you mean {meant}?"));
            }
        }
        if let Some(name) = complaint.message.strip_prefix("there is no function ") {
            let names = self.function_names();
            complaint.hint = Some(match reword::nearest(name, names.iter().map(String::as_str)) {
                Some(meant) => format!("did you mean {meant}?"),
                None => ".functions lists those of the domain; most of PostgreSQL's and DuckDB's are there".to_owned(),
            });
        }
        Error::Query(complaint)
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
            stop: Stop::default(),
            sql: String::new(),
            limit_bytes: 0,
            is_interrupted: self.known.options.is_interrupted,
            planned_in: Duration::ZERO,
            ended: false,
        }
    }

    /// Every schema with its tables and columns, `store` first: the data dictionary.
    pub fn schemas(&self) -> &[catalogue::SchemaEntry] {
        &self.known.dictionary
    }

    /// The table functions that the host program answers.
    pub fn questions(&self) -> &[Question] {
        &self.known.options.questions
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
            .chain(self.known.options.questions.iter().map(|question| question.name.to_owned()))
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

/// What a view that was made or dropped says.
fn done(what: &str, name: &str) -> Result<RecordBatch> {
    let cell = Arc::new(StringArray::from(vec![name])) as ArrayRef;
    RecordBatch::try_from_iter([(what, cell)]).map_err(|_| Error::Engine("a view cannot be told of"))
}

/// The outcome of work that waits for nothing: tables in memory are there.
fn at_once<F: Future>(work: F) -> F::Output {
    let mut work = std::pin::pin!(work);
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    loop {
        if let std::task::Poll::Ready(outcome) = work.as_mut().poll(&mut context) {
            return outcome;
        }
        std::thread::yield_now();
    }
}

/// Plans a statement and starts it.
async fn stream(
    state: &SessionState,
    parsed: Parsed,
    sql: &str,
    stop: &Stop,
) -> datafusion::error::Result<SendableRecordBatchStream> {
    let plan = state.statement_to_plan(parsed).await?;
    only_reads(&plan, sql).map_err(|error| DataFusionError::External(Box::new(error)))?;
    let plan = state.create_physical_plan(&mend::mended(plan)?).await?;
    execute_stream(stop::watched(plan, stop)?, state.task_ctx())
}

/// A batch under the names and types of the answer.
fn under(schema: &SchemaRef, batch: &RecordBatch) -> datafusion::error::Result<RecordBatch> {
    let columns = batch.columns().iter().zip(schema.fields()).map(|(column, field)| {
        if column.data_type() == field.data_type() { Ok(Arc::clone(column)) } else { cast(column, field.data_type()) }
    });
    let columns = columns.collect::<std::result::Result<Vec<_>, _>>()?;
    let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
    Ok(RecordBatch::try_new_with_options(Arc::clone(schema), columns, &options)?)
}
