//! A session: one snapshot, the studies' results beside it, and queries over both.

use std::fmt;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use arrow::array::{ArrayRef, RecordBatch, StringArray};
use arrow::datatypes::{DataType, Schema, SchemaRef};
use datafusion::catalog::MemorySchemaProvider;
use datafusion::datasource::ViewTable;
use datafusion::error::DataFusionError;
use datafusion::execution::context::SessionState;
use datafusion::prelude::SessionContext;
use datafusion::sql::parser::Statement as Parsed;
use tokio::sync::mpsc::channel;
use virta_store::{Snapshot, StudyResults};

use crate::answer::{Answer, Message};
use crate::context::{CATALOGUE, Options, context};
use crate::engine::Engine;
use crate::error::{Complaint, Error, Result};
use crate::guard::only_reads;
use crate::host::MemoryTable;
use crate::planning::{stream, under};
use crate::prepared::{self, Bound, Prepared};
use crate::questions::Question;
use crate::shares::Shared;
use crate::statement::{self, Headers, Statement, WrittenFor};
use crate::stop::Stop;
use crate::{catalogue, describe, mend, plain, planning, reword};

/// SQL over one snapshot and the studies' results. See the [crate's example](crate).
pub struct Session {
    pub(crate) context: SessionContext,
    pub(crate) known: Arc<Known>,
}

/// What a session knows, and the context that is made of it when a query first needs plain texts.
pub(crate) struct Known {
    options: Options,
    pub(crate) engine: Arc<Engine>,
    /// Buckets of the store; none where there is no store.
    pub(crate) buckets: u32,
    dictionary: Vec<catalogue::SchemaEntry>,
    /// Tables that the host program added.
    added: Mutex<Vec<MemoryTable>>,
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

    fn added(&self) -> std::sync::MutexGuard<'_, Vec<MemoryTable>> {
        self.added.lock().unwrap_or_else(PoisonError::into_inner)
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

    /// What other machines need to know of a statement, where there are any. What names a view or list of the session's
    /// own stays here.
    fn shared(&self, state: &SessionState, sql: &str, values: &[Bound]) -> Option<Shared> {
        let workers = self.options.workers.clone()?;
        let text = sql.to_lowercase();
        let is_plain = |c: char| c.is_alphanumeric() || c == '_';
        let names = |name: &str| match name.chars().all(is_plain) {
            true => text.split(|c| !is_plain(c)).any(|word| word == name),
            false => text.contains(name),
        };
        if self.own().iter().any(|own| names(&own.name.to_lowercase())) {
            return None;
        }
        Shared::new(state, (sql, values), self.buckets, workers)
    }

    pub(crate) fn plain(&self) -> datafusion::error::Result<&SessionContext> {
        if let Some(plain) = self.plain.get() {
            return Ok(plain);
        }
        let made = context(&self.options, &self.engine, &self.dictionary, plain::store_view)
            .map_err(|error| DataFusionError::External(Box::new(error)))?;
        for table in self.added().iter() {
            add(&made, table)?;
        }
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
        let engine = own_engine(&options)?;
        let schemas = catalogue::schemas(snapshot, studies, options.partitions(&engine))?;
        Self::over(schemas, snapshot.bucket_count(), engine, options)
    }

    /// Opens a session over tables in memory and nothing else: there is no file that it could read.
    ///
    /// # Errors
    /// [`Error::Query`] for tables of which two have one name, [`Error::Spill`] when the folder for temporary files
    /// cannot be written.
    pub fn of_tables(tables: Vec<MemoryTable>, options: Options) -> Result<Self> {
        let engine = own_engine(&options)?;
        let session = Self::over(Vec::new(), 0, engine, options)?;
        session.add_tables(tables)?;
        Ok(session)
    }

    fn over(schemas: Vec<catalogue::SchemaEntry>, buckets: u32, engine: Arc<Engine>, options: Options) -> Result<Self> {
        let context = context(&options, &engine, &schemas, |_, table| Ok(Arc::clone(table) as _))?;
        let (added, own, plain) = (Mutex::default(), Mutex::default(), OnceLock::new());
        let known = Known { options, engine, buckets, dictionary: schemas, added, own, plain };
        Ok(Session { context, known: Arc::new(known) })
    }

