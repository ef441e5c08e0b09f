//! Which rows a window function looks at for each row of a client.

use std::ops::Range;

use arrow::array::{Array, ArrayRef, Date32Array, Int64Array};
use datafusion::common::ScalarValue;
use datafusion::logical_expr::{WindowFrame, WindowFrameBound, WindowFrameUnits};

/// One end of a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Bound {
    /// The client's first or last row.
    Unbounded,
    /// The row itself; with `RANGE`, all its peers.
    Current,
    /// Rows, or units of the ordering value, after the row; before it when negative.
    Offset(i64),
}

/// Frames that can be told with two pointers that only move forwards.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Frame {
    is_range: bool,
    start: Bound,
    end: Bound,
}

impl Frame {
    /// `None` for a frame of another kind.
    pub(super) fn of(frame: &WindowFrame) -> Option<Self> {
        let is_range = match frame.units {
            WindowFrameUnits::Rows => false,
            WindowFrameUnits::Range => true,
            WindowFrameUnits::Groups => return None,
        };
        let bound = |bound: &WindowFrameBound| match bound {
            WindowFrameBound::CurrentRow => Some(Bound::Current),
            bound if bound.is_unbounded() => Some(Bound::Unbounded),
            WindowFrameBound::Preceding(by) => whole(by).map(|by| Bound::Offset(-by)),
            WindowFrameBound::Following(by) => whole(by).map(Bound::Offset),
        };
        let backwards = matches!(&frame.start_bound, WindowFrameBound::Following(by) if by.is_null())
            || matches!(&frame.end_bound, WindowFrameBound::Preceding(by) if by.is_null());
        if backwards {
            return None;
        }
        Some(Frame { is_range, start: bound(&frame.start_bound)?, end: bound(&frame.end_bound)? })
    }

    pub(crate) fn needs_peers(self) -> bool {
        self.is_range && (self.start == Bound::Current || self.end == Bound::Current)
    }

    pub(crate) fn needs_values(self) -> bool {
        self.is_range && [self.start, self.end].iter().any(|bound| matches!(bound, Bound::Offset(_)))
    }

    /// The frame of each of a client's `rows`, in the window's order.
    pub(crate) fn ranges(
        self,
        rows: usize,
        peers: &Peers,
        values: &Values<'_>,
        mut each: impl FnMut(usize, Range<usize>),
    ) {
        let (mut start, mut end) = (0, 0);
        for row in 0..rows {
            start = self.edge(self.start, row, rows, start, peers, values, false);
            end = self.edge(self.end, row, rows, end, peers, values, true);
            each(row, start.min(end)..end);
        }
    }

    /// The first row at or past the bound, or past it altogether for the end of the frame. `last` is the edge of the
    /// row before.
    #[allow(clippy::too_many_arguments)]
    fn edge(
        self,
        bound: Bound,
        row: usize,
        rows: usize,
        last: usize,
        peers: &Peers,
        values: &Values<'_>,
        is_end: bool,
    ) -> usize {
        let past = usize::from(is_end);
        match (bound, self.is_range) {
            (Bound::Unbounded, _) => rows * past,
            (Bound::Current, false) => row + past,
            (Bound::Offset(by), false) => {
                let at = i64::try_from(row).unwrap_or(i64::MAX).saturating_add(by).saturating_add(past as i64);
                usize::try_from(at.max(0)).unwrap_or(usize::MAX).min(rows)
            }
            (Bound::Current, true) => peers.edge(row, is_end),
            (Bound::Offset(by), true) => values.edge(row, by, last, is_end),
        }
    }
}

/// A number of rows, days or units. Months are not a number of days: `None`.
fn whole(by: &ScalarValue) -> Option<i64> {
    const NANOSECONDS_A_DAY: i64 = 86_400_000_000_000;
    match by {
        ScalarValue::UInt64(Some(by)) => i64::try_from(*by).ok(),
        ScalarValue::Int64(Some(by)) => Some(*by),
        ScalarValue::IntervalMonthDayNano(Some(by)) if by.months == 0 && by.nanoseconds % NANOSECONDS_A_DAY == 0 => {
            Some(i64::from(by.days) + by.nanoseconds / NANOSECONDS_A_DAY)
        }
        _ => None,
    }
    .filter(|by| *by >= 0)
}

/// Rows of one client that the window's order does not tell apart.
#[derive(Debug, Default)]
pub(super) struct Peers {
    /// For each row the first of its peers, and the row past the last.
    edges: Vec<(usize, usize)>,
}

impl Peers {
    /// From the first row of each group, ascending, and the number of rows.
    pub(super) fn set(&mut self, groups: impl Iterator<Item = Range<usize>>) {
        self.edges.clear();
        for group in groups {
            self.edges.resize(group.end, (group.start, group.end));
        }
    }

    fn edge(&self, row: usize, is_end: bool) -> usize {
        let (start, end) = self.edges.get(row).copied().unwrap_or((row, row + 1));
        if is_end { end } else { start }
    }
}

