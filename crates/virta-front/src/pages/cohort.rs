//! The cohort builder: a sentence with controls in it, and beside it what the definition finds.

use axum::extract::Query;
use axum::http::Uri;
use minijinja::{Value, context};
use virta_flow::{Asked, Look, LookPeriod, ServiceLook, Sum, Who, needs_contacts};
use virta_model::Sector;
use virta_model::settings::cohort::{AGE_UNKNOWN, SERVICES};
use virta_model::settings::{Study, Sweep};
use virta_report::{Names, Say};

use crate::app::App;
use crate::draft::{Base, Draft, Form as Controls, KINDS, Pairs};
use crate::going::Going;
use crate::house::Overview;
use crate::jobs::{Done, Work};
use crate::pages::start::titled;
use crate::pages::work::begun;
use crate::trouble::Trouble;
use crate::view::{Ask, Marked, Page, Stop, attachment, fragment, option, page, said, words};

/// Contacts from which nobody waits for a count without being told how far it has come.
pub(super) const MANY_CONTACTS: u64 = 30_000_000;

/// The whole page.
pub(super) fn builder(app: &App, ask: &Ask) -> Page {
    only_rows(ask)?;
    if ask.pairs.iter().all(|(key, _)| key == "lang")
        && let Some(kept) = app.sessions.draft(&ask.viewer)
    {
        let lang = ask.get("lang").map(|lang| format!("&lang={lang}")).unwrap_or_default();
        return Err(Stop::To(format!("/cohort?{kept}{lang}")));
    }
    let overview = app.overview()?;
    let draft = match draft(app, ask, &overview) {
        Ok(draft) => draft,
        // A definition that cannot be counted is still there to be mended.
        Err(Stop::Trouble(trouble)) if !ask.pairs.is_empty() => {
            let base = Base::new(&overview.years);
            let own = context! { form => controls(ask, &overview, &Draft::new(&base, &Pairs::new())?), trouble => said(ask, &trouble) };
            return page(app, ask, "builder.html", "nav_cohort", Marked::Exact, own);
        }
        Err(stop) => return Err(stop),
    };
    keep(app, ask, &draft);
    if overview.contacts >= MANY_CONTACTS && !reads_contacts(&draft)? && !app.has_live(&draft.study)? {
        return Err(open(app, ask, &draft));
    }
    let own = match panels(app, ask, &draft) {
        Ok(panels) => context! { form => controls(ask, &overview, &draft), ..panels },
        Err(Stop::Trouble(trouble)) => {
            context! { form => controls(ask, &overview, &draft), trouble => said(ask, &trouble) }
        }
        Err(stop) => return Err(stop),
    };
    page(app, ask, "builder.html", "nav_cohort", Marked::Exact, own)
}

/// Whether a definition is held against contacts and not against what is kept of them.
fn reads_contacts(draft: &Draft) -> Result<bool, Stop> {
    let (study, cohort, period) = (&draft.study, &draft.form.cohort, draft.period);
    Ok(needs_contacts(&Asked { study, cohort, period, grid: (&[], &[]), people: None })?)
}

/// Reads what the builder needs while a page says how far that has come, and leads to the builder then.
fn open(app: &App, ask: &Ask, draft: &Draft) -> Stop {
    let (opened, study) = (app.clone(), draft.study.clone());
    let path = format!("/cohort?{}", draft.form.query());
    begun(app, ask, Work::Opening, move |going| match opened.live(&study, going) {
        Ok(_) => Ok(Done::Opened(path)),
        Err(trouble) => Err(vec![trouble]),
    })
}

/// What stands beside the sentence, alone: for the script.
pub(super) fn live(app: &App, ask: &Ask) -> Page {
    only_rows(ask)?;
    let overview = app.overview()?;
    let made = draft(app, ask, &overview).and_then(|draft| {
        keep(app, ask, &draft);
        panels(app, ask, &draft)
    });
    match made {
        Ok(panels) => fragment(app, ask, "panels.html", panels),
        Err(Stop::Trouble(trouble)) => fragment(app, ask, "panels.html", context! { trouble => said(ask, &trouble) }),
        Err(stop) => Err(stop),
    }
}

