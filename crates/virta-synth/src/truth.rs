//! The answers that the generator knows: what a study of the region must find.

mod order;

use std::collections::BTreeMap;

use virta_model::{BirthPrecision, Day, Sector, Tier, age_on, cost_up_to};

use crate::calendar::social_stays_extracted_on;
use crate::contact::Contact;
use crate::person::Person;
use crate::pilot::{PILOT_NAME, Pilot};
use crate::records::{Assessment, Plan, ServiceUse, office};
use crate::region::{RegionOptions, day, new_year};
use crate::service::{SERVICES, ServiceAt, System};

pub(crate) use order::{ORDER_FILES, OrderSums};

/// What a region's studies must find. The same answers, and more, stand in the folder `truth/`.
#[derive(Debug, Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct Truth {
    /// One a year, in order.
    pub periods: Vec<PeriodTruth>,
    /// One a delivered file, in order of the path. A file that is sent again is not listed twice.
    pub files: Vec<FileTruth>,
    /// Planted bad rows.
    pub dirty_rows: u64,
    /// Bytes of all extracts, files sent again included.
    pub bytes: u64,
}

/// A year of the region, everyone counted, whatever their age.
#[derive(Debug, Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct PeriodTruth {
    pub year: i32,
    /// People with any contact in the year.
    pub clients: u64,
    pub contacts: u64,
    pub cost_cents: i64,
    /// People of the client list who lived in the region on any day of the year.
    pub residents: u64,
    /// Members of each cohort of the study, in its order.
    pub members: Vec<u64>,
    /// Per cent, number of the costliest users (rounded up), their cost.
    pub concentration: Vec<(u32, u64, i64)>,
}

/// A delivered file and what becomes of its rows. A year of social assistance is a row a month with a payment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct FileTruth {
    /// Relative to the region's folder.
    pub path: String,
    pub rows_read: u64,
    pub rows_accepted: u64,
    pub rows_quarantined: u64,
    pub rows_superseded: u64,
}

/// A cohort of the region's study.
#[derive(Debug)]
pub(crate) struct CohortRule {
    pub(crate) name: &'static str,
    pub(crate) min_services: usize,
    pub(crate) min_contacts: u32,
    pub(crate) ages: Option<(i32, i32)>,
    /// Social care, and primary or specialised care.
    pub(crate) social_and_health: bool,
}

/// The cohorts of `study.toml`, which says the same in its own words.
pub(crate) const COHORTS: &[CohortRule] = &[
    CohortRule { name: "four-plus", min_services: 4, min_contacts: 1, ages: Some((18, 64)), social_and_health: false },
    CohortRule { name: "four-heavy", min_services: 4, min_contacts: 3, ages: Some((18, 64)), social_and_health: false },
    CohortRule { name: "social-and-health", min_services: 4, min_contacts: 1, ages: None, social_and_health: true },
];

/// The longest gap of a transition.
const MAX_GAP_DAYS: i32 = 90;

const SERVICE_COUNT: usize = SERVICES.len();

/// The sums of one year over any part of the region.
#[derive(Debug, Clone, Default)]
pub(crate) struct YearSums {
    pub(crate) clients: u64,
    pub(crate) contacts: u64,
    pub(crate) cost_cents: i64,
    pub(crate) residents: u64,
    pub(crate) members: [u64; COHORTS.len()],
    pub(crate) services: Vec<ServiceUse>,
    /// Clients, contacts and cost by number of services.
    pub(crate) services_per_client: BTreeMap<usize, (u64, u64, i64)>,
    /// Clients, contacts and cost of social visits by office and package.
    pub(crate) packages: BTreeMap<(&'static str, &'static str), (u64, u64, i64)>,
    /// Clients who asked for a needs assessment, each once, and those whose assessment has not started when extracted.
    pub(crate) assessments: BTreeMap<Tier, (u64, u64)>,
    /// Transitions and clients by from and to.
    pub(crate) flows: BTreeMap<(ServiceAt, ServiceAt), (u64, u64)>,
    /// Cost of every client.
    pub(crate) client_costs: Vec<i64>,
}

