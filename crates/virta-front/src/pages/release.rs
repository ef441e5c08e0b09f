//! Release: a study as it would leave, with what is withheld.

use minijinja::{Value, context};
use virta_protection::Cell;
use virta_report::Focus;

use crate::app::App;
use crate::house::Numbers;
use crate::pages::cohort::only_rows;
use crate::pages::start::title;
use crate::pages::studies::report;
use crate::view::{Ask, Marked, Page, Stop, overview_for, page};

pub(super) fn release(app: &App, ask: &Ask) -> Page {
    only_rows(ask)?;
    let overview = overview_for(app, &ask.viewer)?;
    let chosen = ask.get("study").or(overview.studies.first().map(|study| study.name.as_str()));
    let studies: Vec<Value> = overview
        .studies
        .iter()
        .map(|study| context! { value => study.name, word => title(study, ask.lang), is_on => chosen == Some(&study.name) })
        .collect();
    let Some(name) = chosen else {
        return page(
            app,
            ask,
            "release.html",
            "nav_release",
            Marked::No,
            context! { studies, tables => (), html => () },
        );
    };
    if !overview.studies.iter().any(|study| study.name == name) {
        return Err(Stop::Missing);
    }
    let study = app.house.study(name, Numbers::Protected)?;
    let names = app.names()?;
    let say = ask.say(&names);
    let tables: Vec<Value> = study
        .tables
        .tables()
        .iter()
        .filter(|table| !table.rows().is_empty())
        .map(|table| {
            let cells = table.rows().iter().flatten();
            let (mut all, mut withheld) = (0i64, 0i64);
            for cell in cells {
                all += 1;
                withheld += i64::from(matches!(cell, Cell::Withheld(_)));
            }
            context! {
                name => say.table(table.name()),
                rows => say.number(table.rows().len() as i64),
                cells => say.number(all),
                withheld => say.number(withheld),
                share => say.percent(withheld as f64 / all.max(1) as f64),
            }
        })
        .collect();
    let register: Vec<Value> = app
        .house
        .releases()?
        .into_iter()
        .rev()
        .map(|one| {
            let groups = one.groups.join(", ");
            context! { number => one.number, study => one.study, at => one.at, k => one.k, round_to => one.round_to, groups }
        })
        .collect();
    let (k, round_to) = (study.tables.k().to_string(), study.tables.round_to().to_string());
    let own = context! {
        studies, tables, register,
        words => ask.fill("release_words", &[("k", &k), ("round_to", &round_to)]),
        command => format!("virta release {} {name} -o {name}-release", overview.region),
        html => Value::from_safe_string(report(app, ask, name, &study, Focus::default())?),
    };
    page(app, ask, "release.html", "nav_release", Marked::No, own)
}
