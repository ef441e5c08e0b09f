//! A network that fails: what a worker sends passes through here.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::tests::machines::Machine;

/// What happens to the bytes from the worker, counted over each connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Network {
    CutAfter(usize),
    FlipAt(usize),
    /// Nothing more comes, and the connection stays open.
    SilentAfter(usize),
    /// So many bytes at a time, with a pause.
    Slow(usize),
}

/// Passes on to the worker; the connections before `good` are left alone.
pub(crate) fn between(worker: &str, network: Network, good: usize) -> Machine {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let worker = worker.to_owned();
    Machine::on_thread(address, move |is_over| {
        let ended = Arc::new(AtomicBool::new(false));
        let mut threads = Vec::new();
        let mut connections = 0;
        while !is_over.load(Ordering::SeqCst) {
            let Ok((client, _)) = listener.accept() else {
                std::thread::sleep(Duration::from_millis(2));
                continue;
            };
            client.set_nonblocking(false).unwrap();
            let Ok(server) = TcpStream::connect(&worker) else { continue };
            let network = (connections >= good).then_some(network);
            connections += 1;
            for stream in [&client, &server] {
                stream.set_read_timeout(Some(Duration::from_millis(20))).unwrap();
                stream.set_nodelay(true).unwrap();
            }
            let (from_client, to_server) = (client.try_clone().unwrap(), server.try_clone().unwrap());
            let (over, over_too) = (Arc::clone(&ended), Arc::clone(&ended));
            threads.push(std::thread::spawn(move || pass_on(from_client, to_server, None, &over)));
            threads.push(std::thread::spawn(move || pass_on(server, client, network, &over_too)));
        }
        ended.store(true, Ordering::SeqCst);
        for thread in threads {
            thread.join().unwrap();
        }
    })
}

fn pass_on(mut from: TcpStream, mut to: TcpStream, network: Option<Network>, is_over: &AtomicBool) {
    let mut buffer = vec![0; 16 << 10];
    let mut passed = 0;
    while !is_over.load(Ordering::SeqCst) {
        let space = match network {
            Some(Network::Slow(bytes)) => bytes.min(buffer.len()),
            _ => buffer.len(),
        };
        let read = match from.read(&mut buffer[..space]) {
            Ok(0) => break,
            Ok(read) => read,
            Err(error) if matches!(error.kind(), std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut) => {
                continue;
            }
            Err(_) => break,
        };
        let mut bytes = &mut buffer[..read];
        match network {
            Some(Network::CutAfter(after)) if passed + read > after => {
                let _ = to.write_all(&bytes[..after.saturating_sub(passed)]);
                break;
            }
            Some(Network::SilentAfter(after)) if passed + read > after => bytes = &mut bytes[..0],
            Some(Network::FlipAt(at)) if (passed..passed + read).contains(&at) => bytes[at - passed] ^= 0x10,
            Some(Network::Slow(_)) => std::thread::sleep(Duration::from_millis(2)),
            _ => {}
        }
        passed += read;
        if to.write_all(bytes).is_err() {
            break;
        }
    }
    let _ = from.shutdown(Shutdown::Both);
    let _ = to.shutdown(Shutdown::Both);
}
