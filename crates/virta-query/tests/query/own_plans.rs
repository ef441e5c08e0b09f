//! The store's own scans, windows and groups against DataFusion's: the same question, once where ours apply and once
//! where they cannot.

use virta_query::{Options, Session};

use crate::{plan, rows, session};

/// Rows in an order that no window can use.
const SHUFFLED: &str = "(select * from contacts order by contact_id limit 1000000)";

fn window_question(source: &str, window: &str) -> String {
    format!("select client_id, contact_id, {window} as x from {source} as t order by client_id, contact_id")
}

/// An order that leaves no two rows of a client in the same place.
const ORDER: &str = "partition by client_id order by start_date, start_time, service, contact_id";
const TURNED: &str =
    "partition by client_id order by start_date desc, start_time desc nulls first, service desc, contact_id desc";

#[test]
fn windows_walked_client_by_client_answer_as_datafusion_does() {
    let by_day = "partition by client_id order by start_date";
    let windows = [
        format!("row_number() over ({ORDER})"),
        format!("row_number() over ({TURNED})"),
        format!("lag(service) over ({ORDER})"),
        format!("lag(cost_cents, 2) over ({ORDER})"),
        format!("lag(start_date, 3) over ({TURNED})"),
        format!("lead(end_date) over ({ORDER})"),
        format!("lead(service, 2) over ({TURNED})"),
        format!("lag(service, -1) over ({ORDER})"),
        format!("count(*) over ({ORDER})"),
        format!("count(cost_cents) over ({ORDER} rows between 3 preceding and 1 preceding)"),
        format!("sum(cost_cents) over ({ORDER} rows between 2 preceding and 2 following)"),
        format!("sum(cost_cents) over ({TURNED} rows between 1 following and 3 following)"),
        format!("sum(cost_cents) over ({TURNED} rows between unbounded preceding and current row)"),
        format!("first_value(service) over ({ORDER})"),
        format!("last_value(service) over ({ORDER} rows between current row and unbounded following)"),
        format!("last_value(start_date) over ({TURNED} rows between 4 preceding and 2 preceding)"),
        format!("count(*) over ({by_day} range between interval '29' day preceding and current row)"),
        format!("count(*) over ({by_day} range between interval '29' day preceding and interval '1' day preceding)"),
        format!("sum(cost_cents) over ({by_day} range between current row and interval '90' day following)"),
        format!("count(cost_cents) over ({by_day} desc range between interval '14' day preceding and current row)"),
        format!("count(*) over ({by_day} range between unbounded preceding and current row)"),
        format!("sum(cost_cents) over ({by_day})"),
        "count(*) over (partition by client_id)".to_owned(),
        "sum(cost_cents) over (partition by client_id)".to_owned(),
    ];
    for threads in [1, 2, 3] {
        let session = session(threads);
        for window in &windows {
            let ours = window_question("contacts", window);
            let theirs = window_question(SHUFFLED, window);
            assert!(plan(&session, &ours).contains("ClientWindows"), "{window}\n{}", plan(&session, &ours));
            assert!(!plan(&session, &theirs).contains("ClientWindows"), "{window}");
            assert_eq!(rows(&session, &ours), rows(&session, &theirs), "{window} on {threads} threads");
        }
    }
}

#[test]
fn contacts_lie_in_the_order_of_their_sequences_and_without_any_also_in_the_order_without_them() {
    let folder = tempfile::tempdir().unwrap();
    let store = crate::region::build(&folder.path().join("store"), 150, 30, 4, true);
    let mut options = Options::default();
    options.threads = 2;
    let with = Session::open(&store.current().unwrap(), &[], options).unwrap();
    let without = session(2);
    let in_sequence = ORDER.replace("start_time,", "start_time, sequence,");
    for (order, is_stored) in [(in_sequence.as_str(), [true, true]), (ORDER, [false, true])] {
        for (session, is_stored) in [&with, &without].into_iter().zip(is_stored) {
            for window in [format!("lag(service) over ({order})"), format!("row_number() over ({order})")] {
                let ours = window_question("contacts", &window);
                let theirs = window_question(SHUFFLED, &window);
                let plan = plan(session, &ours);
                let is_sorted = plan.lines().any(|line| line.contains("SortExec") && line.contains("start_date"));
                assert_eq!(is_sorted, !is_stored, "{window}\n{plan}");
                assert_eq!(rows(session, &ours), rows(session, &theirs), "{window}");
            }
        }
    }
}

