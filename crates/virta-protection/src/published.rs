//! The audit of published tables, begun again from what they show: of how they were made it knows the rules only.

use std::collections::BTreeMap;

use virta_model::{Table, Value};

use crate::audit::{Bounds, bounds, exposed, floor};
use crate::disclose::StudyTables;
use crate::figures::{Figures, Place, Row};
use crate::linear::{CellIndex, System};
use crate::primary::Primary;
use crate::protected::{Cell, Datum, ProtectedStudy};
use crate::relations;
use crate::structure::{Measure, Role, Structure};
use crate::weighted;

/// A figure that readers of the published tables know too well. `row` counts the rows of the study's own table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exposed {
    pub table: &'static str,
    pub row: usize,
    pub column: &'static str,
    pub how: How,
}

/// How a figure is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// It is shown, although it is unsafe in itself.
    Shown,
    /// It is not shown, and all the same it can only lie between these.
    Calculable(Bounds),
    /// What the figures shown leave of this one is no printed figure, but unsafe and only between these.
    Remainder(Bounds),
    /// It is shown and is not the figure of the study's table.
    Different,
}

/// Audits published tables against the true ones: what is shown of each figure, which figures are unsafe in themselves
/// and every sum among them is found anew, and what readers can calculate is solved for.
///
/// Empty for whatever [`protect`](crate::protect) makes of the same study: then no figure with fewer than k clients
/// behind it, no cost of one or two clients and no figure withheld to protect them can be known by adding up and
/// subtracting. The sums are those that disclosure knows, too; means of pilots, curves and order statistics are no sums.
pub fn audit(study: &StudyTables<'_>, published: &ProtectedStudy) -> Vec<Exposed> {
    let mut figures = Figures::new(study.tables, study.policy);
    relations::add_all(&mut figures, &study.known);
    let primary = Primary::new(study.tables);
    let shown = Shown::new(published);
    let mut found = Vec::new();
    for (place, measure, cell) in figures.all_places() {
        let need = primary.of(&figures, place, measure, cell).map(|(need, _)| need);
        let how = match shown.of(study.tables, place) {
            Some(value) if value != figures.systems[&measure].cells[cell].value => Some(How::Different),
            Some(_) => need.map(|_| How::Shown),
            None => {
                let system = figures.system(measure);
                system.withhold(cell, need);
                let unseen = &mut system.cells[cell];
                if shown.row(study.tables, (place.0, place.1)).is_none() {
                    // Who does not see the row need not think that there is anybody in it.
                    unseen.least = unseen.least.min(0);
                    // Of a table that is left out whole, what is not unsafe in itself protects nothing.
                    unseen.guarded = need.is_some() || shown.has_table(study.tables[place.0].schema.name);
                }
                None
            }
        };
        found.extend(how.and_then(|how| at(study.tables, place, how)));
    }
    found.extend(told_by_weights(&figures, &shown));
    for (measure, total) in figures.told_by_parts.clone() {
        let system = figures.system(measure);
        let mut parts = system.relations.iter().filter(|relation| relation.total == total).flat_map(|of| &of.parts);
        if parts.all(|&part| system.is_unseen(part)) {
            system.withhold(total, None);
            system.cells[total].guarded = false;
        }
    }
    for measure in Measure::ALL {
        found.extend(exposed_of(&figures, measure, &shown));
    }
    found
}

/// Small groups that sums tell which weigh their rows, where a row that protects them is shown.
fn told_by_weights(figures: &Figures<'_>, shown: &Shown<'_>) -> Vec<Exposed> {
    let tables = figures.tables;
    let is_shown = |row: Row, column: &str| {
        let column = tables[row.0].schema.index_of(column);
        column.is_some_and(|column| shown.of(tables, (row.0, row.1, column)).is_some())
    };
    let is_withheld = |row: Row| !is_shown(row, "clients");
    let few = Bounds { low: 0, high: i64::from(figures.policy.k) - 1 };
    let place = |row: Row, column: &str| Some((row.0, row.1, tables[row.0].schema.index_of(column)?));
    let rows = weighted::unsafe_rows(figures, is_withheld).into_iter();
    let unsafe_rows = rows.filter(|row| shown.has_table(tables[row.0].schema.name)).map(|row| (row, "clients"));
    let bands = weighted::visits_of_bands(figures, is_withheld).rows.into_iter().map(|row| (row, "visits"));
    let services = weighted::numbers_of_services(figures, is_withheld).rows.into_iter().map(|row| (row, "clients"));
    let told = bands.chain(services).filter(|(row, column)| is_shown(*row, column)).chain(unsafe_rows);
    told.filter_map(|(row, column)| at(tables, place(row, column)?, How::Calculable(few))).collect()
}

