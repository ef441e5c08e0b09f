//! One municipality of a study: what its tables say of it, and, for those who may see rows, what is counted now.

use minijinja::{Value, context};
use virta_report::{Focus, of_place, place_codes};

use crate::app::App;
use crate::draft::{Base, Draft, Pairs};
use crate::house::StudySeen;
use crate::pages::cohort::{MANY_CONTACTS, look, sector_mark, towns, used};
use crate::pages::reported::as_report;
use crate::pages::start::titled;
use crate::view::{Ask, Stop, option};

/// Services that are listed at most.
const SERVICES: usize = 15;

/// The municipalities that a reader may choose, and the chosen one.
pub(super) fn choices(app: &App, ask: &Ask, study: &StudySeen) -> Result<(Vec<Value>, Option<String>), Stop> {
    let names = app.names()?;
    let say = ask.say(&names);
    let codes = place_codes(&study.tables);
    let chosen = ask.chosen("place").map(str::to_owned);
    // An address may name another one: then the page says so.
    let other =
        chosen.as_ref().filter(|chosen| !codes.contains(chosen)).map(|code| option(code, say.municipality(code), true));
    let mut options = towns(codes, say, |code| chosen.as_deref() == Some(code));
    options.extend(other);
    Ok((options, chosen))
}

/// What is shown of a municipality: the report's part, and what the group uses there.
pub(super) fn shown(
    app: &App,
    ask: &Ask,
    name: &str,
    study: &StudySeen,
    focus: Focus,
    code: &str,
) -> Result<Value, Stop> {
    let is_known = place_codes(&study.tables).iter().any(|known| known == code);
    let html = match is_known {
        true => Some(of_place(&as_report(app, name, study, focus.clone())?, code, ask.lang)?),
        false => None,
    };
    let now = if ask.may_see_rows() { now(app, ask, name, study, &focus, code)? } else { None };
    Ok(context! { html => html.map(Value::from_safe_string), now })
}

/// The builder's definition of a study's cohort, limited to a municipality.
pub(super) fn limited(
    app: &App,
    name: &str,
    study: &StudySeen,
    focus: &Focus,
    code: Option<&str>,
) -> Result<Option<Draft>, Stop> {
    let is_place =
        |code: &&str| app.overview().is_ok_and(|overview| overview.municipalities.iter().any(|known| known == code));
    if study.settings.cohorts.is_empty() || study.text.is_empty() || !code.as_ref().is_none_or(is_place) {
        return Ok(None);
    }
    let base = Base { key: format!("s:{name}"), text: study.text.clone() };
    let mut pairs = Pairs::new();
    pairs.extend(focus.cohort.clone().map(|cohort| ("c".to_owned(), cohort)));
    pairs.extend(focus.period.clone().map(|period| ("y".to_owned(), period)));
    let mut draft = Draft::new(&base, &pairs)?;
    if let Some(code) = code {
        draft.form.towns = vec![code.to_owned()];
        draft = Draft::new(&base, &crate::pages::cohort::pairs_of(&draft.form.query()))?;
    }
    Ok(Some(draft))
}

/// What members who live there use, counted from the data as it is now.
fn now(app: &App, ask: &Ask, name: &str, study: &StudySeen, focus: &Focus, code: &str) -> Result<Option<Value>, Stop> {
    let Some(draft) = limited(app, name, study, focus, Some(code))? else { return Ok(None) };
    let edit = format!("/cohort?{}", draft.form.query());
    let overview = app.overview()?;
    let is_current = overview.snapshot.as_deref() == Some(&study.snapshot);
    let is_quick = overview.contacts < MANY_CONTACTS || app.has_live(&draft.study)?;
    let own = |services: Vec<Value>, title: String, unit: String| context! { edit, is_current, services, title, unit };
    if !is_current || !is_quick {
        return Ok(Some(own(Vec::new(), String::new(), String::new())));
    }
    let Some(whole) = limited(app, name, study, focus, None)? else { return Ok(None) };
    let (here, all) = (look(app, ask, &draft, None)?, look(app, ask, &whole, None)?);
    let names = app.names()?;
    let say = ask.say(&names);
    let members = |look: &virta_flow::Look| {
        look.periods.get(draft.period).map_or(0, |period| period.members.clients).max(1) as f64
    };
    let (of_here, of_all) = (members(&here), members(&all));
    let services: Vec<Value> = used(&here)
        .into_iter()
        .take(SERVICES)
        .map(|service| {
            let everywhere = all.services.iter().find(|one| one.service == service.service);
            let share = service.members.clients as f64 / of_here;
            context! {
                name => say.service(&service.service),
                mark => sector_mark(service.sector),
                sector => say.code(service.sector.as_str()),
                clients => say.number(service.members.clients),
                share => say.percent(share),
                width => format!("{:.1}", 100.0 * share),
                everywhere => say.percent(everywhere.map_or(0, |one| one.members.clients) as f64 / of_all),
            }
        })
        .collect();
    let cohort = study.settings.cohorts.iter().find(|cohort| cohort.name == draft.form.cohort);
    let cohort = cohort.map_or_else(String::new, |cohort| titled(&cohort.title, &cohort.name, ask.lang));
    let title = ask.fill("place_use", &[("place", &say.municipality(code))]);
    let unit = ask.fill("place_use_unit", &[("cohort", &cohort), ("when", &say.in_period(&draft.form.period))]);
    Ok(Some(own(services, title, unit)))
}
