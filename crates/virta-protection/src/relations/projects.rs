//! Pilots and access: tables of a list of clients and of assessments.

use std::collections::BTreeMap;

use crate::figures::{Figures, Row};

/// From the list of a pilot's clients to their follow-up, each step inside the one before; the figures are of those
/// who are matched, or have a baseline where nobody is compared.
pub(super) fn pilots(figures: &mut Figures<'_>) {
    let both = ["clients", "comparison_clients"];
    let baselines = figures.groups("pilot_baseline", &["pilot"]);
    let balances = figures.groups("pilot_balance", &["pilot"]);
    for (pilot, rows) in figures.groups("pilot_counts", &["pilot"]) {
        let steps: BTreeMap<String, Row> =
            rows.iter().filter_map(|&row| Some((figures.text(row, "step")?, row))).collect();
        let of_steps = |names: &[&str]| names.iter().filter_map(|name| steps.get(*name).copied()).collect::<Vec<Row>>();
        let in_figures = if steps.contains_key("matched") { "matched" } else { "baseline" };
        let sums: [(&str, &[&str], &[&str]); 7] = [
            ("listed", &["known"], &both),
            ("known", &["baseline"], &both),
            ("baseline", &["matched", "unmatched"], &["clients"]),
            ("baseline", &["frozen"], &["clients"]),
            ("matched", &["matched_fully"], &both),
            (in_figures, &["followed", "not_followed"], &both),
            ("followed", &["complete", "going_on", "ended_early"], &both),
        ];
        for (total, parts, columns) in sums {
            let parts = of_steps(parts);
            if let Some(&total) = steps.get(total).filter(|_| !parts.is_empty()) {
                figures.relate(total, &parts, columns, Some("pilot_counts"));
            }
        }
        let levels = of_steps(&["same_sex_age_municipality", "same_sex_age", "same_age"]);
        if let Some(&matched) = steps.get("matched") {
            figures.relate(matched, &levels, &["comparison_clients"], Some("pilot_counts: levels of match"));
            for level in levels {
                figures.relate(matched, &[level], &["clients"], Some("pilot_counts: levels of match"));
            }
        }
        let of_figures = baselines.get(&pilot).into_iter().chain(balances.get(&pilot)).flatten();
        for &row in of_figures {
            if let Some(&total) = steps.get(in_figures) {
                figures.relate(total, &[row], &both, Some("pilot figures are of those who are matched"));
            }
            if let Some(&total) = steps.get("followed") {
                let columns = [("clients", "followed_clients"), ("comparison_clients", "followed_comparison_clients")];
                figures.relate_between(total, &[row], &columns, Some("pilot figures are of those who are followed"));
            }
        }
    }
}

/// Assessments by tier and by where the clients live, and what is known of them.
pub(super) fn access(figures: &mut Figures<'_>) {
    const COUNTS: [&str; 6] =
        ["assessments", "open", "start_due", "started_in_time", "complete_due", "completed_in_time"];
    const PEOPLE: [&str; 4] = ["clients", "with_responsible_worker", "with_plan", "with_consent"];
    for row in figures.rows("access") {
        for (whole, part) in [
            ("assessments", "open"),
            ("assessments", "start_due"),
            ("start_due", "started_in_time"),
            ("assessments", "complete_due"),
            ("complete_due", "completed_in_time"),
            ("clients", "with_responsible_worker"),
            ("clients", "with_plan"),
            ("clients", "with_consent"),
        ] {
            figures.relate_between(row, &[row], &[(whole, part)], Some("access"));
        }
    }
    let text = |figures: &Figures<'_>, row: Row, column: &str| figures.text(row, column);
    let is_all = |figures: &Figures<'_>, row: Row, column: &str| text(figures, row, column).as_deref() == Some("all");
    for rows in figures.groups("access", &["period", "tier"]).into_values() {
        let (towns, wider): (Vec<Row>, Vec<Row>) =
            rows.into_iter().partition(|&row| !is_all(figures, row, "municipality"));
        for total in wider {
            let county = text(figures, total, "wellbeing_county");
            let is_inside =
                |&row: &Row| county.as_deref() == Some("all") || text(figures, row, "wellbeing_county") == county;
            let inside: Vec<Row> = towns.iter().copied().filter(is_inside).collect();
            for column in COUNTS.iter().chain(&PEOPLE) {
                figures.relate(total, &inside, &[*column], Some("access: municipalities add up"));
            }
        }
    }
    for rows in figures.groups("access", &["period", "municipality", "wellbeing_county"]).into_values() {
        let (all, tiers): (Vec<Row>, Vec<Row>) = rows.into_iter().partition(|&row| is_all(figures, row, "tier"));
        let Some(&total) = all.first() else { continue };
        for column in COUNTS {
            figures.relate(total, &tiers, &[column], Some("access: tiers add up"));
        }
        // Somebody may be in several tiers.
        for tier in tiers {
            for column in PEOPLE {
                figures.relate(total, &[tier], &[column], None);
            }
        }
    }
}
