//! Ingesting a delivery: files of the given folders, a profile to edit and try, and the ingest itself.

use std::sync::Arc;

use minijinja::{Value, context};
use serde_json::Value as Json;
use virta_model::Day;

use crate::app::App;
use crate::draft::encoded;
use crate::intake::{GivenFile, GivenKind, Intake};
use crate::jobs::{Done, Work};
use crate::pages::work::begun;
use crate::trouble::Trouble;
use crate::view::{Ask, Marked, Page, Stop, note, page, said, words};

/// Stops everybody who may not take deliveries in.
pub(super) fn only_intake(ask: &Ask) -> Result<(), Stop> {
    if ask.viewer.role.takes_in() { Ok(()) } else { Err(Stop::Forbidden) }
}

/// Where deliveries come in, which needs the store's key.
pub(super) fn intake<'a>(app: &'a App, ask: &Ask) -> Result<&'a dyn Intake, Stop> {
    app.house.intake().ok_or_else(|| Trouble::new(words(ask, "needs_key")).into())
}

/// The files that there are, and what to do with them.
pub(super) fn files(app: &App, ask: &Ask) -> Page {
    only_intake(ask)?;
    shown(app, ask, None)
}

fn shown(app: &App, ask: &Ask, trouble: Option<&Trouble>) -> Page {
    let overview = app.overview()?;
    let files = intake(app, ask)?.files()?;
    let names = app.names()?;
    let say = ask.say(&names);
    let name_of = |id: &String| files.iter().find(|file| file.id == *id).map(|file| file.name.clone());
    let chosen = |file: &GivenFile| ask.pairs.iter().any(|(key, value)| key == "profile" && *value == file.id);
    let of_kind = |kind: GivenKind| -> Vec<Value> {
        let one = |file: &GivenFile| {
            let reads = files.iter().filter(|other| other.kind == GivenKind::Data && other.read_by.contains(&file.id));
            context! {
                id => file.id,
                name => file.name,
                size => size(file.bytes, say),
                path => path_of(&file.id),
                reads => reads.map(|file| file.name.clone()).collect::<Vec<_>>(),
                read_by => file.read_by.iter().filter_map(name_of).collect::<Vec<_>>(),
                is_on => chosen(file),
            }
        };
        files.iter().filter(|file| file.kind == kind).map(one).collect()
    };
    let own = context! {
        has_files => !files.is_empty(),
        profiles => of_kind(GivenKind::Profile),
        data => of_kind(GivenKind::Data),
        lists => of_kind(GivenKind::CodeList),
        command => format!("virta open {} --extracts extracts", overview.region),
        day => ask.get("day").unwrap_or_default(),
        trouble => trouble.map(|trouble| said(ask, trouble)),
    };
    page(app, ask, "ingest.html", "nav_deliveries", Marked::No, own)
}

/// The page of a profile or a code list.
fn path_of(file: &str) -> String {
    format!("/ingest/profile?file={}", encoded(file))
}

fn size(bytes: u64, say: virta_report::Say<'_>) -> String {
    match bytes {
        0..1_000 => format!("{} B", say.number(bytes as i64)),
        1_000..1_000_000 => format!("{} kB", say.number(bytes.div_ceil(1_000) as i64)),
        _ => format!("{} MB", say.number(bytes.div_ceil(1_000_000) as i64)),
    }
}

/// Makes a draft of a profile, and goes to it.
pub(super) fn draft(app: &App, ask: &Ask) -> Page {
    only_intake(ask)?;
    let file = ask.get("file").unwrap_or_default();
    match intake(app, ask)?.draft(file) {
        Ok(profile) => Err(Stop::To(path_of(&profile))),
        Err(trouble) => shown(app, ask, Some(&trouble)),
    }
}

/// The text of a profile or a code list, and what a profile would do with its files where that is asked for.
pub(super) fn profile(app: &App, ask: &Ask) -> Page {
    only_intake(ask)?;
    let intake = intake(app, ask)?;
    let file = one_of(intake, ask)?;
    let text = intake.text(&file.id)?;
    let mut trouble = None;
    let mut check = Value::from(());
    if file.kind == GivenKind::Profile && ask.get("try").is_some() {
        note(app, ask, &format!("first rows of the files of a profile {}", file.name))?;
        match intake.check(&file.id) {
            Ok(done) => check = Value::from_serialize(&done),
            Err(found) => trouble = Some(found),
        }
    }
    edited(app, ask, &file, &text, &hash(&text), check, trouble.as_ref())
}

fn edited(
    app: &App,
    ask: &Ask,
    file: &GivenFile,
    text: &str,
    before: &str,
    check: Value,
    trouble: Option<&Trouble>,
) -> Page {
    let files = intake(app, ask)?.files()?;
    let lists = files.iter().filter(|other| other.kind == GivenKind::CodeList && other.read_by.contains(&file.id));
    let lists: Vec<Value> = lists.map(|one| context! { name => one.name, path => path_of(&one.id) }).collect();
    let marked = if check.is_none() { Marked::No } else { Marked::Exact };
    let own = context! {
        id => file.id,
        name => file.name,
        is_profile => file.kind == GivenKind::Profile,
        text, before, check, lists,
        trouble => trouble.map(|trouble| said(ask, trouble)),
    };
    page(app, ask, "profile.html", "nav_deliveries", marked, own)
}

/// The profile or code list that an address names.
fn one_of(intake: &dyn Intake, ask: &Ask) -> Result<GivenFile, Stop> {
    let id = ask.get("file").unwrap_or_default();
    let found = intake.files()?.into_iter().find(|file| file.id == id);
    found.filter(|file| file.kind != GivenKind::Data).ok_or(Stop::Missing)
}

