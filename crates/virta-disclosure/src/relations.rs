//! Every sum among the cohort tables, derived from what the tables mean: the one home of margins and links.

use std::collections::BTreeMap;

use crate::figures::{Figures, Row};
use crate::structure::Measure;

const SUMS: [&str; 4] = ["clients", "contacts", "stay_days", "cost_cents"];

/// What a reader knows of codes besides the tables.
#[derive(Debug, Clone, Default)]
pub struct Known {
    /// Municipality to wellbeing services county.
    pub counties: BTreeMap<String, String>,
    /// Service to service package.
    pub packages: BTreeMap<String, String>,
    /// Service to sector.
    pub sectors: BTreeMap<String, String>,
}

/// Adds every sum that a reader could calculate with.
pub(crate) fn add_all(figures: &mut Figures<'_>, known: &Known) {
    let (counties, packages) = (&known.counties, &known.packages);
    let sizes = Sizes::new(figures);
    summary_equals_profile(figures, &sizes);
    dimensions_sum_to_all(figures, &sizes, counties);
    services(figures, &sizes);
    parts_of_a_cohort(figures, &sizes);
    combinations(figures);
    pathways(figures);
    months(figures, &sizes);
    cohorts_and_the_rest(figures);
    nobody_stands_apart_from_the_cohort(figures, &sizes);
    top_shares(figures, &sizes);
    deciles(figures, &sizes);
    emergency(figures);
    thresholds(figures, &sizes);
    definitions(figures, &sizes);
    attrition(figures, &sizes);
    pilots(figures);
    providers(figures, &sizes, packages);
    regions(figures, &sizes, counties);
    access(figures);
    residents_beside_cohorts(figures, &sizes);
    numbers_of_services(figures, &sizes);
    sectors(figures, &known.sectors);
    paths_of_one_service(figures);
}

/// Where each cohort's and each period's totals stand.
struct Sizes {
    /// (cohort, period) to its row in `profile`.
    cohorts: BTreeMap<(String, String), Row>,
    /// Period to its row in `summary`.
    periods: BTreeMap<String, Row>,
}

impl Sizes {
    fn new(figures: &Figures<'_>) -> Self {
        let mut sizes = Sizes { cohorts: BTreeMap::new(), periods: BTreeMap::new() };
        for row in figures.rows("profile") {
            if figures.text(row, "dimension").as_deref() == Some("all")
                && let (Some(cohort), Some(period)) = (figures.text(row, "cohort"), figures.text(row, "period"))
            {
                sizes.cohorts.insert((cohort, period), row);
            }
        }
        for row in figures.rows("summary") {
            if let Some(period) = figures.text(row, "period") {
                sizes.periods.insert(period, row);
            }
        }
        sizes
    }

    fn cohort(&self, figures: &Figures<'_>, row: Row) -> Option<Row> {
        let key = (figures.text(row, "cohort")?, figures.text(row, "period")?);
        self.cohorts.get(&key).copied()
    }
}

fn summary_equals_profile(figures: &mut Figures<'_>, sizes: &Sizes) {
    for (period, &summary) in &sizes.periods {
        if let Some(&all) = sizes.cohorts.get(&("all".to_owned(), period.clone())) {
            figures.relate(summary, &[all], &SUMS, Some("summary = profile of all"));
            figures.relate(summary, &[all], &["residents"], Some("summary = profile of all"));
        }
    }
}

