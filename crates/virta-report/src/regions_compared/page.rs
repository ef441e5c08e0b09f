//! The comparison as one HTML file.

use minijinja::context;
use serde::Serialize;
use virta_chart::{Bar, Mark, NARROW, Style, WIDE, bars};
use virta_model::schema::{Column, Kind, Role, TableSchema};

use super::define::definition_differences;
use super::standard;
use super::tables::{Joined, Words, join, keys, measures, schemas};
use super::{Figure as Cell, Region, RegionRow, common_cohorts, common_period, period_of};
use crate::derive;
use crate::format;
use crate::grid::{Grid, Header, ROWS_MAX, Shown};
use crate::html::{STYLE, environment};
use crate::labels;
use crate::lang::Lang;
use crate::report::ReportError;
use crate::sections::{Figure, Section};
use crate::texts;

/// The releases of regions side by side in one language: a whole page that loads nothing else.
///
/// First what is compared and where the studies differ in a rule, then rates, then the same tables. Regions keep their
/// order. What a region does not show or has not released says so and is never 0.
///
/// # Errors
/// When the page's template fails, which a test rules out for every table that a study can have.
pub fn html(regions: &[Region], lang: Lang) -> Result<String, ReportError> {
    let words = Words::new(regions, lang)?;
    let reading = Reading { regions, words: &words, lang };
    let environment = environment()?;
    let title = texts::COMPARED_TITLE.of(lang);
    let page = environment.get_template("report.html")?.render(context! {
        lang => lang.code(),
        title => texts::PAGE_TITLE.fill(lang, &[("title", title)]),
        style => format!("{STYLE}{}", virta_chart::STYLE),
        skip => texts::SKIP.of(lang),
        contents => texts::CONTENTS.of(lang),
        table_word => texts::TABLE.of(lang),
        foot => texts::COMPARED_FOOT.of(lang),
        sections => reading.sections(),
        front => Front {
            kicker: texts::KICKER.of(lang).to_owned(),
            title: title.to_owned(),
            question: texts::COMPARED_QUESTION.fill(lang, &[("n", &regions.len().to_string())]),
        },
    })?;
    Ok(page)
}

#[derive(Serialize)]
struct Front {
    kicker: String,
    title: String,
    question: String,
}

/// What every part needs.
#[derive(Debug, Clone, Copy)]
struct Reading<'a> {
    regions: &'a [Region],
    words: &'a Words,
    lang: Lang,
}

impl<'a> Reading<'a> {
    fn sections(self) -> Vec<Section> {
        vec![self.what(), self.rules(), self.rates(), self.tables()]
    }

    fn section(self, id: &str, title: crate::lang::Text) -> Section {
        Section { id: id.to_owned(), title: title.of(self.lang).to_owned(), ..Section::default() }
    }

    fn headers(self, first: &str) -> Vec<Header> {
        let regions = self.regions.iter().map(|region| Header::number(&region.name));
        std::iter::once(Header::text(first)).chain(regions).collect()
    }

    fn period(self, region: &'a Region) -> &'a str {
        period_of(region, self.regions)
    }

    /// The cohort that tables are of.
    fn main(self) -> &'a str {
        common_cohorts(self.regions).first().copied().unwrap_or("all")
    }

    fn what(self) -> Section {
        let lang = self.lang;
        let mut section = self.section("what", texts::COMPARED_WHAT);
        section.paragraphs.push(match common_period(self.regions) {
            Some(period) => texts::COMPARED_PERIOD.fill(lang, &[("period", &format::period(period, lang))]),
            None => texts::NO_COMMON_PERIOD.of(lang).to_owned(),
        });
        if common_cohorts(self.regions).is_empty() {
            section.paragraphs.push(texts::NO_COMMON_COHORT.of(lang).to_owned());
        }
        let line = |region: &Region| {
            let periods: Vec<String> = region.periods.iter().map(|label| format::period(label, lang)).collect();
            let ends = region.sources.iter().map(|(source, day)| match day {
                Some(day) => format!("{source} {}", super::tables::day(day, lang)),
                None => source.clone(),
            });
            vec![
                Shown::head(&region.name),
                Shown::text(region.title.of(lang).unwrap_or(&region.study)),
                Shown::text(periods.join(", ")),
                Shown::number(region.k.to_string()),
                Shown::number(region.round_to.to_string()),
                Shown::text(ends.collect::<Vec<_>>().join(", ")),
                Shown::text(&region.version),
            ]
        };
        let texts_of = |text: crate::lang::Text| Header::text(text.of(lang));
        let number = |text: crate::lang::Text| Header::number(text.of(lang));
        let headers = vec![
            texts_of(texts::REGION),
            texts_of(texts::STUDY),
            texts_of(texts::PERIODS),
            number(texts::SMALLEST_CELL),
            number(texts::ROUNDED_TO),
            texts_of(texts::KNOWN_TO),
            texts_of(texts::VERSION),
        ];
        let grid = Grid { headers, rows: self.regions.iter().map(line).collect(), notes: Vec::new() };
        section.figures.push(table("what-1", texts::COMPARED_WHAT.of(lang), grid, false));
        section
    }

