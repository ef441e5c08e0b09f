//! `virta dictionary`: every table and column with meaning and unit.

use serde::Serialize;
use virta_model::schema::{self, Kind, TableSchema};

use crate::args::{DictionaryArgs, Lang};
use crate::failure::Failure;
use crate::output::Output;
use crate::render::Grid;

pub fn run(args: &DictionaryArgs, out: &mut Output) -> Result<(), Failure> {
    if args.lang != Lang::En {
        return Err(Failure::refused("the dictionary is in English so far").fix("use --lang en"));
    }
    out.document(&Dictionary {
        store: schema::STORE.iter().map(|table| entry(table)).collect(),
        study: schema::COHORT.iter().map(|table| entry(table)).collect(),
    })?;
    if out.is_json() {
        return Ok(());
    }
    let mut text = String::new();
    for (heading, tables) in [("Tables of the store", schema::STORE), ("Tables of a study", schema::COHORT)] {
        text.push_str(&format!("{}\n{}\n\n", heading, "=".repeat(heading.len())));
        for table in tables {
            text.push_str(&page(table));
            text.push('\n');
        }
    }
    out.text(text.trim_end())
}

fn page(table: &TableSchema) -> String {
    let mut grid = Grid::new(&["column", "type", "unit", "null", "meaning"]);
    for column in table.columns {
        grid.row([
            column.name.to_owned(),
            type_name(column.kind).to_owned(),
            column.kind.unit().to_owned(),
            if column.nullable { "yes" } else { "" }.to_owned(),
            column.doc.to_owned(),
        ]);
    }
    format!("{}: a row is {}\n{}\n", table.name, table.grain, grid.text())
}

/// The SQL type of a kind.
const fn type_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Id | Kind::Count | Kind::Cents => "bigint",
        Kind::Date => "date",
        Kind::Time => "time",
        Kind::Text | Kind::Code => "text",
        Kind::Flag => "boolean",
        Kind::Ratio => "double",
    }
}

#[derive(Serialize)]
struct Dictionary {
    store: Vec<TableEntry>,
    study: Vec<TableEntry>,
}

#[derive(Serialize)]
struct TableEntry {
    table: &'static str,
    row: &'static str,
    columns: Vec<ColumnEntry>,
}

#[derive(Serialize)]
struct ColumnEntry {
    column: &'static str,
    #[serde(rename = "type")]
    type_name: &'static str,
    unit: &'static str,
    nullable: bool,
    meaning: &'static str,
}

fn entry(table: &TableSchema) -> TableEntry {
    TableEntry {
        table: table.name,
        row: table.grain,
        columns: table
            .columns
            .iter()
            .map(|column| ColumnEntry {
                column: column.name,
                type_name: type_name(column.kind),
                unit: column.kind.unit(),
                nullable: column.nullable,
                meaning: column.doc,
            })
            .collect(),
    }
}
