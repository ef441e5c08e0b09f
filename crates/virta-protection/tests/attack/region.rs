//! Random regions of 30 to 5,000 people, and studies that ask for every table, run by the core.

use std::collections::BTreeSet;
use std::convert::Infallible;

use virta_flow::{
    Agreement, Answer, Assessment, Catalogue, ClientColumns, ClientPlan, Columns, ContactColumns, Municipality,
    PilotClient, RunOptions, Service, Source, run,
};
use virta_model::schema::TableSchema;
use virta_model::settings::Study;
use virta_model::{BirthPrecision, Day, PlanKind, Sector, Sex, Table, Tier, Value};
use virta_protection::{Policy, Secret, StudyTables, is_read};

use crate::memory::{Client, Contact, MemorySource};

/// Deterministic numbers, so that a study can be made again from its seed.
#[derive(Clone)]
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Dice {
        let mut dice = Dice(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
        (0..8).for_each(|_| {
            dice.below(2);
        });
        dice
    }

    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) % bound
    }

    /// Whether one of so many throws falls.
    pub(crate) fn one_in(&mut self, bound: u64) -> bool {
        self.below(bound) == 0
    }

    fn one_of<T: Copy>(&mut self, list: &[T]) -> T {
        list[self.below(list.len() as u64) as usize]
    }
}

/// Code, package, sector.
const SERVICES: [(&str, Option<&str>, Sector); 9] = [
    ("dental", Some("reception"), Sector::Primary),
    ("drugs", None, Sector::Social),
    ("emergency", Some("acute"), Sector::Specialised),
    ("gp", Some("reception"), Sector::Primary),
    ("home", Some("families"), Sector::Social),
    ("other", None, Sector::Other),
    ("rare", Some("families"), Sector::Social),
    ("surgery", Some("acute"), Sector::Specialised),
    ("ward", Some("acute"), Sector::Specialised),
];

/// The others have none, as their code lists say.
const WITH_STAYS: [&str; 4] = ["home", "rare", "surgery", "ward"];

const TOWNS: [(&str, Option<&str>); 7] = [
    ("005", Some("north")),
    ("047", Some("north")),
    ("101", Some("north")),
    ("202", Some("south")),
    ("303", Some("south")),
    ("404", Some("west")),
    ("999", None),
];

/// A random study's tables, and what its readers know besides.
pub(crate) struct RandomStudy {
    /// Those that protection reads.
    pub tables: Vec<Table>,
    pub study: Study,
    pub policy: Policy,
    /// Everybody, as whoever made the region knows them.
    pub people: Vec<Person>,
    /// Cohort, period and client.
    pub members: BTreeSet<(String, String, i64)>,
}

/// One inhabitant or client.
#[derive(Debug, Clone)]
pub(crate) struct Person {
    pub client_id: i64,
    pub is_listed: bool,
    pub born: Option<Day>,
    pub sex: Option<Sex>,
    pub town: Option<String>,
    pub observed_to: Option<Day>,
    /// First and last day of each contact.
    pub contacts: Vec<(Day, Day)>,
}

/// How a later study differs from the one before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Change {
    Nothing,
    /// Some people have more contacts.
    MoreRows,
    /// The cohort `many` has one rule more, or a stricter one.
    Stricter,
    /// The same code lists and settings, with other people who use other services.
    OtherPeople,
}

impl RandomStudy {
    /// The study of a seed, by a policy of its own or by this one.
    pub(crate) fn of(seed: u64, policy: Option<(u32, u32)>) -> RandomStudy {
        RandomStudy::changed(seed, policy, Change::Nothing)
    }

