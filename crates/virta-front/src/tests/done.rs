//! What pages do: ingest, enrol, measure, release.

use virta_model::Day;
use virta_model::settings::Study;

use super::running::{asking, running};
use crate::intake::Enrolment;

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
    assert!(refused.contains("on line 70") && refused.contains("given/a.csv"), "each refusal with its file");
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
    assert!(left.contains("Release 2 is made") && left.contains("out/made-2"), "{left}");
    assert!(server.work("/release", &cookie, "study=made").contains("Choose a language"));
    let log = server.house.log.lock().unwrap().clone();
    assert!(log.iter().any(|entry| entry.contains("near groups accepted")), "{log:?}");
}

#[test]
fn a_study_that_is_stopped_from_its_page_ends_and_says_so() {
    let server = running();
    let cookie = server.enter();
    let own = format!("{cookie}Origin: http://{}\r\n", server.address);
    let begun = server.ask("POST", "/run?lang=en", &own, "name=endless&query=s%3D2%26n%3D1%26p%3D2014%26y%3D2014");
    let to = begun.head.lines().find_map(|line| line.strip_prefix("location: ")).expect("it begins").to_owned();
    server.waits_for("a study began");
    let page = server.ask("GET", &format!("{to}?lang=en"), &cookie, "").body;
    assert!(page.contains(&format!("action=\"{to}/stop\"")) && page.contains("50% of contacts read"), "{page}");
    // Who waits behind it is told so.
    let second = server.ask("POST", "/run?lang=en", &own, "name=second&query=s%3D2%26n%3D1%26p%3D2014%26y%3D2014");
    let second = second.head.lines().find_map(|line| line.strip_prefix("location: ")).expect("it begins").to_owned();
    assert!(server.ask("GET", &format!("{second}?lang=en"), &cookie, "").body.contains("Waits for earlier work"));
    let stopped = server.work(&format!("{to}/stop"), &cookie, "");
    assert!(stopped.contains("Stopped") && stopped.contains("its earlier results are as they were"), "{stopped}");
    server.waits_for("a study was ended");
    let done = server.work(&second, &cookie, "");
    assert!(
        done.contains("href=\"/studies/second\"") || server.ask("GET", &second, &cookie, "").status == 200,
        "{done}"
    );
    assert_eq!(server.ask("POST", "/run/999/stop", &own, "").status, 404);
}

#[test]
fn nobody_stops_the_work_of_another_session() {
    let server = asking();
    let unit = server.enter_as("unit", "right").expect("the right password lets in");
    let own = format!("{unit}Origin: http://{}\r\n", server.address);
    let begun = server.ask("POST", "/run", &own, "name=endless&query=s%3D2%26n%3D1%26p%3D2014%26y%3D2014");
    let to = begun.head.lines().find_map(|line| line.strip_prefix("location: ")).expect("it begins").to_owned();
    server.waits_for("a study began");
    let other = server.enter_as("second", "right").expect("the right password lets in");
    let theirs = format!("{other}Origin: http://{}\r\n", server.address);
    assert_eq!(server.ask("POST", &format!("{to}/stop"), &theirs, "").status, 404);
    assert!(server.ask("GET", &to, &unit, "").body.contains("<progress"), "it goes on");
    assert_eq!(server.ask("POST", &format!("{to}/stop"), &own, "").status, 303);
    server.waits_for("a study was ended");
}

#[test]
fn a_release_is_taken_along_and_written_down() {
    let server = running();
    let cookie = server.enter();
    assert!(server.ask("GET", "/release?study=made", &cookie, "").body.contains("href=\"/releases/1\""));
    let file = server.ask("GET", "/releases/1", &cookie, "");
    assert!(file.head.contains("content-type: application/zip") && file.head.contains("filename=\"made-1.zip\""));
    assert_eq!((file.status, file.body.as_str()), (200, "PK"));
    let log = server.house.log.lock().unwrap().clone();
    assert!(log.iter().any(|entry| entry == "data_unit bundle of release 1"), "{log:?}");
    for path in ["/releases/2", "/releases/x"] {
        assert_eq!(server.ask("GET", path, &cookie, "").status, 404, "{path}");
    }
}
