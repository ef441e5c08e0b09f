//! Tables about time and order.

use std::collections::BTreeMap;
use std::sync::{Mutex, OnceLock, PoisonError};

use super::{Column, Kind, Leaves, Pool, Role, TableSchema, column, nullable};

const FOLLOWED: &str = "Events followed within so many days, which stand in the column's name; null where the follow-up has no such limit.";

/// What comes after the events of each follow-up. A study that sets other limits than 7 and 30 days has a column
/// `followed_n` for each of its limits instead: see [`follow_up`].
pub static FOLLOW_UP: TableSchema = TableSchema {
    name: "follow_up",
    grain: "cohort x period x follow-up",
    leaves: Leaves::WholeGrid(Pool::Nothing),
    columns: &[
        FOLLOW_UP_COLUMNS[0],
        FOLLOW_UP_COLUMNS[1],
        FOLLOW_UP_COLUMNS[2],
        FOLLOW_UP_COLUMNS[3],
        FOLLOW_UP_COLUMNS[4],
        followed("followed_7"),
        followed("followed_30"),
        FOLLOW_UP_COLUMNS[5],
        FOLLOW_UP_COLUMNS[6],
    ],
};

/// Those before `followed_n`, and the two after.
const FOLLOW_UP_COLUMNS: [Column; 7] = [
    column("cohort", Kind::Code, "The cohort, or all for every user of the population.").is(Role::Key),
    column("period", Kind::Code, "The period, as the study writes it.").is(Role::Key),
    column("name", Kind::Code, "The follow-up, as the study names it.").is(Role::Key),
    column("events", Kind::Count, "Contacts of the first kind that begin in the period.")
        .is(Role::Amount { of: "clients" }),
    column("clients", Kind::Count, "Clients with such a contact.").is(Role::People),
    nullable(
        "median_days",
        Kind::Ratio,
        "Median days from the event to what follows, those not followed yet counted as waiting (Kaplan-Meier); null when not reached.",
    )
    .is(Role::Quantile { of: "clients", percent_above: 50 }),
    nullable("p90_days", Kind::Count, "Days by which nine in ten events are followed; null when not reached.")
        .is(Role::Quantile { of: "clients", percent_above: 10 }),
];

const fn followed(name: &'static str) -> Column {
    nullable(name, Kind::Count, FOLLOWED).is(Role::Amount { of: "clients" })
}

/// The table `follow_up` of a study with these limits in days, ascending: a column `followed_n` for each.
pub fn follow_up(within_days: &[u32]) -> &'static TableSchema {
    static MADE: OnceLock<Mutex<BTreeMap<Vec<u32>, &'static TableSchema>>> = OnceLock::new();
    if within_days == [7, 30] {
        return &FOLLOW_UP;
    }
    let mut made = MADE.get_or_init(Mutex::default).lock().unwrap_or_else(PoisonError::into_inner);
    made.entry(within_days.to_vec()).or_insert_with(|| {
        // A schema is used by reference for as long as the program runs, and a process sees few studies.
        let followed = within_days.iter().map(|days| followed(Box::leak(format!("followed_{days}").into_boxed_str())));
        let [before @ .., median, p90] = FOLLOW_UP_COLUMNS;
        let columns: Vec<Column> = before.into_iter().chain(followed).chain([median, p90]).collect();
        Box::leak(Box::new(TableSchema { columns: Box::leak(columns.into_boxed_slice()), ..FOLLOW_UP }))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_study_has_a_column_for_each_of_its_limits() {
        let names = |days: &[u32]| follow_up(days).columns.iter().map(|column| column.name).collect::<Vec<_>>();
        assert_eq!(
            names(&[1, 90]),
            ["cohort", "period", "name", "events", "clients", "followed_1", "followed_90", "median_days", "p90_days"]
        );
        assert!(std::ptr::eq(follow_up(&[1, 90]), follow_up(&[1, 90])));
        assert_eq!(names(&[7, 30]), FOLLOW_UP.columns.iter().map(|column| column.name).collect::<Vec<_>>());
    }
}