#[test]
fn windows_that_are_not_walked_are_left_to_datafusion_whole() {
    let session = session(2);
    for window in [
        format!("lag(cost_cents) ignore nulls over ({ORDER})"),
        format!("lag(cost_cents, 1, 0) over ({ORDER})"),
        format!("first_value(cost_cents) ignore nulls over ({ORDER})"),
        format!("count(*) filter (where cost_cents > 1000) over ({ORDER})"),
        format!("avg(cost_cents) over ({ORDER})"),
        format!("ntile(4) over ({ORDER})"),
        "count(*) over (partition by client_id order by start_date groups between 1 preceding and current row)".to_owned(),
        "count(*) over (partition by client_id order by start_date range between interval '1' month preceding and current row)"
            .to_owned(),
        "row_number() over (partition by service order by start_date, contact_id)".to_owned(),
        "row_number() over (order by start_date, contact_id)".to_owned(),
    ] {
        let ours = window_question("contacts", &window);
        assert!(!plan(&session, &ours).contains("ClientWindows"), "{window}");
        assert_eq!(rows(&session, &ours), rows(&session, &window_question(SHUFFLED, &window)), "{window}");
    }
}

#[test]
fn a_walk_backwards_needs_no_sort() {
    let sql =
        format!("select * from (select client_id, row_number() over ({TURNED}) as n from contacts) as c where n = 1");
    let plan = plan(&session(2), &sql);
    assert!(plan.contains("walked backwards") && !plan.contains("SortExec"), "{plan}");
}

#[test]
fn groups_by_codes_are_the_groups_by_their_texts() {
    let aggregates = "count(*), count(cost_cents), sum(cost_cents), min(start_date), max(start_date), avg(cost_cents), \
                      count(distinct client_id), sum(cost_cents) filter (where urgency = 'emergency')";
    let keys: [&[&str]; 7] = [
        &["service"],
        &["reason"],
        &["provider", "unit"],
        &["service", "reason", "urgency"],
        &["service", "is_stay"],
        &["mode", "start_date"],
        &["date_part('month', start_date)", "source"],
    ];
    for threads in [2, 3] {
        let session = session(threads);
        for keys in keys {
            let numbers: Vec<String> = (1..=keys.len()).map(|at| at.to_string()).collect();
            let question = |keys: &[String]| {
                let by = numbers.join(", ");
                format!("select {}, {aggregates} from contacts group by {by} order by {by}", keys.join(", "))
            };
            let ours = question(&keys.iter().map(|key| (*key).to_owned()).collect::<Vec<_>>());
            let theirs = question(&keys.iter().map(|key| format!("cast({key} as varchar)")).collect::<Vec<_>>());
            assert!(plan(&session, &ours).contains("CodeGroups"), "{ours}\n{}", plan(&session, &ours));
            assert!(!plan(&session, &theirs).contains("CodeGroups"), "{theirs}");
            let (mut ours, mut theirs) = (rows(&session, &ours), rows(&session, &theirs));
            // As texts, numbers and dates have another order.
            ours.sort();
            theirs.sort();
            assert_eq!(ours, theirs, "{keys:?} on {threads} threads");
        }
    }
}

