//! `virta identify`: a source's own ids of listed clients.

use std::collections::BTreeSet;
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use serde::Serialize;
use virta_ingest::{Identified, ProjectKey};
use virta_model::ClientId;
use virta_store::Store;

use super::key_path;
use crate::args::IdentifyArgs;
use crate::failure::Failure;
use crate::interrupt;
use crate::output::Output;
use crate::render::{count, printable};
use crate::stream;

/// The answer for programs: it says how many, and no id.
#[derive(Debug, Serialize)]
struct Document {
    source: String,
    asked: usize,
    found: usize,
    ids: usize,
    files: usize,
    output: String,
}

pub(crate) fn run(args: &IdentifyArgs, out: &mut Output) -> Result<(), Failure> {
    let store = Store::open(&args.store)?;
    let key = ProjectKey::load(&key_path(&args.store, args.key.as_deref()))?;
    let folder = outside(&args.output, &args.store)?;
    let wanted = read_list(&args.clients)?;
    let found = virta_ingest::identify(&store, &key, &args.profile, &wanted)?;
    write(&found, &folder, &args.output)?;
    let document = Document {
        source: found.source.clone(),
        asked: wanted.len(),
        found: found.ids.len(),
        ids: found.ids.values().map(BTreeSet::len).sum(),
        files: found.files,
        output: args.output.display().to_string(),
    };
    out.document(&document)?;
    let lacking = match document.asked - document.found {
        0 => String::new(),
        lacking => format!("; {} of them are in none of its files", count(lacking as i64)),
    };
    out.text(format!(
        "{}: the ids in {} of {} of {} clients asked for{lacking}. You alone can read it; remove it when it has served",
        document.output,
        printable(&document.source),
        count(document.found as i64),
        count(document.asked as i64),
    ))
}

/// The folder of the output. Ids of persons must not come to lie in the store.
fn outside(output: &Path, store: &Path) -> Result<PathBuf, Failure> {
    let folder = output.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let folder = folder.canonicalize().map_err(|error| Failure::io("write the ids", output, &error))?;
    let store = store.canonicalize().map_err(|error| Failure::io("look at the store", store, &error))?;
    if folder.starts_with(&store) {
        return Err(Failure::refused("the ids of persons are never written inside the store")
            .file(output)
            .fix("name a file in another folder with -o"));
    }
    if output.file_name().is_none() || output.is_dir() {
        return Err(Failure::refused("this is a folder").file(output).fix("name a file with -o"));
    }
    Ok(folder)
}

/// The ids of a list: of its column `client_id`, or of each line where it holds ids alone.
fn read_list(path: &Path) -> Result<BTreeSet<ClientId>, Failure> {
    let text = fs::read(path).map_err(|error| Failure::io("read the list", path, &error))?;
    let text = String::from_utf8_lossy(&text);
    let text = text.trim_start_matches('\u{feff}');
    let ends = if text.contains('\n') { '\n' } else { '\r' };
    let mut lines = text.split(ends).enumerate().filter(|(_, line)| !line.trim().is_empty()).peekable();
    let Some((at, first)) = lines.peek().copied() else {
        return Err(Failure::refused("the list is empty").file(path).fix("list clients by client_id, one a line"));
    };
    let delimiter = [';', ',', '\t'].into_iter().max_by_key(|mark| first.matches(*mark).count()).unwrap_or(',');
    let cells = |line: &'_ str| -> Vec<String> {
        line.split(delimiter).map(|cell| cell.trim().trim_matches('"').trim().to_owned()).collect()
    };
    let header = cells(first);
    let column = match header.iter().position(|name| name.eq_ignore_ascii_case("client_id")) {
        Some(column) => {
            lines.next();
            column
        }
        None if header.len() == 1 && header.iter().all(|cell| number(cell).is_some()) => 0,
        None => {
            return Err(Failure::refused("the list has no column client_id, and does not hold ids alone")
                .file(path)
                .line(at as u64 + 1)
                .fix("name the column client_id, as virta sql writes it"));
        }
    };
    let mut wanted = BTreeSet::new();
    for (at, line) in lines {
        let id = cells(line).get(column).and_then(|cell| number(cell));
        let id = id.ok_or_else(|| {
            Failure::refused("this is no client_id, a whole number of up to 19 digits")
                .file(path)
                .line(at as u64 + 1)
                .fix("a spreadsheet rounds such numbers: take the list as virta sql -o LIST.csv writes it")
        })?;
        wanted.insert(id);
    }
    Ok(wanted)
}

fn number(text: &str) -> Option<ClientId> {
    let is_plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| is_plain).map(ClientId)
}

/// Writes beside the output first, so that it is never half there, readable by its owner alone.
fn write(found: &Identified, folder: &Path, output: &Path) -> Result<(), Failure> {
    let failed = |error: std::io::Error| Failure::io("write the ids", output, &error);
    let mut text = String::from("client_id,id\n");
    for (client, ids) in &found.ids {
        for id in ids {
            text.push_str(&format!("{},{}\n", client.0, quoted(id)));
        }
    }
    if let Some(mut stream) = stream::open(output).map_err(failed)? {
        return stream.write_all(text.as_bytes()).map_err(failed);
    }
    let half_made = folder.join(format!(".virta-ids-{}", std::process::id()));
    // Left by a killed process of the same number.
    let _ = fs::remove_file(&half_made);
    let guard = interrupt::temporary(vec![half_made.clone()]);
    let written = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&half_made).and_then(|mut file| {
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(&half_made, output)
    });
    if written.is_err() {
        // The half-made file holds ids: it must not stay.
        let _ = fs::remove_file(&half_made);
    }
    drop(guard);
    written.map_err(failed)
}

fn quoted(id: &str) -> String {
    let needs = id.contains([',', '"', '\n', '\r', ';']) || id.trim().len() < id.len();
    if needs { format!("\"{}\"", id.replace('"', "\"\"")) } else { id.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(text: &str) -> Result<Vec<i64>, String> {
        let path = std::env::temp_dir().join(format!(
            "virta-identify-{}-{:?}",
            std::process::id(),
            std::thread::current().id()
        ));
        fs::write(&path, text).unwrap();
        let read = read_list(&path).map(|ids| ids.into_iter().map(|id| id.0).collect());
        fs::remove_file(&path).unwrap();
        read.map_err(|failure| failure.to_string())
    }

    #[test]
    fn a_list_has_a_column_of_ids_or_ids_alone() {
        assert_eq!(list("client_id\n5\n7\n5\n"), Ok(vec![5, 7]));
        assert_eq!(list("\u{feff}cohort;CLIENT_ID;age\r\nx;5;40\r\nx;\"7\";41"), Ok(vec![5, 7]));
        assert_eq!(list("9223372036854775807\n\n12\n"), Ok(vec![12, i64::MAX]));
        assert!(list("name\n5\n").unwrap_err().contains("no column client_id"));
        assert!(list("client_id\n5\n8,5952E+17\n").unwrap_err().contains(":3"));
        assert!(list("client_id\n-5\n").is_err());
        assert!(list("").unwrap_err().contains("empty"));
    }

    #[test]
    fn an_id_with_a_comma_or_blanks_is_quoted() {
        assert_eq!(quoted("AB1"), "AB1");
        assert_eq!(quoted("a,\"b\""), "\"a,\"\"b\"\"\"");
        assert_eq!(quoted(" 12 "), "\" 12 \"");
    }
}
