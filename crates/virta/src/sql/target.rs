//! Where an answer goes: standard output, a pager, or a file that appears whole or not at all.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use virta_model::Lang;

use super::format::{About, Writer, writer};
use super::pager::Pager;
use crate::args::Format;
use crate::failure::Failure;
use crate::stream;

/// Where answers go, and in which form.
#[derive(Debug, Clone)]
pub(crate) struct Target {
    path: Option<PathBuf>,
    format: Format,
    lang: Lang,
    paged: bool,
}

impl Target {
    /// A file, or standard output when `None`.
    pub(crate) fn new(path: Option<&Path>, format: Format, lang: Lang) -> Self {
        Target { path: path.map(Path::to_owned), format, lang, paged: false }
    }

    /// Long answers go through the user's pager.
    pub(crate) fn paged(self, paged: bool) -> Self {
        Target { paged, ..self }
    }

    pub(crate) fn open(&self, schema: &SchemaRef, about: &About) -> Result<Sink, Failure> {
        match &self.path {
            Some(path) => {
                let failed = |error: io::Error| Failure::io("write the answer", path, &error);
                if let Some(stream) = stream::open(path).map_err(failed)? {
                    let out = Box::new(BufWriter::with_capacity(1 << 16, stream));
                    let writer = writer(self.format, self.lang, schema, about, out)?;
                    return Ok(Sink { place: Place::Stream, writer: Some(writer) });
                }
                let half_made = half_made(path);
                let file = File::create(&half_made).map_err(failed)?;
                let kept = Arc::new(Mutex::new(BufWriter::with_capacity(1 << 20, file)));
                let out = Box::new(Shared(Arc::clone(&kept)));
                let place = Place::File { half_made, path: path.clone(), file: kept };
                Ok(Sink { place, writer: Some(writer(self.format, self.lang, schema, about, out)?) })
            }
            None => {
                let out: Box<dyn Write + Send> = match self.paged {
                    true => Box::new(Pager::new()),
                    false => Box::new(BufWriter::with_capacity(1 << 16, io::stdout())),
                };
                Ok(Sink { place: Place::Stream, writer: Some(writer(self.format, self.lang, schema, about, out)?) })
            }
        }
    }
}

/// An answer being written. Dropped before [`Sink::finish`], it leaves no file.
pub(crate) struct Sink {
    place: Place,
    writer: Option<Box<dyn Writer>>,
}

enum Place {
    /// Standard output, a device or a pipe.
    Stream,
    File {
        half_made: PathBuf,
        path: PathBuf,
        file: Arc<Mutex<BufWriter<File>>>,
    },
}

impl Sink {
    pub(crate) fn batch(&mut self, batch: &RecordBatch) -> Result<(), Failure> {
        match &mut self.writer {
            Some(writer) => Ok(writer.batch(batch)?),
            None => Ok(()),
        }
    }

    pub(crate) fn finish(mut self) -> Result<(), Failure> {
        if let Some(writer) = self.writer.take() {
            writer.finish()?;
        }
        if let Place::File { half_made, path, file } = &self.place {
            let failed = |error: io::Error| Failure::io("write the answer", path, &error);
            let mut file = file.lock().unwrap_or_else(PoisonError::into_inner);
            file.flush().and_then(|()| file.get_ref().sync_all()).map_err(failed)?;
            fs::rename(half_made, path).map_err(failed)?;
        }
        self.place = Place::Stream;
        Ok(())
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        if let Place::File { half_made, .. } = &self.place {
            // Nothing half-made is worth keeping; what cannot be removed is at least not named as the answer.
            let _ = fs::remove_file(half_made);
        }
    }
}

/// The name beside the file under which it is written.
fn half_made(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".part");
    path.with_file_name(name)
}

/// A file that its writer and its sink both hold, so that the sink can make it durable at the end.
struct Shared(Arc<Mutex<BufWriter<File>>>);

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).flush()
    }
}
