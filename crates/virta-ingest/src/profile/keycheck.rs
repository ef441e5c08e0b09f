//! Whether a profile's `row_key` identifies the rows of its files: every row is read for its key alone.

use std::cmp::Ordering;
use std::hash::BuildHasherDefault;

use hashbrown::HashMap;
use serde::Serialize;
use virta_model::settings::FileSpec;

use crate::error::{Error, Result};
use crate::ingest::conflicts::{KEY_FIX, not_identified};
use crate::ingest::identity_purpose;
use crate::key::{ProjectKey, RowHasher};
use crate::ledger::bad_rows::are_too_many;
use crate::merge::claims::Rank;
use crate::profile::plan::Plan;
use crate::profile::sources::{DeliveredFile, LoadedProfile};
use crate::read::form::Form;
use crate::read::input::{check_form, for_each_row};
use crate::rows::intern::Interner;
use crate::rows::keys::KeyIsHash;
use crate::rows::layout::{CANCELLED, CLIENT_AT, FLAGS_AT, KEY_AT, VERSION_AT, get_i64, get_u128};
use crate::rows::maker::{RowMaker, Secrets};

/// How well `row_key` identifies the rows of a file, beside the profile's other files.
#[derive(Debug, Clone, Serialize)]
pub struct RowKeyCheck {
    /// Columns of the file.
    pub row_key: Vec<String>,
    /// Rows of the whole file that the section is about.
    pub rows_read: u64,
    /// Keys with different rows of which none is the newest, and this file's rows among those: they would be
    /// quarantined as `conflict`.
    pub keys_in_conflict: u64,
    pub rows_in_conflict: u64,
    /// One key of so many was looked at. More than 1 only where a profile's files have millions of keys.
    pub(crate) one_key_of: u64,
    /// What is wrong, and how to mend it, in words.
    pub problem: Option<String>,
}

/// Keys that are remembered at a time. Where there are more, half of them are forgotten, by their hash.
const KEYS_MAX: usize = 1 << 20;

/// The newest rows of the keys of all files of a profile.
pub(crate) struct KeyCheck {
    newest: HashMap<i64, Newest, BuildHasherDefault<KeyIsHash>>,
    one_key_of: u64,
    texts: Interner,
    contents: RowHasher,
    files: Vec<KeyedFile>,
}

struct KeyedFile {
    /// Place of the file among those of the profile.
    at: usize,
    row_key: Vec<String>,
    rows_read: u64,
    bad: u64,
}

struct Newest {
    rank: Rank,
    is_cancelled: bool,
    /// Content and file of the first of them.
    first: (i64, u32),
    /// Those that are as new as it and different, by content.
    others: HashMap<i64, u32, BuildHasherDefault<KeyIsHash>>,
}

impl KeyCheck {
    pub(crate) fn new() -> Self {
        let key = ProjectKey::from_bytes([0; 32]);
        KeyCheck {
            newest: HashMap::default(),
            one_key_of: 1,
            texts: Interner::default(),
            contents: key.row_key(&["content"]),
            files: Vec::new(),
        }
    }

