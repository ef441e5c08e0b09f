//! How contacts are best encoded: size, and time to decode the four columns that most studies need.
//!
//! `cargo bench -p virta-benches --bench encoding [-- CONTACTS [THREADS]]`, 10 million contacts on two threads by
//! default. The first table compares encodings and codecs through the Arrow reader, unchecked. The second is the store
//! as it is: every byte that is read is checked. The store's layout is to be chosen by this table. Beside the time by
//! the clock stands the processors' time divided by the threads: on a busy machine it is the one to compare.

use std::error::Error;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use arrow::array::{
    ArrayRef, BooleanArray, Date32Array, DictionaryArray, Int32Array, Int64Array, RecordBatch, StringArray,
    Time32MillisecondArray,
};
use arrow::datatypes::Int32Type;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::arrow::{ArrowWriter, ProjectionMask};
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::file::properties::WriterProperties;
use virta_model::ClientId;
use virta_model::schema::CONTACTS;
use virta_store::{ColumnBatch, Commit, InitOptions, ROW_GROUP_ROWS, Snapshot, Store, arrow_schema};

type Failure = Box<dyn Error + Send + Sync>;

const BUCKETS: u32 = 64;
const CONTACTS_A_CLIENT: i64 = 100;
const HOT: [&str; 4] = ["client_id", "service", "start_date", "cost_cents"];

fn main() -> Result<(), Failure> {
    let mut numbers = std::env::args().skip(1).filter_map(|argument| argument.parse::<usize>().ok());
    let contacts = numbers.next().unwrap_or(10_000_000);
    let threads = numbers.next().unwrap_or(2);
    let folder = tempfile::tempdir()?;
    let buckets: Vec<RecordBatch> = (0..BUCKETS).map(|b| bucket(b, contacts)).collect::<Result<_, _>>()?;

    println!("{contacts} contacts in {BUCKETS} files, {threads} threads, best of three");
    println!(
        "\nclient_id, service | start_date, cost_cents | compression | MB (five columns) | decode s (four columns)"
    );
    let codecs = [
        ("none", Compression::UNCOMPRESSED),
        ("snappy", Compression::SNAPPY),
        ("lz4", Compression::LZ4_RAW),
        ("zstd", Compression::ZSTD(ZstdLevel::try_new(3)?)),
    ];
    for (days, delta) in [("dictionary, plain", None), ("delta", Some(true)), ("plain", Some(false))] {
        for (codec, compression) in codecs {
            let paths = write_variant(folder.path(), &buckets, delta, compression)?;
            let megabytes = paths.iter().map(|path| path.metadata().map_or(0, |m| m.len())).sum::<u64>() as f64 / 1e6;
            let taken = best_of_three(|| in_parallel(threads, paths.len(), |file| decode_with_arrow(&paths[file])))?;
            println!("dictionary | {days} | {codec} | {megabytes:.0} | {taken}");
        }
    }

    let store = Store::init(&folder.path().join("store"), &InitOptions { buckets: BUCKETS, key_id: "bench".into() })?;
    let begun = Instant::now();
    let commit = store.begin()?;
    let encoding =
        in_parallel(threads, buckets.len(), |bucket| write_bucket(&commit, bucket as u32, &buckets[bucket]))?;
    let snapshot = commit.finish()?.snapshot;
    let megabytes = snapshot.files("contacts").iter().map(|file| file.bytes).sum::<u64>() as f64 / 1e6;
    println!("\nthe store, seventeen columns: {megabytes:.0} MB");
    println!("encoding, hashing, writing | {encoding}");
    println!("with making it durable | {:.2}", begun.elapsed().as_secs_f64());
    let files = BUCKETS as usize;
    let arrow = best_of_three(|| in_parallel(threads, files, |file| read_batches(&snapshot, file)))?;
    let vectors = best_of_three(|| in_parallel(threads, files, |file| read_vectors(&snapshot, file, &HOT)))?;
    println!("four columns, checked, as record batches | {arrow}");
    println!("four columns, checked, as plain vectors | {vectors}");
    for column in CONTACTS.columns {
        let one = [column.name];
        let taken = best_of_three(|| in_parallel(threads, files, |file| read_vectors(&snapshot, file, &one)))?;
        println!("{} alone, checked, as a plain vector | {taken}", column.name);
    }
    Ok(())
}

