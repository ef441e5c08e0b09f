//! The report as one HTML file: no script, no network, nothing beside it.

use minijinja::{AutoEscape, Environment, context};

use crate::context::Context;
use crate::front;
use crate::lang::Lang;
use crate::report::{Report, ReportError};
use crate::sections;
use crate::texts;

const PAGE: &str = include_str!("report.html");
const CONTENT: &str = include_str!("content.html");
pub(crate) const STYLE: &str = include_str!("report.css");

/// The report of a study in one language.
///
/// A whole page that loads nothing else: it reads the same from a disk without a network. Its first page has the
/// question, the key figures and the findings. Every figure in it comes from the protected tables, or is made from figures
/// that are shown; a sentence that needs a withheld one is left out.
///
/// # Errors
///
/// When the page's template fails, which a test rules out for every table that a study can have.
pub fn html(report: &Report<'_>, lang: Lang) -> Result<String, ReportError> {
    let reading = Context { report, lang };
    let front = front::front(&reading);
    let environment = environment()?;
    let internal = if report.is_internal { texts::INTERNAL.of(lang) } else { "" };
    let style = format!("{}{}{}", STYLE, virta_chart::STYLE, margins(&foot(&reading), internal));
    let page = environment.get_template("report.html")?.render(context! {
        lang => lang.code(),
        title => texts::PAGE_TITLE.fill(lang, &[("title", &front.title)]),
        style => style,
        skip => texts::SKIP.of(lang),
        internal => internal,
        contents => texts::CONTENTS.of(lang),
        findings_title => texts::FINDINGS.of(lang),
        table_word => texts::TABLE.of(lang),
        foot => foot(&reading),
        sections => sections::all(&reading),
        front => front,
    })?;
    Ok(page)
}

/// What stands between a page's head and foot, for a page of another kind around it. Headings begin at the first level.
pub(crate) fn content(report: &Report<'_>, lang: Lang) -> Result<String, ReportError> {
    let reading = Context { report, lang };
    let content = environment()?.get_template("content.html")?.render(context! {
        contents => texts::CONTENTS.of(lang),
        findings_title => texts::FINDINGS.of(lang),
        table_word => texts::TABLE.of(lang),
        sections => sections::all(&reading),
        front => front::front(&reading),
    })?;
    Ok(content)
}

/// The parts of pilots alone.
pub(crate) fn pilots(report: &Report<'_>, lang: Lang) -> Result<String, ReportError> {
    let reading = Context { report, lang };
    let parts = environment()?.get_template("content.html")?.render(context! {
        table_word => texts::TABLE.of(lang),
        sections => sections::of_pilots(&reading),
        front => (),
    })?;
    Ok(parts)
}

/// The part of one municipality alone.
pub(crate) fn of_place(report: &Report<'_>, code: &str, lang: Lang) -> Result<String, ReportError> {
    let reading = Context { report, lang };
    let part = environment()?.get_template("content.html")?.render(context! {
        table_word => texts::TABLE.of(lang),
        sections => [sections::place(&reading, code)],
        front => (),
    })?;
    Ok(part)
}

/// The templates of pages.
pub(crate) fn environment() -> Result<Environment<'static>, ReportError> {
    let mut environment = Environment::new();
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    environment.add_template("report.html", PAGE)?;
    environment.add_template("content.html", CONTENT)?;
    Ok(environment)
}

/// What stands at the foot of every page: the smallest number shown, and how much has no price.
fn foot(context: &Context<'_>) -> String {
    let k = context.study().k().to_string();
    let said = texts::FOOT.fill(context.lang, &[("k", &k)]);
    let unpriced = sections::unpriced(context);
    let unpriced = unpriced.map(|share| texts::FOOT_UNPRICED.fill(context.lang, &[("share", &share)]));
    std::iter::once(said).chain(unpriced).collect::<Vec<_>>().join(" ")
}

/// What stands in the margins of printed pages. Both texts are the report's own, without quotes or backslashes.
fn margins(foot: &str, internal: &str) -> String {
    let top = match internal {
        "" => String::new(),
        words => format!("@top-center{{content:\"{words}\";font:bold 8.5pt sans-serif;color:#8a0f2e}}"),
    };
    format!(
        "@page{{@bottom-left{{content:\"{foot}\";width:80%;text-align:left}}@bottom-right{{content:counter(page) \" / \" counter(pages)}}{top}}}"
    )
}
