//! The definitions, where the figures come from, and tables without a part of their own.

use super::{Section, Words, is_shown};
use crate::context::Context;
use crate::derive;
use crate::format;
use crate::grid::{Grid, Header, Shown, grid};
use crate::labels;
use crate::question;
use crate::texts;
use crate::view::Row;

/// Columns that a table on the page has at most.
const COLUMNS_MAX: usize = 8;

/// Other tables fold out on the screen; on paper the workbook has them.
pub(super) fn further(context: &Context<'_>) -> Section {
    let mut section = Section::new("further", texts::FURTHER, context);
    for table in context.study().tables().iter().filter(|table| !is_shown(table.name())) {
        let words = Words::new(table.schema().title.of(context.lang), "");
        section.add_table(words, whole(context, &table.named_rows().collect::<Vec<_>>()), true);
    }
    section
}

/// A table as it is, but for columns that say the same in every row.
fn whole(context: &Context<'_>, rows: &[Row<'_>]) -> Grid {
    let Some(first) = rows.first() else { return Grid::default() };
    let columns: Vec<&str> = first.columns().map(|column| column.name).take(COLUMNS_MAX).collect();
    grid(context, rows, &columns)
}

pub(super) fn made(context: &Context<'_>) -> Section {
    let lang = context.lang;
    let mut section = Section::new("made", texts::MADE, context);
    let [k, round_to] = [context.study().k(), context.study().round_to()].map(|number| number.to_string());
    for cohort in context.settings().iter().flat_map(|study| &study.cohorts) {
        section.paragraphs.push(question::definition(cohort, lang, |name| context.cohort(name)));
    }
    let ages = context.settings().and_then(|study| study.study.population.ages);
    let ages = ages.map(|ages| {
        texts::POPULATION_AGES.fill(lang, &[("min", &ages.min.to_string()), ("max", &ages.max.to_string())])
    });
    let population = ages.into_iter().chain([texts::POPULATION.of(lang).to_owned()]);
    section.paragraphs.push(population.collect::<Vec<_>>().join(" "));
    if !context.rows("access").is_empty() {
        section.paragraphs.push(texts::WORKING_DAYS.of(lang).to_owned());
    }
    section.paragraphs.push(texts::MADE_TEXT.of(lang).to_owned());
    section.paragraphs.extend(context.source_ends().iter().map(|ends| {
        let (day, periods) = (format::day(ends.known_to, lang), ends.periods.join(", "));
        texts::SOURCE_ENDS.fill(lang, &[("source", &ends.source), ("day", &day), ("periods", &periods)])
    }));
    section.paragraphs.extend(
        unpriced(context)
            .map(|share| texts::UNPRICED.fill(lang, &[("share", &share), ("when", &context.in_last_period())])),
    );
    section.paragraphs.push(texts::PROTECTION_TEXT.fill(lang, &[("k", &k), ("round_to", &round_to)]));
    periods(context, &mut section);
    attrition(context, &mut section);
    let words = Words::new(texts::SOURCES_FIGURE.of(lang), "");
    section.add_table(words, whole(context, &context.rows("sources")), false);
    section.add_table(Words::new(texts::MADE_FIGURE.of(lang), ""), program(context, k), false);
    section
}

/// The share of contacts without a price in the last period, where there are any.
pub(crate) fn unpriced(context: &Context<'_>) -> Option<String> {
    let rows = context.rows_where("summary", &[("period", context.last_period())]);
    let row = rows.first()?;
    let share = derive::share(row.int("unpriced_contacts").filter(|n| *n > 0), row.int("contacts"))?;
    Some(format::share(share, context.lang))
}

fn periods(context: &Context<'_>, section: &mut Section) {
    let columns = ["period", "clients", "residents", "person_years", "contacts", "cost_cents", "gini"];
    let words = Words::new(texts::PERIODS_FIGURE.of(context.lang), "");
    section.add_table(words, grid(context, &context.rows("summary"), &columns), false);
}

/// How the main cohort narrowed in the last period, rule by rule; other cohorts fold out on the screen.
fn attrition(context: &Context<'_>, section: &mut Section) {
    let lang = context.lang;
    let main = context.main();
    let period = context.last_period();
    let is_alone = context.periods().len() == 1;
    for cohort in context.groups().into_iter().filter(|group| *group != "all") {
        let mut rows = context.rows_where("attrition", &[("cohort", cohort)]);
        // With several periods a rule's text begins with its period.
        let of_period = |row: &Row<'_>| {
            let rest = row.text("rule").strip_prefix(period);
            rest.is_some_and(|rest| rest.starts_with(": "))
        };
        if !is_alone || rows.iter().any(of_period) {
            rows.retain(of_period);
        }
        let values = [("cohort", context.cohort(cohort)), ("when", context.in_last_period())];
        // Several fold out under each other, so that each says whose it is.
        let title = texts::ATTRITION_FIGURE.of(lang);
        let is_main = Some(cohort) == main;
        let words = Words::new(
            if is_main { title.to_owned() } else { format!("{title}: {}", context.cohort(cohort)) },
            texts::ATTRITION_UNIT.fill(lang, &values),
        );
        let table = grid(context, &rows, &["rule", "remaining", "removed", "removed_alone"]);
        section.add_table(words, table, !is_main);
    }
}

fn program(context: &Context<'_>, k: String) -> Grid {
    let lang = context.lang;
    let mut lines = vec![(texts::SMALLEST_CELL.of(lang).to_owned(), k)];
    if let Some(row) = context.rows("summary").last() {
        for column in ["snapshot", "study_hash", "version"] {
            lines.push((labels::column(column, lang), row.text(column).to_owned()));
        }
    }
    lines.retain(|(_, value)| !value.is_empty());
    let rows = lines.into_iter().map(|(name, value)| vec![Shown::head(name), Shown::text(value)]).collect();
    let headers = [texts::SETTING, texts::SETTING_VALUE].map(|text| Header::text(text.of(lang))).to_vec();
    Grid { headers, rows, notes: Vec::new() }
}
