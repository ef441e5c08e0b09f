//! Reads one delivered file into the router.

use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, sync_channel};
use std::sync::{Mutex, PoisonError};

use virta_model::settings::{Encoding, FileSpec, Source};

use crate::error::{Error, Refusal, Result};
use crate::profile::names::is_header_of;
use crate::profile::plan::Plan;
use crate::profile::sources::{DeliveredFile, LoadedProfile};
use crate::read::arrow_rows;
use crate::read::cells::{OwnedCells, TextCells};
use crate::read::csv::{Chunk, Fields, Marks, Scan, Splitter, Syntax, decode, next_row};
use crate::read::form::{Form, Tail};
use crate::read::head::read_head;
use crate::read::header::{Header, Written};
use crate::read::input::{FileKind, check_form, hash_file, line_that};
use crate::read::sheet_rows;
use crate::read::text::{Seen, open_text, unreadable_text};
use crate::rows::intern::Interner;
use crate::rows::maker::{RowMaker, Secrets, Tally};
use crate::rows::route::Router;

/// What reading a file needs beside the file.
pub(crate) struct Reading<'a> {
    pub loaded: &'a LoadedProfile,
    pub(crate) spec: &'a FileSpec,
    pub file: &'a DeliveredFile,
    pub(crate) secrets: &'a Secrets,
    pub texts: &'a Interner,
    pub(crate) router: &'a Router<'a>,
    /// Place of the table in the router, its buckets, and whether its rows have room for a `row_key`.
    pub table: usize,
    pub bucket_count: u32,
    pub keyed: bool,
    pub delivery: u32,
    pub threads: usize,
    /// Memory that a thread may use for remembering persons.
    pub(crate) persons_bytes: usize,
    /// Refused rows that fit into the memory limit.
    pub(crate) refused_rows_max: usize,
    pub cancel: &'a AtomicBool,
    /// Told bytes and rows so far.
    pub progress: &'a (dyn Fn(u64, u64) + Sync),
}

/// A file that was read.
pub(crate) struct ReadFile {
    pub plan: Plan,
    pub(crate) tally: Tally,
    pub blake3: blake3::Hash,
    pub bytes: u64,
}

/// Rows whose persons are called up before they are read.
const ROWS_AHEAD: usize = 32;
/// Bytes of text that a worker reads at a time.
const CHUNK_BYTES: usize = 1 << 20;
/// Rows of a typed file between two visits to the router.
const ROWS_BETWEEN_PUSHES: u64 = 1 << 14;

