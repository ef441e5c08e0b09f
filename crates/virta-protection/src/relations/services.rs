//! Services, sets of them, paths, sectors and providers.

use std::collections::BTreeMap;

use super::{SUMS, Sizes};
use crate::figures::{Figures, Row};

pub(super) fn services(figures: &mut Figures<'_>, sizes: &Sizes) {
    for rows in figures.groups("service_use", &["cohort", "period"]).into_values() {
        if let Some(total) = rows.first().and_then(|&row| sizes.cohort(figures, row)) {
            figures.relate(total, &rows, &["contacts", "cost_cents"], Some("service_use adds up to profile"));
        }
    }
    for (key, rows) in figures.groups("services_per_client", &["period"]) {
        let period = key.into_iter().flatten().next().unwrap_or_default();
        if let Some(&total) = sizes.periods.get(&period) {
            figures.relate(total, &rows, &SUMS, Some("services_per_client adds up to summary"));
        }
    }
}

/// Tables in which each client of a cohort stands in exactly one row.
pub(super) fn parts_of_a_cohort(figures: &mut Figures<'_>, sizes: &Sizes) {
    for table in ["sector_overlap", "flow_starts", "flow_ends", "combinations", "pathways"] {
        for rows in figures.groups(table, &["cohort", "period"]).into_values() {
            if let Some(total) = rows.first().and_then(|&row| sizes.cohort(figures, row)) {
                figures.relate(total, &rows, &SUMS, Some(table));
            }
        }
    }
}

/// Sets of services with the services in them and with the number of services.
pub(super) fn combinations(figures: &mut Figures<'_>) {
    let groups = figures.groups("combinations", &["cohort", "period"]);
    for used in figures.rows("service_use") {
        let key = vec![figures.text(used, "cohort"), figures.text(used, "period")];
        let (Some(service), Some(sets)) = (figures.text(used, "service"), groups.get(&key)) else { continue };
        let holds = |row: Row| {
            figures.text(row, "service_set").is_some_and(|set| set.split('+').any(|member| member == service))
        };
        let with: Vec<Row> = sets.iter().copied().filter(|&row| holds(row)).collect();
        figures.relate(used, &with, &["clients"], None);
    }
    let sizes = figures.groups("combinations", &["cohort", "period", "services"]);
    for row in figures.rows("services_per_client") {
        let key = vec![Some("all".to_owned()), figures.text(row, "period"), figures.text(row, "services")];
        if let Some(sets) = sizes.get(&key) {
            figures.relate(row, sets, &SUMS, None);
        }
    }
}

/// Paths with the service that they start with.
pub(super) fn pathways(figures: &mut Figures<'_>) {
    let groups = figures.groups("pathways", &["cohort", "period"]);
    for start in figures.rows("flow_starts") {
        let key = vec![figures.text(start, "cohort"), figures.text(start, "period")];
        let (Some(service), Some(paths)) = (figures.text(start, "service"), groups.get(&key)) else { continue };
        let begins = |row: Row| {
            let rest = figures.text(row, "path").and_then(|path| path.strip_prefix(&service).map(str::to_owned));
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
        };
        let from_here: Vec<Row> = paths.iter().copied().filter(|&row| begins(row)).collect();
        figures.relate(start, &from_here, &["clients"], None);
    }
}

/// Who uses one service has a path of one step.
pub(super) fn paths_of_one_service(figures: &mut Figures<'_>) {
    let paths = figures.groups("pathways", &["cohort", "period", "path"]);
    for set in figures.rows("combinations") {
        if figures.value(set, "services") == Some(1) {
            let key = vec![figures.text(set, "cohort"), figures.text(set, "period"), figures.text(set, "service_set")];
            if let Some([path]) = paths.get(&key).map(Vec::as_slice) {
                figures.relate(set, &[*path], &["clients"], None);
            }
        }
    }
}

/// A set of services has the sectors of its services; a sector with one service has that service's clients.
pub(super) fn sectors(figures: &mut Figures<'_>, sectors: &BTreeMap<String, String>) {
    const SECTORS: [&str; 3] = ["social", "primary", "specialised"];
    let services = figures.groups("service_use", &["cohort", "period"]);
    let combinations = figures.groups("combinations", &["cohort", "period"]);
    for (key, rows) in figures.groups("sector_overlap", &["cohort", "period"]) {
        let has = |figures: &Figures<'_>, row: Row, sector: &str| figures.text(row, sector).as_deref() == Some("true");
        for sector in SECTORS {
            let with: Vec<Row> = rows.iter().copied().filter(|&row| has(figures, row, sector)).collect();
            let in_sector = |&&row: &&Row| {
                figures.text(row, "service").and_then(|service| sectors.get(&service)).is_some_and(|of| of == sector)
            };
            let of_sector: Vec<Row> = services.get(&key).into_iter().flatten().filter(in_sector).copied().collect();
            if let [service] = of_sector.as_slice() {
                figures.relate(*service, &with, &["clients"], None);
            }
        }
        for &row in &rows {
            let pattern = SECTORS.map(|sector| has(figures, row, sector));
            let fits = |&&set: &&Row| {
                let set = figures.text(set, "service_set").unwrap_or_default();
                let of_set: Vec<&str> =
                    set.split('+').filter_map(|service| sectors.get(service)).map(String::as_str).collect();
                SECTORS.map(|sector| of_set.contains(&sector)) == pattern
            };
            let sets: Vec<Row> = combinations.get(&key).into_iter().flatten().filter(fits).copied().collect();
            figures.relate(row, &sets, &["clients", "cost_cents"], None);
        }
    }
}

/// Providers' packages add up to everybody's use, and a package's providers to its services.
pub(super) fn providers(figures: &mut Figures<'_>, sizes: &Sizes, packages: &BTreeMap<String, String>) {
    for (key, rows) in figures.groups("packages", &["period"]) {
        let period = key.into_iter().flatten().next().unwrap_or_default();
        let Some(&total) = sizes.periods.get(&period) else { continue };
        figures.relate(total, &rows, &["contacts", "cost_cents"], Some("packages add up to summary"));
        for &row in &rows {
            figures.relate(total, &[row], &["clients"], None);
            figures.relate_between(total, &[row], &[("clients", "answering_clients")], None);
        }
    }
    for row in figures.rows("packages") {
        figures.relate_between(row, &[row], &[("answering_clients", "repeat_clients")], None);
        figures.relate_between(row, &[row], &[("days", "contacts")], None);
    }
    let mut services: BTreeMap<(Option<String>, Option<String>), Vec<Row>> = BTreeMap::new();
    for row in figures.rows("service_use") {
        if figures.text(row, "cohort").as_deref() == Some("all") {
            let package = figures.text(row, "service").and_then(|service| packages.get(&service).cloned());
            services.entry((figures.text(row, "period"), package)).or_default().push(row);
        }
    }
    for (key, rows) in figures.groups("packages", &["period", "package"]) {
        let [period, package] = key.as_slice() else { continue };
        let Some(services) = services.get(&(period.clone(), package.clone())) else {
            // Of a package whose services nobody used, everybody knows it.
            for &row in &rows {
                figures.known_to_be_nobody(row, &["clients", "contacts", "days", "cost_cents"]);
            }
            continue;
        };
        for column in ["contacts", "cost_cents"] {
            figures.add_equal_sums([&rows, services], column, "packages add up to service_use");
        }
        if let [service] = services.as_slice() {
            for &row in &rows {
                figures.relate(*service, &[row], &["clients"], None);
            }
        }
    }
}
