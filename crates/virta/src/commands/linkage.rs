//! Linkage: how each source's people are known elsewhere, for the terminal and as a study's table.

use virta_ingest::{JoinAdvice, SourceLinkage};
use virta_model::schema::SOURCES;
use virta_model::{Day, Table, Value};

use crate::render::{Grid, count, percent, printable};

/// A line for each source: who is in the client list, who in each other source, who nowhere else.
pub(crate) fn page(sources: &[SourceLinkage]) -> Option<String> {
    if sources.is_empty() {
        return None;
    }
    let mut grid =
        Grid::new(&["source", "known to", ">people", ">in client list", ">in other sources", ">alone", "found in"]);
    for source in sources {
        let share = |people: Option<u64>| match people {
            Some(people) => {
                format!("{} ({})", count(people as i64), percent(people as i64, source.clients as i64))
            }
            None => "not measured".to_owned(),
        };
        let found_in = source.found_in.iter().filter(|(_, people)| **people > 0);
        let found_in: Vec<String> =
            found_in.map(|(other, people)| format!("{} {}", printable(other), count(*people as i64))).collect();
        grid.row([
            printable(&source.source),
            source.known_to.clone().unwrap_or_else(|| "-".to_owned()),
            count(source.clients as i64),
            share(source.in_client_list),
            share(source.in_other_sources),
            share(source.alone),
            found_in.join(", "),
        ]);
    }
    Some(format!("Linkage: how each source's people are known elsewhere\n{}", grid.text()))
}

/// What to write into which profile, and what it would gain.
pub(crate) fn advice(advice: &[JoinAdvice]) -> Option<String> {
    let line = |advice: &JoinAdvice| {
        format!(
            "  {}: write {} into [source] of its profile and ingest it again: about {} of its {} unmatched people would be \
             joined",
            printable(&advice.source),
            advice.key,
            count(advice.joins as i64),
            count(advice.unmatched as i64)
        )
    };
    let lines: Vec<String> = advice.iter().map(line).collect();
    let heading = "WARNING: pseudonyms of these sources look worn by a system or a spreadsheet";
    (!lines.is_empty()).then(|| format!("{heading}\n{}", lines.join("\n")))
}

/// The table `sources` of a study.
pub(crate) fn table(sources: &[SourceLinkage]) -> Table {
    let mut table = Table::new(&SOURCES);
    for source in sources {
        let day = source.known_to.as_deref().and_then(Day::parse_iso);
        let people = |people: Option<u64>| people.map_or(Value::Null, |people| Value::Int(people as i64));
        table.push(&[
            Value::Text(&source.source),
            day.map_or(Value::Null, |day| Value::Date(day.0)),
            Value::Int(source.clients as i64),
            people(source.in_client_list),
            people(source.in_other_sources),
            people(source.alone),
        ]);
    }
    table
}