#[test]
fn groups_by_client_and_codes_are_the_groups_of_rows_in_any_order() {
    let aggregates = "count(*), sum(cost_cents), min(start_date), max(service), avg(cost_cents), count(distinct service), \
                      sum(cost_cents) filter (where urgency = 'emergency'), min(contact_id)";
    let keys = [
        "client_id",
        "client_id, service",
        "provider, client_id",
        "service, client_id, unit, urgency",
        "date_trunc('month', start_date)::date, client_id",
        "client_id, start_date, end_date",
        "client_id, extract(year from end_date)::int, is_stay",
        // More numbers than are kept before they are given anew.
        "client_id, cast(contact_id % 400000 as int)",
    ];
    for threads in [1, 2, 3] {
        let session = session(threads);
        for keys in keys {
            let by: Vec<String> = (1..=keys.matches(", ").count() + 1 - keys.matches("('month', ").count())
                .map(|at| at.to_string())
                .collect();
            let by = by.join(", ");
            for (filter, having) in
                [("", ""), ("where cost_cents > 20000", "having count(*) >= 2"), ("where 1 = 0", "")]
            {
                let question = |source: &str| {
                    format!(
                        "select {keys}, {aggregates} from {source} as t {filter} group by {by} {having} order by {by}"
                    )
                };
                let (ours, theirs) = (question("contacts"), question(SHUFFLED));
                if filter != "where 1 = 0" {
                    assert!(plan(&session, &ours).contains("ClientGroups"), "{ours}\n{}", plan(&session, &ours));
                }
                assert!(!plan(&session, &theirs).contains("ClientGroups"), "{theirs}");
                assert_eq!(rows(&session, &ours), rows(&session, &theirs), "{ours} on {threads} threads");
            }
        }
    }
}

#[test]
fn clients_counted_in_two_steps_are_as_many_as_counted_at_once() {
    let others = "count(*), count(c.cost_cents), sum(c.cost_cents), avg(c.cost_cents), min(c.start_date), max(c.service), \
                  sum(c.cost_cents) filter (where c.urgency = 'emergency'), count(*) filter (where c.is_stay)";
    let joined = "{contacts} c join services s on c.service = s.service";
    for threads in [1, 2] {
        let session = session(threads);
        for (from, by) in [
            ("{contacts} c", "c.service"),
            ("{contacts} c", "c.provider, c.unit"),
            ("{contacts} c", "date_trunc('month', c.start_date)"),
            ("{contacts} c", "extract(year from c.end_date), c.reason"),
            ("{contacts} c", "1"),
            ("{contacts} c where c.cost_cents < 0", "c.service"),
            (joined, "s.sector, c.mode"),
        ] {
            for by in [by, ""] {
                let question = |clients: &str| {
                    let from = from.replace("{contacts}", "contacts");
                    let (shown, group) = match by {
                        "" => (String::new(), String::new()),
                        by => (format!("{by},"), format!("group by {by} order by {by}")),
                    };
                    format!("select {shown} {others}, {clients} from {from} {group}")
                };
                // What is more than a column is counted as DataFusion does.
                let ours = question("count(distinct c.client_id) as clients");
                let theirs = question("count(distinct c.client_id + 0) as clients");
                let plan_of_ours = plan(&session, &ours);
                let is_empty = from.contains("< 0") || by == "1";
                assert!(is_empty || plan_of_ours.contains("__of_group"), "{ours}\n{plan_of_ours}");
                assert!(!plan(&session, &theirs).contains("__of_group"), "{theirs}");
                assert_eq!(rows(&session, &ours), rows(&session, &theirs), "{ours} on {threads} threads");
                let types = |sql: &str| {
                    let answer = session.query(sql).unwrap();
                    let fields = answer.schema().fields().iter();
                    fields.map(|field| format!("{} {}", field.name(), field.data_type())).collect::<Vec<_>>()
                };
                assert_eq!(types(&ours), types(&theirs), "{ours}");
            }
        }
        for left in [
            "select service, count(distinct client_id), median(cost_cents) from contacts group by 1 order by 1",
            "select service, count(distinct client_id), sum(cost_cents * 0.5) from contacts group by 1 order by 1",
            "select service, count(distinct client_id) filter (where is_stay), count(*) from contacts group by 1 order by 1",
        ] {
            let theirs = left.replace("(distinct client_id)", "(distinct client_id + 0)");
            assert!(!plan(&session, left).contains("__of_group"), "{left}");
            assert_eq!(rows(&session, left), rows(&session, &theirs), "{left}");
        }
    }
}

