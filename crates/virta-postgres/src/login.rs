//! Who comes in: encryption, name and password, before anything else is done.

use std::sync::Arc;
use std::time::Duration;

use pgwire::api::auth::sasl::scram::{ScramSecret, ScramServerAuth};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use virta_access::{Entry, Role};

use crate::door::Door;
use crate::error::{Refusal, Result};
use crate::wire::{Out, Startup, startup};

/// A connection that bytes go through, encrypted or not.
pub(crate) trait Stream: AsyncRead + AsyncWrite + Unpin + Send + Sync {}

impl<T: AsyncRead + AsyncWrite + Unpin + Send + Sync> Stream for T {}

/// Somebody who is in.
pub(crate) struct Entered {
    pub(crate) stream: Box<dyn Stream>,
    pub user: String,
    pub role: Role,
    pub store: String,
    /// What the client set with the login.
    pub settings: Vec<(String, String)>,
    /// Options of the protocol that nobody knows here, when the client speaks a newer version.
    pub unknown: Option<Vec<String>>,
}

/// A first message is short: longer ones are not read.
const STARTUP_BYTES_MAX: usize = 10_000;
/// The same for messages of a login.
const LOGIN_BYTES_MAX: usize = 10_000;
/// Before a refusal is told, so that guessing is slow, and as slow for a wrong name as for a wrong password.
const AFTER_REFUSAL: Duration = Duration::from_millis(500);

/// Lets somebody in, or tells why not. `None` when there is nobody to let in: a cancel request, a client that has gone.
pub(crate) async fn login(tcp: TcpStream, door: &Door) -> Option<Entered> {
    let mut stream: Box<dyn Stream> = Box::new(tcp);
    let mut is_encrypted = false;
    // A client asks for encryption, for another kind of it, and then logs in.
    for _ in 0..4 {
        let message = match first_message(&mut stream).await {
            Ok(Some(message)) => message,
            Ok(None) => return None,
            Err(refusal) => return refuse(&mut stream, &refusal).await,
        };
        match message {
            Startup::Tls => match (&door.tls, is_encrypted) {
                (Some(tls), false) => {
                    stream.write_all(b"S").await.ok()?;
                    stream.flush().await.ok()?;
                    stream = Box::new(TlsAcceptor::from(Arc::clone(&tls.settings)).accept(stream).await.ok()?);
                    is_encrypted = true;
                }
                _ => stream.write_all(b"N").await.ok()?,
            },
            Startup::Gss => stream.write_all(b"N").await.ok()?,
            Startup::Cancel { process, secret } => {
                door.cancels.cancel(process, secret);
                return None;
            }
            Startup::Unknown => {
                let refusal = Refusal::fatal("0A000", "only protocol 3 is spoken here");
                return refuse(&mut stream, &refusal).await;
            }
            Startup::Login { minor, parameters } => {
                // A client that does not ask for encryption would send its questions readable.
                if door.tls.is_some() && !is_encrypted {
                    let refusal = Refusal::fatal("28000", "only encrypted connections are taken")
                        .hint("set sslmode=require, or verify-full with the server's certificate");
                    return refuse(&mut stream, &refusal).await;
                }
                return match entered(&mut stream, door, is_encrypted, minor, parameters).await {
                    Ok(Some(login)) => Some(login.with(stream)),
                    Ok(None) => None,
                    Err(refusal) => refuse(&mut stream, &refusal).await,
                };
            }
        }
    }
    None
}

/// A login whose stream is still elsewhere.
struct Let {
    user: String,
    role: Role,
    store: String,
    settings: Vec<(String, String)>,
    unknown: Option<Vec<String>>,
}

impl Let {
    fn with(self, stream: Box<dyn Stream>) -> Entered {
        let Let { user, role, store, settings, unknown } = self;
        Entered { stream, user, role, store, settings, unknown }
    }
}

