//! Everyday forms of SQL that the engine does not know, functions under other names, and what errors say.

use crate::shares::rows_anywhere;
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
            "select * from (select service, is_stay from contacts) pivot (count(*) for is_stay in (true, false)) order by 1 limit 3",
            3,
        ),
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

/// Small tables with nulls in every column.
const SMALL: &str = "with a(k, v) as (values (1, 10), (2, 20), (cast(null as int), 30), (4, 40)), \
     b(k, w) as (values (1, 5), (1, 6), (cast(null as int), 50), (5, 10)), \
     d(day, x) as (values (date '2023-01-01', 1), (date '2023-01-01', 2), (date '2023-03-01', 4)) ";

fn each_answers(questions: &[(&str, &[&str])]) {
    let session = session(2);
    for (sql, right) in questions {
        let sql = format!("{SMALL}{sql}");
        assert_eq!(rows_anywhere(&session, &sql), **right, "{sql}");
    }
}

#[test]
fn the_first_row_of_each_is_told_by_the_order() {
    each_answers(&[
        ("select distinct on (day) day, x from d order by day, x desc", &["2023-01-01 2", "2023-03-01 4"]),
        ("select distinct on (day) x from d order by day desc, day desc, x", &["4", "1"]),
        ("select distinct on (day) x from d order by day, x > 0 desc, day, x limit 1", &["1"]),
        (
            "select distinct on (k) k, v in (select w from b) from a order by k, v",
            &["1 true", "2 false", "4 false", "- false"],
        ),
        ("select distinct on (k) w from b order by k, exists (select 1 from a where a.v = b.w), w", &["5", "10", "50"]),
        ("select count(*) from (select distinct on (k) k from b) t", &["3"]),
    ]);
}

#[test]
fn grouping_sets_are_of_anything() {
    each_answers(&[
        (
            "select day - 31, sum(x) from d group by rollup (day - 31) order by 1, 2",
            &["2022-12-01 3", "2023-01-29 4", "- 7"],
        ),
        (
            "select date_diff('week', day - 31, date '2023-01-01') as weeks, grouping(day - 31), count(*) from d \
             group by grouping sets ((day - 31), (date_diff('week', day - 31, date '2023-01-01'))) having max(7) is not null order by 3, 1",
            &["-4 1 1", "- 0 1", "4 1 2", "- 0 2"],
        ),
        (
            "select count(*), sum(c) from (select upper(cast(a.v as text)) as t, b.w + 1 as n, count(*) as c from a left join b \
             on a.k = b.k group by rollup (upper(cast(a.v as text)), b.w + 1)) q",
            &["10 15"],
        ),
        ("select 'x' as c, k, count(*) from a group by cube ('x', k) having k = 4 order by 1", &["x 4 1", "- 4 1"]),
    ]);
}

#[test]
fn a_shared_column_is_whichever_is_there() {
    each_answers(&[
        (
            "select k, a.v, w from a full join b using (k) order by k, v, w",
            &["1 10 5", "1 10 6", "2 20 -", "4 40 -", "5 - 10", "- 30 -", "- - 50"],
        ),
        ("select * from a right join b using (k) order by k, w", &["1 10 5", "1 10 6", "5 - 10", "- - 50"]),
        (
            "select k, count(*) from a full join b using (k) group by k having k is not null order by k desc",
            &["5 1", "4 1", "2 1", "1 2"],
        ),
        ("select max(k) from a left join b using (k) where k is not null and b.k is null", &["4"]),
        ("select k, c.n from a full join b using (k) join (values (5, 7)) c(k, n) using (k)", &["5 7"]),
        (
            "select k from a full join b using (k) full join (values (5, 7), (6, 8)) c(k, n) using (k) where k > 3 order by k",
            &["4", "5", "6"],
        ),
        ("select count(*) from a full join b using (k) where exists (select 1 from b where k = 5)", &["7"]),
    ]);
    for sql in ["select 1 from a natural full join b", "select k from a join b on a.k = b.k full join a c using (k)"] {
        let error = session(1).query(&format!("{SMALL}{sql}")).err().unwrap();
        assert!(error.hint().is_some_and(|hint| hint.contains("name the")), "{error}");
    }
}

