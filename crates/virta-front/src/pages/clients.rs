//! Clients: a list to sort and filter, and one client's contacts on a line of time. Every look is written down.

use minijinja::{Value, context};
use virta_flow::{Person, Who};
use virta_model::{Day, Sector};

use crate::app::App;
use crate::house::ClientSeen;
use crate::pages::cohort::{draft, look, only_rows, sector_mark, towns};
use crate::pages::last_part;
use crate::view::{Ask, Marked, Page, Stop, note, option, page, words};

/// Rows of a page of the list.
const ROWS: usize = 50;

pub(super) fn list(app: &App, ask: &Ask) -> Page {
    only_rows(ask)?;
    // Without a definition of its own, the list is of the one that was edited last.
    if ask.get("s").is_none()
        && ask.get("base").is_none()
        && let Some(kept) = app.sessions.draft(&ask.viewer)
    {
        let own = ask.pairs.iter().map(|(key, value)| format!("&{key}={}", crate::draft::encoded(value)));
        return Err(Stop::To(format!("/clients?{kept}{}", own.collect::<String>())));
    }
    let overview = app.overview()?;
    let draft = draft(app, ask, &overview)?;
    let who = ask.get("who").unwrap_or("members");
    let asked = match who {
        "short" => Who::Short,
        "near" => Who::Near,
        rule => match rule.strip_prefix("rule-").and_then(|at| at.parse().ok()) {
            Some(at) => Who::OnlyRule(at),
            None => Who::Members,
        },
    };
    let mut people = look(app, ask, &draft, Some(asked))?.people;
    let town = ask.chosen("town");
    people.retain(|person| town.is_none_or(|town| person.municipality == town));
    sort(&mut people, ask.get("sort").unwrap_or("cost"));
    note(app, ask, &format!("clients {who} of definition {}", draft.hash))?;
    let names = app.names()?;
    let say = ask.say(&names);
    let pages = people.len().div_ceil(ROWS).max(1);
    let at = ask.get("page").and_then(|page| page.parse::<usize>().ok()).unwrap_or(1).clamp(1, pages);
    let rows: Vec<Value> = people
        .iter()
        .skip((at - 1) * ROWS)
        .take(ROWS)
        .map(|person| {
            context! {
                id => person.client_id.to_string(),
                path => format!("/clients/{}", person.client_id),
                age => person.age,
                sex => sex(ask, person.sex),
                municipality => say.municipality(&person.municipality),
                services => person.services,
                contacts => say.number(person.contacts),
                cost => person.cost_cents.map(|cost| say.exact_money(cost)),
            }
        })
        .collect();
    let whos = [("members", "who_members"), ("short", "who_short"), ("near", "who_near")];
    let mut whos: Vec<Value> =
        whos.iter().map(|(value, word)| option(value, words(ask, word), who == *value)).collect();
    if who.starts_with("rule-") {
        whos.push(option(who, words(ask, "who_rule"), true));
    }
    let sorted = ask.get("sort").unwrap_or("cost");
    let sorts: Vec<Value> = ["cost", "contacts", "services", "age", "id"]
        .iter()
        .map(|by| option(by, words(ask, &format!("sort_{by}")), sorted == *by))
        .collect();
    let towns = towns(overview.municipalities.clone(), say, |code| town == Some(code));
    let query = draft.form.query();
    let turn =
        |to: usize| format!("/clients?{query}&who={who}&sort={sorted}&town={}&page={to}", town.unwrap_or_default());
    let hidden: Vec<Value> =
        crate::pages::cohort::pairs_of(&query).into_iter().map(|(name, value)| context! { name, value }).collect();
    let own = context! {
        rows, whos, sorts, towns, hidden,
        found => ask.fill("n_found", &[("n", &say.number(people.len() as i64))]),
        definition => ask.fill("of_definition", &[("hash", &draft.hash)]),
        edit => format!("/cohort?{query}"),
        page_of => ask.fill("page_of", &[("n", &at.to_string()), ("all", &pages.to_string())]),
        previous => (at > 1).then(|| turn(at - 1)),
        following => (at < pages).then(|| turn(at + 1)),
    };
    page(app, ask, "people.html", "nav_clients", Marked::Exact, own)
}

/// Equal ones go by their number.
fn sort(people: &mut [Person], by: &str) {
    use std::cmp::Reverse;
    match by {
        "contacts" => people.sort_by_key(|person| (Reverse(person.contacts), person.client_id)),
        "services" => {
            people.sort_by_key(|person| (Reverse(person.services), Reverse(person.cost_cents), person.client_id))
        }
        "age" => people.sort_by_key(|person| (person.age.unwrap_or(i32::MAX), person.client_id)),
        "id" => people.sort_by_key(|person| person.client_id),
        _ => people.sort_by_key(|person| (Reverse(person.cost_cents), person.client_id)),
    }
}

