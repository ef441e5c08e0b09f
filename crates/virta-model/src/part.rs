//! Stretches of rows of large tables on their way from an analysis to whoever keeps them.
//!
//! A table with a row for each member is never held whole: an analysis hands it over part by part, each in plain columns
//! that can be encoded as they are.

use std::error::Error;

use crate::nulls::{NULL_CODE, NULL_DAY, NULL_INT};
use crate::schema::{Kind, TableSchema};
use crate::table::{ColumnData, Table, TextColumn};

/// Rows of a table, one after another. Every column has `rows` values, in the order of the schema.
#[derive(Debug, Clone, PartialEq)]
pub struct Part {
    pub schema: &'static TableSchema,
    pub rows: usize,
    pub columns: Vec<PartColumn>,
}

/// The values of one column of a part.
#[derive(Debug, Clone, PartialEq)]
pub enum PartColumn {
    /// Ids, counts and cents; null is [`NULL_INT`].
    Int(Vec<i64>),
    /// Days since 1970-01-01, or seconds since midnight; null is [`NULL_DAY`].
    Day(Vec<i32>),
    Flag(Vec<Option<bool>>),
    Ratio(Vec<Option<f64>>),
    Text(PartText),
}

/// Texts as numbers into a list of distinct texts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PartText {
    /// Index into `texts`, or [`NULL_CODE`].
    pub codes: Vec<u32>,
    pub texts: Texts,
}

/// A list of texts in one piece.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Texts {
    joined: String,
    ends: Vec<usize>,
}

impl Texts {
    /// Appends a text that `write` puts at the end of what it is given, and returns its number.
    pub fn push_with(&mut self, write: impl FnOnce(&mut String)) -> u32 {
        write(&mut self.joined);
        self.ends.push(self.joined.len());
        self.ends.len() as u32 - 1
    }

    pub fn push(&mut self, text: &str) -> u32 {
        self.push_with(|joined| joined.push_str(text))
    }

    pub fn len(&self) -> usize {
        self.ends.len()
    }

    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// Bytes of all texts together.
    pub fn bytes(&self) -> usize {
        self.joined.len()
    }

    pub fn iter(&self) -> impl Iterator<Item = &str> {
        let begins = std::iter::once(0).chain(self.ends.iter().copied());
        begins.zip(&self.ends).map(|(begin, &end)| self.joined.get(begin..end).unwrap_or_default())
    }
}

impl<'a> FromIterator<&'a str> for Texts {
    fn from_iter<I: IntoIterator<Item = &'a str>>(texts: I) -> Self {
        let mut list = Texts::default();
        texts.into_iter().for_each(|text| {
            list.push(text);
        });
        list
    }
}

/// Takes large tables part by part.
pub trait PartSink: Sync {
    /// Takes the rows of `number`, counted from 0 for each table without a gap. Parts come from any thread and in any
    /// order; the table is the parts in the order of their numbers. A table without rows comes as one part without
    /// rows.
    ///
    /// # Errors
    /// Whatever keeps the sink from keeping them; the run that makes them then stops.
    fn part(&self, number: u32, part: Part) -> Result<(), Box<dyn Error + Send + Sync>>;
}

impl Part {
    /// Rows of a table in memory.
    pub fn of(table: &Table, rows: std::ops::Range<usize>) -> Self {
        let columns = table.columns.iter().map(|column| PartColumn::of(column, rows.clone())).collect();
        Part { schema: table.schema, rows: rows.len().min(table.rows().saturating_sub(rows.start)), columns }
    }

    /// Appends the rows to a table of the same schema.
    pub fn append_to(&self, table: &mut Table) {
        for ((column, kept), named) in self.columns.iter().zip(&mut table.columns).zip(self.schema.columns) {
            match (column, kept) {
                (PartColumn::Int(values), ColumnData::Int(kept)) => {
                    kept.extend(values.iter().map(|&value| (value != NULL_INT).then_some(value)));
                }
                (PartColumn::Day(values), ColumnData::Date(kept)) if named.kind == Kind::Date => {
                    kept.extend(values.iter().map(|&value| (value != NULL_DAY).then_some(value)));
                }
                (PartColumn::Day(values), ColumnData::Time(kept)) => {
                    kept.extend(values.iter().map(|&value| u32::try_from(value).ok()));
                }
                (PartColumn::Flag(values), ColumnData::Flag(kept)) => kept.extend_from_slice(values),
                (PartColumn::Ratio(values), ColumnData::Ratio(kept)) => kept.extend_from_slice(values),
                (PartColumn::Text(text), ColumnData::Text(kept)) => {
                    let numbers: Vec<u32> = text.texts.iter().map(|text| kept.intern(text)).collect();
                    let number = |code: &u32| numbers.get(*code as usize).copied().unwrap_or(TextColumn::NULL);
                    kept.codes.extend(text.codes.iter().map(number));
                }
                (_, kept) => debug_assert!(kept.is_empty(), "{}.{}", self.schema.name, named.name),
            }
        }
    }
}

impl PartColumn {
    fn of(column: &ColumnData, rows: std::ops::Range<usize>) -> Self {
        fn part<T>(values: &[T], rows: std::ops::Range<usize>) -> &[T] {
            values.get(rows.start..rows.end.min(values.len())).unwrap_or_default()
        }
        match column {
            ColumnData::Int(values) => {
                PartColumn::Int(part(values, rows).iter().map(|value| value.unwrap_or(NULL_INT)).collect())
            }
            ColumnData::Date(values) => {
                PartColumn::Day(part(values, rows).iter().map(|value| value.unwrap_or(NULL_DAY)).collect())
            }
            ColumnData::Time(values) => {
                let seconds = |value: &Option<u32>| value.and_then(|value| i32::try_from(value).ok());
                PartColumn::Day(part(values, rows).iter().map(|value| seconds(value).unwrap_or(NULL_DAY)).collect())
            }
            ColumnData::Flag(values) => PartColumn::Flag(part(values, rows).to_vec()),
            ColumnData::Ratio(values) => PartColumn::Ratio(part(values, rows).to_vec()),
            ColumnData::Text(text) => {
                // Only the texts of these rows, in the order in which they come.
                let mut numbers = vec![NULL_CODE; text.values.len()];
                let mut new = PartText::default();
                for &code in part(&text.codes, rows) {
                    let number = match numbers.get_mut(code as usize) {
                        Some(number) if *number == NULL_CODE => {
                            *number = new.texts.push(text.values.get(code as usize).map_or("", String::as_str));
                            *number
                        }
                        Some(number) => *number,
                        None => NULL_CODE,
                    };
                    new.codes.push(number);
                }
                PartColumn::Text(new)
            }
        }
    }

    pub fn len(&self) -> usize {
        match self {
            PartColumn::Int(values) => values.len(),
            PartColumn::Day(values) => values.len(),
            PartColumn::Flag(values) => values.len(),
            PartColumn::Ratio(values) => values.len(),
            PartColumn::Text(text) => text.codes.len(),
        }
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::CONTACTS;
    use crate::table::Value;

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
        Part::of(&table, 0..1).append_to(&mut whole);
        Part::of(&table, 1..9).append_to(&mut whole);
        assert_eq!(whole, table);
        assert_eq!(Part::of(&table, 1..9).rows, 1);
    }

    #[test]
    fn texts_come_back_one_by_one() {
        let texts: Texts = ["a", "", "äö"].into_iter().collect();
        assert_eq!(texts.iter().collect::<Vec<_>>(), ["a", "", "äö"]);
        assert_eq!((texts.len(), texts.bytes()), (3, 5));
    }
}
