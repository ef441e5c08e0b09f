//! A browser, as far as the pages can tell: it keeps a cookie and says where its forms come from.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

/// Somebody who has entered.
#[derive(Debug)]
pub(super) struct Browser {
    port: u16,
    cookie: String,
}

impl Browser {
    pub(super) fn enter(port: u16, user: &str, password: &str) -> Browser {
        let nobody = Browser { port, cookie: String::new() };
        let (status, head) = nobody.post("/enter", &format!("name={user}&password={}", encoded(password)));
        assert_eq!(status, 303, "{head}");
        let cookie = head.lines().find_map(|line| line.strip_prefix("set-cookie: ")).unwrap();
        Browser { port, cookie: cookie.split(';').next().unwrap().to_owned() }
    }

    /// The status, and all that is told: headers and page.
    pub(super) fn get(&self, path: &str) -> (u16, String) {
        self.ask("GET", path, "")
    }

    pub(super) fn post(&self, path: &str, form: &str) -> (u16, String) {
        self.ask("POST", path, form)
    }

    fn ask(&self, method: &str, path: &str, form: &str) -> (u16, String) {
        let Browser { port, cookie } = self;
        let mut stream = TcpStream::connect(("127.0.0.1", *port)).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nOrigin: http://127.0.0.1:{port}\r\nCookie: {cookie}\r\n\
             Connection: close\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{form}",
            form.len()
        );
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        let answer = String::from_utf8_lossy(&answer).into_owned();
        let status = answer.split(' ').nth(1).and_then(|status| status.parse().ok());
        (status.unwrap_or_else(|| panic!("no answer: {answer}")), answer)
    }
}

/// A text as part of an address.
pub(super) fn encoded(text: &str) -> String {
    let is_plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._~".contains(byte);
    text.bytes()
        .map(|byte| if is_plain(&byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}
