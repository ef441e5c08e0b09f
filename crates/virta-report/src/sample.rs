//! A made-up study with every table, for tests.

use virta_model::schema::{self, TableSchema};
use virta_model::settings::Study;
use virta_model::{Table, Value};
use virta_protection::{Policy, ProtectedStudy, Secret, StudyTables, protect};

use crate::Report;

const SERVICES: [&str; 8] = [
    "gp_visit",
    "emergency",
    "ward",
    "mental_health",
    "substance_use",
    "adult_social_work",
    "income_support",
    "home_care",
];

fn table(schema: &'static TableSchema, rows: &[Vec<Value<'_>>]) -> Table {
    let mut table = Table::new(schema);
    rows.iter().for_each(|row| table.push(row));
    table
}

/// The tables as they may leave, with contributors of whom nobody has much more than the others.
pub(crate) fn protected(tables: &[Table]) -> ProtectedStudy {
    let mut contributors = Table::new(&schema::CONTRIBUTORS);
    for table in tables {
        let schema = table.schema;
        for row in 0..table.rows() {
            let values: Vec<Value<'_>> = (0..schema.columns.len()).map(|column| table.value(row, column)).collect();
            let key = virta_model::row_key(schema, &values);
            for (column, value) in schema.columns.iter().zip(&values) {
                let (schema::Role::Amount { of }, Value::Int(total)) = (column.role, *value) else { continue };
                let Some(Value::Int(clients)) = schema.index_of(of).map(|of| table.value(row, of)) else { continue };
                let largest = Value::Int(3 * total / clients.max(1) / 2 + 1);
                let of = [Value::Int(clients), Value::Int(total), largest, largest];
                let names = [Value::Text(schema.name), Value::Text(&key), Value::Text(column.name)];
                contributors.push(&[&names[..], &of].concat());
            }
        }
    }
    let all: Vec<Table> = tables.iter().cloned().chain([contributors]).collect();
    protect(&StudyTables::new(&all, Policy::default(), Secret::new([7; 32]))).unwrap()
}

