//! Whatever a report shows, and how long and where it draws it, follows the protected numbers alone: two studies with other
//! exact numbers and the same protected ones have the same report, byte for byte.

use virta_model::schema::Role;
use virta_model::{Lang, Table, Value};

use crate::sample::{protected, tables};
use crate::{Report, html, xlsx};

/// Cells that are tried in each table: more take longer and show no more.
const TRIED: usize = 40;

/// The table with another number in a cell, if it has one there that leaves.
fn with_another(table: &Table, at: usize) -> Option<Table> {
    let columns = table.schema.columns;
    let (row, column) = (at / columns.len(), at % columns.len());
    let other = match (columns[column].role, table.value(row, column)) {
        (Role::Key | Role::Fact | Role::With { .. }, _) => return None,
        (Role::Amount { .. }, Value::Int(amount)) => Value::Int(amount + amount / 1000 + 1),
        (_, Value::Int(number)) => Value::Int(number + 1),
        (_, Value::Ratio(ratio)) => Value::Ratio(ratio * 1.000_1),
        _ => return None,
    };
    let mut changed = Table::new(table.schema);
    for here in 0..table.rows() {
        let values =
            (0..columns.len()).map(|at| if (here, at) == (row, column) { other } else { table.value(here, at) });
        changed.push(&values.collect::<Vec<_>>());
    }
    Some(changed)
}

#[test]
fn other_exact_numbers_with_the_same_protected_ones_give_the_same_bytes() {
    let exact = tables();
    let shown = protected(&exact);
    let (mut others, mut changed, mut in_tables) = (exact.clone(), 0, 0);
    for number in 0..others.len() {
        let cells = others[number].rows() * others[number].schema.columns.len();
        let before = changed;
        // Every seventh cell or so, so that every column has its turn.
        for at in (0..cells).step_by((cells / TRIED).max(1)) {
            let Some(table) = with_another(&others[number], at) else { continue };
            let kept = std::mem::replace(&mut others[number], table);
            if protected(&others).tables() == shown.tables() {
                changed += 1;
            } else {
                others[number] = kept;
            }
        }
        in_tables += usize::from(changed > before);
    }
    assert!(changed > 150 && in_tables > 15, "{changed} numbers in {in_tables} tables are others");
    let other = protected(&others);
    assert_eq!(shown.tables(), other.tables());
    let (one, other) = (Report::new(&shown, "s"), Report::new(&other, "s"));
    for lang in Lang::ALL {
        let page = html(&one, lang).unwrap();
        assert!(page.matches("<svg").count() > 5, "the report has charts");
        assert!(page == html(&other, lang).unwrap(), "{}", lang.code());
        assert!(xlsx(&one, lang).unwrap() == xlsx(&other, lang).unwrap(), "{}", lang.code());
    }
}