/// The truth of a part of the region.
#[derive(Debug)]
pub(crate) struct Tally {
    pub(crate) years: Vec<YearSums>,
    /// Lines of `clients.csv`, `members.csv` and `pilot.csv`.
    pub(crate) clients: String,
    pub(crate) members: String,
    pub(crate) pilot: String,
    pub(crate) order: OrderSums,
}

/// Days before and after a pilot's index date that `pilot.csv` looks at.
const PILOT_DAYS: i32 = 365;
pub(crate) const PILOT_HEADER: &str =
    "pilot;client;index_date;window;services;contacts;stay_days;cost_cents;emergency_contacts;prevented\n";

impl Tally {
    pub(crate) fn new(options: &RegionOptions) -> Self {
        let year = YearSums { services: vec![ServiceUse::default(); SERVICE_COUNT], ..YearSums::default() };
        let years = options.years().map(|_| year.clone()).collect();
        let order = OrderSums::default();
        Tally { years, clients: String::new(), members: String::new(), pilot: String::new(), order }
    }

    pub(crate) fn add(&mut self, options: &RegionOptions, person: &Person, contacts: &[Contact]) {
        // A planned end after the newest extract of stays is an open end.
        let known_to = social_stays_extracted_on(options.last_year);
        let contacts: Vec<Contact> = contacts.iter().map(|contact| contact.known_on(known_to)).collect();
        let contacts = contacts.as_slice();
        let plans = Plan::all_of(options, person, contacts);
        self.order.add_person(options, person, contacts, &plans);
        for (at, year) in options.years().enumerate() {
            let (first, last) = (new_year(year), day(year, 12, 31));
            if person.is_listed && person.is_observed(first, last) {
                self.years[at].residents += 1;
            }
            let view = WindowView::new(contacts, first, last);
            if view.contacts > 0 {
                self.add_year(at, year, person, &view);
                if view.qualifies(&COHORTS[0], person).is_some() {
                    self.order.add_member(options, year, person, &plans);
                }
            }
        }
        if let Some(assessment) = Assessment::of(options, person) {
            let at = options.years().position(|year| year == assessment.contacted_on.year());
            if let Some(sums) = at.and_then(|at| self.years.get_mut(at)) {
                let sum = sums.assessments.entry(assessment.tier).or_default();
                *sum = (sum.0 + 1, sum.1 + u64::from(assessment.started_on.is_none()));
            }
        }
        if let Some(pilot) = Pilot::of(options, person) {
            self.add_pilot(options, person, contacts, pilot.index_date);
        }
    }

    /// The year before and the year after the index date, the day itself in neither.
    fn add_pilot(&mut self, options: &RegionOptions, person: &Person, contacts: &[Contact], index_date: Day) {
        let prevented = crate::life::prevented(options, person);
        let before = (Day(index_date.0 - PILOT_DAYS), Day(index_date.0 - 1));
        let after = (Day(index_date.0 + 1), Day(index_date.0 + PILOT_DAYS));
        for (window, (first, last)) in [("before", before), ("after", after)] {
            let view = WindowView::new(contacts, first, last);
            let line = format!(
                "{PILOT_NAME};{};{index_date};{window};{};{};{};{};{};{}\n",
                person.pseudonym,
                view.service_count(1),
                view.contacts,
                view.stay_days,
                view.cost_cents,
                view.emergency_contacts(),
                prevented.iter().filter(|day| (first..=last).contains(*day)).count()
            );
            self.pilot.push_str(&line);
        }
    }

