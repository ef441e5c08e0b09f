//! The figures of a study as systems, one for each measure, with every sum that the tables' meaning gives.

use std::collections::BTreeMap;

use virta_model::{Table, Value};

use crate::linear::{CellIndex, Need, System, SystemCell};
use crate::policy::Policy;
use crate::structure::{Measure, Role, Structure};

/// A row of a table: (table, row).
pub(crate) type Row = (usize, usize);

/// The place of a figure: (table, row, column).
pub(crate) type Place = (usize, usize, usize);

/// Every figure of a study's tables, by measure.
#[derive(Debug)]
pub(crate) struct Figures<'a> {
    pub(crate) tables: &'a [Table],
    pub(crate) policy: Policy,
    pub(crate) systems: BTreeMap<Measure, System>,
    /// (table, row, column) to its figure.
    places: BTreeMap<(usize, usize, usize), (Measure, CellIndex)>,
    by_name: BTreeMap<&'static str, usize>,
    pub(crate) broken_sums: Vec<String>,
    /// Totals that the tables do not print and that shares of their parts tell: known with any part that is shown.
    pub(crate) told_by_parts: Vec<(Measure, CellIndex)>,
}

impl<'a> Figures<'a> {
    pub(crate) fn new(tables: &'a [Table], policy: Policy) -> Self {
        let mut figures = Figures {
            tables,
            policy,
            systems: Measure::ALL.iter().map(|&measure| (measure, System::default())).collect(),
            places: BTreeMap::new(),
            by_name: BTreeMap::new(),
            broken_sums: Vec::new(),
            told_by_parts: Vec::new(),
        };
        for (at, table) in tables.iter().enumerate() {
            if let Some(structure) = Structure::of(table.schema.name) {
                figures.by_name.insert(table.schema.name, at);
                figures.add_table(at, structure);
            }
        }
        figures
    }

    fn add_table(&mut self, at: usize, structure: &Structure) {
        let table = &self.tables[at];
        for (column, (name, role)) in structure.columns.iter().enumerate() {
            let (Role::People(measure) | Role::Sum(measure, _)) = *role else { continue };
            let values = (0..table.rows()).filter_map(|row| as_int(table.value(row, column)));
            let smallest = values.min().unwrap_or(0);
            // A table that lists no zero says that nothing in it is zero.
            let least = if smallest < 0 { -OPEN } else { i64::from(smallest > 0 && measure != Measure::Cost) };
            for row in 0..table.rows() {
                let Some(value) = as_int(table.value(row, column)) else { continue };
                if structure.is_sparse && self.is_rare(structure, at, row) {
                    continue;
                }
                let is_total = matches!(*name, "clients" | "residents" | "contacts" | "cost_cents")
                    && (structure.table == "summary" || self.text((at, row), "dimension").as_deref() == Some("all"));
                let weight = (value.unsigned_abs() as f64 + 1.0) * if is_total { 100.0 } else { 1.0 };
                let cell = SystemCell { value, least: least.min(value), weight, ..SystemCell::published(value) };
                let index = self.system(measure).add(cell);
                self.places.insert((at, row, column), (measure, index));
            }
        }
    }

    /// Whether a row of a sparse table is left out from the start.
    fn is_rare(&self, structure: &Structure, at: usize, row: usize) -> bool {
        let people = structure.columns.iter().position(|(_, role)| matches!(role, Role::People(_)));
        let clients = people.and_then(|column| as_int(self.tables[at].value(row, column)));
        clients.is_none_or(|clients| clients < i64::from(self.policy.k))
    }

    pub(crate) fn system(&mut self, measure: Measure) -> &mut System {
        self.systems.entry(measure).or_default()
    }

    pub(crate) fn place(&self, row: Row, column: &str) -> Option<(Measure, CellIndex)> {
        let column = self.tables.get(row.0)?.schema.index_of(column)?;
        self.places.get(&(row.0, row.1, column)).copied()
    }

    /// Every figure with its place, in the order of tables, rows and columns.
    pub(crate) fn all_places(&self) -> Vec<((usize, usize, usize), Measure, CellIndex)> {
        self.places.iter().map(|(&place, &(measure, cell))| (place, measure, cell)).collect()
    }

