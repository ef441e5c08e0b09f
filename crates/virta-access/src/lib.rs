//! Who may enter and as what, and the log of who used which data.
//!
//! - [`Users`] is the file of `virta users`: names, [`Role`]s and [`Verifier`]s. It holds no password, and nothing that
//!   gives one back sooner than trying every password does.
//! - [`UseLog`] is the log of use beside a store: an entry for every login and every statement, each sealed together with
//!   the one before, so that what was cut, changed or put elsewhere is found.
//! - [`redacted`] is a statement as the log keeps it, [`pieces`] the words of a statement, for whoever must tell texts
//!   from names.
//!
//! Every door asks here, so that a rule about people who enter has one home.
//!
//! ```
//! use virta_access::{Login, Permit, Role, Users};
//! # let folder = tempfile::tempdir()?;
//! # let path = folder.path().join("users.toml");
//! let mut users = Users::default();
//! users.add("rita", Role::Researcher(Permit::Protected), "a long password")?;
//! users.write(&path)?;
//! let users = Users::read(&path)?;
//! assert_eq!(users.login("rita", "a long password"), Login::As(Role::Researcher(Permit::Protected)));
//! assert_eq!(users.login("rita", "another password"), Login::Refused);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod error;
mod pieces;
mod redact;
mod role;
mod use_log;
mod users;
mod verifier;

pub use error::{Broken, Error, Result};
pub use pieces::{Kind, Piece, pieces};
pub use redact::redacted;
pub use role::{Permit, Role};
pub use use_log::{Entry, Found, UseLog, log_path};
pub use users::{Login, User, Users};
pub use verifier::{Verifier, random};