#[test]
fn tables_summed_up_by_client_before_a_join_answer_as_they_do_after_it() {
    let of_parts = "count(*) as n, count(c.provider), sum(c.cost_cents), avg(c.cost_cents), min(c.start_date), \
                    max(c.service), count(distinct c.client_id), count(distinct k.sex), min(k.birth_date)";
    let of_rows = format!(
        "{of_parts}, sum(case when c.urgency = 'emergency' then 1 else 0 end), count(coalesce(c.cost_cents, 0)), \
         count(*) filter (where c.cost_cents > 4000), sum(c.cost_cents) filter (where c.provider is null), sum(2)"
    );
    let joined = "{contacts} c join clients k on c.client_id = k.client_id";
    let some = "(select * from clients where client_id % 3 = 1)";
    let inner = [
        ("", "k.sex, extract(year from k.birth_date)"),
        ("", "k.municipality"),
        ("", "c.client_id, k.sex"),
        ("", "c.client_id % 5"),
        ("", "c.client_id >= 0"),
        ("and c.client_id % 7 <> k.client_id % 2", "k.sex"),
        ("where c.urgency = 'emergency' and k.sex = 'male'", "k.municipality"),
        ("where c.client_id in (select client_id from {some})", "k.sex"),
        ("where c.client_id not in (select client_id from {some})", "k.sex"),
        ("join \"heavy-users\".members m on m.client_id = k.client_id", "m.cohort"),
        ("cross join {some} x where x.client_id % 50 = 1", "x.sex"),
    ];
    let outer = [
        ("clients k left join (select * from {contacts} as c where client_id % 3 = 1) c using (client_id)", "k.sex"),
        (
            "clients k left join {contacts} c on c.client_id = k.client_id and c.start_date > date '2013-06-01' \
             and c.cost_cents > 6000",
            "k.municipality",
        ),
        (
            "{contacts} c right join clients k on c.client_id = k.client_id and c.service = 'no such service' \
             left join {some} x on x.client_id = k.client_id",
            "x.sex",
        ),
    ];
    let mut questions =
        vec![("{contacts} c left join {some} k using (client_id)".to_owned(), "k.sex", of_rows.as_str())];
    questions.extend(inner.map(|(more, by)| (format!("{joined} {more}"), by, of_rows.as_str())));
    questions.extend(outer.map(|(from, by)| (from.to_owned(), by, of_parts)));
    for threads in [1, 2, 3] {
        let session = session(threads);
        for (from, by, aggregates) in &questions {
            let question = |contacts: &str| {
                let from = from.replace("{contacts}", contacts).replace("{some}", some);
                format!("select {aggregates}, {by} as by_1 from {from} group by {by} order by n, {by}")
            };
            let (ours, theirs) = (question("contacts"), question(SHUFFLED));
            let plan_of_ours = plan(&session, &ours);
            assert!(plan_of_ours.contains("__of_client"), "{ours}\n{plan_of_ours}");
            assert!(!plan(&session, &theirs).contains("__of_client"), "{theirs}");
            let (mut found, mut expected) = (rows(&session, &ours), rows(&session, &theirs));
            found.sort();
            expected.sort();
            assert_eq!(found, expected, "{ours} on {threads} threads");
            let types = |sql: &str| {
                let answer = session.query(sql).unwrap();
                let fields = answer.schema().fields().iter();
                fields.map(|field| format!("{} {}", field.name(), field.data_type())).collect::<Vec<_>>()
            };
            assert_eq!(types(&ours), types(&theirs), "{ours}");
        }
    }
}

