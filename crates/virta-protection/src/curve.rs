//! Curves of cost, and what they need to know of all people of a period.

use std::collections::HashMap;

use virta_model::Table;
use virta_model::schema::TableSchema;

use crate::contributors::{Contributors, Known};
use crate::policy::{Rounding, nearest};
use crate::reason::Reason;
use crate::rows::Row;

/// The people of each period and denominator, and their cost.
#[derive(Debug, Default)]
pub(crate) struct Curves {
    people: HashMap<(String, String), i64>,
    whole: HashMap<(String, String), Whole>,
}

#[derive(Debug, Clone, Copy)]
struct Whole {
    cents: i64,
    /// What the two costliest add to it.
    largest: i64,
    second: i64,
}

impl Curves {
    pub(crate) fn new(tables: &[Table], known: &Known<'_>) -> Self {
        let mut curves = Curves::default();
        for table in tables {
            match table.schema.name {
                "summary" => curves.read_summary(table),
                "concentration" => curves.read_concentration(table, known),
                _ => {}
            }
        }
        curves
    }

    fn read_summary(&mut self, table: &Table) {
        for row in 0..table.rows() {
            let row = Row::new(table, row, &Known::default());
            let column = |name: &str| table.schema.index_of(name);
            let period = row.text(column("period")).to_owned();
            for (denominator, people) in [("users", "clients"), ("residents", "residents")] {
                if let Some(people) = row.int(column(people)) {
                    self.people.insert((period.clone(), denominator.to_owned()), people);
                }
            }
        }
    }

    /// The cost of all is that of a top by its share, and its largest clients are those of the top.
    fn read_concentration(&mut self, table: &Table, known: &Known<'_>) {
        let column = |name: &str| table.schema.index_of(name);
        for at in 0..table.rows() {
            let row = Row::new(table, at, known);
            let cost = row.int(column("cost_cents")).unwrap_or(0);
            let share = column("cost_share").and_then(|at| row.ratio(at)).unwrap_or(0.0);
            let behind = column("cost_cents").and_then(|at| row.behind.get(at)).copied().flatten();
            if let (Some(of), true) = (behind, share > 0.0) {
                let cents = (cost as f64 / share).round() as i64;
                let key = (row.text(column("period")).to_owned(), row.text(column("denominator")).to_owned());
                self.whole.insert(key, Whole { cents, largest: of.largest, second: of.second });
            }
        }
    }

    /// How many people the denominator of a row has in its period.
    pub(crate) fn people_of(&self, schema: &TableSchema, row: &Row) -> Option<i64> {
        self.people.get(&key(schema, row)).copied()
    }

    /// A point of a curve: the share of cost of the cheapest. With k clients on either side, where the cost of the others
    /// could be shown, from costs rounded as all others are.
    pub(crate) fn point(&self, schema: &TableSchema, row: &Row, rounding: &Rounding) -> Result<f64, Reason> {
        let percentile = row.int(schema.index_of("percentile")).unwrap_or(0);
        let people = self.people_of(schema, row).unwrap_or(0);
        if rounding.is_few(people) {
            return Err(Reason::TooFewClients);
        }
        if percentile <= 0 || percentile >= 100 {
            return Ok(if percentile <= 0 { 0.0 } else { 1.0 });
        }
        let below = people.saturating_mul(percentile) / 100;
        if rounding.is_few(below) || rounding.is_few(people - below) {
            return Err(Reason::TooFewOnOneSide);
        }
        let whole = self.whole.get(&key(schema, row)).ok_or(Reason::ContributorsUnknown)?;
        let share = schema.columns.iter().position(|column| column.name == "cumulative_cost_share");
        let share = share.and_then(|at| row.ratio(at)).unwrap_or(0.0);
        let cents = (share * whole.cents as f64).round() as i64;
        rounding.check(Contributors {
            clients: people - below,
            total: whole.cents - cents,
            largest: whole.largest,
            second: whole.second,
        })?;
        let step = rounding.step(whole.largest, true);
        match nearest(whole.cents, step) {
            0 => Err(Reason::FewClientsDominate),
            whole => Ok((nearest(cents, step) as f64 / whole as f64).clamp(0.0, 1.0)),
        }
    }
}

fn key(schema: &TableSchema, row: &Row) -> (String, String) {
    let text = |column: &str| row.text(schema.index_of(column)).to_owned();
    (text("period"), text("denominator"))
}
