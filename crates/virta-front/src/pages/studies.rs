//! Studies: the list of them, and each to look around in by cohort and period.

use minijinja::{Value, context};
use virta_report::{Focus, Names, content};

use crate::app::App;
use crate::draft::encoded;
use crate::house::{Numbers, ReleaseSeen, StudySeen};
use crate::pages::reported::as_report;
use crate::pages::start::{studies, titled};
use crate::pages::{last_part, place};
use crate::view::{Ask, Marked, Page, Stop, option, overview_for, page};

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
    let chosen = |key: &str| ask.chosen(key).map(str::to_owned);
    let (cohort, beside, period) = (chosen("cohort"), chosen("beside"), chosen("period"));
    let focus = Focus { cohort: cohort.clone(), beside: beside.clone(), period: period.clone() };
    let html = report(app, ask, &name, &study, focus.clone())?;
    let (places, chosen_place) = place::choices(app, ask, &study)?;
    let of_place = chosen_place.map(|code| place::shown(app, ask, &name, &study, focus, &code)).transpose()?;
    let names = app.names()?;
    let say = ask.say(&names);
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
        flows => study.settings.flow.is_some().then(|| format!("/flows?study={}", encoded(&name))),
        thresholds => study.settings.sweep.is_some().then(|| format!("/thresholds?study={}", encoded(&name))),
        places,
        of_place,
        releases => releases(app, ask, &name)?,
        is_protected => marked == Marked::No,
    };
    page(app, ask, "study.html", "nav_studies", marked, own)
}

/// The report's parts of a study.
pub(super) fn report(app: &App, ask: &Ask, name: &str, study: &StudySeen, focus: Focus) -> Result<String, Stop> {
    Ok(content(&as_report(app, name, study, focus)?, ask.lang)?)
}

/// The releases of a study that this reader may take along, the newest first.
fn releases(app: &App, ask: &Ask, name: &str) -> Result<Vec<Value>, Stop> {
    let releases = app.house.releases()?.into_iter().rev();
    let own = releases.filter(|one| one.study == name && one.has_bundle && may_take(ask, one));
    let names = Names::default();
    let one = |one: ReleaseSeen| {
        let day = ask.say(&names).iso_day(one.at.get(..10).unwrap_or_default());
        let words = ask.fill("release_take", &[("n", &one.number.to_string()), ("day", &day)]);
        context! { path => format!("/releases/{}", one.number), words }
    };
    Ok(own.map(one).collect())
}

/// Whether a release may be taken along: of a study that its reader sees, without pilots that are not the reader's own.
pub(super) fn may_take(ask: &Ask, release: &ReleaseSeen) -> bool {
    let role = &ask.viewer.role;
    role.sees_study(&release.study) && release.pilots.iter().all(|pilot| role.sees_pilot(pilot))
}
