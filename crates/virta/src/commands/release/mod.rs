//! `virta release`: the bundle that leaves, and the register of what has left.

mod groups;

use std::collections::BTreeMap;
use std::path::Path;

use serde::Serialize;
use virta_model::Lang;
use virta_release::{Group, ManifestSource, Released, bundle, differences};
use virta_store::{AcceptedDifference, Release, ReleaseMeta, ReleasedGroup, Store};

use super::report::{self, Numbers, Prepared};
use super::study::STUDY_TEXT;
use crate::args::{Common, ReleaseArgs};
use crate::failure::Failure;
use crate::output::Output;
use crate::render::{self, Grid, printable};
use crate::{interrupt, known, progress};

pub fn run(args: &ReleaseArgs, common: &Common, out: &mut Output) -> Result<(), Failure> {
    let store = Store::open(&args.store)?;
    let (Some(given), Some(folder)) = (&args.study, &args.output) else { return list(&store, out) };
    super::use_threads(common)?;
    check_place(&store, folder)?;
    let name = report::study_name(given)?;
    let spinner = progress::spinner("checking what may leave");
    let numbers = Numbers::Protected(super::key_path(&args.store, args.key.as_deref()));
    let prepared = Prepared::new(&store, &name, &numbers)?;
    check_study_file(given, &prepared)?;
    let groups = groups::of(&prepared, common)?;
    let study_report = prepared.report(&name);
    let mut languages: Vec<Lang> = Vec::new();
    for lang in args.lang.iter().copied() {
        if !languages.contains(&lang) {
            languages.push(lang);
        }
    }
    let meta = prepared.results.meta();
    let released = Released {
        report: &study_report,
        settings: &prepared.settings,
        study_hash: &meta.study_hash,
        snapshot: &meta.snapshot,
        version: &meta.version,
        sources: sources(&prepared),
        languages: &languages,
    };
    let (files, manifest) = bundle(&released)?;
    let manifest_hash = files.last().map(|file| blake3::hash(&file.bytes).to_hex().to_string()).unwrap_or_default();
    let bytes = files.iter().map(|file| file.bytes.len() as u64).sum();
    spinner.finish_and_clear();

    // From here on nobody else releases from this store.
    let writer = store.begin_release()?;
    let same = writer.earlier().find(|earlier| earlier.meta.manifest == manifest_hash).cloned();
    let k = prepared.protected.k();
    let accepted = match same {
        // What has left already tells nothing by leaving again.
        Some(_) => Vec::new(),
        None => {
            let earlier: Vec<Release> = writer.earlier().cloned().collect();
            too_near(&store, &groups, &earlier, k)?
        }
    };
    if !accepted.is_empty() && !args.accept {
        return Err(refusal(&accepted, &writer.earlier().cloned().collect::<Vec<_>>(), k));
    }
    let half_made = virta_release::write(folder, &files)?;
    let temporary = interrupt::temporary(vec![half_made.half_made().to_owned()]);
    let patience = interrupt::patience();
    drop(temporary);
    // The register first: a bundle that nobody knows of could not be compared with the next.
    let entry = match same {
        Some(entry) => entry,
        None => {
            let text = meta.settings.get(STUDY_TEXT).cloned().unwrap_or_default();
            let new = ReleaseMeta {
                study: name.clone(),
                study_hash: meta.study_hash.clone(),
                study_text: text,
                snapshot: meta.snapshot.clone(),
                version: meta.version.clone(),
                k,
                round_to: prepared.protected.round_to(),
                manifest: manifest_hash.clone(),
            };
            let of_register = |group: &Group| {
                let days = (group.first, group.last);
                let named = ReleasedGroup::new(&group.kind, &group.name, &group.period, days, group.clients());
                (named, group.clients().to_vec())
            };
            // Of a group that is told of nowhere nothing is kept either.
            let shown = groups.iter().filter(|group| group.clients().len() >= k as usize);
            writer.enter(new, &shown.map(of_register).collect::<Vec<_>>(), accepted)?
        }
    };
    half_made.show()?;
    patience.end()?;

    let withheld = prepared.protected.log().counts().into_iter();
    out.document(&Document {
        folder: folder.display().to_string(),
        files: files.len(),
        bytes,
        study: &name,
        snapshot: &meta.snapshot,
        release: entry.number,
        manifest: &manifest_hash,
        k,
        round_to: prepared.protected.round_to(),
        tables: manifest.tables.len(),
        accepted: entry.accepted.iter().map(Accepted::of).collect(),
        withheld: withheld
            .map(|((table, column, reason), cells)| report::WithheldCells {
                table,
                column,
                reason: reason.as_str(),
                cells,
            })
            .collect(),
    })?;
    out.text(format!(
        "{}: {} files, {}, release {} of this store, of snapshot {}; groups below {k} clients withheld, counts rounded to {}\nmanifest {manifest_hash}",
        folder.display(),
        files.len(),
        render::bytes(bytes),
        entry.number,
        super::short(&meta.snapshot),
        prepared.protected.round_to(),
    ))?;
    entry.accepted.iter().try_for_each(|pair| {
        out.text(format!("accepted, though fewer than {k} people make the difference: {}", Accepted::of(pair).text()))
    })
}

