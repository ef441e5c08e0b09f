//! Questions in SQL: the editor, the answer by pages, a quick chart, and questions that are kept.

use std::sync::Arc;

use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use minijinja::{Value, context};
use virta_chart::{Bar, Mark, Style, WIDE, bars};
use virta_report::Say;

use crate::app::App;
use crate::desk::{Answered, Desk, SavedQuestion};
use crate::draft::encoded;
use crate::pages::cohort::only_rows;
use crate::trouble::Trouble;
use crate::view::{Ask, Marked, Page, Stop, note, page, words};

/// Rows of an answer on a page.
const ROWS: usize = 100;
/// Bars of a chart: more are no longer read.
const BARS_MAX: usize = 40;

fn desk<'a>(app: &'a App, ask: &Ask) -> Result<&'a dyn Desk, Stop> {
    only_rows(ask)?;
    app.house.desk().ok_or(Stop::Missing)
}

/// The question of an address; browsers send line ends of their own.
fn asked(ask: &Ask) -> String {
    ask.get("q").unwrap_or_default().replace("\r\n", "\n").trim().to_owned()
}

fn path_of(sql: &str) -> String {
    format!("/sql?q={}", encoded(sql))
}

pub(super) fn sql(app: &App, ask: &Ask) -> Page {
    let desk = desk(app, ask)?;
    let sql = asked(ask);
    let (answer, trouble) = match sql.is_empty() {
        true => (None, None),
        false => match answered(app, ask, desk, &sql) {
            Ok(answer) => (Some(answer), None),
            Err(trouble) => (None, Some(context! { message => trouble.message, fix => trouble.fix })),
        },
    };
    let names = app.names()?;
    let say = ask.say(&names);
    let saved = desk.saved(&ask.viewer.name)?;
    let tables: Vec<Value> = desk
        .dictionary()?
        .within
        .into_iter()
        .map(|(name, words)| context! { name, words => words.join(", ") })
        .collect();
    let saved: Vec<Value> =
        saved.into_iter().map(|one| context! { path => path_of(&one.sql), name => one.name }).collect();
    let shown = answer.map(|answer| shown(ask, &say, &sql, &answer));
    page(app, ask, "sql.html", "nav_sql", Marked::Exact, context! { sql, trouble, shown, saved, tables })
}

/// The answer, from the last questions where it was asked just before: so its pages are of one answer.
fn answered(app: &App, ask: &Ask, desk: &dyn Desk, sql: &str) -> Result<Arc<Answered>, Trouble> {
    let snapshot = app.overview()?.snapshot.clone().unwrap_or_default();
    let key = (ask.viewer.session.clone(), snapshot, sql.to_owned());
    // Only a turned page is of the answer before: to ask again is to ask anew.
    if ask.get("page").is_some()
        && let Some(kept) = app.answers.get(&key)
    {
        let hash = blake3::hash(sql.as_bytes()).to_hex();
        let what = format!("sql page of question {}", hash.as_str().get(..16).unwrap_or_default());
        note(app, ask, &what)?;
        return Ok(kept);
    }
    let answer = Arc::new(desk.ask(&ask.viewer.name, ask.viewer.role.as_str(), sql, &ask.closed)?);
    app.answers.keep(key, Arc::clone(&answer));
    Ok(answer)
}

fn shown(ask: &Ask, say: &Say<'_>, sql: &str, answer: &Answered) -> Value {
    let pages = answer.rows.len().div_ceil(ROWS).max(1);
    let at = ask.get("page").and_then(|page| page.parse::<usize>().ok()).unwrap_or(1).clamp(1, pages);
    let rows: Vec<&Vec<Option<String>>> = answer.rows.iter().skip((at - 1) * ROWS).take(ROWS).collect();
    let turned = |page: usize| format!("{}&page={page}", path_of(sql));
    let count = say.number(answer.rows.len() as i64);
    let word = if answer.is_cut { "sql_rows_cut" } else { "sql_rows" };
    let columns: Vec<Value> =
        answer.columns.iter().map(|column| context! { name => column.name, is_number => column.is_number }).collect();
    let (at_word, pages_word) = (say.number(at as i64), say.number(pages as i64));
    context! {
        count => ask.fill(word, &[("n", &count)]),
        columns,
        rows,
        chart => chart(ask, say, answer),
        page_of => ask.fill("page_of", &[("n", &at_word), ("all", &pages_word)]),
        previous => (at > 1).then(|| turned(at - 1)),
        following => (at < pages).then(|| turned(at + 1)),
    }
}