fn dimensions_sum_to_all(figures: &mut Figures<'_>, sizes: &Sizes, counties: &BTreeMap<String, String>) {
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

fn services(figures: &mut Figures<'_>, sizes: &Sizes) {
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
fn parts_of_a_cohort(figures: &mut Figures<'_>, sizes: &Sizes) {
    for table in ["sector_overlap", "flow_starts", "flow_ends", "combinations", "pathways"] {
        for rows in figures.groups(table, &["cohort", "period"]).into_values() {
            if let Some(total) = rows.first().and_then(|&row| sizes.cohort(figures, row)) {
                figures.relate(total, &rows, &SUMS, Some(table));
            }
        }
    }
}

/// Sets of services with the services in them and with the number of services.
fn combinations(figures: &mut Figures<'_>) {
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
fn pathways(figures: &mut Figures<'_>) {
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

/// Each month, each client of a cohort is in one state.
fn months(figures: &mut Figures<'_>, sizes: &Sizes) {
    for (key, rows) in figures.groups("monthly_states", &["cohort", "month"]) {
        let [Some(cohort), Some(month)] = key.as_slice() else { continue };
        let total = sizes.cohorts.iter().find(|((name, period), _)| name == cohort && has_month(period, month));
        match total.map(|(_, &row)| row) {
            Some(total) => figures.relate(total, &rows, &["clients"], Some("monthly_states")),
            None => figures.add_known_total(Measure::Clients, figures.cells(&rows, "clients"), false),
        }
    }
}

fn has_month(period: &str, month: &str) -> bool {
    match period.split_once("..") {
        Some((first, last)) => {
            first.get(..7).is_some_and(|first| first <= month) && last.get(..7).is_some_and(|last| month <= last)
        }
        None => month.get(..4) == Some(period),
    }
}

/// Everybody less a cohort, and a cohort less one inside it, row by row.
fn cohorts_and_the_rest(figures: &mut Figures<'_>) {
    let inside = cohorts_inside_others(figures);
    let keyed: [(&str, &[&str]); 12] = [
        ("regions", &["period", "level", "region"]),
        ("profile", &["period", "dimension", "value"]),
        ("service_use", &["period", "service"]),
        ("combinations", &["period", "service_set"]),
        ("sector_overlap", &["period", "social", "primary", "specialised"]),
        ("flows", &["period", "from_service", "to_service"]),
        ("flow_starts", &["period", "service"]),
        ("flow_ends", &["period", "service"]),
        ("pathways", &["period", "path"]),
        ("monthly_states", &["month", "state"]),
        ("emergency_bands", &["period", "band"]),
        ("emergency_hours", &["period", "weekday", "hour"]),
    ];
    let next: (&str, &[&str]) = ("emergency_next", &["period", "within_days", "service"]);
    for (table, key) in keyed.into_iter().chain([next]) {
        for rows in figures.groups(table, key).into_values() {
            let by_cohort: BTreeMap<String, Row> =
                rows.iter().filter_map(|&row| Some((figures.text(row, "cohort")?, row))).collect();
            for (outer, inner) in &inside {
                if let (Some(&outer), Some(&inner)) = (by_cohort.get(outer), by_cohort.get(inner)) {
                    let columns = ["clients", "contacts", "stay_days", "cost_cents", "visits", "transitions"];
                    figures.relate(outer, &[inner], &columns, None);
                }
            }
        }
    }
}

/// Pairs (outer, inner) of cohorts where every member of the inner is in the outer.
fn cohorts_inside_others(figures: &Figures<'_>) -> Vec<(String, String)> {
    let mut pairs: Vec<(String, String)> = Vec::new();
    for row in figures.rows("profile") {
        if let Some(cohort) = figures.text(row, "cohort").filter(|cohort| cohort != "all") {
            pairs.push(("all".to_owned(), cohort));
        }
    }
    for row in figures.rows("definition_overlap") {
        let (Some(a), Some(b)) = (figures.text(row, "cohort_a"), figures.text(row, "cohort_b")) else { continue };
        if figures.value(row, "only_b") == Some(0) {
            pairs.push((a.clone(), b.clone()));
        }
        if figures.value(row, "only_a") == Some(0) {
            pairs.push((b, a));
        }
    }
    pairs.sort_unstable();
    pairs.dedup();
    pairs
}

/// The members of a cohort who are not in a row are a group too: all but three used a service.
fn nobody_stands_apart_from_the_cohort(figures: &mut Figures<'_>, sizes: &Sizes) {
    for table in ["service_use", "flows", "emergency_bands", "emergency_hours", "emergency_next"] {
        for row in figures.rows(table) {
            if let Some(total) = sizes.cohort(figures, row) {
                figures.relate(total, &[row], &["clients"], None);
            }
        }
    }
}

/// The top shares lie one inside the other, and all inside the users or the residents.
fn top_shares(figures: &mut Figures<'_>, sizes: &Sizes) {
    for (key, mut rows) in figures.groups("concentration", &["period", "denominator"]) {
        let [Some(period), Some(denominator)] = key.as_slice() else { continue };
        rows.sort_by_key(|&row| figures.value(row, "top_percent"));
        for pair in rows.windows(2) {
            figures.relate(pair[1], &[pair[0]], &["clients", "cost_cents"], Some("concentration"));
        }
        let (Some(&total), Some(&last)) = (sizes.periods.get(period), rows.last()) else { continue };
        let people = if denominator == "residents" { "residents" } else { "clients" };
        if people == "clients" {
            figures.relate(total, &[last], &["clients", "cost_cents"], None);
        }
    }
}

/// Deciles have known sizes, as soon as the number of users is known.
fn deciles(figures: &mut Figures<'_>, sizes: &Sizes) {
    for (own, other, decile) in [("from_period", "to_period", "from_decile"), ("to_period", "from_period", "to_decile")]
    {
        for (key, rows) in figures.groups("persistence", &[own, other, decile]) {
            let [Some(period), _, Some(name)] = key.as_slice() else { continue };
            let users = sizes.periods.get(period).and_then(|&row| figures.value(row, "clients"));
            let enough = users.is_none_or(|users| users >= 10 * i64::from(figures.policy.k));
            let known = enough && name.parse::<u32>().is_ok();
            figures.add_known_total(Measure::Clients, figures.cells(&rows, "clients"), known);
        }
    }
}

/// Bands of visits with the definitions made from them, hours with all visits, 7 days with 30.
fn emergency(figures: &mut Figures<'_>) {
    let k = i64::from(figures.policy.k);
    let columns = ["clients", "visits"];
    for rows in figures.groups("emergency_bands", &["cohort", "period"]).into_values() {
        let band = |name: &str| rows.iter().copied().find(|&row| figures.text(row, "band").as_deref() == Some(name));
        let present = |names: &[&str]| names.iter().filter_map(|name| band(name)).collect::<Vec<Row>>();
        let exclusive = present(&["1", "2", "3", "4-9", "10+"]);
        let from_four = (band(">=4"), present(&["4-9", "10+"]));
        let from_ten = (band(">=10"), present(&["10+"]));
        let above_four = (band(">=4"), present(&[">4"]));
        let ten_in_above_four = (band(">4"), present(&[">=10"]));
        for (total, parts) in [from_four, from_ten, above_four, ten_in_above_four] {
            if let Some(total) = total {
                figures.relate(total, &parts, &columns, Some("emergency_bands"));
            }
        }
        let people: i64 = exclusive.iter().filter_map(|&row| figures.value(row, "clients")).sum();
        // The shares tell the totals to whoever sees one of them with its count.
        for (measure, column) in [(Measure::Clients, "clients"), (Measure::Visits, "visits")] {
            figures.add_known_total(measure, figures.cells(&exclusive, column), people >= k);
        }
    }
    for rows in figures.groups("emergency_hours", &["cohort", "period"]).into_values() {
        let people = rows.iter().filter_map(|&row| figures.value(row, "clients")).max().unwrap_or(0);
        figures.add_known_total(Measure::Visits, figures.cells(&rows, "visits"), people >= k);
    }
    for (_, mut rows) in figures.groups("emergency_next", &["cohort", "period", "service"]) {
        rows.sort_by_key(|&row| figures.value(row, "within_days"));
        for pair in rows.windows(2) {
            figures.relate(pair[1], &[pair[0]], &columns, Some("emergency_next"));
        }
    }
}

/// A stricter threshold's clients are inside a looser one's, and all are users.
fn thresholds(figures: &mut Figures<'_>, sizes: &Sizes) {
    let columns = ["clients", "cost_cents"];
    for (same, by) in [("min_contacts", "min_services"), ("min_services", "min_contacts")] {
        for (_, mut rows) in figures.groups("sweep", &["period", "count_by", same]) {
            rows.sort_by_key(|&row| figures.value(row, by));
            for pair in rows.windows(2) {
                figures.relate(pair[0], &[pair[1]], &columns, Some("sweep"));
            }
        }
    }
    for row in figures.rows("sweep") {
        let total = figures.text(row, "period").and_then(|period| sizes.periods.get(&period).copied());
        if let Some(total) = total {
            figures.relate(total, &[row], &columns, Some("sweep"));
        }
    }
}

/// In both and in one only make up each cohort.
fn definitions(figures: &mut Figures<'_>, sizes: &Sizes) {
    for row in figures.rows("definition_overlap") {
        let Some(period) = figures.text(row, "period") else { continue };
        for (cohort, only) in [("cohort_a", "only_a"), ("cohort_b", "only_b")] {
            let total = figures.text(row, cohort).and_then(|name| sizes.cohorts.get(&(name, period.clone())).copied());
            let cells = [figures.place(row, "both"), figures.place(row, only)];
            if let (Some((measure, total)), [Some((_, both)), Some((_, only))]) =
                (total.and_then(|total| figures.place(total, "clients")), cells)
                && !figures.system(measure).relate(total, vec![both, only])
            {
                figures.broken_sums.push("definition_overlap adds up to profile".to_owned());
            }
        }
    }
}

/// From the list of a pilot's clients to their follow-up, each step inside the one before; the figures are of those
/// who are matched, or have a baseline where nobody is compared.
fn pilots(figures: &mut Figures<'_>) {
    let both = ["clients", "comparison_clients"];
    let baselines = figures.groups("pilot_baseline", &["pilot"]);
    let balances = figures.groups("pilot_balance", &["pilot"]);
    for (pilot, rows) in figures.groups("pilot_counts", &["pilot"]) {
        let steps: BTreeMap<String, Row> =
            rows.iter().filter_map(|&row| Some((figures.text(row, "step")?, row))).collect();
        let of_steps = |names: &[&str]| names.iter().filter_map(|name| steps.get(*name).copied()).collect::<Vec<Row>>();
        let in_figures = if steps.contains_key("matched") { "matched" } else { "baseline" };
        let sums: [(&str, &[&str], &[&str]); 7] = [
            ("listed", &["known"], &both),
            ("known", &["baseline"], &both),
            ("baseline", &["matched", "unmatched"], &["clients"]),
            ("baseline", &["frozen"], &["clients"]),
            ("matched", &["matched_fully"], &both),
            (in_figures, &["followed", "not_followed"], &both),
            ("followed", &["complete", "going_on", "ended_early"], &both),
        ];
        for (total, parts, columns) in sums {
            let parts = of_steps(parts);
            if let Some(&total) = steps.get(total).filter(|_| !parts.is_empty()) {
                figures.relate(total, &parts, columns, Some("pilot_counts"));
            }
        }
        let levels = of_steps(&["same_sex_age_municipality", "same_sex_age", "same_age"]);
        if let Some(&matched) = steps.get("matched") {
            figures.relate(matched, &levels, &["comparison_clients"], Some("pilot_counts: levels of match"));
            for level in levels {
                figures.relate(matched, &[level], &["clients"], Some("pilot_counts: levels of match"));
            }
        }
        let of_figures = baselines.get(&pilot).into_iter().chain(balances.get(&pilot)).flatten();
        for &row in of_figures {
            if let Some(&total) = steps.get(in_figures) {
                figures.relate(total, &[row], &both, Some("pilot figures are of those who are matched"));
            }
            if let Some(&total) = steps.get("followed") {
                let columns = [("clients", "followed_clients"), ("comparison_clients", "followed_comparison_clients")];
                figures.relate_between(total, &[row], &columns, Some("pilot figures are of those who are followed"));
            }
        }
    }
}

/// Remaining before = remaining after + removed; the last step is the cohort; a rule alone removes some of those who
/// were there at first.
fn attrition(figures: &mut Figures<'_>, sizes: &Sizes) {
    for (key, mut rows) in figures.groups("attrition", &["cohort"]) {
        let cohort = key.into_iter().flatten().next().unwrap_or_default();
        rows.sort_by_key(|&row| figures.value(row, "step"));
        let periods: Vec<&String> = sizes.periods.keys().collect();
        let period_of = |figures: &Figures<'_>, row: Row| {
            let rule = figures.text(row, "rule").unwrap_or_default();
            let named =
                periods.iter().find(|period| rule.strip_prefix(period.as_str()).is_some_and(|r| r.starts_with(": ")));
            named.or(periods.first().filter(|_| periods.len() == 1)).map(|period| (*period).clone())
        };
        let mut chains: BTreeMap<Option<String>, Vec<Row>> = BTreeMap::new();
        for row in rows {
            chains.entry(period_of(figures, row)).or_default().push(row);
        }
        for (period, chain) in chains {
            let size = period.as_ref().and_then(|period| sizes.cohorts.get(&(cohort.clone(), period.clone())).copied());
            let users = period.as_ref().and_then(|period| sizes.periods.get(period).copied());
            attrition_chain(figures, &chain, size, users);
        }
    }
}

fn attrition_chain(figures: &mut Figures<'_>, chain: &[Row], size: Option<Row>, users: Option<Row>) {
    for pair in chain.windows(2) {
        let cells = [(pair[0], "remaining"), (pair[1], "remaining"), (pair[1], "removed")];
        let cells = cells.map(|(row, column)| figures.place(row, column).map(|(_, cell)| cell));
        if let [Some(before), Some(after), Some(removed)] = cells
            && !figures.system(Measure::Clients).relate(before, vec![after, removed])
        {
            figures.broken_sums.push("attrition: remaining before = after + removed".to_owned());
        }
    }
    let (Some(&first), Some(&last)) = (chain.first(), chain.last()) else { return };
    // The first rule removes the same alone and in sequence.
    figures.relate_between(first, &[first], &[("removed_alone", "removed")], None);
    if let Some(size) = size {
        figures.relate_between(size, &[last], &[("clients", "remaining")], None);
    }
    let at_first = figures.value(first, "remaining").unwrap_or(0) + figures.value(first, "removed").unwrap_or(0);
    let all_users = users.filter(|&users| figures.value(users, "clients") == Some(at_first));
    if let Some(users) = all_users {
        let [remaining, removed] =
            ["remaining", "removed"].map(|column| figures.place(first, column).map(|(_, cell)| cell));
        if let (Some((_, users)), Some(remaining), Some(removed)) =
            (figures.place(users, "clients"), remaining, removed)
        {
            figures.system(Measure::Clients).relate(users, vec![remaining, removed]);
        }
        for &row in chain {
            figures.relate_between(users, &[row], &[("clients", "removed_alone")], None);
        }
    }
}

/// Providers' packages add up to everybody's use, and a package's providers to its services.
fn providers(figures: &mut Figures<'_>, sizes: &Sizes, packages: &BTreeMap<String, String>) {
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
        let Some(services) = services.get(&(period.clone(), package.clone())) else { continue };
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

/// A region is a value of the profile's dimension of its level; those without a client of the cohort stand here alone.
fn regions(figures: &mut Figures<'_>, sizes: &Sizes, counties: &BTreeMap<String, String>) {
    const COLUMNS: [&str; 4] = ["clients", "residents", "contacts", "cost_cents"];
    let profile = figures.groups("profile", &["cohort", "period", "dimension", "value"]);
    for (key, rows) in figures.groups("regions", &["cohort", "period", "level", "region"]) {
        if let (Some([same]), [row]) = (profile.get(&key).map(Vec::as_slice), rows.as_slice()) {
            for column in COLUMNS {
                figures.relate(*same, &[*row], &[column], Some("regions = profile"));
            }
        }
    }
    for rows in figures.groups("regions", &["cohort", "period", "level"]).into_values() {
        let Some(total) = rows.first().and_then(|&row| sizes.cohort(figures, row)) else { continue };
        for column in COLUMNS {
            figures.relate(total, &rows, &[column], Some("regions add up to profile"));
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
                for column in COLUMNS {
                    figures.relate(county, &inside, &[column], Some("regions: municipalities add up to their county"));
                }
            }
        }
    }
}

/// The residents of a group are the same people beside every cohort, and those of all groups of a dimension are all:
/// also where a cohort has no row for a group because none of its clients is in it.
fn residents_beside_cohorts(figures: &mut Figures<'_>, sizes: &Sizes) {
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

/// A threshold of any use is a number of services, and a cohort without another rule is a threshold: who reads both
/// knows it from the definitions. Which cohorts have no other rule is not known here; that clients and cost are the same
/// is taken for it.
fn numbers_of_services(figures: &mut Figures<'_>, sizes: &Sizes) {
    let columns = ["clients", "cost_cents"];
    let numbers = figures.groups("services_per_client", &["period"]);
    for row in figures.rows("sweep") {
        let Some(period) = figures.text(row, "period") else { continue };
        let is_any_use = figures.value(row, "min_contacts") == Some(1)
            && figures.text(row, "count_by").as_deref() == Some("service");
        if is_any_use && let Some(rows) = numbers.get(&vec![Some(period.clone())]) {
            let least = figures.value(row, "min_services");
            let enough: Vec<Row> =
                rows.iter().copied().filter(|&number| figures.value(number, "services") >= least).collect();
            figures.relate(row, &enough, &columns, Some("sweep = services_per_client"));
        }
        let same: Vec<Row> = sizes
            .cohorts
            .iter()
            .filter(|((_, of), _)| *of == period)
            .map(|(_, &cohort)| cohort)
            .filter(|&cohort| columns.iter().all(|column| figures.value(cohort, column) == figures.value(row, column)))
            .collect();
        for cohort in same {
            figures.relate(cohort, &[row], &columns, None);
        }
    }
    for (key, &cohort) in &sizes.cohorts {
        let Some(rows) = numbers.get(&vec![Some(key.1.clone())]) else { continue };
        let mut most: Vec<Row> = rows.clone();
        most.sort_by_key(|&row| std::cmp::Reverse(figures.value(row, "services")));
        for count in 1..=most.len() {
            let top = &most[..count];
            let sum = |column: &str| top.iter().filter_map(|&row| figures.value(row, column)).sum::<i64>();
            if columns.iter().all(|column| figures.value(cohort, column) == Some(sum(column))) {
                figures.relate(cohort, top, &SUMS, None);
            }
        }
    }
}

/// A set of services has the sectors of its services; a sector with one service has that service's clients.
fn sectors(figures: &mut Figures<'_>, sectors: &BTreeMap<String, String>) {
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

/// Who uses one service has a path of one step.
fn paths_of_one_service(figures: &mut Figures<'_>) {
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

/// Assessments by tier and by where the clients live, and what is known of them.
fn access(figures: &mut Figures<'_>) {
    const COUNTS: [&str; 6] =
        ["assessments", "open", "start_due", "started_in_time", "complete_due", "completed_in_time"];
    const PEOPLE: [&str; 4] = ["clients", "with_responsible_worker", "with_plan", "with_consent"];
    for row in figures.rows("access") {
        for (whole, part) in [
            ("assessments", "open"),
            ("assessments", "start_due"),
            ("start_due", "started_in_time"),
            ("assessments", "complete_due"),
            ("complete_due", "completed_in_time"),
            ("clients", "with_responsible_worker"),
            ("clients", "with_plan"),
            ("clients", "with_consent"),
        ] {
            figures.relate_between(row, &[row], &[(whole, part)], Some("access"));
        }
    }
    let text = |figures: &Figures<'_>, row: Row, column: &str| figures.text(row, column);
    let is_all = |figures: &Figures<'_>, row: Row, column: &str| text(figures, row, column).as_deref() == Some("all");
    for rows in figures.groups("access", &["period", "tier"]).into_values() {
        let (towns, wider): (Vec<Row>, Vec<Row>) =
            rows.into_iter().partition(|&row| !is_all(figures, row, "municipality"));
        for total in wider {
            let county = text(figures, total, "wellbeing_county");
            let is_inside =
                |&row: &Row| county.as_deref() == Some("all") || text(figures, row, "wellbeing_county") == county;
            let inside: Vec<Row> = towns.iter().copied().filter(is_inside).collect();
            for column in COUNTS.iter().chain(&PEOPLE) {
                figures.relate(total, &inside, &[*column], Some("access: municipalities add up"));
            }
        }
    }
    for rows in figures.groups("access", &["period", "municipality", "wellbeing_county"]).into_values() {
        let (all, tiers): (Vec<Row>, Vec<Row>) = rows.into_iter().partition(|&row| is_all(figures, row, "tier"));
        let Some(&total) = all.first() else { continue };
        for column in COUNTS {
            figures.relate(total, &tiers, &[column], Some("access: tiers add up"));
        }
        // Somebody may be in several tiers.
        for tier in tiers {
            for column in PEOPLE {
                figures.relate(total, &[tier], &[column], None);
            }
        }
    }
}
