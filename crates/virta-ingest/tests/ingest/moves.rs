//! Rule 9 across clients: rows that move to another person, are corrected, cancelled and in conflict there, beside a
//! plain map of what the rule says.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use virta_ingest::ingest;
use virta_store::Delivery;

use crate::world::World;

const CONTACTS: &str = r#"
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
provider = { from = "client" }
service = { from = "service" }
start_date = { from = "day" }
"#;

/// As [`CONTACTS`], of tables with other columns.
const PLANS: &str = r#"
[source]
name = "s"
extracted_on = { from_file_name = "%Y%m%d" }
bad_rows_max_percent = 100
[[file]]
table = "plans"
path = "FILE"
row_key = ["id"]
version = { from = "version" }
cancelled = { from = "cancelled", when = "not_null" }
[file.columns]
client = { from = "client" }
kind = { const = "consent" }
from_date = { from = "day" }
"#;

const CLIENTS: &str = r#"
[source]
name = "s"
extracted_on = { from_file_name = "%Y%m%d" }
bad_rows_max_percent = 100
[[file]]
table = "clients"
path = "FILE"
row_key = ["id"]
version = { from = "version" }
cancelled = { from = "cancelled", when = "not_null" }
[file.columns]
client = { from = "client" }
language = { from = "service" }
"#;

const HEADER: &str = "id;client;service;day;version;cancelled\n";

/// A delivered row as the test wrote it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Row {
    id: u8,
    client: u8,
    service: u8,
    /// 0 is no day: the row cannot be read.
    day: u8,
    version: u8,
    cancels: bool,
}

impl Row {
    fn text(&self) -> String {
        let day = if self.day == 0 { "never".to_owned() } else { format!("2013-12-0{}", self.day) };
        let version = if self.version == 0 { String::new() } else { self.version.to_string() };
        let cancelled = if self.cancels { "x" } else { "" };
        // Client 0 is nobody.
        let client = if self.client == 0 { String::new() } else { format!("c{}", self.client) };
        format!("{};{client};s{};{day};{version};{cancelled}\n", self.id, self.service)
    }

    fn is_readable(&self) -> bool {
        self.client != 0 && (self.cancels || self.day != 0)
    }
}

#[derive(Debug, Clone)]
struct File {
    month: u8,
    rows: Vec<Row>,
}

/// Deliveries of few keys and clients, so that they meet.
fn files() -> impl Strategy<Value = Vec<File>> {
    let row =
        (0..4u8, 0..5u8, 0..2u8, 0..6u8, 0..3u8, 0..6u8).prop_map(|(id, client, service, day, version, cancel)| Row {
            id,
            client,
            service,
            day: day.min(2),
            version,
            cancels: cancel == 0,
        });
    let file = (1..3u8, prop::collection::vec(row, 0..6)).prop_map(|(month, rows)| File { month, rows });
    prop::collection::vec(file, 1..6)
}

/// Delivers files in an order, cut into commands after some of them.
fn deliver(world: &World, profile: &str, files: &[File], order: &[usize], cuts: &[bool]) {
    let mut waiting = Vec::new();
    for (step, at) in order.iter().enumerate() {
        let File { month, rows } = &files[*at];
        let name = format!("d{at}_20140{month}01.csv");
        // A row of its own, so that no two files are the same delivery.
        let own = format!("own{at};own;s;2013-12-01;;\n");
        let rows: String = rows.iter().map(Row::text).collect();
        world.write(&name, format!("{HEADER}{own}{rows}"));
        waiting.push(world.write(&format!("p{step}.toml"), profile.replace("FILE", &name)));
        if cuts[step % cuts.len()] || step + 1 == order.len() {
            ingest(&world.store, &world.key, &waiting, &world.options, &|_| {}).unwrap();
            waiting.clear();
        }
    }
}

/// What rule 9 says of these files, worked out row by row. Only for telling equal rows of equally new files apart it
/// asks the ledger for the files' numbers.
struct Model {
    /// File and line of each row that stands.
    standing: BTreeSet<(usize, usize)>,
    conflicts: BTreeSet<(usize, usize)>,
    unreadable: BTreeSet<(usize, usize)>,
}