    /// The same with a change.
    pub(crate) fn changed(seed: u64, policy: Option<(u32, u32)>, change: Change) -> RandomStudy {
        let mut dice = Dice::new(seed);
        let (k, round_to) = policy.unwrap_or_else(|| {
            let k = dice.one_of(&[5, 5, 5, 5, 7, 10]);
            (k, dice.one_of(&[5, 5, 5, 3, 10]))
        });
        let people = people(&mut dice);
        let mut text = settings(&mut dice, k, round_to);
        if change == Change::Stricter {
            text = stricter(&text, seed);
        }
        let study = Study::parse(&text).expect("the study is right");
        if change == Change::OtherPeople {
            dice = Dice::new(seed + 1_000_000);
        }
        let more = if change == Change::MoreRows { 1 + seed as i64 % 6 } else { 0 };
        let world = World::new(&mut dice, people, more);
        let options = RunOptions { threads: 1, pilots: &world.pilots, ..RunOptions::default() };
        let mut tables = run(&study, &world, &options).expect("the core runs it");
        let members = members(&tables);
        tables.retain(|table| is_read(table.schema.name));
        let policy = Policy::new(k, round_to).expect("it is a policy");
        RandomStudy { tables, study, policy, people: world.people, members }
    }

    /// Whether the study and the code lists alone say that a number is 0: as the table `zeros` says.
    pub(crate) fn is_zero(&self, schema: &TableSchema, keys: &[String], column: &str) -> bool {
        let zeros = self.tables.iter().find(|table| table.schema.name == "zeros").expect("every study has it");
        let text = |row: usize, at: usize| match zeros.value(row, at) {
            Value::Text(text) => Some(text),
            _ => None,
        };
        let is = |row: usize, at: usize| match text(row, at) {
            Some(key) => schema.index_of(key).and_then(|key| keys.get(key)).map(String::as_str) == text(row, at + 1),
            None => true,
        };
        let of = |row: &usize| text(*row, 0) == Some(schema.name) && text(*row, 1) == Some(column);
        (0..zeros.rows()).filter(of).any(|row| is(row, 2) && is(row, 4))
    }

    pub(crate) fn tables(&self, seed: u64) -> StudyTables<'_> {
        let mut secret = [0; 32];
        secret[..8].copy_from_slice(&seed.to_le_bytes());
        let mut study = StudyTables::new(&self.tables, self.policy, Secret::new(secret));
        let segments = self.study.segments.iter().map(|segment| segment.name.clone());
        study.segments = segments.chain((!self.study.segments.is_empty()).then(|| "other".to_owned())).collect();
        study
    }
}

fn members(tables: &[Table]) -> BTreeSet<(String, String, i64)> {
    let table = tables.iter().find(|table| table.schema.name == "members").expect("every study has it");
    let text = |row, column| match table.value(row, column) {
        Value::Text(text) => text.to_owned(),
        _ => String::new(),
    };
    let client = |row| if let Value::Int(client) = table.value(row, 2) { client } else { 0 };
    (0..table.rows()).map(|row| (text(row, 0), text(row, 1), client(row))).collect()
}

/// 30 to 5,000, a tenth as often ten times as many.
fn people(dice: &mut Dice) -> i64 {
    match dice.below(8) {
        0..3 => 30 + dice.below(70) as i64,
        3..6 => 100 + dice.below(400) as i64,
        6 => 500 + dice.below(1500) as i64,
        _ => 2000 + dice.below(3000) as i64,
    }
}

/// What readers know of codes.
pub(crate) fn county_of(town: &str) -> Option<&'static str> {
    TOWNS.iter().find(|(code, _)| *code == town).and_then(|(_, county)| *county)
}

pub(crate) fn services() -> impl Iterator<Item = (&'static str, Option<&'static str>)> {
    SERVICES.iter().map(|(code, package, _)| (*code, *package))
}

/// The services of a sector, as tables name it.
pub(crate) fn services_of(sector: &str) -> Vec<&'static str> {
    SERVICES.iter().filter(|(.., of)| of.as_str() == sector).map(|(code, ..)| *code).collect()
}

pub(crate) fn towns() -> impl Iterator<Item = &'static str> {
    TOWNS.iter().map(|(code, _)| *code)
}

