//! What a study in shares costs in processor time, part by part, and from that how long it would take on several machines.
//!
//! ```text
//! cargo bench -p virta-benches --bench shares -- STORE STUDY.toml [shares] [threads]
//! ```
//!
//! It runs the study in one share and in several, on this machine, and measures the passes with what writes their sums
//! (done by the workers), reading and merging the shares, and the rest (done by the one machine that asks), and the bytes
//! that travel. What grows with the store is taken from the one share; what each further share costs, from the difference.
//!
//! The model: machines of as many cores as threads were asked for, which see the store as fast as this one; a network by
//! which each sends 117 MB a second, but the one that asks hears no more than that either; two shares a worker. Nothing
//! overlaps, so that it is an upper bound. Where the processor's time is not told (outside Linux) it is that of the clock.

use std::collections::BTreeMap;
use std::time::Instant;

use virta_flow::{Error, Piece, Progress, RunOptions, Step, Threads, Workers, run_share, run_shared};
use virta_model::settings::Study;
use virta_store::{ResultMeta, Store};

#[path = "../crates/virta/src/source.rs"]
mod source;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Bytes a second of a network of a gigabit.
const NETWORK: f64 = 117e6;
/// Shares a worker has.
const SHARES_PER_WORKER: f64 = 2.0;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let [store, study, rest @ ..] = arguments.as_slice() else {
        return eprintln!("STORE STUDY.toml [shares] [threads]");
    };
    let number = |at: usize, default| rest.get(at).and_then(|text| text.parse().ok()).unwrap_or(default);
    let (shares, threads): (u32, usize) = (number(0, 16).max(2), number(1, 2).max(1) as usize);
    if let Err(error) = rayon::ThreadPoolBuilder::new().num_threads(threads).build_global() {
        return eprintln!("{error}");
    }
    let measured = once(store, study, 1, threads).and_then(|one| Ok((one, once(store, study, shares, threads)?)));
    match measured {
        Ok((one, several)) => model(&one, &several, shares, threads),
        Err(error) => eprintln!("{error}"),
    }
}

/// What a run cost.
#[derive(Debug, Default)]
struct Cost {
    contacts: u64,
    /// Seconds of processor.
    passes: f64,
    merging: f64,
    rest: f64,
    /// By part.
    bytes: BTreeMap<String, usize>,
}

impl Cost {
    fn sent(&self) -> f64 {
        self.bytes.values().sum::<usize>() as f64
    }
}

fn once(store: &str, study: &str, shares: u32, threads: usize) -> Result<Cost, Box<dyn std::error::Error>> {
    let study = Study::parse(&std::fs::read_to_string(study)?)?;
    let store = Store::open(store.as_ref())?;
    let snapshot = store.current()?;
    let source = source::StoreSource::open(&snapshot, &study)?.until(Default::default());
    let contacts = std::sync::atomic::AtomicU64::new(0);
    let tell = |progress: Progress| {
        contacts.fetch_max(progress.contacts_done, std::sync::atomic::Ordering::Relaxed);
    };
    let options = RunOptions { threads, progress: Some(&tell), ..RunOptions::default() };
    let meta = ResultMeta {
        study_hash: "x".to_owned(),
        snapshot: snapshot.id().to_owned(),
        version: "0".to_owned(),
        settings: BTreeMap::new(),
    };
    let writer = store.begin_results(&study.study.name, &meta)?;
    let mut cost = Cost::default();
    let begun = processor();
    let threads = Threads::new(threads)?;
    let mut workers = Here {
        study: &study,
        source: &source,
        options: &options,
        threads: &threads,
        shares,
        cost: &mut cost,
        contacts: &contacts,
    };
    let tables = run_shared(&study, &source, &options, &writer, &mut workers)?;
    writer.finish(&tables)?;
    cost.rest = processor() - begun - cost.passes - cost.merging;
    for (part, bytes) in cost.bytes.iter().filter(|(_, bytes)| **bytes > 100_000) {
        println!("{part:24} {:8.1} MB", *bytes as f64 / 1e6);
    }
    println!(
        "{shares} shares: passes {:.2} s, reading and merging {:.2} s, the rest {:.2} s, {:.1} MB",
        cost.passes,
        cost.merging,
        cost.rest,
        cost.sent() / 1e6,
    );
    Ok(cost)
}

