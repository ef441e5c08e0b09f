//! The tables that a study writes.

mod access;
mod adoption;
mod attrition;
mod co_use;
mod combinations;
mod concentration;
mod continuity;
mod contributors;
mod definition_overlap;
mod emergency_bands;
mod emergency_blocks;
mod emergency_hours;
mod emergency_next;
mod episodes;
mod flow_ends;
mod flow_starts;
mod flows;
mod follow_up;
mod funnel;
mod joiners;
mod lorenz;
mod members;
mod monthly_states;
mod near_members;
mod packages;
mod pathways;
mod persistence;
mod pilot_balance;
mod pilot_baseline;
mod pilot_clients;
mod pilot_counts;
mod profile;
mod regions;
mod sector_concentration;
mod sector_overlap;
mod sector_top_overlap;
mod service_use;
mod services_per_client;
mod sources;
mod summary;
mod sweep;
mod top_users;
mod unknown_order;
mod zeros;

pub use access::ACCESS;
pub use adoption::ADOPTION;
pub use attrition::ATTRITION;
pub use co_use::CO_USE;
pub use combinations::COMBINATIONS;
pub use concentration::CONCENTRATION;
pub use continuity::CONTINUITY;
pub use contributors::CONTRIBUTORS;
pub use definition_overlap::DEFINITION_OVERLAP;
pub use emergency_bands::EMERGENCY_BANDS;
pub use emergency_blocks::EMERGENCY_BLOCKS;
pub use emergency_hours::EMERGENCY_HOURS;
pub use emergency_next::EMERGENCY_NEXT;
pub use episodes::EPISODES;
pub use flow_ends::FLOW_ENDS;
pub use flow_starts::FLOW_STARTS;
pub use flows::FLOWS;
pub use follow_up::{FOLLOW_UP, follow_up};
pub use funnel::FUNNEL;
pub use joiners::JOINERS;
pub use lorenz::LORENZ;
pub use members::MEMBERS;
pub use monthly_states::MONTHLY_STATES;
pub use near_members::NEAR_MEMBERS;
pub use packages::PACKAGES;
pub use pathways::PATHWAYS;
pub use persistence::PERSISTENCE;
pub use pilot_balance::PILOT_BALANCE;
pub use pilot_baseline::PILOT_BASELINE;
pub use pilot_clients::PILOT_CLIENTS;
pub use pilot_counts::PILOT_COUNTS;
pub use profile::PROFILE;
pub use regions::REGIONS;
pub use sector_concentration::SECTOR_CONCENTRATION;
pub use sector_overlap::SECTOR_OVERLAP;
pub use sector_top_overlap::SECTOR_TOP_OVERLAP;
pub use service_use::SERVICE_USE;
pub use services_per_client::SERVICES_PER_CLIENT;
pub use sources::SOURCES;
pub use summary::SUMMARY;
pub use sweep::SWEEP;
pub use top_users::TOP_USERS;
pub use unknown_order::UNKNOWN_ORDER;
pub use zeros::ZEROS;

use crate::table_schema::TableSchema;

/// Dimensions whose small values are put together.
const SMALL: &[&str] = &["municipality", "wellbeing_county", "language"];

/// The tables of a study, in the order of the dictionary.
pub static COHORT: &[&TableSchema] = &[
    &ATTRITION,
    &MEMBERS,
    &NEAR_MEMBERS,
    &PROFILE,
    &REGIONS,
    &SERVICE_USE,
    &SERVICES_PER_CLIENT,
    &COMBINATIONS,
    &SECTOR_OVERLAP,
    &FLOWS,
    &FLOW_STARTS,
    &FLOW_ENDS,
    &PATHWAYS,
    &UNKNOWN_ORDER,
    &MONTHLY_STATES,
    &CONCENTRATION,
    &LORENZ,
    &SECTOR_CONCENTRATION,
    &SECTOR_TOP_OVERLAP,
    &PERSISTENCE,
    &JOINERS,
    &EMERGENCY_BANDS,
    &EMERGENCY_HOURS,
    &EMERGENCY_BLOCKS,
    &EMERGENCY_NEXT,
    &FOLLOW_UP,
    &EPISODES,
    &CO_USE,
    &CONTINUITY,
    &TOP_USERS,
    &SWEEP,
    &DEFINITION_OVERLAP,
    &PILOT_CLIENTS,
    &PILOT_BASELINE,
    &PILOT_BALANCE,
    &PILOT_COUNTS,
    &PACKAGES,
    &ACCESS,
    &FUNNEL,
    &ADOPTION,
    &CONTRIBUTORS,
    &ZEROS,
    &SOURCES,
    &SUMMARY,
];
