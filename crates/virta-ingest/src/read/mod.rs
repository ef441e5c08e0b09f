//! From a delivered file to its rows as texts, whatever kind of file it is.

pub(crate) mod arrow_rows;
pub(crate) mod arrow_schema;
pub(crate) mod cells;
pub(crate) mod csv;
pub(crate) mod delivered;
pub(crate) mod form;
pub(crate) mod head;
pub(crate) mod header;
pub(crate) mod input;
pub(crate) mod sheet_rows;
pub(crate) mod text;
pub(crate) mod typed;
pub(crate) mod workbook;
