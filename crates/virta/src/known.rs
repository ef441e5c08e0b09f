//! Rule 0: which sources end before a period of a study does.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use virta_model::Day;
use virta_model::settings::Study;
use virta_store::{Snapshot, StudyResults};

use crate::failure::Failure;
use crate::render::{Grid, printable};

/// Under this name the results keep, as JSON, the last day that each source knows of.
pub(crate) const KNOWN_TO: &str = "sources_known_to";

/// A source that knows nothing of the last days of some periods: what happened then is in none of the study's numbers.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(crate) struct EndsBefore {
    pub source: String,
    /// The last day that the source knows of.
    pub known_to: String,
    /// The periods that end later, as the study writes them.
    pub periods: Vec<String>,
}

/// The last day of each source that tells something of people, as a study's results keep it.
pub(crate) fn known_to(snapshot: &Snapshot) -> Result<BTreeMap<String, Day>, Failure> {
    let of_people = ["contacts", "clients", "assessments", "plans", "feedback"];
    let deliveries = snapshot.deliveries().iter().filter(|delivery| of_people.contains(&delivery.table.as_str()));
    let sources: BTreeSet<&str> = deliveries.map(|delivery| delivery.source.as_str()).collect();
    let mut known = virta_ingest::known_to(snapshot)?;
    known.retain(|source, _| sources.contains(source.as_str()));
    Ok(known)
}

/// The days as the results keep them.
pub(crate) fn to_setting(known: &BTreeMap<String, Day>) -> String {
    let texts: BTreeMap<&String, String> = known.iter().map(|(source, day)| (source, day.to_string())).collect();
    serde_json::to_string(&texts).unwrap_or_default()
}

/// The sources that end before a period of the study does, of results that were made since these are kept.
pub(crate) fn of_results(results: &StudyResults, study: &Study) -> Vec<EndsBefore> {
    ends_before(&kept(results), study)
}

/// The last day of each source, of results that were made since these are kept.
pub(crate) fn kept(results: &StudyResults) -> BTreeMap<String, Day> {
    let kept = results.meta().settings.get(KNOWN_TO);
    let texts: BTreeMap<String, String> = kept.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
    texts.into_iter().filter_map(|(source, day)| Some((source, Day::parse_iso(&day)?))).collect()
}

fn ends_before(known: &BTreeMap<String, Day>, study: &Study) -> Vec<EndsBefore> {
    let of_source = |(source, day): (&String, &Day)| {
        let later = study.study.periods.iter().filter(|period| period.last > *day);
        let periods: Vec<String> = later.map(|period| period.label().to_owned()).collect();
        let ends = EndsBefore { source: source.clone(), known_to: day.to_string(), periods };
        (!ends.periods.is_empty()).then_some(ends)
    };
    known.iter().filter_map(of_source).collect()
}

/// For the report.
pub(crate) fn for_report(sources: Vec<EndsBefore>) -> Vec<virta_report::SourceEnd> {
    let of = |ends: EndsBefore| {
        let known_to = Day::parse_iso(&ends.known_to)?;
        Some(virta_report::SourceEnd { source: ends.source, known_to, periods: ends.periods })
    };
    sources.into_iter().filter_map(of).collect()
}

/// For the terminal; nothing when every source knows all periods to their ends.
pub(crate) fn page(sources: &[EndsBefore]) -> Option<String> {
    let mut grid = Grid::new(&["source", "known to", "ends before the end of"]);
    for source in sources {
        grid.row([printable(&source.source), source.known_to.clone(), source.periods.join(", ")]);
    }
    (!grid.is_empty())
        .then(|| format!("Sources that end before a period does: what came later is in no number\n{}", grid.text()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_is_named_with_the_periods_that_end_after_it() {
        let study = Study::parse("[study]\nname = \"s\"\nperiods = [\"2013\", \"2014\"]\n").expect("a study");
        let day = |text| Day::parse_iso(text).expect("a day");
        let known = [("a", "2014-12-31"), ("b", "2014-12-30"), ("c", "2013-06-01")];
        let known = known.map(|(source, text)| (source.to_owned(), day(text))).into();
        let found = ends_before(&known, &study);
        let told: Vec<_> = found.iter().map(|one| (one.source.as_str(), one.periods.join(" "))).collect();
        assert_eq!(told, [("b", "2014".to_owned()), ("c", "2013 2014".to_owned())]);
        assert_eq!(page(&[]), None);
    }
}
