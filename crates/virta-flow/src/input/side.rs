//! Rows of the small tables beside clients and contacts: agreements, feedback, assessments, plans.

use virta_model::{Day, PlanKind, Tier};

/// What is agreed with a provider about a package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Agreement {
    pub provider: String,
    pub package: String,
    pub first: Day,
    /// Last day of the agreement, never before the first.
    pub last: Day,
    /// Volume of all its days, in `unit`.
    pub volume: Option<i64>,
    pub unit_cost_cents: Option<i64>,
    /// What the volume counts: contacts, days or clients.
    pub unit: Option<String>,
}

/// One answer of a client.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    pub client_id: i64,
    pub provider: String,
    pub package: String,
    pub instrument: String,
    pub given_on: Day,
    pub score: f64,
}

/// A needs assessment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Assessment {
    pub client_id: i64,
    pub tier: Tier,
    pub contacted_on: Day,
    /// `None` while it has not started.
    pub started_on: Option<Day>,
    /// `None` while it has not been completed.
    pub completed_on: Option<Day>,
    /// The last day that its source knows of: an open case has waited to it.
    pub known_to: Day,
}

impl Assessment {
    /// The day on which it began: where only its completion is known, that day.
    pub(crate) fn begun_on(&self) -> Option<Day> {
        self.started_on.or(self.completed_on)
    }
}

/// A responsible worker, a plan or a consent that a client has for some time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClientPlan {
    pub client_id: i64,
    pub kind: PlanKind,
    pub first: Day,
    /// Last day in force; `None` while it goes on.
    pub last: Option<Day>,
}
