//! The first page: the question, the key figures, the findings, and the two pictures that matter most.

use serde::Serialize;
use virta_chart::{Mark, Split, Turnover, split, turnover};
use virta_model::municipality;

use crate::context::{Context, by_count, mark};
use crate::derive::{self, Share};
use crate::format;
use crate::grid::{Grid, Header, Shown, grid, shown};
use crate::labels;
use crate::question;
use crate::sections::{Figure, Words, capital, pilot_answer};
use crate::texts;
use crate::view::{Row, distinct};

/// What stands on the first page.
#[derive(Debug, Clone, Default, Serialize)]
pub(crate) struct Front {
    pub(crate) kicker: String,
    pub(crate) title: String,
    pub(crate) question: String,
    pub(crate) key_figures: Vec<KeyFigure>,
    pub(crate) findings: Vec<String>,
    pub(crate) figures: Vec<Figure>,
    pub(crate) pilots: Vec<Teaser>,
}

/// A number that people remember, as text and as a number.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct KeyFigure {
    pub(crate) text: String,
    pub(crate) words: String,
    #[serde(skip)]
    pub(crate) value: Value,
}

/// What a key figure is in a workbook.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Value {
    Count(i64),
    Share(f64),
    Cents(f64),
    Mean(f64),
}

/// A pilot's answer, with the part that says more.
#[derive(Debug, Clone, Default, Serialize)]
pub(crate) struct Teaser {
    pub(crate) id: String,
    pub(crate) title: String,
    pub(crate) answer: String,
    pub(crate) more: String,
}

pub(crate) fn front(context: &Context<'_>) -> Front {
    Front {
        kicker: kicker(context),
        title: context.study_title(),
        question: question::question(context).unwrap_or_default(),
        key_figures: key_figures(context),
        findings: findings(context),
        figures: [split_figure(context), turnover_figure(context)].into_iter().flatten().collect(),
        pilots: pilots(context),
    }
}

/// What this is, of which region, of which years.
fn kicker(context: &Context<'_>) -> String {
    let mut parts = vec![texts::KICKER.of(context.lang).to_owned()];
    let are = [("cohort", "all"), ("period", context.last_period()), ("dimension", "wellbeing_county")];
    let counties = context.rows_where("profile", &are);
    let counties = distinct(&counties, "value");
    if let [code] = counties.as_slice()
        && municipality::counties().any(|county| county.code == *code)
    {
        parts.push(labels::dimension_value("wellbeing_county", Some(code), context.lang));
    }
    parts.push(format::span(&context.periods(), context.lang));
    parts.retain(|part| !part.is_empty());
    parts.join(" · ")
}

fn key_figures(context: &Context<'_>) -> Vec<KeyFigure> {
    let figures = match context.main() {
        Some(main) => of_cohort(context, main),
        None => of_everybody(context),
    };
    figures.into_iter().flatten().take(KEY_FIGURES_MAX).collect()
}

/// Key figures that stand in one row.
const KEY_FIGURES_MAX: usize = 4;

fn count(value: i64, words: String, context: &Context<'_>) -> KeyFigure {
    KeyFigure { text: format::number(value, context.lang), words, value: Value::Count(value) }
}

fn share(value: Share, words: String, context: &Context<'_>) -> KeyFigure {
    KeyFigure { text: format::share(value, context.lang), words, value: Value::Share(value.value) }
}

fn money(cents: f64, words: String, context: &Context<'_>) -> KeyFigure {
    KeyFigure { text: format::money(cents, context.lang), words, value: Value::Cents(cents) }
}

fn mean(value: f64, words: String, context: &Context<'_>) -> KeyFigure {
    KeyFigure { text: format::mean(value, context.lang), words, value: Value::Mean(value) }
}

