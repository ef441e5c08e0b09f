//! Pilots between the store and the core: their clients, and baselines that an earlier run froze.

use std::collections::BTreeMap;

use virta_flow::{Frozen, PilotClient};
use virta_model::Table;
use virta_model::schema::{PILOT_BALANCE, PILOT_CLIENTS, PILOTS};
use virta_model::settings::Study;
use virta_store::{Snapshot, Store};

use crate::failure::Failure;
use crate::view::View;

/// Everybody in the snapshot's table of pilots.
pub(crate) fn clients(snapshot: &Snapshot) -> Result<Vec<PilotClient>, Failure> {
    let table = snapshot.table(&PILOTS)?;
    let rows = View { table: &table }.rows();
    let clients = rows.filter_map(|row| {
        Some(PilotClient {
            pilot: row.text("pilot").to_owned(),
            client_id: row.int("client_id")?,
            index_date: row.day("index_date")?,
            left_on: row.day("left_on"),
        })
    });
    Ok(clients.collect())
}

/// By the name under which results keep it, the hash of what decides each pilot's baseline.
pub(crate) fn definitions(study: &Study, text: &str) -> BTreeMap<String, String> {
    let hash = |pilot: &str| Some(blake3::hash(Study::baseline_definition(text, pilot)?.as_bytes()).to_hex());
    let pilots = study.pilots.iter().map(|pilot| pilot.name.as_str());
    pilots.filter_map(|pilot| Some((format!("baseline_{pilot}"), hash(pilot)?.to_string()))).collect()
}

/// The pilots' tables of a study's current results.
#[derive(Debug)]
pub(crate) struct Earlier {
    clients: Table,
    balance: Table,
    /// The pilots whose baselines are decided as they were then.
    pilots: Vec<String>,
}

impl Earlier {
    /// What can be kept of the current results of a study; `None` when there are none, or nothing in them can be.
    pub(crate) fn read(store: &Store, study: &Study, text: &str) -> Result<Option<Self>, Failure> {
        let results = match store.results(&study.study.name) {
            Ok(results) => results,
            Err(virta_store::Error::NoStudy { .. }) => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let now = definitions(study, text);
        let same = |pilot: &str| {
            let name = format!("baseline_{pilot}");
            now.get(&name).is_some_and(|definition| results.meta().settings.get(&name) == Some(definition))
        };
        let pilots: Vec<String> =
            study.pilots.iter().map(|pilot| &pilot.name).filter(|name| same(name)).cloned().collect();
        if pilots.is_empty() {
            return Ok(None);
        }
        let (clients, balance) = (results.table(&PILOT_CLIENTS)?, results.table(&PILOT_BALANCE)?);
        Ok(Some(Earlier { clients, balance, pilots }))
    }

    pub(crate) fn frozen(&self) -> Vec<Frozen<'_>> {
        let Earlier { clients, balance, pilots } = self;
        pilots.iter().map(|pilot| Frozen { pilot, clients, balance }).collect()
    }
}
