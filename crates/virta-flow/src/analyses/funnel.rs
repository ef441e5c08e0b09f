//! `funnel`: how many clients come from step to step, and after how long.
//!
//! Unit: clients of the population who have the first step in a period, whether they used anything else or not; a row for
//! each funnel, period and step. A client goes through a funnel once a period: from the first event of the first step in
//! the period to the first event of each next step on a later day, also past the period's end but not past the end of
//! observation. A step whose `within_days` it misses is not reached, nor are those after it.
//!
//! An event is the day on which a contact begins, a plan comes into force, or an assessment begins (where only its
//! completion is known, that day).
//!
//! `median_days` is from the step before to this, over all who reached the step before, whether or not they keep to
//! `within_days`; who has not come to it has waited until the end of observation, of the study or of the client
//! (Kaplan-Meier). Null for the first step, and when not reached.

use serde::{Deserialize, Serialize};
use virta_model::schema::FUNNEL;
use virta_model::settings::What;
use virta_model::{PlanKind, Table, Tier, Value};

use super::survival::{Waits, median};
use super::{Analysis, End, ratio_or_null, share, sums_in};
use crate::input::client::ClientInfo;
use crate::input::columns::Columns;
use crate::input::rows::{ClientRows, Window};
use crate::pass::client_period::ClientPeriod;
use crate::pass::groups::Remap;
use crate::pass::side_tables::SideTables;
use crate::pass::sums::add_up;
use crate::rules::plan::Plan;
use crate::rules::which::Which;
use crate::shares::frame::{Frame, is_alike};

pub(super) struct Funnels {
    funnels: Vec<Vec<Step>>,
    /// By funnel, then by period: whether the client at hand may have the first step.
    may_begin: Vec<Vec<bool>>,
    /// By funnel, period and step.
    sums: Vec<Vec<Vec<Sum>>>,
}

struct Step {
    event: Event,
    within_days: Option<i32>,
}

enum Event {
    Contact(Which),
    Plan(PlanKind),
    Assessment(Tier),
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Sum {
    clients: i64,
    /// From the step before.
    waits: Waits,
}

add_up!(Sum { clients, waits });

impl Analysis for Funnels {
    type Sums = Vec<Vec<Vec<Sum>>>;

    fn new(plan: &Plan<'_>) -> Option<Self> {
        let step = |step: &virta_model::settings::FunnelStep| Step {
            event: match &step.what {
                What::Contacts(contacts) => Event::Contact(Which::new(contacts, plan.catalogue)),
                What::Plan(kind) => Event::Plan(*kind),
                What::Assessment(tier) => Event::Assessment(*tier),
            },
            within_days: step.within_days.map(|days| i32::try_from(days).unwrap_or(i32::MAX)),
        };
        let funnels = plan.study.funnels.iter().map(|funnel| funnel.steps.iter().map(step).collect());
        let funnels: Vec<Vec<Step>> = funnels.collect();
        let none = |steps: &Vec<Step>| vec![vec![Sum::default(); steps.len()]; plan.periods.len()];
        let sums = funnels.iter().map(none).collect();
        let may_begin = vec![vec![false; plan.periods.len()]; funnels.len()];
        (!funnels.is_empty()).then_some(Funnels { funnels, may_begin, sums })
    }

    fn columns() -> Columns {
        Columns { emergency: true, ..Columns::NONE }
    }

    fn user(&mut self, visit: &ClientPeriod<'_>) {
        for (steps, may_begin) in self.funnels.iter().zip(&mut self.may_begin) {
            if let Some(Step { event: Event::Contact(which), .. }) = steps.first() {
                may_begin[visit.period] = which.most(visit.rows, visit.services()) > 0;
            }
        }
    }

    fn end_client(
        &mut self,
        client: &ClientInfo,
        contacts: &ClientRows<'_>,
        side_tables: &SideTables,
        plan: &Plan<'_>,
    ) {
        for (period, window) in plan.periods.iter().enumerate() {
            if !plan.has_client(client, window.last) {
                continue;
            }
            let funnels = self.funnels.iter().zip(&mut self.may_begin).zip(&mut self.sums);
            for ((steps, may_begin), sums) in funnels {
                // Most clients do not, which use by service tells sooner than contact by contact.
                let may_begin = std::mem::take(&mut may_begin[period]);
                if !may_begin && matches!(steps.first(), Some(Step { event: Event::Contact(_), .. })) {
                    continue;
                }
                let mut before: Option<i32> = None;
                for (step, sum) in steps.iter().zip(&mut sums[period]) {
                    let days = match before {
                        None => *window,
                        Some(before) => Window { first: before.saturating_add(1), last: i32::MAX },
                    };
                    let found = step.event.first(plan.followed(days), client, contacts, side_tables);
                    let is_reached = match before {
                        None => found.is_some(),
                        Some(before) => {
                            let seen_to = client.open_end(before, plan.end.unwrap_or(before));
                            let days = found.unwrap_or(seen_to) - before;
                            sum.waits.add(days.into(), found.is_some());
                            found.is_some() && step.within_days.is_none_or(|within_days| days <= within_days)
                        }
                    };
                    if !is_reached {
                        break;
                    }
                    sum.clients += 1;
                    before = found;
                }
            }
        }
    }

    sums_in!(sums, |own, sums, _| {
        sums.len() == own.sums.len()
            && sums.iter().zip(&own.sums).all(|(found, expected)| is_alike(found, expected))
            && sums.iter().flatten().flatten().all(|sum| sum.waits.fits())
    });

    fn finish(self, end: &End<'_>) -> Vec<Table> {
        let mut table = Table::new(&FUNNEL);
        for (funnel, periods) in end.plan.study.funnels.iter().zip(&self.sums) {
            for (label, sums) in end.labels().zip(periods) {
                let first = sums.first().map_or(0, |sum| sum.clients);
                let mut before = None;
                for (number, (step, sum)) in (1..).zip(funnel.steps.iter().zip(sums)) {
                    table.push(&[
                        Value::Text(&funnel.name),
                        Value::Text(label),
                        Value::Int(number),
                        Value::Text(&step.what.to_string()),
                        Value::Int(sum.clients),
                        ratio_or_null(share(sum.clients, first)),
                        ratio_or_null(before.and_then(|before| share(sum.clients, before))),
                        ratio_or_null(median(&sum.waits.still_waiting())),
                    ]);
                    before = Some(sum.clients);
                }
            }
        }
        vec![table]
    }
}

impl Event {
    /// The first of these days with such an event.
    fn first(
        &self,
        days: Window,
        client: &ClientInfo,
        contacts: &ClientRows<'_>,
        side_tables: &SideTables,
    ) -> Option<i32> {
        let rows = &contacts.rows;
        match self {
            Event::Contact(which) => {
                let later = rows.start.partition_point(|&start| start < days.first)..rows.len();
                let mut inside = later.take_while(|&row| rows.start[row] <= days.last);
                inside.find(|&row| which.fits(rows, row)).map(|row| rows.start[row])
            }
            Event::Plan(kind) => {
                let plans = side_tables.plans_of(client.client_id).iter().filter(|one| one.kind == *kind);
                plans.map(|one| one.first.0).filter(|day| days.contains(*day)).min()
            }
            Event::Assessment(tier) => {
                let all = side_tables.assessments_of(client.client_id).iter().map(|(_, one)| one);
                let begun = all.filter(|one| one.tier == *tier).filter_map(|one| one.begun_on());
                begun.map(|day| day.0).filter(|day| days.contains(*day)).min()
            }
        }
    }
}