async fn entered(
    stream: &mut Box<dyn Stream>,
    door: &Door,
    is_encrypted: bool,
    minor: u16,
    parameters: Vec<(String, String)>,
) -> Result<Option<Let>> {
    let (mut user, mut database, mut settings, mut unknown) = (String::new(), None, Vec::new(), Vec::new());
    for (name, value) in parameters {
        match name.as_str() {
            "user" => user = value,
            "database" => database = Some(value),
            "replication" if value != "false" => {
                return Err(Refusal::fatal("0A000", "there is no replication here"));
            }
            "options" => settings.extend(options(&value)),
            _ if name.starts_with("_pq_.") => unknown.push(name),
            _ => settings.push((name, value)),
        }
    }
    let stores = door.host.stores();
    // Without a database of its own a client asks for the one of its name.
    let asked = database.filter(|database| *database != user);
    let store = match &asked {
        Some(asked) => stores.iter().find(|store| *store == asked),
        None => stores.first(),
    };
    let logged = store.or(stores.first()).cloned().unwrap_or_default();
    let Some(role) = authenticated(stream, door, is_encrypted, &user).await? else { return Ok(None) };
    let Some(role) = role else {
        note(door, &logged, &user, "", "refused").await?;
        tokio::time::sleep(AFTER_REFUSAL).await;
        return Err(Refusal::fatal("28P01", "the name or the password is wrong"));
    };
    let Some(store) = store else {
        note(door, &logged, &user, &role.to_string(), "refused").await?;
        return Err(Refusal::fatal("3D000", "there is no such store").hint(format!("there are: {}", stores.join(", "))));
    };
    note(door, store, &user, &role.to_string(), "done").await?;
    let unknown = (minor > 0 || !unknown.is_empty()).then_some(unknown);
    Ok(Some(Let { user, role, store: store.clone(), settings, unknown }))
}

/// Writes a login down. A name that cannot be one is not kept: people type passwords there.
async fn note(door: &Door, store: &str, user: &str, role: &str, outcome: &'static str) -> Result<()> {
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '-' | '.');
    let is_name = (outcome == "done") || door.host.users().is_ok_and(|users| users.find(user).is_some());
    let user = if is_name && user.chars().all(fits) { user.to_owned() } else { "?".to_owned() };
    let (store, role) = (store.to_owned(), role.to_owned());
    let Some(log) = door.host.log(&store) else { return Ok(()) };
    let written = tokio::task::spawn_blocking(move || {
        let entry = Entry {
            user: &user,
            role: &role,
            door: "postgres",
            store: &store,
            what: "login",
            outcome,
            ..Entry::default()
        };
        log.append(&entry).map(drop)
    });
    match written.await {
        Ok(Ok(())) => Ok(()),
        _ => Err(Refusal::unlogged()),
    }
}

/// `-c name=value --name=value`.
fn options(text: &str) -> Vec<(String, String)> {
    let words = text.split_ascii_whitespace().filter_map(|word| {
        let word = word.strip_prefix("--").or_else(|| word.strip_prefix("-c")).unwrap_or(word);
        word.split_once('=')
    });
    words.map(|(name, value)| (name.replace('-', "_"), value.to_owned())).collect()
}

