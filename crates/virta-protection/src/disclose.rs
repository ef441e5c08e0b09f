//! From cohort tables to disclosed ones.

use std::collections::{BTreeMap, BTreeSet};

use virta_model::{Table, Value, row_key};

use crate::audit::{bounds, exposed};
use crate::choose::withhold_more;
use crate::figures::{Figures, Place, Row};
use crate::pilots::{compared_with_withheld, unsafe_means};
use crate::points::safe_points;
use crate::policy::Policy;
use crate::primary::Primary;
use crate::protected::{Cell, Datum, Log, LogEntry, ProtectedStudy, ProtectedTable, Reason};
use crate::relations::{self, Known};
use crate::structure::{Measure, Role, Structure};
use crate::weighted;

/// Why nothing can be disclosed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProtectionError {
    #[error("k is {0}: the smallest number of clients behind a figure lies in 3..=100")]
    SmallestCell(u32),
    #[error("table {0} is there twice: a study has one of each")]
    TwiceTheTable(&'static str),
}

/// The tables of one study, with what the rules need to know beside them.
#[derive(Debug, Clone)]
pub struct StudyTables<'a> {
    pub tables: &'a [Table],
    pub policy: Policy,
    /// What readers know of codes, so that a county's figure does not give a municipality's away.
    pub known: Known,
    /// Rows that were left out of a table before: of tables that [`leaves_rare_rows_out`] names, those with fewer than k
    /// clients may be.
    pub rows_left_out: BTreeMap<&'static str, usize>,
}

impl<'a> StudyTables<'a> {
    /// Tables with the usual policy of a smallest cell `k`, and nothing known beside them.
    pub fn new(tables: &'a [Table], k: u32) -> Self {
        StudyTables { tables, policy: Policy::of(k), known: Known::default(), rows_left_out: BTreeMap::new() }
    }
}

/// Whether [`protect`] reads a table: because it may leave, or because it says who is behind the figures of one that
/// may.
///
/// Costs are checked for dominance with the table `contributors`; without a row there, a cost is withheld below
/// [`Policy::unchecked_clients_min`] clients. Means of pilots are checked with the table `pilot_clients`.
pub fn is_read(table: &str) -> bool {
    Structure::of(table).is_some() || ["contributors", "pilot_clients"].contains(&table)
}

/// Whether the rows of a table with fewer than k `clients` are left out whole: that they occur would itself say
/// something. Nothing else depends on them, so that who reads a table of millions of rare rows need not hold them.
pub fn leaves_rare_rows_out(table: &str) -> bool {
    Structure::of(table).is_some_and(|structure| structure.is_sparse)
}

/// Checks every cell of a study's tables and withholds what must not leave.
///
/// Tables of single persons, and tables that have no rules, are refused and named in the log. The result depends on the
/// tables' rows alone.
pub fn protect(study: &StudyTables<'_>) -> Result<ProtectedStudy, ProtectionError> {
    if !(3..=100).contains(&study.policy.k) {
        return Err(ProtectionError::SmallestCell(study.policy.k));
    }
    let mut names = BTreeSet::new();
    for table in study.tables {
        if !names.insert(table.schema.name) {
            return Err(ProtectionError::TwiceTheTable(table.schema.name));
        }
    }
    let (tables, orders): (Vec<Table>, Vec<Vec<usize>>) = study.tables.iter().map(in_order).unzip();
    let mut figures = Figures::new(&tables, study.policy);
    relations::add_all(&mut figures, &study.known);
    let mut withheld = Withheld::default();
    let primary = Primary::new(&tables);
    withheld.small_groups(&mut figures, &primary);
    withheld.numbers_of_services(&mut figures);
    withheld.protect(&mut figures, Measure::Clients);
    withheld.protect(&mut figures, Measure::Residents);
    withheld.sums(&mut figures, &primary);
    withheld.visits_of_bands(&mut figures);
    for measure in Measure::ALL.into_iter().filter(|measure| !matches!(measure, Measure::Clients | Measure::Residents))
    {
        withheld.protect(&mut figures, measure);
    }
    for (place, reason) in unsafe_means(&figures) {
        withheld.add(place, reason);
    }
    for place in compared_with_withheld(&figures, |place| withheld.reasons.contains_key(&place)) {
        if figures.tables[place.0].value(place.1, place.2) != Value::Null {
            withheld.add(place, Reason::FollowsAnother);
        }
    }
    withheld.made_from_withheld(&figures);
    withheld.points(&figures, &primary);
    withheld.hopeless_by_weights(&figures);
    withheld.unsafe_tables(&figures);
    Ok(withheld.finish(&figures, &orders, &study.rows_left_out))
}

