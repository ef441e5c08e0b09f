//! What travels: a range's record batches as bytes in pieces, with who asked for what in each, and a checksum at the end.
//!
//! Frames are rows of one table, whatever the batches are, because a plan has one schema. The batches are read only after
//! the checksum over all pieces fits, so what was changed underway is never decoded.

use std::ops::Range;
use std::sync::{Arc, LazyLock};

use arrow::array::UInt64Array;
use arrow::array::{ArrayRef, AsArray, BinaryArray, FixedSizeBinaryArray, RecordBatch, UInt8Array, UInt32Array};
use arrow::buffer::{Buffer, OffsetBuffer};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef, UInt8Type, UInt32Type, UInt64Type};
use arrow::error::ArrowError;
use arrow::ipc::reader::StreamDecoder;
use arrow::ipc::writer::StreamWriter;

use crate::error::Failed;
use crate::part::Part;

/// Bytes of a piece, so that no message is large whatever a batch is. A batch of a megabyte still fits into one, and need
/// not be put together.
const PIECE: usize = 5 << 18;
/// Bytes of one record batch, at most.
const BATCH_MAX: usize = 64 << 20;
/// What the names and places of a batch's columns take beside them, in about.
const ROOM_OF_HEADS: usize = 4 << 10;
/// Characters of the reason of a failure.
const REASON_MAX: usize = 2000;

/// What a request is known by in every frame.
pub(crate) type RequestHash = [u8; 32];

/// The hash of a request as a version of the program understands it.
pub(crate) fn request_hash(version: &str, request: &[u8]) -> RequestHash {
    let mut hasher = blake3::Hasher::new_derive_key("virta cluster 2026 request");
    hasher.update(&(version.len() as u64).to_le_bytes());
    hasher.update(version.as_bytes());
    hasher.update(request);
    *hasher.finalize().as_bytes()
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A part of a batch that goes on in the next piece.
    Piece,
    /// The last piece of a batch.
    LastPiece,
    /// Nothing but that the worker is there, and how far it is.
    Alive,
    /// The range is done; the bytes are the checksum of all pieces.
    End,
    /// The range cannot be done; the bytes say why.
    Failed,
}

impl Kind {
    fn number(self) -> u8 {
        match self {
            Kind::Piece => 0,
            Kind::LastPiece => 1,
            Kind::Alive => 2,
            Kind::End => 3,
            Kind::Failed => 4,
        }
    }

    fn of(number: u8) -> Option<Self> {
        let kinds = [Kind::Piece, Kind::LastPiece, Kind::Alive, Kind::End, Kind::Failed];
        kinds.into_iter().find(|kind| kind.number() == number)
    }
}

/// A row of what travels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Frame {
    pub kind: Kind,
    pub request: RequestHash,
    pub buckets: Range<u32>,
    /// Pieces before this frame.
    pub pieces: u64,
    /// How far the range is, in the workload's units.
    pub units: u64,
    pub bytes: Buffer,
}

static SCHEMA: LazyLock<SchemaRef> = LazyLock::new(|| {
    let field = |name: &str, data_type| Field::new(name, data_type, false);
    Arc::new(Schema::new(vec![
        field("kind", DataType::UInt8),
        field("request", DataType::FixedSizeBinary(32)),
        field("from_bucket", DataType::UInt32),
        field("to_bucket", DataType::UInt32),
        field("pieces", DataType::UInt64),
        field("units", DataType::UInt64),
        field("bytes", DataType::Binary),
    ]))
});

/// The columns of frames.
pub(crate) fn schema() -> SchemaRef {
    Arc::clone(&SCHEMA)
}

impl Frame {
    /// Says that the range is being run, and how far it is.
    pub(crate) fn alive(request: RequestHash, buckets: Range<u32>, units: u64) -> Self {
        Frame { kind: Kind::Alive, request, buckets, pieces: 0, units, bytes: Buffer::default() }
    }

    /// Says why the range cannot be done.
    pub(crate) fn failed(request: RequestHash, buckets: Range<u32>, failed: &Failed) -> Self {
        let reason: String = failed.to_string().chars().take(REASON_MAX).collect();
        Frame {
            kind: Kind::Failed,
            request,
            buckets,
            pieces: 0,
            units: 0,
            bytes: Buffer::from_vec(reason.into_bytes()),
        }
    }

