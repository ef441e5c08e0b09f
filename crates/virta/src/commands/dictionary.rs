//! `virta dictionary`: every table and column with meaning and unit, and the analyses that SQL answers as functions.

use serde::Serialize;
use virta_model::schema::{self, Kind, TableSchema};
use virta_model::{Lang, Text};

use crate::args::DictionaryArgs;
use crate::failure::Failure;
use crate::output::Output;
use crate::render::Grid;
use crate::table_functions::{TABLE_FUNCTIONS, TableFunction};

pub(crate) fn run(args: &DictionaryArgs, out: &mut Output) -> Result<(), Failure> {
    out.document(&Dictionary {
        store: schema::STORE.iter().map(|table| entry(table, args.lang)).collect(),
        study: schema::COHORT.iter().map(|table| entry(table, args.lang)).collect(),
        functions: TABLE_FUNCTIONS.iter().map(|function| function_entry(function, args.lang)).collect(),
    })?;
    if out.is_json() {
        return Ok(());
    }
    let mut text = String::new();
    for (heading, tables) in [(OF_STORE, schema::STORE), (OF_STUDY, schema::COHORT)] {
        text.push_str(&underlined(heading.of(args.lang)));
        for table in tables {
            text.push_str(&page(table, args.lang));
            text.push('\n');
        }
    }
    text.push_str(&underlined(FUNCTIONS.of(args.lang)));
    for TableFunction { usage, doc, example, .. } in TABLE_FUNCTIONS {
        text.push_str(&format!("{usage}\n    {}\n    {example};\n\n", doc.of(args.lang)));
    }
    out.text(text.trim_end())
}

const OF_STORE: Text = Text::new("Varaston taulut", "Lagrets tabeller", "Tables of the store");
const OF_STUDY: Text = Text::new("Tutkimuksen taulut", "Studiens tabeller", "Tables of a study");
const FUNCTIONS: Text = Text::new("SQL:n taulufunktiot", "Tabellfunktioner i SQL", "Table functions of SQL");
const HEADS: [Text; 5] = [
    Text::new("sarake", "kolumn", "column"),
    Text::new("tyyppi", "typ", "type"),
    Text::new("yksikkö", "enhet", "unit"),
    Text::new("tyhjä", "tom", "null"),
    Text::new("merkitys", "betydelse", "meaning"),
];
const YES: Text = Text::new("kyllä", "ja", "yes");
const ROW: Text = Text::new("rivi on", "en rad är", "a row is");

fn underlined(heading: &str) -> String {
    format!("{heading}\n{}\n\n", "=".repeat(heading.chars().count()))
}

fn page(table: &TableSchema, lang: Lang) -> String {
    let mut grid = Grid::new(&HEADS.map(|head| head.of(lang)));
    for column in table.columns {
        grid.row([
            column.name.to_owned(),
            type_name(column.kind).to_owned(),
            column.kind.unit().to_owned(),
            if column.nullable { YES.of(lang) } else { "" }.to_owned(),
            column.meaning.of(lang).to_owned(),
        ]);
    }
    format!("{}: {} {}\n{}\n", table.name, ROW.of(lang), table.grain.of(lang), grid.text())
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
    functions: Vec<FunctionEntry>,
}

#[derive(Serialize)]
struct FunctionEntry {
    function: &'static str,
    /// The study's table whose rows and columns it has.
    table: &'static str,
    usage: &'static str,
    meaning: &'static str,
    example: &'static str,
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

fn entry(table: &TableSchema, lang: Lang) -> TableEntry {
    TableEntry {
        table: table.name,
        row: table.grain.of(lang),
        columns: table
            .columns
            .iter()
            .map(|column| ColumnEntry {
                column: column.name,
                type_name: type_name(column.kind),
                unit: column.kind.unit(),
                nullable: column.nullable,
                meaning: column.meaning.of(lang),
            })
            .collect(),
    }
}

fn function_entry(function: &TableFunction, lang: Lang) -> FunctionEntry {
    let TableFunction { name, table, usage, doc, example, .. } = *function;
    FunctionEntry { function: name, table, usage, meaning: doc.of(lang), example }
}
