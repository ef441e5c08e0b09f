//! Which further cells to withhold, so that no unsafe one can be calculated back.
//!
//! First line by line, then by the cheapest shift: for each cell that the audit still finds, the published cells that
//! would have to move if the cell moved, the least of them by weight, found as a linear programme. The chooser may
//! withhold more than the least possible; whether it is enough is not for it but for the audit to say.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};

use crate::audit::{Auditor, cap, floor};
use crate::linear::{CellIndex, Relation, Seen, System};
use crate::simplex::Simplex;

/// Withholds cells until the audit finds none exposed. Returns those that were added, in the order of their choice, and
/// those that no withholding can protect: their tables must not leave.
pub fn withhold_more(system: &mut System) -> Protection {
    let mut protection = Protection::default();
    let mut auditor = Auditor::new(system);
    guard_lines(system, &auditor, &mut protection.withheld);
    // Each round withholds at least one cell more, shows one for good, gives one up, or ends.
    loop {
        let found: Vec<CellIndex> =
            auditor.exposed(system).into_iter().filter(|cell| !protection.hopeless.contains(cell)).collect();
        if found.is_empty() {
            return protection;
        }
        let before = protection.withheld.len();
        for cell in found {
            // What was withheld for an earlier cell of this round may already protect this one.
            if protection.withheld.len() > before && !auditor.is_exposed(system, cell) {
                continue;
            }
            let chosen = cheapest_shift(system, &auditor, cell);
            if chosen.is_empty() && auditor.is_exposed(system, cell) {
                let line = whole_lines(system, cell);
                if line.is_empty() {
                    give_up(system, cell, &mut protection);
                }
                withhold_all(system, line, &mut protection.withheld);
            }
            withhold_all(system, chosen, &mut protection.withheld);
        }
        guard_lines(system, &auditor, &mut protection.withheld);
    }
}

/// What [`withhold_more`] did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Protection {
    pub withheld: Vec<CellIndex>,
    pub hopeless: BTreeSet<CellIndex>,
}

/// When all that is near a cell is withheld and a reader still knows too much of it.
///
/// A cell that protects others, but that everybody can calculate, is shown again. Of one that is unsafe in itself nobody
/// need think what the sums rule out whatever is withheld; when that does not help either, it is hopeless.
fn give_up(system: &mut System, cell: CellIndex, protection: &mut Protection) {
    let chosen = protection.withheld.iter().position(|&other| other == cell);
    match chosen {
        Some(at) if system.cells[cell].need.is_none() => {
            protection.withheld.remove(at);
            system.cells[cell].seen = Seen::Known;
        }
        _ => {
            let floor = floor(system, cell);
            if !system.cells[cell].raise_least(floor) {
                protection.hopeless.insert(cell);
            }
        }
    }
}

fn withhold_all(system: &mut System, cells: Vec<CellIndex>, withheld: &mut Vec<CellIndex>) {
    for cell in cells {
        if system.cells[cell].seen == Seen::Published {
            system.withhold(cell, None);
            withheld.push(cell);
        }
    }
}

/// A cheap first pass: within each sum alone, nothing unseen may be calculable.
fn guard_lines(system: &mut System, auditor: &Auditor, withheld: &mut Vec<CellIndex>) {
    let mut queue: Vec<usize> = (0..system.relations.len()).rev().collect();
    while let Some(at) = queue.pop() {
        while let Some(cell) = next_of_line(system, &system.relations[at]) {
            system.withhold(cell, None);
            withheld.push(cell);
            queue.extend(auditor.of_cell[cell].iter().copied().filter(|&other| other != at));
        }
    }
}

/// The cell to withhold next in a sum that gives an unseen cell away on its own.
fn next_of_line(system: &System, relation: &Relation) -> Option<CellIndex> {
    let unseen: Vec<CellIndex> = relation.cells().filter(|&cell| system.is_unseen(cell)).collect();
    let guarded = unseen.iter().filter(|&&cell| system.cells[cell].guarded).count();
    if guarded == 0 {
        return None;
    }
    // A cell may stand in a sum several times.
    let alone = unseen.iter().all(|cell| unseen.first() == Some(cell));
    let parts_only = !system.is_unseen(relation.total);
    let room: i128 = unseen.iter().map(|&cell| i128::from(system.cells[cell].value - system.cells[cell].least)).sum();
    let narrow = parts_only
        && unseen.iter().any(|&cell| {
            let cell = &system.cells[cell];
            cell.need.is_some_and(|need| i128::from(need.high) > i128::from(cell.least) + room)
        });
    if !alone && !narrow {
        return None;
    }
    let published = relation.parts.iter().chain([&relation.total]).copied();
    published
        .filter(|&cell| system.cells[cell].seen == Seen::Published)
        .filter(|&cell| system.cells[cell].value > system.cells[cell].least || cell == relation.total)
        .min_by(|&a, &b| system.cells[a].weight.total_cmp(&system.cells[b].weight).then(a.cmp(&b)))
}

