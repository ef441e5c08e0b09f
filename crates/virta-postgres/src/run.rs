//! A question that is being answered.

use std::sync::Arc;
use std::time::{Duration, Instant};

use virta_query::Answer;

use crate::error::{Refusal, Result};
use crate::rows::Rows;
use crate::values::Field;

/// The rows of an answer, as far as they were not sent.
#[derive(Debug)]
pub(crate) struct Run {
    pub fields: Arc<Vec<Field>>,
    /// `None` once the last row was taken from it.
    answer: Option<Answer>,
    rows: Option<Rows>,
    /// How long the statement may still work, over all of its parts.
    pub(crate) time_left: Duration,
    /// The entry of the log whose outcome is still to be told.
    pub entry: Option<u64>,
    /// Rows sent so far.
    pub(crate) sent: u64,
    pub sql: Arc<str>,
}

impl Run {
    pub(crate) fn new(
        answer: Answer,
        fields: Arc<Vec<Field>>,
        sql: Arc<str>,
        time_left: Duration,
        entry: Option<u64>,
    ) -> Self {
        Run { fields, answer: Some(answer), rows: None, time_left, entry, sent: 0, sql }
    }

    /// Rows to send, from the next batch if the last is used up; `None` after the last.
    ///
    /// # Errors
    /// What the query failed on.
    pub(crate) async fn rows(&mut self) -> Result<Option<&mut Rows>> {
        while self.rows.as_ref().is_none_or(Rows::is_empty) {
            let Some(answer) = &mut self.answer else { return Ok(None) };
            match answer.next_batch().await {
                None => {
                    self.answer = None;
                    self.rows = None;
                }
                Some(Ok(batch)) => self.rows = Some(Rows::new(&batch, &self.fields)?),
                Some(Err(error)) => {
                    self.answer = None;
                    return Err(Refusal::of(&error, &self.sql));
                }
            }
        }
        Ok(self.rows.as_mut())
    }

    /// Takes the time that a part of the work took off what is left.
    pub(crate) fn worked_since(&mut self, begun: Instant) {
        self.time_left = self.time_left.saturating_sub(begun.elapsed());
    }
}
