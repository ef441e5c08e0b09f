//! How machines are set up: how many, which version, which secret, which addresses.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use crate::tests::machines::{Machine, Process, VERSION, quick, secret};
use crate::tests::toy::{Toy, check};
use crate::{Error, Job, Limits, Part, Progress, Record, Secret, Serving, Workers};

/// What the workers give for a request, whole and right, and who did what.
pub(crate) fn run(
    workers: &Workers,
    toy: Toy,
    request: &[u8],
    buckets: u32,
    progress: &dyn Fn(Progress),
) -> Result<Record, Error> {
    let mut parts = Vec::new();
    let job = Job { workload: Arc::new(toy), request, buckets, progress, is_interrupted: &|| false };
    let record = workers.run(&job, &mut |part: Part| {
        parts.push(part);
        Ok(())
    })?;
    check(parts, request, buckets);
    Ok(record)
}

pub(crate) fn answer(workers: &Workers, toy: Toy, buckets: u32) -> Record {
    run(workers, toy, b"a request", buckets, &|_| {}).unwrap()
}

pub(crate) fn connect(addresses: &[&str], secret: Option<&Secret>, limits: Limits) -> Result<Workers, Error> {
    let addresses: Vec<String> = addresses.iter().map(|address| (*address).to_owned()).collect();
    Workers::connect(&addresses, VERSION, secret, limits)
}

#[test]
fn any_number_of_workers_gives_the_same_answer() {
    let secret = secret(1);
    for count in [1, 2, 3, 7] {
        let machines: Vec<Machine> =
            (0..count).map(|_| Machine::start(Toy::default(), VERSION, Some(secret.clone()))).collect();
        let addresses: Vec<&str> = machines.iter().map(|machine| machine.address.as_str()).collect();
        let workers = connect(&addresses, Some(&secret), Limits::default()).unwrap();
        for buckets in [0, 1, 5, 64] {
            let record = answer(&workers, Toy::default(), buckets);
            let ranges =
                record.workers.iter().flat_map(|worker| &worker.ranges).map(ExactSizeIterator::len).sum::<usize>();
            assert_eq!((ranges, record.here.len()), (buckets as usize, 0), "{record:?}");
            assert!(buckets == 0 || record.workers.iter().map(|worker| worker.bytes).sum::<u64>() > 500, "{record:?}");
        }
    }
}

#[test]
fn workers_that_are_processes_give_the_same_answer() {
    let processes: Vec<Process> = (0..3).map(|_| Process::start(Duration::from_millis(1))).collect();
    let addresses: Vec<&str> = processes.iter().map(|process| process.address.as_str()).collect();
    let workers = connect(&addresses, Some(&secret(1)), Limits::default()).unwrap();
    let record = answer(&workers, Toy::default(), 48);
    assert!(record.workers.iter().all(|worker| !worker.ranges.is_empty() && worker.faults.is_empty()), "{record:?}");
}

#[test]
fn without_a_secret_only_this_machine_is_listened_to_and_reached() {
    let serving = Serving::new(Arc::new(Toy::default()), VERSION, None);
    let error = serving.listen(SocketAddr::from(([0, 0, 0, 0], 0))).unwrap_err();
    assert!(matches!(error, Error::NoSecret(_)));
    let error = connect(&["192.0.2.1:4700"], None, quick()).unwrap_err();
    assert_eq!(error.to_string(), "without a secret only this machine can be reached, and 192.0.2.1:4700 is another");

    let machine = Machine::start(Toy::default(), VERSION, None);
    answer(&connect(&[&machine.address], None, quick()).unwrap(), Toy::default(), 9);
}

#[test]
fn a_worker_of_another_version_is_refused_by_name_before_any_work() {
    let good = Machine::start(Toy::default(), VERSION, Some(secret(1)));
    let other = Machine::start(Toy { panics_at: Some(0), ..Toy::default() }, "toy 2", Some(secret(1)));
    let error = connect(&[&good.address, &other.address], Some(&secret(1)), quick()).unwrap_err();
    let expected = format!("worker {} is toy 2, and this is toy 1: all machines need the same version", other.address);
    assert_eq!(error.to_string(), expected);
}

