//! Everyday forms of SQL that the engine does not know, functions under other names, and what errors say.

use crate::{rows, session};

#[test]
fn everyday_forms_mean_what_they_mean_elsewhere() {
    let session = session(2);
    for (sql, right) in [
        ("select service, count(*) + 1 from contacts group by 1 order by 2 desc, 1 limit 1", 1),
        ("select service, count(*) from contacts group by all order by 1 limit 3", 3),
        ("select client_id from clients order by client_id fetch first 2 rows only", 2),
        ("select client_id from clients offset 3 rows fetch next 4 rows only", 4),
        ("select * from clients semi join contacts using (client_id) limit 5", 5),
        ("select count(*) from clients anti join contacts on clients.client_id = contacts.client_id", 1),
        (
            "select * from (select client_id, service, cost_cents from contacts) pivot (sum(cost_cents) for service in ('service-01', 'service-02')) limit 2",
            2,
        ),
        ("select * from contacts using sample 7 rows", 7),
        ("select * from contacts c using sample 7", 7),
        ("select count(*) from contacts tablesample (0 percent)", 1),
        ("select client_id, client_id from clients limit 1", 1),
        ("select row_number() over (order by start_time) from contacts limit 3", 3),
        ("select count(*) over (order by is_stay) from contacts limit 3", 3),
        ("select string_agg(distinct service, ',' order by service) from contacts", 1),
        ("select approx_distinct(service), mode(service) from contacts", 1),
        ("summarize services", 7),
        ("summarize select service, cost_cents from contacts", 2),
        ("values (1), (2)", 2),
    ] {
        assert_eq!(rows(&session, sql).len(), right, "{sql}");
    }
}

#[test]
fn names_that_others_use_are_known() {
    let session = session(1);
    for (sql, right) in [
        (
            "select year(d), month(d), day(d), week(d), quarter(d) from (values (date '2013-01-31')) t(d)",
            "2013 1 31 5 1",
        ),
        (
            "select last_day(date '2012-02-10'), dayname(date '2013-01-31'), monthname(date '2013-01-31')",
            "2012-02-29 Thursday January",
        ),
        (
            "select date_diff('day', date '2013-01-01', date '2013-03-01'), datediff('month', date '2013-01-31', date '2013-02-01')",
            "59 1",
        ),
        ("select strftime(date '2013-01-31', '%Y-%m'), strftime('%d', date '2013-01-31')", "2013-01 31"),
        (
            "select regexp_matches('abc', 'b'), regexp_extract('a1b2', '([a-z])([0-9])', 2), regexp_extract('abc', 'x')",
            "true 1 ",
        ),
        ("select list(x order by x), count_if(x > 1) from (values (1), (2)) t(x)", "[1, 2] 1"),
        ("select arg_max(x, y), arg_min(x, y) from (values ('a', 1), ('b', 3), ('c', null)) t(x, y)", "b a"),
        (
            "select mode(x), quantile_disc(x, 0.5), quantile_cont(x, 0.5) from (values (1), (2), (2), (9)) t(x)",
            "2 2 2.0",
        ),
        ("select quantile_disc(x, 0.7) from (values (1), (2), (3), (4), (5), (6), (7), (8), (9), (10)) t(x)", "7"),
        ("select typeof(1), typeof('x'), typeof(date '2013-01-01'), typeof(1.5)", "bigint text date double"),
        ("select mod(7, 3), ifnull(null, 2), if(true, 1, 2), len('abc')", "1 2 1 3"),
        ("select 7 / 2, -7 / 2, 7 / 2.0", "3 -3 3.5"),
    ] {
        assert_eq!(rows(&session, sql), [right], "{sql}");
    }
}

