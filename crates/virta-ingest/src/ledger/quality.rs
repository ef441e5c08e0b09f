//! The quality page of a delivery, and totals-only sources beside the row data.

use std::collections::{BTreeMap, HashSet};

use arrow::array::Array;
use hashbrown::HashMap;
use serde::Serialize;
use virta_model::Day;
use virta_store::Snapshot;

use crate::error::Result;
use crate::ledger::entries::read_details;
use crate::ledger::quality_page::{QualityPage, SideTableUse};
use crate::rows::stored::{self, number_or_none};

/// What `virta deliveries --show` tells about one delivery.
#[derive(Debug, Clone, Serialize)]
pub struct DeliveryPage {
    pub delivery_id: i64,
    pub source: String,
    pub table: String,
    pub file: String,
    pub blake3: String,
    pub bytes: u64,
    pub extracted_on: Option<String>,
    pub ingested_at: String,
    pub snapshot: String,
    pub rows_read: u64,
    pub rows_accepted: u64,
    pub rows_quarantined: u64,
    pub rows_superseded: u64,
    pub rows_not_selected: u64,
    pub lines_skipped: u64,
    /// Rows in quarantine by field and rule: `service missing`.
    pub quarantined_by: BTreeMap<String, u64>,
    /// Readable rows of which a field is null because what it said cannot be, by field and rule:
    /// `birth_date after_extract`. `end_date after_extract` are planned ends, which are open.
    pub emptied: BTreeMap<String, u64>,
    /// Share of the readable rows without this field, by field.
    pub missing_share: BTreeMap<String, f64>,
    /// The delivery's months in order, and those between them in which rows would be usual.
    pub months: Vec<MonthCount>,
    /// Rows whose code the code list lacks, by field: those that were kept and those in quarantine for it.
    pub unknown_codes: BTreeMap<String, u64>,
    /// Unknown codes that rows of at least five people carry, by field, with their rows; others are counted only.
    pub unknown_named: BTreeMap<String, BTreeMap<String, u64>>,
    /// How keys met side tables, by field.
    pub side_tables: BTreeMap<String, SideTableUse>,
    /// Rows whose end lies before their start; they are in quarantine.
    pub ends_before_start: u64,
    /// Contacts of this delivery that start after the client's death.
    pub after_death: u64,
    /// Share of this delivery's contacts without any cost; `None` where there are no contacts.
    pub unpriced_share: Option<f64>,
    /// Contacts of this delivery priced by a unit cost.
    pub priced_by_unit_cost: u64,
}

/// Rows of a month, beside what is usual for the source.
#[derive(Debug, Clone, Serialize)]
pub struct MonthCount {
    /// `2014-01`.
    pub month: String,
    /// Readable rows of this delivery.
    pub rows: u64,
    /// Rows of the source that stand in the store.
    pub source_rows: u64,
    /// Median of the source's twelve months before, where it has at least three.
    pub usual: Option<f64>,
    /// The source has less than half of what is usual.
    pub is_low: bool,
}

/// Makes the quality page of a delivery; `None` when the snapshot has no such delivery.
///
/// # Errors
/// A file of the snapshot that cannot be read or is damaged.
pub fn delivery_page(snapshot: &Snapshot, delivery_id: i64) -> Result<Option<DeliveryPage>> {
    let Some(ledger) = snapshot.deliveries().iter().find(|delivery| delivery.delivery_id == delivery_id) else {
        return Ok(None);
    };
    let details = read_details(snapshot)?;
    let (page, extracted_on) = match details.get(&delivery_id) {
        Some(details) => (details.page.clone(), details.extracted_on),
        None => (QualityPage::default(), None),
    };
    let facts = if ledger.table == "contacts" {
        contact_facts(snapshot, delivery_id, &ledger.source)?
    } else {
        ContactFacts::default()
    };
    let good = page.rows_good.max(1) as f64;
    let quarantined_by = quarantined_by(snapshot)?.remove(&delivery_id).unwrap_or_default();
    Ok(Some(DeliveryPage {
        delivery_id,
        source: ledger.source.clone(),
        table: ledger.table.clone(),
        file: ledger.file.clone(),
        blake3: ledger.blake3.clone(),
        bytes: ledger.bytes,
        extracted_on: extracted_on.map(|day| Day(day).to_string()),
        ingested_at: ledger.ingested_at.clone(),
        snapshot: ledger.snapshot.clone(),
        rows_read: ledger.rows_read,
        rows_accepted: ledger.rows_accepted,
        rows_quarantined: ledger.rows_quarantined,
        rows_superseded: ledger.rows_superseded,
        rows_not_selected: ledger.rows_not_selected,
        lines_skipped: ledger.lines_skipped,
        unknown_codes: unknown_codes(&page, &quarantined_by),
        quarantined_by,
        unknown_named: page.unknown_named.clone(),
        side_tables: page.side_tables.clone(),
        emptied: page.emptied.clone(),
        missing_share: page.missing.iter().map(|(field, n)| (field.clone(), *n as f64 / good)).collect(),
        months: months(&page, &facts.source_months),
        ends_before_start: page.refused_by_rule.get("end_before_start").copied().unwrap_or(0),
        after_death: facts.after_death,
        unpriced_share: (facts.contacts > 0).then(|| facts.unpriced as f64 / facts.contacts as f64),
        priced_by_unit_cost: facts.by_unit_cost,
    }))
}

