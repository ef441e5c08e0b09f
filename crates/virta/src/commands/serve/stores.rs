//! The stores that doors show, each with its log of use.

use std::path::PathBuf;
use std::sync::Arc;

use virta_access::{UseLog, Users};
use virta_ingest::ProjectKey;
use virta_store::Store;

use crate::args::ServeArgs;
use crate::failure::Failure;

/// What every door shows.
#[derive(Debug)]
pub(super) struct Stores {
    pub all: Vec<Served>,
    users: PathBuf,
}

/// One store.
#[derive(Debug)]
pub(super) struct Served {
    /// The name of its folder.
    pub name: String,
    pub store: Store,
    /// The project's key, which decides how counts are rounded.
    pub key: PathBuf,
    #[cfg_attr(not(feature = "sql"), expect(dead_code, reason = "only who takes questions asks for it here"))]
    pub log: Arc<UseLog>,
}

impl Stores {
    /// Opens the stores.
    ///
    /// # Errors
    /// A store that cannot be opened, two of one name, a key that is not the store's: without it neither protected
    /// tables nor a log of use can be made.
    pub(super) fn open(args: &ServeArgs) -> Result<Self, Failure> {
        if args.key.is_some() && args.stores.len() > 1 {
            return Err(Failure::Usage("--key is for a single store: keys of several lie beside them".to_owned()));
        }
        let mut all: Vec<Served> = Vec::new();
        for path in &args.stores {
            let store = Store::open(path)?;
            let folder = std::fs::canonicalize(path).map_err(|error| Failure::io("open the store", path, &error))?;
            let name = folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            if all.iter().any(|other| other.name == name) {
                return Err(Failure::refused(format!("two stores are called {name}")).fix("rename the folder of one"));
            }
            let key = super::super::key_path(path, args.key.as_deref());
            let loaded = ProjectKey::load(&key)?;
            loaded.check(store.key_id())?;
            let log = Arc::new(UseLog::new(&folder, loaded.log_key()));
            all.push(Served { name, store, key, log });
        }
        Ok(Stores { all, users: args.users.clone() })
    }

    #[cfg_attr(not(feature = "sql"), expect(dead_code, reason = "only who takes questions asks for it here"))]
    pub(super) fn named(&self, name: &str) -> Option<&Served> {
        self.all.iter().find(|served| served.name == name)
    }

    /// The users as they are now.
    pub(super) fn users(&self) -> Result<Users, Failure> {
        Ok(Users::read(&self.users)?)
    }
}
