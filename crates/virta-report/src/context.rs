//! What every section needs: the study, the language, the names of things.

use virta_protection::ProtectedStudy;

use crate::format;
use crate::labels;
use crate::lang::Lang;
use crate::report::Report;
use crate::texts;
use crate::view::{Row, distinct, rows};

#[derive(Debug, Clone, Copy)]
pub(crate) struct Context<'a> {
    pub(crate) report: &'a Report<'a>,
    pub(crate) lang: Lang,
}

impl<'a> Context<'a> {
    pub(crate) fn study(&self) -> &'a ProtectedStudy {
        self.report.study
    }

    pub(crate) fn rows(&self, table: &str) -> Vec<Row<'a>> {
        rows(self.report.study, table)
    }

    /// The rows of a table that have these texts.
    pub(crate) fn rows_where(&self, table: &str, are: &[(&str, &str)]) -> Vec<Row<'a>> {
        let rows = self.rows(table).into_iter();
        rows.filter(|row| are.iter().all(|(column, value)| row.is(column, value))).collect()
    }

    /// Periods in the order of the study.
    pub(crate) fn periods(&self) -> Vec<&'a str> {
        distinct(&self.rows("summary"), "period")
    }

    /// The last period: the one that charts show.
    pub(crate) fn last_period(&self) -> &'a str {
        self.periods().last().copied().unwrap_or_default()
    }

    /// The study's own cohorts, in its order.
    pub(crate) fn cohorts(&self) -> Vec<&'a str> {
        let mut cohorts = distinct(&self.rows("attrition"), "cohort");
        for cohort in distinct(&self.rows("profile"), "cohort") {
            if cohort != "all" && !cohorts.contains(&cohort) {
                cohorts.push(cohort);
            }
        }
        cohorts
    }

    /// The cohorts that charts are drawn for: the study's own, or everybody when it has none.
    pub(crate) fn cohorts_or_all(&self) -> Vec<&'a str> {
        let cohorts = self.cohorts();
        if cohorts.is_empty() { vec!["all"] } else { cohorts }
    }

    /// A cohort's name as it is read: `all` in words, others as the study has them.
    pub(crate) fn cohort(&self, name: &str) -> String {
        if name == "all" { texts::ALL_SERIES.of(self.lang).to_owned() } else { name.to_owned() }
    }

    pub(crate) fn service(&self, code: &str) -> String {
        self.report.names.service(code, self.lang)
    }

    /// A count in words: withheld is said.
    pub(crate) fn count(&self, row: Option<Row<'_>>, column: &str) -> String {
        match row.and_then(|row| row.int(column)) {
            Some(value) => format::number(value, self.lang),
            None => self.absent(row, column),
        }
    }

    pub(crate) fn share(&self, row: Option<Row<'_>>, column: &str) -> String {
        match row.and_then(|row| row.ratio(column)) {
            Some(value) => format::percent(value, self.lang),
            None => self.absent(row, column),
        }
    }

    pub(crate) fn money(&self, row: Option<Row<'_>>, column: &str) -> String {
        match row.and_then(|row| row.int(column)) {
            Some(value) => format::euros_short(value, self.lang),
            None => self.absent(row, column),
        }
    }

    fn absent(&self, row: Option<Row<'_>>, column: &str) -> String {
        let withheld = row.is_some_and(|row| row.is_withheld(column));
        let text = if withheld { texts::WITHHELD } else { texts::NOT_MEASURED };
        text.of(self.lang).to_owned()
    }

    /// A text cell in words, by its column.
    pub(crate) fn words(&self, column: &str, dimension: &str, value: &str) -> String {
        let lang = self.lang;
        match column {
            "service" | "from_service" | "to_service" => self.service(value),
            "service_set" => value.split('+').map(|service| self.service(service)).collect::<Vec<_>>().join(" + "),
            "path" => value.split('-').map(|service| self.service(service)).collect::<Vec<_>>().join(" → "),
            "value" | "region" => labels::dimension_value(dimension, Some(value), lang),
            "municipality" | "wellbeing_county" if value != "all" => labels::dimension_value(column, Some(value), lang),
            "municipality" | "wellbeing_county" => labels::code(value, lang),
            "package" => value.replace('_', " "),
            "period" | "from_period" | "to_period" => format::period(value, lang),
            "month" => format::month(value),
            "rule" => labels::rule(value, lang),
            "cohort" => self.cohort(value),
            "from_decile" | "to_decile" | "state" | "denominator" | "dimension" | "count_by" | "tier" | "sector"
            | "measure" | "variable" | "step" | "level" | "volume_unit" => labels::code(value, lang),
            "band" => value.replace(">=", "≥\u{a0}").replace('>', ">\u{a0}").replace('-', "–"),
            _ => value.to_owned(),
        }
    }
}
