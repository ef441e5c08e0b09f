//! `virta dictionary`: every table and column with meaning and unit.

use serde::Serialize;
use virta_model::dictionary::{Language, grain, meaning};
use virta_model::schema::{self, Kind, TableSchema};

use crate::args::{DictionaryArgs, Lang};
use crate::failure::Failure;
use crate::output::Output;
use crate::render::Grid;

pub fn run(args: &DictionaryArgs, out: &mut Output) -> Result<(), Failure> {
    let language = match args.lang {
        Lang::Fi => Language::Finnish,
        Lang::Sv => Language::Swedish,
        Lang::En => Language::English,
    };
    out.document(&Dictionary {
        store: schema::STORE.iter().map(|table| entry(table, language)).collect(),
        study: schema::COHORT.iter().map(|table| entry(table, language)).collect(),
    })?;
    if out.is_json() {
        return Ok(());
    }
    let mut text = String::new();
    let [of_store, of_study] = match language {
        Language::Finnish => ["Varaston taulut", "Tutkimuksen taulut"],
        Language::Swedish => ["Lagrets tabeller", "Studiens tabeller"],
        Language::English => ["Tables of the store", "Tables of a study"],
    };
    for (heading, tables) in [(of_store, schema::STORE), (of_study, schema::COHORT)] {
        text.push_str(&format!("{}\n{}\n\n", heading, "=".repeat(heading.chars().count())));
        for table in tables {
            text.push_str(&page(table, language));
            text.push('\n');
        }
    }
    out.text(text.trim_end())
}

fn page(table: &TableSchema, language: Language) -> String {
    let (heads, yes, row) = match language {
        Language::Finnish => (["sarake", "tyyppi", "yksikkö", "tyhjä", "merkitys"], "kyllä", "rivi on"),
        Language::Swedish => (["kolumn", "typ", "enhet", "tom", "betydelse"], "ja", "en rad är"),
        Language::English => (["column", "type", "unit", "null", "meaning"], "yes", "a row is"),
    };
    let mut grid = Grid::new(&heads);
    for column in table.columns {
        grid.row([
            column.name.to_owned(),
            type_name(column.kind).to_owned(),
            column.kind.unit().to_owned(),
            if column.nullable { yes } else { "" }.to_owned(),
            meaning(column, language).to_owned(),
        ]);
    }
    format!("{}: {row} {}\n{}\n", table.name, grain(table, language), grid.text())
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

fn entry(table: &TableSchema, language: Language) -> TableEntry {
    TableEntry {
        table: table.name,
        row: grain(table, language),
        columns: table
            .columns
            .iter()
            .map(|column| ColumnEntry {
                column: column.name,
                type_name: type_name(column.kind),
                unit: column.kind.unit(),
                nullable: column.nullable,
                meaning: meaning(column, language),
            })
            .collect(),
    }
}
