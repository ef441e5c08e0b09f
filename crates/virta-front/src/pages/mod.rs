//! Every page in a file of its own, and the list of their addresses.

mod assets;
mod clients;
mod cohort;
mod deliveries;
mod enter;
mod flows;
mod ingest;
mod pilots;
mod place;
mod release;
mod reported;
mod run;
mod sql;
mod start;
mod studies;
mod thresholds;
mod work;

use std::sync::Arc;

use axum::Router;
use axum::extract::{Extension, Form, Query, State};
use axum::http::Uri;
use axum::response::Response;
use axum::routing::{get, post};
use virta_model::Lang;

use crate::app::App;
use crate::draft::Pairs;
use crate::going::ClosesWhenDropped;
use crate::session::Viewer;
use crate::view::{Ask, Page, Stop, stopped};

/// Makes a handler of a page: reads the request, renders away from the threads that answer others, and shows what stopped
/// it.
macro_rules! page {
    ($page:path) => {
        get(
            |State(app): State<App>,
             Extension(viewer): Extension<Viewer>,
             Extension(lang): Extension<Lang>,
             uri: Uri,
             Query(pairs): Query<Pairs>| async move {
                answer(app, Ask::new(viewer, lang, &uri, pairs), $page).await
            },
        )
    };
}

/// The same of a page that a form is sent to.
macro_rules! form {
    ($page:path) => {
        post(
            |State(app): State<App>,
             Extension(viewer): Extension<Viewer>,
             Extension(lang): Extension<Lang>,
             uri: Uri,
             Form(pairs): Form<Pairs>| async move { answer(app, Ask::new(viewer, lang, &uri, pairs), $page).await },
        )
    };
}

async fn answer(app: App, ask: Ask, page: fn(&App, &Ask) -> Page) -> Response {
    let (of_page, asked) = (app.clone(), ask.clone());
    let is_question = ask.path == "/sql" && ask.get("q").is_some();
    let turns = if is_question { Arc::clone(&app.questions) } else { Arc::clone(&app.turns) };
    let _closes = ClosesWhenDropped(ask.closed.clone());
    let turn = turns.acquire_owned().await;
    let made = tokio::task::spawn_blocking(move || {
        // The turn ends with the work, also where the browser has gone before.
        let _turn = turn;
        page(&of_page, &asked)
    });
    let made = made.await;
    match made {
        Ok(Ok(response)) => response,
        Ok(Err(stop)) => stopped(&app, &ask, stop),
        Err(_) => stopped(&app, &ask, Stop::Trouble(crate::trouble::Trouble::new("the page could not be made"))),
    }
}

fn missing(_: &App, _: &Ask) -> Page {
    Err(Stop::Missing)
}

pub(crate) fn router() -> Router<App> {
    Router::new()
        .route("/", page!(start::start))
        .route("/cohort", page!(cohort::builder))
        .route("/cohort/live", page!(cohort::live))
        .route("/cohort/study.toml", page!(cohort::file))
        .route("/cohort/text", page!(cohort::text).merge(form!(cohort::apply_text)))
        .route("/enter", get(enter::form).post(enter::enter))
        .route("/leave", post(enter::leave))
        .route("/run", form!(run::begin))
        .route("/run/{number}", page!(run::run))
        .route("/run/{number}/stop", form!(run::stop))
        .route("/run/{number}/events", get(run::events))
        .route("/studies", page!(studies::list))
        .route("/studies/{name}", page!(studies::study))
        .route("/thresholds", page!(thresholds::thresholds))
        .route("/flows", page!(flows::flows))
        .route("/clients", page!(clients::list))
        .route("/clients/{id}", page!(clients::client))
        .route("/pilots", page!(pilots::pilots))
        .route("/pilots/enrol", page!(pilots::enrol).merge(form!(pilots::begin)))
        .route("/pilots/measure", form!(pilots::measure))
        .route("/ingest", page!(ingest::files).merge(form!(ingest::begin)))
        .route("/ingest/draft", form!(ingest::draft))
        .route("/ingest/profile", page!(ingest::profile).merge(form!(ingest::save)))
        .route("/release", page!(release::release).merge(form!(release::begin)))
        .route("/releases/{number}", page!(release::bundle))
        .route("/sql", page!(sql::sql))
        .route("/sql/words", page!(sql::dictionary))
        .route("/sql/save", form!(sql::save))
        .route("/deliveries", page!(deliveries::ledger))
        .route("/deliveries/{id}", page!(deliveries::delivery))
        .route("/assets/front.css", get(assets::style))
        .route("/assets/front.js", get(assets::script))
        .route("/assets/icon.svg", get(assets::icon))
        .fallback(page!(missing))
}

/// The last part of an address, decoded.
pub(crate) fn last_part(ask: &Ask) -> String {
    let part = ask.path.rsplit('/').next().unwrap_or_default();
    decoded(part)
}

/// A part of an address in plain letters.
fn decoded(part: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = part.bytes();
    while let Some(byte) = rest.next() {
        let digit = |byte: Option<u8>| byte.and_then(|byte| char::from(byte).to_digit(16));
        match byte {
            b'%' => {
                if let (Some(high), Some(low)) = (digit(rest.next()), digit(rest.next())) {
                    bytes.push((high * 16 + low) as u8);
                }
            }
            other => bytes.push(other),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
