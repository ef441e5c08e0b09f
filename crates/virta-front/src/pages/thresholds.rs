//! What the thresholds change: the grid of a study's sweep as this reader may see it, and one pair of thresholds in words.

use minijinja::{Value, context};
use virta_protection::{Cell, Datum, ProtectedTable};
use virta_report::Say;

use crate::app::App;
use crate::draft::{Base, Draft, Form, Pairs, encoded};
use crate::house::StudySeen;
use crate::pages::start::title;
use crate::pages::studies::seen;
use crate::view::{Ask, Marked, Page, Stop, overview_for, page, words};

/// A cell of the grid: its thresholds and its row of the table.
#[derive(Debug, Clone, Copy)]
struct Pair {
    services: i64,
    contacts: i64,
    row: usize,
}

pub(super) fn thresholds(app: &App, ask: &Ask) -> Page {
    let overview = overview_for(app, &ask.viewer)?;
    let with_sweep =
        || overview.studies.iter().filter(|study| study.settings.as_ref().is_some_and(|s| s.sweep.is_some()));
    let name = ask.get("study").map(str::to_owned).or_else(|| with_sweep().next().map(|study| study.name.clone()));
    let studies: Vec<Value> = with_sweep()
        .map(|study| context! { value => study.name, word => title(study, ask.lang), is_on => name.as_deref() == Some(&study.name) })
        .collect();
    let Some(name) = name else {
        let own = context! { studies, grid => () };
        return page(app, ask, "thresholds.html", nav(ask), Marked::No, own);
    };
    let (study, marked) = seen(app, ask, &name)?;
    let names = app.names()?;
    let say = ask.say(&names);
    let Some(table) = study.tables.table("sweep") else {
        return page(app, ask, "thresholds.html", nav(ask), marked, context! { studies, grid => () });
    };
    let chosen = |key: &str| ask.get(key).filter(|value| !value.is_empty());
    let labels: Vec<&str> = study.settings.study.periods.iter().map(|period| period.label()).collect();
    let period = chosen("period").filter(|one| labels.contains(one)).or(labels.last().copied()).unwrap_or_default();
    let counted = counted(table);
    let by = chosen("by").filter(|by| counted.contains(by)).or(counted.first().copied()).unwrap_or_default();
    let pairs = pairs(table, period, by);
    let number = |key: &str| chosen(key).and_then(|text| text.parse::<i64>().ok());
    let at = number("s").zip(number("n"));
    let at = pairs.iter().copied().find(|pair| at == Some((pair.services, pair.contacts)));
    let option = |value: &str, word: String, is_on: bool| context! { value, word, is_on };
    let own = context! {
        studies,
        name,
        title => title_of(ask, &study, &name),
        periods => labels.iter().map(|label| option(label, say.period(label), *label == period)).collect::<Vec<_>>(),
        counted => counted.iter().map(|one| option(one, say.counted(one), *one == by)).collect::<Vec<_>>(),
        unit => ask.fill("thresholds_unit", &[("what", words(ask, &format!("by_{by}"))), ("when", &say.in_period(period))]),
        grid => grid(ask, &study, table, (&pairs, at), (period, by, &name), say),
        cell => at.map(|pair| cell(ask, &study, table, pair, (period, by), say)),
        edit => at.filter(|_| ask.may_see_rows()).map(|pair| edit(&name, &study, pair, by)).transpose()?.flatten(),
        is_protected => marked == Marked::No,
        back => format!("/studies/{}", encoded(&name)),
    };
    page(app, ask, "thresholds.html", nav(ask), marked, own)
}

/// Those who build cohorts come here from a study; for the others the page stands in the menu.
fn nav(ask: &Ask) -> &'static str {
    if ask.may_see_rows() { "nav_studies" } else { "nav_thresholds" }
}

fn title_of(ask: &Ask, study: &StudySeen, name: &str) -> String {
    crate::pages::start::titled(&study.settings.study.title, name, ask.lang)
}

fn text<'a>(table: &'a ProtectedTable, row: usize, column: &str) -> &'a str {
    match table.cell(row, column) {
        Some(Cell::Value(Datum::Text(text))) => text,
        _ => "",
    }
}

fn int(table: &ProtectedTable, row: usize, column: &str) -> Option<i64> {
    match table.cell(row, column) {
        Some(Cell::Value(Datum::Int(number))) => Some(*number),
        _ => None,
    }
}

/// What the sweep counts, in the order of the table.
fn counted(table: &ProtectedTable) -> Vec<&str> {
    let mut found = Vec::new();
    for row in 0..table.rows().len() {
        let by = text(table, row, "count_by");
        if !found.contains(&by) {
            found.push(by);
        }
    }
    found
}

fn pairs(table: &ProtectedTable, period: &str, by: &str) -> Vec<Pair> {
    let rows = 0..table.rows().len();
    let here = rows.filter(|&row| text(table, row, "period") == period && text(table, row, "count_by") == by);
    here.filter_map(|row| {
        let (services, contacts) = (int(table, row, "min_services")?, int(table, row, "min_contacts")?);
        Some(Pair { services, contacts, row })
    })
    .collect()
}

