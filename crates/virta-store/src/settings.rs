//! `virta.toml`: what is fixed when a store is made.

use std::fs;
use std::path::Path;

use serde::Deserialize;
use virta_model::settings::Protection;

use crate::error::{At, Error, Result};

/// Name of the settings file inside a store.
pub(crate) const SETTINGS: &str = "virta.toml";

/// What a new store is made with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InitOptions {
    /// Number of ranges that clients are cut into: a power of two from 1 to 65,536. 64 suits up to a billion contacts.
    pub buckets: u32,
    /// Id of the pseudonymisation key; the key itself never comes near the store.
    pub key_id: String,
}

impl InitOptions {
    /// 64 buckets under the key of this id.
    pub fn new(key_id: impl Into<String>) -> Self {
        InitOptions { buckets: 64, key_id: key_id.into() }
    }
}

/// The settings that a store was made with. They cannot change afterwards, but for the protection.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Settings {
    pub format: u32,
    pub buckets: u32,
    pub key_id: String,
    /// The least that a study may ask of what leaves.
    pub protection: Option<Protection>,
}

impl Settings {
    pub(crate) fn from_options(options: &InitOptions) -> Result<Self> {
        let settings =
            Settings { format: FORMAT, buckets: options.buckets, key_id: options.key_id.clone(), protection: None };
        if !buckets_fit(settings.buckets) {
            return Err(Error::BucketCount { given: settings.buckets });
        }
        Ok(settings)
    }

    pub(crate) fn read(root: &Path) -> Result<Self> {
        let path = root.join(SETTINGS);
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Err(Error::NotAStore { path: root.to_owned() });
            }
            Err(error) => return Err(error).at("read", &path),
        };
        let settings: Settings = toml::from_str(&text)
            .map_err(|error| Error::Settings { path: path.clone(), message: error.to_string().trim().to_owned() })?;
        if !(FORMAT_READ..=FORMAT).contains(&settings.format) {
            let message =
                format!("this store has format {}, this program knows up to format {FORMAT}", settings.format);
            return Err(Error::Settings { path, message });
        }
        if !buckets_fit(settings.buckets) {
            return Err(Error::BucketCount { given: settings.buckets });
        }
        if let Some((key, fault)) = settings.protection.and_then(Protection::fault) {
            return Err(Error::Settings { path, message: format!("{key}: {fault}") });
        }
        Ok(settings)
    }

    /// Refuses to write to a store whose rows have ids that this program would not give them.
    pub(crate) fn check_writable(&self, root: &Path) -> Result<()> {
        if self.format == FORMAT {
            return Ok(());
        }
        let message = format!(
            "this store has format {}, which this program can only read: a row that is delivered again would not be \
             known again. Make a new store with the same key and ingest every delivery again",
            self.format
        );
        Err(Error::Settings { path: root.join(SETTINGS), message })
    }

    /// The file with its comments.
    pub(crate) fn to_text(&self) -> String {
        let is_set = if self.protection.is_some() { "" } else { "# " };
        let protection = self.protection.unwrap_or_default();
        format!(
            "# Settings of this virta store. They are fixed when the store is made: to change one, make a new store\n\
             # and ingest again.\n\
             \n\
             # Version of the store's layout.\n\
             format = {}\n\
             \n\
             # Number of equal ranges of client_id. Each table with clients has one file per range.\n\
             buckets = {}\n\
             \n\
             # Id of the pseudonymisation key. The key itself is kept outside the store and is needed to ingest only.\n\
             key_id = {}\n\
             \n\
             # The least that a study must ask of what leaves: numbers of fewer clients than k are never shown, others are\n\
             # rounded to multiples of round_to. Set it as the data permit says; it may be changed at any time.\n\
             {is_set}[protection]\n\
             {is_set}k = {}\n\
             {is_set}round_to = {}\n",
            self.format,
            self.buckets,
            toml::Value::String(self.key_id.clone()),
            protection.k,
            protection.round_to,
        )
    }
}

/// In format 1 rows without a `row_key` had other ids, up to format 2 those with one: the same delivery would come in a
/// second time. In format 2 contacts knew no `sequence`, and their order was that of their services.
const FORMAT: u32 = 3;
const FORMAT_READ: u32 = 1;

fn buckets_fit(buckets: u32) -> bool {
    buckets.is_power_of_two() && buckets <= 65_536
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_written_with_comments_read_back_equal() {
        let settings = Settings {
            format: FORMAT,
            buckets: 16,
            key_id: "a \"quoted\" id".to_owned(),
            protection: Some(Protection { k: 10, round_to: 3 }),
        };
        assert_eq!(toml::from_str::<Settings>(&settings.to_text()).unwrap(), settings);
        let settings = Settings { protection: None, ..settings };
        assert_eq!(toml::from_str::<Settings>(&settings.to_text()).unwrap(), settings);
    }

    #[test]
    fn a_store_of_an_older_format_can_be_read_but_not_written() {
        let folder = tempfile::tempdir().unwrap();
        let text = |format: u32| format!("format = {format}\nbuckets = 1\nkey_id = \"k\"\n");
        let read = |format: u32| {
            fs::write(folder.path().join(SETTINGS), text(format)).unwrap();
            Settings::read(folder.path())
        };
        for older in FORMAT_READ..FORMAT {
            assert!(read(older).unwrap().check_writable(folder.path()).is_err());
        }
        assert!(read(FORMAT).unwrap().check_writable(folder.path()).is_ok());
        assert!(read(FORMAT + 1).is_err());
    }

    #[test]
    fn only_powers_of_two_can_be_bucket_counts() {
        let with = |buckets| Settings::from_options(&InitOptions { buckets, key_id: String::new() });
        assert!(with(1).is_ok() && with(65_536).is_ok());
        assert!(with(0).is_err() && with(63).is_err() && with(131_072).is_err());
    }
}
