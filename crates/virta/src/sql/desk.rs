//! The pages' questions in SQL: a session for each over the newest snapshot, and the questions that people keep.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use arrow::array::{Array, RecordBatch};
use arrow::util::display::{ArrayFormatter, FormatOptions};
use tokio::runtime::Runtime;
use tokio::time::{Instant, timeout};
use virta_access::{Entry, UseLog, redacted};
use virta_front::{Answered, AnsweredColumn, Closed, Desk, Dictionary, SavedQuestion, Trouble};
use virta_query::{Answer, Engine, Error, Options, Session, Stop, holds_identity_code};
use virta_store::Store;

use super::questions::questions;
use super::words::Words;
use crate::failure::Failure;

/// Rows that a page's answer holds at most: whoever needs more writes a file with `virta sql`.
const ROWS_MAX: usize = 10_000;
/// Longer cells are cut, with a sign that they are.
const CELL_CHARACTERS_MAX: usize = 500;
/// Cells' texts that an answer holds at most together.
const ANSWER_BYTES_MAX: usize = 16 << 20;
/// Questions that somebody keeps at most, and their length.
const SAVED_MAX: usize = 200;
const SAVED_BYTES_MAX: usize = 20_000;

/// Answers the pages' questions.
#[derive(Debug)]
pub(crate) struct SqlDesk {
    store: Store,
    /// `None` without the store's key: then nothing is answered, since no question could be written down.
    log: Option<Arc<UseLog>>,
    engine: Arc<Engine>,
    time_limit: Duration,
    /// Beside the store, as the log of use.
    saved: PathBuf,
    /// One change of the file at a time.
    turn: Mutex<()>,
}

/// By user, then by name.
type Saved = BTreeMap<String, BTreeMap<String, String>>;

impl SqlDesk {
    /// `folder` is the store's, written out; what is kept lies beside it.
    ///
    /// # Errors
    /// When the engine cannot be set up, or the store cannot be opened.
    pub(crate) fn open(
        folder: &Path,
        log: Option<Arc<UseLog>>,
        threads: Option<usize>,
        memory_limit_bytes: usize,
        time_limit: Duration,
    ) -> Result<Self, Failure> {
        let store = Store::open(folder)?;
        let threads = threads.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, usize::from));
        let spill = store.root().join("tmp");
        let engine =
            Engine::new(threads, Some(memory_limit_bytes), Some(spill)).map_err(|error| super::explained(error, ""))?;
        let mut saved = folder.as_os_str().to_owned();
        saved.push(".questions.json");
        Ok(SqlDesk {
            store,
            log,
            engine: Arc::new(engine),
            time_limit,
            saved: PathBuf::from(saved),
            turn: Mutex::default(),
        })
    }

    /// A session over the newest snapshot and the newest results, and the snapshot's id.
    fn session(&self) -> Result<(Session, String), Trouble> {
        let unread = |error: virta_store::Error| Trouble::new(error.to_string());
        let snapshot = self.store.current().map_err(unread)?;
        let mut studies = Vec::new();
        for study in self.store.studies().map_err(unread)? {
            studies.push(self.store.results(&study).map_err(unread)?);
        }
        let mut options = Options::default();
        options.engine = Some(Arc::clone(&self.engine));
        options.questions = questions(&snapshot, options.threads);
        let session = Session::open(&snapshot, &studies, options).map_err(|error| Trouble::new(error.explain("")))?;
        Ok((session, snapshot.id().to_owned()))
    }

    /// The first rows of an answer, within the time limit and while the page that asks is open.
    fn first_rows(&self, session: Session, sql: &str, closed: &Closed) -> Result<Answered, NotAnswered> {
        let wait = Wait { until: Instant::now() + self.time_limit, closed };
        let clock = tokio::runtime::Builder::new_current_thread().enable_time().build();
        let clock = clock.map_err(|_| NotAnswered::Engine(Error::Engine("its clock cannot be started")))?;
        let answered = rows_until(&clock, &wait, session, sql);
        // What is still being planned ends by itself and is not waited for.
        clock.shutdown_background();
        answered
    }

    fn read_saved(&self) -> Result<Saved, Trouble> {
        match fs::read(&self.saved) {
            Ok(bytes) => serde_json::from_slice(&bytes)
                .map_err(|_| Trouble::new("the file of saved questions is damaged; it lies beside the store")),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Saved::new()),
            Err(error) => Err(Trouble::new(format!("the saved questions cannot be read: {}", error.kind()))),
        }
    }

    fn write_saved(&self, saved: &Saved) -> std::io::Result<()> {
        let mut half_made = self.saved.as_os_str().to_owned();
        half_made.push(".new");
        let half_made = PathBuf::from(half_made);
        let mut file = fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&half_made)?;
        file.write_all(&serde_json::to_vec_pretty(saved)?)?;
        file.sync_all()?;
        fs::rename(&half_made, &self.saved)
    }
}