#[test]
fn columns_are_called_as_they_were_written() {
    let session = session(1);
    for (sql, names) in [
        (
            "select sum(cost_cents), cost_cents / 100 as euros from contacts group by cost_cents limit 1",
            "sum(cost_cents)|euros",
        ),
        (
            "select count(*), 1, 'x', client_id, c.client_id from clients c group by client_id limit 1",
            "count(*)|1|'x'|client_id|client_id_1",
        ),
        ("select service, s.* from contacts join services s using (service) limit 1", "service"),
        ("select case when is_stay then 1 end from contacts limit 1", "CASE WHEN is_stay THEN 1 END"),
    ] {
        let answer = session.query(sql).unwrap();
        let found: Vec<&str> = answer.schema().fields().iter().map(|field| field.name().as_str()).collect();
        assert!(found.join("|").starts_with(names), "{sql}: {found:?}");
    }
}

#[test]
fn no_message_tells_of_the_engine() {
    let session = session(1);
    for sql in [
        "select sum(service) from contacts",
        "select service + 1 from contacts",
        "select array_length(service) from contacts",
        "select nosuch(service) from contacts",
        "select * from nosuch",
        "select nosuch from contacts",
        "select service, start_date from contacts group by service",
        "select * from contacts match_recognize (pattern (a))",
        "select * from contacts unpivot (x for y in (service))",
        "select sum(cost_cents) over (order by start_date rows between -1 preceding and current row) from contacts",
        "select date_diff('eon', start_date, start_date) from contacts",
        "select json_extract('{}', '$')",
        "select contacts.service.x from contacts",
        "select interval '1 month' * 3",
        "select age(birth_date) from clients",
        "select to_json(service) from services",
        "select * from read_csv('x.csv')",
        "select 7 // 2",
        "pivot contacts on service using sum(cost_cents)",
        "select * from contacts where service in (select service, package from services)",
        "select (select service, package from services) from contacts",
        "create temp view contacts as select 1",
        "drop view nosuch",
    ] {
        let answer = session.query(sql).and_then(virta_query::Answer::collect).map(|_| ());
        let error = answer.expect_err(sql).explain("");
        for word in [
            "DataFusion",
            "LogicalPlan",
            "Schema error",
            "Utf8",
            "Dictionary",
            "Int64",
            "Arrow",
            "Internal",
            "{ ",
            "Expr",
        ] {
            assert!(!error.contains(word), "{sql}: {error}");
        }
        assert!(error.contains("hint") || error.contains("expected"), "{sql}: {error}");
    }
}

#[test]
fn wrong_names_are_told_from_the_right_ones() {
    let session = session(1);
    for (sql, hint) in [
        ("select summ(cost_cents) from contacts", "did you mean sum?"),
        ("select * from contcts", "did you mean contacts?"),
        ("select * from heavy_users.memberz", "did you mean heavy_users.members?"),
        ("select servise from contacts", "did you mean service?"),
    ] {
        let error = session.query(sql).map(|_| ()).unwrap_err().explain(sql);
        assert!(error.contains(hint), "{sql}: {error}");
    }
}

#[test]
fn views_and_lists_last_as_long_as_the_session() {
    let session = session(1);
    let run = |sql: &str| session.query(sql).and_then(virta_query::Answer::collect);
    run("create temp view v as select service, count(*) as n from contacts group by service").unwrap();
    assert_eq!(rows(&session, "select count(*) from v"), ["24"]);
    assert!(run("create temp view v as select 1 as x").is_err(), "it is there already");
    run("create or replace temp view v as select distinct service from contacts").unwrap();
    assert_eq!(rows(&session, "select approx_distinct(service) > 20 from v"), ["true"], "over plain texts, too");
    assert!(run("create temp view w as delete from contacts").is_err());
    assert!(run("create view w as select 1").is_err(), "only a view of the session can be made");
    run("drop view v").unwrap();
    assert!(run("select * from v").is_err());
    run("drop view if exists v").unwrap();

    let list = run("select client_id, 'a' as arm from clients order by client_id limit 5").unwrap();
    session.add_list("mine", list.clone()).unwrap();
    assert_eq!(rows(&session, "select count(distinct client_id) from contacts join mine using (client_id)"), ["5"]);
    assert!(session.add_list("contacts", list).is_err());
    assert!(
        run("drop view mine").is_err()
            && run("drop table mine").is_err()
            && run("insert into mine values (1, 'x')").is_err()
    );
}
