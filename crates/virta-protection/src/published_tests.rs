//! What the audit of whole random studies has found, each in the smallest table that shows it.

use virta_model::schema::{self, TableSchema};
use virta_model::{Table, Value};

use crate::{Bounds, Cell, Datum, Exposed, How, Reason, StudyTables, audit, protect};

fn table(schema: &'static TableSchema, rows: Vec<Vec<Value<'_>>>) -> Table {
    let mut table = Table::new(schema);
    rows.iter().for_each(|row| table.push(row));
    table
}

/// A row of `profile`: clients, residents, contacts, cost.
fn profile(dimension: &'static str, value: Option<&'static str>, figures: [i64; 4]) -> Vec<Value<'static>> {
    let mut row =
        vec![Value::Text("all"), Value::Text("2014"), Value::Text(dimension), value.map_or(Value::Null, Value::Text)];
    row.extend(figures.map(Value::Int));
    row.extend([Value::Null, Value::Null]);
    row
}

fn summary(figures: [i64; 4]) -> Table {
    let [clients, residents, contacts, cost] = figures.map(Value::Int);
    let text = Value::Text;
    let row = [text("2014"), clients, residents, Value::Null, contacts, cost, Value::Int(0), Value::Null];
    table(&schema::SUMMARY, vec![[&row[..], &[text("h"), text("s"), text("v")]].concat()])
}

fn contributor(of: &'static str, key: &'static str, cents: [i64; 3]) -> Vec<Value<'static>> {
    let cents = cents.map(Value::Int);
    [&[Value::Text(of), Value::Text(key)][..], &cents, &[Value::Flag(false)]].concat()
}

#[test]
fn people_whom_no_list_knows_do_not_take_the_profile_with_them() {
    // Six users are in no client list: no town has them, and none of the residents is without a town.
    let town = |name, clients, residents| {
        let key = [Value::Text("all"), Value::Text("2014"), Value::Text("municipality"), Value::Text(name)];
        let figures = [residents, clients, clients * 3, clients * 700].map(Value::Int);
        [&key[..], &figures, &[Value::Null; 6]].concat()
    };
    let tables = [
        summary([106, 300, 318, 74_200]),
        table(
            &schema::PROFILE,
            vec![
                profile("all", Some("all"), [106, 300, 318, 74_200]),
                profile("municipality", Some("005"), [60, 180, 180, 42_000]),
                profile("municipality", Some("047"), [40, 120, 120, 28_000]),
                profile("municipality", None, [6, 0, 18, 4_200]),
            ],
        ),
        table(&schema::REGIONS, vec![town("005", 60, 180), town("047", 40, 120)]),
    ];
    let disclosed = protect(&StudyTables::new(&tables, 5)).unwrap();
    assert_eq!(disclosed.log().tables_withheld, Vec::<&str>::new());
    let clients = disclosed.table("profile").unwrap().cell(3, "clients").unwrap().clone();
    assert_eq!(clients, Cell::Value(Datum::Int(6)));
    assert_eq!(audit(&StudyTables::new(&tables, 5), &disclosed), []);
}

#[test]
fn a_dominated_cost_stays_open_also_where_the_number_of_its_clients_only_protects_another() {
    // Three women: so the number of the men is withheld, too, and one of them costs nearly everything.
    let tables = [
        table(
            &schema::PROFILE,
            vec![
                profile("all", Some("all"), [40, 40, 80, 1_000_000]),
                profile("sex", Some("female"), [3, 3, 6, 50_000]),
                profile("sex", Some("male"), [37, 37, 74, 950_000]),
            ],
        ),
        table(
            &schema::CONTRIBUTORS,
            vec![
                contributor("profile", "all|2014|all|all", [1_000_000, 300_000, 40_000]),
                contributor("profile", "all|2014|sex|male", [950_000, 900_000, 40_000]),
            ],
        ),
    ];
    let study = StudyTables::new(&tables, 5);
    let disclosed = protect(&study).unwrap();
    let men = |column| disclosed.table("profile").unwrap().cell(2, column).unwrap().clone();
    assert_eq!(men("clients"), Cell::Withheld(Reason::ProtectsAnother));
    assert_eq!(men("cost_cents"), Cell::Withheld(Reason::FewClientsDominate));
    assert_eq!(audit(&study, &disclosed), []);
}

