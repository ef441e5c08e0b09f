//! Every table of the store and of a study: columns, kinds, null rules and what they mean.
//!
//! The Parquet files, the SQL schemas and the data dictionary are all made from these definitions.

mod cohort;
mod leaving;
mod order;
mod pilot;
mod store;

pub use cohort::*;
pub use leaving::*;
pub use order::*;
pub use pilot::*;
pub use store::*;

/// What a column holds. The kind decides the physical type and the unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A 64-bit identifier.
    Id,
    /// A whole number of things.
    Count,
    /// Money in cents.
    Cents,
    /// A local calendar day.
    Date,
    /// A local time of day, to the second.
    Time,
    /// UTF-8 text.
    Text,
    /// UTF-8 text from a short list: stored as a dictionary.
    Code,
    /// True or false.
    Flag,
    /// A share, rate or other ratio.
    Ratio,
}

impl Kind {
    /// The unit that the data dictionary prints, empty where there is none.
    pub const fn unit(self) -> &'static str {
        match self {
            Kind::Cents => "cents",
            Kind::Date => "day",
            Kind::Time => "second",
            _ => "",
        }
    }
}

/// One column of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    pub name: &'static str,
    pub kind: Kind,
    pub nullable: bool,
    pub doc: &'static str,
    /// What it is, for what may leave.
    pub role: Role,
}

impl Column {
    /// The column with its role.
    const fn is(mut self, role: Role) -> Self {
        self.role = role;
        self
    }
}

/// One table: its name, what a row of it is, its columns in order.
#[derive(Debug, PartialEq, Eq)]
pub struct TableSchema {
    pub name: &'static str,
    pub grain: &'static str,
    /// Whether it may leave, and which of its rows.
    pub leaves: Leaves,
    pub columns: &'static [Column],
}

impl TableSchema {
    /// Position of a column.
    pub fn index_of(&self, column: &str) -> Option<usize> {
        self.columns.iter().position(|c| c.name == column)
    }

    pub fn column(&self, column: &str) -> Option<&'static Column> {
        self.columns.iter().find(|c| c.name == column)
    }

    /// How many columns say what a row is about: the keys, which come first.
    pub fn keys(&self) -> usize {
        self.columns.iter().position(|column| column.role != Role::Key).unwrap_or(self.columns.len())
    }

    /// Whether rows of this table belong to clients: such tables are split into buckets.
    pub fn has_clients(&self) -> bool {
        self.index_of("client_id").is_some()
    }

    /// The columns that a profile can fill. `client` is the source's pseudonym, which becomes `client_id`.
    pub fn fillable(&self) -> impl Iterator<Item = &'static str> {
        let client = self.has_clients().then_some("client");
        let derived: &[&str] = &["client_id", "contact_id", "cost_source", "source", "delivery_id"];
        client.into_iter().chain(self.columns.iter().map(|c| c.name).filter(move |name| !derived.contains(name)))
    }

    /// Whether a profile can fill this column.
    pub fn accepts(&self, column: &str) -> bool {
        self.fillable().any(|name| name == column) || (self.name == "pilots" && column == "client_id")
    }

    /// The columns that a profile must fill.
    pub fn required(&self) -> &'static [&'static str] {
        match self.name {
            "contacts" => &["client", "service", "start_date"],
            "clients" => &["client"],
            "plans" => &["client", "kind", "from_date"],
            "assessments" => &["client", "tier", "contacted_on"],
            "feedback" => &["client", "provider", "package", "instrument", "given_on", "score"],
            "pilots" => &["pilot", "index_date"],
            "agreements" => &["provider", "package", "from_date", "to_date"],
            "aggregates" => &["service", "period_from", "period_to"],
            _ => &[],
        }
    }
}

/// The store table of this name that deliveries can fill.
pub fn deliverable(name: &str) -> Option<&'static TableSchema> {
    let table = STORE.iter().find(|table| table.name == name)?;
    (!["services", "municipalities", "deliveries", "quarantine"].contains(&name)).then_some(*table)
}

const fn column(name: &'static str, kind: Kind, doc: &'static str) -> Column {
    Column { name, kind, nullable: false, doc, role: Role::Undeclared }
}

const fn nullable(name: &'static str, kind: Kind, doc: &'static str) -> Column {
    Column { name, kind, nullable: true, doc, role: Role::Undeclared }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_required_column_can_be_filled() {
        for table in STORE {
            for name in table.required() {
                assert!(table.accepts(name), "{}.{name}", table.name);
            }
        }
    }

    #[test]
    fn names_are_unique_and_documented() {
        for table in STORE.iter().chain(COHORT) {
            assert!(!table.grain.is_empty(), "{}", table.name);
            for (at, column) in table.columns.iter().enumerate() {
                assert_eq!(table.index_of(column.name), Some(at), "{}.{}", table.name, column.name);
                assert!(!column.doc.is_empty(), "{}.{}", table.name, column.name);
            }
        }
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
                assert!(of.iter().all(|name| table.index_of(name).is_some()), "{}.{}", table.name, column.name);
            }
        }
    }
}