    pub(crate) fn value(&self, row: Row, column: &str) -> Option<i64> {
        let table = self.tables.get(row.0)?;
        as_int(table.value(row.1, table.schema.index_of(column)?))
    }

    /// A cell as text, for keys; `None` for null and for columns that the table does not have.
    pub(crate) fn text(&self, row: Row, column: &str) -> Option<String> {
        let table = self.tables.get(row.0)?;
        match table.value(row.1, table.schema.index_of(column)?) {
            Value::Text(text) => Some(text.to_owned()),
            Value::Int(number) => Some(number.to_string()),
            Value::Flag(flag) => Some(flag.to_string()),
            _ => None,
        }
    }

    /// Whether a row of `sweep` counts the clients from a number of services on, as `services_per_client` does.
    pub(crate) fn is_any_use(&self, row: Row) -> bool {
        self.value(row, "min_contacts") == Some(1) && self.text(row, "count_by").as_deref() == Some("service")
    }

    /// Every row of a table, none when the study does not have it.
    pub(crate) fn rows(&self, table: &str) -> Vec<Row> {
        let Some(&at) = self.by_name.get(table) else { return Vec::new() };
        (0..self.tables[at].rows()).map(|row| (at, row)).collect()
    }

    /// The rows of a table grouped by some of its columns, in the order of the texts.
    pub(crate) fn groups(&self, table: &str, columns: &[&str]) -> BTreeMap<Vec<Option<String>>, Vec<Row>> {
        let mut groups: BTreeMap<Vec<Option<String>>, Vec<Row>> = BTreeMap::new();
        for row in self.rows(table) {
            groups.entry(columns.iter().map(|column| self.text(row, column)).collect()).or_default().push(row);
        }
        groups
    }

    /// Adds "total = sum of the parts", for each of the columns that all of them have.
    ///
    /// What is missing to the total, rare rows among it, becomes a remainder that nobody prints; when fewer than k
    /// clients are behind it, it must not be calculable. Parts above the total give no sum: that is noted when
    /// `expected` names it.
    pub(crate) fn relate(&mut self, total: Row, parts: &[Row], columns: &[&str], expected: Option<&str>) {
        self.relate_between(
            total,
            parts,
            &columns.iter().map(|&column| (column, column)).collect::<Vec<_>>(),
            expected,
        );
    }

    /// As [`Figures::relate`], with columns named (in the total's table, in the parts' table); the people first.
    pub(crate) fn relate_between(
        &mut self,
        total: Row,
        parts: &[Row],
        columns: &[(&str, &str)],
        expected: Option<&str>,
    ) {
        self.add_relation(total, parts, columns, expected, false);
    }

    /// Adds that the people of a row are among those of another. As [`Figures::relate`], but where both are nobody a
    /// reader who is shown neither knows no more than that: a remainder of nobody may then be one of somebody. Where both
    /// are the same people, they may be so by their definitions, and are taken to be.
    pub(crate) fn relate_inside(&mut self, total: Row, part: Row, columns: &[&str], expected: Option<&str>) {
        let is_nobody = columns.first().is_some_and(|people| self.value(total, people) == Some(0));
        let columns: Vec<(&str, &str)> = columns.iter().map(|&column| (column, column)).collect();
        self.add_relation(total, &[part], &columns, expected, is_nobody);
    }

    /// As [`Figures::relate_inside`], where no definition makes the people the same, however many they are.
    pub(crate) fn relate_apart(&mut self, total: Row, part: Row, columns: &[&str], expected: Option<&str>) {
        let columns: Vec<(&str, &str)> = columns.iter().map(|&column| (column, column)).collect();
        self.add_relation(total, &[part], &columns, expected, true);
    }

    fn add_relation(
        &mut self,
        total: Row,
        parts: &[Row],
        columns: &[(&str, &str)],
        expected: Option<&str>,
        may_differ: bool,
    ) {
        let mut few_people = false;
        // With people left over, a reader knows of their sum only that it may be 0.
        let mut some_people = may_differ;
        for &(of_total, of_part) in columns {
            let Some((measure, total_cell)) = self.place(total, of_total) else { continue };
            let cells: Vec<CellIndex> =
                parts.iter().filter_map(|&part| self.place(part, of_part)).map(|(_, cell)| cell).collect();
            let sum: i128 = cells.iter().map(|&cell| i128::from(self.systems[&measure].cells[cell].value)).sum();
            let missing = i128::from(self.systems[&measure].cells[total_cell].value) - sum;
            let missing = i64::try_from(missing).unwrap_or(i64::MIN);
            if missing < 0 && measure != Measure::Cost {
                if let Some(name) = expected {
                    self.broken_sums.push(format!("{name}: {of_total}"));
                }
                if measure.is_people() {
                    return;
                }
                continue;
            }
            let need = self.need_of_remainder(measure, missing, &mut few_people);
            some_people |= measure.is_people() && missing > 0;
            self.add_sum(measure, total_cell, cells, (missing != 0 || some_people).then_some(missing), need);
        }
    }

