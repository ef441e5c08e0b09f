//! A server over the made-up store, and whoever asks it.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;

use super::made::Made;
use crate::house::House;
use crate::server::{Front, serve};
use crate::session::{Login, Role};

fn protected(study: &str, pilots: &[&str]) -> Role {
    let pilots = pilots.iter().map(|pilot| (*pilot).to_owned()).collect();
    Role::Protected { word: "project", studies: vec![study.to_owned()], pilots: Some(pilots) }
}

/// One password for everybody.
pub(crate) struct Two;

impl Login for Two {
    fn role_of(&self, name: &str, password: &str) -> Option<Role> {
        let role = match name {
            "unit" | "second" => Role::Rows { word: "data_unit", takes_in: true },
            "project" => protected("made", &["p"]),
            "stranger" => protected("made", &[]),
            "other" => protected("another", &[]),
            _ => return None,
        };
        (password == "right").then_some(role)
    }
}

/// A server that lives as long as its test.
pub(crate) struct Running {
    pub address: SocketAddr,
    pub house: Arc<Made>,
    _runtime: tokio::runtime::Runtime,
}

pub(crate) const TOKEN: &str = "0123456789abcdef";

pub(crate) fn running() -> Running {
    running_of(Made::default())
}

pub(crate) fn running_of(made: Made) -> Running {
    running_with(made, |house, address| Front::for_one(house, TOKEN.to_owned(), address))
}

/// A server that asks for a name and a password.
pub(crate) fn asking() -> Running {
    asking_of(Made::default())
}

pub(crate) fn asking_of(made: Made) -> Running {
    running_with(made, |house, address| Front::for_several(house, Arc::new(Two), vec![address.to_string()], false))
}

fn running_with(made: Made, front: impl Fn(Arc<dyn House>, SocketAddr) -> Result<Front, minijinja::Error>) -> Running {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let house = Arc::new(made);
    let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
    let address = listener.local_addr().unwrap();
    let front = front(Arc::clone(&house) as Arc<dyn House>, address).unwrap();
    runtime.spawn(serve(listener, front, std::future::pending()));
    Running { address, house, _runtime: runtime }
}

pub(crate) struct Answer {
    pub status: u16,
    pub head: String,
    /// With slashes as they stand, which templates escape.
    pub body: String,
}

impl Running {
    pub(crate) fn ask(&self, method: &str, path: &str, headers: &str, body: &str) -> Answer {
        let mut stream = TcpStream::connect(self.address).unwrap();
        let host = if headers.contains("Host:") { String::new() } else { format!("Host: {}\r\n", self.address) };
        let length = body.len();
        let request = format!(
            "{method} {path} HTTP/1.1\r\n{host}{headers}Connection: close\r\nContent-Type: application/x-www-form-urlencoded\r\n\
             Content-Length: {length}\r\n\r\n{body}"
        );
        stream.write_all(request.as_bytes()).unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
        Answer { status, head: head.to_lowercase(), body: body.replace("&#x2f;", "/") }
    }

    pub(crate) fn enter(&self) -> String {
        let answer = self.ask("GET", &format!("/?token={TOKEN}"), "", "");
        assert_eq!(answer.status, 303, "{}", answer.head);
        let cookie = answer.head.lines().find_map(|line| line.strip_prefix("set-cookie: ")).unwrap();
        assert!(cookie.contains("httponly") && cookie.contains("samesite=strict"), "{cookie}");
        format!("Cookie: {}\r\n", cookie.split(';').next().unwrap())
    }
}

impl Running {
    pub(crate) fn enter_as(&self, name: &str, password: &str) -> Option<String> {
        let origin = format!("Origin: http://{}\r\n", self.address);
        let answer = self.ask("POST", "/enter", &origin, &format!("name={name}&password={password}"));
        let cookie = answer.head.lines().find_map(|line| line.strip_prefix("set-cookie: virta="))?;
        assert_eq!(answer.status, 303);
        Some(format!("Cookie: virta={}\r\n", cookie.split(';').next()?))
    }
}

impl Running {
    /// Sends a form, follows it to its work, and gives the page of what came of it.
    pub(crate) fn work(&self, path: &str, cookie: &str, form: &str) -> String {
        let own = format!("{cookie}Origin: http://{}\r\n", self.address);
        let answer = self.ask("POST", &format!("{path}?lang=en"), &own, form);
        let to = answer.head.lines().find_map(|line| line.strip_prefix("location: ")).map(str::to_owned);
        let Some(to) = to else { return answer.body };
        for _ in 0..500 {
            let page = self.ask("GET", &format!("{to}?lang=en"), cookie, "").body;
            if !page.contains("<progress") {
                return page;
            }
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
        panic!("{path} does not end");
    }

    /// Waits for a line of the house's log.
    pub(crate) fn waits_for(&self, what: &str) {
        for _ in 0..1000 {
            if self.house.log.lock().unwrap().iter().any(|line| line.contains(what)) {
                return;
            }
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        panic!("{what} is not in the log");
    }

    /// A request whose sender goes without waiting for the answer, once the log has a line.
    pub(crate) fn goes_after(&self, path: &str, cookie: &str, began: &str) {
        let request = format!("GET {path} HTTP/1.1\r\nHost: {}\r\n{cookie}\r\n", self.address);
        let mut browser = TcpStream::connect(self.address).unwrap();
        browser.write_all(request.as_bytes()).unwrap();
        self.waits_for(began);
    }
}
