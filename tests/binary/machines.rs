//! A study on several machines: the bytes of one, whatever becomes of the workers.
//!
//! Some faults are tried by a fixed seed. For more of them: `VIRTA_FAULTS=200 cargo test -p virta-tests -- machines`.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use virta_tests::needs;

use super::runner::{Bench, Run, binary, checkout};

/// How many faults are tried when nobody says.
const CASES: u64 = 20;

/// A region with its study, and what one machine finds.
pub(super) struct Region {
    pub(super) bench: Bench,
    alone: BTreeMap<PathBuf, Vec<u8>>,
}

/// The region, where the program can do what several machines need.
#[track_caller]
pub(super) fn region() -> Option<&'static Region> {
    static REGION: OnceLock<Region> = OnceLock::new();
    // A program without the feature says so before it looks at the folder.
    let asked = Bench::empty().virta(["worker", "--listen", "127.0.0.1:0", "--stores", "none"]).ends_with(1);
    if asked.err.contains("without what several machines need") {
        needs::missing("the feature cluster of the program");
        return None;
    }
    let made = REGION.get_or_init(|| {
        let demo = Bench::empty();
        demo.virta(["demo", "--dir", "d", "--clients", "500"]).ends_with(0);
        let bench = Bench::empty();
        std::fs::rename(demo.path("d/region"), bench.path("s")).unwrap();
        let mut study = std::fs::read_to_string(demo.path("d/heavy-users.toml")).unwrap();
        // Thresholds that need all clients take a pass of their own.
        study.push_str(PERCENTILES);
        bench.write("study.toml", study);
        std::fs::rename(demo.path("d/region.key"), bench.path("s.key")).unwrap();
        std::fs::remove_dir_all(bench.path("s/results")).unwrap();
        std::fs::create_dir(bench.path("s/results")).unwrap();
        for secret in ["m.secret", "other.secret"] {
            bench.virta(["worker", "--new-secret", secret]).ends_with(0);
        }
        let one = again(&bench);
        one.virta(["study", "s", "study.toml"]).ends_with(0);
        let alone = results(&one);
        assert!(alone.len() > 20, "{:?}", alone.keys());
        Region { bench, alone }
    });
    Some(made)
}

/// Another cohort, by a percentile of all users and not by a number of contacts.
const PERCENTILES: &str = r#"
[[cohort]]
name = "most_contacts"
min_services = 2
[cohort.heavy]
percentile = 90
"#;

/// The files under a bench in a folder of their own, so that a study writes where no other does.
fn again(bench: &Bench) -> Bench {
    let copy = bench.copy();
    for secret in ["m.secret", "other.secret"].map(|secret| copy.path(secret)).iter().filter(|path| path.exists()) {
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(secret, std::fs::Permissions::from_mode(0o600)).unwrap();
    }
    copy
}

/// What a study has written.
fn results(bench: &Bench) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = bench.store_bytes();
    files.retain(|path, _| path.starts_with("results") && path.extension().is_some_and(|ending| ending == "parquet"));
    files
}

/// A worker, which ends with this.
pub(super) struct Worker {
    pub(super) address: String,
    child: Child,
}

