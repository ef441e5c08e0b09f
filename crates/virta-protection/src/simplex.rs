//! A small linear solver: the largest value of a linear form over `A y = 0`, `low <= y <= high`, from the feasible
//! point `y = 0`.
//!
//! The bounded-variable primal simplex on rows that keep their nonzero entries only. Its answers are proposals only: whoever uses one rounds it and
//! checks it in whole numbers, so that an error of a float can never make an unsafe cell look safe.

const TINY: f64 = 1e-9;

type Row = Vec<(usize, f64)>;

#[derive(Debug, Clone)]
pub(crate) struct Simplex {
    columns: usize,
    /// The constraint rows in terms of the nonbasic variables: (variable, coefficient) in order of the variable.
    table: Vec<Row>,
    /// The basic variable of each row; `columns..` are the artificial ones, which stay 0.
    basis: Vec<usize>,
    is_basic: Vec<bool>,
    value: Vec<f64>,
    low: Vec<f64>,
    high: Vec<f64>,
}

impl Simplex {
    /// `rows` hold (variable, coefficient); every bound must allow 0.
    pub(crate) fn new(rows: &[Vec<(usize, f64)>], bounds: &[(f64, f64)]) -> Self {
        let columns = bounds.len();
        let table = rows.iter().map(|row| ordered(row)).collect();
        let artificial = std::iter::repeat_n((0.0, 0.0), rows.len());
        let (low, high) = bounds.iter().copied().chain(artificial).unzip();
        Simplex {
            columns,
            table,
            basis: (columns..columns + rows.len()).collect(),
            is_basic: vec![false; columns],
            value: vec![0.0; columns + rows.len()],
            low,
            high,
        }
    }

    pub(crate) fn value(&self, variable: usize) -> f64 {
        self.value[variable]
    }

    /// Holds a variable at the value that it has now.
    pub(crate) fn fix(&mut self, variable: usize) {
        self.low[variable] = self.value[variable];
        self.high[variable] = self.value[variable];
    }

    /// Climbs `cost` until it is largest, or until `enough` says so.
    pub(crate) fn maximise(&mut self, cost: &[f64], mut enough: impl FnMut(&Self) -> bool) {
        let mut gain = cost.to_vec();
        for (row, &basic) in self.basis.iter().enumerate() {
            if basic < self.columns && cost[basic] != 0.0 {
                for &(column, entry) in &self.table[row] {
                    gain[column] -= cost[basic] * entry;
                }
            }
        }
        let mut stalled = 0_usize;
        // Generous for any table that a study makes; stopping early only withholds more.
        let pivots_max = 50 * (self.columns + self.basis.len()) + 1000;
        for _ in 0..pivots_max {
            if enough(self) {
                return;
            }
            // Bland's rule once the climb stalls, so that it cannot cycle.
            let Some((entering, up)) = self.entering(&gain, stalled > 20) else { return };
            let moved = self.step(entering, up, &mut gain);
            stalled = if moved > TINY { 0 } else { stalled + 1 };
        }
    }

    fn entering(&self, gain: &[f64], first: bool) -> Option<(usize, bool)> {
        let mut best: Option<(usize, bool)> = None;
        let mut best_gain = TINY;
        for (column, &gain) in gain.iter().enumerate() {
            if self.is_basic[column] || gain.abs() <= best_gain {
                continue;
            }
            let room =
                if gain > 0.0 { self.high[column] - self.value[column] } else { self.value[column] - self.low[column] };
            if room > TINY {
                best = Some((column, gain > 0.0));
                if first {
                    return best;
                }
                best_gain = gain.abs();
            }
        }
        best
    }