/// A table's rows in the order of what they are about, and which row of the table each is: which of two equal figures
/// is withheld for a third must not depend on where they stand.
fn in_order(table: &Table) -> (Table, Vec<usize>) {
    let row = |at: usize| -> Vec<Value<'_>> {
        (0..table.schema.columns.len()).map(|column| table.value(at, column)).collect()
    };
    let mut order: Vec<usize> = (0..table.rows()).collect();
    if Structure::of(table.schema.name).is_some() {
        order.sort_by_cached_key(|&at| row_key(table.schema, &row(at)));
    }
    let mut sorted = Table::new(table.schema);
    order.iter().for_each(|&at| sorted.push(&row(at)));
    (sorted, order)
}

#[derive(Debug, Default)]
struct Withheld {
    reasons: BTreeMap<Place, Reason>,
    unsafe_tables: BTreeSet<usize>,
}

impl Withheld {
    fn add(&mut self, place: Place, reason: Reason) {
        self.reasons.entry(place).or_insert(reason);
    }

    /// Primary: fewer than k people.
    fn small_groups(&mut self, figures: &mut Figures<'_>, primary: &Primary<'_>) {
        for (place, measure, cell) in figures.all_places() {
            if measure.is_people()
                && let Some((need, reason)) = primary.of(figures, place, measure, cell)
            {
                figures.system(measure).withhold(cell, Some(need));
                self.add(place, reason);
            }
        }
    }

    fn is_withheld(&self, figures: &Figures<'_>, row: Row, column: &str) -> bool {
        let column = figures.tables[row.0].schema.index_of(column);
        column.is_some_and(|column| self.reasons.contains_key(&(row.0, row.1, column)))
    }

    fn withhold_rows(&mut self, figures: &mut Figures<'_>, rows: &BTreeSet<Row>, column: &str) {
        for &row in rows {
            if let (Some((measure, cell)), Some(column)) =
                (figures.place(row, column), figures.tables[row.0].schema.index_of(column))
            {
                figures.system(measure).withhold(cell, None);
                self.add((row.0, row.1, column), Reason::ProtectsAnother);
            }
        }
    }

    /// What protects small groups against the clients of all services together.
    fn numbers_of_services(&mut self, figures: &mut Figures<'_>) {
        let weighted = weighted::numbers_of_services(figures, |row| self.is_withheld(figures, row, "clients"));
        self.withhold_rows(figures, &weighted.rows, "clients");
    }

    /// What protects small bands against the visits of all.
    fn visits_of_bands(&mut self, figures: &mut Figures<'_>) {
        let weighted = weighted::visits_of_bands(figures, |row| self.is_withheld(figures, row, "clients"));
        self.withhold_rows(figures, &weighted.rows, "visits");
    }

    /// Tables with a small group that nothing protects against sums that weigh their rows.
    fn hopeless_by_weights(&mut self, figures: &Figures<'_>) {
        let is_withheld = |row: Row| self.is_withheld(figures, row, "clients");
        let unsafe_rows = weighted::unsafe_rows(figures, is_withheld);
        self.unsafe_tables.extend(unsafe_rows.into_iter().map(|row| row.0));
    }

    /// Sums over people: those that are unsafe in themselves, and those of people who are withheld.
    fn sums(&mut self, figures: &mut Figures<'_>, primary: &Primary<'_>) {
        for (place, measure, cell) in figures.all_places() {
            let table = &figures.tables[place.0];
            let Some(Role::Sum(_, people)) = role_of(table, place.2) else { continue };
            let people = table.schema.index_of(people).map(|column| (place.0, place.1, column));
            if let Some((need, reason)) = primary.of(figures, place, measure, cell) {
                figures.system(measure).withhold(cell, Some(need));
                self.add(place, reason);
            } else if people.is_some_and(|people| self.reasons.contains_key(&people)) {
                figures.system(measure).withhold(cell, None);
                self.add(place, Reason::FollowsAnother);
            }
        }
    }

