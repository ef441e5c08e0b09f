//! No circles between the files of a crate: what a file names lies below it, but for a folder and its `mod.rs`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// A module by its path from the crate's root.
type Module = Vec<String>;

/// One file of a crate, without its comments, texts and unit tests.
#[derive(Debug)]
struct File {
    name: String,
    tokens: Vec<String>,
    /// What `use` makes known under a name, as absolute paths; a glob has the name `*`.
    uses: Vec<(String, Vec<String>)>,
    /// Names of its items.
    items: BTreeSet<String>,
}

#[derive(Debug, Default)]
struct Crate {
    files: BTreeMap<Module, File>,
}

impl Crate {
    fn read(folder: &Path) -> Crate {
        let mut found = Crate::default();
        found.read_folder(folder, &[]);
        let of_tests: Vec<Module> = found.files.iter().flat_map(|(at, file)| test_modules(at, &file.tokens)).collect();
        found.files.retain(|at, _| !of_tests.iter().any(|tests| at.starts_with(tests)));
        let uses: Vec<_> = found.files.iter().map(|(at, file)| found.uses_of(at, &file.tokens)).collect();
        found.files.values_mut().zip(uses).for_each(|(file, uses)| file.uses = uses);
        found
    }

    fn read_folder(&mut self, folder: &Path, at: &[String]) {
        let entries = std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
        for entry in entries {
            let path = entry.unwrap().path();
            let stem = path.file_stem().unwrap().to_string_lossy().into_owned();
            if path.is_dir() {
                self.read_folder(&path, &[at, &[stem]].concat());
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let is_root = ["mod", "lib", "main"].contains(&stem.as_str());
                let module = if is_root { at.to_vec() } else { [at, &[stem]].concat() };
                let tokens = without_tests(tokens(&std::fs::read_to_string(&path).unwrap()));
                let items = items(&tokens);
                let name = path.display().to_string();
                self.files.insert(module, File { name, tokens, uses: Vec::new(), items });
            }
        }
    }

    /// Every `use` of a file: the name that it makes known, and the absolute path behind it.
    fn uses_of(&self, at: &Module, tokens: &[String]) -> Vec<(String, Vec<String>)> {
        let mut found = Vec::new();
        for start in (0..tokens.len()).filter(|&start| tokens[start] == "use") {
            let mut paths = Vec::new();
            tree(tokens, start + 1, &[], &mut paths);
            for (name, path) in paths {
                if let Some(absolute) = self.absolute(at, &path) {
                    found.push((name, absolute));
                }
            }
        }
        found
    }

    /// A path from the crate's root; `None` for a path into another crate.
    fn absolute(&self, at: &Module, path: &[String]) -> Option<Vec<String>> {
        let mut base = at.clone();
        let mut rest = path;
        match path.first()?.as_str() {
            "crate" => {
                base.clear();
                rest = &path[1..];
            }
            "self" => rest = &path[1..],
            "super" => {
                while rest.first().is_some_and(|first| first == "super") {
                    base.pop();
                    rest = &rest[1..];
                }
            }
            child if self.files.contains_key(&[base.as_slice(), &[child.to_owned()]].concat()) => {}
            _ => return None,
        }
        Some([base.as_slice(), rest].concat())
    }

    /// The file in which an absolute path ends, through what others hand on.
    fn resolve(&self, path: &[String], depth: usize) -> Option<&Module> {
        let mut length = (0..=path.len()).rev().find(|&length| self.files.contains_key(&path[..length]))?;
        let (module, file) = self.files.get_key_value(&path[..length])?;
        let Some(name) = path.get(length).filter(|_| depth < 8) else { return Some(module) };
        length += 1;
        if file.items.contains(name) {
            return Some(module);
        }
        for (known, target) in &file.uses {
            let further = if known == name {
                [target.as_slice(), &path[length..]].concat()
            } else if known == "*" {
                let inside = self.files.get(target).is_some_and(|file| file.items.contains(name));
                if !inside {
                    continue;
                }
                target.clone()
            } else {
                continue;
            };
            return self.resolve(&further, depth + 1);
        }
        Some(module)
    }

