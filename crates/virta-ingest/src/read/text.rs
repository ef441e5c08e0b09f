//! Opening delimited text: packed or not, and what is none.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use crate::error::{At, Error, Result};
use crate::read::csv::LineEnds;

/// Counts and hashes the bytes that pass.
#[derive(Debug, Clone, Default)]
pub(crate) struct Seen(Arc<Mutex<(blake3::Hasher, u64)>>);

impl Seen {
    fn add(&self, bytes: &[u8]) {
        let mut inner = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        inner.0.update(bytes);
        inner.1 += bytes.len() as u64;
    }
    pub(crate) fn bytes(&self) -> u64 {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).1
    }
    pub(crate) fn hash(&self) -> blake3::Hash {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).0.finalize()
    }
}

struct Hashing<R> {
    reader: R,
    seen: Seen,
}

impl<R: Read> Read for Hashing<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.reader.read(buffer)?;
        self.seen.add(buffer.get(..read).unwrap_or_default());
        Ok(read)
    }
}

/// How files that are no text begin, what they are and what to do.
const NO_TEXT: [(&[u8], &str, &str); 8] = [
    (b"PK\x03\x04", "a ZIP archive or a workbook", "unpack it; the name of a workbook must end with .xlsx or .ods"),
    (b"PAR1", "a Parquet file", "let its name end with .parquet"),
    (b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", "an old workbook", "let its name end with .xls, or save it as .xlsx"),
    (b"%PDF-", "a PDF document", "ask the sender for the table itself"),
    (b"7z\xBC\xAF\x27\x1C", "a 7z archive", "unpack it"),
    (b"Rar!\x1A\x07", "a RAR archive", "unpack it"),
    (b"\x28\xB5\x2F\xFD", "packed with Zstandard", "unpack it, or pack it with gzip"),
    (b"\xFD7zXZ\x00", "packed with xz", "unpack it, or pack it with gzip"),
];
const GZIP: &[u8] = b"\x1F\x8B";
/// Bytes by which these are told.
const START_BYTES: usize = 8;

/// Opens delimited text, with line ends of one kind. What is packed with gzip is unpacked, whatever its name. Hash and size
/// are of the file as delivered.
///
/// # Errors
/// A file that cannot be opened, and one that begins as no text does.
pub(crate) fn open_text(path: &Path) -> Result<(Box<dyn Read + Send>, Seen)> {
    let seen = Seen::default();
    let reader = Hashing { reader: File::open(path).at("open", path)?, seen: seen.clone() };
    let (start, reader) = peek(reader).at("read", path)?;
    let is_packed = start.starts_with(GZIP);
    let is_named_so = path.extension().is_some_and(|name| name.eq_ignore_ascii_case("gz"));
    if is_named_so && !is_packed && start.len() >= GZIP.len() {
        let message = "the file is not packed with gzip, though its name ends with .gz";
        return Err(no_text(path, message, "take .gz from its name if it is text, or ask the sender for it again"));
    }
    let (start, reader): (_, Box<dyn Read + Send>) = match is_packed || is_named_so {
        true => {
            let packed = BufReader::with_capacity(1 << 16, reader);
            let (start, reader) =
                peek(flate2::read::MultiGzDecoder::new(packed)).map_err(|error| unreadable_text(path, error))?;
            (start, Box::new(LineEnds::new(reader)))
        }
        false => (start, Box::new(LineEnds::new(reader))),
    };
    match NO_TEXT.iter().find(|(begin, ..)| start.starts_with(begin)) {
        Some((_, what, fix)) => Err(no_text(path, &format!("this is no text, but {what}"), fix)),
        None => Ok((reader, seen)),
    }
}

/// The first bytes of what a reader gives, and a reader that gives them again.
fn peek<R: Read + Send + 'static>(mut reader: R) -> io::Result<(Vec<u8>, impl Read + Send)> {
    let mut start = Vec::new();
    Read::take(&mut reader, START_BYTES as u64).read_to_end(&mut start)?;
    Ok((start.clone(), io::Cursor::new(start).chain(reader)))
}

fn no_text(path: &Path, message: &str, fix: &str) -> Error {
    Error::refused(path.display(), "kind", message, fix)
}

/// An error while a text is read: that of its packing, if it has any.
pub(crate) fn unreadable_text(path: &Path, error: io::Error) -> Error {
    use io::ErrorKind;
    match error.kind() {
        // Only unpacking ends so.
        ErrorKind::InvalidData | ErrorKind::InvalidInput | ErrorKind::UnexpectedEof => {
            Error::refused(path.display(), "gzip", "the packed file is damaged or cut", "ask the sender for it again")
        }
        _ => Error::Io { action: "read", path: path.to_owned(), source: error },
    }
}