/// Every published cell of the sums that an exposed cell stands in: the last resort.
fn whole_lines(system: &System, cell: CellIndex) -> Vec<CellIndex> {
    let relations = system.relations.iter().filter(|relation| relation.cells().any(|other| other == cell));
    let mut reached: BTreeSet<CellIndex> = relations.flat_map(Relation::cells).collect();
    // When the cell's own lines are all unseen, the lines beyond them.
    loop {
        let published: Vec<CellIndex> =
            reached.iter().copied().filter(|&cell| system.cells[cell].seen == Seen::Published).collect();
        if !published.is_empty() {
            return published;
        }
        let before = reached.len();
        for relation in &system.relations {
            if relation.cells().any(|other| reached.contains(&other) && system.cells[other].seen == Seen::Unseen) {
                reached.extend(relation.cells());
            }
        }
        if reached.len() == before {
            return Vec::new();
        }
    }
}

/// How many sums around a cell are looked at, the nearest first: more only where fewer hold no answer.
const RELATIONS_MAX: [usize; 5] = [15, 120, 300, 1000, 4000];

/// The published cells that the cheapest shift towards the cell's need would move.
fn cheapest_shift(system: &System, auditor: &Auditor, cell: CellIndex) -> Vec<CellIndex> {
    let (down, up) = system.cells[cell].shifts().unwrap_or((0, 1));
    let mut chosen = BTreeSet::new();
    for shift in [up, down] {
        if shift == 0 {
            continue;
        }
        for relations_max in RELATIONS_MAX {
            let found = shift_cells(system, auditor, cell, shift, relations_max);
            if let Some(found) = found {
                chosen.extend(found);
                break;
            }
        }
    }
    chosen.into_iter().collect()
}

/// As [`cheapest_shift`] within the sums nearest to the cell; `None` when the cell cannot move that far there.
fn shift_cells(
    system: &System,
    auditor: &Auditor,
    cell: CellIndex,
    shift: i64,
    relations_max: usize,
) -> Option<Vec<CellIndex>> {
    let (cells, relations) = neighbourhood(system, auditor, cell, relations_max);
    let place: BTreeMap<CellIndex, usize> = cells.iter().enumerate().map(|(at, &cell)| (cell, at)).collect();
    // A published cell moves by two variables, up and down, so that its distance from the truth has a price.
    let inside: BTreeSet<usize> = relations.iter().copied().collect();
    let cap = cap(system);
    let mut bounds = Vec::with_capacity(2 * cells.len());
    let mut price = Vec::with_capacity(2 * cells.len());
    for &other in &cells {
        let at = &system.cells[other];
        let down = (at.value - at.least).max(0) as f64;
        let reaches_out = auditor.of_cell[other].iter().any(|relation| !inside.contains(relation));
        let (up, down) = match at.seen {
            _ if reaches_out => (0.0, 0.0),
            Seen::Known => (0.0, 0.0),
            _ => (cap, down),
        };
        let weight = if at.seen == Seen::Published { at.weight } else { 0.0 };
        bounds.extend([(0.0, up), (0.0, down)]);
        price.extend([-weight, -weight]);
    }
    let at = *place.get(&cell)?;
    let (variable, other) = if shift > 0 { (2 * at, 2 * at + 1) } else { (2 * at + 1, 2 * at) };
    if bounds[variable].1 == 0.0 {
        return None;
    }
    bounds[variable].1 = shift.unsigned_abs() as f64;
    bounds[other].1 = 0.0;
    let rows: Vec<Vec<(usize, f64)>> = relations
        .iter()
        .map(|&relation| {
            let signed = system.relations[relation].signed();
            let entries = signed.filter_map(|(cell, sign)| Some((*place.get(&cell)?, sign as f64)));
            entries.flat_map(|(at, sign)| [(2 * at, sign), (2 * at + 1, -sign)]).collect()
        })
        .collect();
    let mut simplex = Simplex::new(&rows, &bounds);
    let mut towards = vec![0.0; bounds.len()];
    towards[variable] = 1.0;
    let goal = shift.unsigned_abs() as f64 - 1e-6;
    simplex.maximise(&towards, |simplex| simplex.value(variable) >= goal);
    if simplex.value(variable) < goal {
        return None;
    }
    simplex.fix(variable);
    simplex.maximise(&price, |_| false);
    let moved = |at: usize| (simplex.value(2 * at) - simplex.value(2 * at + 1)).abs() > 1e-6;
    let published = |cell: CellIndex| system.cells[cell].seen == Seen::Published;
    Some(cells.iter().enumerate().filter(|&(at, &cell)| published(cell) && moved(at)).map(|(_, &cell)| cell).collect())
}

/// The sums nearest to a cell, up to about a number of them, and their cells.
fn neighbourhood(
    system: &System,
    auditor: &Auditor,
    cell: CellIndex,
    relations_max: usize,
) -> (Vec<CellIndex>, Vec<usize>) {
    let mut cells = vec![cell];
    let mut known: BTreeSet<CellIndex> = cells.iter().copied().collect();
    let mut relations = BTreeSet::new();
    // Unseen cells lead on for nothing; a published one is the further away, the more sums would have to move with it.
    let mut next = BinaryHeap::from([Reverse((0, 0))]);
    while let Some(Reverse((distance, at))) = next.pop() {
        for &relation in &auditor.of_cell[cells[at]] {
            if relations.len() >= relations_max || !relations.insert(relation) {
                continue;
            }
            for other in system.relations[relation].cells().filter(|&other| known.insert(other)) {
                let step = if system.is_unseen(other) { 0 } else { 1 + auditor.of_cell[other].len() };
                next.push(Reverse((distance + step, cells.len())));
                cells.push(other);
            }
        }
    }
    (cells, relations.into_iter().collect())
}
