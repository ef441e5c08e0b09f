//! What was found, how the cohort narrowed, and who its clients are.

use super::{Section, count_bars, mark, whole_numbers};
use crate::chart::{Bar, Mark, bars};
use crate::context::Context;
use crate::format;
use crate::grid::{Header, Shown, grid};
use crate::labels;
use crate::texts;
use crate::view::{Row, distinct};

pub(super) fn summary(context: &Context<'_>) -> Section {
    let lang = context.lang;
    let mut section = Section::new("summary", texts::SUMMARY, context);
    let rows = context.rows("summary");
    let period = context.last_period();
    let last = rows.iter().copied().find(|row| row.is("period", period));
    if last.is_some() {
        section.paragraphs.push(texts::SUMMARY_USERS.fill(
            lang,
            &[
                ("period", &format::period(period, lang)),
                ("users", &context.count(last, "clients")),
                ("contacts", &context.count(last, "contacts")),
                ("cost", &context.money(last, "cost_cents")),
            ],
        ));
    }
    for cohort in context.cohorts() {
        let are = [("cohort", cohort), ("period", period), ("dimension", "all")];
        if let Some(&row) = context.rows_where("profile", &are).first() {
            section.paragraphs.push(texts::SUMMARY_COHORT.fill(
                lang,
                &[
                    ("cohort", cohort),
                    ("clients", &context.count(Some(row), "clients")),
                    ("share", &context.share(Some(row), "share_of_users")),
                    ("cost_share", &context.share(Some(row), "share_of_cost")),
                ],
            ));
        }
    }
    let ages = context.report.settings.and_then(|study| study.study.population.ages);
    if let Some(ages) = ages {
        let (min, max) = (ages.min.to_string(), ages.max.to_string());
        section.paragraphs.push(texts::POPULATION_AGES.fill(lang, &[("min", &min), ("max", &max)]));
    }
    section.paragraphs.push(texts::POPULATION.of(lang).to_owned());
    let columns =
        ["period", "clients", "residents", "person_years", "contacts", "unpriced_contacts", "cost_cents", "gini"];
    if !rows.is_empty() {
        section.add_table(texts::KEY_FIGURES.of(lang).to_owned(), String::new(), grid(context, &rows, &columns));
    }
    section
}

pub(super) fn attrition(context: &Context<'_>) -> Section {
    let lang = context.lang;
    let mut section = Section::new("attrition", texts::ATTRITION, context);
    for cohort in distinct(&context.rows("attrition"), "cohort") {
        for (period, rows) in by_period(context, &context.rows_where("attrition", &[("cohort", cohort)])) {
            let (first, last) = (rows.first().copied(), rows.last().copied());
            let summary = texts::ATTRITION_TEXT.fill(
                lang,
                &[("last", &context.count(last, "remaining")), ("first", &context.count(first, "remaining"))],
            );
            let mut title = texts::ATTRITION_FIGURE.fill(lang, &[("cohort", cohort)]);
            if let Some(period) = period {
                title = format!("{title}, {}", format::period(period, lang));
            }
            let table = grid(context, &rows, &["rule", "remaining", "removed", "removed_alone"]);
            section.add(title, summary, table, |ids| count_bars(context, &rows, "rule", "remaining", ids));
        }
    }
    section
}

