//! What comes into a store through the pages: the folders that the program was given, and lists of pilots' clients.
//!
//! Nothing here reads a row by itself: profiles are drafted, tried and ingested by what the commands use.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Write;
use std::path::{Component, Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use virta_front::{
    Enrolled, Enrolment, GivenFile, GivenKind, Going, Intake, PilotList, PilotSeen, Place, Trouble, Unfit,
};
use virta_ingest::{Options, Phase, Progress, ProjectKey, profile_check, profile_files};
use virta_model::settings::Profile;
use virta_model::{ClientId, Day, hetu};
use virta_store::{ColumnBatch, Snapshot, Store};

use crate::args::Common;
use crate::commands::{profile, report};
use crate::failure::{Failure, Refusal};
use crate::pilots;

/// Rows of each file that are shown when a profile is tried.
const ROWS_TRIED: usize = 5;
/// Folders within a given folder that are looked into.
const DEPTH_MAX: usize = 4;
/// Files of all given folders that are listed at most.
const FILES_MAX: usize = 2_000;
/// Bytes of a profile or code list that is shown and edited at most.
const TEXT_MAX: u64 = 1 << 20;

/// Where the deliveries of a store come in.
#[derive(Debug)]
pub(crate) struct StoreIntake {
    store: Store,
    key: PathBuf,
    /// In full; their numbers are the first part of a file's id.
    folders: Vec<PathBuf>,
    threads: Option<usize>,
    memory_limit: Option<u64>,
}

impl StoreIntake {
    /// # Errors
    /// A folder that is not there.
    pub(crate) fn new(store: Store, key: PathBuf, folders: &[PathBuf], common: &Common) -> Result<Self, Failure> {
        let full = |folder: &PathBuf| {
            let full = fs::canonicalize(folder).map_err(|error| Failure::io("open the folder", folder, &error))?;
            match full.is_dir() {
                true => Ok(full),
                false => Err(Failure::refused("this is no folder").file(folder).fix("name a folder with --extracts")),
            }
        };
        let folders = folders.iter().map(full).collect::<Result<Vec<_>, Failure>>()?;
        Ok(StoreIntake { store, key, folders, threads: common.threads(), memory_limit: common.memory_limit_bytes() })
    }

    /// Where the file of an id lies.
    fn path_of(&self, id: &str) -> Result<PathBuf, Failure> {
        let missing = || Failure::refused("there is no such file in the folders that were given");
        let (number, rest) = id.split_once('/').ok_or_else(missing)?;
        let number: usize = number.parse().map_err(|_| missing())?;
        let folder = number.checked_sub(1).and_then(|at| self.folders.get(at)).ok_or_else(missing)?;
        let rest = Path::new(rest);
        if !rest.components().all(|part| matches!(part, Component::Normal(_))) {
            return Err(missing());
        }
        let path = fs::canonicalize(folder.join(rest)).map_err(|_| missing())?;
        if path.starts_with(folder) && path.is_file() { Ok(path) } else { Err(missing()) }
    }

    fn id_of(&self, path: &Path) -> Option<String> {
        let mut of_folders = self.folders.iter().enumerate();
        of_folders.find_map(|(at, folder)| Some(format!("{}/{}", at + 1, path.strip_prefix(folder).ok()?.display())))
    }

    /// A file as the pages name it: by its folder's own name.
    fn named(&self, path: &Path) -> String {
        let of = |folder: &PathBuf| {
            let rest = path.strip_prefix(folder).ok()?;
            Some(Path::new(folder.file_name()?).join(rest).display().to_string())
        };
        self.folders
            .iter()
            .find_map(of)
            .unwrap_or_else(|| path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default())
    }

    /// A profile may name files of the given folders only: pages would show others' first rows.
    fn check_inside(&self, profile: &Path) -> Result<(), Failure> {
        for file in profile_files(profile)? {
            let full = fs::canonicalize(&file).map_err(|error| Failure::io("open", &file, &error))?;
            if !self.folders.iter().any(|folder| full.starts_with(folder)) {
                return Err(Failure::refused("the profile names a file outside the folders that were given")
                    .file(profile)
                    .fix("give its folder with --extracts too, or ingest it on the command line"));
            }
        }
        Ok(())
    }

    fn list(&self) -> Result<Vec<GivenFile>, Failure> {
        let mut paths = Vec::new();
        for folder in &self.folders {
            walk(folder, folder, 0, &mut paths)?;
        }
        paths.truncate(FILES_MAX);
        let mut files: Vec<(PathBuf, GivenFile)> = Vec::new();
        let mut read_by: BTreeMap<PathBuf, BTreeSet<String>> = BTreeMap::new();
        for path in paths {
            let (Some(id), Some(kind)) = (self.id_of(&path), kind_of(&path)) else { continue };
            if kind == GivenKind::Profile {
                // A profile that cannot be read yet names no files.
                for file in profile_files(&path).unwrap_or_default() {
                    let full = fs::canonicalize(&file).unwrap_or(file);
                    read_by.entry(full).or_default().insert(id.clone());
                }
            }
            let bytes = fs::metadata(&path).map_or(0, |metadata| metadata.len());
            files.push((path.clone(), GivenFile { id, name: self.named(&path), kind, bytes, read_by: Vec::new() }));
        }
        for (path, file) in &mut files {
            file.read_by = read_by.remove(path).unwrap_or_default().into_iter().collect();
        }
        let mut files: Vec<GivenFile> = files.into_iter().map(|(_, file)| file).collect();
        files.sort_by(|a, b| a.id.cmp(&b.id));
        Ok(files)
    }

    fn make_draft(&self, id: &str) -> Result<String, Failure> {
        let file = self.path_of(id)?;
        let stem = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let stem = stem.split('.').next().unwrap_or_default();
        // Deliveries carry their day in their names, and a profile reads all of them.
        let short = stem.trim_end_matches(|c: char| c.is_ascii_digit() || ['_', '-'].contains(&c));
        let named = |stem: &str| file.with_file_name(format!("{stem}.toml"));
        let path = match named(short) {
            path if short.is_empty() || path.exists() => named(stem),
            path => path,
        };
        profile::write_draft(&file, &path)?;
        self.id_of(&path).ok_or_else(|| Failure::refused("the draft lies outside the folders that were given"))
    }

    fn read_text(&self, id: &str) -> Result<String, Failure> {
        let path = self.path_of(id)?;
        let is_text = matches!(kind_of(&path), Some(GivenKind::Profile | GivenKind::CodeList));
        if !is_text || fs::metadata(&path).is_ok_and(|metadata| metadata.len() > TEXT_MAX) {
            return Err(Failure::refused("this is no profile or code list to edit").file(self.named(&path)));
        }
        let bytes = fs::read(&path).map_err(|error| Failure::io("read", &path, &error))?;
        String::from_utf8(bytes)
            .map_err(|_| Failure::refused("this is no UTF-8 text").file(self.named(&path)).fix("save it as UTF-8"))
    }

    fn write_text(&self, id: &str, text: &str) -> Result<(), Failure> {
        let path = self.path_of(id)?;
        if let Some(at) = text.lines().position(|line| hetu::occurs_in(line.as_bytes())) {
            return Err(Failure::refused("a personal identity code stands here, and nothing was written")
                .line(at as u64 + 1)
                .fix("take it out"));
        }
        match kind_of(&path) {
            Some(GivenKind::Profile) => drop(Profile::parse(text)?),
            Some(GivenKind::CodeList) => {}
            _ => return Err(Failure::refused("this is no profile or code list to edit").file(self.named(&path))),
        }
        report::put(&path, text.as_bytes())
    }

    fn try_profile(&self, id: &str) -> Result<serde_json::Value, Failure> {
        let path = self.path_of(id)?;
        self.check_inside(&path)?;
        let mut check = profile_check(&path, ROWS_TRIED, None)?;
        for file in &mut check.files {
            file.refusal =
                file.refusal.as_ref().map(|refusal| refusal.replace(&file.file, &self.named(file.file.as_ref())));
            file.file = self.named(file.file.as_ref());
        }
        for list in &mut check.lists {
            list.file = self.named(list.file.as_ref());
        }
        serde_json::to_value(&check).map_err(|error| Failure::refused(error.to_string()))
    }

    fn take_in(
        &self,
        profiles: &[PathBuf],
        is_dry: bool,
        extracted_on: Option<Day>,
        going: Going<'_>,
    ) -> Result<serde_json::Value, Failure> {
        let key = ProjectKey::load(&self.key)?;
        let cancel = going.closed().flag();
        let mut options = Options { dry_run: is_dry, extracted_on, cancel, ..Options::default() };
        if let Some(threads) = self.threads {
            options.threads = threads;
        }
        if let Some(bytes) = self.memory_limit {
            options.memory_limit = usize::try_from(bytes).unwrap_or(usize::MAX);
        }
        // Reading takes most of the time.
        let on_progress = |progress: Progress<'_>| {
            let part = |of: u64| progress.done.saturating_mul(of) / progress.total.max(1);
            match progress.phase {
                Phase::Reading => going.tell(part(80), 100),
                Phase::Writing => going.tell(80 + part(20), 100),
            }
        };
        let report = virta_ingest::ingest(&self.store, &key, profiles, &options, &on_progress)?;
        serde_json::to_value(&report).map_err(|error| Failure::refused(error.to_string()))
    }

    fn trouble(&self, failure: Failure) -> Trouble {
        self.troubles(failure).into_iter().next().unwrap_or_default()
    }

    /// What is wrong, each refused file apart, with files as the pages name them.
    fn troubles(&self, failure: Failure) -> Vec<Trouble> {
        let one = |refusal: Refusal| {
            let file = refusal.file.as_deref();
            let (in_full, named) = (file.map(|file| file.display().to_string()), file.map(|file| self.named(file)));
            let shortened = |text: String| match (&in_full, &named) {
                (Some(full), Some(named)) => text.replace(full.as_str(), named),
                _ => text,
            };
            Trouble {
                message: shortened(refusal.message),
                fix: refusal.fix.map(shortened),
                place: Some(Box::new(Place {
                    file: named.clone(),
                    line: refusal.line,
                    character: refusal.column,
                    column: refusal.column_name,
                    rule: refusal.rule,
                })),
            }
        };
        match failure {
            Failure::Refused(refusal) => vec![one(*refusal)],
            Failure::Several(refusals) => refusals.into_iter().map(one).collect(),
            other => vec![Trouble::new(other.to_string())],
        }
    }
}

