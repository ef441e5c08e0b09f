//! What it costs.

use virta_chart::{Bar, Line, Lines, bars, lines};

use super::{BARS_MAX, Section, Words, capital};
use crate::context::{Context, by_count, mark};
use crate::derive;
use crate::format;
use crate::grid::{Grid, Header, Shown, grid};
use crate::labels;
use crate::texts;
use crate::view::Row;

pub(super) fn costs(context: &Context<'_>) -> Section {
    let mut section = Section::new("costs", texts::COSTS, context);
    by_service(context, &mut section);
    per_client(context, &mut section);
    lorenz(context, &mut section);
    by_sector(context, &mut section);
    section
}

/// What the costliest tenth of each sector's users has of its cost. Whether they are the same people folds out.
fn by_sector(context: &Context<'_>, section: &mut Section) {
    let lang = context.lang;
    let period = ("period", context.last_period());
    let rows = context.rows_where("sector_concentration", &[period]);
    let shown: Vec<Row<'_>> = rows.iter().copied().filter(|row| row.ratio("top10_cost_share").is_some()).collect();
    let columns = ["sector", "clients", "contacts", "cost_cents", "gini_cost", "gini_contacts", "top10_cost_share"];
    let table = grid(context, &rows, &columns);
    let unit = texts::BY_SECTOR_UNIT.fill(lang, &[("when", &context.in_last_period())]);
    let words = Words::new(labels::table("sector_concentration", lang), unit);
    if shown.len() < 2 {
        section.add_table(words, table, true);
    } else {
        let bar = |row: &Row<'_>| Bar {
            label: labels::code(row.text("sector"), lang),
            marks: vec![mark(Some(*row), "top10_cost_share")],
        };
        let list: Vec<Bar> = shown.iter().map(bar).collect();
        let number = super::share_number(context);
        section.add(words, table, |width, ids| bars(&list, &[], &context.draw(&number, width), ids));
    }
    let both = context.rows_where("sector_top_overlap", &[period]);
    let words = Words::new(
        labels::table("sector_top_overlap", lang),
        texts::TABLE_UNIT.fill(lang, &[("when", &context.in_last_period())]),
    );
    section.add_table(words, grid(context, &both, &["sector_a", "sector_b", "clients", "expected"]), true);
}

/// The main cohort's cost by service, the costliest first.
fn by_service(context: &Context<'_>, section: &mut Section) {
    let lang = context.lang;
    let main = context.main_or_all();
    let are = [("cohort", main), ("period", context.last_period())];
    let rows = by_count(&context.rows_where("service_use", &are), "cost_cents");
    let rows: Vec<Row<'_>> =
        rows.into_iter().filter(|row| row.int("cost_cents").is_some_and(|cost| cost > 0)).collect();
    if rows.len() < 2 {
        return;
    }
    let values = [("group", context.cohort(main)), ("when", context.in_last_period())];
    let words = Words::new(texts::COST_BY_SERVICE_FIGURE.of(lang), texts::COST_BY_SERVICE_UNIT.fill(lang, &values));
    let list: Vec<Bar> = rows
        .iter()
        .take(BARS_MAX)
        .map(|row| Bar { label: context.service(row.text("service")), marks: vec![mark(Some(*row), "cost_cents")] })
        .collect();
    let money = |cents: f64| format::money(cents, lang);
    let table = grid(context, &rows, &["service", "cost_cents", "clients", "contacts", "stay_days"]);
    section.add(words, table, |width, ids| bars(&list, &[], &context.draw(&money, width), ids));
}

