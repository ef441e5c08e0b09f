//! What the thresholds change: the grid of a study's sweep as this reader may see it, and one pair of thresholds in words.

use minijinja::{Value, context};
use virta_protection::{ProtectedTable, Row};
use virta_report::Say;

use crate::app::App;
use crate::draft::{Base, Draft, Form, Pairs, encoded};
use crate::house::{StudyEntry, StudySeen};
use crate::pages::start::{study_options, titled};
use crate::pages::studies::seen;
use crate::view::{Ask, Marked, Page, Stop, option, overview_for, page, words};

/// A cell of the grid: its thresholds and its row of the table.
#[derive(Debug, Clone, Copy)]
struct Pair<'a> {
    services: i64,
    contacts: i64,
    row: Row<'a>,
}

pub(super) fn thresholds(app: &App, ask: &Ask) -> Page {
    let overview = overview_for(app, &ask.viewer)?;
    let with_sweep: Vec<&StudyEntry> =
        overview.studies.iter().filter(|study| study.settings.as_ref().is_some_and(|s| s.sweep.is_some())).collect();
    let name = ask.get("study").or(with_sweep.first().map(|study| study.name.as_str()));
    let studies = study_options(ask, with_sweep, name);
    let Some(name) = name else {
        let own = context! { studies, grid => () };
        return page(app, ask, "thresholds.html", nav(ask), Marked::No, own);
    };
    let (study, marked) = seen(app, ask, name)?;
    let names = app.names()?;
    let say = ask.say(&names);
    let Some(table) = study.tables.table("sweep") else {
        return page(app, ask, "thresholds.html", nav(ask), marked, context! { studies, grid => () });
    };
    let labels: Vec<&str> = study.settings.study.periods.iter().map(|period| period.label()).collect();
    let period = ask.chosen("period").filter(|one| labels.contains(one)).or(labels.last().copied()).unwrap_or_default();
    let counted = counted(table);
    let by = ask.chosen("by").filter(|by| counted.contains(by)).or(counted.first().copied()).unwrap_or_default();
    let pairs = pairs(table, period, by);
    let number = |key: &str| ask.chosen(key).and_then(|text| text.parse::<i64>().ok());
    let at = number("s").zip(number("n"));
    let at = pairs.iter().find(|pair| at == Some((pair.services, pair.contacts)));
    let own = context! {
        studies,
        name,
        title => titled(&study.settings.study.title, name, ask.lang),
        periods => labels.iter().map(|label| option(label, say.period(label), *label == period)).collect::<Vec<_>>(),
        counted => counted.iter().map(|one| option(one, say.counted(one), *one == by)).collect::<Vec<_>>(),
        unit => ask.fill("thresholds_unit", &[("what", words(ask, &format!("by_{by}"))), ("when", &say.in_period(period))]),
        grid => grid(ask, &study, (&pairs, at), (period, by, name), say),
        cell => at.map(|pair| cell(ask, &study, pair, (period, by), say)),
        edit => at.filter(|_| ask.may_see_rows()).map(|pair| edit(name, &study, pair, by)).transpose()?.flatten(),
        is_protected => marked == Marked::No,
        back => format!("/studies/{}", encoded(name)),
    };
    page(app, ask, "thresholds.html", nav(ask), marked, own)
}

/// Those who build cohorts come here from a study; for the others the page stands in the menu.
fn nav(ask: &Ask) -> &'static str {
    if ask.may_see_rows() { "nav_studies" } else { "nav_thresholds" }
}

/// What the sweep counts, in the order of the table.
fn counted(table: &ProtectedTable) -> Vec<&str> {
    let mut found = Vec::new();
    for row in table.named_rows() {
        let by = row.text("count_by");
        if !found.contains(&by) {
            found.push(by);
        }
    }
    found
}

fn pairs<'a>(table: &'a ProtectedTable, period: &str, by: &str) -> Vec<Pair<'a>> {
    let here = table.named_rows().filter(|row| row.is("period", period) && row.is("count_by", by));
    let pair =
        |row: Row<'a>| Some(Pair { services: row.int("min_services")?, contacts: row.int("min_contacts")?, row });
    here.filter_map(pair).collect()
}

/// A number of clients, or that there are too few to tell.
fn clients(ask: &Ask, study: &StudySeen, row: Row<'_>, say: Say<'_>) -> String {
    match row.int("clients") {
        Some(clients) => say.number(clients),
        None if row.is_withheld("clients") => format!("<\u{a0}{}", study.tables.k()),
        None => words(ask, "not_measured").to_owned(),
    }
}

fn grid(
    ask: &Ask,
    study: &StudySeen,
    (pairs, at): (&[Pair<'_>], Option<&Pair<'_>>),
    (period, by, name): (&str, &str, &str),
    say: Say<'_>,
) -> Value {
    let mut services: Vec<i64> = pairs.iter().map(|pair| pair.services).collect();
    let mut contacts: Vec<i64> = pairs.iter().map(|pair| pair.contacts).collect();
    for list in [&mut services, &mut contacts] {
        list.sort_unstable();
        list.dedup();
    }
    let shown = |pair: &Pair<'_>| pair.row.int("clients");
    let largest = pairs.iter().filter_map(shown).max().unwrap_or(0).max(1) as f64;
    let one = |pair: &Pair<'_>| {
        let number = clients(ask, study, pair.row, say);
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
        let is_here = at.is_some_and(|at| (at.services, at.contacts) == (pair.services, pair.contacts));
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
fn cell(ask: &Ask, study: &StudySeen, pair: &Pair<'_>, (period, by): (&str, &str), say: Say<'_>) -> Value {
    let whole = study.tables.table("profile").and_then(|profile| {
        let are = [("cohort", "all"), ("period", period), ("dimension", "all")];
        let row = profile.named_rows().find(|row| are.iter().all(|(column, value)| row.is(column, value)))?;
        Some((row.int("clients"), row.int("cost_cents")))
    });
    let (users, all_cost) = whole.unwrap_or_default();
    let (found, cost) = (pair.row.int("clients"), pair.row.int("cost_cents"));
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
        title => ask.fill("thresholds_cell", &values),
        clients => clients(ask, study, pair.row, say),
        clients_words => ask.fill("clients_in", &[("when", &say.in_period(period))]),
        share => part(found, users),
        share_words => users.map(|users| ask.fill("of_users", &[("n", &say.number(users))])),
        cost_share => part(cost, all_cost),
        cost_words => cost.map(|cost| ask.fill("of_cost", &[("cost", &say.money(cost))])),
        per_client => found.zip(cost).filter(|(clients, _)| *clients > 0).map(|(clients, cost)| say.money(cost / clients)),
    }
}

/// The builder with these thresholds, where the study has a cohort to begin from.
fn edit(name: &str, study: &StudySeen, pair: &Pair<'_>, by: &str) -> Result<Option<String>, Stop> {
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