    fn add_year(&mut self, at: usize, year: i32, person: &Person, view: &WindowView<'_>) {
        let sums = &mut self.years[at];
        sums.clients += 1;
        sums.contacts += view.contacts;
        sums.cost_cents += view.cost_cents;
        sums.client_costs.push(view.cost_cents);
        for (sum, used) in sums.services.iter_mut().zip(&view.services) {
            sum.clients += u64::from(used.contacts > 0);
            sum.contacts += used.contacts;
            sum.stay_days += used.stay_days;
            sum.cost_cents += used.cost_cents;
        }
        let by_count = sums.services_per_client.entry(view.service_count(1)).or_default();
        *by_count = (by_count.0 + 1, by_count.1 + view.contacts, by_count.2 + view.cost_cents);
        let mut by_package: BTreeMap<_, (u64, i64)> = BTreeMap::new();
        for visit in view.own.iter().filter(|contact| contact.service().system == System::SocialVisits) {
            let sum = by_package.entry((office(visit), visit.service().package)).or_default();
            *sum = (sum.0 + 1, sum.1 + visit.cents.unwrap_or(0));
        }
        for (pair, (contacts, cents)) in by_package {
            let sum = sums.packages.entry(pair).or_default();
            *sum = (sum.0 + 1, sum.1 + contacts, sum.2 + cents);
        }
        for (pair, transitions) in view.flows() {
            let flow = sums.flows.entry(pair).or_default();
            *flow = (flow.0 + transitions, flow.1 + 1);
        }
        let client = &person.pseudonym;
        let line = format!(
            "{year};{client};{};{};{};{}\n",
            view.service_count(1),
            view.contacts,
            view.stay_days,
            view.cost_cents
        );
        self.clients.push_str(&line);
        for (cohort, rule) in COHORTS.iter().enumerate() {
            if let Some(qualified_on) = view.qualifies(rule, person) {
                self.years[at].members[cohort] += 1;
                let age = match person.is_listed {
                    true => age_on(person.birth, BirthPrecision::Day, view.last).to_string(),
                    false => String::new(),
                };
                let line = format!(
                    "{};{year};{client};{age};{};{};{};{};{};{};{qualified_on};{}\n",
                    rule.name,
                    view.service_count(rule.min_contacts),
                    view.sectors(),
                    view.contacts,
                    view.stay_days,
                    view.cost_cents,
                    view.emergency_contacts(),
                    view.service_set(rule.min_contacts),
                );
                self.members.push_str(&line);
            }
        }
    }

    /// Adds the sums of the part that follows. The lines are left to be written.
    pub(crate) fn merge(&mut self, next: Tally) {
        for (sums, other) in self.years.iter_mut().zip(next.years) {
            sums.clients += other.clients;
            sums.contacts += other.contacts;
            sums.cost_cents += other.cost_cents;
            sums.residents += other.residents;
            for (members, more) in sums.members.iter_mut().zip(other.members) {
                *members += more;
            }
            for (sum, more) in sums.services.iter_mut().zip(other.services) {
                sum.clients += more.clients;
                sum.contacts += more.contacts;
                sum.stay_days += more.stay_days;
                sum.cost_cents += more.cost_cents;
            }
            for (services, more) in other.services_per_client {
                let sum = sums.services_per_client.entry(services).or_default();
                *sum = (sum.0 + more.0, sum.1 + more.1, sum.2 + more.2);
            }
            for (pair, more) in other.packages {
                let sum = sums.packages.entry(pair).or_default();
                *sum = (sum.0 + more.0, sum.1 + more.1, sum.2 + more.2);
            }
            for (tier, more) in other.assessments {
                let sum = sums.assessments.entry(tier).or_default();
                *sum = (sum.0 + more.0, sum.1 + more.1);
            }
            for (pair, more) in other.flows {
                let sum = sums.flows.entry(pair).or_default();
                *sum = (sum.0 + more.0, sum.1 + more.1);
            }
            sums.client_costs.extend(other.client_costs);
        }
        self.order.merge(next.order);
    }

    /// The years' answers. Costs of clients are put in order, the costliest first.
    pub(crate) fn periods(&mut self, options: &RegionOptions) -> Vec<PeriodTruth> {
        let periods = options.years().zip(&mut self.years).map(|(year, sums)| {
            sums.client_costs.sort_unstable_by(|a, b| b.cmp(a));
            let concentration = [1, 5, 10, 20, 50].map(|percent: u32| {
                let clients = (sums.client_costs.len() * percent as usize).div_ceil(100);
                (percent, clients as u64, sums.client_costs.iter().take(clients).sum())
            });
            PeriodTruth {
                year,
                clients: sums.clients,
                contacts: sums.contacts,
                cost_cents: sums.cost_cents,
                residents: sums.residents,
                members: sums.members.to_vec(),
                concentration: concentration.to_vec(),
            }
        });
        periods.collect()
    }
}

/// One client's days of a year or another window, by the rules of a study.
struct WindowView<'a> {
    first: Day,
    last: Day,
    /// Contacts of the window, in rule 8's order.
    own: Vec<&'a Contact>,
    services: [ServiceUse; SERVICE_COUNT],
    contacts: u64,
    stay_days: u64,
    cost_cents: i64,
}

