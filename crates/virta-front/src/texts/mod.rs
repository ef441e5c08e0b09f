//! Every word of the pages, in three languages. Names of columns and codes are the report's.

mod around;
mod clients;
mod cohort;
mod deliveries;
mod pilots;
mod release;
mod sql;
mod start;
mod studies;

use std::collections::BTreeMap;
use std::sync::LazyLock;

use virta_model::Lang;

/// A word's name, and the word in Finnish, Swedish and English. `{name}` is filled in.
type Word = (&'static str, &'static str, &'static str, &'static str);

fn all() -> impl Iterator<Item = &'static Word> {
    let parts = [
        around::WORDS,
        start::WORDS,
        cohort::WORDS,
        studies::WORDS,
        clients::WORDS,
        deliveries::WORDS,
        pilots::WORDS,
        release::WORDS,
        sql::WORDS,
    ];
    parts.into_iter().flatten()
}

/// The words of a language by name, for templates.
pub(crate) fn of(lang: Lang) -> &'static BTreeMap<&'static str, &'static str> {
    static BY_LANG: LazyLock<[BTreeMap<&'static str, &'static str>; 3]> = LazyLock::new(|| {
        [0, 1, 2].map(|at| {
            let word = |&(name, fi, sv, en): &Word| (name, [fi, sv, en][at]);
            all().map(word).collect()
        })
    });
    &BY_LANG[lang as usize]
}

/// One word with its places filled in.
pub(crate) fn fill(lang: Lang, name: &str, values: &[(&str, impl AsRef<str>)]) -> String {
    let mut text = of(lang).get(name).copied().unwrap_or_default().to_owned();
    for (key, value) in values {
        text = text.replace(&format!("{{{key}}}"), value.as_ref());
    }
    text
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn places(text: &str) -> BTreeSet<&str> {
        text.split('{').skip(1).filter_map(|part| part.split('}').next()).collect()
    }

    #[test]
    fn every_word_stands_in_every_language_with_the_same_places() {
        let mut names = BTreeSet::new();
        for (name, fi, sv, en) in all() {
            assert!(names.insert(name), "{name} stands twice");
            assert!(!fi.is_empty() && !sv.is_empty(), "{name}");
            assert_eq!(places(fi), places(sv), "{name}");
            assert_eq!(places(fi), places(en), "{name}");
        }
    }

    #[test]
    fn every_word_is_used() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        let mut source = String::new();
        for part in ["templates", "pages", "."] {
            for file in std::fs::read_dir(folder.join(part)).unwrap().flatten().filter(|file| file.path().is_file()) {
                source.push_str(&std::fs::read_to_string(file.path()).unwrap());
            }
        }
        // Words of what is counted are put together from its code.
        let is_used = |name: &str| {
            ["by_", "sort_", "enrol_"].iter().any(|of| name.starts_with(of)) || {
                [
                    format!("t.{name} "),
                    format!("t.{name}}}"),
                    format!("t.{name}|"),
                    format!("t.{name})"),
                    format!("t.{name},"),
                    format!("\"{name}\""),
                ]
                .iter()
                .any(|form| source.contains(form))
            }
        };
        let unused: Vec<_> = all().map(|word| word.0).filter(|name| !is_used(name)).collect();
        assert_eq!(unused, Vec::<&str>::new());
    }
}
