//! What the door asks of the program that opens it.

use std::sync::Arc;

use arrow::datatypes::DataType;
use virta_access::{Role, UseLog, Users};
use virta_query::{Options, Session};

/// Who may enter, what there is to see, and where uses are written down.
pub trait Host: Send + Sync + 'static {
    /// The users as they are now: asked at every login, so that who was removed is out.
    ///
    /// # Errors
    /// What the data unit reads on the server's side when the file cannot be used; clients are not told.
    fn users(&self) -> Result<Users, String>;

    /// The names of the stores, which are the names of databases, the first of them the one that a client gets that
    /// names none.
    fn stores(&self) -> Vec<String>;

    /// Opens a session for a role on a snapshot of a store, the newest when `None`. Options are the door's; the host adds
    /// what it knows.
    ///
    /// # Errors
    /// What the client is told: it must hold no value of a row and no path.
    fn open(&self, store: &str, role: &Role, snapshot: Option<&str>, options: Options) -> Result<Opened, String>;

    /// The log of use of a store.
    fn log(&self, store: &str) -> Option<Arc<UseLog>>;
}

/// A session that was opened for somebody.
#[derive(Debug)]
pub struct Opened {
    pub session: Session,
    /// The snapshot's id.
    pub snapshot: String,
    /// The tables that the session has, with what they mean.
    pub tables: Vec<ShownTable>,
}

/// A table as clients are told of it.
#[derive(Debug, Clone, PartialEq)]
pub struct ShownTable {
    pub schema: String,
    pub name: String,
    pub comment: String,
    /// How many rows there are, where that may be told.
    pub rows: Option<u64>,
    pub columns: Vec<ShownColumn>,
}

/// A column as clients are told of it.
#[derive(Debug, Clone, PartialEq)]
pub struct ShownColumn {
    pub name: String,
    pub data_type: DataType,
    pub is_nullable: bool,
    pub comment: String,
}

/// The tables of a session over a store and its studies, with what the dictionary says of them.
pub fn shown(session: &Session) -> Vec<ShownTable> {
    let mut tables = Vec::new();
    for schema in session.schemas() {
        for table in &schema.tables {
            let column = |field: &Arc<arrow::datatypes::Field>| {
                let meaning = table.meaning.and_then(|meaning| meaning.column(field.name()));
                let comment = meaning.map_or_else(String::new, |column| match column.kind.unit() {
                    "" => column.meaning.en.to_owned(),
                    unit => format!("{} [{unit}]", column.meaning.en),
                });
                ShownColumn {
                    name: field.name().clone(),
                    data_type: field.data_type().clone(),
                    is_nullable: field.is_nullable(),
                    comment,
                }
            };
            tables.push(ShownTable {
                schema: schema.unquoted_name(),
                name: table.name.clone(),
                comment: table.meaning.map_or_else(String::new, |meaning| meaning.grain.en.to_owned()),
                rows: Some(table.rows),
                columns: table.columns().fields().iter().map(column).collect(),
            });
        }
    }
    tables
}
