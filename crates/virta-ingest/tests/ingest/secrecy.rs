//! Identity codes and keys: what must never get in, and what must be there.

use std::fs;

use virta_ingest::{Error, ProjectKey};
use virta_model::hetu::CHECK_CHARACTERS;

use crate::columns::simple;
use crate::world::{World, all_bytes};

/// The n-th made-up identity code, of the numbers that are never given to a person.
fn hetu(n: usize, sign: &str) -> String {
    let (day, month, year, individual) = (n % 28 + 1, n / 28 % 12 + 1, n / 336 % 100, 900 + n % 100);
    let number = ((day * 100 + month) * 100 + year) * 1000 + individual;
    let check = char::from(CHECK_CHARACTERS[number % 31]);
    format!("{day:02}{month:02}{year:02}{sign}{individual}{check}")
}

#[test]
fn planted_identity_codes_leave_no_byte_in_any_output() {
    let world = World::new();
    let mut text = "id;day;unit\n".to_owned();
    let mut planted = Vec::new();
    for n in 0..150_000 {
        let unit = if n % 150 == 7 {
            let sign = ["-", "A", "", "\u{2013}", "+", "y"][planted.len() % 6];
            planted.push(hetu(planted.len(), sign));
            planted[planted.len() - 1].clone()
        } else {
            "unit".to_owned()
        };
        text += &format!("p{};2014-01-{:02};{unit}\n", n % 997, n % 28 + 1);
    }
    assert_eq!(planted.len(), 1000);
    world.write("a.csv", text);
    let report = world.ingest(&simple("utf-8"));
    assert_eq!((report.rows_read, report.rows_quarantined), (150_000, 1000));
    let outputs = all_bytes(&world.path("store"));
    let report = format!("{report:?}");
    for code in &planted {
        assert!(!report.contains(code));
        for (path, bytes) in &outputs {
            assert!(memchr::memmem::find(bytes, code.as_bytes()).is_none(), "{}", path.display());
        }
    }
}

#[test]
fn a_column_of_identity_codes_refuses_the_file_and_names_the_column() {
    let world = World::new();
    let mut text = "id;day;unit\n".to_owned();
    for n in 0..100 {
        text += &format!("{};2014-01-01;u\n", hetu(n, "-"));
    }
    world.write("a.csv", text);
    let error = world.refuse(&simple("utf-8"));
    assert!(error.contains("a.csv, column id: 100 of 100 values are personal identity codes"), "{error}");
    assert!(!error.contains(&hetu(0, "-")[..6]), "{error}");
}

#[test]
fn a_file_name_with_an_identity_code_is_refused_without_showing_it() {
    let world = World::new();
    let code = hetu(3, "-");
    world.write(&format!("a_{code}.csv"), "id;day;unit\n");
    let error = world.refuse(&simple("utf-8").replace("a.csv", "a_*.csv"));
    assert!(error.contains("identity code stands in the file's name") && !error.contains(&code), "{error}");
}

#[test]
fn a_first_line_that_is_no_header_is_not_shown() {
    let world = World::new();
    world.write("a.csv", "Virtanen;1950-02-03;12345\nNieminen;1950-02-03;12346\n");
    let error = world.refuse(&simple("utf-8"));
    assert!(error.contains("a.csv:1, column id, day, unit: ") && !error.contains("Virtanen"), "{error}");
    assert!(error.contains("name its 3 columns in [[file]], such as header = ["), "{error}");
    world.write("a.csv", "id;date;unit\n");
    let error = world.refuse(&simple("utf-8"));
    assert!(error.contains("column day, field start_date") && error.contains("it has id, date, unit"), "{error}");
    world.write("a.csv", "id;day;day;unit\n");
    assert!(world.refuse(&simple("utf-8")).contains("names this column twice"));
}

#[test]
fn no_key_no_ingestion() {
    let mut world = World::new();
    world.write("a.csv", "id;day;unit\na;2014-01-01;u\n");
    world.key = ProjectKey::from_bytes([8; 32]);
    let error = world.refuse(&simple("utf-8"));
    assert!(error.contains("make a new store with the new key"), "{error}");
}

#[test]
fn a_key_file_is_checked() {
    let world = World::new();
    let path = world.path("store.key");
    let load = || ProjectKey::load(&path);
    assert!(matches!(load(), Err(Error::Key { .. })));
    let made = ProjectKey::create(&path).unwrap();
    assert_eq!(load().unwrap().id(), made.id());
    assert!(ProjectKey::create(&path).is_err(), "a key is never overwritten");
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
    assert!(load().unwrap_err().to_string().contains("chmod 600"));
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    fs::write(&path, "abc").unwrap();
    assert!(load().unwrap_err().to_string().contains("64 hexadecimal digits"));
}