/// Tables of the shape of a region's study, small cells and a formula-like text among them.
pub(crate) fn tables() -> Vec<Table> {
    use Value::{Flag, Int, Null, Ratio, Text};
    let mut all = Vec::new();
    let mut summary = Vec::new();
    let mut profile = Vec::new();
    let mut regions = Vec::new();
    for (period, users, members) in [("2013", 40_210, 1_180), ("2014", 41_875, 1_234)] {
        summary.push(vec![
            Text(period),
            Int(users),
            Int(68_000),
            Ratio(67_412.35),
            Int(612_400),
            Int(9_876_543_210),
            Int(12_400),
            Ratio(0.7812),
            Text("3f6c0e"),
            Text("a1b2c3d4"),
            Text("0.1.0"),
        ]);
        for (cohort, size, cost) in [("all", users, 9_876_543_210_i64), ("four-plus", members, 3_210_000_000)] {
            let mut push = |dimension: &'static str, value: Option<&'static str>, share: f64| {
                let clients = (size as f64 * share) as i64;
                let residents = (68_000.0 * share) as i64;
                if let Some(town) = value.filter(|_| dimension == "municipality") {
                    let cents = (cost as f64 * share) as i64;
                    regions.push(vec![
                        Text(cohort),
                        Text(period),
                        Text(dimension),
                        Text(town),
                        Int(residents),
                        Int(clients),
                        Int(clients * 15),
                        Int(cents),
                        Ratio(clients as f64 * 1000.0 / residents as f64),
                        Ratio(clients as f64 * 15_000.0 / residents as f64),
                        Int(cents / residents),
                        Ratio(clients as f64 * 990.0 / residents as f64),
                        Ratio(clients as f64 * 14_850.0 / residents as f64),
                        Int(cents / residents + 7),
                    ]);
                }
                profile.push(vec![
                    Text(cohort),
                    Text(period),
                    Text(dimension),
                    value.map_or(Null, Text),
                    Int(clients),
                    Int(residents),
                    Int(clients * 15),
                    Int((cost as f64 * share) as i64),
                    Ratio(clients as f64 / users as f64),
                    Ratio(share * cost as f64 / 9_876_543_210.0),
                ]);
            };
            push("all", Some("all"), 1.0);
            for (value, share) in [("0-17", 0.2), ("18-64", 0.52), ("65-79", 0.19), ("80+", 0.09)] {
                push("age_band", Some(value), share);
            }
            for (value, share) in [("female", 0.54), ("male", 0.459), ("unknown", 0.001)] {
                push("sex", Some(value), share);
            }
            for (value, share) in [("272", 0.7), ("315", 0.16), ("217", 0.09), ("074", 0.038), ("849", 0.0024)] {
                push("municipality", Some(value), share);
            }
            push("municipality", None, 0.0096);
            for (value, share) in [("=HYPERLINK(\"x\")", 0.04), ("other", 0.96)] {
                push("segment", Some(value), share);
            }
        }
    }
    all.push(table(&schema::SUMMARY, &summary));
    let rule = |step, text, remaining, removed, alone| {
        vec![Text("four-plus"), Int(step), Text(text), Int(remaining), Int(removed), Int(alone)]
    };
    all.push(table(
        &schema::ATTRITION,
        &[
            rule(1, "2014: services: at least 4", 2_104, 39_771, 39_771),
            rule(2, "2014: age unknown", 2_102, 2, 44),
            rule(3, "2014: age: 18 to 64", 1_301, 801, 16_204),
            rule(4, "2014: sector social", 1_234, 67, 20_400),
        ],
    ));
    all.push(table(&schema::PROFILE, &profile));
    all.push(table(&schema::REGIONS, &regions));
    all.push(packages());
    all.push(access());
    let mut used = Vec::new();
    let mut starts = Vec::new();
    for (cohort, size) in [("all", 41_875_i64), ("four-plus", 1_234)] {
        for (at, service) in SERVICES.iter().enumerate() {
            let clients = size / (at as i64 + 1);
            let share = Ratio(clients as f64 / (41_875 / (at as i64 + 1)) as f64);
            used.push(vec![
                Text(cohort),
                Text("2014"),
                Text(service),
                Int(clients),
                Int(clients * 4),
                Int(clients / 3),
                Int(clients * 54_321),
                share,
            ]);
            starts.push(vec![
                Text(cohort),
                Text("2014"),
                Text(service),
                Int(size / 36 * (8 - at as i64)),
                Int(size / 99),
            ]);
        }
    }
    all.push(table(&schema::SERVICE_USE, &used));
    all.push(table(&schema::FLOW_STARTS, &starts));
    all.push(table(&schema::FLOW_ENDS, &starts));
    let counts = [18_000_i64, 11_000, 6_400, 3_600, 1_700, 800, 370, 3];
    let per_client = (1..).zip(counts).map(|(services, clients)| {
        vec![Text("2014"), Int(services), Int(clients), Int(clients * 9), Int(clients * services * 90_000)]
    });
    all.push(table(&schema::SERVICES_PER_CLIENT, &per_client.collect::<Vec<_>>()));
    let mut sets = Vec::new();
    for (at, clients) in [310, 204, 177, 120, 98, 71, 55, 40, 31, 22, 4, 2].into_iter().enumerate() {
        let members: Vec<&str> =
            SERVICES.iter().enumerate().filter(|(s, _)| (at * 5 + s * 3) % 7 < 4).map(|(_, s)| *s).collect();
        sets.push((members.join("+"), members.len() as i64, clients));
    }
    let rows = sets.iter().map(|(set, services, clients)| {
        vec![
            Text("four-plus"),
            Text("2014"),
            Text(set),
            Int(*services),
            Int(*clients),
            Int(clients * 30),
            Int(clients * 2_500_000),
        ]
    });
    all.push(table(&schema::COMBINATIONS, &rows.collect::<Vec<_>>()));
    let overlap = (0..8_usize).map(|bits| {
        let clients = [3, 120, 90, 340, 60, 150, 71, 400][bits];
        let flag = |bit: usize| Flag((bits >> bit) & 1 == 1);
        vec![Text("four-plus"), Text("2014"), flag(0), flag(1), flag(2), Int(clients), Int(clients * 2_000_000)]
    });
    all.push(table(&schema::SECTOR_OVERLAP, &overlap.collect::<Vec<_>>()));
    let mut flows = Vec::new();
    let mut paths = Vec::new();
    for (from, a) in SERVICES.iter().enumerate() {
        for (to, b) in SERVICES.iter().enumerate().filter(|(to, _)| *to != from) {
            let n = 900 / (1 + from * 3 + to) as i64;
            flows.push(vec![
                Text("four-plus"),
                Text("2014"),
                Text(a),
                Text(b),
                Int(n * 3),
                Int(n / 2),
                Int(n),
                Ratio(2.5 + from as f64),
            ]);
        }
    }
    let path_names: Vec<String> =
        (0..6).map(|at| format!("{}-{}-{}", SERVICES[at], SERVICES[(at + 3) % 8], SERVICES[(at + 1) % 8])).collect();
    for (at, path) in path_names.iter().enumerate() {
        paths.push(vec![Text("four-plus"), Text("2014"), Text(path), Int(3), Int(60 - 11 * at as i64), Int(2)]);
    }
    all.push(table(&schema::FLOWS, &flows));
    all.push(table(&schema::PATHWAYS, &paths));
    let mut states = Vec::new();
    let months: Vec<String> = (1..=12).map(|month| format!("2014-{month:02}")).collect();
    for (at, month) in months.iter().enumerate() {
        for (state, share) in [
            ("none", 200 - 9 * at as i64),
            ("social", 160),
            ("primary", 420 + 9 * at as i64),
            ("specialised", 2 + at as i64),
            ("several", 452 - at as i64),
        ] {
            states.push(vec![Text("four-plus"), Text(month), Text(state), Int(share)]);
        }
    }
    all.push(table(&schema::MONTHLY_STATES, &states));
    let mut top = Vec::new();
    let mut lorenz = Vec::new();
    for (denominator, people) in [("users", 41_875_i64), ("residents", 68_000)] {
        for (percent, share) in [(1, 0.31), (2, 0.42), (5, 0.61), (10, 0.78), (20, 0.9), (50, 0.99)] {
            top.push(vec![
                Text("2014"),
                Text(denominator),
                Int(percent),
                Int((people * percent + 99) / 100),
                Int((share * 9_876_543_210.0) as i64),
                Ratio(share),
                Int(2_500_000 / percent),
            ]);
        }
        for percent in 0..=100 {
            let share = (f64::from(percent) / 100.0).powi(5);
            lorenz.push(vec![Text("2014"), Text(denominator), Int(i64::from(percent)), Ratio(share)]);
        }
    }
    all.push(table(&schema::CONCENTRATION, &top));
    all.push(table(&schema::LORENZ, &lorenz));
    let names = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "no_use", "left"];
    let mut deciles = Vec::new();
    for (from, a) in names.iter().enumerate().take(11) {
        for (to, b) in names.iter().enumerate() {
            let clients = 2_600 / (1 + from.abs_diff(to) * from.abs_diff(to)) as i64 - 20 * to as i64;
            deciles.push(vec![Text("2013"), Text("2014"), Text(a), Text(b), Int(clients.max(2))]);
        }
    }
    all.push(table(&schema::PERSISTENCE, &deciles));
    let mut bands = Vec::new();
    let mut hours = Vec::new();
    let mut next = Vec::new();
    for (cohort, size) in [("all", 9_000_i64), ("four-plus", 520)] {
        for (band, share, visits) in [
            ("1", 60, 30),
            ("2", 20, 20),
            ("3", 9, 12),
            ("4-9", 9, 23),
            ("10+", 2, 15),
            (">=4", 11, 38),
            (">4", 8, 30),
            (">=10", 2, 15),
        ] {
            let (clients, count) = (size * share / 100, size * 2 * visits / 100);
            bands.push(vec![
                Text(cohort),
                Text("2014"),
                Text(band),
                Int(clients),
                Int(count),
                Ratio(share as f64 / 100.0),
                Ratio(visits as f64 / 100.0),
            ]);
        }
        for weekday in 1..=7_i64 {
            for hour in 0..24_i64 {
                let visits = size / 300 * (12 - (hour - 15).abs()).max(0) / 12 + weekday % 3;
                hours.push(vec![Text(cohort), Text("2014"), Int(weekday), Int(hour), Int(visits), Int(visits + 1)]);
            }
        }
        for days in [7, 30] {
            for (at, service) in SERVICES.iter().enumerate() {
                let clients = size / (at as i64 + 2) * days / 30;
                next.push(vec![
                    Text(cohort),
                    Text("2014"),
                    Int(days),
                    Text(service),
                    Int(clients),
                    Int(clients * 2),
                    Ratio(0.3 / (at + 1) as f64),
                ]);
            }
        }
    }
    all.push(table(&schema::EMERGENCY_BANDS, &bands));
    all.push(table(&schema::EMERGENCY_HOURS, &hours));
    all.push(table(&schema::EMERGENCY_NEXT, &next));
    let mut sweep = Vec::new();
    for least in 2..=6_i64 {
        for each in [1_i64, 2, 3, 4, 5, 10] {
            let clients = 24_000 / (least * least * least) / each / each;
            sweep.push(vec![
                Text("2014"),
                Text("service"),
                Int(least),
                Int(each),
                Int(clients),
                Int(clients * 1_500_000),
            ]);
        }
    }
    all.push(table(&schema::SWEEP, &sweep));
    all.push(table(
        &schema::DEFINITION_OVERLAP,
        &[vec![Text("2014"), Text("four-plus"), Text("heavy"), Int(840), Int(394), Int(210), Ratio(0.582)]],
    ));
    all.push(joiners());
    all.extend(pilot_tables());
    all
}