/// The steps of each period: with several, a rule's text begins with its period.
fn by_period<'a>(context: &Context<'a>, rows: &[Row<'a>]) -> Vec<(Option<&'a str>, Vec<Row<'a>>)> {
    let periods = context.periods();
    let mut groups: Vec<(Option<&str>, Vec<Row<'_>>)> = Vec::new();
    for &row in rows {
        let of = |period: &&str| row.text("rule").strip_prefix(*period).is_some_and(|rest| rest.starts_with(": "));
        let period = periods.iter().copied().find(of).or(periods.first().copied().filter(|_| periods.len() == 1));
        match groups.iter_mut().find(|(other, _)| *other == period) {
            Some((_, rows)) => rows.push(row),
            None => groups.push((period, vec![row])),
        }
    }
    groups
}

pub(super) fn profile(context: &Context<'_>) -> Section {
    let lang = context.lang;
    let mut section = Section::new("profile", texts::PROFILE, context);
    let period = context.last_period();
    for cohort in context.cohorts() {
        for dimension in distinct(&context.rows("profile"), "dimension") {
            if dimension == "all" {
                continue;
            }
            let of = |cohort: &str| {
                context.rows_where("profile", &[("cohort", cohort), ("period", period), ("dimension", dimension)])
            };
            let rows = of(cohort);
            if rows.is_empty() {
                continue;
            }
            let title = texts::PROFILE_FIGURE.fill(
                lang,
                &[
                    ("cohort", cohort),
                    ("dimension", &labels::code(dimension, lang)),
                    ("period", &format::period(period, lang)),
                ],
            );
            figure(context, &mut section, title, cohort, &rows, &of("all"));
        }
    }
    section
}

fn figure(
    context: &Context<'_>,
    section: &mut Section,
    title: String,
    cohort: &str,
    rows: &[Row<'_>],
    everybody: &[Row<'_>],
) {
    let lang = context.lang;
    let period = context.last_period();
    let total = |cohort: &str| {
        let are = [("cohort", cohort), ("period", period), ("dimension", "all")];
        context.rows_where("profile", &are).first().and_then(|row| row.int("clients"))
    };
    let (of_cohort, of_all) = (total(cohort), total("all"));
    let share = |row: Option<Row<'_>>, total: Option<i64>| match row.map(|row| mark(row, "clients")) {
        Some(Mark::Value(value)) => {
            total.filter(|&total| total > 0).map_or(Mark::None, |t| Mark::Value(value / t as f64))
        }
        Some(other) => other,
        None => Mark::None,
    };
    let matching = |row: &Row<'_>| everybody.iter().copied().find(|all| all.cell("value") == row.cell("value"));
    let shares: Vec<(Row<'_>, Mark, Mark)> =
        rows.iter().map(|row| (*row, share(Some(*row), of_cohort), share(matching(row), of_all))).collect();
    let largest = shares.iter().max_by(|a, b| {
        let (a, b) = (a.1.value().unwrap_or(-1.0), b.1.value().unwrap_or(-1.0));
        a.total_cmp(&b)
    });
    let words = |mark: Mark| match mark {
        Mark::Value(value) => format::percent(value, lang),
        _ => texts::WITHHELD.of(lang).to_owned(),
    };
    let summary = largest.filter(|(_, share, _)| share.value().is_some()).map_or_else(
        || texts::SOME_WITHHELD.of(lang).to_owned(),
        |(row, share, all)| {
            let value = crate::grid::shown(context, *row, "value").text;
            texts::PROFILE_TEXT.fill(lang, &[("value", &value), ("share", &words(*share)), ("all", &words(*all))])
        },
    );
    let list: Vec<Bar> = shares
        .iter()
        .take(24)
        .map(|(row, share, all)| Bar {
            label: crate::grid::shown(context, *row, "value").text,
            marks: vec![*share, *all],
        })
        .collect();
    let mut table = grid(context, rows, &["value", "clients", "residents", "contacts", "cost_cents", "share_of_cost"]);
    add_shares(context, &mut table, &shares, rows);
    let series = [texts::COHORT_SERIES.fill(lang, &[("cohort", cohort)]), texts::ALL_SERIES.of(lang).to_owned()];
    section.add(title, summary, table, |ids| {
        bars(&list, &series, &whole_numbers(context, &|value| format::percent(value, lang)), ids)
    });
}

/// Columns that are calculated from shown figures only: the share of the cohort, and the rate among residents.
fn add_shares(
    context: &Context<'_>,
    table: &mut crate::grid::Grid,
    shares: &[(Row<'_>, Mark, Mark)],
    rows: &[Row<'_>],
) {
    let lang = context.lang;
    let has_residents = rows.iter().any(|row| row.int("residents").is_some());
    let mut names = vec![texts::SHARE_OF_GROUP.of(lang)];
    if has_residents {
        names.push(texts::PER_1000.of(lang));
    }
    let headers = names.iter().map(|&text| Header { text: text.to_owned(), is_number: true });
    table.headers.splice(2..2, headers);
    for (cells, (row, share, _)) in table.rows.iter_mut().zip(shares) {
        let share = match share {
            Mark::Value(value) => Shown::number(format::percent(*value, lang)),
            Mark::Withheld => Shown::withheld(lang),
            Mark::None => Shown::text(texts::NOT_MEASURED.of(lang)),
        };
        let mut added = vec![share];
        if has_residents {
            added.push(match (row.int("clients"), row.int("residents")) {
                (Some(clients), Some(residents)) if residents > 0 => {
                    Shown::number(format::decimal(clients as f64 * 1000.0 / residents as f64, 1, lang))
                }
                _ if row.is_withheld("clients") || row.is_withheld("residents") => Shown::withheld(lang),
                _ => Shown::text(texts::NOT_MEASURED.of(lang)),
            });
        }
        cells.splice(2..2, added);
    }
}
