//! A region is the same every time, says what is wrong with it, and nothing else is.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use virta_model::hetu;
use virta_synth::{RegionOptions, SynthError, Truth, write_region};

fn options() -> RegionOptions {
    RegionOptions::new(1500, 2013..=2014, 5).with_dirt(0.02)
}

fn write(dir: &Path, options: &RegionOptions) -> Truth {
    write_region(dir, options, &|_| ()).unwrap()
}

/// Every file of a folder by its relative path.
fn files(dir: &Path) -> BTreeMap<String, Vec<u8>> {
    fn visit(root: &Path, folder: &Path, found: &mut BTreeMap<String, Vec<u8>>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                visit(root, &path, found);
            } else {
                let name = path.strip_prefix(root).unwrap().to_str().unwrap().replace('\\', "/");
                found.insert(name, fs::read(&path).unwrap());
            }
        }
    }
    let mut found = BTreeMap::new();
    visit(dir, dir, &mut found);
    found
}

#[test]
fn the_same_options_write_the_same_bytes_on_any_number_of_threads() {
    let folder = tempfile::tempdir().unwrap();
    let written = [1, 3].map(|threads| {
        let dir = folder.path().join(threads.to_string());
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let truth = pool.install(|| write(&dir, &options()));
        (truth, files(&dir))
    });
    assert_eq!(written[0].0, written[1].0);
    assert_eq!(written[0].1, written[1].1);
}

/// Whoever changes the generator on purpose changes this number too, and says so in the changelog: seeds that users
/// noted down then mean another region.
#[test]
fn a_seed_means_the_same_region_as_ever() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), &RegionOptions::new(300, 2013..=2014, 1).with_dirt(0.02));
    let mut hash = 0xcbf2_9ce4_8422_2325u64;
    for (path, bytes) in files(folder.path()).iter().filter(|(path, _)| path.starts_with("extracts/")) {
        for byte in path.bytes().chain(bytes.iter().copied()) {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3);
        }
    }
    assert_eq!(hash, 0x3dbc_c2d5_0de7_31db, "{hash:#x}");
}

#[test]
fn what_is_planted_about_time_and_order_is_so_often_there() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), &RegionOptions::new(25_000, 2012..=2014, 1));
    let planted = fs::read_to_string(folder.path().join("truth/planted.csv")).unwrap();
    let mut paces = 0;
    for line in planted.lines().skip(1) {
        let cells: Vec<&str> = line.split(';').collect();
        let number = |at: usize| cells[at].parse::<f64>().unwrap();
        let (chance, clients, found) = (number(1) / 1000.0, number(2), number(3));
        let deviation = (clients * chance * (1.0 - chance)).sqrt();
        assert!(clients >= 15.0 && (found - clients * chance).abs() <= 3.0 * deviation, "{line}");
        paces += usize::from(cells[0].contains("county"));
    }
    assert_eq!(paces, 3, "{planted}");
}

#[test]
fn another_seed_writes_other_people() {
    let folder = tempfile::tempdir().unwrap();
    let members = [1, 2].map(|seed| {
        let dir = folder.path().join(seed.to_string());
        write(&dir, &RegionOptions::new(500, 2013..=2013, seed));
        fs::read(dir.join("truth/members.csv")).unwrap()
    });
    assert_ne!(members[0], members[1]);
}

#[test]
fn dirt_leaves_the_clean_rows_and_the_answers_as_they_are() {
    let folder = tempfile::tempdir().unwrap();
    let (clean_dir, dirty_dir) = (folder.path().join("clean"), folder.path().join("dirty"));
    let clean = write(&clean_dir, &options().with_dirt(0.0));
    let dirty = write(&dirty_dir, &options());
    assert_eq!(clean.periods, dirty.periods);
    assert_eq!(clean.dirty_rows, 0);

    let planted = planted(&dirty_dir);
    let clean_files = files(&clean_dir);
    for (path, bytes) in files(&dirty_dir).iter().filter(|(path, _)| path.starts_with("extracts/")) {
        let original = path.replace("_uudelleen", "");
        let bad = planted.get(&original).cloned().unwrap_or_default();
        let kept: Vec<_> = lines(bytes).into_iter().filter(|(number, _)| !bad.contains(number)).collect();
        let kept: Vec<_> = kept.into_iter().map(|(_, line)| line).collect();
        let wanted: Vec<_> = lines(&clean_files[path]).into_iter().map(|(_, line)| line).collect();
        assert_eq!(kept.len(), wanted.len(), "{path}");
        assert!(kept == wanted, "{path}");
    }
}

