//! What of a pilot's means may leave.
//!
//! A mean and the number of its clients give a sum over clients back, so a mean is held to the rules of sums. Who stands
//! behind it is read from the table of the pilot's clients, which itself never leaves; without that table no mean does.
//! - Fewer than k clients with any of what is measured: nobody learns what a few of them did.
//! - The dominance and p % rules where it is cost; everybody the same.
//! - Means of all beside means of those with a whole follow-up: when fewer than k have none or a part of one, the
//!   difference would be theirs, so the former are withheld.
//! - Contacts by service add up to all contacts: where one is withheld, so are enough others.

use virta_model::{Table, Value};

use crate::choose::withhold_more;
use crate::figures::{Figures, Row, as_int};
use crate::linear::{System, SystemCell};
use crate::policy::Contributors;
use crate::protected::Reason;

type Place = (usize, usize, usize);

/// Whose use a mean is of: the clients of the pilot or those they are compared with, before or after, all of them or
/// only those with any follow-up.
#[derive(Debug, Clone, Copy)]
struct Of {
    column: &'static str,
    is_pilot: bool,
    is_after: bool,
    is_followed: bool,
}

const fn of(column: &'static str, is_pilot: bool, is_after: bool, is_followed: bool) -> Of {
    Of { column, is_pilot, is_after, is_followed }
}

const MEANS: [Of; 6] = [
    of("baseline_mean", true, false, false),
    of("comparison_baseline_mean", false, false, false),
    of("before_mean", true, false, true),
    of("after_mean", true, true, true),
    of("comparison_before_mean", false, false, true),
    of("comparison_after_mean", false, true, true),
];

/// The means that must not be shown, in the tables of baselines and of balance.
pub(crate) fn unsafe_means(figures: &Figures<'_>) -> Vec<(Place, Reason)> {
    let clients = figures.tables.iter().find(|table| table.schema.name == "pilot_clients");
    let mut withheld = Vec::new();
    for (key, rows) in figures.groups("pilot_baseline", &["pilot"]) {
        let pilot = Pilot::read(clients, key.into_iter().flatten().next().as_deref());
        for mean in MEANS {
            withheld.extend(one_column(figures, &pilot, &rows, mean));
        }
    }
    for (key, rows) in figures.groups("pilot_balance", &["pilot"]) {
        let pilot = Pilot::read(clients, key.into_iter().flatten().next().as_deref());
        for row in rows {
            withheld.extend(balance(figures, &pilot, row));
        }
    }
    withheld
}

/// Where a number of a pilot's clients is withheld, so are the numbers of those who are compared: each has as many.
pub(crate) fn compared_with_withheld(figures: &Figures<'_>, is_withheld: impl Fn(Place) -> bool) -> Vec<Place> {
    let tables = ["pilot_counts", "pilot_baseline", "pilot_balance"];
    let mut follow = Vec::new();
    for (pilot, rows) in figures.groups("pilot_counts", &["pilot"]) {
        let is_open = |row: &Row| {
            let is_matched = figures.text(*row, "step").is_some_and(|step| step == "matched" || step == "followed");
            is_matched && place(figures, *row, "clients").is_some_and(&is_withheld)
        };
        if !rows.iter().any(is_open) {
            continue;
        }
        for table in tables {
            let own = figures.groups(table, &["pilot"]).remove(&pilot).unwrap_or_default();
            let columns = ["comparison_clients", "followed_comparison_clients"];
            follow.extend(own.into_iter().flat_map(|row| columns.map(|column| place(figures, row, column))).flatten());
        }
    }
    follow
}

fn place(figures: &Figures<'_>, row: Row, column: &str) -> Option<Place> {
    Some((row.0, row.1, figures.tables.get(row.0)?.schema.index_of(column)?))
}

