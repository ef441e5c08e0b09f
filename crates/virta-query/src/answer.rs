//! The rows of an answer, as they are worked out.

use std::time::Duration;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use datafusion::error::DataFusionError;
use tokio::runtime::Handle;
use tokio::sync::mpsc::Receiver;
use tokio::task::JoinHandle;
use tokio::time::timeout;

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
    pub(crate) batches: Receiver<Message>,
    pub(crate) handle: Handle,
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
    ///
    /// # Errors
    /// What stops the query on its way: a limit, a cast that fails, a file that is damaged, and what [`Stop`](crate::Stop)
    /// ends.
    pub fn collect(self) -> Result<Vec<RecordBatch>> {
        Iterator::collect(self)
    }

    /// The next batch, for a program that waits for several things at once: whoever no longer wants the answer drops it,
    /// which ends the query. `None` after the last batch and after an error.
    pub async fn next_batch(&mut self) -> Option<Result<RecordBatch>> {
        loop {
            if self.ended {
                return None;
            }
            let message = self.batches.recv().await;
            if let Some(batch) = self.told(message) {
                return Some(batch);
            }
        }
    }

    /// What a message says of the answer; `None` where it says nothing that is to be told.
    fn told(&mut self, message: Option<Message>) -> Option<Result<RecordBatch>> {
        match message {
            Some(Message::Batch(Ok(batch))) if batch.num_rows() == 0 => None,
            Some(Message::Batch(Ok(batch))) => Some(Ok(batch)),
            Some(Message::Batch(Err(error))) => {
                self.ended = true;
                Some(Err(reword::running(error, &self.sql, self.limit_bytes)))
            }
            Some(Message::End) => {
                self.ended = true;
                None
            }
            None => {
                self.ended = true;
                Some(Err(Error::Engine("a part of it stopped")))
            }
        }
    }
}

/// How long an interrupt may go unnoticed.
const PATIENCE: Duration = Duration::from_millis(50);

impl Iterator for Answer {
    type Item = Result<RecordBatch>;

    fn next(&mut self) -> Option<Self::Item> {
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
            let handle = self.handle.clone();
            let message = handle.block_on(async { timeout(PATIENCE, self.batches.recv()).await });
            if let Ok(message) = message
                && let Some(batch) = self.told(message)
            {
                return Some(batch);
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
