//! `members` and `near_members`: rule 4.
//!
//! Unit: a client in a cohort and a period; rows by cohort, period, `client_id`. Contacts, days and cost are all of the
//! client's in the period, whatever counts. `qualified_on` is the first day by which enough services count; a near
//! member has none. A near member keeps every rule but the number of services, has one counted service less than the
//! cohort asks for, and more of them than in the period before: the study's period that ends the day before this one
//! begins, else as many days right before it. Near a rolling cohort are those whom no window qualifies and whose
//! period, taken as a whole, has one service too few.

use rayon::prelude::*;
use virta_model::schema::{MEMBERS, NEAR_MEMBERS, TableSchema};
use virta_model::{ColumnData, Sex, Table, TextColumn};

use super::{Analysis, End, bits_of, join};
use crate::groups::Remap;
use crate::hash::FastMap;
use crate::plan::Plan;
use crate::source::NO_DAY;
use crate::visit::Visit;

pub(super) struct Members {
    /// By cohort, then by period.
    members: Vec<Vec<Vec<Row>>>,
    near: Vec<Vec<Vec<Row>>>,
    /// By level.
    sets: Vec<Sets>,
    /// The level of each cohort.
    levels: Vec<usize>,
}

#[derive(Debug, Clone, Copy)]
struct Row {
    client_id: i64,
    cost: i64,
    stay_days: u32,
    contacts: u32,
    emergency_contacts: u32,
    /// Number of the set among its level's.
    set: u32,
    /// [`NO_AGE`] where it is not known.
    age: i32,
    /// [`NO_DAY`] for near members.
    qualified_on: i32,
    services: u16,
    services_before: u16,
    municipality: u16,
    sectors: u8,
    sex: Option<Sex>,
}

const NO_AGE: i32 = i32::MIN;

/// Distinct sets of a level's values, numbered as they come.
#[derive(Debug)]
enum Sets {
    /// Up to 64 values, as bits.
    Narrow {
        numbers: FastMap<u64, u32>,
        sets: Vec<u64>,
        /// A client's cohorts often count the same services.
        last: (u64, u32),
    },
    Wide {
        numbers: FastMap<Box<[u16]>, u32>,
        sets: Vec<Box<[u16]>>,
    },
}

impl Sets {
    fn new(values: usize) -> Self {
        if values <= 64 {
            Sets::Narrow { numbers: FastMap::default(), sets: Vec::new(), last: (0, 0) }
        } else {
            Sets::Wide { numbers: FastMap::default(), sets: Vec::new() }
        }
    }

    fn len(&self) -> usize {
        match self {
            Sets::Narrow { sets, .. } => sets.len(),
            Sets::Wide { sets, .. } => sets.len(),
        }
    }

    fn number(&mut self, set: &[u16]) -> u32 {
        match self {
            Sets::Narrow { numbers, sets, last } => {
                let bits = set.iter().fold(0, |bits, &value| bits | 1 << (value % 64));
                // No counted set is empty, so the 0 of the beginning is nobody's.
                if last.0 != bits || bits == 0 {
                    let number = *numbers.entry(bits).or_insert_with(|| {
                        sets.push(bits);
                        sets.len() as u32 - 1
                    });
                    *last = (bits, number);
                }
                last.1
            }
            Sets::Wide { numbers, sets } => match numbers.get(set) {
                Some(&number) => number,
                None => {
                    let number = sets.len() as u32;
                    sets.push(set.into());
                    numbers.insert(set.into(), number);
                    number
                }
            },
        }
    }

    /// The values of a set, ascending.
    fn values(&self, number: usize) -> Vec<u16> {
        match self {
            Sets::Narrow { sets, .. } => bits_of(sets[number]).collect(),
            Sets::Wide { sets, .. } => sets[number].to_vec(),
        }
    }
}

impl Analysis for Members {
    fn new(plan: &Plan<'_>) -> Option<Self> {
        let rows = || plan.cohorts.iter().map(|_| vec![Vec::new(); plan.periods.len()]).collect();
        let sets = plan.levels.iter().map(|level| Sets::new(level.codes.len())).collect();
        let levels = plan.cohorts.iter().map(|cohort| cohort.level).collect();
        Some(Members { members: rows(), near: rows(), sets, levels })
    }

    fn user(&mut self, visit: &Visit<'_>) {
        for (at, (standing, cohort)) in visit.standings.iter().zip(&visit.plan.cohorts).enumerate() {
            let rows = match (standing.is_member(), standing.near_from) {
                (true, _) => &mut self.members,
                (false, Some(_)) => &mut self.near,
                (false, None) => continue,
            };
            rows[at][visit.period].push(Row {
                client_id: visit.client.client_id,
                cost: visit.used.cost,
                stay_days: u32::try_from(visit.used.stay_days).unwrap_or(u32::MAX),
                contacts: visit.used.contacts,
                emergency_contacts: visit.used.emergency_contacts,
                set: self.sets[cohort.level].number(&standing.service_set),
                services: standing.service_set.len() as u16,
                age: standing.age.unwrap_or(NO_AGE),
                qualified_on: standing.qualified_on.filter(|_| standing.is_member()).unwrap_or(NO_DAY),
                services_before: standing.near_from.unwrap_or_default() as u16,
                municipality: visit.client.municipality,
                sectors: visit.used.sectors.count_ones() as u8,
                sex: visit.client.sex,
            });
        }
    }