/// The exchange of SCRAM-SHA-256. `Some(None)` is a wrong name or password, and takes as long as a right one.
async fn authenticated(
    stream: &mut Box<dyn Stream>,
    door: &Door,
    is_encrypted: bool,
    user: &str,
) -> Result<Option<Option<Role>>> {
    let users = door.host.users().map_err(|_| Refusal::fatal("28000", "logins are not possible now"))?;
    let (verifier, role) = users.verifier(user);
    let mut scram = ScramServerAuth::new();
    // Where the certificate is known to both, the login is bound to this connection.
    let is_bound =
        is_encrypted && door.tls.as_ref().is_some_and(|tls| scram.configure_certificate(&tls.certificate).is_ok());
    let mechanisms: &[u8] = if is_bound { b"SCRAM-SHA-256-PLUS\0SCRAM-SHA-256\0\0" } else { b"SCRAM-SHA-256\0\0" };
    let Some(first) = exchange(stream, 10, mechanisms).await? else { return Ok(None) };
    let malformed = Refusal::protocol;
    let end = first.iter().position(|byte| *byte == 0).ok_or_else(malformed)?;
    let (mechanism, rest) = first.split_at_checked(end).ok_or_else(malformed)?;
    let (length, message) = rest.get(1..).and_then(<[u8]>::split_first_chunk::<4>).ok_or_else(malformed)?;
    let is_whole = usize::try_from(i32::from_be_bytes(*length)) == Ok(message.len());
    let is_known = mechanism == b"SCRAM-SHA-256" || (is_bound && mechanism == b"SCRAM-SHA-256-PLUS");
    if !is_whole || !is_known {
        return Err(malformed());
    }
    let secret = ScramSecret::Verifier {
        salt: verifier.salt().to_vec(),
        iterations: verifier.iterations() as usize,
        stored_key: verifier.stored_key().to_vec(),
        server_key: verifier.server_key().to_vec(),
    };
    let begun = scram.on_client_first_message_with_secret(message, secret);
    let (answer, waiting) = begun.map_err(|_| malformed())?;
    let Some(last) = exchange(stream, 11, answer.as_bytes()).await? else { return Ok(None) };
    let Ok(proof) = waiting.on_client_final_message(&last) else { return Ok(Some(None)) };
    let Some(role) = role else { return Ok(Some(None)) };
    let mut out = Out::default();
    out.authentication(12, proof.as_bytes());
    send(stream, &out).await;
    Ok(Some(Some(role)))
}

/// Sends a step of the login and waits for the client's. `None` when it has gone.
async fn exchange(stream: &mut Box<dyn Stream>, code: u32, body: &[u8]) -> Result<Option<Vec<u8>>> {
    let mut out = Out::default();
    out.authentication(code, body);
    send(stream, &out).await;
    let mut head = [0; 5];
    if stream.read_exact(&mut head).await.is_err() {
        return Ok(None);
    }
    let [kind, length @ ..] = head;
    let length = usize::try_from(u32::from_be_bytes(length)).ok().and_then(|length| length.checked_sub(4));
    let length = length.filter(|length| *length <= LOGIN_BYTES_MAX).ok_or_else(Refusal::protocol)?;
    if kind != b'p' {
        return Err(Refusal::protocol());
    }
    let mut body = vec![0; length];
    Ok(stream.read_exact(&mut body).await.ok().map(|_| body))
}

async fn first_message(stream: &mut Box<dyn Stream>) -> Result<Option<Startup>> {
    let mut length = [0; 4];
    if stream.read_exact(&mut length).await.is_err() {
        return Ok(None);
    }
    let length = usize::try_from(u32::from_be_bytes(length)).ok().and_then(|length| length.checked_sub(4));
    let length = length.filter(|length| (4..=STARTUP_BYTES_MAX).contains(length)).ok_or_else(Refusal::protocol)?;
    let mut body = vec![0; length];
    if stream.read_exact(&mut body).await.is_err() {
        return Ok(None);
    }
    startup(&body).map(Some).map_err(|_| Refusal::protocol())
}

async fn refuse(stream: &mut Box<dyn Stream>, refusal: &Refusal) -> Option<Entered> {
    let mut out = Out::default();
    out.error(refusal);
    send(stream, &out).await;
    // Who has gone needs no goodbye.
    let _ = stream.shutdown().await;
    None
}

/// A client that has gone is noticed when it is read from.
async fn send(stream: &mut Box<dyn Stream>, out: &Out) {
    let _ = stream.write_all(&out.0).await;
    let _ = stream.flush().await;
}
