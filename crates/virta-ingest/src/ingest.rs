//! One command: every file of the given profiles, one commit.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use hashbrown::HashMap;
use virta_model::schema::{self, MUNICIPALITIES};
use virta_model::{Day, Table, Value, municipality};
use virta_store::{Commit, Delivery, Snapshot, Store};

use crate::catalogue::Catalogue;
use crate::date::DAYS;
use crate::deliveries::{Deliveries, Details, Entry, delivery_id};
use crate::error::{Error, Refusal, Result};
use crate::identity;
use crate::input::hash_file;
use crate::intern::Interner;
use crate::key::ProjectKey;
use crate::layout::Layout;
use crate::ledger::{self, Quarantine, Refused};
use crate::maker::Secrets;
use crate::merge::{Change, Merge};
use crate::read::{ReadFile, Reading};
use crate::report::{DeliveryReport, IngestReport, Outcome, QualityPage};
use crate::route::{Admission, Router};
use crate::sources::{DeliveredFile, LoadedProfile};

/// How to ingest. The result does not depend on threads or memory.
#[derive(Debug, Clone)]
pub struct Options {
    /// Does everything but the commit.
    pub dry_run: bool,
    pub threads: usize,
    /// Bytes that may be held; beyond it rows are spilled to the store's disk.
    pub memory_limit: usize,
    /// The day of every extract, instead of what the profiles say.
    pub extracted_on: Option<Day>,
    /// Set by another thread to stop: nothing is changed then.
    pub cancel: Arc<AtomicBool>,
}

impl Default for Options {
    /// All processors, 1 GB.
    fn default() -> Self {
        Options {
            dry_run: false,
            threads: std::thread::available_parallelism().map_or(1, usize::from),
            memory_limit: 1 << 30,
            extracted_on: None,
            cancel: Arc::default(),
        }
    }
}

/// What an ingest is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Reading delivered files: `done` of `total` bytes.
    Reading,
    /// Merging and writing: `done` of `total` buckets.
    Writing,
}

/// How far an ingest is.
#[derive(Debug, Clone, Copy)]
pub struct Progress<'a> {
    pub phase: Phase,
    pub done: u64,
    pub total: u64,
    /// Rows read so far, about.
    pub rows: u64,
    /// Name of the file that is read.
    pub file: &'a str,
}

