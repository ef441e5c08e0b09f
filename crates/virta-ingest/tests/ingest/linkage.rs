//! Linkage: how each source's people are known elsewhere, and which normalise would join more.

use virta_ingest::{IngestReport, SourceLinkage, linkage};

use crate::world::World;

fn contacts(name: &str, normalise: &str) -> String {
    format!(
        r#"
        [source]
        name = "{name}"
        pseudonym = "region"
        extracted_on = "2014-01-31"
        {normalise}
        [[file]]
        table = "contacts"
        path = "{name}.csv"
        [file.columns]
        client = {{ from = "id" }}
        service = {{ const = "{name}" }}
        start_date = {{ const = "2014-01-01" }}
        "#
    )
}

fn register() -> String {
    r#"
    [source]
    name = "register"
    pseudonym = "region"
    extracted_on = "2014-02-28"
    [[file]]
    table = "clients"
    path = "register.csv"
    [file.columns]
    client = { from = "id" }
    "#
    .to_owned()
}

fn ids(ids: &[&str]) -> String {
    std::iter::once("id").chain(ids.iter().copied()).map(|id| format!("{id}\n")).collect()
}

fn shown(sources: &[SourceLinkage]) -> Vec<String> {
    let number = |n: Option<u64>| n.map_or("-".to_owned(), |n| n.to_string());
    let found_in =
        |source: &SourceLinkage| source.found_in.iter().map(|(other, n)| format!(" {other} {n}")).collect::<String>();
    let line = |s: &SourceLinkage| {
        let (listed, others, alone) = (number(s.in_client_list), number(s.in_other_sources), number(s.alone));
        format!("{} {} {listed} {others} {alone}{}", s.source, s.clients, found_in(s))
    };
    sources.iter().map(line).collect()
}

fn stored(world: &World) -> Vec<String> {
    shown(&linkage(&world.snapshot()).unwrap().unwrap())
}

fn advice(report: &IngestReport) -> Vec<String> {
    report.advice.iter().map(|a| format!("{}: {} joins {} of {}", a.source, a.key, a.joins, a.unmatched)).collect()
}

#[test]
fn each_sources_people_are_counted_in_the_list_in_each_other_source_and_nowhere_else() {
    let world = World::new();
    world.write("register.csv", ids(&["A", "B", "C", "D"]));
    world.write("health.csv", ids(&["A", "A", "B", "X"]));
    world.write("social.csv", ids(&["B", "C", "Y", "Z", "X"]));
    // Source, people, in client list, in other sources, alone, then people found in each other source.
    world.ingest(&contacts("health", ""));
    assert_eq!(stored(&world), ["health 3 - - -"], "with nothing to compare with nothing is measured");
    world.ingest(&contacts("social", ""));
    assert_eq!(stored(&world), ["health 3 - 2 1 social 2", "social 5 - 2 3 health 2"]);
    let report = world.ingest(&register());
    let expected = [
        "health 3 2 2 0 social 2",
        // The people of the list are in it; D is in no other source.
        "register 4 4 3 0 health 2 social 2",
        // Y and Z.
        "social 5 2 2 2 health 2",
    ];
    assert_eq!(stored(&world), expected);
    assert_eq!(shown(&report.linkage), expected);
    assert_eq!(report.linkage[1].known_to.as_deref(), Some("2014-02-28"));
}

