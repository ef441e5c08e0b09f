//! The rows of an answer, as they are worked out.

use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use datafusion::error::DataFusionError;
use tokio::task::JoinHandle;

use crate::error::{Error, Result};
use crate::reword;
use crate::stop::Stop;

#[derive(Debug)]
pub(crate) enum Message {
    Batch(Result<RecordBatch, DataFusionError>),
    /// The last batch was sent: without this word, an answer that broke off would look whole.
    End,
}

/// The rows of an answer, batch by batch.
#[derive(Debug)]
pub struct Answer {
    pub(crate) schema: SchemaRef,
    pub(crate) batches: Mutex<Receiver<Message>>,
    pub(crate) task: JoinHandle<()>,
    pub(crate) stop: Stop,
    pub(crate) sql: String,
    pub(crate) limit_bytes: usize,
    pub(crate) is_interrupted: fn() -> bool,
    pub(crate) planned_in: Duration,
    pub(crate) ended: bool,
}

impl Answer {
    pub fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    /// How long reading and planning the query took.
    pub fn planned_in(&self) -> Duration {
        self.planned_in
    }

    /// All batches at once.
    pub fn collect(self) -> Result<Vec<RecordBatch>> {
        Iterator::collect(self)
    }
}

/// How long an interrupt may go unnoticed.
const PATIENCE: Duration = Duration::from_millis(50);

impl Iterator for Answer {
    type Item = Result<RecordBatch>;

    fn next(&mut self) -> Option<Self::Item> {
        let batches = self.batches.get_mut().unwrap_or_else(PoisonError::into_inner);
        loop {
            if self.ended {
                return None;
            }
            if (self.is_interrupted)() {
                self.stop.now();
                self.task.abort();
                self.ended = true;
                return Some(Err(Error::Interrupted));
            }
            match batches.recv_timeout(PATIENCE) {
                Ok(Message::Batch(Ok(batch))) if batch.num_rows() == 0 => {}
                Ok(Message::Batch(Ok(batch))) => return Some(Ok(batch)),
                Ok(Message::Batch(Err(error))) => {
                    self.ended = true;
                    return Some(Err(reword::running(error, &self.sql, self.limit_bytes)));
                }
                Ok(Message::End) => {
                    self.ended = true;
                    return None;
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => {
                    self.ended = true;
                    return Some(Err(Error::Engine("a part of it stopped")));
                }
            }
        }
    }
}

impl Drop for Answer {
    fn drop(&mut self) {
        self.stop.now();
        self.task.abort();
    }
}