#[test]
fn tables_are_left_to_the_join_where_a_client_s_rows_must_stay_apart() {
    let session = session(2);
    let joined = "contacts c join clients k on c.client_id = k.client_id";
    for question in [
        format!("select c.service, count(*) from {joined} group by 1 order by 1"),
        format!("select k.sex, count(distinct c.service) from {joined} group by 1 order by 1"),
        format!("select k.sex, sum(c.cost_cents % extract(year from k.birth_date)) from {joined} group by 1 order by 1"),
        format!("select k.sex, median(c.cost_cents) from {joined} group by 1 order by 1"),
        format!("select k.sex, count(*) from {joined} and c.start_date > k.birth_date group by 1 order by 1"),
        format!("select k.sex, count(*) filter (where k.municipality is null) from {joined} group by 1 order by 1"),
        "select k.sex, sum(1) from clients k left join contacts c on c.client_id = k.client_id group by 1 order by 1"
            .to_owned(),
        "select k.sex, count(coalesce(c.service, 'none')) from clients k left join contacts c \
         on c.client_id = k.client_id and c.cost_cents > 6000 group by 1 order by 1"
            .to_owned(),
        "select count(*) from contacts c full join clients k on c.client_id = k.client_id and k.sex = 'male'".to_owned(),
        "select k.sex, count(*) from clients k where exists (select 1 from contacts c where c.client_id = k.client_id) \
         group by 1 order by 1"
            .to_owned(),
    ] {
        let theirs = question.replace("contacts c", &format!("{SHUFFLED} c"));
        assert!(!plan(&session, &question).contains("__of_client"), "{question}");
        assert_eq!(rows(&session, &question), rows(&session, &theirs), "{question}");
    }
}

#[test]
fn a_scan_gives_each_client_once_to_who_asks_only_which_there_are() {
    let session = session(2);
    let late = "c.start_date >= date '2013-10-01'";
    for condition in [
        format!("exists (select 1 from contacts c where c.client_id = k.client_id and {late})"),
        format!("not exists (select 1 from contacts c where c.client_id = k.client_id and {late})"),
        format!("client_id in (select client_id from contacts c where {late})"),
        format!("client_id not in (select client_id from contacts c where {late})"),
    ] {
        let question = format!("select sex, count(*) from clients k where {condition} group by 1 order by 1");
        let theirs = question.replace("contacts c", &format!("{SHUFFLED} c"));
        assert!(plan(&session, &question).contains("once per client"), "{question}");
        assert!(!plan(&session, &theirs).contains("once per client"), "{theirs}");
        assert_eq!(rows(&session, &question), rows(&session, &theirs), "{question}");
    }
}

#[test]
fn texts_are_put_together_as_the_rows_come_where_those_are_in_order() {
    let session = session(2);
    let distinct = "(select distinct client_id, service, provider from contacts)";
    for (texts, order, from) in [
        ("service", "service", distinct),
        ("provider", "provider, service", distinct),
        ("service", "service desc", distinct),
        ("service", "start_date, start_time, service, contact_id", "contacts"),
        ("service", "start_date", "(select * from contacts where cost_cents > 4000)"),
        ("provider", "cost_cents desc nulls last, contact_id", "contacts"),
    ] {
        let question =
            |way: String| format!("select client_id, {way} from {from} group by client_id order by client_id");
        let ours = question(format!("string_agg({texts}, '+' order by {order})"));
        // A list skips nulls only where it becomes a text.
        let theirs = question(format!("nullif(array_to_string(array_agg({texts} order by {order}), '+'), '')"));
        assert_eq!(rows(&session, &ours), rows(&session, &theirs), "{ours}");
    }
    let whole = "select string_agg(service, '+' order by service, contact_id) from contacts where client_id % 9 = 1";
    let lists =
        whole.replace("string_agg(service, '+'", "array_to_string(array_agg(service").replace(") from", "), '+') from");
    assert_eq!(rows(&session, whole), rows(&session, &lists));
}

#[test]
fn a_time_of_day_is_compared_with_one_that_is_written() {
    let session = session(2);
    for (written, as_text) in [
        ("start_time >= time '12:00:00'", "cast(start_time as varchar) >= '12:00:00'"),
        ("time '09:30' > start_time", "cast(start_time as varchar) < '09:30:00'"),
        (
            "start_time between time '08:00' and cast('15:59' as time)",
            "cast(start_time as varchar) between '08:00:00' and '15:59:00'",
        ),
    ] {
        let count = |filter: &str| rows(&session, &format!("select count(*) from contacts where {filter}"));
        assert_eq!(count(written), count(as_text), "{written}");
        assert_ne!(count(written), ["0"], "{written}");
    }
}

