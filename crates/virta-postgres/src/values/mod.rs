//! Values on the wire: which type of PostgreSQL a column has, and its bytes as text and in binary form.

mod column;
mod parameter;
mod text;
mod wire;

pub(crate) use column::Column;
pub(crate) use parameter::{data_type_of, parameter};
pub(crate) use wire::{Field, Wire};

/// Days from 1970-01-01 to 2000-01-01, where PostgreSQL begins to count.
const DAYS_TO_2000: i32 = 10_957;
const MICROSECONDS_A_DAY: i64 = 86_400_000_000;
