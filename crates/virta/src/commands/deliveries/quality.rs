//! What the rows of deliveries look like, for the terminal.

use std::collections::BTreeMap;

use virta_ingest::{DeliveryPage, Reconciliation};
use virta_store::Delivery;

use crate::render::{self, Grid, SHOWN, count, count_or_dash, euros, list, printable, ratio_percent};

/// The quality page of one delivery.
pub(super) fn page(page: &DeliveryPage) -> String {
    let mut parts = vec![head(page)];
    parts.extend(counts("Quarantined, by field and rule", &page.quarantined_by));
    parts.extend(counts(
        "Left empty, since it cannot be, rows by field and rule (an end after the extract is open)",
        &page.emptied,
    ));
    parts.extend(missing(page));
    parts.extend(counts("Codes that the code list lacks, rows by field", &page.unknown_codes));
    parts.extend(unknown_named(page));
    parts.extend(side_tables(page));
    parts.extend(months(page));
    parts.push(checks(page));
    parts.join("\n\n")
}

fn head(page: &DeliveryPage) -> String {
    let mut grid = Grid::new(&["", ""]);
    let rows = [
        ("delivery", page.delivery_id.to_string()),
        ("source", printable(&page.source)),
        ("table", page.table.clone()),
        ("file", printable(&page.file)),
        ("size", render::bytes(page.bytes)),
        ("blake3", page.blake3.clone()),
        ("extracted on", page.extracted_on.clone().unwrap_or_else(|| "-".to_owned())),
        ("ingested (UTC)", page.ingested_at.clone()),
        ("rows read", count(page.rows_read as i64)),
        ("= accepted", count(page.rows_accepted as i64)),
        ("+ quarantined", count(page.rows_quarantined as i64)),
        ("+ superseded", count(page.rows_superseded as i64)),
        ("+ not selected", count(page.rows_not_selected as i64)),
        ("lines skipped", count(page.lines_skipped as i64)),
    ];
    for (name, value) in rows {
        grid.row([name.to_owned(), value]);
    }
    grid.text().trim_start_matches([' ', '\n']).to_owned()
}

fn counts(heading: &str, counts: &BTreeMap<String, u64>) -> Option<String> {
    let lines: Vec<_> =
        counts.iter().map(|(what, rows)| format!("  {:>9}  {}", count(*rows as i64), printable(what))).collect();
    (!lines.is_empty()).then(|| format!("{heading}\n{}", lines.join("\n")))
}

fn unknown_named(page: &DeliveryPage) -> Option<String> {
    let codes = page.unknown_named.iter().flat_map(|(field, codes)| codes.iter().map(move |code| (field, code)));
    let mut lines: Vec<(u64, String)> =
        codes.map(|(field, (code, rows))| (*rows, format!("{}  ({field})", printable(code)))).collect();
    lines.sort_by(|(a, a_text), (b, b_text)| b.cmp(a).then_with(|| a_text.cmp(b_text)));
    let lines = lines.into_iter().map(|(rows, text)| format!("  {:>9}  {text}", count(rows as i64))).collect();
    list("Of those, codes that at least five people have, by rows", lines)
}

fn side_tables(page: &DeliveryPage) -> Option<String> {
    if page.side_tables.is_empty() {
        return None;
    }
    let mut grid = Grid::new(&[
        "side table",
        "for",
        ">rows without their key",
        ">rows of several values",
        ">keys",
        ">keys without a row",
    ]);
    for (field, used) in &page.side_tables {
        grid.row([
            printable(&used.file),
            field.clone(),
            count(used.rows_unmatched as i64),
            count(used.rows_contested as i64),
            count(used.keys as i64),
            count(used.keys_unused as i64),
        ]);
    }
    Some(format!("Side tables beside the rows of this file\n{}", grid.text()))
}

fn missing(page: &DeliveryPage) -> Option<String> {
    let some = page.missing_share.iter().filter(|(_, share)| **share > 0.0);
    let lines: Vec<_> = some.map(|(field, share)| format!("  {:>9}  {field}", ratio_percent(*share))).collect();
    (!lines.is_empty()).then(|| format!("Missing, share of readable rows\n{}", lines.join("\n")))
}

fn months(page: &DeliveryPage) -> Option<String> {
    if page.months.is_empty() {
        return None;
    }
    let mut grid = Grid::new(&["month", ">rows", ">of the source", ">usual", ""]);
    for month in &page.months {
        grid.row([
            month.month.clone(),
            count(month.rows as i64),
            count(month.source_rows as i64),
            month.usual.map_or_else(|| "-".to_owned(), |usual| count(usual.round() as i64)),
            if month.is_low { "LOW: under half of the usual" } else { "" }.to_owned(),
        ]);
    }
    Some(format!("Rows by month (usual: median of the source's twelve months before)\n{}", grid.text()))
}

fn checks(page: &DeliveryPage) -> String {
    let unpriced = page.unpriced_share.map_or_else(|| "-".to_owned(), ratio_percent);
    let lines = [
        format!("  {:>9}  stays that end before they start", count(page.ends_before_start as i64)),
        format!("  {:>9}  contacts after the client's death", count(page.after_death as i64)),
        format!("  {unpriced:>9}  of contacts without a cost"),
        format!("  {:>9}  contacts priced by a unit cost", count(page.priced_by_unit_cost as i64)),
    ];
    format!("Checks\n{}", lines.join("\n"))
}

/// Quarantined rows over all deliveries.
pub(super) fn reasons(deliveries: &[&Delivery], reasons: &BTreeMap<i64, BTreeMap<String, u64>>) -> Option<String> {
    let of = |delivery: &&Delivery| {
        let file = printable(&delivery.file);
        let counts = reasons.get(&delivery.delivery_id).into_iter().flatten();
        counts
            .map(|(reason, rows)| format!("  {:>9}  {}  ({file})", count(*rows as i64), printable(reason)))
            .collect::<Vec<_>>()
    };
    list("Quarantined rows, by field and rule", deliveries.iter().flat_map(of).collect())
}

/// Services that no code list names.
pub(super) fn unnamed(services: &[String]) -> Option<String> {
    let lines = services.iter().map(|code| format!("  {}", printable(code))).collect();
    list("Services that no code list names (sector: other)", lines)
}

/// Totals-only sources beside the row data.
pub(super) fn reconciled(totals: &[Reconciliation]) -> Option<String> {
    if totals.is_empty() {
        return None;
    }
    let header = [
        "source",
        "service",
        "from",
        "to",
        ">contacts told",
        ">in rows",
        ">clients told",
        ">in rows",
        ">cost told",
        ">in rows",
    ];
    let mut grid = Grid::new(&header);
    for total in totals.iter().take(SHOWN) {
        grid.row([
            printable(&total.source),
            printable(&total.service),
            total.period_from.clone(),
            total.period_to.clone(),
            count_or_dash(total.contacts),
            count(total.row_contacts),
            count_or_dash(total.clients),
            count(total.row_clients),
            total.cost_cents.map_or_else(|| "-".to_owned(), euros),
            euros(total.row_cost_cents),
        ]);
    }
    let more = totals.len().saturating_sub(SHOWN);
    let more = if more == 0 { String::new() } else { format!("\n  and {more} more: --json lists them all") };
    Some(format!("Totals that sources give, beside the rows\n{}{more}", grid.text()))
}
