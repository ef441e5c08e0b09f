//! Order, repetition, threads and memory never change what stands in the store.

use proptest::prelude::*;
use virta_ingest::ingest;

use crate::world::World;

const PROFILE: &str = r#"
[source]
name = "s"
extracted_on = { from_file_name = "%Y%m%d" }
bad_rows_max_percent = 100
[[file]]
table = "contacts"
path = "FILE"
row_key = ["id"]
version = { from = "version" }
cancelled = { from = "cancelled", when = "not_null" }
[file.columns]
client = { from = "client" }
service = { from = "service" }
start_date = { from = "day" }
[[file]]
table = "contacts"
path = "FILE"
[file.columns]
client = { from = "client" }
service = { const = "whole row" }
start_date = { from = "day" }
[[file]]
table = "clients"
path = "FILE"
[file.columns]
client = { from = "client" }
language = { from = "service" }
"#;

/// Deliveries of few keys, clients and versions, so that they meet.
fn deliveries() -> impl Strategy<Value = Vec<(u32, String)>> {
    let row =
        (0..4u8, 0..3u8, 0..3u8, 0..3u8, 0..3u8, 0..6u8).prop_map(|(id, client, service, day, version, cancelled)| {
            let version = if version == 0 { String::new() } else { version.to_string() };
            let cancelled = if cancelled == 0 { "x" } else { "" };
            let day = if day == 0 { String::new() } else { format!("2014-01-0{day}") };
            format!("{id};c{client};s{service};{day};{version};{cancelled}\n")
        });
    let delivery = (1..4u32, prop::collection::vec(row, 0..6)).prop_map(|(month, rows)| (month, rows.concat()));
    prop::collection::vec(delivery, 1..5)
}

/// Ingests deliveries in an order, cut into commands after some of them, and gives the snapshot.
fn run(deliveries: &[(u32, String)], order: &[usize], cuts: &[bool], threads: usize, memory: usize) -> String {
    let mut world = World::with_buckets(2);
    world.options.threads = threads;
    world.options.memory_limit = memory;
    let mut waiting = Vec::new();
    for (step, at) in order.iter().enumerate() {
        let (month, rows) = &deliveries[*at];
        let name = format!("d{at}_20150{month}01.csv");
        world.write(&name, format!("id;client;service;day;version;cancelled\n{rows}"));
        let profile = world.write(&format!("p{step}.toml"), PROFILE.replace("FILE", &name));
        waiting.push(profile);
        if cuts.get(step).copied().unwrap_or(true) || step + 1 == order.len() {
            ingest(&world.store, &world.key, &waiting, &world.options, &|_| {}).unwrap();
            waiting.clear();
        }
    }
    world.snapshot().deliveries().iter().for_each(|delivery| {
        delivery.check().unwrap();
    });
    world.snapshot().id().to_owned()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn any_order_and_cut_of_deliveries_ends_in_the_same_snapshot(
        deliveries in deliveries(),
        shuffle in prop::collection::vec(0..1000usize, 8),
        cuts in prop::collection::vec(any::<bool>(), 8),
    ) {
        let order: Vec<usize> = (0..deliveries.len()).collect();
        let wanted = run(&deliveries, &order, &[false; 8], 1, 1 << 30);
        let mut mixed = order.clone();
        // Some come twice.
        mixed.push(shuffle[0] % deliveries.len());
        mixed.sort_by_key(|at| shuffle[*at % 8].wrapping_mul(31) % 17);
        prop_assert_eq!(&run(&deliveries, &mixed, &cuts, 3, 0), &wanted);
        let reversed: Vec<usize> = order.iter().rev().copied().collect();
        prop_assert_eq!(&run(&deliveries, &reversed, &[true; 8], 2, 1 << 30), &wanted);
    }

    #[test]
    fn a_mutilated_file_loses_no_row_unaccounted(
        cuts in prop::collection::vec((0..4000usize, prop::sample::select(&b"\";\n\r\0\xff9a"[..])), 0..12),
        end in 0..4000usize,
    ) {
        let mut text = b"id;client;service;day;version;cancelled\n".to_vec();
        let head = text.len();
        for n in 0..120 {
            text.extend(format!("{n};c{};\"s;{}\";2014-01-01;1;\n", n % 7, n % 3).bytes());
        }
        for (at, byte) in cuts {
            let at = head + at % (text.len() - head);
            text[at] = byte;
        }
        text.truncate(head + end % (text.len() - head));
        let world = World::with_buckets(1);
        world.write("d_20140101.csv", &text);
        match world.try_ingest(&PROFILE.replace("FILE", "d_20140101.csv")) {
            Ok(report) => for delivery in report.deliveries {
                let sum = delivery.rows_accepted + delivery.rows_quarantined + delivery.rows_superseded;
                prop_assert_eq!(delivery.rows_read, sum);
            },
            Err(virta_ingest::Error::Refused(_)) => {}
            Err(other) => prop_assert!(false, "{other}"),
        }
    }
}

#[test]
fn chunks_do_not_change_the_rows() {
    // More than a chunk, with quoted line breaks everywhere.
    let mut text = "id;client;service;day;version;cancelled\n".to_owned();
    for n in 0..60_000 {
        let service = if n % 3 == 0 { format!("\"line\nbreak {}\"", n % 5) } else { format!("s{}", n % 7) };
        text += &format!("{n};c{};{service};2014-01-{:02};1;\n", n % 1013, n % 28 + 1);
    }
    let deliveries = [(1, text.split_once('\n').unwrap().1.to_owned())];
    let one = run(&deliveries, &[0], &[true], 1, 1 << 30);
    assert_eq!(run(&deliveries, &[0], &[true], 4, 1 << 30), one);
    // Everything is spilled.
    assert_eq!(run(&deliveries, &[0], &[true], 2, 0), one);
}