/// One service more, a year of age less or a municipality less.
fn stricter(text: &str, seed: u64) -> String {
    let named = "name = \"many\"\n";
    let least = if text.contains(&format!("{named}min_services = 2")) { 2 } else { 3 };
    let rule = match seed % 3 {
        0 => format!("min_services = {}\n", least + 1),
        1 => format!("min_services = {least}\nage = {{ max = 57 }}\n"),
        _ => {
            format!("min_services = {least}\nmunicipalities = [\"005\", \"047\", \"101\", \"202\", \"303\", \"999\"]\n")
        }
    };
    text.replacen(&format!("{named}min_services = {least}\n"), &format!("{named}{rule}"), 1)
}

/// One cohort inside the other, one of something else, one of who is left; some of the sections.
fn settings(dice: &mut Dice, k: u32, round_to: u32) -> String {
    let periods = dice.one_of(&["\"2013\"", QUARTER, QUARTER, QUARTER, TWO_QUARTERS, TWO_QUARTERS]);
    let mut text = format!("[study]\nname = \"s\"\nperiods = [{periods}]\n");
    text += &format!("protection = {{ k = {k}, round_to = {round_to} }}\n");
    if dice.one_in(3) {
        text += "population = { ages = \"18..90\" }\n";
    }
    let (least, contacts) = (2 + dice.below(2), 1 + dice.below(2));
    text += &format!("[[cohort]]\nname = \"many\"\nmin_services = {least}\n");
    if dice.one_in(2) {
        text += &format!("[[cohort]]\nname = \"heavy\"\nmin_services = {least}\n");
        text += &format!("heavy = {{ min_contacts = {contacts} }}\n");
        if dice.one_in(2) {
            text += "[[cohort]]\nname = \"rest\"\nmin_services = 1\nexclude_cohorts = [\"heavy\"]\n";
            text += "sectors_required = [\"social\"]\nwashout_days = 100\n";
        }
    } else if dice.one_in(2) {
        let count_by = dice.one_of(&["package", "sector", "unit", "provider", "service"]);
        let rolling = if dice.one_in(2) { "rolling_days = 60\n" } else { "" };
        let percentile = if rolling.is_empty() { dice.one_of(&[0, 0, 50]) } else { 0 };
        text += &format!(
            "[[cohort]]\nname = \"other\"\ncount_by = \"{count_by}\"\nmin_services = 2\n{rolling}\
             age = {{ min = 18, max = 70 }}\nheavy = {{ min_cost_cents = 100, percentile = {percentile} }}\n"
        );
    }
    if dice.one_in(2) {
        text += "[[segment]]\nname = \"families\"\nany_service = [\"home\", \"rare\"]\n";
        text += "[[segment]]\nname = \"acute\"\nany_service = [\"emergency\", \"ward\"]\n";
    }
    let sections = [
        "[flow]\nmax_gap_days = 60\nmax_steps = 3\n",
        "[flow]\nmax_gap_days = 800\nmax_steps = 3\n",
        "[concentration]\n",
        "[persistence]\n",
        "[joiners]\n",
        "[emergency]\n",
        "[monthly_states]\n",
        "[sweep]\nmin_services = [1, 2, 3]\nmin_contacts = [1, 3]\ncount_by = [\"service\"]\n",
        "[sweep]\nmin_services = [1, 2]\nmin_contacts = [1, 2]\ncount_by = [\"service\", \"package\"]\n",
        "[packages]\n",
        "[access]\nstart_working_days_max = 7\ncomplete_days_max = 90\n",
        "[[pilot]]\nname = \"p\"\nbefore_days = 180\nafter_days = 180\n\
         comparison = { cohort = \"many\", per_client = 2 }\nbootstrap = { draws = 100, seed = 7 }\n",
        "[[pilot]]\nname = \"q\"\nbefore_days = 180\nafter_days = 180\nbootstrap = { draws = 100, seed = 7 }\n",
    ];
    // Some studies have nearly all of them, most only a few.
    let share = dice.one_of(&[1, 1, 2, 2, 3, 5]);
    let of_time = [
        "[co_use]\n",
        "[continuity]\n",
        "[episodes]\ngap_days = 5\n",
        "[[follow]]\nname = \"acute\"\nfirst = { emergency = true }\nthen = { sector = [\"social\"] }\nwithin_days = [7, 30]\n",
        "[[follow]]\nname = \"gp\"\nfirst = { service = [\"gp\"] }\nthen = { service = [\"dental\", \"home\"] }\n\
         within_days = [7, 30]\n",
        "[[funnel]]\nname = \"coached\"\n[[funnel.step]]\nwhat = { service = [\"gp\"] }\n\
         [[funnel.step]]\nwhat = { service = [\"home\"] }\nwithin_days = 60\n\
         [[funnel.step]]\nwhat = { plan = \"multi_service_plan\" }\nwithin_days = 90\n",
        "[adoption]\none_contact_days = 30\n",
        "[pathways]\nmerge_gap_days = 30\ncombine_days = 10\nmax_steps = 3\nshow_none = true\n",
    ];
    // Thrown apart, so that the rest of a region does not depend on how many sections there are.
    let mut apart = dice.clone();
    let asked: Vec<&str> = of_time.into_iter().filter(|_| apart.one_in(share)).collect();
    for section in sections {
        if dice.one_in(share)
            && !["[sweep]", "[flow]"].iter().any(|name| section.starts_with(name) && text.contains(name))
        {
            text += section;
        }
    }
    text += &asked.concat();
    text
}

