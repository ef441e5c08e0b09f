//! The audit: what can a reader who knows every published figure and every sum calculate of the unseen ones?
//!
//! A cell is safe when there is a witness: another set of whole numbers that fits everything published and gives the
//! cell a value that its [`Need`](crate::Need) asks for. The solver proposes witnesses in floats; each is rounded and
//! checked in whole numbers before it counts, so safety is proved exactly, and a doubt counts as unsafe.

use std::collections::{BTreeMap, BTreeSet};

use crate::linear::{CellIndex, System};
use crate::simplex::Simplex;

/// What a reader can calculate of an unseen cell: it lies in `low..=high`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    pub low: i64,
    pub high: i64,
}

/// The unseen cells that a reader can calculate too well, in order.
pub fn exposed(system: &System) -> Vec<CellIndex> {
    Auditor::new(system).exposed(system)
}

/// The audit of one system while more and more of it is withheld: its sums stay the same.
pub(crate) struct Auditor {
    /// For each cell, the relations that it stands in.
    pub(crate) of_cell: Vec<Vec<usize>>,
}

impl Auditor {
    pub(crate) fn new(system: &System) -> Self {
        Auditor { of_cell: system.relations_of_cells() }
    }

    pub(crate) fn exposed(&self, system: &System) -> Vec<CellIndex> {
        let mut seen = vec![false; system.cells.len()];
        let mut found = Vec::new();
        for cell in 0..system.cells.len() {
            if let Some(part) = self.part(system, cell, &mut seen) {
                part.exposed(system, None, &mut found);
            }
        }
        found.sort_unstable();
        found
    }

    pub(crate) fn is_exposed(&self, system: &System, cell: CellIndex) -> bool {
        let mut found = Vec::new();
        if let Some(part) = self.part(system, cell, &mut vec![false; system.cells.len()]) {
            part.exposed(system, Some(cell), &mut found);
        }
        !found.is_empty()
    }

    /// The unseen cells that hang together with one; `None` when it is shown or was seen before.
    fn part(&self, system: &System, start: CellIndex, seen: &mut [bool]) -> Option<Part> {
        if seen[start] || !system.is_unseen(start) {
            return None;
        }
        seen[start] = true;
        let mut cells = vec![start];
        let mut relations = BTreeSet::new();
        let mut next = 0;
        while let Some(&cell) = cells.get(next) {
            next += 1;
            for &relation in &self.of_cell[cell] {
                if relations.insert(relation) {
                    for other in system.relations[relation].cells() {
                        if system.is_unseen(other) && !seen[other] {
                            seen[other] = true;
                            cells.push(other);
                        }
                    }
                }
            }
        }
        Some(Part { cells, relations: relations.into_iter().collect() })
    }
}

/// The tightest bounds that the sums give for a cell. A published cell's bounds are its value.
///
/// The upper bound of a cell that nothing limits is capped well above every value of the system.
pub fn bounds(system: &System, cell: CellIndex) -> Bounds {
    let value = system.cells.get(cell).map_or(0, |cell| cell.value);
    let seen = &mut vec![false; system.cells.len()];
    let Some(part) = system.cells.get(cell).and_then(|_| Auditor::new(system).part(system, cell, seen)) else {
        return Bounds { low: value, high: value };
    };
    // A part begins with the cell that it was asked for.
    let at = 0;
    let mut simplex = part.simplex(system);
    let mut reach = |sign: f64| {
        let mut cost = vec![0.0; part.cells.len()];
        cost[at] = sign;
        simplex.maximise(&cost, |_| false);
        simplex.value(at)
    };
    let (up, down) = (reach(1.0), reach(-1.0));
    // Whole numbers only: a bound between two of them rules out the outer one.
    Bounds { low: value + (down - 1e-6).ceil() as i64, high: value + (up + 1e-6).floor() as i64 }
}

/// Unseen cells that sums tie together, apart from all others.
struct Part {
    cells: Vec<CellIndex>,
    relations: Vec<usize>,
}

/// A value far above every other of the system: where nothing else limits a cell.
pub(crate) fn cap(system: &System) -> f64 {
    let largest = system.cells.iter().map(|cell| cell.value.unsigned_abs()).max().unwrap_or(0);
    4.0 * largest as f64 + 1000.0
}

