//! What a report is made from.

use virta_model::settings::Study;

use crate::labels::Names;
use crate::view::ProtectedStudy;

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
    /// Whether the tables are exact, for the data unit itself: every page and every sheet then says that it is not for
    /// release.
    pub is_internal: bool,
}

impl<'a> Report<'a> {
    pub fn new(study: &'a ProtectedStudy, name: &'a str) -> Self {
        Report { study, name, settings: None, names: Names::default(), is_internal: study.is_internal() }
    }
}

/// Why a report cannot be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReportError {
    #[error("the report's page cannot be made: {0}")]
    Page(#[from] minijinja::Error),
    #[error("the workbook cannot be made: {0}")]
    Workbook(#[from] rust_xlsxwriter::XlsxError),
}