#[test]
fn linkage_and_snapshot_are_the_same_in_any_order_and_after_small_deliveries() {
    let many: Vec<String> = (0..400).map(|n| format!("P{n}")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    let profiles = [contacts("health", ""), contacts("social", ""), contacts("small", ""), register()];
    let of = |order: [usize; 4]| {
        let world = World::with_buckets(16);
        world.write("register.csv", ids(&many[..300]));
        world.write("health.csv", ids(&many[..200]));
        world.write("social.csv", ids(&many[100..]));
        // It touches two of sixteen buckets.
        world.write("small.csv", ids(&[many[7], many[350]]));
        for at in order {
            world.ingest(&profiles[at]);
        }
        (world.snapshot().id().to_owned(), stored(&world))
    };
    let first = of([0, 1, 2, 3]);
    assert_eq!(
        first.1,
        [
            "health 200 200 101 0 small 1 social 100",
            "register 300 300 300 0 health 200 small 1 social 200",
            "small 2 1 2 0 health 1 social 1",
            "social 300 200 101 99 health 100 small 1",
        ]
    );
    for order in [[3, 2, 1, 0], [2, 0, 3, 1], [1, 3, 0, 2]] {
        assert_eq!(of(order), first);
    }
}

#[test]
fn a_normalise_that_would_join_strangers_is_named_with_its_gain() {
    let world = World::new();
    world.write("register.csv", ids(&["000000012", "000004829", "AB3456789", "CD3456789", "EF3456789"]));
    world.write("social.csv", ids(&["12", "4829", "ab3456789", "cd3456789", "zz3456789"]));
    world.ingest(&register());
    let report = world.ingest(&contacts("social", ""));
    assert_eq!(advice(&report), [r#"social: normalise = { case = "upper", pad = 9 } joins 4 of 5"#]);
    // As advised, nothing is left to advise, and nobody stays behind under an old pseudonym.
    let report = world.ingest(&contacts("social", r#"normalise = { case = "upper", pad = 9 }"#));
    assert_eq!(advice(&report), Vec::<String>::new());
    assert_eq!(stored(&world), ["register 5 5 4 0 social 4", "social 5 4 - 1"]);
    assert_eq!(world.rows("clients", &["sex"]).len(), 6);
}

#[test]
fn a_profile_mended_later_ends_in_the_store_that_it_would_have_made_from_the_start() {
    let files = |world: &World| {
        world.write("register.csv", ids(&["000000012", "AB3456789", "CD3456789"]));
        world.write("social.csv", ids(&["12", "ab3456789", "zz3456789"]));
    };
    let mended = contacts("social", r#"normalise = { case = "upper", pad = 9 }"#);
    let world = World::new();
    files(&world);
    world.ingest(&register());
    world.ingest(&contacts("social", ""));
    world.ingest(&mended);
    let clean = World::new();
    files(&clean);
    clean.ingest(&mended);
    clean.ingest(&register());
    assert_eq!(world.snapshot().id(), clean.snapshot().id());
}

#[test]
fn advice_keeps_what_the_profile_does_already_and_trims_where_blanks_are_in_the_way() {
    let world = World::new();
    world.write("register.csv", ids(&["AB1", "CD2", "EF3"]));
    world.write("social.csv", ids(&[" ab1", "cd2", "EF3"]));
    world.ingest(&register());
    let report = world.ingest(&contacts("social", r#"normalise = { case = "lower" }"#));
    assert_eq!(advice(&report), [r#"social: normalise = { trim = true, case = "upper" } joins 3 of 3"#]);
}

#[test]
fn a_client_list_that_is_worn_itself_is_told() {
    let world = World::new();
    world.write("register.csv", ids(&["12", "4829", "5"]));
    world.write("health.csv", ids(&["000000012", "000004829"]));
    world.write("social.csv", ids(&["000000012", "000000005"]));
    for profile in [contacts("health", ""), contacts("social", "")] {
        world.ingest(&profile);
    }
    assert_eq!(advice(&world.ingest(&register())), ["register: normalise = { pad = 9 } joins 3 of 3"]);
}

#[test]
fn without_a_list_capitals_win_where_two_sources_differ_in_case() {
    let world = World::new();
    world.write("health.csv", ids(&["ab1", "cd2", "ef3"]));
    world.write("social.csv", ids(&["AB1", "CD2"]));
    world.write("profile_a.toml", contacts("health", ""));
    world.write("profile_b.toml", contacts("social", ""));
    let profiles = [world.path("profile_a.toml"), world.path("profile_b.toml")];
    let report = virta_ingest::ingest(&world.store, &world.key, &profiles, &world.options, &|_| {}).unwrap();
    assert_eq!(advice(&report), [r#"health: normalise = { case = "upper" } joins 2 of 3"#]);
}

#[test]
fn a_gain_of_two_in_a_hundred_of_the_unmatched_is_not_worth_a_word_and_a_larger_one_is() {
    let strangers: Vec<String> = (0..98).map(|n| format!("S-{n}-x")).collect();
    let of = |worn: &[&str]| {
        let world = World::new();
        world.write("register.csv", ids(&["AB1", "CD2", "EF3"]));
        let people: Vec<&str> = strangers.iter().map(String::as_str).chain(worn.iter().copied()).collect();
        world.write("social.csv", ids(&people));
        world.ingest(&register());
        advice(&world.ingest(&contacts("social", "")))
    };
    assert_eq!(of(&["ab1", "cd2"]), Vec::<String>::new(), "2 of 100");
    assert_eq!(of(&["ab1", "cd2", "ef3"]), [r#"social: normalise = { case = "upper" } joins 3 of 101"#]);
}

#[test]
fn advice_reaches_people_of_buckets_that_the_delivery_does_not_touch_and_a_dry_run_gives_it_too() {
    let mut world = World::with_buckets(64);
    let list: Vec<String> = (0..300).map(|n| format!("AB{n}")).collect();
    world.write("register.csv", ids(&list.iter().map(String::as_str).collect::<Vec<_>>()));
    world.ingest(&register());
    world.write("social.csv", ids(&["ab7", "ab42"]));
    world.options.dry_run = true;
    let report = world.ingest(&contacts("social", ""));
    assert_eq!(advice(&report), [r#"social: normalise = { case = "upper" } joins 2 of 2"#]);
}

#[test]
fn no_id_is_in_what_an_ingest_tells() {
    let world = World::new();
    world.write("register.csv", ids(&["SECRETAB1"]));
    world.write("social.csv", ids(&["secretab1"]));
    world.ingest(&register());
    let report = world.ingest(&contacts("social", ""));
    assert_eq!(report.advice.len(), 1);
    let told = serde_json::to_string(&report).unwrap().to_lowercase();
    assert!(!told.contains("secret"), "{told}");
}
