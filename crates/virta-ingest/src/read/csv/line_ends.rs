//! Line ends of every kind to those that rows are read by.

use std::io::{self, Read};

/// Makes a line feed of each carriage return that none follows: old systems end lines with it alone, and files put
/// together from several systems have some lines of each kind. Inside quotes too, so that nothing has to be known about
/// rows. No byte is added or taken away.
pub(crate) struct LineEnds<R> {
    reader: R,
    /// A carriage return was read, and not yet what follows it.
    holds_return: bool,
    /// A byte that had no room left.
    next: Option<u8>,
}

impl<R: Read> LineEnds<R> {
    pub(crate) fn new(reader: R) -> Self {
        LineEnds { reader, holds_return: false, next: None }
    }

    /// Gives the carriage return that is held, into room for nothing else.
    fn give_held(&mut self) -> io::Result<u8> {
        let mut follows = [0];
        if self.reader.read(&mut follows)? == 0 {
            self.holds_return = false;
            return Ok(b'\n');
        }
        match follows {
            [b'\r'] => Ok(b'\n'),
            [byte] => {
                self.holds_return = false;
                self.next = Some(byte);
                Ok(if byte == b'\n' { b'\r' } else { b'\n' })
            }
        }
    }
}

impl<R: Read> Read for LineEnds<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match buffer {
            [] => return Ok(0),
            [first, ..] if self.next.is_some() => {
                *first = self.next.take().unwrap_or_default();
                return Ok(1);
            }
            [only] if self.holds_return => {
                *only = self.give_held()?;
                return Ok(1);
            }
            _ => {}
        }
        loop {
            let held = usize::from(self.holds_return);
            let read = self.reader.read(buffer.get_mut(held..).unwrap_or_default())?;
            if let (1, Some(first)) = (held, buffer.first_mut()) {
                *first = if read == 0 { b'\n' } else { b'\r' };
                self.holds_return = false;
            }
            if read == 0 {
                return Ok(held);
            }
            let length = held + read;
            let filled = buffer.get_mut(..length).unwrap_or_default();
            self.holds_return = settle(filled);
            let given = length - usize::from(self.holds_return);
            if given > 0 {
                return Ok(given);
            }
            if let [only] = buffer {
                *only = self.give_held()?;
                return Ok(1);
            }
        }
    }
}

/// Changes the carriage returns of a text; true when what follows the last byte decides about it.
fn settle(text: &mut [u8]) -> bool {
    let mut from = 0;
    while let Some(length) = text.get(from..).and_then(|rest| memchr::memchr(b'\r', rest)) {
        from += length + 1;
        match text.get(from) {
            None => return true,
            Some(b'\n') => {}
            Some(_) => text[from - 1] = b'\n',
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Gives its text in pieces of these lengths, again and again.
    struct Pieces<'a>(&'a [u8], &'a [usize], usize);

    impl Read for Pieces<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let length = self.1[self.2 % self.1.len()].min(buffer.len()).min(self.0.len());
            self.2 += 1;
            buffer[..length].copy_from_slice(&self.0[..length]);
            self.0 = &self.0[length..];
            Ok(length)
        }
    }

    fn check(text: &str, wanted: &str) {
        let mut found = String::new();
        LineEnds::new(text.as_bytes()).read_to_string(&mut found).unwrap();
        assert_eq!(found, wanted, "{text:?}");
    }

    #[test]
    fn a_carriage_return_alone_ends_a_line() {
        check("a;b\rc;d\r", "a;b\nc;d\n");
        check("a;b\rc;d", "a;b\nc;d");
        check("a\r\nb\nc\rd\r\n", "a\r\nb\nc\nd\r\n");
        check("a\r\r\nb\r\rc", "a\n\r\nb\n\nc");
        check("\"a\rb\";c\r", "\"a\nb\";c\n");
        check("", "");
        check("\r", "\n");
    }

    proptest! {
        #[test]
        fn it_does_not_matter_in_which_pieces_a_text_comes(
            text in "[ab\r\n]{0,60}",
            pieces in prop::collection::vec(1usize..5, 1..5),
            room in prop::collection::vec(1usize..5, 1..5),
        ) {
            let mut whole = text.clone().into_bytes();
            if settle(&mut whole) {
                *whole.last_mut().unwrap() = b'\n';
            }
            let mut reader = LineEnds::new(Pieces(text.as_bytes(), &pieces, 0));
            let (mut found, mut buffer) = (Vec::new(), [0; 8]);
            for room in room.iter().cycle() {
                match reader.read(&mut buffer[..*room]).unwrap() {
                    0 => break,
                    read => found.extend_from_slice(&buffer[..read]),
                }
            }
            prop_assert_eq!(found, whole);
        }
    }
}