    fn rules(self) -> Section {
        let lang = self.lang;
        let mut section = self.section("rules", texts::COMPARED_RULES);
        let found = definition_differences(self.regions);
        section.paragraphs.push(match found.len() {
            0 => texts::RULES_AGREE.of(lang).to_owned(),
            1 => texts::ONE_RULE_DIFFERS.of(lang).to_owned(),
            n => texts::RULES_DIFFER.fill(lang, &[("n", &n.to_string())]),
        });
        if found.is_empty() {
            return section;
        }
        let line = |difference: super::DefinitionDifference| {
            let values = difference.values.into_iter();
            let values = values.map(|value| value.map_or_else(|| Shown::text("–"), Shown::text));
            std::iter::once(Shown::head(difference.key)).chain(values).collect()
        };
        let regions = self.regions.iter().map(|region| Header::text(&region.name));
        let headers = std::iter::once(Header::text(texts::RULE_KEY.of(lang))).chain(regions).collect();
        let grid = Grid { headers, rows: found.into_iter().map(line).collect(), notes: Vec::new() };
        section.figures.push(table("rules-1", texts::COMPARED_RULES.of(lang), grid, false));
        section
    }

    fn rates(self) -> Section {
        let lang = self.lang;
        let mut section = self.section("rates", texts::COMPARED_RATES);
        let periods: Vec<&str> = self.regions.iter().map(|region| self.period(region)).collect();
        let mut series = Vec::new();
        let mut grids = Vec::new();
        for cohort in common_cohorts(self.regions).into_iter().chain(["all"]) {
            let standardised = standard::by_age(self.regions, cohort, &periods);
            if series.is_empty() {
                section.paragraphs.extend(self.standard(&standardised));
            }
            grids.push((cohort, self.rate_grid(cohort, &standardised.per_1000)));
            series.push((cohort, standardised.per_1000));
        }
        let of_cohorts: Vec<&(&str, Vec<Option<f64>>)> = series.iter().filter(|(cohort, _)| *cohort != "all").collect();
        let drawn = if of_cohorts.is_empty() { series.iter().collect() } else { of_cohorts };
        if drawn.iter().any(|(_, rates)| rates.iter().any(Option::is_some)) {
            let names: Vec<String> = drawn.iter().map(|(cohort, _)| self.words.cohort(cohort)).collect();
            let bar = |(at, region): (usize, &Region)| Bar {
                label: region.name.clone(),
                marks: drawn
                    .iter()
                    .map(|(_, rates)| rates.get(at).copied().flatten().map_or(Mark::None, Mark::Value))
                    .collect(),
            };
            let list: Vec<Bar> = self.regions.iter().enumerate().map(bar).collect();
            let number = |value: f64| format::mean(value, lang);
            let style = |width| Style { number: &number, withheld: texts::WITHHELD.of(lang), width };
            let (narrow, wide) = ("rates-1-title", "rates-1-title");
            section.figures.push(Figure {
                id: "rates-1".to_owned(),
                title: texts::RATE_FIGURE.of(lang).to_owned(),
                unit: if names.len() == 1 { names.join(", ") } else { String::new() },
                narrow: bars(&list, &names, &style(NARROW), narrow),
                wide: bars(&list, &names, &style(WIDE), wide),
                is_wide: true,
                ..Figure::default()
            });
        }
        for (at, (cohort, grid)) in grids.into_iter().enumerate() {
            section.figures.push(table(&format!("rates-{}", at + 2), &self.words.cohort(cohort), grid, false));
        }
        section
    }

    /// What the standardised rates rest on.
    fn standard(self, standardised: &standard::Standardised) -> Vec<String> {
        let lang = self.lang;
        let list = |bands: &[String]| {
            let bands: Vec<String> = bands.iter().map(|band| band.replace('-', "\u{2013}")).collect();
            bands.join(", ")
        };
        if standardised.bands.is_empty() {
            return vec![texts::NO_STANDARD.of(lang).to_owned()];
        }
        let said = texts::STANDARD_TEXT.fill(lang, &[("bands", &list(&standardised.bands))]);
        let missing = (!standardised.left_out.is_empty())
            .then(|| texts::BANDS_LEFT_OUT.fill(lang, &[("bands", &list(&standardised.left_out))]));
        std::iter::once(said).chain(missing).collect()
    }