#[test]
fn a_scan_of_everybody_reads_what_the_arrow_reader_reads() {
    let session = session(2);
    let snapshot = crate::store().current().unwrap();
    for table in ["contacts", "clients"] {
        let question = format!("select * from {table}");
        assert!(plan(&session, &question).contains("StoreScan"), "{table}");
        let batches: Vec<_> = snapshot.read_all(table, None).collect::<Result<_, _>>().unwrap();
        let (mut ours, mut theirs) = (rows(&session, &question), crate::lines(&batches));
        assert!(ours.len() >= 2000);
        ours.sort();
        theirs.sort();
        assert_eq!(ours, theirs, "{table}");
    }
}

#[test]
fn a_scan_lets_those_rows_pass_that_a_filter_after_it_does() {
    let session = session(2);
    let filters = [
        "service = 'gp'",
        "service <> 'gp' and cost_cents is null",
        "provider is null",
        "provider is not null and provider < 'p2'",
        "provider is null or service in ('gp', 'dental')",
        "start_time is null",
        "cast(start_time as varchar) >= '12:00:00' and not is_stay",
        "not is_stay and start_date between date '2013-02-01' and date '2013-04-15'",
        "end_date is null or end_date > start_date",
        "client_id % 3 = 0",
        "client_id % 19 = 4 and start_date >= date '2013-03-01' and service <> 'gp'",
        "client_id % 19 = 4 and cost_cents / (contact_id % 7 + 1) > 100",
        "service = 'dental' and start_date < date '2013-03-01' and start_date > date '2013-01-05' and client_id % 2 = 0",
        "client_id in (select client_id from clients where sex = 'female')",
        "cost_cents / (contact_id % 7 + 1) > 100 and service = 'gp'",
        "extract(year from start_date) = 2013 and cost_cents > 5000",
        "service = 'no such service'",
        "1 = 0",
        "source like '%a%' and cost_cents * 2 > 30000",
    ];
    for filter in filters {
        let ours = format!("select * from contacts where {filter} order by client_id, start_date, contact_id");
        // A filter does not move below a window over all rows.
        let theirs = format!(
            "select * exclude (n) from (select *, count(*) over () n from contacts) where {filter} \
             order by client_id, start_date, contact_id"
        );
        let found = rows(&session, &ours);
        assert_eq!(found, rows(&session, &theirs), "{filter}");
        let counted = rows(&session, &format!("select count(*) from contacts where {filter}"));
        assert_eq!(counted, [found.len().to_string()], "{filter}");
        let few = rows(&session, &format!("select contact_id from contacts where {filter} limit 5"));
        assert_eq!(few.len(), found.len().min(5), "{filter}");
    }
}

#[test]
fn joins_and_top_rows_tell_a_scan_what_they_need() {
    let session = session(2);
    for (question, same) in [
        (
            "select count(*), sum(x.cost_cents) from contacts x join clients c using (client_id) where c.sex = 'female'",
            "select count(*), sum(cost_cents) from contacts where client_id in \
             (select client_id + 0 from clients where sex || '' = 'female')",
        ),
        (
            "select contact_id, cost_cents from contacts order by cost_cents desc nulls last, contact_id limit 20",
            "select contact_id, cost_cents from (select *, row_number() over \
             (order by cost_cents desc nulls last, contact_id) n from contacts) where n <= 20 order by n",
        ),
        (
            "select start_date, contact_id from contacts where service = 'gp' order by start_date, contact_id limit 9",
            "select start_date, contact_id from (select *, row_number() over (order by start_date, contact_id) n \
             from contacts where service || '' = 'gp') where n <= 9 order by n",
        ),
    ] {
        assert_eq!(rows(&session, question), rows(&session, same), "{question}");
    }
}

#[test]
fn a_limit_ends_a_scan_early() {
    let session = session(2);
    assert_eq!(rows(&session, "select client_id from contacts limit 7").len(), 7);
    assert_eq!(rows(&session, "select client_id from contacts limit 3 offset 5").len(), 3);
}
