//! What comes into a store through the pages: deliveries, and clients who begin in a pilot.

use virta_model::Day;

use crate::going::Going;
use crate::trouble::Trouble;

/// Takes deliveries in, with the checks and the commit of the command line. Files are those of folders that the program was
/// given; nothing is uploaded. A file is named by the id that [`Intake::files`] gives it.
pub trait Intake: Send + Sync {
    /// The files of the given folders, in order of id; nothing where no folder was given.
    ///
    /// # Errors
    /// A folder that cannot be read.
    fn files(&self) -> Result<Vec<GivenFile>, Trouble>;

    /// Writes a draft of a profile, and of its code lists, beside a file; gives the profile's id.
    ///
    /// # Errors
    /// A file in which nothing looks like a table, a profile that is there already, a folder that cannot be written.
    fn draft(&self, file: &str) -> Result<String, Trouble>;

    /// The text of a profile or a code list.
    ///
    /// # Errors
    /// A file that is neither, or cannot be read.
    fn text(&self, file: &str) -> Result<String, Trouble>;

    /// Writes the text of a profile or a code list.
    ///
    /// # Errors
    /// A text that cannot be used, with its line; a file that is neither, or cannot be written.
    fn write(&self, file: &str, text: &str) -> Result<(), Trouble>;

    /// What a profile would do with the first rows of its files, as `virta profile check --json` gives it.
    ///
    /// # Errors
    /// A profile that cannot be used, or that names files outside the given folders.
    fn check(&self, profile: &str) -> Result<serde_json::Value, Trouble>;

    /// Ingests what profiles name; gives what `virta ingest --json` does. In a dry run nothing is committed. `extracted_on`
    /// is the day of every extract, instead of what the profiles say.
    ///
    /// # Errors
    /// Each refused file apart, and work that was stopped; the store is as before.
    fn ingest(
        &self,
        profiles: &[String],
        is_dry: bool,
        extracted_on: Option<Day>,
        going: Going<'_>,
    ) -> Result<serde_json::Value, Vec<Trouble>>;

    /// The clients of a list of whom it cannot be said, by their place in the list.
    ///
    /// # Errors
    /// When the store cannot be read.
    fn examine(&self, list: &PilotList) -> Result<Vec<(usize, Unfit)>, Trouble>;

    /// Ingests a list of a pilot's clients. It is kept, with its profile, beside the store.
    ///
    /// # Errors
    /// A list that does not pass [`Intake::examine`]; else as [`Intake::ingest`].
    fn enrol(&self, list: &PilotList, going: Going<'_>) -> Result<serde_json::Value, Vec<Trouble>>;

    /// The pilots that the store has clients of, by name.
    ///
    /// # Errors
    /// When the store cannot be read.
    fn pilots(&self) -> Result<Vec<PilotSeen>, Trouble>;
}

/// A file of a given folder.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GivenFile {
    /// The folder's number from 1, and the path in it.
    pub id: String,
    /// The folder's name, and the path in it: for the reader.
    pub name: String,
    pub kind: GivenKind,
    pub bytes: u64,
    /// Ids of the profiles that name it.
    pub read_by: Vec<String>,
}

/// What a file is for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum GivenKind {
    Profile,
    /// Names of codes, which can be edited as profiles can.
    CodeList,
    #[default]
    Data,
}

/// Clients of a pilot, each with what is said of them and the line that says it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PilotList {
    pub pilot: String,
    /// Ascending by client, each once.
    pub clients: Vec<Enrolled>,
}

/// A client of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Enrolled {
    pub client_id: i64,
    pub what: Enrolment,
    /// Line of what was pasted, from 1; `None` of somebody who was chosen.
    pub line: Option<usize>,
}

/// Why something cannot be said of a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unfit {
    /// The store does not know the client: a mistyped number.
    Unknown,
    /// Who is not in the pilot can neither leave it nor be in it by mistake.
    NotInPilot,
}

/// What is said of a client of a pilot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Enrolment {
    /// Begins on this day; in place of another day, if one was said before.
    Begins(Day),
    /// Left the pilot on this day.
    Leaves(Day),
    /// Was never in it.
    Mistaken,
}

/// A pilot that the store has clients of.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PilotSeen {
    pub name: String,
    pub clients: usize,
    /// Clients who have left.
    pub left: usize,
    pub first: Option<Day>,
    pub last: Option<Day>,
}
