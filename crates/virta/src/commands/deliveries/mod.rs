//! `virta deliveries`: the ledger, and the quality page of one delivery.

mod quality;

use std::collections::BTreeMap;

use serde::Serialize;
use virta_ingest::{Reconciliation, SourceLinkage, delivery_page, quarantined_by, reconcile};
use virta_model::schema::SERVICES;
use virta_model::{Sector, Value};
use virta_store::{Delivery, Snapshot, Store};

use super::{linkage, short};
use crate::args::DeliveriesArgs;
use crate::failure::Failure;
use crate::output::Output;
use crate::render::{Grid, count, printable};
use crate::view::View;

pub(crate) fn run(args: &DeliveriesArgs, out: &mut Output) -> Result<(), Failure> {
    let store = Store::open(&args.store)?;
    let snapshot = super::snapshot_of(&store, &args.as_of)?;
    match &args.show {
        Some(wanted) => show(&snapshot, wanted, out),
        None => ledger(&snapshot, out),
    }
}

fn show(snapshot: &Snapshot, wanted: &str, out: &mut Output) -> Result<(), Failure> {
    let page = delivery_page(snapshot, find(snapshot, wanted)?.delivery_id)?;
    let page = page.ok_or_else(|| Failure::refused("there is no such delivery"))?;
    out.document(&page)?;
    out.text(quality::page(&page))
}

/// By id, the beginning of an id, or file name.
fn find<'a>(snapshot: &'a Snapshot, wanted: &str) -> Result<&'a Delivery, Failure> {
    let fits = |delivery: &&Delivery| delivery.delivery_id.to_string().starts_with(wanted) || delivery.file == wanted;
    let fitting: Vec<_> = snapshot.deliveries().iter().filter(fits).collect();
    let exact = fitting.iter().find(|delivery| delivery.delivery_id.to_string() == wanted);
    match (exact, fitting.as_slice()) {
        (Some(delivery), _) | (None, [delivery]) => Ok(delivery),
        (None, []) => {
            Err(Failure::refused("no delivery has this id or file name").fix("virta deliveries STORE lists them"))
        }
        (None, many) => Err(Failure::refused(format!("{} deliveries fit", many.len())).fix("give more of the id")),
    }
}

/// What the ledger tells.
struct Told<'a> {
    /// In the order in which they were ingested.
    deliveries: Vec<&'a Delivery>,
    reasons: BTreeMap<i64, BTreeMap<String, u64>>,
    unnamed: Vec<String>,
    reconciled: Vec<Reconciliation>,
    /// `None`: an earlier version filled the store, and nothing was ingested since.
    linked: Option<Vec<SourceLinkage>>,
}

impl<'a> Told<'a> {
    fn of(snapshot: &'a Snapshot) -> Result<Self, Failure> {
        let mut deliveries: Vec<_> = snapshot.deliveries().iter().collect();
        deliveries.sort_by(|a, b| (&a.ingested_at, &a.source, &a.file).cmp(&(&b.ingested_at, &b.source, &b.file)));
        Ok(Told {
            deliveries,
            reasons: quarantined_by(snapshot)?.into_iter().collect(),
            unnamed: unnamed_services(snapshot)?,
            reconciled: reconcile(snapshot)?,
            linked: virta_ingest::linkage(snapshot)?,
        })
    }

    fn document(&self) -> Ledger<'_> {
        let deliveries = self.deliveries.iter();
        Ledger {
            deliveries: deliveries.map(|delivery| entry(delivery, self.reasons.get(&delivery.delivery_id))).collect(),
            services_unnamed: &self.unnamed,
            aggregates: &self.reconciled,
            linkage: self.linked.as_deref(),
        }
    }
}

/// The ledger for programs.
pub(crate) fn document(snapshot: &Snapshot) -> Result<serde_json::Value, Failure> {
    serde_json::to_value(Told::of(snapshot)?.document())
        .map_err(|error| Failure::refused(format!("cannot write JSON: {error}")))
}

