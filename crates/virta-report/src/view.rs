//! Reading protected tables by column name. Everything that the report knows of a study's tables goes through here: any
//! row may be absent, and any cell withheld or not measured.

use virta_model::Lang;
use virta_model::schema::{Column, Kind, TableSchema, Values};
use virta_protection::{Cell, Datum};
pub(crate) use virta_protection::{ProtectedStudy, ProtectedTable};

/// One row of a protected table.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Row<'a> {
    table: &'a ProtectedTable,
    cells: &'a [Cell],
}

/// What a cell holds, as a reader may see it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Seen<'a> {
    Int(i64),
    Ratio(f64),
    Flag(bool),
    Date(i32),
    /// Seconds since midnight.
    Time(u32),
    Text(&'a str),
    /// Classes put together: from the first to the last, or as many and more.
    Range(i64, Option<i64>),
    Withheld,
    NotMeasured,
}

/// The rows of a table; none when the study does not have it.
pub(crate) fn rows<'a>(study: &'a ProtectedStudy, table: &str) -> Vec<Row<'a>> {
    study.table(table).map_or_else(Vec::new, rows_of)
}

/// The rows of a table.
pub(crate) fn rows_of(table: &ProtectedTable) -> Vec<Row<'_>> {
    table.rows().iter().map(|cells| Row { table, cells }).collect()
}

impl<'a> Row<'a> {
    pub(crate) fn schema(self) -> &'static TableSchema {
        self.table.schema()
    }

    /// The columns that leave.
    pub(crate) fn columns(self) -> impl Iterator<Item = &'static Column> {
        self.table.columns().map(|(_, column)| column)
    }

    /// What a column holds; text for a column that there is not.
    pub(crate) fn kind(self, column: &str) -> Kind {
        self.schema().column(column).map_or(Kind::Text, |column| column.kind)
    }

    /// What a column's values are; plain for a column that there is not.
    pub(crate) fn values(self, column: &str) -> Values {
        self.schema().column(column).map_or(Values::Plain, |column| column.values)
    }

    /// What stands above a column; its name for one that there is not.
    pub(crate) fn heading(self, column: &str, lang: Lang) -> String {
        self.schema().column(column).map_or_else(|| column.to_owned(), |column| column.heading.of(lang).to_owned())
    }

    /// Whether rows of this row's table are not shown at all. How many they are would itself say something.
    pub(crate) fn has_rows_left_out(self) -> bool {
        self.table.has_rows_left_out()
    }

    pub(crate) fn seen(self, column: &str) -> Seen<'a> {
        match self.schema().index_of(column).and_then(|at| self.cells.get(at)) {
            Some(Cell::Value(Datum::Int(value))) => Seen::Int(*value),
            Some(Cell::Value(Datum::Ratio(value))) => Seen::Ratio(*value),
            Some(Cell::Value(Datum::Flag(value))) => Seen::Flag(*value),
            Some(Cell::Value(Datum::Date(value))) => Seen::Date(*value),
            Some(Cell::Value(Datum::Time(value))) => Seen::Time(*value),
            Some(Cell::Value(Datum::Text(value))) => Seen::Text(value),
            Some(Cell::Value(Datum::Range(first, last))) => Seen::Range(*first, *last),
            Some(Cell::Withheld(_)) => Seen::Withheld,
            Some(Cell::NotMeasured) | None => Seen::NotMeasured,
        }
    }

    /// A shown count or amount; `None` is withheld or not measured.
    pub(crate) fn int(self, column: &str) -> Option<i64> {
        match self.seen(column) {
            Seen::Int(value) => Some(value),
            _ => None,
        }
    }

    pub(crate) fn ratio(self, column: &str) -> Option<f64> {
        match self.seen(column) {
            Seen::Ratio(value) => Some(value),
            _ => None,
        }
    }

    pub(crate) fn flag(self, column: &str) -> bool {
        self.seen(column) == Seen::Flag(true)
    }

    /// A text; empty when there is none.
    pub(crate) fn text(self, column: &str) -> &'a str {
        match self.seen(column) {
            Seen::Text(value) => value,
            _ => "",
        }
    }

    pub(crate) fn is_withheld(self, column: &str) -> bool {
        self.seen(column) == Seen::Withheld
    }

    pub(crate) fn is(self, column: &str, value: &str) -> bool {
        self.text(column) == value
    }
}

/// The different texts of a column, in the order of the rows.
pub(crate) fn distinct<'a>(rows: &[Row<'a>], column: &str) -> Vec<&'a str> {
    let mut found = Vec::new();
    for row in rows {
        let text = row.text(column);
        if !text.is_empty() && !found.contains(&text) {
            found.push(text);
        }
    }
    found
}
