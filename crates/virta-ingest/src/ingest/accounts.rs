//! What became of every row: the ledger and the report.

use std::collections::BTreeMap;

use hashbrown::HashMap;
use virta_model::schema::deliverable;

use super::Ingest;
use crate::error::{Error, Result};
use crate::ledger::deliveries::Entry;
use crate::ledger::entries::Quarantine;
use crate::ledger::report::{DeliveryReport, IngestReport, Outcome};
use crate::merge::bucket::Change;

impl Ingest<'_> {
    /// Brings the ledger up to date: rows accepted are rows that stand, refused rows are those in quarantine, and every
    /// other row was superseded.
    pub(super) fn account(&mut self, change: &Change, quarantine: &Quarantine) -> Result<()> {
        let quarantined = quarantine.count_by_delivery();
        for (number, entry) in self.deliveries.entries.iter_mut().enumerate() {
            let of = |counts: &HashMap<u32, u64>| counts.get(&(number as u32)).copied().unwrap_or(0);
            let ledger = &mut entry.ledger;
            let accepted = (ledger.rows_accepted + of(&change.after)).checked_sub(of(&change.before));
            ledger.rows_quarantined = of(&quarantined);
            let superseded = accepted.and_then(|accepted| {
                ledger.rows_read.checked_sub(accepted + ledger.rows_quarantined + ledger.rows_not_selected)
            });
            let (Some(accepted), Some(superseded)) = (accepted, superseded) else {
                return Err(Error::state(
                    "deliveries",
                    format!("delivery {} has more rows than it brought", ledger.delivery_id),
                ));
            };
            ledger.rows_accepted = accepted;
            ledger.rows_superseded = superseded;
        }
        Ok(())
    }

    pub(super) fn report(self, change: &Change, quarantine: &Quarantine) -> IngestReport {
        let mut report = IngestReport {
            dry_run: self.options.dry_run,
            services_unnamed: self.catalogue.unnamed(),
            services_disputed: self.catalogue.disputed(),
            disagreements: change.disagreements.iter().map(|(field, n)| ((*field).to_owned(), *n)).collect(),
            ..IngestReport::default()
        };
        let texts = self.texts.texts();
        let mut by_reason: HashMap<u32, BTreeMap<String, u64>> = HashMap::new();
        for row in &quarantine.rows {
            let text = |number: u32| texts.get(number as usize).map_or("", |text| text);
            let reason = format!("{} {}", text(row.field), text(row.rule)).trim().to_owned();
            *by_reason.entry(row.delivery).or_default().entry(reason).or_default() += 1;
        }
        for (number, mut delivery) in self.reports {
            if let Some(entry) = self.deliveries.entries.get(number as usize) {
                let warnings = std::mem::take(&mut delivery.warnings);
                delivery = DeliveryReport { warnings, ..report_of(entry, delivery.outcome) };
            }
            delivery.quarantined_by = by_reason.get(&number).cloned().unwrap_or_default();
            // Of side tables and code lists no row stands in the store.
            if delivery.outcome != Outcome::Known && deliverable(&delivery.table).is_some() {
                report.rows_read += delivery.rows_read;
                report.rows_accepted += delivery.rows_accepted;
                report.rows_quarantined += delivery.rows_quarantined;
                report.rows_superseded += delivery.rows_superseded;
                report.rows_not_selected += delivery.rows_not_selected;
                report.lines_skipped += delivery.lines_skipped;
            }
            report.deliveries.push(delivery);
        }
        report.deliveries.sort_by(|a, b| {
            let key = |of: &'_ DeliveryReport| (of.source.clone(), deliverable(&of.table).is_none());
            (key(a), &a.table, &a.file).cmp(&(key(b), &b.table, &b.file))
        });
        report
    }
}

pub(super) fn report_of(entry: &Entry, outcome: Outcome) -> DeliveryReport {
    let ledger = &entry.ledger;
    DeliveryReport {
        delivery_id: ledger.delivery_id,
        source: ledger.source.clone(),
        table: ledger.table.clone(),
        file: ledger.file.clone(),
        outcome,
        bytes: ledger.bytes,
        rows_read: ledger.rows_read,
        rows_accepted: ledger.rows_accepted,
        rows_quarantined: ledger.rows_quarantined,
        rows_superseded: ledger.rows_superseded,
        rows_not_selected: ledger.rows_not_selected,
        lines_skipped: ledger.lines_skipped,
        quarantined_by: BTreeMap::new(),
        warnings: Vec::new(),
    }
}