    /// The key figures of a cohort: a line for each region.
    fn rate_grid(self, cohort: &str, standardised: &[Option<f64>]) -> Grid {
        let lang = self.lang;
        let column = |name: &str| labels::column(name, lang);
        let headers = vec![
            Header::text(texts::REGION.of(lang)),
            Header::number(column("clients")),
            Header::number(column("residents")),
            Header::number(texts::RATE_COLUMN.of(lang)),
            Header::number(texts::STANDARD_COLUMN.of(lang)),
            Header::number(column("share_of_users")),
            Header::number(column("share_of_cost")),
            Header::number(texts::COST_PER_CLIENT.of(lang)),
        ];
        let line = |(region, standardised): (&Region, &Option<f64>)| {
            let row = region.whole(cohort, self.period(region));
            let int = |column: &str| row.and_then(|row| row.int(column));
            let made = |value: Option<f64>, of: [&str; 2], text: &dyn Fn(f64) -> String| match value {
                Some(value) => Shown::number(text(value)),
                None if row.is_some_and(|row| of.iter().any(|of| *row.figure(of) == Cell::Withheld)) => {
                    Shown::withheld(lang)
                }
                None => Shown::none(),
            };
            let by = |part: &str, whole: &str| {
                let whole = int(whole).filter(|whole| *whole > 0)?;
                Some(int(part)? as f64 / whole as f64)
            };
            let rate = by("clients", "residents").map(|rate| 1000.0 * rate);
            let shown = |name: &str| match row.and_then(|row| row.schema.column(name)) {
                Some(column) => self.words.shown(row, column),
                None => Shown::none(),
            };
            vec![
                Shown::head(&region.name),
                shown("clients"),
                shown("residents"),
                made(rate, ["clients", "residents"], &|value| format::mean(value, lang)),
                made(*standardised, ["clients", "residents"], &|value| format::mean(value, lang)),
                shown("share_of_users"),
                shown("share_of_cost"),
                made(by("cost_cents", "clients"), ["cost_cents", "clients"], &|value| format::money(value, lang)),
            ]
        };
        Grid { headers, rows: self.regions.iter().zip(standardised).map(line).collect(), notes: Vec::new() }
    }

    fn tables(self) -> Section {
        let lang = self.lang;
        let mut section = self.section("tables", texts::COMPARED_TABLES);
        for schema in schemas(self.regions).into_iter().filter(|schema| !ELSEWHERE.contains(&schema.name)) {
            let name = schema.title.of(lang);
            // A profile is a table for each dimension.
            let dimensions: &[&str] = if schema.name == "profile" { &PROFILE } else { &[""] };
            for dimension in dimensions {
                let Some(grid) = self.side_by_side(schema, dimension) else { continue };
                let id = format!("tables-{}", section.figures.len() + 1);
                let title = match *dimension {
                    "" => name.to_owned(),
                    dimension => format!("{name}: {}", labels::code(dimension, lang)),
                };
                section.figures.push(table(&id, &title, grid, true));
            }
        }
        if section.figures.is_empty() {
            section.paragraphs.push(texts::NO_TABLES_SHARED.of(lang).to_owned());
        }
        section
    }