/// A part of a text's hash: whether it is still what somebody began to edit.
fn hash(text: &str) -> String {
    blake3::hash(text.as_bytes()).to_hex().as_str().get(..16).unwrap_or_default().to_owned()
}

/// Writes an edited text, and tries it.
pub(super) fn save(app: &App, ask: &Ask) -> Page {
    only_intake(ask)?;
    let intake = intake(app, ask)?;
    let file = one_of(intake, ask)?;
    // Browsers send line ends of their own.
    let text = ask.get("text").unwrap_or_default().replace("\r\n", "\n");
    let before = ask.get("before").unwrap_or_default();
    let written = match hash(&intake.text(&file.id)?) == before {
        true => intake.write(&file.id, &text),
        false => Err(Trouble::new(words(ask, "profile_changed"))),
    };
    match written {
        Ok(()) => Err(Stop::To(format!("{}&try=1", path_of(&file.id)))),
        Err(trouble) => edited(app, ask, &file, &text, before, Value::from(()), Some(&trouble)),
    }
}

/// Begins an ingest of the chosen profiles, or a trial of it.
pub(super) fn begin(app: &App, ask: &Ask) -> Page {
    only_intake(ask)?;
    let known = intake(app, ask)?.files()?;
    let chosen: Vec<String> =
        ask.pairs.iter().filter(|(key, _)| key == "profile").map(|(_, value)| value.clone()).collect();
    let is_profile = |id: &String| known.iter().any(|file| file.id == *id && file.kind == GivenKind::Profile);
    if chosen.is_empty() || !chosen.iter().all(is_profile) {
        return shown(app, ask, Some(&Trouble::new(words(ask, "ingest_none"))));
    }
    let day = ask.get("day").map(str::trim).filter(|day| !day.is_empty());
    let extracted_on = day.and_then(Day::parse_iso);
    if day.is_some() && extracted_on.is_none() {
        return shown(app, ask, Some(&Trouble::new(words(ask, "ingest_day_wrong"))));
    }
    let is_dry = ask.get("trial").is_some();
    let what = if is_dry { "trial of an ingest" } else { "ingest" };
    note(app, ask, &format!("{what} by {} profiles", chosen.len()))?;
    let house = Arc::clone(&app.house);
    let work = if is_dry { Work::Trial } else { Work::Ingest };
    Err(begun(app, ask, work, move |going| {
        let intake = house.intake().ok_or_else(|| vec![Trouble::new("the store's key is not at hand")])?;
        intake.ingest(&chosen, is_dry, extracted_on, going).map(Done::Ingested)
    }))
}

/// What an ingest did.
pub(super) fn ingested(app: &App, ask: &Ask, report: &Json) -> Page {
    let names = app.names()?;
    let say = ask.say(&names);
    let number = |json: &Json, key: &str| say.number(json.get(key).and_then(Json::as_i64).unwrap_or(0));
    let text = |json: &Json, key: &str| json.get(key).and_then(Json::as_str).unwrap_or_default().to_owned();
    let is = |key: &str| report.get(key).and_then(Json::as_bool) == Some(true);
    let list = |json: &Json, key: &str| json.get(key).and_then(Json::as_array).cloned().unwrap_or_default();
    let deliveries = list(report, "deliveries");
    let mut reasons: Vec<Value> = Vec::new();
    let mut warnings: Vec<Value> = Vec::new();
    for one in &deliveries {
        let file = text(one, "file");
        for (rule, rows) in one.get("quarantined_by").and_then(Json::as_object).into_iter().flatten() {
            reasons.push(context! { file, rule, rows => say.number(rows.as_i64().unwrap_or(0)) });
        }
        for warning in list(one, "warnings") {
            warnings.push(context! { file, words => warning.as_str().unwrap_or_default() });
        }
    }
    let advice: Vec<String> = list(report, "advice")
        .iter()
        .map(|one| {
            let (joins, unmatched) = (number(one, "joins"), number(one, "unmatched"));
            let (source, key) = (text(one, "source"), text(one, "key"));
            let values = [("source", &source), ("key", &key), ("n", &joins), ("all", &unmatched)];
            ask.fill("ingest_advice", &values)
        })
        .collect();
    let rows: Vec<Value> = deliveries
        .iter()
        .map(|one| {
            let outcome = match text(one, "outcome").as_str() {
                "known" => words(ask, "ingest_known"),
                "read_again" => words(ask, "ingest_again"),
                _ => "",
            };
            context! {
                file => text(one, "file"),
                source => text(one, "source"),
                table => text(one, "table"),
                read => number(one, "rows_read"),
                accepted => number(one, "rows_accepted"),
                quarantined => number(one, "rows_quarantined"),
                superseded => number(one, "rows_superseded"),
                not_selected => number(one, "rows_not_selected"),
                outcome,
            }
        })
        .collect();
    let sums = ["rows_read", "rows_accepted", "rows_quarantined", "rows_superseded", "rows_not_selected"]
        .map(|key| (key, number(report, key)));
    let sums = ask.fill("ingest_sums", &sums);
    let snapshot = text(report, "snapshot");
    let snapshot = snapshot.get(..8).unwrap_or_default();
    let title = match (is("dry_run"), is("changed")) {
        (true, _) => words(ask, "ingest_tried").to_owned(),
        (false, true) => ask.fill("ingest_done", &[("snapshot", snapshot)]),
        (false, false) => words(ask, "ingest_nothing_new").to_owned(),
    };
    let unnamed = list(report, "services_unnamed");
    let own = context! {
        title, sums, rows, reasons, warnings, advice,
        unnamed => unnamed.iter().filter_map(Json::as_str).collect::<Vec<_>>().join(", "),
        is_trial => is("dry_run"),
    };
    page(app, ask, "ingested.html", "nav_deliveries", Marked::No, own)
}
