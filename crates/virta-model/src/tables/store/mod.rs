//! The tables of the store.

mod aggregates;
mod agreements;
mod assessments;
mod clients;
mod contacts;
mod deliveries;
mod feedback;
mod municipalities;
mod pilots;
mod plans;
mod quarantine;
mod services;

pub use aggregates::AGGREGATES;
pub use agreements::AGREEMENTS;
pub use assessments::ASSESSMENTS;
pub use clients::CLIENTS;
pub use contacts::CONTACTS;
pub use deliveries::DELIVERIES;
pub use feedback::FEEDBACK;
pub use municipalities::MUNICIPALITIES;
pub use pilots::PILOTS;
pub use plans::PLANS;
pub use quarantine::QUARANTINE;
pub use services::SERVICES;

use crate::table_schema::TableSchema;

/// The tables of the store, in the order of the dictionary.
pub static STORE: &[&TableSchema] = &[
    &CLIENTS,
    &CONTACTS,
    &SERVICES,
    &PLANS,
    &ASSESSMENTS,
    &FEEDBACK,
    &PILOTS,
    &AGREEMENTS,
    &AGGREGATES,
    &MUNICIPALITIES,
    &DELIVERIES,
    &QUARANTINE,
];
