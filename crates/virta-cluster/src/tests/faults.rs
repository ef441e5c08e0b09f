//! Faults from a seed: three workers, each of which fails in some way or in none.

use std::cell::RefCell;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use crate::tests::machines::{Machine, Process, VERSION, quick, secret};
use crate::tests::proxy::{Network, between};
use crate::tests::rogue::{ROGUES, Rogue};
use crate::tests::setup::{answer, connect, run};
use crate::tests::toy::Toy;
use crate::{Error, Progress};

/// How many seeds are tried when nobody says.
const CASES: u64 = 200;
const BUCKETS: u32 = 24;

/// What is wrong with a worker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    Nothing,
    Fails(u32),
    Panics(u32),
    Hangs(u32),
    Slow,
    Network(Network),
    Rogue(Rogue),
    /// A process that is killed when so many units are done.
    Killed(u64),
    /// The same with SIGSTOP.
    Stopped(u64),
    NotThere,
    OtherVersion,
    OtherSecret,
    Unencrypted,
}

/// Numbers that follow from a seed (SplitMix64).
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut x = self.0;
        x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (x ^ (x >> 31)) % sides
    }

    fn fault(&mut self) -> Fault {
        let bucket = self.roll(u64::from(BUCKETS)) as u32;
        // Early enough to hit what is sent, whatever its length.
        let bytes = self.roll(20_000) as usize;
        match self.roll(24) {
            0..=2 => Fault::Nothing,
            3 => Fault::Fails(bucket),
            4 => Fault::Panics(bucket),
            5 => Fault::Hangs(bucket),
            6 => Fault::Slow,
            7 | 8 => Fault::Network(Network::CutAfter(bytes)),
            9 | 10 => Fault::Network(Network::FlipAt(bytes)),
            11 => Fault::Network(Network::SilentAfter(bytes)),
            12 => Fault::Network(Network::Slow(1 + bytes % 400)),
            13..=16 => Fault::Rogue(ROGUES[self.roll(ROGUES.len() as u64) as usize]),
            17 | 18 => Fault::Killed(self.roll(u64::from(BUCKETS) / 2)),
            19 | 20 => Fault::Stopped(self.roll(u64::from(BUCKETS) / 2)),
            21 => Fault::NotThere,
            22 => [Fault::OtherVersion, Fault::OtherSecret, Fault::Unencrypted][self.roll(3) as usize],
            _ => Fault::Nothing,
        }
    }
}

/// What serves as one worker; the last is what the coordinator talks to.
#[derive(Default)]
struct Stage {
    _machines: Vec<Machine>,
    process: Option<Process>,
    address: String,
}

fn stage(fault: Fault) -> Stage {
    let good = || Toy { each: Duration::from_millis(1), ..Toy::default() };
    let start = |toy| Machine::start(toy, VERSION, Some(secret(1)));
    let machines = match fault {
        Fault::Nothing => vec![start(good())],
        Fault::Fails(bucket) => vec![start(Toy { fails_at: Some(bucket), ..good() })],
        Fault::Panics(bucket) => vec![start(Toy { panics_at: Some(bucket), ..good() })],
        Fault::Hangs(bucket) => vec![start(Toy { hangs_at: Some(bucket), ..good() })],
        Fault::Slow => vec![start(Toy { each: Duration::from_millis(200), ..Toy::default() })],
        Fault::Network(network) => {
            let worker = start(good());
            // It is reached once before the network fails.
            let proxy = between(&worker.address, network, 1);
            vec![proxy, worker]
        }
        Fault::Rogue(rogue) => vec![rogue.start(&secret(1))],
        Fault::OtherVersion => vec![Machine::start(good(), "toy 2", Some(secret(1)))],
        Fault::OtherSecret => vec![Machine::start(good(), VERSION, Some(secret(2)))],
        Fault::Unencrypted => vec![Machine::start(good(), VERSION, None)],
        Fault::Killed(_) | Fault::Stopped(_) => {
            let process = Process::start(Duration::from_millis(1));
            let address = process.address.clone();
            return Stage { process: Some(process), address, ..Stage::default() };
        }
        Fault::NotThere => return Stage { address: "127.0.0.1:9".to_owned(), ..Stage::default() },
    };
    let address = machines[0].address.clone();
    Stage { _machines: machines, process: None, address }
}

