//! What `cargo metadata` says of the workspace, as far as the tests of its architecture ask.
//!
//! Read with serde_json alone: the crate made for it turns on a feature that would have DataFusion built a second time.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use serde_json::Value;

pub(crate) struct Metadata {
    members: BTreeSet<String>,
    packages: BTreeMap<String, Package>,
    /// What each package is built with, its tests apart.
    needs: BTreeMap<String, Vec<String>>,
}

pub(crate) struct Package {
    pub id: String,
    pub name: String,
    pub version: String,
    /// Names of its dependencies, those of its tests apart.
    pub names: BTreeSet<String>,
}

/// The platform of this compiler, as it names it.
fn host() -> String {
    let output = Command::new("rustc").arg("-vV").output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().find_map(|line| line.strip_prefix("host: ")).unwrap().to_owned()
}

impl Metadata {
    pub(crate) fn read() -> Self {
        let manifest = concat!(env!("CARGO_MANIFEST_DIR"), "/../Cargo.toml");
        let mut command = Command::new(env!("CARGO"));
        command.args(["metadata", "--format-version", "1", "--all-features", "--offline", "--manifest-path", manifest]);
        // Crates of other platforms were never downloaded.
        command.arg("--filter-platform").arg(host());
        let output = command.output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let json: Value = serde_json::from_slice(&output.stdout).unwrap();
        let members = list(&json["workspace_members"]).iter().map(text).collect();
        let packages = list(&json["packages"]).iter().map(package).map(|package| (package.id.clone(), package));
        let needs = list(&json["resolve"]["nodes"]).iter().map(|node| (text(&node["id"]), needs(node)));
        Metadata { members, packages: packages.collect(), needs: needs.collect() }
    }

    pub(crate) fn workspace_packages(&self) -> impl Iterator<Item = &Package> {
        self.members.iter().map(|id| &self.packages[id])
    }

    pub(crate) fn versions(&self, name: &str) -> BTreeSet<&str> {
        self.packages.values().filter(|package| package.name == name).map(|package| package.version.as_str()).collect()
    }

    /// Names of everything that a package needs to be built, at any depth.
    pub(crate) fn reached(&self, package: &Package) -> BTreeSet<&str> {
        let mut seen = BTreeSet::new();
        let mut open = vec![&package.id];
        while let Some(id) = open.pop() {
            if seen.insert(id) {
                open.extend(&self.needs[id]);
            }
        }
        seen.into_iter().map(|id| self.packages[id].name.as_str()).collect()
    }
}

fn package(json: &Value) -> Package {
    let used = list(&json["dependencies"]).iter().filter(|dependency| dependency["kind"] != "dev");
    let names = used.map(|dependency| text(&dependency["name"])).collect();
    Package { id: text(&json["id"]), name: text(&json["name"]), version: text(&json["version"]), names }
}

fn needs(node: &Value) -> Vec<String> {
    let is_used = |dependency: &&Value| list(&dependency["dep_kinds"]).iter().any(|kind| kind["kind"] != "dev");
    list(&node["deps"]).iter().filter(is_used).map(|dependency| text(&dependency["pkg"])).collect()
}

fn list(json: &Value) -> &[Value] {
    json.as_array().map(Vec::as_slice).unwrap_or_default()
}

fn text(json: &Value) -> String {
    json.as_str().unwrap_or_default().to_owned()
}
