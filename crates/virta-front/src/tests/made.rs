//! A small made-up store.

use std::collections::BTreeMap;
use std::sync::Mutex;

use virta_flow::{Asked, Live, Look, RunOptions, look_through, run};
use virta_model::settings::Study;
use virta_model::{Day, Lang, Sector};
use virta_protection::{Policy, Secret, StudyTables, protect};
use virta_report::Names;

use super::memory::{Client, Contact, MemorySource};
use crate::desk::{Answered, AnsweredColumn, Desk, Dictionary, SavedQuestion};
use crate::going::{Closed, Going};
use crate::house::{
    BundleFile, ClientSeen, ContactSeen, GroupSeen, House, Numbers, Overview, ReleaseEnd, ReleaseMade, ReleaseSeen,
    SourceSeen, Standing, StudyEntry, StudySeen, UseEntry,
};
use crate::intake::{Enrolled, Enrolment, GivenFile, GivenKind, Intake, PilotList, PilotSeen, Unfit};
use crate::trouble::{Place, Trouble};

pub(crate) const STUDY: &str = "[study]\nname = \"made\"\ntitle = { fi = \"Tehty\" }\nperiods = [\"2013\", \"2014\"]\n[[cohort]]\nname = \"two\"\n\
                     min_services = 2\n[[cohort]]\nname = \"rest\"\nmin_services = 1\nexclude_cohorts = [\"two\"]\n[flow]\n[sweep]\n[[pilot]]\n\
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
    let lives = |client_id: i64| Client {
        client_id,
        birth: None,
        sex: None,
        municipality: Some("272".to_owned()),
        language: None,
        observed_from: None,
        observed_to: None,
        died_on: None,
    };
    MemorySource::from_rows(Vec::new(), Vec::new(), (1..=12).map(lives).collect(), contacts)
}

#[derive(Default)]
pub(crate) struct Made {
    pub log: Mutex<Vec<String>>,
    pub saved: Mutex<Vec<(String, SavedQuestion)>>,
    pub more_cents: i64,
    pub enrolled: Mutex<Vec<String>>,
    pub ran: Mutex<Vec<String>>,
    /// Whether the study is of the newest snapshot.
    pub is_current: bool,
    /// Contacts, as the store counts them; 36 unless it says.
    pub contacts: Option<u64>,
}

impl Made {
    /// Goes on until nobody waits any more, and says so in the log.
    fn until_closed(&self, is_endless: bool, what: &str, closed: &Closed) -> Result<(), Trouble> {
        if !is_endless {
            return Ok(());
        }
        self.log.lock().unwrap().push(format!("{what} began"));
        while !closed.is_closed() {
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        self.log.lock().unwrap().push(format!("{what} was ended"));
        Err(Trouble::new("stopped"))
    }
}

impl House for Made {
    fn overview(&self) -> Result<Overview, Trouble> {
        let study = StudyEntry {
            name: "made".to_owned(),
            settings: Study::parse(STUDY).ok(),
            text: STUDY.to_owned(),
            snapshot: "abc".to_owned(),
            is_current: self.is_current,
            committed_at: "2015-01-01T00:00:00Z".to_owned(),
        };
        Ok(Overview {
            region: "region".to_owned(),
            snapshot: Some("abcdef0123".to_owned()),
            deliveries: 1,
            contacts: self.contacts.unwrap_or(36),
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

    fn live(&self, study: &Study, going: Going<'_>) -> Result<Live, Trouble> {
        going.tell(36, 36);
        Ok(Live::open(study, &source(self.more_cents), &RunOptions::default())?)
    }

    fn look_through(&self, asked: &Asked<'_>, closed: &Closed) -> Result<Look, Trouble> {
        let is_endless = asked.study.cohorts.iter().any(|cohort| cohort.rolling_days == Some(999));
        self.until_closed(is_endless, "a look", closed)?;
        Ok(look_through(asked, &source(self.more_cents), &RunOptions::default())?)
    }

    /// The study `endless` runs until it is stopped.
    fn run_study(&self, text: &str, going: Going<'_>) -> Result<String, Trouble> {
        going.tell(18, 36);
        self.until_closed(text.contains("endless"), "a study", going.closed())?;
        self.ran.lock().unwrap().push(text.to_owned());
        Ok(Study::parse(text)?.study.name)
    }

    fn study(&self, _: &str, numbers: Numbers) -> Result<StudySeen, Trouble> {
        let settings = Study::parse(STUDY)?;
        let tables = run(&settings, &source(self.more_cents), &RunOptions::default())?;
        let policy = if numbers == Numbers::Exact { Policy::internal() } else { Policy::default() };
        let tables = protect(&StudyTables::new(&tables, policy, Secret::new([1; 32])));
        let tables = tables.map_err(|error| Trouble::new(error.to_string()))?;
        let snapshot = if self.is_current { "abcdef0123" } else { "abc" };
        let (text, snapshot) = (STUDY.to_owned(), snapshot.to_owned());
        Ok(StudySeen { tables, settings, text, snapshot, source_ends: Vec::new() })
    }

    fn deliveries(&self) -> Result<serde_json::Value, Trouble> {
        Ok(
            serde_json::json!({ "deliveries": [{ "delivery_id": "7", "file": "a.csv", "source": "x", "rows_read": 36 }] }),
        )
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
            groups: vec!["two".to_owned(), "p".to_owned()],
            pilots: vec!["p".to_owned()],
            has_bundle: true,
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

    fn bundle(&self, number: u64) -> Result<Option<BundleFile>, Trouble> {
        Ok((number == 1).then(|| BundleFile { name: "made-1.zip".to_owned(), bytes: b"PK".to_vec() }))
    }

    fn release(&self, study: &str, languages: &[Lang], accept: bool, _: &Closed) -> Result<ReleaseEnd, Trouble> {
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
        going: Going<'_>,
    ) -> Result<serde_json::Value, Vec<Trouble>> {
        going.tell(1, 1);
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

    fn enrol(&self, list: &PilotList, going: Going<'_>) -> Result<serde_json::Value, Vec<Trouble>> {
        going.tell(1, 1);
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
