//! The arrows between the crates, held against what cargo resolves.

use std::collections::BTreeSet;
use std::process::Command;

use crate::metadata::Metadata;

/// What each crate of the workspace may know of the others. The binary may know all.
const MAY_KNOW: &[(&str, &[&str])] = &[
    ("virta-access", &["virta-model"]),
    ("virta-chart", &[]),
    ("virta-cluster", &[]),
    ("virta-features", &[]),
    ("virta-model", &[]),
    ("virta-store", &["virta-model"]),
    ("virta-ingest", &["virta-model", "virta-store"]),
    ("virta-flow", &["virta-model"]),
    (
        "virta-front",
        &[
            "virta-access",
            "virta-chart",
            "virta-flow",
            "virta-model",
            "virta-protection",
            "virta-report",
            "virta-store",
        ],
    ),
    ("virta-postgres", &["virta-access", "virta-model", "virta-query", "virta-store"]),
    ("virta-protection", &["virta-model"]),
    ("virta-query", &["virta-model", "virta-store"]),
    ("virta-release", &["virta-model", "virta-protection", "virta-report", "virta-store"]),
    ("virta-report", &["virta-chart", "virta-model", "virta-protection"]),
    ("virta-synth", &["virta-model"]),
];

/// The crates that stand on the others and may know everything.
const ON_TOP: &[&str] = &["virta", "virta-tests", "virta-benches"];

/// Only these may need DataFusion, so that the rest builds and tests in minutes.
const MAY_REACH_DATAFUSION: &[&str] =
    &["virta-cluster", "virta-query", "virta-postgres", "virta", "virta-tests", "virta-benches"];

/// Only these may name it: the one plans questions with it, the other sends plans to other machines.
const MAY_NAME_DATAFUSION: &[&str] = &["virta-cluster", "virta-query"];

/// What the pure crates may name: nothing that reads or writes files.
const PURE: &[(&str, &[&str])] = &[
    ("virta-chart", &[]),
    ("virta-model", &["serde", "thiserror", "toml"]),
    ("virta-flow", &["hashbrown", "postcard", "rayon", "serde", "thiserror", "virta-model"]),
    ("virta-protection", &["blake3", "thiserror", "virta-model"]),
];

#[test]
fn each_crate_knows_only_the_crates_below_it() {
    let metadata = Metadata::read();
    for package in metadata.workspace_packages() {
        let name = package.name.as_str();
        if ON_TOP.contains(&name) {
            continue;
        }
        let (_, allowed) = MAY_KNOW
            .iter()
            .find(|(member, _)| *member == name)
            .unwrap_or_else(|| panic!("{name} is a new crate: say here and in ARCHITECTURE.md what it may know"));
        for other in package.names.iter().filter(|other| other.starts_with("virta")) {
            assert!(allowed.contains(&other.as_str()), "{name} must not know {other}");
        }
    }
}

#[test]
fn only_query_and_cluster_and_what_stands_on_them_reach_datafusion() {
    let metadata = Metadata::read();
    for package in metadata.workspace_packages() {
        let name = package.name.as_str();
        let reached = metadata.reached(package);
        let found = reached.iter().find(|other| other.starts_with("datafusion"));
        assert!(found.is_none() || MAY_REACH_DATAFUSION.contains(&name), "{name} reaches {found:?}");
        let names_it = package.names.iter().any(|other| other.starts_with("datafusion"));
        assert!(!names_it || MAY_NAME_DATAFUSION.contains(&name), "{name} names DataFusion: go through virta-query");
    }
}

#[test]
fn a_build_without_the_sql_engine_is_the_beginning_of_the_whole_build() {
    let features = |args: &[&str]| -> BTreeSet<String> {
        let mut command = Command::new(env!("CARGO"));
        command.args(["tree", "--offline", "--prefix", "none", "--format", "{p} {f}"]).args(args);
        let output = command.current_dir(env!("CARGO_MANIFEST_DIR")).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let lines = String::from_utf8(output.stdout).unwrap();
        // The program itself has other features, which is the point.
        let of_others = |line: &&str| !line.starts_with("virta v");
        lines.lines().map(|line| line.trim_end_matches(" (*)")).filter(of_others).map(str::to_owned).collect()
    };
    let small = features(&["--package", "virta", "--no-default-features", "--edges", "normal,build"]);
    let whole = features(&["--workspace", "--edges", "all"]);
    assert!(small.len() > 100 && whole.len() > small.len(), "{} of {}", small.len(), whole.len());
    let differ: Vec<&String> = small.difference(&whole).collect();
    assert!(differ.is_empty(), "built twice, until virta-features gives them the same features: {differ:?}");
}

