//! A small linear solver: the largest value of a linear form over `A y = 0`, `low <= y <= high`, from the feasible
//! point `y = 0`.
//!
//! The bounded-variable primal simplex on a dense table. Its answers are proposals only: whoever uses one rounds it and
//! checks it in whole numbers, so that an error of a float can never make an unsafe cell look safe.

const TINY: f64 = 1e-9;

#[derive(Debug, Clone)]
pub(crate) struct Simplex {
    columns: usize,
    /// Row-major: the constraint rows in terms of the nonbasic variables.
    table: Vec<f64>,
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
        let mut table = vec![0.0; rows.len() * columns];
        for (row, entries) in rows.iter().enumerate() {
            for &(column, coefficient) in entries {
                table[row * columns + column] += coefficient;
            }
        }
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
                let from = row * self.columns;
                for (column, gain) in gain.iter_mut().enumerate() {
                    *gain -= cost[basic] * self.table[from + column];
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
        for (row, &basic) in self.basis.iter().enumerate() {
            let rate = self.table[row * self.columns + entering] * direction;
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
        for (row, &basic) in self.basis.iter().enumerate() {
            self.value[basic] -= self.table[row * self.columns + entering] * direction * limit;
        }
        self.value[entering] += direction * limit;
        if let Some((row, _)) = leaving {
            self.pivot(row, entering, gain);
        }
        limit
    }

    fn pivot(&mut self, row: usize, entering: usize, gain: &mut [f64]) {
        let columns = self.columns;
        let scale = 1.0 / self.table[row * columns + entering];
        let pivot_row: Vec<f64> =
            self.table[row * columns..(row + 1) * columns].iter().map(|entry| entry * scale).collect();
        for other in 0..self.basis.len() {
            let factor = self.table[other * columns + entering];
            let line = &mut self.table[other * columns..(other + 1) * columns];
            if other == row {
                line.copy_from_slice(&pivot_row);
            } else if factor != 0.0 {
                subtract(line, &pivot_row, factor);
            }
        }
        let factor = gain[entering];
        subtract(gain, &pivot_row, factor);
        if let Some(basic) = self.is_basic.get_mut(self.basis[row]) {
            *basic = false;
        }
        self.is_basic[entering] = true;
        self.basis[row] = entering;
    }
}

fn subtract(line: &mut [f64], pivot_row: &[f64], factor: f64) {
    for (entry, pivot) in line.iter_mut().zip(pivot_row) {
        *entry -= factor * pivot;
        if entry.abs() < 1e-11 {
            *entry = 0.0;
        }
    }
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
