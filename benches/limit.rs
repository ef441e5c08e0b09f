//! The limit that a study is measured against: decoding the columns that the eight tables of `study.toml` need, and one
//! pass over them in memory, written by hand for these tables, these two years and at most 64 services without stays.
//!
//! ```text
//! cargo bench -p virta-benches --bench limit -- STORE [threads] [runs]
//! ```
//! Prints a JSON document: the best wall time of each, and answers that `study.py` holds against the others'.

use std::collections::HashMap;
use std::time::Instant;

use rayon::prelude::*;
use virta_model::Day;
use virta_store::{ColumnBatch, Snapshot, Store};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

type Failure = Box<dyn std::error::Error + Send + Sync>;

const YEARS: [i32; 2] = [2013, 2014];
const SERVICES: usize = 64;
const GAPS: usize = 91;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let [store, rest @ ..] = arguments.as_slice() else { return eprintln!("STORE [threads] [runs]") };
    let number = |at: usize| rest.get(at).and_then(|text| text.parse().ok());
    let runs = number(1).unwrap_or(5);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(number(0).unwrap_or(0)).build_global();
    if let Err(error) = pool.map_err(Failure::from).and_then(|()| measure(store, runs)) {
        eprintln!("{error}");
        std::process::exit(1);
    }
}

fn measure(store: &str, runs: usize) -> Result<(), Failure> {
    let snapshot = Store::open(store.as_ref())?.current()?;
    let mut decode = f64::INFINITY;
    for _ in 0..runs {
        let begun = Instant::now();
        let rows: Result<Vec<usize>, Failure> =
            buckets(&snapshot).map(|bucket| decode_only(&snapshot, bucket)).collect();
        let rows: usize = rows?.into_iter().sum();
        decode = decode.min(begun.elapsed().as_secs_f64());
        assert_eq!(rows as u64, snapshot.rows("contacts"));
    }
    let whole: Result<Vec<Bucket>, Failure> =
        buckets(&snapshot).map(|bucket| Bucket::read(&snapshot, bucket)).collect();
    let whole = whole?;
    let (mut pass, mut answers) = (f64::INFINITY, String::new());
    for _ in 0..runs {
        let begun = Instant::now();
        let sums = whole.par_iter().fold(Sums::new, Sums::bucket).reduce(Sums::new, Sums::merge);
        answers = sums.answers();
        pass = pass.min(begun.elapsed().as_secs_f64());
    }
    println!(
        "{{\"threads\": {}, \"runs\": {runs}, \"decode_seconds\": {decode:.4}, \"pass_seconds\": {pass:.4}, \
         \"answers\": {answers}}}",
        rayon::current_num_threads()
    );
    Ok(())
}

fn buckets(snapshot: &Snapshot) -> impl ParallelIterator<Item = u32> {
    (0..snapshot.bucket_count()).into_par_iter()
}

const COLUMNS: [&str; 4] = ["client_id", "service", "start_date", "cost_cents"];

fn decode_only(snapshot: &Snapshot, bucket: u32) -> Result<usize, Failure> {
    let mut reader = snapshot.read_columns("contacts", Some(bucket), &COLUMNS)?;
    let mut batch = ColumnBatch::default();
    let mut rows = 0;
    while reader.next_into(&mut batch)? {
        rows += std::hint::black_box(&batch).rows;
    }
    Ok(rows)
}

/// The columns of a bucket in memory.
#[derive(Default)]
struct Bucket {
    /// One past the last row of each client, and the client's age at each year's end.
    clients: Vec<(usize, [i32; 2])>,
    service: Vec<u8>,
    start: Vec<i32>,
    cost: Vec<i64>,
}

