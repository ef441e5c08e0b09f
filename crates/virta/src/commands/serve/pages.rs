//! The door for browsers.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, mpsc};
use std::time::Duration;

use virta_access::Role as Access;
use virta_front::{Encrypted, Front, Login, Role, serve};

use super::stores::Stores;
use super::{Open, PATIENCE};
use crate::args::{Common, ServeArgs};
use crate::failure::Failure;
use crate::region::Region;

/// Opens the door: it listens when this returns.
pub(super) fn open(
    address: SocketAddr,
    args: &ServeArgs,
    common: &Common,
    stores: &Arc<Stores>,
) -> Result<Open, Failure> {
    let tls = args.tls_cert.clone().zip(args.tls_key.clone());
    if tls.is_none() && !address.ip().is_loopback() {
        return Err(Failure::refused("pages are shown to other machines through TLS only")
            .fix("name a certificate with --tls-cert and --tls-key, or listen on 127.0.0.1 alone"));
    }
    let [served] = stores.all.as_slice() else {
        return Err(Failure::Usage("--http shows one store: run a virta serve for each".to_owned()));
    };
    let question_time = Duration::from_secs(u64::from(args.time_limit));
    let region = Arc::new(Region::open(served.store.root(), served.key.clone(), &args.pages, common, question_time)?);
    let failed = |error: std::io::Error| Failure::refused(format!("cannot serve pages on {address}: {error}"));
    let listener = std::net::TcpListener::bind(address).map_err(failed)?;
    listener.set_nonblocking(true).map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    let port = address.port();
    let mut hosts: Vec<String> = ["127.0.0.1", "localhost", "[::1]"]
        .iter()
        .map(|name| format!("{name}:{port}"))
        .chain([address.to_string()])
        .collect();
    // A browser leaves the usual port out.
    hosts.extend(args.http_name.iter().flat_map(|name| [name.clone(), format!("{name}:{port}")]));
    let login = Arc::new(ByUsers(Arc::clone(stores)));
    let front = Front::for_several(Arc::clone(&region) as _, login, hosts, tls.is_some());
    let front = front.map_err(|error| Failure::refused(error.to_string()))?;
    let threads = common.threads().unwrap_or(2).clamp(1, 4);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(threads).enable_all().build();
    let runtime = runtime.map_err(failed)?;
    let is_over = Arc::new(AtomicBool::new(false));
    let over = Arc::clone(&is_over);
    let (begun, begins) = mpsc::channel();
    let thread = std::thread::spawn(move || {
        runtime.block_on(async move {
            let stop = async move {
                while !over.load(Ordering::SeqCst) {
                    tokio::time::sleep(PATIENCE).await;
                }
            };
            let listener = match tokio::net::TcpListener::from_std(listener) {
                Ok(listener) => listener,
                Err(error) => return drop(begun.send(Err(error))),
            };
            // What ends the door, ends the thread: the command sees it.
            let _ = match tls {
                None => {
                    let _ = begun.send(Ok(()));
                    serve(listener, front, stop).await
                }
                Some((certificate, key)) => match Encrypted::new(listener, &certificate, &key) {
                    Ok(listener) => {
                        let _ = begun.send(Ok(()));
                        serve(listener, front, stop).await
                    }
                    Err(error) => return drop(begun.send(Err(error))),
                },
            };
        });
        // The engine for questions must not end among those who wait for it.
        drop(runtime);
        drop(region);
    });
    begins.recv().map_err(|_| Failure::refused("the pages' door did not open"))?.map_err(failed)?;
    let scheme = if args.tls_cert.is_some() { "https" } else { "http" };
    let name = args.http_name.first().map_or_else(|| address.to_string(), |name| format!("{name}:{port}"));
    Ok(Open { says: format!("browsers: {scheme}://{name}/, store {}", served.name), is_over, thread })
}

/// Who enters, by the file of users as it is at that moment.
struct ByUsers(Arc<Stores>);

impl Login for ByUsers {
    fn role_of(&self, name: &str, password: &str) -> Option<Role> {
        match self.0.users().ok()?.login(name, password) {
            virta_access::Login::As(role) if role.sees_rows() => {
                Some(Role::Rows { word: role.word(), takes_in: role == Access::DataUnit })
            }
            virta_access::Login::As(role) => {
                let word = role.word();
                let (studies, pilots) = match role {
                    Access::Project { studies, pilots } => (studies, Some(pilots)),
                    _ => (Vec::new(), None),
                };
                Some(Role::Protected { word, studies, pilots })
            }
            virta_access::Login::Refused => None,
        }
    }
}
