//! Side tables and code lists as deliveries: what became of their rows is in the ledger and the quarantine.

use virta_model::hetu;
use virta_store::Delivery;

use super::Ingest;
use super::accounts::report_of;
use crate::error::{Error, Result};
use crate::ledger::deliveries::{Details, Entry, delivery_id};
use crate::ledger::entries::Refused;
use crate::ledger::quality_page::QualityPage;
use crate::ledger::report::Outcome;
use crate::profile::side_file::SideFile;
use crate::profile::sources::LoadedProfile;
use crate::read::input::hash_file;

impl Ingest<'_> {
    /// Enters the side tables and code lists of every profile into the ledger. They have no day of extract there: what
    /// a source knows ends with its rows, not with its lists.
    pub(super) fn enter_side_files(&mut self) -> Result<()> {
        let profiles = self.profiles;
        for profile in profiles {
            let files = profile.side_files();
            for (at, (table, file)) in files.iter().enumerate() {
                let before = files.iter().take(at);
                let ordinal = before.filter(|(other, known)| other == table && known.path == file.path).count();
                self.enter_side_file(profile, table, file, ordinal)?;
            }
        }
        Ok(())
    }

    fn enter_side_file(&mut self, profile: &LoadedProfile, table: &str, file: &SideFile, ordinal: usize) -> Result<()> {
        let source = &profile.profile.source.name;
        let name = file.path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        if hetu::in_any_word(&name) {
            return Err(Error::refused(
                format!("{}, a {table} of it", profile.path.display()),
                "hetu",
                "a personal identity code stands in the file's name, which is not shown",
                "rename the file",
            ));
        }
        let (blake3, bytes) = hash_file(&file.path)?;
        let blake3 = blake3.to_hex().to_string();
        let bad = file.bad.len() as u64;
        let mut page =
            QualityPage { rows_read: file.rows_read, rows_good: file.rows_read - bad, ..QualityPage::default() };
        for bad in &file.bad {
            *page.refused_by_rule.entry(bad.rule.to_owned()).or_default() += 1;
        }
        let ledger = Delivery {
            delivery_id: delivery_id(source, table, &blake3, ordinal),
            table: table.to_owned(),
            source: source.clone(),
            file: name,
            blake3,
            bytes,
            rows_read: file.rows_read,
            rows_accepted: (file.rows_read - bad).saturating_sub(file.superseded.len() as u64),
            rows_quarantined: bad,
            rows_superseded: file.superseded.len() as u64,
            ..Delivery::default()
        };
        let details = Details { extracted_on: None, digest: String::new(), page };
        let source = self.texts.number(source);
        let mut entry = Entry { ledger, details, source, is_new: true };
        let (number, outcome) = match self.deliveries.number(entry.ledger.delivery_id) {
            // Another profile of this command has it too.
            Some(number) if self.deliveries.is_new(number) => return Ok(()),
            Some(number) => {
                let Some(known) = self.deliveries.entries.get_mut(number as usize) else { return Ok(()) };
                let is_same = known.details == entry.details;
                // Of equal files the first name stands, whenever they came.
                entry.ledger.file = known.ledger.file.clone().min(entry.ledger.file);
                *known = entry.clone();
                (number, if is_same { Outcome::Known } else { Outcome::ReadAgain })
            }
            None => (self.deliveries.add(entry.clone()), Outcome::Read),
        };
        let hasher = self.key.row_key(&["row"]);
        for bad in &file.bad {
            self.refused.push(Refused {
                delivery: number,
                line: bad.line as i64,
                field: self.texts.number(&bad.field),
                rule: self.texts.number(bad.rule),
                hash: hasher.hash(&bad.row),
            });
        }
        self.reports.push((number, report_of(&entry, outcome)));
        Ok(())
    }
}
