//! Reading finished tables by column name, for printing.

use virta_model::{Day, Table, Value};

/// One table of a study.
#[derive(Debug, Clone, Copy)]
pub(crate) struct View<'a> {
    pub table: &'a Table,
}

impl<'a> View<'a> {
    /// The table of this name; `None` when the study did not ask for it.
    pub(crate) fn of(tables: &'a [Table], name: &str) -> Option<Self> {
        tables.iter().find(|table| table.schema.name == name).map(|table| View { table })
    }

    pub(crate) fn rows(self) -> impl Iterator<Item = RowView<'a>> + Clone {
        let table = self.table;
        (0..table.rows()).map(move |row| RowView { table, row })
    }
}

/// One row of a table.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RowView<'a> {
    table: &'a Table,
    pub row: usize,
}

impl<'a> RowView<'a> {
    pub(crate) fn value(self, column: &str) -> Value<'a> {
        self.table.schema.index_of(column).map_or(Value::Null, |at| self.table.value(self.row, at))
    }

    /// A count, an id or cents; `None` is null.
    pub(crate) fn int(self, column: &str) -> Option<i64> {
        match self.value(column) {
            Value::Int(number) => Some(number),
            _ => None,
        }
    }

    pub(crate) fn day(self, column: &str) -> Option<Day> {
        match self.value(column) {
            Value::Date(day) => Some(Day(day)),
            _ => None,
        }
    }

    pub(crate) fn ratio(self, column: &str) -> Option<f64> {
        match self.value(column) {
            Value::Ratio(ratio) => Some(ratio),
            _ => None,
        }
    }

    /// A text; null is empty.
    pub(crate) fn text(self, column: &str) -> &'a str {
        match self.value(column) {
            Value::Text(text) => text,
            _ => "",
        }
    }
}
