//! Tables in memory: what an analysis returns, before anything writes or prints it.

use std::collections::HashMap;

use crate::nulls::NULL_CODE;
use crate::schema::{Kind, TableSchema};

/// A table with its schema. Every column has the same number of rows.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    pub schema: &'static TableSchema,
    pub columns: Vec<ColumnData>,
}

/// The values of one column.
#[derive(Debug, Clone, PartialEq)]
pub enum ColumnData {
    /// Ids, counts and cents.
    Int(Vec<Option<i64>>),
    /// Days since 1970-01-01.
    Date(Vec<Option<i32>>),
    /// Seconds since midnight.
    Time(Vec<Option<u32>>),
    Flag(Vec<Option<bool>>),
    Ratio(Vec<Option<f64>>),
    Text(TextColumn),
}

impl ColumnData {
    pub fn len(&self) -> usize {
        match self {
            ColumnData::Int(values) => values.len(),
            ColumnData::Date(values) => values.len(),
            ColumnData::Time(values) => values.len(),
            ColumnData::Flag(values) => values.len(),
            ColumnData::Ratio(values) => values.len(),
            ColumnData::Text(values) => values.codes.len(),
        }
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Texts as numbers into a list of distinct texts: a million members share a few service sets.
#[derive(Debug, Clone, Default)]
pub struct TextColumn {
    pub values: Vec<String>,
    /// Index into `values`, or [`TextColumn::NULL`].
    pub codes: Vec<u32>,
    /// The number of each text; behind `values` until somebody looks a text up.
    index: HashMap<String, u32>,
}

impl PartialEq for TextColumn {
    fn eq(&self, other: &Self) -> bool {
        self.values == other.values && self.codes == other.codes
    }
}

impl TextColumn {
    pub const NULL: u32 = NULL_CODE;

    pub fn push(&mut self, text: Option<&str>) {
        let code = text.map_or(Self::NULL, |text| self.intern(text));
        self.codes.push(code);
    }

    /// A column of texts that are known to be distinct, which saves looking each of them up. `codes` point into
    /// `values` or are [`TextColumn::NULL`].
    pub fn from_distinct(values: Vec<String>, codes: Vec<u32>) -> Self {
        TextColumn { values, codes, index: HashMap::new() }
    }

    /// The number of a text, for pushing it many times with [`TextColumn::push_code`].
    pub fn intern(&mut self, text: &str) -> u32 {
        // Only those that are not known yet are touched: this is called for every row of a table.
        let known = self.index.len();
        for (number, text) in self.values.iter().enumerate().skip(known) {
            self.index.insert(text.clone(), number as u32);
        }
        if let Some(code) = self.index.get(text) {
            return *code;
        }
        let code = self.values.len() as u32;
        self.values.push(text.to_owned());
        self.index.insert(text.to_owned(), code);
        code
    }

    pub fn push_code(&mut self, code: u32) {
        self.codes.push(code);
    }

    pub fn get(&self, row: usize) -> Option<&str> {
        let code = *self.codes.get(row)?;
        self.values.get(code as usize).map(String::as_str)
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
        let columns = schema
            .columns
            .iter()
            .map(|column| match column.kind {
                Kind::Id | Kind::Count | Kind::Cents => ColumnData::Int(Vec::new()),
                Kind::Date => ColumnData::Date(Vec::new()),
                Kind::Time => ColumnData::Time(Vec::new()),
                Kind::Flag => ColumnData::Flag(Vec::new()),
                Kind::Ratio => ColumnData::Ratio(Vec::new()),
                Kind::Text | Kind::Code => ColumnData::Text(TextColumn::default()),
            })
            .collect();
        Table { schema, columns }
    }

    pub fn rows(&self) -> usize {
        self.columns.first().map_or(0, ColumnData::len)
    }

    /// Appends a row. A value of another kind than its column is stored as null, which a debug build refuses.
    pub fn push(&mut self, row: &[Value<'_>]) {
        debug_assert_eq!(row.len(), self.columns.len(), "{}", self.schema.name);
        for (column, value) in self.columns.iter_mut().zip(row) {
            match (column, value) {
                (ColumnData::Int(values), Value::Int(value)) => values.push(Some(*value)),
                (ColumnData::Date(values), Value::Date(value)) => values.push(Some(*value)),
                (ColumnData::Time(values), Value::Time(value)) => values.push(Some(*value)),
                (ColumnData::Flag(values), Value::Flag(value)) => values.push(Some(*value)),
                (ColumnData::Ratio(values), Value::Ratio(value)) => values.push(Some(*value)),
                (ColumnData::Text(values), Value::Text(value)) => values.push(Some(value)),
                (ColumnData::Int(values), _) => values.push(None),
                (ColumnData::Date(values), _) => values.push(None),
                (ColumnData::Time(values), _) => values.push(None),
                (ColumnData::Flag(values), _) => values.push(None),
                (ColumnData::Ratio(values), _) => values.push(None),
                (ColumnData::Text(values), _) => values.push(None),
            }
        }
    }

    pub fn value(&self, row: usize, column: usize) -> Value<'_> {
        fn of<T: Copy>(values: &[Option<T>], row: usize, wrap: impl Fn(T) -> Value<'static>) -> Value<'static> {
            values.get(row).copied().flatten().map_or(Value::Null, wrap)
        }
        match self.columns.get(column) {
            Some(ColumnData::Int(values)) => of(values, row, Value::Int),
            Some(ColumnData::Date(values)) => of(values, row, Value::Date),
            Some(ColumnData::Time(values)) => of(values, row, Value::Time),
            Some(ColumnData::Flag(values)) => of(values, row, Value::Flag),
            Some(ColumnData::Ratio(values)) => of(values, row, Value::Ratio),
            Some(ColumnData::Text(values)) => values.get(row).map_or(Value::Null, Value::Text),
            None => Value::Null,
        }
    }
}
