//! SQL over a store's snapshot and its studies: read-only, checked, planned from the layout of the files.
//!
//! - [`Session`] opens a snapshot and studies' results; [`Session::query`] gives an [`Answer`], batch by batch.
//! - The tables of the store are in the schema `store`, which need not be written; a study's tables are in a schema
//!   of the study's name, and of the same name with `_` for everything that would need quotes.
//! - [`Session::prepare`] and [`Session::ask`] are for statements with parameters; sessions may share one [`Engine`].
//! - [`Options::workers`] are other machines that run shares of statements; there [`Session::run_share`] does it.
//! - Nothing but reading is possible, and no error tells a value of a row. See [`Error`].
//! - [`functions()`] lists the functions of the domain.
//!
//! This is the only crate that names DataFusion: results are Arrow batches.
//!
//! ```
//! use virta_model::schema::SERVICES;
//! use virta_model::{Table, Value};
//! use virta_query::{Options, Session};
//! use virta_store::{InitOptions, Store};
//! # let folder = tempfile::tempdir()?;
//! # let path = folder.path().join("store");
//! # let store = Store::init(&path, &InitOptions::new("key-1"))?;
//! # let mut services = Table::new(&SERVICES);
//! # let none = Value::Null;
//! # services.push(&[Value::Text("gp"), none, Value::Text("primary"), Value::Flag(false), none, none, none]);
//! # let commit = store.begin()?;
//! # commit.replace(&services)?;
//! # commit.finish()?;
//! let session = Session::open(&store.current()?, &[], Options::default())?;
//! let batches = session.query("select count(*) as n from services")?.collect()?;
//! assert_eq!(batches[0].num_rows(), 1);
//! assert!(session.query("drop table services").is_err());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod answer;
mod catalogue;
mod codes;
mod context;
mod describe;
mod engine;
mod error;
mod files;
mod functions;
mod grouping;
mod guard;
mod host;
mod layout;
mod mend;
mod plain;
mod planning;
mod prepared;
mod questions;
mod reword;
mod rules;
mod scan;
mod session;
mod shares;
mod statement;
mod stop;
mod table;
mod types;
mod window;

pub use answer::Answer;
pub use catalogue::{SchemaEntry, TableEntry};
pub use codes::holds_identity_code;
pub use context::Options;
pub use describe::type_name;
pub use engine::Engine;
pub use error::{Complaint, Error, Position, Result};
pub use functions::{Function, functions};
pub use host::{HostAnswer, HostFunction, MemoryTable};
pub use prepared::{Bound, Prepared};
pub use questions::{Argument, Ask, Question, Value};
pub use reword::nearest;
pub use session::Session;
pub use shares::{Share, Workers};
pub use statement::WrittenFor;
pub use stop::{Stop, StopWhenDropped};
