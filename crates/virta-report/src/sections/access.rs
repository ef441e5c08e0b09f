//! From the first contact to the assessment: waiting, time limits, coverage.

use super::{Section, ratio_mark, whole_numbers};
use crate::chart::{Bar, bars};
use crate::context::Context;
use crate::format;
use crate::grid::{grid, shown};
use crate::lang::Text;
use crate::texts;
use crate::view::Row;

/// A wait that has a picture: its columns and its texts.
struct Waiting {
    columns: [&'static str; 5],
    figure: Text,
    text: Text,
    limit: u32,
}

pub(super) fn access(context: &Context<'_>) -> Section {
    let lang = context.lang;
    let mut section = Section::new("access", texts::ACCESS, context);
    let period = context.last_period();
    let words = format::period(period, lang);
    let limits = context.report.settings.and_then(|study| study.access).unwrap_or_default();
    let whole = [("period", period), ("municipality", "all"), ("wellbeing_county", "all")];
    let tiers = context.rows_where("access", &whole);
    let Some(&all) = tiers.first() else { return section };
    section.paragraphs.push(texts::WORKING_DAYS.of(lang).to_owned());
    for waiting in [
        Waiting {
            columns: [
                "start_median_working_days",
                "start_p90_working_days",
                "start_due",
                "started_in_time",
                "started_in_time_share",
            ],
            figure: texts::START_FIGURE,
            text: texts::START_TEXT,
            limit: limits.start_working_days_max,
        },
        Waiting {
            columns: [
                "complete_median_days",
                "complete_p90_days",
                "complete_due",
                "completed_in_time",
                "completed_in_time_share",
            ],
            figure: texts::COMPLETE_FIGURE,
            text: texts::COMPLETE_TEXT,
            limit: limits.complete_days_max,
        },
    ] {
        let [median, .., share] = waiting.columns;
        let is_known = all.ratio(median).is_some() && all.ratio(share).is_some();
        let summary = match is_known {
            true => waiting.text.fill(
                lang,
                &[
                    ("median", &shown(context, all, median).text),
                    ("share", &context.share(Some(all), share)),
                    ("limit", &waiting.limit.to_string()),
                ],
            ),
            false => texts::WAITS_UNKNOWN.of(lang).to_owned(),
        };
        let mut columns = vec!["tier", "assessments", "open"];
        columns.extend(waiting.columns);
        let title = waiting.figure.fill(lang, &[("period", &words)]);
        section.add(title, summary, grid(context, &tiers, &columns), |ids| shares(context, &tiers, &[share], ids));
    }
    let coverage = [
        ("with_responsible_worker", "responsible_worker_share"),
        ("with_plan", "plan_share"),
        ("with_consent", "consent_share"),
    ];
    let share_columns = coverage.map(|(_, share)| share);
    let mut columns = vec!["tier", "clients"];
    columns.extend(coverage.iter().flat_map(|(count, share)| [*count, *share]));
    section.add(
        texts::COVERAGE_FIGURE.fill(lang, &[("period", &words)]),
        texts::COVERAGE_TEXT.fill(lang, &[("share", &context.share(Some(all), "responsible_worker_share"))]),
        grid(context, &tiers, &columns),
        |ids| shares(context, &tiers, &share_columns, ids),
    );
    let mut places = context.rows_where("access", &[("period", period), ("tier", "all")]);
    places.retain(|row| !row.is("municipality", "all"));
    places.sort_by_key(|row| std::cmp::Reverse(row.int("assessments").unwrap_or(-1)));
    if places.len() > 1 {
        let columns = [
            "municipality",
            "clients",
            "assessments",
            "open",
            "start_median_working_days",
            "started_in_time_share",
            "complete_median_days",
            "completed_in_time_share",
            "responsible_worker_share",
        ];
        let title = texts::PLACES_FIGURE.fill(lang, &[("period", &words)]);
        section.add_table(title, String::new(), grid(context, &places, &columns));
    }
    section
}

/// Bars of shares by tier, a series for each column.
fn shares(context: &Context<'_>, tiers: &[Row<'_>], columns: &[&str], ids: &str) -> String {
    let lang = context.lang;
    let list: Vec<Bar> = tiers
        .iter()
        .map(|row| Bar {
            label: shown(context, *row, "tier").text,
            marks: columns.iter().map(|column| ratio_mark(*row, column)).collect(),
        })
        .collect();
    let series: Vec<String> = match columns {
        [_] => Vec::new(),
        _ => columns.iter().map(|column| crate::labels::column(column, lang)).collect(),
    };
    bars(&list, &series, &whole_numbers(context, &|share| format::percent(share, lang)), ids)
}