fn of_cohort(context: &Context<'_>, main: &str) -> Vec<Option<KeyFigure>> {
    let lang = context.lang;
    let period = context.last_period();
    let (own, all) = (context.whole(main, period), context.whole("all", period));
    let int = |row: Option<Row<'_>>, column: &str| row.and_then(|row| row.int(column));
    let clients = context.clients(main, period);
    let users = context.clients("all", period);
    let ages = context.settings().and_then(|study| study.study.population.ages).map(question::ages_words);
    let when = context.in_last_period();
    let of_users = users.map(|users| {
        let users = format::number(users, lang);
        match &ages {
            Some(ages) => texts::KEY_SHARE_AGED.fill(lang, &[("ages", ages), ("users", &users)]),
            None => texts::KEY_SHARE.fill(lang, &[("users", &users)]),
        }
    });
    let cost = int(own, "cost_cents").filter(|cost| *cost > 0);
    let made = derive::share(cost, int(all, "cost_cents")).map(|share| share.value);
    let part = own.and_then(|row| row.ratio("share_of_cost")).or(made);
    let cost_share = part.zip(cost).map(|(part, cost)| KeyFigure {
        text: format::percent(part, lang),
        words: texts::KEY_COST.fill(lang, &[("cost", &format::money(cost as f64, lang))]),
        value: Value::Share(part),
    });
    let per_client = derive::per(cost, clients).zip(derive::per(int(all, "cost_cents"), users));
    let contacts = derive::per(int(own, "contacts"), clients).zip(derive::per(int(all, "contacts"), users));
    vec![
        clients.map(|clients| count(clients, texts::KEY_CLIENTS.fill(lang, &[("when", &when)]), context)),
        derive::share(clients, users).zip(of_users).map(|(part, words)| share(part, words, context)),
        cost_share,
        per_client.map(|(own, all)| {
            money(own, texts::KEY_PER_CLIENT.fill(lang, &[("all", &format::money(all, lang))]), context)
        }),
        contacts
            .map(|(own, all)| mean(own, texts::KEY_CONTACTS.fill(lang, &[("all", &format::mean(all, lang))]), context)),
    ]
}

fn of_everybody(context: &Context<'_>) -> Vec<Option<KeyFigure>> {
    let lang = context.lang;
    let rows = context.rows_where("summary", &[("period", context.last_period())]);
    let int = |column: &str| rows.first().and_then(|row| row.int(column));
    let (users, residents, contacts) = (int("clients"), int("residents"), int("contacts"));
    let cost = int("cost_cents").filter(|cost| *cost > 0);
    let when = context.in_last_period();
    let of_residents = residents
        .map(|residents| texts::KEY_OF_RESIDENTS.fill(lang, &[("residents", &format::number(residents, lang))]));
    vec![
        users.map(|users| count(users, texts::KEY_USERS.fill(lang, &[("when", &when)]), context)),
        derive::share(users, residents).zip(of_residents).map(|(part, words)| share(part, words, context)),
        cost.map(|cost| money(cost as f64, texts::KEY_TOTAL_COST.fill(lang, &[("when", &when)]), context)),
        derive::per(cost, users).map(|cost| money(cost, texts::KEY_PER_USER.of(lang).to_owned(), context)),
        derive::per(contacts, users).map(|n| mean(n, texts::KEY_CONTACTS_ALL.of(lang).to_owned(), context)),
    ]
}

/// Findings that a first page has at most.
const FINDINGS_MAX: usize = 5;

/// What the data show, as sentences. One that needs a figure that is not shown is left out.
pub(crate) fn findings(context: &Context<'_>) -> Vec<String> {
    let found = [
        size_and_turnover(context),
        differs(context),
        two_services(context),
        threshold(context),
        top(context),
        often_emergency(context),
        in_time(context),
    ];
    found.into_iter().flatten().take(FINDINGS_MAX).collect()
}

/// How the group's size changed, and how many of its clients stayed in it.
fn size_and_turnover(context: &Context<'_>) -> Option<String> {
    let lang = context.lang;
    let main = context.main()?;
    let periods = context.periods();
    let (&first, &last) = periods.first().zip(periods.last()).filter(|(first, last)| first != last)?;
    let (before, after) = (context.clients(main, first)?, context.clients(main, last)?);
    let text = match (after - before) as f64 / before.max(1) as f64 {
        change if change > 0.1 => texts::GROWN,
        change if change < -0.1 => texts::SHRUNK,
        _ => texts::SAME_SIZE,
    };
    let size = text.fill(
        context.lang,
        &[
            ("first", format::number(before, lang)),
            ("then", format::in_period(first, lang)),
            ("last", format::number(after, lang)),
            ("now", format::in_period(last, lang)),
        ],
    );
    let stayed = stayed(context, main, last).map(|(from, share)| {
        // Only Finnish begins with it.
        let whose = format::of_period(from, lang);
        let whose = if lang == crate::lang::Lang::Fi { capital(&whose) } else { whose };
        let values = [("whose", whose), ("share", format::share(share, lang)), ("now", format::in_period(last, lang))];
        texts::STAYED.fill(context.lang, &values)
    });
    let costliest = || {
        let from = periods.iter().rev().nth(1)?;
        crate::sections::stayed_costliest(context, from, last)
    };
    Some(std::iter::once(size).chain(stayed.or_else(costliest)).collect::<Vec<_>>().join(" "))
}