impl Reading<'_> {
    pub(crate) fn read(&self) -> Result<ReadFile> {
        check_form(&self.file.path, &self.form())?;
        let read = match FileKind::of(&self.file.path) {
            FileKind::Text => self.read_text(),
            kind => self.read_typed(kind),
        };
        // What is wrong with a file that changed is that it changed.
        if matches!(read, Ok(_) | Err(Error::Refused(_))) {
            self.file.check_unchanged()?;
        }
        read
    }

    fn file_text(&self) -> String {
        self.file.path.display().to_string()
    }

    fn form(&self) -> Form<'_> {
        Form::of(&self.loaded.profile.source, self.spec)
    }

    fn fit(&self, header: Header<'_>) -> Result<Plan> {
        Plan::fit(self.loaded, self.spec, header, self.file.extracted_on, self.keyed, self.texts)
            .map_err(|refusal| Error::Refused(vec![placed(*refusal, &self.file.path, &self.form(), self.spec)]))
    }

    fn maker<'a>(&'a self, plan: &'a Plan) -> RowMaker<'a> {
        RowMaker::new(plan, self.secrets, self.texts, self.delivery, self.bucket_count, self.persons_bytes)
    }

    fn read_typed(&self, kind: FileKind) -> Result<ReadFile> {
        let (blake3, bytes) = hash_file(&self.file.path)?;
        let form = self.form();
        let plan = std::cell::OnceCell::new();
        let failed = || Error::state(&self.spec.table, "a file gave rows before its columns");
        // The plan is known only once the columns are; the rows come afterwards.
        let mut head = |header: Header<'_>| {
            let fitted = self.fit(header)?;
            plan.set(fitted).map_err(|_| failed())
        };
        let mut maker: Option<RowMaker<'_>> = None;
        let refused = AtomicUsize::new(0);
        let mut row = |line: u64, cells: &OwnedCells| {
            let maker = match &mut maker {
                Some(maker) => maker,
                empty => empty.insert(self.maker(plan.get().ok_or_else(failed)?)),
            };
            maker.take(cells, line);
            if line.is_multiple_of(ROWS_BETWEEN_PUSHES) {
                (self.progress)(0, maker.tally.rows_read);
                self.push(maker, &refused)?;
            }
            Ok(())
        };
        let aside = match kind {
            FileKind::Parquet => arrow_rows::for_each(&self.file.path, &form, &mut head, &mut row)?,
            _ => sheet_rows::for_each(&self.file.path, &form, &mut head, &mut row)?,
        };
        let mut tally = match maker {
            Some(mut maker) => {
                self.push(&mut maker, &refused)?;
                std::mem::take(&mut maker.tally)
            }
            None => Tally::default(),
        };
        tally.lines_skipped += aside.skipped;
        (self.progress)(bytes, tally.rows_read);
        let plan = plan.into_inner().ok_or_else(failed)?;
        Ok(ReadFile { plan, tally, blake3, bytes })
    }

    fn read_text(&self) -> Result<ReadFile> {
        let path = &self.file.path;
        let source = &self.loaded.profile.source;
        let (mut reader, seen) = open_text(path)?;
        let head = read_head(&mut reader, path, &self.file_text(), &self.form())?;
        let plan = self.fit(Header { names: &head.names, written: Written::Text })?;
        let syntax = Syntax { delimiter: head.delimiter, quote: source.quote, fields: head.names.len() };
        let mut splitter = Splitter::new(reader, syntax, CHUNK_BYTES, head.carry, head.line);
        let mut tally = self.read_chunks(&plan, syntax, source, &seen, &mut |buffer| {
            splitter.next(buffer).map_err(|error| unreadable_text(path, error))
        })?;
        tally.lines_skipped += head.lines_skipped;
        Ok(ReadFile { plan, tally, blake3: seen.hash(), bytes: seen.bytes() })
    }

    /// One thread cuts the text into chunks, the others make rows of them.
    fn read_chunks(
        &self,
        plan: &Plan,
        syntax: Syntax,
        source: &Source,
        seen: &Seen,
        next: &mut dyn FnMut(Vec<u8>) -> Result<Option<Chunk>>,
    ) -> Result<Tally> {
        let total = Mutex::new(Tally::default());
        let failure: Mutex<Option<Error>> = Mutex::new(None);
        let stopped = AtomicBool::new(false);
        let refused = AtomicUsize::new(0);
        let spare: Mutex<Vec<Vec<u8>>> = Mutex::new(Vec::new());
        let (send, receive) = sync_channel::<Chunk>(self.threads);
        let receive = Mutex::new(receive);
        let tails: Mutex<Tail<HeldRow>> = Mutex::new(Tail::default());
        let work = || {
            let mut maker = self.maker(plan);
            let mut room = Room::new(self.form(), syntax);
            while let Some(mut chunk) = next_chunk(&receive) {
                if !stopped.load(Ordering::Relaxed) {
                    read_chunk(&mut maker, &chunk, source.encoding, &mut room);
                    (self.progress)(seen.bytes(), maker.tally.rows_read);
                    if let Err(error) = self.push(&mut maker, &refused) {
                        stopped.store(true, Ordering::Relaxed);
                        failure.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
                    }
                }
                chunk.bytes.clear();
                spare.lock().unwrap_or_else(PoisonError::into_inner).push(chunk.bytes);
            }
            total.lock().unwrap_or_else(PoisonError::into_inner).add(std::mem::take(&mut maker.tally));
            tails.lock().unwrap_or_else(PoisonError::into_inner).add(room.tail);
        };
        let read = std::thread::scope(|scope| {
            for _ in 0..self.threads.max(1) {
                scope.spawn(work);
            }
            let send = send;
            loop {
                if self.cancel.load(Ordering::Relaxed) {
                    return Err(Error::Interrupted);
                }
                if stopped.load(Ordering::Relaxed) {
                    return Ok(());
                }
                let buffer = spare.lock().unwrap_or_else(PoisonError::into_inner).pop().unwrap_or_default();
                match next(buffer)? {
                    Some(chunk) => {
                        if send.send(chunk).is_err() {
                            return Ok(());
                        }
                    }
                    None => return Ok(()),
                }
            }
        });
        read?;
        if let Some(error) = failure.into_inner().unwrap_or_else(PoisonError::into_inner) {
            return Err(error);
        }
        let mut total = total.into_inner().unwrap_or_else(PoisonError::into_inner);
        let (rows, totals) = tails.into_inner().unwrap_or_else(PoisonError::into_inner).settle();
        total.lines_skipped += totals;
        if !rows.is_empty() {
            let mut maker = self.maker(plan);
            let mut fields = Fields::default();
            rows.into_iter().for_each(|(line, row)| row.give(&mut maker, line, syntax, &mut fields));
            self.push(&mut maker, &refused)?;
            total.add(std::mem::take(&mut maker.tally));
        }
        Ok(total)
    }

    /// Hands the rows made so far over. `refused` counts the refused rows of all threads.
    fn push(&self, maker: &mut RowMaker<'_>, refused: &AtomicUsize) -> Result<()> {
        if self.cancel.load(Ordering::Relaxed) {
            return Err(Error::Interrupted);
        }
        let newly = maker.tally.bad.len() - maker.refused_told;
        maker.refused_told += newly;
        let refused = refused.fetch_add(newly, Ordering::Relaxed) + newly;
        if refused > self.refused_rows_max {
            return Err(Error::refused(
                self.file_text(),
                "memory",
                format!("{refused} rows are bad before its end, more than the memory limit allows to remember"),
                "run virta profile check to see raw and read values side by side; mend the profile or the file, or \
                      raise --memory-limit",
            ));
        }
        if maker.is_misshapen {
            return Err(Error::state("spill", "a row is not of its file's shape"));
        }
        self.router.push_short(self.table, &maker.shape, &mut maker.rows);
        self.router.push_claims(self.table, &maker.claim_shape, &mut maker.claims);
        for (bucket, people) in maker.people.iter_mut().enumerate() {
            if !people.is_empty() {
                self.router.push_people(bucket, people);
            }
        }
        self.router.relieve()
    }
}

