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

    /// Sends a part, as [`write`] has made it.
    pub(crate) fn send(&mut self, part: &'static str, written: Option<Vec<Vec<u8>>>) -> Result<(), Error> {
        let pieces = written.ok_or(Error::BrokenShare { part })?;
        (0..).zip(pieces).try_for_each(|(number, bytes)| (self.out)(Piece { part: part.to_owned(), number, bytes }))
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
        let mut pieces = self.parts.remove(part).unwrap_or_default();
        if !pieces.keys().copied().eq(0..pieces.len() as u32) || pieces.is_empty() {
            return Err(Error::BrokenShare { part });
        }
        if let [only] = pieces.values_mut().collect::<Vec<_>>().as_mut_slice() {
            return Ok(std::mem::take(*only));
        }
        let mut bytes = Vec::with_capacity(pieces.values().map(Vec::len).sum());
        pieces.into_values().for_each(|piece| bytes.extend(piece));
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

/// Bytes as they are written, cut into pieces.
#[derive(Default)]
struct Bytes {
    full: Vec<Vec<u8>>,
    last: Vec<u8>,
}

impl Bytes {
    fn cut(&mut self) {
        let next = Vec::with_capacity(Piece::BYTES_MAX);
        self.full.push(std::mem::replace(&mut self.last, next));
    }
}

impl postcard::ser_flavors::Flavor for Bytes {
    type Output = Vec<Vec<u8>>;

    fn try_extend(&mut self, mut bytes: &[u8]) -> postcard::Result<()> {
        while let Some((here, rest)) = bytes.split_at_checked(Piece::BYTES_MAX - self.last.len()) {
            self.last.extend_from_slice(here);
            self.cut();
            bytes = rest;
        }
        self.last.extend_from_slice(bytes);
        Ok(())
    }

    fn try_push(&mut self, byte: u8) -> postcard::Result<()> {
        if self.last.len() == Piece::BYTES_MAX {
            self.cut();
        }
        self.last.push(byte);
        Ok(())
    }

    fn finalize(mut self) -> postcard::Result<Self::Output> {
        if self.full.is_empty() || !self.last.is_empty() {
            self.full.push(self.last);
        }
        Ok(self.full)
    }
}

/// Sums as the bytes of pieces, at least one; `None` of what has no length to write, which sums do not have.
pub(crate) fn write(sums: &impl Serialize) -> Option<Vec<Vec<u8>>> {
    postcard::serialize_with_flavor(sums, Bytes::default()).ok()
}

/// What all of some bytes say; `None` where they say nothing, or more.
pub(crate) fn read<T: DeserializeOwned>(bytes: &[u8]) -> Option<T> {
    let (value, rest) = postcard::take_from_bytes(bytes).ok()?;
    rest.is_empty().then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_cut_into_pieces_is_whole_again() {
        let largest = Piece::BYTES_MAX;
        for length in [0, 1, largest - 4, largest - 3, largest - 2, largest, 3 * largest + 7] {
            // Bytes one by one, and as one stretch.
            let numbers: Vec<u8> = (0..length).map(|at| (at % 251) as u8).collect();
            for written in [write(&numbers).unwrap(), write(&String::from_utf8(vec![b'a'; length]).unwrap()).unwrap()] {
                let lengths: Vec<usize> = written.iter().map(Vec::len).collect();
                assert!(lengths.iter().rev().skip(1).all(|&length| length == largest), "{lengths:?}");
                assert!(lengths.last().is_some_and(|&last| 0 < last && last <= largest), "{lengths:?}");
            }
            let mut pieces = Vec::new();
            let mut keep = |piece| {
                pieces.push(piece);
                Ok(())
            };
            Sender::new(&mut keep).send("part", write(&numbers)).unwrap();
            pieces.reverse();
            let mut received = Received::new(pieces).unwrap();
            assert_eq!(received.take::<Vec<u8>>("part").unwrap(), numbers);
            received.end().unwrap();
        }
        assert_eq!(write(&()).unwrap(), [Vec::<u8>::new()]);
    }
}
