//! Tables in memory: what an analysis returns, before anything writes or prints it.

use std::collections::HashMap;
use std::ops::Range;

use crate::nulls::{NULL_CODE, NULL_DAY, NULL_INT};
use crate::schema::{Kind, TableSchema};
use crate::texts::Texts;

/// A table with its schema. Every column has the same number of rows.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    pub schema: &'static TableSchema,
    pub columns: Vec<ColumnData>,
}

/// The values of one column.
#[derive(Debug, Clone, PartialEq)]
pub enum ColumnData {
    /// Ids, counts and cents; null is [`NULL_INT`].
    Int(Vec<i64>),
    /// Days since 1970-01-01, or seconds since midnight; null is [`NULL_DAY`].
    Day(Vec<i32>),
    Flag(Vec<Option<bool>>),
    Ratio(Vec<Option<f64>>),
    Text(TextColumn),
}

impl ColumnData {
    fn new(kind: Kind) -> Self {
        match kind {
            Kind::Id | Kind::Count | Kind::Cents => ColumnData::Int(Vec::new()),
            Kind::Date | Kind::Time => ColumnData::Day(Vec::new()),
            Kind::Flag => ColumnData::Flag(Vec::new()),
            Kind::Ratio => ColumnData::Ratio(Vec::new()),
            Kind::Text | Kind::Code => ColumnData::Text(TextColumn::default()),
        }
    }

    pub fn len(&self) -> usize {
        match self {
            ColumnData::Int(values) => values.len(),
            ColumnData::Day(values) => values.len(),
            ColumnData::Flag(values) => values.len(),
            ColumnData::Ratio(values) => values.len(),
            ColumnData::Text(text) => text.codes.len(),
        }
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn slice(&self, rows: Range<usize>) -> Self {
        fn part<T: Clone>(values: &[T], rows: Range<usize>) -> &[T] {
            values.get(rows.start..rows.end.min(values.len())).unwrap_or_default()
        }
        match self {
            ColumnData::Int(values) => ColumnData::Int(part(values, rows).to_vec()),
            ColumnData::Day(values) => ColumnData::Day(part(values, rows).to_vec()),
            ColumnData::Flag(values) => ColumnData::Flag(part(values, rows).to_vec()),
            ColumnData::Ratio(values) => ColumnData::Ratio(part(values, rows).to_vec()),
            ColumnData::Text(text) => {
                // Only the texts of these rows, in the order in which they come.
                let mut numbers = vec![NULL_CODE; text.texts.len()];
                let mut texts = Texts::default();
                let mut number = |code: &u32| {
                    let number = numbers.get_mut(*code as usize)?;
                    if *number == NULL_CODE {
                        *number = texts.push(text.texts.get(*code as usize)?);
                    }
                    Some(*number)
                };
                let codes = part(&text.codes, rows).iter().map(|code| number(code).unwrap_or(NULL_CODE)).collect();
                ColumnData::Text(TextColumn::of(codes, texts))
            }
        }
    }

    fn append(&mut self, other: &ColumnData) {
        match (self, other) {
            (ColumnData::Int(values), ColumnData::Int(more)) => values.extend_from_slice(more),
            (ColumnData::Day(values), ColumnData::Day(more)) => values.extend_from_slice(more),
            (ColumnData::Flag(values), ColumnData::Flag(more)) => values.extend_from_slice(more),
            (ColumnData::Ratio(values), ColumnData::Ratio(more)) => values.extend_from_slice(more),
            (ColumnData::Text(text), ColumnData::Text(more)) => {
                let numbers: Vec<u32> = more.texts.iter().map(|new| text.intern(new)).collect();
                let number = |code: &u32| numbers.get(*code as usize).copied().unwrap_or(NULL_CODE);
                text.codes.extend(more.codes.iter().map(number));
            }
            _ => debug_assert!(false, "columns of two kinds"),
        }
    }
}

/// Texts as numbers into a list of distinct texts: a million members share a few service sets.
#[derive(Debug, Clone, Default)]
pub struct TextColumn {
    /// Index into `texts`, or [`NULL_CODE`].
    pub codes: Vec<u32>,
    pub texts: Texts,
    /// The number of each text; behind `texts` until somebody looks a text up.
    index: HashMap<String, u32>,
}

impl PartialEq for TextColumn {
    fn eq(&self, other: &Self) -> bool {
        self.texts == other.texts && self.codes == other.codes
    }
}

impl TextColumn {
    /// A column of texts that are known to be distinct, which saves looking each of them up.
    pub fn of(codes: Vec<u32>, texts: Texts) -> Self {
        TextColumn { codes, texts, index: HashMap::new() }
    }

    pub fn push(&mut self, text: Option<&str>) {
        let Some(text) = text else { return self.codes.push(NULL_CODE) };
        // Rows are sorted, so that most have the text of the row before in their first columns.
        let last = self.codes.last().copied().filter(|&last| self.texts.get(last as usize) == Some(text));
        let code = last.unwrap_or_else(|| self.intern(text));
        self.codes.push(code);
    }

    fn intern(&mut self, text: &str) -> u32 {
        // Only those that are not known yet are touched: this is called for every row of a table.
        for number in self.index.len()..self.texts.len() {
            self.index.insert(self.texts.get(number).unwrap_or_default().to_owned(), number as u32);
        }
        if let Some(code) = self.index.get(text) {
            return *code;
        }
        let code = self.texts.push(text);
        self.index.insert(text.to_owned(), code);
        code
    }