#[test]
fn the_curve_does_not_tell_a_cost_that_the_top_shares_withhold() {
    // The costliest tenth of 200 costs 500,000 of 1,000,000, and one of them 490,000.
    let top = |percent, clients, cost, share| {
        let ints = [percent, clients, cost].map(Value::Int);
        let key = [Value::Text("2014"), Value::Text("users")];
        [&key[..], &ints, &[Value::Ratio(share), Value::Int(900)]].concat()
    };
    let point = |percentile, share| {
        vec![Value::Text("2014"), Value::Text("users"), Value::Int(percentile), Value::Ratio(share)]
    };
    let tables = [
        summary([200, 200, 400, 1_000_000]),
        table(&schema::CONCENTRATION, vec![top(10, 20, 500_000, 0.5), top(50, 100, 800_000, 0.8)]),
        table(&schema::LORENZ, vec![point(0, 0.0), point(50, 0.2), point(90, 0.5), point(95, 0.505), point(100, 1.0)]),
        table(
            &schema::CONTRIBUTORS,
            vec![
                contributor("summary", "2014", [1_000_000, 490_000, 3_000]),
                contributor("concentration", "2014|users|10", [500_000, 490_000, 3_000]),
                contributor("concentration", "2014|users|50", [800_000, 490_000, 3_000]),
            ],
        ),
    ];
    let disclosed = protect(&StudyTables::new(&tables, 5)).unwrap();
    let is_withheld =
        |table: &str, row, column| matches!(disclosed.table(table).unwrap().cell(row, column), Some(Cell::Withheld(_)));
    assert!(is_withheld("concentration", 0, "cost_cents") && !is_withheld("concentration", 1, "cost_cents"));
    let points: Vec<bool> = (0..5).map(|row| is_withheld("lorenz", row, "cumulative_cost_share")).collect();
    assert_eq!(points, [false, false, true, true, false]);
}

#[test]
fn residents_and_users_who_cost_most_are_not_told_apart_by_fewer_than_k() {
    // The costliest 6 of the users and 9 of the residents are the same people but for three.
    let top = |denominator, percent, clients, cost| {
        let ints = [percent, clients, cost].map(Value::Int);
        let key = [Value::Text("2014"), Value::Text(denominator)];
        [&key[..], &ints, &[Value::Ratio(0.1), Value::Int(900)]].concat()
    };
    let rows = vec![top("residents", 1, 9, 80_000), top("users", 2, 6, 60_000)];
    let tables = [
        summary([300, 900, 400, 800_000]),
        table(&schema::CONCENTRATION, rows),
        table(
            &schema::CONTRIBUTORS,
            vec![
                contributor("summary", "2014", [800_000, 12_000, 11_000]),
                contributor("concentration", "2014|residents|1", [80_000, 12_000, 11_000]),
                contributor("concentration", "2014|users|2", [60_000, 12_000, 11_000]),
            ],
        ),
    ];
    let disclosed = protect(&StudyTables::new(&tables, 5)).unwrap();
    let shown = disclosed.table("concentration").unwrap();
    let is_shown = |row| matches!(shown.cell(row, "cost_cents"), Some(Cell::Value(_)));
    assert!(!(is_shown(0) && is_shown(1)));
}

#[test]
fn numbers_of_services_times_their_clients_do_not_give_the_withheld_ones_away() {
    // 120 + 60 + 17 + 3 clients are 200, and 120 + 2 * 60 + 3 * 17 + 4 * 3 are the 303 of all services together. Were only
    // the last two withheld, x + y = 20 and 3 x + 4 y = 63 would leave 17 and 3.
    const CLIENTS: [i64; 7] = [120, 60, 17, 3, 190, 70, 43];
    let text = Value::Text;
    let many = |services: i64, clients| {
        let figures = [services, clients, clients * services, clients * 100].map(Value::Int);
        [&[text("2014")][..], &figures].concat()
    };
    let used = |service, clients| {
        let figures = [clients, clients, 0, clients * 90].map(Value::Int);
        [&[text("all"), text("2014"), text(service)][..], &figures, &[Value::Null]].concat()
    };
    let tables = [
        summary([200, 900, 303, 20_000]),
        table(&schema::SERVICES_PER_CLIENT, (1..5).zip(CLIENTS).map(|(n, clients)| many(n, clients)).collect()),
        table(
            &schema::SERVICE_USE,
            ["gp", "home", "ward"].into_iter().zip(&CLIENTS[4..]).map(|(s, n)| used(s, *n)).collect(),
        ),
        table(&schema::PROFILE, vec![profile("all", Some("all"), [200, 900, 303, 20_000])]),
    ];
    let study = StudyTables::new(&tables, 5);
    let disclosed = protect(&study).unwrap();
    assert_eq!(audit(&study, &disclosed), []);
    let cells = (0..4).map(|row| ("services_per_client", row)).chain((0..3).map(|row| ("service_use", row)));
    let shown: Vec<bool> = cells
        .map(|(table, row)| matches!(disclosed.table(table).unwrap().cell(row, "clients"), Some(Cell::Value(_))))
        .collect();
    assert!(!shown[3] && shown.iter().filter(|shown| **shown).count() > 2, "{shown:?}");
    // All that a reader can think of, one number after another, where each service has at most all the clients.
    let mut thinkable = vec![Vec::new()];
    for (at, is_shown) in shown.into_iter().enumerate() {
        let values = if is_shown { CLIENTS[at]..=CLIENTS[at] } else { 1..=200 };
        let grown =
            thinkable.iter().flat_map(|known: &Vec<i64>| values.clone().map(|value| [&known[..], &[value]].concat()));
        let sums = |known: &Vec<i64>| known.iter().take(4).sum::<i64>() <= 200;
        thinkable =
            grown.filter(sums).filter(|known| known.len() < 4 || known.iter().take(4).sum::<i64>() == 200).collect();
    }
    thinkable.retain(|all| (1..5).zip(all).map(|(n, clients)| n * clients).sum::<i64>() == all[4..].iter().sum());
    let possible: Vec<i64> = thinkable.iter().map(|all| all[3]).collect();
    assert!(possible.contains(&3) && possible.iter().any(|clients| *clients >= 5), "{possible:?}");
}

