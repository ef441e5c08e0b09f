//! The server over a small made-up store: who gets in, and that every page can be made in every language.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::{Arc, Mutex};

use virta_flow::{Asked, Contact, Live, Look, MemorySource, RunOptions, look_through, run};
use virta_model::settings::Study;
use virta_model::{Day, Sector};
use virta_protection::{Policy, Secret, StudyTables, protect};
use virta_report::Names;

use crate::desk::{Answered, AnsweredColumn, Desk, Dictionary, SavedQuestion};
use crate::house::{
    ClientSeen, ContactSeen, House, Numbers, Overview, ReleaseSeen, SourceSeen, StudyEntry, StudySeen, UseEntry,
};
use crate::server::{Front, serve};
use crate::session::{Login, Role};
use crate::trouble::Trouble;

const STUDY: &str = "[study]\nname = \"made\"\ntitle = { fi = \"Tehty\" }\nperiods = [\"2013\", \"2014\"]\n[[cohort]]\nname = \"two\"\n\
                     min_services = 2\n[[cohort]]\nname = \"rest\"\nmin_services = 1\nexclude_cohorts = [\"two\"]\n[flow]\n[[pilot]]\n\
                     name = \"p\"\n";

/// Twelve clients with a visit to the doctor each year, half of them also to the dentist. Each visit costs ten euros and
/// so much more.
fn source(more_cents: i64) -> MemorySource {
    let visit = |client_id: i64, service: &str, day: &str| Contact {
        contact_id: 0,
        client_id,
        service: service.to_owned(),
        provider: None,
        unit: None,
        start: Day::parse_iso(day).unwrap(),
        start_time: None,
        sequence: None,
        end: None,
        is_stay: false,
        is_emergency: false,
        cost_cents: Some(1_000 + more_cents),
        source: "x".to_owned(),
    };
    let mut contacts = Vec::new();
    for client in 1..=12 {
        for year in [2013, 2014] {
            contacts.push(visit(client, "doctor", &format!("{year}-02-01")));
            if client % 2 == 0 {
                contacts.push(visit(client, "dentist", &format!("{year}-03-01")));
            }
        }
    }
    MemorySource::from_rows(Vec::new(), Vec::new(), Vec::new(), contacts)
}

#[derive(Default)]
struct Made {
    log: Mutex<Vec<String>>,
    saved: Mutex<Vec<(String, SavedQuestion)>>,
    more_cents: i64,
}

impl House for Made {
    fn overview(&self) -> Result<Overview, Trouble> {
        let study = StudyEntry {
            name: "made".to_owned(),
            settings: Study::parse(STUDY).ok(),
            text: STUDY.to_owned(),
            snapshot: "abc".to_owned(),
            is_current: false,
            committed_at: "2015-01-01T00:00:00Z".to_owned(),
        };
        Ok(Overview {
            region: "region".to_owned(),
            snapshot: Some("abcdef0123".to_owned()),
            deliveries: 1,
            contacts: 36,
            clients: 12,
            known_to: Day::parse_iso("2014-12-31"),
            years: vec![2013, 2014],
            municipalities: vec!["272".to_owned()],
            sources: vec![SourceSeen {
                name: "x".to_owned(),
                clients: 12,
                in_client_list: Some(3),
                ..SourceSeen::default()
            }],
            studies: vec![study],
            ..Overview::default()
        })
    }

    fn names(&self) -> Result<Names, Trouble> {
        Ok(Names::default())
    }

    fn sectors(&self) -> Result<BTreeMap<String, Sector>, Trouble> {
        Ok(BTreeMap::from([("doctor".to_owned(), Sector::Primary)]))
    }

    fn live(&self, study: &Study) -> Result<Live, Trouble> {
        Ok(Live::open(study, &source(self.more_cents), &RunOptions::default())?)
    }