impl Model {
    fn of(files: &[File], ledger: &[Delivery]) -> Self {
        let number = |at: usize| {
            let begin = format!("d{at}_");
            ledger.iter().find(|delivery| delivery.file.starts_with(&begin)).unwrap().delivery_id
        };
        let mut model = Model { standing: BTreeSet::new(), conflicts: BTreeSet::new(), unreadable: BTreeSet::new() };
        let mut by_key: BTreeMap<u8, Vec<(usize, usize)>> = BTreeMap::new();
        for (at, file) in files.iter().enumerate() {
            for (line, row) in file.rows.iter().enumerate() {
                match row.is_readable() {
                    true => by_key.entry(row.id).or_default().push((at, line)),
                    false => drop(model.unreadable.insert((at, line))),
                }
            }
        }
        let row = |place: &(usize, usize)| &files[place.0].rows[place.1];
        for mut places in by_key.into_values() {
            let newness = |place: &(usize, usize)| (row(place).version, files[place.0].month);
            let newest = places.iter().map(newness).max().unwrap();
            places.retain(|place| newness(place) == newest);
            if places.iter().any(|place| row(place).cancels) {
                continue;
            }
            places.sort_by_key(|place| (number(place.0), place.1));
            let mut different: Vec<(usize, usize)> = Vec::new();
            for place in places {
                let same = |other: &(usize, usize)| {
                    let (a, b) = (row(&place), row(other));
                    (a.client, a.service, a.day) == (b.client, b.service, b.day)
                };
                if !different.iter().any(same) {
                    different.push(place);
                }
            }
            match different.as_slice() {
                [one] => drop(model.standing.insert(*one)),
                many => model.conflicts.extend(many),
            }
        }
        model
    }
}

