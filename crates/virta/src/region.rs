//! A store as the pages see it: the bridge between the front and everything that it asks for.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use arrow::array::{AsArray, RecordBatch};
use arrow::datatypes::Int64Type;
use rayon::prelude::*;
use virta_access::{Entry, UseLog};
use virta_flow::{Asked, KeptSource, Live, Look, RunOptions, look_through};
use virta_front::{
    BundleFile, ClientSeen, Closed, ContactSeen, Going, GroupSeen, House, Intake, Numbers, Overview, Place, ReleaseEnd,
    ReleaseMade, ReleaseSeen, SourceSeen, Standing, StudyEntry, StudySeen, Trouble, UseEntry,
};
use virta_ingest::ProjectKey;
use virta_model::schema::{CLIENTS, CONTACTS, SERVICES, TableSchema};
use virta_model::settings::Study;
use virta_model::{ClientId, Day, Lang, Sector, Table, Value};
use virta_report::Names;
use virta_store::{ColumnBatch, Release, Snapshot, Store, to_table};

use crate::args::{Common, PageArgs};
use crate::commands::{deliveries, release, report, study};
use crate::failure::Failure;
use crate::intake::StoreIntake;
use crate::known;
use crate::source::StoreSource;
use crate::view::{RowView, View};

/// One store, opened for the pages.
#[derive(Debug)]
pub(crate) struct Region {
    store: Store,
    key: PathBuf,
    threads: Option<usize>,
    /// `None` without the store's key, from which the log's own follows.
    log: Option<Arc<UseLog>>,
    intake: StoreIntake,
    /// The folder of releases.
    releases: PathBuf,
    #[cfg(feature = "sql")]
    desk: crate::sql::desk::SqlDesk,
    memory_limit: Option<u64>,
    /// What only a look at all rows tells, of the newest snapshot.
    facts: Mutex<Option<Arc<Facts>>>,
    /// The contacts of a snapshot, once a definition has looked at them.
    contacts: Mutex<Option<(String, Arc<KeptSource>)>>,
}

/// What a contact takes in memory at most, where a definition looks at contacts.
const CONTACT_BYTES: u64 = 24;
/// Twice of what contacts may take in memory, unless a memory limit is given.
const KEPT_BYTES_MAX: u64 = 2 << 30;

#[derive(Debug)]
struct Facts {
    snapshot: String,
    years: Vec<i32>,
    municipalities: Vec<String>,
    known_to: BTreeMap<String, Day>,
    linkage: Vec<virta_ingest::SourceLinkage>,
}

impl Region {
    /// Opens a store. Without its key no rows are shown, since no look could be written down, and nothing that may leave.
    /// `question_time` is what a question in SQL may take, to its last row.
    ///
    /// # Errors
    /// A store or a given folder that cannot be opened, and a key that is not the store's own.
    pub(crate) fn open(
        store: &Path,
        key: PathBuf,
        given: &PageArgs,
        common: &Common,
        question_time: Duration,
    ) -> Result<Self, Failure> {
        let threads = common.threads();
        let folder = std::fs::canonicalize(store).map_err(|error| Failure::io("open the store", store, &error))?;
        let store = Store::open(store)?;
        let log = match key.exists() {
            true => {
                let loaded = ProjectKey::load(&key)?;
                loaded.check(store.key_id())?;
                Some(Arc::new(UseLog::new(&folder, loaded.log_key())))
            }
            false => None,
        };
        #[cfg(feature = "sql")]
        let desk = {
            let limit = crate::sql::memory_limit(common);
            crate::sql::desk::SqlDesk::open(&folder, log.clone(), threads, limit, question_time)?
        };
        #[cfg(not(feature = "sql"))]
        let _ = question_time;
        Ok(Region {
            intake: StoreIntake::new(Store::open(&folder)?, key.clone(), &given.extracts, common)?,
            releases: given.releases.clone().unwrap_or_else(|| beside(&folder, ".releases")),
            store,
            key,
            threads,
            log,
            #[cfg(feature = "sql")]
            desk,
            memory_limit: common.memory_limit_bytes(),
            facts: Mutex::default(),
            contacts: Mutex::default(),
        })
    }