    fn look_through(&self, asked: &Asked<'_>) -> Result<Look, Trouble> {
        Ok(look_through(asked, &source(self.more_cents), &RunOptions::default())?)
    }

    fn run_study(&self, text: &str, progress: &(dyn Fn(u64, u64) + Sync)) -> Result<String, Trouble> {
        progress(36, 36);
        Ok(Study::parse(text)?.study.name)
    }

    fn study(&self, _: &str, numbers: Numbers) -> Result<StudySeen, Trouble> {
        let settings = Study::parse(STUDY)?;
        let tables = run(&settings, &source(self.more_cents), &RunOptions::default())?;
        let policy = if numbers == Numbers::Exact { Policy::internal() } else { Policy::default() };
        let tables = protect(&StudyTables::new(&tables, policy, Secret::new([1; 32])));
        let tables = tables.map_err(|error| Trouble::new(error.to_string()))?;
        let (text, snapshot) = (STUDY.to_owned(), "abc".to_owned());
        Ok(StudySeen { tables, settings, text, snapshot, source_ends: Vec::new() })
    }

    fn deliveries(&self) -> Result<serde_json::Value, Trouble> {
        Ok(serde_json::json!({ "deliveries": [{ "delivery_id": 7, "file": "a.csv", "source": "x", "rows_read": 36 }] }))
    }

    fn delivery(&self, id: i64) -> Result<Option<serde_json::Value>, Trouble> {
        let page =
            serde_json::json!({ "file": "a.csv", "rows_read": 36, "months": [{ "month": "2013-02", "rows": 12 }] });
        Ok((id == 7).then_some(page))
    }

    fn releases(&self) -> Result<Vec<ReleaseSeen>, Trouble> {
        Ok(vec![ReleaseSeen {
            number: 1,
            study: "made".to_owned(),
            groups: vec!["two".to_owned()],
            ..ReleaseSeen::default()
        }])
    }

    fn client(&self, client_id: i64) -> Result<Option<ClientSeen>, Trouble> {
        let contact = |start: &str, is_stay: bool| ContactSeen {
            start: Day::parse_iso(start).unwrap(),
            time: Some(3600),
            end: None,
            is_stay,
            service: "doctor".to_owned(),
            provider: String::new(),
            mode: "visit".to_owned(),
            urgency: "elective".to_owned(),
            cost_cents: Some(1_000),
            source: "x".to_owned(),
        };
        let contacts = vec![contact("2013-02-01", false), contact("2014-02-01", true)];
        Ok((client_id == 2).then(|| ClientSeen { client_id, contacts, ..ClientSeen::default() }))
    }

    fn note_use(&self, entry: &UseEntry<'_>) -> Result<(), Trouble> {
        self.log.lock().unwrap().push(format!("{} {}", entry.role, entry.what));
        Ok(())
    }

    fn desk(&self) -> Option<&dyn Desk> {
        Some(self)
    }
}

impl Desk for Made {
    fn dictionary(&self) -> Result<Dictionary, Trouble> {
        let within = vec![("clients".to_owned(), vec!["client_id".to_owned()])];
        Ok(Dictionary { words: vec!["clients".to_owned(), "select".to_owned()], within })
    }

    /// As many rows as the question says, numbered from one; the second has a null.
    fn ask(&self, _: &str, role: &str, sql: &str) -> Result<Answered, Trouble> {
        self.log.lock().unwrap().push(format!("{role} asked {sql}"));
        let rows: usize = sql.parse().map_err(|_| Trouble::new("line 1, column 1: <not> a number"))?;
        let column = |name: &str, is_number| AnsweredColumn { name: name.to_owned(), is_number };
        let row = |at: usize| vec![Some(format!("row <{at}>")), (at != 2).then(|| (at * 10).to_string())];
        let columns = vec![column("name", false), column("tens", true)];
        Ok(Answered { columns, rows: (1..=rows).map(row).collect(), is_cut: false })
    }

