//! Profiles from disk, with the code lists, side tables and delivered files that they name.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use hashbrown::HashMap;
use virta_model::schema::{self, Kind};
use virta_model::settings::{ColumnSpec, ExtractedOn, FileSpec, Lookup, Profile};
use virta_model::{Day, hetu};

use crate::error::{At, Error, Refusal, Result};
use crate::parse::date::DateFormat;
use crate::profile::codelist::{self, CodeList};
use crate::profile::lookup::{DatedFile, LookupTable};
use crate::profile::name_list::{NameList, Named};
use crate::profile::side_file::SideFile;
use crate::read::input::hash_file;
use crate::rows::memory::MemoryLimit;

/// What the ledger calls side tables and code lists, which fill no table of the store.
pub(crate) const SIDE_TABLE: &str = "side_table";
pub(crate) const CODE_LIST: &str = "code_list";

/// A profile and what it names, read into memory.
#[derive(Debug)]
pub(crate) struct LoadedProfile {
    pub path: PathBuf,
    pub profile: Profile,
    pub codes: HashMap<String, Arc<CodeList>>,
    pub(crate) lookups: Vec<(Lookup, Arc<LookupTable>)>,
    /// What packages and providers are called.
    pub names: Vec<NameList>,
}

/// One delivered file and the section of its profile.
#[derive(Debug, Clone)]
pub(crate) struct DeliveredFile {
    pub path: PathBuf,
    pub name: String,
    pub section: usize,
    /// Which section on the same file and table this is, from 0: the same rows read in two ways are two sets of rows.
    pub(crate) ordinal: usize,
    pub extracted_on: Option<Day>,
    pub bytes: u64,
    /// When it was last written to, where the disk knows.
    pub(crate) modified: Option<SystemTime>,
}

impl DeliveredFile {
    /// A file without a day of extract: nobody could tell what it cannot know, or when its open stays end.
    pub(crate) fn refuse_without_day(&self) -> Option<Refusal> {
        self.extracted_on.is_none().then(|| Refusal {
            file: self.path.display().to_string(),
            rule: "extracted_on",
            message: "the day of the extract is not known, so nobody can tell how long its open stays and cases lasted"
                .to_owned(),
            fix: "write extracted_on = \"2014-01-31\" or { from_file_name = \"%Y%m%d\" } under [source], or give \
                  --extracted-on on the command line"
                .to_owned(),
            ..Refusal::default()
        })
    }

    /// Refuses a file that was written to, replaced or taken away since it was listed: nobody delivered the mixture that
    /// was then read.
    pub(crate) fn check_unchanged(&self) -> Result<()> {
        let now = std::fs::metadata(&self.path);
        if now.is_ok_and(|now| now.len() == self.bytes && now.modified().ok() == self.modified) {
            return Ok(());
        }
        Err(Error::refused(
            self.path.display(),
            "changed",
            "the file changed while it was read",
            "wait until whoever writes it is done, and ingest it again",
        ))
    }
}

impl LoadedProfile {
    /// `memory` is the limit that side tables and code lists have a share of.
    pub(crate) fn load(path: &Path, memory: MemoryLimit) -> Result<Self> {
        let profile = read_profile(path)?;
        let mut loaded = LoadedProfile {
            path: path.to_owned(),
            profile,
            codes: HashMap::new(),
            lookups: Vec::new(),
            names: Vec::new(),
        };
        let columns: Vec<ColumnSpec> =
            loaded.profile.files.iter().flat_map(|file| file.columns.values().cloned()).collect();
        for column in columns {
            let taken = loaded.side_bytes();
            let check = |bytes: usize, file: &Path| memory.check_side_tables(taken + bytes, file);
            if let Some(codes) = column.codes
                && !loaded.codes.contains_key(&codes)
            {
                let list = CodeList::read(&loaded.resolve(&codes), &loaded.profile.source, &check)?;
                loaded.codes.insert(codes, Arc::new(list));
            }
            if let Some(lookup) = column.lookup
                && loaded.lookup(&lookup).is_none()
            {
                let files = loaded.matching(&lookup.file).map_err(|error| match error {
                    Error::Settings(refusal) => Error::Settings(Box::new(Refusal {
                        message: format!("a column is looked up in {}, but {}", lookup.file, refusal.message),
                        fix: "put the file there, or take the column out of the profile".to_owned(),
                        ..*refusal
                    })),
                    error => error,
                })?;
                let files: Vec<DatedFile> = files.into_iter().map(|file| loaded.dated(file)).collect();
                let takes_first = loaded.gives_texts_only(&lookup);
                let source = &loaded.profile.source;
                let table = LookupTable::read(&files, &lookup.key, &lookup.value, source, takes_first, &check)?;
                loaded.lookups.push((lookup, Arc::new(table)));
            }
        }
        let lists = loaded.profile.codes.clone();
        for (named, file) in [(Named::Package, lists.packages), (Named::Provider, lists.providers)] {
            let Some(file) = file else { continue };
            let taken = loaded.side_bytes();
            let check = |bytes: usize, file: &Path| memory.check_side_tables(taken + bytes, file);
            let list = NameList::read(&loaded.resolve(&file), named, &loaded.profile.source, &check)?;
            loaded.names.push(list);
        }
        Ok(loaded)
    }

