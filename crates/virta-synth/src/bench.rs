//! One large plain file in order of time, as event logs come, for measuring ingest.

use std::path::Path;

use rayon::prelude::*;
use virta_model::Day;

use crate::SynthError;
use crate::person::pseudonym;
use crate::random::{Purpose, Rng, mix};
use crate::region::new_year;
use crate::row::{Thousands, push_date, push_euros, push_number};
use crate::write::{Output, Progress, make_folder};

/// Visits in one file, `client;service;start;provider;cost`, and their clients in another.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct BenchOptions {
    pub rows: u64,
    /// People, some with a hundred times the visits of others.
    pub clients: u64,
    pub(crate) first_year: i32,
    pub(crate) last_year: i32,
    pub seed: u64,
}

impl BenchOptions {
    /// 2012 to 2014, one client for each hundred rows.
    pub fn new(rows: u64, seed: u64) -> Self {
        BenchOptions { rows, clients: (rows / 100).max(1), first_year: 2012, last_year: 2014, seed }
    }
}

/// Rows of a part, which one thread makes.
const PART_ROWS: u64 = 1 << 16;
const SERVICE_COUNT: u32 = 30;
const PROVIDER_COUNT: u32 = 40;

/// Writes `contacts.csv` (about 43 bytes a row, in order of the day) with `profile.toml` that reads it, and
/// `clients.csv` with `clients.toml`.
///
/// # Errors
/// What the file system refuses. Existing files are overwritten.
pub fn write_bench(dir: &Path, options: &BenchOptions, progress: &(dyn Fn(Progress) + Sync)) -> Result<(), SynthError> {
    make_folder(dir)?;
    Output::create(dir.join("profile.toml"))?.finish_with(include_bytes!("settings/bench-contacts.toml"))?;
    Output::create(dir.join("clients.toml"))?.finish_with(include_bytes!("settings/bench-clients.toml"))?;
    write_clients(dir, options)?;
    let mut output = Output::create(dir.join("contacts.csv"))?;
    output.write(b"client;service;start;provider;cost\n")?;
    let parts = options.rows.div_ceil(PART_ROWS);
    let batch = 2 * rayon::current_num_threads() as u64;
    let (mut next, mut bytes) = (0, 0);
    while next < parts {
        let until = parts.min(next + batch);
        let made: Vec<_> = (next..until).into_par_iter().map(|part| make_part(options, part)).collect();
        for part in made {
            output.write(&part)?;
            bytes += part.len() as u64;
        }
        next = until;
        let done = options.rows.min(next * PART_ROWS);
        let clients_done = (u128::from(options.clients) * u128::from(done) / u128::from(options.rows.max(1))) as u64;
        progress(Progress { clients_done, clients: options.clients, bytes });
    }
    output.flush()
}

fn write_clients(dir: &Path, options: &BenchOptions) -> Result<(), SynthError> {
    let mut output = Output::create(dir.join("clients.csv"))?;
    output.write(b"client;birth;sex\n")?;
    let mut row = Vec::new();
    for client in 0..options.clients {
        let draw = mix(options.seed ^ mix(client));
        row.clear();
        row.extend_from_slice(pseudonym(options.seed, client).as_bytes());
        row.push(b';');
        push_date(&mut row, Day(new_year(options.first_year).0 - (draw % 34_000) as i32));
        row.extend_from_slice(if draw >> 32 & 1 == 0 { b";F\n" } else { b";M\n" });
        output.write(&row)?;
    }
    output.flush()
}

fn make_part(options: &BenchOptions, part: u64) -> Vec<u8> {
    let mut rng = Rng::new(options.seed, Purpose::Bench, part);
    let mut bytes = Vec::with_capacity(48 * PART_ROWS as usize);
    let (first, last) = (new_year(options.first_year), new_year(options.last_year + 1));
    let days = i128::from(last.0 - first.0);
    let begin = part * PART_ROWS;
    for row in begin..options.rows.min(begin + PART_ROWS) {
        // The day follows from the row's place, so that the file is in order of time however it is cut.
        let day = Day(first.0 + (days * i128::from(row) / i128::from(options.rows)) as i32);
        let client = heavy_tailed(&mut rng, options.clients);
        bytes.extend_from_slice(pseudonym(options.seed, client).as_bytes());
        bytes.extend_from_slice(b";palvelu");
        push_two(&mut bytes, service_of(&mut rng, client));
        bytes.push(b';');
        push_date(&mut bytes, day);
        bytes.extend_from_slice(b";T");
        push_two(&mut bytes, rng.below(PROVIDER_COUNT));
        bytes.push(b';');
        let cents =
            1000 + i64::from(rng.below(30_000)) + if rng.per_mille(30) { i64::from(rng.below(900_000)) } else { 0 };
        push_euros(&mut bytes, cents, Thousands::None);
        bytes.push(b'\n');
    }
    bytes
}

/// A client; low numbers are drawn far more often: most rows take the least of several draws.
fn heavy_tailed(rng: &mut Rng, clients: u64) -> u64 {
    let draws = [1, 2, 4, 16, 64][rng.pick(&[25, 33, 22, 12, 8])];
    let clients = u32::try_from(clients).unwrap_or(u32::MAX);
    (0..draws).map(|_| u64::from(rng.below(clients))).min().unwrap_or(0)
}

/// A client uses a few services of its own; some of the rows are of any service.
fn service_of(rng: &mut Rng, client: u64) -> u32 {
    if rng.per_mille(15) {
        return rng.below(SERVICE_COUNT);
    }
    let own = 1 + (mix(client) % 4) as u32 * (mix(client ^ 7) % 3) as u32;
    (mix(client.wrapping_mul(31).wrapping_add(u64::from(rng.below(own)))) % u64::from(SERVICE_COUNT)) as u32
}

fn push_two(bytes: &mut Vec<u8>, number: u32) {
    if number < 10 {
        bytes.push(b'0');
    }
    push_number(bytes, u64::from(number));
}
