//! Work that takes a while, such as a study: how far it has come, and what came of it.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Extension, Path, State};
use axum::http::StatusCode;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures::stream;
use minijinja::{Value, context};
use virta_model::Lang;

use crate::app::App;
use crate::draft::encoded;
use crate::jobs::{Done, Job, Work};
use crate::pages::cohort::{draft_of, only_rows, pairs_of};
use crate::pages::ingest::ingested;
use crate::pages::last_part;
use crate::pages::release::released;
use crate::pages::work::run_study;
use crate::session::Viewer;
use crate::texts;
use crate::view::{Ask, Marked, Page, Stop, page, said, words};

/// Begins a study, and goes to the page that shows how far it has come.
pub(super) fn begin(app: &App, ask: &Ask) -> Page {
    only_rows(ask)?;
    let overview = app.overview()?;
    let draft = draft_of(app, ask, &pairs_of(ask.get("query").unwrap_or_default()), &overview)?;
    let (name, title) = (ask.get("name").unwrap_or_default().trim(), ask.get("title").unwrap_or_default().trim());
    Err(run_study(app, ask, draft.renamed(name, title)?))
}

fn job(app: &App, viewer: &Viewer, number: &str) -> Result<Arc<Job>, Stop> {
    let job = number.parse().ok().and_then(|number| app.jobs.get(number));
    job.filter(|job| job.owner == viewer.session).ok_or(Stop::Missing)
}

/// How far some work has come, and then what came of it.
pub(super) fn run(app: &App, ask: &Ask) -> Page {
    let number = last_part(ask);
    let job = job(app, &ask.viewer, &number)?;
    let percent = job.percent();
    if job.end().is_some() {
        app.forget_overview();
    }
    let (nav, going) = match job.work {
        Work::Opening => ("nav_cohort", "opening_going"),
        Work::Study => ("nav_cohort", "run_going"),
        Work::Ingest | Work::Trial => ("nav_deliveries", "ingest_going"),
        Work::Enrolment => ("nav_pilots", "enrol_going"),
        Work::Release => ("nav_release", "release_going"),
    };
    let troubles = match job.end() {
        None => {
            let progress = progress(&job, ask.lang);
            let (going, is_stopping) = (words(ask, going), job.is_stopped());
            let own = context! { number, percent, progress, going, is_stopping, troubles => () };
            return page(app, ask, "run.html", nav, Marked::No, own);
        }
        Some(Ok(Done::Opened(path))) => return Err(Stop::To(path)),
        Some(Ok(Done::Study(name))) => {
            let own = context! { title => words(ask, "run_done"), path => format!("/studies/{}", encoded(&name)), open => words(ask, "run_open"), words => () };
            return page(app, ask, "done.html", nav, Marked::No, own);
        }
        Some(Ok(Done::Enrolled(pilot, clients))) => {
            let names = app.names()?;
            let clients = ask.say(&names).number(clients as i64);
            let own = context! { title => ask.fill("enrol_done", &[("n", &clients), ("pilot", &pilot)]), path => "/pilots", open => words(ask, "nav_pilots"), words => () };
            return page(app, ask, "done.html", nav, Marked::No, own);
        }
        Some(Ok(Done::Released(study, languages, end))) => return released(app, ask, &study, &languages, &end),
        Some(Ok(Done::Ingested(report))) => return ingested(app, ask, &report),
        Some(Err(_)) if job.is_stopped() => {
            let own = context! { title => words(ask, "run_stopped"), words => words(ask, stopped_words(job.work)), path => back(job.work), open => words(ask, "back") };
            return page(app, ask, "done.html", nav, Marked::No, own);
        }
        Some(Err(troubles)) => troubles,
    };
    let failed = match job.work {
        Work::Opening => "opening_failed",
        Work::Study => "run_failed",
        Work::Ingest | Work::Trial => "ingest_failed",
        Work::Enrolment => "enrol_failed",
        Work::Release => "release_failed",
    };
    let troubles: Vec<Value> = troubles.iter().map(|trouble| said(ask, trouble)).collect();
    let own = context! { going => (), failed => words(ask, failed), troubles, back => back(job.work) };
    page(app, ask, "run.html", nav, Marked::No, own)
}

/// How far some work has come, in words.
fn progress(job: &Job, lang: Lang) -> String {
    let name = match job.work {
        _ if job.is_stopped() => "run_stopping",
        _ if !job.has_begun() => "run_waits",
        Work::Opening | Work::Study => "run_read",
        Work::Ingest | Work::Trial | Work::Enrolment | Work::Release => "work_part",
    };
    texts::fill(lang, name, &[("percent", &job.percent().to_string())])
}

/// Where work is begun again.
const fn back(work: Work) -> &'static str {
    match work {
        Work::Opening => "/",
        Work::Study => "/cohort",
        Work::Ingest | Work::Trial => "/ingest",
        Work::Enrolment => "/pilots/enrol",
        Work::Release => "/release",
    }
}

/// What stopping left behind.
const fn stopped_words(work: Work) -> &'static str {
    match work {
        Work::Opening | Work::Trial => "stopped_nothing",
        Work::Study => "stopped_study",
        Work::Ingest | Work::Enrolment => "stopped_ingest",
        Work::Release => "stopped_release",
    }
}

/// Asks work to stop, and goes back to its page.
pub(super) fn stop(app: &App, ask: &Ask) -> Page {
    let number = ask.path.trim_end_matches("/stop").rsplit('/').next().unwrap_or_default();
    job(app, &ask.viewer, number)?.stop();
    Err(Stop::To(format!("/run/{number}")))
}

/// The same as events, until the work is done.
pub(super) async fn events(
    State(app): State<App>,
    Extension(viewer): Extension<Viewer>,
    Extension(lang): Extension<Lang>,
    Path(number): Path<String>,
) -> Response {
    const EVERY: Duration = Duration::from_millis(200);
    let Ok(job) = job(&app, &viewer, &number) else { return StatusCode::NOT_FOUND.into_response() };
    let told = stream::unfold((job, false), move |(job, is_told)| async move {
        if is_told {
            return None;
        }
        tokio::time::sleep(EVERY).await;
        let is_done = job.end().is_some();
        let event = if is_done {
            Event::default().event("done").data("100")
        } else {
            let told = serde_json::json!({ "percent": job.percent(), "words": progress(&job, lang) });
            Event::default().data(told.to_string())
        };
        Some((Ok::<_, Infallible>(event), (job, is_done)))
    });
    Sse::new(told).keep_alive(KeepAlive::default()).into_response()
}