/// Cost by client of each group over the periods.
fn per_client(context: &Context<'_>, section: &mut Section) {
    let lang = context.lang;
    let periods = context.periods();
    let groups = context.groups();
    let cost = |group: &str, period: &str| {
        let row = context.whole(group, period);
        derive::per(row.and_then(|row| row.int("cost_cents")), row.and_then(|row| row.int("clients")))
    };
    let groups: Vec<&str> = groups
        .into_iter()
        .filter(|group| periods.iter().any(|period| cost(group, period).is_some_and(|cost| cost > 0.0)))
        .collect();
    if groups.is_empty() || periods.len() < 2 {
        return;
    }
    let chart = Lines {
        lines: groups
            .iter()
            .map(|group| Line {
                name: context.cohort(group),
                points: periods.iter().enumerate().map(|(at, period)| (at as f64, cost(group, period))).collect(),
            })
            .collect(),
        x_name: String::new(),
        x_number: &|at| periods.get(at as usize).map_or_else(String::new, |period| format::period(period, lang)),
        x_marks: (0..periods.len()).map(|at| at as f64).collect(),
        with_markers: true,
    };
    let mut table = Grid { headers: vec![Header::text(labels::column("period", lang))], ..Grid::default() };
    table.headers.extend(groups.iter().map(|group| Header::number(capital(&context.cohort(group)))));
    for period in &periods {
        let cells = groups.iter().map(|group| match cost(group, period) {
            Some(cost) => Shown::number(format::money(cost, lang)),
            None => Shown::none(),
        });
        table.rows.push(std::iter::once(Shown::head(format::period(period, lang))).chain(cells).collect());
    }
    table.cut(context, periods.len());
    let words = Words::new(texts::COST_PER_CLIENT_FIGURE.of(lang), texts::COST_PER_CLIENT_UNIT.of(lang));
    let money = |cents: f64| format::money(cents, lang);
    section.add(words, table, |width, ids| lines(&chart, &context.draw(&money, width), ids));
}

/// How cost is distributed among users and residents: the curves join the points that are shown.
fn lorenz(context: &Context<'_>, section: &mut Section) {
    let lang = context.lang;
    let period = context.last_period();
    let of = |denominator: &str| context.rows_where("lorenz", &[("period", period), ("denominator", denominator)]);
    let curve = |denominator: &str| -> Vec<(f64, Option<f64>)> {
        let point = |row: Row<'_>| Some((row.int("percentile")? as f64, Some(row.ratio("cumulative_cost_share")?)));
        of(denominator).into_iter().filter_map(point).collect()
    };
    let mut drawn: Vec<Line> = ["users", "residents"]
        .into_iter()
        .map(|name| Line { name: labels::code(name, lang), points: curve(name) })
        .filter(|line| line.points.len() > 2)
        .collect();
    if drawn.is_empty() {
        return;
    }
    let name = texts::LORENZ_EQUAL.of(lang).to_owned();
    drawn.push(Line { name, points: vec![(0.0, Some(0.0)), (100.0, Some(1.0))] });
    let chart = Lines {
        lines: drawn,
        x_name: texts::LORENZ_X.of(lang).to_owned(),
        x_number: &|value| format::number(value as i64, lang),
        x_marks: (0..=5).map(|mark| f64::from(mark) * 20.0).collect(),
        with_markers: false,
    };
    let half = of("users").into_iter().find(|row| row.int("percentile") == Some(50));
    let half = half.and_then(|row| row.ratio("cumulative_cost_share"));
    let half = half.map(|half| texts::LORENZ_HALF.fill(lang, &[("half", &format::percent(half, lang))]));
    let gini = context.rows_where("summary", &[("period", period)]).first().and_then(|row| row.ratio("gini"));
    let gini = gini.map(|gini| texts::GINI.fill(lang, &[("gini", &format::decimal(gini, 2, lang))]));
    let rows = of("users");
    let tens: Vec<Row<'_>> =
        rows.iter().copied().filter(|row| row.int("percentile").is_some_and(|p| p % 10 == 0)).collect();
    let words = Words::new(
        texts::LORENZ_FIGURE.of(lang),
        texts::LORENZ_UNIT.fill(lang, &[("when", &context.in_last_period())]),
    )
    .saying(half.into_iter().chain(gini).collect::<Vec<_>>().join(" "));
    let number = |value: f64| format::whole_percent(value, lang);
    section.add(words, grid(context, &tens, &["percentile", "cumulative_cost_share"]), |width, ids| {
        lines(&chart, &context.draw(&number, width), ids)
    });
}
