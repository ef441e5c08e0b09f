//! Bundles made of small tables, and read back.

use std::fs;
use std::path::Path;

use virta_model::Lang;
use virta_model::schema::{self, COHORT};
use virta_model::settings::Study;
use virta_model::{Table, Value};
use virta_protection::{Policy, ProtectedStudy, Secret, StudyTables, protect};
use virta_report::{Figure, Report};

use crate::*;

const STUDY: &str =
    "[study]\nname = \"s\"\nperiod = \"2014\"\ntitle = { fi = \"Tutkimus\" }\n[[cohort]]\nname = \"c\"\n";

/// Services per client of 40, 3 and 12 people, and a table of single people.
fn protected(policy: Policy) -> ProtectedStudy {
    protected_of(policy, [40, 3, 12])
}

fn protected_of(policy: Policy, clients: [i64; 3]) -> ProtectedStudy {
    let mut starts = Table::new(&schema::FLOW_STARTS);
    for (service, clients) in ["dentist", "ward", "maternity"].into_iter().zip(clients) {
        let (all, year) = (Value::Text("all"), Value::Text("2014"));
        starts.push(&[all, year, Value::Text(service), Value::Int(clients), Value::Int(0)]);
    }
    let mut sweep = Table::new(&schema::SWEEP);
    for (services, clients) in [(2, 40), (6, 3)] {
        let mut row = vec![Value::Null; schema::SWEEP.columns.len()];
        for (column, value) in [
            ("period", Value::Text("2014")),
            ("count_by", Value::Text("service")),
            ("min_services", Value::Int(services)),
            ("min_contacts", Value::Int(1)),
            ("clients", Value::Int(clients)),
        ] {
            if let Some(at) = schema::SWEEP.index_of(column) {
                row[at] = value;
            }
        }
        sweep.push(&row);
    }
    protect(&StudyTables::new(&[starts, sweep, Table::new(&schema::TOP_USERS)], policy, Secret::new([7; 32]))).unwrap()
}

fn made(languages: &[Lang]) -> (Vec<File>, Manifest) {
    made_of(&protected(Policy::default()), languages)
}

fn made_of(study: &ProtectedStudy, languages: &[Lang]) -> (Vec<File>, Manifest) {
    let settings = Study::parse(STUDY).unwrap();
    let mut report = Report::new(study, "s");
    report.settings = Some(&settings);
    for code in ["dentist", "ward", "elsewhere"] {
        report
            .names
            .services
            .insert(code.to_owned(), [format!("{code} fi"), format!("{code} sv"), format!("{code} en")]);
    }
    let sources = vec![ManifestSource { source: "hilmo".to_owned(), known_to: Some("2015-01-31".to_owned()) }];
    bundle(&Released {
        report: &report,
        settings: &settings,
        study_hash: "ab",
        snapshot: "cd",
        version: "1",
        sources,
        languages,
    })
    .unwrap()
}

fn text(files: &[File], name: &str) -> String {
    let file = files.iter().find(|file| file.name == name).unwrap_or_else(|| panic!("no {name}"));
    String::from_utf8(file.bytes.clone()).unwrap()
}

/// Reports, tables, charts and the log of a bundle, and so whatever compares bundles, follow protected numbers alone.
#[test]
fn other_exact_numbers_with_the_same_protected_ones_give_the_same_bytes() {
    let shown = |clients| protected_of(Policy::default(), clients);
    let first = shown([40, 3, 12]);
    let others = (36..45).flat_map(|many| (5..20).map(move |some| [many, 2, some]));
    let alike: Vec<ProtectedStudy> =
        others.filter(|clients| clients[0] != 40).map(shown).filter(|other| other.tables() == first.tables()).collect();
    assert!(!alike.is_empty());
    for other in &alike {
        assert!(made_of(&first, &Lang::ALL).0 == made_of(other, &Lang::ALL).0);
    }
}

#[test]
fn the_same_study_gives_the_same_bytes() {
    let (first, _) = made(&Lang::ALL);
    std::thread::sleep(std::time::Duration::from_millis(1100));
    assert!(first == made(&Lang::ALL).0);
}