    fn saved(&self, user: &str) -> Result<Vec<SavedQuestion>, Trouble> {
        Ok(self.saved.lock().unwrap().iter().filter(|(of, _)| of == user).map(|(_, one)| one.clone()).collect())
    }

    fn save(&self, user: &str, question: &SavedQuestion) -> Result<(), Trouble> {
        let mut saved = self.saved.lock().unwrap();
        saved.retain(|(of, one)| of != user || one.name != question.name);
        if !question.sql.is_empty() {
            saved.push((user.to_owned(), question.clone()));
        }
        Ok(())
    }
}

#[test]
fn a_question_is_answered_by_pages_of_one_answer() {
    let server = running();
    let cookie = server.enter();
    let first = server.ask("GET", "/sql?q=250&lang=en", &cookie, "").body;
    assert!(first.contains("250 rows") && first.contains("row &lt;1&gt;") && !first.contains("<td>row &lt;101&gt;"));
    assert!(first.contains("<i>null</i>") && first.contains("page 1 of 3") && first.contains("<svg"), "{first}");
    let last = server.ask("GET", "/sql?q=250&page=3&lang=en", &cookie, "").body;
    assert!(
        last.contains("<td>row &lt;250&gt;") && !last.contains("<td>row &lt;200&gt;") && !last.contains("rel=\"next\"")
    );
    let wrong = server.ask("GET", "/sql?q=x&lang=en", &cookie, "").body;
    assert!(wrong.contains("column 1: &lt;not&gt; a number") && wrong.contains(">x</textarea>"), "{wrong}");
    let log = server.house.log.lock().unwrap().clone();
    assert_eq!(log.len(), 3, "asked, turned, asked: {log:?}");
    assert!(log[0] == "data_unit asked 250" && log[1].starts_with("data_unit sql page of question "), "{log:?}");
    assert!(server.ask("GET", "/sql/words", &cookie, "").body.contains("[\"clients\",[\"client_id\"]]"));
}

#[test]
fn questions_are_kept_for_whoever_kept_them() {
    let server = asking();
    let unit = server.enter_as("unit", "right").expect("the right password lets in");
    let own = format!("{unit}Origin: http://{}\r\n", server.address);
    let answer = server.ask("POST", "/sql/save", &own, "q=3&name=three");
    assert!(answer.status == 303 && answer.head.contains("location: /sql?q=3"), "{}", answer.head);
    assert!(server.ask("GET", "/sql", &unit, "").body.contains(">three</a>"));
    let other = server.enter_as("second", "right").expect("the right password lets in");
    assert!(!server.ask("GET", "/sql", &other, "").body.contains("three"));
    assert_eq!(server.ask("POST", "/sql/save", &own, "q=3&name=").status, 422);
    assert_eq!(server.ask("POST", "/sql/save", &own, "forget=1&name=three").status, 303);
    assert!(!server.ask("GET", "/sql", &unit, "").body.contains("three"));
}

fn protected(study: &str, pilots: &[&str]) -> Role {
    let pilots = pilots.iter().map(|pilot| (*pilot).to_owned()).collect();
    Role::Protected { word: "project", studies: vec![study.to_owned()], pilots: Some(pilots) }
}

/// One password for everybody.
struct Two;

impl Login for Two {
    fn role_of(&self, name: &str, password: &str) -> Option<Role> {
        let role = match name {
            "unit" | "second" => Role::Rows { word: "data_unit" },
            "project" => protected("made", &["p"]),
            "stranger" => protected("made", &[]),
            "other" => protected("another", &[]),
            _ => return None,
        };
        (password == "right").then_some(role)
    }
}

/// A server that lives as long as its test.
struct Running {
    address: SocketAddr,
    house: Arc<Made>,
    _runtime: tokio::runtime::Runtime,
}

const TOKEN: &str = "0123456789abcdef";

