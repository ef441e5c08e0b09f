//! Rule 0: to which day each source knows.

use std::collections::BTreeMap;

use virta_model::Day;
use virta_store::Snapshot;

use crate::error::Result;
use crate::ledger::entries::read_details;

/// The last day that each source of a snapshot knows of: the newest day of extract of its deliveries, whatever they
/// hold. It ends what the source left open. A source that only an older version of the program has read, without a day,
/// is not in it: its files need to be ingested again with one.
///
/// # Errors
/// A table of the store that cannot be read.
pub fn known_to(snapshot: &Snapshot) -> Result<BTreeMap<String, Day>> {
    let details = read_details(snapshot)?;
    let mut known: BTreeMap<String, Day> = BTreeMap::new();
    for delivery in snapshot.deliveries() {
        let day = details.get(&delivery.delivery_id).and_then(|details| details.extracted_on).map(Day);
        if let Some(day) = day {
            let newest = known.entry(delivery.source.clone()).or_insert(day);
            *newest = day.max(*newest);
        }
    }
    Ok(known)
}
