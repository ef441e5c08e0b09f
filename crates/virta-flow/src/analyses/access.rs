//! `access`: how long from the first contact about a need to the assessment and its end, and who is covered.
//!
//! Unit: needs assessments whose first contact lies in the period, of clients of the population, by tier and by
//! municipality, wellbeing services county and in all; a row for each that has one. Municipalities are those of the year
//! in which the period ends. The tier `all` and the municipality `all` hold all of them; a county's row has the
//! municipality `all`.
//!
//! Working days are those after the day of the first contact up to and with the day of the start; days to completion
//! are calendar days from the first contact, from which the law counts. An assessment that is not there yet has waited
//! up to the last day that its source knows of, the end of the client's observation, or what the study sets as the end of
//! observation, whichever comes first: it counts as a wait of at least so long (Kaplan-Meier) and is not dropped. What
//! happens after the end that the study sets is not there yet. A start before the first contact is a wait of
//! 0; one that is missing though the assessment was completed is the day of completion. `open` have neither started nor
//! been completed.
//!
//! Within a time limit: of those for whom it is decided, which are those that happened and those that have waited longer
//! than the limit. Covered: clients with a plan of the kind in force on any day from their first contact of the row to
//! the end of the period; null where the store has no such plan at all.

use std::collections::BTreeMap;

use virta_model::schema::ACCESS;
use virta_model::{PlanKind, Table, Tier, Value, working_days_between};

use super::survival::{Wait, median, p90, still_waiting};
use super::{Analysis, End, int_or_null, no_sums, ratio_or_null, share};
use crate::input::client::ClientInfo;
use crate::input::rows::Window;
use crate::input::side::{Assessment, ClientPlan};
use crate::pass::groups::Remap;
use crate::pass::side_tables::SideTables;
use crate::rules::plan::Plan;
use crate::shares::frame::Frame;

/// Everything happens at the end: assessments are few side_tables contacts.
pub(super) struct Access;

const KINDS: [PlanKind; 3] = [PlanKind::ResponsibleWorker, PlanKind::MultiServicePlan, PlanKind::Consent];

impl Analysis for Access {
    type Sums = ();

    no_sums!();

    fn new(plan: &Plan<'_>) -> Option<Self> {
        plan.study.access.map(|_| Access)
    }

    fn finish(self, end: &End<'_>) -> Vec<Table> {
        let mut table = Table::new(&ACCESS);
        let measured = KINDS.map(|kind| end.side_tables.plans.iter().any(|plan| plan.kind == kind));
        for (period, label) in end.labels().enumerate() {
            for ((tier, place), mut group) in groups(end.plan, end.side_tables, period) {
                group.push(&mut table, tier, &place, label, &measured);
            }
        }
        vec![table]
    }
}

/// Where the clients of a row live.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Place<'a> {
    Everywhere,
    County(&'a str),
    Municipality { county: Option<&'a str>, code: Option<&'a str> },
}

/// `None` is every tier.
type Key<'a> = (Option<Tier>, Place<'a>);

fn groups<'a>(plan: &Plan<'a>, side_tables: &SideTables, period: usize) -> BTreeMap<Key<'a>, Group> {
    let window = plan.periods[period];
    let limits = plan.study.access.unwrap_or_default();
    let limits = [i64::from(limits.start_working_days_max), i64::from(limits.complete_days_max)];
    let until = plan.study.study.observed_until.map_or(i32::MAX, |day| day.0);
    let mut groups: BTreeMap<Key<'a>, Group> = BTreeMap::new();
    for (client, assessment) in &side_tables.assessments {
        let is_ours = window.contains(assessment.contacted_on.0) && plan.has_client(client, window.last);
        if !is_ours {
            continue;
        }
        let town = plan.municipality_in(period, client.municipality);
        let town = plan.catalogue.municipalities.get(usize::from(town));
        let county = town.and_then(|town| town.wellbeing_county.as_deref());
        let here = Place::Municipality { county, code: town.map(|town| town.code.as_str()) };
        let places = [Some(Place::Everywhere), county.map(Place::County), Some(here)];
        let one = One::of(client, assessment, side_tables, window, until);
        for place in places.into_iter().flatten() {
            for tier in [None, Some(assessment.tier)] {
                groups.entry((tier, place)).or_default().add(&one, limits);
            }
        }
    }
    groups
}

