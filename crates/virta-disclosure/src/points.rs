//! Curves and order statistics: between two published points there must be k clients.

use crate::disclosed::Reason;
use crate::figures::Figures;

/// The points that must not be shown.
pub(crate) fn safe_points(figures: &Figures<'_>) -> Vec<((usize, usize, usize), Reason)> {
    let mut withheld = lorenz(figures);
    withheld.extend(threshold(figures));
    withheld.extend(waits(figures));
    withheld
}

/// People of a denominator in a period.
fn people(figures: &Figures<'_>, period: &str, denominator: &str) -> Option<i64> {
    let column = if denominator == "residents" { "residents" } else { "clients" };
    let row =
        figures.rows("summary").into_iter().find(|&row| figures.text(row, "period").as_deref() == Some(period))?;
    figures.value(row, column)
}

/// A Lorenz curve keeps a point only where k clients lie between it and the one kept before, and k up to the end.
fn lorenz(figures: &Figures<'_>) -> Vec<((usize, usize, usize), Reason)> {
    let k = i64::from(figures.policy.k);
    let mut withheld = Vec::new();
    for (key, mut rows) in figures.groups("lorenz", &["period", "denominator"]) {
        let [Some(period), Some(denominator)] = key.as_slice() else { continue };
        let clients = people(figures, period, denominator).unwrap_or(0);
        rows.sort_by_key(|&row| figures.value(row, "percentile"));
        let below = |percentile: i64| clients.saturating_mul(percentile) / 100;
        let mut kept = 0;
        for row in rows {
            let percentile = figures.value(row, "percentile").unwrap_or(0);
            let is_end = percentile == 0 || percentile == 100;
            let step = below(percentile) - below(kept);
            let keep = if is_end { clients >= k } else { step >= k && clients - below(percentile) >= k };
            if keep {
                kept = percentile;
            } else if let Some(column) = figures.tables[row.0].schema.index_of("cumulative_cost_share") {
                withheld.push(((row.0, row.1, column), Reason::TooFewBetween));
            }
        }
    }
    withheld
}

/// A threshold is one client's cost: it needs k clients on either side.
fn threshold(figures: &Figures<'_>) -> Vec<((usize, usize, usize), Reason)> {
    let k = i64::from(figures.policy.k);
    let mut withheld = Vec::new();
    for row in figures.rows("concentration") {
        let (Some(period), Some(denominator)) = (figures.text(row, "period"), figures.text(row, "denominator")) else {
            continue;
        };
        let inside = figures.value(row, "clients").unwrap_or(0);
        let all = people(figures, &period, &denominator).unwrap_or(0);
        let column = figures.tables[row.0].schema.index_of("threshold_cents");
        if let Some(column) = column.filter(|_| inside < k || all - inside < k) {
            withheld.push(((row.0, row.1, column), Reason::TooFewBetween));
        }
    }
    withheld
}

/// A median or a percentile of waits is hardly more than one client's wait: it needs k of them on either side.
fn waits(figures: &Figures<'_>) -> Vec<((usize, usize, usize), Reason)> {
    let k = i64::from(figures.policy.k);
    let mut withheld = Vec::new();
    for row in figures.rows("access") {
        let assessments = figures.value(row, "assessments").unwrap_or(0);
        for (column, above_percent) in [
            ("start_median_working_days", 50),
            ("start_p90_working_days", 10),
            ("complete_median_days", 50),
            ("complete_p90_days", 10),
        ] {
            let column = figures.tables[row.0].schema.index_of(column);
            if let Some(column) = column.filter(|_| assessments * above_percent < k * 100) {
                withheld.push(((row.0, row.1, column), Reason::TooFewBetween));
            }
        }
    }
    withheld
}
