//! From clients back to a source's own ids.

use std::collections::BTreeSet;

use virta_ingest::{Error, ProjectKey, identify};
use virta_model::ClientId;

use crate::world::World;

const PROFILE: &str = r#"
[source]
name = "social"
pseudonym = "region"
extracted_on = "2014-01-31"
normalise = { trim = true, case = "upper", pad = 9 }
bad_rows_max_percent = 60
[[file]]
table = "contacts"
path = "social_*.csv"
[file.columns]
client = { from = "id" }
service = { from = "what" }
start_date = { from = "day" }
"#;

/// Who stands in the store, by the service that only they used.
fn clients(world: &World) -> Vec<(String, ClientId)> {
    let rows = world.sorted("contacts", &["service", "client_id"]);
    let pair = |row: &String| {
        let (service, client) = row.split_once(' ').unwrap();
        (service.to_owned(), ClientId(client.parse().unwrap()))
    };
    let mut clients: Vec<_> = rows.iter().map(pair).collect();
    clients.dedup();
    clients
}

#[test]
fn each_way_in_which_the_files_write_a_client_is_given_and_nobody_else() {
    let world = World::new();
    world.write("social_1.csv", "id;what;day\n4829;one;2014-01-01\nab3456789;two;2014-01-01\n1,2E+08;x;2014-01-01\n");
    world.write("social_2.csv", "id;what;day\n 000004829;one;2014-01-02\nCD1;three;2014-01-02\n");
    world.ingest(PROFILE);
    let clients = clients(&world);
    let wanted: BTreeSet<ClientId> = clients
        .iter()
        .filter(|(service, _)| service != "three")
        .map(|(_, client)| *client)
        .chain([ClientId(5)])
        .collect();
    let before = world.snapshot().id().to_owned();
    let found = identify(&world.store, &world.key, &world.path("profile.toml"), &wanted).unwrap();
    assert_eq!((found.source.as_str(), found.files), ("social", 2));
    let ids: Vec<Vec<&str>> = clients[..1]
        .iter()
        .chain(&clients[2..])
        .map(|(_, client)| found.ids[client].iter().map(String::as_str).collect())
        .collect();
    assert_eq!(ids, [vec![" 000004829", "4829"], vec!["ab3456789"]]);
    assert_eq!(found.ids.len(), 2, "nobody has the id 5");
    assert_eq!(world.snapshot().id(), before);
}

#[test]
fn another_key_is_refused() {
    let world = World::new();
    world.write("social_1.csv", "id;what;day\n4829;one;2014-01-01\n");
    world.ingest(PROFILE);
    let other = ProjectKey::from_bytes([8; 32]);
    let error = identify(&world.store, &other, &world.path("profile.toml"), &BTreeSet::new()).unwrap_err();
    assert!(matches!(error, Error::Key { .. }), "{error}");
}

#[test]
fn a_row_with_an_identity_code_identifies_nobody() {
    let world = World::new();
    world.write("social_1.csv", "id;what;day\n4829;131052-308T;2014-01-01\n4829;one;2014-01-01\n77;one;2014-01-01\n");
    world.ingest(PROFILE);
    world.write("social_1.csv", "id;what;day\n4829;131052-308T;2014-01-01\n77;one;2014-01-01\n");
    let wanted: BTreeSet<ClientId> = clients(&world).into_iter().map(|(_, client)| client).collect();
    let found = identify(&world.store, &world.key, &world.path("profile.toml"), &wanted).unwrap();
    let ids: Vec<&String> = found.ids.values().flatten().collect();
    assert_eq!(ids, ["77"]);
}
