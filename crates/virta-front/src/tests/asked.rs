//! Questions in SQL.

use super::running::{asking, running};

#[test]
fn a_question_ends_when_its_page_is_closed() {
    let server = running();
    let cookie = server.enter();
    server.goes_after("/sql?q=for+ever", &cookie, "asked for ever");
    server.waits_for("for ever was ended");
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
