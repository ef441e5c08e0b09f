//! What somebody may see.

use std::fmt;

/// As what somebody enters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Role {
    /// The data unit itself: every row of the store and of studies.
    DataUnit,
    /// A project: protected tables of studies, and of pilots only its own.
    Project {
        /// The studies that it sees; none named means every one.
        studies: Vec<String>,
        /// The pilots that it sees; none named means none.
        pilots: Vec<String>,
    },
    /// A researcher, as the permit says.
    Researcher(Permit),
}

/// What a researcher's permit is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Permit {
    /// Rows of the store and of studies.
    Rows,
    /// Protected tables of studies.
    Protected,
}

impl Role {
    /// Whether rows of single persons may be seen. Whoever may not sees protected tables and nothing else.
    pub fn sees_rows(&self) -> bool {
        matches!(self, Role::DataUnit | Role::Researcher(Permit::Rows))
    }

    /// Whether a study's protected tables may be seen.
    pub fn sees_study(&self, study: &str) -> bool {
        match self {
            Role::Project { studies, .. } => studies.is_empty() || studies.iter().any(|own| own == study),
            Role::DataUnit | Role::Researcher(_) => true,
        }
    }

    /// Whether a pilot's rows of protected tables may be seen.
    pub fn sees_pilot(&self, pilot: &str) -> bool {
        match self {
            Role::Project { pilots, .. } => pilots.iter().any(|own| own == pilot),
            Role::DataUnit | Role::Researcher(_) => true,
        }
    }

    /// The word of the file and of the log.
    pub const fn word(&self) -> &'static str {
        match self {
            Role::DataUnit => "data_unit",
            Role::Project { .. } => "project",
            Role::Researcher(_) => "researcher",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Role::DataUnit | Role::Project { .. } => f.write_str(self.word()),
            Role::Researcher(Permit::Rows) => f.write_str("researcher: rows"),
            Role::Researcher(Permit::Protected) => f.write_str("researcher: protected"),
        }
    }
}