/// Until when an answer is waited for.
struct Wait<'a> {
    until: Instant,
    closed: &'a Closed,
}

/// How long a page that was closed may go unnoticed.
const PATIENCE: Duration = Duration::from_millis(50);

impl Wait<'_> {
    async fn ends<T>(&self, work: impl Future<Output = T>) -> Result<T, NotAnswered> {
        let mut work = std::pin::pin!(work);
        loop {
            if self.closed.is_closed() {
                return Err(NotAnswered::Engine(Error::Interrupted));
            }
            let left = self.until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(NotAnswered::Late);
            }
            if let Ok(done) = timeout(left.min(PATIENCE), &mut work).await {
                return Ok(done);
            }
        }
    }
}

/// Why there is no answer.
enum NotAnswered {
    Engine(Error),
    Late,
}

impl From<Error> for NotAnswered {
    fn from(error: Error) -> Self {
        NotAnswered::Engine(error)
    }
}

/// The first rows of an answer.
fn rows_until(clock: &Runtime, wait: &Wait<'_>, session: Session, sql: &str) -> Result<Answered, NotAnswered> {
    let stop = Stop::default();
    let ends = stop.when_dropped();
    let text = sql.to_owned();
    let planned = clock.block_on(wait.ends(clock.spawn_blocking(move || session.ask_until(&text, &[], &stop))));
    let mut answer: Answer = planned?.map_err(|_| NotAnswered::Engine(Error::Engine("a part of it stopped")))??;
    ends.forget();
    let column = |field: &arrow::datatypes::FieldRef| AnsweredColumn {
        name: field.name().clone(),
        is_number: field.data_type().is_numeric(),
    };
    let columns = answer.schema().fields().iter().map(column).collect();
    let mut answered = Answered { columns, ..Answered::default() };
    let mut bytes = 0;
    while let Some(batch) = clock.block_on(wait.ends(answer.next_batch()))? {
        add_rows(&mut answered, &batch?, &mut bytes)?;
        if answered.is_cut {
            break;
        }
    }
    Ok(answered)
}

fn add_rows(answered: &mut Answered, batch: &RecordBatch, bytes: &mut usize) -> Result<(), Error> {
    let options = FormatOptions::new().with_display_error(false);
    let unfit = |_| Error::Engine("a column has a type that a page cannot show; cast it to text");
    let columns: Vec<ArrayFormatter<'_>> = batch
        .columns()
        .iter()
        .map(|column| ArrayFormatter::try_new(column.as_ref() as &dyn Array, &options))
        .collect::<Result<_, _>>()
        .map_err(unfit)?;
    let nulls: Vec<_> = batch.columns().iter().map(|column| column.logical_nulls()).collect();
    for row in 0..batch.num_rows() {
        if answered.rows.len() == ROWS_MAX || *bytes > ANSWER_BYTES_MAX {
            answered.is_cut = true;
            break;
        }
        let cell = |(column, nulls): (&ArrayFormatter<'_>, &Option<arrow::buffer::NullBuffer>)| {
            let is_null = nulls.as_ref().is_some_and(|nulls| nulls.is_null(row));
            (!is_null).then(|| cut(column.value(row).to_string()))
        };
        let cells: Vec<Option<String>> = columns.iter().zip(&nulls).map(cell).collect();
        *bytes += cells.iter().flatten().map(String::len).sum::<usize>();
        answered.rows.push(cells);
    }
    Ok(())
}