/// A bundle inside the store would be taken for a part of it.
fn check_place(store: &Store, folder: &Path) -> Result<(), Failure> {
    let root = store.root().canonicalize().unwrap_or_else(|_| store.root().to_owned());
    let above = folder.ancestors().find_map(|above| {
        let above = if above.as_os_str().is_empty() { Path::new(".") } else { above };
        above.canonicalize().ok()
    });
    if above.is_some_and(|above| above.starts_with(&root)) {
        return Err(Failure::refused("a release does not lie inside the store")
            .file(folder)
            .fix("name a folder elsewhere with -o"));
    }
    Ok(())
}

/// A study that is named by its file must be the one whose results there are.
fn check_study_file(given: &str, prepared: &Prepared) -> Result<(), Failure> {
    let path = Path::new(given);
    if path.extension().is_none_or(|ending| ending != "toml") {
        return Ok(());
    }
    let text = std::fs::read(path).map_err(|error| Failure::io("read the study", path, &error))?;
    if blake3::hash(&text).to_hex().as_str() == prepared.results.meta().study_hash {
        return Ok(());
    }
    Err(Failure::refused("the study was changed since its tables were made")
        .file(path)
        .fix("run virta study again, or name the study to release the tables that there are"))
}

/// The sources that tell something of people, and where each ends.
fn sources(prepared: &Prepared) -> Vec<ManifestSource> {
    let known = known::kept(&prepared.results).into_iter();
    known.map(|(source, day)| ManifestSource { source, known_to: Some(day.to_string()) }).collect()
}

/// The groups that fewer than k people tell apart from earlier ones. The larger k of two releases counts.
fn too_near(store: &Store, groups: &[Group], earlier: &[Release], k: u32) -> Result<Vec<AcceptedDifference>, Failure> {
    let mut read: BTreeMap<&str, Vec<i64>> = BTreeMap::new();
    let mut found = Vec::new();
    for release in earlier {
        let mut before = Vec::new();
        for group in &release.groups {
            let days = virta_model::Day::parse_iso(&group.first).zip(virta_model::Day::parse_iso(&group.last));
            let Some(days) = days else { continue };
            if !read.contains_key(group.clients.as_str()) {
                read.insert(&group.clients, store.released_clients(group)?);
            }
            let clients = read.get(group.clients.as_str()).cloned().unwrap_or_default();
            before.push(Group::between(&group.kind, &group.name, &group.period, days, clients));
        }
        for pair in differences(groups, &before, k.max(release.meta.k)) {
            let (Some(new), Some(old)) = (groups.get(pair.new), before.get(pair.earlier)) else { continue };
            found.push(AcceptedDifference {
                kind: new.kind.clone(),
                group: new.name.clone(),
                period: new.period.clone(),
                release: release.number,
                earlier_kind: old.kind.clone(),
                earlier_group: old.name.clone(),
                earlier_period: old.period.clone(),
            });
        }
    }
    Ok(found)
}

/// Names the groups and the releases, and not how many people make the difference.
fn refusal(found: &[AcceptedDifference], earlier: &[Release], k: u32) -> Failure {
    let largest_k = earlier.iter().map(|release| release.meta.k).fold(k, u32::max);
    let study_of = |number: u64| {
        earlier.iter().find(|release| release.number == number).map_or("", |release| release.meta.study.as_str())
    };
    let lines: Vec<String> = found
        .iter()
        .map(|pair| format!("\n  {} (study {})", Accepted::of(pair).text(), study_of(pair.release)))
        .collect();
    Failure::refused(format!(
        "fewer than {largest_k} people make the difference to what was released before, so that the two together would tell of them:{}",
        lines.concat()
    ))
    .fix("release the study with the definition that was released before, or with one that differs by more people; --accept releases it as it is and enters that in the register")
}

