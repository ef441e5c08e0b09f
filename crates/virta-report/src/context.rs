//! What every part needs: the study, the language, the names of things, the groups that are compared.

use virta_chart::{Mark, Series, Style};
use virta_model::schema::Values;
use virta_model::settings::{Study, Title, cohort};

use crate::derive::{self, Share};
use crate::format;
use crate::labels;
use crate::lang::Lang;
use crate::report::{Report, SourceEnd};
use crate::texts;
use crate::view::{ProtectedStudy, Row, distinct, rows};

/// Cohorts that one chart compares beside all users; further ones are in the workbook.
const COHORTS_MAX: usize = 3;

#[derive(Debug, Clone, Copy)]
pub(crate) struct Context<'a> {
    pub(crate) report: &'a Report<'a>,
    pub(crate) lang: Lang,
}

impl<'a> Context<'a> {
    pub(crate) fn study(&self) -> &'a ProtectedStudy {
        self.report.study
    }

    pub(crate) fn settings(&self) -> Option<&'a Study> {
        self.report.settings
    }

    pub(crate) fn source_ends(&self) -> &'a [SourceEnd] {
        &self.report.source_ends
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

    /// The period asked for, or the last: the one that charts show when they show one.
    pub(crate) fn last_period(&self) -> &'a str {
        let periods = self.periods();
        let asked = periods.iter().copied().find(|period| self.report.focus.period.as_deref() == Some(*period));
        asked.or(periods.last().copied()).unwrap_or_default()
    }

    /// When the last period is, in words.
    pub(crate) fn in_last_period(&self) -> String {
        format::in_period(self.last_period(), self.lang)
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

    /// The cohort that the report is about: the first whose number of clients is shown.
    pub(crate) fn main(&self) -> Option<&'a str> {
        let cohorts = self.cohorts();
        let asked = cohorts.iter().copied().find(|cohort| self.report.focus.cohort.as_deref() == Some(*cohort));
        if asked.is_some() {
            return asked;
        }
        let shown = cohorts.iter().copied().find(|cohort| self.clients(cohort, self.last_period()).is_some());
        shown.or(cohorts.first().copied())
    }

    /// The cohort that the report is about, or everybody when the study has none.
    pub(crate) fn main_or_all(&self) -> &'a str {
        self.main().unwrap_or("all")
    }

    /// The groups that a chart compares: the main cohort first, all users last.
    pub(crate) fn groups(&self) -> Vec<&'a str> {
        let main = self.main();
        let beside = self.report.focus.beside.as_deref();
        let mut others: Vec<&str> = self.cohorts().into_iter().filter(|cohort| Some(*cohort) != main).collect();
        if others.contains(&beside.unwrap_or_default()) {
            others.retain(|cohort| Some(*cohort) == beside);
        }
        main.into_iter().chain(others).take(COHORTS_MAX).chain(["all"]).collect()
    }

    pub(crate) fn series(&self, groups: &[&str]) -> Vec<Series> {
        let is_reference = |group: &str| group == "all" && groups.len() > 1;
        let series = groups.iter();
        series.map(|group| Series { name: self.cohort(group), is_reference: is_reference(group) }).collect()
    }

    /// A group's shown row of its total in a period.
    pub(crate) fn whole(&self, cohort: &str, period: &str) -> Option<Row<'a>> {
        let are = [("cohort", cohort), ("period", period), ("dimension", "all")];
        self.rows_where("profile", &are).first().copied()
    }

    /// How many clients a group has in a period, where it is shown.
    pub(crate) fn clients(&self, cohort: &str, period: &str) -> Option<i64> {
        let summary = || self.rows_where("summary", &[("period", period)]).first().and_then(|row| row.int("clients"));
        let whole = self.whole(cohort, period).and_then(|row| row.int("clients"));
        if cohort == "all" { whole.or_else(summary) } else { whole }
    }

    /// A row's clients as a share of its group's.
    pub(crate) fn share_of_group(&self, row: Option<Row<'_>>, cohort: &str, period: &str) -> Option<Share> {
        derive::share(row?.int("clients"), self.clients(cohort, period))
    }

    fn title(&self, title: Option<&Title>) -> Option<String> {
        title?.of(self.lang).map(str::to_owned)
    }

    pub(crate) fn study_title(&self) -> String {
        self.title(self.settings().map(|study| &study.study.title)).unwrap_or_else(|| self.report.name.to_owned())
    }

    /// A cohort's title, or its name; everybody in words.
    pub(crate) fn cohort(&self, name: &str) -> String {
        if name == "all" {
            return texts::ALL_USERS.of(self.lang).to_owned();
        }
        let found = self.settings().and_then(|study| study.cohorts.iter().find(|cohort| cohort.name == name));
        self.title(found.map(|cohort| &cohort.title)).unwrap_or_else(|| name.to_owned())
    }

    /// The title of a follow-up or a funnel, or its name.
    pub(crate) fn named(&self, name: &str) -> String {
        let follow = self.settings().and_then(|study| study.follows.iter().find(|follow| follow.name == name));
        let funnel = self.settings().and_then(|study| study.funnels.iter().find(|funnel| funnel.name == name));
        let title = follow.map(|follow| &follow.title).or(funnel.map(|funnel| &funnel.title));
        self.title(title).unwrap_or_else(|| name.to_owned())
    }

    pub(crate) fn pilot(&self, name: &str) -> String {
        let found = self.settings().and_then(|study| study.pilots.iter().find(|pilot| pilot.name == name));
        self.title(found.map(|pilot| &pilot.title)).unwrap_or_else(|| name.to_owned())
    }

    fn segment(&self, name: &str) -> String {
        let found = self.settings().and_then(|study| study.segments.iter().find(|segment| segment.name == name));
        let title = self.title(found.map(|segment| &segment.title));
        title.unwrap_or_else(|| labels::dimension_value("segment", Some(name), self.lang))
    }

    pub(crate) fn service(&self, code: &str) -> String {
        self.report.names.service(code, self.lang)
    }

    /// A text in words, by what the values of its column are. `dimension` is that of [`Values::Of`].
    pub(crate) fn words(&self, values: Values, dimension: &str, value: &str) -> String {
        let lang = self.lang;
        match values {
            Values::Service => self.service(value),
            Values::ServiceSet => self.services(value),
            Values::Path => self.steps(value).join(" → "),
            Values::Of(_) if dimension == "segment" => self.segment(value),
            Values::Of(_) => labels::dimension_value(dimension, Some(value), lang),
            Values::Municipality if value != "all" => labels::dimension_value("municipality", Some(value), lang),
            Values::County if value != "all" => labels::dimension_value("wellbeing_county", Some(value), lang),
            Values::Package => self.report.names.package(value, lang),
            Values::Provider => self.report.names.provider(value, lang),
            Values::Period => format::period(value, lang),
            Values::Month => format::month(value),
            Values::Rule => cohort::in_words(value, lang, |cohort| self.cohort(cohort)),
            Values::Cohort => self.cohort(value),
            Values::Follow => self.named(value),
            Values::Event => labels::event(value, lang),
            Values::Pilot => self.pilot(value),
            Values::Measure => labels::measure(value, lang),
            Values::CountBy => labels::counted(value, lang),
            Values::VolumeUnit => labels::unit(value, lang),
            Values::Code | Values::Municipality | Values::County => labels::code(value, lang),
            Values::Band => labels::band(value),
            Values::Table => labels::table(value, lang),
            _ => value.to_owned(),
        }
    }

    /// The services of a set, in words.
    fn services(&self, set: &str) -> String {
        set.split('+').map(|service| self.service(service)).collect::<Vec<_>>().join(" + ")
    }

    /// The steps of a path, in words; eras of several services at once are joined by `+`.
    pub(crate) fn steps(&self, path: &str) -> Vec<String> {
        if path == "none" {
            return vec![labels::code("none", self.lang)];
        }
        path.split('-').map(|step| self.services(step)).collect()
    }

    /// How a chart's whole numbers are written.
    pub(crate) fn draw<'s>(&self, number: &'s dyn Fn(f64) -> String, width: f64) -> Style<'s> {
        Style { number, withheld: texts::WITHHELD.of(self.lang), width }
    }
}

/// What a chart shows of a count or an amount.
pub(crate) fn mark(row: Option<Row<'_>>, column: &str) -> Mark {
    let Some(row) = row else { return Mark::None };
    match row.int(column).map(|value| value as f64).or_else(|| row.ratio(column)) {
        Some(value) => Mark::Value(value),
        None if row.is_withheld(column) => Mark::Withheld,
        None => Mark::None,
    }
}

/// What a chart shows of a share that was made from a row.
pub(crate) fn share_mark(share: Option<Share>, row: Option<Row<'_>>) -> Mark {
    match share {
        Some(share) => Mark::Value(share.value),
        None if row.is_some_and(|row| row.is_withheld("clients")) => Mark::Withheld,
        None => Mark::None,
    }
}

/// Rows by a count, the largest first; those that are not shown come last. Equal ones keep their order.
pub(crate) fn by_count<'a>(rows: &[Row<'a>], column: &str) -> Vec<Row<'a>> {
    let mut rows = rows.to_vec();
    rows.sort_by_key(|row| std::cmp::Reverse(row.int(column).unwrap_or(i64::MIN)));
    rows
}
