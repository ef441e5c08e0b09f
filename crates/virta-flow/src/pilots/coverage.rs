//! How often the interval covers a planted effect, over many small regions made up from a seed.
//!
//! A region's people differ lastingly in how much they use (a lognormal rate), and differ again by chance from half-year
//! to half-year; costs of contacts are lognormal with a heavy tail, stays are long for a few. The pilot takes 20 members
//! of the cohort, the likelier the more they had used in the year before: staff pick those who are at their worst, so
//! that everybody falls back by chance. Some move away or die, some follow-ups are not complete when the data end. The
//! pilot prevents 40 % of its clients' emergency visits.

use virta_model::settings::Study;
use virta_model::{BirthPrecision, Day, Sector, Sex, Table, Value};

use crate::memory::{self, Client, MemorySource};
use crate::{Catalogue, Municipality, NO_DAY, PilotClient, RunOptions, Service, run};

const STUDY: &str = "[study]\nname = \"s\"\nperiods = [\"2013\"]\n[[cohort]]\nname = \"heavy\"\nmin_services = 3\n\
    age = { min = 18, max = 64 }\n[[pilot]]\nname = \"p\"\ncomparison = { cohort = \"heavy\", per_client = 4 }\n\
    bootstrap = { draws = 499, seed = 7 }\n";

const PEOPLE: usize = 400;
const PILOT_CLIENTS: usize = 20;
const REGIONS: u64 = 1000;
const PREVENTED: f64 = 0.4;

/// Code, mean visits of a half-year, share of people who use it at all, median cost in cents, spread of its logarithm.
const SERVICES: [(&str, f64, f64, f64, f64); 5] = [
    ("emergency", 0.9, 0.8, 30_000.0, 0.9),
    ("gp", 2.0, 0.9, 9_000.0, 0.3),
    ("hospital", 0.8, 0.5, 28_000.0, 0.8),
    ("social", 1.5, 0.6, 12_000.0, 0.4),
    ("ward", 0.25, 0.4, 70_000.0, 0.5),
];
const TOWNS: [&str; 3] = ["074", "217", "272"];
const EMERGENCY: u16 = 0;
const WARD: u16 = 4;

/// 2012-07-01 in half-years to the end of the data.
const HALF_YEARS: i32 = 6;
const HALF_YEAR_DAYS: i32 = 182;

fn first_day() -> i32 {
    Day::from_ymd(2012, 7, 1).map_or(0, |day| day.0)
}

fn last_day() -> i32 {
    first_day() + HALF_YEARS * HALF_YEAR_DAYS - 1
}

/// Another generator than the pilots' own: xorshift64*.
struct Chance(u64);

impl Chance {
    fn uniform(&mut self) -> f64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 11) as f64 / (1u64 << 53) as f64
    }

    fn below(&mut self, bound: usize) -> usize {
        (self.uniform() * bound as f64) as usize
    }

    /// Box and Muller.
    fn normal(&mut self) -> f64 {
        let (a, b) = (self.uniform().max(1e-300), self.uniform());
        (-2.0 * a.ln()).sqrt() * (std::f64::consts::TAU * b).cos()
    }

    fn lognormal(&mut self, median: f64, spread: f64) -> f64 {
        median * (spread * self.normal()).exp()
    }

    /// Knuth.
    fn poisson(&mut self, mean: f64) -> usize {
        let limit = (-mean).exp();
        let mut product = self.uniform();
        let mut count = 0;
        while product > limit {
            product *= self.uniform();
            count += 1;
        }
        count
    }
}

#[derive(Debug, Clone, Copy)]
struct Row {
    start: i32,
    end: i32,
    service: u16,
    cost: i64,
    /// The pilot would prevent it, if it came after an index date.
    is_preventable: bool,
}

struct Person {
    rows: Vec<Row>,
    birth: i32,
    sex: Sex,
    /// Place in [`TOWNS`].
    municipality: usize,
    observed_to: i32,
}

