//! Baselines that an earlier run made and that this one keeps.
//!
//! A baseline is frozen by client: the comparison clients it was given, who all of them were, and what they used in the
//! window before. A later run, on a newer snapshot, takes these as they are and reads only what came after; clients who
//! have joined the pilot since are matched with those who are left.

use std::collections::BTreeMap;

use virta_model::{Sex, Table, Value};

use super::details::{Detail, Stretch};
use super::pool::Who;
use super::windows::{Use, Windows};
use crate::input::columns::NO_CODE;
use crate::input::pilots::Frozen;

/// The frozen baseline of one client of the pilot.
#[derive(Debug, Clone)]
pub(super) struct FrozenSet {
    pub index: i32,
    pub snapshot: String,
    pub period: Option<String>,
    pub own: FrozenClient,
    pub matches: Vec<FrozenClient>,
}

#[derive(Debug, Clone)]
pub(super) struct FrozenClient {
    pub client_id: i64,
    pub level: Option<u8>,
    pub decile: Option<u8>,
    pub detail: Detail,
}

impl Frozen<'_> {
    /// By client of the pilot, with the order in which their comparison clients were given. A client without a baseline
    /// has nothing to keep.
    pub(super) fn sets(&self) -> BTreeMap<i64, FrozenSet> {
        let mut sets: BTreeMap<i64, FrozenSet> = BTreeMap::new();
        for row in 0..self.clients.rows() {
            let row = Row { table: self.clients, row };
            if row.text("pilot") != Some(self.pilot) || row.text("window") != Some("before") {
                continue;
            }
            let (Some(client_id), Some(index), Some(snapshot)) =
                (row.int("client_id"), row.date("index_date"), row.text("baseline_snapshot"))
            else {
                continue;
            };
            let with = row.int("matched_with");
            if let (Some(service), Some(set)) = (row.text("service"), sets.get_mut(&with.unwrap_or(client_id))) {
                let client = if with.is_some() { set.matches.last_mut() } else { Some(&mut set.own) };
                if let Some(client) = client {
                    client.detail.before.by_service.push((service.to_owned(), row.used()));
                }
                continue;
            }
            let client = row.client(client_id);
            match with {
                None => {
                    let (snapshot, matches) = (snapshot.to_owned(), Vec::new());
                    sets.insert(client_id, FrozenSet { index, snapshot, period: None, own: client, matches });
                }
                Some(with) => {
                    if let Some(set) = sets.get_mut(&with) {
                        set.period = row.text("pool_period").map(str::to_owned);
                        set.matches.push(client);
                    }
                }
            }
        }
        sets
    }
}

/// One row of the clients' table, by column name.
#[derive(Clone, Copy)]
struct Row<'a> {
    table: &'a Table,
    row: usize,
}

impl<'a> Row<'a> {
    fn value(self, column: &str) -> Value<'a> {
        self.table.schema.index_of(column).map_or(Value::Null, |at| self.table.value(self.row, at))
    }

    fn int(self, column: &str) -> Option<i64> {
        if let Value::Int(value) = self.value(column) { Some(value) } else { None }
    }

    fn date(self, column: &str) -> Option<i32> {
        if let Value::Date(value) = self.value(column) { Some(value) } else { None }
    }

    fn text(self, column: &str) -> Option<&'a str> {
        if let Value::Text(value) = self.value(column) { Some(value) } else { None }
    }

    fn used(self) -> Use {
        let int = |column| self.int(column).unwrap_or(0);
        let contacts = int("contacts");
        Use {
            services: int("services"),
            contacts,
            stay_days: int("stay_days"),
            cost_cents: int("cost_cents"),
            // How many had a price is not kept, only whether any had.
            priced_contacts: self.int("cost_cents").map_or(0, |_| contacts),
            emergency_contacts: int("emergency_contacts"),
            providers: int("providers"),
        }
    }

    fn client(self, client_id: i64) -> FrozenClient {
        let small = |column| self.int(column).and_then(|value| u8::try_from(value).ok());
        let person = Who {
            sex: self.text("sex").and_then(Sex::parse),
            age: self.int("age").and_then(|age| i32::try_from(age).ok()),
            // Matching is over, and its code is kept.
            municipality: NO_CODE,
        };
        let observed_days = self.int("observed_days").unwrap_or(0);
        let observed_until = self.date("to_date").unwrap_or(i32::MIN);
        FrozenClient {
            client_id,
            level: small("match_level"),
            decile: small("cost_decile"),
            detail: Detail {
                person,
                municipality: self.text("municipality").map(str::to_owned),
                before: Stretch { observed_days, observed_until, used: self.used(), by_service: Vec::new() },
                after: Stretch::default(),
                goes_on: false,
            },
        }
    }
}

/// The windows of a comparison client: who joins a pilot later is no longer without one.
pub(super) fn until_joining(windows: Windows, joined: Option<i32>) -> Windows {
    let mut windows = windows;
    windows.after.last = windows.after.last.min(joined.map_or(i32::MAX, |joined| joined.saturating_sub(1)));
    windows
}
