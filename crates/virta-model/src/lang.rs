//! The three languages, and texts that exist in all of them by construction.

use std::str::FromStr;

/// A language of reports, pages and the dictionary.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Lang {
    Fi,
    Sv,
    En,
}

impl Lang {
    pub const ALL: [Lang; 3] = [Lang::Fi, Lang::Sv, Lang::En];

    /// The code of the language, as HTML and the command line want it.
    pub const fn code(self) -> &'static str {
        match self {
            Lang::Fi => "fi",
            Lang::Sv => "sv",
            Lang::En => "en",
        }
    }
}

impl FromStr for Lang {
    type Err = &'static str;

    /// Reads the code of a language.
    ///
    /// # Errors
    ///
    /// When the code is none of `fi`, `sv` and `en`.
    fn from_str(code: &str) -> Result<Self, Self::Err> {
        Lang::ALL.into_iter().find(|lang| lang.code() == code).ok_or("a language is fi, sv or en")
    }
}

/// One text in every language. `{name}` is filled in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Text {
    pub fi: &'static str,
    pub sv: &'static str,
    pub en: &'static str,
}

impl Text {
    pub const fn new(fi: &'static str, sv: &'static str, en: &'static str) -> Self {
        Text { fi, sv, en }
    }

    pub const fn of(self, lang: Lang) -> &'static str {
        match lang {
            Lang::Fi => self.fi,
            Lang::Sv => self.sv,
            Lang::En => self.en,
        }
    }

    /// The text with its places filled in.
    pub fn fill(self, lang: Lang, values: &[(&str, impl AsRef<str>)]) -> String {
        let mut text = self.of(lang).to_owned();
        for (name, value) in values {
            text = text.replace(&format!("{{{name}}}"), value.as_ref());
        }
        text
    }
}