#[test]
fn model_flow_and_protection_do_no_input_or_output() {
    let metadata = Metadata::read();
    for package in metadata.workspace_packages() {
        let Some((name, allowed)) = PURE.iter().find(|(name, _)| *name == package.name) else { continue };
        for other in &package.names {
            assert!(allowed.contains(&other.as_str()), "{name} is pure and must not need {other}");
        }
    }
    for name in ["virta-chart", "virta-model", "virta-flow", "virta-protection"] {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates").join(name).join("src");
        let sources = sources(&folder);
        let of_tests: BTreeSet<String> = sources.iter().flat_map(|(_, text)| test_modules(text)).collect();
        let is_of_tests = |path: &str| of_tests.iter().any(|module| path.ends_with(&format!("/{module}.rs")));
        for (path, text) in sources.iter().filter(|(path, _)| !is_of_tests(path)) {
            for forbidden in ["std::fs", "std::net", "std::process", "std::io", "println!", "eprintln!", "std::env"] {
                assert!(!code(text).contains(forbidden), "{path} uses {forbidden}");
            }
        }
    }
}

#[test]
fn the_lock_file_has_one_arrow_and_one_datafusion() {
    let metadata = Metadata::read();
    for name in ["arrow", "parquet", "datafusion"] {
        let versions = metadata.versions(name);
        assert!(versions.len() <= 1, "{name}: {versions:?}");
    }
}

/// In the table `To add something` of ARCHITECTURE.md a file belongs to the crate that was named last before it.
#[test]
fn what_is_to_be_touched_to_add_something_is_there() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let page = std::fs::read_to_string(root.join("ARCHITECTURE.md")).unwrap();
    let table = page.split("## To add something").nth(1).and_then(|rest| rest.split("\n## ").next()).unwrap();
    let rows: Vec<&str> = table.lines().filter(|line| line.starts_with("| a")).collect();
    let mut found = 0;
    for row in &rows {
        let mut of_crate = None;
        for (at, piece) in row.split('`').enumerate() {
            if at % 2 == 0 {
                let mut words = piece.split(|c: char| !c.is_alphanumeric());
                let named = words.rfind(|word| root.join(format!("crates/virta-{word}/src")).is_dir());
                of_crate = named.map(str::to_owned).or(of_crate);
                if piece.contains("the binary") {
                    of_crate = Some("virta".to_owned());
                }
            } else if piece.ends_with(".rs") || piece.ends_with('/') {
                let name = of_crate.as_deref().unwrap_or_else(|| panic!("{row}: which crate has {piece}?"));
                let folder = if name == "virta" { name.to_owned() } else { format!("virta-{name}") };
                assert!(root.join("crates").join(&folder).join("src").join(piece).exists(), "{folder} has no {piece}");
                found += 1;
            }
        }
    }
    assert!(rows.len() >= 6 && found >= 12, "{} rows name {found} files", rows.len());
}

fn sources(folder: &std::path::Path) -> Vec<(String, String)> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut found = Vec::new();
    for entry in entries {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push((path.display().to_string(), std::fs::read_to_string(&path).unwrap()));
        }
    }
    found
}

/// A source without its comments and without its unit tests.
fn code(text: &str) -> String {
    let before_tests = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    let lines = before_tests.lines().filter(|line| !line.trim_start().starts_with("//"));
    lines.collect::<Vec<_>>().join("\n")
}

/// Modules in files of their own that are compiled for tests only.
fn test_modules(text: &str) -> Vec<String> {
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let pairs = lines.windows(2).filter(|pair| pair[0] == "#[cfg(test)]");
    pairs.filter_map(|pair| pair[1].strip_prefix("mod ")?.strip_suffix(';').map(str::to_owned)).collect()
}
