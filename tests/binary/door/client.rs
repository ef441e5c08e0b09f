//! A client of the door that sends what it is told to, and nothing a driver would add.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

use crate::binary::runner::{Bench, binary};

/// The door of a bench's store, open until it is dropped.
#[derive(Debug)]
pub(super) struct Open {
    child: Child,
    pub port: u16,
    /// Of the pages, where they were opened.
    pub http: Option<u16>,
}

pub(super) const PASSWORD: &str = "a long password";

impl Open {
    /// Opens the door for users with these roles; their names are given first.
    pub(super) fn new(bench: &Bench, users: &[(&str, &[&str])], options: &[&str]) -> Open {
        bench.write("password", PASSWORD);
        for (name, role) in users {
            let args = [&["users", "u.toml", "add", name, "--password-file", "password"], *role].concat();
            bench.virta(args).ends_with(0);
        }
        let mut command = Command::new(binary());
        command.args(["serve", "s", "--users", "u.toml", "--postgres", "127.0.0.1:0"]).args(options);
        command.current_dir(bench.folder.path()).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut says = String::new();
        let out = child.stdout.as_mut().unwrap();
        let mut byte = [0];
        while !says.ends_with('\n') && out.read(&mut byte).unwrap() == 1 {
            says.push(char::from(byte[0]));
        }
        while options.contains(&"--http") && !says.ends_with("closes\n") && out.read(&mut byte).unwrap() == 1 {
            says.push(char::from(byte[0]));
        }
        let port = |text: &str| text.split("127.0.0.1:").nth(1)?.split([',', '/']).next()?.parse().ok();
        let http = says.lines().find(|line| line.contains("http://")).and_then(port);
        Open { child, port: port(&says).unwrap_or_else(|| panic!("it did not open: {says}")), http }
    }