/// The definition as a file.
pub(super) fn file(app: &App, ask: &Ask) -> Page {
    only_rows(ask)?;
    let draft = draft(app, ask, &*app.overview()?)?;
    let name = format!("{}.toml", file_name(&draft.study.study.name));
    Ok(attachment("application/toml; charset=utf-8", &name, draft.text))
}

/// A study's name has letters of any language; a header's file name has not.
fn file_name(name: &str) -> String {
    name.chars().map(|c| if c.is_ascii_alphanumeric() || c == '-' { c } else { '_' }).collect()
}

/// The definition as a text to edit.
pub(super) fn text(app: &App, ask: &Ask) -> Page {
    only_rows(ask)?;
    let draft = draft(app, ask, &*app.overview()?)?;
    let own = context! { text => draft.text, query => draft.form.query(), trouble => () };
    page(app, ask, "text.html", "nav_cohort", Marked::No, own)
}

/// Takes a pasted study file to the sentence.
pub(super) fn apply_text(app: &App, ask: &Ask) -> Page {
    only_rows(ask)?;
    // Browsers send line ends of their own.
    let text = ask.get("text").unwrap_or_default().replace("\r\n", "\n");
    let refused = match Study::parse(&text) {
        Ok(study) if study.cohorts.is_empty() => Trouble::new(words(ask, "no_cohort_in_text")),
        Ok(_) => {
            let hash = app.sessions.keep_text(&ask.viewer, &text);
            return Err(Stop::To(format!("/cohort?base=t:{hash}")));
        }
        Err(error) => error.into(),
    };
    let own = context! { text, query => ask.get("query").unwrap_or_default(), trouble => said(ask, &refused) };
    page(app, ask, "text.html", "nav_cohort", Marked::No, own)
}

/// Stops everybody who may not see rows.
pub(super) fn only_rows(ask: &Ask) -> Result<(), Stop> {
    if ask.may_see_rows() { Ok(()) } else { Err(Stop::Forbidden) }
}

/// The definition that an address names.
pub(super) fn draft(app: &App, ask: &Ask, overview: &Overview) -> Result<Draft, Stop> {
    draft_of(app, ask, &ask.pairs, overview)
}

pub(super) fn draft_of(app: &App, ask: &Ask, pairs: &Pairs, overview: &Overview) -> Result<Draft, Stop> {
    if overview.contacts == 0 {
        return Err(Stop::To("/".to_owned()));
    }
    let key = pairs.iter().find(|(key, _)| key == "base").map(|(_, value)| value.as_str()).unwrap_or_default();
    let text = if let Some(name) = key.strip_prefix("s:") {
        let study = overview.studies.iter().find(|study| study.name == name && !study.text.is_empty());
        Some(study.ok_or(Stop::Missing)?.text.clone())
    } else if let Some(hash) = key.strip_prefix("t:") {
        app.sessions.text(&ask.viewer, hash)
    } else {
        None
    };
    let base = match text {
        Some(text) => Base { key: key.to_owned(), text },
        None => Base::new(&overview.years),
    };
    Ok(Draft::new(&base, pairs)?)
}

/// Keeps the definition, so that leaving the page loses nothing.
fn keep(app: &App, ask: &Ask, draft: &Draft) {
    app.sessions.keep_draft(&ask.viewer, &draft.form.query());
}

/// Holds a definition against the store.
pub(super) fn look(app: &App, ask: &Ask, draft: &Draft, people: Option<Who>) -> Result<Look, Stop> {
    let (services, contacts) = grid_of(draft);
    let asked = Asked {
        study: &draft.study,
        cohort: &draft.form.cohort,
        period: draft.period,
        grid: (&services, &contacts),
        people,
    };
    if needs_contacts(&asked)? {
        return Ok(app.house.look_through(&asked, &ask.closed)?);
    }
    Ok(app.live(&draft.study, Going::quiet(&ask.closed))?.look(&asked)?)
}

/// The thresholds that the grid compares: the usual ones, and those of the definition.
fn grid_of(draft: &Draft) -> (Vec<u32>, Vec<u32>) {
    let Sweep { mut min_services, mut min_contacts, .. } = Sweep::default();
    min_services.push(draft.form.services);
    min_contacts.push(draft.form.contacts);
    for list in [&mut min_services, &mut min_contacts] {
        list.sort_unstable();
        list.dedup();
    }
    (min_services, min_contacts)
}

