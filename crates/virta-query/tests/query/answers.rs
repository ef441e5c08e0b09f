use crate::shares::{over_workers, rows_anywhere};
use crate::{rows, session};

fn check(sql: &str, expected: &[&str]) {
    for threads in [1, 2, 3, 8] {
        assert_eq!(rows(&session(threads), sql), expected, "{sql} on {threads} threads");
    }
    for ranges in [1, 3] {
        assert_eq!(rows(&over_workers(ranges), sql), expected, "{sql} in {ranges} ranges");
    }
}

/// The two sides are worked out by different plans: by the layout, and around it.
fn agree(by_layout: &str, around_it: &str) {
    for threads in [1, 2, 5] {
        let session = session(threads);
        let left = rows(&session, by_layout);
        assert!(!left.is_empty(), "{by_layout}");
        assert_eq!(left, rows(&session, around_it), "{by_layout} on {threads} threads");
        rows_anywhere(&session, by_layout);
    }
}

#[test]
fn tables_are_found_with_and_without_their_schema() {
    check("select count(*) from clients", &["2000"]);
    check("select count(*) from store.clients", &["2000"]);
    check("select count(*) from \"heavy-users\".members", &["286"]);
    check("select count(*) from heavy_users.members", &["286"]);
    check("select count(*) from heavy_users.summary", &["0"]);
    check("select count(*) from plans", &["0"]);
    check("select client_id, kind from plans where client_id = 5", &[]);
}

#[test]
fn grouping_by_layout_agrees_with_grouping_around_it() {
    agree(
        "select client_id, count(*), sum(cost_cents), min(start_date), max(start_date) from contacts \
         group by client_id order by client_id",
        "select client_id + 0 as c, count(*), sum(cost_cents), min(start_date), max(start_date) from contacts \
         group by client_id + 0 order by c",
    );
    agree(
        "select client_id, service, count(*) from contacts group by client_id, service order by client_id, service",
        "select client_id + 0 as c, service, count(*) from contacts group by c, service order by c, service",
    );
}

#[test]
fn distinct_services_agree_with_counting_groups() {
    agree(
        "select client_id, count(distinct service), count(distinct provider) from contacts group by client_id \
         order by client_id",
        "select a.client_id, s, p from \
         (select client_id, count(*) as s from (select distinct client_id, service from contacts) group by 1) a join \
         (select client_id, count(*) as p from (select distinct client_id, provider from contacts) group by 1) b \
         on a.client_id = b.client_id order by a.client_id",
    );
    agree(
        "select count(distinct service), count(distinct unit), count(distinct reason) from contacts",
        "select (select count(*) from (select distinct service from contacts)) as s, 0, \
         (select count(*) from (select distinct reason from contacts)) as r",
    );
    agree(
        "select provider, count(distinct service) filter (where start_date < date '2012-02-01') as n, count(*) \
         from contacts group by provider order by provider",
        "select provider, array_length(array_agg(distinct service) filter (where start_date < date '2012-02-01')) as n, \
         count(*) from contacts group by provider order by provider",
    );
}

#[test]
fn joins_by_layout_agree_with_joins_around_it() {
    agree(
        "select sex, count(*), sum(cost_cents) from contacts join clients using (client_id) group by sex order by sex",
        "select sex, count(*), sum(cost_cents) from contacts a join clients b on a.client_id + 1 = b.client_id + 1 \
         group by sex order by sex",
    );
    agree(
        "select count(*), count(b.client_id) from clients a left join heavy_users.members b on a.client_id = b.client_id",
        "select 2000, 286",
    );
    // One side is pruned to a file, the other is not.
    agree(
        "select count(*) from contacts a join clients b on a.client_id = b.client_id \
         where b.client_id = (select min(client_id) from clients)",
        "select count(*) from contacts where client_id + 0 = (select min(client_id) from clients)",
    );
    agree(
        "select count(*) from clients a join (select client_id, count(distinct service) as n from contacts \
         group by client_id) b on a.client_id = b.client_id where n >= 4",
        "select count(*) from (select client_id + 0, count(distinct service) as n from contacts group by 1) where n >= 4",
    );
    agree(
        "select count(*) from clients where client_id not in (select client_id from contacts where service = 'service-03')",
        "select 2000 - count(distinct client_id) from contacts where service = 'service-03'",
    );
}

#[test]
fn windows_by_layout_agree_with_windows_around_it() {
    agree(
        "select sum(gap), count(gap) from (select start_date - lag(start_date) over \
         (partition by client_id order by start_date, start_time, service, contact_id) as gap from contacts)",
        "select sum(gap), count(gap) from (select start_date - lag(start_date) over \
         (partition by client_id + 0 order by start_date, start_time, service, contact_id) as gap from contacts)",
    );
}

#[test]
fn one_client_is_found_whole() {
    agree(
        "select count(*), sum(cost_cents) from contacts where client_id in \
         (select client_id from clients order by client_id limit 3)",
        "select sum(n), sum(c) from (select client_id, count(*) as n, sum(cost_cents) as c from contacts \
         group by client_id order by client_id limit 3)",
    );
}

#[test]
fn functions_of_the_domain_follow_the_rules() {
    check(
        "select age_at(date '1996-02-29', date '2014-02-28'), age_at(date '1996-02-29', date '2014-03-01'), \
         age_at(date '1996-12-31', date '2014-01-01', 'year'), age_at(null, date '2014-01-01')",
        &["17 18 18 -"],
    );
    check(
        "select age_band(17), age_band(18), age_band(64), age_band(65), age_band(80), age_band(-1)",
        &["0-17 18-24 55-64 65-74 75-84 -"],
    );
    check("select wellbeing_county('272'), wellbeing_county('999'), wellbeing_county(null)", &["18 - -"]);
    check(
        "select days_in(date '2013-12-30', date '2014-01-02', date '2014-01-01', date '2014-12-31'), \
         days_in(date '2014-12-30', null, date '2014-01-01', date '2014-12-31')",
        &["2 2"],
    );
    check(
        "select cost_in(100, date '2013-12-31', date '2014-01-02', date '2013-01-01', date '2013-12-31'), \
         cost_in(100, date '2013-12-31', date '2014-01-02', date '2014-01-01', date '2014-12-31')",
        &["33 67"],
    );
    check("select count(distinct wellbeing_county(municipality)) from clients", &["4"]);
}

#[test]
fn every_example_of_a_function_runs() {
    let session = session(2);
    for function in virta_query::functions() {
        rows(&session, function.example);
        assert!(function.usage.starts_with(function.name), "{}", function.name);
    }
}

#[test]
fn types_are_what_the_dictionary_says() {
    let session = session(1);
    for schema in session.schemas() {
        for table in &schema.tables {
            let sql = format!("select * from {}.{} limit 0", schema.unquoted_name(), table.name);
            let answer = session.query(&sql).unwrap();
            assert_eq!(answer.schema().fields(), table.columns().fields(), "{sql}");
        }
    }
}

#[test]
fn describe_tells_the_meaning() {
    let session = session(1);
    let rows = rows(&session, "describe contacts");
    assert_eq!(rows.len(), virta_model::schema::CONTACTS.columns.len());
    let cost = rows.iter().find(|row| row.starts_with("cost_cents")).unwrap();
    assert_eq!(cost, "cost_cents bigint cents yes Cost; null is unpriced, not free.");
    assert_eq!(crate::rows(&session, "describe heavy_users.members").len(), 14);
    assert!(session.query("describe nothing").is_err());
}
