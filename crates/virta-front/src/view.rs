//! Rendering: what every page is given besides its own, and what becomes of trouble.

use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::http::{HeaderValue, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use minijinja::{Value, context};
use virta_model::Lang;
use virta_report::{Names, Say};

use crate::app::App;
use crate::draft::{Pairs, encoded};
use crate::going::Closed;
use crate::house::{Overview, UseEntry};
use crate::session::{Role, Viewer};
use crate::texts;
use crate::trouble::Trouble;

/// What the store knows, as far as somebody may see it.
pub(crate) fn overview_for(app: &App, viewer: &Viewer) -> Result<std::sync::Arc<Overview>, Trouble> {
    let overview = app.overview()?;
    if overview.studies.iter().all(|study| viewer.role.sees_study(&study.name)) {
        return Ok(overview);
    }
    let mut own = (*overview).clone();
    own.studies.retain(|study| viewer.role.sees_study(&study.name));
    Ok(std::sync::Arc::new(own))
}

/// A request, as pages read it.
#[derive(Debug, Clone)]
pub(crate) struct Ask {
    pub(crate) viewer: Viewer,
    pub lang: Lang,
    pub path: String,
    pub pairs: Pairs,
    /// Whether the browser went before it had its page.
    pub closed: Closed,
}

impl Ask {
    pub(crate) fn new(viewer: Viewer, lang: Lang, uri: &Uri, pairs: Pairs) -> Self {
        Ask { viewer, lang, path: uri.path().to_owned(), pairs, closed: Closed::default() }
    }

    /// What the address says under a name.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.pairs.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The same, unless it is left empty: what was chosen from a list.
    pub(crate) fn chosen(&self, name: &str) -> Option<&str> {
        self.get(name).filter(|value| !value.is_empty())
    }

    pub(crate) fn may_see_rows(&self) -> bool {
        matches!(self.viewer.role, Role::Rows { .. })
    }

    pub(crate) fn fill(&self, name: &str, values: &[(&str, impl AsRef<str>)]) -> String {
        texts::fill(self.lang, name, values)
    }

    pub(crate) fn say<'a>(&self, names: &'a Names) -> Say<'a> {
        Say { names, lang: self.lang }
    }

    /// The same address in another language.
    fn in_language(&self, lang: Lang) -> String {
        let others = self.pairs.iter().filter(|(key, _)| key != "lang");
        let mut query: String = others.map(|(key, value)| format!("{}={}&", encoded(key), encoded(value))).collect();
        query.push_str("lang=");
        query.push_str(lang.code());
        format!("{}?{query}", self.path)
    }
}

/// Why there is no page.
#[derive(Debug)]
pub(crate) enum Stop {
    Trouble(Trouble),
    Missing,
    Forbidden,
    To(String),
}

impl From<Trouble> for Stop {
    fn from(trouble: Trouble) -> Self {
        Stop::Trouble(trouble)
    }
}

impl From<virta_flow::Error> for Stop {
    fn from(error: virta_flow::Error) -> Self {
        Stop::Trouble(error.into())
    }
}

impl From<minijinja::Error> for Stop {
    fn from(error: minijinja::Error) -> Self {
        Stop::Trouble(Trouble::new(format!("the page cannot be made: {error:#}")))
    }
}

impl From<virta_report::ReportError> for Stop {
    fn from(error: virta_report::ReportError) -> Self {
        Stop::Trouble(Trouble::new(error.to_string()))
    }
}

/// A page, or why there is none.
pub(crate) type Page = Result<Response, Stop>;

/// Whether what a page shows is exact: then it says so, on the screen and on paper.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Marked {
    Exact,
    No,
}

/// A whole page. `nav` is the page's place in the menu.
pub(crate) fn page(app: &App, ask: &Ask, template: &str, nav: &str, marked: Marked, own: Value) -> Page {
    let overview = app.overview()?;
    let html = render(app, ask, template, nav, marked, own, &overview)?;
    Ok(html_response(StatusCode::OK, html))
}

fn html_response(status: StatusCode, html: String) -> Response {
    let mut answer = (status, html).into_response();
    answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    answer
}

/// A part of a page, for the script to put in its place.
pub(crate) fn fragment(app: &App, ask: &Ask, template: &str, own: Value) -> Page {
    let html = app.templates.get_template(template)?.render(context! { t => texts::of(ask.lang), ..own })?;
    Ok(html_response(StatusCode::OK, html))
}

fn render(
    app: &App,
    ask: &Ask,
    template: &str,
    nav: &str,
    marked: Marked,
    own: Value,
    overview: &Overview,
) -> Result<String, Stop> {
    let names = Names::default();
    let say = ask.say(&names);
    let known_to = overview.known_to.map(|day| ask.fill("data_until", &[("day", &say.day(day))]));
    let deliveries = ask.fill("n_deliveries", &[("n", &say.number(overview.deliveries as i64))]);
    let has_store = overview.snapshot.is_some();
    let facts: Vec<String> = known_to.into_iter().chain(has_store.then_some(deliveries)).collect();
    let pages: Vec<Value> = MENU
        .iter()
        .filter(|(_, _, audience)| match audience {
            Audience::All => true,
            Audience::Rows => ask.may_see_rows(),
            Audience::Protected => !ask.may_see_rows(),
        })
        .filter(|_| !ask.viewer.session.is_empty())
        .filter(|(name, _, _)| *name != "nav_sql" || app.house.desk().is_some())
        .map(|(name, path, _)| {
            let word = texts::of(ask.lang).get(*name).copied().unwrap_or_default();
            context! { path, word, is_here => *name == nav }
        })
        .collect();
    let languages: Vec<Value> = [(Lang::Fi, "suomi"), (Lang::Sv, "svenska"), (Lang::En, "English")]
        .into_iter()
        .map(|(lang, word)| context! { code => lang.code(), word, path => ask.in_language(lang), is_here => lang == ask.lang })
        .collect();
    let page = context! {
        t => texts::of(ask.lang),
        lang => ask.lang.code(),
        region => overview.region,
        facts => facts.join(" · "),
        pages,
        languages,
        can_leave => app.login.is_some(),
        user => ask.viewer.name,
        marked => marked == Marked::Exact,
        ..own
    };
    Ok(app.templates.get_template(template)?.render(page)?)
}

