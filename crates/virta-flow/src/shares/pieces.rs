//! Pieces: how a share travels.

use std::collections::BTreeMap;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::Error;

/// A piece of a share, to be carried as it is.
///
/// The sums of an analysis are written by the crate postcard, as numbers of as few bytes as they need, and cut into
/// pieces of at most [`Piece::BYTES_MAX`]. What is in them is between two programs of the same version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// What it is of: an analysis or what all of them stand on.
    pub part: String,
    /// Its place among the pieces of the part, from 0.
    pub number: u32,
    pub bytes: Vec<u8>,
}

impl Piece {
    /// The bytes of a piece.
    pub const BYTES_MAX: usize = 1 << 20;
}

/// Takes the pieces of a share as they are made.
pub(crate) struct Sender<'a> {
    out: &'a mut dyn FnMut(Piece) -> Result<(), Error>,
}

impl<'a> Sender<'a> {
    pub(crate) fn new(out: &'a mut dyn FnMut(Piece) -> Result<(), Error>) -> Self {
        Sender { out }
    }

    /// Sends a part, of at least one piece.
    pub(crate) fn send(&mut self, part: &'static str, sums: &impl Serialize) -> Result<(), Error> {
        let bytes = write(sums).ok_or(Error::BrokenShare { part })?;
        let mut send =
            |number, bytes: &[u8]| (self.out)(Piece { part: part.to_owned(), number, bytes: bytes.to_owned() });
        if bytes.is_empty() {
            return send(0, &[]);
        }
        (0..).zip(bytes.chunks(Piece::BYTES_MAX)).try_for_each(|(number, bytes)| send(number, bytes))
    }
}

/// The pieces of a share as they came, in any order.
pub(crate) struct Received {
    /// By part, then by number.
    parts: BTreeMap<String, BTreeMap<u32, Vec<u8>>>,
}

impl Received {
    /// # Errors
    /// A piece that came twice.
    pub(crate) fn new(pieces: Vec<Piece>) -> Result<Self, Error> {
        let mut parts: BTreeMap<String, BTreeMap<u32, Vec<u8>>> = BTreeMap::new();
        for Piece { part, number, bytes } in pieces {
            if parts.entry(part).or_default().insert(number, bytes).is_some() {
                return Err(Error::BrokenShare { part: "a piece that came twice" });
            }
        }
        Ok(Received { parts })
    }

    /// The bytes of a part, which must be there from the first piece to the last.
    pub(crate) fn bytes(&mut self, part: &'static str) -> Result<Vec<u8>, Error> {
        let pieces = self.parts.remove(part).unwrap_or_default();
        if !pieces.keys().copied().eq(0..pieces.len() as u32) || pieces.is_empty() {
            return Err(Error::BrokenShare { part });
        }
        let mut pieces = pieces.into_values();
        let mut bytes = pieces.next().unwrap_or_default();
        pieces.for_each(|more| bytes.extend(more));
        Ok(bytes)
    }

    /// The sums of a part. Nothing is allocated that the bytes do not fill.
    pub(crate) fn take<T: DeserializeOwned>(&mut self, part: &'static str) -> Result<T, Error> {
        read(&self.bytes(part)?).ok_or(Error::BrokenShare { part })
    }

    /// To be called when all parts have been taken.
    pub(crate) fn end(self) -> Result<(), Error> {
        if self.parts.is_empty() { Ok(()) } else { Err(Error::BrokenShare { part: "a part that nobody asked for" }) }
    }
}

/// Bytes as they are written.
#[derive(Default)]
struct Bytes(Vec<u8>);

impl postcard::ser_flavors::Flavor for Bytes {
    type Output = Vec<u8>;

    fn try_extend(&mut self, bytes: &[u8]) -> postcard::Result<()> {
        self.0.extend_from_slice(bytes);
        Ok(())
    }

    fn try_push(&mut self, byte: u8) -> postcard::Result<()> {
        self.0.push(byte);
        Ok(())
    }

    fn finalize(self) -> postcard::Result<Vec<u8>> {
        Ok(self.0)
    }
}

/// Sums as bytes; `None` of what has no length to write, which sums do not have.
pub(crate) fn write(sums: &impl Serialize) -> Option<Vec<u8>> {
    postcard::serialize_with_flavor(sums, Bytes::default()).ok()
}

/// What all of some bytes say; `None` where they say nothing, or more.
pub(crate) fn read<T: DeserializeOwned>(bytes: &[u8]) -> Option<T> {
    let (value, rest) = postcard::take_from_bytes(bytes).ok()?;
    rest.is_empty().then_some(value)
}
