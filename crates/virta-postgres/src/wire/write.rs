//! What is sent to clients.

use crate::error::Refusal;
use crate::values::Field;

/// Where a connection stands between statements.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Status {
    Idle,
    InTransaction,
    /// A statement of the transaction failed: only its end is taken.
    Failed,
}

/// Messages that wait to be sent.
#[derive(Debug, Default)]
pub(crate) struct Out(pub Vec<u8>);

impl Out {
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// A message of a type with what `body` writes.
    pub(crate) fn message(&mut self, kind: u8, body: impl FnOnce(&mut Vec<u8>)) {
        self.0.push(kind);
        let start = self.0.len();
        self.0.extend_from_slice(&[0; 4]);
        body(&mut self.0);
        let length = u32::try_from(self.0.len() - start).unwrap_or(u32::MAX);
        if let Some(place) = self.0.get_mut(start..start + 4) {
            place.copy_from_slice(&length.to_be_bytes());
        }
    }

    pub(crate) fn empty(&mut self, kind: u8) {
        self.message(kind, |_| {});
    }

    pub(crate) fn parse_complete(&mut self) {
        self.empty(b'1');
    }

    pub(crate) fn bind_complete(&mut self) {
        self.empty(b'2');
    }

    pub(crate) fn close_complete(&mut self) {
        self.empty(b'3');
    }

    pub(crate) fn no_data(&mut self) {
        self.empty(b'n');
    }

    pub(crate) fn suspended(&mut self) {
        self.empty(b's');
    }

    pub(crate) fn empty_query(&mut self) {
        self.empty(b'I');
    }

    pub(crate) fn authentication(&mut self, code: u32, body: &[u8]) {
        self.message(b'R', |out| {
            out.extend_from_slice(&code.to_be_bytes());
            out.extend_from_slice(body);
        });
    }

    pub(crate) fn parameter(&mut self, name: &str, value: &str) {
        self.message(b'S', |out| {
            text(out, name);
            text(out, value);
        });
    }

    pub(crate) fn key(&mut self, process: i32, secret: i32) {
        self.message(b'K', |out| {
            out.extend_from_slice(&process.to_be_bytes());
            out.extend_from_slice(&secret.to_be_bytes());
        });
    }

    /// The newest minor version that is spoken here, and the options that are not known.
    pub(crate) fn negotiate(&mut self, unknown: &[&str]) {
        self.message(b'v', |out| {
            out.extend_from_slice(&0u32.to_be_bytes());
            out.extend_from_slice(&(unknown.len() as u32).to_be_bytes());
            unknown.iter().for_each(|option| text(out, option));
        });
    }

    pub(crate) fn ready(&mut self, status: Status) {
        let letter = match status {
            Status::Idle => b'I',
            Status::InTransaction => b'T',
            Status::Failed => b'E',
        };
        self.message(b'Z', |out| out.push(letter));
    }

    pub(crate) fn complete(&mut self, tag: &str) {
        self.message(b'C', |out| text(out, tag));
    }

    pub(crate) fn error(&mut self, refusal: &Refusal) {
        self.report(b'E', if refusal.is_fatal { "FATAL" } else { "ERROR" }, refusal);
    }

    pub(crate) fn warning(&mut self, refusal: &Refusal) {
        self.report(b'N', "WARNING", refusal);
    }

    fn report(&mut self, kind: u8, severity: &str, refusal: &Refusal) {
        self.message(kind, |out| {
            let mut field = |letter: u8, value: &str| {
                out.push(letter);
                text(out, value);
            };
            field(b'S', severity);
            field(b'V', severity);
            field(b'C', refusal.code);
            field(b'M', &refusal.message);
            if let Some(hint) = &refusal.hint {
                field(b'H', hint);
            }
            if let Some(position) = refusal.position {
                field(b'P', &position.to_string());
            }
            out.push(0);
        });
    }

    pub(crate) fn parameters(&mut self, oids: &[u32]) {
        self.message(b't', |out| {
            out.extend_from_slice(&(oids.len() as u16).to_be_bytes());
            oids.iter().for_each(|oid| out.extend_from_slice(&oid.to_be_bytes()));
        });
    }

    /// `is_binary` by column.
    pub(crate) fn columns(&mut self, fields: &[Field], is_binary: &[bool]) {
        self.message(b'T', |out| {
            out.extend_from_slice(&(fields.len() as u16).to_be_bytes());
            for (at, field) in fields.iter().enumerate() {
                text(out, &field.name);
                // Neither a table nor a column of one: an answer is worked out.
                out.extend_from_slice(&[0; 6]);
                out.extend_from_slice(&field.wire.oid().to_be_bytes());
                out.extend_from_slice(&field.wire.length().to_be_bytes());
                out.extend_from_slice(&field.wire.modifier().to_be_bytes());
                let format = u16::from(is_binary.get(at).copied().unwrap_or_default());
                out.extend_from_slice(&format.to_be_bytes());
            }
        });
    }

    /// What begins `COPY ... TO STDOUT`.
    pub(crate) fn copy_out(&mut self, is_binary: bool, columns: usize) {
        self.message(b'H', |out| {
            out.push(u8::from(is_binary));
            out.extend_from_slice(&(columns as u16).to_be_bytes());
            (0..columns).for_each(|_| out.extend_from_slice(&u16::from(is_binary).to_be_bytes()));
        });
    }

    pub(crate) fn copy_done(&mut self) {
        self.empty(b'c');
    }
}

/// A text and the zero that ends it; a zero within would end it too early.
fn text(out: &mut Vec<u8>, text: &str) {
    out.extend(text.bytes().filter(|byte| *byte != 0));
    out.push(0);
}
