//! What the front asks of the program around it: one store, as far as pages show it.

use std::collections::BTreeMap;

use virta_flow::{Asked, Live, Look};
use virta_model::settings::Study;
use virta_model::{Day, Lang, Sector};
use virta_protection::ProtectedStudy;
use virta_report::{Names, SourceEnd};

use crate::desk::Desk;
use crate::going::{Closed, Going};
use crate::intake::Intake;
use crate::trouble::Trouble;

/// One store. Every answer belongs to the newest snapshot unless it says otherwise.
pub trait House: Send + Sync + 'static {
    /// What the store knows, for the first page and the head of every page.
    ///
    /// # Errors
    /// When the store cannot be read.
    fn overview(&self) -> Result<Overview, Trouble>;

    /// The names of services, packages and providers.
    ///
    /// # Errors
    /// When the store cannot be read.
    fn names(&self) -> Result<Names, Trouble>;

    /// The sector of each service, by its code.
    ///
    /// # Errors
    /// When the store cannot be read.
    fn sectors(&self) -> Result<BTreeMap<String, Sector>, Trouble>;

    /// What everybody used in the periods of a study, for the cohort builder. It is told contacts read, and how many there
    /// are.
    ///
    /// # Errors
    /// When the store cannot be read, and work that was stopped.
    fn live(&self, study: &Study, going: Going<'_>) -> Result<Live, Trouble>;

    /// A definition held against all contacts, where sums do not tell.
    ///
    /// # Errors
    /// When the store cannot be read, and when nobody waits for the answer any more.
    fn look_through(&self, asked: &Asked<'_>, closed: &Closed) -> Result<Look, Trouble>;

    /// Runs a study over the newest snapshot and writes its tables; gives its name. It is told contacts read, and
    /// how many there are.
    ///
    /// # Errors
    /// A study that cannot be run, a store that cannot be read or written, and work that was stopped: the earlier results
    /// stay.
    fn run_study(&self, text: &str, going: Going<'_>) -> Result<String, Trouble>;

    /// The newest results of a study.
    ///
    /// # Errors
    /// A study without results, or one that protects less than the store asks for.
    fn study(&self, name: &str, numbers: Numbers) -> Result<StudySeen, Trouble>;

    /// The ledger of deliveries, as `virta deliveries --json` gives it.
    ///
    /// # Errors
    /// When the store cannot be read.
    fn deliveries(&self) -> Result<serde_json::Value, Trouble>;

    /// The quality page of one delivery, as `virta deliveries --show --json` gives it; nothing when there is none.
    ///
    /// # Errors
    /// When the store cannot be read.
    fn delivery(&self, id: i64) -> Result<Option<serde_json::Value>, Trouble>;

    /// What has left the store before, in the order of the register.
    ///
    /// # Errors
    /// When the register cannot be read.
    fn releases(&self) -> Result<Vec<ReleaseSeen>, Trouble>;

    /// The groups that a study's release would tell of, beside what has left before.
    ///
    /// # Errors
    /// As [`House::study`], and a snapshot that has gone.
    fn standings(&self, study: &str) -> Result<Vec<GroupSeen>, Trouble>;

    /// Releases a study, with reports in these languages: the bundle is written and entered in the register as
    /// `virta release` does. Where too few people tell groups from those of earlier releases, nothing leaves unless that is
    /// accepted.
    ///
    /// # Errors
    /// As [`House::standings`], a folder that cannot be written, and work that was stopped before the release left.
    fn release(&self, study: &str, languages: &[Lang], accept: bool, closed: &Closed) -> Result<ReleaseEnd, Trouble>;

    /// A release of the register as one file to take along: a ZIP with its bundle, the same bytes every time. Nothing when its
    /// folder is not among those that the pages wrote, or has changed since it left.
    ///
    /// # Errors
    /// When the folder cannot be read.
    fn bundle(&self, number: u64) -> Result<Option<BundleFile>, Trouble>;

    /// What the store knows of a client; nothing of somebody whom it does not know.
    ///
    /// # Errors
    /// When the store cannot be read.
    fn client(&self, client_id: i64) -> Result<Option<ClientSeen>, Trouble>;

    /// Writes down that somebody looked at rows or took something out. A page that cannot be written down is not shown.
    ///
    /// # Errors
    /// When the log of use cannot be written.
    fn note_use(&self, entry: &UseEntry<'_>) -> Result<(), Trouble>;

    /// Where deliveries come in; nothing where the store's key is not at hand, without which nothing is taken in.
    fn intake(&self) -> Option<&dyn Intake> {
        None
    }

    /// Where questions in SQL are answered; nothing in a program without an engine for them.
    fn desk(&self) -> Option<&dyn Desk> {
        None
    }
}

/// Which numbers of a study are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Numbers {
    /// Those that may leave.
    Protected,
    /// All of them exactly, for those who may see rows.
    Exact,
}

/// What a store knows.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Overview {
    /// What the store is called: the name of its folder.
    pub region: String,
    /// `None` before the first ingest.
    pub snapshot: Option<String>,
    pub committed_at: String,
    pub deliveries: usize,
    pub contacts: u64,
    pub clients: u64,
    /// The newest day that a source of contacts knows of.
    pub known_to: Option<Day>,
    /// Calendar years with contacts, ascending; years with fewer than a thousandth of them are left out.
    pub years: Vec<i32>,
    /// Codes of the municipalities where clients live, by code.
    pub municipalities: Vec<String>,
    pub sources: Vec<SourceSeen>,
    pub studies: Vec<StudyEntry>,
}

/// A source and how its people are known elsewhere.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SourceSeen {
    pub name: String,
    pub known_to: Option<Day>,
    pub clients: u64,
    /// `None` where that is not measured.
    pub in_client_list: Option<u64>,
    pub in_other_sources: Option<u64>,
    pub alone: Option<u64>,
}

