//! Sparse tables made coarser: rows of few clients become one, as their table's declaration says.

use std::collections::BTreeMap;

use virta_model::VisitBand;
use virta_model::schema::{EMERGENCY_BLOCKS, POOLED, Pool, TableSchema};

use crate::policy::Rounding;
use crate::protected::{Datum, Log, Pooled};
use crate::rows::{Row, key_text};

/// Puts the rows of a table together where too few clients stand in them. `blocks` are the rows of
/// `emergency_blocks`.
pub(crate) fn pool(
    schema: &'static TableSchema,
    rows: Vec<Row>,
    blocks: &[Row],
    rounding: &Rounding,
    log: &mut Log,
) -> Vec<Row> {
    let way = schema.leaves.pool();
    if way == Pool::Nothing || rounding.policy.is_internal() {
        return rows;
    }
    let table = Pooling { schema, rounding, clients: schema.index_of("clients") };
    let class = match way {
        Pool::Tail { class } => class,
        Pool::Bands => "band",
        Pool::Hours => "weekday",
        Pool::Small { value, .. } => value,
        Pool::Nothing => return rows,
    };
    let class = schema.index_of(class).unwrap_or(0);
    let mut pooled = Vec::new();
    for (group, rows) in table.groups(rows, class, way) {
        let before = rows.len();
        let after = match way {
            Pool::Tail { .. } => table.tail(rows, class),
            Pool::Bands => table.bands(rows, class),
            Pool::Hours => table.hours(rows, &group, blocks),
            Pool::Small { dimension, of, .. } => {
                let dimension = rows.first().map(|row| row.text(schema.index_of(dimension)).to_owned());
                if dimension.is_some_and(|name| of.contains(&name.as_str())) { table.small(rows, class) } else { rows }
            }
            Pool::Nothing => rows,
        };
        if after.iter().any(|row| row.is_pooled) {
            log.pooled.push(Pooled { table: schema.name, group, rows: before, into: after.len() });
        }
        pooled.extend(after);
    }
    pooled
}

struct Pooling<'a> {
    schema: &'static TableSchema,
    rounding: &'a Rounding,
    clients: Option<usize>,
}

