//! The audit: what can a reader who knows every published figure and every sum calculate of the unseen ones?
//!
//! A cell is safe when there is a witness: another set of whole numbers that fits everything published and gives the
//! cell a value that its [`Need`](crate::Need) asks for. The solver proposes witnesses in floats; each is rounded and
//! checked in whole numbers before it counts, so safety is proved exactly, and a doubt counts as unsafe.

use std::collections::{BTreeMap, BTreeSet};

use crate::linear::{CellIndex, Seen, System};
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

/// The audit of one system while more and more of it is withheld: its sums stay the same, and a witness once found
/// stays one, for it moves unseen cells only.
pub(crate) struct Auditor {
    /// For each cell, the relations that it stands in.
    pub(crate) of_cell: Vec<Vec<usize>>,
    /// For each cell, how far witnesses move it (down, up).
    reached: Vec<(i64, i64)>,
}

/// How many sums around a cell a witness is looked for in, before all that hang together with it are taken: it is
/// nearly always near, and the work grows with the square of the number.
const NEAR_MAX: usize = 8;

/// The same where very many sums hang together.
const NEAR_IN_LARGE_MAX: usize = 100;

/// From how many sums on a part is large.
const LARGE: usize = 500;

/// How many sums are solved at once to see what holds whatever is withheld.
const SOLVED_WHOLE_MAX: usize = 4 * LARGE;

impl Auditor {
    pub(crate) fn new(system: &System) -> Self {
        Auditor { of_cell: system.relations_of_cells(), reached: vec![(0, 0); system.cells.len()] }
    }

    pub(crate) fn exposed(&mut self, system: &System) -> Vec<CellIndex> {
        let mut doubtful: Vec<CellIndex> =
            (0..system.cells.len()).filter(|&cell| !self.is_safe_nearby(system, cell, NEAR_MAX)).collect();
        let mut seen = vec![false; system.cells.len()];
        for &cell in &doubtful {
            if let Some(part) = self.part(system, cell, &mut seen, usize::MAX) {
                let inside: BTreeSet<CellIndex> = part.cells.iter().copied().collect();
                let inside = doubtful.iter().copied().filter(|cell| inside.contains(cell));
                let mut simplex = part.simplex(system);
                for other in inside {
                    if part.relations.len() < LARGE || !self.is_safe_nearby(system, other, NEAR_IN_LARGE_MAX) {
                        part.search(system, &mut simplex, other, &mut self.reached);
                    }
                }
            }
        }
        // One point of the solver may have fractions where another has none.
        doubtful.retain(|&cell| self.is_exposed(system, cell));
        doubtful
    }

    pub(crate) fn is_exposed(&mut self, system: &System, cell: CellIndex) -> bool {
        [NEAR_MAX, 4 * NEAR_MAX, NEAR_IN_LARGE_MAX, usize::MAX]
            .into_iter()
            .all(|most| !self.is_safe_nearby(system, cell, most))
    }

    /// Whether a cell is safe by a witness among the sums near it.
    fn is_safe_nearby(&mut self, system: &System, cell: CellIndex, relations_max: usize) -> bool {
        if is_safe(system, cell, &self.reached) {
            return true;
        }
        if let Some(part) = self.part(system, cell, &mut vec![false; system.cells.len()], relations_max) {
            part.search(system, &mut part.simplex(system), cell, &mut self.reached);
        }
        is_safe(system, cell, &self.reached)
    }

    /// The unseen cells that hang together with one, by the nearest sums; `None` when it is shown or was seen before.
    /// Cells that stand in further sums, too, are held.
    fn part(&self, system: &System, start: CellIndex, seen: &mut [bool], relations_max: usize) -> Option<Part> {
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
                if relations.len() < relations_max && relations.insert(relation) {
                    for other in system.relations[relation].cells() {
                        if system.is_unseen(other) && !seen[other] {
                            seen[other] = true;
                            cells.push(other);
                        }
                    }
                }
            }
        }
        cells.retain(|&cell| self.of_cell[cell].iter().all(|relation| relations.contains(relation)));
        Some(Part { cells, relations: relations.into_iter().collect() })
    }
}

/// Whether the witnesses found so far show a cell to be safe; a shown cell has nothing to hide.
fn is_safe(system: &System, index: CellIndex, reached: &[(i64, i64)]) -> bool {
    let cell = &system.cells[index];
    if !cell.guarded || !system.is_unseen(index) {
        return true;
    }
    let (low, high) = reached[index];
    match cell.shifts() {
        Some((down, up)) => high >= up && low <= down && (low, high) != (0, 0),
        // Without a need, not calculable exactly.
        None => (low, high) != (0, 0),
    }
}

/// The tightest bounds that the sums give for a cell. A published cell's bounds are its value.
///
/// The upper bound of a cell that nothing limits is capped well above every value of the system.
pub fn bounds(system: &System, cell: CellIndex) -> Bounds {
    let value = system.cells.get(cell).map_or(0, |cell| cell.value);
    let seen = &mut vec![false; system.cells.len()];
    let Some(part) = system.cells.get(cell).and_then(|_| Auditor::new(system).part(system, cell, seen, usize::MAX))
    else {
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

/// The least value that the sums give for a cell when everything that can be withheld is. Where too many sums hang
/// together to solve for it, the least that is known of the cell.
pub(crate) fn floor(system: &System, cell: CellIndex) -> i64 {
    let mut closed = system.clone();
    for cell in closed.cells.iter_mut().filter(|cell| cell.seen == Seen::Published) {
        cell.seen = Seen::Unseen;
    }
    let part = Auditor::new(&closed).part(&closed, cell, &mut vec![false; closed.cells.len()], usize::MAX);
    match part {
        Some(part) if part.relations.len() <= SOLVED_WHOLE_MAX => bounds(&closed, cell).low,
        _ => closed.cells[cell].least,
    }
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

    /// Looks for witnesses that show a cell of the part to be safe.
    fn search(&self, system: &System, simplex: &mut Simplex, index: CellIndex, reached: &mut [(i64, i64)]) {
        let Some(at) = self.cells.iter().position(|&cell| cell == index) else { return };
        let cell = &system.cells[index];
        // Without a need, one witness on either side is enough.
        let (down, up) = cell.shifts().unwrap_or((0, 1));
        if up > 0 && reached[index].1 < up {
            self.witness(system, simplex, at, 1.0, up, reached);
        }
        if down < 0 && reached[index].0 > down {
            self.witness(system, simplex, at, -1.0, -down, reached);
        }
        if cell.need.is_none() && reached[index] == (0, 0) {
            self.witness(system, simplex, at, -1.0, 1, reached);
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
            for (&cell, shift) in self.cells.iter().zip(shift) {
                let reached = &mut reached[cell];
                *reached = (reached.0.min(shift), reached.1.max(shift));
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