/// A page for somebody who has not entered: without a menu, and without anything of the store.
pub(crate) fn bare_page(
    app: &App,
    ask: &Ask,
    status: StatusCode,
    template: &str,
    own: Value,
    overview: &Overview,
) -> Response {
    match render(app, ask, template, "", Marked::No, own, overview) {
        Ok(html) => html_response(status, html),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

/// For whom a page stands in the menu.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Audience {
    All,
    /// Those who may see rows.
    Rows,
    /// Those who see protected tables alone.
    Protected,
}

/// Pages in the order of the menu: word, address, and for whom.
const MENU: &[(&str, &str, Audience)] = &[
    ("nav_start", "/", Audience::All),
    ("nav_cohort", "/cohort", Audience::Rows),
    ("nav_studies", "/studies", Audience::All),
    ("nav_thresholds", "/thresholds", Audience::Protected),
    ("nav_flows", "/flows", Audience::All),
    ("nav_clients", "/clients", Audience::Rows),
    ("nav_pilots", "/pilots", Audience::All),
    ("nav_release", "/release", Audience::Rows),
    ("nav_deliveries", "/deliveries", Audience::Rows),
    ("nav_sql", "/sql", Audience::Rows),
];

/// What is shown instead of a page.
pub(crate) fn stopped(app: &App, ask: &Ask, stop: Stop) -> Response {
    let words = texts::of(ask.lang);
    let word = |name: &str| words.get(name).copied().unwrap_or_default().to_owned();
    let (status, title, trouble) = match stop {
        Stop::To(path) => {
            let Ok(path) = HeaderValue::from_str(&path) else { return StatusCode::BAD_REQUEST.into_response() };
            return (StatusCode::SEE_OTHER, [(axum::http::header::LOCATION, path)]).into_response();
        }
        Stop::Missing => (StatusCode::NOT_FOUND, word("missing"), Trouble::new(word("missing_words"))),
        Stop::Forbidden => (StatusCode::FORBIDDEN, word("forbidden"), Trouble::new(word("forbidden_words"))),
        Stop::Trouble(trouble) => (StatusCode::UNPROCESSABLE_ENTITY, word("trouble"), trouble),
    };
    let own = context! { title, trouble => said(ask, &trouble) };
    // The head of the page is left bare when the store itself cannot be read.
    let overview = app.overview().unwrap_or_default();
    match render(app, ask, "message.html", "", Marked::No, own, &overview) {
        Ok(html) => html_response(status, html),
        Err(_) => (StatusCode::INTERNAL_SERVER_ERROR, trouble.message).into_response(),
    }
}

/// A trouble as pages show it: what is wrong, where, and what to do about it.
pub(crate) fn said(ask: &Ask, trouble: &Trouble) -> Value {
    let at = trouble.place.as_deref().cloned().unwrap_or_default();
    let (line, column) = (at.line.unwrap_or(0).to_string(), at.character.unwrap_or(0).to_string());
    let place = match (at.line, at.character) {
        (None, _) => None,
        (Some(_), None) => Some(ask.fill("on_line", &[("line", &line)])),
        (Some(_), Some(_)) => Some(ask.fill("at_line", &[("line", &line), ("column", &column)])),
    };
    context! {
        message => trouble.message,
        fix => trouble.fix,
        file => at.file,
        column => at.column,
        rule => at.rule,
        place,
    }
}

/// A choice of a list.
pub(crate) fn option(value: &str, word: impl Into<String>, is_on: bool) -> Value {
    context! { value, word => word.into(), is_on }
}

/// Bytes under a name, for the browser to keep.
pub(crate) fn attachment(kind: &'static str, name: &str, bytes: impl IntoResponse) -> Response {
    let named = format!("attachment; filename=\"{name}\"");
    ([(CONTENT_TYPE, kind.to_owned()), (CONTENT_DISPOSITION, named)], bytes).into_response()
}

/// Writes down that this reader looked at rows or took something out: `what`, without values from a person.
pub(crate) fn note(app: &App, ask: &Ask, what: &str) -> Result<(), Trouble> {
    let snapshot = app.overview()?.snapshot.clone().unwrap_or_default();
    let role = ask.viewer.role.as_str();
    app.house.note_use(&UseEntry { user: &ask.viewer.name, role, what, snapshot: &snapshot })
}

/// A text in the words of the page.
pub(crate) fn words(ask: &Ask, name: &str) -> &'static str {
    texts::of(ask.lang).get(name).copied().unwrap_or_default()
}