fn running() -> Running {
    running_with(Made::default(), |house, address| Front::for_one(house, TOKEN.to_owned(), address))
}

/// A server that asks for a name and a password.
fn asking() -> Running {
    asking_of(Made::default())
}

fn asking_of(made: Made) -> Running {
    running_with(made, |house, address| Front::for_several(house, Arc::new(Two), vec![address.to_string()], false))
}

fn running_with(made: Made, front: impl Fn(Arc<dyn House>, SocketAddr) -> Result<Front, minijinja::Error>) -> Running {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let house = Arc::new(made);
    let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
    let address = listener.local_addr().unwrap();
    let front = front(Arc::clone(&house) as Arc<dyn House>, address).unwrap();
    runtime.spawn(serve(listener, front, std::future::pending()));
    Running { address, house, _runtime: runtime }
}

struct Answer {
    status: u16,
    head: String,
    body: String,
}

impl Running {
    fn ask(&self, method: &str, path: &str, headers: &str, body: &str) -> Answer {
        let mut stream = TcpStream::connect(self.address).unwrap();
        let host = if headers.contains("Host:") { String::new() } else { format!("Host: {}\r\n", self.address) };
        let length = body.len();
        let request = format!(
            "{method} {path} HTTP/1.1\r\n{host}{headers}Connection: close\r\nContent-Type: application/x-www-form-urlencoded\r\n\
             Content-Length: {length}\r\n\r\n{body}"
        );
        stream.write_all(request.as_bytes()).unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
        Answer { status, head: head.to_lowercase(), body: body.to_owned() }
    }

    fn enter(&self) -> String {
        let answer = self.ask("GET", &format!("/?token={TOKEN}"), "", "");
        assert_eq!(answer.status, 303, "{}", answer.head);
        let cookie = answer.head.lines().find_map(|line| line.strip_prefix("set-cookie: ")).unwrap();
        assert!(cookie.contains("httponly") && cookie.contains("samesite=strict"), "{cookie}");
        format!("Cookie: {}\r\n", cookie.split(';').next().unwrap())
    }
}

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
fn every_page_can_be_made_in_every_language() {
    let server = running();
    let cookie = server.enter();
    let pages = [
        "/",
        "/cohort?s=2&n=1&p=2013&p=2014",
        "/cohort?s=2&n=1&r=30&w=10&o=5&sec=social&mun=272",
        "/cohort?base=s:made&c=rest",
        "/cohort/live?s=2&n=1",
        "/cohort/text?s=2&n=1",
        "/studies",
        "/studies/made?cohort=rest&beside=two&period=2013",
        "/studies/made?numbers=protected",
        "/flows?study=made&service=doctor",
        "/clients?s=2&n=1&who=short",
        "/clients?s=1&n=1&sort=age&page=1",
        "/clients/2",
        "/pilots",
        "/release",
        "/deliveries",
        "/deliveries/7",
        "/sql",
        "/sql?q=45",
    ];
    for page in pages {
        let mut bodies = Vec::new();
        for lang in ["fi", "sv", "en"] {
            let joint = if page.contains('?') { '&' } else { '?' };
            let answer = server.ask("GET", &format!("{page}{joint}lang={lang}"), &cookie, "");
            assert_eq!(answer.status, 200, "{page} {lang}: {}", answer.body);
            assert!(answer.head.contains("content-security-policy: default-src 'self'"), "{page}");
            assert!(answer.head.contains("cache-control: no-store"), "{page}");
            assert!(
                !answer.body.contains("style=\"") && !answer.body.contains("<script>"),
                "{page}: the policy forbids it"
            );
            bodies.push(answer.body);
        }
        assert!(bodies[0] != bodies[1] && bodies[1] != bodies[2], "{page} is the same in two languages");
    }
    let missing = server.ask("GET", "/clients/3", &cookie, "");
    assert_eq!(missing.status, 404);
    assert_eq!(server.ask("GET", "/studies/none", &cookie, "").status, 404);
}

