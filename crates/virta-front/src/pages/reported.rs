//! A study's results on their way into the report's parts.

use virta_report::{Focus, Report};

use crate::app::App;
use crate::house::StudySeen;
use crate::view::Stop;

/// A study as the report takes it.
pub(super) fn as_report<'a>(app: &App, name: &'a str, study: &'a StudySeen, focus: Focus) -> Result<Report<'a>, Stop> {
    let mut report = Report::new(&study.tables, name);
    report.settings = Some(&study.settings);
    report.names = (*app.names()?).clone();
    report.source_ends = study.source_ends.clone();
    report.focus = focus;
    Ok(report)
}
