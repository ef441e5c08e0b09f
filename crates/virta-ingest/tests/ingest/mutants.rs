//! Broken text: whatever is done to a file, every row is accounted for, and what is done to one line costs that line.

use std::fs;
use std::path::Path;

use proptest::prelude::*;

use crate::columns::simple;
use crate::world::World;

#[path = "../../../../fuzz/files.rs"]
mod files;
#[path = "../../../../fuzz/settings.rs"]
mod settings;

const SEEDS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fuzz/seeds");

/// Runs an entry over its seeds and over mutants of them that are the same in every run.
fn smoke(target: &str, entry: fn(&[u8]), mutants: u64) {
    let mut seeds: Vec<_> = fs::read_dir(Path::new(SEEDS).join(target)).unwrap().map(|e| e.unwrap().path()).collect();
    seeds.sort();
    let seeds: Vec<Vec<u8>> = seeds.iter().map(|path| fs::read(path).unwrap()).collect();
    assert!(!seeds.is_empty());
    seeds.iter().for_each(|seed| entry(seed));
    let mut dice = Dice(20_140_101);
    for at in 0..mutants {
        let mut bytes = seeds[at as usize % seeds.len()].clone();
        for _ in 0..=dice.below(3) {
            mutate(&mut bytes, &seeds, &mut dice);
        }
        entry(&bytes);
    }
}

/// Bytes that mean something to one reader or another.
const ODD: &[u8] = b"\"\n\r;,\0 =[]{}#'9-+.\xC3\xFF";

struct Dice(u64);

impl Dice {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % end.max(1)
    }
}

fn mutate(bytes: &mut Vec<u8>, seeds: &[Vec<u8>], dice: &mut Dice) {
    let at = dice.below(bytes.len() + 1);
    let end = (at + dice.below(12)).min(bytes.len());
    match dice.below(6) {
        0 => drop(bytes.drain(at..end)),
        1 => bytes.insert(at, ODD[dice.below(ODD.len())]),
        2 if at < bytes.len() => bytes[at] ^= 1 << dice.below(8),
        3 => bytes.truncate(at),
        4 => {
            let part = bytes[at..end].to_vec();
            bytes.splice(at..at, part);
        }
        _ => {
            let other = &seeds[dice.below(seeds.len())];
            let from = dice.below(other.len() + 1);
            bytes.splice(at..end, other[from..(from + dice.below(40)).min(other.len())].iter().copied());
        }
    }
}

#[test]
fn no_bytes_of_a_delivered_file_stop_the_reader() {
    smoke("csv", files::csv, 1500);
}

#[test]
fn no_text_of_a_profile_or_a_study_stops_the_reader_and_errors_have_a_place() {
    smoke("profile", settings::profile, 3000);
    smoke("study", settings::study, 3000);
}

#[test]
fn no_bytes_of_the_stores_own_documents_stop_the_reader() {
    smoke("manifest", files::manifest, 500);
}

/// What can happen to a line.
#[derive(Debug, Clone)]
enum Harm {
    Cut(usize),
    Insert(usize, Vec<u8>),
    Replace(usize, u8),
    Twice,
}

fn harm() -> impl Strategy<Value = Harm> {
    // Not an end of line, which makes two lines of one.
    let byte = any::<u8>().prop_filter("an end of line", |byte| !matches!(byte, b'\n' | b'\r'));
    let bytes = prop_oneof![
        3 => prop::collection::vec(byte.clone(), 1..5),
        1 => prop::sample::select(vec![&b"\""[..], b";\"", b"\"\"", b"\0", b"\xFF", b";;;;", b"131052-308T"])
            .prop_map(<[u8]>::to_vec),
        1 => Just(vec![b'x'; 300_000]),
    ];
    prop_oneof![
        (0..30usize).prop_map(Harm::Cut),
        (0..30usize, bytes).prop_map(|(at, bytes)| Harm::Insert(at, bytes)),
        (0..30usize, byte).prop_map(|(at, byte)| Harm::Replace(at, byte)),
        Just(Harm::Twice),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn harm_to_one_line_costs_no_other(line in 0..40usize, harm in harm(), quoted in any::<bool>()) {
        let world = World::new();
        let row = |n: usize| {
            let unit = if quoted { format!("\"u;{n}\"") } else { format!("u{n}") };
            format!("p{n};2014-01-{:02};{unit}", n % 28 + 1).into_bytes()
        };
        let mut lines: Vec<Vec<u8>> = (0..40).map(row).collect();
        let harmed = &mut lines[line];
        match harm {
            Harm::Cut(at) => harmed.truncate(at),
            Harm::Insert(at, bytes) => {
                let at = at.min(harmed.len());
                harmed.splice(at..at, bytes);
            }
            Harm::Replace(at, byte) => {
                let at = at.min(harmed.len() - 1);
                harmed[at] = byte;
            }
            Harm::Twice => {
                let again = harmed.clone();
                harmed.extend(again);
            }
        }
        let mut text = b"id;day;unit\n".to_vec();
        for line in lines {
            text.extend(line);
            text.push(b'\n');
        }
        world.write("a.csv", text);
        let profile = simple("utf-8").replace("[[file]]", "bad_rows_max_percent = 100\n[[file]]");
        let report = world.ingest(&profile);
        prop_assert_eq!(report.rows_read, report.rows_accepted + report.rows_quarantined + report.rows_superseded);
        let units = world.rows("contacts", &["unit"]);
        for n in (0..40).filter(|n| *n != line) {
            let unit = if quoted { format!("u;{n}") } else { format!("u{n}") };
            prop_assert!(units.contains(&unit), "line {} was lost with line {}", n + 2, line + 2);
        }
    }
}
