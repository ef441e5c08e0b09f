//! From clients back to a source's own ids, for those who hold its extracts and the key.
//!
//! A pseudonym cannot be undone. But whoever has the extracts can make every pseudonym again and see whose it is.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use virta_model::ClientId;
use virta_store::Store;

use crate::error::{Error, Result};
use crate::key::ProjectKey;
use crate::profile::plan::{Plan, Target};
use crate::profile::sources::{DeliveredFile, LoadedProfile};
use crate::read::cells::Cells;
use crate::read::delivered::placed;
use crate::read::form::Form;
use crate::read::input::{check_form, for_each_row};
use crate::rows::intern::Interner;
use crate::rows::maker::{RowMaker, Secrets};
use crate::rows::memory::MemoryLimit;

/// The ids that a source's files have for clients.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Identified {
    pub source: String,
    /// Files that were read.
    pub files: usize,
    /// By client, each way in which the files write its id.
    pub ids: BTreeMap<ClientId, BTreeSet<String>>,
}

/// Memory by which persons are remembered while files are read.
const PERSONS_BYTES: usize = 8 << 20;

/// Reads every file of a profile again and gives the ids of the wanted clients as the files write them. Nothing is
/// written anywhere. Tables that name people by `client_id` have no ids to give.
///
/// # Errors
/// A key that is not the store's, an unusable profile or file.
pub fn identify(store: &Store, key: &ProjectKey, profile: &Path, wanted: &BTreeSet<ClientId>) -> Result<Identified> {
    key.check(store.key_id())?;
    let loaded = LoadedProfile::load(profile, MemoryLimit::new(1 << 30))?;
    let mut found = Identified { source: loaded.profile.source.name.clone(), ..Identified::default() };
    for file in loaded.files(None)? {
        found.files += 1;
        read_file(&loaded, &file, key, wanted, &mut found)?;
    }
    Ok(found)
}

fn read_file(
    loaded: &LoadedProfile,
    file: &DeliveredFile,
    key: &ProjectKey,
    wanted: &BTreeSet<ClientId>,
    found: &mut Identified,
) -> Result<()> {
    let Some(spec) = loaded.profile.files.get(file.section) else { return Ok(()) };
    if !spec.columns.contains_key("client") {
        return Ok(());
    }
    let secrets = Secrets {
        pseudonyms: key.pseudonymiser(loaded.profile.source.pseudonym_domain()),
        identity: key.row_key(&["identify"]),
        row: key.row_key(&["row"]),
        notes_alternates: false,
    };
    let texts = Interner::default();
    let plan = std::cell::OnceCell::new();
    let mut maker: Option<RowMaker<'_>> = None;
    let failed = || Error::state(&spec.table, "a file gave rows before its columns");
    let form = Form::of(&loaded.profile.source, spec);
    check_form(&file.path, &form)?;
    for_each_row(
        &file.path,
        &form,
        &mut |header| {
            let mut fitted = Plan::fit(loaded, spec, header, file.extracted_on, true, &texts)
                .map_err(|refusal| Error::Refused(vec![placed(*refusal, &file.path, &form, spec)]))?;
            fitted.columns.retain(|column| matches!(column.target, Target::Client));
            plan.set(fitted).map_err(|_| failed())
        },
        &mut |_, cells| {
            let maker = match &mut maker {
                Some(maker) => maker,
                empty => {
                    let plan = plan.get().ok_or_else(failed)?;
                    empty.insert(RowMaker::new(plan, &secrets, &texts, 0, 1, PERSONS_BYTES))
                }
            };
            if let Some((client, text)) = maker.person_of(&Row(cells))
                && wanted.contains(&client)
            {
                let text = String::from_utf8_lossy(&text).into_owned();
                found.ids.entry(client).or_default().insert(text);
            }
            Ok(())
        },
    )?;
    Ok(())
}

struct Row<'a>(&'a dyn Cells);

impl Cells for Row<'_> {
    fn count(&self) -> usize {
        self.0.count()
    }
    fn cell(&self, at: usize) -> &[u8] {
        self.0.cell(at)
    }
}
