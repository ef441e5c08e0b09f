//! The columns of contacts that only some studies read, each told once at the end of this file.
//!
//! To add one: a line there, and what a source fills it with. What carries columns from a source to an analysis follows
//! from the line.

use virta_model::{NULL_DAY, NULL_FLAG, NULL_INT, NULL_SHORT_CODE};

/// A day that is not there.
pub const NO_DAY: i32 = NULL_DAY;
/// A cost that is not there: unpriced, not free.
pub const NO_COST: i64 = NULL_INT;
/// A time that is not there.
pub const NO_TIME: i32 = NULL_DAY;
/// A place within the day that is not there.
pub const NO_SEQUENCE: i64 = NULL_INT;
/// A mode that is not there.
pub const NO_MODE: u8 = NULL_FLAG;
/// A provider, unit, municipality or language that is not there. So at most 65,535 distinct values are numbered.
pub const NO_CODE: u16 = NULL_SHORT_CODE;

macro_rules! contact_columns {
    ($($(#[doc = $doc:literal])+ $name:ident: $type:ty, missing $missing:expr;)+) => {
        /// Which columns of contacts a study reads. Client, service and start day are always read.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
        pub struct Columns {
            /// `is_stay` and `end_day`.
            pub stays: bool,
            pub cost: bool,
            $($(#[doc = $doc])+ pub $name: bool,)+
            /// `source` of batches that have stays: asked for where the sources differ in what they know.
            pub source_of_stays: bool,
        }

        impl Columns {
            pub const NONE: Columns =
                Columns { stays: false, cost: false, $($name: false,)+ source_of_stays: false };

            pub const ALL: Columns = Columns { stays: true, cost: true, $($name: true,)+ source_of_stays: true };

            /// The columns in either.
            #[must_use]
            pub const fn or(self, other: Columns) -> Columns {
                Columns {
                    stays: self.stays || other.stays,
                    cost: self.cost || other.cost,
                    $($name: self.$name || other.$name,)+
                    source_of_stays: self.source_of_stays || other.source_of_stays,
                }
            }
        }

        /// The columns that only some studies read, of a batch or of a client. Each has every row, or none where nobody
        /// asked for it or no row has anything there.
        #[derive(Debug, Clone, Copy, Default)]
        pub struct MoreColumns<'a> {
            $($(#[doc = $doc])+ pub $name: &'a [$type],)+
        }

        impl<'a> MoreColumns<'a> {
            pub(crate) const NONE: MoreColumns<'static> = MoreColumns { $($name: &[],)+ };

            /// The columns that are wanted, without rows in the others.
            #[must_use]
            pub fn only(self, wanted: Columns) -> Self {
                MoreColumns { $($name: if wanted.$name { self.$name } else { &[] },)+ }
            }

            /// The rows from one to before another.
            #[inline]
            pub(crate) fn part(&self, from: usize, to: usize) -> MoreColumns<'a> {
                MoreColumns { $($name: self.$name.get(from..to).unwrap_or(&[]),)+ }
            }

            /// Memory that the columns take, in bytes.
            pub(crate) fn bytes(&self) -> usize {
                [$(size_of_val(self.$name)),+].into_iter().sum()
            }

            /// Whether each column has this many rows or none.
            pub(crate) fn fits(&self, rows: usize) -> bool {
                [$(self.$name.len()),+].into_iter().all(|length| length == 0 || length == rows)
            }
        }

        /// The columns that only some studies read, kept.
        #[derive(Debug, Clone, Default, PartialEq)]
        pub struct MoreRows {
            $($(#[doc = $doc])+ pub $name: Vec<$type>,)+
        }

        impl MoreRows {
            pub fn columns(&self) -> MoreColumns<'_> {
                MoreColumns { $($name: &self.$name,)+ }
            }

            pub fn clear(&mut self) {
                $(self.$name.clear();)+
            }

            /// Appends some rows to the `rows` that are there. A column that nothing was in so far stays without rows
            /// while nothing comes; the others are made whole by [`MoreRows::complete`].
            #[inline]
            pub(crate) fn append(&mut self, rows: usize, more: &MoreColumns<'_>, from: usize, to: usize) {
                $(if let Some(part) = more.$name.get(from..to).filter(|part| !part.is_empty()) {
                    self.$name.resize(rows, $missing);
                    self.$name.extend_from_slice(part);
                })+
            }

            /// Makes every column that has rows have this many.
            pub(crate) fn complete(&mut self, rows: usize) {
                $(if !self.$name.is_empty() {
                    self.$name.resize(rows, $missing);
                })+
            }
        }
    };
}

contact_columns! {
    /// Whether the urgency of the contact is emergency. (The service's own `is_emergency` is in the catalogue.)
    emergency: bool, missing false;
    /// Milliseconds since midnight, or [`NO_TIME`].
    start_time: i32, missing NO_TIME;
    /// Order within the day, or [`NO_SEQUENCE`].
    sequence: i64, missing NO_SEQUENCE;
    /// Numbers in [`Catalogue::providers`](crate::Catalogue::providers), or [`NO_CODE`].
    provider: u16, missing NO_CODE;
    /// Numbers in [`Catalogue::units`](crate::Catalogue::units), or [`NO_CODE`].
    unit: u16, missing NO_CODE;
    /// Places in `virta_model::Mode::ALL`, or [`NO_MODE`].
    mode: u8, missing NO_MODE;
    /// Numbers in [`Catalogue::sources`](crate::Catalogue::sources), or [`NO_CODE`].
    source: u16, missing NO_CODE;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_that_begins_late_or_ends_early_is_made_whole() {
        let mut kept = MoreRows::default();
        kept.append(0, &MoreColumns { provider: &[4, 5], ..MoreColumns::NONE }, 0, 2);
        kept.append(2, &MoreColumns { mode: &[1, 2, 3], ..MoreColumns::NONE }, 1, 3);
        kept.append(4, &MoreColumns::NONE, 0, 1);
        kept.complete(5);
        assert_eq!(kept.provider, [4, 5, NO_CODE, NO_CODE, NO_CODE]);
        assert_eq!(kept.mode, [NO_MODE, NO_MODE, 2, 3, NO_MODE]);
        assert!(kept.columns().fits(5) && !kept.columns().fits(4));
        assert_eq!(kept.columns().only(Columns { mode: true, ..Columns::NONE }).provider, [0u16; 0]);
    }
}
