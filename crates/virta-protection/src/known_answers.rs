//! Tables with answers known from elsewhere or worked out by hand.

use proptest::prelude::*;

use virta_model::schema::{CONTRIBUTORS, EMERGENCY_BANDS, PROFILE, SERVICE_USE};
use virta_model::{Table, Value};

use crate::{Bounds, Cell, Datum, Need, Reason, StudyTables, System, bounds, exposed, protect, withhold_more};

/// A table with margins as a system: `cells[row][column]`, row totals, column totals, the grand total.
struct Crossed {
    system: System,
    cells: Vec<Vec<usize>>,
}

fn crossed(values: &[&[i64]]) -> Crossed {
    let mut system = System::default();
    let cells: Vec<Vec<usize>> =
        values.iter().map(|row| row.iter().map(|&value| system.publish(value)).collect()).collect();
    let total = system.publish(values.iter().flat_map(|row| row.iter()).sum());
    let mut row_totals = Vec::new();
    for (row, of_row) in values.iter().zip(&cells) {
        let sum = system.publish(row.iter().sum());
        assert!(system.relate(sum, of_row.clone()));
        row_totals.push(sum);
    }
    let mut column_totals = Vec::new();
    for column in 0..values[0].len() {
        let sum = system.publish(values.iter().map(|row| row[column]).sum());
        assert!(system.relate(sum, cells.iter().map(|row| row[column]).collect()));
        column_totals.push(sum);
    }
    assert!(system.relate(total, row_totals));
    assert!(system.relate(total, column_totals));
    Crossed { system, cells }
}

const FOUR: [&[i64]; 4] = [&[30, 47, 64, 89], &[90, 124, 5, 31], &[92, 100, 59, 85], &[800, 991, 651, 685]];
const NINE: [(usize, usize); 9] = [(0, 0), (0, 1), (0, 2), (1, 0), (1, 2), (2, 1), (2, 3), (3, 1), (3, 3)];

fn nine_withheld() -> Crossed {
    let mut table = crossed(&FOUR);
    for (row, column) in NINE {
        table.system.withhold(table.cells[row][column], None);
    }
    table
}

#[test]
fn two_withheld_in_every_line_still_leave_one_cell_calculable() {
    let table = nine_withheld();
    // Rows 1 and 2 less columns 1 and 3 give it: 360 - 313 = 47.
    assert_eq!(bounds(&table.system, table.cells[0][1]), Bounds { low: 47, high: 47 });
    assert!(exposed(&table.system).contains(&table.cells[0][1]));
}

#[test]
fn one_further_cell_cures_it() {
    let mut table = nine_withheld();
    let added = withhold_more(&mut table.system);
    assert_eq!(added.withheld, [table.cells[1][3]]);
    assert!(added.hopeless.is_empty());
    assert_eq!(bounds(&table.system, table.cells[0][1]), Bounds { low: 0, high: 78 });
    assert_eq!(exposed(&table.system), []);
}

#[test]
fn another_cure_has_the_bounds_worked_out_by_hand() {
    let mut table = nine_withheld();
    table.system.withhold(table.cells[1][1], None);
    // The first row's three unseen cells share 141, and each can take it all.
    assert_eq!(bounds(&table.system, table.cells[0][1]), Bounds { low: 0, high: 141 });
}

#[test]
fn six_small_cells_of_a_yearly_table_are_protected_together() {
    let years: Vec<&[i64]> = vec![&[15, 59, 71, 8]; 6];
    let mut table = crossed(&years);
    for year in 0..6 {
        table.system.withhold(table.cells[year][3], Some(Need { low: 8, high: 10 }));
    }
    withhold_more(&mut table.system);
    assert_eq!(exposed(&table.system), []);
    for year in 0..6 {
        let open = bounds(&table.system, table.cells[year][3]);
        assert!(open.low < open.high && open.high >= 10, "{open:?}");
        assert!(!table.system.is_unseen(table.cells[year][2]), "the largest cells stay");
    }
}

#[test]
fn a_total_and_its_parts_never_isolate_fewer_than_k() {
    // 43 - 40 = 3: the two unseen parts are three people together.
    let mut system = System::default();
    let total = system.publish(43);
    let parts: Vec<usize> = [40, 2, 1].iter().map(|&value| system.publish(value)).collect();
    assert!(system.relate(total, parts.clone()));
    system.withhold(parts[1], Some(Need { low: 2, high: 5 }));
    system.withhold(parts[2], Some(Need { low: 1, high: 5 }));
    assert_eq!(exposed(&system), [parts[1], parts[2]]);
    withhold_more(&mut system);
    assert_eq!(exposed(&system), []);
    assert!(system.is_unseen(parts[0]) || system.is_unseen(total));
}