    fn write_down(&self, entry: &UseEntry<'_>) -> Result<(), Failure> {
        let log = self.log.as_ref().ok_or_else(|| {
            Failure::refused("rows are shown only where every look can be written down, which needs the store's key")
                .fix("name it with --key")
        })?;
        let region = self.store.root().file_name().map(|name| name.to_string_lossy().into_owned());
        log.append(&Entry {
            user: entry.user,
            role: entry.role,
            door: "http",
            store: &region.unwrap_or_default(),
            snapshot: entry.snapshot,
            what: "page",
            text: entry.what,
            outcome: "done",
            of: None,
        })?;
        Ok(())
    }

    fn facts(&self, snapshot: &Snapshot) -> Result<Arc<Facts>, Failure> {
        let mut kept = self.facts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(facts) = kept.as_ref().filter(|facts| facts.snapshot == snapshot.id()) {
            return Ok(Arc::clone(facts));
        }
        let facts = Arc::new(Facts {
            snapshot: snapshot.id().to_owned(),
            years: years(snapshot)?,
            municipalities: municipalities(snapshot)?,
            known_to: known::known_to(snapshot)?,
            linkage: virta_ingest::linkage(snapshot)?.unwrap_or_default(),
        });
        *kept = Some(Arc::clone(&facts));
        Ok(facts)
    }

    fn see(&self) -> Result<Overview, Failure> {
        let snapshot = self.store.current()?;
        let facts = self.facts(&snapshot)?;
        let contact_sources: BTreeSet<&str> = snapshot
            .deliveries()
            .iter()
            .filter(|delivery| delivery.table == "contacts")
            .map(|delivery| delivery.source.as_str())
            .collect();
        let of_contacts = facts.known_to.iter().filter(|(source, _)| contact_sources.contains(source.as_str()));
        let source = |linked: &virta_ingest::SourceLinkage| SourceSeen {
            name: linked.source.clone(),
            known_to: facts.known_to.get(&linked.source).copied(),
            clients: linked.clients,
            in_client_list: linked.in_client_list,
            in_other_sources: linked.in_other_sources,
            alone: linked.alone,
        };
        let root = self.store.root().canonicalize().unwrap_or_else(|_| self.store.root().to_owned());
        Ok(Overview {
            region: root.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default(),
            snapshot: (!snapshot.deliveries().is_empty()).then(|| snapshot.id().to_owned()),
            committed_at: snapshot.committed_at().to_owned(),
            deliveries: snapshot.deliveries().len(),
            contacts: snapshot.rows("contacts"),
            clients: snapshot.rows("clients"),
            known_to: of_contacts.map(|(_, day)| *day).max(),
            years: facts.years.clone(),
            municipalities: facts.municipalities.clone(),
            sources: facts.linkage.iter().map(source).collect(),
            studies: self.studies(snapshot.id())?,
        })
    }

    fn studies(&self, newest: &str) -> Result<Vec<StudyEntry>, Failure> {
        let mut studies = Vec::new();
        for name in self.store.studies()? {
            let results = self.store.results(&name)?;
            let text = results.meta().settings.get(study::STUDY_TEXT).cloned().unwrap_or_default();
            let snapshot = results.meta().snapshot.clone();
            let committed_at = self.store.snapshot(&snapshot).map(|snapshot| snapshot.committed_at().to_owned());
            studies.push(StudyEntry {
                settings: Study::parse(&text).ok(),
                text,
                is_current: snapshot == newest,
                committed_at: committed_at.unwrap_or_default(),
                snapshot,
                name,
            });
        }
        Ok(studies)
    }

    fn keep(&self, study: &Study, going: Going<'_>) -> Result<Live, Failure> {
        let snapshot = self.store.current()?;
        let all = snapshot.rows("contacts");
        let source = StoreSource::open(&snapshot, study)?.until(going.closed().flag());
        let tell = |progress: virta_flow::Progress| going.tell(progress.contacts_done, all);
        Live::open(study, &source, &RunOptions { progress: Some(&tell), ..self.options() }).map_err(flow)
    }

