//! Marks the program with a hash of its sources, by which machines that work together know that they run the same one:
//! a package keeps its number between two builds of different sources.

use std::hash::Hasher;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

use siphasher::sip128::{Hasher128, SipHasher24};

fn main() -> io::Result<()> {
    let own = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default());
    let root = own.ancestors().nth(2).unwrap_or(&own);
    for path in sources(root)? {
        println!("cargo::rerun-if-changed={}", path.display());
    }
    println!("cargo::rustc-env=VIRTA_SOURCES={:032x}", mark(root)?);
    Ok(())
}

/// The files and folders that the program is made of: its packages, and the list of the packages of others.
fn sources(root: &Path) -> io::Result<Vec<PathBuf>> {
    let mut sources = vec![root.join("Cargo.toml"), root.join("Cargo.lock")];
    for package in fs::read_dir(root.join("crates"))? {
        let package = package?.path();
        sources.extend([package.join("Cargo.toml"), package.join("src")]);
    }
    Ok(sources)
}

/// A hash over the names and the bytes of all sources. It depends neither on where they lie nor on their order there.
///
/// # Errors
/// A file or folder that cannot be read.
pub(crate) fn mark(root: &Path) -> io::Result<u128> {
    let mut files = Vec::new();
    for path in sources(root)? {
        collect(&path, &mut files)?;
    }
    let mut named = Vec::with_capacity(files.len());
    for file in files {
        let name = file.strip_prefix(root).unwrap_or(&file).components();
        let name: Vec<String> = name.map(|part| part.as_os_str().to_string_lossy().into_owned()).collect();
        named.push((name.join("/"), file));
    }
    named.sort();
    let mut hasher = SipHasher24::new();
    for (name, file) in named {
        for bytes in [name.as_bytes(), &fs::read(file)?] {
            hasher.write_u64(bytes.len() as u64);
            hasher.write(bytes);
        }
    }
    Ok(hasher.finish128().as_u128())
}

/// The files of a folder and of those in it, or the file; nothing where there is none.
fn collect(path: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    if path.is_dir() {
        for entry in fs::read_dir(path)? {
            collect(&entry?.path(), files)?;
        }
    } else if path.is_file() {
        files.push(path.to_owned());
    }
    Ok(())
}