/// Prints how long it would take, by contacts and workers.
fn model(one: &Cost, several: &Cost, shares: u32, threads: usize) {
    let further = f64::from(shares - 1);
    let each = |of: fn(&Cost) -> f64| ((of(several) - of(one)) / further).max(0.0);
    let (pass_each, merging_each, bytes_each) = (each(|cost| cost.passes), each(|cost| cost.merging), each(Cost::sent));
    let threads = threads as f64;
    println!("each further share: {pass_each:.3} s, {merging_each:.3} s of merging, {:.2} MB", bytes_each / 1e6);
    println!("\n| contacts | workers | seconds | passes | sending | merging | the rest | |");
    println!("|---|---|---|---|---|---|---|---|");
    for millions in [10.0, 100.0, 1000.0] {
        let times = millions * 1e6 / one.contacts.max(1) as f64;
        let alone = (one.passes + one.rest) * times / threads;
        println!("| {millions} M | none | {alone:.1} | | | | | |");
        for workers in [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0] {
            let shares: f64 = workers * SHARES_PER_WORKER;
            let passes = (one.passes * times / workers + pass_each * SHARES_PER_WORKER) / threads;
            let sending = (one.sent() * times + bytes_each * (shares - 1.0)) / NETWORK;
            let merging = (one.merging * times + merging_each * (shares - 1.0)) / threads;
            let rest = one.rest * times / threads;
            let parts = [("passes", passes), ("sending", sending), ("merging", merging), ("the rest", rest)];
            let most = parts.iter().max_by(|a, b| a.1.total_cmp(&b.1)).map_or("", |part| part.0);
            let all: f64 = parts.iter().map(|part| part.1).sum();
            println!(
                "| {millions} M | {workers} | {all:.1} | {passes:.1} | {sending:.1} | {merging:.1} | {rest:.1} | {most} |"
            );
        }
    }
}

/// Seconds of processor that this process has had.
fn processor() -> f64 {
    // The system counts in hundredths of a second (`man proc_pid_stat`: utime and stime, the 14th and 15th).
    let counted = || {
        let text = std::fs::read_to_string("/proc/self/stat").ok()?;
        let after_name: Vec<&str> = text.rsplit_once(')')?.1.split_whitespace().collect();
        let ticks = |at: usize| after_name.get(at)?.parse::<u64>().ok();
        Some((ticks(11)? + ticks(12)?) as f64 / 100.0)
    };
    static BEGUN: std::sync::OnceLock<Instant> = std::sync::OnceLock::new();
    counted().unwrap_or_else(|| BEGUN.get_or_init(Instant::now).elapsed().as_secs_f64())
}

struct Here<'a> {
    study: &'a Study,
    source: &'a source::StoreSource,
    options: &'a RunOptions<'a>,
    threads: &'a Threads,
    shares: u32,
    cost: &'a mut Cost,
    contacts: &'a std::sync::atomic::AtomicU64,
}

impl Workers for Here<'_> {
    fn work(&mut self, step: &Step, take: &mut dyn FnMut(Vec<Piece>) -> Result<(), Error>) -> Result<(), Error> {
        use virta_flow::Source;
        let buckets = self.source.bucket_count();
        let shares = self.shares.clamp(1, buckets);
        let mut contacts = 0;
        for share in 0..shares {
            let (from, to) = (buckets * share / shares, buckets * (share + 1) / shares);
            let begun = processor();
            let mut pieces = Vec::new();
            let mut keep = |piece: Piece| {
                *self.cost.bytes.entry(piece.part.clone()).or_default() += piece.bytes.len();
                pieces.push(piece);
                Ok(())
            };
            run_share(self.study, self.source, self.options, self.threads, step, from..to, &mut keep)?;
            self.cost.passes += processor() - begun;
            contacts += self.contacts.swap(0, std::sync::atomic::Ordering::Relaxed);
            let begun = processor();
            take(pieces)?;
            self.cost.merging += processor() - begun;
        }
        self.cost.contacts = self.cost.contacts.max(contacts);
        Ok(())
    }
}