    fn options(&self) -> RunOptions<'_> {
        RunOptions { threads: self.threads.unwrap_or(0), ..RunOptions::default() }
    }

    /// Holds a definition against contacts: from memory where they fit, so that its edits are answered while one types.
    fn hold(&self, asked: &Asked<'_>, closed: &Closed) -> Result<Look, Failure> {
        let snapshot = self.store.current()?;
        let bytes = snapshot.rows("contacts").saturating_mul(CONTACT_BYTES);
        if bytes > self.memory_limit.unwrap_or(KEPT_BYTES_MAX) / 2 {
            let source = StoreSource::open(&snapshot, asked.study)?.until(closed.flag());
            return look_through(asked, &source, &self.options()).map_err(flow);
        }
        let kept = self.kept_contacts(&snapshot, asked, closed)?;
        look_through(asked, kept.as_ref(), &self.options()).map_err(flow)
    }

    /// The contacts of a snapshot in memory, read when a definition first asks for them. Others wait meanwhile.
    fn kept_contacts(
        &self,
        snapshot: &Snapshot,
        asked: &Asked<'_>,
        closed: &Closed,
    ) -> Result<Arc<KeptSource>, Failure> {
        let mut kept = self.contacts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((of, source)) = kept.as_ref()
            && of == snapshot.id()
            && source.answers(asked).map_err(flow)?
        {
            return Ok(Arc::clone(source));
        }
        // What is kept goes before more is read.
        *kept = None;
        let source = StoreSource::open(snapshot, asked.study)?.until(closed.flag());
        let source = Arc::new(KeptSource::open(asked, &source, &self.options()).map_err(flow)?);
        *kept = Some((snapshot.id().to_owned(), Arc::clone(&source)));
        Ok(source)
    }

    fn run(&self, text: &str, going: Going<'_>) -> Result<String, Failure> {
        let asked = Study::parse(text)?;
        let snapshot = self.store.current()?;
        let all = snapshot.rows("contacts");
        let source = study::StudySource { study: &asked, text, path: Path::new("study.toml"), new_baselines: false };
        let (tell, stop) = (|done| going.tell(done, all), going.closed().flag());
        study::find_telling(&self.store, &snapshot, &source, self.threads, &tell, stop)?;
        Ok(asked.study.name)
    }

    fn results(&self, name: &str, numbers: Numbers) -> Result<StudySeen, Failure> {
        let results = self.store.results(name)?;
        let settings = report::settings(&results)?;
        let numbers = match numbers {
            Numbers::Exact => report::Numbers::Exact,
            Numbers::Protected => report::Numbers::Protected(self.key.clone()),
        };
        Ok(StudySeen {
            tables: report::protected(&self.store, &results, &settings, &numbers)?,
            source_ends: known::for_report(known::of_results(&results, &settings)),
            text: results.meta().settings.get(study::STUDY_TEXT).cloned().unwrap_or_default(),
            snapshot: results.meta().snapshot.clone(),
            settings,
        })
    }

    fn stand(&self, study: &str) -> Result<Vec<GroupSeen>, Failure> {
        let prepared = report::Prepared::new(&self.store, study, &report::Numbers::Protected(self.key.clone()))?;
        let standings = release::standings(&self.store, &prepared, self.threads)?.into_iter();
        let seen = |(group, standing): (virta_release::Group, Standing)| GroupSeen {
            kind: group.kind,
            name: group.name,
            period: group.period,
            standing,
        };
        Ok(standings.map(seen).collect())
    }

    fn leave(&self, study: &str, languages: &[Lang], accept: bool, closed: &Closed) -> Result<ReleaseEnd, Failure> {
        let prepared = report::Prepared::new(&self.store, study, &report::Numbers::Protected(self.key.clone()))?;
        let ready = release::Ready::new(study.to_owned(), prepared, languages, self.threads)?;
        let number = self.store.releases()?.len() + 1;
        let free = (number..).map(|number| self.releases.join(format!("{study}-{number}"))).find(|path| !path.exists());
        let folder = free.ok_or_else(|| Failure::refused("there is no free folder for the release"))?;
        release::check_place(&self.store, &folder)?;
        // The last place where nothing has left yet.
        if closed.is_closed() {
            return Err(Failure::Interrupted);
        }
        Ok(match ready.leave(&self.store, &folder, accept)? {
            release::Left::As(entry, _) => ReleaseEnd::Left(ReleaseMade {
                number: entry.number,
                folder: folder.display().to_string(),
                files: ready.files.len(),
                bytes: ready.bytes(),
                manifest: ready.manifest,
            }),
            release::Left::TooNear(found, _) => ReleaseEnd::TooNear(
                found
                    .into_iter()
                    .map(|pair| GroupSeen {
                        kind: pair.kind,
                        name: pair.group,
                        period: pair.period,
                        standing: Standing::TooNear(pair.release),
                    })
                    .collect(),
            ),
        })
    }

    /// Where a release lies, if it is one that the pages wrote.
    fn folder_of(&self, release: &Release) -> Option<PathBuf> {
        let folders = std::fs::read_dir(&self.releases).ok()?;
        let mut folders: Vec<PathBuf> = folders.filter_map(|entry| Some(entry.ok()?.path())).collect();
        folders.sort();
        folders.into_iter().find(|folder| virta_release::is_release(folder, &release.meta.manifest))
    }

    fn pack(&self, number: u64) -> Result<Option<BundleFile>, Failure> {
        let Some(release) = self.store.releases()?.into_iter().find(|release| release.number == number) else {
            return Ok(None);
        };
        let Some(folder) = self.folder_of(&release) else { return Ok(None) };
        let plain = |c: char| if c.is_ascii_alphanumeric() || c == '-' { c } else { '_' };
        let name = format!("{}-{number}", release.meta.study.chars().map(plain).collect::<String>());
        let bytes = virta_release::packed(&folder, &release.meta.manifest, &name)?;
        Ok(Some(BundleFile { name: format!("{name}.zip"), bytes }))
    }

    fn find_client(&self, client_id: i64) -> Result<Option<ClientSeen>, Failure> {
        let snapshot = self.store.current()?;
        let listed = rows_of_client(&snapshot, &CLIENTS, client_id)?;
        let contacts = rows_of_client(&snapshot, &CONTACTS, client_id)?;
        if listed.rows() == 0 && contacts.rows() == 0 {
            return Ok(None);
        }
        let mut seen = ClientSeen { client_id, ..ClientSeen::default() };
        if let Some(row) = (View { table: &listed }).rows().next() {
            seen.birth = row.day("birth_date");
            seen.sex = row.text("sex").to_owned();
            seen.municipality = row.text("municipality").to_owned();
            seen.language = row.text("language").to_owned();
            seen.observed_from = row.day("observed_from");
            seen.observed_to = row.day("observed_to");
            seen.died_on = row.day("died_on");
        }
        seen.contacts = View { table: &contacts }.rows().filter_map(contact).collect();
        Ok(Some(seen))
    }
}

