//! Pilots: their effect as studies measured it, clients who begin or leave, and measuring anew.

use std::collections::BTreeMap;
use std::sync::Arc;

use minijinja::{Value, context};
use virta_flow::Who;
use virta_model::{Day, hetu};
use virta_report::{Focus, pilots as parts_of_pilots};

use crate::app::App;
use crate::draft::{Base, Measured, Pairs, encoded, with_pilot};
use crate::house::StudyEntry;
use crate::intake::{Enrolled, Enrolment, PilotList, Unfit};
use crate::jobs::{Done, Work};
use crate::pages::cohort::{draft, look, pairs_of};
use crate::pages::ingest::{intake, only_intake};
use crate::pages::reported::as_report;
use crate::pages::start::{title, titled};
use crate::pages::studies::seen;
use crate::pages::work::{begun, run_study};
use crate::trouble::Trouble;
use crate::view::{Ask, Marked, Page, Stop, note, option, overview_for, page, said, words};

/// Members that are offered to choose from; others are pasted.
const OFFERED_MAX: usize = 200;
/// Characters of a pilot's name at most.
const NAME_MAX: usize = 80;
/// Troubles of a list that are told at a time.
const TOLD_MAX: usize = 10;

/// What studies say of pilots, and what can be done.
pub(super) fn pilots(app: &App, ask: &Ask) -> Page {
    let overview = overview_for(app, &ask.viewer)?;
    let sees = |name: &str| ask.viewer.role.sees_pilot(name);
    let pilots_of = |study: &StudyEntry| -> Vec<String> {
        let pilots = study.settings.iter().flat_map(|settings| &settings.pilots).filter(|pilot| sees(&pilot.name));
        pilots.map(|pilot| titled(&pilot.title, &pilot.name, ask.lang)).collect()
    };
    let studies: Vec<&StudyEntry> = overview.studies.iter().filter(|study| !pilots_of(study).is_empty()).collect();
    let asked = ask.get("study").and_then(|name| studies.iter().find(|study| study.name == name));
    let chosen = asked.or(studies.first()).copied();
    let listed: Vec<Value> = studies
        .iter()
        .map(|study| {
            context! {
                pilots => pilots_of(study).join(", "),
                study => title(study, ask.lang),
                is_current => study.is_current,
                path => format!("/pilots?study={}", encoded(&study.name)),
                is_on => Some(&study.name) == chosen.map(|chosen| &chosen.name),
            }
        })
        .collect();
    let (mut marked, mut html) = (Marked::No, None);
    if let Some(chosen) = chosen {
        let (study, how) = seen(app, ask, &chosen.name)?;
        marked = how;
        let report = as_report(app, &chosen.name, &study, Focus::default())?;
        html = Some(Value::from_safe_string(parts_of_pilots(&report, ask.lang)?));
    }
    let takes_in = ask.viewer.role.takes_in();
    let known = match app.house.intake().filter(|_| takes_in) {
        Some(intake) => intake.pilots()?,
        None => Vec::new(),
    };
    let names = app.names()?;
    let say = ask.say(&names);
    if !known.is_empty() {
        marked = Marked::Exact;
    }
    let known: Vec<Value> = known
        .iter()
        .map(|pilot| {
            context! {
                name => pilot.name,
                clients => say.number(pilot.clients as i64),
                left => say.number(pilot.left as i64),
                first => pilot.first.map(|day| say.day(day)),
                last => pilot.last.map(|day| say.day(day)),
            }
        })
        .collect();
    let own = context! {
        studies => listed,
        html,
        can_enrol => ask.viewer.role.enrols_in().is_none_or(|own| !own.is_empty()) && overview.contacts > 0,
        bases => if known.is_empty() { Vec::new() } else { bases(ask, &overview.studies) },
        known,
        study_path => chosen.map(|chosen| format!("/studies/{}", encoded(&chosen.name))),
    };
    page(app, ask, "pilots.html", "nav_pilots", marked, own)
}

/// What splits a study's name from a cohort's in a form: no name has it.
const SPLIT: char = '|';

/// Studies that a pilot can be measured in, each with its cohorts as groups to compare with.
fn bases(ask: &Ask, studies: &[StudyEntry]) -> Vec<Value> {
    let mut bases = Vec::new();
    for study in studies.iter().filter(|study| !study.text.is_empty()) {
        let of_study = title(study, ask.lang);
        for cohort in study.settings.iter().flat_map(|settings| &settings.cohorts) {
            let group = titled(&cohort.title, &cohort.name, ask.lang);
            bases.push(context! {
                value => format!("{}{SPLIT}{}", study.name, cohort.name),
                word => ask.fill("measure_against", &[("study", &of_study), ("group", &group)]),
            });
        }
        bases.push(context! {
            value => format!("{}{SPLIT}", study.name),
            word => ask.fill("measure_alone", &[("study", &of_study)]),
        });
    }
    if bases.is_empty() {
        bases.push(context! { value => SPLIT.to_string(), word => words(ask, "measure_new") });
    }
    bases
}

