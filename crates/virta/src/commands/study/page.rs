//! What a study found, for the terminal: who was looked at, how the cohort came to be, what it uses and costs.

use std::collections::HashMap;

use virta_model::Table;

use crate::render::{Grid, count, count_or_dash, euros, percent, printable, ratio_percent};
use crate::view::{RowView, View};

/// Rows of a list that the page shows; the tables have them all.
const SHOWN: usize = 8;

/// The whole page: population, attrition, cohorts, concentration, pilots.
pub(crate) fn page(tables: &[Table]) -> String {
    let parts = [
        population(tables),
        sources(tables),
        attrition(tables),
        cohorts(tables),
        concentration(tables),
        super::pilots::pilots(tables),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join("\n\n")
}

/// Further tables of the first cohort in the newest period: its services and which of them go together.
pub(crate) fn first_look(tables: &[Table]) -> String {
    let Some((cohort, period)) = newest_cohort(tables) else { return String::new() };
    let parts = [services(tables, cohort, period), combinations(tables, cohort, period), flows(tables, cohort, period)];
    parts.into_iter().flatten().collect::<Vec<_>>().join("\n\n")
}

fn population(tables: &[Table]) -> Option<String> {
    let summary = View::of(tables, "summary")?;
    let header = [
        "period",
        ">users",
        ">residents",
        ">person-years",
        ">contacts",
        ">cost",
        ">unpriced contacts",
        ">Gini of cost",
    ];
    let mut grid = Grid::new(&header);
    for row in summary.rows() {
        let is_priced = priced(tables, row.text("period"));
        let contacts = row.int("contacts").unwrap_or(0);
        let unpriced = row.int("unpriced_contacts").unwrap_or(0);
        grid.row([
            row.text("period").to_owned(),
            count_or_dash(row.int("clients")),
            count_or_dash(row.int("residents")),
            row.ratio("person_years").map_or_else(|| "-".to_owned(), |years| count(years.round() as i64)),
            count(contacts),
            cost(is_priced, row.int("cost_cents")),
            format!("{} ({})", count(unpriced), percent(unpriced, contacts)),
            row.ratio("gini").filter(|_| is_priced).map_or_else(|| "-".to_owned(), |gini| format!("{gini:.3}")),
        ]);
    }
    let idle = summary
        .rows()
        .filter(|row| row.int("clients") == Some(0))
        .map(|row| format!("\n{}: nobody of the population had a contact in it", row.text("period")));
    let idle: String = idle.collect();
    Some(format!("Population (users: any contact in the period; residents: observed in it)\n{}{idle}", grid.text()))
}

fn sources(tables: &[Table]) -> Option<String> {
    let sources = View::of(tables, "sources")?;
    let mut grid = Grid::new(&["source", "known to", ">people", ">in client list", ">in other sources", ">alone"]);
    for row in sources.rows() {
        let people = row.int("clients").unwrap_or(0);
        let share = |column: &str| match row.int(column) {
            Some(found) => format!("{} ({})", count(found), percent(found, people)),
            None => "not measured".to_owned(),
        };
        let known_to = row.day("known_to").map_or_else(|| "-".to_owned(), |day| day.to_string());
        grid.row([
            printable(row.text("source")),
            known_to,
            count(people),
            share("in_client_list"),
            share("in_other_sources"),
            share("alone"),
        ]);
    }
    (!grid.is_empty()).then(|| format!("Sources, and how their people are known elsewhere\n{}", grid.text()))
}

fn attrition(tables: &[Table]) -> Option<String> {
    let attrition = View::of(tables, "attrition")?;
    let mut parts: Vec<String> = Vec::new();
    for cohort in distinct(attrition.rows().map(|row| row.text("cohort"))) {
        let mut grid = Grid::new(&[">step", "period", "rule", ">remaining", ">removed", ">removed alone"]);
        for row in attrition.rows().filter(|row| row.text("cohort") == cohort) {
            let (period, rule) = period_and_rule(tables, row.text("rule"));
            grid.row([
                count_or_dash(row.int("step")),
                period.to_owned(),
                printable(rule),
                count_or_dash(row.int("remaining")),
                count_or_dash(row.int("removed")),
                count_or_dash(row.int("removed_alone")),
            ]);
        }
        parts.push(format!("How {} came to be\n{}", printable(cohort), grid.text()));
    }
    (!parts.is_empty()).then(|| parts.join("\n\n"))
}

/// With several periods a rule begins with its own.
fn period_and_rule<'a>(tables: &'a [Table], rule: &'a str) -> (&'a str, &'a str) {
    let mut periods = View::of(tables, "summary").into_iter().flat_map(View::rows).map(|row| row.text("period"));
    let only = periods.clone().next().unwrap_or_default();
    let begins = |period: &&str| rule.strip_prefix(*period).is_some_and(|rest| rest.starts_with(": "));
    match periods.find(begins) {
        Some(period) => (period, rule.get(period.len() + 2..).unwrap_or_default()),
        None => (only, rule),
    }
}

