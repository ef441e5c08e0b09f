//! `virta release`: the bundle that leaves, and the register of what has left.

mod groups;

use std::collections::BTreeMap;
use std::path::Path;

use serde::Serialize;
use virta_front::Standing;
use virta_model::{Day, Lang};
use virta_release::{File, Group, ManifestSource, Released, bundle, differences};
use virta_store::{AcceptedDifference, Release, ReleaseMeta, ReleasedGroup, Store};

use super::report::{self, Numbers, Prepared};
use super::study::STUDY_TEXT;
use crate::args::{Common, ReleaseArgs};
use crate::failure::Failure;
use crate::interrupt::{self, Patience};
use crate::output::Output;
use crate::render::{self, Grid, printable};
use crate::{known, progress};

pub(crate) fn run(args: &ReleaseArgs, common: &Common, out: &mut Output) -> Result<(), Failure> {
    let store = Store::open(&args.store)?;
    let (Some(given), Some(folder)) = (&args.study, &args.output) else { return list(&store, out) };
    super::use_threads(common)?;
    check_place(&store, folder)?;
    let name = report::study_name(given)?;
    let spinner = progress::spinner("checking what may leave");
    let numbers = Numbers::Protected(super::key_path(&args.store, args.key.as_deref()));
    let prepared = Prepared::new(&store, &name, &numbers)?;
    check_study_file(given, &prepared)?;
    let ready = Ready::new(name, prepared, &args.lang, common.threads())?;
    spinner.finish_and_clear();
    let entry = match ready.leave(&store, folder, args.accept)? {
        Left::As(entry, patience) => {
            patience.keep();
            entry
        }
        Left::TooNear(found, earlier) => return Err(refusal(&found, &earlier, ready.k())),
    };

    let protected = &ready.prepared.protected;
    let (k, round_to) = (protected.k(), protected.round_to());
    let snapshot = &ready.prepared.results.meta().snapshot;
    out.document(&Document {
        folder: folder.display().to_string(),
        files: ready.files.len(),
        bytes: ready.bytes(),
        study: &ready.name,
        snapshot,
        release: entry.number,
        manifest: &ready.manifest,
        k,
        round_to,
        tables: ready.tables,
        accepted: &entry.accepted,
        withheld: report::withheld(protected),
    })?;
    out.text(format!(
        "{}: {} files, {}, release {} of this store, of snapshot {}; groups below {k} clients withheld, counts rounded to {round_to}\nmanifest {}",
        folder.display(),
        ready.files.len(),
        render::bytes(ready.bytes()),
        entry.number,
        super::short(snapshot),
        ready.manifest,
    ))?;
    entry.accepted.iter().try_for_each(|pair| {
        out.text(format!("accepted, though fewer than {k} people make the difference: {}", in_words(pair)))
    })
}

/// A bundle that is made whole and has not left.
#[derive(Debug)]
pub(crate) struct Ready {
    pub name: String,
    pub prepared: Prepared,
    pub groups: Vec<Group>,
    pub files: Vec<File>,
    /// BLAKE3 of its manifest.
    pub manifest: String,
    /// How many tables it has.
    pub tables: usize,
}

/// What became of a bundle.
#[derive(Debug)]
pub(crate) enum Left {
    /// It left, as this entry of the register; an interrupt is too late while the patience lives.
    As(Box<Release>, Patience),
    /// It did not: too few people tell these groups from those of the earlier releases.
    TooNear(Vec<AcceptedDifference>, Vec<Release>),
}

impl Ready {
    /// Makes the bundle of a study, with reports in these languages.
    pub(crate) fn new(
        name: String,
        prepared: Prepared,
        langs: &[Lang],
        threads: Option<usize>,
    ) -> Result<Self, Failure> {
        let groups = groups::of(&prepared, threads)?;
        let mut languages: Vec<Lang> = Vec::new();
        for lang in langs.iter().copied() {
            if !languages.contains(&lang) {
                languages.push(lang);
            }
        }
        let meta = prepared.results.meta();
        let (files, manifest) = bundle(&Released {
            report: &prepared.report(&name),
            settings: &prepared.settings,
            study_hash: &meta.study_hash,
            snapshot: &meta.snapshot,
            version: &meta.version,
            sources: sources(&prepared),
            languages: &languages,
        })?;
        let hash = files.last().map(|file| blake3::hash(&file.bytes).to_hex().to_string()).unwrap_or_default();
        Ok(Ready { name, prepared, groups, files, manifest: hash, tables: manifest.tables.len() })
    }