#[test]
fn another_secret_or_none_on_one_side_is_refused() {
    let good = Machine::start(Toy::default(), VERSION, Some(secret(1)));
    let plain = Machine::start(Toy::default(), VERSION, None);
    let refused = |address: &str, secret: Option<&Secret>| match connect(&[address], secret, quick()).unwrap_err() {
        Error::Untrusted { worker, reason } => {
            assert_eq!(worker, address);
            reason
        }
        error => panic!("{error:?}"),
    };
    assert_eq!(refused(&good.address, Some(&secret(2))), "it holds another secret, or is no worker");
    assert_eq!(refused(&plain.address, Some(&secret(1))), "it does not encrypt; start it with the secret");
    // The worker says nothing to somebody without encryption, so nothing more can be known here.
    let error = connect(&[&good.address], None, quick()).unwrap_err();
    assert!(matches!(error, Error::Nobody(_)), "{error:?}");
    connect(&[&good.address], Some(&secret(1)), quick()).unwrap();
}

#[test]
fn who_shows_no_certificate_gets_no_answer() {
    // A client that trusts the worker's certificate but holds no key of its own.
    let good = Machine::start(Toy::default(), VERSION, Some(secret(1)));
    let endpoint = tonic::transport::Endpoint::from_shared(format!("https://{}", good.address)).unwrap();
    let endpoint = endpoint.tls_config(secret(1).of_client_without_key()).unwrap();
    let threads = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let answered = threads.block_on(async {
        let channel = endpoint.connect().await.map_err(|error| error.to_string())?;
        let channel = datafusion_distributed::grpc::BoxCloneSyncChannel::new(channel);
        let mut client = datafusion_distributed::grpc::create_worker_client(channel);
        let info = client.get_worker_info(datafusion_distributed::GetWorkerInfoRequest {}).await;
        info.map(|info| info.version).map_err(|error| error.to_string())
    });
    answered.unwrap_err();
}

#[test]
fn addresses_are_checked() {
    for wrong in ["", "here", ":80", "host:port", "127.0.0.1:70000", "127.0.0.1:1 2"] {
        let error = connect(&[wrong], Some(&secret(1)), quick()).unwrap_err();
        assert!(matches!(error, Error::Address(_)), "{wrong}: {error:?}");
    }
    let error = connect(&["127.0.0.1:1", "127.0.0.1:1"], None, quick()).unwrap_err();
    assert!(matches!(error, Error::Twice(_)), "{error:?}");
    let error = connect(&["127.0.0.1:1", "127.0.0.1:2"], None, quick()).unwrap_err();
    assert!(error.to_string().starts_with("no worker can be reached: 127.0.0.1:1: "), "{error}");
}

#[test]
fn a_worker_that_is_not_there_is_left_out_and_named() {
    let good = Machine::start(Toy::default(), VERSION, Some(secret(1)));
    let workers = connect(&["127.0.0.1:1", &good.address], Some(&secret(1)), quick()).unwrap();
    assert_eq!(workers.lost().map(|(address, _)| address).collect::<Vec<_>>(), ["127.0.0.1:1"]);
    let record = answer(&workers, Toy::default(), 16);
    assert!(record.workers[0].is_left_out && record.workers[0].faults.len() == 1, "{record:?}");
    assert!(record.here.is_empty());
}

#[test]
fn progress_counts_the_units_of_all_machines_and_never_goes_back() {
    let machines = [0, 1].map(|_| Machine::start(Toy::default(), VERSION, None));
    let workers = connect(&[&machines[0].address, &machines[1].address], None, Limits::default()).unwrap();
    let seen = std::cell::RefCell::new(Vec::<Progress>::new());
    let progress = |progress| seen.borrow_mut().push(progress);
    run(&workers, Toy::default(), b"", 40, &progress).unwrap();
    let seen = seen.into_inner();
    assert!(seen.windows(2).all(|pair| pair[0].units <= pair[1].units && pair[0].ranges_done <= pair[1].ranges_done));
    let last = seen.last().unwrap();
    assert_eq!((last.units, last.ranges_done, last.ranges), (40, 4, 4));
}
