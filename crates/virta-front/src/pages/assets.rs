//! The style, the script and the icon, which are in the program.

use std::sync::LazyLock;

use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};

static STYLE: LazyLock<String> =
    LazyLock::new(|| format!("{}{}", virta_report::style(), include_str!("../assets/front.css")));

fn asset(kind: &'static str, body: impl IntoResponse) -> Response {
    ([(CONTENT_TYPE, kind), (CACHE_CONTROL, "no-cache")], body).into_response()
}

pub(super) async fn style() -> Response {
    asset("text/css; charset=utf-8", STYLE.as_str())
}

pub(super) async fn script() -> Response {
    asset("text/javascript; charset=utf-8", include_str!("../assets/front.js"))
}

pub(super) async fn icon() -> Response {
    asset("image/svg+xml", include_str!("../assets/icon.svg"))
}