/// The controls of the sentence.
fn controls(ask: &Ask, overview: &Overview, draft: &Draft) -> Value {
    let form = &draft.form;
    let names = Names::default();
    let say = ask.say(&names);
    let mut periods: Vec<String> = overview.years.iter().map(|year| format!("{year:04}")).collect();
    periods.extend(
        form.periods
            .iter()
            .filter(|period| !overview.years.iter().any(|year| format!("{year:04}") == **period))
            .cloned(),
    );
    periods.sort();
    let counted = ["service", "package", "sector", "unit", "provider"];
    let counted: Vec<Value> =
        counted.iter().map(|by| option(by, words(ask, &format!("by_{by}")), form.count_by == *by)).collect();
    let kind = |code: &str| match code {
        "health" | "emergency" => words(ask, code).to_owned(),
        sector => say.code(sector),
    };
    let kinds = |is_on: &dyn Fn(&str) -> bool| -> Vec<Value> {
        KINDS.iter().map(|code| option(code, kind(code), is_on(code))).collect()
    };
    let sectors = KINDS.iter().filter(|code| **code != "emergency");
    let sectors: Vec<Value> =
        sectors.map(|code| option(code, kind(code), form.sectors.iter().any(|sector| sector == code))).collect();
    let firsts = kinds(&|code| form.sequence_first == code);
    let thens = kinds(&|code| form.sequence_then == code);
    let towns = towns(overview.municipalities.clone(), say, |code| form.towns.iter().any(|town| town == code));
    let at =
        [("period_end", "at_period_end"), ("period_start", "at_period_start"), ("first_contact", "at_first_contact")];
    let ats: Vec<Value> = at.iter().map(|(code, word)| option(code, words(ask, word), form.age_at == *code)).collect();
    let mut populations = vec![("same", "of_same"), ("all", "of_all")];
    if form.population == "own" {
        populations.push(("own", "of_own"));
    }
    let populations: Vec<Value> =
        populations.iter().map(|(code, word)| option(code, words(ask, word), form.population == *code)).collect();
    let place = draft.study.cohorts.iter().position(|cohort| cohort.name == form.cohort).unwrap_or(0);
    let earlier = draft.study.cohorts.iter().take(place);
    let excludes: Vec<Value> = earlier
        .map(|cohort| {
            option(&cohort.name, titled(&cohort.title, &cohort.name, ask.lang), form.excludes.contains(&cohort.name))
        })
        .collect();
    let cohorts: Vec<Value> = draft
        .study
        .cohorts
        .iter()
        .map(|cohort| option(&cohort.name, titled(&cohort.title, &cohort.name, ask.lang), cohort.name == form.cohort))
        .collect();
    context! {
        values => form,
        periods => periods.iter().map(|label| option(label, say.period(label), form.periods.contains(label))).collect::<Vec<_>>(),
        shown => form.periods.iter().map(|label| option(label, say.period(label), *label == form.period)).collect::<Vec<_>>(),
        counted, sectors, firsts, thens, towns, ats, populations, excludes, cohorts,
        query => form.query(),
        name => draft.study.study.name,
    }
}

/// Municipalities to choose from, by name.
pub(super) fn towns(codes: Vec<String>, say: Say<'_>, is_on: impl Fn(&str) -> bool) -> Vec<Value> {
    let mut towns: Vec<(String, String)> = codes.into_iter().map(|code| (say.municipality(&code), code)).collect();
    towns.sort();
    towns.into_iter().map(|(name, code)| option(&code, name, is_on(&code))).collect()
}

/// Bars that are shown before the rest folds out.
const SERVICES_SHOWN: usize = 12;

