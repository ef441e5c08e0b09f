//! Who comes to the emergency department, when, how often, and what follows.

use virta_chart::{Bar, Dots, Heat, Mark, bars, dots, heat};
use virta_model::VisitBand;

use super::{BARS_MAX, Section, Words, share_number, whole_number};
use crate::context::{Context, by_count, mark};
use crate::format;
use crate::grid::{Grid, Header, Shown, grid, shown};
use crate::labels;
use crate::texts;
use crate::view::{Cell, Row};

pub(super) fn emergency(context: &Context<'_>) -> Section {
    let mut section = Section::new("emergency", texts::EMERGENCY, context);
    bands(context, &mut section);
    often(context, &mut section);
    hours(context, &mut section);
    next(context, &mut section);
    section
}

/// Whether a band is a definition, which holds other bands.
fn is_definition(row: &Row<'_>) -> bool {
    row.text("band").starts_with('>')
}

/// The exclusive bands: their share of clients beside their share of visits.
fn bands(context: &Context<'_>, section: &mut Section) {
    let lang = context.lang;
    let are = [("cohort", "all"), ("period", context.last_period())];
    let rows = context.rows_where("emergency_bands", &are);
    let rows: Vec<Row<'_>> = rows.into_iter().filter(|row| !is_definition(row)).collect();
    if rows.iter().filter(|row| row.ratio("share_of_clients").is_some()).count() < 2 {
        return;
    }
    let name = |row: &Row<'_>| match row.text("band") {
        "1" => texts::BAND_ONCE.of(lang).to_owned(),
        band => texts::BAND_TIMES.fill(lang, &[("band", &labels::band(band))]),
    };
    let list: Vec<Bar> = rows
        .iter()
        .map(|row| Bar {
            label: name(row),
            marks: ["share_of_clients", "share_of_visits"].map(|column| mark(Some(*row), column)).to_vec(),
        })
        .collect();
    let series = [texts::BANDS_CLIENTS, texts::BANDS_VISITS].map(|text| text.of(lang).to_owned());
    let words =
        Words::new(texts::BANDS_FIGURE.of(lang), texts::BANDS_UNIT.fill(lang, &[("when", &context.in_last_period())]));
    let number = share_number(context);
    let columns = ["band", "clients", "visits", "share_of_clients", "share_of_visits"];
    section.add(words, grid(context, &rows, &columns), |width, ids| {
        bars(&list, &series, &context.draw(&number, width), ids)
    });
}

/// The definitions of frequent visitors: what share of each group's emergency clients they hold.
fn often(context: &Context<'_>, section: &mut Section) {
    let lang = context.lang;
    let period = context.last_period();
    let of = |group: &str| -> Vec<Row<'_>> {
        let rows = context.rows_where("emergency_bands", &[("cohort", group), ("period", period)]);
        rows.into_iter().filter(is_definition).collect()
    };
    let is_shown = |group: &&str| of(group).iter().any(|row| row.ratio("share_of_clients").is_some());
    let groups: Vec<&str> = context.groups().into_iter().filter(is_shown).collect();
    let definitions: Vec<&str> = VisitBand::DEFINITIONS
        .iter()
        .map(|definition| definition.name)
        .filter(|band| groups.iter().any(|group| of(group).iter().any(|row| row.is("band", band))))
        .collect();
    if definitions.len() < 2 {
        return;
    }
    let find = |group: &str, band: &str| of(group).into_iter().find(|row| row.is("band", band));
    let label = |band: &str| texts::BAND_TIMES.fill(lang, &[("band", &labels::band(band))]);
    let list: Vec<Dots> = definitions
        .iter()
        .map(|band| Dots {
            label: label(band),
            marks: groups.iter().map(|group| mark(find(group, band), "share_of_clients")).collect(),
        })
        .collect();
    let mut table = Grid { headers: vec![Header::text(labels::column("band", lang))], ..Grid::default() };
    for group in &groups {
        let name = super::capital(&context.cohort(group));
        table.headers.push(Header::number(texts::CLIENTS_OF.fill(lang, &[("group", &name)])));
        table.headers.push(Header::number(texts::SHARE_OF.fill(lang, &[("group", &name)])));
    }
    for band in &definitions {
        let cells = groups.iter().flat_map(|group| {
            let cell = |column| find(group, band).map_or_else(Shown::none, |row| shown(context, row, column));
            [cell("clients"), cell("share_of_clients")]
        });
        table.rows.push(std::iter::once(Shown::head(label(band))).chain(cells).collect());
    }
    let words =
        Words::new(texts::OFTEN_FIGURE.of(lang), texts::OFTEN_UNIT.fill(lang, &[("when", &context.in_last_period())]));
    let number = share_number(context);
    section.add(words, table, |width, ids| dots(&list, &context.series(&groups), &context.draw(&number, width), ids));
}

