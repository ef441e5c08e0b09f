//! Studies: the list of them, and each to look around in by cohort and period.

use minijinja::{Value, context};
use virta_report::{Focus, Report, content};

use crate::app::App;
use crate::draft::encoded;
use crate::house::{Numbers, StudySeen};
use crate::pages::last_part;
use crate::pages::start::{studies, titled};
use crate::view::{Ask, Marked, Page, Stop, overview_for, page};

pub(super) fn list(app: &App, ask: &Ask) -> Page {
    let overview = overview_for(app, &ask.viewer)?;
    page(app, ask, "studies.html", "nav_studies", Marked::No, context! { studies => studies(ask, &overview) })
}

/// A study's results as this reader may see them.
pub(super) fn seen(app: &App, ask: &Ask, name: &str) -> Result<(StudySeen, Marked), Stop> {
    let overview = overview_for(app, &ask.viewer)?;
    if !overview.studies.iter().any(|study| study.name == name) {
        return Err(Stop::Missing);
    }
    let is_exact = ask.may_see_rows() && ask.get("numbers") != Some("protected");
    let numbers = if is_exact { Numbers::Exact } else { Numbers::Protected };
    let mut study = app.house.study(name, numbers)?;
    study.tables = study.tables.with_pilots(|pilot| ask.viewer.role.sees_pilot(pilot));
    study.settings.pilots.retain(|pilot| ask.viewer.role.sees_pilot(&pilot.name));
    Ok((study, if is_exact { Marked::Exact } else { Marked::No }))
}

pub(super) fn study(app: &App, ask: &Ask) -> Page {
    let name = last_part(ask);
    let (study, marked) = seen(app, ask, &name)?;
    let chosen = |key: &str| ask.get(key).filter(|value| !value.is_empty()).map(str::to_owned);
    let (cohort, beside, period) = (chosen("cohort"), chosen("beside"), chosen("period"));
    let html = report(
        app,
        ask,
        &name,
        &study,
        Focus { cohort: cohort.clone(), beside: beside.clone(), period: period.clone() },
    )?;
    let names = app.names()?;
    let say = ask.say(&names);
    let option = |value: &str, word: String, is_on: bool| context! { value, word, is_on };
    let cohorts: Vec<(&str, String)> = study
        .settings
        .cohorts
        .iter()
        .map(|cohort| (cohort.name.as_str(), titled(&cohort.title, &cohort.name, ask.lang)))
        .collect();
    let options = |chosen: &Option<String>| -> Vec<Value> {
        let one = |(name, title): &(&str, String)| option(name, title.clone(), chosen.as_deref() == Some(name));
        cohorts.iter().map(one).collect()
    };
    let periods = &study.settings.study.periods;
    let last = periods.last().map(|period| period.label());
    let period = period.as_deref().or(last);
    let periods: Vec<Value> =
        periods.iter().map(|one| option(one.label(), say.period(one.label()), Some(one.label()) == period)).collect();
    let own = context! {
        name,
        title => titled(&study.settings.study.title, &name, ask.lang),
        html => Value::from_safe_string(html),
        cohorts => options(&cohort),
        others => options(&beside),
        periods,
        can_edit => ask.may_see_rows() && !cohorts.is_empty(),
        edit => format!("/cohort?base=s:{}", encoded(&name)),
        flows => format!("/flows?study={}", encoded(&name)),
        is_protected => marked == Marked::No,
    };
    page(app, ask, "study.html", "nav_studies", marked, own)
}

/// The report's parts of a study.
pub(super) fn report(app: &App, ask: &Ask, name: &str, study: &StudySeen, focus: Focus) -> Result<String, Stop> {
    let mut report = Report::new(&study.tables, name);
    report.settings = Some(&study.settings);
    report.names = (*app.names()?).clone();
    report.source_ends = study.source_ends.clone();
    report.focus = focus;
    Ok(content(&report, ask.lang)?)
}
