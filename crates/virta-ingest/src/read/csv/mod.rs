//! Delimited text: exact rows from chunks that can be read in parallel.
//!
//! A quoted field may hold delimiters and line breaks. A quote that is never closed, or is followed by anything but a
//! delimiter, a line end or another quote, costs its own line only: reading goes on with the next line. So does a row
//! over several lines that has another number of fields than the header, since that is what an open quote looks like.
//! Empty lines are no rows.

mod decode;
mod line_ends;
mod marks;
mod scan;
mod split;

pub(crate) use decode::{decode, decode_line};
pub(crate) use line_ends::LineEnds;
pub(crate) use marks::Marks;
pub(crate) use scan::{Fields, ROW_BYTES_MAX, Scan, Syntax, next_row, short_key};
pub(crate) use split::{Chunk, Splitter};