    fn merge(&mut self, other: Self, _: &Remap) {
        let numbers: Vec<Vec<u32>> = self
            .sets
            .iter_mut()
            .zip(&other.sets)
            .map(|(here, there)| (0..there.len()).map(|set| here.number(&there.values(set))).collect())
            .collect();
        for (here, there) in [(&mut self.members, other.members), (&mut self.near, other.near)] {
            for ((here, there), &level) in here.iter_mut().zip(there).zip(&self.levels) {
                for (here, there) in here.iter_mut().zip(there) {
                    let renumbered = |row: Row| Row { set: numbers[level][row.set as usize], ..row };
                    here.extend(there.into_iter().map(renumbered));
                }
            }
        }
    }

    fn finish(self, end: &End<'_>) -> Vec<Table> {
        let Members { mut members, mut near, sets, levels } = self;
        for rows in members.iter_mut().chain(&mut near).flatten() {
            // Each worker met its clients in order, so this only merges a few sorted runs.
            rows.sort_by_key(|row| row.client_id);
        }
        let texts = Texts { end, sets: &sets, levels: &levels };
        let (members, near) = rayon::join(|| texts.table(&MEMBERS, &members), || texts.table(&NEAR_MEMBERS, &near));
        vec![members, near]
    }
}

/// What the rows' numbers stand for.
struct Texts<'a> {
    end: &'a End<'a>,
    sets: &'a [Sets],
    levels: &'a [usize],
}

impl Texts<'_> {
    /// `rows` by cohort, then by period. Without `services_before` the schema is that of the members.
    fn table(&self, schema: &'static TableSchema, rows: &[Vec<Vec<Row>>]) -> Table {
        let each = || rows.iter().flatten().flatten();
        let count = each().count();
        let ints = |of: fn(&Row) -> i64| {
            let mut values = Vec::with_capacity(count);
            values.extend(each().map(|row| Some(of(row))));
            ColumnData::Int(values)
        };
        let columns = schema
            .columns
            .par_iter()
            .map(|column| match column.name {
                "cohort" => ColumnData::Text(self.cohorts(rows)),
                "period" => ColumnData::Text(self.periods(rows)),
                "client_id" => ints(|row| row.client_id),
                "age" => ColumnData::Int(each().map(|row| (row.age != NO_AGE).then(|| row.age.into())).collect()),
                "sex" => ColumnData::Text(sexes(each(), count)),
                "municipality" => ColumnData::Text(self.municipalities(each(), count)),
                "services" => ints(|row| row.services.into()),
                "sectors" => ints(|row| row.sectors.into()),
                "contacts" => ints(|row| row.contacts.into()),
                "stay_days" => ints(|row| row.stay_days.into()),
                "cost_cents" => ints(|row| row.cost),
                "emergency_contacts" => ints(|row| row.emergency_contacts.into()),
                "qualified_on" => ColumnData::Date(days(each(), count)),
                "service_set" => ColumnData::Text(self.service_sets(rows, count)),
                _ => ints(|row| row.services_before.into()),
            })
            .collect();
        Table { schema, columns }
    }

    fn cohorts(&self, rows: &[Vec<Vec<Row>>]) -> TextColumn {
        let mut column = TextColumn::default();
        for (cohort, periods) in self.end.plan.study.cohorts.iter().zip(rows) {
            let count: usize = periods.iter().map(Vec::len).sum();
            repeat(&mut column, &cohort.name, count);
        }
        column
    }

    fn periods(&self, rows: &[Vec<Vec<Row>>]) -> TextColumn {
        let mut column = TextColumn::default();
        for periods in rows {
            for (label, rows) in self.end.labels().zip(periods) {
                repeat(&mut column, label, rows.len());
            }
        }
        column
    }

    fn municipalities<'r>(&self, rows: impl Iterator<Item = &'r Row>, count: usize) -> TextColumn {
        let towns = &self.end.plan.catalogue.municipalities;
        let mut column = TextColumn::default();
        let codes: Vec<u32> = towns.iter().map(|town| column.intern(&town.code)).collect();
        column.codes.reserve(count);
        for row in rows {
            column.push_code(codes.get(usize::from(row.municipality)).copied().unwrap_or(TextColumn::NULL));
        }
        column
    }

    fn service_sets(&self, rows: &[Vec<Vec<Row>>], count: usize) -> TextColumn {
        let mut texts = Vec::new();
        let mut column = Vec::with_capacity(count);
        let mut codes: Vec<Vec<u32>> = self.sets.iter().map(|sets| vec![TextColumn::NULL; sets.len()]).collect();
        for (periods, &level) in rows.iter().zip(self.levels) {
            for row in periods.iter().flatten() {
                let code = &mut codes[level][row.set as usize];
                if *code == TextColumn::NULL {
                    let values = self.sets[level].values(row.set as usize);
                    *code = texts.len() as u32;
                    texts.push(join(&values, &self.end.plan.levels[level].codes, "+"));
                }
                column.push(*code);
            }
        }
        TextColumn::from_distinct(texts, column)
    }
}

fn sexes<'r>(rows: impl Iterator<Item = &'r Row>, count: usize) -> TextColumn {
    let mut column = TextColumn::default();
    let codes: Vec<u32> = Sex::ALL.iter().map(|sex| column.intern(sex.as_str())).collect();
    column.codes.reserve(count);
    for row in rows {
        column.push_code(row.sex.map_or(TextColumn::NULL, |sex| codes[sex as usize]));
    }
    column
}

fn days<'r>(rows: impl Iterator<Item = &'r Row>, count: usize) -> Vec<Option<i32>> {
    let mut days = Vec::with_capacity(count);
    days.extend(rows.map(|row| (row.qualified_on != NO_DAY).then_some(row.qualified_on)));
    days
}

fn repeat(column: &mut TextColumn, text: &str, count: usize) {
    let code = column.intern(text);
    column.codes.extend(std::iter::repeat_n(code, count));
}