pub(super) fn client(app: &App, ask: &Ask) -> Page {
    only_rows(ask)?;
    let id: i64 = last_part(ask).parse().map_err(|_| Stop::Missing)?;
    let overview = app.overview()?;
    // The log says whose line was looked at by a hash, which whoever has the store can make again.
    let named = blake3::hash(&id.to_le_bytes()).to_hex();
    note(app, ask, &format!("client {}", named.as_str().get(..16).unwrap_or_default()))?;
    let client = app.house.client(id)?.ok_or(Stop::Missing)?;
    let names = app.names()?;
    let say = ask.say(&names);
    let sectors = app.sectors()?;
    let rows: Vec<Value> = client
        .contacts
        .iter()
        .map(|contact| {
            let sector = sectors.get(&contact.service).copied().unwrap_or(Sector::Other);
            context! {
                day => say.day(contact.start),
                time => contact.time.map(|time| format!("{}.{:02}", time / 3600, time % 3600 / 60)),
                until => match (contact.is_stay, contact.end) {
                    (true, Some(end)) => say.day(end),
                    (true, None) => words(ask, "open_stay").to_owned(),
                    _ => String::new(),
                },
                service => say.service(&contact.service),
                mark => sector_mark(sector),
                sector => say.code(sector.as_str()),
                provider => say.provider(&contact.provider),
                urgency => say.code(&contact.urgency),
                cost => contact.cost_cents.map(|cost| say.exact_money(cost)),
                source => contact.source,
            }
        })
        .collect();
    let own = context! {
        title => ask.fill("client_title", &[("id", &id.to_string())]),
        born => client.birth.map(|day| say.day(day)),
        died => client.died_on.map(|day| say.day(day)),
        sex => sex(ask, &client.sex),
        municipality => say.municipality(&client.municipality),
        language => client.language,
        from => client.observed_from.map(|day| say.day(day)),
        to => client.observed_to.map(|day| say.day(day)),
        rows,
        line => timeline(ask, &client, overview.known_to, &sectors),
    };
    page(app, ask, "client.html", "nav_clients", Marked::Exact, own)
}

/// Contacts on a line of time: a line for each sector that has any.
fn timeline(
    ask: &Ask,
    client: &ClientSeen,
    known_to: Option<Day>,
    sectors: &std::collections::BTreeMap<String, Sector>,
) -> Option<Value> {
    const LEFT: f64 = 150.0;
    const WIDTH: f64 = 900.0;
    const LINE: f64 = 34.0;
    let first = client.contacts.iter().map(|contact| contact.start.0).min()?;
    let end = |contact: &crate::house::ContactSeen| match (contact.is_stay, contact.end) {
        (true, Some(end)) => end.0,
        (true, None) => known_to.map_or(contact.start.0, |day| day.0.max(contact.start.0)),
        _ => contact.start.0,
    };
    let last = client.contacts.iter().map(end).max()?.max(first + 30);
    let x = |day: i32| LEFT + 10.0 + f64::from(day - first) / f64::from(last - first) * (WIDTH - LEFT - 20.0);
    let names = virta_report::Names::default();
    let mut lines: Vec<Value> = Vec::new();
    let order = [Sector::Social, Sector::Primary, Sector::Specialised, Sector::Other];
    for sector in order {
        let of_sector = |code: &str| sectors.get(code).copied().unwrap_or(Sector::Other) == sector;
        let own: Vec<_> = client.contacts.iter().filter(|contact| of_sector(&contact.service)).collect();
        if own.is_empty() {
            continue;
        }
        let y = 20.0 + LINE * lines.len() as f64;
        let marks: Vec<Value> = own
            .iter()
            .map(|contact| {
                let (from, to) = (x(contact.start.0), x(end(contact)));
                context! { x => format!("{from:.1}"), width => format!("{:.1}", (to - from).max(3.0)), is_stay => contact.is_stay }
            })
            .collect();
        let word = ask.say(&names).code(sector.as_str());
        lines.push(context! { word, y, text_y => y + 4.0, bar_y => y - 6.0, mark => sector_mark(sector), marks });
    }
    let years: Vec<Value> = (Day(first).year()..=Day(last).year())
        .filter_map(|year| Some((year, Day::from_ymd(year, 1, 1)?.0)))
        .filter(|(_, day)| (first..=last).contains(day))
        .map(|(year, day)| context! { year, x => format!("{:.1}", x(day)) })
        .collect();
    let height = 20.0 + LINE * lines.len() as f64 + 16.0;
    Some(context! { lines, years, width => WIDTH, height, foot => height - 4.0, base => height - 18.0, left => LEFT })
}

/// The sex of one person; the report's words are of many.
fn sex(ask: &Ask, code: &str) -> &'static str {
    words(
        ask,
        match code {
            "female" => "female",
            "male" => "male",
            _ => "unknown",
        },
    )
}