const QUARTER: &str = "\"2013-10-01..2013-12-31\"";
const TWO_QUARTERS: &str = "\"2013-07-01..2013-09-30\", \"2013-10-01..2013-12-31\"";

/// A region behind the core's interface, in one bucket.
struct World {
    people: Vec<Person>,
    rows: MemorySource,
    pilots: Vec<PilotClient>,
    agreements: Vec<Agreement>,
    answers: Vec<Answer>,
    assessments: Vec<Assessment>,
    plans: Vec<ClientPlan>,
}

fn day(dice: &mut Dice) -> Day {
    let first = Day::from_ymd(2013, 4, 1).map_or(0, |day| day.0);
    Day(first + dice.below(365) as i32)
}

impl World {
    /// `more` people have a few contacts more than without.
    fn new(dice: &mut Dice, people: i64, more: i64) -> World {
        let mut clients = Vec::new();
        let mut contacts = Vec::new();
        // How many services one in how many people has, and how cost is spread, differ from region to region.
        let (busy, dear) = (2 + dice.below(6), dice.one_of(&[0, 0, 3, 40]));
        // In some regions clients come for several services on one day.
        let mut apart = dice.clone();
        let is_one_desk = apart.one_in(2);
        for client_id in 1..=people {
            let own_day = day(&mut apart);
            // Somebody is known from contacts alone, somebody from the list alone.
            if !dice.one_in(25) {
                clients.push(client(dice, client_id));
            }
            if dice.one_in(8) {
                continue;
            }
            for (service, (code, ..)) in SERVICES.iter().enumerate() {
                let often = if ["rare", "drugs"].contains(code) { 12 + people as u64 / 20 } else { busy };
                if dice.one_in(often) || (*code == "gp" && dice.one_in(2)) {
                    for _ in 0..=dice.below(5) {
                        let start = Some(day(dice)).filter(|_| !is_one_desk || !apart.one_in(3)).unwrap_or(own_day);
                        contacts.push(contact(dice, client_id, service, (start, dear), contacts.len() as i64));
                    }
                }
            }
        }
        let mut later = Dice::new(people as u64);
        for _ in 0..more {
            let client_id = 1 + later.below(people as u64) as i64;
            for _ in 0..=later.below(3) {
                let service = later.below(SERVICES.len() as u64) as usize;
                let start = day(&mut later);
                contacts.push(contact(&mut later, client_id, service, (start, dear), contacts.len() as i64));
            }
        }
        let services = SERVICES.iter().map(|(code, package, sector)| Service {
            code: (*code).to_owned(),
            package: package.map(str::to_owned),
            sector: *sector,
            is_emergency: *code == "emergency",
            has_stays: WITH_STAYS.contains(code),
        });
        let towns = TOWNS.iter().map(|(code, county)| Municipality {
            code: (*code).to_owned(),
            wellbeing_county: county.map(str::to_owned),
        });
        World {
            people: persons(people, &clients, &contacts),
            rows: MemorySource::from_rows(services.collect(), towns.collect(), clients, contacts),
            pilots: pilots(dice, people),
            agreements: agreements(dice),
            answers: answers(dice, people),
            assessments: assessments(dice, people),
            plans: plans(dice, people),
        }
    }
}

