//! The report of a study that people read: one HTML file or one workbook, in Finnish, Swedish or English.
//!
//! A report is made from a [`ProtectedStudy`](virta_protection::ProtectedStudy) only, a type that only disclosure
//! control can make, so nothing that it withholds can be shown. [`html`] writes a page without script or network whose
//! charts each have a title, a summary in words and their table; [`xlsx`] writes the same tables as a workbook.
//!
//! ```
//! use virta_protection::{StudyTables, protect};
//! use virta_report::{Lang, Report, html};
//!
//! let study = protect(&StudyTables::new(&[], 5))?;
//! let page = html(&Report::new(&study, "heavy-users"), Lang::Fi)?;
//! assert!(page.contains("Asiakasvirta-analyysi: heavy-users"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod chart;
mod context;
mod format;
mod grid;
mod html;
mod labels;
mod lang;
mod report;
mod sections;
mod texts;
mod view;
mod xlsx;

pub use html::html;
pub use labels::Names;
pub use lang::Lang;
pub use report::{Report, ReportError};
pub use xlsx::xlsx;

#[cfg(test)]
mod number_tests;
#[cfg(test)]
mod page_tests;
#[cfg(test)]
mod row_tests;