    pub(crate) fn k(&self) -> u32 {
        self.prepared.protected.k()
    }

    pub(crate) fn bytes(&self) -> u64 {
        self.files.iter().map(|file| file.bytes.len() as u64).sum()
    }

    /// Enters the bundle in the register and puts it in its folder. What too few people tell apart from earlier releases
    /// leaves only when that is accepted.
    ///
    /// # Errors
    /// A release of a common day with another rounding, when that is not accepted; what the disk reports.
    pub(crate) fn leave(&self, store: &Store, folder: &Path, accept: bool) -> Result<Left, Failure> {
        // From here on nobody else releases from this store.
        let writer = store.begin_release()?;
        let earlier: Vec<Release> = writer.earlier().cloned().collect();
        let same = earlier.iter().find(|release| release.meta.manifest == self.manifest).cloned();
        if same.is_none() && !accept {
            rounded_alike(&self.groups, &earlier, self.prepared.protected.round_to())?;
        }
        let accepted = match same {
            // What has left already tells nothing by leaving again.
            Some(_) => Vec::new(),
            None => too_near(store, &self.groups, &earlier, self.k())?,
        };
        if !accepted.is_empty() && !accept {
            return Ok(Left::TooNear(accepted, earlier));
        }
        let half_made = virta_release::write(folder, &self.files)?;
        let temporary = interrupt::temporary(vec![half_made.half_made().to_owned()]);
        let patience = interrupt::patience();
        drop(temporary);
        // The register first: a bundle that nobody knows of could not be compared with the next.
        let entry = match same {
            Some(entry) => entry,
            None => {
                let of_register = |group: &Group| {
                    let days = (group.first, group.last);
                    let named = ReleasedGroup::new(&group.kind, &group.name, &group.period, days, group.clients());
                    (named, group.clients().to_vec())
                };
                // Of a group that is told of nowhere nothing is kept either.
                let shown = self.groups.iter().filter(|group| group.clients().len() >= self.k() as usize);
                writer.enter(self.entry(), &shown.map(of_register).collect::<Vec<_>>(), accepted)?
            }
        };
        half_made.show()?;
        Ok(Left::As(Box::new(entry), patience))
    }

    fn entry(&self) -> ReleaseMeta {
        let meta = self.prepared.results.meta();
        ReleaseMeta {
            study: self.name.clone(),
            study_hash: meta.study_hash.clone(),
            study_text: meta.settings.get(STUDY_TEXT).cloned().unwrap_or_default(),
            snapshot: meta.snapshot.clone(),
            version: meta.version.clone(),
            k: self.k(),
            round_to: self.prepared.protected.round_to(),
            manifest: self.manifest.clone(),
        }
    }
}