impl Worker {
    pub(super) fn start(bench: &Bench, secret: Option<&str>) -> Worker {
        let mut command = bench.command(["worker", "--listen", "127.0.0.1:0", "--stores", "."]);
        command.args(secret.iter().flat_map(|secret| ["--secret", secret]));
        let mut child = command.stderr(Stdio::null()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let address = line.strip_prefix("worker: ").and_then(|rest| rest.split_once(',')).unwrap().0.to_owned();
        Worker { address, child }
    }

    pub(super) fn signal(&self, signal: &str) {
        let status = Command::new("kill").args([signal, &self.child.id().to_string()]).status().unwrap();
        assert!(status.success());
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn study(bench: &Bench, workers: &[&str], secret: Option<&str>) -> Run {
    let workers = workers.join(",");
    let secret = secret.iter().flat_map(|secret| ["--secret", secret]);
    bench.virta(["study", "s", "study.toml", "--json", "--workers", &workers].into_iter().chain(secret))
}

#[test]
fn any_number_of_machines_finds_the_bytes_of_one() {
    let Some(region) = region() else { return };
    on_any_number(&region.bench, &region.alone);
}

/// Real and independently made data, which lie beside the checkout where they lie at all.
#[test]
fn data_that_others_have_made_give_the_bytes_of_one_machine_too() {
    if region().is_none() {
        return;
    }
    for (folder, profile, study) in [
        ("hospital", "by-activity.toml", "study-activity.toml"),
        ("synthea", "by-class.toml", "study-class.toml"),
        ("synthea", "by-description.toml", "study-description.toml"),
    ] {
        if needs::data_beside(&checkout(), folder).is_none() {
            continue;
        }
        let settings = checkout().join("fixtures/real").join(folder);
        let bench = Bench::new();
        bench.virta(["ingest".as_ref(), "s".as_ref(), settings.join(profile).as_os_str()]).ends_with(0);
        bench.write("study.toml", std::fs::read(settings.join(study)).unwrap());
        bench.virta(["worker", "--new-secret", "m.secret"]).ends_with(0);
        let one = again(&bench);
        one.virta(["study", "s", "study.toml"]).ends_with(0);
        on_any_number(&bench, &results(&one));
    }
}

/// Runs a bench's study on 1, 2, 3 and 7 workers, which must find what one machine has found.
fn on_any_number(of: &Bench, alone: &BTreeMap<PathBuf, Vec<u8>>) {
    assert!(!alone.is_empty());
    for count in [1, 2, 3, 7] {
        let workers: Vec<Worker> = (0..count).map(|_| Worker::start(of, Some("m.secret"))).collect();
        let addresses: Vec<&str> = workers.iter().map(|worker| worker.address.as_str()).collect();
        let bench = again(of);
        let run = study(&bench, &addresses, Some("m.secret")).ends_with(0);
        assert!(results(&bench) == *alone, "with {count} workers the tables are others");
        // Who did what: each has read something, and nothing was read here.
        let document: serde_json::Value = serde_json::from_str(&run.out).unwrap();
        let machines = &document["machines"];
        assert_eq!(machines["buckets_here"], 0, "{machines}");
        let read = |worker: &serde_json::Value| !worker["buckets"].as_array().unwrap().is_empty();
        assert!(machines["workers"].as_array().unwrap().iter().all(read), "{machines}");
    }
}

#[test]
fn machines_that_are_set_up_wrongly_are_refused_in_a_sentence() {
    let Some(region) = region() else { return };
    let bench = again(&region.bench);
    let good = Worker::start(&region.bench, Some("m.secret"));
    let other = Worker::start(&region.bench, Some("other.secret"));
    let plain = Worker::start(&region.bench, None);
    let refused = |workers: &[&str], secret| study(&bench, workers, secret).ends_with(1);
    refused(&[&good.address, &other.address], Some("m.secret")).says(&["holds another secret", "fix: "]);
    refused(&[&plain.address], Some("m.secret")).says(&["does not encrypt", "fix: "]);
    refused(&["192.0.2.7:4700"], None).says(&["without a secret only this machine can be reached", "fix: "]);
    refused(&["127.0.0.1:9"], None).says(&["no worker can be reached", "fix: "]);
    refused(&["nonsense"], None).says(&["no address of a worker"]);
    refused(&[&good.address], Some("none.secret")).says(&["does not exist", "fix: "]);
    assert!(results(&bench).is_empty());
    for listen in
        [["worker", "--listen", "0.0.0.0:0", "--stores", "."], ["worker", "--listen", "127.0.0.1:0", "--stores", "x"]]
    {
        bench.virta(listen).ends_with(1).says(&["fix: "]);
    }
    bench.virta(["worker"]).ends_with(2);
    // A secret that others can read is none.
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o644);
    std::fs::set_permissions(bench.path("m.secret"), mode).unwrap();
    refused(&[&good.address], Some("m.secret")).says(&["chmod 600"]);
}

#[test]
fn a_worker_that_sees_another_store_is_not_believed() {
    let Some(region) = region() else { return };
    // One has no store of this name, one has a damaged file: both leave their buckets to the third.
    let (empty, damaged, bench) = (Bench::empty(), again(&region.bench), again(&region.bench));
    std::fs::copy(region.bench.path("m.secret"), empty.path("m.secret")).unwrap();
    for path in damaged.store_bytes().keys().filter(|path| path.starts_with("data/contacts")) {
        let file = damaged.path("s").join(path);
        let mut bytes = std::fs::read(&file).unwrap();
        let middle = bytes.len() / 3;
        bytes[middle] ^= 1;
        std::fs::write(file, bytes).unwrap();
    }
    let workers = [&empty, &damaged, &region.bench].map(|bench| Worker::start(bench, Some("m.secret")));
    let addresses = workers.each_ref().map(|worker| worker.address.as_str());
    let run = study(&bench, &addresses, Some("m.secret")).ends_with(0);
    assert!(results(&bench) == region.alone);
    let document: serde_json::Value = serde_json::from_str(&run.out).unwrap();
    let faults = |at: usize| document["machines"]["workers"][at]["faults"].as_array().unwrap().len();
    assert!(faults(0) > 0 && faults(1) > 0 && faults(2) == 0, "{}", document["machines"]);
}

/// What becomes of a worker.
#[derive(Debug, Clone, Copy)]
pub(super) enum Fault {
    Nothing,
    Killed,
    Stopped,
    /// Stopped for a while.
    Slow,
    /// Its connections are cut after so many bytes, all but the first.
    Cut(usize),
    /// A byte of what it sends is another, in all connections but the first.
    Flipped(usize),
    NotThere,
}

pub(super) struct Dice(pub(super) u64);

impl Dice {
    pub(super) fn roll(&mut self, sides: u64) -> u64 {
        // SplitMix64.
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut x = self.0;
        x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (x ^ (x >> 31)) % sides
    }

    pub(super) fn fault(&mut self) -> Fault {
        let bytes = self.roll(40_000) as usize;
        match self.roll(8) {
            0 | 1 => Fault::Killed,
            2 => Fault::Stopped,
            3 => Fault::Slow,
            4 => Fault::Cut(bytes),
            5 => Fault::Flipped(bytes),
            6 => Fault::NotThere,
            _ => Fault::Nothing,
        }
    }
}

/// Passes on what a worker sends, except for its fault. It goes on until the test's process ends.
pub(super) fn between(worker: &str, fault: Fault) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let worker = worker.to_owned();
    std::thread::spawn(move || {
        for (at, client) in listener.incoming().enumerate() {
            let (Ok(client), Ok(server)) = (client, TcpStream::connect(&worker)) else { continue };
            let (Ok(from_client), Ok(to_server)) = (client.try_clone(), server.try_clone()) else { continue };
            std::thread::spawn(move || pass_on(from_client, to_server, Fault::Nothing));
            std::thread::spawn(move || pass_on(server, client, if at == 0 { Fault::Nothing } else { fault }));
        }
    });
    address
}

fn pass_on(mut from: TcpStream, mut to: TcpStream, fault: Fault) {
    let (mut buffer, mut passed) = (vec![0; 8192], 0);
    while let Ok(read) = from.read(&mut buffer) {
        let mut bytes = &mut buffer[..read];
        match fault {
            Fault::Cut(after) if passed + read > after => bytes = &mut bytes[..0],
            Fault::Flipped(at) if (passed..passed + read).contains(&at) => bytes[at - passed] ^= 1,
            _ => {}
        }
        passed += read;
        if bytes.is_empty() || to.write_all(bytes).is_err() {
            break;
        }
    }
    let _ = from.shutdown(Shutdown::Both);
    let _ = to.shutdown(Shutdown::Both);
}

#[test]
fn whatever_becomes_of_the_workers_the_bytes_are_those_of_one_machine() {
    let Some(region) = region() else { return };
    let cases = std::env::var("VIRTA_FAULTS").ok().and_then(|cases| cases.parse().ok()).unwrap_or(CASES);
    // Most of the time is waiting.
    let next = AtomicU64::new(0);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                loop {
                    match next.fetch_add(1, Ordering::SeqCst) {
                        seed if seed < cases => play(region, seed),
                        _ => return,
                    }
                }
            });
        }
    });
}

