//! What may leave of a table: what each column is, and what becomes of rows of few clients.
//!
//! The policy itself is in `virta-protection`. A column or a table without a declaration never leaves.

/// What a column is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Nobody has said: the column never leaves.
    Undeclared,
    /// Stays inside: it leaves in no row, since next to nobody stands behind it. Another table says how many in all.
    Kept,
    /// Says what the row is about. The keys come first in their table.
    Key,
    /// About the study or an agreement, not about people: leaves as it is, and its row may always be there.
    Fact,
    /// A text that the clients of another column gave, shown where they are.
    With { of: &'static str },
    /// A number of people.
    People,
    /// A sum over the people of a column. Who adds most to it stands in `contributors` under the column's name.
    Amount { of: &'static str },
    /// Years of observation of the people of a column, at most as many as the period has for each.
    PersonTime { of: &'static str },
    /// `per` times one column by another of the same row.
    Rate { part: &'static str, whole: &'static str, per: u32 },
    /// A column as a share of a total.
    Share { part: &'static str, whole: Whole },
    /// A rate of one column by another, standardised: its digits are those of the crude one.
    Standardised { part: &'static str, whole: &'static str },
    /// A value that so many per cent of a column's people exceed.
    Quantile { of: &'static str, percent_above: u32 },
    /// The value of the last of a column's people, who are the top of all of the period.
    Threshold { of: &'static str },
    /// A sum over a column's people that chance alone would give. Who adds most to it stands in `contributors` under the
    /// column's name, in thousandths.
    ExpectedAmount { of: &'static str },
    /// A number of people that chance alone would give.
    ExpectedPeople,
    /// The share of an amount of those of a column's people who have most of it: so many per cent of them, rounded up.
    TopShare { of: &'static str, amount: &'static str, percent: u32 },
    /// A point of a cumulative curve of cost.
    Curve,
    /// A coefficient of how unevenly `amount` falls on a column's people.
    Inequality { of: &'static str, amount: &'static str },
    /// A mean over a column's people of what no sum is printed of.
    Mean { of: &'static str },
    /// Two groups' common people as a share of the people of either.
    Jaccard { both: &'static str, only_a: &'static str, only_b: &'static str },
    /// What was done less what was agreed.
    Beyond(Agreed),
    /// A mean of a pilot, or a difference of two: checked against the rows of its clients.
    OfPilot,
}

/// The total that a share is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whole {
    /// Told by the exact share and its part. Of amounts, the largest client of the part is that of the whole.
    Told,
    /// The same, with the largest client of another row of the table: that with these keys instead of its own, empty for
    /// null.
    Row(&'static [(&'static str, &'static str)]),
}

/// What a provider's figures are held against.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Agreed {
    Volume,
    UnitCost,
    Cost,
}

/// Whether a table may leave, and which of its rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Leaves {
    /// Rows of single persons, or what only the checks read.
    Never,
    /// Every row: its definition says which there are, so that a row tells nothing by being there.
    WholeGrid(Pool),
    /// Only rows that can be shown: a row that is not there has too few clients, none included.
    OnlyShown(Pool),
}

/// How rows of few clients are put together, so that a sparse table becomes coarser instead of empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pool {
    Nothing,
    /// The last classes of a number: `8 or more`.
    Tail {
        class: &'static str,
    },
    /// The last of the bands of emergency visits.
    Bands,
    /// Single hours become blocks of four on working days and at weekends.
    Hours,
    /// Small values of some dimensions become one row `other`.
    Small {
        dimension: &'static str,
        value: &'static str,
        of: &'static [&'static str],
    },
}

impl Role {
    /// Whether a column of a table that may leave leaves with it.
    pub const fn leaves(self) -> bool {
        !matches!(self, Role::Undeclared | Role::Kept)
    }
}

impl Leaves {
    pub const fn pool(self) -> Pool {
        match self {
            Leaves::Never => Pool::Nothing,
            Leaves::WholeGrid(pool) | Leaves::OnlyShown(pool) => pool,
        }
    }

    pub const fn ever(self) -> bool {
        !matches!(self, Leaves::Never)
    }
}

/// The value of a row of small places, languages or counties together.
pub const POOLED: &str = "other";
