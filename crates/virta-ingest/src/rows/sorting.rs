//! Rows in their table's order.

use std::cmp::Ordering;
use std::sync::Arc;

use crate::rows::intern::NO_TEXT;
use crate::rows::layout::{CLIENT_AT, DELIVERY_AT, KEY_AT, Layout, NO_TIME, Slot, SlotKind, get_i64, get_u32, is_null};

/// Puts rows into their table's order; rows that are equal in it go by key.
pub(crate) fn sort(layout: &Layout, bytes: &[u8], live: &mut Vec<u32>, texts: &[Arc<str>], sources: &[u32]) {
    let row = |at: u32| &bytes[at as usize * layout.row_bytes..][..layout.row_bytes];
    let slots = ["start_date", "start_time", "sequence", "service"].map(|name| layout.slot(name));
    if let ("contacts", [Some(date), Some(time), Some(sequence), Some(service)]) = (layout.schema.name, slots) {
        let ranks = ranks(live.iter().map(|at| get_u32(row(*at), service.at)), texts);
        let mut keys: Vec<(u128, u64, u32, i64, u32)> = live
            .iter()
            .map(|at| {
                let row = row(*at);
                // Days before 1970 are negative; rows without a time come last.
                let day = (i64::from(get_u32(row, date.at) as i32) + (1 << 31)) as u64;
                let second = get_u32(row, time.at);
                let second = if second == NO_TIME { (1 << 20) - 1 } else { u64::from(second) };
                let rank = ranks.get(get_u32(row, service.at) as usize).copied().unwrap_or(u32::MAX);
                let place = place(get_i64(row, sequence.at));
                // Clients are not negative. Most rows are told apart by client and moment: one comparison.
                let when = (u128::from(get_i64(row, CLIENT_AT) as u64) << 64) | u128::from((day << 20) | second);
                (when, place, rank, get_i64(row, KEY_AT), *at)
            })
            .collect();
        keys.sort_unstable();
        live.clear();
        live.extend(keys.into_iter().map(|key| key.4));
        return;
    }
    let order = layout.schema.row_order();
    let source = |row: &[u8]| {
        let number = sources.get(get_u32(row, DELIVERY_AT) as usize).copied().unwrap_or(NO_TEXT);
        texts.get(number as usize)
    };
    let compare = |a: &u32, b: &u32| {
        let (a, b) = (row(*a), row(*b));
        let mut ordering = Ordering::Equal;
        for name in &order {
            if ordering != Ordering::Equal {
                return ordering;
            }
            ordering = match layout.slot(name) {
                Some(slot) => compare_slots(slot, a, b, texts),
                None if *name == "client_id" => get_i64(a, CLIENT_AT).cmp(&get_i64(b, CLIENT_AT)),
                None if *name == "source" => source(a).cmp(&source(b)),
                None => Ordering::Equal,
            };
        }
        ordering.then_with(|| get_i64(a, KEY_AT).cmp(&get_i64(b, KEY_AT)))
    };
    live.sort_by(compare);
}

fn compare_slots(slot: Slot, a: &[u8], b: &[u8], texts: &[Arc<str>]) -> Ordering {
    match (is_null(a, slot), is_null(b, slot)) {
        (true, true) => return Ordering::Equal,
        (true, false) => return Ordering::Greater,
        (false, true) => return Ordering::Less,
        (false, false) => {}
    }
    match slot.kind {
        SlotKind::Int => get_i64(a, slot.at).cmp(&get_i64(b, slot.at)),
        SlotKind::Day => (get_u32(a, slot.at) as i32).cmp(&(get_u32(b, slot.at) as i32)),
        SlotKind::Time => get_u32(a, slot.at).cmp(&get_u32(b, slot.at)),
        SlotKind::Flag => a[slot.at].cmp(&b[slot.at]),
        SlotKind::Closed(list) => list.get(usize::from(a[slot.at])).cmp(&list.get(usize::from(b[slot.at]))),
        SlotKind::Text => texts.get(get_u32(a, slot.at) as usize).cmp(&texts.get(get_u32(b, slot.at) as usize)),
        SlotKind::Ratio => {
            let value = |row: &[u8]| f64::from_bits(get_i64(row, slot.at) as u64);
            value(a).total_cmp(&value(b))
        }
    }
}

/// A sequence as a number whose order is rule 8's: smaller ones first, rows without one last.
fn place(sequence: i64) -> u64 {
    // Turning the sign round makes the order that of unsigned numbers, with the missing one as 0, which wraps to the end.
    ((sequence as u64) ^ (1 << 63)).wrapping_sub(1)
}

/// The place of each text among the bucket's texts in order of bytes, by its number.
fn ranks(numbers: impl Iterator<Item = u32>, texts: &[Arc<str>]) -> Vec<u32> {
    let mut ranks = vec![u32::MAX; texts.len()];
    let mut distinct = Vec::new();
    for number in numbers {
        if let Some(rank) = ranks.get_mut(number as usize)
            && *rank == u32::MAX
        {
            *rank = 0;
            distinct.push(number);
        }
    }
    distinct.sort_unstable_by_key(|number| texts.get(*number as usize));
    for (place, number) in distinct.into_iter().enumerate() {
        if let Some(rank) = ranks.get_mut(number as usize) {
            *rank = place as u32;
        }
    }
    ranks
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rows::layout::NO_INT;

    #[test]
    fn sequences_are_in_order_of_number_and_a_missing_one_is_last() {
        let sequences = [i64::MIN + 1, -1, 0, 1, 2, 10, i64::MAX, NO_INT];
        let places = sequences.map(place);
        assert!(places.windows(2).all(|pair| pair[0] < pair[1]), "{places:?}");
    }
}
