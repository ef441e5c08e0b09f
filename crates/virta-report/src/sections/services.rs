//! Which services, how many of them, and which together.

use super::{Section, by_count, count_bars, mark, whole_numbers};
use crate::chart::{Bar, Set, bars, upset};
use crate::context::Context;
use crate::format;
use crate::grid::grid;
use crate::labels;
use crate::texts;
use crate::view::Row;

pub(super) fn services(context: &Context<'_>) -> Section {
    let lang = context.lang;
    let mut section = Section::new("services", texts::SERVICES, context);
    let period = context.last_period();
    let period_words = format::period(period, lang);
    for cohort in context.cohorts_or_all() {
        let rows = by_count(&context.rows_where("service_use", &[("cohort", cohort), ("period", period)]), "clients");
        let Some(&first) = rows.first() else { continue };
        let summary = texts::SERVICES_TEXT.fill(
            lang,
            &[
                ("service", &context.service(first.text("service"))),
                ("clients", &context.count(Some(first), "clients")),
                ("share", &context.share(Some(first), "cohort_share")),
            ],
        );
        let columns = ["service", "clients", "cohort_share", "contacts", "stay_days", "cost_cents"];
        section.add(
            texts::SERVICES_FIGURE.fill(lang, &[("cohort", &context.cohort(cohort)), ("period", &period_words)]),
            summary,
            grid(context, &rows, &columns),
            |ids| count_bars(context, &rows, "service", "clients", ids),
        );
    }
    let rows = context.rows_where("services_per_client", &[("period", period)]);
    if let Some(one) = rows.iter().copied().find(|row| row.int("services") == Some(1)).or(rows.first().copied()) {
        section.add(
            texts::PER_CLIENT_FIGURE.fill(lang, &[("period", &period_words)]),
            texts::PER_CLIENT_TEXT.fill(lang, &[("one", &context.count(Some(one), "clients"))]),
            grid(context, &rows, &["services", "clients", "contacts", "cost_cents"]),
            |ids| count_bars(context, &rows, "services", "clients", ids),
        );
    }
    section
}

pub(super) fn together(context: &Context<'_>) -> Section {
    let lang = context.lang;
    let mut section = Section::new("together", texts::TOGETHER, context);
    let period = context.last_period();
    let period_words = format::period(period, lang);
    for cohort in context.cohorts_or_all() {
        let names = [("cohort", context.cohort(cohort)), ("period", period_words.clone())];
        let places: Vec<(&str, &str)> = names.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let rows = by_count(&context.rows_where("combinations", &[("cohort", cohort), ("period", period)]), "clients");
        if let Some(&first) = rows.first() {
            let set = context.words("service_set", "", first.text("service_set"));
            section.add(
                texts::TOGETHER_FIGURE.fill(lang, &places),
                texts::TOGETHER_TEXT.fill(lang, &[("set", &set), ("clients", &context.count(Some(first), "clients"))]),
                grid(context, &rows, &["service_set", "services", "clients", "contacts", "cost_cents"]),
                |ids| combinations(context, &rows, ids),
            );
        }
        let rows = context.rows_where("sector_overlap", &[("cohort", cohort), ("period", period)]);
        if !rows.is_empty() {
            let all = rows.iter().copied().find(|row| SECTORS.iter().all(|sector| row.flag(sector)));
            section.add(
                texts::SECTORS_FIGURE.fill(lang, &places),
                texts::SECTORS_TEXT.fill(lang, &[("all", &context.count(all, "clients"))]),
                grid(context, &rows, &["social", "primary", "specialised", "clients", "cost_cents"]),
                |ids| sectors(context, &rows, ids),
            );
        }
    }
    section
}

const SECTORS: [&str; 3] = ["social", "primary", "specialised"];

/// The most common combinations over the services that occur in them.
fn combinations(context: &Context<'_>, rows: &[Row<'_>], ids: &str) -> String {
    const SETS_MAX: usize = 12;
    const SERVICES_MAX: usize = 14;
    let mut services: Vec<&str> = Vec::new();
    let mut sets = Vec::new();
    for row in rows.iter().take(SETS_MAX) {
        let Some(value) = row.int("clients") else { continue };
        let members: Vec<&str> = row.text("service_set").split('+').collect();
        let new = members.iter().filter(|member| !services.contains(member)).count();
        if services.len() + new > SERVICES_MAX {
            continue;
        }
        for member in &members {
            if !services.contains(member) {
                services.push(member);
            }
        }
        let members = members.iter().filter_map(|member| services.iter().position(|service| service == member));
        sets.push(Set { members: members.collect(), value: value as f64 });
    }
    let names: Vec<String> = services.iter().map(|service| context.service(service)).collect();
    let number = |value: f64| format::number(value as i64, context.lang);
    upset(&sets, &names, &whole_numbers(context, &number), ids)
}

fn sectors(context: &Context<'_>, rows: &[Row<'_>], ids: &str) -> String {
    let list: Vec<Bar> = rows
        .iter()
        .map(|row| {
            let used: Vec<String> = SECTORS
                .iter()
                .filter(|sector| row.flag(sector))
                .map(|sector| labels::code(sector, context.lang))
                .collect();
            let label = if used.is_empty() { texts::NO_SECTOR.of(context.lang).to_owned() } else { used.join(" + ") };
            Bar { label, marks: vec![mark(*row, "clients")] }
        })
        .collect();
    bars(&list, &[], &whole_numbers(context, &|value| format::number(value as i64, context.lang)), ids)
}