/// Bars of one column of numbers, named by another; nothing where no column has numbers. Ids are names.
fn chart(ask: &Ask, say: &Say<'_>, answer: &Answered) -> Option<Value> {
    let measures: Vec<usize> = (0..answer.columns.len())
        .filter(|at| answer.columns.get(*at).is_some_and(|one| one.is_number && !one.name.ends_with("_id")))
        .collect();
    let named = |key: &str| answer.columns.iter().position(|column| Some(column.name.as_str()) == ask.get(key));
    // The last column of numbers is usually what was counted, the first column what it was counted by.
    let measure = named("y").filter(|at| measures.contains(at)).or(measures.last().copied())?;
    let label = named("x").unwrap_or(0);
    if answer.rows.is_empty() {
        return None;
    }
    let list: Vec<Bar> = answer
        .rows
        .iter()
        .take(BARS_MAX)
        .map(|row| {
            let cell = |at: usize| row.get(at).and_then(Option::as_deref);
            let number = cell(measure).and_then(|text| text.parse::<f64>().ok()).filter(|number| number.is_finite());
            Bar { label: cell(label).unwrap_or("null").to_owned(), marks: vec![number.map_or(Mark::None, Mark::Value)] }
        })
        .collect();
    let number = |value: f64| match value.fract() == 0.0 && value.abs() < 1e15 {
        true => say.number(value as i64),
        false => say.decimal(value, 2),
    };
    let style = Style { number: &number, withheld: words(ask, "withheld"), width: WIDE };
    let svg = bars(&list, &[], &style, "chart-title");
    let choice = |at: usize, chosen: usize| {
        let name = answer.columns.get(at).map(|column| column.name.clone()).unwrap_or_default();
        context! { name, is_on => at == chosen }
    };
    let first = say.number(list.len() as i64);
    Some(context! {
        svg => Value::from_safe_string(svg),
        labels => (0..answer.columns.len()).map(|at| choice(at, label)).collect::<Vec<_>>(),
        measures => measures.iter().map(|at| choice(*at, measure)).collect::<Vec<_>>(),
        first => (answer.rows.len() > BARS_MAX).then(|| ask.fill("sql_chart_first", &[("n", &first)])),
    })
}

/// What the script completes words by.
pub(super) fn dictionary(app: &App, ask: &Ask) -> Page {
    let dictionary = desk(app, ask)?.dictionary()?;
    let text = serde_json::to_string(&dictionary).map_err(|_| Trouble::new("the words cannot be written"))?;
    Ok(([(CONTENT_TYPE, "application/json")], text).into_response())
}

/// Keeps a question, or takes one away.
pub(super) fn save(app: &App, ask: &Ask) -> Page {
    let desk = desk(app, ask)?;
    let name = ask.get("name").unwrap_or_default().trim().to_owned();
    let sql = asked(ask);
    let is_away = ask.get("forget").is_some();
    let question = SavedQuestion { name, sql: if is_away { String::new() } else { sql.clone() } };
    if question.name.is_empty() || (question.sql.is_empty() && !is_away) {
        return Err(Trouble::new(words(ask, "sql_save_needs")).into());
    }
    desk.save(&ask.viewer.name, &question)?;
    Err(Stop::To(if is_away { "/sql".to_owned() } else { path_of(&sql) }))
}