fn next_chunk(receive: &Mutex<Receiver<Chunk>>) -> Option<Chunk> {
    receive.lock().unwrap_or_else(PoisonError::into_inner).recv().ok()
}

/// Says where a section does not fit a file, and on which line the header is, if another of the first ones has all the
/// columns.
pub(crate) fn placed(mut refusal: Refusal, path: &Path, form: &Form<'_>, spec: &FileSpec) -> Refusal {
    refusal.file = path.display().to_string();
    if let (Some(line), false) = (refusal.line.as_mut(), form.header_row.is_empty()) {
        *line = form.header_row.first().map_or(1, |row| u64::from(*row));
    }
    if refusal.rule == "missing_column"
        && let Some(line) = line_that(path, form, &|names| is_header_of(names, spec))
    {
        refusal.fix = format!("line {line} has them all: set header_row = {line} in [[file]]");
    }
    refusal
}

fn read_chunk(maker: &mut RowMaker<'_>, chunk: &Chunk, encoding: Encoding, room: &mut Room<'_>) {
    let Room { form, syntax, fields, marks, tail } = room;
    let (syntax, has_totals) = (*syntax, form.has_totals());
    for line in &chunk.too_long {
        pass(maker, tail, *line, syntax);
        maker.refuse_line(*line, &line.to_le_bytes(), "too_long");
    }
    let decoded = decode(&chunk.bytes, encoding);
    let text: &[u8] = &decoded.bytes;
    let has_nul = memchr::memchr(0, text).is_some();
    let has_quotes = memchr::memchr(syntax.quote, text).is_some();
    if !has_quotes {
        marks.find(text, syntax.delimiter);
    }
    let (mut at, mut line) = (0, chunk.first_line);
    let persons = maker.person_column().filter(|_| !has_quotes);
    let mut rows_ahead = 0;
    while at < text.len() {
        if let Some(column) = persons
            && rows_ahead == 0
        {
            rows_ahead = ROWS_AHEAD;
            maker.call_up(marks.ahead(text, column, syntax.fields, ROWS_AHEAD));
        }
        rows_ahead = rows_ahead.saturating_sub(1);
        let scan = match has_quotes {
            true => next_row(text, at, syntax, true, fields),
            false => marks.next_row(text, at, fields),
        };
        match scan {
            Scan::Row { end } => {
                let whole = &text[at..end];
                let is_cut = chunk.at_end && fields.open_end && fields.len() < syntax.fields;
                let rule = match () {
                    () if !decoded.is_sound(whole) => Some("encoding"),
                    () if has_nul && whole.contains(&0) => Some("nul"),
                    () if is_cut => Some("truncated"),
                    () if fields.len() != syntax.fields => Some("fields"),
                    () if whole.len() > crate::read::csv::ROW_BYTES_MAX => Some("too_long"),
                    () => None,
                };
                let cells = TextCells { text, fields };
                if has_totals && form.may_be_totals(&cells) {
                    let row = HeldRow { text: whole.to_vec(), rule };
                    if let Some((line, row)) = tail.hold(line, row) {
                        row.give(maker, line, syntax, &mut Fields::default());
                    }
                } else {
                    if has_totals {
                        pass(maker, tail, line, syntax);
                    }
                    match rule {
                        Some(rule) => maker.refuse_line(line, whole, rule),
                        None => maker.take(&cells, line),
                    }
                }
                maker.tally.no_newline_at_end |= chunk.at_end && fields.open_end;
                line += 1 + fields.inner_lines;
                at = end;
            }
            Scan::Blank { end } => {
                line += 1;
                at = end;
            }
            Scan::Bad { end, rule } => {
                pass(maker, tail, line, syntax);
                maker.refuse_line(line, &text[at..end], rule);
                line += 1;
                at = end;
            }
            Scan::Incomplete => break,
        }
    }
}

