//! A definition's answer: how many, how it came to be, what they use, who is near.

use virta_model::Sector;

/// What a study of the same definition says.
#[derive(Debug, Clone, PartialEq)]
pub struct Look {
    /// In the order of the study's periods.
    pub periods: Vec<LookPeriod>,
    /// Of the period asked for: each service that somebody used, by number of the catalogue.
    pub services: Vec<ServiceLook>,
    /// Of the period asked for: clients by least services (rows) and least contacts of each (columns), who keep every
    /// other rule of the definition. `None` where thresholds alone do not tell: rules about single contacts, percentiles.
    pub grid: Option<Vec<Vec<i64>>>,
    /// Of the period asked for, by `client_id`; empty unless people were asked for.
    pub people: Vec<Person>,
}

/// People and what they used.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sum {
    pub clients: i64,
    pub contacts: i64,
    /// `None` where no contact has a price.
    pub cost_cents: Option<i64>,
}

/// A period of the study.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LookPeriod {
    pub label: String,
    /// Users of the population.
    pub users: Sum,
    pub members: Sum,
    /// The rules in order: as the table `attrition`, without its first row.
    pub steps: Vec<LookStep>,
    /// Those who lack one counted service and keep every other rule.
    pub short: i64,
    /// Of these, those who had fewer in the period before: the table `near_members`.
    pub near: i64,
}

/// A rule and what it does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LookStep {
    /// As attrition words it.
    pub rule: String,
    pub remaining: i64,
    pub removed: i64,
    pub removed_alone: i64,
    /// Those who keep every rule but this one.
    pub only: i64,
}

/// Use of a service by the cohort.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceLook {
    pub service: String,
    pub sector: Sector,
    pub members: Sum,
    /// All its users of the population.
    pub users: i64,
}

/// Somebody on a list, as `members` has them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    pub client_id: i64,
    pub age: Option<i32>,
    /// `female`, `male`, `unknown`, or nothing.
    pub sex: &'static str,
    /// Code of the period's municipality; empty where it is not known.
    pub municipality: String,
    /// Counted services of the period.
    pub services: u32,
    pub sectors: u32,
    pub contacts: i64,
    pub cost_cents: Option<i64>,
}
