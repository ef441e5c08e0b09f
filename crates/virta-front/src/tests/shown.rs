//! That every page can be made, and what the builder and a study show.

use super::made::{Made, STUDY};
use super::running::{Running, asking, running, running_of};

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
        "/studies/made?place=272",
        "/studies/made?place=999",
        "/thresholds?study=made&by=service&s=2&n=1",
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

/// A store whose study is of the newest snapshot.
fn current() -> Running {
    running_of(Made { is_current: true, ..Made::default() })
}

#[test]
fn a_municipality_of_a_study_is_told_by_its_tables_and_counted_now() {
    let server = current();
    let cookie = server.enter();
    let page = server.ask("GET", "/studies/made?place=272&lang=en", &cookie, "").body;
    assert!(page.contains("<option value=\"272\" selected>Kokkola</option>"), "{page}");
    let part = page.split("class=\"report place\"").nth(1).unwrap_or_default();
    let (own, now) = part.split_once("id=\"now-title\"").expect("what is counted now");
    assert!(own.contains("Kokkola") && own.contains("<td class=\"n\">6</td>"), "six members in Kokkola: {own}");
    // Of the six members in 2014 everybody saw the doctor, here as everywhere.
    let doctor = now.split("doctor").nth(1).and_then(|rest| rest.split("</tr>").next()).unwrap_or_default();
    assert!(doctor.contains(">6<") && doctor.matches("100%").count() == 2, "{doctor}");
    assert!(now.contains("mun=272") && now.contains("base=s:made"), "it leads to the builder: {now}");
    let elsewhere = server.ask("GET", "/studies/made?place=999&lang=en", &cookie, "").body;
    assert!(elsewhere.contains("tell nothing of this municipality"), "{elsewhere}");
    // Of older data nothing is counted beside its tables.
    let old = running();
    let cookie = old.enter();
    let page = old.ask("GET", "/studies/made?place=272&lang=en", &cookie, "").body;
    assert!(page.contains("was run on older data") && !page.contains("Which services the group uses in"), "{page}");
}

#[test]
fn who_sees_protected_tables_alone_has_nothing_counted_for_a_municipality() {
    let server = asking();
    let project = server.enter_as("project", "right").expect("the right password lets in");
    let page = server.ask("GET", "/studies/made?place=272&lang=en", &project, "").body;
    assert!(page.contains("class=\"report place\"") && page.contains("Kokkola"), "{page}");
    assert!(!page.contains("now-title") && !page.contains("/cohort?") && !page.contains("not for release"), "{page}");
}

#[test]
fn thresholds_are_shown_as_they_may_leave_and_a_cell_in_words() {
    let server = asking();
    let project = server.enter_as("project", "right").expect("the right password lets in");
    let page = server.ask("GET", "/thresholds?study=made&s=2&n=1&period=2014&lang=en", &project, "").body;
    let cell = page.split("id=\"cell\"").nth(1).unwrap_or_default();
    assert!(cell.contains("At least 2 services, each at least 1 times"), "{page}");
    assert!(page.contains(">&lt;\u{a0}5<"), "nobody has six services, which is not told: {page}");
    assert!(!page.contains("href=\"/cohort"), "no builder for this role");
    let unit = server.enter_as("unit", "right").expect("the right password lets in");
    let page = server.ask("GET", "/thresholds?study=made&s=2&n=1&period=2014&lang=en", &unit, "").body;
    let cell = page.split("id=\"cell\"").nth(1).unwrap_or_default();
    assert!(cell.contains("<dd>6</dd>") && cell.contains("s=2&amp;n=1"), "exact, and on to the builder: {cell}");
    let exact = page.split("<table class=\"grid\">").nth(1).unwrap_or_default();
    assert!(exact.contains(">0</a>") && !exact.contains("&lt;"), "{exact}");
}

#[test]
fn a_large_store_is_opened_with_progress_and_leads_to_the_builder() {
    let server = running_of(Made { contacts: Some(100_000_000), ..Made::default() });
    let cookie = server.enter();
    let answer = server.ask("GET", "/cohort?s=2&n=1&p=2014&y=2014", &cookie, "");
    let to = answer.head.lines().find_map(|line| line.strip_prefix("location: ")).expect("it is opened first");
    assert!(to.starts_with("/run/"), "{to}");
    let back = (0..500).find_map(|_| {
        std::thread::sleep(std::time::Duration::from_millis(10));
        let answer = server.ask("GET", to, &cookie, "");
        answer.head.lines().find_map(|line| line.strip_prefix("location: ").map(str::to_owned))
    });
    let back = back.expect("it opens");
    assert!(back.starts_with("/cohort?") && back.contains("s=2&n=1"), "{back}");
    let builder = server.ask("GET", &back, &cookie, "");
    assert!(builder.status == 200 && builder.body.contains("<dd data-members>6</dd>"), "{}", builder.body);
}

#[test]
fn a_look_ends_when_its_page_is_closed() {
    let server = running();
    let cookie = server.enter();
    server.goes_after("/cohort/live?s=2&n=1&r=999", &cookie, "a look began");
    server.waits_for("a look was ended");
    assert_eq!(server.ask("GET", "/cohort/live?s=2&n=1&r=30", &cookie, "").status, 200);
}