    fn need_of_remainder(&self, measure: Measure, missing: i64, few_people: &mut bool) -> Option<Need> {
        if measure.is_people() {
            let few = missing > 0 && self.policy.too_few(missing, true);
            *few_people |= few;
            few.then(|| Need { low: missing, high: i64::from(self.policy.k) })
        } else {
            few_people.then(|| self.open_around(missing))
        }
    }

    pub(crate) fn add_sum(
        &mut self,
        measure: Measure,
        total: CellIndex,
        mut parts: Vec<CellIndex>,
        missing: Option<i64>,
        need: Option<Need>,
    ) {
        let system = self.system(measure);
        if let Some(missing) = missing {
            parts.push(system.add_unprinted(missing, need));
        }
        system.relate(total, parts);
    }

    /// Adds that two lists of rows have the same sum, which no table prints.
    pub(crate) fn add_equal_sums(&mut self, sides: [&[Row]; 2], column: &str, name: &str) {
        let measure = sides.iter().flat_map(|rows| rows.iter()).find_map(|&row| self.place(row, column));
        let Some((measure, _)) = measure else { return };
        let [left, right] = sides.map(|rows| self.cells(rows, column));
        let system = self.system(measure);
        let sum = left.iter().fold(0_i64, |sum, &cell| sum.saturating_add(system.cells[cell].value));
        let total = system.add_unprinted(sum, None);
        let holds = left.is_empty() || right.is_empty() || (system.relate(total, left) && system.relate(total, right));
        if !holds {
            self.broken_sums.push(format!("{name}: {column}"));
        }
    }

    /// A total that no table prints but the reader may know.
    pub(crate) fn add_known_total(&mut self, measure: Measure, parts: Vec<CellIndex>, known: bool) {
        let system = self.system(measure);
        let value = parts.iter().fold(0_i64, |sum, &part| sum.saturating_add(system.cells[part].value));
        let total = if known { system.add(SystemCell::known(value)) } else { system.add_unprinted(value, None) };
        system.relate(total, parts);
    }

    /// The zeros of a row that another table tells.
    pub(crate) fn known_to_be_nobody(&mut self, row: Row, columns: &[&str]) {
        for (measure, cell) in columns.iter().filter_map(|column| self.place(row, column)).collect::<Vec<_>>() {
            let system = self.system(measure);
            if system.cells[cell].value == 0 {
                let nothing = system.add(SystemCell::known(0));
                system.relate(nothing, vec![cell]);
            }
        }
    }

    /// As [`Figures::add_known_total`], known by the shares that its parts have beside them.
    pub(crate) fn add_total_of_shares(&mut self, measure: Measure, parts: Vec<CellIndex>, known: bool) {
        self.add_known_total(measure, parts, known);
        if known {
            let last = self.system(measure).cells.len() - 1;
            self.told_by_parts.push((measure, last));
        }
    }

    pub(crate) fn cells(&self, rows: &[Row], column: &str) -> Vec<CellIndex> {
        rows.iter().filter_map(|&row| self.place(row, column)).map(|(_, cell)| cell).collect()
    }

    /// How far an unsafe sum must stay open.
    pub(crate) fn open_around(&self, value: i64) -> Need {
        let width = self.policy.width(value);
        let low = if value > 0 { (value - width).max(0) } else { value };
        Need { low, high: value.saturating_add(width) }
    }
}

/// Far below every amount: a reader knows no floor of amounts that can be negative.
const OPEN: i64 = 1 << 50;

pub(crate) fn as_int(value: Value<'_>) -> Option<i64> {
    match value {
        Value::Int(number) => Some(number),
        _ => None,
    }
}
