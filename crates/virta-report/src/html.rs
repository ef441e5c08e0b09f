//! The report as one HTML file: no script, no network, nothing beside it.

use minijinja::{AutoEscape, Environment, context};

use crate::context::Context;
use crate::format;
use crate::lang::Lang;
use crate::report::{Report, ReportError};
use crate::sections;
use crate::texts;

const PAGE: &str = include_str!("report.html");
const STYLE: &str = include_str!("report.css");

/// The report of a study in one language.
///
/// A whole page that loads nothing else: it reads the same from a disk without a network. Every figure in it comes from
/// the disclosed tables; a withheld one is said to be withheld.
///
/// # Errors
///
/// When the page's template fails, which a test rules out for every table that a study can have.
pub fn html(report: &Report<'_>, lang: Lang) -> Result<String, ReportError> {
    let reading = Context { report, lang };
    let sections = sections::all(&reading);
    let periods: Vec<String> = reading.periods().iter().map(|period| format::period(period, lang)).collect();
    let k = report.study.k().to_string();
    let note = texts::WITHHELD_NOTE.fill(lang, &[("k", &k)]);
    let about = if periods.is_empty() { note } else { format!("{}. {note}", periods.join(", ")) };
    let table_of = texts::TABLE.fill(lang, &[("title", "")]);
    let mut environment = Environment::new();
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    environment.add_template("report.html", PAGE)?;
    let page = environment.get_template("report.html")?.render(context! {
        lang => lang.code(),
        title => texts::TITLE.fill(lang, &[("name", report.name)]),
        style => STYLE.trim_end(),
        skip => texts::SKIP.of(lang),
        about => about,
        contents => texts::CONTENTS.of(lang),
        table_of => table_of.trim_end(),
        sections => sections,
    })?;
    Ok(page)
}
