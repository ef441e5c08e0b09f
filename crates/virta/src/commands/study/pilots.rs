//! Pilots, for the terminal: who could be followed and compared, what changed.

use virta_model::Table;

use crate::render::{Grid, count, count_or_dash, euros, printable};
use crate::view::{RowView, View};

/// A part for each pilot.
pub(super) fn pilots(tables: &[Table]) -> Option<String> {
    let counts = View::of(tables, "pilot_counts")?;
    let mut names: Vec<&str> = counts.rows().map(|row| row.text("pilot")).collect();
    names.dedup();
    let parts: Vec<String> = names.into_iter().map(|name| one(tables, name)).collect();
    (!parts.is_empty()).then(|| parts.join("\n\n"))
}

fn one(tables: &[Table], name: &str) -> String {
    let steps = View::of(tables, "pilot_counts").into_iter().flat_map(View::rows);
    let steps: Vec<RowView<'_>> = steps.filter(|row| row.text("pilot") == name).collect();
    let step = |step: &str| steps.iter().find(|row| row.text("step") == step);
    let clients = |name: &str| count_or_dash(step(name).and_then(|row| row.int("clients")));
    let mut text = format!(
        "Pilot {}: {} listed, {} with a baseline; follow-up of {} complete, of {} going on, of {} ended early",
        printable(name),
        clients("listed"),
        clients("baseline"),
        clients("complete"),
        clients("going_on"),
        clients("ended_early"),
    );
    text.push_str(&strangers(step("listed"), step("known")));
    let is_compared = step("matched").is_some();
    if let Some(matched) = step("matched") {
        text.push_str(&format!(
            "\n{} matched with {} comparison clients, {} without a match; after less before is told per 365 days",
            count_or_dash(matched.int("clients")),
            count_or_dash(matched.int("comparison_clients")),
            clients("unmatched"),
        ));
    }
    let mut header = vec!["", ">clients", ">before", ">after"];
    if is_compared {
        header.extend([">compared: before", ">after", ">difference in differences", ">95 % interval"]);
    }
    let mut grid = Grid::new(&header);
    let rows = View::of(tables, "pilot_baseline").into_iter().flat_map(View::rows);
    for row in rows.filter(|row| row.text("pilot") == name && row.text("service").is_empty()) {
        let is_followed = row.int("followed_clients").unwrap_or(0) > 0;
        let (n, before, other) = match is_followed {
            true => ("followed_clients", "before_mean", "comparison_before_mean"),
            false => ("clients", "baseline_mean", "comparison_baseline_mean"),
        };
        let is_somebody = row.int(n).unwrap_or(0) > 0;
        let shown = |column: &str| match row.ratio(column) {
            None if is_somebody && (is_followed || column == before || column == other) => "not measured".to_owned(),
            _ => mean(row, column),
        };
        let measure = row.text("measure").trim_end_matches("_cents").replace('_', " ");
        let mut cells = vec![measure, count_or_dash(row.int(n))];
        cells.extend([before, "after_mean"].map(shown));
        if is_compared {
            cells.extend([other, "comparison_after_mean", "difference"].map(shown));
            cells.push(match (row.ratio("interval_low"), row.ratio("interval_high")) {
                (Some(_), Some(_)) => format!("{} to {}", mean(row, "interval_low"), mean(row, "interval_high")),
                _ => "-".to_owned(),
            });
        }
        grid.row(cells);
    }
    format!("{text}\n{}", grid.text())
}

/// Of whom on the list the store knows nothing: a pilot begins with clients who use services, so that as a rule the list
/// writes them otherwise.
fn strangers(listed: Option<&RowView<'_>>, known: Option<&RowView<'_>>) -> String {
    let clients = |row: Option<&RowView<'_>>| row.and_then(|row| row.int("clients")).unwrap_or(0);
    match (clients(listed), clients(known)) {
        (0, _) => {
            "\nWARNING: no delivery lists a client of this pilot; is its name the one in the table pilots?".to_owned()
        }
        (listed, known) if known < listed => format!(
            "\nWARNING: of {} on the list no contact and no client list knows anything, and they are in none of these \
             numbers; check pseudonym and normalise in the profile that delivers the list",
            count(listed - known),
        ),
        _ => String::new(),
    }
}

fn mean(row: RowView<'_>, column: &str) -> String {
    match row.ratio(column) {
        Some(cents) if row.text("measure") == "cost_cents" => euros(cents.round() as i64),
        Some(mean) => format!("{mean:.2}"),
        None => "-".to_owned(),
    }
}
