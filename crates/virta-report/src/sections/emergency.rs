//! Who comes to the emergency department, when, how often, and what follows.

use super::{Section, by_count, count_bars, mark, whole_numbers};
use crate::chart::{Heat, Mark, heat};
use crate::context::Context;
use crate::format;
use crate::grid::{Grid, Header, Shown, grid};
use crate::labels;
use crate::texts;
use crate::view::Row;

pub(super) fn emergency(context: &Context<'_>) -> Section {
    let lang = context.lang;
    let mut section = Section::new("emergency", texts::EMERGENCY, context);
    let period = context.last_period();
    let period_words = format::period(period, lang);
    let mut cohorts = vec!["all"];
    cohorts.extend(context.cohorts());
    for cohort in cohorts {
        let are = [("cohort", cohort), ("period", period)];
        let name = context.cohort(cohort);
        let places = [("cohort", name.as_str()), ("period", period_words.as_str())];
        let rows = context.rows_where("emergency_bands", &are);
        if !rows.is_empty() {
            let often = rows.iter().copied().find(|row| row.is("band", ">=4"));
            let summary = texts::BANDS_TEXT.fill(
                lang,
                &[
                    ("clients", &context.count(often, "clients")),
                    ("share", &context.share(often, "share_of_clients")),
                    ("visits", &context.share(often, "share_of_visits")),
                ],
            );
            let columns = ["band", "clients", "visits", "share_of_clients", "share_of_visits"];
            section.add(texts::BANDS_FIGURE.fill(lang, &places), summary, grid(context, &rows, &columns), |ids| {
                count_bars(context, &rows, "band", "clients", ids)
            });
        }
        hours(context, &mut section, &context.rows_where("emergency_hours", &are), &places);
        let next = context.rows_where("emergency_next", &are);
        for days in [7, 30] {
            let rows: Vec<Row<'_>> = next.iter().copied().filter(|row| row.int("within_days") == Some(days)).collect();
            let rows = by_count(&rows, "clients");
            let Some(&first) = rows.first() else { continue };
            let days = days.to_string();
            let title = texts::NEXT_FIGURE.fill(lang, &[("days", &days), places[0], places[1]]);
            let service = context.service(first.text("service"));
            let clients = context.count(Some(first), "clients");
            section.add(
                title,
                texts::LARGEST_TEXT.fill(lang, &[("value", &service), ("clients", &clients)]),
                grid(context, &rows, &["service", "clients", "visits", "share_of_visits"]),
                |ids| count_bars(context, &rows, "service", "clients", ids),
            );
        }
    }
    section
}

/// Visits by weekday and hour. Below the picture a row a weekday in the same shape.
fn hours(context: &Context<'_>, section: &mut Section, rows: &[Row<'_>], places: &[(&str, &str)]) {
    let lang = context.lang;
    if rows.is_empty() {
        return;
    }
    let find = |weekday: i64, hour: i64| {
        rows.iter().copied().find(|row| row.int("weekday") == Some(weekday) && row.int("hour") == Some(hour))
    };
    let chart = Heat {
        rows: (1..=7).map(|day| labels::weekday(day, lang)).collect(),
        columns: (0..24).map(|hour| hour.to_string()).collect(),
        marks: (1..=7)
            .map(|day| (0..24).map(|hour| find(day, hour).map_or(Mark::None, |row| mark(row, "visits"))).collect())
            .collect(),
    };
    let busiest = by_count(rows, "visits").into_iter().find(|row| row.int("hour").is_some());
    let summary = match busiest.and_then(|row| Some((row.int("weekday")?, row.int("hour")?, row.int("visits")?))) {
        Some((weekday, hour, visits)) => texts::HOURS_TEXT.fill(
            lang,
            &[
                ("weekday", &labels::weekday(weekday, lang)),
                ("hour", &hour.to_string()),
                ("visits", &format::number(visits, lang)),
            ],
        ),
        None => texts::SOME_WITHHELD.of(lang).to_owned(),
    };
    let mut table = Grid::default();
    table.headers.push(Header { text: labels::column("weekday", lang), is_number: false });
    table.headers.extend(chart.columns.iter().map(|hour| Header { text: hour.clone(), is_number: true }));
    for day in 1..=7 {
        let cells = (0..24).map(|hour| {
            find(day, hour).map_or_else(|| Shown::text("–"), |row| crate::grid::shown(context, row, "visits"))
        });
        table.rows.push(std::iter::once(Shown::head(labels::weekday(day, lang))).chain(cells).collect());
    }
    let number = |value: f64| format::number(value as i64, lang);
    section.add(texts::HOURS_FIGURE.fill(lang, places), summary, table, |ids| {
        heat(&chart, &whole_numbers(context, &number), ids)
    });
}