    /// Secondary: until the audit of the measure finds nothing.
    fn protect(&mut self, figures: &mut Figures<'_>, measure: Measure) {
        let protection = withhold_more(figures.system(measure));
        let places = figures.all_places();
        let of_cell: BTreeMap<usize, Place> =
            places.iter().filter(|(_, other, _)| *other == measure).map(|&(place, _, cell)| (cell, place)).collect();
        for cell in protection.withheld {
            if let Some(&place) = of_cell.get(&cell) {
                self.add(place, Reason::ProtectsAnother);
            }
        }
        let hopeless: BTreeSet<usize> = protection.hopeless;
        // What is unsafe in itself must not stand in a table; other figures are withheld for its sake alone.
        let is_unsafe = |cell: &usize| figures.systems[&measure].cells[*cell].need.is_some();
        let (printed, unprinted): (Vec<usize>, Vec<usize>) =
            hopeless.iter().copied().filter(is_unsafe).partition(|cell| of_cell.contains_key(cell));
        self.unsafe_tables.extend(printed.iter().filter_map(|cell| of_cell.get(cell)).map(|place| place.0));
        for relation in &figures.systems[&measure].relations {
            if relation.cells().any(|cell| unprinted.contains(&cell)) {
                self.unsafe_tables.extend(relation.cells().filter_map(|cell| of_cell.get(&cell)).map(|place| place.0));
            }
        }
        if cfg!(any(test, debug_assertions)) {
            // Looked at anew, the solver may come to a point with fractions where it had one of whole numbers before: then
            // what it can reach at all must do.
            let system = &figures.systems[&measure];
            let found = exposed(system).into_iter().filter(|cell| !hopeless.contains(cell));
            for cell in found {
                let (at, reach) = (&system.cells[cell], bounds(system, cell));
                let (down, up) = at.shifts().unwrap_or((0, 0));
                let open = reach.low <= at.value + down && reach.high >= at.value + up && reach.low < reach.high;
                assert!(open, "{measure:?}: the audit finds a figure");
            }
        }
    }

    /// Ratios and statistics follow what they are made from, and the totals that they are shares of.
    fn made_from_withheld(&mut self, figures: &Figures<'_>) {
        for (at, table) in figures.tables.iter().enumerate() {
            for column in 0..table.schema.columns.len() {
                let Some(Role::From(of)) = role_of(table, column) else { continue };
                let of: Vec<usize> = of.iter().filter_map(|name| table.schema.index_of(name)).collect();
                for row in 0..table.rows() {
                    let own = of.iter().any(|&column| self.reasons.contains_key(&(at, row, column)));
                    if own || self.denominator_is_withheld(figures, at, row, column) {
                        self.add((at, row, column), Reason::FollowsAnother);
                    }
                }
            }
        }
    }

    /// Whether the total that a share is of is withheld: with the share it could be calculated.
    fn denominator_is_withheld(&self, figures: &Figures<'_>, at: usize, row: usize, column: usize) -> bool {
        let table = &figures.tables[at];
        let name = table.schema.columns.get(column).map_or("", |column| column.name);
        let row = (at, row);
        let same = |other: (usize, usize), key: &str| figures.text(other, key) == figures.text(row, key);
        let is_withheld = |other: Row, column: &str| self.is_withheld(figures, other, column);
        match (table.schema.name, name) {
            ("profile", "share_of_users" | "share_of_cost") => {
                let of = if name == "share_of_users" { "clients" } else { "cost_cents" };
                figures.rows("profile").into_iter().any(|other| {
                    figures.text(other, "cohort").as_deref() == Some("all")
                        && figures.text(other, "dimension").as_deref() == Some("all")
                        && same(other, "period")
                        && is_withheld(other, of)
                })
            }
            ("service_use", "cohort_share") => figures.rows("service_use").into_iter().any(|other| {
                figures.text(other, "cohort").as_deref() == Some("all")
                    && same(other, "period")
                    && same(other, "service")
                    && is_withheld(other, "clients")
            }),
            ("concentration" | "lorenz", "cost_share" | "cumulative_cost_share") => figures
                .rows("summary")
                .into_iter()
                .any(|other| same(other, "period") && is_withheld(other, "cost_cents")),
            _ => false,
        }
    }

