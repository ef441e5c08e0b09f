use crate::{plan, session};

/// Sorted, cut by client: what the plan of a question by client must not hold.
fn check(sql: &str, without: &[&str], with: &[&str]) {
    let plan = plan(&session(2), sql);
    for word in without {
        assert!(!plan.contains(word), "{word} in\n{plan}");
    }
    for word in with {
        assert!(plan.contains(word), "no {word} in\n{plan}");
    }
}

const NO_EXCHANGE: &[&str] = &["RepartitionExec", "SortExec: expr"];

#[test]
fn grouping_by_client_streams_where_the_rows_lie() {
    check(
        "select client_id, count(*), sum(cost_cents) from contacts group by client_id",
        NO_EXCHANGE,
        &["AggregateExec: mode=SinglePartitioned", "ordering_mode=Sorted"],
    );
}

#[test]
fn grouping_by_client_and_more_streams_too() {
    check(
        "select client_id, service, count(*) from contacts group by client_id, service",
        NO_EXCHANGE,
        &["AggregateExec: mode=SinglePartitioned", "ordering_mode=PartiallySorted"],
    );
}

#[test]
fn distinct_codes_by_client_are_sets_of_bits() {
    check(
        "select client_id, count(distinct service) from contacts where start_date >= date '2013-01-01' group by client_id",
        NO_EXCHANGE,
        &["service_count", "mode=SinglePartitioned"],
    );
}

#[test]
fn the_order_by_client_is_for_free() {
    check(
        "select client_id, start_date, service from contacts order by client_id, start_date",
        &["SortExec: expr"],
        &["SortPreservingMergeExec"],
    );
}

#[test]
fn windows_over_a_clients_contacts_neither_exchange_nor_sort() {
    check(
        "select client_id, service, lag(service) over (partition by client_id order by start_date, start_time) \
         from contacts",
        NO_EXCHANGE,
        &["ClientWindows"],
    );
}

#[test]
fn joins_by_client_meet_where_the_rows_lie() {
    check(
        "select sex, count(*) from contacts join clients using (client_id) group by sex",
        &["RepartitionExec: partitioning=Hash([client_id"],
        &["HashJoinExec"],
    );
}

#[test]
fn a_client_is_looked_for_in_one_file() {
    let session = session(2);
    let id = crate::rows(&session, "select client_id from clients order by client_id limit 1 offset 700").remove(0);
    let plan = plan(&session, &format!("select * from contacts where client_id = {id} order by start_date"));
    assert!(plan.contains("StoreScan: table=contacts, files=1,"), "{plan}");
    let none = crate::plan(&session, "select * from contacts where client_id = -5");
    assert!(!none.contains("StoreScan"), "{none}");
}

#[test]
fn plans_do_not_tell_where_the_store_lies() {
    let plan = plan(&session(2), "select * from contacts");
    let root = crate::store().root().display().to_string();
    assert!(!plan.contains(&root), "{plan}");
}