/// The values that a `RANGE` with an offset measures along, ascending in the window's order, with nulls in one run at
/// either end.
#[derive(Debug)]
pub(super) struct Values<'a> {
    column: Option<Numbers<'a>>,
    rows: Range<usize>,
    is_reversed: bool,
    is_descending: bool,
    /// Rows in the window's order whose value is there.
    there: Range<usize>,
}

#[derive(Debug, Clone, Copy)]
enum Numbers<'a> {
    Days(&'a Date32Array),
    Whole(&'a Int64Array),
}

impl<'a> Values<'a> {
    /// For frames that need no values.
    pub(super) fn none() -> Self {
        Values { column: None, rows: 0..0, is_reversed: false, is_descending: false, there: 0..0 }
    }

    /// Whether values of this type can be measured along.
    pub(crate) fn measures(column: &ArrayRef) -> bool {
        Numbers::of(column).is_some()
    }

    /// The values of a client's rows. `is_reversed`: the rows lie the other way round than the window orders them.
    pub(super) fn new(column: &'a ArrayRef, rows: Range<usize>, is_reversed: bool, is_descending: bool) -> Self {
        let column = Numbers::of(column);
        let mut values = Values { column, is_reversed, is_descending, there: 0..rows.len(), rows };
        while !values.there.is_empty() && values.at(values.there.start).is_none() {
            values.there.start += 1;
        }
        while !values.there.is_empty() && values.at(values.there.end - 1).is_none() {
            values.there.end -= 1;
        }
        values
    }

    fn at(&self, row: usize) -> Option<i64> {
        let row = if self.is_reversed { self.rows.end - 1 - row } else { self.rows.start + row };
        let value = match self.column? {
            Numbers::Days(days) => days.is_valid(row).then(|| i64::from(days.value(row)))?,
            Numbers::Whole(numbers) => numbers.is_valid(row).then(|| numbers.value(row))?,
        };
        Some(if self.is_descending { value.saturating_neg() } else { value })
    }

    fn edge(&self, row: usize, by: i64, last: usize, is_end: bool) -> usize {
        let Some(value) = self.at(row) else {
            // Nulls are each other's peers and nobody else's.
            let nulls = if row < self.there.start { 0..self.there.start } else { self.there.end..self.rows.len() };
            return if is_end { nulls.end } else { nulls.start };
        };
        let target = value.saturating_add(by);
        let mut edge = last.clamp(self.there.start, self.there.end);
        while edge < self.there.end
            && self.at(edge).is_some_and(|value| if is_end { value <= target } else { value < target })
        {
            edge += 1;
        }
        edge
    }
}

impl<'a> Numbers<'a> {
    fn of(column: &'a ArrayRef) -> Option<Self> {
        let days = column.as_any().downcast_ref().map(Numbers::Days);
        days.or_else(|| column.as_any().downcast_ref().map(Numbers::Whole))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    fn frames(frame: Frame, days: &[Option<i32>], is_reversed: bool, is_descending: bool) -> Vec<(usize, usize)> {
        let column: ArrayRef = Arc::new(Date32Array::from(days.to_vec()));
        let values = Values::new(&column, 0..days.len(), is_reversed, is_descending);
        let mut found = Vec::new();
        frame.ranges(days.len(), &Peers::default(), &values, |_, frame| found.push((frame.start, frame.end)));
        found
    }

    #[test]
    fn a_range_of_days_reaches_back_over_all_rows_of_its_first_day() {
        let two_days_back = Frame { is_range: true, start: Bound::Offset(-2), end: Bound::Offset(0) };
        let days = [Some(1), Some(3), Some(3), Some(10), None];
        assert_eq!(frames(two_days_back, &days, false, false), [(0, 1), (0, 3), (0, 3), (3, 4), (4, 5)]);
        // Stored the other way round and walked backwards: the same places in the window's order.
        let turned = [None, Some(10), Some(3), Some(3), Some(1)];
        assert_eq!(frames(two_days_back, &turned, true, false), [(0, 1), (0, 3), (0, 3), (3, 4), (4, 5)]);
        // Falling days: back is later.
        let falling = [Some(10), Some(3), Some(3), Some(1)];
        assert_eq!(frames(two_days_back, &falling, false, true), [(0, 1), (1, 3), (1, 3), (1, 4)]);
    }

    #[test]
    fn rows_beyond_a_client_are_in_no_frame() {
        let around = Frame { is_range: false, start: Bound::Offset(-1), end: Bound::Offset(1) };
        assert_eq!(frames(around, &[None; 3], false, false), [(0, 2), (0, 3), (1, 3)]);
        let ahead = Frame { is_range: false, start: Bound::Offset(2), end: Bound::Offset(3) };
        assert_eq!(frames(ahead, &[None; 3], false, false), [(2, 3), (3, 3), (3, 3)]);
    }
}