    /// Points of curves need k clients between them.
    fn points(&mut self, figures: &Figures<'_>, primary: &Primary<'_>) {
        for (place, reason) in safe_points(figures, primary, |place| self.reasons.contains_key(&place)) {
            self.add(place, reason);
        }
    }

    /// A table without a safe way to show a part of it does not leave at all.
    fn unsafe_tables(&mut self, figures: &Figures<'_>) {
        for &at in &self.unsafe_tables.clone() {
            let table = &figures.tables[at];
            for row in 0..table.rows() {
                for column in 0..table.schema.columns.len() {
                    if role_of(table, column).is_some_and(|role| role != Role::Key) {
                        self.add((at, row, column), Reason::TableUnsafe);
                    }
                }
            }
        }
    }

    fn finish(
        self,
        figures: &Figures<'_>,
        orders: &[Vec<usize>],
        left_out: &BTreeMap<&'static str, usize>,
    ) -> ProtectedStudy {
        let mut log = Log { broken_sums: figures.broken_sums.clone(), ..Log::default() };
        log.tables_withheld = self.unsafe_tables.iter().map(|&at| figures.tables[at].schema.name).collect();
        let mut tables = Vec::new();
        for (at, table) in figures.tables.iter().enumerate() {
            match Structure::of(table.schema.name) {
                Some(structure) => {
                    let before = left_out.get(table.schema.name).copied().unwrap_or(0);
                    tables.push(self.table((at, table, &orders[at]), structure, before, figures, &mut log));
                }
                None => log.refused.push(table.schema.name.to_owned()),
            }
        }
        ProtectedStudy::new(figures.policy.k, tables, log)
    }

    fn table(
        &self,
        (at, table, order): (usize, &Table, &[usize]),
        structure: &'static Structure,
        left_out_before: usize,
        figures: &Figures<'_>,
        log: &mut Log,
    ) -> ProtectedTable {
        let mut rows = Vec::new();
        let mut rows_left_out = left_out_before;
        // Back in the order of the study's own table.
        let mut places: Vec<(usize, usize)> = order.iter().enumerate().map(|(row, &given)| (given, row)).collect();
        places.sort_unstable();
        for (given, row) in places {
            let is_unsafe = self.unsafe_tables.contains(&at);
            let leave_out = structure.is_sparse
                && (figures.place((at, row), "clients").is_none()
                    || table.schema.index_of("clients").is_some_and(|c| self.reasons.contains_key(&(at, row, c))));
            if leave_out {
                rows_left_out += 1;
                continue;
            }
            let columns = 0..table.schema.columns.len();
            let cells: Vec<Cell> = columns.map(|column| self.cell((at, row, column), given, table, log)).collect();
            // That a row is there says that somebody is in it.
            if is_unsafe {
                rows_left_out += 1;
            } else {
                rows.push(cells);
            }
        }
        if rows_left_out > 0 {
            log.rows_left_out.push((table.schema.name, rows_left_out));
        }
        ProtectedTable::new(table.schema, rows, rows_left_out)
    }

    fn cell(&self, place: Place, given: usize, table: &Table, log: &mut Log) -> Cell {
        if let (Some(&reason), Some(column)) = (self.reasons.get(&place), table.schema.columns.get(place.2)) {
            log.withheld.push(LogEntry { table: table.schema.name, row: given, column: column.name, reason });
            return Cell::Withheld(reason);
        }
        match table.value(place.1, place.2) {
            Value::Null => Cell::NotMeasured,
            Value::Int(value) => Cell::Value(Datum::Int(value)),
            Value::Date(value) => Cell::Value(Datum::Date(value)),
            Value::Time(value) => Cell::Value(Datum::Time(value)),
            Value::Flag(value) => Cell::Value(Datum::Flag(value)),
            Value::Ratio(value) => Cell::Value(Datum::Ratio(value)),
            Value::Text(value) => Cell::Value(Datum::Text(value.to_owned())),
        }
    }
}

pub(crate) fn role_of(table: &Table, column: usize) -> Option<Role> {
    Structure::of(table.schema.name)?.role(table.schema.columns.get(column)?.name)
}