/// A bucket's contacts, sorted: about a hundred a client, heavy-tailed, three years, forty services, skewed.
fn bucket(bucket: u32, contacts: usize) -> Result<RecordBatch, Failure> {
    let rows = contacts / BUCKETS as usize;
    let clients = (rows as i64 / CONTACTS_A_CLIENT).max(1);
    let mut dice = Dice(u64::from(bucket) + 1);
    let mut ids: Vec<i64> =
        (0..clients).map(|_| (i64::from(bucket) << 57) | (dice.roll() & ((1 << 57) - 1)) as i64).collect();
    ids.sort_unstable();
    let mut client_ids: Vec<i64> = (0..rows)
        .map(|_| {
            // The square of a uniform number: a few clients have most of the contacts.
            let at = dice.share() * dice.share() * clients as f64;
            ids[(at as usize).min(ids.len() - 1)]
        })
        .collect();
    client_ids.sort_unstable();
    let mut days: Vec<i32> = (0..rows).map(|_| 16_000 + (dice.share() * 1_095.0) as i32).collect();
    let mut begin = 0;
    for run in client_ids.chunk_by(|a, b| a == b) {
        days[begin..begin + run.len()].sort_unstable();
        begin += run.len();
    }
    debug_assert!(client_ids.iter().all(|id| ClientId(*id).bucket(BUCKETS) == bucket));
    let mut codes = |distinct: f64, name: &str| {
        let numbers = Int32Array::from_iter_values((0..rows).map(|_| (dice.share() * dice.share() * distinct) as i32));
        let texts = StringArray::from_iter_values((0..distinct as usize).map(|n| format!("{name}{n:03}")));
        DictionaryArray::<Int32Type>::try_new(numbers, Arc::new(texts)).map(|array| Arc::new(array) as ArrayRef)
    };
    let columns: Vec<ArrayRef> = vec![
        Arc::new(Int64Array::from_iter_values((0..rows as u64).map(|n| (Dice(n * 64).roll() >> 1) as i64))),
        Arc::new(Int64Array::from(client_ids)),
        codes(40.0, "service")?,
        codes(200.0, "provider")?,
        codes(900.0, "unit")?,
        Arc::new(Date32Array::from(days.clone())),
        Arc::new(Time32MillisecondArray::from_iter(
            (0..rows).map(|n| (n % 3 > 0).then_some(((n * 37) % 1_440 * 60_000) as i32)),
        )),
        Arc::new(Int64Array::from(vec![None; rows])),
        Arc::new(Date32Array::from_iter(days.iter().enumerate().map(|(n, day)| (n % 20 == 0).then_some(day + 5)))),
        Arc::new(BooleanArray::from_iter((0..rows).map(|n| Some(n % 20 == 0)))),
        codes(8.0, "mode")?,
        codes(4.0, "urgency")?,
        codes(3_000.0, "F")?,
        Arc::new(Int64Array::from_iter((0..rows as u64).map(|n| {
            let cents = Dice(n + 7).share();
            (n % 50 != 0).then_some((cents * cents * 60_000.0) as i64)
        }))),
        codes(3.0, "cost_source")?,
        codes(4.0, "source")?,
        Arc::new(Int64Array::from_iter_values((0..rows as i64).map(|n| n % 24 * 381_726_354_192_837))),
    ];
    Ok(RecordBatch::try_new(arrow_schema(&CONTACTS), columns)?)
}

/// SplitMix64.
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn share(&mut self) -> f64 {
        (self.roll() >> 11) as f64 / (1_u64 << 53) as f64
    }
}

