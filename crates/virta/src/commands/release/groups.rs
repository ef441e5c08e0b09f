//! The people of every group that a release tells of.
//!
//! Cohorts stand in the study's own table of members, pilots in that of their clients. Everybody and the segments are in no
//! table, so that one more pass over the snapshot finds them: as a cohort of all who used any service, whose set of services
//! says the segment.

use std::collections::BTreeMap;
use std::error::Error;
use std::sync::{Mutex, PoisonError};

use virta_flow::RunOptions;
use virta_model::schema::{MEMBERS, PILOT_CLIENTS, PROFILE};
use virta_model::settings::{Period, Study};
use virta_model::{ColumnData, Day, NULL_CODE, PartSink, Table};
use virta_release::Group;
use virta_store::to_table;

use super::super::report::Prepared;
use crate::failure::Failure;
use crate::source::StoreSource;
use crate::view::View;

/// Everybody, the cohorts, the segments and the pilots of a study, in each period; groups of nobody are left out.
///
/// # Errors
/// A snapshot that does not give the numbers that the study's tables have.
pub(super) fn of(prepared: &Prepared, threads: Option<usize>) -> Result<Vec<Group>, Failure> {
    let mut groups = everybody(prepared, threads)?;
    groups.extend(cohorts(prepared)?);
    check(prepared, &groups)?;
    groups.extend(pilots(prepared)?);
    groups.retain(|group| !group.clients().is_empty());
    Ok(groups)
}

/// A cohort of everybody who used any service in a period of the study.
fn any_use(study: &Study) -> Result<Study, Failure> {
    const TEXT: &str = "[study]\nname = \"all\"\nperiod = \"2000\"\n[[cohort]]\nname = \"any\"\nmin_services = 1\n";
    Ok(Study { study: study.study.clone(), ..Study::parse(TEXT)? })
}

/// Everybody and the segments.
fn everybody(prepared: &Prepared, threads: Option<usize>) -> Result<Vec<Group>, Failure> {
    let study = &prepared.settings;
    let asked = any_use(study)?;
    let source = StoreSource::open(&prepared.snapshot, &asked)?;
    let options = RunOptions { threads: threads.unwrap_or(0), ..RunOptions::default() };
    let found = Segmented { study, clients: Mutex::default() };
    virta_flow::run_into(&asked, &source, &options, &found).map_err(|error| Failure::refused(error.to_string()))?;
    let clients = found.clients.into_inner().unwrap_or_else(PoisonError::into_inner);
    let mut groups = Vec::new();
    for (at, period) in study.study.periods.iter().enumerate() {
        let of_period = || clients.iter().filter(move |((in_period, _), _)| *in_period == at);
        let all = of_period().flat_map(|(_, clients)| clients.iter().copied());
        groups.push(Group::new("all", "all", period, all.collect()));
        for ((_, segment), clients) in of_period().filter(|_| !study.segments.is_empty()) {
            let name = study.segments.get(*segment).map_or("other", |segment| segment.name.as_str());
            groups.push(Group::new("segment", name, period, clients.clone()));
        }
    }
    Ok(groups)
}

/// Takes the members of the cohort of everybody and puts each into the first segment one of whose services was used.
struct Segmented<'a> {
    study: &'a Study,
    /// By period and segment; those of no segment come last.
    clients: Mutex<BTreeMap<(usize, usize), Vec<i64>>>,
}

