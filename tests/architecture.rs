//! The arrows between the crates, held against what cargo resolves.

use std::collections::{BTreeMap, BTreeSet};

use cargo_metadata::{CargoOpt, DependencyKind, Metadata, MetadataCommand, PackageId};

/// What each crate of the workspace may know of the others. The binary may know all.
const MAY_KNOW: &[(&str, &[&str])] = &[
    ("virta-model", &[]),
    ("virta-store", &["virta-model"]),
    ("virta-ingest", &["virta-model", "virta-store"]),
    ("virta-flow", &["virta-model"]),
    ("virta-disclosure", &["virta-model"]),
    ("virta-query", &["virta-model", "virta-store"]),
    ("virta-report", &["virta-model", "virta-disclosure"]),
    ("virta-synth", &["virta-model"]),
];

/// The crates that stand on the others and may know everything.
const ON_TOP: &[&str] = &["virta", "virta-tests", "virta-benches"];

/// Only these may need DataFusion, so that the rest builds and tests in minutes.
const MAY_REACH_DATAFUSION: &[&str] = &["virta-query", "virta", "virta-tests", "virta-benches"];

/// What the pure crates may name: nothing that reads or writes files.
const PURE: &[(&str, &[&str])] = &[
    ("virta-model", &["serde", "thiserror", "toml"]),
    ("virta-flow", &["hashbrown", "rayon", "thiserror", "virta-model"]),
    ("virta-disclosure", &["thiserror", "virta-model"]),
];

fn metadata() -> Metadata {
    let manifest = concat!(env!("CARGO_MANIFEST_DIR"), "/../Cargo.toml");
    MetadataCommand::new().manifest_path(manifest).features(CargoOpt::AllFeatures).exec().unwrap()
}

/// Names of what a member names as a dependency of its library or binary, not of its tests.
fn named(metadata: &Metadata, member: &str) -> BTreeSet<String> {
    let packages = metadata.workspace_packages();
    let package = packages.iter().find(|package| package.name.as_str() == member);
    let dependencies = package.map(|package| &package.dependencies[..]).unwrap_or_default();
    let used = dependencies.iter().filter(|dependency| dependency.kind != DependencyKind::Development);
    used.map(|dependency| dependency.name.clone()).collect()
}

/// Everything that a member needs to be built, at any depth.
fn reached(metadata: &Metadata, member: &PackageId) -> BTreeSet<String> {
    let resolve = metadata.resolve.as_ref().unwrap();
    let nodes: BTreeMap<&PackageId, _> = resolve.nodes.iter().map(|node| (&node.id, node)).collect();
    let mut seen: BTreeSet<&PackageId> = BTreeSet::new();
    let mut open = vec![member];
    while let Some(id) = open.pop() {
        if !seen.insert(id) {
            continue;
        }
        let node = nodes[id];
        let is_used =
            |kinds: &[cargo_metadata::DepKindInfo]| kinds.iter().any(|k| k.kind != DependencyKind::Development);
        open.extend(node.deps.iter().filter(|dep| is_used(&dep.dep_kinds)).map(|dep| &dep.pkg));
    }
    seen.into_iter().map(|id| metadata[id].name.to_string()).collect()
}

#[test]
fn each_crate_knows_only_the_crates_below_it() {
    let metadata = metadata();
    for package in metadata.workspace_packages() {
        let name = package.name.as_str();
        if ON_TOP.contains(&name) {
            continue;
        }
        let (_, allowed) = MAY_KNOW
            .iter()
            .find(|(member, _)| *member == name)
            .unwrap_or_else(|| panic!("{name} is a new crate: say here and in ARCHITECTURE.md what it may know"));
        for other in named(&metadata, name).iter().filter(|other| other.starts_with("virta")) {
            assert!(allowed.contains(&other.as_str()), "{name} must not know {other}");
        }
    }
}

#[test]
fn only_query_and_what_stands_on_it_reaches_datafusion() {
    let metadata = metadata();
    for package in metadata.workspace_packages() {
        let name = package.name.as_str();
        let reached = reached(&metadata, &package.id);
        let found = reached.iter().find(|other| other.starts_with("datafusion"));
        assert!(found.is_none() || MAY_REACH_DATAFUSION.contains(&name), "{name} reaches {found:?}");
        let names_it = named(&metadata, name).iter().any(|other| other.starts_with("datafusion"));
        assert!(!names_it || name == "virta-query", "{name} names DataFusion: go through virta-query");
    }
}

#[test]
fn model_flow_and_disclosure_do_no_input_or_output() {
    let metadata = metadata();
    for (name, allowed) in PURE {
        for other in named(&metadata, name) {
            assert!(allowed.contains(&other.as_str()), "{name} is pure and must not need {other}");
        }
    }
    for name in ["virta-model", "virta-flow", "virta-disclosure"] {
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
    let metadata = metadata();
    for name in ["arrow", "parquet", "datafusion"] {
        let versions: BTreeSet<_> =
            metadata.packages.iter().filter(|package| package.name.as_str() == name).map(|p| &p.version).collect();
        assert!(versions.len() <= 1, "{name}: {versions:?}");
    }
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