    pub(crate) fn to_batch(&self) -> Result<RecordBatch, ArrowError> {
        let columns: Vec<ArrayRef> = vec![
            Arc::new(UInt8Array::from(vec![self.kind.number()])),
            Arc::new(FixedSizeBinaryArray::try_from_iter(std::iter::once(self.request))?),
            Arc::new(UInt32Array::from(vec![self.buckets.start])),
            Arc::new(UInt32Array::from(vec![self.buckets.end])),
            Arc::new(UInt64Array::from(vec![self.pieces])),
            Arc::new(UInt64Array::from(vec![self.units])),
            Arc::new(BinaryArray::try_new(OffsetBuffer::from_lengths([self.bytes.len()]), self.bytes.clone(), None)?),
        ];
        RecordBatch::try_new(schema(), columns)
    }

    /// The frames of a batch that arrived, or what is wrong with it.
    pub(crate) fn of_batch(batch: &RecordBatch) -> Result<Vec<Frame>, &'static str> {
        if batch.schema_ref().fields() != SCHEMA.fields() {
            return Err("it sent other columns than those of frames");
        }
        let [kind, request, from, to, pieces, units, bytes] = batch.columns() else {
            return Err("it sent other columns than those of frames");
        };
        let kind = kind.as_primitive::<UInt8Type>();
        let request = request.as_fixed_size_binary();
        let (from, to) = (from.as_primitive::<UInt32Type>(), to.as_primitive::<UInt32Type>());
        let (pieces, units) = (pieces.as_primitive::<UInt64Type>(), units.as_primitive::<UInt64Type>());
        let bytes = bytes.as_binary::<i32>();
        // What has come is kept as it came.
        let of_row = |row: usize| {
            let (from, length) = (bytes.value_offsets()[row], bytes.value_length(row));
            bytes.values().slice_with_length(from as usize, length as usize)
        };
        let frame = |row: usize| {
            Ok(Frame {
                kind: Kind::of(kind.value(row)).ok_or("it sent a frame of an unknown kind")?,
                request: request.value(row).try_into().map_err(|_| "it sent a hash of another length")?,
                buckets: from.value(row)..to.value(row),
                pieces: pieces.value(row),
                units: units.value(row),
                bytes: of_row(row),
            })
        };
        (0..batch.num_rows()).map(frame).collect()
    }
}

/// The checksum over a range's pieces, kept by both sides.
#[derive(Debug)]
struct Checksum(blake3::Hasher);

impl Checksum {
    fn of(request: &RequestHash, buckets: &Range<u32>) -> Self {
        let mut hasher = blake3::Hasher::new_derive_key("virta cluster 2026 pieces");
        hasher.update(request).update(&buckets.start.to_le_bytes()).update(&buckets.end.to_le_bytes());
        Checksum(hasher)
    }

    fn add(&mut self, kind: Kind, bytes: &[u8]) {
        self.0.update(&[kind.number()]).update(&(bytes.len() as u64).to_le_bytes()).update(bytes);
    }

    fn value(&self) -> [u8; 32] {
        *self.0.finalize().as_bytes()
    }
}

/// Makes a range's frames on the worker.
#[derive(Debug)]
pub(crate) struct Sender {
    request: RequestHash,
    buckets: Range<u32>,
    pieces: u64,
    checksum: Checksum,
}

impl Sender {
    pub(crate) fn new(request: RequestHash, buckets: Range<u32>) -> Self {
        let checksum = Checksum::of(&request, &buckets);
        Sender { request, buckets, pieces: 0, checksum }
    }

