//! The shell's own commands.

use std::path::{Path, PathBuf};

use clap::ValueEnum;
use virta_query::{SchemaEntry, TableEntry, functions, type_name};

use super::Shell;
use crate::args::Format;
use crate::failure::Failure;
use crate::render::{self, Grid};
use crate::sql::words::COMMANDS;
use crate::table_functions::TABLE_FUNCTIONS;

/// What comes after a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum After {
    GoOn,
    Quit,
}

/// Runs one command.
pub(super) fn run(shell: &mut Shell<'_>, line: &str) -> Result<After, Failure> {
    let mut words = line.split_whitespace();
    let name = words.next().unwrap_or_default();
    let argument = words.next();
    match name {
        ".help" | "\\?" | "\\h" => help(),
        ".quit" | ".exit" | "\\q" => return Ok(After::Quit),
        ".tables" | "\\dt" => tables(shell, argument),
        ".schema" | "\\d" | "\\d+" => match argument {
            Some(table) => columns(shell, table)?,
            None => tables(shell, None),
        },
        ".functions" | "\\df" => list_functions(shell),
        ".mode" => mode(shell, argument)?,
        ".output" | "\\o" => shell.mode.output = argument.map(PathBuf::from),
        ".timer" | "\\timing" => shell.timer = argument.map_or(!shell.timer, |word| word == "on"),
        ".with" => {
            let path = line.split_once(char::is_whitespace).map(|(_, path)| path.trim().trim_matches(['\'', '"']));
            let path = path.ok_or_else(|| Failure::refused(".with needs a file").fix(".with pilot.csv"))?;
            println!("table {}", shell.add_list(Path::new(path))?);
        }
        ".snapshot" => {
            if argument.is_some() || !line.ends_with('?') {
                shell.reopen(argument)?;
            }
            println!("snapshot {}, committed {}", shell.short_id(), shell.opened.snapshot.committed_at());
        }
        _ => return Err(Failure::refused(format!("there is no command {name}")).fix("see .help")),
    }
    Ok(After::GoOn)
}

fn help() {
    let mut grid = Grid::new(&["command", "does"]);
    for (usage, does) in COMMANDS {
        grid.row([(*usage).to_owned(), (*does).to_owned()]);
    }
    println!("{}", grid.text());
}

fn tables(shell: &Shell<'_>, only: Option<&str>) {
    let mut grid = Grid::new(&["schema", "table", ">rows", "a row is"]);
    let schemas = shell.opened.session.schemas().iter().filter(|schema| only.is_none_or(|name| is_named(schema, name)));
    for schema in schemas {
        for table in &schema.tables {
            let rows = render::count(i64::try_from(table.rows).unwrap_or(i64::MAX));
            let grain = table.meaning.map_or("", |meaning| meaning.grain.en).to_owned();
            grid.row([schema.unquoted_name(), table.name.clone(), rows, grain]);
        }
    }
    if only.is_none() {
        for (name, columns) in shell.opened.session.own_tables() {
            let columns: Vec<&str> = columns.fields().iter().map(|field| field.name().as_str()).collect();
            grid.row(["(session)".to_owned(), name, String::new(), columns.join(", ")]);
        }
    }
    println!("{}", grid.text());
}

fn columns(shell: &Shell<'_>, name: &str) -> Result<(), Failure> {
    if let Some((_, columns)) = shell.opened.session.own_tables().into_iter().find(|(own, _)| own == name) {
        let mut grid = Grid::new(&["column", "type"]);
        for field in columns.fields() {
            grid.row([field.name().clone(), type_name(field.data_type())]);
        }
        println!("{}", grid.text());
        return Ok(());
    }
    let table =
        find(shell, name).ok_or_else(|| Failure::refused(format!("there is no table {name}")).fix("see .tables"))?;
    let mut grid = Grid::new(&["column", "type", "unit", "null", "meaning"]);
    for field in table.columns().fields() {
        let meaning = table.meaning.and_then(|meaning| meaning.column(field.name()));
        grid.row([
            field.name().clone(),
            type_name(field.data_type()),
            meaning.map_or("", |column| column.kind.unit()).to_owned(),
            if field.is_nullable() { "yes" } else { "" }.to_owned(),
            meaning.map_or("", |column| column.meaning.en).to_owned(),
        ]);
    }
    println!("{}", grid.text());
    Ok(())
}

fn find<'a>(shell: &'a Shell<'_>, name: &str) -> Option<&'a TableEntry> {
    let name = name.trim_end_matches(';').replace('"', "");
    let (schema, table) = name.rsplit_once('.').unwrap_or(("store", &name));
    let schema = shell.opened.session.schemas().iter().find(|entry| is_named(entry, schema))?;
    schema.tables.iter().find(|entry| entry.name == table)
}

fn is_named(schema: &SchemaEntry, name: &str) -> bool {
    schema.name == name || schema.unquoted_name() == name
}

fn list_functions(shell: &Shell<'_>) {
    for function in functions() {
        println!("{}\n    {}\n    {};\n", function.usage, function.doc, function.example);
    }
    for function in TABLE_FUNCTIONS {
        println!("{}\n    {}\n    {};\n", function.usage, function.doc.of(shell.mode.lang), function.example);
    }
}

fn mode(shell: &mut Shell<'_>, name: Option<&str>) -> Result<(), Failure> {
    if let Some(name) = name {
        shell.mode.format = Format::from_str(name, true)
            .map_err(|_| Failure::refused("there is no such mode").fix("table, csv, json, parquet or xlsx"))?;
    }
    let name = shell.mode.format.to_possible_value().map(|value| value.get_name().to_owned());
    println!("mode {}", name.unwrap_or_default());
    Ok(())
}
