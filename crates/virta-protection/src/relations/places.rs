//! Groups of people by who they are and where they live.

use std::collections::BTreeMap;

use super::{SUMS, Sizes};
use crate::figures::{Figures, Row};

pub(super) fn dimensions_sum_to_all(figures: &mut Figures<'_>, sizes: &Sizes, counties: &BTreeMap<String, String>) {
    for (key, rows) in figures.groups("profile", &["cohort", "period", "dimension"]) {
        let [_, _, Some(dimension)] = key.as_slice() else { continue };
        if dimension == "all" {
            continue;
        }
        if let Some(total) = rows.first().and_then(|&row| sizes.cohort(figures, row)) {
            figures.relate(total, &rows, &SUMS, Some("profile: a dimension's values add up to all"));
            figures.relate(total, &rows, &["residents"], Some("profile: a dimension's values add up to all"));
        }
    }
    for rows in figures.groups("profile", &["cohort", "period"]).into_values() {
        let of_dimension = |name: &str| {
            let rows = rows.iter().copied();
            rows.filter(|&row| figures.text(row, "dimension").as_deref() == Some(name)).collect::<Vec<Row>>()
        };
        let (municipalities, regions) = (of_dimension("municipality"), of_dimension("wellbeing_county"));
        for region in regions {
            let Some(name) = figures.text(region, "value") else { continue };
            let belongs = |row: Row| {
                let county = figures.text(row, "value").and_then(|municipality| counties.get(&municipality));
                county == Some(&name)
            };
            let inside: Vec<Row> = municipalities.iter().copied().filter(|&row| belongs(row)).collect();
            if !inside.is_empty() {
                figures.relate(region, &inside, &SUMS, Some("profile: municipalities add up to their county"));
                figures.relate(region, &inside, &["residents"], Some("profile: municipalities add up to their county"));
            }
        }
    }
}

/// A region is a value of the profile's dimension of its level; those without a client of the cohort stand here alone.
pub(super) fn regions(figures: &mut Figures<'_>, sizes: &Sizes, counties: &BTreeMap<String, String>) {
    // What is missing of clients may be missing of their contacts and costs, too; residents are counted apart.
    const COLUMNS: [&[&str]; 2] = [&["clients", "contacts", "cost_cents"], &["residents"]];
    let profile = figures.groups("profile", &["cohort", "period", "dimension", "value"]);
    for (key, rows) in figures.groups("regions", &["cohort", "period", "level", "region"]) {
        if let (Some([same]), [row]) = (profile.get(&key).map(Vec::as_slice), rows.as_slice()) {
            for columns in COLUMNS {
                figures.relate(*same, &[*row], columns, Some("regions = profile"));
            }
        }
    }
    for rows in figures.groups("regions", &["cohort", "period", "level"]).into_values() {
        let Some(total) = rows.first().and_then(|&row| sizes.cohort(figures, row)) else { continue };
        for columns in COLUMNS {
            figures.relate(total, &rows, columns, Some("regions add up to profile"));
        }
    }
    for rows in figures.groups("regions", &["cohort", "period"]).into_values() {
        let (wide, towns): (Vec<Row>, Vec<Row>) =
            rows.into_iter().partition(|&row| figures.text(row, "level").as_deref() == Some("wellbeing_county"));
        for county in wide {
            let name = figures.text(county, "region");
            let is_inside = |town: &Row| {
                let of = figures.text(*town, "region").and_then(|town| counties.get(&town).cloned());
                of.is_some() && of == name
            };
            let inside: Vec<Row> = towns.iter().copied().filter(is_inside).collect();
            if !inside.is_empty() {
                for columns in COLUMNS {
                    figures.relate(county, &inside, columns, Some("regions: municipalities add up to their county"));
                }
            }
        }
    }
}

/// The residents of a group are the same people beside every cohort, and those of all groups of a dimension are all:
/// also where a cohort has no row for a group because none of its clients is in it.
pub(super) fn residents_beside_cohorts(figures: &mut Figures<'_>, sizes: &Sizes) {
    const SAME: &str = "residents are the same beside every cohort";
    type Text = Option<String>;
    let mut groups: BTreeMap<(Text, Text), BTreeMap<Text, Vec<Row>>> = BTreeMap::new();
    for (table, columns) in [("profile", ["period", "dimension", "value"]), ("regions", ["period", "level", "region"])]
    {
        for row in figures.rows(table) {
            let [period, dimension, value] = columns.map(|column| figures.text(row, column));
            groups.entry((period, dimension)).or_default().entry(value).or_default().push(row);
        }
    }
    for ((period, _), values) in groups {
        let mut parts = Vec::new();
        for rows in values.into_values() {
            let Some((&first, others)) = rows.split_first() else { continue };
            others.iter().for_each(|&other| figures.relate(first, &[other], &["residents"], Some(SAME)));
            parts.push(first);
        }
        let everybody = period.and_then(|period| sizes.periods.get(&period).copied());
        if let Some(everybody) = everybody {
            figures.relate(everybody, &parts, &["residents"], None);
        }
    }
}