fn persons(people: i64, clients: &[Client], contacts: &[Contact]) -> Vec<Person> {
    let mut persons: Vec<Person> = (1..=people)
        .map(|client_id| {
            let listed = clients.iter().find(|client| client.client_id == client_id);
            Person {
                client_id,
                is_listed: listed.is_some(),
                born: listed.and_then(|client| client.birth).map(|(born, _)| born),
                sex: listed.and_then(|client| client.sex),
                town: listed.and_then(|client| client.municipality.clone()),
                observed_to: listed.and_then(|client| client.observed_to),
                contacts: Vec::new(),
            }
        })
        .collect();
    for contact in contacts {
        let days = (contact.start, contact.end.unwrap_or(contact.start));
        persons[contact.client_id as usize - 1].contacts.push(days);
    }
    persons
}

fn client(dice: &mut Dice, client_id: i64) -> Client {
    let born = Day::from_ymd(1955 + dice.below(30) as i32, 1 + dice.below(12) as u32, 3);
    Client {
        client_id,
        birth: born.filter(|_| !dice.one_in(40)).map(|day| (day, BirthPrecision::Day)),
        sex: if dice.one_in(40) { None } else { Some(dice.one_of(&[Sex::Female, Sex::Male])) },
        municipality: Some(TOWNS[(dice.below(3) * dice.below(4) + dice.below(2)).min(6) as usize].0.to_owned()),
        language: Some(dice.one_of(&["fi", "fi", "fi", "sv"]).to_owned()),
        observed_from: None,
        observed_to: if dice.one_in(30) { Some(day(dice)) } else { None },
        died_on: None,
    }
}

fn contact(dice: &mut Dice, client_id: i64, service: usize, (start, dear): (Day, u64), contact_id: i64) -> Contact {
    let is_stay = SERVICES[service].0 == "ward";
    let end = is_stay.then(|| Day(start.0 + dice.below(20) as i32));
    // Some are very dear, some are corrections.
    let mut cents = 100 + dice.below(30_000) as i64;
    if dear > 0 && dice.one_in(dear) {
        cents *= 100;
    }
    let sign = if dice.one_in(200) { -1 } else { 1 };
    Contact {
        contact_id,
        client_id,
        service: SERVICES[service].0.to_owned(),
        provider: if dice.one_in(5) { None } else { Some(dice.one_of(&["alfa", "beta"]).to_owned()) },
        unit: Some(dice.one_of(&["u1", "u2", "u3"]).to_owned()),
        start,
        sequence: None,
        start_time: if dice.one_in(3) { None } else { Some((dice.below(24) * dice.below(25) / 24) as i32 * 3_600_000) },
        end,
        is_stay,
        is_emergency: dice.one_in(10),
        cost_cents: if dice.one_in(15) { None } else { Some(sign * cents) },
        source: "clinic".to_owned(),
    }
}