    /// Whether every column that a side table fills is a text or a code that may be empty.
    fn gives_texts_only(&self, lookup: &Lookup) -> bool {
        let is_same = |of: &Lookup| (&of.file, &of.key, &of.value) == (&lookup.file, &lookup.key, &lookup.value);
        self.profile.files.iter().all(|spec| {
            let table = schema::deliverable(&spec.table);
            let may_be_empty = |name: &str| {
                let column = table.and_then(|table| table.column(name));
                let is_required = table.is_some_and(|table| table.required().any(|required| required == name));
                column.is_some_and(|column| matches!(column.kind, Kind::Code | Kind::Text)) && !is_required
            };
            let filled = spec.columns.iter().filter(|(_, column)| column.lookup.as_ref().is_some_and(is_same));
            filled.map(|(name, _)| name.as_str()).all(may_be_empty)
        })
    }

    /// A side table's file with its day, where the source's files carry one in their names and this one does.
    fn dated(&self, path: PathBuf) -> DatedFile {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let day = match &self.profile.source.extracted_on {
            Some(ExtractedOn::FileName(_)) => self.extracted_on(&name).ok().flatten(),
            _ => None,
        };
        (path, day)
    }

    /// The side tables and code lists as deliveries: the table that the ledger has them under, and what became of their
    /// rows. A file that is looked up by several columns of the same key is one delivery: a row is bad when any column
    /// finds it so, and superseded when all do.
    pub(crate) fn side_files(&self) -> Vec<(&'static str, SideFile)> {
        let mut files: Vec<SideFile> = Vec::new();
        for file in self.lookups.iter().flat_map(|(_, table)| &table.files) {
            match files.iter_mut().find(|known| known.path == file.path && known.key == file.key) {
                Some(known) => known.unite(file),
                None => files.push(file.clone()),
            }
        }
        files.sort_by(|a, b| (&a.path, &a.key).cmp(&(&b.path, &b.key)));
        let mut lists: Vec<SideFile> = self.codes.values().map(|list| list.file.clone()).collect();
        lists.extend(self.names.iter().map(|list| list.file.clone()));
        lists.sort_by(|a, b| (&a.path, &a.key).cmp(&(&b.path, &b.key)));
        let tables = files.into_iter().map(|file| (SIDE_TABLE, file));
        tables.chain(lists.into_iter().map(|file| (CODE_LIST, file))).collect()
    }

    /// About the memory that side tables and code lists take.
    pub(crate) fn side_bytes(&self) -> usize {
        let lookups: usize = self.lookups.iter().map(|(_, table)| table.bytes).sum();
        let names: usize = self.names.iter().map(|list| list.bytes).sum();
        lookups + names + self.codes.values().map(|list| list.bytes).sum::<usize>()
    }

    pub(crate) fn lookup(&self, lookup: &Lookup) -> Option<&Arc<LookupTable>> {
        // What a row is looked up by does not change the table.
        self.lookups
            .iter()
            .find(|(known, _)| (&known.file, &known.key, &known.value) == (&lookup.file, &lookup.key, &lookup.value))
            .map(|(_, table)| table)
    }

    /// Every delivered file, section by section, in order of name.
    pub(crate) fn files(&self, extracted_on: Option<Day>) -> Result<Vec<DeliveredFile>> {
        let mut files: Vec<DeliveredFile> = Vec::new();
        for (section, spec) in self.profile.files.iter().enumerate() {
            for path in self.matching(&spec.path)? {
                let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
                if hetu::in_any_word(&name) {
                    return Err(Error::refused(
                        format!("{}, a file of {}", self.path.display(), spec.path),
                        "hetu",
                        "a personal identity code stands in the file's name, which is not shown",
                        "rename the file",
                    ));
                }
                let metadata = std::fs::metadata(&path).at("inspect", &path)?;
                let ordinal = files
                    .iter()
                    .filter(|other| other.path == path && self.profile.files[other.section].table == spec.table)
                    .count();
                let extracted_on = match extracted_on {
                    Some(day) => Some(day),
                    None => self.extracted_on(&name)?,
                };
                let (bytes, modified) = (metadata.len(), metadata.modified().ok());
                files.push(DeliveredFile { path, name, section, ordinal, extracted_on, bytes, modified });
            }
        }
        Ok(files)
    }