fn list(store: &Store, out: &mut Output) -> Result<(), Failure> {
    let releases = store.releases()?;
    out.document(&List { releases: releases.iter().map(Listed::of).collect() })?;
    if releases.is_empty() {
        return out.text("Nothing has been released from this store.");
    }
    let mut grid = Grid::new(&[
        ">release",
        "released at",
        "study",
        "snapshot",
        "periods",
        "groups",
        ">k",
        ">rounded to",
        ">accepted",
        "manifest",
    ]);
    for release in &releases {
        let listed = Listed::of(release);
        grid.row([
            release.number.to_string(),
            release.released_at.clone(),
            printable(&release.meta.study),
            super::short(&release.meta.snapshot).to_owned(),
            listed.periods.join(", "),
            printable(&listed.groups.join(", ")),
            release.meta.k.to_string(),
            release.meta.round_to.to_string(),
            release.accepted.len().to_string(),
            super::short(&release.meta.manifest).to_owned(),
        ]);
    }
    out.text(grid.text())
}

#[derive(Serialize)]
struct Document<'a> {
    folder: String,
    files: usize,
    bytes: u64,
    study: &'a str,
    snapshot: &'a str,
    /// Number in the store's register.
    release: u64,
    /// BLAKE3 of manifest.json.
    manifest: &'a str,
    k: u32,
    round_to: u32,
    tables: usize,
    accepted: Vec<Accepted<'a>>,
    /// For the data unit: how many cells of each table are withheld, and why.
    withheld: Vec<report::WithheldCells>,
}

/// Two groups that fewer than k people tell apart.
#[derive(Debug, Serialize)]
struct Accepted<'a> {
    kind: &'a str,
    group: &'a str,
    period: &'a str,
    release: u64,
    earlier_kind: &'a str,
    earlier_group: &'a str,
    earlier_period: &'a str,
}

impl<'a> Accepted<'a> {
    fn of(pair: &'a AcceptedDifference) -> Self {
        Accepted {
            kind: &pair.kind,
            group: &pair.group,
            period: &pair.period,
            release: pair.release,
            earlier_kind: &pair.earlier_kind,
            earlier_group: &pair.earlier_group,
            earlier_period: &pair.earlier_period,
        }
    }

    fn text(&self) -> String {
        format!(
            "{} in {} and {} in {} of release {}",
            called(self.kind, self.group),
            self.period,
            called(self.earlier_kind, self.earlier_group),
            self.earlier_period,
            self.release
        )
    }
}

fn called(kind: &str, name: &str) -> String {
    match kind {
        "all" => "all users".to_owned(),
        kind => format!("{kind} {}", printable(name)),
    }
}

#[derive(Serialize)]
struct List<'a> {
    releases: Vec<Listed<'a>>,
}

#[derive(Serialize)]
struct Listed<'a> {
    release: u64,
    released_at: &'a str,
    study: &'a str,
    study_hash: &'a str,
    snapshot: &'a str,
    version: &'a str,
    manifest: &'a str,
    k: u32,
    round_to: u32,
    periods: Vec<&'a str>,
    groups: Vec<String>,
    accepted: Vec<Accepted<'a>>,
}

impl<'a> Listed<'a> {
    fn of(release: &'a Release) -> Self {
        let mut periods: Vec<&str> = Vec::new();
        let mut groups: Vec<String> = Vec::new();
        for group in &release.groups {
            if !periods.contains(&group.period.as_str()) {
                periods.push(&group.period);
            }
            let name = called(&group.kind, &group.name);
            if !groups.contains(&name) {
                groups.push(name);
            }
        }
        Listed {
            release: release.number,
            released_at: &release.released_at,
            study: &release.meta.study,
            study_hash: &release.meta.study_hash,
            snapshot: &release.meta.snapshot,
            version: &release.meta.version,
            manifest: &release.meta.manifest,
            k: release.meta.k,
            round_to: release.meta.round_to,
            periods,
            groups,
            accepted: release.accepted.iter().map(Accepted::of).collect(),
        }
    }
}