/// One assessment as every row looks at it.
struct One {
    client_id: i64,
    start: Wait,
    complete: Wait,
    is_open: bool,
    /// By kind: whether the client is covered from this first contact on.
    covered: [bool; 3],
}

impl One {
    /// Nothing is seen after the day `until`.
    fn of(client: &ClientInfo, assessment: &Assessment, side_tables: &SideTables, window: Window, until: i32) -> Self {
        let contacted = assessment.contacted_on;
        let seen_to = virta_model::Day(client.open_end(contacted.0, assessment.known_to.0.min(until)));
        let seen = |day: Option<virta_model::Day>| day.filter(|day| day.0 <= until);
        let completed = seen(assessment.completed_on);
        let started = seen(assessment.started_on).or(completed);
        let wait = |end: Option<virta_model::Day>, between: fn(virta_model::Day, virta_model::Day) -> i64| Wait {
            time: between(contacted, end.unwrap_or(seen_to)),
            is_over: end.is_some(),
        };
        let plans = side_tables.plans_of(client.client_id);
        let covers = |plan: &ClientPlan| {
            plan.first.0 <= window.last.min(until) && plan.last.is_none_or(|last| contacted <= last)
        };
        One {
            client_id: client.client_id,
            start: wait(started, working_days_between),
            complete: wait(completed, |from, to| i64::from(to.0 - from.0).max(0)),
            is_open: started.is_none(),
            covered: KINDS.map(|kind| plans.iter().any(|plan| plan.kind == kind && covers(plan))),
        }
    }
}

/// The assessments of one row.
#[derive(Debug, Default)]
struct Group {
    last_client: Option<i64>,
    clients: i64,
    open: i64,
    starts: Timed,
    completions: Timed,
    covered: [i64; 3],
}

#[derive(Debug, Default)]
struct Timed {
    waits: Vec<Wait>,
    /// Those for whom it is decided whether the time limit was kept.
    due: i64,
    in_time: i64,
}

impl Timed {
    fn add(&mut self, wait: Wait, limit: i64) {
        self.waits.push(wait);
        self.due += i64::from(wait.is_over || wait.time > limit);
        self.in_time += i64::from(wait.is_over && wait.time <= limit);
    }
}

impl Group {
    /// Assessments come by client and day, so a client's first of the row comes first.
    fn add(&mut self, one: &One, limits: [i64; 2]) {
        if self.last_client != Some(one.client_id) {
            self.last_client = Some(one.client_id);
            self.clients += 1;
            for (covered, is_covered) in self.covered.iter_mut().zip(one.covered) {
                *covered += i64::from(is_covered);
            }
        }
        self.open += i64::from(one.is_open);
        self.starts.add(one.start, limits[0]);
        self.completions.add(one.complete, limits[1]);
    }

    fn push(&mut self, table: &mut Table, tier: Option<Tier>, place: &Place<'_>, label: &str, measured: &[bool; 3]) {
        fn text(text: Option<&str>) -> Value<'_> {
            text.map_or(Value::Null, Value::Text)
        }
        let (municipality, county) = match *place {
            Place::Everywhere => (Some("all"), Some("all")),
            Place::County(county) => (Some("all"), Some(county)),
            Place::Municipality { county, code } => (code, county),
        };
        let mut row = vec![
            Value::Text(tier.map_or("all", Tier::as_str)),
            Value::Text(label),
            text(municipality),
            text(county),
            Value::Int(self.clients),
            Value::Int(self.starts.waits.len() as i64),
            Value::Int(self.open),
        ];
        for timed in [&mut self.starts, &mut self.completions] {
            let steps = still_waiting(&mut timed.waits);
            row.extend([
                ratio_or_null(median(&steps)),
                int_or_null(p90(&steps)),
                Value::Int(timed.due),
                Value::Int(timed.in_time),
                ratio_or_null(share(timed.in_time, timed.due)),
            ]);
        }
        for (covered, is_measured) in self.covered.into_iter().zip(measured) {
            let covered = is_measured.then_some(covered);
            row.push(int_or_null(covered));
            row.push(ratio_or_null(covered.and_then(|covered| share(covered, self.clients))));
        }
        table.push(&row);
    }
}