fn ledger(snapshot: &Snapshot, out: &mut Output) -> Result<(), Failure> {
    let told = Told::of(snapshot)?;
    out.document(&told.document())?;
    let Told { deliveries, reasons, unnamed, reconciled, linked } = told;
    if deliveries.is_empty() {
        return out.text("Nothing has been delivered yet: virta ingest STORE PROFILE.toml");
    }
    let header = [
        ">delivery",
        "source",
        "table",
        "file",
        ">rows read",
        ">accepted",
        ">quarantined",
        ">superseded",
        ">not selected",
        ">lines skipped",
        "ingested (UTC)",
        "snapshot",
    ];
    let mut grid = Grid::new(&header);
    for delivery in &deliveries {
        grid.row([
            delivery.delivery_id.to_string(),
            printable(&delivery.source),
            delivery.table.clone(),
            printable(&delivery.file),
            count(delivery.rows_read as i64),
            count(delivery.rows_accepted as i64),
            count(delivery.rows_quarantined as i64),
            count(delivery.rows_superseded as i64),
            count(delivery.rows_not_selected as i64),
            count(delivery.lines_skipped as i64),
            delivery.ingested_at.clone(),
            short(&delivery.snapshot).to_owned(),
        ]);
    }
    let mut parts = vec![grid.text()];
    parts.extend(linkage::page(linked.as_deref().unwrap_or_default()));
    parts.extend(quality::reasons(&deliveries, &reasons));
    parts.extend(quality::unnamed(&unnamed));
    parts.extend(quality::reconciled(&reconciled));
    out.text(parts.join("\n\n"))
}

/// Services that no code list names.
fn unnamed_services(snapshot: &Snapshot) -> Result<Vec<String>, Failure> {
    let services = snapshot.table(&SERVICES)?;
    let rows = View { table: &services }.rows();
    let unnamed = rows.filter(|row| {
        let texts = ["package", "name_fi", "name_sv", "name_en"];
        row.text("sector") == Sector::Other.as_str() && texts.iter().all(|text| row.value(text) == Value::Null)
    });
    Ok(unnamed.map(|row| row.text("service").to_owned()).collect())
}

#[derive(Serialize)]
struct Ledger<'a> {
    deliveries: Vec<Entry<'a>>,
    services_unnamed: &'a [String],
    aggregates: &'a [Reconciliation],
    linkage: Option<&'a [SourceLinkage]>,
}

#[derive(Serialize)]
struct Entry<'a> {
    /// As text: a number of 63 bits is more than many readers of JSON keep.
    delivery_id: String,
    source: &'a str,
    table: &'a str,
    file: &'a str,
    blake3: &'a str,
    bytes: u64,
    rows_read: u64,
    rows_accepted: u64,
    rows_quarantined: u64,
    rows_superseded: u64,
    rows_not_selected: u64,
    lines_skipped: u64,
    quarantined_by: Option<&'a BTreeMap<String, u64>>,
    ingested_at: &'a str,
    snapshot: &'a str,
}

fn entry<'a>(delivery: &'a Delivery, quarantined_by: Option<&'a BTreeMap<String, u64>>) -> Entry<'a> {
    Entry {
        delivery_id: delivery.delivery_id.to_string(),
        source: &delivery.source,
        table: &delivery.table,
        file: &delivery.file,
        blake3: &delivery.blake3,
        bytes: delivery.bytes,
        rows_read: delivery.rows_read,
        rows_accepted: delivery.rows_accepted,
        rows_quarantined: delivery.rows_quarantined,
        rows_superseded: delivery.rows_superseded,
        rows_not_selected: delivery.rows_not_selected,
        lines_skipped: delivery.lines_skipped,
        quarantined_by,
        ingested_at: &delivery.ingested_at,
        snapshot: &delivery.snapshot,
    }
}