impl PartSink for Segmented<'_> {
    fn part(&self, _: u32, part: Table) -> Result<(), Box<dyn Error + Send + Sync>> {
        if part.schema != &MEMBERS {
            return Ok(());
        }
        let column = |name: &str| MEMBERS.index_of(name).and_then(|at| part.columns.get(at));
        let (Some(ColumnData::Int(ids)), Some(ColumnData::Text(periods)), Some(ColumnData::Text(sets))) =
            (column("client_id"), column("period"), column("service_set"))
        else {
            return Err("members have other columns".into());
        };
        let labels: Vec<&str> = periods.texts.iter().collect();
        let place = |label: &&str| self.study.study.periods.iter().position(|period| period.label() == *label);
        let places: Vec<Option<usize>> = labels.iter().map(place).collect();
        let segments: Vec<usize> = sets.texts.iter().map(|set| self.segment(set)).collect();
        let mut clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        for ((id, &period), &set) in ids.iter().zip(&periods.codes).zip(&sets.codes) {
            let period = places.get(period as usize).copied().flatten().ok_or("a period that is not the study's")?;
            let segment = if set == NULL_CODE { None } else { segments.get(set as usize).copied() };
            let segment = segment.unwrap_or(self.study.segments.len());
            clients.entry((period, segment)).or_default().push(*id);
        }
        Ok(())
    }
}

impl Segmented<'_> {
    fn segment(&self, set: &str) -> usize {
        let fits = |services: &[String]| set.split('+').any(|used| services.iter().any(|service| service == used));
        let found = self.study.segments.iter().position(|segment| fits(&segment.any_service));
        found.unwrap_or(self.study.segments.len())
    }
}

/// The members of each cohort, as the study's tables have them.
fn cohorts(prepared: &Prepared) -> Result<Vec<Group>, Failure> {
    let mut clients: BTreeMap<(String, String), Vec<i64>> = BTreeMap::new();
    for batch in prepared.results.read(MEMBERS.name, None)? {
        let table = to_table(&MEMBERS, &[batch?])?;
        for row in (View { table: &table }).rows() {
            if let Some(id) = row.int("client_id") {
                clients.entry((row.text("cohort").to_owned(), row.text("period").to_owned())).or_default().push(id);
            }
        }
    }
    let period = |label: &str| prepared.settings.study.periods.iter().find(|period| period.label() == label);
    let groups = clients.into_iter().filter_map(|((cohort, label), clients)| {
        let period: &Period = period(&label)?;
        Some(Group::new("cohort", &cohort, period, clients))
    });
    Ok(groups.collect())
}

/// The clients of each pilot, over the days of their windows.
fn pilots(prepared: &Prepared) -> Result<Vec<Group>, Failure> {
    if prepared.results.rows(PILOT_CLIENTS.name).is_none() {
        return Ok(Vec::new());
    }
    let table = prepared.results.table(&PILOT_CLIENTS)?;
    let mut found: BTreeMap<&str, (Day, Day, Vec<i64>)> = BTreeMap::new();
    for row in (View { table: &table }).rows().filter(|row| row.text("role") == "pilot") {
        let (Some(id), Some(from), Some(to)) = (row.int("client_id"), row.day("from_date"), row.day("to_date")) else {
            continue;
        };
        let (first, last, clients) = found.entry(row.text("pilot")).or_insert((from, to, Vec::new()));
        (*first, *last) = ((*first).min(from), (*last).max(to));
        clients.push(id);
    }
    let groups = found.into_iter().map(|(pilot, (first, last, clients))| {
        Group::between("pilot", pilot, &format!("{first}..{last}"), (first, last), clients)
    });
    Ok(groups.collect())
}

/// The groups must have as many clients as the study's tables say: else they would not be those that are released.
fn check(prepared: &Prepared, groups: &[Group]) -> Result<(), Failure> {
    let profile = prepared.results.table(&PROFILE)?;
    for row in (View { table: &profile }).rows() {
        let (kind, name) = match (row.text("dimension"), row.text("cohort")) {
            ("all", "all") => ("all", "all"),
            ("all", cohort) => ("cohort", cohort),
            ("segment", "all") => ("segment", row.text("value")),
            _ => continue,
        };
        let is = |group: &&Group| group.kind == kind && group.name == name && group.period == row.text("period");
        let found = groups.iter().find(is).map_or(0, |group| group.clients().len());
        if i64::try_from(found).ok() != row.int("clients") {
            return Err(Failure::refused(format!(
                "the snapshot does not give the people of {kind} {name} in {} as the study's tables have them",
                row.text("period")
            ))
            .fix("run virta study again"));
        }
    }
    Ok(())
}