    /// The files that a file names, without its own folders' `mod.rs`.
    fn named_by(&self, at: &Module) -> BTreeSet<&Module> {
        let tokens = &self.files[at].tokens;
        let mut found = BTreeSet::new();
        for start in 0..tokens.len() {
            let is_head = ["crate", "super", "self"].contains(&tokens[start].as_str());
            let begins = start == 0 || tokens[start - 1] != "::";
            if !is_head || !begins || tokens.get(start + 1).is_none_or(|next| next != "::") {
                continue;
            }
            let mut paths = Vec::new();
            tree(tokens, start, &[], &mut paths);
            for (_, path) in paths {
                let absolute = self.absolute(at, &path).unwrap_or_default();
                found.extend(self.resolve(&absolute, 0).filter(|found| !at.starts_with(found)));
            }
        }
        // A folder's `mod.rs` hands on what its files have.
        found.extend(self.files[at].uses.iter().filter_map(|(_, path)| self.resolve(path, 0)));
        found.retain(|found| !at.starts_with(found));
        found
    }

    /// Files that lie on a circle, each circle once.
    fn circles(&self) -> Vec<Vec<&str>> {
        let named: BTreeMap<&Module, BTreeSet<&Module>> = self.files.keys().map(|at| (at, self.named_by(at))).collect();
        let reached = |from: &Module| -> BTreeSet<&Module> {
            let mut reached = BTreeSet::new();
            let mut waiting: Vec<&Module> = named[from].iter().copied().collect();
            while let Some(at) = waiting.pop() {
                if reached.insert(at) {
                    waiting.extend(&named[at]);
                }
            }
            reached
        };
        let all: BTreeMap<&Module, BTreeSet<&Module>> = self.files.keys().map(|at| (at, reached(at))).collect();
        let mut circles = BTreeSet::new();
        for (at, reached) in &all {
            if reached.contains(at) {
                let others = reached.iter().filter(|other| all[*other].contains(at));
                circles.insert(others.map(|other| self.files[*other].name.as_str()).collect::<Vec<_>>());
            }
        }
        circles.into_iter().collect()
    }
}

/// Words and signs of a source; comments, texts and single letters are left out.
fn tokens(text: &str) -> Vec<String> {
    let letters: Vec<char> = text.chars().collect();
    let (mut found, mut at) = (Vec::new(), 0);
    while at < letters.len() {
        let (here, next) = (letters[at], letters.get(at + 1).copied().unwrap_or(' '));
        if here == '/' && next == '/' {
            at += letters[at..].iter().position(|c| *c == '\n').unwrap_or(letters.len() - at);
        } else if here == '/' && next == '*' {
            at += 2;
            while at < letters.len() && !(letters[at - 1] == '*' && letters[at] == '/') {
                at += 1;
            }
            at += 1;
        } else if here == 'r'
            && (next == '"' || next == '#' && "\"#".contains(letters.get(at + 2).copied().unwrap_or(' ')))
        {
            let hashes = letters[at + 1..].iter().take_while(|c| **c == '#').count();
            let end: Vec<char> = std::iter::once('"').chain(std::iter::repeat_n('#', hashes)).collect();
            at += hashes + 2;
            while at < letters.len() && !letters[at..].starts_with(&end) {
                at += 1;
            }
            at += end.len();
        } else if here == '"' {
            at += 1;
            while at < letters.len() && letters[at] != '"' {
                at += if letters[at] == '\\' { 2 } else { 1 };
            }
            at += 1;
        } else if here == '\'' && (next == '\\' || letters.get(at + 2) == Some(&'\'')) {
            at += if next == '\\' { 3 } else { 2 };
            while at < letters.len() && letters[at - 1] != '\'' {
                at += 1;
            }
            at += usize::from(letters.get(at) == Some(&'\''));
        } else if here.is_alphanumeric() || here == '_' {
            let length = letters[at..].iter().take_while(|c| c.is_alphanumeric() || **c == '_').count();
            found.push(letters[at..at + length].iter().collect());
            at += length;
        } else if here == ':' && next == ':' {
            found.push("::".to_owned());
            at += 2;
        } else {
            if !here.is_whitespace() {
                found.push(here.to_string());
            }
            at += 1;
        }
    }
    found
}

const OF_TESTS: [&str; 7] = ["#", "[", "cfg", "(", "test", ")", "]"];

/// The tokens without modules that are compiled for tests only.
fn without_tests(tokens: Vec<String>) -> Vec<String> {
    let mut kept = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        let is_tests = tokens[at..].len() > 10
            && OF_TESTS.iter().zip(&tokens[at..]).all(|(sign, token)| sign == token)
            && tokens[at + 7] == "mod"
            && tokens[at + 9] == "{";
        if !is_tests {
            kept.push(tokens[at].clone());
            at += 1;
            continue;
        }
        let mut depth = 0;
        at += 9;
        loop {
            match tokens.get(at).map(String::as_str) {
                Some("{") => depth += 1,
                Some("}") => depth -= 1,
                None => depth = 0,
                _ => {}
            }
            at += 1;
            if depth == 0 {
                break;
            }
        }
    }
    kept
}