/// Runs a study with a pilot in it.
pub(super) fn measure(app: &App, ask: &Ask) -> Page {
    only_intake(ask)?;
    let overview = app.overview()?;
    let (study, cohort) = ask.get("base").and_then(|base| base.split_once(SPLIT)).unwrap_or_default();
    let text = match overview.studies.iter().find(|one| one.name == study && !one.text.is_empty()) {
        Some(study) => study.text.clone(),
        None if study.is_empty() => Base::new(&overview.years).text,
        None => return Err(Stop::Missing),
    };
    let days = |name: &str| ask.get(name).and_then(|days| days.trim().parse().ok()).unwrap_or(365);
    let per_client = ask.get("per_client").and_then(|n| n.trim().parse().ok()).unwrap_or(4);
    let measured = Measured {
        pilot: ask.get("pilot").unwrap_or_default().to_owned(),
        before_days: days("before_days"),
        after_days: days("after_days"),
        comparison: (!cohort.is_empty()).then(|| (cohort.to_owned(), per_client)),
    };
    Err(run_study(app, ask, with_pilot(&text, &measured)?))
}

/// The form of a list: who begins or leaves, in which pilot, when.
pub(super) fn enrol(app: &App, ask: &Ask) -> Page {
    filled(app, ask, &Pairs::new(), &[])
}

/// Stops everybody who has no pilot to enrol clients in.
fn only_enrolling(ask: &Ask) -> Result<(), Stop> {
    match ask.viewer.role.enrols_in() {
        Some([]) => Err(Stop::Forbidden),
        _ => Ok(()),
    }
}

/// The form as it was filled in, with what is wrong with it.
fn filled(app: &App, ask: &Ask, pairs: &Pairs, troubles: &[Trouble]) -> Page {
    only_enrolling(ask)?;
    let overview = app.overview()?;
    let of = |key: &str| pairs.iter().find(|(name, _)| name == key).map(|(_, value)| value.as_str());
    // Members are of the definition that was edited last, if there is one; a project sees no rows.
    let query = of("query").or(ask.get("query")).map(str::to_owned).or_else(|| app.sessions.draft(&ask.viewer));
    let query = query.filter(|_| ask.may_see_rows());
    let mut members = Vec::new();
    if let Some(query) = &query {
        let of_definition = Ask { pairs: pairs_of(query), ..ask.clone() };
        let draft = draft(app, &of_definition, &overview)?;
        members = look(app, ask, &draft, Some(Who::Members))?.people;
        note(app, ask, &format!("members of definition {} to choose from", draft.hash))?;
    }
    let names = app.names()?;
    let say = ask.say(&names);
    let all = members.len();
    members.sort_by_key(|person| (std::cmp::Reverse(person.cost_cents), person.client_id));
    members.truncate(OFFERED_MAX);
    let is_on = |id: &str| pairs.iter().any(|(key, value)| key == "member" && value == id);
    let members: Vec<Value> = members
        .iter()
        .map(|person| {
            let id = person.client_id.to_string();
            context! {
                is_on => is_on(&id),
                id,
                age => person.age,
                services => person.services,
                contacts => say.number(person.contacts),
                cost => person.cost_cents.map(|cost| say.exact_money(cost)),
            }
        })
        .collect();
    let known: Vec<String> = match (ask.viewer.role.enrols_in(), app.house.intake()) {
        (Some(own), _) => own.to_vec(),
        (None, Some(intake)) => intake.pilots()?.into_iter().map(|pilot| pilot.name).collect(),
        (None, None) => Vec::new(),
    };
    let (shown, all) = (say.number(members.len() as i64), say.number(all as i64));
    let what = of("what").unwrap_or("begins");
    let own = context! {
        offered => ask.fill("enrol_offered", &[("n", &shown), ("all", &all)]),
        members,
        query,
        known,
        is_own => ask.viewer.role.enrols_in().is_some(),
        sees_rows => ask.may_see_rows(),
        name => of("name").unwrap_or_default(),
        day => of("day").unwrap_or_default(),
        ids => of("ids").unwrap_or_default(),
        whats => ["begins", "leaves", "mistaken"].map(|one| option(one, words(ask, &format!("enrol_{one}")), what == one)),
        troubles => troubles.iter().map(|trouble| said(ask, trouble)).collect::<Vec<_>>(),
    };
    let marked = if ask.may_see_rows() { Marked::Exact } else { Marked::No };
    page(app, ask, "enrol.html", "nav_pilots", marked, own)
}

