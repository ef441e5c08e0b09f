//! `virta demo`: the main job in one go, on a synthetic region.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use serde::Serialize;
use virta_ingest::{Options, ProjectKey};
use virta_model::Table;
use virta_model::settings::Study;
use virta_store::Store;
use virta_synth::RegionOptions;

use super::report::{self, Form};
use super::study::{self, page};
use super::{ingest, init, synth};
use crate::args::{Common, DemoArgs};
use crate::failure::Failure;
use crate::output::Output;
use crate::render::count;

/// What the demo asks. Users change this file and run it again.
const STUDY: &str = include_str!("demo-study.toml");
/// Says that a folder is a demo's own, so that the next demo may begin anew in it.
const MARK: &str = ".virta-demo";
const FIRST_YEAR: i32 = 2012;
const LAST_YEAR: i32 = 2014;

pub(crate) fn run(args: &DemoArgs, common: &Common, out: &mut Output) -> Result<(), Failure> {
    let begun = Instant::now();
    super::use_threads(common)?;
    let place = Place::prepare(&args.dir)?;

    let mut lap = Lap::new();
    let options = RegionOptions::new(u64::from(args.clients), FIRST_YEAR..=LAST_YEAR, 1);
    out.text(format!(
        "A synthetic region of {} people, {FIRST_YEAR}-{LAST_YEAR}. Nobody in it exists.\n",
        count(i64::from(args.clients))
    ))?;
    let truth = synth::write(&place.dir, &options)?;
    out.text(format!("1. Its systems deliver {}  {}", synth::summary(&truth), lap.text()))?;

    init::make(&place.store, None, 64)?;
    let store = Store::open(&place.store)?;
    let key = ProjectKey::load(&super::key_path(&place.store, None))?;
    let profiles = place.profiles()?;
    let (report, _) = ingest::ingest(&store, &key, &profiles, Options::default(), common)?;
    out.text(format!(
        "2. Read by {} profiles: {} rows = {} accepted + {} quarantined + {} superseded + {} not selected  {}",
        profiles.len(),
        count(report.rows_read as i64),
        count(report.rows_accepted as i64),
        count(report.rows_quarantined as i64),
        count(report.rows_superseded as i64),
        count(report.rows_not_selected as i64),
        lap.text()
    ))?;

    let study_path = place.dir.join("heavy-users.toml");
    fs::write(&study_path, STUDY).map_err(|error| Failure::io("write the study", &study_path, &error))?;
    let study = Study::parse(STUDY).map_err(|error| Failure::settings(&study_path, error))?;
    let asked = study::StudySource { study: &study, text: STUDY, path: &study_path, new_baselines: true };
    let found = study::find(&store, &store.current()?, &asked, common)?;
    let (study_file, tables) = (study_path.display(), found.table_count());
    out.text(format!("3. Studied as {study_file} asks: {tables} tables  {}", lap.text()))?;

    let report_path = place.dir.join("report.html");
    let numbers = report::Numbers::Protected(super::key_path(&place.store, None));
    let written = report::write(&store, &study.study.name, args.lang, Form::Html, &numbers, &report_path)?;
    out.text(format!("4. Reported: {}  {}\n", written.text(), lap.text()))?;

    out.text(found.page(&study))?;
    let combinations = found.read("combinations")?;
    let looked_at: Vec<Table> = found.tables.iter().cloned().chain(combinations).collect();
    out.text(format!("\n{}", page::first_look(&looked_at)))?;

    let next = place.next_commands(&study_path);
    out.document(&Document {
        dir: place.dir.display().to_string(),
        store: place.store.display().to_string(),
        study: found.document(&study, report.snapshot.as_str(), None),
        ingest: &report,
        report: &written,
        next: &next,
    })?;
    out.text(format!(
        "\nDone in {:.1} s. Open {} in a browser, then try:",
        begun.elapsed().as_secs_f64(),
        written.file
    ))?;
    next.iter().try_for_each(|command| out.text(format!("  {command}")))
}

