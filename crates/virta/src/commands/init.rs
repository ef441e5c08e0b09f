//! `virta init`: an empty store and its key.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use serde::Serialize;
use virta_ingest::ProjectKey;
use virta_store::{InitOptions, Store};

use crate::args::InitArgs;
use crate::failure::Failure;
use crate::output::Output;

pub(crate) fn run(args: &InitArgs, out: &mut Output) -> Result<(), Failure> {
    let made = make(&args.store, args.key.as_deref(), args.buckets)?;
    out.document(&made)?;
    out.text(format!("store  {}  ({} buckets; settings in virta.toml)", made.store, made.buckets))?;
    out.text(format!("key    {}  (id {}; back it up apart from the store)", made.key, made.key_id))?;
    out.text(format!("\nNext: virta ingest {} PROFILE.toml", made.store))
}

/// What an init made.
#[derive(Debug, Serialize)]
pub(crate) struct Made {
    pub store: String,
    pub key: String,
    pub key_id: String,
    pub buckets: u32,
}

/// Makes a store. A key that was made for it goes again when the store cannot be made.
pub(crate) fn make(store: &Path, given_key: Option<&Path>, buckets: u32) -> Result<Made, Failure> {
    let path = super::key_path(store, given_key);
    if is_inside(&path, store) {
        return Err(Failure::refused("the key would lie inside the store, and go wherever the store goes")
            .file(&path)
            .fix("name a file outside the store"));
    }
    let made_here = given_key.is_none() && !path.exists();
    let key = if made_here { ProjectKey::create(&path)? } else { ProjectKey::load(&path)? };
    let options = InitOptions { buckets, key_id: key.id() };
    let ready = Store::init(store, &options).map_err(Failure::from);
    match ready.and_then(|_| shut_others_out(store)).and_then(|()| point_to(&path, &super::key_path(store, None))) {
        Ok(()) => {
            Ok(Made { store: store.display().to_string(), key: path.display().to_string(), key_id: key.id(), buckets })
        }
        Err(error) => {
            if made_here {
                // No store was made with it: nothing depends on it.
                let _ = std::fs::remove_file(&path);
            }
            Err(error)
        }
    }
}

/// Lets every later command find a key that lies elsewhere: a link beside the store, so that the key itself stays in one
/// place.
fn point_to(key: &Path, beside: &Path) -> Result<(), Failure> {
    if beside.symlink_metadata().is_ok() {
        return Ok(());
    }
    let linked = key.canonicalize().and_then(|target| std::os::unix::fs::symlink(target, beside));
    linked.map_err(|error| Failure::io("link the key at", beside, &error))
}

/// A store holds rows of persons: its owner and group read it, nobody else.
fn shut_others_out(store: &Path) -> Result<(), Failure> {
    let permissions = std::fs::Permissions::from_mode(0o750);
    std::fs::set_permissions(store, permissions).map_err(|error| Failure::io("shut others out of", store, &error))
}

fn is_inside(path: &Path, store: &Path) -> bool {
    let folder = path.parent().unwrap_or(Path::new("")).canonicalize();
    matches!((folder, store.canonicalize()), (Ok(folder), Ok(store)) if folder.starts_with(&store))
}
