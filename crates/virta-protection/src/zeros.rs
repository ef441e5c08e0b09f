//! Numbers that are 0 by definition: read from the table `zeros`, which the study and the code lists make without a look
//! at any client. They tell nothing of anybody, so they are shown as 0 and not withheld as counts of nobody are.

use std::collections::HashMap;

use virta_model::schema::{TableSchema, ZEROS};
use virta_model::{Table, Value};

use crate::rows::{Row, key_text};

/// By table and column, the rows in which it is 0.
#[derive(Debug, Default)]
pub(crate) struct Zeros<'a> {
    by_column: HashMap<(&'a str, &'a str), Vec<Keys<'a>>>,
}

/// A column and its value in these rows, and maybe a second one.
type Keys<'a> = [Option<(&'a str, &'a str)>; 2];

impl<'a> Zeros<'a> {
    pub(crate) fn new(tables: &'a [Table]) -> Self {
        let mut zeros = Zeros::default();
        for table in tables.iter().filter(|table| table.schema == &ZEROS) {
            for row in 0..table.rows() {
                let text = |at| if let Value::Text(text) = table.value(row, at) { Some(text) } else { None };
                let (Some(of), Some(column)) = (text(0), text(1)) else { continue };
                let keys = [text(2).zip(text(3)), text(4).zip(text(5))];
                zeros.by_column.entry((of, column)).or_default().push(keys);
            }
        }
        zeros
    }

    /// Whether a column of a row is 0 by definition. Rows put together are not.
    pub(crate) fn has(&self, schema: &TableSchema, row: &Row, column: &str) -> bool {
        let Some(rows) = self.by_column.get(&(schema.name, column)).filter(|_| !row.is_pooled) else { return false };
        let is = |(column, value): &(&str, &str)| {
            let cell = schema.index_of(column).and_then(|at| row.values.get(at));
            cell.is_some_and(|cell| key_text(cell.as_ref()) == *value)
        };
        rows.iter().any(|keys| keys[0].is_some() && keys.iter().flatten().all(is))
    }
}
