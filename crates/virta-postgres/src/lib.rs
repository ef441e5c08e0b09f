//! The door for clients of PostgreSQL: psql, R, Python, DBeaver, Excel.
//!
//! A [`Door`] is made over a [`Host`], the program that has the stores, with the [`Limits`] of what one connection may
//! take. [`serve_until`] lets people in; each connection logs in by SCRAM-SHA-256, has a session of its own over one
//! snapshot, and only reads. What somebody sees is decided by the [`Host`], which opens a session for a role; a role that may not see
//! rows gets a session in which there are protected tables and nothing else, so that no statement can reach more.
//!
//! Inside:
//!
//! - `wire`: messages. `values`: types and values on the wire.
//! - `login`: who comes in. `connection`: what is done for somebody who is in.
//! - `command` and `settings`: statements that are the door's own.
//! - `catalogue`: the tables by which clients find out what there is.
//! - `cancel`: how a statement ends early.

mod arrivals;
mod cancel;
mod catalogue;
mod command;
mod connection;
mod door;
mod error;
mod host;
mod listen;
mod login;
mod rows;
mod run;
mod settings;
mod values;
mod wire;

pub use door::{Door, DoorError, Limits};
pub use host::{Host, Opened, ShownColumn, ShownTable, shown};
pub use listen::{Listening, serve_until};