    pub fn get(&self, row: usize) -> Option<&str> {
        self.texts.get(*self.codes.get(row)? as usize)
    }
}

/// One value, for tables that are built or read row by row.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Value<'a> {
    Null,
    Int(i64),
    Date(i32),
    Time(u32),
    Flag(bool),
    Ratio(f64),
    Text(&'a str),
}

/// The first values of a row as one text, as the table of contributors names rows: joined by |, nulls empty.
pub fn row_key(schema: &TableSchema, row: &[Value<'_>]) -> String {
    let mut key = String::new();
    for (at, value) in row.iter().take(schema.keys()).enumerate() {
        if at > 0 {
            key.push('|');
        }
        match value {
            Value::Text(text) => key.push_str(text),
            Value::Int(number) => key.push_str(&number.to_string()),
            Value::Flag(flag) => key.push_str(&flag.to_string()),
            _ => {}
        }
    }
    key
}

impl Table {
    pub fn new(schema: &'static TableSchema) -> Self {
        let columns = schema.columns.iter().map(|column| ColumnData::new(column.kind)).collect();
        Table { schema, columns }
    }

    pub fn rows(&self) -> usize {
        self.columns.first().map_or(0, ColumnData::len)
    }

    /// Appends a row. A value of another kind than its column is stored as null, which a debug build refuses.
    pub fn push(&mut self, row: &[Value<'_>]) {
        debug_assert_eq!(row.len(), self.columns.len(), "{}", self.schema.name);
        for ((column, named), value) in self.columns.iter_mut().zip(self.schema.columns).zip(row) {
            match (column, value) {
                (ColumnData::Int(values), Value::Int(value)) => values.push(*value),
                (ColumnData::Day(values), Value::Date(day)) if named.kind == Kind::Date => values.push(*day),
                (ColumnData::Day(values), Value::Time(seconds)) if named.kind == Kind::Time => {
                    values.push(i32::try_from(*seconds).unwrap_or(NULL_DAY));
                }
                (ColumnData::Flag(values), Value::Flag(value)) => values.push(Some(*value)),
                (ColumnData::Ratio(values), Value::Ratio(value)) => values.push(Some(*value)),
                (ColumnData::Text(values), Value::Text(value)) => values.push(Some(value)),
                (ColumnData::Int(values), _) => values.push(NULL_INT),
                (ColumnData::Day(values), _) => values.push(NULL_DAY),
                (ColumnData::Flag(values), _) => values.push(None),
                (ColumnData::Ratio(values), _) => values.push(None),
                (ColumnData::Text(values), _) => values.push(None),
            }
        }
    }

    /// Some of the rows, as far as they are there.
    #[must_use]
    pub fn slice(&self, rows: Range<usize>) -> Table {
        let columns = self.columns.iter().map(|column| column.slice(rows.clone())).collect();
        Table { schema: self.schema, columns }
    }

    /// Appends the rows of a table of the same schema.
    pub fn append(&mut self, other: &Table) {
        for (column, more) in self.columns.iter_mut().zip(&other.columns) {
            column.append(more);
        }
    }

    pub fn value(&self, row: usize, column: usize) -> Value<'_> {
        let found = match self.columns.get(column) {
            Some(ColumnData::Int(values)) => {
                values.get(row).filter(|int| **int != NULL_INT).map(|int| Value::Int(*int))
            }
            Some(ColumnData::Day(values)) => values.get(row).filter(|day| **day != NULL_DAY).map(|&day| {
                match self.schema.columns.get(column).map(|named| named.kind) {
                    Some(Kind::Time) => Value::Time(u32::try_from(day).unwrap_or_default()),
                    _ => Value::Date(day),
                }
            }),
            Some(ColumnData::Flag(values)) => values.get(row).copied().flatten().map(Value::Flag),
            Some(ColumnData::Ratio(values)) => values.get(row).copied().flatten().map(Value::Ratio),
            Some(ColumnData::Text(values)) => values.get(row).map(Value::Text),
            None => None,
        };
        found.unwrap_or(Value::Null)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::CONTACTS;

    #[test]
    fn parts_of_a_table_put_together_are_the_table_with_its_nulls() {
        let mut table = Table::new(&CONTACTS);
        for (id, time, provider) in [(1, Value::Time(3600), Value::Text("a")), (2, Value::Null, Value::Null)] {
            let n = Value::Null;
            let t = Value::Text;
            table.push(&[
                Value::Int(id),
                Value::Int(7),
                t("gp"),
                provider,
                n,
                Value::Date(15_000),
                time,
                n,
                n,
                Value::Flag(false),
                t("visit"),
                t("unknown"),
                n,
                Value::Int(1234),
                t("extract"),
                t("hilmo"),
                Value::Int(9),
            ]);
        }
        let mut whole = Table::new(&CONTACTS);
        whole.append(&table.slice(0..1));
        whole.append(&table.slice(1..9));
        assert_eq!(whole, table);
        assert_eq!(table.slice(1..9).rows(), 1);
    }

    #[test]
    fn a_text_has_one_number_wherever_it_stands() {
        let mut column = TextColumn::default();
        for text in [Some("a"), Some("a"), Some("b"), None, Some("a"), Some(""), Some("")] {
            column.push(text);
        }
        assert_eq!(column.codes, [0, 0, 1, NULL_CODE, 0, 2, 2]);
        assert_eq!(column.texts.iter().collect::<Vec<_>>(), ["a", "b", ""]);
        assert_eq!((column.get(2), column.get(3)), (Some("b"), None));
    }
}
