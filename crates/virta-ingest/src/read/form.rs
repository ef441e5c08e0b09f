//! How the rows of a file lie among its other lines: sheet, header, totals.

use std::collections::VecDeque;

use virta_model::settings::{FileSpec, Sheet, Source};

use crate::error::Result;
use crate::parse::number::trim;
use crate::read::cells::{Cells, OwnedCells};

/// What a profile says about the lines of a file.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Form<'a> {
    pub source: &'a Source,
    pub sheet: Option<&'a Sheet>,
    /// Lines of the header, from 1; empty for the first line that is not empty.
    pub header_row: &'a [u32],
    /// Names of the columns, of a file without a header.
    pub header: &'a [String],
    footer: &'a [String],
}

impl<'a> Form<'a> {
    /// A table that begins with its header and has nothing but rows: code lists and side tables.
    pub(crate) fn plain(source: &'a Source) -> Self {
        Form { source, sheet: None, header_row: &[], header: &[], footer: &[] }
    }

    pub(crate) fn of(source: &'a Source, spec: &'a FileSpec) -> Self {
        Form {
            source,
            sheet: spec.sheet.as_ref(),
            header_row: &spec.header_row,
            header: &spec.header,
            footer: &spec.footer,
        }
    }

    /// The same form with its header on another line.
    pub(crate) fn with_header_row(self, header_row: &'a [u32]) -> Self {
        Form { header_row, header: &[], ..self }
    }

    /// What an empty cell of a file with types of its own is as text.
    pub(crate) fn missing(&self) -> &'a str {
        self.source.null.first().map_or("", String::as_str)
    }

    /// Whether any row can be totals.
    pub(crate) fn has_totals(&self) -> bool {
        !self.footer.is_empty()
    }

    /// Whether a row begins as totals do. It is one when no other row follows it.
    #[inline]
    pub(crate) fn may_be_totals<C: Cells + ?Sized>(&self, cells: &C) -> bool {
        if self.footer.is_empty() {
            return false;
        }
        let first = (0..cells.count()).map(|at| trim(cells.cell(at))).find(|cell| !cell.is_empty());
        first.is_some_and(|cell| self.footer.iter().any(|begin| cell.starts_with(begin.trim().as_bytes())))
    }
}

/// Lines of a file that became no rows.
#[derive(Debug, Clone, Default)]
pub(crate) struct Aside {
    /// Lines that break the format.
    pub bad: u64,
    /// The first of them.
    pub(crate) bad_lines: Vec<u64>,
    /// Titles and totals.
    pub skipped: u64,
}

/// Lines that break the format and are remembered, at most.
const BAD_LINES_MAX: usize = 1 << 14;

impl Aside {
    /// A line that breaks the format.
    pub(crate) fn broke(&mut self, line: u64) {
        self.bad += 1;
        if self.bad_lines.len() < BAD_LINES_MAX {
            self.bad_lines.push(line);
        }
    }
}

/// Rows at the end of a file that are totals, at most. A profile whose footer fits every row must not fill the memory.
const TOTALS_MAX: usize = 1000;

/// Rows that begin as totals do, until it is known whether another row follows. Totals are the rows after the last other
/// one, at most [`TOTALS_MAX`] of them; every other row that begins so is a row. That is a matter of lines alone, so it
/// is the same however many threads read the file.
#[derive(Debug)]
pub(crate) struct Tail<R> {
    held: VecDeque<(u64, R)>,
    /// Line of the last row that is none of them.
    last_row: u64,
}

impl<R> Default for Tail<R> {
    fn default() -> Self {
        Tail { held: VecDeque::new(), last_row: 0 }
    }
}

impl<R> Tail<R> {
    pub(crate) fn is_empty(&self) -> bool {
        self.held.is_empty()
    }

    /// Holds a row back. Gives one that is no totals, because too many rows like it follow.
    pub(crate) fn hold(&mut self, line: u64, row: R) -> Option<(u64, R)> {
        self.held.push_back((line, row));
        if self.held.len() <= TOTALS_MAX {
            return None;
        }
        let first = self.held.pop_front();
        self.last_row = self.last_row.max(first.as_ref().map_or(0, |(line, _)| *line));
        first
    }

    /// A row that is no totals. Those held back are none either: they are given, in order.
    pub(crate) fn pass(&mut self, line: u64) -> std::collections::vec_deque::IntoIter<(u64, R)> {
        self.last_row = self.last_row.max(line);
        std::mem::take(&mut self.held).into_iter()
    }

    /// Takes in what another thread held back.
    pub(crate) fn add(&mut self, other: Tail<R>) {
        self.last_row = self.last_row.max(other.last_row);
        self.held.extend(other.held);
    }

    /// At the end of the file: the rows that are no totals, and how many are.
    pub(crate) fn settle(self) -> (Vec<(u64, R)>, u64) {
        let mut held = Vec::from(self.held);
        held.sort_by_key(|(line, _)| *line);
        let after = held.len() - held.partition_point(|(line, _)| *line <= self.last_row);
        let totals = after.min(TOTALS_MAX);
        held.truncate(held.len() - totals);
        (held, totals as u64)
    }
}

impl Tail<OwnedCells> {
    /// Hands a row to `give`, unless it may be totals: those wait.
    ///
    /// # Errors
    /// Those of `give`.
    pub(crate) fn take(
        &mut self,
        form: &Form<'_>,
        line: u64,
        cells: &OwnedCells,
        give: &mut dyn FnMut(u64, &OwnedCells) -> Result<()>,
    ) -> Result<()> {
        if form.may_be_totals(cells) {
            return self.hold(line, cells.clone()).map_or(Ok(()), |(line, cells)| give(line, &cells));
        }
        if !self.is_empty() {
            self.pass(line).try_for_each(|(line, cells)| give(line, &cells))?;
        }
        give(line, cells)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rows by line: `t` begins as totals do, `r` does not. Gives the lines that are rows among the `t`, and the totals.
    fn check(rows: &str, threads: usize) -> (Vec<u64>, u64) {
        let mut tails: Vec<Tail<()>> = (0..threads).map(|_| Tail::default()).collect();
        let mut found = Vec::new();
        for (at, row) in rows.chars().enumerate() {
            let (line, tail) = (at as u64 + 1, &mut tails[at / 3 % threads]);
            match row {
                't' => found.extend(tail.hold(line, ()).map(|(line, ())| line)),
                _ => found.extend(tail.pass(line).map(|(line, ())| line)),
            }
        }
        let mut all = Tail::default();
        tails.into_iter().for_each(|tail| all.add(tail));
        let (rows, totals) = all.settle();
        found.extend(rows.into_iter().map(|(line, ())| line));
        found.sort_unstable();
        (found, totals)
    }

    #[test]
    fn totals_are_what_follows_the_last_other_row() {
        for threads in 1..5 {
            assert_eq!(check("rrt", threads), (vec![], 1));
            assert_eq!(check("rrtt", threads), (vec![], 2));
            assert_eq!(check("rtrrtt", threads), (vec![2], 2));
            assert_eq!(check("trrrrrrrrrrr", threads), (vec![1], 0));
            assert_eq!(check("tttttttttttt", threads), (vec![], 12));
            assert_eq!(check("rrrrrrttt", threads), (vec![], 3));
            assert_eq!(check("", threads), (vec![], 0));
        }
    }

    #[test]
    fn of_very_many_rows_that_begin_so_the_last_thousand_are_totals() {
        for threads in [1, 2, 3] {
            let rows = "t".repeat(1003);
            assert_eq!(check(&rows, threads), (vec![1, 2, 3], 1000));
        }
    }
}
