//! What comes after an event: the one rule for emergency visits, for follow-ups, for sequences and for funnels.

use std::ops::Range;

use crate::input::rows::Rows;
use crate::rules::plan::SequencePlan;

/// The rows that begin on the 1st to the `within_days`-th day after `day`, but not after `last`.
///
/// A contact of the same day is not after: which of two contacts of a day came first is often not known.
#[inline]
pub(crate) fn after(rows: &Rows<'_>, day: i32, within_days: i32, last: Option<i32>) -> Range<usize> {
    let until = last.unwrap_or(i32::MAX).min(day.saturating_add(within_days));
    let from = rows.start.partition_point(|&start| start <= day);
    let rest = rows.start.get(from..).unwrap_or_default();
    from..from + rest.iter().take_while(|&&start| start <= until).count()
}

/// The first day on which a sequence is complete: both contacts begin among these rows, not before `from`, and the second
/// within so many days after the first.
pub(crate) fn first_sequence(rows: &Rows<'_>, from: i32, sequence: &SequencePlan) -> Option<i32> {
    // The last two days with a contact of the first kind: the later one may be the day at hand.
    let (mut last, mut before) = (None, None);
    for row in rows.start.partition_point(|&start| start < from)..rows.len() {
        let day = rows.start[row];
        let first = if last == Some(day) { before } else { last };
        if first.is_some_and(|first: i32| day - first <= sequence.within_days) && sequence.then.fits(rows, row) {
            return Some(day);
        }
        if last != Some(day) && sequence.first.fits(rows, row) {
            (last, before) = (Some(day), last);
        }
    }
    None
}