impl Pooling<'_> {
    fn clients(&self, row: &Row) -> i64 {
        row.int(self.clients).unwrap_or(0)
    }

    fn is_few(&self, row: &Row) -> bool {
        self.rounding.is_few(self.clients(row))
    }

    /// Rows that may be put together, in the order in which the groups come: those that differ in the class alone, and of
    /// hours also in the hour.
    fn groups(&self, rows: Vec<Row>, class: usize, way: Pool) -> Vec<(String, Vec<Row>)> {
        let keys = if way == Pool::Hours { class } else { self.schema.keys() };
        let mut places: BTreeMap<String, usize> = BTreeMap::new();
        let mut groups: Vec<(String, Vec<Row>)> = Vec::new();
        for row in rows {
            let keys = (0..keys).filter(|&at| at != class);
            let key: Vec<String> = keys.map(|at| key_text(row.values.get(at).and_then(Option::as_ref))).collect();
            let key = key.join("|");
            let place = *places.entry(key.clone()).or_insert_with(|| {
                groups.push((key, Vec::new()));
                groups.len() - 1
            });
            if let Some((_, rows)) = groups.get_mut(place) {
                rows.push(row);
            }
        }
        groups
    }

    /// Rows of others put together under a class.
    fn together(&self, rows: &[Row], class: usize, name: Datum) -> Option<Row> {
        let (first, others) = rows.split_first()?;
        let mut sum = first.clone();
        others.iter().for_each(|row| sum.add(row, self.schema));
        sum.is_pooled = true;
        if let Some(value) = sum.values.get_mut(class) {
            *value = Some(name);
        }
        Some(sum)
    }

    /// Where the classes begin that must be put together: with the first small one after the largest, or earlier, until
    /// k clients stand in them. `clients` are those of each class.
    fn tail_of(&self, clients: &[i64]) -> usize {
        let largest = (0..clients.len()).max_by_key(|&at| (clients[at], std::cmp::Reverse(at))).unwrap_or(0);
        let mut first = (largest..clients.len()).find(|&at| self.rounding.is_few(clients[at])).unwrap_or(clients.len());
        while first > 0 && first < clients.len() && self.rounding.is_few(clients[first..].iter().sum()) {
            first -= 1;
        }
        first
    }

    /// The last classes of a number. A class that nobody has is a small one, too.
    fn tail(&self, mut rows: Vec<Row>, class: usize) -> Vec<Row> {
        rows.sort_by_key(|row| row.int(Some(class)));
        let (Some(least), Some(most)) =
            (rows.first().and_then(|row| row.int(Some(class))), rows.last().and_then(|row| row.int(Some(class))))
        else {
            return rows;
        };
        let mut clients = vec![0; usize::try_from(most - least + 1).unwrap_or(0)];
        for row in &rows {
            let at = row.int(Some(class)).and_then(|number| usize::try_from(number - least).ok());
            if let Some(sum) = at.and_then(|at| clients.get_mut(at)) {
                *sum += self.clients(row);
            }
        }
        let first = least + self.tail_of(&clients) as i64;
        let cut = rows.partition_point(|row| row.int(Some(class)).is_some_and(|number| number < first));
        let last = rows.split_off(cut);
        rows.extend(self.together(&last, class, Datum::Range(first, None)));
        rows
    }

    /// The last bands of emergency visits. The definitions made from them stay: one of them may be the band itself.
    fn bands(&self, rows: Vec<Row>, class: usize) -> Vec<Row> {
        const BANDS: [VisitBand; 5] = VisitBand::EXCLUSIVE;
        let place = |row: &Row| BANDS.iter().position(|band| band.name == row.text(Some(class)));
        let mut clients = [0; BANDS.len()];
        for row in &rows {
            if let Some(sum) = place(row).and_then(|at| clients.get_mut(at)) {
                *sum += self.clients(row);
            }
        }
        let first = self.tail_of(&clients);
        if first >= BANDS.len() - 1 {
            return rows;
        }
        let (last, mut rows): (Vec<Row>, Vec<Row>) =
            rows.into_iter().partition(|row| place(row).is_some_and(|at| at >= first));
        let name = BANDS.get(first).map(VisitBand::and_above).unwrap_or_default();
        match rows.iter_mut().find(|row| row.text(Some(class)) == name) {
            Some(same) => same.is_pooled = true,
            None => {
                let at = rows.iter().take_while(|row| place(row).is_some()).count();
                rows.splice(at..at, self.together(&last, class, Datum::Text(name)));
            }
        }
        rows
    }

    /// Blocks of hours on working days and at weekends, where a tenth of the single hours of the week have too few.
    fn hours(&self, rows: Vec<Row>, group: &str, blocks: &[Row]) -> Vec<Row> {
        const HOURS: usize = 7 * 24;
        let [weekday, hour] = ["weekday", "hour"].map(|column| self.schema.index_of(column));
        let enough = rows.iter().filter(|row| row.int(hour).is_some() && !self.is_few(row)).count();
        if blocks.is_empty() || 10 * enough >= 9 * HOURS {
            return rows;
        }
        let of_group = |row: &&Row| {
            let keys = (0..2).map(|at| key_text(row.values.get(at).and_then(Option::as_ref)));
            keys.collect::<Vec<_>>().join("|") == group
        };
        let [weekend, from_hour] = ["weekend", "from_hour"].map(|column| EMERGENCY_BLOCKS.index_of(column));
        let as_hours = |block: &Row| {
            let mut row = block.clone();
            let is_weekend = weekend.and_then(|at| block.values.get(at)) == Some(&Some(Datum::Flag(true)));
            let days = if is_weekend { Datum::Range(6, Some(7)) } else { Datum::Range(1, Some(5)) };
            let hours = block.int(from_hour).map(|from| Datum::Range(from, Some(from + 3)));
            for (column, value) in [(weekday, Some(days)), (hour, hours)] {
                if let Some(into) = column.and_then(|column| row.values.get_mut(column)) {
                    *into = value;
                }
            }
            row.is_pooled = true;
            row
        };
        blocks.iter().filter(of_group).map(as_hours).collect()
    }

    /// The small values of a dimension, and as many of the next larger ones as it takes to make k.
    fn small(&self, rows: Vec<Row>, class: usize) -> Vec<Row> {
        let (mut small, mut shown): (Vec<Row>, Vec<Row>) = rows.into_iter().partition(|row| self.is_few(row));
        if small.is_empty() {
            return shown;
        }
        while self.rounding.is_few(small.iter().map(|row| self.clients(row)).sum()) {
            let name = |row: &Row| key_text(row.values.get(class).and_then(Option::as_ref));
            let next = (0..shown.len()).min_by_key(|&at| (self.clients(&shown[at]), name(&shown[at])));
            let Some(next) = next else { break };
            small.push(shown.remove(next));
        }
        // All together are the whole, which has a row of its own.
        if !shown.is_empty() {
            shown.extend(self.together(&small, class, Datum::Text(POOLED.to_owned())));
        }
        shown
    }
}
