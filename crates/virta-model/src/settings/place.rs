//! Places in a settings text: so that a refusal points at the value that is wrong, wherever else its name stands.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::SettingsError;

/// A value of a settings text, with what stands inside it. A value that is not there is where the one around it is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place<'a> {
    text: &'a str,
    value: Option<&'a DeValue<'a>>,
    offset: usize,
}

impl<'a> Place<'a> {
    /// The whole text, which was parsed to `document`.
    pub(super) fn root(text: &'a str, document: &'a DeValue<'a>) -> Self {
        Place { text, value: Some(document), offset: 0 }
    }

    fn entry(self, name: &str) -> Option<(&'a Spanned<std::borrow::Cow<'a, str>>, &'a Spanned<DeValue<'a>>)> {
        let table: &DeTable<'_> = self.value?.as_table()?;
        table.iter().find(|(key, _)| key.get_ref() == name)
    }

    /// The value of a key.
    pub(super) fn key(self, name: &str) -> Self {
        match self.entry(name) {
            Some((_, value)) => Place { value: Some(value.get_ref()), offset: value.span().start, ..self },
            None => Place { value: None, ..self },
        }
    }

    /// The key itself.
    pub(super) fn name(self, name: &str) -> Self {
        let offset = self.entry(name).map_or(self.offset, |(key, _)| key.span().start);
        Place { value: None, offset, ..self }
    }

    /// An item of a list, from 0.
    pub(super) fn item(self, at: usize) -> Self {
        let item = self.value.and_then(|value| value.as_array()).and_then(|list| list.get(at));
        item.map_or(self, |item| Place { value: Some(item.get_ref()), offset: item.span().start, ..self })
    }

    /// The first item of a list of texts that is this one.
    pub(crate) fn item_of(self, text: &str) -> Self {
        let list = self.value.and_then(|value| value.as_array());
        let at = list.and_then(|list| list.iter().position(|item| item.get_ref().as_str() == Some(text)));
        at.map_or(self, |at| self.item(at))
    }

    /// Refuses the settings here.
    pub(super) fn refuse<T>(self, message: impl Into<String>) -> Result<T, SettingsError> {
        Err(SettingsError::at(self.text, self.offset, message))
    }
}
