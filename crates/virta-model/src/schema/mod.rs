//! Every table of the store and of a study: columns, kinds, null rules and what they mean.
//!
//! The Parquet files, the SQL schemas and the data dictionary are all made from these definitions.

mod cohort;
mod pilot;
mod store;

pub use cohort::*;
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
#[derive(Debug, PartialEq, Eq)]
pub struct Column {
    pub name: &'static str,
    pub kind: Kind,
    pub nullable: bool,
    pub doc: &'static str,
}

/// One table: its name, what a row of it is, its columns in order.
#[derive(Debug, PartialEq, Eq)]
pub struct TableSchema {
    pub name: &'static str,
    pub grain: &'static str,
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

    /// How many columns come before the first number of people: in tables of sums over clients, what tells rows apart.
    pub fn keys(&self) -> usize {
        let is_people = |column: &Column| matches!(column.name, "clients" | "residents");
        self.columns.iter().position(is_people).unwrap_or(self.columns.len())
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
    Column { name, kind, nullable: false, doc }
}

const fn nullable(name: &'static str, kind: Kind, doc: &'static str) -> Column {
    Column { name, kind, nullable: true, doc }
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
}
