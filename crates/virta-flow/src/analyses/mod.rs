//! Every analysis in a file of its own, and the list of them.
//!
//! An analysis adds up what it needs while the clients pass, takes in what other workers have added up, and makes its
//! tables at the end. To add one: write its file, add it to the list at the end of this one.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use rayon::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;
use virta_model::{Table, Value};

use self::rankings::Ranking;
use crate::error::Error;
use crate::input::client::ClientInfo;
use crate::input::columns::Columns;
use crate::input::options::RunOptions;
use crate::input::rows::ClientRows;
use crate::pass::client_period::{ClientPeriod, Idle};
use crate::pass::costs::{Behind, Contributors, Costs, Counts};
use crate::pass::groups::{Groups, Remap};
use crate::pass::part_output::{self, PartOutput};
use crate::pass::side_tables::SideTables;
use crate::pass::sums::{AddUp, BySlot};
use crate::pass::totals::Totals;
use crate::rules::plan::Plan;
use crate::rules::zeros;
use crate::shares::frame::Frame;
use crate::shares::pieces::{Received, read, write};

mod access;
mod adoption;
mod attrition;
mod co_use;
mod combinations;
mod concentration;
mod continuity;
mod definition_overlap;
mod emergency;
mod episodes;
mod eras;
mod flow_ends;
mod flows;
mod follow_up;
mod funnel;
mod joiners;
mod member_rows;
mod members;
mod monthly_states;
mod packages;
mod packed;
mod pathways;
mod persistence;
mod profile;
mod rankings;
mod records;
mod regions;
mod sector_concentration;
mod sector_overlap;
mod service_use;
mod services_per_client;
mod summary;
mod survival;
mod sweep;
mod top_users;
mod unknown_order;

/// An analysis. Sums must not depend on the order of clients or of merging: the answer is the same whatever the
/// threads.
trait Analysis: Sized + Send {
    /// The sums as they travel to another machine: all that is added up, and nothing that the study or the catalogue
    /// says.
    type Sums: Serialize + DeserializeOwned;

