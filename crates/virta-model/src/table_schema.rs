//! What a table and a column are.

use crate::lang::Text;
use crate::leaving::{Leaves, Role};

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

/// How a column comes by its values, for those who write profiles.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fill {
    /// A profile may fill it.
    Free,
    /// A profile must fill it.
    Required,
    /// Made while rows are read: no profile can fill it.
    Derived,
    /// Made from the source's pseudonym, which a profile must fill in as `client`.
    AsClient,
    /// Made from the source's pseudonym, or given as it stands.
    AsClientOrId,
}

/// What the values of a column are, for those who put them into words: more than the kind says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Values {
    /// Nothing more: texts are shown as they stand, ratios as means.
    Plain,
    /// Words of the program's own, which mean the same in every column.
    Code,
    Service,
    /// Services joined by `+`.
    ServiceSet,
    /// Steps joined by `-`, each a service or a set of services.
    Path,
    Package,
    Provider,
    /// A municipality's code, or `all`.
    Municipality,
    /// A wellbeing services county, or `all`.
    County,
    Period,
    /// `yyyy-mm`.
    Month,
    Cohort,
    Pilot,
    /// A follow-up or a funnel, by the name that the study gives it.
    Follow,
    /// An event of a funnel.
    Event,
    /// A rule of attrition.
    Rule,
    /// What pilots are measured by or matched on.
    Measure,
    /// What counts as one service.
    CountBy,
    /// What an agreed volume counts.
    VolumeUnit,
    /// A band of visits.
    Band,
    /// A table of a study, by name.
    Table,
    /// A value of the dimension that another column names.
    Of(&'static str),
    /// 1 is Monday.
    Weekday,
    /// Null is a time that is not known.
    Hour,
    /// A part of a whole, read in per cent.
    Share,
    /// A ratio without a unit, read to two decimals.
    Coefficient,
    /// A ratio that is read as a whole number.
    Whole,
}

/// One column of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    pub name: &'static str,
    pub kind: Kind,
    pub nullable: bool,
    /// What stands above it in tables for readers.
    pub heading: Text,
    /// What it means, its unit where the kind does not say it, and when it is null.
    pub meaning: Text,
    /// What its values are, for those who put them into words.
    pub values: Values,
    /// What it is, for what may leave.
    pub role: Role,
    pub fill: Fill,
}

const NO_TEXT: Text = Text::new("", "", "");

const fn column(name: &'static str, kind: Kind) -> Column {
    Column {
        name,
        kind,
        nullable: false,
        heading: NO_TEXT,
        meaning: NO_TEXT,
        values: Values::Plain,
        role: Role::Undeclared,
        fill: Fill::Free,
    }
}

pub(crate) const fn id(name: &'static str) -> Column {
    column(name, Kind::Id)
}

pub(crate) const fn count(name: &'static str) -> Column {
    column(name, Kind::Count)
}

pub(crate) const fn cents(name: &'static str) -> Column {
    column(name, Kind::Cents)
}

pub(crate) const fn date(name: &'static str) -> Column {
    column(name, Kind::Date)
}

pub(crate) const fn time(name: &'static str) -> Column {
    column(name, Kind::Time)
}

pub(crate) const fn text(name: &'static str) -> Column {
    column(name, Kind::Text)
}

pub(crate) const fn code(name: &'static str) -> Column {
    column(name, Kind::Code)
}

pub(crate) const fn flag(name: &'static str) -> Column {
    column(name, Kind::Flag)
}

pub(crate) const fn ratio(name: &'static str) -> Column {
    column(name, Kind::Ratio)
}

/// How a declaration says what a column is.
impl Column {
    pub(crate) const fn or_null(mut self) -> Self {
        self.nullable = true;
        self
    }

    pub(crate) const fn heading(mut self, fi: &'static str, sv: &'static str, en: &'static str) -> Self {
        self.heading = Text::new(fi, sv, en);
        self
    }

    pub(crate) const fn means(mut self, fi: &'static str, sv: &'static str, en: &'static str) -> Self {
        self.meaning = Text::new(fi, sv, en);
        self
    }

    pub(crate) const fn values(mut self, values: Values) -> Self {
        self.values = values;
        self
    }

    pub(crate) const fn is(mut self, role: Role) -> Self {
        self.role = role;
        self
    }

    pub(crate) const fn key(self) -> Self {
        self.is(Role::Key)
    }

    pub(crate) const fn people(self) -> Self {
        self.is(Role::People)
    }

    pub(crate) const fn fact(self) -> Self {
        self.is(Role::Fact)
    }

    pub(crate) const fn amount_of(self, of: &'static str) -> Self {
        self.is(Role::Amount { of })
    }

    pub(crate) const fn rate(self, part: &'static str, whole: &'static str, per: u32) -> Self {
        self.is(Role::Rate { part, whole, per })
    }

    pub(crate) const fn required(mut self) -> Self {
        self.fill = Fill::Required;
        self
    }

    pub(crate) const fn derived(mut self) -> Self {
        self.fill = Fill::Derived;
        self
    }

    pub(crate) const fn as_client(mut self) -> Self {
        self.fill = Fill::AsClient;
        self
    }

    pub(crate) const fn as_client_or_id(mut self) -> Self {
        self.fill = Fill::AsClientOrId;
        self
    }
}

/// One table: its name, what a row of it is, its columns in order.
#[derive(Debug, PartialEq, Eq)]
pub struct TableSchema {
    pub name: &'static str,
    /// Its name for readers.
    pub title: Text,
    /// What a row is.
    pub grain: Text,
    /// Whether it may leave, and which of its rows.
    pub leaves: Leaves,
    /// Whether deliveries can fill it.
    pub(crate) is_deliverable: bool,
    /// The columns that rows in the store are sorted by, where [`row_order`](TableSchema::row_order) needs telling.
    pub order: &'static [&'static str],
    pub columns: &'static [Column],
}

impl TableSchema {
    /// What a declaration begins with: a table of the program's own that never leaves.
    pub(crate) const EMPTY: TableSchema = TableSchema {
        name: "",
        title: NO_TEXT,
        grain: NO_TEXT,
        leaves: Leaves::Never,
        is_deliverable: false,
        order: &[],
        columns: &[],
    };

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

    /// The columns that rows in the store are sorted by, all ascending, text by bytes, nulls last: those of its
    /// declaration, or else `client_id` where there is one, then the others as they stand.
    pub fn row_order(&self) -> Vec<&'static str> {
        if !self.order.is_empty() {
            return self.order.to_vec();
        }
        let client = self.has_clients().then_some("client_id");
        client.into_iter().chain(self.columns.iter().map(|c| c.name).filter(|name| *name != "client_id")).collect()
    }

    /// The columns that a profile can fill. `client` is the source's pseudonym, which becomes `client_id`.
    pub(crate) fn fillable(&self) -> impl Iterator<Item = &'static str> {
        let client = self.has_clients().then_some("client");
        let free = self.columns.iter().filter(|column| matches!(column.fill, Fill::Free | Fill::Required));
        client.into_iter().chain(free.map(|column| column.name))
    }

    /// Whether a profile can fill this column.
    pub fn accepts(&self, column: &str) -> bool {
        let is_given = |found: &Column| found.name == column && found.fill == Fill::AsClientOrId;
        self.fillable().any(|name| name == column) || self.columns.iter().any(is_given)
    }

    /// The columns that a profile must fill.
    pub fn required(&self) -> impl Iterator<Item = &'static str> {
        self.columns.iter().filter_map(|column| match column.fill {
            Fill::Required => Some(column.name),
            Fill::AsClient => Some("client"),
            _ => None,
        })
    }
}
