//! Reading disclosed tables by column name.

use virta_protection::{Cell, Datum, ProtectedStudy, ProtectedTable};

/// One row of a disclosed table.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Row<'a> {
    pub(crate) table: &'a ProtectedTable,
    cells: &'a [Cell],
}

/// The rows of a table; none when the study does not have it.
pub(crate) fn rows<'a>(study: &'a ProtectedStudy, table: &str) -> Vec<Row<'a>> {
    let table = study.table(table);
    table.map_or_else(Vec::new, |table| table.rows().iter().map(|cells| Row { table, cells }).collect())
}

impl<'a> Row<'a> {
    pub(crate) fn cell(self, column: &str) -> &'a Cell {
        const NONE: Cell = Cell::NotMeasured;
        let at = self.table.schema().index_of(column);
        at.and_then(|at| self.cells.get(at)).unwrap_or(&NONE)
    }

    /// A shown count or amount; `None` is withheld or not measured.
    pub(crate) fn int(self, column: &str) -> Option<i64> {
        match self.cell(column) {
            Cell::Value(Datum::Int(value)) => Some(*value),
            _ => None,
        }
    }

    pub(crate) fn ratio(self, column: &str) -> Option<f64> {
        match self.cell(column) {
            Cell::Value(Datum::Ratio(value)) => Some(*value),
            _ => None,
        }
    }

    pub(crate) fn flag(self, column: &str) -> bool {
        matches!(self.cell(column), Cell::Value(Datum::Flag(true)))
    }

    /// A text; empty when there is none.
    pub(crate) fn text(self, column: &str) -> &'a str {
        match self.cell(column) {
            Cell::Value(Datum::Text(value)) => value,
            _ => "",
        }
    }

    pub(crate) fn is_withheld(self, column: &str) -> bool {
        matches!(self.cell(column), Cell::Withheld(_))
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
