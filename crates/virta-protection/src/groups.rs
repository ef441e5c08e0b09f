//! Cohorts, segments and pilots of too few clients: one row says so, and nothing else is told of them.

use std::collections::{BTreeMap, BTreeSet};

use virta_model::{Table, Value};

use crate::policy::Rounding;

/// Which groups are large enough to be told of.
#[derive(Debug, Default)]
pub(crate) struct Groups {
    /// Cohort and period, of those with enough clients. `None` where no table says how many they have.
    large: Option<BTreeSet<(String, String)>>,
    /// Every cohort of the study and `all`, every period.
    pub cohorts: BTreeSet<String>,
    pub periods: BTreeSet<String>,
    small_pilots: BTreeSet<String>,
    is_internal: bool,
}

impl Groups {
    pub(crate) fn new(tables: &[Table], rounding: &Rounding) -> Self {
        let mut groups = Groups { is_internal: rounding.policy.is_internal(), ..Groups::default() };
        let named = |name: &str| tables.iter().find(|table| table.schema.name == name);
        for table in tables {
            for (column, into) in [("period", &mut groups.periods), ("cohort", &mut groups.cohorts)] {
                // The tables of single clients are not read here: they have no column that is a key.
                let keys = table.schema.index_of(column).filter(|&at| at < table.schema.keys());
                let Some(at) = keys else { continue };
                into.extend((0..table.rows()).filter_map(|row| text(table, row, at)));
            }
        }
        if let Some(profile) = named("profile") {
            let mut large = BTreeSet::new();
            for row in (0..profile.rows()).filter(|&row| by_name(profile, row, "dimension") == "all") {
                if !rounding.is_few(int(profile, row, "clients")) {
                    large.insert((by_name(profile, row, "cohort"), by_name(profile, row, "period")));
                }
            }
            groups.large = Some(large);
        }
        if let Some(counts) = named("pilot_counts") {
            let mut clients: BTreeMap<String, i64> = BTreeMap::new();
            for row in 0..counts.rows() {
                let most = clients.entry(by_name(counts, row, "pilot")).or_default();
                *most = (*most).max(int(counts, row, "clients"));
            }
            let small = clients.into_iter().filter(|(_, clients)| rounding.is_few(*clients));
            groups.small_pilots = small.map(|(pilot, _)| pilot).collect();
        }
        groups
    }

    pub(crate) fn is_small(&self, cohort: &str, period: &str) -> bool {
        let Some(large) = &self.large else { return false };
        !self.is_internal && !large.contains(&(cohort.to_owned(), period.to_owned()))
    }

    /// Whether a row tells of a small group. A row whose period cannot be told is taken to.
    pub(crate) fn is_of_small(&self, table: &Table, row: usize) -> bool {
        if self.is_internal {
            return false;
        }
        let schema = table.schema;
        let has = |column: &str| schema.index_of(column).is_some_and(|at| at < schema.keys());
        let value = |column: &str| by_name(table, row, column);
        if has("pilot") {
            return self.small_pilots.contains(&value("pilot"));
        }
        if self.large.is_none() {
            return false;
        }
        let named = ["cohort", "cohort_a", "cohort_b"].into_iter().filter(|column| has(column)).map(value);
        let mut cohorts: Vec<String> = named.collect();
        if cohorts.is_empty() {
            cohorts.push("all".to_owned());
        }
        let is_small = |period: &String| cohorts.iter().any(|cohort| self.is_small(cohort, period));
        let named = ["period", "from_period", "to_period"].into_iter().filter(|column| has(column));
        let periods: Vec<String> = named.map(value).collect();
        if !periods.is_empty() {
            return periods.iter().any(is_small);
        }
        if has("month") {
            let month = value("month");
            let mut of_month = self.periods.iter().filter(|period| has_month(period, &month)).peekable();
            return of_month.peek().is_none() || of_month.any(is_small);
        }
        if has("rule") {
            return self.period_of_rule(&value("rule")).is_none_or(|period| is_small(&period));
        }
        false
    }

    /// With several periods a rule begins with the period that it is of.
    fn period_of_rule(&self, rule: &str) -> Option<String> {
        let begins = |period: &&String| rule.strip_prefix(period.as_str()).is_some_and(|rest| rest.starts_with(": "));
        let only = self.periods.first().filter(|_| self.periods.len() == 1);
        self.periods.iter().find(begins).or(only).cloned()
    }

    /// The small cohorts that a row of `profile` must name, `all` left to `summary`.
    pub(crate) fn small(&self) -> impl Iterator<Item = (&str, &str)> {
        let cohorts = self.cohorts.iter().filter(|cohort| *cohort != "all");
        let pairs = cohorts.flat_map(|cohort| self.periods.iter().map(move |period| (cohort, period)));
        pairs.filter(|(cohort, period)| self.is_small(cohort, period)).map(|(a, b)| (a.as_str(), b.as_str()))
    }

    pub(crate) fn small_pilots(&self) -> impl Iterator<Item = &str> {
        self.small_pilots.iter().map(String::as_str)
    }
}

/// Whether a month, `2014-03`, lies in a period, `2014` or `2014-01-01..2014-06-30`.
fn has_month(period: &str, month: &str) -> bool {
    match period.split_once("..") {
        Some((first, last)) => {
            first.get(..7).is_some_and(|first| first <= month) && last.get(..7).is_some_and(|last| month <= last)
        }
        None => month.get(..4) == Some(period),
    }
}

fn text(table: &Table, row: usize, column: usize) -> Option<String> {
    if let Value::Text(text) = table.value(row, column) { Some(text.to_owned()) } else { None }
}

fn by_name(table: &Table, row: usize, column: &str) -> String {
    table.schema.index_of(column).and_then(|column| text(table, row, column)).unwrap_or_default()
}

fn int(table: &Table, row: usize, column: &str) -> i64 {
    match table.schema.index_of(column).map(|column| table.value(row, column)) {
        Some(Value::Int(number)) => number,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_lie_in_years_and_in_stretches_of_days() {
        assert!(has_month("2014", "2014-01") && !has_month("2014", "2013-12"));
        let half = "2014-01-01..2014-06-30";
        assert!(has_month(half, "2014-06") && !has_month(half, "2014-07"));
    }
}
