//! `virta paths`: the Parquet files of a snapshot and of the studies, for DuckDB, Polars and R.

use serde::Serialize;
use virta_model::schema::{self, Kind};
use virta_store::{Error, Snapshot, Store};

use crate::args::PathsArgs;
use crate::failure::Failure;
use crate::output::Output;

pub(crate) fn run(args: &PathsArgs, out: &mut Output) -> Result<(), Failure> {
    let store = Store::open(&args.store)?;
    let snapshot = super::snapshot_of(&store, &args.as_of)?;
    let mut tables = store_tables(&snapshot)?;
    tables.extend(study_tables(&store, &snapshot, args.as_of.as_of.is_some())?);
    if let Some(wanted) = &args.table {
        let wanted = wanted.strip_prefix("store.").unwrap_or(wanted);
        tables.retain(|table| table.table == wanted);
        if tables.is_empty() {
            return Err(unknown(wanted));
        }
    }
    if args.duckdb {
        return tables.iter().try_for_each(|table| out.text(view(table)));
    }
    out.document(&tables)?;
    if out.is_json() {
        return Ok(());
    }
    let only_one = args.table.is_some();
    for table in &tables {
        for path in &table.files {
            out.text(if only_one { path.clone() } else { format!("{}\t{path}", table.table) })?;
        }
    }
    Ok(())
}

#[derive(Serialize)]
struct TableFiles {
    table: String,
    rows: u64,
    files: Vec<String>,
}

/// A view over the files of a table. A study's tables are in a schema of the study's name, as in `virta sql`. A table
/// without rows has no files: its view has the columns alone.
fn view(table: &TableFiles) -> String {
    let quoted = |name: &str| format!("\"{}\"", name.replace('"', "\"\""));
    if table.files.is_empty() {
        return match schema::STORE.iter().find(|schema| schema.name == table.table) {
            Some(schema) => {
                let columns = schema.columns.iter();
                let columns = columns
                    .map(|column| format!("cast(null as {}) as {}", duckdb_type(column.kind), quoted(column.name)));
                let columns: Vec<_> = columns.collect();
                format!("create or replace view {} as select {} where false;", quoted(&table.table), columns.join(", "))
            }
            None => format!("-- {} has no rows", table.table),
        };
    }
    let files: Vec<String> = table.files.iter().map(|file| format!("'{}'", file.replace('\'', "''"))).collect();
    let from = format!("select * from read_parquet([{}]);", files.join(", "));
    match table.table.split_once('.') {
        Some((study, name)) => {
            let fits = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' };
            let schema: String = study.chars().map(fits).collect();
            let (schema, name) = (quoted(&schema), quoted(name));
            format!("create schema if not exists {schema};\ncreate or replace view {schema}.{name} as {from}")
        }
        None => format!("create or replace view {} as {from}", quoted(&table.table)),
    }
}

/// As DuckDB reads the column from a file.
fn duckdb_type(kind: Kind) -> &'static str {
    match kind {
        Kind::Id | Kind::Count | Kind::Cents => "BIGINT",
        Kind::Date => "DATE",
        Kind::Time => "TIME",
        Kind::Text | Kind::Code => "VARCHAR",
        Kind::Flag => "BOOLEAN",
        Kind::Ratio => "DOUBLE",
    }
}

/// The store's tables. Every file is checked before its path is given away, since other readers check nothing.
fn store_tables(snapshot: &Snapshot) -> Result<Vec<TableFiles>, Failure> {
    let mut tables = Vec::new();
    for table in schema::STORE {
        let files = snapshot.files(table.name).iter();
        let paths = files.map(|file| Ok(snapshot.verify_file(table.name, file)?.display().to_string()));
        tables.push(TableFiles {
            table: table.name.to_owned(),
            rows: snapshot.rows(table.name),
            files: paths.collect::<Result<_, Error>>()?,
        });
    }
    Ok(tables)
}

fn study_tables(store: &Store, snapshot: &Snapshot, as_of: bool) -> Result<Vec<TableFiles>, Failure> {
    let mut tables = Vec::new();
    for study in store.studies()? {
        let results = match if as_of { store.results_on(&study, snapshot.id()) } else { store.results(&study) } {
            Ok(results) => results,
            Err(Error::NoStudy { .. }) => continue,
            Err(error) => return Err(error.into()),
        };
        for table in results.tables() {
            tables.push(TableFiles {
                table: format!("{study}.{table}"),
                rows: results.rows(table).unwrap_or(0),
                files: vec![results.verify_file(table)?.display().to_string()],
            });
        }
    }
    Ok(tables)
}

fn unknown(table: &str) -> Failure {
    let names: Vec<_> = schema::STORE.iter().map(|table| table.name).collect();
    Failure::refused(format!("there is no table `{table}`"))
        .fix(format!("name one of {}, or STUDY.TABLE; virta paths STORE lists them all", names.join(", ")))
}