/// Another row than totals comes: what was held back are rows.
fn pass(maker: &mut RowMaker<'_>, tail: &mut Tail<HeldRow>, line: u64, syntax: Syntax) {
    let mut fields = Fields::default();
    tail.pass(line).for_each(|(line, row)| row.give(maker, line, syntax, &mut fields));
}

/// A row that may be totals.
#[derive(Debug)]
struct HeldRow {
    text: Vec<u8>,
    /// The rule of the format that it breaks.
    rule: Option<&'static str>,
}

impl HeldRow {
    /// Makes a row of it after all.
    fn give(self, maker: &mut RowMaker<'_>, line: u64, syntax: Syntax, fields: &mut Fields) {
        match (self.rule, next_row(&self.text, 0, syntax, true, fields)) {
            (None, Scan::Row { .. }) => maker.take(&TextCells { text: &self.text, fields }, line),
            (rule, _) => maker.refuse_line(line, &self.text, rule.unwrap_or("fields")),
        }
    }
}

/// What a worker keeps from chunk to chunk.
struct Room<'a> {
    form: Form<'a>,
    syntax: Syntax,
    fields: Fields,
    marks: Marks,
    tail: Tail<HeldRow>,
}

impl<'a> Room<'a> {
    fn new(form: Form<'a>, syntax: Syntax) -> Self {
        Room { form, syntax, fields: Fields::default(), marks: Marks::default(), tail: Tail::default() }
    }
}