fn cut(text: String) -> String {
    match text.char_indices().nth(CELL_CHARACTERS_MAX) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text,
    }
}

impl Desk for SqlDesk {
    fn dictionary(&self) -> Result<Dictionary, Trouble> {
        let words = Words::of(&self.session()?.0);
        Ok(Dictionary { words: words.all, within: words.within })
    }

    fn ask(&self, user: &str, role: &str, sql: &str, closed: &Closed) -> Result<Answered, Trouble> {
        let log = self.log.as_ref().ok_or_else(|| Trouble {
            fix: Some("name it with --key".to_owned()),
            ..Trouble::new("questions are answered only where each can be written down, which needs the store's key")
        })?;
        let (session, snapshot) = self.session()?;
        let store = self.store.root().file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let text = redacted(sql);
        let note = |what: &str, outcome: &str, of: Option<u64>| {
            let entry =
                Entry { user, role, door: "http", store: &store, snapshot: &snapshot, what, text: &text, outcome, of };
            log.append(&entry).map_err(|error| Trouble::new(error.to_string()))
        };
        let number = note("statement", "begun", None)?;
        let answered = self.first_rows(session, sql, closed);
        let outcome = match &answered {
            Ok(_) => "done",
            Err(NotAnswered::Engine(Error::Refused(_))) => "refused",
            Err(NotAnswered::Late | NotAnswered::Engine(Error::Interrupted)) => "cancelled",
            Err(NotAnswered::Engine(_)) => "failed",
        };
        note("outcome", outcome, Some(number))?;
        answered.map_err(|error| match error {
            NotAnswered::Engine(error) => Trouble::new(error.explain(sql)),
            NotAnswered::Late => Trouble {
                fix: Some("ask for fewer rows, or ask with virta sql, which has no limit".to_owned()),
                ..Trouble::new(format!("the question took longer than {} seconds", self.time_limit.as_secs()))
            },
        })
    }

    fn saved(&self, user: &str) -> Result<Vec<SavedQuestion>, Trouble> {
        let own = self.read_saved()?.remove(user).unwrap_or_default();
        Ok(own.into_iter().map(|(name, sql)| SavedQuestion { name, sql }).collect())
    }

    fn save(&self, user: &str, question: &SavedQuestion) -> Result<(), Trouble> {
        if holds_identity_code(&question.sql) || holds_identity_code(&question.name) {
            return Err(Trouble::new("a question that holds an identity code is not kept"));
        }
        if question.sql.len() > SAVED_BYTES_MAX || question.name.len() > SAVED_BYTES_MAX {
            return Err(Trouble::new(format!("a question of more than {SAVED_BYTES_MAX} bytes is not kept")));
        }
        let _one_at_a_time = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        let mut saved = self.read_saved()?;
        let own = saved.entry(user.to_owned()).or_default();
        match question.sql.is_empty() {
            true => drop(own.remove(&question.name)),
            false => drop(own.insert(question.name.clone(), question.sql.clone())),
        }
        if own.len() > SAVED_MAX {
            return Err(Trouble::new(format!("no more than {SAVED_MAX} questions are kept: forget one first")));
        }
        saved.retain(|_, own| !own.is_empty());
        let failed = |error: std::io::Error| Trouble::new(format!("the question cannot be kept: {}", error.kind()));
        self.write_saved(&saved).map_err(failed)
    }
}
