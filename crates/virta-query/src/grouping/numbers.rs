//! Numbers for group keys: each value of a key gets a small number, each combination of numbers a group.

use std::collections::HashMap;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, Date32Array, DictionaryArray, Int32Array, StringArray};
use arrow::datatypes::{DataType, Date32Type, Int32Type};
use datafusion::error::{DataFusionError, Result};

/// The values of one key seen so far, numbered in order of appearance.
#[derive(Debug)]
enum Key {
    Codes {
        numbers: HashMap<Option<String>, u32>,
        values: Vec<Option<String>>,
        /// The dictionary last seen and the number of each of its entries: batches of one row group share it.
        last: Option<(ArrayRef, Vec<u32>)>,
    },
    Whole {
        data_type: DataType,
        numbers: HashMap<Option<i32>, u32>,
        values: Vec<Option<i32>>,
    },
}

/// An entry of a dictionary that no row has asked for yet.
const UNKNOWN: u32 = u32::MAX;

impl Key {
    /// `None` for a type whose values are not few.
    fn new(data_type: &DataType) -> Option<Self> {
        match data_type {
            DataType::Dictionary(key, value) if **key == DataType::Int32 && **value == DataType::Utf8 => {
                Some(Key::Codes { numbers: HashMap::new(), values: Vec::new(), last: None })
            }
            DataType::Int32 | DataType::Date32 | DataType::Boolean => {
                Some(Key::Whole { data_type: data_type.clone(), numbers: HashMap::new(), values: Vec::new() })
            }
            _ => None,
        }
    }

    /// How many values there are so far.
    fn len(&self) -> usize {
        match self {
            Key::Codes { values, .. } => values.len(),
            Key::Whole { values, .. } => values.len(),
        }
    }

    /// The number of each row's value.
    fn number(&mut self, column: &ArrayRef, into: &mut Vec<u32>) -> Result<()> {
        into.clear();
        match self {
            Key::Codes { numbers, values, last } => {
                let Some(codes) = column.as_any().downcast_ref::<DictionaryArray<Int32Type>>() else {
                    return Err(mismatch());
                };
                let texts = codes.values().as_string_opt::<i32>().ok_or_else(mismatch)?;
                let mut known = match last.take() {
                    Some((dictionary, known)) if Arc::ptr_eq(&dictionary, codes.values()) => known,
                    _ => vec![UNKNOWN; texts.len()],
                };
                let mut name = |text: Option<&str>| {
                    let text = text.map(str::to_owned);
                    *numbers.entry(text.clone()).or_insert_with(|| {
                        values.push(text);
                        values.len() as u32 - 1
                    })
                };
                let mut of = |code: i32| match known.get_mut(code as usize) {
                    Some(number) if *number != UNKNOWN => *number,
                    Some(number) => {
                        let at = code as usize;
                        *number = name(texts.is_valid(at).then(|| texts.value(at)));
                        *number
                    }
                    None => UNKNOWN,
                };
                let keys = codes.keys();
                match keys.nulls() {
                    None => into.extend(keys.values().iter().map(|code| of(*code))),
                    Some(nulls) => {
                        let mut missing = None;
                        for (code, there) in keys.values().iter().zip(nulls) {
                            // -1 is no entry, and so no entry is made for it.
                            into.push(if there { of(*code) } else { UNKNOWN });
                            missing = missing.or((!there).then_some(()));
                        }
                        if missing.is_some() {
                            let number = name(None);
                            into.iter_mut().filter(|n| **n == UNKNOWN).for_each(|n| *n = number);
                        }
                    }
                }
                *last = Some((Arc::clone(codes.values()), known));
            }
            Key::Whole { numbers, values, .. } => {
                let mut last: Option<(Option<i32>, u32)> = None;
                let mut of = |value: Option<i32>| match last {
                    Some((seen, number)) if seen == value => number,
                    _ => {
                        let number = *numbers.entry(value).or_insert_with(|| {
                            values.push(value);
                            values.len() as u32 - 1
                        });
                        last = Some((value, number));
                        number
                    }
                };
                if let Some(column) = column.as_primitive_opt::<Int32Type>() {
                    into.extend(column.iter().map(&mut of));
                } else if let Some(column) = column.as_primitive_opt::<Date32Type>() {
                    into.extend(column.iter().map(&mut of));
                } else if let Some(column) = column.as_boolean_opt() {
                    into.extend(column.iter().map(|value| of(value.map(i32::from))));
                } else {
                    return Err(mismatch());
                }
            }
        }
        Ok(())
    }

    /// The values behind numbers, as the column they came from.
    fn column(&self, numbers: impl Iterator<Item = u32>) -> Result<ArrayRef> {
        Ok(match self {
            Key::Codes { values, .. } => {
                let is_there = |number: &u32| values.get(*number as usize).is_some_and(Option::is_some);
                let keys = Int32Array::from_iter(numbers.map(|number| is_there(&number).then_some(number as i32)));
                let texts =
                    StringArray::from_iter_values(values.iter().map(|text| text.as_deref().unwrap_or_default()));
                Arc::new(DictionaryArray::<Int32Type>::try_new(keys, Arc::new(texts))?)
            }
            Key::Whole { data_type, values, .. } => {
                let values = numbers.map(|number| values.get(number as usize).copied().flatten());
                match data_type {
                    DataType::Date32 => Arc::new(Date32Array::from_iter(values)),
                    DataType::Boolean => Arc::new(BooleanArray::from_iter(values.map(|value| value.map(|v| v != 0)))),
                    _ => Arc::new(Int32Array::from_iter(values)),
                }
            }
        })
    }
}