/// Everything beside the sentence.
fn panels(app: &App, ask: &Ask, draft: &Draft) -> Result<Value, Stop> {
    let look = look(app, ask, draft, None)?;
    let names = app.names()?;
    let say = ask.say(&names);
    let Some(period) = look.periods.get(draft.period) else { return Err(Stop::Missing) };
    let (members, users) = (period.members, period.users);
    let when = say.in_period(&period.label);
    let cost = members.cost_cents.zip(users.cost_cents).filter(|(_, all)| *all > 0);
    let counted = words(ask, &format!("by_{}", draft.form.count_by));
    let is_many = look.services.iter().filter(|service| service.members.clients > 0).count();
    Ok(context! {
        hash => draft.hash,
        definition => ask.fill("of_definition", &[("hash", &draft.hash)]),
        query => draft.form.query(),
        members => say.number(members.clients),
        members_words => ask.fill("clients_in", &[("when", &when)]),
        is_empty => members.clients == 0,
        share => say.percent(ratio(members.clients, users.clients)),
        share_words => ask.fill("of_users", &[("n", &say.number(users.clients))]),
        cost_share => cost.map(|(own, all)| say.percent(own as f64 / all as f64)),
        cost_words => match cost {
            Some((own, _)) => ask.fill("of_cost", &[("cost", &say.money(own))]),
            None => words(ask, "no_cost").to_owned(),
        },
        periods => periods(&look.periods, draft, say),
        spark => spark(&look.periods, say),
        funnel => funnel(ask, draft, period, say),
        grid => look.grid.as_ref().map(|grid| grid_rows(ask, draft, grid, say)),
        grid_unit => ask.fill("grid_unit", &[("what", counted)]),
        services => services(&look, members, say),
        services_shown => SERVICES_SHOWN,
        has_more_services => is_many > SERVICES_SHOWN,
        more_services => ask.fill("more_services", &[("n", &is_many.to_string())]),
        near => near(ask, draft, period, counted, say),
    })
}

fn ratio(part: i64, whole: i64) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

fn periods(periods: &[LookPeriod], draft: &Draft, say: Say<'_>) -> Vec<Value> {
    let one = |(at, period): (usize, &LookPeriod)| {
        let cost = period.members.cost_cents.map(|cost| say.money(cost));
        context! {
            label => say.period(&period.label),
            is_shown => at == draft.period,
            members => say.number(period.members.clients),
            users => say.number(period.users.clients),
            share => say.percent(ratio(period.members.clients, period.users.clients)),
            cost,
        }
    };
    periods.iter().enumerate().map(one).collect()
}

/// Points of the little line of clients by period.
fn spark(periods: &[LookPeriod], say: Say<'_>) -> Option<Value> {
    if periods.len() < 2 {
        return None;
    }
    let step = 80.0;
    let largest = periods.iter().map(|period| period.members.clients).max().unwrap_or(0).max(1) as f64;
    let points: Vec<(f64, f64)> = periods
        .iter()
        .enumerate()
        .map(|(at, period)| (30.0 + step * at as f64, 40.0 - 20.0 * period.members.clients as f64 / largest))
        .collect();
    let path: Vec<String> = points.iter().map(|(x, y)| format!("{x:.1},{y:.1}")).collect();
    let marks: Vec<Value> = points
        .iter()
        .zip(periods)
        .map(|((x, y), period)| {
            context! { x => format!("{x:.1}"), y => format!("{y:.1}"), above => format!("{:.1}", y - 7.0), number => say.number(period.members.clients), label => say.period(&period.label) }
        })
        .collect();
    Some(context! { width => 60.0 + step * (periods.len() - 1) as f64, path => path.join(" "), marks })
}

/// The width of a bar of a whole, in hundredths.
fn width(part: i64, whole: i64) -> String {
    format!("{:.1}", 100.0 * ratio(part, whole))
}

fn funnel(ask: &Ask, draft: &Draft, period: &LookPeriod, say: Say<'_>) -> Vec<Value> {
    let users = period.users.clients;
    let mut rows = vec![context! {
        words => words(ask, "funnel_users"),
        remaining => say.number(users),
        width => width(users, users),
        removed => "",
        alone => "",
    }];
    // Where every age is known there is nothing to tell of unknown ones.
    let told = period.steps.iter().filter(|step| step.rule != AGE_UNKNOWN.en || step.removed_alone > 0);
    rows.extend(told.map(|step| {
        context! {
            words => rule_words(ask, draft, &step.rule, say),
            remaining => say.number(step.remaining),
            width => width(step.remaining, users),
            removed => less(step.removed, say),
            alone => less(step.removed_alone, say),
        }
    }));
    rows
}

fn less(number: i64, say: Say<'_>) -> String {
    if number == 0 { "–".to_owned() } else { say.number(-number) }
}