/// A folder beside the store, called as it is with this ending.
fn beside(store: &Path, ending: &str) -> PathBuf {
    let mut name = store.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}

fn contact(row: RowView<'_>) -> Option<ContactSeen> {
    let text = |column: &str| row.text(column).to_owned();
    Some(ContactSeen {
        start: row.day("start_date")?,
        time: match row.value("start_time") {
            Value::Time(seconds) => Some(seconds),
            _ => None,
        },
        end: row.day("end_date"),
        is_stay: row.value("is_stay") == Value::Flag(true),
        service: text("service"),
        provider: text("provider"),
        mode: text("mode"),
        urgency: text("urgency"),
        cost_cents: row.int("cost_cents"),
        source: text("source"),
    })
}

/// The rows of one client, which lie together in one bucket.
fn rows_of_client(snapshot: &Snapshot, schema: &'static TableSchema, client_id: i64) -> Result<Table, Failure> {
    let bucket = ClientId(client_id).bucket(snapshot.bucket_count());
    let mut found: Vec<RecordBatch> = Vec::new();
    if snapshot.file(schema.name, Some(bucket)).is_some() {
        for batch in snapshot.read(schema.name, Some(bucket), None)? {
            let batch = batch?;
            let ids = batch.column_by_name("client_id").and_then(|ids| ids.as_primitive_opt::<Int64Type>());
            let ids = ids.map(|ids| ids.values().as_ref()).unwrap_or_default();
            let (from, to) = (ids.partition_point(|id| *id < client_id), ids.partition_point(|id| *id <= client_id));
            if from < to {
                found.push(batch.slice(from, to - from));
            }
        }
    }
    Ok(to_table(schema, &found)?)
}