/// Five columns of every bucket in one way of encoding: the four hot ones and provider.
fn write_variant(
    folder: &Path,
    buckets: &[RecordBatch],
    delta: Option<bool>,
    compression: Compression,
) -> Result<Vec<PathBuf>, Failure> {
    let mut properties = WriterProperties::builder()
        .set_compression(compression)
        .set_max_row_group_row_count(Some(ROW_GROUP_ROWS))
        .set_dictionary_page_size_limit(4 << 20);
    if let Some(delta) = delta {
        let encoding = if delta { Encoding::DELTA_BINARY_PACKED } else { Encoding::PLAIN };
        for column in ["start_date", "cost_cents"] {
            properties = properties
                .set_column_dictionary_enabled(column.into(), false)
                .set_column_encoding(column.into(), encoding);
        }
    } else {
        properties = properties.set_column_dictionary_enabled("cost_cents".into(), false);
    }
    let properties = properties.build();
    let mut paths = Vec::new();
    for (at, bucket) in buckets.iter().enumerate() {
        let columns = bucket.project(&[1, 2, 3, 5, 12])?;
        let path = folder.join(format!("variant-{at}.parquet"));
        let mut writer = ArrowWriter::try_new(File::create(&path)?, columns.schema(), Some(properties.clone()))?;
        writer.write(&columns)?;
        writer.close()?;
        paths.push(path);
    }
    Ok(paths)
}

fn decode_with_arrow(path: &Path) -> Result<u64, Failure> {
    let builder = ParquetRecordBatchReaderBuilder::try_new(File::open(path)?)?;
    let mask = ProjectionMask::columns(builder.parquet_schema(), HOT);
    let mut rows = 0;
    for batch in builder.with_projection(mask).with_batch_size(8192).build()? {
        rows += batch?.num_rows() as u64;
    }
    Ok(rows)
}

fn write_bucket(commit: &Commit, bucket: u32, rows: &RecordBatch) -> Result<u64, Failure> {
    let mut writer = commit.bucket_writer(&CONTACTS, bucket)?;
    writer.write(rows)?;
    writer.finish()?;
    Ok(rows.num_rows() as u64)
}

fn read_batches(snapshot: &Snapshot, bucket: usize) -> Result<u64, Failure> {
    let mut rows = 0;
    for batch in snapshot.read("contacts", Some(bucket as u32), Some(&HOT))? {
        rows += batch?.num_rows() as u64;
    }
    Ok(rows)
}

fn read_vectors(snapshot: &Snapshot, bucket: usize, columns: &[&str]) -> Result<u64, Failure> {
    let mut reader = snapshot.read_columns("contacts", Some(bucket as u32), columns)?;
    let (mut rows, mut batch) = (0, ColumnBatch::default());
    while reader.next_into(&mut batch)? {
        rows += batch.rows as u64;
    }
    Ok(rows)
}

/// Seconds by the clock, and of the processors divided by the threads.
#[derive(Debug, Clone, Copy)]
struct Taken {
    wall: f64,
    processors: f64,
}

impl std::fmt::Display for Taken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:.3} | {:.3}", self.wall, self.processors)
    }
}

/// Runs `work` for each number below `count`.
fn in_parallel(
    threads: usize,
    count: usize,
    work: impl Fn(usize) -> Result<u64, Failure> + Sync,
) -> Result<Taken, Failure> {
    let next = AtomicUsize::new(0);
    let worker = || {
        let begun = processor_seconds();
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            if at >= count {
                return Ok::<f64, Failure>(processor_seconds() - begun);
            }
            std::hint::black_box(work(at)?);
        }
    };
    let begun = Instant::now();
    let processors = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(worker)).collect();
        workers.into_iter().map(|w| w.join().unwrap_or_else(|_| Err("a thread stopped".into()))).sum::<Result<f64, _>>()
    })?;
    Ok(Taken { wall: begun.elapsed().as_secs_f64(), processors: processors / threads as f64 })
}

/// Seconds that this thread has run; 0 where the system does not say.
fn processor_seconds() -> f64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    text.split(' ').next().and_then(|nanos| nanos.parse::<f64>().ok()).unwrap_or(0.0) / 1e9
}

fn best_of_three(work: impl Fn() -> Result<Taken, Failure>) -> Result<Taken, Failure> {
    let mut best = work()?;
    for _ in 0..2 {
        let taken = work()?;
        best = Taken { wall: best.wall.min(taken.wall), processors: best.processors.min(taken.processors) };
    }
    Ok(best)
}