/// Holds a store against the model: rows, quarantine and ledger.
fn compare(world: &World, files: &[File]) {
    let snapshot = world.snapshot();
    let model = Model::of(files, snapshot.deliveries());
    let row = |place: &(usize, usize)| &files[place.0].rows[place.1];
    let mut standing: Vec<String> = model
        .standing
        .iter()
        .map(|place| format!("c{} s{} 2013-12-0{}", row(place).client, row(place).service, row(place).day))
        .collect();
    standing.sort();
    let mut found = world.sorted("contacts", &["provider", "service", "start_date"]);
    found.retain(|row| !row.starts_with("own"));
    assert_eq!(found, standing);

    let mut refused: Vec<String> = Vec::new();
    for (at, file) in files.iter().enumerate() {
        let begin = format!("d{at}_");
        // A file that was given in no command.
        let Some(delivery) = snapshot.deliveries().iter().find(|d| d.file.starts_with(&begin)) else { continue };
        let of = |places: &BTreeSet<(usize, usize)>| places.iter().filter(|place| place.0 == at).count() as u64;
        let quarantined = of(&model.conflicts) + of(&model.unreadable);
        // The files' own rows are equal in no column but all in key, and stand.
        let accepted = of(&model.standing) + 1;
        let rows = file.rows.len() as u64 + 1;
        let ledger = (delivery.rows_read, delivery.rows_accepted, delivery.rows_quarantined, delivery.rows_superseded);
        assert_eq!(ledger, (rows, accepted, quarantined, rows - accepted - quarantined), "file {at}");
        for (places, is_conflict) in [(&model.conflicts, true), (&model.unreadable, false)] {
            for (_, line) in places.iter().filter(|place| place.0 == at) {
                // Line 1 is the header, line 2 the file's own row.
                refused.push(format!("{} {} {is_conflict}", delivery.delivery_id, line + 3));
            }
        }
    }
    let mut quarantine: Vec<String> = world
        .rows("quarantine", &["delivery_id", "line", "rule"])
        .iter()
        .map(|row| {
            let (place, rule) = row.rsplit_once(' ').unwrap();
            format!("{place} {}", rule == "conflict")
        })
        .collect();
    quarantine.sort();
    refused.sort();
    assert_eq!(quarantine, refused);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn rows_that_move_between_clients_end_as_the_rule_says_in_any_order_and_cut(
        profile in prop::sample::select(vec![CONTACTS, CONTACTS, PLANS, CLIENTS]),
        files in files(),
        shuffle in prop::collection::vec(0..1000usize, 8),
        cuts in prop::collection::vec(any::<bool>(), 8),
    ) {
        let order: Vec<usize> = (0..files.len()).collect();
        let mut mixed = order.clone();
        // Some come twice.
        mixed.push(shuffle[0] % files.len());
        mixed.sort_by_key(|at| shuffle[*at % 8].wrapping_mul(31) % 17);
        let reversed: Vec<usize> = order.iter().rev().copied().collect();
        let mut ids = Vec::new();
        for (order, cuts, threads, memory) in
            [(&order, &[false; 8][..], 1, 1 << 30), (&mixed, &cuts[..], 3, 0), (&reversed, &[true; 8], 2, 1 << 30)]
        {
            let mut world = World::with_buckets(4);
            world.options.threads = threads;
            world.options.memory_limit = memory;
            deliver(&world, profile, &files, order, cuts);
            if profile == CONTACTS {
                compare(&world, &files);
            }
            let problems = world.store.verify(&|_| {}).unwrap().problems;
            prop_assert!(problems.is_empty());
            ids.push(world.snapshot().id().to_owned());
        }
        prop_assert_eq!(&ids[0], &ids[1]);
        prop_assert_eq!(&ids[0], &ids[2]);
    }

    #[test]
    fn files_that_are_read_again_in_another_way_leave_what_reading_them_so_at_once_would(
        files in files(),
        cuts in prop::collection::vec(any::<bool>(), 8),
    ) {
        // First every row is read as one of somebody else.
        let before = CONTACTS.replace(
            "client = { from = \"client\" }",
            "client = { from = \"client\", map = { c1 = \"c2\", c2 = \"c9\", c3 = \"c1\" } }",
        );
        let order: Vec<usize> = (0..files.len()).collect();
        let world = World::with_buckets(4);
        deliver(&world, &before, &files, &order, &cuts);
        deliver(&world, CONTACTS, &files, &order, &[false; 8]);
        compare(&world, &files);
        let problems = world.store.verify(&|_| {}).unwrap().problems;
        prop_assert!(problems.is_empty());
    }

    #[test]
    fn the_number_of_buckets_does_not_change_which_rows_stand(files in files()) {
        let order: Vec<usize> = (0..files.len()).collect();
        for buckets in [1, 64] {
            let world = World::with_buckets(buckets);
            deliver(&world, CONTACTS, &files, &order, &[true, false]);
            compare(&world, &files);
        }
    }
}

#[test]
fn many_moved_rows_are_settled_whether_they_are_spilled_or_not() {
    // The second file gives every third row of the first to somebody else, cancels every fifth of the others under
    // another number, and says every seventh otherwise at the same time.
    let rows = 30_000;
    let mut first = HEADER.to_owned();
    let mut second = HEADER.to_owned();
    for n in 0..rows {
        first += &format!("{n};c{};s{};2013-12-01;1;\n", n % 701, n % 5);
        match n {
            n if n % 3 == 0 => second += &format!("{n};d{};s{};2013-12-01;2;\n", n % 701, n % 5),
            n if n % 5 == 0 => second += &format!("{n};d{};;;2;x\n", n % 701),
            n if n % 7 == 0 => second += &format!("{n};d{};s{};2013-12-01;1;\n", n % 701, n % 5),
            _ => {}
        }
    }
    let count = |fits: &dyn Fn(u32) -> bool| (0..rows).filter(|n| fits(*n)).count() as u64;
    let moved = count(&|n| n % 3 == 0);
    let cancelled = count(&|n| n % 3 != 0 && n % 5 == 0);
    let conflicts = count(&|n| n % 3 != 0 && n % 5 != 0 && n % 7 == 0);
    let mut ids = Vec::new();
    for (memory_limit, threads, together) in [(1 << 30, 2, true), (0, 3, true), (0, 1, false), (1 << 30, 2, false)] {
        let mut world = World::with_buckets(4);
        world.options.memory_limit = memory_limit;
        world.options.threads = threads;
        world.write("a_20140101.csv", &first);
        world.write("b_20140101.csv", &second);
        let profile =
            |name: &str| world.write(&format!("{name}.toml"), CONTACTS.replace("FILE", &format!("{name}_*.csv")));
        let profiles = [profile("a"), profile("b")];
        let commands = if together { vec![&profiles[..]] } else { vec![&profiles[1..], &profiles[..1]] };
        for profiles in commands {
            ingest(&world.store, &world.key, profiles, &world.options, &|_| {}).unwrap();
        }
        let ledger: Vec<_> = world
            .snapshot()
            .deliveries()
            .iter()
            .map(|d| (d.file.clone(), d.rows_accepted, d.rows_quarantined, d.rows_superseded))
            .collect();
        let stays = u64::from(rows) - moved - cancelled - conflicts;
        assert!(ledger.contains(&("a_20140101.csv".to_owned(), stays, conflicts, moved + cancelled)), "{ledger:?}");
        assert!(ledger.contains(&("b_20140101.csv".to_owned(), moved, conflicts, cancelled)), "{ledger:?}");
        ids.push(world.snapshot().id().to_owned());
    }
    ids.dedup();
    assert_eq!(ids.len(), 1);
}