/// Rows in quarantine by delivery, then by field and rule.
///
/// # Errors
/// A file of the snapshot that cannot be read or is damaged.
pub fn quarantined_by(snapshot: &Snapshot) -> Result<HashMap<i64, BTreeMap<String, u64>>> {
    let mut found: HashMap<i64, BTreeMap<String, u64>> = HashMap::new();
    for batch in stored::read(snapshot, "quarantine", None, Some(&["delivery_id", "field", "rule"]))? {
        let batch = batch?;
        let (ids, fields) = (batch.ints(0)?, batch.texts(1)?);
        for (n, rule) in batch.codes(2)?.into_iter().enumerate() {
            let reason = format!("{} {}", fields.value(n), rule).trim().to_owned();
            *found.entry(ids.value(n)).or_default().entry(reason).or_default() += 1;
        }
    }
    Ok(found)
}

#[derive(Debug, Default)]
struct ContactFacts {
    contacts: u64,
    unpriced: u64,
    by_unit_cost: u64,
    after_death: u64,
    /// Rows of the source by month, year * 12 + month - 1.
    source_months: BTreeMap<i32, u64>,
}

fn contact_facts(snapshot: &Snapshot, delivery_id: i64, source: &str) -> Result<ContactFacts> {
    let mut facts = ContactFacts::default();
    for file in snapshot.files("contacts") {
        let deaths = deaths(snapshot, file.bucket)?;
        let columns = ["client_id", "start_date", "source", "delivery_id", "cost_source"];
        for batch in stored::read(snapshot, "contacts", file.bucket, Some(&columns))? {
            let batch = batch?;
            let (clients, days, ids) = (batch.ints(0)?, batch.days(1)?, batch.ints(3)?);
            let (sources, costs) = (batch.codes(2)?, batch.codes(4)?);
            for n in 0..batch.rows() {
                let day = days.value(n);
                if sources.get(n).is_some_and(|found| *found == source) {
                    *facts.source_months.entry(month_of(day)).or_default() += 1;
                }
                if ids.value(n) != delivery_id {
                    continue;
                }
                facts.contacts += 1;
                match costs.get(n) {
                    Some(&"none") => facts.unpriced += 1,
                    Some(&"unit_cost") => facts.by_unit_cost += 1,
                    _ => {}
                }
                facts.after_death += u64::from(deaths.get(&clients.value(n)).is_some_and(|died| day > *died));
            }
        }
    }
    Ok(facts)
}

fn deaths(snapshot: &Snapshot, bucket: Option<u32>) -> Result<HashMap<i64, i32>> {
    let mut deaths = HashMap::new();
    for batch in stored::read(snapshot, "clients", bucket, Some(&["client_id", "died_on"]))? {
        let batch = batch?;
        let (clients, days) = (batch.ints(0)?, batch.days(1)?);
        for n in (0..batch.rows()).filter(|n| !days.is_null(*n)) {
            deaths.insert(clients.value(n), days.value(n));
        }
    }
    Ok(deaths)
}

fn month_of(day: i32) -> i32 {
    let (year, month, _) = Day(day).ymd();
    year * 12 + month as i32 - 1
}

fn unknown_codes(page: &QualityPage, quarantined_by: &BTreeMap<String, u64>) -> BTreeMap<String, u64> {
    let mut unknown = page.unknown_codes.clone();
    for (reason, rows) in quarantined_by {
        if let Some(field) = reason.strip_suffix(" unknown_code") {
            *unknown.entry(field.to_owned()).or_default() += rows;
        }
    }
    unknown
}