#[test]
fn the_builder_counts_and_marks_what_it_counted() {
    let server = running();
    let cookie = server.enter();
    let answer = server.ask("GET", "/cohort/live?p=2014&y=2014&s=2&n=1&lang=en", &cookie, "");
    assert!(answer.body.contains("<dd data-members>6</dd>"), "{}", answer.body);
    let hashes: std::collections::BTreeSet<&str> =
        answer.body.split("data-definition=\"").skip(1).filter_map(|part| part.split('"').next()).collect();
    assert_eq!(hashes.len(), 1, "every panel says of which definition it is");
    let other = server.ask("GET", "/cohort/live?p=2014&y=2014&s=1&n=1&lang=en", &cookie, "");
    assert!(other.body.contains("<dd data-members>12</dd>"), "{}", other.body);
    assert!(!other.body.contains(hashes.first().unwrap()));
    let kept = server.ask("GET", "/cohort", &cookie, "");
    assert!(kept.status == 303 && kept.head.contains("s=1&n=1"), "the draft is kept: {}", kept.head);
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
fn a_pasted_study_file_is_taken_or_refused_with_its_line() {
    let server = running();
    let cookie = server.enter();
    let own = format!("{cookie}Origin: http://{}\r\n", server.address);
    let good = crate::draft::encoded(STUDY);
    let answer = server.ask("POST", "/cohort/text", &own, &format!("text={good}"));
    assert!(answer.status == 303 && answer.head.contains("/cohort?base=t:"), "{}", answer.head);
    let bad = crate::draft::encoded("[study]\nname = \"a\"\nperiods = [\"2013\"]\ncolour = 1\n");
    let answer = server.ask("POST", "/cohort/text?lang=en", &own, &format!("text={bad}"));
    assert!(answer.body.contains("on line 4"), "{}", answer.body);
}

impl Running {
    fn enter_as(&self, name: &str, password: &str) -> Option<String> {
        let origin = format!("Origin: http://{}\r\n", self.address);
        let answer = self.ask("POST", "/enter", &origin, &format!("name={name}&password={password}"));
        let cookie = answer.head.lines().find_map(|line| line.strip_prefix("set-cookie: virta="))?;
        assert_eq!(answer.status, 303);
        Some(format!("Cookie: virta={}\r\n", cookie.split(';').next()?))
    }
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
            for page in ["/", "/studies", "/studies/made", "/flows?study=made"] {
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
    ] {
        let answer = server.ask("GET", page, &project, "");
        assert_eq!(answer.status, 403, "{page}");
        assert!(!answer.body.contains("data-members"), "{page}");
    }
    let own = format!("{project}Origin: http://{}\r\n", server.address);
    server.ask("POST", "/run", &own, "name=a&query=");
    let study = server.ask("GET", "/studies/made?numbers=exact&lang=en", &project, "");
    assert!(study.status == 200 && !study.body.contains("not for release"), "protected numbers only");
    // Its own pilots alone: of others not even that there is one.
    let stranger = server.enter_as("stranger", "right").expect("the right password lets in");
    let others = server.ask("GET", "/studies/made?lang=en", &stranger, "");
    assert!(study.body.contains("id=\"pilot1\"") && !others.body.contains("id=\"pilot1\""));
    let other = server.enter_as("other", "right").expect("the right password lets in");
    assert_eq!(server.ask("GET", "/studies/made", &other, "").status, 404);
    assert!(!server.ask("GET", "/", &other, "").body.contains("/studies/made"));
    assert_eq!(server.ask("GET", "/flows?study=made", &other, "").status, 404);
    let leaving = format!("{unit}Origin: http://{}\r\n", server.address);
    server.ask("POST", "/leave", &leaving, "");
    assert_eq!(server.ask("GET", "/clients/2", &unit, "").status, 303, "the session has ended");
}