/// Calendar years of contacts; those with less than a thousandth of them are the dates that somebody mistyped.
fn years(snapshot: &Snapshot) -> Result<Vec<i32>, Failure> {
    let counts = snapshot.files("contacts").par_iter().map(|file| -> Result<BTreeMap<i32, u64>, virta_store::Error> {
        let mut reader = snapshot.read_columns("contacts", file.bucket, &["start_date"])?;
        let mut batch = ColumnBatch::default();
        // Days are counted before they are named: there are few of them and many rows.
        let mut days: Vec<u64> = Vec::new();
        let mut first = None;
        let mut years = BTreeMap::new();
        while reader.next_into(&mut batch)? {
            let starts = batch.columns.first().and_then(|column| column.as_i32()).unwrap_or_default();
            let Some(least) = starts.iter().min() else { continue };
            let first = *first.get_or_insert(*least);
            for day in starts {
                match usize::try_from(i64::from(*day) - i64::from(first)) {
                    Ok(at) if at < DAYS_COUNTED => {
                        if at >= days.len() {
                            days.resize(at + 1, 0);
                        }
                        days[at] += 1;
                    }
                    _ => *years.entry(Day(*day).year()).or_insert(0) += 1,
                }
            }
        }
        for (day, rows) in (first.unwrap_or_default()..).zip(days).filter(|(_, rows)| *rows > 0) {
            *years.entry(Day(day).year()).or_insert(0) += rows;
        }
        Ok(years)
    });
    let mut all: BTreeMap<i32, u64> = BTreeMap::new();
    for counts in counts.collect::<Result<Vec<_>, _>>()? {
        counts.into_iter().for_each(|(year, rows)| *all.entry(year).or_insert(0) += rows);
    }
    let rows: u64 = all.values().sum();
    Ok(all.into_iter().filter(|(_, count)| count * 1000 >= rows).map(|(year, _)| year).collect())
}

/// Days from the first one that are counted in a list, some 270 years; others are rare.
const DAYS_COUNTED: usize = 100_000;

fn municipalities(snapshot: &Snapshot) -> Result<Vec<String>, Failure> {
    let codes = snapshot.files("clients").par_iter().map(|file| -> Result<BTreeSet<String>, virta_store::Error> {
        let mut codes = BTreeSet::new();
        let mut reader = snapshot.read_columns("clients", file.bucket, &["municipality"])?;
        let mut batch = ColumnBatch::default();
        while reader.next_into(&mut batch)? {
            let column = batch.columns.first().and_then(|column| column.as_codes());
            codes.extend(column.into_iter().flat_map(|codes| codes.dictionary.iter().cloned()));
        }
        Ok(codes)
    });
    Ok(codes.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect::<BTreeSet<_>>().into_iter().collect())
}

fn flow(error: virta_flow::Error) -> Failure {
    match error {
        virta_flow::Error::Source { source, .. } => Failure::refused(source.to_string()),
        other => Failure::refused(other.to_string()),
    }
}

fn trouble(failure: Failure) -> Trouble {
    match failure {
        Failure::Refused(refusal) => Trouble {
            message: refusal.message,
            fix: refusal.fix,
            place: Some(Box::new(Place { line: refusal.line, character: refusal.column, ..Place::default() })),
        },
        other => Trouble::new(other.to_string()),
    }
}

impl House for Region {
    fn overview(&self) -> Result<Overview, Trouble> {
        self.see().map_err(trouble)
    }