/// Called now and then, from several threads.
pub type OnProgress<'a> = &'a (dyn Fn(Progress<'_>) + Sync);

/// Ingests every file that the profiles name, as one commit.
///
/// # Errors
/// A wrong key, an unusable profile, code list or file, a file with too many bad rows, an I/O error, an interruption:
/// whatever it is, the store is as before. All refused files are named at once.
pub fn ingest(
    store: &Store,
    key: &ProjectKey,
    profiles: &[impl AsRef<Path>],
    options: &Options,
    progress: OnProgress<'_>,
) -> Result<IngestReport> {
    key.check(store.key_id())?;
    let mut loaded = Vec::new();
    for path in profiles {
        loaded.push(LoadedProfile::load(path.as_ref())?);
    }
    let mut files = Vec::new();
    for (at, profile) in loaded.iter().enumerate() {
        files.extend(profile.files(options.extracted_on)?.into_iter().map(|file| (at, file)));
    }
    let commit = store.begin()?;
    Ingest::new(&commit, key, &loaded, options, progress)?.run(files)?.finish(commit)
}

/// A table that this ingest fills.
struct TableWork {
    layout: Layout,
    /// Some of its rows are read again, so that every bucket is looked at.
    all_buckets: bool,
}

struct Ingest<'a> {
    commit: &'a Commit,
    key: &'a ProjectKey,
    profiles: &'a [LoadedProfile],
    options: &'a Options,
    progress: OnProgress<'a>,
    texts: Interner,
    deliveries: Deliveries,
    catalogue: Catalogue,
    tables: Vec<TableWork>,
    refused: Vec<Refused>,
    reports: Vec<(u32, DeliveryReport)>,
}

/// An ingest whose commit is ready.
struct Ready {
    report: IngestReport,
}

impl Ready {
    fn finish(mut self, commit: Commit) -> Result<IngestReport> {
        if self.report.dry_run {
            self.report.snapshot = commit.base().id().to_owned();
            return Ok(self.report);
        }
        let committed = commit.finish()?;
        self.report.snapshot = committed.snapshot.id().to_owned();
        self.report.changed = committed.changed;
        Ok(self.report)
    }
}

impl<'a> Ingest<'a> {
    fn new(
        commit: &'a Commit,
        key: &'a ProjectKey,
        profiles: &'a [LoadedProfile],
        options: &'a Options,
        progress: OnProgress<'a>,
    ) -> Result<Self> {
        let texts = Interner::default();
        let deliveries = ledger::read(commit.base(), &texts)?;
        let catalogue = Catalogue::read(commit.base())?;
        let tables = tables_of(profiles, commit.base());
        Ok(Ingest {
            commit,
            key,
            profiles,
            options,
            progress,
            texts,
            deliveries,
            catalogue,
            tables,
            refused: Vec::new(),
            reports: Vec::new(),
        })
    }

    fn run(mut self, files: Vec<(usize, DeliveredFile)>) -> Result<Ready> {
        let router = Router::new(
            self.tables.len(),
            self.commit.base().bucket_count(),
            self.options.memory_limit / 2,
            &self.commit.scratch(),
        );
        self.read_all(&files, &router)?;
        for (at, file) in &files {
            self.add_code_lists(*at, file);
        }
        let change = self.merge_all(&router)?;
        drop(router);
        let mut quarantine = Quarantine::read(self.commit.base(), &self.deliveries, &self.texts)?;
        quarantine.rows.append(&mut self.refused);
        quarantine.replace_conflicts(&change.conflicts_before, &change.conflicts_after, &self.texts);
        self.account(&change, &quarantine)?;
        if !self.options.dry_run {
            quarantine.write(self.commit, &self.deliveries, &self.texts.texts())?;
            self.catalogue.write(self.commit)?;
            write_municipalities(self.commit)?;
            ledger::write(self.commit, &self.deliveries)?;
        }
        Ok(Ready { report: self.report(&change, &quarantine) })
    }

    /// Reads what is not known yet. Every file is looked at, so that all refusals are told at once.
    fn read_all(&mut self, files: &[(usize, DeliveredFile)], router: &Router) -> Result<()> {
        let total: u64 = files.iter().map(|(_, file)| file.bytes).sum();
        let (mut done, mut rows) = (0, 0);
        let mut refusals = Vec::new();
        for index in self.in_order(files)? {
            let Some((at, file)) = files.get(index) else { continue };
            let counters = (AtomicU64::new(done), AtomicU64::new(rows));
            let tell = |bytes: u64, _: u64| {
                let done = counters.0.load(Ordering::Relaxed) + bytes;
                let rows = counters.1.load(Ordering::Relaxed);
                (self.progress)(Progress { phase: Phase::Reading, done, total, rows, file: &file.name });
            };
            tell(0, 0);
            match self.prepare(*at, file)? {
                None => {}
                Some(prepared) => match self.read_one(*at, file, &prepared, router, &tell) {
                    Ok(read) => match self.accept(*at, file, prepared, read) {
                        Ok(read) => rows += read,
                        Err(Error::Refused(more)) => refusals.extend(more),
                        Err(error) => return Err(error),
                    },
                    Err(Error::Refused(more)) => refusals.extend(more),
                    Err(error) => return Err(error),
                },
            }
            done += file.bytes;
        }
        if refusals.is_empty() { Ok(()) } else { Err(Error::Refused(refusals)) }
    }

    /// Of files with the same content the newest extract comes first, then the first name: the others are known by then.
    fn in_order(&self, files: &[(usize, DeliveredFile)]) -> Result<Vec<usize>> {
        let mut order: Vec<usize> = (0..files.len()).collect();
        order.sort_by_key(|at| {
            files.get(*at).map(|(profile, file)| {
                (std::cmp::Reverse(file.extracted_on.map(|day| day.0)), &file.name, *profile, file.section)
            })
        });
        Ok(order)
    }

    /// Gives a file a place among the deliveries; `None` when it is known and need not be read.
    fn prepare(&mut self, at: usize, file: &DeliveredFile) -> Result<Option<Prepared>> {
        let Some((profile, spec)) = self.profiles.get(at).and_then(|p| Some((p, p.profile.files.get(file.section)?)))
        else {
            return Ok(None);
        };
        let source = &profile.profile.source.name;
        let details = Details {
            extracted_on: file.extracted_on.map(|day| day.0),
            digest: profile.digest(spec)?,
            page: QualityPage::default(),
        };
        let same_size = |entry: &Entry| {
            entry.ledger.bytes == file.bytes && entry.ledger.source == *source && entry.ledger.table == spec.table
        };
        if self.deliveries.entries.iter().any(same_size) {
            let (blake3, _) = hash_file(&file.path)?;
            let id = delivery_id(source, &spec.table, blake3.to_hex().as_str(), file.ordinal);
            if let Some(number) = self.deliveries.number(id) {
                return Ok(self.prepare_again(number, file, details));
            }
        }
        let ledger = Delivery {
            table: spec.table.clone(),
            source: source.clone(),
            file: file.name.clone(),
            bytes: file.bytes,
            ..Delivery::default()
        };
        let source = self.texts.number(source);
        let number = self.deliveries.entries.len() as u32;
        self.deliveries.entries.push(Entry { ledger, details, source, is_new: true });
        Ok(Some(Prepared { number, outcome: Outcome::Read }))
    }

    fn prepare_again(&mut self, number: u32, file: &DeliveredFile, details: Details) -> Option<Prepared> {
        let entry = self.deliveries.entries.get_mut(number as usize)?;
        let (known, now) = (entry.details.extracted_on, details.extracted_on);
        if now > known || (now == known && file.name < entry.ledger.file) {
            entry.ledger.file.clone_from(&file.name);
        }
        // In one command the first reading stands: a second profile for the same file would undo it.
        let is_changed = now > known || entry.details.digest != details.digest;
        if entry.is_new || !is_changed {
            let report = report_of(entry, Outcome::Known);
            self.reports.push((number, report));
            return None;
        }
        entry.details = Details { extracted_on: known.max(now), ..details };
        entry.is_new = true;
        let table = entry.ledger.table.clone();
        for work in &mut self.tables {
            work.all_buckets |= work.layout.schema.name == table;
        }
        Some(Prepared { number, outcome: Outcome::ReadAgain })
    }

    fn read_one(
        &self,
        at: usize,
        file: &DeliveredFile,
        prepared: &Prepared,
        router: &Router,
        progress: &(dyn Fn(u64, u64) + Sync),
    ) -> Result<ReadFile> {
        let missing = || Error::state("profile", "a section is gone");
        let profile = self.profiles.get(at).ok_or_else(missing)?;
        let spec = profile.profile.files.get(file.section).ok_or_else(missing)?;
        let table = self.tables.iter().position(|t| t.layout.schema.name == spec.table).ok_or_else(missing)?;
        let work = self.tables.get(table).ok_or_else(missing)?;
        let source = &profile.profile.source;
        let ordinal = file.ordinal.to_string();
        let mut purpose = vec!["identity", source.name.as_str(), spec.table.as_str(), ordinal.as_str()];
        purpose.extend(spec.row_key.iter().map(String::as_str));
        let secrets = Secrets {
            pseudonyms: self.key.pseudonymiser(source.pseudonym_domain()),
            identity: self.key.row_key(&purpose),
            row: self.key.row_key(&["row"]),
        };
        let bucket_count = if work.layout.schema.has_clients() { self.commit.base().bucket_count() } else { 1 };
        Reading {
            loaded: profile,
            spec,
            file,
            secrets: &secrets,
            texts: &self.texts,
            router,
            table,
            bucket_count,
            keyed: work.layout.keyed,
            delivery: prepared.number,
            threads: self.options.threads.max(1),
            cancel: &self.options.cancel,
            progress,
        }
        .read()
    }

    /// Checks a file as a whole and enters it into the ledger. Gives the rows read.
    fn accept(&mut self, at: usize, file: &DeliveredFile, prepared: Prepared, mut read: ReadFile) -> Result<u64> {
        let Some(profile) = self.profiles.get(at) else { return Ok(0) };
        read.tally.bad.sort_unstable_by_key(|bad| (bad.line, bad.field, bad.rule, bad.hash));
        check_file(file, profile, &read)?;
        let blake3 = read.blake3.to_hex().to_string();
        let page = page_of(&read);
        for bad in &read.tally.bad {
            let field = read.plan.field_names.get(usize::from(bad.field)).map_or("", String::as_str);
            self.refused.push(Refused {
                delivery: prepared.number,
                line: bad.line as i64,
                field: self.texts.number(field),
                rule: self.texts.number(bad.rule),
                hash: bad.hash,
            });
        }
        let texts = self.texts.texts();
        for (text, used) in texts.iter().zip(&read.tally.services) {
            if *used {
                self.catalogue.add_service(text);
            }
        }
        let mut warnings = Vec::new();
        if read.tally.no_newline_at_end {
            warnings.push("the file does not end with a line end: it may be cut".to_owned());
        }
        let rows_read = read.tally.rows_read;
        let Some(entry) = self.deliveries.entries.get_mut(prepared.number as usize) else { return Ok(0) };
        entry.ledger.delivery_id = delivery_id(&entry.ledger.source, &entry.ledger.table, &blake3, file.ordinal);
        entry.ledger.blake3 = blake3;
        entry.ledger.bytes = read.bytes;
        entry.ledger.rows_read = rows_read;
        entry.details.page = page;
        let mut report = report_of(entry, prepared.outcome);
        report.warnings = warnings;
        self.deliveries.reindex(prepared.number);
        self.reports.push((prepared.number, report));
        Ok(rows_read)
    }

    /// What the code lists of a file's section say, as of the file's extract.
    fn add_code_lists(&mut self, at: usize, file: &DeliveredFile) {
        let Some(profile) = self.profiles.get(at) else { return };
        let Some(spec) = profile.profile.files.get(file.section) else { return };
        for (name, column) in &spec.columns {
            let list = column.codes.as_ref().and_then(|codes| profile.codes.get(codes));
            if let Some(list) = list.filter(|_| name == "service") {
                for (service, facts) in &list.facts {
                    self.catalogue.add_facts(service, facts, file.extracted_on.map(|day| day.0));
                }
            }
        }
    }

    fn merge_all(&mut self, router: &Router) -> Result<Change> {
        let merge = Merge {
            commit: self.commit,
            texts: &self.texts,
            deliveries: &self.deliveries,
            occurrences: &self.key.row_key(&["occurrence"]),
            writes: !self.options.dry_run,
        };
        let buckets = self.commit.base().bucket_count();
        let clients = Layout::new(&schema::CLIENTS, self.is_keyed(schema::CLIENTS.name));
        let mut tasks: Vec<(Option<usize>, Option<u32>)> = Vec::new();
        for (table, work) in self.tables.iter().enumerate() {
            if work.layout.schema.name == "clients" {
                continue;
            }
            if work.layout.schema.has_clients() {
                let touched = |b: &u32| work.all_buckets || router.has_rows(table, *b as usize);
                tasks.extend((0..buckets).filter(touched).map(|bucket| (Some(table), Some(bucket))));
            } else if work.all_buckets || router.has_rows(table, 0) {
                tasks.push((Some(table), None));
            }
        }
        let clients_at = self.tables.iter().position(|work| work.layout.schema.name == "clients");
        tasks.extend((0..buckets).map(|bucket| (None, Some(bucket))));
        let next = AtomicUsize::new(0);
        let total = Mutex::new(Change::default());
        let failure: Mutex<Option<Error>> = Mutex::new(None);
        let rereads_people = clients_at.and_then(|at| self.tables.get(at)).is_some_and(|work| work.all_buckets);
        let admission = Admission::new(self.options.memory_limit / 2);
        let one = |table: Option<usize>, bucket: Option<u32>| -> Result<Change> {
            let place = bucket.unwrap_or(0) as usize;
            let _share = admission.admit(self.working_bytes(router, table.or(clients_at), bucket));
            let Some(table) = table else {
                let macs = router.take_people(place);
                let rows = clients_at.map_or(Ok(Vec::new()), |at| router.take(at, place))?;
                if macs.is_empty() && rows.is_empty() && !rereads_people {
                    return Ok(Change::default());
                }
                return merge.people(&clients, place as u32, macs, rows);
            };
            match self.tables.get(table) {
                Some(work) => merge.bucket(&work.layout, bucket, router.take(table, place)?),
                None => Ok(Change::default()),
            }
        };
        let work = || {
            while let Some((table, bucket)) = tasks.get(next.fetch_add(1, Ordering::Relaxed)) {
                if failure.lock().unwrap_or_else(PoisonError::into_inner).is_some() {
                    return;
                }
                let result = if self.options.cancel.load(Ordering::Relaxed) {
                    Err(Error::Interrupted)
                } else {
                    one(*table, *bucket)
                };
                match result {
                    Ok(change) => total.lock().unwrap_or_else(PoisonError::into_inner).add(change),
                    Err(error) => {
                        failure.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
                    }
                }
                let done = next.load(Ordering::Relaxed).min(tasks.len()) as u64;
                let total = tasks.len() as u64;
                (self.progress)(Progress { phase: Phase::Writing, done, total, rows: 0, file: "" });
            }
        };
        std::thread::scope(|scope| {
            for _ in 0..self.options.threads.max(1) {
                scope.spawn(work);
            }
        });
        match failure.into_inner().unwrap_or_else(PoisonError::into_inner) {
            Some(error) => Err(error),
            None => Ok(total.into_inner().unwrap_or_else(PoisonError::into_inner)),
        }
    }

    /// About how much memory merging a bucket takes: its rows, what it is sorted by, what is being encoded.
    fn working_bytes(&self, router: &Router, table: Option<usize>, bucket: Option<u32>) -> usize {
        let Some((table, work)) = table.and_then(|table| Some((table, self.tables.get(table)?))) else { return 0 };
        let old = self.commit.base().file(work.layout.schema.name, bucket).map_or(0, |file| file.rows as usize);
        let rows = router.bytes(table, bucket.unwrap_or(0) as usize) / work.layout.row_bytes + old;
        rows * (work.layout.row_bytes + 64)
    }

    fn is_keyed(&self, table: &str) -> bool {
        self.tables
            .iter()
            .find(|work| work.layout.schema.name == table)
            .map_or_else(|| self.commit.base().rows(&identity::name_of(table)) > 0, |work| work.layout.keyed)
    }

    /// Brings the ledger up to date: rows accepted are rows that stand, refused rows are those in quarantine, and every
    /// other row was superseded.
    fn account(&mut self, change: &Change, quarantine: &Quarantine) -> Result<()> {
        let quarantined = quarantine.count_by_delivery();
        for (number, entry) in self.deliveries.entries.iter_mut().enumerate() {
            let of = |counts: &HashMap<u32, u64>| counts.get(&(number as u32)).copied().unwrap_or(0);
            let ledger = &mut entry.ledger;
            let accepted = (ledger.rows_accepted + of(&change.after)).checked_sub(of(&change.before));
            ledger.rows_quarantined = of(&quarantined);
            let superseded =
                accepted.and_then(|accepted| ledger.rows_read.checked_sub(accepted + ledger.rows_quarantined));
            let (Some(accepted), Some(superseded)) = (accepted, superseded) else {
                return Err(Error::state(
                    "deliveries",
                    format!("delivery {} has more rows than it brought", ledger.delivery_id),
                ));
            };
            ledger.rows_accepted = accepted;
            ledger.rows_superseded = superseded;
        }
        Ok(())
    }

    fn report(self, change: &Change, quarantine: &Quarantine) -> IngestReport {
        let mut report = IngestReport {
            dry_run: self.options.dry_run,
            services_unnamed: self.catalogue.unnamed(),
            services_disputed: self.catalogue.disputed(),
            disagreements: change.disagreements.iter().map(|(field, n)| ((*field).to_owned(), *n)).collect(),
            ..IngestReport::default()
        };
        let texts = self.texts.texts();
        let mut by_reason: HashMap<u32, BTreeMap<String, u64>> = HashMap::new();
        for row in &quarantine.rows {
            let text = |number: u32| texts.get(number as usize).map_or("", |text| text);
            let reason = format!("{} {}", text(row.field), text(row.rule)).trim().to_owned();
            *by_reason.entry(row.delivery).or_default().entry(reason).or_default() += 1;
        }
        for (number, mut delivery) in self.reports {
            if let Some(entry) = self.deliveries.entries.get(number as usize) {
                let warnings = std::mem::take(&mut delivery.warnings);
                delivery = DeliveryReport { warnings, ..report_of(entry, delivery.outcome) };
            }
            delivery.quarantined_by = by_reason.get(&number).cloned().unwrap_or_default();
            if delivery.outcome != Outcome::Known {
                report.rows_read += delivery.rows_read;
                report.rows_accepted += delivery.rows_accepted;
                report.rows_quarantined += delivery.rows_quarantined;
                report.rows_superseded += delivery.rows_superseded;
            }
            report.deliveries.push(delivery);
        }
        report.deliveries.sort_by(|a, b| (&a.source, &a.table, &a.file).cmp(&(&b.source, &b.table, &b.file)));
        report
    }
}

struct Prepared {
    number: u32,
    outcome: Outcome,
}

fn tables_of(profiles: &[LoadedProfile], base: &Snapshot) -> Vec<TableWork> {
    let specs = || profiles.iter().flat_map(|profile| &profile.profile.files);
    schema::STORE
        .iter()
        .filter(|table| specs().any(|spec| spec.table == table.name))
        .map(|table| {
            let keyed = specs().any(|spec| spec.table == table.name && !spec.row_key.is_empty())
                || base.rows(&identity::name_of(table.name)) > 0;
            TableWork { layout: Layout::new(table, keyed), all_buckets: false }
        })
        .collect()
}

fn report_of(entry: &Entry, outcome: Outcome) -> DeliveryReport {
    let ledger = &entry.ledger;
    DeliveryReport {
        delivery_id: ledger.delivery_id,
        source: ledger.source.clone(),
        table: ledger.table.clone(),
        file: ledger.file.clone(),
        outcome,
        bytes: ledger.bytes,
        rows_read: ledger.rows_read,
        rows_accepted: ledger.rows_accepted,
        rows_quarantined: ledger.rows_quarantined,
        rows_superseded: ledger.rows_superseded,
        quarantined_by: BTreeMap::new(),
        warnings: Vec::new(),
    }
}

/// Refuses a file whose rows are too bad to take any of them.
fn check_file(file: &DeliveredFile, profile: &LoadedProfile, read: &ReadFile) -> Result<()> {
    let tally = &read.tally;
    let mut refusals = Vec::new();
    let name = file.path.display().to_string();
    for (at, (hits, values)) in tally.hetu_hits.iter().zip(&tally.values).enumerate() {
        if *hits >= 3 && *hits * 100 >= *values {
            let column = read.plan.field_names.get(at + 1).cloned();
            refusals.push(Refusal {
                file: name.clone(),
                column,
                rule: "hetu",
                message: format!("{hits} of {values} values are personal identity codes"),
                fix: "have the sender replace identity codes by pseudonyms before anything is delivered".to_owned(),
                ..Refusal::default()
            });
        }
    }
    let bad: Vec<_> = tally.bad.iter().filter(|bad| bad.rule != "no_value").collect();
    let limit = profile.profile.source.bad_rows_max_percent;
    if refusals.is_empty() && bad.len() as f64 * 100.0 > limit * tally.rows_read as f64 {
        let field = |number: u16| read.plan.field_names.get(usize::from(number)).map_or("", String::as_str);
        let mut reasons: BTreeMap<String, u64> = BTreeMap::new();
        for bad in &bad {
            *reasons.entry(format!("{} {}", field(bad.field), bad.rule).trim().to_owned()).or_default() += 1;
        }
        let mut reasons: Vec<_> = reasons.into_iter().collect();
        reasons.sort_by_key(|(reason, rows)| (std::cmp::Reverse(*rows), reason.clone()));
        let reasons: Vec<String> = reasons.into_iter().map(|(reason, rows)| format!("{reason} {rows}")).collect();
        let first: Vec<String> = bad
            .iter()
            .take(5)
            .map(|bad| format!("line {} ({} {})", bad.line, field(bad.field), bad.rule).replace("( ", "("))
            .collect();
        let first_bad = bad.first();
        refusals.push(Refusal {
            file: name,
            line: first_bad.map(|bad| bad.line),
            column: None,
            field: first_bad.map(|bad| field(bad.field).to_owned()).filter(|field| !field.is_empty()),
            rule: first_bad.map_or("", |bad| bad.rule),
            message: format!(
                "{} of {} rows are bad, more than the {limit} % that the profile allows: {}; first {}",
                bad.len(),
                tally.rows_read,
                reasons.join(", "),
                first.join(", ")
            ),
            fix: "run virta profile check to see raw and read values side by side; mend the profile or the file, or \
                  raise bad_rows_max_percent"
                .to_owned(),
        });
    }
    if refusals.is_empty() { Ok(()) } else { Err(Error::Refused(refusals)) }
}

fn page_of(read: &ReadFile) -> QualityPage {
    let tally = &read.tally;
    let mut page = QualityPage {
        rows_read: tally.rows_read,
        rows_good: tally.good,
        rows_cancelling: tally.cancelled,
        priced_by_unit_cost: tally.by_unit_cost,
        ..QualityPage::default()
    };
    for bad in &tally.bad {
        *page.refused_by_rule.entry(bad.rule.to_owned()).or_default() += 1;
    }
    for (slot, missing) in read.plan.layout.slots.iter().zip(&tally.nulls) {
        if *missing > 0 {
            page.missing.insert(slot.name.to_owned(), *missing);
        }
    }
    for (column, unknown) in read.plan.columns.iter().zip(&tally.unknown) {
        if *unknown > 0 {
            page.unknown_codes.insert(column.name.to_owned(), *unknown);
        }
    }
    for (at, rows) in tally.days.iter().enumerate().filter(|(_, rows)| **rows > 0) {
        let (year, month, _) = Day(*DAYS.start() + at as i32).ymd();
        *page.months.entry(format!("{year:04}-{month:02}")).or_default() += u64::from(*rows);
    }
    page
}

fn write_municipalities(commit: &Commit) -> Result<()> {
    let mut table = Table::new(&MUNICIPALITIES);
    for known in municipality::municipalities() {
        let successor = municipality::successor_of(known.code, i32::MAX);
        table.push(&[
            Value::Text(known.code),
            Value::Text(known.name_fi),
            Value::Text(known.name_sv),
            Value::Text(known.county),
            successor.map_or(Value::Null, Value::Text),
        ]);
    }
    Ok(commit.replace(&table)?)
}
