//! The front in a browser: pages over studies, cohorts and deliveries.
//!
//! Pages are rendered here from what a [`House`] tells, which the program fills: so the front knows the analysis core,
//! protection and the report, and neither a file's form nor the SQL engine. Every page works without script; with it, the
//! cohort builder answers while one types. Templates, styles and the script are in the program, and a page asks nobody but
//! its own server for anything.
//!
//! A [`Front`] takes a house and who may enter; [`serve`] answers on a listener until it is told to stop.

mod answers;
mod app;
mod desk;
mod draft;
mod gate;
mod going;
mod house;
mod intake;
mod jobs;
mod lang;
mod pages;
mod patient;
mod server;
mod session;
#[cfg(test)]
mod tests;
mod texts;
mod tls;
mod trouble;
mod view;

pub use desk::{Answered, AnsweredColumn, Desk, Dictionary, SavedQuestion};
pub use going::{Closed, Going};
pub use house::{
    BundleFile, ClientSeen, ContactSeen, GroupSeen, House, Numbers, Overview, ReleaseEnd, ReleaseMade, ReleaseSeen,
    SourceSeen, Standing, StudyEntry, StudySeen, UseEntry,
};
pub use intake::{Enrolled, Enrolment, GivenFile, GivenKind, Intake, PilotList, PilotSeen, Unfit};
pub use server::{Front, serve};
pub use session::{Login, Role, Viewer, random_token};
pub use tls::Encrypted;
pub use trouble::{Place, Trouble};
