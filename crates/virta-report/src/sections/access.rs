//! From the first contact to the assessment: waiting, time limits, coverage.

use virta_chart::{Bar, bars};

use super::{Section, Words, share_number};
use crate::context::{Context, mark};
use crate::grid::{grid, shown};
use crate::lang::Text;
use crate::texts;
use crate::view::Row;

pub(super) fn access(context: &Context<'_>) -> Section {
    let lang = context.lang;
    let mut section = Section::new("access", texts::ACCESS, context);
    let whole = [("period", context.last_period()), ("municipality", "all"), ("wellbeing_county", "all")];
    let tiers = context.rows_where("access", &whole);
    let Some(&all) = tiers.first() else { return section };
    let limits = context.settings().and_then(|study| study.access).unwrap_or_default();
    let when = context.in_last_period();
    let (start, complete) = (limits.start_working_days_max.to_string(), limits.complete_days_max.to_string());
    let words = Words::new(texts::IN_TIME_FIGURE.of(lang), texts::IN_TIME_UNIT.fill(lang, &[("when", &when)]))
        .saying(texts::IN_TIME_SUMMARY.fill(lang, &[("start", &start), ("complete", &complete)]));
    let columns = [
        "tier",
        "assessments",
        "open",
        "start_median_working_days",
        "started_in_time_share",
        "complete_median_days",
        "completed_in_time_share",
    ];
    let series = [("started_in_time_share", texts::STARTED), ("completed_in_time_share", texts::COMPLETED)];
    shares(context, &mut section, &tiers, &series, words, &columns);
    let words = Words::new(texts::COVERAGE_FIGURE.of(lang), texts::COVERAGE_UNIT.fill(lang, &[("when", &when)]));
    let series =
        [("responsible_worker_share", texts::WORKER), ("plan_share", texts::PLAN), ("consent_share", texts::CONSENT)];
    let columns = [
        "tier",
        "clients",
        "with_responsible_worker",
        "responsible_worker_share",
        "with_plan",
        "plan_share",
        "with_consent",
        "consent_share",
    ];
    shares(context, &mut section, &tiers, &series, words, &columns);
    places(context, &mut section);
    if let Some(median) = all.ratio("start_median_working_days").filter(|_| !section.figures.is_empty()) {
        let median = crate::format::short(median, lang);
        section.paragraphs.push(texts::HALF_STARTED.fill(lang, &[("median", &median)]));
    }
    section
}

/// Bars of shares by tier, a series for each column that has any.
fn shares(
    context: &Context<'_>,
    section: &mut Section,
    tiers: &[Row<'_>],
    series: &[(&str, Text)],
    words: Words,
    columns: &[&str],
) {
    let has = |column: &str| tiers.iter().any(|row| row.ratio(column).is_some());
    let series: Vec<(&str, Text)> = series.iter().copied().filter(|(column, _)| has(column)).collect();
    let is_shown = |row: &&Row<'_>| series.iter().any(|(column, _)| row.ratio(column).is_some());
    let rows: Vec<Row<'_>> = tiers.iter().filter(is_shown).copied().collect();
    if rows.len() < 2 && series.len() < 2 {
        return;
    }
    let bar = |row: &Row<'_>| Bar {
        label: shown(context, *row, "tier").text,
        marks: series.iter().map(|(column, _)| mark(Some(*row), column)).collect(),
    };
    let list: Vec<Bar> = rows.iter().map(bar).collect();
    let names: Vec<String> = series.iter().map(|(_, text)| text.of(context.lang).to_owned()).collect();
    let number = share_number(context);
    section.add(words, grid(context, tiers, columns), |width, ids| {
        bars(&list, &names, &context.draw(&number, width), ids)
    });
}

/// Municipalities, those with most assessments first.
fn places(context: &Context<'_>, section: &mut Section) {
    let mut places = context.rows_where("access", &[("period", context.last_period()), ("tier", "all")]);
    places.retain(|row| !row.is("municipality", "all") && row.int("assessments").is_some());
    places.sort_by_key(|row| std::cmp::Reverse(row.int("assessments").unwrap_or(-1)));
    if places.len() < 2 {
        return;
    }
    let columns = [
        "municipality",
        "assessments",
        "start_median_working_days",
        "started_in_time_share",
        "complete_median_days",
        "completed_in_time_share",
    ];
    let words = Words::new(texts::PLACES_FIGURE.of(context.lang), context.in_last_period());
    section.add_table(words, grid(context, &places, &columns), false);
}
