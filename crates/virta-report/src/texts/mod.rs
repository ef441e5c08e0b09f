//! Every sentence of the report. Column headings and codes are in `labels`.

mod front;
mod pages;
mod parts;
mod pilots;
mod regions;

pub(crate) use front::*;
pub(crate) use pages::*;
pub(crate) use parts::*;
pub(crate) use pilots::*;
pub(crate) use regions::*;

/// Every text with its name.
#[cfg(test)]
pub(crate) fn all() -> impl Iterator<Item = &'static (&'static str, crate::lang::Text)> {
    [front::FRONT, pages::PAGES, parts::PARTS, pilots::OF_PILOTS, regions::OF_REGIONS].into_iter().flatten()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::all;

    fn places(text: &str) -> BTreeSet<&str> {
        text.split('{').skip(1).filter_map(|part| part.split('}').next()).collect()
    }

    #[test]
    fn every_text_has_the_same_places_in_every_language() {
        for (name, text) in all() {
            assert!(!text.fi.is_empty() && !text.sv.is_empty() && !text.en.is_empty(), "{name}");
            assert_eq!(places(text.fi), places(text.sv), "{name}");
            assert_eq!(places(text.fi), places(text.en), "{name}");
        }
    }

    #[test]
    fn the_same_word_stands_for_the_same_thing() {
        for (name, text) in all() {
            for word in ["servicepaket", "storanvändare", "sektorena", "vårdstig"] {
                assert!(!text.sv.to_lowercase().contains(word), "{name}: {word}");
            }
            for word in ["jäädytet", "painottuu pituudellaan", "Mitä raja"] {
                assert!(!text.fi.contains(word), "{name}: {word}");
            }
        }
    }
}
