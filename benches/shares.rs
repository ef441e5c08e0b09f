//! What a study in shares costs: the pass of each share, what travels, putting the shares together.
//!
//! ```text
//! cargo bench -p virta-benches --bench shares -- STORE STUDY.toml [shares] [threads]
//! ```

use std::collections::BTreeMap;
use std::time::Instant;

use virta_flow::{Error, Piece, RunOptions, Step, Workers, run_share, run_shared};
use virta_model::settings::Study;
use virta_store::{ResultMeta, Store};

#[path = "../crates/virta/src/source.rs"]
mod source;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let [store, study, rest @ ..] = arguments.as_slice() else {
        return eprintln!("STORE STUDY.toml [shares] [threads]");
    };
    let number = |at: usize, default| rest.get(at).and_then(|text| text.parse().ok()).unwrap_or(default);
    let (shares, threads): (u32, usize) = (number(0, 4), number(1, 2) as usize);
    if let Err(error) = rayon::ThreadPoolBuilder::new().num_threads(threads).build_global() {
        return eprintln!("{error}");
    }
    if let Err(error) = once(store, study, shares, threads) {
        eprintln!("{error}");
    }
}

fn once(store: &str, study: &str, shares: u32, threads: usize) -> Result<(), Box<dyn std::error::Error>> {
    let study = Study::parse(&std::fs::read_to_string(study)?)?;
    let store = Store::open(store.as_ref())?;
    let snapshot = store.current()?;
    let source = source::StoreSource::open(&snapshot, &study)?.until(Default::default());
    let options = RunOptions { threads, ..RunOptions::default() };
    let meta = ResultMeta {
        study_hash: "x".to_owned(),
        snapshot: snapshot.id().to_owned(),
        version: "0".to_owned(),
        settings: BTreeMap::new(),
    };
    let writer = store.begin_results(&study.study.name, &meta)?;
    let mut clocks = Clocks { passes: 0.0, taking: 0.0, bytes: BTreeMap::new() };
    let begun = Instant::now();
    let mut workers = Here { study: &study, source: &source, options: &options, shares, clocks: &mut clocks };
    let tables = run_shared(&study, &source, &options, &writer, &mut workers)?;
    let run = begun.elapsed().as_secs_f64();
    writer.finish(&tables)?;
    for (part, bytes) in &clocks.bytes {
        println!("{part:24} {bytes:12} bytes");
    }
    println!(
        "{shares} shares: passes {:.3} s, reading and merging {:.3} s, the rest {:.3} s, {:.1} MB",
        clocks.passes,
        clocks.taking,
        run - clocks.passes - clocks.taking,
        clocks.bytes.values().sum::<usize>() as f64 / 1e6,
    );
    Ok(())
}

struct Clocks {
    passes: f64,
    taking: f64,
    /// By part.
    bytes: BTreeMap<String, usize>,
}

struct Here<'a> {
    study: &'a Study,
    source: &'a source::StoreSource,
    options: &'a RunOptions<'a>,
    shares: u32,
    clocks: &'a mut Clocks,
}

impl Workers for Here<'_> {
    fn work(&mut self, step: &Step, take: &mut dyn FnMut(Vec<Piece>) -> Result<(), Error>) -> Result<(), Error> {
        use virta_flow::Source;
        let buckets = self.source.bucket_count();
        let shares = self.shares.clamp(1, buckets);
        for share in 0..shares {
            let (from, to) = (buckets * share / shares, buckets * (share + 1) / shares);
            let begun = Instant::now();
            let mut pieces = Vec::new();
            let mut keep = |piece: Piece| {
                *self.clocks.bytes.entry(piece.part.clone()).or_default() += piece.bytes.len();
                pieces.push(piece);
                Ok(())
            };
            run_share(self.study, self.source, self.options, step, from..to, &mut keep)?;
            self.clocks.passes += begun.elapsed().as_secs_f64();
            let begun = Instant::now();
            take(pieces)?;
            self.clocks.taking += begun.elapsed().as_secs_f64();
        }
        Ok(())
    }
}