    /// The analysis with nothing added up, or `None` when the study does not ask for it.
    fn new(plan: &Plan<'_>) -> Option<Self>;

    /// The same for another worker. What the workers share on their way out is shared.
    fn another(&self, plan: &Plan<'_>) -> Option<Self> {
        Self::new(plan)
    }

    /// The columns it needs besides those that the rules need anyway.
    fn columns() -> Columns {
        Columns::NONE
    }

    /// Takes a user of a period, who belongs to the population.
    fn user(&mut self, _visit: &ClientPeriod<'_>) {}

    /// Takes a resident of the population without use in a period.
    fn idle_resident(&mut self, _idle: &Idle<'_>) {}

    /// The client at hand has passed in every period, also one of whom no period took any notice; with all contacts.
    fn end_client(
        &mut self,
        _client: &ClientInfo,
        _contacts: &ClientRows<'_>,
        _side_tables: &SideTables,
        _plan: &Plan<'_>,
    ) {
    }

    /// The clients of a bucket have passed: rows that are complete can go out. Without an output another machine sends
    /// them, and they are kept among the sums.
    fn end_bucket(&mut self, _bucket: u32, _plan: &Plan<'_>, _output: Option<&PartOutput<'_>>) {}

    /// Takes in what another worker has added up.
    fn merge(&mut self, other: Self, remap: &Remap);

    /// Takes the sums out, after the last client.
    fn take_sums(&mut self) -> Self::Sums;

    /// Puts in the sums of another machine, to be merged; `false` where they do not fit the study, so that merging or
    /// finishing would point outside.
    fn put_sums(&mut self, sums: Self::Sums, frame: &Frame<'_>) -> bool;

    /// What another machine has added up is merged: rows that it kept can go out.
    fn end_share(&mut self, _plan: &Plan<'_>, _output: &PartOutput<'_>) {}

    /// The tables. Large ones go to the output part by part instead.
    fn finish(self, end: &End<'_>) -> Vec<Table>;
}

/// The methods of an analysis whose sums are one of its fields, as they are added up and as they travel. The second says
/// whether sums of another machine fit: the analysis, the sums, and the frame that they must fit.
macro_rules! sums_in {
    ($field:ident, $fits:expr) => {
        fn merge(&mut self, other: Self, remap: &Remap) {
            $crate::pass::sums::Merge::merge(&mut self.$field, other.$field, remap);
        }

        fn take_sums(&mut self) -> Self::Sums {
            std::mem::take(&mut self.$field)
        }

        fn put_sums(&mut self, sums: Self::Sums, frame: &Frame<'_>) -> bool {
            let fits: fn(&Self, &Self::Sums, &Frame<'_>) -> bool = $fits;
            let is_fitting = fits(self, &sums, frame);
            self.$field = sums;
            is_fitting
        }
    };
}
use sums_in;

/// The same of an analysis that adds nothing up: its tables are made of what is kept anyway.
macro_rules! no_sums {
    () => {
        fn merge(&mut self, _: Self, _: &Remap) {}

        fn take_sums(&mut self) -> Self::Sums {}

        fn put_sums(&mut self, _: Self::Sums, _: &Frame<'_>) -> bool {
            true
        }
    };
}
use no_sums;

/// What the tables are made with at the end.
pub(crate) struct End<'a> {
    pub plan: &'a Plan<'a>,
    pub totals: &'a Totals,
    pub side_tables: &'a SideTables,
    pub options: &'a RunOptions<'a>,
    pub output: &'a PartOutput<'a>,
    /// Whose the costs of the tables are.
    pub contributors: Contributors,
    /// Users ranked by cost, by period.
    pub(crate) rankings: Vec<Ranking>,
    /// The implicit cohort `all`, then the study's cohorts, each with its groups.
    pub cohorts: Vec<(&'a str, Vec<usize>)>,
    /// By cohort in the same order, by group: whether it is the cohort's.
    has: Vec<Vec<bool>>,
}

impl<'a> End<'a> {
    pub(crate) fn new(
        plan: &'a Plan<'a>,
        groups: &'a Groups,
        totals: &'a Totals,
        side_tables: &'a SideTables,
        options: &'a RunOptions<'a>,
        output: &'a PartOutput<'a>,
    ) -> Self {
        let groups_with = |bit: usize| {
            let masks = groups.masks().iter().enumerate();
            masks.filter(|(_, mask)| *mask >> bit & 1 == 1).map(|(group, _)| group).collect()
        };
        let all_groups = groups.masks().len();
        let all = ("all", (0..groups.masks().len()).collect());
        let named = plan.study.cohorts.iter().enumerate().map(|(at, cohort)| (cohort.name.as_str(), groups_with(at)));
        let rankings = (0..plan.periods.len()).into_par_iter().map(|period| Ranking::new(totals, period)).collect();
        let cohorts: Vec<(&str, Vec<usize>)> = std::iter::once(all).chain(named).collect();
        let has_groups = |groups: &Vec<usize>| {
            let mut has = vec![false; all_groups];
            groups.iter().for_each(|&group| has[group] = true);
            has
        };
        let has = cohorts.iter().map(|(_, groups)| has_groups(groups)).collect();
        let contributors = Contributors::new(plan.study.study.protection().k);
        End { plan, totals, side_tables, options, output, contributors, rankings, cohorts, has }
    }

    /// Each cohort in each period, in the order of the tables' rows: its name, the period's label and number, and the
    /// slots whose sums make it.
    pub(crate) fn slots(&self) -> impl Iterator<Item = Slots<'_>> {
        let periods = self.plan.study.study.periods.iter().enumerate();
        self.cohorts.iter().flat_map(move |(cohort, groups)| {
            periods.clone().map(move |(period, label)| Slots {
                cohort,
                label: label.label(),
                period,
                groups,
                periods: self.plan.periods.len(),
            })
        })
    }

    /// Whether a cohort, by its place among [`End::cohorts`], has this group.
    #[inline]
    pub(crate) fn is_in(&self, cohort: usize, group: usize) -> bool {
        self.has.get(cohort).and_then(|has| has.get(group)).copied().unwrap_or(false)
    }

    /// The places of the cohorts that have this group.
    pub(crate) fn cohorts_of(&self, group: usize) -> impl Iterator<Item = usize> + '_ {
        (0..self.cohorts.len()).filter(move |&cohort| self.is_in(cohort, group))
    }

    /// Adds a row to a table, and notes whose its amounts are; so many clients stand behind the row.
    pub(crate) fn push(&self, table: &mut Table, clients: i64, row: &[RowCell<'_>]) {
        let values: Vec<Value<'_>> = row.iter().map(|cell| cell.value).collect();
        let amounts = row.iter().zip(table.schema.columns);
        let amounts: Vec<_> = amounts.filter_map(|(cell, column)| Some((column.name, cell.behind?))).collect();
        self.contributors.note(table.schema, &values, clients, &amounts);
        table.push(&values);
    }

    pub(crate) fn labels(&self) -> impl Iterator<Item = &'a str> {
        self.plan.study.study.periods.iter().map(|period| period.label())
    }
}

/// A cohort in a period.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Slots<'a> {
    pub cohort: &'a str,
    pub label: &'a str,
    pub period: usize,
    groups: &'a [usize],
    periods: usize,
}

impl Slots<'_> {
    /// The sums of the cohort's groups in the period, where any have been made.
    pub(crate) fn of<'s, T>(&self, sums: &'s BySlot<T>) -> impl Iterator<Item = &'s T> {
        let (period, periods) = (self.period, self.periods);
        self.groups.iter().filter_map(move |group| sums.0.get(group * periods + period))
    }

