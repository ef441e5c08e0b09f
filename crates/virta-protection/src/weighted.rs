//! What readers know of small groups because they know how often each client of a row counts.
//!
//! Clients with n services stand in n rows of `service_use`, and clients of a band of visits have that many visits. Such
//! sums weigh their cells, and corners of weighted sums are fractions: solved for with all others they take minutes. What
//! protects a small group against them is therefore found directly, a few cells at a time.

use std::collections::{BTreeMap, BTreeSet};

use crate::figures::{Figures, Row};

/// What is unsafe by weighted sums.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Weighted {
    /// Rows whose clients must not be shown either.
    pub rows: BTreeSet<Row>,
    /// Small groups that nothing can protect.
    pub hopeless: Vec<Row>,
}

/// The rows of `services_per_client` that must be withheld with those that are, so that the numbers of services times
/// their clients, which are the clients of all services, leave each small group as large as k.
///
/// Readers are taken to know that sum, the number of clients from each published threshold on, and all other rows. Then
/// d clients more with p services are possible where a clients fewer have i and a - d more have j of them, and
/// d p - a i + (a - d) j = 0.
pub(crate) fn numbers_of_services(figures: &Figures<'_>, is_withheld: impl Fn(Row) -> bool) -> Weighted {
    let mut weighted = Weighted::default();
    let used = figures.groups("service_use", &["cohort", "period"]);
    for (key, rows) in figures.groups("services_per_client", &["period"]) {
        let [Some(period)] = key.as_slice() else { continue };
        let Some(used) = used.get(&vec![Some("all".to_owned()), Some(period.clone())]) else { continue };
        let numbers: Vec<(i64, i64, Row)> = rows
            .iter()
            .filter_map(|&row| Some((figures.value(row, "services")?, figures.value(row, "clients")?, row)))
            .collect();
        let of_services: i64 = used.iter().filter_map(|&row| figures.value(row, "clients")).sum();
        // Where services count by a threshold, nothing follows.
        if numbers.iter().map(|(services, clients, _)| services * clients).sum::<i64>() != of_services {
            continue;
        }
        let thresholds = thresholds(figures, period, &numbers);
        let segment = |services: i64| thresholds.range(..=services).count();
        for &(p, clients, row) in &numbers {
            if !figures.policy.too_few(clients, false) {
                continue;
            }
            let more = i64::from(figures.policy.k) - clients;
            let price = |row: Row, clients: i64| {
                if is_withheld(row) || weighted.rows.contains(&row) { 0 } else { clients }
            };
            let near: Vec<_> = numbers.iter().filter(|(n, _, _)| *n != p && segment(*n) == segment(p)).collect();
            let pairs = near.iter().flat_map(|fewer| near.iter().map(move |others| (fewer, others)));
            let open = pairs.filter_map(|(&&(i, of_i, row_i), &&(j, of_j, row_j))| {
                let a = (i != j && more * (p - j) % (i - j) == 0).then(|| more * (p - j) / (i - j))?;
                // A row that is there has a client.
                let is_possible = of_i - a >= 1 && of_j + a - more >= 1;
                is_possible.then(|| (price(row_i, of_i) + price(row_j, of_j), row_i, row_j))
            });
            match open.min() {
                Some((_, row_i, row_j)) => {
                    weighted.rows.extend([row_i, row_j].into_iter().filter(|&row| !is_withheld(row)))
                }
                None => weighted.hopeless.push(row),
            }
        }
    }
    weighted
}

/// From which numbers of services on the number of clients may be published: by the sweep or by a cohort.
fn thresholds(figures: &Figures<'_>, period: &str, numbers: &[(i64, i64, Row)]) -> BTreeSet<i64> {
    let is_of = |row: Row| figures.text(row, "period").as_deref() == Some(period);
    let sweep = figures.rows("sweep").into_iter().filter(|&row| is_of(row) && figures.is_any_use(row));
    let mut thresholds: BTreeSet<i64> = sweep.filter_map(|row| figures.value(row, "min_services")).collect();
    let is_all = |row: Row| figures.text(row, "dimension").as_deref() == Some("all");
    let cohorts = figures.rows("profile").into_iter().filter(|&row| is_of(row) && is_all(row));
    let sizes: BTreeSet<i64> = cohorts.filter_map(|row| figures.value(row, "clients")).collect();
    for &(services, _, _) in numbers {
        let from_here: i64 = numbers.iter().filter(|(n, _, _)| *n >= services).map(|(_, clients, _)| clients).sum();
        if sizes.contains(&from_here) {
            thresholds.insert(services);
        }
    }
    thresholds
}

