//! The tables of `pg_catalog` and `information_schema`: how clients find out which tables and columns there are.
//!
//! They describe the tables that the session has and nothing else. Written from PostgreSQL's documentation of its system
//! catalogues; only what clients were seen to ask for is there.
//!
//! - [`layout`]: which tables there are, with their columns.
//! - [`types`]: the types that columns and parameters have.
//! - [`tables`]: the rows.
//! - [`functions`]: the functions that go with them.

mod functions;
mod layout;
mod tables;
mod types;

use std::sync::{Arc, Mutex};

use virta_query::MemoryTable;

use crate::host::ShownTable;
use crate::settings::Settings;

pub(crate) use functions::functions;

/// The catalogue of one session.
#[derive(Debug)]
pub(crate) struct Catalogue {
    tables: Vec<MemoryTable>,
    names: Names,
}

/// What the functions look up: everything that has a number, by number and by name.
#[derive(Debug, Default)]
pub(crate) struct Names {
    pub schemas: Vec<(u32, String)>,
    pub(crate) relations: Vec<Relation>,
}

/// A table with its number.
#[derive(Debug)]
pub(crate) struct Relation {
    pub(crate) oid: u32,
    pub schema: String,
    pub name: String,
    pub comment: String,
    pub(crate) column_comments: Vec<String>,
}

/// Numbers of schemas begin here, as PostgreSQL's own do for what users make.
const FIRST_SCHEMA: u32 = 16_384;
/// Numbers of tables begin here.
const FIRST_RELATION: u32 = 20_000;
/// Who owns everything.
const OWNER: u32 = 10;
const OWNER_NAME: &str = "virta";
/// The number of the database; there is one for each store, and a client sees the others by name only.
const FIRST_DATABASE: u32 = 5;
const SYSTEM_SCHEMA: u32 = 11;
const INFORMATION_SCHEMA: u32 = 13_000;
const TEXT_COLLATION: u32 = 100;

impl Catalogue {
    pub(crate) fn new(
        shown: &[ShownTable],
        stores: &[String],
        store: &str,
        user: &str,
        settings: &Arc<Mutex<Settings>>,
    ) -> Self {
        let mut names = Names {
            schemas: vec![(SYSTEM_SCHEMA, "pg_catalog".into()), (INFORMATION_SCHEMA, "information_schema".into())],
            relations: Vec::new(),
        };
        // The tables of the catalogue that clients name by their numbers.
        for (oid, name) in layout::NUMBERED {
            names.relations.push(Relation {
                oid: *oid,
                schema: "pg_catalog".to_owned(),
                name: (*name).to_owned(),
                comment: String::new(),
                column_comments: Vec::new(),
            });
        }
        for (oid, table) in (FIRST_RELATION..).zip(shown) {
            if !names.schemas.iter().any(|(_, name)| *name == table.schema) {
                names.schemas.push((FIRST_SCHEMA + names.schemas.len() as u32, table.schema.clone()));
            }
            names.relations.push(Relation {
                oid,
                schema: table.schema.clone(),
                name: table.name.clone(),
                comment: table.comment.clone(),
                column_comments: table.columns.iter().map(|column| column.comment.clone()).collect(),
            });
        }
        let tables = tables::tables(shown, &names, stores, store, user, settings);
        Catalogue { tables, names }
    }

    pub(crate) fn tables(&self) -> Vec<MemoryTable> {
        self.tables.clone()
    }

    pub(crate) fn into_names(self) -> Names {
        self.names
    }
}

impl Names {
    pub(crate) fn schema_oid(&self, name: &str) -> Option<u32> {
        self.schemas.iter().find(|(_, own)| own == name).map(|(oid, _)| *oid)
    }

    pub(crate) fn schema_name(&self, oid: i64) -> Option<&str> {
        self.schemas.iter().find(|(own, _)| i64::from(*own) == oid).map(|(_, name)| name.as_str())
    }

    pub(crate) fn relation(&self, oid: i64) -> Option<&Relation> {
        self.relations.iter().find(|relation| i64::from(relation.oid) == oid)
    }

    /// A table by name, as a statement would write it: with or without schema and quotes, or by its number.
    pub(crate) fn relation_named(&self, text: &str) -> Option<&Relation> {
        if let Ok(oid) = text.parse() {
            return self.relation(oid);
        }
        let parts: Vec<String> = virta_access::pieces(text)
            .filter(|piece| piece.text != "." && piece.kind != virta_access::Kind::Blank)
            .map(|piece| if piece.kind == virta_access::Kind::Word { piece.text.to_lowercase() } else { piece.value() })
            .collect();
        let is = |relation: &&Relation| match parts.as_slice() {
            [name] => relation.name == *name && ["store", "pg_catalog"].contains(&relation.schema.as_str()),
            [.., schema, name] => relation.schema == *schema && relation.name == *name,
            [] => false,
        };
        self.relations.iter().find(is)
    }
}