    /// Hands the frames of one batch to `send`, in order.
    pub(crate) fn batch(
        &mut self,
        batch: &RecordBatch,
        units: u64,
        mut send: impl FnMut(Frame) -> Result<(), Failed>,
    ) -> Result<(), Failed> {
        let failed = |error| Failed::new(format!("a record batch could not be written: {error}"));
        let room = Vec::with_capacity(batch.get_array_memory_size() + ROOM_OF_HEADS);
        let mut writer = StreamWriter::try_new(room, batch.schema_ref()).map_err(failed)?;
        writer.write(batch).map_err(failed)?;
        let bytes = Buffer::from_vec(writer.into_inner().map_err(failed)?);
        if bytes.len() > BATCH_MAX {
            return Err(Failed::new(format!("a record batch of {} bytes is too large to be sent", bytes.len())));
        }
        for from in (0..bytes.len()).step_by(PIECE) {
            let piece = bytes.slice_with_length(from, PIECE.min(bytes.len() - from));
            let kind = if from + piece.len() < bytes.len() { Kind::Piece } else { Kind::LastPiece };
            self.checksum.add(kind, &piece);
            let frame = self.frame(kind, units, piece);
            self.pieces += 1;
            send(frame)?;
        }
        Ok(())
    }

    pub(crate) fn end(&self, units: u64) -> Frame {
        self.frame(Kind::End, units, Buffer::from_vec(self.checksum.value().to_vec()))
    }

    fn frame(&self, kind: Kind, units: u64, bytes: Buffer) -> Frame {
        let (request, buckets, pieces) = (self.request, self.buckets.clone(), self.pieces);
        Frame { kind, request, buckets, pieces, units, bytes }
    }
}

/// Takes a range's frames on the coordinator and refuses whatever does not belong.
#[derive(Debug)]
pub(crate) struct Collector {
    request: RequestHash,
    buckets: Range<u32>,
    bytes_max: u64,
    pieces: u64,
    bytes: u64,
    /// The pieces of each batch, not read yet; the last may go on.
    batches: Vec<Vec<Buffer>>,
    goes_on: bool,
    checksum: Checksum,
    is_whole: bool,
}

impl Collector {
    pub(crate) fn new(request: RequestHash, buckets: Range<u32>, bytes_max: u64) -> Self {
        let checksum = Checksum::of(&request, &buckets);
        let batches = Vec::new();
        Collector {
            request,
            buckets,
            bytes_max,
            pieces: 0,
            bytes: 0,
            batches,
            goes_on: false,
            checksum,
            is_whole: false,
        }
    }

    pub(crate) fn add(&mut self, frame: Frame) -> Result<(), String> {
        if frame.request != self.request {
            return Err("it answered another request".to_owned());
        }
        if frame.buckets != self.buckets {
            let (asked, got) = (&self.buckets, &frame.buckets);
            return Err(format!("it was asked for the buckets {asked:?} and answered for {got:?}"));
        }
        if frame.kind == Kind::Alive {
            return Ok(());
        }
        if frame.kind == Kind::Failed {
            return Err(String::from_utf8_lossy(&frame.bytes).chars().take(REASON_MAX).collect());
        }
        if self.is_whole {
            return Err("it answered twice".to_owned());
        }
        if frame.pieces != self.pieces {
            let (expected, got) = (self.pieces, frame.pieces);
            return Err(format!("piece {got} came where {expected} was expected: some are missing or came twice"));
        }
        if frame.kind == Kind::End {
            let fits = *frame.bytes == self.checksum.value() && !self.goes_on;
            self.is_whole = fits;
            return fits.then_some(()).ok_or_else(|| "the checksum of its answer is wrong".to_owned());
        }
        self.pieces += 1;
        self.bytes += frame.bytes.len() as u64;
        if self.bytes > self.bytes_max {
            return Err(format!("its answer is larger than {} bytes", self.bytes_max));
        }
        self.checksum.add(frame.kind, &frame.bytes);
        match self.batches.last_mut().filter(|_| self.goes_on) {
            Some(batch) if batch.iter().map(Buffer::len).sum::<usize>() + frame.bytes.len() > BATCH_MAX => {
                return Err("it sent a record batch that is too large".to_owned());
            }
            Some(batch) => batch.push(frame.bytes),
            None => self.batches.push(vec![frame.bytes]),
        }
        self.goes_on = frame.kind == Kind::Piece;
        Ok(())
    }