#[test]
fn a_bundle_has_the_tables_that_may_leave_and_no_more() {
    let (files, manifest) = made(&[Lang::Fi]);
    let names: Vec<&str> = files.iter().map(|file| file.name.as_str()).collect();
    assert_eq!(
        names,
        [
            "tables/flow_starts.csv",
            "tables/sweep.csv",
            "report.fi.html",
            "tables.xlsx",
            "dictionary.csv",
            "names.csv",
            "protection.json",
            "manifest.json"
        ]
    );
    assert_eq!(
        text(&files, "tables/flow_starts.csv"),
        "cohort,period,service,clients\nall,2014,dentist,40\nall,2014,maternity,10\n"
    );
    assert_eq!(
        text(&files, "names.csv"),
        "kind,code,name_fi,name_sv,name_en\nservice,dentist,dentist fi,dentist sv,dentist en\n"
    );
    assert_eq!(manifest.definition["cohort.c.min_services"], "4");
    assert_eq!(manifest.titles.study.fi.as_deref(), Some("Tutkimus"));
    assert!(manifest.tables[0].rare_rows_left_out && !manifest.tables[1].rare_rows_left_out);
}

#[test]
fn a_bundle_of_every_table_has_at_most_fifty_files() {
    let tables = COHORT.iter().filter(|table| table.leaves.ever()).count();
    let beside = made(&Lang::ALL).0.len() - 2;
    assert!(tables + beside <= 50, "{tables} tables and {beside} other files");
}

#[test]
fn exact_numbers_never_become_a_release() {
    let study = protected(Policy::internal());
    let settings = Study::parse(STUDY).unwrap();
    let report = Report::new(&study, "s");
    let (study_hash, snapshot, version) = ("ab", "cd", "1");
    let released = Released {
        report: &report,
        settings: &settings,
        study_hash,
        snapshot,
        version,
        sources: Vec::new(),
        languages: &Lang::ALL,
    };
    assert!(matches!(bundle(&released), Err(Error::Internal)));
}

fn on_disk(folder: &Path) {
    write(folder, &made(&[Lang::En]).0).unwrap().show().unwrap();
}

#[test]
fn a_bundle_reads_back_with_what_is_withheld() {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("out");
    on_disk(&folder);
    let read = Bundle::read(&folder).unwrap();
    assert_eq!(read.manifest, made(&[Lang::En]).1);
    let sweep = read.tables.iter().find(|table| table.schema.name == "sweep").unwrap();
    let clients = schema::SWEEP.index_of("clients").unwrap();
    assert_eq!(sweep.rows.iter().map(|row| &row[clients]).collect::<Vec<_>>(), [&Figure::Int(40), &Figure::Withheld]);
    assert_eq!(read.names.services["dentist"][1], "dentist sv");
}

#[test]
fn a_flipped_or_lost_byte_of_any_file_is_refused_by_name() {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("out");
    on_disk(&folder);
    for file in made(&[Lang::En]).0 {
        let path = folder.join(&file.name);
        for at in [0, file.bytes.len() / 3, file.bytes.len() - 1] {
            for bit in [1, 32] {
                let mut bytes = file.bytes.clone();
                bytes[at] ^= bit;
                fs::write(&path, bytes).unwrap();
                let error = Bundle::read(&folder).unwrap_err().to_string();
                assert!(error.contains(&file.name), "{}: {error}", file.name);
            }
        }
        fs::write(&path, &file.bytes[..file.bytes.len() - 1]).unwrap();
        assert!(Bundle::read(&folder).is_err());
        fs::write(&path, &file.bytes).unwrap();
        Bundle::read(&folder).unwrap();
    }
    fs::remove_file(folder.join("names.csv")).unwrap();
    assert!(Bundle::read(&folder).unwrap_err().to_string().contains("names.csv"));
}

#[test]
fn a_folder_without_a_manifest_is_no_release() {
    let root = tempfile::tempdir().unwrap();
    assert!(matches!(Bundle::read(root.path()), Err(Error::NotARelease { .. })));
    assert!(matches!(Bundle::read(&root.path().join("nowhere")), Err(Error::NotARelease { .. })));
}
