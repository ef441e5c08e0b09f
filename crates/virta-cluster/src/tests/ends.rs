//! How work ends before its time.

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use futures::StreamExt;
use tokio::sync::Semaphore;

use crate::pass::Runner;
use crate::tests::machines::{Machine, Process, VERSION, quick, secret};
use crate::tests::setup::{answer, connect};
use crate::tests::toy::{self, Toy};
use crate::{Error, Failed, Job, Limits, Out, Workload};

fn until(limit: Duration, is_so: impl Fn() -> bool) -> bool {
    let begun = Instant::now();
    while begun.elapsed() < limit {
        if is_so() {
            return true;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    false
}

#[test]
fn a_worker_stops_when_nobody_wants_the_answer_any_more() {
    let running = Arc::new(AtomicUsize::new(0));
    let slow = Toy { each: Duration::from_secs(600), running: Arc::clone(&running), ..Toy::default() };
    let machine = Machine::start(slow, VERSION, Some(secret(1)));
    let workers = connect(&[&machine.address], Some(&secret(1)), Limits::default()).unwrap();
    let is_interrupted = || running.load(Ordering::SeqCst) > 0;
    let workload = Arc::new(Toy::default());
    let job = Job { workload, request: b"", buckets: 4, progress: &|_| {}, is_interrupted: &is_interrupted };
    let error = workers.run(&job, &mut |_| Ok(())).unwrap_err();
    assert!(matches!(error, Error::Interrupted));
    assert!(until(Duration::from_secs(60), || running.load(Ordering::SeqCst) == 0));
}

#[test]
fn a_worker_stops_when_the_coordinator_is_killed() {
    let running = Arc::new(AtomicUsize::new(0));
    let slow = Toy { each: Duration::from_secs(600), running: Arc::clone(&running), ..Toy::default() };
    let machine = Machine::start(slow, VERSION, Some(secret(1)));
    let mut coordinator = Process::coordinator(&machine.address);
    assert!(until(Duration::from_secs(60), || running.load(Ordering::SeqCst) > 0));
    coordinator.kill();
    assert!(until(Duration::from_secs(60), || running.load(Ordering::SeqCst) == 0));
}

/// Gives batches without end and counts them.
struct Endless(Arc<AtomicUsize>);

impl Workload for Endless {
    fn run(&self, _: &[u8], _: Range<u32>, out: &Out) -> Result<(), Failed> {
        let batch = toy::expected(b"", 1).remove(0);
        loop {
            out.batch(&batch)?;
            self.0.fetch_add(1, Ordering::SeqCst);
        }
    }
}

#[test]
fn a_worker_computes_no_more_than_a_few_pieces_ahead_of_the_one_who_reads() {
    let given = Arc::new(AtomicUsize::new(0));
    let runner = Arc::new(Runner {
        workload: Arc::new(Endless(Arc::clone(&given))),
        version: VERSION.to_owned(),
        places: Arc::new(Semaphore::new(1)),
        alive_every: Duration::from_secs(60),
    });
    let threads = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let mut frames = threads.block_on(async { Box::pin(runner.frames(b"".as_slice().into(), 0..1)) });
    for read in 1..20 {
        threads.block_on(frames.next()).unwrap();
        // What waits, what is being handed over, and what was read.
        let too_many = || given.load(Ordering::SeqCst) > read + 6;
        assert!(!until(Duration::from_millis(10), too_many), "{given:?} after {read}");
    }
    drop(frames);
    assert!(until(Duration::from_secs(10), || Arc::strong_count(&given) == 1), "it goes on with nobody to read");
}

#[test]
fn what_cannot_be_used_ends_the_work() {
    let machine = Machine::start(Toy::default(), VERSION, Some(secret(1)));
    let workers = connect(&[&machine.address], Some(&secret(1)), Limits::default()).unwrap();
    let workload = Arc::new(Toy::default());
    let job = Job { workload, request: b"", buckets: 40, progress: &|_| {}, is_interrupted: &|| false };
    let mut taken = 0;
    let ended = workers.run(&job, &mut |_| {
        taken += 1;
        Err(Failed::new("this is not wanted"))
    });
    assert_eq!((ended.unwrap_err().to_string().as_str(), taken), ("this is not wanted", 1));
}

#[test]
fn what_no_worker_can_do_the_coordinator_does() {
    let machine = Machine::start(Toy { fails_at: Some(5), ..Toy::default() }, VERSION, Some(secret(1)));
    let workers = connect(&[&machine.address], Some(&secret(1)), Limits { attempts: 2, faults: 9, ..quick() }).unwrap();
    let record = answer(&workers, Toy::default(), 8);
    assert!(matches!(record.here.as_slice(), [range] if *range == (0..6)), "{record:?}");
    assert_eq!(record.workers[0].faults, ["this machine cannot do it"; 2]);
    assert!(!record.workers[0].is_left_out);
}

#[test]
fn what_nobody_can_do_is_an_error_and_no_answer() {
    let unable = || Toy { fails_at: Some(5), ..Toy::default() };
    let machine = Machine::start(unable(), VERSION, Some(secret(1)));
    let workers = connect(&[&machine.address], Some(&secret(1)), quick()).unwrap();
    let workload = Arc::new(unable());
    let job = Job { workload, request: b"", buckets: 8, progress: &|_| {}, is_interrupted: &|| false };
    let error = workers.run(&job, &mut |_| Ok(())).unwrap_err();
    assert!(matches!(&error, Error::Here(failed) if failed.to_string() == "this machine cannot do it"), "{error:?}");
}

#[test]
fn a_worker_that_panics_or_hangs_loses_its_range() {
    let panics = Toy { panics_at: Some(0), ..Toy::default() };
    let hangs = Toy { hangs_at: Some(1), ..Toy::default() };
    for bad in [panics, hangs] {
        let machines = [Machine::start(bad, VERSION, None), Machine::start(Toy::default(), VERSION, None)];
        let limits = Limits { stall: Duration::from_millis(300), ..quick() };
        let workers = connect(&[&machines[0].address, &machines[1].address], None, limits).unwrap();
        answer(&workers, Toy::default(), 16);
    }
}

#[test]
fn an_answer_beyond_the_limit_is_refused() {
    let machine = Machine::start(Toy::default(), VERSION, None);
    let workers = connect(&[&machine.address], None, Limits { range_bytes: 10_000, ..quick() }).unwrap();
    let record = answer(&workers, Toy::default(), 8);
    assert!(record.workers[0].faults[0].contains("larger than 10000 bytes"), "{record:?}");
}

#[test]
fn several_coordinators_are_served_at_once() {
    let machine = Machine::start(Toy { each: Duration::from_millis(2), ..Toy::default() }, VERSION, Some(secret(1)));
    let all_good = AtomicBool::new(true);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let workers = connect(&[&machine.address], Some(&secret(1)), Limits::default()).unwrap();
                let record = answer(&workers, Toy::default(), 12);
                all_good.fetch_and(record.here.is_empty(), Ordering::SeqCst);
            });
        }
    });
    assert!(all_good.load(Ordering::SeqCst));
}
