//! Many short texts in one piece of memory.

/// A list of texts in one piece.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Texts {
    joined: String,
    ends: Vec<usize>,
}

impl Texts {
    /// Appends a text that `write` puts at the end of what it is given, and returns its number.
    pub fn push_with(&mut self, write: impl FnOnce(&mut String)) -> u32 {
        write(&mut self.joined);
        self.ends.push(self.joined.len());
        self.ends.len() as u32 - 1
    }

    pub fn push(&mut self, text: &str) -> u32 {
        self.push_with(|joined| joined.push_str(text))
    }

    pub fn len(&self) -> usize {
        self.ends.len()
    }

    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// Bytes of all texts together.
    pub fn bytes(&self) -> usize {
        self.joined.len()
    }

    pub fn get(&self, number: usize) -> Option<&str> {
        let begin = number.checked_sub(1).and_then(|before| self.ends.get(before)).copied().unwrap_or(0);
        self.joined.get(begin..*self.ends.get(number)?)
    }

    pub fn iter(&self) -> impl Iterator<Item = &str> {
        (0..self.len()).map(|number| self.get(number).unwrap_or_default())
    }
}

impl<'a> FromIterator<&'a str> for Texts {
    fn from_iter<I: IntoIterator<Item = &'a str>>(texts: I) -> Self {
        let mut list = Texts::default();
        texts.into_iter().for_each(|text| {
            list.push(text);
        });
        list
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_come_back_one_by_one() {
        let texts: Texts = ["a", "", "äö"].into_iter().collect();
        assert_eq!(texts.iter().collect::<Vec<_>>(), ["a", "", "äö"]);
        assert_eq!((texts.len(), texts.bytes()), (3, 5));
    }
}