/// Where the demo's things lie.
#[derive(Debug)]
struct Place {
    dir: PathBuf,
    store: PathBuf,
}

impl Place {
    /// A new folder, an empty one, or one that an earlier demo made, from which its things are taken away first.
    fn prepare(dir: &Path) -> Result<Self, Failure> {
        let place = Place { dir: dir.to_owned(), store: dir.join("region") };
        fs::create_dir_all(dir).map_err(|error| Failure::io("make the folder", dir, &error))?;
        let mark = dir.join(MARK);
        if mark.exists() {
            place.clear()?;
        } else if fs::read_dir(dir).map_err(|error| Failure::io("look into the folder", dir, &error))?.next().is_some()
        {
            return Err(Failure::refused("the folder is not empty, and no demo made it")
                .file(dir)
                .fix("name a new folder with --dir"));
        }
        fs::write(&mark, "virta demo\n").map_err(|error| Failure::io("write", &mark, &error))?;
        Ok(place)
    }

    fn clear(&self) -> Result<(), Failure> {
        for name in ["extracts", "profiles", "codes", "truth", "region", "release"] {
            let path = self.dir.join(name);
            if path.is_dir() {
                fs::remove_dir_all(&path).map_err(|error| Failure::io("remove", &path, &error))?;
            }
        }
        let key = super::key_path(&self.store, None);
        if key.exists() {
            fs::remove_file(&key).map_err(|error| Failure::io("remove", &key, &error))?;
        }
        Ok(())
    }

    fn profiles(&self) -> Result<Vec<PathBuf>, Failure> {
        let dir = self.dir.join("profiles");
        let entries = fs::read_dir(&dir).map_err(|error| Failure::io("look into the folder", &dir, &error))?;
        let mut profiles: Vec<_> = entries
            .filter_map(|entry| Some(entry.ok()?.path()))
            .filter(|path| path.extension().is_some_and(|ending| ending == "toml"))
            .collect();
        profiles.sort();
        Ok(profiles)
    }

    /// Commands that work as they stand, from the folder that this one was typed in.
    fn next_commands(&self, study: &Path) -> [String; 4] {
        let virta = std::env::args().next().unwrap_or_else(|| "virta".to_owned());
        let (virta, store, study) = (word(&virta), word(&self.store), word(study));
        let release = word(self.dir.join("release"));
        // Without the SQL engine the same files are for others to read.
        let question = if cfg!(feature = "sql") {
            format!(
                "{virta} sql {store} -c 'select service, count(distinct client_id) clients, count(*) contacts from contacts group by service order by clients desc limit 10'"
            )
        } else {
            format!("{virta} paths {store} --duckdb")
        };
        [
            question,
            format!("{virta} deliveries {store}"),
            format!("{virta} study {store} {study}   # after changing a threshold in it"),
            format!("{virta} release {store} {study} -o {release}   # what may leave: tables, reports, a manifest"),
        ]
    }
}

/// A word of a shell's command line.
fn word(path: impl AsRef<Path>) -> String {
    let text = path.as_ref().display().to_string();
    let plain = |c: char| c.is_alphanumeric() || "-_./".contains(c);
    if text.chars().all(plain) { text } else { format!("'{}'", text.replace('\'', r"'\''")) }
}

/// Times step by step.
struct Lap(Instant);

impl Lap {
    fn new() -> Self {
        Lap(Instant::now())
    }

    fn text(&mut self) -> String {
        let seconds = self.0.elapsed().as_secs_f64();
        self.0 = Instant::now();
        format!("({seconds:.1} s)")
    }
}

#[derive(Serialize)]
struct Document<'a> {
    dir: String,
    store: String,
    ingest: &'a virta_ingest::IngestReport,
    study: study::Document<'a>,
    report: &'a report::Written,
    next: &'a [String],
}