/// A bundle inside the store would be taken for a part of it.
pub(crate) fn check_place(store: &Store, folder: &Path) -> Result<(), Failure> {
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

/// The first and the last day of an entry's group; `None` of one that is not as it was written.
fn days_of(group: &ReleasedGroup) -> Option<(Day, Day)> {
    Day::parse_iso(&group.first).zip(Day::parse_iso(&group.last))
}

/// Refuses numbers of a time whose numbers were rounded otherwise before: from the same number rounded in two ways more
/// follows than from each of them.
fn rounded_alike(groups: &[Group], earlier: &[Release], round_to: u32) -> Result<(), Failure> {
    let is_common = |(first, last)| groups.iter().any(|group| group.first <= last && first <= group.last);
    let overlaps = |release: &Release| release.groups.iter().filter_map(days_of).any(is_common);
    let other = earlier.iter().find(|release| release.meta.round_to != round_to && overlaps(release));
    let Some(other) = other else { return Ok(()) };
    let (before, number) = (other.meta.round_to, other.number);
    Err(Failure::refused(format!(
        "release {number} of the same time (study {}) has counts rounded to {before}, and this one to {round_to}: the same number rounded in two ways tells more",
        printable(&other.meta.study)
    ))
    .fix(format!(
        "let [study.protection] say round_to = {before}, as before; --accept releases it as it is, and the register says what each was rounded to"
    )))
}

/// The groups that fewer than k people tell apart from earlier ones. The larger k of two releases counts.
fn too_near(store: &Store, groups: &[Group], earlier: &[Release], k: u32) -> Result<Vec<AcceptedDifference>, Failure> {
    let mut read = BTreeMap::new();
    let mut found = Vec::new();
    for release in earlier {
        let before = released_groups(store, release, &mut read)?;
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

/// The groups of a release with their people. What was `read` of other releases is not read again.
fn released_groups<'a>(
    store: &Store,
    release: &'a Release,
    read: &mut BTreeMap<&'a str, Vec<i64>>,
) -> Result<Vec<Group>, Failure> {
    let mut groups = Vec::new();
    for group in &release.groups {
        let Some(days) = days_of(group) else { continue };
        if !read.contains_key(group.clients.as_str()) {
            read.insert(&group.clients, store.released_clients(group)?);
        }
        let clients = read.get(group.clients.as_str()).cloned().unwrap_or_default();
        groups.push(Group::between(&group.kind, &group.name, &group.period, days, clients));
    }
    Ok(groups)
}

/// Each group that a study's release would tell of, beside what has left before; what matters most counts, the newest release
/// first.
pub(crate) fn standings(
    store: &Store,
    prepared: &Prepared,
    threads: Option<usize>,
) -> Result<Vec<(Group, Standing)>, Failure> {
    let (releases, k) = (store.releases()?, prepared.protected.k());
    let mut read = BTreeMap::new();
    let mut before = Vec::new();
    for release in releases.iter().rev() {
        before.push((release, released_groups(store, release, &mut read)?));
    }
    let groups = groups::of(prepared, threads)?.into_iter();
    let stands = |group: Group| {
        let one = std::slice::from_ref(&group);
        let is_named =
            |other: &Group| (&other.kind, &other.name, &other.period) == (&group.kind, &group.name, &group.period);
        let is_same = |other: &Group| is_named(other) && other.clients() == group.clients();
        let near = before.iter().find(|(release, of)| !differences(one, of, k.max(release.meta.k)).is_empty());
        let same = before.iter().find(|(_, of)| of.iter().any(is_same));
        let named = before.iter().find(|(_, of)| of.iter().any(is_named));
        let standing = match (near, same, named) {
            _ if group.clients().len() < k as usize => Standing::Small,
            (Some((release, _)), _, _) => Standing::TooNear(release.number),
            (_, Some((release, _)), _) => Standing::Same(release.number),
            (_, _, Some((release, _))) => Standing::Differs(release.number),
            (None, None, None) => Standing::New,
        };
        (group, standing)
    };
    Ok(groups.map(stands).collect())
}

/// Names the groups and the releases, and not how many people make the difference.
fn refusal(found: &[AcceptedDifference], earlier: &[Release], k: u32) -> Failure {
    let largest_k = earlier.iter().map(|release| release.meta.k).fold(k, u32::max);
    let study_of = |number: u64| {
        earlier.iter().find(|release| release.number == number).map_or("", |release| release.meta.study.as_str())
    };
    let lines: Vec<String> =
        found.iter().map(|pair| format!("\n  {} (study {})", in_words(pair), study_of(pair.release))).collect();
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
    accepted: &'a [AcceptedDifference],
    /// For the data unit: how many cells of each table are withheld, and why.
    withheld: Vec<report::WithheldCells>,
}

/// Two groups that fewer than k people tell apart.
fn in_words(pair: &AcceptedDifference) -> String {
    format!(
        "{} in {} and {} in {} of release {}",
        called(&pair.kind, &pair.group),
        pair.period,
        called(&pair.earlier_kind, &pair.earlier_group),
        pair.earlier_period,
        pair.release
    )
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
    accepted: &'a [AcceptedDifference],
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
            accepted: &release.accepted,
        }
    }
}
