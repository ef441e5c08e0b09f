//! Standardised rates: how many clients of each sex and age a region has, as far as the rates tell whoever knows how many
//! people of that sex and age live there.

use std::collections::BTreeMap;

use virta_model::schema::REGIONS;
use virta_model::{Day, Sex, Value};
use virta_protection::{Cell, Datum};

use crate::reader::Reader;
use crate::region::{Person, RandomStudy, county_of};
use crate::solver::{OPEN, Unknown};

/// First years of the age bands of the standard population.
const BANDS: [i32; 6] = [0, 18, 35, 50, 65, 80];
/// Women and men of each band, and whoever is in none.
const PLACES: usize = 2 * BANDS.len() + 1;
/// Coefficients are fractions: so many parts make a whole one.
const PARTS: f64 = 1e6;

/// Residents, clients and contacts by sex and age.
#[derive(Debug, Clone, Copy, Default)]
struct Strata {
    residents: [i64; PLACES],
    clients: [i64; PLACES],
    contacts: [i64; PLACES],
}

/// What the strata of a table's row hold, by cohort, period and municipality.
struct Counted {
    by_town: BTreeMap<(String, String, String), Strata>,
    /// Residents of all regions together, by period.
    standard: BTreeMap<String, [i64; PLACES]>,
}

pub(crate) fn relate(reader: &mut Reader<'_>) {
    let counted = Counted::new(reader.study);
    // Unknowns of a municipality, for the sums that counties are.
    let mut of_towns: BTreeMap<(String, String, String, &str), Vec<usize>> = BTreeMap::new();
    let rows: Vec<Vec<String>> = reader.keys.get("regions").into_iter().flatten().cloned().collect();
    let towns_first = rows.iter().filter(|keys| keys[2] == "municipality");
    let counties = rows.iter().filter(|keys| keys[2] == "wellbeing_county");
    for keys in towns_first.chain(counties) {
        for (column, rate) in
            [("clients", "standardised_clients_per_1000"), ("contacts", "standardised_contacts_per_1000")]
        {
            let names: Vec<&str> = keys.iter().map(String::as_str).collect();
            let Some(total) = reader.at("regions", &names, column) else { continue };
            let place = |region: &str| (keys[0].clone(), keys[1].clone(), region.to_owned());
            let strata = if keys[2] == "municipality" {
                counted.by_town.get(&place(&keys[3])).copied().unwrap_or_default()
            } else {
                let towns = counted.by_town.iter().filter(|((cohort, period, town), _)| {
                    (cohort, period) == (&keys[0], &keys[1]) && county_of(town) == Some(&keys[3])
                });
                towns.fold(Strata::default(), |sum, (_, strata)| sum.and(strata))
            };
            let unknowns = numbers(reader, keys, column, &strata);
            reader.system.equal(total, &unknowns, "sexes and ages add up to a region");
            shown_rate(reader, keys, (column, rate), &strata, &counted.standard[&keys[1]], &unknowns);
            if keys[2] == "municipality" {
                of_towns.insert((keys[0].clone(), keys[1].clone(), keys[3].clone(), column), unknowns);
            } else {
                for (at, &sum) in unknowns.iter().enumerate() {
                    let parts = of_towns.iter().filter(|((cohort, period, town, of), _)| {
                        (cohort, period, *of) == (&keys[0], &keys[1], column) && county_of(town) == Some(&keys[3])
                    });
                    let parts: Vec<usize> = parts.map(|(_, unknowns)| unknowns[at]).collect();
                    if !parts.is_empty() {
                        reader.system.equal(sum, &parts, "municipalities add up to counties by sex and age");
                    }
                }
            }
        }
    }
}

/// A number for each stratum of a row.
fn numbers(reader: &mut Reader<'_>, keys: &[String], column: &str, strata: &Strata) -> Vec<usize> {
    let k = reader.k();
    let truths = if column == "clients" { strata.clients } else { strata.contacts };
    let add = |(at, (&truth, &clients)): (usize, (&i64, &i64))| {
        let name = format!("regions {} {column} of stratum {at}", keys.join("|"));
        let is_secret = (1..k).contains(&clients) && truth != 0;
        reader.system.add(Unknown { name, low: 0, high: OPEN, truth, is_secret })
    };
    truths.iter().zip(&strata.clients).enumerate().map(add).collect()
}

