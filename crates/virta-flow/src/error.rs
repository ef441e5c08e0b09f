//! Why a study could not be run.

/// The work stopped. No error carries a value that came from a person.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    #[error("[{section}] cannot be run yet: take the section out of the study")]
    NotYet { section: &'static str },
    #[error("a study may have at most {most} cohorts, this one has {count}")]
    TooManyCohorts { count: usize, most: usize },
    #[error("the store has {count} {list}, more than the {most} that can be told apart")]
    TooManyCodes { list: &'static str, count: usize, most: usize },
    #[error("the catalogue's {list} are not sorted by bytes without repeats")]
    UnsortedCatalogue { list: &'static str },
    #[error("the catalogue has {sources} sources and says of {known} to which day they know")]
    UnknownEnd { sources: usize, known: usize },
    #[error("the study has no cohort or no period of this name")]
    NoCohort,
    #[error("what this definition needs is not kept in memory")]
    NotKept,
    #[error("bucket {bucket}: {what}")]
    BrokenColumns { bucket: u32, what: &'static str },
    #[error("bucket {bucket} cannot be read")]
    Source { bucket: u32, source: Box<dyn std::error::Error + Send + Sync> },
    #[error("the rows of a table cannot be kept: {0}")]
    Sink(Box<dyn std::error::Error + Send + Sync>),
    #[error("a share of the study is broken: {part}")]
    BrokenShare { part: &'static str },
    #[error("a share of the study has layout {found}, this program reads {here}: all machines need the same version")]
    OtherLayout { found: u32, here: u32 },
    #[error("no share of the study has bucket {bucket}")]
    MissingShare { bucket: u32 },
    #[error("{0}")]
    Workers(Box<dyn std::error::Error + Send + Sync>),
    #[error("the threads of the study cannot be started: {0}")]
    Threads(String),
}