/// Of the cohort's clients in the period before, how many were in it in this one.
fn stayed<'a>(context: &Context<'a>, cohort: &str, to: &str) -> Option<(&'a str, Share)> {
    let are = [("cohort", cohort), ("to_period", to), ("from_state", "member"), ("to_state", "member")];
    let row = context.rows_where("joiners", &are).first().copied()?;
    let from = row.text("from_period");
    Some((from, derive::share(row.int("clients"), context.clients(cohort, from))?))
}

/// The service whose use sets the group apart from everybody.
fn differs(context: &Context<'_>) -> Option<String> {
    let lang = context.lang;
    let period = context.last_period();
    let main = context.main()?;
    let everybody = context.rows_where("service_use", &[("cohort", "all"), ("period", period)]);
    let own = context.rows_where("service_use", &[("cohort", main), ("period", period)]);
    let pairs = own.into_iter().filter_map(|row| {
        let all = everybody.iter().copied().find(|all| all.is("service", row.text("service")));
        let own = context.share_of_group(Some(row), main, period)?;
        Some((row, own, context.share_of_group(all, "all", period)?))
    });
    let (row, own, all) = pairs.max_by(|a, b| (a.1.value - a.2.value).total_cmp(&(b.1.value - b.2.value)))?;
    let values = [
        ("service", context.service(row.text("service"))),
        ("share", format::share(own, lang)),
        ("all", format::share(all, lang)),
    ];
    (own.value - all.value > 0.05).then(|| texts::DIFFERS.fill(context.lang, &values))
}

/// Share of the group's cost from which its two costliest services are worth a sentence.
const TWO_SERVICES_MIN: f64 = 0.2;

/// The two services in which most of the group's cost arises.
fn two_services(context: &Context<'_>) -> Option<String> {
    let main = context.main()?;
    let period = context.last_period();
    let rows = by_count(&context.rows_where("service_use", &[("cohort", main), ("period", period)]), "cost_cents");
    let [first, second, _, ..] = rows.as_slice() else { return None };
    let whole = context.whole(main, period)?.int("cost_cents");
    let share = derive::share(derive::sum(&[*first, *second], "cost_cents"), whole)?;
    // Cost that is spread thin over services is no finding.
    if share.value < TWO_SERVICES_MIN {
        return None;
    }
    let values = [
        ("share", format::percent(share.value, context.lang)),
        ("a", context.service(first.text("service"))),
        ("b", context.service(second.text("service"))),
    ];
    Some(texts::TWO_SERVICES.fill(context.lang, &values))
}

/// How much the choice of a threshold changes the number of people.
fn threshold(context: &Context<'_>) -> Option<String> {
    let lang = context.lang;
    let cohort = question::main(context)?;
    let are = [("period", context.last_period()), ("count_by", cohort.count_by.as_str())];
    let rows = context.rows_where("sweep", &are);
    let least = i64::from(cohort.min_services);
    let mut rows: Vec<Row<'_>> = rows.into_iter().filter(|row| row.int("min_services") == Some(least)).collect();
    rows.retain(|row| row.int("clients").is_some() && row.int("min_contacts").is_some());
    let of = |wanted: fn(i64) -> bool| rows.iter().filter(move |row| row.int("min_contacts").is_some_and(wanted));
    let low = of(|each| each == 1).next()?;
    let high = of(|each| (2..=5).contains(&each)).max_by_key(|row| row.int("min_contacts"))?;
    let values = [
        ("what", question::counted(cohort.min_services, cohort.count_by, lang)),
        ("low", format::number(low.int("clients")?, lang)),
        ("high", format::number(high.int("clients")?, lang)),
        ("times", question::times(u32::try_from(high.int("min_contacts")?).ok()?, lang)),
    ];
    Some(texts::THRESHOLD.fill(context.lang, &values))
}

