//! The rows of a study's table on their way out: which are there, with what and who is behind them.

use virta_model::schema::{Role, TableSchema};
use virta_model::{Table, Value, row_key};

use crate::contributors::{Contributors, Known};
use crate::protected::Datum;

/// A row before its cells are rounded: one of the study's table, or several put together.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    /// Null is `None`.
    pub values: Vec<Option<Datum>>,
    /// Of amounts, who stands behind them.
    pub behind: Vec<Option<Contributors>>,
    /// The row of the study's table; of rows put together the first.
    pub source: usize,
    pub(crate) is_pooled: bool,
    /// Of a small group, of which the row says only that.
    pub(crate) is_small_group: bool,
}

impl Row {
    pub(crate) fn new(table: &Table, row: usize, known: &Known<'_>) -> Self {
        let schema = table.schema;
        let values: Vec<Value<'_>> = (0..schema.columns.len()).map(|column| table.value(row, column)).collect();
        let has_amounts = schema
            .columns
            .iter()
            .any(|column| matches!(column.role, Role::Amount { .. } | Role::ExpectedAmount { .. }));
        let key = if has_amounts { row_key(schema, &values) } else { String::new() };
        let behind = schema.columns.iter().map(|column| match column.role {
            Role::Amount { .. } | Role::ExpectedAmount { .. } => known.of(schema.name, column.name, &key),
            _ => None,
        });
        Row {
            behind: behind.collect(),
            values: values.into_iter().map(datum).collect(),
            source: row,
            is_pooled: false,
            is_small_group: false,
        }
    }

    pub(crate) fn int(&self, column: Option<usize>) -> Option<i64> {
        match self.values.get(column?)? {
            Some(Datum::Int(number)) => Some(*number),
            _ => None,
        }
    }

    pub(crate) fn ratio(&self, column: usize) -> Option<f64> {
        match self.values.get(column)? {
            Some(Datum::Ratio(ratio)) => Some(*ratio),
            Some(Datum::Int(number)) => Some(*number as f64),
            _ => None,
        }
    }

    /// A text; empty for null.
    pub(crate) fn text(&self, column: Option<usize>) -> &str {
        match column.and_then(|column| self.values.get(column)) {
            Some(Some(Datum::Text(text))) => text,
            _ => "",
        }
    }

    /// Takes in another row of other clients: numbers and shares add up, other figures are no longer known.
    pub(crate) fn add(&mut self, other: &Row, schema: &TableSchema) {
        let is_nobody_before = self.int(schema.index_of("clients")) == Some(0);
        for (at, column) in schema.columns.iter().enumerate() {
            let (Some(here), Some(there)) = (self.values.get_mut(at), other.values.get(at)) else { continue };
            *here = match (column.role, here.take(), there) {
                (Role::Key, here, _) => here,
                (Role::People | Role::Amount { .. }, Some(Datum::Int(a)), Some(Datum::Int(b))) => {
                    Some(Datum::Int(a.saturating_add(*b)))
                }
                (Role::People | Role::Amount { .. }, None, there) => there.clone(),
                (Role::People | Role::Amount { .. }, here, None) => here,
                (Role::Share { .. }, Some(Datum::Ratio(a)), Some(Datum::Ratio(b))) => Some(Datum::Ratio(a + b)),
                (Role::Rate { .. }, here, _) => here,
                _ => None,
            };
        }
        // Nobody stands behind the amounts of nobody.
        let is_nobody = |row: &Row| row.int(schema.index_of("clients")) == Some(0);
        let (is_empty, adds_nobody) = (is_nobody_before, is_nobody(other));
        for (here, there) in self.behind.iter_mut().zip(&other.behind) {
            *here = match (*here, *there) {
                (Some(a), Some(b)) => Some(a.and(b)),
                (a, None) if adds_nobody => a,
                (None, b) if is_empty => b,
                _ => None,
            };
        }
        self.source = self.source.min(other.source);
        self.is_pooled = true;
    }
}

fn datum(value: Value<'_>) -> Option<Datum> {
    Some(match value {
        Value::Null => return None,
        Value::Int(value) => Datum::Int(value),
        Value::Date(value) => Datum::Date(value),
        Value::Time(value) => Datum::Time(value),
        Value::Flag(value) => Datum::Flag(value),
        Value::Ratio(value) => Datum::Ratio(value),
        Value::Text(value) => Datum::Text(value.to_owned()),
    })
}

/// A key's value as text, as the table of contributors writes it.
pub(crate) fn key_text(value: Option<&Datum>) -> String {
    match value {
        Some(Datum::Text(text)) => text.clone(),
        Some(Datum::Int(number)) => number.to_string(),
        Some(Datum::Flag(flag)) => flag.to_string(),
        _ => String::new(),
    }
}