/// The unseen figures of a measure that can be calculated too well.
fn exposed_of(figures: &Figures<'_>, measure: Measure, shown: &Shown<'_>) -> Vec<Exposed> {
    let system = &figures.systems[&measure];
    let places: BTreeMap<CellIndex, Place> =
        figures.all_places().into_iter().filter(|at| at.1 == measure).map(|(place, _, cell)| (cell, place)).collect();
    let mut found = Vec::new();
    for index in exposed(system) {
        let printed = places.get(&index);
        let Some(&place) = printed.or_else(|| places.get(&total_over(system, index)?)) else { continue };
        // Where whole numbers were not found, what can be reached at all must do.
        let (mut cell, reach) = (system.cells[index], bounds(system, index));
        if reach.low > cell.least {
            cell.raise_least(floor(system, index));
        }
        let (down, up) = cell.shifts().unwrap_or((0, 0));
        let is_open = reach.low <= cell.value + down && reach.high >= cell.value + up && reach.low < reach.high;
        // A row that is left out keeps its secret so long as there may be nobody in it, who would cost nothing.
        let may_be_nobody =
            shown.row(figures.tables, (place.0, place.1)).is_none() && reach.low <= 0 && reach.high >= 0;
        if !is_open && !may_be_nobody {
            let how = if printed.is_some() { How::Calculable(reach) } else { How::Remainder(reach) };
            found.extend(at(figures.tables, place, how));
        }
    }
    found
}

/// The total that a difference is missing to.
fn total_over(system: &System, cell: CellIndex) -> Option<CellIndex> {
    system.relations.iter().find(|relation| relation.parts.contains(&cell)).map(|relation| relation.total)
}

fn at(tables: &[Table], place: Place, how: How) -> Option<Exposed> {
    let schema = tables.get(place.0)?.schema;
    Some(Exposed { table: schema.name, row: place.1, column: schema.columns.get(place.2)?.name, how })
}

/// Where each row of the study's tables stands among the published ones, found by what it is about.
struct Shown<'a> {
    published: &'a ProtectedStudy,
    rows: BTreeMap<(&'static str, Vec<String>), usize>,
}

impl<'a> Shown<'a> {
    fn new(published: &'a ProtectedStudy) -> Self {
        let mut rows = BTreeMap::new();
        for table in published.tables() {
            let keys = keys(table.name());
            for (at, row) in table.rows().iter().enumerate() {
                let key = keys.iter().filter_map(|&column| row.get(column)).map(text_of_cell).collect();
                rows.insert((table.name(), key), at);
            }
        }
        Shown { published, rows }
    }

    fn row(&self, tables: &[Table], row: Row) -> Option<&'a [Cell]> {
        let table = &tables[row.0];
        let name = table.schema.name;
        let key = keys(name).iter().map(|&column| text_of_value(table.value(row.1, column))).collect();
        let at = *self.rows.get(&(name, key))?;
        self.published.table(name)?.rows().get(at).map(Vec::as_slice)
    }

    /// Whether any row of a table is shown.
    fn has_table(&self, name: &str) -> bool {
        self.published.table(name).is_some_and(|table| !table.rows().is_empty())
    }

    fn of(&self, tables: &[Table], place: Place) -> Option<i64> {
        match self.row(tables, (place.0, place.1))?.get(place.2)? {
            Cell::Value(Datum::Int(value)) => Some(*value),
            _ => None,
        }
    }
}

/// The columns that say what a row is about.
fn keys(table: &str) -> Vec<usize> {
    let columns = Structure::of(table).map_or(&[][..], |structure| structure.columns).iter().enumerate();
    columns.filter(|(_, (_, role))| *role == Role::Key).map(|(at, _)| at).collect()
}

fn text_of_cell(cell: &Cell) -> String {
    match cell {
        Cell::Value(Datum::Text(text)) => text.clone(),
        Cell::Value(Datum::Int(number)) => number.to_string(),
        Cell::Value(Datum::Flag(flag)) => flag.to_string(),
        _ => String::new(),
    }
}

fn text_of_value(value: Value<'_>) -> String {
    match value {
        Value::Text(text) => text.to_owned(),
        Value::Int(number) => number.to_string(),
        Value::Flag(flag) => flag.to_string(),
        _ => String::new(),
    }
}
