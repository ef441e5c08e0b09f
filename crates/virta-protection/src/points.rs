//! Curves and order statistics: between two published points there must be k clients.

use std::collections::BTreeMap;

use virta_model::Value;

use crate::figures::{Figures, Place, Row};
use crate::policy::Contributors;
use crate::primary::Primary;
use crate::protected::Reason;

/// The points that must not be shown, where the costs are known that are withheld.
pub(crate) fn safe_points(
    figures: &Figures<'_>,
    primary: &Primary<'_>,
    is_withheld: impl Fn(Place) -> bool,
) -> Vec<(Place, Reason)> {
    let mut withheld = Vec::new();
    for (key, rows) in figures.groups("lorenz", &["period"]) {
        if let [Some(period)] = key.as_slice() {
            withheld.extend(lorenz(figures, period, &rows, &Tops::new(figures, period, primary, &is_withheld)));
        }
    }
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

/// What `concentration` says of the costliest people of a period. A point of the curve says the same of other numbers
/// of them: their cost is what is missing to the whole.
struct Tops {
    /// How many people, and whether their cost is shown.
    cuts: Vec<(i64, bool)>,
    /// Denominator to the cost of all its people and what the two costliest add to it.
    largest: BTreeMap<String, (i64, i64, i64)>,
}

impl Tops {
    fn new(figures: &Figures<'_>, period: &str, primary: &Primary<'_>, is_withheld: impl Fn(Place) -> bool) -> Self {
        let mut tops = Tops { cuts: Vec::new(), largest: BTreeMap::new() };
        for row in figures.rows("concentration") {
            let table = &figures.tables[row.0];
            let (Some(column), Some(clients), Some(cost)) =
                (table.schema.index_of("cost_cents"), figures.value(row, "clients"), figures.value(row, "cost_cents"))
            else {
                continue;
            };
            if figures.text(row, "period").as_deref() != Some(period) {
                continue;
            }
            tops.cuts.push((clients, !is_withheld((row.0, row.1, column))));
            let share = table.schema.index_of("cost_share").map(|column| table.value(row.1, column));
            if let (Some(known), Some(Value::Ratio(share))) = (primary.contributors(table, row.1), share)
                && share > 0.0
            {
                let whole = (cost as f64 / share).round() as i64;
                let denominator = figures.text(row, "denominator").unwrap_or_default();
                tops.largest.insert(denominator, (whole, known.largest, known.second));
            }
        }
        tops
    }

    /// Whether the cost of so many of the costliest, who have this share, may be told beside what is told already.
    fn may_tell(&self, figures: &Figures<'_>, denominator: &str, clients: i64, share: f64) -> bool {
        let k = i64::from(figures.policy.k);
        let stands_apart = self.cuts.iter().all(|&(cut, is_shown)| {
            let between = (cut - clients).abs();
            between >= k || (is_shown && between == 0) || (!is_shown && between != 0)
        });
        let known = self.largest.get(denominator).map(|&(whole, largest, second)| {
            let total = (whole as f64 * share).round() as i64;
            Contributors { total, largest, second, all_the_same: false }
        });
        stands_apart && figures.policy.unsafe_sum(clients, known.as_ref()).is_none()
    }
}

/// A Lorenz curve keeps a point only where k clients lie between it and the one kept before, and k up to the end; and
/// where it says nothing of the costliest that `concentration` must not. The costliest of the residents are mostly those
/// of the users, so that the curves and rows of both are held against each other.
fn lorenz(figures: &Figures<'_>, period: &str, rows: &[Row], tops: &Tops) -> Vec<(Place, Reason)> {
    let k = i64::from(figures.policy.k);
    let mut withheld = Vec::new();
    // Numbers of the costliest that the curve of the users tells of.
    let mut told: Vec<i64> = Vec::new();
    for denominator in ["users", "residents"] {
        let clients = people(figures, period, denominator).unwrap_or(0);
        let of_denominator = |row: &Row| figures.text(*row, "denominator").as_deref() == Some(denominator);
        let mut rows: Vec<Row> = rows.iter().copied().filter(of_denominator).collect();
        rows.sort_by_key(|&row| figures.value(row, "percentile"));
        let below = |percentile: i64| clients.saturating_mul(percentile) / 100;
        let mut kept = 0;
        let mut tells = Vec::new();
        for row in rows {
            let Some(column) = figures.tables[row.0].schema.index_of("cumulative_cost_share") else { continue };
            let percentile = figures.value(row, "percentile").unwrap_or(0);
            let Value::Ratio(share) = figures.tables[row.0].value(row.1, column) else { continue };
            let is_end = percentile == 0 || percentile == 100;
            let step = below(percentile) - below(kept);
            let above = clients - below(percentile);
            // Where those below cost nothing, nothing is said of those above that the whole does not say.
            let is_apart = || {
                share == 0.0
                    || (told.iter().all(|cut| *cut == above || (cut - above).abs() >= k)
                        && tops.may_tell(figures, denominator, above, 1.0 - share))
            };
            let is_kept = if is_end { clients >= k } else { step >= k && above >= k && is_apart() };
            if is_kept {
                kept = percentile;
                tells.extend((!is_end && share != 0.0).then_some(above));
            } else {
                withheld.push(((row.0, row.1, column), Reason::TooFewBetween));
            }
        }
        told.extend(tells);
    }
    withheld
}

/// A threshold is one client's cost: it needs k clients on either side.
fn threshold(figures: &Figures<'_>) -> Vec<(Place, Reason)> {
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
fn waits(figures: &Figures<'_>) -> Vec<(Place, Reason)> {
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
