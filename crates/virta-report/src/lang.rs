//! The report's texts, which exist in every language by construction.

pub(crate) use virta_model::{Lang, Text};

/// Declares texts, and the list of all of them, by the name given first, that a test walks.
macro_rules! texts {
    ($all:ident; $($name:ident: $fi:literal, $sv:literal, $en:literal;)+) => {
        $(pub(crate) const $name: $crate::lang::Text = $crate::lang::Text::new($fi, $sv, $en);)+
        #[cfg(test)]
        pub(super) const $all: &[(&str, $crate::lang::Text)] = &[$((stringify!($name), $name)),+];
    };
}
pub(crate) use texts;
