//! What comes into a store through the pages: the folders that the program was given, and lists of pilots' clients.
//!
//! Nothing here reads a row by itself: profiles are drafted, tried and ingested by what the commands use.

mod folders;
mod lists;

use std::fs;
use std::path::PathBuf;

use virta_front::{GivenFile, GivenKind, Going, Intake, PilotList, PilotSeen, Place, Trouble, Unfit};
use virta_ingest::{Options, Phase, Progress, ProjectKey, profile_check};
use virta_model::settings::Profile;
use virta_model::{Day, hetu};
use virta_store::{Snapshot, Store};

use self::folders::{Folders, TEXT_MAX, kind_of};

use crate::args::Common;
use crate::commands::{profile, report};
use crate::failure::{Failure, Refusal};

/// Rows of each file that are shown when a profile is tried.
const ROWS_TRIED: usize = 5;
/// Where the deliveries of a store come in.
#[derive(Debug)]
pub(crate) struct StoreIntake {
    store: Store,
    key: PathBuf,
    folders: Folders,
    threads: Option<usize>,
    memory_limit: Option<u64>,
}

impl StoreIntake {
    /// # Errors
    /// A folder that is not there.
    pub(crate) fn new(store: Store, key: PathBuf, folders: &[PathBuf], common: &Common) -> Result<Self, Failure> {
        let folders = Folders::new(folders)?;
        Ok(StoreIntake { store, key, folders, threads: common.threads(), memory_limit: common.memory_limit_bytes() })
    }

    fn make_draft(&self, id: &str) -> Result<String, Failure> {
        let file = self.folders.path_of(id)?;
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
        self.folders.id_of(&path).ok_or_else(|| Failure::refused("the draft lies outside the folders that were given"))
    }

    fn read_text(&self, id: &str) -> Result<String, Failure> {
        let path = self.folders.path_of(id)?;
        let is_text = matches!(kind_of(&path), Some(GivenKind::Profile | GivenKind::CodeList));
        if !is_text || fs::metadata(&path).is_ok_and(|metadata| metadata.len() > TEXT_MAX) {
            return Err(Failure::refused("this is no profile or code list to edit").file(self.folders.named(&path)));
        }
        let bytes = fs::read(&path).map_err(|error| Failure::io("read", &path, &error))?;
        String::from_utf8(bytes).map_err(|_| {
            Failure::refused("this is no UTF-8 text").file(self.folders.named(&path)).fix("save it as UTF-8")
        })
    }

    fn write_text(&self, id: &str, text: &str) -> Result<(), Failure> {
        let path = self.folders.path_of(id)?;
        if let Some(at) = text.lines().position(|line| hetu::occurs_in(line.as_bytes())) {
            return Err(Failure::refused("a personal identity code stands here, and nothing was written")
                .line(at as u64 + 1)
                .fix("take it out"));
        }
        match kind_of(&path) {
            Some(GivenKind::Profile) => drop(Profile::parse(text)?),
            Some(GivenKind::CodeList) => {}
            _ => {
                return Err(Failure::refused("this is no profile or code list to edit").file(self.folders.named(&path)));
            }
        }
        report::put(&path, text.as_bytes())
    }

    fn try_profile(&self, id: &str) -> Result<serde_json::Value, Failure> {
        let path = self.folders.path_of(id)?;
        self.folders.check_inside(&path)?;
        let mut check = profile_check(&path, ROWS_TRIED, None)?;
        for file in &mut check.files {
            file.refusal = file
                .refusal
                .as_ref()
                .map(|refusal| refusal.replace(&file.file, &self.folders.named(file.file.as_ref())));
            file.file = self.folders.named(file.file.as_ref());
        }
        for list in &mut check.lists {
            list.file = self.folders.named(list.file.as_ref());
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

    fn current(&self) -> Result<Snapshot, Failure> {
        Ok(self.store.current()?)
    }

    fn take_list_in(&self, list: &PilotList, going: Going<'_>) -> Result<serde_json::Value, Failure> {
        let snapshot = self.current()?;
        if !lists::unfit(&snapshot, list)?.is_empty() {
            return Err(Failure::refused("the list has clients of whom this cannot be said"));
        }
        let written = lists::write(self.store.root(), &snapshot, list)?;
        let done = self.take_in(&[written.profile], false, None, going);
        if done.is_err() {
            // A list that was refused is not read with the next one.
            let _ = fs::remove_file(&written.file);
        }
        done
    }

    fn trouble(&self, failure: Failure) -> Trouble {
        self.troubles(failure).into_iter().next().unwrap_or_default()
    }

    /// What is wrong, each refused file apart, with files as the pages name them.
    fn troubles(&self, failure: Failure) -> Vec<Trouble> {
        let one = |refusal: Refusal| {
            let file = refusal.file.as_deref();
            let (in_full, named) =
                (file.map(|file| file.display().to_string()), file.map(|file| self.folders.named(file)));
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

impl Intake for StoreIntake {
    fn files(&self) -> Result<Vec<GivenFile>, Trouble> {
        self.folders.list().map_err(|failure| self.trouble(failure))
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
            let profiles = profiles.iter().map(|id| self.folders.path_of(id)).collect::<Result<Vec<_>, Failure>>()?;
            profiles.iter().try_for_each(|profile| self.folders.check_inside(profile))?;
            self.take_in(&profiles, is_dry, extracted_on, going)
        };
        take().map_err(|failure| self.troubles(failure))
    }

    fn examine(&self, list: &PilotList) -> Result<Vec<(usize, Unfit)>, Trouble> {
        self.current().and_then(|snapshot| lists::unfit(&snapshot, list)).map_err(|failure| self.trouble(failure))
    }

    fn enrol(&self, list: &PilotList, going: Going<'_>) -> Result<serde_json::Value, Vec<Trouble>> {
        self.take_list_in(list, going).map_err(|failure| self.troubles(failure))
    }

    fn pilots(&self) -> Result<Vec<PilotSeen>, Trouble> {
        self.current().and_then(|snapshot| lists::seen(&snapshot)).map_err(|failure| self.trouble(failure))
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use virta_front::{Closed, Enrolled, Enrolment};
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