#[test]
fn like_takes_the_meaning_from_a_sign_by_any_other() {
    each_answers(&[
        (
            "select '50%' like '50!%' escape '!', '50x' like '50!%' escape '!', 'a\\b' like 'a\\_' escape '!'",
            &["true false true"],
        ),
        (
            "select 'A_b' ilike 'a#_B' escape '#', 'a\\b' like 'a\\%' escape '', 'axb' not like 'a!_b' escape '!'",
            &["true true true"],
        ),
    ]);
}

#[test]
fn a_condition_keeps_the_next_one_from_failing() {
    each_answers(&[
        ("select count(*) from (values (0), (2), (null)) t(x) where x <> 0 and 10 / x > 1", &["1"]),
        ("select count(*) from (values (0), (2)) t(x) where x = 0 or 10 / x > 1", &["2"]),
        (
            "select x <> 0 and 10 / x > 1, x = 0 or 10 / x > 6 from (values (0), (2), (null)) t(x) order by x",
            &["false true", "true false", "- -"],
        ),
        ("select count(*) from (values ('x'), ('7')) t(x) where x ~ '^[0-9]+$' and cast(x as int) > 5", &["1"]),
        ("select count(*) from (values (0), (2)) t(x) where x > 0 and x < 9 and 10 % x = 0", &["1"]),
    ]);
    let error = session(1).query(&format!("{SMALL}select count(*) from a where 10 / (v - v) > 1"));
    assert!(error.and_then(virta_query::Answer::collect).is_err(), "nothing guards it");
}

#[test]
fn lengths_of_time_are_multiplied_compared_and_added_to_days() {
    each_answers(&[
        (
            "select day + 3 * interval '1 month', interval '1 week' * x + day, day - to_days(x), day + interval (x) month from d where x = 4",
            &["2023-06-01 2023-03-29 2023-02-25 2023-07-01"],
        ),
        (
            "select timestamp '2023-01-31 10:00:00' + to_months(1) + to_hours(-11), -2 * interval '1 day' < interval '0 days'",
            &["2023-02-27T23:00:00 true"],
        ),
        (
            "select count(*) from d where interval '1 month' in (interval '30 days') and interval (x) day > interval '23 hours'",
            &["3"],
        ),
    ]);
    let error = session(1).query(&format!("{SMALL}select day + interval (x) hour from d")).err().unwrap();
    assert!(error.hint().is_some_and(|hint| hint.contains("cast(day as timestamp)")), "{error}");
}

#[test]
fn rows_are_ordered_by_what_a_subquery_tells_of_them() {
    each_answers(&[
        ("select v from a order by (select count(*) from b where b.k = a.k) desc, v", &["10", "20", "30", "40"]),
        ("select v as w from a order by exists (select 1 from b where b.k = a.k) desc, w desc limit 2", &["10", "40"]),
        ("select * from a order by k in (select k from b) nulls first, v desc limit 1", &["4 40"]),
        (
            "select k, count(*) from b group by k order by (select max(v) from a where a.k = b.k) nulls last, k nulls last",
            &["1 2", "5 1", "- 1"],
        ),
    ]);
}

#[test]
fn fractions_keep_their_places_in_texts() {
    each_answers(&[
        (
            "select cast(1.50 + 1 as text), cast(-2.50 * x as varchar), 0.10::text, concat(case when x > 0 then 1.0 end, '%') from d where x = 4",
            &["2.50 -10.00 0.10 1.0%"],
        ),
        (
            "select cast(7 / 2.0 as text), cast(1e3 as text), cast(x / 2.0 as text) from d where x = 1 limit 1",
            &["3.5 1000.0 0.5"],
        ),
    ]);
}