#[test]
fn visits_do_not_tell_how_many_came_ten_times() {
    // Two came ten times or more, 27 times in all. With the 300 who came once withheld beside them, 302 people would have
    // 327 visits: were there three, they would have 30 and the others 299, which is more.
    let bands = [
        ("1", 300, 300),
        ("2", 60, 120),
        ("3", 20, 60),
        ("4-9", 12, 70),
        ("10+", 2, 27),
        (">=4", 14, 97),
        (">4", 9, 77),
        (">=10", 2, 27),
    ];
    let band = |(name, clients, visits)| {
        let figures = [clients, visits].map(Value::Int);
        [&[Value::Text("all"), Value::Text("2014"), Value::Text(name)][..], &figures, &[Value::Null; 2]].concat()
    };
    let tables = [
        table(&schema::EMERGENCY_BANDS, bands.map(band).to_vec()),
        table(&schema::PROFILE, vec![profile("all", Some("all"), [900, 1000, 2000, 0])]),
    ];
    let study = StudyTables::new(&tables, 5);
    let disclosed = protect(&study).unwrap();
    let shown = disclosed.table("emergency_bands").unwrap();
    let is_shown = |row: usize, column: &str| matches!(shown.cell(row, column), Some(Cell::Value(_)));
    assert!(!is_shown(4, "clients") && (0..8).any(|row| is_shown(row, "clients")));
    assert!((0..8).all(|row| !is_shown(row, "visits")));
    assert_eq!(audit(&study, &disclosed), []);
}

#[test]
fn a_table_without_a_safe_part_does_not_even_say_which_rows_it_has() {
    // Twelve visits in twelve hours: whoever knows that there were twelve knows that each hour had one.
    let hour = |hour| {
        let keys = [Value::Text("all"), Value::Text("2014"), Value::Int(1), Value::Int(hour)];
        [&keys[..], &[Value::Int(1), Value::Int(1)]].concat()
    };
    let mut rows: Vec<Vec<Value<'_>>> = (0..11).map(hour).collect();
    rows.push([&hour(11)[..4], &[Value::Int(5), Value::Int(1)]].concat());
    let tables = [table(&schema::EMERGENCY_HOURS, rows)];
    let study = StudyTables::new(&tables, 5);
    let disclosed = protect(&study).unwrap();
    assert_eq!(disclosed.log().tables_withheld, ["emergency_hours"]);
    let hours = disclosed.table("emergency_hours").unwrap();
    assert_eq!((hours.rows().len(), hours.rows_left_out()), (0, 12));
    assert_eq!(audit(&study, &disclosed), []);
}

#[test]
fn the_audit_names_the_place_of_what_another_policy_let_through() {
    let row = |service, clients| {
        vec![Value::Text("all"), Value::Text("2014"), Value::Text(service), Value::Int(clients), Value::Int(0)]
    };
    let rows = vec![row("dentist", 40), row("ward", 2), row("gp", 6), row("home", 4)];
    let tables = [
        table(&schema::FLOW_STARTS, rows),
        table(&schema::PROFILE, vec![profile("all", Some("all"), [52, 60, 100, 0])]),
    ];
    let generous = protect(&StudyTables::new(&tables, 3)).unwrap();
    let found = audit(&StudyTables::new(&tables, 8), &generous);
    // The six of gp are shown, and with k = 8 must not be.
    let shown: Vec<_> = found.iter().filter(|one| one.how == How::Shown).collect();
    assert_eq!(shown, [&Exposed { table: "flow_starts", row: 2, column: "clients", how: How::Shown }]);
    // The ward and home care share six, so that neither can be eight.
    let bounds = Bounds { low: 1, high: 5 };
    let how = How::Calculable(bounds);
    assert!(found.contains(&Exposed { table: "flow_starts", row: 1, column: "clients", how }), "{found:?}");
}