/// Plays a seed, and says how often something went wrong at a worker.
fn play(seed: u64) -> usize {
    let mut dice = Dice(seed);
    let faults = [dice.fault(), dice.fault(), dice.fault()];
    let mut stages: Vec<Stage> = faults.iter().map(|fault| stage(*fault)).collect();
    // An address can be named once only.
    let mut addresses: Vec<&str> = stages.iter().map(|stage| stage.address.as_str()).collect();
    addresses.dedup();
    addresses.sort_unstable();
    addresses.dedup();
    let workers = connect(&addresses, Some(&secret(1)), quick());
    let has = |fault: Fault| faults.contains(&fault);
    let workers = match workers {
        Ok(workers) => {
            assert!(![Fault::OtherVersion, Fault::OtherSecret, Fault::Unencrypted].into_iter().any(has), "{faults:?}");
            workers
        }
        Err(Error::OtherVersion { .. }) if has(Fault::OtherVersion) => return 1,
        Err(Error::Untrusted { .. }) if has(Fault::OtherSecret) || has(Fault::Unencrypted) => return 1,
        Err(Error::Nobody(_)) if has(Fault::NotThere) && addresses.len() == 1 => return 1,
        Err(error) => panic!("seed {seed}, {faults:?}: {error:?}"),
    };
    let processes: RefCell<Vec<(Fault, Process)>> = RefCell::new(Vec::new());
    for (fault, stage) in faults.iter().zip(&mut stages) {
        processes.borrow_mut().extend(stage.process.take().map(|process| (*fault, process)));
    }
    let act = |progress: Progress| {
        for (fault, process) in processes.borrow_mut().iter_mut() {
            match *fault {
                Fault::Killed(units) if progress.units >= units => process.kill(),
                Fault::Stopped(units) if progress.units >= units => process.stop(),
                _ => continue,
            }
            *fault = Fault::Nothing;
        }
    };
    let request = seed.to_le_bytes();
    let record = run(&workers, Toy::default(), &request, BUCKETS, &act);
    let record = record.unwrap_or_else(|error| panic!("seed {seed}, {faults:?}: {error:?}"));
    record.workers.iter().map(|worker| worker.faults.len()).sum()
}

#[test]
fn every_fault_ends_in_the_whole_right_answer_or_a_clear_error() {
    let cases = std::env::var("VIRTA_FAULTS").ok().and_then(|cases| cases.parse().ok()).unwrap_or(CASES);
    // Most of the time is waiting.
    let (next, noticed) = (AtomicU64::new(0), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::SeqCst);
                    if seed >= cases {
                        return;
                    }
                    noticed.fetch_add(play(seed), Ordering::SeqCst);
                }
            });
        }
    });
    assert!(noticed.into_inner() as u64 > cases / 2, "hardly any fault was noticed");
}

/// Each fault alone against one worker, so that the coordinator notices and does the rest itself.
#[test]
fn each_kind_of_wrong_answer_is_noticed() {
    for rogue in ROGUES {
        let machine = rogue.start(&secret(1));
        let workers = connect(&[&machine.address], Some(&secret(1)), quick()).unwrap();
        let record = answer(&workers, Toy::default(), 6);
        assert!(record.workers[0].ranges.is_empty() && !record.workers[0].faults.is_empty(), "{rogue:?}: {record:?}");
        let is_too_long = record.workers[0].faults.iter().any(|fault| fault.contains("too long"));
        assert_eq!(is_too_long, rogue == Rogue::SendsALongMessage, "{rogue:?}: {record:?}");
    }
}

/// Without encryption, which only this machine is talked to without, a flipped bit must be found by the checksum.
#[test]
fn a_bit_that_flips_underway_is_found() {
    let mut found = 0;
    for at in (3_000..60_000).step_by(1_500) {
        let worker = Machine::start(Toy::default(), VERSION, None);
        let proxy = between(&worker.address, Network::FlipAt(at), 1);
        let workers = connect(&[&proxy.address], None, quick()).unwrap();
        let record = answer(&workers, Toy::default(), 8);
        found += record.workers[0].faults.len();
    }
    assert!(found > 0, "no flipped bit was noticed, so none was flipped");
}