    /// A connection of somebody who is in.
    pub(super) fn client(&self, user: &str) -> Client {
        Client::login(self.port, user, PASSWORD).unwrap()
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

/// A message with its type.
pub(super) type Message = (u8, Vec<u8>);

#[derive(Debug)]
pub(super) struct Client {
    pub stream: TcpStream,
    pub key: (i32, i32),
}

/// What an answer was: rows as texts, or the code and text of an error.
pub(super) type Answered = Result<Vec<Vec<Option<String>>>, (String, String)>;

impl Client {
    pub(super) fn connect(port: u16) -> TcpStream {
        let stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        stream
    }

    /// Logs in by SCRAM-SHA-256 (RFC 7677); the error is what the server says.
    pub(super) fn login(port: u16, user: &str, password: &str) -> Result<Client, String> {
        let mut client = Client { stream: Self::connect(port), key: (0, 0) };
        let mut body = vec![0, 3, 0, 0];
        for text in ["user", user, "database", "s", ""] {
            body.extend_from_slice(text.as_bytes());
            body.push(0);
        }
        let length = (body.len() as u32 + 4).to_be_bytes();
        client.stream.write_all(&[&length[..], &body].concat()).unwrap();
        client.expect(b'R')?;
        let first = "n=,r=abcdefghijklmnop";
        let mut body = b"SCRAM-SHA-256\0".to_vec();
        body.extend_from_slice(&(first.len() as u32 + 3).to_be_bytes());
        body.extend_from_slice(format!("n,,{first}").as_bytes());
        client.send(b'p', &body);
        let answer = client.expect(b'R')?;
        let answer = String::from_utf8(answer[4..].to_vec()).unwrap();
        let part = |letter: &str| answer.split(',').find_map(|part| part.strip_prefix(letter)).unwrap().to_owned();
        let (nonce, salt, iterations) = (part("r="), from_base64(&part("s=")), part("i=").parse().unwrap());
        let salted = (1..iterations)
            .fold(
                {
                    let first = mac(password.as_bytes(), &[&salt[..], &1u32.to_be_bytes()].concat());
                    (first, first)
                },
                |(last, sum): ([u8; 32], [u8; 32]), _: u32| {
                    let next = mac(password.as_bytes(), &last);
                    (next, std::array::from_fn(|at| sum[at] ^ next[at]))
                },
            )
            .1;
        let key = mac(&salted, b"Client Key");
        let stored: [u8; 32] = Sha256::digest(key).into();
        let message = format!("{first},{answer},c=biws,r={nonce}");
        let signature = mac(&stored, message.as_bytes());
        let proof: [u8; 32] = std::array::from_fn(|at| key[at] ^ signature[at]);
        client.send(b'p', format!("c=biws,r={nonce},p={}", to_base64(&proof)).as_bytes());
        loop {
            match client.read() {
                (b'E', body) => return Err(error(&body).1),
                (b'K', body) => {
                    let number = |at: usize| i32::from_be_bytes(body[at..at + 4].try_into().unwrap());
                    client.key = (number(0), number(4));
                }
                (b'Z', _) => return Ok(client),
                _ => {}
            }
        }
    }

    pub(super) fn send(&mut self, kind: u8, body: &[u8]) {
        let length = (body.len() as u32 + 4).to_be_bytes();
        // A server that has closed is found when it is read from.
        let _ = self.stream.write_all(&[&[kind], &length[..], body].concat());
    }

    pub(super) fn read(&mut self) -> Message {
        self.try_read().expect("a message")
    }

    /// The next message; `None` when the server has closed.
    pub(super) fn try_read(&mut self) -> Option<Message> {
        let mut head = [0; 5];
        self.stream.read_exact(&mut head).ok()?;
        let length = u32::from_be_bytes(head[1..].try_into().unwrap()) as usize - 4;
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body).ok()?;
        Some((head[0], body))
    }

    fn expect(&mut self, kind: u8) -> Result<Vec<u8>, String> {
        match self.read() {
            (own, body) if own == kind => Ok(body),
            (b'E', body) => Err(error(&body).1),
            (other, _) => panic!("a message {}", char::from(other)),
        }
    }

    pub(super) fn ask(&mut self, sql: &str) {
        self.send(b'Q', &[sql.as_bytes(), &[0]].concat());
    }

    /// The answer to a simple query, to the last of its messages.
    pub(super) fn query(&mut self, sql: &str) -> Answered {
        self.ask(sql);
        self.answer()
    }

    /// What comes until the server is ready for the next statement. Copied lines are rows of one column.
    pub(super) fn answer(&mut self) -> Answered {
        let (mut rows, mut failed) = (Vec::new(), None);
        loop {
            match self.read() {
                (b'D', body) => rows.push(row(&body)),
                (b'd', body) => rows.push(vec![Some(String::from_utf8_lossy(&body).into_owned())]),
                (b'E', body) => failed = Some(error(&body)),
                (b'Z', _) => return failed.map_or(Ok(rows), Err),
                _ => {}
            }
        }
    }

    /// The same by the extended protocol, with values as texts.
    pub(super) fn execute(&mut self, sql: &str, values: &[Option<&str>]) -> Answered {
        self.send(b'P', &[&[0], sql.as_bytes(), &[0, 0, 0]].concat());
        let mut bind = vec![0, 0, 0, 0];
        bind.extend_from_slice(&(values.len() as u16).to_be_bytes());
        for value in values {
            match value {
                Some(value) => {
                    bind.extend_from_slice(&(value.len() as u32).to_be_bytes());
                    bind.extend_from_slice(value.as_bytes());
                }
                None => bind.extend_from_slice(&(-1i32).to_be_bytes()),
            }
        }
        bind.extend_from_slice(&[0, 0]);
        self.send(b'B', &bind);
        self.send(b'D', b"P\0");
        self.send(b'E', &[0, 0, 0, 0, 0]);
        self.send(b'S', &[]);
        self.answer()
    }
}

fn row(body: &[u8]) -> Vec<Option<String>> {
    let count = u16::from_be_bytes(body[..2].try_into().unwrap());
    let mut at = 2;
    (0..count)
        .map(|_| {
            let length = i32::from_be_bytes(body[at..at + 4].try_into().unwrap());
            at += 4;
            let length = usize::try_from(length).ok()?;
            at += length;
            Some(String::from_utf8_lossy(&body[at - length..at]).into_owned())
        })
        .collect()
}

/// The code and the rest of an error, as one text.
pub(super) fn error(body: &[u8]) -> (String, String) {
    let fields: Vec<&[u8]> = body.split(|byte| *byte == 0).filter(|field| !field.is_empty()).collect();
    let text = |field: &&[u8]| String::from_utf8_lossy(&field[1..]).into_owned();
    let code = fields.iter().find(|field| field[0] == b'C').map(text).unwrap();
    (code, fields.iter().map(text).collect::<Vec<_>>().join(" | "))
}

fn mac(key: &[u8], message: &[u8]) -> [u8; 32] {
    let mut state = Hmac::<Sha256>::new_from_slice(key).unwrap();
    state.update(message);
    state.finalize().into_bytes().into()
}

const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

fn to_base64(bytes: &[u8]) -> String {
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let number = (0..3).fold(0u32, |number, at| (number << 8) | u32::from(chunk.get(at).copied().unwrap_or(0)));
        for at in 0..4 {
            let digit = char::from(DIGITS[(number >> (18 - 6 * at)) as usize & 63]);
            text.push(if at <= chunk.len() { digit } else { '=' });
        }
    }
    text
}

fn from_base64(text: &str) -> Vec<u8> {
    let digits = text.bytes().filter(|byte| *byte != b'=');
    let (mut bytes, mut number, mut bits) = (Vec::new(), 0u32, 0);
    for digit in digits {
        number = (number << 6) | DIGITS.iter().position(|own| *own == digit).unwrap() as u32;
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            bytes.push((number >> bits) as u8);
        }
    }
    bytes
}
