//! Protected tables as CSV: UTF-8, commas, a point in decimals, one header.
//!
//! A withheld cell is `withheld`, a figure that was not measured is empty: neither is 0. Classes put together are `8+` or
//! `4-7`. Days are `yyyy-mm-dd`, times `hh:mm:ss`, flags `true` and `false`, money whole cents.

use virta_model::Day;
use virta_model::schema::{Column, FOLLOW_UP, Kind, TableSchema, follow_up};
use virta_protection::{Cell, Datum, ProtectedTable};
use virta_report::Figure;

use crate::error::Error;

/// What stands for a withheld cell.
pub(crate) const WITHHELD: &str = "withheld";

/// A table as a file.
pub(crate) fn write(table: &ProtectedTable) -> Result<Vec<u8>, Error> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(table.columns().map(|(_, column)| column.name))?;
    let places: Vec<usize> = table.columns().map(|(at, _)| at).collect();
    for row in table.rows() {
        writer.write_record(places.iter().filter_map(|&at| row.get(at)).map(text))?;
    }
    writer.into_inner().map_err(|error| Error::Csv(error.into_error().into()))
}

fn text(cell: &Cell) -> String {
    match cell {
        Cell::Withheld(_) => WITHHELD.to_owned(),
        Cell::NotMeasured => String::new(),
        Cell::Value(Datum::Range(first, None)) => format!("{first}+"),
        Cell::Value(datum) => datum.to_string(),
    }
}

/// The schema of a table as this file has it: follow-ups have a column for each limit that their study set.
pub(crate) fn schema(schema: &'static TableSchema, bytes: &[u8]) -> &'static TableSchema {
    if schema != &FOLLOW_UP {
        return schema;
    }
    let mut reader = csv::Reader::from_reader(bytes);
    let names = reader.headers().ok();
    let limits = names.into_iter().flatten().filter_map(|name| name.strip_prefix("followed_")?.parse().ok());
    let mut limits: Vec<u32> = limits.collect();
    limits.sort_unstable();
    limits.dedup();
    follow_up(&limits)
}

/// The rows of a file, by the columns of the schema. A column that the file does not have could be shown in no row.
///
/// # Errors
/// What is wrong with the file, never a value of it.
pub(crate) fn read(schema: &'static TableSchema, bytes: &[u8]) -> Result<Vec<Vec<Figure>>, &'static str> {
    let mut reader = csv::Reader::from_reader(bytes);
    let names = reader.headers().map_err(|_| "its header cannot be read")?.clone();
    let places: Vec<Option<usize>> =
        schema.columns.iter().map(|column| names.iter().position(|name| name == column.name)).collect();
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|_| "a row of it cannot be read")?;
        let cells = schema.columns.iter().zip(&places).map(|(column, place)| {
            let text = match place {
                Some(place) => record.get(*place).unwrap_or_default(),
                None => WITHHELD,
            };
            figure(column, text).ok_or("a cell of it is not what its column holds")
        });
        rows.push(cells.collect::<Result<Vec<_>, _>>()?);
    }
    Ok(rows)
}

fn figure(column: &Column, text: &str) -> Option<Figure> {
    if text.is_empty() {
        return Some(Figure::NotMeasured);
    }
    if text == WITHHELD {
        return Some(Figure::Withheld);
    }
    Some(match column.kind {
        Kind::Id | Kind::Count | Kind::Cents => match text.parse() {
            Ok(number) => Figure::Int(number),
            Err(_) => classes(text)?,
        },
        Kind::Ratio => Figure::Ratio(text.parse().ok().filter(|ratio: &f64| ratio.is_finite())?),
        Kind::Flag => Figure::Text(text.parse::<bool>().ok()?.to_string()),
        Kind::Date => Figure::Text(Day::parse_iso(text)?.to_string()),
        Kind::Time | Kind::Text | Kind::Code => Figure::Text(text.to_owned()),
    })
}

fn classes(text: &str) -> Option<Figure> {
    if let Some(first) = text.strip_suffix('+') {
        return Some(Figure::Range(first.parse().ok()?, None));
    }
    let (first, last) = text.split_once('-')?;
    Some(Figure::Range(first.parse().ok()?, Some(last.parse().ok()?)))
}

#[cfg(test)]
mod tests {
    use virta_model::schema::SERVICES_PER_CLIENT;

    use super::*;

    #[test]
    fn a_cell_reads_back_as_it_was_written() {
        let text = "services,period,clients,contacts,cost_cents\n3,2014,40,withheld,\n8+,2014,15,300,120000\n";
        let rows = read(&SERVICES_PER_CLIENT, text.as_bytes()).unwrap();
        let at = |row: usize, column: &str| rows[row][SERVICES_PER_CLIENT.index_of(column).unwrap()].clone();
        assert_eq!(at(0, "clients"), Figure::Int(40));
        assert_eq!((at(0, "contacts"), at(0, "cost_cents")), (Figure::Withheld, Figure::NotMeasured));
        assert_eq!((at(1, "services"), at(1, "cost_cents")), (Figure::Range(8, None), Figure::Int(120_000)));
    }

    #[test]
    fn a_cell_that_is_no_number_is_refused_without_saying_it() {
        let text = "period,services,clients\n2014,3,many\n";
        let error = read(&SERVICES_PER_CLIENT, text.as_bytes()).unwrap_err();
        assert!(!error.contains("many"));
    }
}