    /// Moves one variable as far as it can go; returns how far.
    fn step(&mut self, entering: usize, up: bool, gain: &mut [f64]) -> f64 {
        let direction = if up { 1.0 } else { -1.0 };
        let mut limit =
            if up { self.high[entering] - self.value[entering] } else { self.value[entering] - self.low[entering] };
        let mut leaving: Option<(usize, f64)> = None;
        let rates: Vec<(usize, f64)> =
            self.table.iter().enumerate().filter_map(|(row, line)| Some((row, entry(line, entering)?))).collect();
        for &(row, rate) in &rates {
            let basic = self.basis[row];
            let rate = rate * direction;
            if rate.abs() <= TINY {
                continue;
            }
            let room =
                if rate > 0.0 { self.value[basic] - self.low[basic] } else { self.high[basic] - self.value[basic] };
            let reach = (room / rate.abs()).max(0.0);
            let tie = leaving.is_some_and(|(other, size): (usize, f64)| {
                reach <= limit && (rate.abs() > size || (rate.abs() == size && basic < self.basis[other]))
            });
            if reach < limit - TINY || tie || (leaving.is_none() && reach <= limit) {
                limit = limit.min(reach);
                leaving = Some((row, rate.abs()));
            }
        }
        for &(row, rate) in &rates {
            self.value[self.basis[row]] -= rate * direction * limit;
        }
        self.value[entering] += direction * limit;
        if let Some((row, _)) = leaving {
            self.pivot(row, entering, &rates, gain);
        }
        limit
    }

    fn pivot(&mut self, row: usize, entering: usize, rates: &[(usize, f64)], gain: &mut [f64]) {
        let scale = entry(&self.table[row], entering).map_or(1.0, f64::recip);
        let pivot_row: Row = self.table[row].iter().map(|&(column, entry)| (column, entry * scale)).collect();
        for &(other, factor) in rates.iter().filter(|(other, _)| *other != row) {
            self.table[other] = difference(&self.table[other], &pivot_row, factor);
        }
        let factor = gain[entering];
        for &(column, entry) in &pivot_row {
            gain[column] = clean(gain[column] - factor * entry);
        }
        self.table[row] = pivot_row;
        if let Some(basic) = self.is_basic.get_mut(self.basis[row]) {
            *basic = false;
        }
        self.is_basic[entering] = true;
        self.basis[row] = entering;
    }
}

/// The entries of a row in order, those of the same variable added up.
fn ordered(entries: &[(usize, f64)]) -> Row {
    let mut entries = entries.to_vec();
    entries.sort_by_key(|&(column, _)| column);
    let mut row: Row = Vec::with_capacity(entries.len());
    for (column, entry) in entries {
        match row.last_mut() {
            Some((last, sum)) if *last == column => *sum += entry,
            _ => row.push((column, entry)),
        }
    }
    row
}

fn entry(row: &Row, column: usize) -> Option<f64> {
    let at = row.binary_search_by_key(&column, |&(other, _)| other).ok()?;
    row.get(at).map(|&(_, entry)| entry)
}

/// `row - factor * pivot_row`.
fn difference(row: &Row, pivot_row: &Row, factor: f64) -> Row {
    let mut result = Vec::with_capacity(row.len() + pivot_row.len());
    let (mut own, mut pivot) = (row.iter().copied().peekable(), pivot_row.iter().copied().peekable());
    loop {
        let (column, value) = match (own.peek(), pivot.peek()) {
            (Some(&(a, x)), Some(&(b, y))) if a == b => {
                pivot.next();
                own.next();
                (a, x - factor * y)
            }
            (Some(&(a, x)), other) if other.is_none_or(|&(b, _)| a < b) => {
                own.next();
                (a, x)
            }
            (_, Some(&(b, y))) => {
                pivot.next();
                (b, -factor * y)
            }
            _ => return result,
        };
        if clean(value) != 0.0 {
            result.push((column, value));
        }
    }
}

/// What is left of a difference that should be nothing becomes nothing.
fn clean(value: f64) -> f64 {
    if value.abs() < 1e-11 { 0.0 } else { value }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_shift_along_a_line_is_its_bound() {
        // y0 + y1 = 0, y0 in [-3, 9], y1 in [-5, 9].
        let rows = vec![vec![(0, 1.0), (1, 1.0)]];
        let mut simplex = Simplex::new(&rows, &[(-3.0, 9.0), (-5.0, 9.0)]);
        simplex.maximise(&[1.0, 0.0], |_| false);
        assert_eq!((simplex.value(0), simplex.value(1)), (5.0, -5.0));
        simplex.maximise(&[-1.0, 0.0], |_| false);
        assert_eq!((simplex.value(0), simplex.value(1)), (-3.0, 3.0));
    }

    #[test]
    fn a_lone_variable_in_an_equation_cannot_move() {
        let mut simplex = Simplex::new(&[vec![(0, 1.0)]], &[(-3.0, 9.0)]);
        simplex.maximise(&[1.0], |_| false);
        assert_eq!(simplex.value(0), 0.0);
    }
}
