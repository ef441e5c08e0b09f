//! Sections of a study that are a few numbers each, with their defaults.

use serde::{Deserialize, Serialize};

use super::cohort::CountBy;
use super::title::Title;

/// A section whose presence alone means "run it".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Present {}

/// An exclusive group of clients: the first segment that fits; the rest are "other".
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Segment {
    pub name: String,
    #[serde(default)]
    pub title: Title,
    pub any_service: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Flow {
    pub max_gap_days: u32,
    pub max_steps: u32,
    pub unknown_order: UnknownOrder,
}

/// What becomes of a transition whose two contacts neither day, time nor sequence tells apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum UnknownOrder {
    /// It is a transition in the order in which rule 8 puts the contacts.
    #[default]
    Keep,
    /// It is none. Starts, ends and pathways stay as they are and say how many rest on such contacts.
    Skip,
}

impl Default for Flow {
    fn default() -> Self {
        Flow { max_gap_days: 90, max_steps: 5, unknown_order: UnknownOrder::Keep }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct TopUsers {
    pub n: u32,
    pub by: TopBy,
}

impl Default for TopUsers {
    fn default() -> Self {
        TopUsers { n: 30, by: TopBy::Contacts }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TopBy {
    #[default]
    Contacts,
    Days,
    CostCents,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Sweep {
    pub min_services: Vec<u32>,
    pub min_contacts: Vec<u32>,
    pub count_by: Vec<CountBy>,
}

impl Sweep {
    /// The key whose list cannot be used, and why.
    pub(super) fn fault(&self) -> Option<(&'static str, &'static str)> {
        fn is_twice<T: PartialEq>(list: &[T]) -> bool {
            list.iter().enumerate().any(|(at, value)| list.iter().take(at).any(|before| before == value))
        }
        let lists = [
            ("min_services", self.min_services.is_empty(), is_twice(&self.min_services)),
            ("min_contacts", self.min_contacts.is_empty(), is_twice(&self.min_contacts)),
            ("count_by", self.count_by.is_empty(), is_twice(&self.count_by)),
        ];
        let unusable = lists.into_iter().find_map(|(key, is_empty, is_twice)| match (is_empty, is_twice) {
            (true, _) => Some((key, "an empty list would make no row: leave it out for the usual one")),
            (_, true) => Some((key, "the same stands here twice")),
            _ => None,
        });
        let zero = self.min_services.contains(&0).then_some(("min_services", "min_services is at least 1"));
        unusable.or(zero)
    }
}

impl Default for Sweep {
    fn default() -> Self {
        Sweep {
            min_services: vec![2, 3, 4, 5, 6],
            min_contacts: vec![1, 2, 3, 4, 5, 10],
            count_by: vec![CountBy::Service],
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Access {
    pub start_working_days_max: u32,
    pub complete_days_max: u32,
}

impl Default for Access {
    fn default() -> Self {
        Access { start_working_days_max: 7, complete_days_max: 90 }
    }
}