fn top(context: &Context<'_>) -> Option<String> {
    let rows = context.rows_where("concentration", &[("period", context.last_period()), ("denominator", "users")]);
    let row = rows.iter().find(|row| row.int("top_percent") == Some(10))?;
    let share = format::percent(row.ratio("cost_share")?, context.lang);
    Some(texts::TOP.fill(context.lang, &[("percent", "10".to_owned()), ("share", share)]))
}

fn often_emergency(context: &Context<'_>) -> Option<String> {
    let are = [("cohort", "all"), ("period", context.last_period()), ("band", ">=4")];
    let row = context.rows_where("emergency_bands", &are).first().copied()?;
    let share = |column: &str| row.ratio(column).map(|share| format::percent(share, context.lang));
    let values = [("share", share("share_of_clients")?), ("visits", share("share_of_visits")?)];
    Some(texts::OFTEN_EMERGENCY.fill(context.lang, &values))
}

fn in_time(context: &Context<'_>) -> Option<String> {
    let are =
        [("period", context.last_period()), ("municipality", "all"), ("wellbeing_county", "all"), ("tier", "all")];
    let row = context.rows_where("access", &are).first().copied()?;
    let share = format::percent(row.ratio("started_in_time_share")?, context.lang);
    let limit = context.settings().and_then(|study| study.access).unwrap_or_default().start_working_days_max;
    Some(texts::IN_TIME.fill(context.lang, &[("share", share), ("limit", limit.to_string())]))
}

/// The share of users beside the share of cost: of the costliest, or of the cohorts where a study does not ask for them.
fn split_figure(context: &Context<'_>) -> Option<Figure> {
    let lang = context.lang;
    let period = context.last_period();
    let are = [("period", period), ("denominator", "users")];
    let rows = context.rows_where("concentration", &are);
    let at = |percent: i64| {
        let row = rows.iter().copied().find(|row| row.int("top_percent") == Some(percent))?;
        Some((percent, row.ratio("cost_share")?))
    };
    let tops: Vec<(i64, f64)> = [1, 5, 10].into_iter().filter_map(at).collect();
    let (groups, table) = match tops.len() {
        0 => of_cohort_alone(context)?,
        _ => {
            let mut done = (0.0, 0.0);
            let groups = tops.iter().map(|&(percent, cost)| {
                let people = percent as f64 / 100.0;
                let values = [("percent", percent.to_string()), ("share", format::percent(cost, lang))];
                let group = (people - done.0, cost - done.1, texts::SPLIT_TOP.fill(context.lang, &values));
                done = (people, cost);
                group
            });
            let columns = ["top_percent", "clients", "cost_cents", "cost_share", "threshold_cents"];
            (groups.collect(), grid(context, &rows, &columns))
        }
    };
    let chart = Split { wholes: [texts::SPLIT_USERS, texts::SPLIT_COST].map(|text| text.of(lang).to_owned()), groups };
    let words = Words::new(texts::SPLIT.of(lang), texts::SPLIT_UNIT.fill(lang, &[("when", &context.in_last_period())]));
    let number = |value: f64| format::percent(value, lang);
    Some(Figure::new(
        "split".to_owned(),
        words,
        table,
        |width, ids| split(&chart, &context.draw(&number, width), ids),
        false,
    ))
}

type Groups = Vec<(f64, f64, String)>;

fn of_cohort_alone(context: &Context<'_>) -> Option<(Groups, Grid)> {
    let row = context.whole(context.main()?, context.last_period())?;
    let all = context.whole("all", context.last_period())?;
    let share =
        |column: &str, of: &str| row.ratio(column).or_else(|| Some(derive::share(row.int(of), all.int(of))?.value));
    let shares = share("share_of_users", "clients").zip(share("share_of_cost", "cost_cents"));
    let (users, cost) = shares.filter(|(_, cost)| *cost > 0.0)?;
    let values = [
        ("group", context.cohort(row.text("cohort"))),
        ("users", format::percent(users, context.lang)),
        ("cost", format::percent(cost, context.lang)),
    ];
    let groups = vec![(users, cost, texts::SPLIT_GROUP.fill(context.lang, &values))];
    Some((groups, grid(context, &[row], &["cohort", "clients", "cost_cents", "share_of_users", "share_of_cost"])))
}