impl Bucket {
    fn read(snapshot: &Snapshot, bucket: u32) -> Result<Self, Failure> {
        let mut births = HashMap::new();
        let mut batch = ColumnBatch::default();
        let mut reader = snapshot.read_columns("clients", Some(bucket), &["client_id", "birth_date"])?;
        while reader.next_into(&mut batch)? {
            let ids = batch.columns[0].as_i64().unwrap_or_default();
            births.extend(ids.iter().copied().zip(batch.columns[1].as_i32().unwrap_or_default().iter().copied()));
        }
        let mut codes: Vec<String> = Vec::new();
        let mut reader = snapshot.read_columns("services", None, &["service"])?;
        while reader.next_into(&mut batch)? {
            let column = batch.columns[0].as_codes().ok_or("services are codes")?;
            codes.extend(column.codes.iter().map(|code| column.dictionary[*code as usize].clone()));
        }
        codes.sort();
        let mut whole = Bucket::default();
        let mut last = None;
        let mut reader = snapshot.read_columns("contacts", Some(bucket), &COLUMNS)?;
        while reader.next_into(&mut batch)? {
            let services = batch.columns[1].as_codes().ok_or("services are codes")?;
            let numbers: Vec<u8> =
                services.dictionary.iter().map(|code| codes.partition_point(|other| other < code) as u8).collect();
            let rows = batch.columns[0].as_i64().unwrap_or_default().iter().zip(&services.codes);
            let rows = rows.zip(batch.columns[2].as_i32().unwrap_or_default());
            for (((&client, &service), &start), &cost) in rows.zip(batch.columns[3].as_i64().unwrap_or_default()) {
                whole.service.push(numbers[service as usize]);
                whole.start.push(start);
                whole.cost.push(if cost == i64::MIN { 0 } else { cost });
                if last != Some(client) {
                    last = Some(client);
                    let birth_year = births.get(&client).map_or(i32::MIN / 2, |&day| Day(day).ymd().0);
                    whole.clients.push((0, YEARS.map(|year| year - birth_year)));
                }
                if let Some(client) = whole.clients.last_mut() {
                    client.0 = whole.service.len();
                }
            }
        }
        Ok(whole)
    }
}

/// What the pass adds up, by year.
struct Sums {
    years: [Year; 2],
    /// Cost and contacts of each client in each year, for concentration and persistence; contacts 0 is no use.
    totals: Vec<[(i64, u32); 2]>,
}

struct Year {
    first: i32,
    last: i32,
    four: u64,
    cost: i64,
    heavy: u64,
    rolling: u64,
    rolling_days: i64,
    aged: u64,
    sets: HashMap<u64, (u32, u64, i64)>,
    /// By pair of services: clients, and contacts by gap.
    flows: Vec<[u32; GAPS]>,
    flow_clients: Vec<(u32, u32)>,
    client: u32,
}

impl Year {
    fn new(year: i32) -> Self {
        let day = |month, day| Day::from_ymd(year, month, day).map_or(0, |day| day.0);
        Year {
            first: day(1, 1),
            last: day(12, 31),
            four: 0,
            cost: 0,
            heavy: 0,
            rolling: 0,
            rolling_days: 0,
            aged: 0,
            sets: HashMap::new(),
            flows: vec![[0; GAPS]; SERVICES * SERVICES],
            flow_clients: vec![(0, 0); SERVICES * SERVICES],
            client: 0,
        }
    }

    fn client(&mut self, service: &[u8], start: &[i32], cost: &[i64], age: i32) -> (i64, u32) {
        let from = start.partition_point(|&day| day < self.first);
        let to = from + start[from..].partition_point(|&day| day <= self.last);
        if from == to {
            return (0, 0);
        }
        self.client += 1;
        let mut contacts = [0u32; SERVICES];
        let (mut set, mut sum) = (0u64, 0);
        for (&service, &cost) in service[from..to].iter().zip(&cost[from..to]) {
            let service = usize::from(service) % SERVICES;
            contacts[service] += 1;
            set |= 1 << service;
            sum += cost;
        }
        let is_four = set.count_ones() >= 4;
        self.four += u64::from(is_four);
        self.cost += if is_four { sum } else { 0 };
        self.aged += u64::from(is_four && (18..=64).contains(&age));
        self.heavy += u64::from(is_four && contacts.iter().filter(|&&contacts| contacts >= 3).count() >= 4);
        if let Some(day) = rolling(service, start, self.first, to) {
            self.rolling += 1;
            self.rolling_days += i64::from(day);
        }
        let sums = self.sets.entry(set).or_default();
        *sums = (sums.0 + 1, sums.1 + (to - from) as u64, sums.2 + sum);
        for (pair, days) in service[from..to].windows(2).zip(start[from..to].windows(2)) {
            let gap = (days[1] - days[0]) as usize;
            if pair[0] != pair[1] && gap < GAPS {
                let pair = usize::from(pair[0]) % SERVICES * SERVICES + usize::from(pair[1]) % SERVICES;
                self.flows[pair][gap] += 1;
                let clients = &mut self.flow_clients[pair];
                clients.0 += u32::from(clients.1 != self.client);
                clients.1 = self.client;
            }
        }
        (sum, (to - from) as u32)
    }

