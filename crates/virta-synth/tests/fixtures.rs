//! Every settings file under fixtures/ can be read, and names code lists that are there.

use std::fs;
use std::path::{Path, PathBuf};

use virta_model::settings::{Profile, Study};

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures")
}

fn toml_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            toml_files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "toml") {
            found.push(path);
        }
    }
}

fn check_profile(path: &Path, text: &str) {
    let profile = Profile::parse(text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    for column in profile.files.iter().flat_map(|file| file.columns.values()) {
        if let Some(codes) = &column.codes {
            let list = path.parent().unwrap().join(codes);
            let list = fs::read_to_string(&list).unwrap_or_else(|error| panic!("{}: {error}", list.display()));
            assert!(list.starts_with("code,service,package,sector,is_emergency,name_fi,name_sv,name_en"), "{codes}");
        }
    }
    for (column, list) in [("package", &profile.codes.packages), ("provider", &profile.codes.providers)] {
        if let Some(list) = list {
            let text = fs::read_to_string(path.parent().unwrap().join(list)).unwrap();
            assert!(text.starts_with(&format!("{column},name_fi,name_sv,name_en")), "{list}");
        }
    }
}

#[test]
fn every_profile_and_study_can_be_read() {
    let mut files = Vec::new();
    toml_files(&fixtures(), &mut files);
    let (mut profiles, mut studies) = (0, 0);
    for path in &files {
        let text = fs::read_to_string(path).unwrap();
        if text.contains("[study]") {
            Study::parse(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            studies += 1;
        } else {
            check_profile(path, &text);
            profiles += 1;
        }
    }
    assert!(profiles >= 18 && studies >= 9, "{profiles} profiles, {studies} studies");
}
