//! The last answers to questions in SQL, so that the pages of an answer are of one answer.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use crate::desk::Answered;

/// Session, snapshot and question.
type Key = (String, String, String);

/// Answers that are kept at most, of everybody together: each may hold thousands of rows.
const ANSWERS_MAX: usize = 8;

#[derive(Debug, Default)]
pub(crate) struct Answers(Mutex<VecDeque<(Key, Arc<Answered>)>>);

impl Answers {
    fn kept(&self) -> std::sync::MutexGuard<'_, VecDeque<(Key, Arc<Answered>)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn get(&self, key: &Key) -> Option<Arc<Answered>> {
        self.kept().iter().find(|(kept, _)| kept == key).map(|(_, answer)| Arc::clone(answer))
    }

    pub(crate) fn keep(&self, key: Key, answer: Arc<Answered>) {
        let mut kept = self.kept();
        kept.retain(|(other, _)| *other != key);
        kept.push_back((key, answer));
        if kept.len() > ANSWERS_MAX {
            kept.pop_front();
        }
    }
}