    /// Bytes of the batches so far.
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// The range's batches, once its end has come.
    pub(crate) fn finish(self) -> Result<Part, String> {
        if !self.is_whole {
            return Err("its answer ended too early".to_owned());
        }
        let mut batches = Vec::with_capacity(self.batches.len());
        for pieces in self.batches {
            let unreadable = |error: ArrowError| format!("it sent a record batch that cannot be read: {error}");
            let mut bytes = match <[Buffer; 1]>::try_from(pieces) {
                Ok([only]) => only,
                Err(pieces) => Buffer::from_vec(pieces.iter().map(Buffer::as_slice).collect::<Vec<_>>().concat()),
            };
            // Columns stay where they came, as far as their numbers may stand there.
            let mut decoder = StreamDecoder::new();
            let batch = decoder.decode(&mut bytes).map_err(unreadable)?;
            let (Some(batch), None) = (batch, decoder.decode(&mut bytes).map_err(unreadable)?) else {
                return Err("it sent something else than one record batch".to_owned());
            };
            decoder.finish().map_err(unreadable)?;
            batches.push(batch);
        }
        Ok(Part { buckets: self.buckets, batches })
    }
}

#[cfg(test)]
impl Frame {
    /// Changes some bits of the byte in the middle.
    pub(crate) fn flip(&mut self, bits: u8) {
        let mut bytes = self.bytes.to_vec();
        let middle = bytes.len() / 2;
        bytes[middle] ^= bits;
        self.bytes = bytes.into();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(values: impl IntoIterator<Item = u64>) -> RecordBatch {
        let schema = Arc::new(Schema::new(vec![Field::new("number", DataType::UInt64, false)]));
        RecordBatch::try_new(schema, vec![Arc::new(UInt64Array::from_iter_values(values))]).unwrap()
    }

    fn frames(batches: &[RecordBatch]) -> Vec<Frame> {
        let mut sender = Sender::new([7; 32], 2..5);
        let mut frames = Vec::new();
        for batch in batches {
            let push = |frame| {
                frames.push(frame);
                Ok(())
            };
            sender.batch(batch, 1, push).unwrap();
        }
        frames.push(sender.end(2));
        frames
    }

    fn collect(frames: impl IntoIterator<Item = Frame>) -> Result<Part, String> {
        let mut collector = Collector::new([7; 32], 2..5, 10 << 20);
        for frame in frames {
            let [frame] = Frame::of_batch(&frame.to_batch().unwrap())?.try_into().unwrap();
            collector.add(frame)?;
        }
        collector.finish()
    }

    #[test]
    fn batches_of_any_size_and_columns_arrive_as_they_were_sent() {
        // The second takes several pieces; the third has no columns.
        let nothing = RecordBatch::new_empty(Arc::new(Schema::empty()));
        let batches = [numbers(0..3), numbers(0..400_000), nothing, numbers([])];
        let frames = frames(&batches);
        assert!(frames.len() > 6, "{}", frames.len());
        let part = collect(frames).unwrap();
        assert_eq!((part.buckets, part.batches), (2..5, batches.to_vec()));
    }

    #[test]
    fn whatever_is_changed_left_out_or_doubled_is_refused() {
        let good = frames(&[numbers(0..3), numbers(0..200_000)]);
        collect(good.clone()).unwrap();
        for at in 0..good.len() {
            let mut without = good.clone();
            without.remove(at);
            collect(without).unwrap_err();
            let mut twice = good.clone();
            twice.insert(at, good[at].clone());
            collect(twice).unwrap_err();
            let mut cut = good.clone();
            cut.truncate(at);
            collect(cut).unwrap_err();
            let mut flipped = good.clone();
            flipped[at].flip(1);
            collect(flipped).unwrap_err();
            if at > 0 {
                let mut swapped = good.clone();
                swapped.swap(at - 1, at);
                collect(swapped).unwrap_err();
            }
            let mut elsewhere = good.clone();
            elsewhere[at].buckets = 1..5;
            assert!(collect(elsewhere).unwrap_err().contains("1..5"));
            let mut other = good.clone();
            other[at].request[0] = 0;
            assert!(collect(other).unwrap_err().contains("another request"));
        }
        assert!(collect(good.iter().chain(&good).cloned()).unwrap_err().contains("twice"));
    }

    #[test]
    fn the_same_request_of_another_version_is_another() {
        assert_ne!(request_hash("1", b"23"), request_hash("12", b"3"));
        assert_eq!(request_hash("1", b"23"), request_hash("1", b"23"));
    }
}