    /// Adds tables of the host program, in schemas of any name.
    ///
    /// # Errors
    /// [`Error::Query`] for a table that is there already.
    pub fn add_tables(&self, tables: Vec<MemoryTable>) -> Result<()> {
        for table in tables {
            let failed = |_| Error::query(format!("{} is there already", table.name));
            for context in self.known.plain.get().into_iter().chain([&self.context]) {
                add(context, &table).map_err(failed)?;
            }
            self.known.added().push(table);
        }
        Ok(())
    }

    /// Starts one query. Rows are worked out while they are asked for.
    ///
    /// # Errors
    /// [`Error::Refused`] for a statement that does more than read, [`Error::Query`] for one that cannot be understood,
    /// and what [`Answer`] gives.
    pub fn query(&self, sql: &str) -> Result<Answer> {
        self.ask(sql, &[])
    }

    /// As [`query`](Self::query), with values for the parameters `$1`, `$2` and so on.
    ///
    /// # Errors
    /// As `query`; [`Error::Query`] also for a parameter without a value, [`Error::Refused`] for a value that holds an
    /// identity code.
    pub fn ask(&self, sql: &str, values: &[Bound]) -> Result<Answer> {
        self.ask_until(sql, values, &Stop::default())
    }

    /// As [`ask`](Self::ask), but ends soon once `stop` says so, also while the statement is planned.
    ///
    /// # Errors
    /// As `ask`; [`Error::Interrupted`] when it was stopped.
    pub fn ask_until(&self, sql: &str, values: &[Bound], stop: &Stop) -> Result<Answer> {
        let started = Instant::now();
        let state = self.context.state();
        let (mut parsed, headers) = match self.read(sql, &state)? {
            Statement::Ask(parsed, headers) => (parsed, headers),
            Statement::Summarize(what) => return self.ask_until(&self.summary(&what)?, &[], stop),
            Statement::Describe(name, all) => match describe::find(&self.known.dictionary, &name) {
                Some(table) => return Ok(self.ready(describe::describe(table)?)),
                None => return Ok(self.ready(self.columns(&all, sql)?)),
            },
            Statement::DescribeQuery(query) => return Ok(self.ready(self.columns(&query, sql)?)),
            Statement::CreateView { name, query, replaces } => {
                self.create_view(sql, &name, query, replaces)?;
                return Ok(self.ready(done("view", &name)?));
            }
            Statement::DropView { name, if_exists } => {
                self.drop_view(&name, if_exists)?;
                return Ok(self.ready(done("dropped", &name)?));
            }
            Statement::Nothing => return Err(Error::query("there is no statement")),
        };
        prepared::bind(&mut parsed, values)?;
        let stop = stop.clone();
        let handle = self.known.engine.handle();
        let started_stream = handle.block_on(async {
            // What fails on codes is planned once more over plain texts.
            let shared = self.known.shared(&state, sql, values);
            match stream(&state, parsed.as_ref().clone(), sql, &stop, shared).await {
                Ok(stream) => Ok((stream, true)),
                Err(error) if plain::may_be_about_codes(&error) => {
                    let state = self.known.plain()?.state();
                    let shared = self.known.shared(&state, sql, values).map(Shared::over_plain_texts);
                    stream(&state, parsed.as_ref().clone(), sql, &stop, shared).await.map(|stream| (stream, false))
                }
                Err(error) => Err(error),
            }
        });
        let limit_bytes = self.known.engine.memory_limit_bytes.unwrap_or_default();
        let (stream, has_codes) = started_stream.map_err(|error| self.helped(reword::planning(error, sql)))?;
        let planned_in = started.elapsed();
        let engine = stream.schema();
        let schema = named(&headers, &engine);
        let (sender, batches) = channel(2);
        let again = has_codes.then(|| (Arc::clone(&self.known), parsed, sql.to_owned(), values.to_vec()));
        let (shown, stopped) = (Arc::clone(&schema), stop.clone());
        let task = handle.spawn(async move {
            let (mut stream, mut again) = (stream, again);
            let mut is_first = true;
            while let Some(batch) = std::future::poll_fn(|context| stream.as_mut().poll_next(context)).await {
                if let (Err(error), true, Some((known, parsed, sql, values))) = (&batch, is_first, again.take())
                    && plain::may_be_about_codes(error)
                    && let Ok(plain) = known.plain()
                {
                    let state = plain.state();
                    let shared = known.shared(&state, &sql, &values).map(Shared::over_plain_texts);
                    if let Ok(other) = planning::stream(&state, *parsed, &sql, &stopped, shared).await {
                        stream = other;
                        continue;
                    }
                }
                is_first = false;
                if sender.send(Message::Batch(batch.and_then(|batch| under(&shown, &batch)))).await.is_err() {
                    return;
                }
            }
            // Nobody listens any more: fine.
            let _ = sender.send(Message::End).await;
        });
        let sql = sql.to_owned();
        let is_interrupted = self.known.options.is_interrupted;
        Ok(Answer {
            schema,
            batches,
            handle: handle.clone(),
            task,
            stop,
            sql,
            limit_bytes,
            is_interrupted,
            planned_in,
            ended: false,
        })
    }

