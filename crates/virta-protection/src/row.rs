//! Rows of protected tables read by column name: any row may be absent, and any cell withheld or not measured.

use virta_model::Lang;
use virta_model::schema::{Column, Kind, TableSchema, Values};

use crate::protected::{Cell, Datum, ProtectedTable};

/// One row of a protected table.
#[derive(Debug, Clone, Copy)]
pub struct Row<'a> {
    table: &'a ProtectedTable,
    cells: &'a [Cell],
}

impl ProtectedTable {
    /// The rows by column name, in the order of [`ProtectedTable::rows`].
    pub fn named_rows(&self) -> impl Iterator<Item = Row<'_>> {
        self.rows().iter().map(|cells| Row { table: self, cells })
    }
}

impl<'a> Row<'a> {
    pub fn schema(self) -> &'static TableSchema {
        self.table.schema()
    }

    /// The columns that leave.
    pub fn columns(self) -> impl Iterator<Item = &'static Column> {
        self.table.columns().map(|(_, column)| column)
    }

    /// What a column holds; text for a column that there is not.
    pub fn kind(self, column: &str) -> Kind {
        self.schema().column(column).map_or(Kind::Text, |column| column.kind)
    }

    /// What a column's values are; plain for a column that there is not.
    pub fn values(self, column: &str) -> Values {
        self.schema().column(column).map_or(Values::Plain, |column| column.values)
    }

    /// What stands above a column; its name for one that there is not.
    pub fn heading(self, column: &str, lang: Lang) -> String {
        self.schema().column(column).map_or_else(|| column.to_owned(), |column| column.heading.of(lang).to_owned())
    }

    /// Whether rows of this row's table are not shown at all. How many they are would itself say something.
    pub fn has_rows_left_out(self) -> bool {
        self.table.has_rows_left_out()
    }

    /// A cell; not measured in a column that there is not.
    pub fn cell(self, column: &str) -> &'a Cell {
        self.schema().index_of(column).and_then(|at| self.cells.get(at)).unwrap_or(&Cell::NotMeasured)
    }

    /// A shown count or amount; `None` is withheld or not measured.
    pub fn int(self, column: &str) -> Option<i64> {
        match self.cell(column) {
            Cell::Value(Datum::Int(value)) => Some(*value),
            _ => None,
        }
    }

    /// A shown ratio; `None` is withheld or not measured.
    pub fn ratio(self, column: &str) -> Option<f64> {
        match self.cell(column) {
            Cell::Value(Datum::Ratio(value)) => Some(*value),
            _ => None,
        }
    }

    /// Whether a flag is shown and set.
    pub fn flag(self, column: &str) -> bool {
        matches!(self.cell(column), Cell::Value(Datum::Flag(true)))
    }

    /// A text; empty when there is none.
    pub fn text(self, column: &str) -> &'a str {
        match self.cell(column) {
            Cell::Value(Datum::Text(value)) => value,
            _ => "",
        }
    }

    pub fn is_withheld(self, column: &str) -> bool {
        matches!(self.cell(column), Cell::Withheld(_))
    }

    /// Whether a column has this text.
    pub fn is(self, column: &str, value: &str) -> bool {
        self.text(column) == value
    }
}