    /// What all of them come to.
    pub(crate) fn sum<T: AddUp + Default>(&self, sums: &BySlot<T>) -> T {
        let mut sum = T::default();
        self.of(sums).for_each(|add| sum.add(add));
        sum
    }
}

/// A share of a whole, or `None` where there is no whole.
fn share(part: i64, whole: i64) -> Option<f64> {
    (whole != 0).then(|| part as f64 / whole as f64)
}

/// A share of a whole that is not 0, in parts of which so many are 1, rounded down: so that shares can be added up in any order.
#[inline]
fn scaled_share(part: u64, whole: u64, parts: u64) -> u128 {
    match part.checked_mul(parts) {
        Some(scaled) => u128::from(scaled / whole),
        None => u128::from(part) * u128::from(parts) / u128::from(whole),
    }
}

/// The numbers whose bits are set, ascending.
fn bits_of(mut bits: u64) -> impl Iterator<Item = u16> {
    std::iter::from_fn(move || {
        let number = (bits != 0).then(|| bits.trailing_zeros() as u16);
        bits &= bits.wrapping_sub(1);
        number
    })
}

/// Appends the codes of numbers, joined.
fn join_into(text: &mut String, numbers: impl Iterator<Item = u16>, codes: &[String], separator: &str) {
    for (at, number) in numbers.enumerate() {
        if at > 0 {
            text.push_str(separator);
        }
        text.push_str(codes.get(usize::from(number)).map_or("", String::as_str));
    }
}

/// A cell of a row, with who stands behind it where it is an amount.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RowCell<'a> {
    value: Value<'a>,
    behind: Option<Behind>,
}

macro_rules! row_cells {
    ($($from:ty: |$value:ident| $to:expr, $behind:expr;)+) => {
        $(impl<'a> From<$from> for RowCell<'a> {
            fn from($value: $from) -> Self {
                RowCell { value: $to, behind: $behind }
            }
        })+
    };
}

row_cells! {
    Value<'a>: |value| value, None;
    &'a str: |text| Value::Text(text), None;
    bool: |flag| Value::Flag(flag), None;
    u32: |number| Value::Int(number.into()), None;
    i64: |number| Value::Int(number), None;
    usize: |number| Value::Int(number as i64), None;
    Option<i64>: |number| int_or_null(number), None;
    f64: |ratio| Value::Ratio(ratio), None;
    Option<f64>: |ratio| ratio_or_null(ratio), None;
    Counts: |counts| Value::Int(counts.sum()), Some(counts.behind());
    Costs: |costs| costs.value(), Some(costs.behind());
    Option<Counts>: |counts| int_or_null(counts.map(|counts| counts.sum())), counts.map(|counts| counts.behind());
    (Value<'a>, Behind): |cell| cell.0, Some(cell.1);
}

/// The cells of a row.
macro_rules! row {
    ($($cell:expr),+ $(,)?) => {
        [$($crate::analyses::RowCell::from($cell)),+]
    };
}
use row;

/// An optional number as a value of a row.
fn int_or_null(number: Option<i64>) -> Value<'static> {
    number.map_or(Value::Null, Value::Int)
}

/// An optional ratio as a value of a row.
fn ratio_or_null(ratio: Option<f64>) -> Value<'static> {
    ratio.map_or(Value::Null, Value::Ratio)
}