/// Of 1,180 members in 2013, 650 are members in 2014; the others are near, use less, or are gone.
fn joiners() -> Table {
    use Value::{Int, Text};
    let row = |from, to, clients| {
        let keys = [Text("four-plus"), Text("2013"), Text("2014"), Text(from), Text(to)];
        [&keys[..], &[Int(clients), Int(clients * 700_000)]].concat()
    };
    let rows = [
        row("member", "member", 650),
        row("member", "near", 210),
        row("member", "user", 190),
        row("member", "no_use", 80),
        row("member", "left", 50),
        row("near", "member", 330),
        row("user", "member", 180),
        row("no_use", "member", 50),
        row("not_yet", "member", 24),
    ];
    table(&schema::JOINERS, &rows)
}

/// A pilot of 24 with two comparison clients each; few of them have stays.
fn pilot_tables() -> [Table; 4] {
    use Value::{Date, Int, Null, Ratio, Text};
    let mut clients = Vec::new();
    for client in 0..24_i64 {
        for (role, id, with) in [
            ("pilot", client, Null),
            ("comparison", 100 + client, Int(client)),
            ("comparison", 200 + client, Int(client)),
        ] {
            for window in ["before", "after"] {
                let used = 9 + (id * 7) % 11;
                for (service, share) in [(None, 1), (Some("gp_visit"), 2), (Some("emergency"), 3)] {
                    clients.push(vec![
                        Text("multi-service plan"),
                        Text(role),
                        Int(id),
                        with,
                        Null,
                        Text("2012"),
                        Text(if id % 2 == 0 { "female" } else { "male" }),
                        Int(40),
                        Text("272"),
                        Int(1 + id % 10),
                        Date(15_800),
                        Text(window),
                        Date(15_435),
                        Date(15_799),
                        Int(365),
                        service.map_or(Null, Text),
                        Int(3 + id % 3),
                        Int(used / share),
                        Int(if id < 2 { 20 } else { 0 }),
                        Int(used * 12_345),
                        Int(1 + used / 4),
                        Int(1 + id % 4),
                        Text("a1b2c3d4"),
                    ]);
                }
            }
        }
    }
    let figure = |measure, service: Option<&'static str>, scale: f64, interval: Option<(f64, f64)>| {
        let mut row = vec![Text("multi-service plan"), Text(measure), service.map_or(Null, Text), Int(24), Int(48)];
        row.extend([1.05, 1.0].map(|mean| Ratio(mean * scale)));
        row.extend([Int(24), Int(48)]);
        row.extend([1.05, 0.6, 1.0, 0.9, -0.45, -0.1, -0.35].map(|mean| Ratio(mean * scale)));
        row.extend(interval.map_or([Null, Null], |(low, high)| [Ratio(low * scale), Ratio(high * scale)]));
        row
    };
    let baseline = [
        figure("contacts", None, 31.0, Some((-0.7, 0.1))),
        figure("cost_cents", None, 1_234_567.0, Some((-0.9, 0.2))),
        figure("emergency_contacts", None, 4.0, Some((-0.6, -0.1))),
        figure("stay_days", None, 6.0, None),
        figure("services", None, 5.0, Some((-0.5, -0.2))),
        figure("providers", None, 4.0, Some((-0.5, 0.3))),
        figure("contacts", Some("emergency"), 4.0, Some((-0.6, -0.1))),
        figure("contacts", Some("gp_visit"), 12.0, None),
    ];
    let balance =
        ["female", "age", "cost_decile", "cost_cents", "services", "contacts", "stay_days", "emergency_contacts"].map(
            |variable| {
                let mut row = vec![Text("multi-service plan"), Text(variable), Int(24), Int(48), Int(610)];
                row.extend([0.5, 0.52, 0.44, 0.31, -0.04].map(Ratio));
                row
            },
        );
    let counts = [
        ("listed", 27, None),
        ("known", 24, None),
        ("baseline", 24, None),
        ("frozen", 0, None),
        ("unmatched", 0, None),
        ("matched", 24, Some(48)),
        ("matched_fully", 24, Some(48)),
        ("same_sex_age_municipality", 18, Some(33)),
        ("same_sex_age", 12, Some(15)),
        ("same_age", 0, Some(0)),
        ("followed", 24, Some(48)),
        ("complete", 24, Some(48)),
        ("going_on", 0, Some(0)),
        ("ended_early", 0, Some(0)),
        ("not_followed", 0, Some(0)),
    ];
    let counts = counts.map(|(step, clients, others)| {
        vec![Text("multi-service plan"), Text(step), Int(clients), others.map_or(Null, Int)]
    });
    [
        table(&schema::PILOT_CLIENTS, &clients),
        table(&schema::PILOT_BASELINE, &baseline),
        table(&schema::PILOT_BALANCE, &balance),
        table(&schema::PILOT_COUNTS, &counts),
    ]
}

