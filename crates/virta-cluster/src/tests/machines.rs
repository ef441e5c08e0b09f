//! Workers to try: in this process, and as processes of their own.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use crate::tests::toy::Toy;
use crate::{Job, Limits, Secret, Serving, Workers, serve_until};

pub(crate) const VERSION: &str = "toy 1";
/// What makes a test of this program a worker.
const IS_WORKER: &str = "VIRTA_TOY_WORKER";
/// What makes a test of this program a coordinator.
const IS_COORDINATOR: &str = "VIRTA_TOY_COORDINATOR";

/// Limits that find a fault soon. When the machine is busy they find some where there are none, which must do no harm.
pub(crate) fn quick() -> Limits {
    Limits {
        connect: Duration::from_secs(4),
        silence: Duration::from_millis(600),
        stall: Duration::from_millis(900),
        slow: Duration::from_millis(300),
        rest: Duration::from_millis(5),
        faults: 2,
        ..Limits::default()
    }
}

pub(crate) fn secret(last: u8) -> Secret {
    let mut bytes: [u8; 32] = std::array::from_fn(|at| (at * 7) as u8);
    bytes[31] = last;
    Secret::new(&bytes).unwrap()
}

/// A worker on a thread of this process.
pub(crate) struct Machine {
    pub address: String,
    is_over: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Machine {
    pub(crate) fn start(toy: Toy, version: &str, secret: Option<Secret>) -> Self {
        let mut serving = Serving::new(Arc::new(toy), version, secret);
        serving.alive_every = Duration::from_millis(50);
        Machine::serve(serving)
    }

    pub(crate) fn serve(serving: Serving) -> Self {
        let listening = serving.listen(SocketAddr::from(([127, 0, 0, 1], 0))).unwrap();
        let address = listening.address().to_string();
        Machine::on_thread(address, move |is_over| {
            serve_until(&serving, listening, Duration::from_millis(5), || is_over.load(Ordering::SeqCst)).unwrap();
        })
    }

    pub(crate) fn on_thread(address: String, run: impl FnOnce(&AtomicBool) + Send + 'static) -> Self {
        let is_over = Arc::new(AtomicBool::new(false));
        let told = Arc::clone(&is_over);
        let thread = std::thread::spawn(move || run(&told));
        Machine { address, is_over, thread: Some(thread) }
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::SeqCst);
        if let Some(thread) = self.thread.take() {
            let ended = thread.join();
            assert!(ended.is_ok() || std::thread::panicking());
        }
    }
}

/// A worker that is a process.
pub(crate) struct Process {
    pub address: String,
    child: Child,
}

impl Process {
    /// Runs this program's test `a_worker_for_the_other_tests` as the worker.
    pub(crate) fn start(each: Duration) -> Self {
        let mut child = this_test("a_worker_for_the_other_tests", IS_WORKER, &each.as_micros().to_string());
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let address = lines.find_map(|line| Some(line.unwrap().split_once("listening on ")?.1.to_owned())).unwrap();
        Process { address, child }
    }

    /// Runs this program's test `a_coordinator_for_the_other_tests`, which has a worker run something.
    pub(crate) fn coordinator(worker: &str) -> Self {
        let child = this_test("a_coordinator_for_the_other_tests", IS_COORDINATOR, worker);
        Process { address: String::new(), child }
    }

    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    pub(crate) fn stop(&self) {
        let status = Command::new("kill").args(["-STOP", &self.child.id().to_string()]).status().unwrap();
        assert!(status.success());
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn this_test(name: &str, variable: &str, value: &str) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", &format!("tests::machines::{name}"), "--nocapture"])
        .env(variable, value)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

#[test]
fn a_coordinator_for_the_other_tests() {
    let Ok(worker) = std::env::var(IS_COORDINATOR) else { return };
    let workers = Workers::connect(&[worker], VERSION, Some(&secret(1)), Limits::default()).unwrap();
    let workload = Arc::new(Toy::default());
    let job = Job { workload, request: b"", buckets: 1, progress: &|_| {}, is_interrupted: &|| false };
    workers.run(&job, &mut |_| Ok(())).unwrap();
}

#[test]
fn a_worker_for_the_other_tests() {
    let Ok(micros) = std::env::var(IS_WORKER) else { return };
    let each = Duration::from_micros(micros.parse().unwrap());
    let mut serving = Serving::new(Arc::new(Toy { each, ..Toy::default() }), VERSION, Some(secret(1)));
    serving.alive_every = Duration::from_millis(50);
    let listening = serving.listen(SocketAddr::from(([127, 0, 0, 1], 0))).unwrap();
    println!("listening on {}", listening.address());
    // It ends with the one who started it.
    let is_over = Arc::new(AtomicBool::new(false));
    let told = Arc::clone(&is_over);
    std::thread::spawn(move || {
        let _ = std::io::stdin().lines().next();
        told.store(true, Ordering::SeqCst);
    });
    serve_until(&serving, listening, Duration::from_millis(20), || is_over.load(Ordering::SeqCst)).unwrap();
}