macro_rules! analyses {
    ($($field:ident: $analysis:ty),+ $(,)?) => {
        /// The analyses that a study asks for.
        pub(crate) struct Analyses { $($field: Option<$analysis>),+ }

        impl Analyses {
            pub(crate) fn new(plan: &Plan<'_>) -> Self {
                Analyses { $($field: <$analysis>::new(plan)),+ }
            }

            /// The same analyses for another worker.
            pub(crate) fn another(&self, plan: &Plan<'_>) -> Self {
                Analyses { $($field: self.$field.as_ref().and_then(|analysis| analysis.another(plan))),+ }
            }

            /// The columns that the analyses asked for need.
            pub(crate) fn columns(&self) -> Columns {
                let mut columns = Columns::NONE;
                $(if self.$field.is_some() {
                    columns = columns.or(<$analysis>::columns());
                })+
                columns
            }

            pub(crate) fn user(&mut self, seen: &ClientPeriod<'_>) {
                $(if let Some(analysis) = &mut self.$field {
                    analysis.user(seen);
                })+
            }

            pub(crate) fn idle_resident(&mut self, idle: &Idle<'_>) {
                $(if let Some(analysis) = &mut self.$field {
                    analysis.idle_resident(idle);
                })+
            }

            pub(crate) fn end_client(
                &mut self,
                client: &ClientInfo,
                contacts: &ClientRows<'_>,
                side_tables: &SideTables,
                plan: &Plan<'_>,
            ) {
                $(if let Some(analysis) = &mut self.$field {
                    analysis.end_client(client, contacts, side_tables, plan);
                })+
            }

            pub(crate) fn end_bucket(&mut self, bucket: u32, plan: &Plan<'_>, output: Option<&PartOutput<'_>>) {
                $(if let Some(analysis) = &mut self.$field {
                    analysis.end_bucket(bucket, plan, output);
                })+
            }

            pub(crate) fn merge(&mut self, other: Self, remap: &Remap) {
                rayon::scope(|scope| {
                    $(if let (Some(here), Some(there)) = (&mut self.$field, other.$field) {
                        scope.spawn(move |_| here.merge(there, remap));
                    })+
                });
            }

            /// The sums of each analysis as bytes, by its name.
            pub(crate) fn write(&mut self) -> BTreeMap<&'static str, Option<Vec<Vec<u8>>>> {
                let parts = Mutex::new(BTreeMap::new());
                rayon::scope(|scope| {
                    $(if let Some(analysis) = &mut self.$field {
                        let (parts, part) = (&parts, stringify!($field));
                        scope.spawn(move |_| {
                            let bytes = write(&analysis.take_sums());
                            parts.lock().unwrap_or_else(PoisonError::into_inner).insert(part, bytes);
                        });
                    })+
                });
                parts.into_inner().unwrap_or_else(PoisonError::into_inner)
            }

            /// Puts in what another machine has sent.
            pub(crate) fn receive(&mut self, from: &mut Received, frame: &Frame<'_>) -> Result<(), Error> {
                let broken = Mutex::new(None);
                rayon::scope(|scope| {
                    $(if let Some(analysis) = &mut self.$field {
                        let (broken, part) = (&broken, stringify!($field));
                        let bytes = from.bytes(part)?;
                        scope.spawn(move |_| {
                            if !read(&bytes).is_some_and(|sums| analysis.put_sums(sums, frame)) {
                                *broken.lock().unwrap_or_else(PoisonError::into_inner) = Some(part);
                            }
                        });
                    })+
                    Ok(())
                })?;
                match broken.into_inner().unwrap_or_else(PoisonError::into_inner) {
                    Some(part) => Err(Error::BrokenShare { part }),
                    None => Ok(()),
                }
            }

            pub(crate) fn end_share(&mut self, plan: &Plan<'_>, output: &PartOutput<'_>) {
                $(if let Some(analysis) = &mut self.$field {
                    analysis.end_share(plan, output);
                })+
            }

            pub(crate) fn finish(self, end: &End<'_>) -> Vec<Table> {
                let tables = Mutex::new(Vec::new());
                rayon::scope(|scope| {
                    $(if let Some(analysis) = self.$field {
                        let tables = &tables;
                        scope.spawn(move |_| {
                            let made = analysis.finish(end);
                            if let Ok(mut tables) = tables.lock() {
                                tables.extend(made);
                            }
                        });
                    })+
                });
                let mut tables = tables.into_inner().unwrap_or_default();
                tables.push(end.contributors.table());
                tables.push(zeros::zeros(end.plan.study, end.plan.catalogue));
                unknown_order::join(&mut tables);
                part_output::sort(&mut tables);
                tables
            }
        }
    };
}

analyses! {
    attrition: attrition::Attrition,
    members: members::Members,
    profile: profile::Profile,
    regions: regions::Regions,
    service_use: service_use::ServiceUse,
    services_per_client: services_per_client::ServicesPerClient,
    combinations: combinations::Combinations,
    sector_overlap: sector_overlap::SectorOverlap,
    flows: flows::Flows,
    flow_ends: flow_ends::FlowEnds,
    pathways: pathways::Pathways,
    eras: eras::Eras,
    monthly_states: monthly_states::MonthlyStates,
    concentration: concentration::Concentration,
    sector_concentration: sector_concentration::SectorConcentration,
    persistence: persistence::Persistence,
    joiners: joiners::Joiners,
    emergency: emergency::Emergency,
    follow_up: follow_up::FollowUp,
    episodes: episodes::Episodes,
    co_use: co_use::CoUse,
    continuity: continuity::Continuity,
    top_users: top_users::TopUsers,
    sweep: sweep::Sweep,
    definition_overlap: definition_overlap::DefinitionOverlap,
    packages: packages::Packages,
    access: access::Access,
    funnel: funnel::Funnels,
    adoption: adoption::Adoption,
    summary: summary::Summary,
}