fn cohorts(tables: &[Table]) -> Option<String> {
    let profile = View::of(tables, "profile")?;
    let whole: Vec<_> = profile.rows().filter(|row| row.text("dimension") == "all").collect();
    let everyone: HashMap<_, _> =
        whole.iter().filter(|row| row.text("cohort") == "all").map(|row| (row.text("period"), *row)).collect();
    let header = [
        "cohort",
        "period",
        ">clients",
        ">of users",
        ">of residents",
        ">contacts",
        ">cost",
        ">of cost",
        ">cost per client",
    ];
    let mut grid = Grid::new(&header);
    // A cohort of none has no profile, but it was asked for.
    let asked = View::of(tables, "attrition").into_iter().flat_map(View::rows).map(|row| row.text("cohort"));
    let periods = || View::of(tables, "summary").into_iter().flat_map(View::rows).map(|row| row.text("period"));
    for cohort in std::iter::once("all").chain(distinct(asked)) {
        for period in periods() {
            let row = whole.iter().find(|row| row.text("cohort") == cohort && row.text("period") == period);
            let int = |column| row.map_or(Some(0), |row| row.int(column));
            let is_priced = row.is_none_or(|row| priced_of(tables, row));
            let clients = int("clients").unwrap_or(0);
            let of = |column| everyone.get(period).and_then(|all: &RowView<'_>| all.int(column));
            let share = row.and_then(|row| row.ratio("share_of_cost"));
            grid.row([
                printable(cohort),
                period.to_owned(),
                count(clients),
                share_of(clients, of("clients")),
                share_of(clients, of("residents")),
                count_or_dash(int("contacts")),
                cost(is_priced, int("cost_cents")),
                share.map_or_else(|| "-".to_owned(), ratio_percent),
                match clients {
                    0 => "-".to_owned(),
                    clients => cost(is_priced, int("cost_cents").map(|cents| cents / clients)),
                },
            ]);
        }
    }
    Some(format!("Cohorts (all: every user of the population)\n{}", grid.text()))
}

fn has_users(tables: &[Table], period: &str) -> bool {
    let mut periods = View::of(tables, "summary").into_iter().flat_map(View::rows);
    periods.any(|row| row.text("period") == period && row.int("clients") != Some(0))
}

/// Whether any contact of the period has a cost. Where none has, sums of cost say nothing.
fn priced(tables: &[Table], period: &str) -> bool {
    unpriced(tables, period).is_none_or(|(unpriced, contacts)| contacts == 0 || unpriced < contacts)
}

/// Whether the cost of a row that also has its contacts was measured. A sum of 0 is none when the period has so many
/// contacts without a cost that all of the row's may be among them.
fn priced_of(tables: &[Table], row: &RowView<'_>) -> bool {
    let contacts = row.int("contacts").unwrap_or(0);
    row.int("cost_cents") != Some(0)
        || contacts == 0
        || unpriced(tables, row.text("period")).is_none_or(|(unpriced, _)| unpriced < contacts)
}

/// Contacts of the period without a cost, and all.
fn unpriced(tables: &[Table], period: &str) -> Option<(i64, i64)> {
    let row = View::of(tables, "summary")?.rows().find(|row| row.text("period") == period)?;
    row.int("unpriced_contacts").zip(row.int("contacts"))
}

fn cost(is_priced: bool, cents: Option<i64>) -> String {
    match cents {
        Some(cents) if is_priced => euros(cents),
        _ => "not measured".to_owned(),
    }
}

/// A share with what it is of.
fn share_of(part: i64, whole: Option<i64>) -> String {
    whole.map_or_else(|| "-".to_owned(), |whole| format!("{} of {}", percent(part, whole), count(whole)))
}

fn concentration(tables: &[Table]) -> Option<String> {
    let concentration = View::of(tables, "concentration")?;
    let mut grid = Grid::new(&["period", "of", ">costliest", ">clients", ">cost", ">of cost", ">from, a client"]);
    let shown = concentration
        .rows()
        .filter(|row| matches!(row.int("top_percent"), Some(1 | 5 | 10 | 50)) && has_users(tables, row.text("period")));
    for row in shown {
        let is_priced = priced(tables, row.text("period"));
        grid.row([
            row.text("period").to_owned(),
            row.text("denominator").to_owned(),
            format!("{} %", count_or_dash(row.int("top_percent"))),
            count_or_dash(row.int("clients")),
            cost(is_priced, row.int("cost_cents")),
            row.ratio("cost_share").map_or_else(|| "-".to_owned(), ratio_percent),
            cost(is_priced, row.int("threshold_cents")),
        ]);
    }
    (!grid.is_empty()).then(|| format!("Concentration of cost\n{}", grid.text()))
}

/// The first cohort that has members, in the newest period.
fn newest_cohort(tables: &[Table]) -> Option<(&str, &str)> {
    let profile = View::of(tables, "profile")?;
    let whole = profile.rows().filter(|row| row.text("dimension") == "all");
    let newest = whole.clone().map(|row| row.text("period")).max()?;
    let named = whole.filter(|row| row.text("period") == newest && row.text("cohort") != "all");
    let with_members = named.filter(|row| row.int("clients").unwrap_or(0) > 0).map(|row| row.text("cohort")).next();
    Some((with_members.unwrap_or("all"), newest))
}

fn services(tables: &[Table], cohort: &str, period: &str) -> Option<String> {
    let rows = most(tables, "service_use", cohort, period, "clients")?;
    let mut grid = Grid::new(&["service", ">clients", ">contacts", ">stay days", ">cost", ">of the service's clients"]);
    for row in rows {
        grid.row([
            printable(row.text("service")),
            count_or_dash(row.int("clients")),
            count_or_dash(row.int("contacts")),
            count_or_dash(row.int("stay_days")),
            cost(priced_of(tables, &row), row.int("cost_cents")),
            row.ratio("cohort_share").map_or_else(|| "-".to_owned(), ratio_percent),
        ]);
    }
    Some(format!("What {cohort} used most in {period} (table service_use)\n{}", grid.text()))
}

fn combinations(tables: &[Table], cohort: &str, period: &str) -> Option<String> {
    let rows = most(tables, "combinations", cohort, period, "clients")?;
    let mut grid = Grid::new(&["services together", ">clients", ">contacts", ">cost"]);
    for row in rows {
        grid.row([
            printable(&row.text("service_set").replace('+', " + ")),
            count_or_dash(row.int("clients")),
            count_or_dash(row.int("contacts")),
            cost(priced_of(tables, &row), row.int("cost_cents")),
        ]);
    }
    Some(format!("Which services go together (table combinations)\n{}", grid.text()))
}

fn flows(tables: &[Table], cohort: &str, period: &str) -> Option<String> {
    let rows = most(tables, "flows", cohort, period, "clients")?;
    let mut grid = Grid::new(&["from", "to", ">transitions", ">clients", ">median gap, days"]);
    for row in rows {
        grid.row([
            printable(row.text("from_service")),
            printable(row.text("to_service")),
            count_or_dash(row.int("transitions")),
            count_or_dash(row.int("clients")),
            row.ratio("median_gap_days").map_or_else(|| "-".to_owned(), |days| days.to_string()),
        ]);
    }
    Some(format!("How clients move between services (table flows)\n{}", grid.text()))
}

/// The rows of a cohort and period with the largest measure; equal ones in the table's order.
fn most<'a>(tables: &'a [Table], name: &str, cohort: &str, period: &str, by: &str) -> Option<Vec<RowView<'a>>> {
    let view = View::of(tables, name)?;
    let mut rows: Vec<_> =
        view.rows().filter(|row| row.text("cohort") == cohort && row.text("period") == period).collect();
    rows.sort_by_key(|row| std::cmp::Reverse(row.int(by)));
    rows.truncate(SHOWN);
    (!rows.is_empty()).then_some(rows)
}

fn distinct<'a>(texts: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut seen: Vec<&str> = Vec::new();
    for text in texts {
        if !seen.contains(&text) {
            seen.push(text);
        }
    }
    seen
}