/// One provider as agreed, one without a price, one that is too small, and contacts of nobody.
fn packages() -> Table {
    use Value::{Int, Null, Ratio, Text};
    let row = |provider, package, clients: i64, cost: Option<i64>, agreed: Option<i64>, answers: Option<i64>| {
        let int = |value: Option<i64>| value.map_or(Null, Int);
        let contacts = clients * 12;
        vec![
            provider,
            package,
            Text("2014"),
            Int(clients),
            Int(contacts),
            Int(contacts),
            int(cost),
            Int(3),
            int(cost.map(|_| contacts - 3)),
            int(cost.map(|cost| cost / clients)),
            int(cost.map(|cost| cost / contacts)),
            int(agreed),
            agreed.map_or(Null, |_| Text("contacts")),
            int(agreed.map(|_| 9_050)),
            int(agreed.map(|agreed| agreed * 9_050)),
            int(agreed.map(|agreed| contacts - agreed)),
            int(agreed.map(|_| -250)),
            int(agreed.zip(cost).map(|(agreed, cost)| cost - agreed * 9_050)),
            answers.map_or(Null, |_| Text("asiakaskysely")),
            int(answers),
            int(answers),
            answers.map_or(Null, |_| Ratio(3.84)),
            int(answers.filter(|answers| *answers > 9).map(|answers| answers / 2)),
            answers.map_or(Null, |_| Ratio(-0.25)),
        ]
    };
    let rows = [
        row(Text("Kokkolan kotihoito"), Text("home_care"), 410, Some(43_000_000), Some(5_000), Some(96)),
        row(Text("Kannuksen kotihoito"), Text("home_care"), 120, None, Some(1_300), None),
        row(Text("Toholammin kotihoito"), Text("home_care"), 3, Some(90_000), None, Some(4)),
        row(Null, Null, 800, Some(7_700_000), None, None),
    ];
    table(&schema::PACKAGES, &rows)
}