#[test]
fn a_person_whom_pilots_alone_name_is_the_same_whenever_its_rows_moved_away() {
    const PILOTS: &str = r#"
[source]
name = "p"
extracted_on = "2014-03-01"
[[file]]
table = "pilots"
path = "pilots.csv"
[file.columns]
pilot = { const = "one" }
client_id = { from = "client_id" }
index_date = { from = "day" }
"#;
    let visit = |client: &str, version: u8| format!("{HEADER}v;{client};gp;2013-12-01;{version};\n");
    let contacts = |file: &str| CONTACTS.replace("FILE", file);
    let world = World::new();
    world.write("k_20140101.csv", visit("x", 1));
    world.ingest(&contacts("k_20140101.csv"));
    let client_id = world.rows("contacts", &["client_id"]).remove(0);
    let mut ids = BTreeSet::new();
    for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
        let world = World::new();
        world.write("k_20140101.csv", visit("x", 1));
        world.write("k_20140201.csv", visit("y", 2));
        world.write("pilots.csv", format!("client_id;day\n{client_id};2014-01-01\n"));
        let profiles = [contacts("k_20140101.csv"), contacts("k_20140201.csv"), PILOTS.to_owned()];
        for at in order {
            world.ingest(&profiles[at]);
        }
        assert_eq!(world.rows("clients", &["client_id"]).len(), 2, "x of the pilot and y");
        assert!(!world.rows("contacts", &["client_id"]).contains(&client_id));
        ids.insert(world.snapshot().id().to_owned());
    }
    assert_eq!(ids.len(), 1);
}

#[test]
fn rows_without_any_of_their_key_are_not_one_row() {
    // Three people's rows lack the key. The newest of them must not take the place of the others.
    let world = World::new();
    let rows = ";a;gp;2013-12-01;1;\n;b;gp;2013-12-02;2;\n;c;gp;2013-12-03;;x\nv;d;gp;2013-12-04;1;\n";
    world.write("k_20140101.csv", format!("{HEADER}{rows}"));
    let report = world.ingest(&CONTACTS.replace("FILE", "k_20140101.csv"));
    assert_eq!((report.rows_accepted, report.rows_quarantined, report.rows_superseded), (1, 3, 0));
    assert_eq!(report.deliveries[0].quarantined_by.iter().collect::<Vec<_>>(), [(&"id missing".to_owned(), &3)]);
    // Of a key of several columns one is enough.
    let world = World::new();
    world.write("k_20140101.csv", format!("{HEADER}{rows}"));
    let both = CONTACTS.replace("FILE", "k_20140101.csv").replace("[\"id\"]", "[\"id\", \"day\"]");
    assert_eq!(world.ingest(&both).rows_quarantined, 0);
}