/// A number of clients, or that there are too few to tell.
fn clients(ask: &Ask, study: &StudySeen, table: &ProtectedTable, row: usize, say: Say<'_>) -> String {
    match table.cell(row, "clients") {
        Some(Cell::Value(Datum::Int(clients))) => say.number(*clients),
        Some(Cell::Withheld(_)) => format!("<\u{a0}{}", study.tables.k()),
        _ => words(ask, "not_measured").to_owned(),
    }
}

fn grid(
    ask: &Ask,
    study: &StudySeen,
    table: &ProtectedTable,
    (pairs, at): (&[Pair], Option<Pair>),
    (period, by, name): (&str, &str, &str),
    say: Say<'_>,
) -> Value {
    let mut services: Vec<i64> = pairs.iter().map(|pair| pair.services).collect();
    let mut contacts: Vec<i64> = pairs.iter().map(|pair| pair.contacts).collect();
    for list in [&mut services, &mut contacts] {
        list.sort_unstable();
        list.dedup();
    }
    let shown = |pair: &Pair| int(table, pair.row, "clients");
    let largest = pairs.iter().filter_map(shown).max().unwrap_or(0).max(1) as f64;
    let one = |pair: &Pair| {
        let number = clients(ask, study, table, pair.row, say);
        // Whatever is withheld looks alike.
        let shade = shown(pair).map_or(0.0, |clients| (clients as f64 / largest).sqrt() * 5.0).ceil().clamp(0.0, 5.0);
        let (services, contacts) = (pair.services.to_string(), pair.contacts.to_string());
        let label = ask.fill("cell", &[("n", &number), ("services", &services), ("contacts", &contacts)]);
        let path = format!(
            "/thresholds?study={}&period={}&by={}&s={services}&n={contacts}#cell",
            encoded(name),
            encoded(period),
            encoded(by)
        );
        let is_here = at.is_some_and(|at| at.row == pair.row);
        context! { number, shade => shade as u8, label, path, is_here }
    };
    let rows: Vec<Value> = services
        .iter()
        .map(|least| {
            let find = |each: &i64| pairs.iter().find(|pair| pair.services == *least && pair.contacts == *each);
            let cells: Vec<Option<Value>> = contacts.iter().map(|each| find(each).map(one)).collect();
            context! { least, cells }
        })
        .collect();
    context! { columns => contacts, rows }
}

/// A pair of thresholds in words: who reaches both, and their part of all users and of all costs.
fn cell(
    ask: &Ask,
    study: &StudySeen,
    table: &ProtectedTable,
    pair: Pair,
    (period, by): (&str, &str),
    say: Say<'_>,
) -> Value {
    let whole = study.tables.table("profile").and_then(|profile| {
        let mut rows = 0..profile.rows().len();
        let are = [("cohort", "all"), ("period", period), ("dimension", "all")];
        let row = rows.find(|&row| are.iter().all(|(column, value)| text(profile, row, column) == *value))?;
        Some((int(profile, row, "clients"), int(profile, row, "cost_cents")))
    });
    let (users, all_cost) = whole.unwrap_or_default();
    let (found, cost) = (int(table, pair.row, "clients"), int(table, pair.row, "cost_cents"));
    let part = |part: Option<i64>, whole: Option<i64>| {
        let (part, whole) = part.zip(whole).filter(|(_, whole)| *whole > 0)?;
        Some(say.percent(part as f64 / whole as f64))
    };
    let values = [
        ("services", pair.services.to_string()),
        ("what", words(ask, &format!("by_{by}")).to_owned()),
        ("contacts", pair.contacts.to_string()),
    ];
    context! {
        title => ask.fill("thresholds_cell", &values.each_ref().map(|(key, value)| (*key, value.as_str()))),
        clients => clients(ask, study, table, pair.row, say),
        clients_words => ask.fill("clients_in", &[("when", &say.in_period(period))]),
        share => part(found, users),
        share_words => users.map(|users| ask.fill("of_users", &[("n", &say.number(users))])),
        cost_share => part(cost, all_cost),
        cost_words => cost.map(|cost| ask.fill("of_cost", &[("cost", &say.money(cost))])),
        per_client => found.zip(cost).filter(|(clients, _)| *clients > 0).map(|(clients, cost)| say.money(cost / clients)),
    }
}

/// The builder with these thresholds, where the study has a cohort to begin from.
fn edit(name: &str, study: &StudySeen, pair: Pair, by: &str) -> Result<Option<String>, Stop> {
    if study.settings.cohorts.is_empty() || study.text.is_empty() {
        return Ok(None);
    }
    let base = Base { key: format!("s:{name}"), text: study.text.clone() };
    let begin = Draft::new(&base, &Pairs::new())?;
    let least = |number: i64| u32::try_from(number).unwrap_or(u32::MAX);
    let form =
        Form { services: least(pair.services), contacts: least(pair.contacts), count_by: by.to_owned(), ..begin.form };
    Ok(Some(format!("/cohort?{}", form.query())))
}
