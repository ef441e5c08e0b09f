use std::fs;

use crate::{open, rows, store};
use virta_query::{Error, Options};

const HUNGRY: &str = "select a.contact_id, a.service, b.service as other, a.reason from contacts a \
                      join contacts b on a.contact_id = b.contact_id order by a.reason, b.service, a.contact_id";

#[test]
fn a_memory_limit_gives_the_same_answer_or_a_clear_error_and_leaves_nothing() {
    let spill = store().root().join("tmp");
    fs::create_dir_all(&spill).unwrap();
    let left = || fs::read_dir(&spill).unwrap().count();
    let before = left();
    let sorting = "select contact_id, service, reason, provider from contacts order by contact_id";
    let expected = rows(&open(Options::default()), sorting);
    for limit in [64 << 20, 4 << 20, 1 << 20, 64 << 10] {
        let mut options = Options::default();
        options.threads = 2;
        options.memory_limit_bytes = Some(limit);
        options.spill_folder = Some(spill.clone());
        let session = open(options);
        for sql in [sorting, HUNGRY] {
            match session.query(sql).and_then(virta_query::Answer::collect) {
                Ok(_) if sql == sorting => assert_eq!(rows(&session, sql), expected, "{limit}"),
                Ok(_) => {}
                Err(Error::Memory { limit_bytes }) => assert_eq!(limit_bytes, limit),
                Err(other) => panic!("{limit}: {other}"),
            }
        }
        drop(session);
        assert_eq!(left(), before, "{limit}");
    }
}

#[test]
fn an_interrupt_ends_the_query() {
    let mut options = Options::default();
    options.is_interrupted = || true;
    let answer = open(options).query("select count(*) from contacts a cross join contacts b").unwrap().collect();
    assert!(matches!(answer, Err(Error::Interrupted)));
}

#[test]
fn an_answer_that_nobody_reads_to_the_end_stops() {
    let session = open(Options::default());
    let mut answer = session.query("select a.client_id from contacts a cross join contacts b").unwrap();
    assert!(answer.next().unwrap().is_ok());
    drop(answer);
    assert_eq!(rows(&session, "select 1"), ["1"]);
}