/// What a weekday or an hour is called in a row: a number, or the name of several together.
fn name(context: &Context<'_>, row: &Row<'_>, column: &str) -> String {
    match row.int(column) {
        Some(hour) if column == "hour" => hour.to_string(),
        _ => shown(context, *row, column).text,
    }
}

/// Visits by weekday and hour, or by whatever the table has joined them to.
fn hours(context: &Context<'_>, section: &mut Section) {
    let lang = context.lang;
    let are = [("cohort", "all"), ("period", context.last_period())];
    let rows = context.rows_where("emergency_hours", &are);
    let timed: Vec<Row<'_>> = rows.into_iter().filter(|row| *row.cell("hour") != Cell::NotMeasured).collect();
    let shown_cells = timed.iter().filter(|row| row.int("visits").is_some()).count();
    let names = |column: &str| {
        let mut named: Vec<(i64, String)> = Vec::new();
        for row in &timed {
            let name = name(context, row, column);
            if !named.iter().any(|(_, other)| *other == name) {
                named.push((row.int(column).unwrap_or(named.len() as i64), name));
            }
        }
        named.sort();
        named.into_iter().map(|(_, name)| name).collect::<Vec<_>>()
    };
    let (days, hours) = (names("weekday"), names("hour"));
    // A picture of gaps says nothing.
    if shown_cells < 2 || shown_cells * 3 < days.len() * hours.len() {
        return;
    }
    let find = |day: &str, hour: &str| {
        let mut rows = timed.iter().copied();
        rows.find(|row| name(context, row, "weekday") == day && name(context, row, "hour") == hour)
    };
    let chart = Heat {
        rows: days.clone(),
        columns: hours.clone(),
        marks: days
            .iter()
            .map(|day| {
                hours.iter().map(|hour| find(day, hour).map_or(Mark::None, |row| mark(Some(row), "visits"))).collect()
            })
            .collect(),
        ..Heat::default()
    };
    let busiest = by_count(&timed, "visits").first().copied();
    let busiest = busiest.and_then(|row| {
        let (day, hour, visits) = (row.int("weekday")?, row.int("hour")?, row.int("visits")?);
        let values = [
            ("days", labels::on_weekdays(day, lang)?.to_owned()),
            ("hour", hour.to_string()),
            ("visits", format::number(visits, lang)),
        ];
        Some(texts::HOURS_SUMMARY.fill(lang, &values))
    });
    let mut table = Grid { headers: vec![Header::text(labels::column("weekday", lang))], ..Grid::default() };
    table.headers.extend(hours.iter().map(|hour| Header::number(hour.clone())));
    for day in &days {
        let cells =
            hours.iter().map(|hour| find(day, hour).map_or_else(Shown::none, |row| shown(context, row, "visits")));
        table.rows.push(std::iter::once(Shown::head(day.clone())).chain(cells).collect());
    }
    let words =
        Words::new(texts::HOURS_FIGURE.of(lang), texts::HOURS_UNIT.fill(lang, &[("when", &context.in_last_period())]))
            .saying(busiest.unwrap_or_default());
    let number = whole_number(context);
    section.add_wide(words, table, |width, ids| heat(&chart, &context.draw(&number, width), ids));
}

/// Services after a visit, within a week and within a month in one chart.
fn next(context: &Context<'_>, section: &mut Section) {
    let lang = context.lang;
    let are = [("cohort", "all"), ("period", context.last_period())];
    let rows = context.rows_where("emergency_next", &are);
    let mut windows: Vec<i64> = rows.iter().filter_map(|row| row.int("within_days")).collect();
    windows.sort_unstable();
    windows.dedup();
    let Some(&longest) = windows.last() else { return };
    let of_longest: Vec<Row<'_>> = rows.iter().copied().filter(|row| row.int("within_days") == Some(longest)).collect();
    let services: Vec<&str> = by_count(&of_longest, "visits")
        .iter()
        .filter(|row| row.ratio("share_of_visits").is_some())
        .map(|row| row.text("service"))
        .take(BARS_MAX)
        .collect();
    if services.len() < 2 {
        return;
    }
    let find = |service: &str, days: i64| {
        rows.iter().copied().find(|row| row.is("service", service) && row.int("within_days") == Some(days))
    };
    let list: Vec<Bar> = services
        .iter()
        .map(|service| Bar {
            label: context.service(service),
            marks: windows.iter().map(|days| mark(find(service, *days), "share_of_visits")).collect(),
        })
        .collect();
    let within = |days: &i64| texts::WITHIN.fill(lang, &[("n", &days.to_string())]);
    let series: Vec<String> = windows.iter().map(within).collect();
    let words =
        Words::new(texts::NEXT_FIGURE.of(lang), texts::NEXT_UNIT.fill(lang, &[("when", &context.in_last_period())]));
    let table = grid(context, &of_longest, &["service", "within_days", "clients", "visits", "share_of_visits"]);
    let number = share_number(context);
    section.add_wide(words, table, |width, ids| bars(&list, &series, &context.draw(&number, width), ids));
}