fn pilots(dice: &mut Dice, people: i64) -> Vec<PilotClient> {
    let first = Day::from_ymd(2013, 7, 1).map_or(0, |day| day.0);
    let mut rows = Vec::new();
    for client_id in 1..=people {
        for pilot in ["p", "q"] {
            if dice.one_in(if pilot == "p" { 4 } else { 9 }) {
                let index_date = Day(first + dice.below(200) as i32);
                let left_on = dice.one_in(8).then(|| Day(index_date.0 + dice.below(150) as i32));
                rows.push(PilotClient { pilot: pilot.to_owned(), client_id, index_date, left_on });
            }
        }
    }
    rows
}

fn agreements(dice: &mut Dice) -> Vec<Agreement> {
    let mut rows = Vec::new();
    for provider in ["alfa", "beta"] {
        for package in ["acute", "families", "reception"] {
            rows.extend(dice.one_in(2).then(|| Agreement {
                provider: provider.to_owned(),
                package: package.to_owned(),
                first: Day::from_ymd(2013, 1, 1).unwrap_or(Day(0)),
                last: Day::from_ymd(2014, 12, 31).unwrap_or(Day(0)),
                volume: Some(dice.below(300) as i64),
                unit_cost_cents: Some(dice.below(20_000) as i64),
                unit: Some(dice.one_of(&["contacts", "days", "clients"]).to_owned()),
            }));
        }
    }
    rows
}

fn answers(dice: &mut Dice, people: i64) -> Vec<Answer> {
    (0..dice.below(2 * people as u64 + 1))
        .map(|_| Answer {
            client_id: 1 + dice.below(people as u64) as i64,
            provider: dice.one_of(&["alfa", "beta"]).to_owned(),
            package: dice.one_of(&["acute", "families"]).to_owned(),
            instrument: dice.one_of(&["nps", "nps", "stars"]).to_owned(),
            given_on: day(dice),
            score: dice.below(11) as f64,
        })
        .collect()
}

fn assessments(dice: &mut Dice, people: i64) -> Vec<Assessment> {
    (0..dice.below(2 * people as u64 + 1))
        .map(|_| {
            let contacted_on = day(dice);
            let mut later = |days| (!dice.one_in(5)).then(|| Day(contacted_on.0 + dice.below(days) as i32));
            let (started_on, completed_on) = (later(20), later(150));
            Assessment {
                client_id: 1 + dice.below(people as u64) as i64,
                tier: dice.one_of(Tier::ALL),
                contacted_on,
                started_on,
                completed_on,
                known_to: Day(contacted_on.0 + 200),
            }
        })
        .collect()
}

fn plans(dice: &mut Dice, people: i64) -> Vec<ClientPlan> {
    (0..dice.below(2 * people as u64 + 1))
        .map(|_| ClientPlan {
            client_id: 1 + dice.below(people as u64) as i64,
            kind: dice.one_of(PlanKind::ALL),
            first: day(dice),
            last: None,
        })
        .collect()
}

impl Source for World {
    type Error = Infallible;

    fn catalogue(&self) -> &Catalogue {
        self.rows.catalogue()
    }

    fn bucket_count(&self) -> u32 {
        1
    }

    fn clients(&self, bucket: u32) -> Result<ClientColumns, Infallible> {
        self.rows.clients(bucket)
    }

    fn contacts(
        &self,
        bucket: u32,
        wanted: Columns,
        visit: &mut dyn FnMut(&ContactColumns<'_>),
    ) -> Result<(), Infallible> {
        self.rows.contacts(bucket, wanted, visit)
    }

    fn agreements(&self) -> Result<Vec<Agreement>, Infallible> {
        Ok(self.agreements.clone())
    }

    fn feedback(&self, _: u32) -> Result<Vec<Answer>, Infallible> {
        Ok(self.answers.clone())
    }

    fn assessments(&self, _: u32) -> Result<Vec<Assessment>, Infallible> {
        Ok(self.assessments.clone())
    }

    fn plans(&self, _: u32) -> Result<Vec<ClientPlan>, Infallible> {
        Ok(self.plans.clone())
    }
}
