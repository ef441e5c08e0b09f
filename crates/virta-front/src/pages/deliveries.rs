//! Deliveries: the ledger, and the quality page of each.

use minijinja::{Value, context};
use serde_json::Value as Json;

use crate::app::App;
use crate::pages::cohort::only_rows;
use crate::pages::last_part;
use crate::view::{Ask, Marked, Page, Stop, page};

pub(super) fn ledger(app: &App, ask: &Ask) -> Page {
    only_rows(ask)?;
    let ledger = app.house.deliveries()?;
    let names = app.names()?;
    let say = ask.say(&names);
    let number = |json: &Json, key: &str| json.get(key).and_then(Json::as_i64).map(|n| say.number(n));
    let deliveries = ledger.get("deliveries").and_then(Json::as_array).into_iter().flatten().rev();
    let rows: Vec<Value> = deliveries
        .map(|one| {
            context! {
                path => format!("/deliveries/{}", text(one, "delivery_id")),
                source => text(one, "source"),
                table => say.table(text(one, "table")),
                file => text(one, "file"),
                read => number(one, "rows_read"),
                accepted => number(one, "rows_accepted"),
                quarantined => number(one, "rows_quarantined"),
                superseded => number(one, "rows_superseded"),
                not_selected => number(one, "rows_not_selected"),
                at => say.moment(text(one, "ingested_at")),
            }
        })
        .collect();
    let unnamed: Vec<&str> = ledger
        .get("services_unnamed")
        .and_then(Json::as_array)
        .into_iter()
        .flatten()
        .filter_map(Json::as_str)
        .collect();
    page(
        app,
        ask,
        "deliveries.html",
        "nav_deliveries",
        Marked::Exact,
        context! { rows, unnamed => unnamed.join(", "), can_ingest => ask.viewer.role.takes_in() },
    )
}

fn text<'a>(json: &'a Json, key: &str) -> &'a str {
    json.get(key).and_then(Json::as_str).unwrap_or_default()
}

pub(super) fn delivery(app: &App, ask: &Ask) -> Page {
    only_rows(ask)?;
    let id = last_part(ask).parse().map_err(|_| Stop::Missing)?;
    let shown = app.house.delivery(id)?.ok_or(Stop::Missing)?;
    let names = app.names()?;
    let say = ask.say(&names);
    let number = |key: &str| shown.get(key).and_then(Json::as_i64).map(|n| say.number(n));
    let months: Vec<&Json> = shown.get("months").and_then(Json::as_array).into_iter().flatten().collect();
    let rows_of = |month: &Json| month.get("rows").and_then(Json::as_i64).unwrap_or(0);
    let largest = months.iter().map(|month| rows_of(month)).max().unwrap_or(0).max(1);
    let months: Vec<Value> = months
        .iter()
        .map(|month| {
            let rows = rows_of(month);
            context! {
                month => text(month, "month"),
                rows => say.number(rows),
                width => format!("{:.1}", 100.0 * rows as f64 / largest as f64),
                usual => month.get("usual").and_then(Json::as_f64).map(|usual| say.decimal(usual, 0)),
                is_low => month.get("is_low").and_then(Json::as_bool).unwrap_or(false),
            }
        })
        .collect();
    let counts = |key: &str| -> Vec<Value> {
        let pairs = shown.get(key).and_then(Json::as_object).into_iter().flatten();
        pairs.map(|(name, rows)| context! { name, rows => rows.as_i64().map(|n| say.number(n)) }).collect()
    };
    let missing = shown.get("missing_share").and_then(Json::as_object).into_iter().flatten();
    let missing: Vec<Value> = missing
        .filter_map(|(field, share)| Some((field, share.as_f64().filter(|share| *share > 0.0)?)))
        .map(|(field, share)| context! { field, share => say.percent(share) })
        .collect();
    let own = context! {
        title => ask.fill("delivery_title", &[("file", text(&shown, "file"))]),
        source => text(&shown, "source"),
        table => say.table(text(&shown, "table")),
        extracted_on => say.iso_day(text(&shown, "extracted_on")),
        at => say.moment(text(&shown, "ingested_at")),
        read => number("rows_read"),
        accepted => number("rows_accepted"),
        quarantined => number("rows_quarantined"),
        superseded => number("rows_superseded"),
        not_selected => number("rows_not_selected"),
        months,
        reasons => counts("quarantined_by"),
        missing,
    };
    page(app, ask, "delivery.html", "nav_deliveries", Marked::Exact, own)
}
