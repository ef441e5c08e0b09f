//! A study in shares is the study of one machine, and a broken share is an error.

use proptest::prelude::*;
use virta_flow::{Error, Piece, RunOptions, Step};
use virta_model::settings::Study;
use virta_tests::World;
use virta_tests::memory::{Cut, Memory};
use virta_tests::shares::{InTurn, Whole, ranges};

use super::{config, worlds};
use crate::spec::check::{pilot_client, spread, study};

const BUCKETS: u32 = 16;

/// A study of a little world as it is run here.
fn with_run<R>(world: &World, run: impl FnOnce(&Memory, &RunOptions<'_>) -> R) -> R {
    let world = spread(world);
    let pilots: Vec<_> = world.pilots.iter().map(pilot_client).collect();
    let options = RunOptions { threads: 2, pilots: &pilots, study_hash: "abc".to_owned(), ..RunOptions::default() };
    run(&Memory::new(&world, Cut { bucket_count: BUCKETS, batch_rows: 5 }), &options)
}

/// Runs it in shares, changed on their way.
fn shared(
    study: &Study,
    source: &Memory,
    options: &RunOptions<'_>,
    shares: u32,
    mend: impl FnMut(&Step, Vec<Vec<Piece>>) -> Vec<Vec<Piece>>,
) -> Result<Whole, Error> {
    let mut workers = InTurn { study, source, options, ranges: ranges(BUCKETS, shares), mend };
    Whole::shared(study, source, options, &mut workers)
}

/// Puts a list in an order that the number chooses.
fn shuffle<T>(list: &mut [T], mut seed: u64) {
    for at in (1..list.len()).rev() {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        list.swap(at, (seed >> 33) as usize % (at + 1));
    }
}

proptest! {
    #![proptest_config(config(150))]

    #[test]
    fn shares_in_any_order_give_every_byte_of_one_machine(
        world in worlds::world(),
        text in worlds::study(),
        seed in any::<u64>(),
    ) {
        let study = study(&text);
        with_run(&world, |source, options| {
            let whole = Whole::run(&study, source, options).unwrap();
            for shares in [1, 2, 3, 7, 16] {
                let found = shared(&study, source, options, shares, |_, mut all| {
                    shuffle(&mut all, seed);
                    all.iter_mut().for_each(|pieces| shuffle(pieces, seed));
                    all
                });
                prop_assert_eq!(&whole, &found.unwrap(), "{} shares", shares);
            }
            Ok(())
        })?;
    }
}

/// What happens to a share on its way.
#[derive(Debug, Clone)]
enum Fault {
    Flip(u8),
    /// Overwritten with bytes that say the largest numbers and lengths.
    Large,
    Cut,
    Lost,
    Twice,
    /// Named as another piece.
    Renamed(prop::sample::Index),
}

fn fault() -> impl Strategy<Value = Fault> {
    prop_oneof![
        8 => (0u8..8).prop_map(Fault::Flip),
        4 => Just(Fault::Large),
        4 => Just(Fault::Cut),
        1 => Just(Fault::Lost),
        1 => Just(Fault::Twice),
        2 => any::<prop::sample::Index>().prop_map(Fault::Renamed),
    ]
}

fn harm(pieces: &mut Vec<Piece>, fault: &Fault, piece: prop::sample::Index, byte: prop::sample::Index) {
    let at = piece.index(pieces.len());
    let bytes = &mut pieces[at].bytes;
    match fault {
        Fault::Lost => {
            pieces.remove(at);
        }
        Fault::Twice => {
            let again = pieces[at].clone();
            pieces.push(again);
        }
        Fault::Renamed(other) => {
            let part = pieces[other.index(pieces.len())].part.clone();
            pieces[at].part = part;
        }
        _ if bytes.is_empty() => bytes.push(1),
        Fault::Flip(bit) => {
            let byte = byte.index(bytes.len());
            bytes[byte] ^= 1 << bit;
        }
        Fault::Large => {
            let from = byte.index(bytes.len());
            let to = (from + 9).min(bytes.len());
            bytes[from..to].fill(0xff);
        }
        Fault::Cut => bytes.truncate(byte.index(bytes.len())),
    }
}

proptest! {
    #![proptest_config(config(60))]

    /// Whether a share is whole is for a checksum of who carries it; here no fault may end in a panic, or in a table that
    /// lacks a share.
    #[test]
    fn a_broken_share_is_an_error_or_is_taken_as_it_is(
        world in worlds::world(),
        text in worlds::study(),
        faults in prop::collection::vec((fault(), any::<prop::sample::Index>(), any::<prop::sample::Index>()), 50),
        of_first_pass in any::<bool>(),
    ) {
        let study = study(&text);
        with_run(&world, |source, options| {
            let whole = Whole::run(&study, source, options).unwrap();
            for (fault, piece, byte) in faults {
                let mut passes = 0;
                let mut is_harmed = false;
                let found = shared(&study, source, options, 2, |_, mut all| {
                    passes += 1;
                    let pieces: Vec<Piece> = all[1].clone();
                    if !is_harmed && (of_first_pass || passes == 2) {
                        harm(&mut all[1], &fault, piece, byte);
                        is_harmed = pieces != all[1];
                    }
                    all
                });
                match (found, &fault) {
                    (Ok(found), _) if !is_harmed => prop_assert_eq!(&whole, &found),
                    (Ok(_), Fault::Lost | Fault::Twice | Fault::Renamed(_)) => {
                        prop_assert!(false, "a share with {:?} was taken", fault);
                    }
                    _ => {}
                }
            }
            Ok(())
        })?;
    }
}

/// One pass over four people, in two shares.
fn little(mend: impl FnMut(&Step, Vec<Vec<Piece>>) -> Vec<Vec<Piece>>) -> Result<Whole, Error> {
    let world =
        World::parse("", "client service start\n1 a 2013-02-01\n3 b 2013-03-01\n5 a 2013-04-01\n7 b 2013-05-01", "");
    let study = study("");
    with_run(&world, |source, options| shared(&study, source, options, 2, mend))
}

#[test]
fn a_share_that_is_missing_or_comes_twice_is_an_error() {
    assert!(little(|_, all| all).is_ok());
    let missing = little(|_, mut all| {
        all.remove(0);
        all
    });
    assert!(matches!(missing, Err(Error::MissingShare { bucket: 0 })), "{missing:?}");
    let twice = little(|_, mut all| {
        all.push(all[1].clone());
        all
    });
    assert!(matches!(twice, Err(Error::BrokenShare { part: "share" })), "{twice:?}");
}

#[test]
fn a_share_of_another_layout_is_refused_by_name() {
    let other = little(|_, mut all| {
        let head = all[0].iter_mut().find(|piece| piece.part == "share").unwrap();
        head.bytes[0] += 1;
        all
    });
    let error = other.unwrap_err();
    assert!(matches!(error, Error::OtherLayout { found: 4, here: 3 }), "{error:?}");
    let mut step = None;
    let _ = little(|asked, all| {
        step = Some(asked.to_bytes());
        all
    });
    let mut step = step.unwrap();
    step[0] += 1;
    assert!(matches!(Step::from_bytes(&step), Err(Error::OtherLayout { found: 4, here: 3 })));
}

#[test]
fn a_share_of_another_study_snapshot_or_version_is_refused() {
    let world = World::parse("", "client service start\n1 a 2013-02-01\n7 b 2013-05-01", "");
    let study = study("");
    let world = spread(&world);
    let source = Memory::new(&world, Cut { bucket_count: BUCKETS, batch_rows: 5 });
    let options = |study: &str, snapshot: &str, version: &str| RunOptions {
        study_hash: study.to_owned(),
        snapshot: snapshot.to_owned(),
        version: version.to_owned(),
        ..RunOptions::default()
    };
    let here = options("s", "a", "1");
    for (there, is_same) in [
        (options("s", "a", "1"), true),
        (options("t", "a", "1"), false),
        (options("s", "b", "1"), false),
        (options("s", "a", "2"), false),
    ] {
        let mend = |_: &Step, all| all;
        let mut workers = InTurn { study: &study, source: &source, options: &there, ranges: ranges(BUCKETS, 2), mend };
        let found = Whole::shared(&study, &source, &here, &mut workers);
        assert_eq!(found.is_ok(), is_same, "{there:?}");
    }
}
