//! What every request passes: who asks, from where, in which language; and what every answer carries.

use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::header::{CACHE_CONTROL, COOKIE, HOST, LOCATION, ORIGIN, SET_COOKIE};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::app::App;
use crate::lang;
use crate::session::Viewer;

const SESSION: &str = "virta";
const LANG: &str = "virta-lang";

/// Headers of every answer. Pages hold health data: no cache keeps them, no other page shows them in a frame.
const HEADERS: [(&str, &str); 8] = [
    (
        "content-security-policy",
        "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'",
    ),
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    // Not `no-referrer`: forms would then be sent with the origin `null`, which is refused.
    ("referrer-policy", "same-origin"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("permissions-policy", "camera=(), geolocation=(), microphone=()"),
    ("cache-control", "no-store"),
];

/// The largest form: a study file, a profile, a list of clients.
const BODY_MAX: usize = 2 << 20;
/// The largest form of somebody who has not entered: a name and a password.
const ENTERING_MAX: usize = 16 << 10;
/// How long somebody may take to send a form.
const BODY: Duration = Duration::from_secs(60);

/// Reads a whole form, if it comes in time and is not too large.
async fn whole(request: Request, most: usize) -> Result<Request, Response> {
    let (head, body) = request.into_parts();
    match tokio::time::timeout(BODY, to_bytes(body, most)).await {
        Ok(Ok(bytes)) => Ok(Request::from_parts(head, Body::from(bytes))),
        Ok(Err(_)) => Err(StatusCode::PAYLOAD_TOO_LARGE.into_response()),
        Err(_) => Err(StatusCode::REQUEST_TIMEOUT.into_response()),
    }
}

/// Lets a request through to its page, or refuses it before anything is done for it.
pub(crate) async fn pass(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let answer = match admit(&app, &mut request) {
        Ok(named) => {
            let most = if request.extensions().get::<Viewer>().is_some() { BODY_MAX } else { ENTERING_MAX };
            let mut answer = match whole(request, most).await {
                Ok(request) => next.run(request).await,
                Err(refused) => refused,
            };
            if let Some(code) = named {
                put_cookie(&app, &mut answer, LANG, &code);
            }
            answer
        }
        Err(refusal) => *refusal,
    };
    with_headers(answer)
}

fn with_headers(mut answer: Response) -> Response {
    for (name, value) in HEADERS {
        let name = HeaderName::from_static(name);
        if name != CACHE_CONTROL || !answer.headers().contains_key(CACHE_CONTROL) {
            answer.headers_mut().insert(name, HeaderValue::from_static(value));
        }
    }
    answer
}

/// Gives the language that the address names, to be remembered.
fn admit(app: &App, request: &mut Request) -> Result<Option<String>, Box<Response>> {
    let refuse = |status: StatusCode, words: &'static str| Box::new((status, words).into_response());
    let host = header(request.headers(), HOST.as_str()).unwrap_or_default().to_owned();
    // A name that leads here from elsewhere would let its own page read ours.
    if !app.is_own_host(&host) {
        return Err(refuse(StatusCode::MISDIRECTED_REQUEST, "this server does not answer for this host"));
    }
    if request.method() != Method::GET && request.method() != Method::HEAD {
        let own = format!("{}://{host}", if app.is_secure { "https" } else { "http" });
        if header(request.headers(), ORIGIN.as_str()) != Some(own.as_str()) {
            return Err(refuse(StatusCode::FORBIDDEN, "this was not asked from a page of this server"));
        }
    }
    let path = request.uri().path().to_owned();
    let query = request.uri().query().unwrap_or_default().to_owned();
    let named = query.split('&').filter_map(|pair| pair.strip_prefix("lang=")).next().map(str::to_owned);
    let named = named.filter(|code| ["fi", "sv", "en"].contains(&code.as_str()));
    let remembered = cookie(request.headers(), LANG);
    let lang = lang::of(named.as_deref().or(remembered.as_deref()), request.headers());
    request.extensions_mut().insert(lang);
    if path.starts_with("/assets/") {
        return Ok(None);
    }
    if path == "/"
        && let Some(token) = query.split('&').find_map(|pair| pair.strip_prefix("token="))
        && let Some(session) = app.sessions.enter_by_token(token)
    {
        let mut answer = (StatusCode::SEE_OTHER, [(LOCATION, "/")]).into_response();
        put_cookie(app, &mut answer, SESSION, &session);
        return Err(Box::new(answer));
    }
    let viewer = cookie(request.headers(), SESSION).and_then(|session| app.sessions.viewer(&session));
    match viewer {
        Some(viewer) => {
            request.extensions_mut().insert(viewer);
            Ok(named)
        }
        None if app.login.is_some() && path == "/enter" => Ok(named),
        None if app.login.is_some() && request.method() == Method::GET => {
            Err(Box::new((StatusCode::SEE_OTHER, [(LOCATION, "/enter")]).into_response()))
        }
        None => Err(refuse(
            StatusCode::FORBIDDEN,
            "Open the address that virta printed when it began: it works once, in one browser.\n",
        )),
    }
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

fn cookie(headers: &HeaderMap, name: &str) -> Option<String> {
    let cookies = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = cookies.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(key, _)| *key == name).map(|(_, value)| value.to_owned())
}

/// Sets a cookie that no script reads and no other site sends.
fn put_cookie(app: &App, answer: &mut Response, name: &str, value: &str) {
    let secure = if app.is_secure { "; Secure" } else { "" };
    let text = format!("{name}={value}; Path=/; HttpOnly; SameSite=Strict{secure}");
    if let Ok(value) = HeaderValue::from_str(&text) {
        answer.headers_mut().append(SET_COOKIE, value);
    }
}

/// The cookie of a session that has just begun.
pub(crate) fn begin_session(app: &App, answer: &mut Response, session: &str) {
    put_cookie(app, answer, SESSION, session);
}
