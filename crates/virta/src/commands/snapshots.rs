//! `virta snapshots`: what states of the store can be read.

use serde::Serialize;
use virta_store::{Snapshot, Store};

use super::short;
use crate::args::SnapshotsArgs;
use crate::failure::Failure;
use crate::output::Output;
use crate::render::{Grid, count};

pub(crate) fn run(args: &SnapshotsArgs, out: &mut Output) -> Result<(), Failure> {
    let snapshots = Store::open(&args.store)?.snapshots()?;
    out.document(&snapshots.iter().map(entry).collect::<Vec<_>>())?;
    let mut grid = Grid::new(&["snapshot", "committed (UTC)", ">deliveries", ">contacts", ">clients", "before it"]);
    for snapshot in &snapshots {
        grid.row([
            short(snapshot.id()).to_owned(),
            snapshot.committed_at().to_owned(),
            count(snapshot.deliveries().len() as i64),
            count(snapshot.rows("contacts") as i64),
            count(snapshot.rows("clients") as i64),
            snapshot.parent().map_or_else(|| "-".to_owned(), |id| short(id).to_owned()),
        ]);
    }
    out.text(grid.text())
}

#[derive(Serialize)]
struct Entry<'a> {
    snapshot: &'a str,
    parent: Option<&'a str>,
    committed_at: &'a str,
    deliveries: usize,
    contacts: u64,
    clients: u64,
}

fn entry(snapshot: &Snapshot) -> Entry<'_> {
    Entry {
        snapshot: snapshot.id(),
        parent: snapshot.parent(),
        committed_at: snapshot.committed_at(),
        deliveries: snapshot.deliveries().len(),
        contacts: snapshot.rows("contacts"),
        clients: snapshot.rows("clients"),
    }
}
