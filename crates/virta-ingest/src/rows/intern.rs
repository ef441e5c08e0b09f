//! Texts as numbers, the same number for the same text in every thread of one ingest.
//!
//! Numbers depend on who came first, so they never leave memory: what is written is in order of the texts.

use std::sync::{Arc, RwLock};

use hashbrown::HashMap;

/// Stands for null.
pub(crate) const NO_TEXT: u32 = virta_model::NULL_CODE;

#[derive(Debug, Default)]
pub(crate) struct Interner {
    inner: RwLock<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    texts: Vec<Arc<str>>,
    numbers: HashMap<Arc<str>, u32>,
}

impl Interner {
    pub(crate) fn number(&self, text: &str) -> u32 {
        if let Some(number) = self.read(|inner| inner.numbers.get(text).copied()) {
            return number;
        }
        let mut inner = self.inner.write().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(number) = inner.numbers.get(text) {
            return *number;
        }
        let number = inner.texts.len() as u32;
        let text: Arc<str> = Arc::from(text);
        inner.texts.push(text.clone());
        inner.numbers.insert(text, number);
        number
    }

    /// Every text by its number, as of now.
    pub(crate) fn texts(&self) -> Vec<Arc<str>> {
        self.read(|inner| inner.texts.clone())
    }

    fn read<T>(&self, f: impl FnOnce(&Inner) -> T) -> T {
        f(&self.inner.read().unwrap_or_else(std::sync::PoisonError::into_inner))
    }
}
