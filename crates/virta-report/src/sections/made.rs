//! Tables without a part of their own, the definitions, and where the figures come from.

use virta_model::settings::{CountBy, SectorRule};

use super::Section;
use crate::context::Context;
use crate::format;
use crate::grid::{Grid, Header, Shown, grid};
use crate::labels;
use crate::lang::Text;
use crate::texts;

/// Tables that the other parts show.
const SHOWN: &[&str] = &[
    "summary",
    "attrition",
    "profile",
    "service_use",
    "services_per_client",
    "combinations",
    "sector_overlap",
    "flows",
    "flow_starts",
    "flow_ends",
    "pathways",
    "monthly_states",
    "concentration",
    "lorenz",
    "persistence",
    "emergency_bands",
    "emergency_hours",
    "emergency_next",
    "sweep",
    "definition_overlap",
    "pilot_counts",
    "pilot_baseline",
    "pilot_balance",
    "regions",
    "packages",
    "access",
];

pub(super) fn further(context: &Context<'_>) -> Section {
    let mut section = Section::new("further", texts::FURTHER, context);
    for table in context.study().tables().iter().filter(|table| !SHOWN.contains(&table.name())) {
        let rows = context.rows(table.name());
        if !rows.is_empty() {
            let columns: Vec<&str> = table.schema().columns.iter().map(|column| column.name).collect();
            section.add_table(labels::table(table.name(), context.lang), String::new(), grid(context, &rows, &columns));
        }
    }
    section
}

pub(super) fn made(context: &Context<'_>) -> Section {
    let lang = context.lang;
    let mut section = Section::new("made", texts::MADE, context);
    section.paragraphs.push(texts::MADE_TEXT.of(lang).to_owned());
    let k = context.study().k().to_string();
    section.paragraphs.push(texts::WITHHELD_NOTE.fill(lang, &[("k", &k)]));
    let whole: Vec<String> =
        context.study().log().tables_withheld.iter().map(|table| labels::table(table, lang)).collect();
    if !whole.is_empty() {
        section.paragraphs.push(texts::TABLES_WITHHELD.fill(lang, &[("k", &k), ("tables", &whole.join(", "))]));
    }
    for cohort in context.report.settings.iter().flat_map(|study| &study.cohorts) {
        let title = texts::DEFINITION_FIGURE.fill(lang, &[("cohort", &cohort.name)]);
        section.add_table(title, String::new(), settings_table(context, definition(context, cohort)));
    }
    let mut lines = vec![(texts::SMALLEST_CELL.of(lang).to_owned(), k)];
    if let Some(access) = context.report.settings.and_then(|study| study.access) {
        lines.push((texts::START_LIMIT.of(lang).to_owned(), access.start_working_days_max.to_string()));
        lines.push((texts::COMPLETE_LIMIT.of(lang).to_owned(), access.complete_days_max.to_string()));
    }
    if let Some(row) = context.rows("summary").last() {
        for column in ["snapshot", "study_hash", "version"] {
            lines.push((labels::column(column, lang), row.text(column).to_owned()));
        }
    }
    section.add_table(texts::MADE_FIGURE.of(lang).to_owned(), String::new(), settings_table(context, lines));
    section
}

fn settings_table(context: &Context<'_>, lines: Vec<(String, String)>) -> Grid {
    let header = |text: Text| Header { text: text.of(context.lang).to_owned(), is_number: false };
    let rows = lines.into_iter().map(|(name, value)| vec![Shown::head(name), Shown::text(value)]).collect();
    Grid { headers: vec![header(texts::SETTING), header(texts::SETTING_VALUE)], rows, notes: Vec::new() }
}

/// A cohort's rules, those that are set.
fn definition(context: &Context<'_>, cohort: &virta_model::settings::Cohort) -> Vec<(String, String)> {
    let lang = context.lang;
    let count_by = match cohort.count_by {
        CountBy::Service => "service",
        CountBy::Package => "package",
        CountBy::Sector => "sector",
        CountBy::Unit => "unit",
        CountBy::Provider => "provider",
    };
    let mut lines = vec![
        (labels::column("count_by", lang), labels::code(count_by, lang)),
        (labels::column("min_services", lang), cohort.min_services.to_string()),
        (texts::HEAVY_CONTACTS.of(lang).to_owned(), cohort.heavy.min_contacts.to_string()),
    ];
    let mut add = |name: Text, value: Option<String>| {
        if let Some(value) = value {
            lines.push((name.of(lang).to_owned(), value));
        }
    };
    let heavy = &cohort.heavy;
    add(texts::HEAVY_DAYS, (heavy.min_days > 0).then(|| heavy.min_days.to_string()));
    add(texts::HEAVY_COST, (heavy.min_cost_cents > 0).then(|| format::euros(heavy.min_cost_cents, lang)));
    add(texts::HEAVY_PERCENTILE, (heavy.percentile > 0).then(|| heavy.percentile.to_string()));
    add(
        texts::AGE,
        cohort.age.map(|age| {
            if age.max == u32::MAX { format!("≥\u{a0}{}", age.min) } else { format!("{}–{}", age.min, age.max) }
        }),
    );
    let sectors: Vec<String> = cohort
        .sectors_required
        .iter()
        .map(|sector| match sector {
            SectorRule::Health => texts::HEALTH.of(lang).to_owned(),
            other => labels::code(other.as_str(), lang),
        })
        .collect();
    add(texts::SECTORS_REQUIRED, (!sectors.is_empty()).then(|| sectors.join(", ")));
    let towns: Vec<String> =
        cohort.municipalities.iter().map(|code| labels::dimension_value("municipality", Some(code), lang)).collect();
    add(texts::MUNICIPALITIES, (!towns.is_empty()).then(|| towns.join(", ")));
    add(texts::ROLLING, cohort.rolling_days.map(|days| days.to_string()));
    add(texts::WASHOUT, cohort.washout_days.map(|days| days.to_string()));
    add(texts::OBSERVED, cohort.observed_days_min.map(|days| days.to_string()));
    add(texts::EXCLUDED, (!cohort.exclude_cohorts.is_empty()).then(|| cohort.exclude_cohorts.join(", ")));
    lines
}