/// Three tiers in all and in two municipalities; the smallest tier is withheld.
fn access() -> Table {
    use Value::{Int, Null, Ratio, Text};
    let mut rows = Vec::new();
    for (town, county, part) in [("all", "all", 10), ("all", "18", 10), ("272", "18", 7), ("315", "18", 3)] {
        for (tier, size) in [("all", 31), ("guidance", 12), ("basic", 18), ("multidisciplinary", 1)] {
            let clients: i64 = size * part;
            let in_time = clients * 8 / 10;
            let median = if tier == "guidance" { Null } else { Ratio(4.5) };
            rows.push(vec![
                Text(tier),
                Text("2014"),
                Text(town),
                Text(county),
                Int(clients),
                Int(clients),
                Int(clients / 10),
                median,
                Int(15),
                Int(clients),
                Int(in_time),
                Ratio(0.8),
                Ratio(44.0),
                Null,
                Int(clients),
                Int(in_time),
                Ratio(0.8),
                Int(clients / 2),
                Ratio(0.5),
                Null,
                Null,
                Int(in_time),
                Ratio(0.8),
            ]);
        }
    }
    table(&schema::ACCESS, &rows)
}

pub(crate) fn study() -> ProtectedStudy {
    protected(&tables())
}

/// The settings of the study above, as far as a report reads them.
pub(crate) const SETTINGS: &str = r#"
[study]
name = "heavy-users"
title = { fi = "Paljon käyttävät", sv = "Storförbrukare", en = "Heavy users" }
periods = ["2013", "2014"]
population = { ages = "18..64" }
[[cohort]]
name = "four-plus"
title = { fi = "vähintään neljä palvelua", sv = "minst fyra tjänster", en = "four services or more" }
min_services = 4
age = { min = 18, max = 64 }
sectors_required = ["social"]
[cohort.heavy]
min_contacts = 3
[[segment]]
name = "other-segment"
any_service = []
[access]
[[pilot]]
name = "multi-service plan"
title = { fi = "monipalvelusuunnitelma", sv = "multiserviceplanen", en = "the multi-service plan" }
before_days = 365
after_days = 365
comparison = { cohort = "four-plus" }
"#;

pub(crate) fn settings() -> Study {
    Study::parse(SETTINGS).unwrap()
}

/// The report of the study above with its settings.
pub(crate) fn report<'a>(study: &'a ProtectedStudy, settings: &'a Study) -> Report<'a> {
    Report { settings: Some(settings), ..Report::new(study, "heavy-users") }
}