/// Every way to fill the unseen cells: the naive reader, who shares nothing with the solver.
fn possible_values(system: &System, cell: usize, most: i64) -> Vec<i64> {
    fn fill(system: &System, unseen: &[usize], values: &mut Vec<i64>, most: i64, cell: usize, out: &mut Vec<i64>) {
        let Some((&next, rest)) = unseen.split_first() else {
            let fits = system
                .relations
                .iter()
                .all(|relation| values[relation.total] == relation.parts.iter().map(|&part| values[part]).sum::<i64>());
            if fits && !out.contains(&values[cell]) {
                out.push(values[cell]);
            }
            return;
        };
        for value in 0..=most {
            values[next] = value;
            fill(system, rest, values, most, cell, out);
        }
    }
    let unseen: Vec<usize> = (0..system.cells.len()).filter(|&cell| system.is_unseen(cell)).collect();
    let mut values: Vec<i64> = system.cells.iter().map(|cell| cell.value).collect();
    let mut out = Vec::new();
    fill(system, &unseen, &mut values, most, cell, &mut out);
    out.sort_unstable();
    out
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

    #[test]
    fn the_bounds_are_those_of_trying_every_filling(
        values in proptest::collection::vec(0_i64..5, 9),
        hidden in proptest::collection::btree_set(0_usize..9, 1..6),
    ) {
        let rows: Vec<&[i64]> = values.chunks(3).collect();
        let mut table = crossed(&rows);
        for &cell in &hidden {
            table.system.withhold(table.cells[cell / 3][cell % 3], None);
        }
        let found = exposed(&table.system);
        for &cell in &hidden {
            let cell = table.cells[cell / 3][cell % 3];
            let possible = possible_values(&table.system, cell, 12);
            let open = bounds(&table.system, cell);
            prop_assert_eq!(Some(&open.low), possible.first());
            prop_assert_eq!(Some(&open.high), possible.last());
            prop_assert_eq!(found.contains(&cell), possible.len() == 1);
        }
    }

    #[test]
    fn after_protection_no_small_cell_can_be_calculated(
        values in proptest::collection::vec(prop_oneof![0_i64..8, 5_i64..300], 4..40),
        columns in 2_usize..5,
    ) {
        const K: i64 = 5;
        let rows: Vec<&[i64]> = values.chunks_exact(columns).collect();
        prop_assume!(rows.len() > 1);
        let mut table = crossed(&rows);
        for cell in 0..table.system.cells.len() {
            let value = table.system.cells[cell].value;
            if value < K {
                table.system.withhold(cell, Some(Need { low: value, high: K }));
            }
        }
        let protection = withhold_more(&mut table.system);
        prop_assert!(protection.hopeless.is_empty());
        prop_assert_eq!(exposed(&table.system), vec![]);
        for cell in 0..table.system.cells.len() {
            if table.system.is_unseen(cell) {
                let open = bounds(&table.system, cell);
                prop_assert!(open.low < open.high);
                prop_assert!(table.system.cells[cell].value >= K || open.high >= K);
            }
        }
    }
}

#[test]
fn bands_that_nobody_is_in_are_withheld_and_their_table_stays() {
    // Bands of 4 or more, more than 4, and 10 or more are all 0, for everybody and for the cohort. That one is inside the
    // other does not tell that they are the same: where 0 is not shown, each of them may be of somebody.
    let mut tables = vec![Table::new(&EMERGENCY_BANDS), Table::new(&PROFILE)];
    for (cohort, clients) in [("all", 400), ("four", 90)] {
        for band in ["1", "2", "3", "4-9", "10+", ">=4", ">4", ">=10"] {
            let key = [cohort, "2014", band].map(Value::Text);
            tables[0].push(&[&key[..], &[Value::Int(0), Value::Int(0), Value::Null, Value::Null]].concat());
        }
        let key = [cohort, "2014", "all", "all"].map(Value::Text);
        let figures = [clients, 1000, clients, 0].map(Value::Int);
        tables[1].push(&[&key[..], &figures, &[Value::Null, Value::Null]].concat());
    }
    let disclosed = protect(&StudyTables::new(&tables, 5)).unwrap();
    assert_eq!(disclosed.log().tables_withheld, Vec::<&str>::new());
    let bands = disclosed.table("emergency_bands").unwrap();
    assert!((0..16).all(|row| bands.cell(row, "clients") == Some(&Cell::Withheld(Reason::TooFewClients))));
    let size = disclosed.table("profile").unwrap().cell(0, "clients").unwrap().clone();
    assert_eq!(size, Cell::Value(Datum::Int(400)));
}

#[test]
fn a_cost_that_two_clients_make_up_is_withheld_whatever_the_number_of_clients() {
    // 900 + 50 of 1,000 are 95 %; 300 + 200 of 1,000 are not; everybody the same gives each away; without contributors
    // 20 clients are too few for k = 6.
    let mut tables = vec![Table::new(&SERVICE_USE), Table::new(&CONTRIBUTORS)];
    let row = |service, clients, cost| {
        let ints = [clients, clients, 0, cost].map(Value::Int);
        [vec![Value::Text("all"), Value::Text("2014"), Value::Text(service)], ints.to_vec(), vec![Value::Null]].concat()
    };
    for (service, clients, cost) in [("a", 30, 1000), ("b", 30, 1000), ("c", 30, 3000), ("d", 20, 1000)] {
        tables[0].push(&row(service, clients, cost));
    }
    for (key, total, largest, second, same) in [
        ("all|2014|a", 1000, 900, 50, false),
        ("all|2014|b", 1000, 300, 200, false),
        ("all|2014|c", 3000, 100, 100, true),
    ] {
        let cents = [total, largest, second].map(Value::Int);
        let row =
            [vec![Value::Text("service_use"), Value::Text(key)], cents.to_vec(), vec![Value::Flag(same)]].concat();
        tables[1].push(&row);
    }
    let disclosed = protect(&StudyTables::new(&tables, 6)).unwrap();
    let cost = |row| disclosed.table("service_use").unwrap().cell(row, "cost_cents").unwrap().clone();
    assert_eq!(cost(0), Cell::Withheld(Reason::FewClientsDominate));
    assert_eq!(cost(1), Cell::Value(Datum::Int(1000)));
    assert_eq!(cost(2), Cell::Withheld(Reason::AllTheSame));
    assert_eq!(cost(3), Cell::Withheld(Reason::ContributorsUnknown));
    assert!(disclosed.table("contributors").is_none());
}