    /// What a statement with parameters takes and gives, without running it. `declared` are the types that are known of
    /// its parameters, `$1` first.
    ///
    /// # Errors
    /// As [`query`](Self::query) before the first row.
    pub fn prepare(&self, sql: &str, declared: &[Option<DataType>]) -> Result<Prepared> {
        let state = self.context.state();
        let of = |batch: RecordBatch| Ok(Prepared { parameters: Vec::new(), schema: batch.schema() });
        let (mut parsed, headers) = match self.read(sql, &state)? {
            Statement::Ask(parsed, headers) => (parsed, headers),
            Statement::Summarize(what) => return self.prepare(&self.summary(&what)?, &[]),
            Statement::Describe(name, all) => match describe::find(&self.known.dictionary, &name) {
                Some(table) => return of(describe::describe(table)?),
                None => return of(self.columns(&all, sql)?),
            },
            Statement::DescribeQuery(query) => return of(self.columns(&query, sql)?),
            Statement::CreateView { name, .. } => return of(done("view", &name)?),
            Statement::DropView { name, .. } => return of(done("dropped", &name)?),
            Statement::Nothing => return of(RecordBatch::new_empty(Arc::new(Schema::empty()))),
        };
        let plan = |parsed: &Parsed| {
            let planned = at_once(state.statement_to_plan(parsed.clone()));
            match planned {
                Err(error) if plain::may_be_about_codes(&error) => {
                    at_once(self.known.plain()?.state().statement_to_plan(parsed.clone()))
                }
                planned => planned,
            }
        };
        let count = prepared::count(&mut parsed)?;
        let declared = |at: usize| declared.get(at).cloned().flatten();
        let used = match (0..count).all(|at| declared(at).is_some()) {
            true => Default::default(),
            // What a statement that cannot be planned without values says of them is nothing.
            false => plan(&parsed).and_then(|plan| plan.get_parameter_types()).unwrap_or_default(),
        };
        let used = |at: usize| used.get(&format!("${}", at + 1)).cloned().flatten().map(parameter_type);
        let parameters: Vec<DataType> =
            (0..count).map(|at| declared(at).or_else(|| used(at)).unwrap_or(DataType::Utf8)).collect();
        let nulls: Vec<Bound> =
            parameters.iter().map(|data_type| Bound { text: None, data_type: data_type.clone() }).collect();
        prepared::bind(&mut parsed, &nulls)?;
        let plan = plan(&parsed).map_err(|error| self.helped(reword::planning(error, sql)))?;
        only_reads(&plan, sql)?;
        Ok(Prepared { parameters, schema: named(&headers, plan.schema().as_arrow()) })
    }

    pub(crate) fn read(&self, sql: &str, state: &SessionState) -> Result<Statement> {
        let empty = match self.known.options.written_for {
            WrittenFor::Virta => None,
            WrittenFor::Postgres => {
                let tables = self.known.added();
                let empty = tables.iter().filter(|table| table.schema == "pg_catalog" && table.rows.num_rows() == 0);
                Some(empty.map(|table| table.name.clone()).collect::<Vec<_>>())
            }
        };
        statement::read(sql, state, empty.as_deref())
    }