/// The files below a folder, in order of name. What is hidden is left out, and so are links that lead elsewhere and files
/// whose names hold an identity code.
fn walk(root: &Path, folder: &Path, depth: usize, found: &mut Vec<PathBuf>) -> Result<(), Failure> {
    let entries = fs::read_dir(folder).map_err(|error| Failure::io("read the folder", folder, &error))?;
    let mut paths: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    paths.sort();
    for path in paths {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let is_inside = fs::canonicalize(&path).is_ok_and(|full| full.starts_with(root));
        if name.starts_with('.') || !is_inside || hetu::in_any_word(&name) || found.len() >= FILES_MAX {
            continue;
        }
        match path.is_dir() {
            true if depth < DEPTH_MAX => walk(root, &path, depth + 1, found)?,
            true => {}
            false => found.push(path),
        }
    }
    Ok(())
}

/// What a file is for, by its name and its beginning; nothing where no ingest reads such files.
fn kind_of(path: &Path) -> Option<GivenKind> {
    let name = path.file_name()?.to_string_lossy().to_lowercase();
    if name.ends_with(".toml") {
        let text = String::from_utf8(first_bytes(path, TEXT_MAX)).ok()?;
        let is_source = |line: &str| line.trim_start().starts_with("[source]");
        return text.lines().any(is_source).then_some(GivenKind::Profile);
    }
    if name.ends_with(".csv") {
        let is_list = [b"code,service".as_slice(), b"package,name_fi", b"provider,name_fi"];
        let start = first_bytes(path, 32);
        let start = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&start);
        return Some(match is_list.iter().any(|head| start.starts_with(head)) {
            true => GivenKind::CodeList,
            false => GivenKind::Data,
        });
    }
    let is_data = [".csv.gz", ".txt", ".tsv", ".parquet", ".xlsx"].iter().any(|ending| name.ends_with(ending));
    is_data.then_some(GivenKind::Data)
}

