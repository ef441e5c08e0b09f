//! Every table of the store and of a study, and what tables and columns are.
//!
//! ```
//! use virta_model::Lang;
//! use virta_model::schema::CLIENTS;
//! let column = CLIENTS.column("died_on").unwrap();
//! assert_eq!(column.meaning.of(Lang::Fi), "Kuolinpäivä.");
//! ```

pub use crate::leaving::*;
pub use crate::table_schema::*;
pub use crate::tables::*;

/// The store table of this name that deliveries can fill.
pub fn deliverable(name: &str) -> Option<&'static TableSchema> {
    STORE.iter().find(|table| table.name == name && table.is_deliverable).copied()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::lang::{Lang, Text};

    #[test]
    fn every_required_column_can_be_filled() {
        for table in STORE {
            for name in table.required() {
                assert!(table.accepts(name), "{}.{name}", table.name);
            }
        }
    }

    fn is_told(text: Text) -> bool {
        Lang::ALL.iter().all(|&lang| !text.of(lang).is_empty())
    }

    #[test]
    fn names_are_unique_and_everything_is_told_in_every_language() {
        for table in STORE.iter().chain(COHORT) {
            assert!(is_told(table.title) && is_told(table.grain), "{}", table.name);
            for (at, column) in table.columns.iter().enumerate() {
                assert_eq!(table.index_of(column.name), Some(at), "{}.{}", table.name, column.name);
                assert!(is_told(column.heading) && is_told(column.meaning), "{}.{}", table.name, column.name);
            }
        }
    }

    #[test]
    fn the_same_words_mean_the_same_in_every_table() {
        let mut meanings: BTreeMap<&str, Text> = BTreeMap::new();
        let mut headings: BTreeMap<&str, Text> = BTreeMap::new();
        for table in STORE.iter().chain(COHORT) {
            for column in table.columns {
                let at = || format!("{}.{}", table.name, column.name);
                let meaning = *meanings.entry(column.meaning.en).or_insert(column.meaning);
                assert_eq!(meaning, column.meaning, "{}", at());
                let heading = *headings.entry(column.name).or_insert(column.heading);
                assert_eq!(heading, column.heading, "{}", at());
            }
        }
    }

    #[test]
    fn rows_of_clients_lie_by_client_and_every_order_names_columns() {
        for table in STORE {
            let order = table.row_order();
            assert!(order.iter().all(|name| table.column(name).is_some()), "{}", table.name);
            assert_eq!(order[0] == "client_id", table.has_clients(), "{}", table.name);
        }
        assert_eq!(PILOTS.row_order(), ["client_id", "pilot", "index_date", "left_on"]);
    }

    #[test]
    fn every_column_of_a_table_that_may_leave_has_a_role_and_keys_come_first() {
        let mut undeclared = Vec::new();
        for table in COHORT.iter().filter(|table| table.leaves.ever()) {
            for (at, column) in table.columns.iter().enumerate() {
                if column.role == Role::Undeclared {
                    undeclared.push(format!("{}.{}", table.name, column.name));
                }
                assert_eq!(column.role == Role::Key, at < table.keys(), "{}.{}", table.name, column.name);
            }
        }
        assert_eq!(undeclared, Vec::<String>::new(), "say in schema what they are: without a role they never leave");
    }

    #[test]
    fn tables_of_single_persons_never_leave() {
        for table in STORE.iter().chain(COHORT).filter(|table| table.has_clients()) {
            assert_eq!(table.leaves, Leaves::Never, "{}", table.name);
        }
    }

    #[test]
    fn what_a_column_is_made_from_stands_in_its_table() {
        for table in COHORT {
            for column in table.columns {
                let of: Vec<&str> = match column.role {
                    Role::With { of }
                    | Role::Amount { of }
                    | Role::PersonTime { of }
                    | Role::Quantile { of, .. }
                    | Role::Threshold { of }
                    | Role::Mean { of } => vec![of],
                    Role::Rate { part, whole, .. } | Role::Standardised { part, whole } => vec![part, whole],
                    Role::Share { part, .. } => vec![part],
                    Role::Inequality { of, amount } => vec![of, amount],
                    Role::Jaccard { both, only_a, only_b } => vec![both, only_a, only_b],
                    _ => Vec::new(),
                };
                if let Values::Of(dimension) = column.values {
                    assert!(table.index_of(dimension).is_some(), "{}.{}", table.name, column.name);
                }
                assert!(of.iter().all(|name| table.index_of(name).is_some()), "{}.{}", table.name, column.name);
            }
        }
    }
}
