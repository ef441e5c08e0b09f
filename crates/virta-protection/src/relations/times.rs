//! Months, years and visits: tables in which somebody stands once per time, band or rank.

use super::Sizes;
use crate::figures::{Figures, Row};
use crate::structure::Measure;

/// Each month, each client of a cohort is in one state.
pub(super) fn months(figures: &mut Figures<'_>, sizes: &Sizes) {
    for (key, rows) in figures.groups("monthly_states", &["cohort", "month"]) {
        let [Some(cohort), Some(month)] = key.as_slice() else { continue };
        let total = sizes.cohorts.iter().find(|((name, period), _)| name == cohort && has_month(period, month));
        match total.map(|(_, &row)| row) {
            Some(total) => figures.relate(total, &rows, &["clients"], Some("monthly_states")),
            None => figures.add_known_total(Measure::Clients, figures.cells(&rows, "clients"), false),
        }
    }
}

fn has_month(period: &str, month: &str) -> bool {
    match period.split_once("..") {
        Some((first, last)) => {
            first.get(..7).is_some_and(|first| first <= month) && last.get(..7).is_some_and(|last| month <= last)
        }
        None => month.get(..4) == Some(period),
    }
}

/// The top shares lie one inside the other, and all inside the users. So do those of the residents and those of the
/// users: people without use cost nothing, so that the costliest of both are mostly the same.
pub(super) fn top_shares(figures: &mut Figures<'_>, sizes: &Sizes) {
    for (key, mut rows) in figures.groups("concentration", &["period"]) {
        let [Some(period)] = key.as_slice() else { continue };
        rows.sort_by_key(|&row| (figures.value(row, "clients"), figures.text(row, "denominator")));
        for pair in rows.windows(2) {
            figures.relate(pair[1], &[pair[0]], &["clients", "cost_cents"], Some("concentration"));
        }
        let of_users = |row: &&Row| figures.text(**row, "denominator").as_deref() == Some("users");
        if let (Some(&total), Some(&last)) = (sizes.periods.get(period), rows.iter().rev().find(of_users)) {
            figures.relate(total, &[last], &["clients", "cost_cents"], None);
        }
    }
}

/// Deciles have known sizes, as soon as the number of users is known.
pub(super) fn deciles(figures: &mut Figures<'_>, sizes: &Sizes) {
    for (own, other, decile) in [("from_period", "to_period", "from_decile"), ("to_period", "from_period", "to_decile")]
    {
        for (key, rows) in figures.groups("persistence", &[own, other, decile]) {
            let [Some(period), _, Some(name)] = key.as_slice() else { continue };
            let users = sizes.periods.get(period).and_then(|&row| figures.value(row, "clients"));
            let enough = users.is_none_or(|users| users >= 10 * i64::from(figures.policy.k));
            let known = enough && name.parse::<u32>().is_ok();
            figures.add_known_total(Measure::Clients, figures.cells(&rows, "clients"), known);
        }
    }
}

/// Bands of visits with the definitions made from them, hours with all visits, 7 days with 30.
pub(super) fn emergency(figures: &mut Figures<'_>) {
    let k = i64::from(figures.policy.k);
    let columns = ["clients", "visits"];
    for rows in figures.groups("emergency_bands", &["cohort", "period"]).into_values() {
        let band = |name: &str| rows.iter().copied().find(|&row| figures.text(row, "band").as_deref() == Some(name));
        let present = |names: &[&str]| names.iter().filter_map(|name| band(name)).collect::<Vec<Row>>();
        let exclusive = present(&["1", "2", "3", "4-9", "10+"]);
        let sums = [(band(">=4"), present(&["4-9", "10+"])), (band(">=10"), present(&["10+"]))];
        let nested = [(band(">=4"), band(">4")), (band(">4"), band(">=10"))];
        for (total, parts) in sums {
            if let Some(total) = total {
                figures.relate(total, &parts, &columns, Some("emergency_bands"));
            }
        }
        for (outer, inner) in nested {
            if let (Some(outer), Some(inner)) = (outer, inner) {
                figures.relate_apart(outer, inner, &columns, Some("emergency_bands"));
            }
        }
        let people: i64 = exclusive.iter().filter_map(|&row| figures.value(row, "clients")).sum();
        // The shares tell the totals to whoever sees one of them with its count.
        for (measure, column) in [(Measure::Clients, "clients"), (Measure::Visits, "visits")] {
            figures.add_total_of_shares(measure, figures.cells(&exclusive, column), people >= k);
        }
    }
    for rows in figures.groups("emergency_hours", &["cohort", "period"]).into_values() {
        let people = rows.iter().filter_map(|&row| figures.value(row, "clients")).max().unwrap_or(0);
        figures.add_known_total(Measure::Visits, figures.cells(&rows, "visits"), people >= k);
    }
    for (_, mut rows) in figures.groups("emergency_next", &["cohort", "period", "service"]) {
        rows.sort_by_key(|&row| figures.value(row, "within_days"));
        for pair in rows.windows(2) {
            figures.relate_apart(pair[1], pair[0], &columns, Some("emergency_next"));
        }
    }
}