#[test]
fn small_forms_of_others_are_known() {
    each_answers(&[
        ("select 0x1F, 1_000 + 1, sqrt(-4) = sqrt(-4), sqrt(4)", &["31 1001 true 2.0"]),
        ("select count(distinct (k, w)), count(distinct (k, w > 7)) from b", &["4 3"]),
        ("select sum(q.v) from a cross join lateral (select a.v) q", &["100"]),
        (
            "select string_split('', '-'), list_sort([3, null, 1]), list_sort([1, null, 3], 'DESC')",
            &["[] [1, 3, -] [3, 1, -]"],
        ),
        ("select array_length(string_split('', '-')), strlen('ä'), unicode('ä')", &["1 2 228"]),
        (
            "select bool_or(w > 7) over (order by w rows between 1 preceding and current row) from b order by w",
            &["false", "false", "true", "true"],
        ),
        (
            "select cast(true as decimal(3, 1)), try_cast(null as time) is null, try_cast('8' as time) is null",
            &["1.0 true true"],
        ),
        (
            "select count(*) from (values ('2023-01-31 08:30'), ('2023-01-31')) t(x) where cast(x as timestamp) >= timestamp '2023-01-31 00:00:00' and cast(x as date) = date '2023-01-31'",
            &["2"],
        ),
        (
            "select cast(cast('2023-01-31' as varchar) as date), cast(null as varchar)::date is null, cast(cast('8:00' as varchar) as time) is null",
            &["2023-01-31 true false"],
        ),
        ("select count(*) from (values (cast(1 as decimal(5, 2)))) t(x) where x < 1e16", &["1"]),
    ]);
    let session = session(1);
    assert_eq!(rows(&session, "from services"), rows(&session, "select * from services"));
    assert!(rows(&session, "select version()")[0].starts_with("virta "));
    assert_eq!(rows(&session, "describe select 1 as a, 'x' as b"), ["a bigint no", "b text no"]);
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
        ("select arg_max(x, x), min_by(t.x, x) from (values (1), (3)) t(x) group by x > 0", "3 1"),
        ("select first_value(x order by y desc, y, x) from (values (1, 2), (3, 2)) t(x, y) group by y", "1"),
        (
            "select listagg(x, '-') within group (order by y desc) from (values ('a', 1), ('b', 3), ('c', 2)) t(x, y)",
            "b-c-a",
        ),
        (
            "select string_agg(x, '+') within group (order by y), array_agg(x) within group (order by y) from (values ('a', 1), ('b', 3), ('c', 2)) t(x, y)",
            "a+c+b [a, c, b]",
        ),
        ("select quantile_disc(distinct x, 0.5) from (values (1), (2), (9), (9), (9)) t(x)", "2"),
        (
            "select first(x order by x), last(x order by x), every(x > 0), sign(-2) from (values (1), (2)) t(x)",
            "1 2 true -1.0",
        ),
        ("select string_split('a_b', '_')", "[a, b]"),
        (
            "select timestamp '2014-01-01 10:30' > '2014-01-01 10:29', cast('2014-01-01T10:30' as timestamp) = timestamp '2014-01-01 10:30:00'",
            "true true",
        ),
        (
            "select round(x, 2) = x, round(x, 1) > x, round(x), round(7, -1), round(1.25, 1) from (values (cast(1.25 as decimal(12, 2)))) t(x)",
            "true true 1 10 1.3",
        ),
        ("select quantile_disc(3, 0.5), first(x order by 1, x desc) from (values (1), (2)) t(x)", "3 2"),
        (
            "select lag(abs(x) ignore nulls) over (order by n), lead(x + abs(x), 1 ignore nulls) over (order by n) from (values (1, -1), (2, null), (3, 4)) t(n, x) order by n desc limit 1",
            "1 -",
        ),
        (
            "select count(*) filter (where ((x < 3) <> (y >= y)) is not true), sum(case when ((x < 3) <> (y >= y)) is not true then 1 end) from (values (1, 1), (4, null)) t(x, y)",
            "2 2",
        ),
        ("select cast(1.5 as int), 1.5, cast(true as int)", "2 1.5 1"),
        (
            "select sum(cast(x as int)), sum(x), sum(cast(cast(x as int) as decimal(5, 1))), count(distinct cast(x as int)), count(distinct x) from (values (1.5), (1.25)) t(x)",
            "3 2.75 3.0 2 2",
        ),
        ("select cast(x as int) as a, x, count(*) from (values (1.4), (1.4)) t(x) group by 1, 2 order by 2", "1 1.4 2"),
        (
            "select try_cast(x as int), max(x) from (values ('1'), ('1')) t(x) group by try_cast(x as int), x having count(*) > 1 order by try_cast(x as int)",
            "1 1",
        ),
        (
            "select sum(x) over (partition by x::int), sum(x::int) over (partition by x::int) from (values (1.5), (2.25)) t(x) limit 1",
            "3.75 4",
        ),
    ] {
        assert_eq!(rows_anywhere(&session, sql), [right], "{sql}");
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
    let mut faults: Vec<String> = Vec::new();
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
        "select age(birth_date) from clients",
        "select to_json(service) from services",
        "select * from read_csv('x.csv')",
        "select 7 // 2",
        "pivot contacts on service using sum(cost_cents)",
        "select * from contacts where service in (select service, package from services)",
        "select (select service, package from services) from contacts",
        "create temp view contacts as select 1",
        "drop view nosuch",
        "select string_agg(service, '-') over (order by contact_id rows 2 preceding) from contacts",
        "select interval '1 month' / 2",
        "select interval '1 month' * 1.5",
        "select date '2012-01-01' * 2",
        "select start_date + start_date from contacts",
        "select start_date + 1.5 from contacts",
        "select cost_cents = is_stay from contacts",
        "select cost_cents like 'a' from contacts",
        "select cost_cents ~ 'a' from contacts",
        "select is_stay in (1, 0) from contacts",
        "select is_stay || is_stay from contacts",
        "select not service from contacts",
        "select * from contacts where cost_cents + 1",
        "select * from contacts where count(*) > 1",
        "select sum(sum(cost_cents)) from contacts",
        "select sum(row_number() over ()) from contacts",
        "select lag(service, cost_cents) over (order by contact_id) from contacts",
        "select is_stay from contacts union select cost_cents from contacts",
        "select (service, unit) > 1 from contacts",
        "select cast(is_stay as date) from contacts",
        "select cast('a' as uuid)",
        "select cast(start_time as date) from contacts",
        "select cast(1000 as decimal(3, 2))",
        "select cast(1 as decimal(2, 5))",
        "select service ~ '(' from contacts",
        "select regexp_replace(service, '(', 'x') from contacts",
        "select regexp_like(service, 'a', 'zzz') from contacts",
        "select service similar to '(' from contacts",
        "select extract(year from start_time) from contacts",
        "select cost_cents[1] from contacts",
        "select unnest(service) from contacts",
        "select string_agg(service, unit) from contacts",
        "select string_agg(service, ',' order by unit) over () from contacts",
        "select * from (select 1) q(a, b)",
        "select service from contacts group by 3",
        "select service from contacts order by 3",
        "select distinct service from contacts order by unit",
        "select (select service, unit from contacts limit 1)",
        "select percentile_cont(2) within group (order by cost_cents) from contacts",
        "select percentile_cont(cost_cents) within group (order by cost_cents) from contacts",
        "select grouping(service) from contacts",
        "select * from contacts left join services",
        "select cost_cents div 2 from contacts",
        "select @x",
        "select ~cost_cents from contacts",
        "select n'abc'",
        "select top 3 service from contacts",
        "select count(distinct service, mode) from contacts",
        "select mode() within group (order by service) from contacts",
        "select array_agg(mode order by mode), string_agg(mode, ',' order by start_date) from contacts",
        "pragma version",
        "select to_char(start_date, 'YYYY-MM') from contacts",
        "select sum(cost_cents) over (nosuch order by start_date) from contacts",
        "select sum(cost_cents) over (w order by service) from contacts window w as (order by start_date)",
        "select count_if(distinct is_stay) from contacts",
        "select 1 where (1, 2) = (1, 2, 3)",
    ] {
        let Err(error) = session.query(sql).and_then(virta_query::Answer::collect) else {
            faults.push(format!("{sql}: an answer"));
            continue;
        };
        let error = error.explain("");
        let of_the_engine = [
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
            "retract_batch",
            "Unsupported",
            "engine failed",
            "Struct(",
            "List(",
            "Word(",
            "make_array",
            "array_element",
            "not implemented",
        ];
        let is_told = error.contains("hint") || error.contains("expected");
        if !is_told || of_the_engine.iter().any(|word| error.contains(word)) {
            faults.push(format!("{sql}: {error}"));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
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

/// What would be larger than a batch of an answer may be is refused before it is made.
#[test]
fn texts_and_lists_are_as_large_as_memory_allows() {
    let session = session(1);
    for (sql, is_right) in [
        ("select length(repeat('x', 1000)), length(repeat('x', 1000000))", true),
        ("select length(repeat('x', 1000000000))", false),
        ("select max(length(repeat(service, 1000000))) from contacts", false),
        ("select max(length(lpad(service, 300000000, 'y'))) from contacts", false),
        ("select array_length(generate_series(1, 1000000))", true),
        ("select array_length(generate_series(1, 1000000000))", false),
        ("select array_length(range(1000000000))", false),
        ("select max(array_length(generate_series(1, 1000000))) from contacts", false),
        (
            "select array_length(generate_series(timestamp '2013-01-01 00:00:00', timestamp '2014-01-01 00:00:00', interval '1 second'))",
            true,
        ),
        ("select array_length(generate_series(date '0001-01-01', date '9999-01-01', interval '1 second'))", false),
        (
            "select count(*) from (select unnest(generate_series(date '2012-01-01', date '2014-12-31', interval '1 day')) d)",
            true,
        ),
        ("select array_length(array_repeat(1, 1000000000))", false),
        ("select max(array_length(array_repeat(value, 10000))) from generate_series(1, 8000)", false),
        ("select coalesce(repeat(service, length(service)), 'x') from contacts limit 1", true),
        ("select repeat('-', 3) as line, count(*) from contacts group by repeat('-', 3)", true),
    ] {
        let answer = session.query(sql).and_then(virta_query::Answer::collect);
        match (answer, is_right) {
            (Ok(_), true) => {}
            (Err(error), false) => assert!(error.to_string().contains("too large"), "{sql}: {error}"),
            (Ok(_), false) => panic!("{sql} was answered"),
            (Err(error), true) => panic!("{sql}: {}", error.explain(sql)),
        }
    }
}

#[test]
fn what_binds_less_than_a_comparison_with_nulls_stays_outside_it_in_every_place() {
    let session = session(2);
    for sql in [
        "select false is not distinct from true and false",
        "select first(false is not distinct from true and false order by n) from (values (1), (2)) t(n)",
        "select arg_max(false is not distinct from true and false, n) from (values (1), (2)) t(n)",
        "select bool_or(false is not distinct from true and false) from (values (1), (2)) t(n)",
        "select first(n is distinct from n and true or false order by n) from (values (1), (2)) t(n)",
    ] {
        assert_eq!(rows(&session, sql), ["false"], "{sql}");
    }
}

#[test]
fn a_point_in_time_as_a_text_has_a_space() {
    let session = session(2);
    for (sql, right) in [
        ("select cast(timestamp '2012-01-31 23:59:05' as varchar)", "2012-01-31 23:59:05"),
        (
            "select substr(cast(t as text), 1, 18) from (values (timestamp '2012-01-31 23:59:05')) v(t)",
            "2012-01-31 23:59:0",
        ),
        (
            "select string_agg(cast(t as text), ',' order by t) from (values (timestamp '2012-01-31 00:00:00')) v(t)",
            "2012-01-31 00:00:00",
        ),
        (
            "select count(*) from (values (timestamp '2012-01-31 08:00:00')) v(t) where cast(t as text) = '2012-01-31 08:00:00'",
            "1",
        ),
    ] {
        assert_eq!(rows_anywhere(&session, sql), [right], "{sql}");
    }
}
