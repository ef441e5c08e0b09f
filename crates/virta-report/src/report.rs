//! What a report is made from.

use virta_model::settings::Study;
use virta_protection::ProtectedStudy;

use crate::labels::Names;

/// A study's disclosed tables with what the reader should know of them. Nothing else can get into a report.
#[derive(Debug, Clone)]
pub struct Report<'a> {
    pub study: &'a ProtectedStudy,
    /// Name of the study.
    pub name: &'a str,
    /// The study's settings, for its definitions; without them that part is left out.
    pub settings: Option<&'a Study>,
    pub names: Names,
}

impl<'a> Report<'a> {
    pub fn new(study: &'a ProtectedStudy, name: &'a str) -> Self {
        Report { study, name, settings: None, names: Names::default() }
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
