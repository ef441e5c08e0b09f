//! What a client used, by service, package, sector, unit or provider, in one stretch of days.

use crate::input::columns::{NO_CODE, NO_COST};
use crate::input::rows::{Rows, priced};
use crate::pass::costs::Costs;

/// Use of one value.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Cell {
    pub contacts: u32,
    /// Contacts that are stays.
    pub stays: u32,
    pub stay_days: u32,
    /// Contacts that have a price.
    pub priced: u32,
    pub cost: i64,
}

impl Cell {
    /// The cost as a client's part of a sum.
    #[inline]
    pub(crate) fn costs(&self) -> Costs {
        if self.priced > 0 { Costs::of(self.cost) } else { Costs::unpriced() }
    }

    /// Rule 3's days: a visit is one day, a stay its days in the window.
    pub(crate) fn days(&self) -> i64 {
        i64::from(self.contacts) - i64::from(self.stays) + i64::from(self.stay_days)
    }
}

/// Use by value. Only the touched values are ever cleared.
#[derive(Debug, Clone)]
pub(crate) struct Tally {
    cells: Vec<Cell>,
    touched: Vec<u16>,
    /// The touched values as bits, where there are at most 64 values.
    mask: u64,
    is_narrow: bool,
}

impl Tally {
    pub(crate) fn new(values: usize) -> Self {
        // One cell at least, so that a catalogue without values needs no special case.
        Tally { cells: vec![Cell::default(); values.max(1)], touched: Vec::new(), mask: 0, is_narrow: values <= 64 }
    }

    /// The values used as bits; 0 where there are more than 64 values.
    pub(crate) fn mask(&self) -> u64 {
        self.mask
    }

    /// The values used, ascending.
    pub(crate) fn values(&self) -> &[u16] {
        &self.touched
    }

    #[inline]
    pub(crate) fn cell(&self, value: u16) -> &Cell {
        &self.cells[usize::from(value)]
    }

    pub(crate) fn clear(&mut self) {
        for &value in &self.touched {
            self.cells[usize::from(value)] = Cell::default();
        }
        self.touched.clear();
        self.mask = 0;
    }

    /// Puts the use of a value that is not there yet. Values come ascending, after [`Tally::clear`].
    #[inline]
    pub(crate) fn put(&mut self, value: u16, used: Cell) {
        if let Some(cell) = self.cells.get_mut(usize::from(value)) {
            *cell = used;
            self.touched.push(value);
            if self.is_narrow {
                self.mask |= 1 << value;
            }
        }
    }

    /// Counts rows by `values`, a column with a value (or [`NO_CODE`]) for each row. Begins anew.
    pub(crate) fn count(&mut self, values: &[u16], rows: &Rows<'_>) {
        self.clear();
        if self.is_narrow {
            self.count_narrow(values, rows.cost);
        } else {
            self.count_wide(values, rows.cost);
        }
        for &row in rows.stays {
            let row = row as usize;
            if let Some(cell) = self.cells.get_mut(usize::from(values[row])) {
                cell.stays += 1;
                cell.stay_days += rows.days[row];
            }
        }
    }

    /// The same use by another unit: each value of `from` belongs to one value of this tally, or to none.
    pub(crate) fn fold(&mut self, from: &Tally, of: &[u16]) {
        self.clear();
        for &value in &from.touched {
            let to = of[usize::from(value)];
            if to == NO_CODE {
                continue;
            }
            let add = from.cells[usize::from(value)];
            let cell = &mut self.cells[usize::from(to)];
            if cell.contacts == 0 {
                self.touched.push(to);
            }
            cell.contacts += add.contacts;
            cell.stays += add.stays;
            cell.stay_days += add.stay_days;
            cell.priced += add.priced;
            cell.cost += add.cost;
        }
        self.mask = if self.is_narrow { self.touched.iter().fold(0, |mask, &value| mask | 1 << value) } else { 0 };
        self.touched.sort_unstable();
    }

    fn count_narrow(&mut self, values: &[u16], costs: &[i64]) {
        let mut mask = 0u64;
        for (&value, &cost) in values.iter().zip(costs) {
            // Of 64 values or fewer, only a missing one is beyond.
            if value < 64 {
                let cell = &mut self.cells[usize::from(value)];
                cell.contacts += 1;
                cell.cost += priced(cost);
                cell.priced += u32::from(cost != NO_COST);
                mask |= 1 << value;
            }
        }
        self.mask = mask;
        while mask != 0 {
            self.touched.push(mask.trailing_zeros() as u16);
            mask &= mask - 1;
        }
    }

    fn count_wide(&mut self, values: &[u16], costs: &[i64]) {
        for (&value, &cost) in values.iter().zip(costs) {
            if value == NO_CODE {
                continue;
            }
            let cell = &mut self.cells[usize::from(value)];
            if cell.contacts == 0 {
                self.touched.push(value);
            }
            cell.contacts += 1;
            cell.cost += priced(cost);
            cell.priced += u32::from(cost != NO_COST);
        }
        self.touched.sort_unstable();
    }
}
