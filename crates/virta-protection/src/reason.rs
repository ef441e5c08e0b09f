//! Why something is withheld.

/// Why a cell or a row is withheld.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// Fewer than k clients stand behind it.
    TooFewClients,
    /// The cohort, segment or pilot has fewer than k clients in the period.
    SmallGroup,
    /// Two clients make up 90 % or more of it, or the second can estimate the first within 10 %.
    FewClientsDominate,
    /// What the largest clients add to it is not known.
    ContributorsUnknown,
    /// A figure that it is made from is withheld.
    FollowsAnother,
    /// Fewer than k clients lie on one side of it.
    TooFewOnOneSide,
    /// Its column has no role, or stays inside: then the table does not have it.
    NotDeclared,
}

impl Reason {
    /// A word for the log.
    pub const fn as_str(self) -> &'static str {
        match self {
            Reason::TooFewClients => "too_few_clients",
            Reason::SmallGroup => "small_group",
            Reason::FewClientsDominate => "few_clients_dominate",
            Reason::ContributorsUnknown => "contributors_unknown",
            Reason::FollowsAnother => "follows_another",
            Reason::TooFewOnOneSide => "too_few_on_one_side",
            Reason::NotDeclared => "not_declared",
        }
    }
}