    fn extracted_on(&self, file_name: &str) -> Result<Option<Day>> {
        match &self.profile.source.extracted_on {
            None => Ok(None),
            Some(ExtractedOn::Date(day)) => Ok(Some(*day)),
            Some(ExtractedOn::FileName(pattern)) => {
                let format = DateFormat::parse(Some(&pattern.from_file_name))
                    .map_err(|message| Error::settings(&self.path, "date", message, "mend extracted_on"))?;
                format.find_in(file_name).map(Some).ok_or_else(|| {
                    let message = format!(
                        "the name of the file {file_name} holds no date of the form {}",
                        pattern.from_file_name
                    );
                    Error::settings(&self.path, "date", message, "rename the file, or give the day on the command line")
                })
            }
        }
    }

    /// What decides how a section's files are read: another digest means reading them again.
    pub(crate) fn digest(&self, spec: &FileSpec) -> Result<String> {
        let mut hasher = blake3::Hasher::new();
        // Neither the day of the extract nor the path changes how a row is read.
        let source = virta_model::settings::Source { extracted_on: None, ..self.profile.source.clone() };
        let spec_without_path = FileSpec { path: String::new(), ..spec.clone() };
        hasher.update(format!("{source:?}{spec_without_path:?}").as_bytes());
        for column in spec.columns.values() {
            if let Some(codes) = &column.codes {
                hasher.update(codelist::digest(&self.resolve(codes))?.as_bytes());
            }
            if let Some(lookup) = &column.lookup {
                for file in self.matching(&lookup.file)? {
                    hasher.update(hash_file(&file)?.0.as_bytes());
                }
            }
        }
        Ok(hasher.finalize().to_hex().as_str().chars().take(32).collect())
    }

    pub(crate) fn resolve(&self, path: &str) -> PathBuf {
        self.folder().join(path)
    }

    fn folder(&self) -> &Path {
        folder_of(&self.path)
    }

    fn matching(&self, pattern: &str) -> Result<Vec<PathBuf>> {
        let files = files_that_fit(&self.path, pattern)?;
        if files.is_empty() {
            return Err(Error::settings(
                &self.path,
                "path",
                format!("no file fits {pattern}"),
                "paths are relative to the profile; check the name and the folder",
            ));
        }
        Ok(files)
    }
}

/// Every file that a profile names and that is there: those it delivers, and its code lists and side tables. In order of
/// path, each once. Nothing is read but the profile.
///
/// # Errors
/// A profile that cannot be read or used.
pub fn profile_files(profile: &Path) -> Result<Vec<PathBuf>> {
    let read = read_profile(profile)?;
    let columns = read.files.iter().flat_map(|file| file.columns.values());
    let codes = columns.clone().filter_map(|column| column.codes.clone());
    let lists = [read.codes.packages.clone(), read.codes.providers.clone()].into_iter().flatten();
    let mut paths: Vec<PathBuf> =
        codes.chain(lists).map(|path| folder_of(profile).join(path)).filter(|path| path.is_file()).collect();
    let lookups = columns.filter_map(|column| column.lookup.as_ref().map(|lookup| lookup.file.as_str()));
    for pattern in read.files.iter().map(|file| file.path.as_str()).chain(lookups) {
        paths.extend(files_that_fit(profile, pattern)?);
    }
    paths.sort();
    paths.dedup();
    Ok(paths)
}

fn folder_of(profile: &Path) -> &Path {
    profile.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// The files that fit a pattern of a profile, in order of path.
fn files_that_fit(profile: &Path, pattern: &str) -> Result<Vec<PathBuf>> {
    let full = if Path::new(pattern).is_absolute() {
        pattern.to_owned()
    } else {
        format!("{}/{pattern}", glob::Pattern::escape(&folder_of(profile).to_string_lossy()))
    };
    let paths = glob::glob(&full)
        .map_err(|error| Error::settings(profile, "path", format!("{pattern}: {}", error.msg), "mend the path"))?;
    let mut files = Vec::new();
    for path in paths {
        match path {
            Ok(path) if path.is_file() => files.push(path),
            Ok(_) => {}
            Err(error) => {
                let path = error.path().to_owned();
                return Err(std::io::Error::from(error)).at("read", &path);
            }
        }
    }
    files.sort();
    Ok(files)
}

fn read_profile(path: &Path) -> Result<Profile> {
    let text = match std::fs::read(path) {
        Ok(bytes) => String::from_utf8(bytes)
            .map_err(|_| Error::settings(path, "encoding", "a profile is UTF-8 text", "save it as UTF-8"))?,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return Err(Error::settings(path, "", "the profile does not exist", "check the path"));
        }
        Err(error) => return Err(error).at("read", path),
    };
    Profile::parse(&text).map_err(|error| {
        Error::Settings(Box::new(Refusal {
            file: path.display().to_string(),
            line: Some(error.line as u64),
            place: Some(error.column as u64),
            message: error.message,
            ..Refusal::default()
        }))
    })
}