impl Part {
    fn simplex(&self, system: &System) -> Simplex {
        let place: BTreeMap<CellIndex, usize> = self.cells.iter().enumerate().map(|(at, &cell)| (cell, at)).collect();
        let rows: Vec<Vec<(usize, f64)>> = self
            .relations
            .iter()
            .map(|&relation| {
                let signed = system.relations[relation].signed();
                signed.filter_map(|(cell, sign)| Some((*place.get(&cell)?, sign as f64))).collect()
            })
            .collect();
        let cap = cap(system);
        let bounds: Vec<(f64, f64)> = self
            .cells
            .iter()
            .map(|&cell| {
                let cell = &system.cells[cell];
                (((cell.least - cell.value) as f64).min(0.0), cap)
            })
            .collect();
        Simplex::new(&rows, &bounds)
    }

    /// Adds the exposed cells of the part, or looks at one alone.
    fn exposed(&self, system: &System, only: Option<CellIndex>, found: &mut Vec<CellIndex>) {
        let mut reached: Vec<(i64, i64)> = self.cells.iter().map(|_| (0, 0)).collect();
        let mut simplex = self.simplex(system);
        for at in 0..self.cells.len() {
            let cell = &system.cells[self.cells[at]];
            if !cell.guarded || only.is_some_and(|only| only != self.cells[at]) {
                continue;
            }
            // Without a need, not calculable exactly: one witness on either side is enough.
            let (down, up) = cell.shifts().unwrap_or((0, 1));
            if up > 0 && reached[at].1 < up {
                self.witness(system, &mut simplex, at, 1.0, up, &mut reached);
            }
            if down < 0 && reached[at].0 > down {
                self.witness(system, &mut simplex, at, -1.0, -down, &mut reached);
            }
            let either = cell.need.is_none() && reached[at].1 < 1;
            if either && reached[at].0 > -1 {
                self.witness(system, &mut simplex, at, -1.0, 1, &mut reached);
            }
            let safe = match cell.need {
                Some(_) => reached[at].1 >= up && reached[at].0 <= down && reached[at] != (0, 0),
                None => reached[at] != (0, 0),
            };
            if !safe {
                found.push(self.cells[at]);
            }
        }
    }

    /// Looks for a witness that moves a cell by `goal`, and notes what it shows of every other cell.
    fn witness(
        &self,
        system: &System,
        simplex: &mut Simplex,
        at: usize,
        sign: f64,
        goal: i64,
        reached: &mut [(i64, i64)],
    ) {
        let mut cost = vec![0.0; self.cells.len()];
        cost[at] = sign;
        let goal = goal as f64 - 1e-6;
        simplex.maximise(&cost, |simplex| simplex.value(at) * sign >= goal);
        let mut shift = self.whole_numbers(system, simplex);
        if shift.is_none() {
            // Earlier searches can leave fractions behind: begin again from the true values.
            *simplex = self.simplex(system);
            simplex.maximise(&cost, |simplex| simplex.value(at) * sign >= goal);
            shift = self.whole_numbers(system, simplex);
        }
        if let Some(shift) = shift {
            for (reached, shift) in reached.iter_mut().zip(shift) {
                reached.0 = reached.0.min(shift);
                reached.1 = reached.1.max(shift);
            }
        }
    }

    /// The solver's point as whole numbers, if it then still fits every published figure exactly.
    fn whole_numbers(&self, system: &System, simplex: &Simplex) -> Option<Vec<i64>> {
        let shift: Vec<i64> = (0..self.cells.len()).map(|at| simplex.value(at).round() as i64).collect();
        let by_cell: BTreeMap<CellIndex, i64> = self.cells.iter().copied().zip(shift.iter().copied()).collect();
        let possible = by_cell.iter().all(|(&cell, &shift)| {
            let cell = &system.cells[cell];
            cell.value.checked_add(shift).is_some_and(|value| value >= cell.least)
        });
        let fits = self.relations.iter().all(|&relation| {
            let signed = system.relations[relation].signed();
            signed.map(|(cell, sign)| i128::from(sign) * i128::from(*by_cell.get(&cell).unwrap_or(&0))).sum::<i128>()
                == 0
        });
        (possible && fits).then_some(shift)
    }
}