/// A study that has results.
#[derive(Debug, Clone, PartialEq)]
pub struct StudyEntry {
    pub name: String,
    /// As it was run; `None` where the results do not say.
    pub settings: Option<Study>,
    /// The study file; empty where the results do not have it.
    pub text: String,
    pub snapshot: String,
    /// Whether its snapshot is the newest.
    pub is_current: bool,
    /// When its snapshot was committed; empty where that is gone.
    pub committed_at: String,
}

/// A study's results.
#[derive(Debug)]
pub struct StudySeen {
    pub tables: ProtectedStudy,
    pub settings: Study,
    /// The study file.
    pub text: String,
    pub snapshot: String,
    pub source_ends: Vec<SourceEnd>,
}

/// A release of the register.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReleaseSeen {
    pub number: u64,
    pub study: String,
    /// When it left (UTC).
    pub at: String,
    pub k: u32,
    pub round_to: u32,
    /// Names of the groups that it tells of, each once.
    pub groups: Vec<String>,
    /// Of these the pilots.
    pub pilots: Vec<String>,
    /// Whether its bundle is at hand; see [`House::bundle`].
    pub has_bundle: bool,
}

/// A group of people that a release would tell of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupSeen {
    /// `all`, `cohort`, `segment` or `pilot`.
    pub kind: String,
    /// As the study names it.
    pub name: String,
    /// As the study writes it.
    pub period: String,
    pub standing: Standing,
}

/// How a group stands to what has left before, by the number of the release.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Nothing of the same group and period has left.
    New,
    /// The same people have left.
    Same(u64),
    /// Other people have left as this group, and enough make the difference.
    Differs(u64),
    /// Too few people tell it from a group that has left.
    TooNear(u64),
    /// It has fewer than k people: it is not told of.
    Small,
}

/// What became of a release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReleaseEnd {
    Left(ReleaseMade),
    /// Nothing left: these groups are too near to earlier ones.
    TooNear(Vec<GroupSeen>),
}

/// A release that has left.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReleaseMade {
    /// Number in the register.
    pub number: u64,
    pub folder: String,
    pub files: usize,
    pub bytes: u64,
    /// Hash of its manifest.
    pub manifest: String,
}

/// A release to take along.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BundleFile {
    /// What the file is called: ASCII letters, digits, `-`, `_` and its ending.
    pub name: String,
    pub bytes: Vec<u8>,
}

/// What the store knows of a client.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ClientSeen {
    pub client_id: i64,
    pub birth: Option<Day>,
    pub sex: String,
    /// Code.
    pub municipality: String,
    pub language: String,
    pub observed_from: Option<Day>,
    pub observed_to: Option<Day>,
    pub died_on: Option<Day>,
    /// In the order of rule 8.
    pub contacts: Vec<ContactSeen>,
}

/// A contact or a stay.
#[derive(Debug, Clone, PartialEq)]
pub struct ContactSeen {
    pub start: Day,
    /// Seconds since midnight.
    pub time: Option<u32>,
    /// Of a closed stay.
    pub end: Option<Day>,
    pub is_stay: bool,
    pub service: String,
    pub provider: String,
    pub mode: String,
    pub urgency: String,
    pub cost_cents: Option<i64>,
    pub source: String,
}

/// A line of the log of use.
#[derive(Debug, Clone, Copy)]
pub struct UseEntry<'a> {
    pub user: &'a str,
    pub role: &'a str,
    /// The page and what it was asked, without values from a person.
    pub what: &'a str,
    pub snapshot: &'a str,
}