impl<'a> WindowView<'a> {
    fn new(contacts: &'a [Contact], first: Day, last: Day) -> Self {
        let mut services = [ServiceUse::default(); SERVICE_COUNT];
        let mut own = Vec::new();
        for contact in contacts {
            let Some((from, to)) = contact.overlap(first, last) else { continue };
            own.push(contact);
            let service = &mut services[usize::from(contact.service)];
            service.contacts += 1;
            if contact.is_stay {
                service.stay_days += u64::from((to.0 - from.0 + 1).unsigned_abs());
            }
            service.cost_cents += cost_between(contact, from, to);
        }
        WindowView {
            first,
            last,
            own,
            contacts: services.iter().map(|s| s.contacts).sum(),
            stay_days: services.iter().map(|s| s.stay_days).sum(),
            cost_cents: services.iter().map(|s| s.cost_cents).sum(),
            services,
        }
    }

    fn counted(&self, min_contacts: u32) -> impl Iterator<Item = ServiceAt> {
        let services = self.services.iter().enumerate();
        services.filter(move |(_, used)| used.contacts >= u64::from(min_contacts)).map(|(at, _)| at as ServiceAt)
    }

    fn service_count(&self, min_contacts: u32) -> usize {
        self.counted(min_contacts).count()
    }

    fn service_set(&self, min_contacts: u32) -> String {
        let mut codes: Vec<_> = self.counted(min_contacts).map(|at| crate::service::service(at).code).collect();
        codes.sort_unstable();
        codes.join("+")
    }

    fn uses(&self, sectors: &[Sector]) -> bool {
        self.own.iter().any(|contact| sectors.contains(&contact.service().sector()))
    }

    fn sectors(&self) -> usize {
        [Sector::Social, Sector::Primary, Sector::Specialised].iter().filter(|sector| self.uses(&[**sector])).count()
    }

    fn emergency_contacts(&self) -> usize {
        self.own.iter().filter(|contact| contact.service().is_emergency).count()
    }

    /// The day the last needed service reached its threshold, for a member.
    fn qualifies(&self, rule: &CohortRule, person: &Person) -> Option<Day> {
        if let Some((youngest, oldest)) = rule.ages {
            let age = age_on(person.birth, BirthPrecision::Day, self.last);
            if !person.is_listed || age < youngest || age > oldest {
                return None;
            }
        }
        if rule.social_and_health
            && !(self.uses(&[Sector::Social]) && self.uses(&[Sector::Primary, Sector::Specialised]))
        {
            return None;
        }
        let mut contacts = [0u32; SERVICE_COUNT];
        let mut counted = 0;
        for contact in &self.own {
            let used = &mut contacts[usize::from(contact.service)];
            *used += 1;
            if *used == rule.min_contacts {
                counted += 1;
                if counted == rule.min_services {
                    return Some(contact.start.max(self.first));
                }
            }
        }
        None
    }

    /// Transitions by from and to service: consecutive contacts, different services, the gap from the end of the one
    /// before, or its start, at most [`MAX_GAP_DAYS`]. An open stay goes on past whatever follows it.
    fn flows(&self) -> BTreeMap<(ServiceAt, ServiceAt), u64> {
        let mut flows = BTreeMap::new();
        for pair in self.own.windows(2) {
            let before_end = if pair[0].is_stay { pair[0].end.unwrap_or(self.last) } else { pair[0].start };
            let gap_days = pair[1].start.0 - before_end.0;
            if pair[0].service != pair[1].service && gap_days <= MAX_GAP_DAYS {
                *flows.entry((pair[0].service, pair[1].service)).or_default() += 1;
            }
        }
        flows
    }
}

/// Rule 1: what the days `from..=to` of a contact cost.
fn cost_between(contact: &Contact, from: Day, to: Day) -> i64 {
    let cents = contact.cents.unwrap_or(0);
    let Some(end) = contact.end.filter(|_| contact.is_stay) else { return cents };
    let nth = |day: Day| i64::from(day.0 - contact.start.0);
    let days = nth(end) + 1;
    cost_up_to(cents, days, nth(to) + 1) - cost_up_to(cents, days, nth(from))
}