/// Modules in files of their own that are compiled for tests only.
fn test_modules(at: &Module, tokens: &[String]) -> Vec<Module> {
    let starts = (0..tokens.len().saturating_sub(8)).filter(|&start| {
        OF_TESTS.iter().zip(&tokens[start..]).all(|(sign, token)| sign == token) && tokens[start + 7] == "mod"
    });
    starts.map(|start| [at.as_slice(), &[tokens[start + 8].clone()]].concat()).collect()
}

/// Names of functions, types, constants and macros of a file.
fn items(tokens: &[String]) -> BTreeSet<String> {
    const KINDS: [&str; 9] = ["fn", "struct", "enum", "trait", "type", "const", "static", "macro", "union"];
    let pairs = tokens.windows(2).filter(|pair| KINDS.contains(&pair[0].as_str()));
    let macros = tokens.windows(3).filter(|three| three[0] == "macro_rules" && three[1] == "!");
    pairs.map(|pair| pair[1].clone()).chain(macros.map(|three| three[2].clone())).collect()
}

/// The paths of a `use` tree, or one plain path, with the names that they make known.
fn tree(tokens: &[String], mut at: usize, before: &[String], found: &mut Vec<(String, Vec<String>)>) -> usize {
    let mut path = before.to_vec();
    while let Some(token) = tokens.get(at) {
        match token.as_str() {
            "{" => {
                at += 1;
                while tokens.get(at).is_some_and(|token| token != "}") {
                    at = tree(tokens, at, &path, found);
                    at += usize::from(tokens.get(at).is_some_and(|token| token == ","));
                }
                return at + 1;
            }
            "*" => {
                found.push(("*".to_owned(), path));
                return at + 1;
            }
            "self" if path.len() > before.len() || !before.is_empty() => at += 1,
            word if word.chars().all(|c| c.is_alphanumeric() || c == '_') => {
                path.push(token.clone());
                at += 1;
            }
            _ => break,
        }
        if tokens.get(at).is_none_or(|token| token != "::") {
            break;
        }
        at += 1;
    }
    let mut name = path.last().cloned().unwrap_or_default();
    if tokens.get(at).is_some_and(|token| token == "as") {
        name = tokens.get(at + 1).cloned().unwrap_or_default();
        at += 2;
    }
    // Something that is no path moves on, so that a walk always ends.
    if path.len() == before.len() && tokens.get(at).is_some_and(|token| !["}", ",", ";"].contains(&token.as_str())) {
        at += 1;
    }
    found.push((name, path));
    at
}

#[test]
fn no_file_of_a_crate_lies_on_a_circle() {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates");
    let mut circles = Vec::new();
    let mut files = 0;
    for entry in std::fs::read_dir(&crates).unwrap() {
        let folder = entry.unwrap().path().join("src");
        let found = Crate::read(&folder);
        assert!(!found.files.is_empty(), "{} has no files to look at", folder.display());
        files += found.files.len();
        circles.extend(found.circles().into_iter().map(|circle| circle.join(" <-> ")));
    }
    assert!(files > 300, "only {files} files were looked at");
    assert!(circles.is_empty(), "{} circles:\n{}", circles.len(), circles.join("\n"));
}

#[test]
fn a_circle_is_found_through_braces_parents_and_what_is_handed_on() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    write("lib.rs", "mod a; mod room; mod alone; pub use room::Inside;");
    write("a.rs", "use std::fmt;\nuse crate::{alone::Thing, Inside};\npub struct A;");
    write(
        "alone.rs",
        "// crate::a::A in a comment, \"crate::a\" in a text\npub struct Thing;\nconst T: &str = \"crate::a::A\";",
    );
    write("room/mod.rs", "mod inside;\npub use inside::Inside;\npub fn above() {}");
    write("room/inside.rs", "use super::above;\npub struct Inside;\n#[cfg(test)]\nmod tests { use crate::a::A; }");
    assert_eq!(Crate::read(folder.path()).circles(), Vec::<Vec<&str>>::new());
    write("room/inside.rs", "use super::above;\npub struct Inside;\nfn f() { let _ = super::super::a::A; }");
    let found = Crate::read(folder.path());
    let circles = found.circles();
    assert_eq!(circles.len(), 1);
    assert_eq!(circles[0].len(), 2, "{circles:?}");
}
