//! The schemas and tables of a session, made from the same definitions as the store's files.

use std::sync::{Arc, OnceLock};

use arrow::datatypes::SchemaRef;
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions};
use virta_model::schema::{COHORT, FOLLOW_UP, STORE, TableSchema};
use virta_store::{Snapshot, StudyResults, arrow_schema};

use crate::error::{Error, Result};
use crate::files::{Origin, TableFile};
use crate::layout::Cut;
use crate::table::StoreTable;

/// The schema of the store's tables.
pub(crate) const STORE_SCHEMA: &str = "store";

/// A schema of a session: the store, or a study.
#[derive(Debug)]
pub struct SchemaEntry {
    pub name: String,
    pub tables: Vec<TableEntry>,
}

impl SchemaEntry {
    /// The name that needs no quotes: lower case, with `_` for what an unquoted name cannot hold.
    pub fn unquoted_name(&self) -> String {
        let fits = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' };
        self.name.chars().map(fits).collect()
    }
}

/// A table of a session.
#[derive(Debug)]
pub struct TableEntry {
    pub name: String,
    pub rows: u64,
    /// What the columns mean; `None` for a table that this version does not know.
    pub meaning: Option<&'static TableSchema>,
    pub(crate) provider: Arc<StoreTable>,
}

impl TableEntry {
    /// The columns in order, with their types.
    pub fn columns(&self) -> &SchemaRef {
        &self.provider.schema
    }
}

/// `store` first, then the studies in their order.
pub(crate) fn schemas(snapshot: &Snapshot, studies: &[StudyResults], threads: usize) -> Result<Vec<SchemaEntry>> {
    let cut = Cut::new(snapshot.bucket_count(), threads);
    let store = STORE.iter().map(|schema| store_table(snapshot, schema, cut)).collect();
    let mut schemas = vec![SchemaEntry { name: STORE_SCHEMA.to_owned(), tables: store }];
    for study in studies {
        let tables = study.tables().map(|table| study_table(study, table)).collect::<Result<_>>()?;
        schemas.push(SchemaEntry { name: study.study().to_owned(), tables });
    }
    Ok(schemas)
}

/// Files of a table that may stay open: few beside what a process is allowed.
const FILES_OPEN_MAX: usize = 128;

fn store_table(snapshot: &Snapshot, schema: &'static TableSchema, cut: Cut) -> TableEntry {
    let name = schema.name;
    let files: Vec<Arc<TableFile>> = snapshot
        .files(name)
        .iter()
        .map(|file| {
            let path = snapshot.path(name, file);
            let (own, entry) = (snapshot.clone(), file.clone());
            let check = move || own.verify_file(name, &entry).map(|_| ());
            let mut opened = TableFile::new(path, file.bytes, file.rows, check);
            opened.bucket = file.bucket;
            opened.stays_open = snapshot.files(name).len() <= FILES_OPEN_MAX;
            opened.clients = file.first_client.zip(file.last_client);
            Arc::new(opened)
        })
        .collect();
    let is_cut = schema.has_clients() && files.iter().all(|file| file.bucket.is_some() && file.clients.is_some());
    let provider = StoreTable {
        schema: arrow_schema(schema),
        files,
        order: schema.row_order(),
        cut: is_cut.then_some(cut),
        origin: Some(Origin { snapshot: snapshot.clone(), table: name }),
        has_no_sequence: OnceLock::new(),
    };
    TableEntry { name: name.to_owned(), rows: snapshot.rows(name), meaning: Some(schema), provider: Arc::new(provider) }
}

fn study_table(study: &StudyResults, name: &str) -> Result<TableEntry> {
    let rows = study.rows(name).unwrap_or_default();
    let path = study.path(name)?;
    let meaning = COHORT.iter().find(|schema| schema.name == name).copied();
    // The columns of follow-ups are the study's own.
    let schema = match meaning.filter(|meaning| meaning.name != FOLLOW_UP.name) {
        Some(meaning) => arrow_schema(meaning),
        None => file_schema(study, name)?,
    };
    let bytes = std::fs::metadata(&path).map_or(0, |metadata| metadata.len());
    let (study, table) = (study.clone(), name.to_owned());
    let check = move || study.verify_file(&table).map(|_| ());
    let file = TableFile::new(path, bytes, rows, check);
    let provider = StoreTable {
        schema,
        files: vec![Arc::new(file)],
        order: Vec::new(),
        cut: None,
        origin: None,
        has_no_sequence: OnceLock::new(),
    };
    Ok(TableEntry { name: name.to_owned(), rows, meaning, provider: Arc::new(provider) })
}

/// The columns of a table that another version wrote, as its file tells them.
fn file_schema(study: &StudyResults, name: &str) -> Result<SchemaRef> {
    let unreadable = |_| Error::Engine("a study's file cannot be read; run the study again");
    let file = std::fs::File::open(study.verify_file(name)?).map_err(|error| Error::Spill(error.kind().to_string()))?;
    let metadata = ArrowReaderMetadata::load(&file, ArrowReaderOptions::new()).map_err(unreadable)?;
    Ok(Arc::clone(metadata.schema()))
}