impl Person {
    fn new(chance: &mut Chance) -> Person {
        let lasting = chance.lognormal(1.0, 0.6);
        let own: [bool; SERVICES.len()] = std::array::from_fn(|at| chance.uniform() < SERVICES[at].2);
        let observed_to =
            if chance.uniform() < 0.08 { first_day() + chance.below(HALF_YEARS as usize * 182) as i32 } else { NO_DAY };
        let until = if observed_to == NO_DAY { last_day() } else { observed_to };
        let mut rows = Vec::new();
        for half in 0..HALF_YEARS {
            let by_chance = chance.lognormal(0.88, 0.5);
            for (service, (_, mean, _, median, spread)) in SERVICES.iter().enumerate().filter(|(at, _)| own[*at]) {
                for _ in 0..chance.poisson(mean * lasting * by_chance) {
                    let start = first_day() + half * HALF_YEAR_DAYS + chance.below(HALF_YEAR_DAYS as usize) as i32;
                    let is_stay = service == usize::from(WARD);
                    let days = if is_stay { chance.lognormal(4.0, 1.0).ceil().min(90.0) } else { 1.0 };
                    let end = (start + days as i32 - 1).min(until);
                    let cost = (chance.lognormal(*median, *spread) * days) as i64;
                    let is_preventable = service == usize::from(EMERGENCY) && chance.uniform() < PREVENTED;
                    if start <= until {
                        rows.push(Row { start, end, service: service as u16, cost, is_preventable });
                    }
                }
            }
        }
        rows.sort_by_key(|row| (row.start, row.service));
        Person {
            rows,
            birth: first_day() - 365 * (20 + chance.below(40) as i32),
            sex: if chance.uniform() < 0.5 { Sex::Female } else { Sex::Male },
            municipality: [0, 0, 0, 1, 1, 2][chance.below(6)],
            observed_to,
        }
    }

    fn contacts(&self, first: i32, last: i32) -> usize {
        self.rows.iter().filter(|row| row.start <= last && first <= row.end).count()
    }

    fn is_member(&self) -> bool {
        let year = |month, day| Day::from_ymd(2013, month, day).map_or(0, |day| day.0);
        let used = |service: u16| {
            self.rows.iter().any(|row| row.service == service && row.start <= year(12, 31) && row.end >= year(1, 1))
        };
        (0..SERVICES.len() as u16).filter(|&service| used(service)).count() >= 3
    }
}

struct Region {
    people: Vec<Person>,
    /// Person and index date.
    pilot: Vec<(usize, i32)>,
}

