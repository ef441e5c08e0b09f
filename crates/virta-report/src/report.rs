//! What a report is made from.

use virta_model::Day;
use virta_model::settings::Study;

use crate::labels::Names;
use crate::view::ProtectedStudy;

/// What a report is about when it does not choose for itself: which group first, beside which other, in which period. Names
/// that the study does not have are as good as none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Focus {
    pub cohort: Option<String>,
    /// The group that it is compared with, besides all users.
    pub beside: Option<String>,
    pub period: Option<String>,
}

/// A study's protected tables with what the reader should know of them. Nothing else can get into a report.
#[derive(Debug, Clone)]
pub struct Report<'a> {
    pub study: &'a ProtectedStudy,
    /// Name of the study.
    pub name: &'a str,
    /// The study's settings, for its titles, its question and its definitions; without them names stand in for titles
    /// and the others are left out.
    pub settings: Option<&'a Study>,
    pub names: Names,
    /// Sources that know nothing of the end of some periods; the report names them.
    pub source_ends: Vec<SourceEnd>,
    /// Whether the tables are exact, for the data unit itself: every page and every sheet then says that it is not for
    /// release.
    pub is_internal: bool,
    /// The groups and the period that it is about; chosen from the tables where nothing is said.
    pub focus: Focus,
}

impl<'a> Report<'a> {
    pub fn new(study: &'a ProtectedStudy, name: &'a str) -> Self {
        Report {
            study,
            name,
            settings: None,
            names: Names::default(),
            source_ends: Vec::new(),
            is_internal: study.is_internal(),
            focus: Focus::default(),
        }
    }
}

/// A source whose data ends before a period does: what came later is in none of the figures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceEnd {
    pub source: String,
    /// The last day that the source knows of.
    pub known_to: Day,
    /// The periods that end later, as the study writes them.
    pub periods: Vec<String>,
}

/// Why a report cannot be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReportError {
    #[error("the report's page cannot be made: {0}")]
    Page(#[from] minijinja::Error),
    #[error("the workbook cannot be made: {0}")]
    Workbook(#[from] rust_xlsxwriter::XlsxError),
    #[error("the figures cannot be put into words: {0}")]
    Words(#[from] virta_protection::ProtectionError),
}
