//! What stands in a plain column of numbers where there is nothing. Every column of the store, of ingest and of flow takes
//! its null from here.

/// Null among ids, counts, cents and places within the day.
pub const NULL_INT: i64 = i64::MIN;
/// Null among days and times.
pub const NULL_DAY: i32 = i32::MIN;
/// Null among codes, which are numbers into a list of texts.
pub const NULL_CODE: u32 = u32::MAX;
/// Null among codes of a short list, of which at most 65,535 are numbered.
pub const NULL_SHORT_CODE: u16 = u16::MAX;
/// Null among flags and closed codes.
pub const NULL_FLAG: u8 = u8::MAX;