/// Has a study run while two of three workers fail as a seed says.
fn play(region: &Region, seed: u64) {
    let mut dice = Dice(seed);
    // At least one is reached, or the study is refused at once.
    let faults = [dice.fault(), dice.fault(), Fault::Nothing];
    let workers = faults.map(|_| Worker::start(&region.bench, Some("m.secret")));
    let addresses: Vec<String> = faults
        .iter()
        .zip(&workers)
        .enumerate()
        .map(|(at, (fault, worker))| match fault {
            Fault::Cut(_) | Fault::Flipped(_) => between(&worker.address, *fault),
            Fault::NotThere => format!("127.0.0.1:{}", 9 + at),
            _ => worker.address.clone(),
        })
        .collect();
    let bench = again(&region.bench);
    let wait = Duration::from_millis(dice.roll(300));
    let run = std::thread::scope(|scope| {
        let addresses: Vec<&str> = addresses.iter().map(String::as_str).collect();
        let bench = &bench;
        let running = scope.spawn(move || study(bench, &addresses, Some("m.secret")));
        std::thread::sleep(wait);
        for (fault, worker) in faults.iter().zip(&workers) {
            match fault {
                Fault::Killed => worker.signal("-KILL"),
                Fault::Stopped | Fault::Slow => worker.signal("-STOP"),
                _ => {}
            }
        }
        std::thread::sleep(Duration::from_millis(200));
        for (_, worker) in faults.iter().zip(&workers).filter(|(fault, _)| matches!(fault, Fault::Slow)) {
            worker.signal("-CONT");
        }
        running.join().unwrap()
    });
    assert_eq!(run.code, 0, "seed {seed}, {faults:?}: {}", run.err);
    assert!(results(&bench) == region.alone, "seed {seed}, {faults:?}: {}", run.out);
}

