//! What a run is given of pilots.

use virta_model::{Day, Table};

/// A client of a pilot, as the store's table or a list names them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PilotClient {
    pub pilot: String,
    pub client_id: i64,
    /// The day on which the intervention began. It belongs to neither window.
    pub index_date: Day,
    /// The last day in the pilot; the window after ends with it.
    pub left_on: Option<Day>,
}

/// The tables of an earlier run of the same pilot, by the same rules of matching.
#[derive(Debug, Clone, Copy)]
pub struct Frozen<'a> {
    pub pilot: &'a str,
    /// Its `pilot_clients`.
    pub clients: &'a Table,
    /// Its `pilot_balance`.
    pub balance: &'a Table,
}
