//! Entering by name and password, and leaving.

use std::time::Duration;

use axum::extract::{Extension, Form, State};
use axum::http::header::LOCATION;
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use minijinja::context;
use virta_model::Lang;

use crate::app::App;
use crate::draft::Pairs;
use crate::gate::begin_session;
use crate::house::Overview;
use crate::session::{Role, Viewer};
use crate::view::{Ask, bare_page};

/// A wrong password is answered no sooner than this: guessing is slow however many try.
const WRONG: Duration = Duration::from_millis(500);

/// The form.
pub(super) async fn form(State(app): State<App>, Extension(lang): Extension<Lang>, uri: Uri) -> Response {
    shown(&app, lang, &uri, false)
}

fn shown(app: &App, lang: Lang, uri: &Uri, is_wrong: bool) -> Response {
    let nobody = Role::Protected { word: "", studies: Vec::new(), pilots: None };
    let viewer = Viewer { name: String::new(), role: nobody, session: String::new() };
    let ask = Ask::new(viewer, lang, uri, Pairs::new());
    let status = if is_wrong { StatusCode::FORBIDDEN } else { StatusCode::OK };
    bare_page(app, &ask, status, "enter.html", context! { is_wrong }, &Overview::default())
}

/// Lets somebody in, or not.
pub(super) async fn enter(
    State(app): State<App>,
    Extension(lang): Extension<Lang>,
    uri: Uri,
    Form(pairs): Form<Pairs>,
) -> Response {
    let get =
        |name: &str| pairs.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone()).unwrap_or_default();
    let (name, password) = (get("name"), get("password"));
    let Some(login) = app.login.clone() else { return StatusCode::NOT_FOUND.into_response() };
    let asked = name.clone();
    // A password takes its time to check: those who guess wait for each other and not others for them.
    let _turn = app.logins.acquire().await;
    let role = tokio::task::spawn_blocking(move || login.role_of(&asked, &password)).await.ok().flatten();
    match role.and_then(|role| app.sessions.enter(&name, role)) {
        Some(session) => {
            let mut answer = (StatusCode::SEE_OTHER, [(LOCATION, "/")]).into_response();
            begin_session(&app, &mut answer, &session);
            answer
        }
        None => {
            tokio::time::sleep(WRONG).await;
            shown(&app, lang, &uri, true)
        }
    }
}

/// Ends the session.
pub(super) async fn leave(State(app): State<App>, Extension(viewer): Extension<Viewer>) -> Response {
    app.sessions.leave(&viewer);
    (StatusCode::SEE_OTHER, [(LOCATION, "/enter")]).into_response()
}
