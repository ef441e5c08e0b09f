//! Running a definition as a study, with how far it has come.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Extension, Form, Path, State};
use axum::http::{StatusCode, Uri};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures::stream;
use minijinja::context;
use virta_model::Lang;

use crate::app::App;
use crate::draft::{Pairs, encoded};
use crate::jobs::Job;
use crate::pages::cohort::{draft_of, only_rows, pairs_of};
use crate::pages::last_part;
use crate::session::Viewer;
use crate::view::{Ask, Marked, Page, Stop, page, stopped};

/// Begins a study, and goes to the page that shows how far it has come.
pub(super) async fn begin(
    State(app): State<App>,
    Extension(viewer): Extension<Viewer>,
    Extension(lang): Extension<Lang>,
    uri: Uri,
    Form(pairs): Form<Pairs>,
) -> Response {
    let ask = Ask::new(viewer, lang, &uri, pairs);
    let (of_page, asked) = (app.clone(), ask.clone());
    let begun = tokio::task::spawn_blocking(move || begun(&of_page, &asked)).await;
    let stop = match begun {
        Ok(Ok(number)) => Stop::To(format!("/run/{number}")),
        Ok(Err(stop)) => stop,
        Err(_) => Stop::Missing,
    };
    stopped(&app, &ask, stop)
}

fn begun(app: &App, ask: &Ask) -> Result<u64, Stop> {
    only_rows(ask)?;
    let overview = app.overview()?;
    let draft = draft_of(app, ask, &pairs_of(ask.get("query").unwrap_or_default()), &overview)?;
    let text =
        draft.renamed(ask.get("name").unwrap_or_default().trim(), ask.get("title").unwrap_or_default().trim())?;
    Ok(app.jobs.begin(Arc::clone(&app.house), &ask.viewer.session, text))
}

fn job(app: &App, viewer: &Viewer, number: &str) -> Result<Arc<Job>, Stop> {
    let job = number.parse().ok().and_then(|number| app.jobs.get(number));
    job.filter(|job| job.owner == viewer.session).ok_or(Stop::Missing)
}

/// How far a study has come.
pub(super) fn run(app: &App, ask: &Ask) -> Page {
    let number = last_part(ask);
    let job = job(app, &ask.viewer, &number)?;
    let (percent, end) = (job.percent(), job.end());
    let own = context! {
        number,
        percent,
        progress => ask.fill("run_read", &[("percent", &percent.to_string())]),
        is_going => end.is_none(),
        study => end.as_ref().and_then(|end| end.as_ref().ok()).map(|name| format!("/studies/{}", encoded(name))),
        trouble => end.and_then(Result::err).map(|trouble| trouble.message),
    };
    page(app, ask, "run.html", "nav_cohort", Marked::No, own)
}

/// The same as events, until the study is done.
pub(super) async fn events(
    State(app): State<App>,
    Extension(viewer): Extension<Viewer>,
    Path(number): Path<String>,
) -> Response {
    const EVERY: Duration = Duration::from_millis(200);
    let Ok(job) = job(&app, &viewer, &number) else { return StatusCode::NOT_FOUND.into_response() };
    let told = stream::unfold((job, false), |(job, is_told)| async move {
        if is_told {
            return None;
        }
        tokio::time::sleep(EVERY).await;
        let is_done = job.end().is_some();
        let event = if is_done {
            Event::default().event("done").data("100")
        } else {
            Event::default().data(job.percent().to_string())
        };
        Some((Ok::<_, Infallible>(event), (job, is_done)))
    });
    Sse::new(told).keep_alive(KeepAlive::default()).into_response()
}
