//! Cuts a stream of text into chunks at row boundaries, so that chunks can be read in parallel.

use std::io::Read;

use super::scan::{Fields, ROW_BYTES_MAX, Scan, Syntax, next_row};

/// Rows that stand together. Reading it alone gives the same rows as reading the whole text.
#[derive(Debug, Default)]
pub(crate) struct Chunk {
    pub bytes: Vec<u8>,
    /// Line of the text where the chunk begins, from 1.
    pub(crate) first_line: u64,
    /// Whether the text ends here.
    pub(crate) at_end: bool,
    /// Lines that were longer than any row may be: their number and their beginning's hash input.
    pub too_long: Vec<u64>,
}

/// Reads a text chunk by chunk.
pub(crate) struct Splitter<R> {
    reader: R,
    syntax: Syntax,
    chunk_bytes: usize,
    carry: Vec<u8>,
    line: u64,
    ended: bool,
    fields: Fields,
}

impl<R: Read> Splitter<R> {
    /// `carry` is text that was read already; `line` is the line where it begins.
    pub(crate) fn new(reader: R, syntax: Syntax, chunk_bytes: usize, carry: Vec<u8>, line: u64) -> Self {
        Splitter { reader, syntax, chunk_bytes, carry, line, ended: false, fields: Fields::default() }
    }

    /// The next chunk, or `None` at the end. `buffer` is reused.
    pub(crate) fn next(&mut self, mut buffer: Vec<u8>) -> std::io::Result<Option<Chunk>> {
        if self.ended {
            return Ok(None);
        }
        buffer.clear();
        buffer.append(&mut self.carry);
        let mut too_long = Vec::new();
        loop {
            self.fill(&mut buffer)?;
            if self.ended {
                break;
            }
            let end = self.last_boundary(&buffer);
            if end > 0 {
                self.carry.extend_from_slice(&buffer[end..]);
                buffer.truncate(end);
                break;
            }
            if buffer.len() > ROW_BYTES_MAX && memchr::memchr(b'\n', &buffer).is_none() {
                too_long.push(self.line);
                self.line += 1;
                self.skip_line(&mut buffer)?;
                if self.ended {
                    break;
                }
            }
        }
        let first_line = self.line;
        self.line += memchr::memchr_iter(b'\n', &buffer).count() as u64;
        Ok(Some(Chunk { bytes: buffer, first_line, at_end: self.ended, too_long }))
    }

    /// Reads until the buffer holds one more chunk.
    fn fill(&mut self, buffer: &mut Vec<u8>) -> std::io::Result<()> {
        let wanted = if buffer.len() < self.chunk_bytes { self.chunk_bytes } else { buffer.len() + self.chunk_bytes };
        let mut length = buffer.len();
        buffer.resize(wanted, 0);
        while length < wanted {
            match self.reader.read(&mut buffer[length..]) {
                Ok(0) => {
                    self.ended = true;
                    break;
                }
                Ok(read) => length += read,
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        buffer.truncate(length);
        Ok(())
    }

    /// Drops the rest of a line that is too long, keeping what follows it.
    fn skip_line(&mut self, buffer: &mut Vec<u8>) -> std::io::Result<()> {
        loop {
            buffer.clear();
            self.fill(buffer)?;
            if let Some(at) = memchr::memchr(b'\n', buffer) {
                buffer.drain(..=at);
                return Ok(());
            }
            if self.ended {
                buffer.clear();
                return Ok(());
            }
        }
    }

    /// Where the last whole row of the buffer ends. Only rows with a quote at the start of a field are read; between them
    /// every line is a row.
    fn last_boundary(&mut self, text: &[u8]) -> usize {
        let mut row = 0;
        let mut from = 0;
        while let Some(length) = text.get(from..).and_then(|rest| memchr::memchr(self.syntax.quote, rest)) {
            let quote = from + length;
            let opens = quote == row
                || matches!(text.get(quote.wrapping_sub(1)), Some(b) if *b == b'\n' || *b == self.syntax.delimiter);
            if !opens {
                from = quote + 1;
                continue;
            }
            row += memchr::memrchr(b'\n', &text[row..quote]).map_or(0, |at| at + 1);
            match next_row(text, row, self.syntax, false, &mut self.fields) {
                Scan::Row { end } | Scan::Blank { end } | Scan::Bad { end, .. } => {
                    row = end;
                    from = end;
                }
                Scan::Incomplete => return row,
            }
        }
        row + memchr::memrchr(b'\n', &text[row..]).map_or(0, |at| at + 1)
    }
}
