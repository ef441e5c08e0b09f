//! What a machine is asked, and what it answers: as bytes and record batches.

use std::path::Path;
use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, BinaryArray, RecordBatch, StringArray, UInt32Array};
use arrow::buffer::{Buffer, OffsetBuffer};
use arrow::datatypes::{DataType, Field, Schema, UInt32Type};
use serde::{Deserialize, Serialize};
use virta_cluster::Failed;
use virta_flow::Piece;

/// A study that is asked of other machines.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Asked {
    /// The folder of the store, without those above it, which may be called otherwise on each machine.
    pub store: String,
    pub snapshot: String,
    /// The text of the study.
    pub study: String,
    /// By which results know it.
    pub study_hash: String,
}

impl Asked {
    /// The request for one step, as it travels: a line of JSON, then the step.
    pub(crate) fn request(&self, step: &[u8]) -> Result<Vec<u8>, Failed> {
        let mut bytes = serde_json::to_vec(self).map_err(Failed::new)?;
        bytes.push(b'\n');
        bytes.extend_from_slice(step);
        Ok(bytes)
    }

    /// What a request asks, and the step.
    pub(crate) fn read(request: &[u8]) -> Result<(Self, &[u8]), Failed> {
        let unreadable = || Failed::new("the request cannot be read");
        let line = request.iter().position(|byte| *byte == b'\n').ok_or_else(unreadable)?;
        let (asked, step) = request.split_at_checked(line).ok_or_else(unreadable)?;
        let asked: Asked = serde_json::from_slice(asked).map_err(|_| unreadable())?;
        if !is_name(&asked.store) {
            return Err(Failed::new("the store is not named by its folder alone"));
        }
        Ok((asked, step.get(1..).unwrap_or_default()))
    }
}

/// Whether a store is named by its folder: one right in the folder of stores, and nothing else.
pub(super) fn is_name(store: &str) -> bool {
    Path::new(store).file_name().is_some_and(|name| name == store)
}

/// A piece as it travels.
pub(crate) fn to_batch(piece: Piece) -> Result<RecordBatch, Failed> {
    let field = |name: &str, data_type| Field::new(name, data_type, false);
    let schema = Schema::new(vec![
        field("part", DataType::Utf8),
        field("number", DataType::UInt32),
        field("bytes", DataType::Binary),
    ]);
    let offsets = OffsetBuffer::from_lengths([piece.bytes.len()]);
    let columns: Vec<ArrayRef> = vec![
        Arc::new(StringArray::from(vec![piece.part.as_str()])),
        Arc::new(UInt32Array::from(vec![piece.number])),
        Arc::new(BinaryArray::try_new(offsets, Buffer::from_vec(piece.bytes), None).map_err(Failed::new)?),
    ];
    RecordBatch::try_new(Arc::new(schema), columns).map_err(Failed::new)
}

/// The pieces of a batch that came back.
pub(crate) fn of_batch(batch: &RecordBatch) -> Result<Vec<Piece>, Failed> {
    let columns = || match batch.columns() {
        [part, number, bytes] => {
            let part = part.as_string_opt::<i32>()?;
            let number = number.as_primitive_opt::<UInt32Type>()?;
            Some((part, number, bytes.as_binary_opt::<i32>()?))
        }
        _ => None,
    };
    let (part, number, bytes) = columns().ok_or_else(|| Failed::new("a worker answered with other columns"))?;
    let piece =
        |row| Piece { part: part.value(row).to_owned(), number: number.value(row), bytes: bytes.value(row).to_vec() };
    Ok((0..batch.num_rows()).map(piece).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(store: &str) -> Asked {
        Asked {
            store: store.to_owned(),
            snapshot: "3f".to_owned(),
            study: "[study]\nname = 'x'\n".to_owned(),
            study_hash: "5e".to_owned(),
        }
    }

    #[test]
    fn a_request_and_a_piece_arrive_as_they_were_sent() {
        let request = asked("region").request(b"a\nstep").unwrap();
        assert_eq!(Asked::read(&request).unwrap(), (asked("region"), b"a\nstep".as_slice()));
        let piece = Piece { part: "summary".to_owned(), number: 2, bytes: vec![0, 1, 255] };
        assert_eq!(of_batch(&to_batch(piece.clone()).unwrap()).unwrap(), [piece]);
    }

    #[test]
    fn a_store_elsewhere_cannot_be_asked_for() {
        for store in ["", ".", "..", "../region", "/etc", "a/b", "region/"] {
            let request = asked(store).request(b"step").unwrap();
            assert!(Asked::read(&request).is_err(), "{store}");
        }
    }

    #[test]
    fn what_is_no_request_is_refused() {
        for bytes in [b"".as_slice(), b"\n", b"{}\nstep", b"\xff\xfe"] {
            assert!(Asked::read(bytes).is_err());
        }
    }
}