impl Region {
    fn new(seed: u64) -> Region {
        let mut chance = Chance(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
        // The first draws of neighbouring seeds are alike.
        for _ in 0..20 {
            chance.uniform();
        }
        let people: Vec<Person> = (0..PEOPLE).map(|_| Person::new(&mut chance)).collect();
        let mut pilot: Vec<(usize, i32)> = Vec::new();
        let new_year = Day::from_ymd(2014, 1, 2).map_or(0, |day| day.0);
        while pilot.len() < PILOT_CLIENTS {
            let (at, index) = (chance.below(PEOPLE), new_year + chance.below(330) as i32);
            let person = &people[at];
            let is_there = person.observed_to == NO_DAY || person.observed_to > index;
            let weight = person.contacts(index - 365, index - 1) as f64 / 60.0;
            let is_new = !pilot.iter().any(|(other, _)| *other == at);
            if is_new && is_there && person.is_member() && chance.uniform() < weight {
                pilot.push((at, index));
            }
        }
        Region { people, pilot }
    }

    /// Runs the study, with or without the effect; and what the pilot's clients were spared, in visits and in cents,
    /// and the followed time in years.
    fn run(&self, study: &Study, has_effect: bool) -> (Vec<Table>, [f64; 2], f64) {
        let mut clients = Vec::new();
        let mut contacts = Vec::new();
        let mut spared = [0.0; 2];
        let mut years = 0.0;
        for (at, person) in self.people.iter().enumerate() {
            let id = client_id(at);
            clients.push(Client {
                client_id: id,
                birth: Some((Day(person.birth), BirthPrecision::Day)),
                sex: Some(person.sex),
                municipality: Some(TOWNS[person.municipality].to_owned()),
                observed_to: Some(Day(person.observed_to)).filter(|day| day.0 != NO_DAY),
                ..Client::default()
            });
            let index = self.pilot.iter().find(|(own, _)| *own == at).map(|(_, index)| *index);
            if let Some(index) = index {
                let end = if person.observed_to == NO_DAY { last_day() } else { person.observed_to };
                years += f64::from(end.min(index + 365) - index) / 365.0;
            }
            for row in &person.rows {
                if let Some(index) = index.filter(|&index| row.is_preventable && row.start > index && has_effect) {
                    if row.start <= index + 365 {
                        spared = [spared[0] + 1.0, spared[1] + row.cost as f64];
                    }
                    continue;
                }
                contacts.push(memory::Row {
                    client_id: id,
                    service: row.service,
                    start: row.start,
                    end: row.end,
                    is_stay: row.service == WARD,
                    cost_cents: row.cost,
                    ..memory::Row::VISIT
                });
            }
        }
        let source = MemorySource::sorted(catalogue(), clients, contacts);
        let pilots: Vec<PilotClient> = self
            .pilot
            .iter()
            .map(|&(at, index)| PilotClient {
                pilot: "p".to_owned(),
                client_id: client_id(at),
                index_date: Day(index),
                left_on: None,
            })
            .collect();
        let options = RunOptions { threads: 1, pilots: &pilots, ..RunOptions::default() };
        (run(study, &source, &options).expect("the region can be studied"), spared, years)
    }
}

/// Spread over the buckets, as a store's are.
fn client_id(person: usize) -> i64 {
    (person as i64 + 1) << 52
}

fn catalogue() -> Catalogue {
    let service = |code: &str| Service {
        code: code.to_owned(),
        package: None,
        sector: Sector::Primary,
        is_emergency: code == "emergency",
        has_stays: true,
    };
    let town = |code: &str| Municipality { code: code.to_owned(), wellbeing_county: None };
    Catalogue {
        services: SERVICES.iter().map(|(code, ..)| service(code)).collect(),
        municipalities: TOWNS.map(town).to_vec(),
        sources: vec!["registers".to_owned()],
        known_to: vec![Day(last_day())],
        ..Catalogue::default()
    }
}

/// The row of a measure in `pilot_baseline`: change of the comparison clients, difference, interval.
fn found(tables: &[Table], measure: &str) -> (f64, f64, Option<(f64, f64)>) {
    let table = tables.iter().find(|table| table.schema.name == "pilot_baseline").expect("a pilot was asked for");
    let at = |column: &str| table.schema.index_of(column).expect(column);
    let ratio = |row, column| if let Value::Ratio(value) = table.value(row, at(column)) { Some(value) } else { None };
    let row = (0..table.rows())
        .find(|&row| table.value(row, at("measure")) == Value::Text(measure))
        .expect("every measure has a row");
    (
        ratio(row, "comparison_change").expect("there are sets"),
        ratio(row, "difference").expect("there are sets"),
        ratio(row, "interval_low").zip(ratio(row, "interval_high")),
    )
}

/// By measure: how often the truth was covered with the effect and without, and the means of what was found.
#[derive(Debug, Default, Clone, Copy)]
struct Score {
    covered: u32,
    covered_without: u32,
    difference: f64,
    comparison_change: f64,
    truth: f64,
    width: f64,
}

/// The comparison's change, the difference in differences and its interval.
type Found = (f64, f64, Option<(f64, f64)>);

#[test]
fn the_interval_covers_a_planted_effect_and_seldom_finds_one_that_is_not_there() {
    let study = Study::parse(STUDY).expect("the study is right");
    let measures = ["emergency_contacts", "cost_cents", "contacts"];
    let mut runs: Vec<[Found; 6]> = Vec::new();
    let (mut visits, mut cents, mut years) = (0.0, 0.0, 0.0);
    for seed in 1..=REGIONS {
        let region = Region::new(seed);
        let (with, spared, time) = region.run(&study, true);
        let (without, _, _) = region.run(&study, false);
        visits += spared[0];
        cents += spared[1];
        years += time;
        runs.push(std::array::from_fn(|at| found(if at < 3 { &with } else { &without }, measures[at % 3])));
    }
    let truths = [-visits / years, -cents / years, -visits / years];
    let mut scores = [Score::default(); 3];
    for run in &runs {
        for (at, score) in scores.iter_mut().enumerate() {
            let covers = |(_, _, interval): &Found, truth: f64| {
                u32::from(interval.is_none_or(|(low, high)| low <= truth && truth <= high))
            };
            score.covered += covers(&run[at], truths[at]);
            score.covered_without += covers(&run[at + 3], 0.0);
            score.difference += run[at].1 / REGIONS as f64;
            score.comparison_change += run[at + 3].0 / REGIONS as f64;
            score.truth = truths[at];
            score.width += run[at].2.map_or(0.0, |(low, high)| high - low) / REGIONS as f64;
        }
    }
    // What stays cost is so skewed that the interval errs on the safe side. Contacts are what the staff chose by: so
    // small a region has not enough people who are as much at their worst, and what is left of the difference shows.
    let ranges = [0.93..=0.97, 0.93..=0.985, 0.90..=0.97];
    measures.iter().zip(scores).for_each(|(measure, score)| println!("{measure}: {score:?}"));
    for ((measure, score), range) in measures.iter().zip(scores).zip(ranges) {
        let covered = f64::from(score.covered) / REGIONS as f64;
        assert!(range.contains(&covered), "{measure} is covered in {covered}");
        let excluded = 1.0 - f64::from(score.covered_without) / REGIONS as f64;
        let most = if *measure == "contacts" { 0.10 } else { 0.07 };
        assert!(excluded <= most, "{measure} excludes zero in {excluded}");
        // Nobody did anything to the comparison clients: they were at their worst and fell back by chance.
        assert!(score.comparison_change < 0.0, "{measure}: {}", score.comparison_change);
    }
}