    /// Adds a list of the user's own as a table, for this session only. It is read and never kept.
    ///
    /// # Errors
    /// [`Error::Query`] for a name that a table of the store or another list has.
    pub fn add_list(&self, name: &str, batches: Vec<RecordBatch>) -> Result<()> {
        self.is_free(name, false)?;
        let failed = |_| Error::query(format!("{name} cannot be read as a table"));
        let batches = plain::with_times(batches).map_err(failed)?;
        let own = Own { name: name.to_owned(), what: What::List(batches) };
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

    /// The columns of what a query answers.
    fn columns(&self, query: &Parsed, sql: &str) -> Result<RecordBatch> {
        let plan = at_once(self.context.state().statement_to_plan(query.clone()));
        let plan = plan.map_err(|error| self.helped(reword::planning(error, sql)))?;
        only_reads(&plan, sql)?;
        describe::columns(plan.schema().as_arrow())
    }

    /// The question that a `summarize` stands for.
    fn summary(&self, what: &str) -> Result<String> {
        let is_query = what.split_whitespace().count() > 1;
        let source = if is_query { format!("({what})") } else { what.to_owned() };
        let query = format!("select * from {source} as summarized");
        let state = self.context.state();
        let Statement::Ask(parsed, _) = self.read(&query, &state)? else {
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
        let questions = self.questions();
        if let Some(name) = complaint.message.strip_prefix("there is no table function ") {
            if let Some(meant) = reword::nearest(name, questions.iter().map(|question| question.name)) {
                complaint.hint = Some(format!("did you mean {meant}?"));
            }
        } else if let Some(name) = complaint.message.strip_prefix("there is no table ") {
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
            if let Some(question) = questions.iter().find(|question| question.name == name) {
                complaint.hint = Some(format!("it is a function of its arguments: {}", question.usage));
            } else if let Some(meant) = reword::nearest(name, names.iter().map(String::as_str)) {
                complaint.hint = Some(format!("did you mean {meant}?"));
            }
        }
        if let Some(name) = complaint.message.strip_prefix("there is no function ") {
            let names = self.function_names();
            complaint.hint = Some(match reword::nearest(name, names.iter().map(String::as_str)) {
                Some(meant) => format!("did you mean {meant}?"),
                None if self.known.options.written_for == WrittenFor::Postgres => {
                    "most of PostgreSQL's and DuckDB's are there".to_owned()
                }
                None => ".functions lists those of the domain; most of PostgreSQL's and DuckDB's are there".to_owned(),
            });
        }
        Error::Query(complaint)
    }

    /// An answer that is there already.
    fn ready(&self, batch: RecordBatch) -> Answer {
        let (sender, batches) = channel(2);
        let schema = batch.schema();
        // The channel holds both, and its other end is here.
        let _ = sender.try_send(Message::Batch(Ok(batch))).and_then(|()| sender.try_send(Message::End));
        let handle = self.known.engine.handle();
        Answer {
            schema,
            batches,
            handle: handle.clone(),
            task: handle.spawn(async {}),
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

/// The engine that a session shares, or one of its own.
fn own_engine(options: &Options) -> Result<Arc<Engine>> {
    match &options.engine {
        Some(engine) => Ok(Arc::clone(engine)),
        None => {
            let engine = Engine::new(options.threads, options.memory_limit_bytes, options.spill_folder.clone());
            engine.map(Arc::new)
        }
    }
}

/// Makes a table of the host program known to a context.
fn add(context: &SessionContext, table: &MemoryTable) -> datafusion::error::Result<()> {
    let Some(catalogue) = context.catalog(CATALOGUE) else { return Ok(()) };
    let schema = match catalogue.schema(&table.schema) {
        Some(schema) => schema,
        None => {
            let schema = Arc::new(MemorySchemaProvider::new());
            catalogue.register_schema(&table.schema, Arc::clone(&schema) as _)?;
            schema
        }
    };
    schema.register_table(table.name.clone(), plain::in_memory(vec![table.rows.clone()])?).map(drop)
}

/// The columns of an answer under the names that a query gives them.
fn named(headers: &Headers, engine: &Schema) -> SchemaRef {
    let names = headers.names(engine.fields().iter().map(|field| field.name().clone()).collect());
    let fields = engine.fields().iter().zip(names).map(|(field, name)| field.as_ref().clone().with_name(name));
    Arc::new(Schema::new(fields.collect::<Vec<_>>()))
}

/// The type that a parameter is asked for in: codes are texts.
fn parameter_type(data_type: DataType) -> DataType {
    match data_type {
        DataType::Dictionary(_, value) => parameter_type(*value),
        DataType::Utf8View | DataType::LargeUtf8 | DataType::Null => DataType::Utf8,
        DataType::UInt8 | DataType::UInt16 | DataType::UInt32 | DataType::UInt64 | DataType::Int8 => DataType::Int64,
        other => other,
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
