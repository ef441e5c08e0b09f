//! The language of a page.

use axum::http::HeaderMap;
use axum::http::header::ACCEPT_LANGUAGE;
use virta_model::Lang;

/// The language that an address or a cookie names, else the first that the browser asks for, else English.
pub(crate) fn of(named: Option<&str>, headers: &HeaderMap) -> Lang {
    let by_code = |code: &str| Lang::ALL.into_iter().find(|lang| lang.code() == code);
    named.and_then(by_code).unwrap_or_else(|| {
        let asked = headers.get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let codes = asked.split(',').map(|one| one.trim().get(..2).unwrap_or_default());
        codes.filter_map(by_code).next().unwrap_or(Lang::En)
    })
}
