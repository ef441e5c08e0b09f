//! Where the time of a study goes.
//!
//! ```text
//! cargo bench -p virta-benches --bench phases -- STORE STUDY.toml [threads] [runs]
//! ```

use std::collections::BTreeMap;
use std::time::Instant;

use virta_flow::RunOptions;
use virta_model::settings::Study;
use virta_store::{ResultMeta, Store};

#[path = "../crates/virta/src/source.rs"]
mod source;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let [store, study, rest @ ..] = arguments.as_slice() else { return eprintln!("STORE STUDY.toml [threads] [runs]") };
    let number = |at: usize, default| rest.get(at).and_then(|text| text.parse().ok()).unwrap_or(default);
    let (threads, runs): (usize, usize) = (number(0, 2), number(1, 3));
    if let Err(error) = rayon::ThreadPoolBuilder::new().num_threads(threads).build_global() {
        return eprintln!("{error}");
    }
    for _ in 0..runs {
        if let Err(error) = once(store, study, threads) {
            return eprintln!("{error}");
        }
    }
}

fn once(store: &str, study: &str, threads: usize) -> Result<(), Box<dyn std::error::Error>> {
    let _ = std::fs::remove_dir_all(format!("{store}/results/eight"));
    let begun = Instant::now();
    let mut last = (begun, cpu_seconds());
    let mut lap = |name: &str| {
        let cpu = cpu_seconds();
        print!("{name} {:.3} ({:.2})  ", last.0.elapsed().as_secs_f64(), cpu - last.1);
        last = (Instant::now(), cpu);
    };
    let study = Study::parse(&std::fs::read_to_string(study)?)?;
    let store = Store::open(store.as_ref())?;
    let snapshot = store.current()?;
    lap("open");
    let source = source::StoreSource::open(&snapshot, &study)?.until(Default::default());
    lap("catalogue");
    let options = RunOptions { threads, ..RunOptions::default() };
    let meta = ResultMeta {
        study_hash: "x".to_owned(),
        snapshot: snapshot.id().to_owned(),
        version: "0".to_owned(),
        settings: BTreeMap::new(),
    };
    let writer = store.begin_results(&study.study.name, &meta)?;
    let tables = virta_flow::run_into(&study, &source, &options, &writer)?;
    lap("run");
    writer.finish(&tables)?;
    lap("finish");
    println!("whole {:.3}", begun.elapsed().as_secs_f64());
    Ok(())
}

/// User and system time of this process so far; 0 where the system does not tell.
fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<f64> = stat.split(' ').skip(13).take(2).filter_map(|field| field.parse().ok()).collect();
    fields.iter().sum::<f64>() / 100.0
}