    fn merge(&mut self, other: Year) {
        self.four += other.four;
        self.cost += other.cost;
        self.heavy += other.heavy;
        self.rolling += other.rolling;
        self.rolling_days += other.rolling_days;
        self.aged += other.aged;
        for (set, add) in other.sets {
            let sums = self.sets.entry(set).or_default();
            *sums = (sums.0 + add.0, sums.1 + add.1, sums.2 + add.2);
        }
        for (here, there) in self.flows.iter_mut().flatten().zip(other.flows.iter().flatten()) {
            *here += there;
        }
        for (here, there) in self.flow_clients.iter_mut().zip(other.flow_clients) {
            here.0 += there.0;
        }
    }
}

/// The first day of the year whose window of 365 days holds four services.
fn rolling(service: &[u8], start: &[i32], first: i32, to: usize) -> Option<i32> {
    let from = start.partition_point(|&day| day < first - 364);
    let mut left = from;
    let mut contacts = [0u32; SERVICES];
    let mut services = 0;
    for row in from..to {
        let day = start[row].max(first);
        while start[left] < day - 364 {
            let contacts = &mut contacts[usize::from(service[left]) % SERVICES];
            *contacts -= 1;
            services -= u32::from(*contacts == 0);
            left += 1;
        }
        let contacts = &mut contacts[usize::from(service[row]) % SERVICES];
        services += u32::from(*contacts == 0);
        *contacts += 1;
        if services >= 4 {
            return Some(day);
        }
    }
    None
}

impl Sums {
    fn new() -> Self {
        Sums { years: YEARS.map(Year::new), totals: Vec::new() }
    }

    fn bucket(mut self, bucket: &Bucket) -> Self {
        let mut from = 0;
        for &(to, ages) in &bucket.clients {
            let (service, start, cost) = (&bucket.service[from..to], &bucket.start[from..to], &bucket.cost[from..to]);
            let mut totals = [(0, 0); 2];
            for ((year, total), age) in self.years.iter_mut().zip(&mut totals).zip(ages) {
                *total = year.client(service, start, cost, age);
            }
            self.totals.push(totals);
            from = to;
        }
        self
    }

    fn merge(mut self, other: Self) -> Self {
        for (here, there) in self.years.iter_mut().zip(other.years) {
            here.merge(there);
        }
        self.totals.extend(other.totals);
        self
    }

    fn answers(&self) -> String {
        let years: Vec<String> = (0..2).map(|at| self.year(at)).collect();
        format!("[{}]", years.join(", "))
    }

    fn year(&self, at: usize) -> String {
        let year = &self.years[at];
        let mut costs: Vec<i64> = self.totals.iter().filter(|total| total[at].1 > 0).map(|total| total[at].0).collect();
        costs.sort_unstable_by(|a, b| b.cmp(a));
        let top = costs.iter().take(costs.len().div_ceil(10)).sum::<i64>();
        // Deciles by cost alone; persistence asks for both years' limits.
        let limits: Vec<i64> = (1..10).map(|decile| costs[(decile * costs.len()).div_ceil(10) - 1]).collect();
        let mut deciles = [0u64; 10];
        for total in self.totals.iter().filter(|total| total[at].1 > 0) {
            deciles[limits.partition_point(|&limit| limit > total[at].0)] += 1;
        }
        let mut sets: Vec<(&u64, &(u32, u64, i64))> = year.sets.iter().collect();
        sets.sort_unstable_by_key(|(set, _)| (set.count_ones(), **set));
        let transitions: u64 = year.flows.iter().flatten().map(|&count| u64::from(count)).sum();
        let medians: u64 = year.flows.iter().map(median).sum();
        std::hint::black_box((deciles, medians));
        format!(
            "{{\"four\": {}, \"four_cost\": {}, \"heavy\": {}, \"rolling\": {}, \"rolling_days\": {}, \"aged\": {}, \
             \"sets\": {}, \"transitions\": {transitions}, \"flow_clients\": {}, \"top_ten_percent\": {top}}}",
            year.four,
            year.cost,
            year.heavy,
            year.rolling,
            year.rolling_days,
            year.aged,
            sets.len(),
            year.flow_clients.iter().map(|clients| u64::from(clients.0)).sum::<u64>(),
        )
    }
}

fn median(gaps: &[u32; GAPS]) -> u64 {
    let half = gaps.iter().sum::<u32>() / 2;
    let mut passed = 0;
    gaps.iter()
        .position(|&count| {
            passed += count;
            passed > half
        })
        .unwrap_or(0) as u64
}