fn mismatch() -> DataFusionError {
    DataFusionError::Internal("a group key is not of its type".to_owned())
}

/// The combinations of several keys' values seen so far, numbered in order of appearance.
#[derive(Debug)]
pub(super) struct Combinations {
    keys: Vec<Key>,
    /// For each key after the first, the combinations that it makes with those before it.
    pairs: Vec<Pairs>,
    numbers: Vec<u32>,
}

impl Combinations {
    /// Of keys of these types; `None` where the values of one are not few.
    pub(super) fn new(types: &[DataType]) -> Option<Self> {
        let keys: Vec<Key> = types.iter().map(Key::new).collect::<Option<_>>()?;
        let pairs = keys.iter().skip(1).map(|_| Pairs::default()).collect();
        Some(Combinations { keys, pairs, numbers: Vec::new() })
    }

    /// How many there are so far. Without keys there is one.
    pub(super) fn len(&self) -> usize {
        self.pairs.last().map_or_else(|| self.keys.first().map_or(1, Key::len), Pairs::len)
    }

    /// The largest number of values that a key has so far.
    pub(crate) fn most_values(&self) -> usize {
        self.keys.iter().map(Key::len).max().unwrap_or(0)
    }

    /// The number of each row's combination.
    pub(super) fn number(&mut self, columns: &[ArrayRef], rows: usize, into: &mut Vec<u32>) -> Result<()> {
        into.clear();
        if self.keys.is_empty() {
            into.resize(rows, 0);
            return Ok(());
        }
        let mut so_far = 0;
        for (at, (key, column)) in self.keys.iter_mut().zip(columns).enumerate() {
            match at.checked_sub(1).and_then(|pair| self.pairs.get_mut(pair)) {
                None => {
                    key.number(column, into)?;
                    so_far = key.len();
                }
                Some(pairs) => {
                    key.number(column, &mut self.numbers)?;
                    pairs.join(into, &self.numbers, so_far, key.len());
                    so_far = pairs.len();
                }
            }
        }
        Ok(())
    }

    /// The values of each key in these combinations, as the columns they came from.
    pub(super) fn columns(&self, mut combinations: Vec<u32>) -> Result<Vec<ArrayRef>> {
        let mut columns = Vec::with_capacity(self.keys.len());
        for (at, key) in self.keys.iter().enumerate().rev() {
            match at.checked_sub(1).and_then(|pair| self.pairs.get(pair)) {
                None => columns.push(key.column(combinations.iter().copied())?),
                Some(pairs) => {
                    columns.push(key.column(combinations.iter().map(|number| pairs.pair(*number).1))?);
                    combinations.iter_mut().for_each(|number| *number = pairs.pair(*number).0);
                }
            }
        }
        columns.reverse();
        Ok(columns)
    }
}

/// Groups as pairs of numbers: the group so far and the next key's number.
#[derive(Debug, Default)]
struct Pairs {
    groups: HashMap<(u32, u32), u32>,
    pairs: Vec<(u32, u32)>,
    /// Groups by `left * width + right` while that is a small table.
    table: Vec<u32>,
    width: usize,
}

/// Entries that a table may have before groups are looked up by hash.
const MOST_ENTRIES: usize = 1 << 20;

impl Pairs {
    fn len(&self) -> usize {
        self.pairs.len()
    }

    fn pair(&self, group: u32) -> (u32, u32) {
        self.pairs.get(group as usize).copied().unwrap_or_default()
    }

    /// Replaces each `left` by the group of `(left, right)`. `lefts` and `rights`: how many numbers there are of each.
    fn join(&mut self, left: &mut [u32], right: &[u32], lefts: usize, rights: usize) {
        let fits = lefts.checked_mul(rights.max(self.width)).is_some_and(|entries| entries <= MOST_ENTRIES);
        if !fits {
            for (left, right) in left.iter_mut().zip(right) {
                *left = Self::group(&mut self.groups, &mut self.pairs, (*left, *right));
            }
            return;
        }
        if rights > self.width {
            // Room to grow, and the table anew.
            self.width = rights.next_power_of_two();
            self.table.clear();
        }
        self.table.resize(self.table.len().max(lefts * self.width), UNKNOWN);
        for (left, right) in left.iter_mut().zip(right) {
            let Some(entry) = self.table.get_mut(*left as usize * self.width + *right as usize) else { continue };
            if *entry == UNKNOWN {
                *entry = Self::group(&mut self.groups, &mut self.pairs, (*left, *right));
            }
            *left = *entry;
        }
    }

    fn group(groups: &mut HashMap<(u32, u32), u32>, pairs: &mut Vec<(u32, u32)>, pair: (u32, u32)) -> u32 {
        *groups.entry(pair).or_insert_with(|| {
            pairs.push(pair);
            pairs.len() as u32 - 1
        })
    }
}
