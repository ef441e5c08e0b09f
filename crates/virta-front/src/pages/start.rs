//! The first page: what the store knows, which studies there are, what to do next.

use minijinja::{Value, context};
use virta_model::Lang;
use virta_model::settings::Title;
use virta_report::{Names, Say};

use crate::app::App;
use crate::draft::encoded;
use crate::house::{Overview, StudyEntry};
use crate::view::{Ask, Marked, Page, option, overview_for, page, words};

pub(super) fn start(app: &App, ask: &Ask) -> Page {
    let overview = overview_for(app, &ask.viewer)?;
    let names = app.names()?;
    let say = ask.say(&names);
    let share = |part: Option<u64>, whole: u64| part.map(|part| say.percent(part as f64 / whole.max(1) as f64));
    let sources: Vec<Value> = overview
        .sources
        .iter()
        .map(|source| {
            context! {
                name => source.name,
                known_to => source.known_to.map(|day| say.day(day)),
                is_early => source.known_to.zip(overview.known_to).is_some_and(|(own, newest)| newest.0 - own.0 > EARLY_DAYS),
                people => say.number(source.clients as i64),
                in_list => share(source.in_client_list, source.clients),
                in_others => share(source.in_other_sources, source.clients),
                alone => share(source.alone, source.clients),
            }
        })
        .collect();
    let facts = overview.snapshot.as_ref().map(|snapshot| {
        let (clients, contacts) = (say.number(overview.clients as i64), say.number(overview.contacts as i64));
        let short = snapshot.get(..8).unwrap_or_default();
        ask.fill("store_facts", &[("clients", clients.as_str()), ("contacts", &contacts), ("snapshot", short)])
    });
    let own = context! {
        knows => facts,
        is_empty => overview.snapshot.is_none() || overview.contacts == 0,
        can_ingest => ask.viewer.role.takes_in(),
        next => next(ask, &overview, say),
        sources,
        studies => studies(ask, &overview),
    };
    page(app, ask, "start.html", "nav_start", Marked::No, own)
}

/// A source that ends so many days before the newest is called early: extracts of one round come weeks apart.
const EARLY_DAYS: i32 = 31;

/// Where less than this share of a source's people is in the client list, its pseudonyms are looked at first.
const LINKED_MIN: f64 = 0.9;

/// What to do next, the most needful first.
fn next(ask: &Ask, overview: &Overview, say: Say<'_>) -> Vec<Value> {
    let mut next = Vec::new();
    if overview.contacts == 0 {
        return next;
    }
    if ask.may_see_rows() {
        for source in &overview.sources {
            let found = source.in_client_list.map(|found| found as f64 / source.clients.max(1) as f64);
            if let Some(found) = found.filter(|found| *found < LINKED_MIN) {
                next.push(context! {
                    title => ask.fill("next_linkage", &[("source", &source.name)]),
                    words => ask.fill("next_linkage_words", &[("share", &say.percent(found))]),
                    path => "/deliveries",
                });
            }
        }
        next.push(context! {
            title => words(ask, "next_cohort"),
            words => words(ask, "next_cohort_words"),
            path => "/cohort",
        });
        for study in overview.studies.iter().filter(|study| !study.is_current).take(2) {
            next.push(context! {
                title => ask.fill("next_rerun", &[("study", &title(study, ask.lang))]),
                words => words(ask, "next_rerun_words"),
                path => format!("/cohort?base=s:{}", encoded(&study.name)),
            });
        }
    }
    if let Some(study) = overview.studies.first() {
        next.push(context! {
            title => ask.fill("next_study", &[("study", &title(study, ask.lang))]),
            words => words(ask, "next_study_words"),
            path => format!("/studies/{}", encoded(&study.name)),
        });
    }
    next
}

/// Studies for a table of them.
pub(super) fn studies(ask: &Ask, overview: &Overview) -> Vec<Value> {
    let one = |study: &StudyEntry| {
        let cohorts = study.settings.iter().flat_map(|settings| &settings.cohorts);
        let cohorts: Vec<String> = cohorts.map(|cohort| titled(&cohort.title, &cohort.name, ask.lang)).collect();
        let periods = study.settings.iter().flat_map(|settings| &settings.study.periods);
        let periods: Vec<&str> = periods.map(|period| period.label()).collect();
        context! {
            name => study.name,
            title => title(study, ask.lang),
            path => format!("/studies/{}", encoded(&study.name)),
            edit => format!("/cohort?base=s:{}", encoded(&study.name)),
            has_cohort => !cohorts.is_empty(),
            definition => cohorts.join("; "),
            periods => periods.join(", "),
            is_current => study.is_current,
            made => study.committed_at.get(..10).map(|day| ask.say(&Names::default()).iso_day(day)),
        }
    };
    overview.studies.iter().map(one).collect()
}

/// Studies to choose from.
pub(super) fn study_options<'a>(
    ask: &Ask,
    studies: impl IntoIterator<Item = &'a StudyEntry>,
    chosen: Option<&str>,
) -> Vec<Value> {
    let one = |study: &StudyEntry| option(&study.name, title(study, ask.lang), chosen == Some(&study.name));
    studies.into_iter().map(one).collect()
}

/// A study's title, or its name.
pub(super) fn title(study: &StudyEntry, lang: Lang) -> String {
    study
        .settings
        .as_ref()
        .map_or_else(|| study.name.clone(), |settings| titled(&settings.study.title, &study.name, lang))
}

/// A title in a language, or the name.
pub(super) fn titled(title: &Title, name: &str, lang: Lang) -> String {
    title.of(lang).unwrap_or(name).to_owned()
}