#[test]
fn three_machines_with_addresses_of_their_own_find_the_bytes_of_one() {
    let Some((bench, output)) = apart("\"$VIRTA\" study s study.toml --json $WORKERS") else { return };
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(region().is_some_and(|region| results(&bench) == region.alone));
    let document: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(document["machines"]["buckets_here"], 0, "{document}");
}

#[test]
fn three_machines_with_addresses_of_their_own_answer_statements_as_one_does() {
    let asked = "select service, count(*), count(distinct client_id), sum(cost_cents) from contacts group by service order by service";
    let command = format!(
        "for q in '{asked}' 'explain {asked}'; do \"$VIRTA\" sql s --format csv -c \"$q\" $WORKERS || exit 1; done"
    );
    let Some((bench, output)) = apart(&command) else { return };
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let alone = bench.virta(["sql", "s", "--format", "csv", "-c", asked]).ends_with(0);
    let found = String::from_utf8_lossy(&output.stdout);
    assert!(found.starts_with(&alone.out), "{found}");
    assert!(found.contains("FromWorkers"), "{found}");
}

/// Runs a command beside three workers, each in a namespace of the network of its own, which is joined by a cable to that
/// of the command. `None` where there can be no such namespaces.
#[track_caller]
fn apart(command: &str) -> Option<(Bench, std::process::Output)> {
    let cables = "mount -t tmpfs none /run && mkdir /run/netns && ip link set lo up
        for i in 1 2 3; do
            ip netns add w$i && ip link add v$i type veth peer name e netns w$i
            ip addr add 10.9.$i.1/24 dev v$i && ip link set v$i up
            ip -n w$i addr add 10.9.$i.2/24 dev e && ip -n w$i link set e up
        done";
    if !needs::works("namespaces of the network", "unshare", &["-rnm", "sh", "-ec", cables]) {
        return None;
    }
    let bench = again(&region()?.bench);
    let script = format!(
        "{cables}
        for i in 1 2 3; do
            ip netns exec w$i \"$VIRTA\" worker --listen 10.9.$i.2:4700 --stores . --secret m.secret > w$i.log &
            workers=\"$workers $!\"
            until [ -s w$i.log ]; do sleep 0.02; done
        done
        WORKERS='--workers 10.9.1.2:4700,10.9.2.2:4700,10.9.3.2:4700 --secret m.secret'
        code=0
        ( {command} ) || code=$?
        kill $workers
        exit $code"
    );
    let mut run = Command::new("unshare");
    run.args(["-rnm", "sh", "-ec", &script]).current_dir(bench.folder.path()).env("VIRTA", binary());
    let output = run.stdin(Stdio::null()).output().unwrap();
    Some((bench, output))
}
