//! Lists of pilots' clients that are recorded in the pages: a delivery of its own beside the store.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use virta_front::{Enrolled, Enrolment, PilotList, PilotSeen, Unfit};
use virta_model::{ClientId, Day};
use virta_store::{ColumnBatch, Snapshot};

use crate::commands::report;
use crate::failure::Failure;
use crate::pilots;

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

/// Those of a list, by their places, of whom it cannot say what it says.
pub(super) fn unfit(snapshot: &Snapshot, list: &PilotList) -> Result<Vec<(usize, Unfit)>, Failure> {
    let begun = begun(snapshot, &list.pilot)?;
    let known = known(snapshot, &list.clients)?;
    let why = |client: &Enrolled| match client.what {
        _ if !known.contains(&client.client_id) => Some(Unfit::Unknown),
        Enrolment::Leaves(_) | Enrolment::Mistaken if !begun.contains_key(&client.client_id) => Some(Unfit::NotInPilot),
        _ => None,
    };
    Ok(list.clients.iter().enumerate().filter_map(|(at, client)| Some((at, why(client)?))).collect())
}

/// The pilots of a store, by name.
pub(super) fn seen(snapshot: &Snapshot) -> Result<Vec<PilotSeen>, Failure> {
    let mut seen: BTreeMap<String, PilotSeen> = BTreeMap::new();
    for client in pilots::clients(snapshot)? {
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

/// A list that lies beside its store, to be ingested.
pub(super) struct Written {
    pub profile: PathBuf,
    pub file: PathBuf,
}

/// Writes a list into the folder beside its store, where its profile is made if it is not there.
pub(super) fn write(store: &Path, snapshot: &Snapshot, list: &PilotList) -> Result<Written, Failure> {
    let begun = begun(snapshot, &list.pilot)?;
    // Beside the store, as its key is.
    let mut folder = store.components().as_path().as_os_str().to_owned();
    folder.push(".pilots");
    let folder = PathBuf::from(folder);
    private_folder(&folder)?;
    let profile = folder.join("enrolled.toml");
    if !profile.exists() {
        report::put(&profile, PILOT_PROFILE.as_bytes())?;
    }
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let day = Day(i32::try_from(now.as_secs() / 86_400).unwrap_or_default());
    let file = folder.join(format!("enrolled_{}_{}.csv", day.to_string().replace('-', ""), now.as_micros()));
    write_private(&file, &csv_of(list, &begun, now.as_micros())?)?;
    Ok(Written { profile, file })
}

/// The day on which each client of a pilot began, as the store has it.
fn begun(snapshot: &Snapshot, pilot: &str) -> Result<BTreeMap<i64, Day>, Failure> {
    let clients = pilots::clients(snapshot)?.into_iter().filter(|client| client.pilot == pilot);
    Ok(clients.map(|client| (client.client_id, client.index_date)).collect())
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
