//! Why nothing can leave.

/// Why nothing can leave.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProtectionError {
    #[error(
        "k is {0}: the smallest number of clients behind a figure lies in 5..=100; of fewer, numbers can be told from what is shown beside them"
    )]
    SmallestCell(u32),
    #[error("round_to is {0}: counts of people are rounded to multiples of 3, 5 or 10")]
    RoundTo(u32),
    #[error("table {0} is there twice: a study has one of each")]
    TwiceTheTable(&'static str),
}