    fn names(&self) -> Result<Names, Trouble> {
        let snapshot = self.store.current().map_err(|error| trouble(error.into()))?;
        report::names(&snapshot).map_err(trouble)
    }

    fn sectors(&self) -> Result<BTreeMap<String, Sector>, Trouble> {
        let read = || -> Result<BTreeMap<String, Sector>, Failure> {
            let snapshot = self.store.current()?;
            let services = snapshot.table(&SERVICES)?;
            let sector = |row: RowView<'_>| {
                (row.text("service").to_owned(), Sector::parse(row.text("sector")).unwrap_or(Sector::Other))
            };
            Ok(View { table: &services }.rows().map(sector).collect())
        };
        read().map_err(trouble)
    }

    fn live(&self, study: &Study, going: Going<'_>) -> Result<Live, Trouble> {
        self.keep(study, going).map_err(trouble)
    }

    fn look_through(&self, asked: &Asked<'_>, closed: &Closed) -> Result<Look, Trouble> {
        self.hold(asked, closed).map_err(trouble)
    }

    fn run_study(&self, text: &str, going: Going<'_>) -> Result<String, Trouble> {
        self.run(text, going).map_err(trouble)
    }

    fn study(&self, name: &str, numbers: Numbers) -> Result<StudySeen, Trouble> {
        self.results(name, numbers).map_err(trouble)
    }

    fn deliveries(&self) -> Result<serde_json::Value, Trouble> {
        let snapshot = self.store.current().map_err(|error| trouble(error.into()))?;
        deliveries::document(&snapshot).map_err(trouble)
    }

    fn delivery(&self, id: i64) -> Result<Option<serde_json::Value>, Trouble> {
        let snapshot = self.store.current().map_err(|error| trouble(error.into()))?;
        let page = virta_ingest::delivery_page(&snapshot, id).map_err(|error| trouble(error.into()))?;
        Ok(page.and_then(|page| serde_json::to_value(page).ok()))
    }

    fn releases(&self) -> Result<Vec<ReleaseSeen>, Trouble> {
        let seen = |release: Release| {
            let has_bundle = self.folder_of(&release).is_some();
            let is_pilot = |group: &&virta_store::ReleasedGroup| group.kind == "pilot";
            let pilots = release.groups.iter().filter(is_pilot).map(|group| group.name.clone());
            let pilots: BTreeSet<String> = pilots.collect();
            let groups: BTreeSet<String> = release.groups.into_iter().map(|group| group.name).collect();
            ReleaseSeen {
                number: release.number,
                study: release.meta.study,
                at: release.released_at,
                k: release.meta.k,
                round_to: release.meta.round_to,
                groups: groups.into_iter().collect(),
                pilots: pilots.into_iter().collect(),
                has_bundle,
            }
        };
        let releases = self.store.releases().map_err(|error| trouble(error.into()))?;
        Ok(releases.into_iter().map(seen).collect())
    }

    fn standings(&self, study: &str) -> Result<Vec<GroupSeen>, Trouble> {
        self.stand(study).map_err(trouble)
    }

    fn release(&self, study: &str, languages: &[Lang], accept: bool, closed: &Closed) -> Result<ReleaseEnd, Trouble> {
        self.leave(study, languages, accept, closed).map_err(trouble)
    }

    fn bundle(&self, number: u64) -> Result<Option<BundleFile>, Trouble> {
        self.pack(number).map_err(trouble)
    }

    fn client(&self, client_id: i64) -> Result<Option<ClientSeen>, Trouble> {
        self.find_client(client_id).map_err(trouble)
    }

    fn note_use(&self, entry: &UseEntry<'_>) -> Result<(), Trouble> {
        self.write_down(entry).map_err(trouble)
    }

    fn intake(&self) -> Option<&dyn Intake> {
        self.log.as_ref().map(|_| &self.intake as &dyn Intake)
    }

    #[cfg(feature = "sql")]
    fn desk(&self) -> Option<&dyn virta_front::Desk> {
        Some(&self.desk)
    }
}
