//! The front in a browser: pages over studies, cohorts and deliveries.
//!
//! Pages are rendered here from what a [`House`] tells, which the program fills: so the front knows the analysis core,
//! protection and the report, and neither a file's form nor the SQL engine. Every page works without script; with it, the
//! cohort builder answers while one types. Templates, styles and the script are in the program, and a page asks nobody but
//! its own server for anything.
//!
//! A [`Front`] takes a house and who may enter; [`serve`] answers on a listener until it is told to stop. Here an empty
//! house is shown to whoever has the token, once:
//!
//! ```
//! # use std::collections::BTreeMap;
//! # use std::io::{Read, Write};
//! # use virta_front::*;
//! # use virta_model::settings::Study;
//! # use virta_model::{Lang, Sector};
//! struct Empty;
//! # fn nothing<T>() -> Result<T, Trouble> {
//! #     Err(Trouble::new("nothing has been ingested"))
//! # }
//!
//! impl House for Empty {
//!     fn overview(&self) -> Result<Overview, Trouble> {
//!         Ok(Overview { region: "Pohjanmaa".to_owned(), ..Overview::default() })
//!     }
//!     fn names(&self) -> Result<virta_report::Names, Trouble> {
//!         Ok(virta_report::Names::default())
//!     }
//!     // And what else pages ask for.
//! #   fn sectors(&self) -> Result<BTreeMap<String, Sector>, Trouble> { nothing() }
//! #   fn live(&self, _: &Study, _: Going<'_>) -> Result<virta_flow::Live, Trouble> { nothing() }
//! #   fn look_through(&self, _: &virta_flow::Asked<'_>, _: &Closed) -> Result<virta_flow::Look, Trouble> { nothing() }
//! #   fn run_study(&self, _: &str, _: Going<'_>) -> Result<String, Trouble> { nothing() }
//! #   fn study(&self, _: &str, _: Numbers) -> Result<StudySeen, Trouble> { nothing() }
//! #   fn deliveries(&self) -> Result<serde_json::Value, Trouble> { nothing() }
//! #   fn delivery(&self, _: i64) -> Result<Option<serde_json::Value>, Trouble> { nothing() }
//! #   fn releases(&self) -> Result<Vec<ReleaseSeen>, Trouble> { nothing() }
//! #   fn standings(&self, _: &str) -> Result<Vec<GroupSeen>, Trouble> { nothing() }
//! #   fn release(&self, _: &str, _: &[Lang], _: bool, _: &Closed) -> Result<ReleaseEnd, Trouble> { nothing() }
//! #   fn bundle(&self, _: u64) -> Result<Option<BundleFile>, Trouble> { nothing() }
//! #   fn client(&self, _: i64) -> Result<Option<ClientSeen>, Trouble> { nothing() }
//! #   fn note_use(&self, _: &UseEntry<'_>) -> Result<(), Trouble> { nothing() }
//! }
//!
//! # let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
//! # runtime.block_on(async {
//! let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
//! let (address, token) = (listener.local_addr()?, random_token()?);
//! let front = Front::for_one(std::sync::Arc::new(Empty), token.clone(), address)?;
//! tokio::spawn(serve(listener, front, std::future::pending()));
//! println!("http://{address}/?token={token}");
//! # let enter = move || -> std::io::Result<String> {
//! #     let mut browser = std::net::TcpStream::connect(address)?;
//! #     write!(browser, "GET /?token={token} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n")?;
//! #     let mut answer = String::new();
//! #     browser.read_to_string(&mut answer)?;
//! #     Ok(answer)
//! # };
//! # let first = tokio::task::spawn_blocking(enter.clone()).await??;
//! # assert!(first.starts_with("HTTP/1.1 303") && first.contains("set-cookie"), "{first}");
//! # let again = tokio::task::spawn_blocking(enter).await??;
//! # assert!(!again.starts_with("HTTP/1.1 303"), "the token works once: {again}");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

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
