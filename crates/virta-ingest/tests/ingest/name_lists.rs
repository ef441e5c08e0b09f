//! Names of packages and providers come from lists that a profile names: deliveries like other lists, the newest counts.

use virta_ingest::code_names;

use crate::world::World;

fn profile(day: &str, lists: &str) -> String {
    format!(
        r#"
        [source]
        name = "decisions"
        extracted_on = "{day}"
        [codes]
        {lists}
        [[file]]
        table = "contacts"
        path = "visits.csv"
        row_key = ["id"]
        [file.columns]
        client = {{ from = "client" }}
        start_date = {{ from = "date" }}
        service = {{ const = "social_work" }}
        provider = {{ from = "office" }}
        "#
    )
}

const VISITS: &str = "id;client;date;office\n1;A;2023-01-10;K1\n2;B;2023-02-10;K2\n";
const BOTH: &str = "packages = \"packages.csv\"\nproviders = \"providers.csv\"";
const PACKAGES: &str = "package,name_fi,name_sv,name_en\nadult,Aikuiset,Vuxna,Adults\n\"a, b\",\"A, b\",,\n";
const PROVIDERS: &str = "provider;name_sv;name_fi\nK1;Centrum;Keskusta\nK1;Centrum;Keskusta\n";

fn named(fi: &str, sv: &str, en: &str) -> [String; 3] {
    [fi, sv, en].map(str::to_owned)
}

#[test]
fn lists_name_packages_and_providers_in_three_languages_and_stand_in_the_ledger() {
    let world = World::new();
    world.write("visits.csv", VISITS);
    world.write("packages.csv", PACKAGES);
    world.write("providers.csv", PROVIDERS);
    world.ingest(&profile("2023-12-31", BOTH));
    let names = code_names(&world.snapshot()).unwrap();
    assert_eq!(names.packages["adult"], named("Aikuiset", "Vuxna", "Adults"));
    assert_eq!(names.packages["a, b"], named("A, b", "", ""));
    assert_eq!(names.providers.into_iter().collect::<Vec<_>>(), [("K1".to_owned(), named("Keskusta", "Centrum", ""))]);
    let snapshot = world.snapshot();
    let mut lists: Vec<_> = snapshot.deliveries().iter().filter(|delivery| delivery.table == "code_list").collect();
    lists.sort_by_key(|delivery| delivery.file.clone());
    let counts = |at: usize| (lists[at].rows_read, lists[at].rows_accepted, lists[at].rows_superseded);
    assert_eq!((counts(0), counts(1)), ((2, 2, 0), (2, 1, 1)));
}

#[test]
fn a_store_without_lists_has_no_names() {
    let world = World::new();
    world.write("visits.csv", VISITS);
    world.ingest(&profile("2023-12-31", ""));
    assert_eq!(code_names(&world.snapshot()).unwrap(), virta_ingest::CodeNames::default());
}

#[test]
fn the_list_of_the_newest_extract_counts_whatever_the_order() {
    let list = |name: &str| format!("provider,name_fi,name_sv,name_en\nK1,{name},,\n");
    let deliveries = [("2023-06-30", list("Uusi")), ("2023-02-28", list("Vanha")), ("2023-03-31", list("Älä"))];
    let mut snapshots = Vec::new();
    for order in [[0, 1, 2], [2, 1, 0], [1, 0, 2]] {
        let world = World::new();
        world.write("visits.csv", VISITS);
        for at in order {
            world.write("providers.csv", &deliveries[at].1);
            world.ingest(&profile(deliveries[at].0, "providers = \"providers.csv\""));
        }
        assert_eq!(code_names(&world.snapshot()).unwrap().providers["K1"][0], "Uusi");
        snapshots.push(world.snapshot().id().to_owned());
    }
    snapshots.dedup();
    assert_eq!(snapshots.len(), 1);
}

#[test]
fn a_list_without_its_columns_or_with_too_many_bad_lines_refuses_the_ingest() {
    let refused = |list: &str| {
        let world = World::new();
        world.write("visits.csv", VISITS);
        world.write("providers.csv", list);
        world.refuse(&profile("2023-12-31", "providers = \"providers.csv\""))
    };
    let error = refused("code,name_fi\nK1,Keskusta\n");
    assert!(error.contains("providers.csv:1, column provider: the list of names lacks this column"), "{error}");
    let error = refused("provider,name\nK1,Keskusta\n");
    assert!(error.contains("providers.csv:1, column name_fi: the list has no column of names"), "{error}");
    let good: String = (0..12).map(|n| format!("P{n},Nimi\n")).collect();
    let bad: String = ["K1,Keskusta", "K1,Muu", ",Keskusta", "K2,", "K3,Matti 010190-123M"].join("\n");
    let error = refused(&format!("provider,name_fi\n{good}{bad}\n"));
    assert!(error.contains("5 of 17 rows of this list of names are bad"), "{error}");
    assert!(!error.contains("010190") && !error.contains("Matti"), "{error}");
    let world = World::new();
    world.write("visits.csv", VISITS);
    assert!(world.refuse(&profile("2023-12-31", BOTH)).contains("packages.csv"));
}

#[test]
fn bad_lines_below_the_limit_are_quarantined_and_their_codes_have_no_name() {
    let world = World::new();
    world.write("visits.csv", VISITS);
    let good: String = (0..95).map(|n| format!("P{n},Nimi\n")).collect();
    world.write("providers.csv", format!("provider,name_fi\n{good}K1,Keskusta\nK1,Muu\n,Keskusta\nK2,\n"));
    world.ingest(&profile("2023-12-31", "providers = \"providers.csv\""));
    let names = code_names(&world.snapshot()).unwrap().providers;
    assert_eq!((names.len(), names.contains_key("K1")), (95, false));
    assert_eq!(
        world.sorted("quarantine", &["line", "field", "rule"]),
        ["97 provider key_conflict", "98 provider key_conflict", "99 provider missing", "100 name_fi missing"]
            .map(str::to_owned)
            .into_iter()
            .collect::<std::collections::BTreeSet<_>>()
            .into_iter()
            .collect::<Vec<_>>()
    );
}