/// A standardised rate is a sum over the strata with coefficients that population statistics tell.
fn shown_rate(
    reader: &mut Reader<'_>,
    keys: &[String],
    (column, rate): (&str, &str),
    strata: &Strata,
    standard: &[i64; PLACES],
    unknowns: &[usize],
) {
    let exact = exact_row(reader.study, keys);
    let Some(Value::Ratio(exact)) = exact.map(|row| row(rate)) else { return };
    let shown = reader.shown.table("regions").expect("every study has it");
    let is_row = |row: &usize| (0..4).all(|at| shown.rows()[*row][at] == Cell::Value(Datum::Text(keys[at].clone())));
    let Some(row) = (0..shown.rows().len()).find(is_row) else { return };
    let number = |column: &str| match shown.cell(row, column) {
        Some(Cell::Value(Datum::Int(number))) => Some(*number as f64),
        _ => None,
    };
    let Some(Cell::Value(Datum::Ratio(told))) = shown.cell(row, rate) else { return };
    let (Some(part), Some(residents)) = (number(column), number("residents")) else { return };
    let whole: i64 = standard[..PLACES - 1].iter().sum();
    let coefficient = |at: usize| match strata.residents[at] {
        0 => 0.0,
        residents => 1000.0 * standard[at] as f64 / (whole as f64 * residents as f64),
    };
    let numbers = if column == "clients" { strata.clients } else { strata.contacts };
    let sum: f64 = (0..PLACES - 1).map(|at| coefficient(at) * numbers[at] as f64).sum();
    assert!((sum - exact).abs() < 1e-6, "the reader is wrong about {}: {sum} for {exact}", keys.join("|"));
    // The step is at most the next of 1, 2, 5 above what its parts leave open, which the attack takes as the smallest.
    let round_to = f64::from(reader.study.policy.round_to());
    let step = if column == "clients" { round_to } else { reader.step_of("regions", keys, column, false) };
    let open = exact * (step / part + round_to / residents);
    let half = fine_step(open) / 2.0;
    let terms: Vec<(usize, i64)> = (0..PLACES - 1)
        .map(|at| (unknowns[at], (coefficient(at) * PARTS).round() as i64))
        .filter(|term| term.1 != 0)
        .collect();
    let slack = numbers.iter().sum::<i64>() + 1;
    let (low, high) = ((told - half) * PARTS, (told + half) * PARTS);
    let (low, high) = (low.floor() as i64 - slack, high.ceil() as i64 + slack);
    reader.system.relate(terms, low, high, "a standardised rate");
}

/// The smallest of 1, 2 and 5 times a power of ten that is at least this.
fn fine_step(least: f64) -> f64 {
    let powers = (-9..9).flat_map(|power| [1.0, 2.0, 5.0].map(|times| times * 10_f64.powi(power)));
    powers.into_iter().find(|step| *step >= least * (1.0 - 1e-9)).expect("steps go far enough")
}

/// A row of the exact table, by column.
fn exact_row<'a>(study: &'a RandomStudy, keys: &[String]) -> Option<impl Fn(&str) -> Value<'a> + use<'a>> {
    let table = study.tables.iter().find(|table| table.schema == &REGIONS)?;
    let is_row = |row: &usize| (0..4).all(|at| table.value(*row, at) == Value::Text(&keys[at]));
    let row = (0..table.rows()).find(is_row)?;
    Some(move |column: &str| table.value(row, table.schema.index_of(column).expect("it is a column")))
}

impl Counted {
    fn new(study: &RandomStudy) -> Self {
        let mut counted = Counted { by_town: BTreeMap::new(), standard: BTreeMap::new() };
        let cohorts = || std::iter::once("all").chain(study.study.cohorts.iter().map(|cohort| cohort.name.as_str()));
        let ages = study.study.study.population.ages;
        for period in &study.study.study.periods {
            let label = period.label().to_owned();
            let standard = counted.standard.entry(label.clone()).or_default();
            for person in &study.people {
                let age = person.born.map(|born| age(born, period.last));
                let is_ours = ages.is_none_or(|ages| {
                    age.is_some_and(|age| (i64::from(ages.min)..=i64::from(ages.max)).contains(&i64::from(age)))
                });
                if !is_ours {
                    continue;
                }
                let place = stratum(person, age);
                let is_resident = person.is_listed && person.observed_to.is_none_or(|last| last >= period.first);
                let contacts = person.contacts.iter();
                let contacts =
                    contacts.filter(|(first, last)| *first <= period.last && *last >= period.first).count() as i64;
                standard[place] += i64::from(is_resident && person.town.is_some());
                let Some(town) = &person.town else { continue };
                for cohort in cohorts() {
                    let key = (cohort.to_owned(), label.clone(), town.clone());
                    let strata = counted.by_town.entry(key).or_default();
                    strata.residents[place] += i64::from(is_resident);
                    let is_in = match cohort {
                        "all" => contacts > 0,
                        _ => study.members.contains(&(cohort.to_owned(), label.clone(), person.client_id)),
                    };
                    if is_in {
                        strata.clients[place] += 1;
                        strata.contacts[place] += contacts;
                    }
                }
            }
        }
        counted
    }
}

impl Strata {
    fn and(mut self, other: &Strata) -> Strata {
        for at in 0..PLACES {
            self.residents[at] += other.residents[at];
            self.clients[at] += other.clients[at];
            self.contacts[at] += other.contacts[at];
        }
        self
    }
}

fn age(born: Day, at: Day) -> i32 {
    let ((year, month, day), (now, month_now, day_now)) = (born.ymd(), at.ymd());
    now - year - i32::from((month_now, day_now) < (month, day))
}

fn stratum(person: &Person, age: Option<i32>) -> usize {
    let band = age.and_then(|age| BANDS.iter().rposition(|&first| first <= age));
    match (band, person.sex) {
        (Some(band), Some(Sex::Female)) => 2 * band,
        (Some(band), Some(Sex::Male)) => 2 * band + 1,
        _ => PLACES - 1,
    }
}
