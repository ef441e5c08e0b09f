//! Release: a study as it would leave, with what is withheld, beside what left before; and the release itself.

use std::sync::Arc;

use minijinja::{Value, context};
use virta_model::Lang;
use virta_model::settings::{Study, Title};
use virta_report::{Focus, Names};

use crate::app::App;
use crate::house::{GroupSeen, Numbers, ReleaseEnd, Standing};
use crate::jobs::{Done, Work};
use crate::pages::cohort::only_rows;
use crate::pages::ingest::only_intake;
use crate::pages::last_part;
use crate::pages::start::{study_options, titled};
use crate::pages::studies::{may_take, report};
use crate::pages::work::begun;
use crate::trouble::Trouble;
use crate::view::{Ask, Marked, Page, Stop, attachment, note, overview_for, page, words};

pub(super) fn release(app: &App, ask: &Ask) -> Page {
    only_rows(ask)?;
    let overview = overview_for(app, &ask.viewer)?;
    let chosen = ask.get("study").or(overview.studies.first().map(|study| study.name.as_str()));
    let studies = study_options(ask, &overview.studies, chosen);
    let Some(name) = chosen else {
        let own = context! { studies, tables => (), html => () };
        return page(app, ask, "release.html", "nav_release", Marked::No, own);
    };
    if !overview.studies.iter().any(|study| study.name == name) {
        return Err(Stop::Missing);
    }
    let study = app.house.study(name, Numbers::Protected)?;
    let names = app.names()?;
    let say = ask.say(&names);
    let fullness = study.tables.fullness();
    let tables: Vec<Value> = study
        .tables
        .tables()
        .iter()
        .filter(|table| !table.rows().is_empty())
        .map(|table| {
            let full = fullness.get(table.name()).copied().unwrap_or_default();
            context! {
                name => say.table(table.name()),
                rows => say.number(table.rows().len() as i64),
                cells => say.number(full.cells as i64),
                withheld => say.number(full.withheld as i64),
                share => say.percent(full.withheld as f64 / full.cells.max(1) as f64),
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
            let path = (one.has_bundle && may_take(ask, &one)).then(|| format!("/releases/{}", one.number));
            context! { number => one.number, study => one.study, at => say.moment(&one.at), k => one.k, round_to => one.round_to, groups, path }
        })
        .collect();
    let standings: Vec<Value> =
        app.house.standings(name)?.iter().map(|group| standing(ask, &study.settings, group)).collect();
    let (k, round_to) = (study.tables.k().to_string(), study.tables.round_to().to_string());
    let own = context! {
        studies, tables, register, standings, name,
        can_release => ask.viewer.role.takes_in(),
        words => ask.fill("release_words", &[("k", &k), ("round_to", &round_to)]),
        html => Value::from_safe_string(report(app, ask, name, &study, Focus::default())?),
    };
    page(app, ask, "release.html", "nav_release", Marked::No, own)
}

/// A group, and how it stands to what left before.
fn standing(ask: &Ask, settings: &Study, group: &GroupSeen) -> Value {
    let titled_by = |found: Option<&Title>| found.map(|title| titled(title, &group.name, ask.lang));
    let name = match group.kind.as_str() {
        "all" => Some(words(ask, "all_users").to_owned()),
        "cohort" => titled_by(settings.cohorts.iter().find(|one| one.name == group.name).map(|one| &one.title)),
        "segment" => titled_by(settings.segments.iter().find(|one| one.name == group.name).map(|one| &one.title)),
        _ => titled_by(settings.pilots.iter().find(|one| one.name == group.name).map(|one| &one.title)),
    };
    let (word, number) = match group.standing {
        Standing::New => ("standing_new", 0),
        Standing::Same(number) => ("standing_same", number),
        Standing::Differs(number) => ("standing_differs", number),
        Standing::TooNear(number) => ("standing_near", number),
        Standing::Small => ("standing_small", 0),
    };
    let names = Names::default();
    context! {
        name => name.unwrap_or_else(|| group.name.clone()),
        period => ask.say(&names).period(&group.period),
        words => ask.fill(word, &[("n", &number.to_string())]),
        is_near => matches!(group.standing, Standing::TooNear(_)),
    }
}

/// Begins to release a study.
pub(super) fn begin(app: &App, ask: &Ask) -> Page {
    only_intake(ask)?;
    let study = ask.get("study").unwrap_or_default().to_owned();
    let overview = app.overview()?;
    if !overview.studies.iter().any(|one| one.name == study) {
        return Err(Stop::Missing);
    }
    let is_asked = |lang: &Lang| ask.pairs.iter().any(|(key, value)| key == "language" && value == lang.code());
    let languages: Vec<Lang> = Lang::ALL.into_iter().filter(is_asked).collect();
    if languages.is_empty() {
        return Err(Trouble::new(words(ask, "release_no_language")).into());
    }
    let accept = ask.get("accept").is_some();
    let what = if accept { "release of a study, near groups accepted" } else { "release of a study" };
    note(app, ask, what)?;
    let house = Arc::clone(&app.house);
    Err(begun(app, ask, Work::Release, move |going| match house.release(&study, &languages, accept, going.closed()) {
        Ok(end) => Ok(Done::Released(study, languages, end)),
        Err(trouble) => Err(vec![trouble]),
    }))
}

/// The bundle of a release as one file. Whoever takes it along is in the log of use.
pub(super) fn bundle(app: &App, ask: &Ask) -> Page {
    let number: u64 = last_part(ask).parse().map_err(|_| Stop::Missing)?;
    let release = app.house.releases()?.into_iter().find(|one| one.number == number && may_take(ask, one));
    let release = release.ok_or(Stop::Missing)?;
    let file = app.house.bundle(release.number)?.ok_or(Stop::Missing)?;
    note(app, ask, &format!("bundle of release {number}"))?;
    Ok(attachment("application/zip", &file.name, file.bytes))
}

/// What became of a release.
pub(super) fn released(app: &App, ask: &Ask, study: &str, languages: &[Lang], end: &ReleaseEnd) -> Page {
    let names = app.names()?;
    let say = ask.say(&names);
    let near = match end {
        ReleaseEnd::Left(made) => {
            let (number, files) = (made.number.to_string(), made.files.to_string());
            let size = format!("{} kB", say.number(made.bytes.div_ceil(1_000) as i64));
            let own = context! {
                title => ask.fill("release_done", &[("n", &number)]),
                words => ask.fill("release_made", &[("files", &files), ("size", &size), ("folder", &made.folder)]),
                manifest => made.manifest,
                take => format!("/releases/{}", made.number),
                near => (),
            };
            return page(app, ask, "released.html", "nav_release", Marked::No, own);
        }
        ReleaseEnd::TooNear(near) => near,
    };
    let overview = app.overview()?;
    let settings = overview.studies.iter().find(|one| one.name == study).and_then(|one| one.settings.clone());
    let settings = settings.ok_or(Stop::Missing)?;
    let own = context! {
        title => words(ask, "release_refused"),
        near => near.iter().map(|group| standing(ask, &settings, group)).collect::<Vec<_>>(),
        study,
        asked_in => languages.iter().map(|lang| lang.code()).collect::<Vec<_>>(),
    };
    page(app, ask, "released.html", "nav_release", Marked::No, own)
}
