//! The words of client-flow analysis: ids, days, cents, closed code lists, table schemas, and the settings that a
//! profile and a study may hold.
//!
//! - [`Day`], [`Cents`] and [`ClientId`] are what dates, money and people are everywhere.
//! - [`schema`] declares every table once: its columns, their kinds, meanings in three languages, and what of them may
//!   leave. A [`Table`] holds rows of one.
//! - [`settings`] reads profiles and studies; what is wrong in one is told with its line and column.
//! - [`Lang`] and [`Text`] are the languages, and a text in each of them.
//! - [`municipality`] knows the municipalities of each year, what they merged into, and their wellbeing services counties.
//!
//! This crate does no input or output and knows no other crate. Each rule that more than one crate needs has its home
//! here: [`age_on`] for ages, [`cost_up_to`] for spreading a stay's cost, [`hetu`] for identity codes,
//! [`ClientId::bucket`] for the layout of the store.
//!
//! ```
//! use virta_model::{BirthPrecision, Day, age_on};
//! let birth = Day::from_ymd(1996, 2, 29).unwrap();
//! let new_year = Day::from_ymd(2015, 1, 1).unwrap();
//! assert_eq!(age_on(birth, BirthPrecision::Day, new_year), 18);
//! ```

mod age_band;
mod codes;
mod day;
pub mod hetu;
mod ids;
mod lang;
mod leaving;
mod money;
pub mod municipality;
mod nulls;
mod part;
pub mod random;
pub mod schema;
pub mod settings;
mod table;
mod table_schema;
mod tables;
mod texts;
mod visit_band;
mod working_days;

pub use age_band::{AgeBand, STANDARD_AGES, age_band, life_stage};
pub use codes::{BirthPrecision, CostSource, Mode, PlanKind, Sector, Sex, Tier, Urgency};
pub use day::{Day, age_on, days_in_month, earliest_birth};
pub use ids::ClientId;
pub use lang::{Lang, Text};
pub use money::{Cents, cost_up_to};
pub use nulls::{NULL_CODE, NULL_DAY, NULL_FLAG, NULL_INT, NULL_SHORT_CODE};
pub use part::PartSink;
pub use table::{ColumnData, Table, TextColumn, Value, row_key};
pub use texts::Texts;
pub use visit_band::VisitBand;
pub use working_days::{easter, working_days_between};