/// One column of means: those that are unsafe in themselves, and those that would give one of them back.
fn one_column(figures: &Figures<'_>, pilot: &Pilot, rows: &[Row], mean: Of) -> Vec<(Place, Reason)> {
    let mut withheld = Vec::new();
    let mut system = System::default();
    let mut contacts = Vec::new();
    let mut total = None;
    for &row in rows {
        let Some(place) = place(figures, row, mean.column) else { continue };
        if figures.tables[row.0].value(row.1, place.2) == Value::Null {
            continue;
        }
        let (measure, service) = (figures.text(row, "measure").unwrap_or_default(), figures.text(row, "service"));
        let amounts = pilot.amounts(mean, &measure, service.as_deref());
        let reason = pilot.unsafe_mean(figures, mean, &measure, &amounts);
        withheld.extend(reason.map(|reason| (place, reason)));
        if measure == "contacts" {
            let sum = amounts.iter().fold(0_i64, |sum, amount| sum.saturating_add(*amount));
            let cell = system.add(SystemCell::published(sum));
            if reason.is_some() {
                system.withhold(cell, Some(figures.open_around(sum)));
            }
            contacts.push(place);
            if service.is_none() {
                total = Some(cell);
            }
        }
    }
    if let Some(total) = total {
        system.relate(total, (0..contacts.len()).filter(|&cell| cell != total).collect());
    }
    let protection = withhold_more(&mut system);
    let more = protection.withheld.iter().filter_map(|&cell| contacts.get(cell));
    withheld.extend(more.map(|&place| (place, Reason::ProtectsAnother)));
    if !protection.hopeless.is_empty() {
        withheld.extend(contacts.iter().map(|&place| (place, Reason::TableUnsafe)));
    }
    withheld
}

fn balance(figures: &Figures<'_>, pilot: &Pilot, row: Row) -> Vec<(Place, Reason)> {
    let variable = figures.text(row, "variable").unwrap_or_default();
    let mut withheld = Vec::new();
    for (column, mean) in [("mean", MEANS[0]), ("comparison_mean", MEANS[1])] {
        let reason = match variable.as_str() {
            _ if pilot.group(mean.is_pilot).count() < figures.policy.k as usize => {
                let told = ["difference_before", "difference_after"].into_iter();
                withheld.extend(told.filter_map(|column| Some((place(figures, row, column)?, Reason::TooFewClients))));
                Some(Reason::TooFewClients)
            }
            "female" => {
                let women = pilot.women(mean.is_pilot);
                let few = |people: usize| (people as i64) < i64::from(figures.policy.k);
                (few(women.0) || few(women.1)).then_some(Reason::TooFewClients)
            }
            "age" | "cost_decile" => None,
            measure => pilot.unsafe_mean(figures, mean, measure, &pilot.amounts(mean, measure, None)),
        };
        withheld.extend(place(figures, row, column).zip(reason));
    }
    // Who else could have been drawn is not listed, so there must be many of them.
    if figures.value(row, "pool_clients").unwrap_or(0) < i64::from(figures.policy.unchecked_clients_min) {
        for column in ["pool_mean", "difference_before"] {
            withheld.extend(place(figures, row, column).map(|place| (place, Reason::ContributorsUnknown)));
        }
    }
    withheld
}

/// The clients behind the figures of a pilot, and what each used.
#[derive(Debug, Default)]
struct Pilot {
    people: Vec<Person>,
    is_known: bool,
}

#[derive(Debug)]
struct Person {
    client_id: i64,
    is_pilot: bool,
    is_female: bool,
    before_days: i64,
    after_days: i64,
    used: Vec<Used>,
}