    /// A table of the main cohort in the period, a column for each region: the share of the group's clients where that can
    /// be made, else the first figure that is of no size, else the first.
    fn side_by_side(self, schema: &'static TableSchema, dimension: &str) -> Option<Grid> {
        let lang = self.lang;
        let main = self.main();
        let rows = self.regions.iter().map(|region| {
            let period = self.period(region);
            let of_group = |row: &RegionRow<'_>| {
                let is_of = |column: &str, value: &str| schema.index_of(column).is_none() || row.is(column, value);
                is_of("cohort", main) && is_of("period", period) && is_of("to_period", period)
            };
            let rows = region.rows(schema.name).into_iter().filter(of_group);
            rows.filter(|row| dimension.is_empty() || row.is("dimension", dimension)).collect::<Vec<_>>()
        });
        let mut joined = join(rows.collect(), ABOUT);
        if joined.is_empty() {
            return None;
        }
        let is_of_group = schema.index_of("cohort").is_some() && schema.column("clients").is_some();
        let is_of_no_size = |role: Role| !matches!(role, Role::People | Role::Amount { .. } | Role::PersonTime { .. });
        let mut columns = measures(schema);
        let measure = measures(schema).find(|column| is_of_no_size(column.role)).or_else(|| columns.next())?;
        let share = |row: &Joined<'_>, at: usize| {
            let region = self.regions.get(at)?;
            let clients = row.of.get(at).copied().flatten()?.int("clients")?;
            let whole = region.whole(main, self.period(region))?.int("clients");
            derive::share(Some(clients), whole)
        };
        let value = |row: &Joined<'_>, at: usize| match is_of_group {
            true => share(row, at).map(|share| share.value),
            false => row.of.get(at).copied().flatten().and_then(|row| number(row.figure(measure.name))),
        };
        let all = joined.len();
        // Classes of a number stay in their order.
        let are_classes = keys(schema, ABOUT).all(|column| column.kind == Kind::Count);
        if all > ROWS_MAX && !are_classes {
            let largest = |row: &Joined<'_>| {
                let values = (0..self.regions.len()).filter_map(|at| value(row, at));
                values.fold(0.0, f64::max)
            };
            joined.sort_by(|a, b| largest(b).total_cmp(&largest(a)));
        }
        joined.truncate(ROWS_MAX);
        let cell = |row: &Joined<'_>, at: usize| {
            let of = row.of.get(at).copied().flatten();
            match (is_of_group, share(row, at)) {
                (true, Some(share)) => Shown::number(format::share(share, lang)),
                (true, None) if of.is_some_and(|of| *of.figure("clients") == Cell::Withheld) => Shown::withheld(lang),
                (true, None) => Shown::none(),
                (false, _) => self.words.shown(of, measure),
            }
        };
        let lines = joined.iter().map(|row| {
            let cells = (0..self.regions.len()).map(|at| cell(row, at));
            std::iter::once(Shown::head(self.about(row.row))).chain(cells).collect()
        });
        let named = match is_of_group {
            true => texts::MEASURE_SHARE.of(lang).to_owned(),
            false => measure.heading.of(lang).to_owned(),
        };
        let mut grid = Grid { headers: self.headers(&named), rows: lines.collect(), notes: Vec::new() };
        if all > ROWS_MAX {
            let (shown, all) = (ROWS_MAX.to_string(), format::number(all as i64, lang));
            grid.notes.push(texts::MORE_ROWS.fill(lang, &[("shown", &shown), ("all", &all)]));
        }
        grid.notes.extend(self.missing(schema));
        if self
            .regions
            .iter()
            .flat_map(|region| &region.tables)
            .any(|table| table.schema.name == schema.name && table.has_rows_left_out)
        {
            grid.notes.push(texts::ROWS_LEFT_OUT.of(lang).to_owned());
        }
        Some(grid)
    }

    /// What a row is about, without what all rows of its table are: `from → to`, flags by the columns that are set.
    fn about(self, row: RegionRow<'_>) -> String {
        let has = |column: &str| row.schema.index_of(column).is_some();
        // How many they are is seen in the list itself.
        let is_said = |column: &&Column| match column.name {
            "services" => !has("service_set"),
            "steps" => !has("path"),
            _ => true,
        };
        let of = |column: &Column| match row.figure(column.name) {
            Cell::Text(flag) if column.kind == Kind::Flag => {
                (flag == "true").then(|| labels::code(column.name, self.lang))
            }
            _ => Some(self.words.key(row, column)),
        };
        let parts: Vec<String> = keys(row.schema, ABOUT).filter(is_said).filter_map(of).collect();
        let is_way = keys(row.schema, ABOUT).any(|column| column.name.starts_with("from_"));
        parts.join(if is_way { " → " } else { " · " })
    }

    /// Which regions have not released a table.
    fn missing(self, schema: &TableSchema) -> Option<String> {
        let has = |region: &&Region| region.tables.iter().any(|table| table.schema.name == schema.name);
        let without: Vec<&str> =
            self.regions.iter().filter(|region| !has(region)).map(|region| region.name.as_str()).collect();
        let regions = without.join(", ");
        (!without.is_empty()).then(|| texts::MISSING_TABLE.fill(self.lang, &[("regions", &regions)]))
    }
}

/// Keys that are the same in every row of a table on the page.
const ABOUT: &[&str] = &["cohort", "period", "from_period", "to_period", "dimension"];

/// Dimensions of the profile that mean the same in every region.
const PROFILE: [&str; 3] = ["age_band", "sex", "segment"];

/// Tables that the page shows in another part, that are of one region alone, or whose rows say little one by one: the
/// workbook has them all.
const ELSEWHERE: [&str; 7] = ["summary", "attrition", "regions", "sources", "lorenz", "monthly_states", "joiners"];

fn number(figure: &Cell) -> Option<f64> {
    match figure {
        Cell::Int(number) => Some(*number as f64),
        Cell::Ratio(ratio) => Some(*ratio),
        _ => None,
    }
}

fn table(id: &str, title: &str, grid: Grid, is_folded: bool) -> Figure {
    Figure { id: id.to_owned(), title: title.to_owned(), grid, is_wide: true, is_folded, ..Figure::default() }
}
