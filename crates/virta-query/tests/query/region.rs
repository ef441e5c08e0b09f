//! A small made-up region, the same each time.

use std::path::Path;

use virta_model::schema::{CLIENTS, CONTACTS, MEMBERS, SERVICES, SUMMARY, TableSchema};
use virta_model::{ClientId, Day, Table, Value};
use virta_store::{InitOptions, ResultMeta, Store, sorted, to_record_batch};

pub(crate) const SERVICES_OF_THE_REGION: usize = 24;

/// A region of this many clients, each with 1 to some hundred contacts, `mean` on average. Whether contacts have a
/// sequence.
pub(crate) fn build(root: &Path, clients: u64, mean: u64, buckets: u32, has_sequences: bool) -> Store {
    let mut options = InitOptions::new("test-key");
    options.buckets = buckets;
    let store = Store::init(root, &options).unwrap();
    let commit = store.begin().unwrap();
    let mut people: Vec<ClientId> = (1..=clients).map(|n| ClientId((mix(n) >> 1) as i64)).collect();
    people.sort_unstable();
    for bucket in 0..buckets {
        let (mut people_table, mut contacts) = (Table::new(&CLIENTS), Table::new(&CONTACTS));
        for id in people.iter().filter(|id| id.bucket(buckets) == bucket) {
            client(&mut people_table, *id);
            for n in 0..contact_count(*id, mean) {
                contact(&mut contacts, *id, n, has_sequences);
            }
        }
        for table in [people_table, contacts] {
            write(&commit, &table, bucket);
        }
    }
    commit.replace(&services()).unwrap();
    commit.finish().unwrap();
    study(&store, &people);
    store
}

fn write(commit: &virta_store::Commit, table: &Table, bucket: u32) {
    let schema: &'static TableSchema = table.schema;
    if table.rows() == 0 {
        return;
    }
    let rows = sorted(&to_record_batch(table).unwrap(), &schema.row_order()).unwrap();
    let mut writer = commit.bucket_writer(schema, bucket).unwrap();
    writer.write(&rows).unwrap();
    writer.finish().unwrap();
}

fn client(table: &mut Table, id: ClientId) {
    let random = mix(id.0 as u64);
    let born = Day::from_ymd(1930, 1, 1).unwrap().0 + (random % 32_000) as i32;
    let municipality = ["272", "109", "091", "564", "999"][(random >> 20) as usize % 5];
    table.push(&[
        Value::Int(id.0),
        if random.is_multiple_of(50) { Value::Null } else { Value::Date(born) },
        Value::Text("day"),
        Value::Text(["female", "male"][(random >> 8) as usize % 2]),
        Value::Text(municipality),
        Value::Text("fi"),
        Value::Date(Day::from_ymd(2012, 1, 1).unwrap().0),
        Value::Null,
        Value::Null,
    ]);
}

/// Heavy-tailed: a tenth of the clients have most of the contacts.
fn contact_count(id: ClientId, mean: u64) -> u64 {
    let random = mix(id.0 as u64 ^ 0xABCD);
    match random % 10 {
        0 => 1 + (random >> 8) % (mean * 12),
        _ => 1 + (random >> 8) % mean,
    }
}

fn contact(table: &mut Table, id: ClientId, n: u64, has_sequences: bool) {
    let random = mix((id.0 as u64).wrapping_add(n.wrapping_mul(0x9E37_79B9)));
    let first = Day::from_ymd(2012, 1, 1).unwrap().0;
    // On few days, sequences decide.
    let start = first + (random % if has_sequences { 40 } else { 1096 }) as i32;
    // Squared, so that the first services are the common ones.
    let draw = (random >> 12) % (SERVICES_OF_THE_REGION * SERVICES_OF_THE_REGION) as u64;
    let service = draw.isqrt() as usize;
    let is_stay = service % 6 == 5;
    let end = is_stay.then(|| start + ((random >> 30) % 40) as i32);
    let code = format!("service-{service:02}");
    table.push(&[
        Value::Int((mix(random) >> 1) as i64),
        Value::Int(id.0),
        Value::Text(&code),
        Value::Text(["north", "south", "centre"][(random >> 40) as usize % 3]),
        Value::Null,
        Value::Date(start),
        if is_stay || random.is_multiple_of(5) { Value::Null } else { Value::Time((random >> 33) as u32 % 86_400) },
        if has_sequences && !n.is_multiple_of(4) { Value::Int((random >> 21) as i64 % 5) } else { Value::Null },
        end.map_or(Value::Null, Value::Date),
        Value::Flag(is_stay),
        Value::Text(if is_stay { "ward" } else { "visit" }),
        Value::Text(if service == 3 { "emergency" } else { "elective" }),
        Value::Text(["F32", "J06", "I10", "Z00"][(random >> 44) as usize % 4]),
        if random.is_multiple_of(97) { Value::Null } else { Value::Int(((random >> 24) % 50_000) as i64) },
        Value::Text("extract"),
        Value::Text(["hilmo", "avohilmo"][(random >> 50) as usize % 2]),
        Value::Int(1),
    ]);
}

fn services() -> Table {
    let mut table = Table::new(&SERVICES);
    for service in 0..SERVICES_OF_THE_REGION {
        let code = format!("service-{service:02}");
        let sector = ["social", "primary", "specialised"][service % 3];
        let (package, name) = (["disability", "adult social"][service % 2], format!("Palvelu {service}"));
        table.push(&[
            Value::Text(&code),
            Value::Text(package),
            Value::Text(sector),
            Value::Flag(service == 3),
            Value::Text(&name),
            Value::Null,
            Value::Text("=1+1"),
        ]);
    }
    table
}

/// A study with two tables, as `virta study` would leave it.
fn study(store: &Store, people: &[ClientId]) {
    let mut members = Table::new(&MEMBERS);
    for id in people.iter().step_by(7) {
        let mut row = vec![Value::Text("four-plus"), Value::Text("2013"), Value::Int(id.0), Value::Int(40)];
        row.extend([Value::Text("female"), Value::Text("272")]);
        row.extend([Value::Int(4), Value::Int(2), Value::Int(9), Value::Int(0), Value::Int(12_345), Value::Int(0)]);
        row.extend([Value::Null, Value::Text("service-01+service-02")]);
        members.push(&row);
    }
    let meta = ResultMeta {
        study_hash: "0".repeat(64),
        snapshot: store.current().unwrap().id().to_owned(),
        version: "test".to_owned(),
        settings: Default::default(),
    };
    store.begin_results("heavy-users", &meta).unwrap().finish(&[members, Table::new(&SUMMARY)]).unwrap();
}

/// SplitMix64.
fn mix(seed: u64) -> u64 {
    let mut z = seed.wrapping_add(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}
