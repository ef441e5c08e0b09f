//! The three languages, and texts that exist in all of them by construction.

/// A language of reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Lang {
    Fi,
    Sv,
    En,
}

impl Lang {
    pub const ALL: [Lang; 3] = [Lang::Fi, Lang::Sv, Lang::En];

    /// The code of the language, as HTML wants it.
    pub const fn code(self) -> &'static str {
        match self {
            Lang::Fi => "fi",
            Lang::Sv => "sv",
            Lang::En => "en",
        }
    }
}

/// One text in every language. `{name}` is filled in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Text {
    pub(crate) fi: &'static str,
    pub(crate) sv: &'static str,
    pub(crate) en: &'static str,
}

impl Text {
    pub(crate) const fn new(fi: &'static str, sv: &'static str, en: &'static str) -> Self {
        Text { fi, sv, en }
    }

    pub(crate) const fn of(self, lang: Lang) -> &'static str {
        match lang {
            Lang::Fi => self.fi,
            Lang::Sv => self.sv,
            Lang::En => self.en,
        }
    }

    /// The text with its places filled in.
    pub(crate) fn fill(self, lang: Lang, values: &[(&str, &str)]) -> String {
        let mut text = self.of(lang).to_owned();
        for (name, value) in values {
            text = text.replace(&format!("{{{name}}}"), value);
        }
        text
    }
}

/// Declares texts, and the list of all of them, by the name given first, that a test walks.
macro_rules! texts {
    ($all:ident; $($name:ident: $fi:literal, $sv:literal, $en:literal;)+) => {
        $(pub(crate) const $name: $crate::lang::Text = $crate::lang::Text::new($fi, $sv, $en);)+
        #[cfg(test)]
        pub(super) const $all: &[(&str, $crate::lang::Text)] = &[$((stringify!($name), $name)),+];
    };
}
pub(crate) use texts;
