//! What a connection keeps of statements: prepared ones, and those that are being answered.

use std::sync::Arc;

use virta_query::{Bound, Prepared};

use crate::command::Command;
use crate::run::Run;
use crate::values::Field;

/// A statement that was prepared.
#[derive(Debug)]
pub(super) struct Statement {
    pub(super) command: Command,
    /// Types that the client declared, 0 where it left them open.
    pub(super) declared: Vec<u32>,
    /// What the engine says of it, once it was asked.
    pub(super) known: Option<Prepared>,
}

/// A statement with its values, whole or in part answered.
#[derive(Debug)]
pub(super) struct Portal {
    pub(super) command: Command,
    pub(super) values: Vec<Bound>,
    pub(super) formats: Vec<i16>,
    /// The columns that the client was told of when the statement was described.
    pub(super) told: Option<Arc<Vec<Field>>>,
    pub(super) run: Option<Run>,
    pub(super) is_done: bool,
    /// Made by `declare`, so that it outlives the messages of the extended protocol.
    pub(super) is_cursor: bool,
    pub(super) is_held: bool,
    pub(super) is_binary: bool,
}

impl Portal {
    pub(super) fn new(command: Command, values: Vec<Bound>, formats: Vec<i16>) -> Self {
        Portal {
            command,
            values,
            formats,
            told: None,
            run: None,
            is_done: false,
            is_cursor: false,
            is_held: false,
            is_binary: false,
        }
    }

    /// Which columns `fetch` sends in binary form: all of a cursor that was declared so, whatever a Bind asked for.
    pub(super) fn is_fetched_binary(&self, columns: usize) -> Vec<bool> {
        vec![self.is_binary; columns]
    }

    /// Which columns are sent in binary form.
    pub(super) fn is_binary(&self, columns: usize) -> Vec<bool> {
        let of = |at: usize| match self.formats.as_slice() {
            [] => self.is_binary,
            [one] => *one == 1,
            each => each.get(at) == Some(&1),
        };
        (0..columns).map(of).collect()
    }
}
