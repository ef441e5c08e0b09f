//! The mark of a program's sources, by which machines that work together know that they run the same program.

use std::fs;
use std::path::Path;

use tempfile::TempDir;

#[path = "../crates/virta/build.rs"]
#[allow(dead_code)] // what only the build itself calls
mod build;

/// A checkout with a package, as far as a build looks at it.
fn checkout() -> TempDir {
    let folder = TempDir::new().unwrap();
    for (path, text) in [
        ("Cargo.toml", "[workspace]"),
        ("Cargo.lock", "version = 4"),
        ("crates/one/Cargo.toml", "[package]"),
        ("crates/one/src/lib.rs", "mod inner;"),
        ("crates/one/src/inner/mod.rs", "//! Inner."),
        ("crates/one/tests/other.rs", "//! A test."),
    ] {
        write(folder.path(), path, text);
    }
    folder
}

fn write(folder: &Path, path: &str, text: &str) {
    let file = folder.join(path);
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(file, text).unwrap();
}

#[test]
fn the_same_sources_have_the_same_mark_wherever_they_lie_and_any_change_gives_another() {
    let (one, other) = (checkout(), checkout());
    let mark = build::mark(one.path()).unwrap();
    assert_eq!(build::mark(other.path()).unwrap(), mark);
    for changed in ["Cargo.lock", "crates/one/Cargo.toml", "crates/one/src/inner/mod.rs", "crates/one/src/new.rs"] {
        let folder = checkout();
        write(folder.path(), changed, "//! Another.");
        assert_ne!(build::mark(folder.path()).unwrap(), mark, "{changed}");
    }
    // A file of the same bytes under another name is another program; what is no part of it changes nothing.
    let renamed = checkout();
    fs::rename(renamed.path().join("crates/one/src/inner"), renamed.path().join("crates/one/src/outer")).unwrap();
    assert_ne!(build::mark(renamed.path()).unwrap(), mark);
    write(one.path(), "crates/one/tests/other.rs", "//! Another test.");
    write(one.path(), "README.md", "Another.");
    assert_eq!(build::mark(one.path()).unwrap(), mark);
}