    /// Reads the rows of a file whose section has a `row_key`. A file that cannot be read is left out: what is wrong
    /// with it is told elsewhere.
    pub(crate) fn read(
        &mut self,
        loaded: &LoadedProfile,
        spec: &FileSpec,
        file: &DeliveredFile,
        at: usize,
    ) -> Result<()> {
        if spec.row_key.is_empty() {
            return Ok(());
        }
        // Nothing that is shown depends on the key.
        let key = ProjectKey::from_bytes([0; 32]);
        let source = &loaded.profile.source;
        let secrets = Secrets {
            pseudonyms: key.pseudonymiser(source.pseudonym_domain()),
            identity: identity_purpose(&key, &source.name, spec, file.ordinal),
            row: key.row_key(&["row"]),
            notes_alternates: false,
        };
        let texts = std::mem::take(&mut self.texts);
        let extracted_on = file.extracted_on.map_or(i32::MIN, |day| day.0);
        let plan = std::cell::OnceCell::new();
        let mut maker: Option<RowMaker<'_>> = None;
        let form = Form::of(source, spec);
        let result = check_form(&file.path, &form).and_then(|()| {
            for_each_row(
                &file.path,
                &form,
                &mut |header| {
                    let fitted = Plan::fit(loaded, spec, header, file.extracted_on, true, &texts);
                    plan.set(fitted.map_err(|refusal| Error::Refused(vec![*refusal]))?).map_err(|_| Error::Interrupted)
                },
                &mut |line, cells| {
                    let plan = plan.get().ok_or(Error::Interrupted)?;
                    let maker = maker.get_or_insert_with(|| RowMaker::new(plan, &secrets, &texts, 0, 1, 1 << 16));
                    maker.take(&cells, line);
                    let mut row = vec![0; plan.layout.row_bytes];
                    for short in maker.rows.iter().flat_map(|rows| rows.chunks_exact(maker.shape.bytes)) {
                        maker.shape.restore(short, &mut row);
                        self.take(&row, plan.layout.head_bytes(), extracted_on, at as u32);
                    }
                    maker.rows.iter_mut().chain(&mut maker.claims).for_each(Vec::clear);
                    maker.people.iter_mut().for_each(Vec::clear);
                    Ok(())
                },
            )
        });
        let counted = maker.map(|maker| {
            let bad = maker.tally.bad.iter().filter(|bad| bad.rule != "no_value").count();
            (maker.tally.rows_read - maker.tally.not_selected, bad as u64)
        });
        self.texts = texts;
        match result {
            Ok(aside) => {
                let broken = aside.bad;
                let (rows_read, bad) = counted.unwrap_or_default();
                let row_key = spec.row_key.clone();
                self.files.push(KeyedFile { at, row_key, rows_read: rows_read + broken, bad: bad + broken });
                Ok(())
            }
            Err(Error::Refused(_) | Error::Settings(_)) => Ok(()),
            Err(error) => Err(error),
        }
    }

    fn take(&mut self, row: &[u8], head_bytes: usize, extracted_on: i32, file: u32) {
        let key = get_i64(row, KEY_AT);
        if !(key as u64).is_multiple_of(self.one_key_of) {
            return;
        }
        let rank = (get_u128(row, VERSION_AT), extracted_on);
        let is_cancelled = row[FLAGS_AT] & CANCELLED != 0;
        // Rows are compared by what they become, as an ingest does.
        let mut content = row[CLIENT_AT..CLIENT_AT + 8].to_vec();
        content.extend_from_slice(&row[head_bytes..]);
        let content = self.contents.hash(&content);
        let fresh = || Newest { rank, is_cancelled, first: (content, file), others: HashMap::default() };
        let newest = self.newest.entry(key).or_insert_with(fresh);
        match newest.rank.cmp(&rank) {
            Ordering::Greater => return,
            Ordering::Less => *newest = fresh(),
            Ordering::Equal => {
                newest.is_cancelled |= is_cancelled;
                if newest.first.0 != content {
                    newest.others.entry(content).or_insert(file);
                }
            }
        }
        if self.newest.len() > KEYS_MAX {
            self.one_key_of *= 2;
            let one_key_of = self.one_key_of;
            self.newest.retain(|key, _| (*key as u64).is_multiple_of(one_key_of));
        }
    }

    /// What was found, by the place of the file among those of the profile; and whether the file would be refused.
    pub(crate) fn finish(self, bad_rows_max_percent: f64) -> Vec<(usize, RowKeyCheck, bool)> {
        let mut found: HashMap<u32, (u64, u64)> = HashMap::new();
        for newest in self.newest.values().filter(|newest| !newest.is_cancelled && !newest.others.is_empty()) {
            let mut files: Vec<u32> = newest.others.values().copied().chain([newest.first.1]).collect();
            files.sort_unstable();
            for of_one in files.chunk_by(|a, b| a == b) {
                if let Some(file) = of_one.first() {
                    let (keys, rows) = found.entry(*file).or_default();
                    *keys += self.one_key_of;
                    *rows += of_one.len() as u64 * self.one_key_of;
                }
            }
        }
        let checked = self.files.into_iter().map(|file| {
            let (keys, rows) = found.get(&(file.at as u32)).copied().unwrap_or_default();
            let is_refused = rows > 0 && are_too_many(rows + file.bad, file.rows_read, bad_rows_max_percent);
            let problem = (keys > 0).then(|| {
                let about = if self.one_key_of > 1 { "about, from a sample of the keys: " } else { "" };
                format!("{about}{}\n  fix: {KEY_FIX}", not_identified(&file.row_key, keys, rows, true))
            });
            let check = RowKeyCheck {
                row_key: file.row_key,
                rows_read: file.rows_read,
                keys_in_conflict: keys,
                rows_in_conflict: rows,
                one_key_of: self.one_key_of,
                problem,
            };
            (file.at, check, is_refused)
        });
        checked.collect()
    }
}
