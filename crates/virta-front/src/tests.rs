//! The server over a small made-up store: who gets in, and that every page can be made in every language.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::{Arc, Mutex};

use virta_flow::{Asked, Contact, Live, Look, MemorySource, RunOptions, look_through, run};
use virta_model::settings::Study;
use virta_model::{Day, Lang, Sector};
use virta_protection::{Policy, Secret, StudyTables, protect};
use virta_report::Names;

use crate::desk::{Answered, AnsweredColumn, Closed, Desk, Dictionary, SavedQuestion};
use crate::house::{
    ClientSeen, ContactSeen, GroupSeen, House, Numbers, Overview, ReleaseEnd, ReleaseMade, ReleaseSeen, SourceSeen,
    Standing, StudyEntry, StudySeen, UseEntry,
};
use crate::intake::{Enrolled, Enrolment, GivenFile, GivenKind, Intake, PilotList, PilotSeen, Telling, Unfit};
use crate::server::{Front, serve};
use crate::session::{Login, Role};
use crate::trouble::{Place, Trouble};

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
    enrolled: Mutex<Vec<String>>,
    ran: Mutex<Vec<String>>,
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

    fn run_study(&self, text: &str, tell: Telling<'_>) -> Result<String, Trouble> {
        tell(36, 36);
        self.ran.lock().unwrap().push(text.to_owned());
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

    fn standings(&self, _: &str) -> Result<Vec<GroupSeen>, Trouble> {
        let group = |kind: &str, name: &str, standing| GroupSeen {
            kind: kind.to_owned(),
            name: name.to_owned(),
            period: "2013".to_owned(),
            standing,
        };
        Ok(vec![
            group("all", "all", Standing::New),
            group("cohort", "two", Standing::TooNear(1)),
            group("pilot", "p", Standing::Small),
        ])
    }

    fn release(&self, study: &str, languages: &[Lang], accept: bool) -> Result<ReleaseEnd, Trouble> {
        self.log.lock().unwrap().push(format!("{study} leaves in {} languages", languages.len()));
        match accept {
            true => Ok(ReleaseEnd::Left(ReleaseMade {
                number: 2,
                folder: "out/made-2".to_owned(),
                ..ReleaseMade::default()
            })),
            false => Ok(ReleaseEnd::TooNear(self.standings(study)?.drain(1..2).collect())),
        }
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

    fn intake(&self) -> Option<&dyn Intake> {
        Some(self)
    }

    fn desk(&self) -> Option<&dyn Desk> {
        Some(self)
    }
}

/// A folder with a profile, its file and one that no profile reads.
impl Intake for Made {
    fn files(&self) -> Result<Vec<GivenFile>, Trouble> {
        let file = |name: &str, kind, read_by: &[&str]| GivenFile {
            id: format!("1/{name}"),
            name: format!("given/{name}"),
            kind,
            bytes: 5_000,
            read_by: read_by.iter().map(|id| (*id).to_owned()).collect(),
        };
        Ok(vec![
            file("a.csv", GivenKind::Data, &["1/a.toml"]),
            file("a.toml", GivenKind::Profile, &[]),
            file("b.csv", GivenKind::Data, &[]),
            file("codes/a.csv", GivenKind::CodeList, &["1/a.toml"]),
        ])
    }

    fn draft(&self, file: &str) -> Result<String, Trouble> {
        self.log.lock().unwrap().push(format!("draft of {file}"));
        Ok("1/a.toml".to_owned())
    }

    fn text(&self, _: &str) -> Result<String, Trouble> {
        Ok("[source]\nname = \"a\"\n".to_owned())
    }

    fn write(&self, file: &str, text: &str) -> Result<(), Trouble> {
        if text.contains("colour") {
            return Err(Trouble::new("unknown key").on_line(Some(3)));
        }
        self.log.lock().unwrap().push(format!("{file} written, {} bytes", text.len()));
        Ok(())
    }

    fn check(&self, _: &str) -> Result<serde_json::Value, Trouble> {
        let cell = serde_json::json!({ "from": "day", "raw": "31.2.", "field": "start_date", "value": null, "problem": "date", "allowed": "%d.%m." });
        let row = serde_json::json!({ "line": 2, "cells": [cell], "added": [["service", "gp"]], "problem": "start_date date", "cancels": false });
        let key = serde_json::json!({ "row_key": ["id"], "rows_read": 9, "problem": null });
        let file = serde_json::json!({
            "file": "given/a.csv", "table": "contacts", "extracted_on": "2014-01-31", "refusal": "refused whole",
            "unused_columns": ["z"], "zoned_columns": ["day"], "rows": [row], "rows_read": 1, "rows_not_selected": 2, "lines_skipped": 3,
            "refused": { "start_date date": 1 }, "row_key": key
        });
        let list = serde_json::json!({ "file": "given/codes/a.csv", "table": "code_list", "rows_read": 4, "refused": { "code missing": 1 }, "first_refused": "line 3" });
        Ok(serde_json::json!({ "source": "a", "files": [file], "lists": [list] }))
    }

    fn ingest(
        &self,
        profiles: &[String],
        is_dry: bool,
        extracted_on: Option<Day>,
        tell: Telling<'_>,
    ) -> Result<serde_json::Value, Vec<Trouble>> {
        tell(1, 1);
        if extracted_on.is_some() {
            let refused = |line| {
                let (file, rule) = (Some("given/a.csv".to_owned()), Some("quote".to_owned()));
                let place = Place { file, line: Some(line), rule, ..Place::default() };
                Trouble { place: Some(Box::new(place)), ..Trouble::new("a quote is open") }
            };
            return Err(vec![refused(7), refused(70)]);
        }
        let delivery = serde_json::json!({
            "file": "a.csv", "source": "a", "table": "contacts", "outcome": "read_again", "rows_read": 1234, "rows_accepted": 1233,
            "rows_quarantined": 1, "quarantined_by": { "start_date date": 1 }, "warnings": ["no line end"]
        });
        Ok(serde_json::json!({
            "dry_run": is_dry, "changed": true, "snapshot": "abcdef0123", "deliveries": [delivery], "rows_read": 1234,
            "rows_accepted": 1233, "rows_quarantined": 1, "services_unnamed": ["x"],
            "advice": [{ "source": "a", "key": "normalise", "joins": profiles.len(), "unmatched": 9 }]
        }))
    }

    /// The store knows the clients 1 to 12; only the first is in a pilot.
    fn examine(&self, list: &PilotList) -> Result<Vec<(usize, Unfit)>, Trouble> {
        let unfit = |(at, client): (usize, &Enrolled)| match client.what {
            _ if !(1..=12).contains(&client.client_id) => Some((at, Unfit::Unknown)),
            Enrolment::Leaves(_) if client.client_id != 1 => Some((at, Unfit::NotInPilot)),
            _ => None,
        };
        Ok(list.clients.iter().enumerate().filter_map(unfit).collect())
    }

    fn enrol(&self, list: &PilotList, tell: Telling<'_>) -> Result<serde_json::Value, Vec<Trouble>> {
        tell(1, 1);
        let said: Vec<String> =
            list.clients.iter().map(|client| format!("{} {:?}", client.client_id, client.what)).collect();
        self.enrolled.lock().unwrap().push(format!("{}: {}", list.pilot, said.join(", ")));
        Ok(serde_json::Value::Null)
    }

    fn pilots(&self) -> Result<Vec<PilotSeen>, Trouble> {
        let first = Day::parse_iso("2014-01-05");
        Ok(vec![PilotSeen { name: "p".to_owned(), clients: 1, left: 0, first, last: first }])
    }
}

impl Desk for Made {
    fn dictionary(&self) -> Result<Dictionary, Trouble> {
        let within = vec![("clients".to_owned(), vec!["client_id".to_owned()])];
        Ok(Dictionary { words: vec!["clients".to_owned(), "select".to_owned()], within })
    }

    /// As many rows as the question says, numbered from one; the second has a null.
    fn ask(&self, _: &str, role: &str, sql: &str, closed: &Closed) -> Result<Answered, Trouble> {
        self.log.lock().unwrap().push(format!("{role} asked {sql}"));
        while sql == "for ever" && !closed.is_closed() {
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        if closed.is_closed() {
            self.log.lock().unwrap().push(format!("{sql} was ended"));
        }
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
fn a_question_ends_when_its_page_is_closed() {
    let server = running();
    let cookie = server.enter();
    let request = format!("GET /sql?q=for+ever HTTP/1.1\r\nHost: {}\r\n{cookie}\r\n", server.address);
    let mut browser = TcpStream::connect(server.address).unwrap();
    browser.write_all(request.as_bytes()).unwrap();
    let waits_for = |what: &str| {
        for _ in 0..1000 {
            if server.house.log.lock().unwrap().iter().any(|line| line.contains(what)) {
                return;
            }
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        panic!("{what} is not in the log");
    };
    waits_for("asked for ever");
    assert!(!server.house.log.lock().unwrap().iter().any(|line| line.contains("was ended")));
    drop(browser);
    waits_for("for ever was ended");
    // Whoever stays has an answer.
    assert_eq!(server.ask("GET", "/sql?q=2&lang=en", &cookie, "").status, 200);
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
            "unit" | "second" => Role::Rows { word: "data_unit", takes_in: true },
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
        "/pilots?study=made",
        "/pilots/enrol?query=s%3D2%26n%3D1",
        "/ingest",
        "/ingest/profile?file=1/a.toml&try=1",
        "/ingest/profile?file=1/codes/a.csv",
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
        "/ingest",
        "/ingest/profile?file=1/a.toml&try=1",
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

impl Running {
    /// Sends a form, follows it to its work, and gives the page of what came of it.
    fn work(&self, path: &str, cookie: &str, form: &str) -> String {
        let own = format!("{cookie}Origin: http://{}\r\n", self.address);
        let answer = self.ask("POST", &format!("{path}?lang=en"), &own, form);
        let to = answer.head.lines().find_map(|line| line.strip_prefix("location: ")).map(str::to_owned);
        let Some(to) = to else { return answer.body };
        for _ in 0..500 {
            let page = self.ask("GET", &format!("{to}?lang=en"), cookie, "").body;
            if !page.contains("<progress") {
                return page;
            }
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
        panic!("{path} does not end");
    }
}

#[test]
fn an_ingest_is_tried_done_or_refused_by_file_and_line() {
    let server = running();
    let cookie = server.enter();
    let done = server.work("/ingest", &cookie, "profile=1/a.toml");
    assert!(done.contains("The delivery is in: snapshot abcdef01"), "{done}");
    assert!(done.contains("1,234 rows read = 1,233 accepted + 1 quarantined"), "{done}");
    assert!(done.contains("start_date date") && done.contains("no line end") && done.contains("about 1 of its 9"));
    let tried = server.work("/ingest", &cookie, "profile=1/a.toml&trial=1");
    assert!(tried.contains("the store was not changed"), "{tried}");
    let refused = server.work("/ingest", &cookie, "profile=1/a.toml&day=2014-01-31");
    assert!(refused.contains("The delivery was refused") && refused.contains("on line 7"), "{refused}");
    assert!(refused.contains("on line 70") && refused.contains("given&#x2f;a.csv"), "each refusal with its file");
    for form in ["", "profile=1/b.csv", "profile=9/x.toml", "profile=1/a.toml&day=31.1.2014"] {
        let page = server.work("/ingest", &cookie, form);
        assert!(page.contains("role=\"alert\"") && !page.contains("data-ingested"), "{form}: {page}");
    }
}

#[test]
fn a_profile_is_edited_unless_it_is_wrong_or_somebody_else_was_faster() {
    let server = running();
    let cookie = server.enter();
    let own = format!("{cookie}Origin: http://{}\r\n", server.address);
    let page = server.ask("GET", "/ingest/profile?file=1/a.toml&lang=en", &cookie, "").body;
    let before = page.split("name=\"before\" value=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
    let send = |text: &str, before: &str| {
        server.ask("POST", "/ingest/profile?lang=en", &own, &format!("file=1/a.toml&before={before}&text={text}"))
    };
    let written = send("x%0D%0Ay", before);
    assert!(written.status == 303 && written.head.contains("try=1"), "{}", written.head);
    assert!(server.house.log.lock().unwrap().iter().any(|entry| entry == "1/a.toml written, 3 bytes"), "line ends");
    let wrong = send("colour", before).body;
    assert!(wrong.contains("on line 3") && wrong.contains(">colour</textarea>"), "{wrong}");
    assert!(send("x", "0000").body.contains("has changed since"));
    assert_eq!(server.ask("GET", "/ingest/profile?file=1/b.csv", &cookie, "").status, 404, "rows are no text to edit");
    assert_eq!(server.ask("POST", "/ingest/draft", &own, "file=1/b.csv").status, 303);
}

#[test]
fn clients_begin_in_a_pilot_or_are_refused_by_line() {
    let server = running();
    let cookie = server.enter();
    let offered = server.ask("GET", "/pilots/enrol?query=s%3D2%26n%3D1%26p%3D2014%26y%3D2014", &cookie, "").body;
    assert_eq!(offered.matches("type=\"checkbox\"").count(), 6, "{offered}");
    let form = "name=One+desk&day=2014-02-03&what=begins&ids=client_id%3Bday%0D%0A7%3B2014-01-05%0D%0A%0D%0A9&member=4&member=9";
    let done = server.work("/pilots/enrol", &cookie, form);
    assert!(done.contains("3 clients are recorded in the pilot One desk"), "{done}");
    let day = |text: &str| Day::parse_iso(text).unwrap();
    let (common, own) = (Enrolment::Begins(day("2014-02-03")), Enrolment::Begins(day("2014-01-05")));
    let expected = format!("One desk: 4 {common:?}, 7 {own:?}, 9 {common:?}");
    assert_eq!(*server.house.enrolled.lock().unwrap(), [expected]);
    for (form, said) in [
        ("name=a&day=2014-01-01&ids=1%0Asecret", "on line 2"),
        ("name=a&ids=1", "Give a day"),
        ("name=a&day=2014-01-01&ids=1%0A1%3B2014-01-02", "on line 2"),
        ("name=a&day=2014-01-01&ids=", "Nobody"),
        ("name=&ids=1", "80 characters"),
        ("name=131052-308T&day=2014-01-01&ids=1", "identity code"),
        ("name=a&day=2014-01-01&ids=1%0A2%0A99", "on line 3: The store does not know"),
        ("name=p&day=2014-01-01&what=leaves&ids=1%0A2", "on line 2: The client is not in this pilot"),
    ] {
        let page = server.work("/pilots/enrol", &cookie, form);
        assert!(page.contains(said) && page.contains("role=\"alert\""), "{form}: {page}");
        assert!(!page.contains("secret</p>"), "{page}");
    }
    assert_eq!(server.house.enrolled.lock().unwrap().len(), 1, "nothing else is taken in");
    let log = server.house.log.lock().unwrap().clone();
    assert!(log.iter().any(|entry| entry == "data_unit list of 3 clients for a pilot"), "{log:?}");
    let left = server.work("/pilots/enrol", &cookie, "name=p&day=2014-05-01&what=leaves&ids=1");
    assert!(left.contains("1 clients are recorded") || left.contains("recorded in the pilot p"), "{left}");
}

#[test]
fn a_project_enrols_in_its_own_pilots_alone_and_sees_no_rows_for_it() {
    let server = asking();
    let project = server.enter_as("project", "right").expect("the right password lets in");
    let page = server.ask("GET", "/pilots/enrol?query=s%3D1", &project, "").body;
    assert!(page.contains("<option value=\"p\"") && !page.contains("type=\"checkbox\""), "{page}");
    let done = server.work("/pilots/enrol", &project, "name=p&day=2014-02-03&ids=7");
    assert!(done.contains("recorded in the pilot p"), "{done}");
    let other = server.work("/pilots/enrol", &project, "name=q&day=2014-02-03&ids=7");
    assert!(other.contains("not for your role"), "{other}");
    let stranger = server.enter_as("stranger", "right").expect("the right password lets in");
    assert_eq!(server.ask("GET", "/pilots/enrol", &stranger, "").status, 403, "no pilot is its own");
    let own = format!("{project}Origin: http://{}\r\n", server.address);
    for (path, form) in [
        ("/pilots/measure", "pilot=p&base=made|"),
        ("/ingest", "profile=1/a.toml"),
        ("/ingest/draft", "file=1/b.csv"),
        ("/ingest/profile", "file=1/a.toml&text=x"),
        ("/release", "study=made&language=fi"),
    ] {
        assert_eq!(server.ask("POST", path, &own, form).status, 403, "{path}");
    }
    assert_eq!(server.house.enrolled.lock().unwrap().len(), 1);
}

#[test]
fn a_pilot_is_measured_in_a_study_that_keeps_its_other_sections() {
    let server = running();
    let cookie = server.enter();
    let form = "pilot=q&base=made%7Ctwo&before_days=100&after_days=50&per_client=2";
    assert!(server.work("/pilots/measure", &cookie, form).contains("The study is done"));
    let text = server.house.ran.lock().unwrap().first().cloned().unwrap();
    let study = Study::parse(&text).unwrap();
    assert_eq!((study.study.name.as_str(), study.pilots.len(), study.cohorts.len()), ("made", 2, 2));
    assert_eq!((study.pilots[1].before_days, study.pilots[1].after_days), (100, 50));
    assert_eq!(study.pilots[1].comparison.as_ref().map(|one| one.cohort.as_str()), Some("two"));
    let wrong = server.work("/pilots/measure", &cookie, "pilot=q&base=made%7Cnobody");
    assert!(wrong.contains("nobody") || wrong.contains("did not work"), "{wrong}");
}

#[test]
fn a_release_leaves_unless_groups_are_too_near_and_nobody_accepts_that() {
    let server = running();
    let cookie = server.enter();
    let page = server.ask("GET", "/release?study=made&lang=en", &cookie, "").body;
    assert!(page.contains("<strong>too near to release 1") && page.contains("too small to be told of"), "{page}");
    let refused = server.work("/release", &cookie, "study=made&language=fi");
    assert!(refused.contains("Nothing was released") && refused.contains("name=\"accept\""), "{refused}");
    assert_eq!(refused.matches("name=\"language\"").count(), 1, "the languages that were asked for");
    let left = server.work("/release", &cookie, "study=made&language=fi&accept=1");
    assert!(left.contains("Release 2 is made") && left.contains("out&#x2f;made-2"), "{left}");
    assert!(server.work("/release", &cookie, "study=made").contains("Choose a language"));
    let log = server.house.log.lock().unwrap().clone();
    assert!(log.iter().any(|entry| entry.contains("near groups accepted")), "{log:?}");
}
