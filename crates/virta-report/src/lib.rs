//! The report of a study that people read: one HTML file or one workbook, in Finnish, Swedish or English.
//!
//! A report is made from a [`ProtectedStudy`](virta_protection::ProtectedStudy) only, a type that only protection can
//! make, so nothing that it withholds can be shown. [`html`] writes a page without script or network: what was
//! asked and found on the first page, then a part for each question, each chart with its table. [`xlsx`] writes the
//! findings and all tables as a workbook.
//!
//! ```
//! use virta_model::Lang;
//! use virta_protection::{Policy, Secret, StudyTables, protect};
//! use virta_report::{Report, html};
//!
//! let study = protect(&StudyTables::new(&[], Policy::default(), Secret::new([7; 32])))?;
//! let page = html(&Report::new(&study, "heavy-users"), Lang::Fi)?;
//! assert!(page.contains("<title>heavy-users – asiakasvirta-analyysi</title>"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod context;
mod derive;
mod format;
mod front;
mod grid;
mod html;
mod labels;
mod lang;
mod question;
mod regions_compared;
mod report;
mod screen;
mod sections;
mod texts;
mod view;
mod workbook;
mod xlsx;

pub use html::html;
pub use labels::Names;
pub use regions_compared::{
    DefinitionDifference, Figure, Region, ReleasedTable, compared_html, compared_xlsx, definition_differences,
};
pub use report::{Focus, Report, ReportError, SourceEnd};
pub use screen::{Say, content, of_place, pilots, place_codes, style};
pub use workbook::{ROWS_MAX, workbook};
pub use xlsx::xlsx;

#[cfg(test)]
mod exact_tests;
#[cfg(test)]
mod number_tests;
#[cfg(test)]
mod page_tests;
#[cfg(test)]
mod row_tests;
#[cfg(test)]
mod sample;
