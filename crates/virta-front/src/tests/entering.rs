//! Who gets in, and what each may see.

use super::made::Made;
use super::running::{TOKEN, asking, asking_of, running};
use crate::house::{House, Numbers};

#[test]
fn nobody_gets_in_without_a_session_or_from_elsewhere() {
    let server = running();
    for path in ["/", "/cohort", "/clients/2", "/?token=wrong", "/deliveries", "/nothing"] {
        let answer = server.ask("GET", path, "", "");
        assert_eq!(answer.status, 403, "{path}");
        assert!(!answer.body.contains("region"), "{path}");
    }
    let cookie = server.enter();
    assert_eq!(server.ask("GET", &format!("/?token={TOKEN}"), "", "").status, 403, "a token works once");
    assert_eq!(server.ask("GET", "/", &cookie, "").status, 200);
    let other_host = format!("{cookie}Host: elsewhere.example\r\n");
    assert_eq!(server.ask("GET", "/", &other_host, "").status, 421);
    for origin in ["", "Origin: https://elsewhere.example\r\n", "Origin: null\r\n"] {
        let answer = server.ask("POST", "/run", &format!("{cookie}{origin}"), "name=a&query=");
        assert_eq!(answer.status, 403, "{origin}");
    }
    let own = format!("{cookie}Origin: http://{}\r\n", server.address);
    assert_eq!(server.ask("POST", "/run", &own, "name=a&query=").status, 303);
}

#[test]
fn a_page_with_rows_is_written_down_without_the_client_number() {
    let server = running();
    let cookie = server.enter();
    server.ask("GET", "/clients?s=2&n=1", &cookie, "");
    server.ask("GET", "/clients/2", &cookie, "");
    let log = server.house.log.lock().unwrap().clone();
    assert_eq!(log.len(), 2, "{log:?}");
    assert!(log[0].starts_with("data_unit clients members of definition"), "{log:?}");
    assert!(log[1].starts_with("data_unit client ") && !log[1].ends_with(" 2"), "{log:?}");
}

#[test]
fn other_exact_numbers_with_the_same_protected_ones_give_the_same_pages() {
    let pages = |more_cents: i64, numbers: Numbers| -> Vec<String> {
        let made = Made { more_cents, ..Made::default() };
        let tables = made.study("made", numbers).unwrap().tables;
        let server = asking_of(made);
        let project = server.enter_as("project", "right").expect("the right password lets in");
        let mut all = vec![format!("{:?}", tables.tables())];
        for lang in ["fi", "sv", "en"] {
            for page in
                ["/", "/studies", "/studies/made?place=272", "/flows?study=made", "/thresholds?study=made&s=2&n=1"]
            {
                let joined = if page.contains('?') { '&' } else { '?' };
                let answer = server.ask("GET", &format!("{page}{joined}lang={lang}"), &project, "");
                assert_eq!(answer.status, 200, "{page} {lang}");
                all.push(answer.body);
            }
        }
        all
    };
    assert_ne!(pages(0, Numbers::Exact)[0], pages(10, Numbers::Exact)[0]);
    let (one, other) = (pages(0, Numbers::Protected), pages(10, Numbers::Protected));
    assert_eq!(one[0], other[0], "the protected numbers are the same");
    assert!(one[3].contains("<svg"), "the page of a study has charts");
    assert!(one == other, "widths and places follow the protected numbers alone");
}

#[test]
fn people_enter_by_name_and_see_what_their_role_may() {
    let server = asking();
    assert!(server.ask("GET", "/studies", "", "").head.contains("location: /enter"));
    assert!(!server.ask("GET", "/enter", "", "").body.contains("region"));
    for (name, password) in [("unit", "wrong"), ("nobody", "right"), ("", "")] {
        assert_eq!(server.enter_as(name, password), None, "{name} {password}");
    }
    let unit = server.enter_as("unit", "right").expect("the right password lets in");
    assert_eq!(server.ask("GET", "/clients/2", &unit, "").status, 200);
    let project = server.enter_as("project", "right").expect("the right password lets in");
    for page in [
        "/cohort?s=1&n=1",
        "/cohort/live?s=1&n=1",
        "/cohort/text",
        "/clients?s=1",
        "/clients/2",
        "/deliveries",
        "/deliveries/7",
        "/release",
        "/sql",
        "/sql?q=1",
        "/sql/words",
        "/ingest",
        "/ingest/profile?file=1/a.toml&try=1",
    ] {
        let answer = server.ask("GET", page, &project, "");
        assert_eq!(answer.status, 403, "{page}");
        assert!(!answer.body.contains("data-members"), "{page}");
    }
    let own = format!("{project}Origin: http://{}\r\n", server.address);
    server.ask("POST", "/run", &own, "name=a&query=");
    let menu = server.ask("GET", "/?lang=en", &project, "").body;
    assert!(menu.contains("href=\"/thresholds\"") && !menu.contains("href=\"/cohort\""), "{menu}");
    assert_eq!(server.ask("GET", "/releases/1", &project, "").status, 200, "a release of its study and pilots");
    let study = server.ask("GET", "/studies/made?numbers=exact&lang=en", &project, "");
    assert!(study.status == 200 && !study.body.contains("not for release"), "protected numbers only");
    // Its own pilots alone: of others not even that there is one.
    let stranger = server.enter_as("stranger", "right").expect("the right password lets in");
    let others = server.ask("GET", "/studies/made?lang=en", &stranger, "");
    assert!(study.body.contains("id=\"pilot1\"") && !others.body.contains("id=\"pilot1\""));
    assert!(study.body.contains("href=\"/releases/1\"") && !others.body.contains("href=\"/releases/1\""));
    assert_eq!(server.ask("GET", "/releases/1", &stranger, "").status, 404, "it tells of another's pilot");
    let other = server.enter_as("other", "right").expect("the right password lets in");
    assert_eq!(server.ask("GET", "/studies/made", &other, "").status, 404);
    assert!(!server.ask("GET", "/", &other, "").body.contains("/studies/made"));
    for page in ["/flows?study=made", "/thresholds?study=made", "/releases/1", "/studies/made?place=272"] {
        assert_eq!(server.ask("GET", page, &other, "").status, 404, "{page}");
    }
    let leaving = format!("{unit}Origin: http://{}\r\n", server.address);
    server.ask("POST", "/leave", &leaving, "");
    assert_eq!(server.ask("GET", "/clients/2", &unit, "").status, 303, "the session has ended");
}