/// The main cohort over the periods: who was there before, who is new, who left.
fn turnover_figure(context: &Context<'_>) -> Option<Figure> {
    let lang = context.lang;
    let main = context.main()?;
    let periods = context.periods();
    if periods.len() < 2 {
        return None;
    }
    let joiners = context.rows_where("joiners", &[("cohort", main)]);
    let has_joiners = periods.iter().any(|period| stayed(context, main, period).is_some());
    let rows: Vec<Turnover> = periods.iter().map(|period| of_period(context, main, &joiners, period)).collect();
    let parts = [texts::STAYING_PART, texts::JOINED_PART].map(|text| text.of(lang).to_owned());
    let words = Words::new(
        if has_joiners { texts::TURNOVER } else { texts::SIZES }.of(lang).to_owned(),
        texts::TURNOVER_UNIT.fill(lang, &[("group", &context.cohort(main))]),
    );
    let table = match has_joiners {
        true => grid(context, &joiners, &["from_period", "to_period", "from_state", "to_state", "clients"]),
        false => sizes(context, main, &periods),
    };
    let number = |value: f64| format::number(value as i64, lang);
    let parts: &[String] = if has_joiners { &parts } else { &[] };
    Some(Figure::new(
        "turnover".to_owned(),
        words,
        table,
        |width, ids| turnover(&rows, parts, &context.draw(&number, width), ids),
        false,
    ))
}

fn of_period(context: &Context<'_>, main: &str, joiners: &[Row<'_>], period: &str) -> Turnover {
    let lang = context.lang;
    let clients = context.clients(main, period);
    let both = |row: &&Row<'_>| row.is("from_state", "member") && row.is("to_state", "member");
    let into = joiners.iter().filter(both).find(|row| row.is("to_period", period));
    let stayed = into.and_then(|row| row.int("clients"));
    let part = |value: Option<i64>| value.map_or(Mark::None, |value| Mark::Value(value as f64));
    // Without a period before, nobody can be told to be new.
    let parts = match (stayed, clients) {
        (Some(_), Some(_)) => vec![part(stayed), part(derive::rest(clients, stayed))],
        _ => vec![Mark::None, Mark::None, mark(context.whole(main, period), "clients")],
    };
    let before = into.and_then(|row| context.clients(main, row.text("from_period")));
    let left = derive::rest(before, stayed);
    let left = left.map(|left| texts::LEFT_NOTE.fill(lang, &[("left", &format::number(left, lang))]));
    let total = clients.map_or_else(String::new, |clients| format::number(clients, lang));
    Turnover { label: format::period(period, lang), parts, total, note: left.unwrap_or_default() }
}

fn sizes(context: &Context<'_>, main: &str, periods: &[&str]) -> Grid {
    let lang = context.lang;
    let headers = vec![Header::text(labels::column("period", lang)), Header::number(labels::column("clients", lang))];
    let rows = periods.iter().map(|period| {
        let clients = context.whole(main, period).map_or_else(Shown::none, |row| shown(context, row, "clients"));
        vec![Shown::head(format::period(period, lang)), clients]
    });
    Grid { headers, rows: rows.collect(), notes: Vec::new() }
}

fn pilots(context: &Context<'_>) -> Vec<Teaser> {
    let names = distinct(&context.rows("pilot_counts"), "pilot");
    let teaser = |(at, pilot): (usize, &&str)| {
        let title = texts::PILOT.fill(context.lang, &[("pilot", &context.pilot(pilot))]);
        let more = texts::PILOT_MORE.fill(context.lang, &[("title", &context.pilot(pilot))]);
        Teaser { id: format!("pilot{}", at + 1), title: capital(&title), answer: pilot_answer(context, pilot), more }
    };
    names.iter().enumerate().map(teaser).collect()
}