#[test]
fn every_row_of_every_file_is_accounted_for() {
    let folder = tempfile::tempdir().unwrap();
    let truth = write(folder.path(), &options());
    let mut dirty_rows = 0;
    for file in &truth.files {
        assert_eq!(file.rows_read, file.rows_accepted + file.rows_quarantined + file.rows_superseded, "{}", file.path);
        dirty_rows += file.rows_quarantined;
        // A year of social assistance is several rows.
        if !file.path.contains("toimeentulotuki") {
            let bytes = fs::read(folder.path().join(&file.path)).unwrap();
            assert_eq!(lines(&bytes).len() as u64 - 1, file.rows_read, "{}", file.path);
        }
    }
    assert!(dirty_rows > 0 && dirty_rows == truth.dirty_rows);
    let rules = fs::read_to_string(folder.path().join("truth/dirty_rules.csv")).unwrap();
    let rules: Vec<Vec<&str>> = rules.lines().skip(1).map(|line| line.split(';').collect()).collect();
    assert_eq!(rules.iter().map(|rule| rule[2].parse::<u64>().unwrap()).sum::<u64>(), dirty_rows);
    for wanted in ["after_extract", "before_1900"] {
        let found = rules.iter().find(|rule| rule[..2] == ["start_date", wanted]).unwrap();
        let listed = planted_with_rule(folder.path(), wanted).values().map(|lines| lines.len()).sum::<usize>();
        assert_eq!(found[2], listed.to_string(), "{wanted}");
        assert_ne!(listed, 0, "{wanted}");
    }
}

#[test]
fn identity_codes_stand_only_in_the_rows_that_are_listed() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), &options().with_dirt(0.2));
    let planted = planted_with_rule(folder.path(), "hetu");
    let mut found = 0;
    for (path, bytes) in files(folder.path()).iter().filter(|(path, _)| !path.contains("_uudelleen")) {
        let expected = planted.get(path).cloned().unwrap_or_default();
        for (number, line) in lines(bytes) {
            let holds_one = line.split(|byte| *byte == b';').any(hetu::occurs_in);
            assert_eq!(holds_one, expected.contains(&number), "{path} line {number}");
            found += usize::from(holds_one);
        }
    }
    assert!(found > 0);
}

#[test]
fn one_file_is_delivered_twice() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), &options());
    let hilmo = folder.path().join("extracts/hilmo");
    let twice = fs::read(hilmo.join("hoito_20130715_uudelleen.csv")).unwrap();
    assert_eq!(twice, fs::read(hilmo.join("hoito_20130715.csv")).unwrap());
}

#[test]
fn a_tenth_of_the_clients_has_about_four_fifths_of_the_cost() {
    let folder = tempfile::tempdir().unwrap();
    let truth = write(folder.path(), &RegionOptions::new(6000, 2013..=2015, 1));
    for period in &truth.periods {
        let (_, _, cents) = period.concentration.iter().find(|(percent, ..)| *percent == 10).unwrap();
        let percent = cents * 100 / period.cost_cents;
        assert!((75..=85).contains(&percent), "{}: {percent} %", period.year);
    }
}

#[test]
fn a_folder_that_holds_a_region_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), &RegionOptions::new(10, 2013..=2013, 1));
    let again = write_region(folder.path(), &RegionOptions::new(10, 2013..=2013, 1), &|_| ());
    assert!(matches!(again, Err(SynthError::NotEmpty { .. })));
}

#[test]
fn a_region_of_nobody_is_a_region() {
    let folder = tempfile::tempdir().unwrap();
    let truth = write(folder.path(), &RegionOptions::new(0, 2013..=2013, 1));
    assert_eq!((truth.periods[0].clients, truth.periods[0].cost_cents), (0, 0));
}

/// Lines without their ends, numbered from 1.
fn lines(bytes: &[u8]) -> Vec<(u64, &[u8])> {
    let text = bytes.strip_suffix(b"\n").unwrap_or(bytes);
    text.split(|byte| *byte == b'\n').zip(1..).map(|(line, number)| (number, line)).collect()
}

fn planted(dir: &Path) -> BTreeMap<String, BTreeSet<u64>> {
    planted_with_rule(dir, "")
}

/// The planted lines by file, of one rule or of all.
fn planted_with_rule(dir: &Path, rule: &str) -> BTreeMap<String, BTreeSet<u64>> {
    let mut planted: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
    for line in fs::read_to_string(dir.join("truth/dirty.csv")).unwrap().lines().skip(1) {
        let cells: Vec<_> = line.split(';').collect();
        if rule.is_empty() || cells[3] == rule {
            planted.entry(cells[0].to_owned()).or_default().insert(cells[1].parse().unwrap());
        }
    }
    planted
}