fn months(page: &QualityPage, source_months: &BTreeMap<i32, u64>) -> Vec<MonthCount> {
    let rows: BTreeMap<i32, u64> = page
        .months
        .iter()
        .filter_map(|(month, rows)| Some((month_of(Day::parse_iso(&format!("{month}-01"))?.0), *rows)))
        .collect();
    let (Some((&first, _)), Some((&last, _))) = (rows.first_key_value(), rows.last_key_value()) else {
        return Vec::new();
    };
    let count = |number: i32| {
        let delivered = rows.get(&number).copied();
        let usual = usual(source_months, number);
        let source_rows = source_months.get(&number).copied().or(delivered).unwrap_or(0);
        let is_low = usual.is_some_and(|usual| (source_rows as f64) < usual / 2.0);
        let month = format!("{:04}-{:02}", number.div_euclid(12), number.rem_euclid(12) + 1);
        // A month without a row is the deepest drop; where nothing is usual there is nothing to tell of it.
        (delivered.is_some() || is_low).then(|| MonthCount {
            month,
            rows: delivered.unwrap_or(0),
            source_rows,
            usual,
            is_low,
        })
    };
    (first..=last).filter_map(count).collect()
}

/// The median of the source's twelve months before, of those that have rows; `None` of fewer than three.
fn usual(source_months: &BTreeMap<i32, u64>, number: i32) -> Option<f64> {
    let mut before: Vec<u64> = source_months.range(number - 12..number).map(|(_, rows)| *rows).collect();
    if before.len() < 3 {
        return None;
    }
    before.sort_unstable();
    let middle = before.len() / 2;
    let high = *before.get(middle)?;
    let low = if before.len().is_multiple_of(2) { *before.get(middle - 1)? } else { high };
    Some((high + low) as f64 / 2.0)
}

/// A total that a source gives, beside what the row data say of the same service and period.
#[derive(Debug, Clone, Serialize)]
pub struct Reconciliation {
    pub source: String,
    pub service: String,
    pub period_from: String,
    pub period_to: String,
    /// What the source says; `None` where it says nothing.
    pub clients: Option<i64>,
    pub contacts: Option<i64>,
    pub cost_cents: Option<i64>,
    /// Contacts of the service, of whatever source, that start in the period, their clients and their cost.
    pub row_clients: i64,
    pub row_contacts: i64,
    pub row_cost_cents: i64,
}

/// Every total of the `aggregates` table beside the row data, in the table's order. The difference is what the source
/// says minus what the rows say.
///
/// # Errors
/// A file of the snapshot that cannot be read or is damaged.
pub fn reconcile(snapshot: &Snapshot) -> Result<Vec<Reconciliation>> {
    let mut totals = Vec::new();
    let mut periods: Vec<(i32, i32)> = Vec::new();
    for batch in stored::read(snapshot, "aggregates", None, None)? {
        let batch = batch?;
        let (sources, services) = (batch.codes(0)?, batch.codes(1)?);
        let (from, to) = (batch.days(2)?, batch.days(3)?);
        let (clients, contacts, costs) = (batch.ints(4)?, batch.ints(5)?, batch.ints(6)?);
        for (n, (source, service)) in sources.iter().zip(&services).enumerate() {
            periods.push((from.value(n), to.value(n)));
            totals.push(Reconciliation {
                source: (*source).to_owned(),
                service: (*service).to_owned(),
                period_from: Day(from.value(n)).to_string(),
                period_to: Day(to.value(n)).to_string(),
                clients: number_or_none(clients, n),
                contacts: number_or_none(contacts, n),
                cost_cents: number_or_none(costs, n),
                row_clients: 0,
                row_contacts: 0,
                row_cost_cents: 0,
            });
        }
    }
    let mut by_service: HashMap<String, Vec<usize>> = HashMap::new();
    for (at, total) in totals.iter().enumerate() {
        by_service.entry(total.service.clone()).or_default().push(at);
    }
    for file in snapshot.files("contacts") {
        // A client lies in one bucket.
        let mut seen: HashSet<(usize, i64)> = HashSet::new();
        let columns = ["client_id", "service", "start_date", "cost_cents"];
        for batch in stored::read(snapshot, "contacts", file.bucket, Some(&columns))? {
            let batch = batch?;
            let (clients, days, costs) = (batch.ints(0)?, batch.days(2)?, batch.ints(3)?);
            for (n, service) in batch.codes(1)?.into_iter().enumerate() {
                for at in by_service.get(service).into_iter().flatten() {
                    let within = periods.get(*at).is_some_and(|(from, to)| (*from..=*to).contains(&days.value(n)));
                    let Some(total) = totals.get_mut(*at).filter(|_| within) else { continue };
                    total.row_contacts += 1;
                    total.row_cost_cents += if costs.is_null(n) { 0 } else { costs.value(n) };
                    total.row_clients += i64::from(seen.insert((*at, clients.value(n))));
                }
            }
        }
    }
    Ok(totals)
}