fn first_bytes(path: &Path, count: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    if let Ok(file) = fs::File::open(path) {
        // What cannot be read is no list; the ingest will say why.
        let _ = std::io::Read::read_to_end(&mut std::io::Read::take(file, count), &mut bytes);
    }
    bytes
}

/// The profile by which lists of the pages are read. The newest word on a client of a pilot counts; versions are microseconds.
const PILOT_PROFILE: &str = "\
# Lists of pilots' clients that were recorded in the browser. virta ingest reads them again as any delivery.
[source]
name = \"enrolled\"
extracted_on = { from_file_name = \"%Y%m%d\" }

[[file]]
table = \"pilots\"
path = \"enrolled_*.csv\"
row_key = [\"pilot\", \"client_id\"]
version = { from = \"version\" }
cancelled = { from = \"mistaken\", when = \"not_null\" }

[file.columns]
pilot = { from = \"pilot\" }
client_id = { from = \"client_id\" }
index_date = { from = \"index_date\" }
left_on = { from = \"left_on\" }
";

impl StoreIntake {
    /// The folder of lists: beside the store, as its key is.
    fn lists(&self) -> PathBuf {
        let mut name = self.store.root().components().as_path().as_os_str().to_owned();
        name.push(".pilots");
        PathBuf::from(name)
    }

    fn current(&self) -> Result<Snapshot, Failure> {
        Ok(self.store.current()?)
    }

    /// The day on which each client of a pilot began, as the store has it.
    fn begun(&self, snapshot: &Snapshot, pilot: &str) -> Result<BTreeMap<i64, Day>, Failure> {
        let clients = pilots::clients(snapshot)?.into_iter().filter(|client| client.pilot == pilot);
        Ok(clients.map(|client| (client.client_id, client.index_date)).collect())
    }

    fn find_unfit(&self, list: &PilotList) -> Result<Vec<(usize, Unfit)>, Failure> {
        let snapshot = self.current()?;
        let begun = self.begun(&snapshot, &list.pilot)?;
        let known = known(&snapshot, &list.clients)?;
        let mut unfit = Vec::new();
        for (at, client) in list.clients.iter().enumerate() {
            match client.what {
                _ if !known.contains(&client.client_id) => unfit.push((at, Unfit::Unknown)),
                Enrolment::Leaves(_) | Enrolment::Mistaken if !begun.contains_key(&client.client_id) => {
                    unfit.push((at, Unfit::NotInPilot));
                }
                _ => {}
            }
        }
        Ok(unfit)
    }

    fn take_list_in(&self, list: &PilotList, going: Going<'_>) -> Result<serde_json::Value, Failure> {
        if !self.find_unfit(list)?.is_empty() {
            return Err(Failure::refused("the list has clients of whom this cannot be said"));
        }
        let begun = self.begun(&self.current()?, &list.pilot)?;
        let folder = self.lists();
        private_folder(&folder)?;
        let profile = folder.join("enrolled.toml");
        if !profile.exists() {
            report::put(&profile, PILOT_PROFILE.as_bytes())?;
        }
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let day = Day(i32::try_from(now.as_secs() / 86_400).unwrap_or_default());
        let file = folder.join(format!("enrolled_{}_{}.csv", day.to_string().replace('-', ""), now.as_micros()));
        write_private(&file, &csv_of(list, &begun, now.as_micros())?)?;
        let done = self.take_in(&[profile], false, None, going);
        if done.is_err() {
            // A list that was refused is not read with the next one.
            let _ = fs::remove_file(&file);
        }
        done
    }

    fn seen(&self) -> Result<Vec<PilotSeen>, Failure> {
        let mut seen: BTreeMap<String, PilotSeen> = BTreeMap::new();
        for client in pilots::clients(&self.current()?)? {
            let pilot = seen.entry(client.pilot.clone()).or_default();
            pilot.name = client.pilot;
            pilot.clients += 1;
            pilot.left += usize::from(client.left_on.is_some());
            let day = client.index_date;
            pilot.first = Some(pilot.first.map_or(day, |first| first.min(day)));
            pilot.last = Some(pilot.last.map_or(day, |last| last.max(day)));
        }
        Ok(seen.into_values().collect())
    }
}

/// Those of a list whom the store knows.
fn known(snapshot: &Snapshot, clients: &[Enrolled]) -> Result<BTreeSet<i64>, Failure> {
    let mut by_bucket: BTreeMap<u32, BTreeSet<i64>> = BTreeMap::new();
    for client in clients {
        let bucket = ClientId(client.client_id).bucket(snapshot.bucket_count());
        by_bucket.entry(bucket).or_default().insert(client.client_id);
    }
    let mut known = BTreeSet::new();
    for (bucket, asked) in by_bucket {
        if snapshot.file("clients", Some(bucket)).is_none() {
            continue;
        }
        let mut reader = snapshot.read_columns("clients", Some(bucket), &["client_id"])?;
        let mut batch = ColumnBatch::default();
        while reader.next_into(&mut batch)? {
            let ids = batch.columns.first().and_then(|column| column.as_i64()).unwrap_or_default();
            known.extend(ids.iter().copied().filter(|id| asked.contains(id)));
        }
    }
    Ok(known)
}

/// The list as a file of a delivery.
fn csv_of(list: &PilotList, begun: &BTreeMap<i64, Day>, version: u128) -> Result<Vec<u8>, Failure> {
    let failed = |error: csv::Error| Failure::refused(format!("the list cannot be written: {error}"));
    let mut writer = csv::WriterBuilder::new().delimiter(b';').from_writer(Vec::new());
    writer.write_record(["pilot", "client_id", "index_date", "left_on", "mistaken", "version"]).map_err(failed)?;
    for client in &list.clients {
        let before = begun.get(&client.client_id).copied();
        let (index, left, mistaken) = match client.what {
            Enrolment::Begins(day) => (Some(day), None, ""),
            Enrolment::Leaves(day) => (before, Some(day), ""),
            Enrolment::Mistaken => (before, None, "1"),
        };
        let text = |day: Option<Day>| day.map(|day| day.to_string()).unwrap_or_default();
        let (id, version) = (client.client_id.to_string(), version.to_string());
        writer.write_record([&list.pilot, &id, &text(index), &text(left), mistaken, &version]).map_err(failed)?;
    }
    writer.into_inner().map_err(|error| Failure::refused(format!("the list cannot be written: {error}")))
}

/// Makes a folder that nobody else may enter.
fn private_folder(folder: &Path) -> Result<(), Failure> {
    use std::os::unix::fs::DirBuilderExt;
    if folder.is_dir() {
        return Ok(());
    }
    let made = fs::DirBuilder::new().mode(0o700).create(folder);
    made.map_err(|error| Failure::io("make the folder of lists", folder, &error))
}

/// Writes a new file that nobody else may read; half a list is no list.
fn write_private(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    use std::os::unix::fs::OpenOptionsExt;
    let half_made = path.with_extension("new");
    let made = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&half_made);
    let written = made.and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_all()));
    written.and_then(|()| fs::rename(&half_made, path)).map_err(|error| {
        let _ = fs::remove_file(&half_made);
        Failure::io("write the list", path, &error)
    })
}

impl Intake for StoreIntake {
    fn files(&self) -> Result<Vec<GivenFile>, Trouble> {
        self.list().map_err(|failure| self.trouble(failure))
    }

    fn draft(&self, file: &str) -> Result<String, Trouble> {
        self.make_draft(file).map_err(|failure| self.trouble(failure))
    }

    fn text(&self, file: &str) -> Result<String, Trouble> {
        self.read_text(file).map_err(|failure| self.trouble(failure))
    }

    fn write(&self, file: &str, text: &str) -> Result<(), Trouble> {
        self.write_text(file, text).map_err(|failure| self.trouble(failure))
    }

    fn check(&self, profile: &str) -> Result<serde_json::Value, Trouble> {
        self.try_profile(profile).map_err(|failure| self.trouble(failure))
    }

    fn ingest(
        &self,
        profiles: &[String],
        is_dry: bool,
        extracted_on: Option<Day>,
        going: Going<'_>,
    ) -> Result<serde_json::Value, Vec<Trouble>> {
        let take = || {
            let profiles = profiles.iter().map(|id| self.path_of(id)).collect::<Result<Vec<_>, Failure>>()?;
            profiles.iter().try_for_each(|profile| self.check_inside(profile))?;
            self.take_in(&profiles, is_dry, extracted_on, going)
        };
        take().map_err(|failure| self.troubles(failure))
    }

    fn examine(&self, list: &PilotList) -> Result<Vec<(usize, Unfit)>, Trouble> {
        self.find_unfit(list).map_err(|failure| self.trouble(failure))
    }

    fn enrol(&self, list: &PilotList, going: Going<'_>) -> Result<serde_json::Value, Vec<Trouble>> {
        self.take_list_in(list, going).map_err(|failure| self.troubles(failure))
    }

    fn pilots(&self) -> Result<Vec<PilotSeen>, Trouble> {
        self.seen().map_err(|failure| self.trouble(failure))
    }
}

#[cfg(test)]
mod tests {
    use virta_front::Closed;
    use virta_store::InitOptions;

    use super::*;

    const PROFILE: &str = "[source]\nname = \"clinic\"\nextracted_on = \"2014-12-31\"\n[[file]]\ntable = \"contacts\"\npath = \"PATH\"\n\
                           [file.columns]\nclient = { from = \"id\" }\nservice = { from = \"what\" }\nstart_date = { from = \"day\" }\n";

    /// A store, a given folder with three visits of two people and their profile, and a file beside the folder.
    fn given() -> (tempfile::TempDir, StoreIntake) {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        let key = ProjectKey::create(&root.join("store.key")).unwrap();
        let store = Store::init(&root.join("store"), &InitOptions::new(key.id())).unwrap();
        let extracts = root.join("extracts");
        fs::create_dir(&extracts).unwrap();
        let visits = "id;what;day\nA;gp;2014-01-01\nB;gp;2014-01-02\nA;gp;2014-03-01\n";
        fs::write(extracts.join("visits.csv"), visits).unwrap();
        fs::write(root.join("secret.csv"), visits).unwrap();
        fs::write(extracts.join("visits.toml"), PROFILE.replace("PATH", "visits.csv")).unwrap();
        fs::write(extracts.join("outside.toml"), PROFILE.replace("PATH", "../secret.csv")).unwrap();
        let common = Common { json: false, threads: Some(1), memory_limit: None };
        let intake = StoreIntake::new(store, root.join("store.key"), &[extracts], &common).unwrap();
        (folder, intake)
    }

    #[test]
    fn only_files_of_given_folders_are_listed_read_and_ingested() {
        let closed = Closed::default();
        let quiet = Going::quiet(&closed);
        let (folder, intake) = given();
        let files = intake.files().unwrap();
        let seen: Vec<(&str, GivenKind)> = files.iter().map(|file| (file.id.as_str(), file.kind)).collect();
        let expected = [
            ("1/outside.toml", GivenKind::Profile),
            ("1/visits.csv", GivenKind::Data),
            ("1/visits.toml", GivenKind::Profile),
        ];
        assert_eq!(seen, expected);
        assert_eq!(
            (files[1].name.as_str(), files[1].read_by.as_slice()),
            ("extracts/visits.csv", ["1/visits.toml".to_owned()].as_slice())
        );
        for id in ["1/../secret.csv", "2/visits.toml", "0/visits.toml", "visits.toml", "1//etc/passwd", "1/."] {
            assert!(intake.text(id).is_err() && intake.check(id).is_err() && intake.draft(id).is_err(), "{id}");
        }
        std::os::unix::fs::symlink(folder.path().join("secret.csv"), folder.path().join("extracts/link.csv")).unwrap();
        assert!(intake.draft("1/link.csv").is_err() && intake.files().unwrap().len() == 3, "a link leads out");
        let outside = intake.check("1/outside.toml").unwrap_err();
        assert!(outside.message.contains("outside the folders"), "{outside:?}");
        let outside = intake.ingest(&["1/outside.toml".to_owned()], false, None, quiet).unwrap_err();
        assert!(outside[0].message.contains("outside the folders"), "{outside:?}");
        let tried = intake.ingest(&["1/visits.toml".to_owned()], true, None, quiet).unwrap();
        assert_eq!((tried["rows_accepted"].as_i64(), tried["dry_run"].as_bool()), (Some(3), Some(true)));
        assert_eq!(intake.current().unwrap().rows("contacts"), 0);
        let hetu = intake.write("1/visits.toml", &format!("# 131052-308T\n{PROFILE}")).unwrap_err();
        assert!(hetu.place.unwrap().line == Some(1) && !hetu.message.contains("131052"));
        let wrong = intake.write("1/visits.toml", "[source]\nname = 1\n").unwrap_err();
        assert_eq!(wrong.place.unwrap().line, Some(2));
    }

    #[test]
    fn a_client_begins_gets_another_day_leaves_and_was_never_there() {
        let closed = Closed::default();
        let quiet = Going::quiet(&closed);
        let (folder, intake) = given();
        intake.ingest(&["1/visits.toml".to_owned()], false, None, quiet).unwrap();
        let snapshot = intake.current().unwrap();
        let mut ids = Vec::new();
        for batch in snapshot.read_all("clients", None) {
            let batch = batch.unwrap();
            let column = batch.column_by_name("client_id").unwrap();
            ids.extend(
                arrow::array::AsArray::as_primitive::<arrow::datatypes::Int64Type>(column).values().iter().copied(),
            );
        }
        assert_eq!(ids.len(), 2);
        let day = |text: &str| Day::parse_iso(text).unwrap();
        let list = |clients: &[(i64, Enrolment)]| PilotList {
            pilot: "de;sk \"one\"".to_owned(),
            clients: clients.iter().map(|&(client_id, what)| Enrolled { client_id, what, line: None }).collect(),
        };
        let stranger =
            list(&[(ids[0], Enrolment::Begins(day("2014-02-01"))), (1, Enrolment::Begins(day("2014-02-01")))]);
        assert_eq!(intake.examine(&stranger).unwrap(), [(1, Unfit::Unknown)]);
        assert!(intake.enrol(&stranger, quiet).is_err());
        let early = list(&[(ids[0], Enrolment::Leaves(day("2014-02-01")))]);
        assert_eq!(intake.examine(&early).unwrap(), [(0, Unfit::NotInPilot)]);
        let both: Vec<(i64, Enrolment)> = ids.iter().map(|&id| (id, Enrolment::Begins(day("2014-02-01")))).collect();
        intake.enrol(&list(&both), quiet).unwrap();
        intake.enrol(&list(&[(ids[0], Enrolment::Begins(day("2014-02-15")))]), quiet).unwrap();
        intake.enrol(&list(&[(ids[0], Enrolment::Leaves(day("2014-06-01")))]), quiet).unwrap();
        let seen = intake.pilots().unwrap();
        let expected = PilotSeen {
            name: "de;sk \"one\"".to_owned(),
            clients: 2,
            left: 1,
            first: Some(day("2014-02-01")),
            last: Some(day("2014-02-15")),
        };
        assert_eq!(seen, [expected]);
        intake.enrol(&list(&[(ids[1], Enrolment::Mistaken)]), quiet).unwrap();
        assert_eq!(intake.pilots().unwrap()[0].clients, 1);
        use std::os::unix::fs::PermissionsExt;
        let lists = folder.path().join("store.pilots");
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&lists), 0o700);
        let csv = fs::read_dir(&lists)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.extension().is_some_and(|ending| ending == "csv"));
        let csv: Vec<PathBuf> = csv.collect();
        assert!(csv.len() == 4 && csv.iter().all(|path| mode(path) == 0o600));
    }

    #[test]
    fn an_ingest_that_is_stopped_takes_nothing_in() {
        let (_folder, intake) = given();
        let closed = Closed::default();
        closed.close();
        assert!(intake.ingest(&["1/visits.toml".to_owned()], false, None, Going::quiet(&closed)).is_err());
        assert_eq!(intake.current().unwrap().rows("contacts"), 0);
        let again = Closed::default();
        intake.ingest(&["1/visits.toml".to_owned()], false, None, Going::quiet(&again)).unwrap();
        assert_eq!(intake.current().unwrap().rows("contacts"), 3);
    }
}