/// The small groups that weighted sums tell, whatever is withheld beside them: their tables must not leave. For this the
/// clients of all services are known only where each service is shown.
pub(crate) fn unsafe_rows(figures: &Figures<'_>, is_withheld: impl Fn(Row) -> bool) -> Vec<Row> {
    let mut found = visits_of_bands(figures, &is_withheld).hopeless;
    let services = figures.groups("service_use", &["cohort", "period"]);
    let all_are_shown = |row: &Row| {
        let services = services.get(&vec![Some("all".to_owned()), figures.text(*row, "period")]);
        services.is_some_and(|services| !services.iter().any(|&service| is_withheld(service)))
    };
    found.extend(numbers_of_services(figures, &is_withheld).hopeless.into_iter().filter(all_are_shown));
    found
}

/// How many visits each client of a band has. The bands exclude each other.
const BANDS: [(&str, i64, Option<i64>); 5] =
    [("1", 1, Some(1)), ("2", 2, Some(2)), ("3", 3, Some(3)), ("4-9", 4, Some(9)), ("10+", 10, None)];

/// The rows of `emergency_bands` whose visits must not be shown, since the clients of a band beside them are withheld.
///
/// The visits of all bands together are known from other tables. So each small band must be possible as one of k clients,
/// where the withheld bands have the people that they have and all bands the visits.
pub(crate) fn visits_of_bands(figures: &Figures<'_>, is_withheld: impl Fn(Row) -> bool) -> Weighted {
    let mut weighted = Weighted::default();
    let k = i64::from(figures.policy.k);
    for rows in figures.groups("emergency_bands", &["cohort", "period"]).into_values() {
        if !rows.iter().any(|&row| is_withheld(row)) {
            continue;
        }
        weighted.rows.extend(&rows);
        let named: BTreeMap<String, Row> =
            rows.iter().filter_map(|&row| Some((figures.text(row, "band")?, row))).collect();
        let bands: Vec<Band> = BANDS
            .iter()
            .filter_map(|&(name, least, most)| {
                let row = *named.get(name)?;
                let clients = figures.value(row, "clients")?;
                Some(Band { row, clients, least, most, is_open: is_withheld(row) })
            })
            .collect();
        // Of fewer than k people in emergencies no table tells how many they are or how often they came.
        if bands.iter().map(|band| band.clients).sum::<i64>() < k {
            continue;
        }
        let visits: i64 = bands.iter().filter_map(|band| figures.value(band.row, "visits")).sum();
        for band in bands.iter().filter(|band| band.is_open && figures.policy.too_few(band.clients, false)) {
            if !may_be(k, band, &bands, visits) {
                weighted.hopeless.push(band.row);
            }
        }
    }
    weighted
}

#[derive(Debug, Clone, Copy)]
struct Band {
    row: Row,
    clients: i64,
    least: i64,
    most: Option<i64>,
    is_open: bool,
}

/// Whether a band may have k clients, the clients of all open bands and the visits of all bands staying as they are.
fn may_be(k: i64, band: &Band, bands: &[Band], visits: i64) -> bool {
    let others: Vec<&Band> = bands.iter().filter(|other| other.is_open && other.row != band.row).collect();
    let left = band.clients + others.iter().map(|other| other.clients).sum::<i64>() - k;
    let shown: Vec<(i64, &Band)> =
        bands.iter().filter(|other| !other.is_open).map(|other| (other.clients, other)).collect();
    // The rest in one band or in two of them, one person in the second or all but one.
    let mut ways: Vec<Vec<(i64, &Band)>> = Vec::new();
    for &one in &others {
        ways.push(vec![(left, one)]);
        ways.extend(others.iter().map(|&other| vec![(left - 1, one), (1, other)]));
    }
    if left == 0 {
        ways.push(Vec::new());
    }
    left >= 0
        && ways.iter().filter(|way| way.iter().all(|(clients, _)| *clients >= 0)).any(|way| {
            let all = || shown.iter().chain(way).copied().chain([(k, band)]);
            let least: i64 = all().map(|(clients, band)| clients * band.least).sum();
            let most = all().filter(|(clients, _)| *clients > 0).map(|(clients, band)| Some(clients * band.most?));
            let most: Option<i64> = most.sum();
            least <= visits && most.is_none_or(|most| visits <= most)
        })
}