#[derive(Debug)]
struct Used {
    is_after: bool,
    service: Option<String>,
    /// By measure.
    amounts: Vec<(&'static str, i64)>,
}

const AMOUNTS: [&str; 6] = ["services", "contacts", "stay_days", "cost_cents", "emergency_contacts", "providers"];

impl Pilot {
    fn read(table: Option<&Table>, name: Option<&str>) -> Self {
        let Some(table) = table else { return Pilot::default() };
        let value = |row: usize, column: &str| {
            table.schema.index_of(column).map_or(Value::Null, |column| table.value(row, column))
        };
        let text = |row, column| if let Value::Text(text) = value(row, column) { Some(text) } else { None };
        let int = |row, column| as_int(value(row, column));
        let mut pilot = Pilot { people: Vec::new(), is_known: true };
        let mut matched = std::collections::BTreeSet::new();
        for row in (0..table.rows()).filter(|&row| text(row, "pilot") == name) {
            let (Some(client_id), is_pilot) = (int(row, "client_id"), text(row, "role") == Some("pilot")) else {
                continue;
            };
            matched.extend(int(row, "matched_with"));
            // The rows of a client stand together.
            if pilot.people.last().is_none_or(|last| last.client_id != client_id || last.is_pilot != is_pilot) {
                let is_female = text(row, "sex") == Some("female");
                let new = Person { client_id, is_pilot, is_female, before_days: 0, after_days: 0, used: Vec::new() };
                pilot.people.push(new);
            }
            let Some(person) = pilot.people.last_mut() else { continue };
            let is_after = text(row, "window") == Some("after");
            let days = int(row, "observed_days").unwrap_or(0);
            if is_after {
                person.after_days = days
            } else {
                person.before_days = days
            }
            person.used.push(Used {
                is_after,
                service: text(row, "service").map(str::to_owned),
                amounts: AMOUNTS.iter().map(|&name| (name, int(row, name).unwrap_or(0))).collect(),
            });
        }
        pilot.people.retain(|person| {
            person.before_days > 0 && (!person.is_pilot || matched.is_empty() || matched.contains(&person.client_id))
        });
        pilot
    }

    fn group(&self, is_pilot: bool) -> impl Iterator<Item = &Person> {
        self.people.iter().filter(move |person| person.is_pilot == is_pilot)
    }

    /// What each of those behind a mean used; nothing is 0.
    fn amounts(&self, mean: Of, measure: &str, service: Option<&str>) -> Vec<i64> {
        let people = self.group(mean.is_pilot).filter(|person| !mean.is_followed || person.after_days > 0);
        people.map(|person| person.amount(mean.is_after, measure, service)).collect()
    }

    fn unsafe_mean(&self, figures: &Figures<'_>, mean: Of, measure: &str, amounts: &[i64]) -> Option<Reason> {
        let policy = &figures.policy;
        if !self.is_known {
            return Some(Reason::ContributorsUnknown);
        }
        let users = amounts.iter().filter(|amount| **amount != 0).count() as i64;
        if users < i64::from(policy.k) {
            return Some(Reason::TooFewClients);
        }
        let contributors = Contributors::of(amounts.iter().copied());
        if contributors.all_the_same {
            return Some(Reason::AllTheSame);
        }
        if !mean.is_followed && self.few_are_apart(mean.is_pilot, policy.k) {
            return Some(Reason::TooFewBetween);
        }
        if measure == "cost_cents" { policy.unsafe_sum(users, Some(&contributors)) } else { None }
    }

    /// Whether those without a whole follow-up are too few to be told apart from the others.
    fn few_are_apart(&self, is_pilot: bool, k: u32) -> bool {
        let longest = self.people.iter().map(|person| person.after_days).max().unwrap_or(0);
        let apart = self.group(is_pilot).filter(|person| person.after_days < longest).count() as i64;
        (1..i64::from(k)).contains(&apart)
    }

    /// Women, and everybody else.
    fn women(&self, is_pilot: bool) -> (usize, usize) {
        let all = self.group(is_pilot).count();
        let women = self.group(is_pilot).filter(|person| person.is_female).count();
        (women, all - women)
    }
}

impl Person {
    fn amount(&self, is_after: bool, measure: &str, service: Option<&str>) -> i64 {
        let used = self.used.iter().find(|used| used.is_after == is_after && used.service.as_deref() == service);
        let amount = used.and_then(|used| used.amounts.iter().find(|(name, _)| *name == measure));
        amount.map_or(0, |(_, amount)| *amount)
    }
}