/// Takes the list, and begins to ingest it.
pub(super) fn begin(app: &App, ask: &Ask) -> Page {
    only_enrolling(ask)?;
    let intake = intake(app, ask)?;
    let list = match list_of(ask) {
        Ok(list) => list,
        Err(trouble) => return filled(app, ask, &ask.pairs, &[trouble]),
    };
    if ask.viewer.role.enrols_in().is_some_and(|own| !own.contains(&list.pilot)) {
        return Err(Stop::Forbidden);
    }
    let unfit = intake.examine(&list)?;
    if !unfit.is_empty() {
        let trouble = |(at, why): &(usize, Unfit)| {
            let word = match why {
                Unfit::Unknown => "enrol_unknown",
                Unfit::NotInPilot => "enrol_not_in",
            };
            let line = list.clients.get(*at).and_then(|client| client.line);
            Trouble::new(words(ask, word)).on_line(line)
        };
        let troubles: Vec<Trouble> = unfit.iter().take(TOLD_MAX).map(trouble).collect();
        return filled(app, ask, &ask.pairs, &troubles);
    }
    let clients = list.clients.len();
    note(app, ask, &format!("list of {clients} clients for a pilot"))?;
    let house = Arc::clone(&app.house);
    Err(begun(app, ask, Work::Enrolment, move |going| {
        let intake = house.intake().ok_or_else(|| vec![Trouble::new("the store's key is not at hand")])?;
        intake.enrol(&list, going)?;
        Ok(Done::Enrolled(list.pilot, clients))
    }))
}

/// The list of a form. What is wrong is told with its line, never with what stands there.
fn list_of(ask: &Ask) -> Result<PilotList, Trouble> {
    let wrong = |word: &str, line: Option<usize>| Trouble::new(words(ask, word)).on_line(line);
    let pilot = ask.get("name").unwrap_or_default().trim();
    if pilot.is_empty() || pilot.chars().count() > NAME_MAX || pilot.chars().any(char::is_control) {
        return Err(wrong("enrol_no_name", None));
    }
    if hetu::in_any_word(pilot) {
        return Err(wrong("enrol_hetu", None));
    }
    let common = ask.get("day").map(str::trim).filter(|text| !text.is_empty());
    let common = match common {
        Some(text) => Some(Day::parse_iso(text).ok_or_else(|| wrong("enrol_no_day", None))?),
        None => None,
    };
    let said = |day: Option<Day>, line: Option<usize>| match (ask.get("what"), day.or(common)) {
        (Some("mistaken"), _) => Ok(Enrolment::Mistaken),
        (_, None) => Err(wrong("enrol_no_day", line)),
        (Some("leaves"), Some(day)) => Ok(Enrolment::Leaves(day)),
        (_, Some(day)) => Ok(Enrolment::Begins(day)),
    };
    let mut clients: BTreeMap<i64, Enrolled> = BTreeMap::new();
    let mut add = |client_id: i64, what: Enrolment, line: Option<usize>| match clients
        .insert(client_id, Enrolled { client_id, what, line })
    {
        Some(other) if other.what != what => Err(wrong("enrol_two_days", line)),
        _ => Ok(()),
    };
    for (_, id) in ask.pairs.iter().filter(|(key, _)| key == "member") {
        let id: i64 = id.parse().map_err(|_| wrong("enrol_nobody", None))?;
        add(id, said(None, None)?, None)?;
    }
    for (at, text) in ask.get("ids").unwrap_or_default().lines().enumerate() {
        let line = Some(at + 1);
        let mut parts = text.split([';', ',', '\t', ' ']).filter(|part| !part.is_empty());
        let Some(id) = parts.next() else { continue };
        // A header that was pasted with the list says nothing of anybody.
        if at == 0 && id == "client_id" {
            continue;
        }
        let id: i64 = id.parse().map_err(|_| wrong("enrol_wrong_line", line))?;
        let day = match parts.next() {
            Some(text) => Some(Day::parse_iso(text).ok_or_else(|| wrong("enrol_wrong_line", line))?),
            None => None,
        };
        if parts.next().is_some() {
            return Err(wrong("enrol_wrong_line", line));
        }
        add(id, said(day, line)?, line)?;
    }
    if clients.is_empty() {
        return Err(wrong("enrol_nobody", None));
    }
    Ok(PilotList { pilot: pilot.to_owned(), clients: clients.into_values().collect() })
}