/// A rule in words; the first says what is counted, and how much of it.
fn rule_words(ask: &Ask, draft: &Draft, rule: &str, say: Say<'_>) -> String {
    let cohort = |name: &str| {
        let found = draft.study.cohorts.iter().find(|cohort| cohort.name == name);
        found.map_or_else(|| name.to_owned(), |cohort| titled(&cohort.title, name, ask.lang))
    };
    if rule.starts_with(SERVICES.en) {
        let counted = words(ask, &format!("by_{}", draft.form.count_by));
        let values = [
            ("n", draft.form.services.to_string()),
            ("what", counted.to_owned()),
            ("times", draft.form.contacts.to_string()),
        ];
        return ask.fill("rule_services", &values);
    }
    say.rule(rule, cohort)
}

fn grid_rows(ask: &Ask, draft: &Draft, grid: &[Vec<i64>], say: Say<'_>) -> Value {
    let (services, contacts) = grid_of(draft);
    let largest = grid.iter().flatten().copied().max().unwrap_or(0).max(1) as f64;
    let rows: Vec<Value> = services
        .iter()
        .zip(grid)
        .map(|(&least, row)| {
            let cells: Vec<Value> = contacts
                .iter()
                .zip(row)
                .map(|(&each, &clients)| {
                    let form = Controls { services: least, contacts: each, ..draft.form.clone() };
                    let shade = ((clients as f64 / largest).sqrt() * 5.0).ceil().clamp(0.0, 5.0);
                    let (n, s, c) = (say.number(clients), least.to_string(), each.to_string());
                    context! {
                        number => n,
                        shade => shade as u8,
                        services => least,
                        contacts => each,
                        path => format!("/cohort?{}", form.query()),
                        label => ask.fill("cell", &[("n", &n), ("services", &s), ("contacts", &c)]),
                        is_here => least == draft.form.services && each == draft.form.contacts,
                    }
                })
                .collect();
            context! { least, cells }
        })
        .collect();
    context! { columns => contacts, rows }
}

/// The look of a sector's mark.
pub(super) const fn sector_mark(sector: Sector) -> &'static str {
    match sector {
        Sector::Primary => "k1",
        Sector::Social => "k2",
        Sector::Specialised => "k3",
        _ => "k6",
    }
}

/// The services that members use, those of most members first.
pub(super) fn used(look: &Look) -> Vec<&ServiceLook> {
    let mut used: Vec<_> = look.services.iter().filter(|service| service.members.clients > 0).collect();
    used.sort_by(|a, b| b.members.clients.cmp(&a.members.clients).then_with(|| a.service.cmp(&b.service)));
    used
}

fn services(look: &Look, members: Sum, say: Say<'_>) -> Vec<Value> {
    let one = |service: &ServiceLook| {
        context! {
            name => say.service(&service.service),
            mark => sector_mark(service.sector),
            sector => say.code(service.sector.as_str()),
            clients => say.number(service.members.clients),
            width => width(service.members.clients, members.clients),
            share => say.percent(ratio(service.members.clients, members.clients)),
            of_service => say.percent(ratio(service.members.clients, service.users)),
            cost => service.members.cost_cents.map(|cost| say.money(cost)),
        }
    };
    used(look).into_iter().map(one).collect()
}

fn near(ask: &Ask, draft: &Draft, period: &LookPeriod, counted: &str, say: Say<'_>) -> Vec<Value> {
    let query = draft.form.query();
    let path = |who: String| format!("/clients?{query}&who={who}");
    let mut rows = vec![
        context! { words => ask.fill("near_short", &[("n", draft.form.services.saturating_sub(1).to_string().as_str()), ("what", counted)]), number => say.number(period.short), path => path("short".to_owned()) },
        context! { words => words(ask, "near_growing"), number => say.number(period.near), path => path("near".to_owned()) },
    ];
    for (at, step) in period.steps.iter().enumerate().skip(1).filter(|(_, step)| step.only > 0) {
        let rule = rule_words(ask, draft, &step.rule, say);
        rows.push(context! {
            words => ask.fill("near_only", &[("rule", &rule)]),
            number => say.number(step.only),
            path => path(format!("rule-{at}")),
        });
    }
    rows
}

/// The pairs of a form's address, as its hidden field carries it.
pub(super) fn pairs_of(query: &str) -> Pairs {
    let uri: Option<Uri> = format!("/?{query}").parse().ok();
    uri.and_then(|uri| Query::<Pairs>::try_from_uri(&uri).ok()).map(|Query(pairs)| pairs).unwrap_or_default()
}
