//! Rule 1: what belongs to a period, days of stays, spread costs.

use super::{Case, check};

const ONE: &str = "[[cohort]]\nname = \"c\"\nmin_services = 1\n";
const TWO_YEARS: &str =
    "[study]\nname = \"s\"\nperiods = [\"2013\", \"2014\"]\n[[cohort]]\nname = \"c\"\nmin_services = 1\n";

#[test]
fn a_visit_belongs_to_the_period_of_its_start() {
    check(Case {
        study: ONE,
        contacts: "
            client service start
            1 a 2012-12-31
            2 a 2013-01-01
            3 a 2013-12-31
            4 a 2014-01-01",
        expect: "
            > members
            client_id contacts qualified_on
            2 1 2013-01-01
            3 1 2013-12-31
            > summary
            clients contacts
            2 2",
        ..Case::default()
    });
}

#[test]
fn the_end_date_of_a_visit_says_nothing_about_periods() {
    check(Case {
        study: TWO_YEARS,
        contacts: "
            client service start end stay cost
            1 a 2013-12-31 2014-01-01 no 100",
        expect: "
            > members
            period client_id contacts stay_days cost_cents
            2013 1 1 0 100",
        ..Case::default()
    });
}

#[test]
fn a_stay_that_spans_new_year_counts_in_both_years() {
    // 31 December is 1 day of 4: 1001 * 1 / 4 = 250.25, rounded down.
    check(Case {
        study: TWO_YEARS,
        contacts: "
            client service start end cost
            1 a 2013-12-31 2014-01-03 1001",
        expect: "
            > members
            period client_id contacts stay_days cost_cents qualified_on
            2013 1 1 1 250 2013-12-31
            2014 1 1 3 751 2014-01-01",
        ..Case::default()
    });
}

#[test]
fn a_stay_belongs_to_a_period_that_its_last_or_first_day_touches() {
    check(Case {
        study: ONE,
        contacts: "
            client service start end
            1 a 2012-06-01 2012-12-31
            2 a 2012-06-01 2013-01-01
            3 a 2013-12-31 2014-06-01
            4 a 2014-01-01 2014-06-01
            5 a 2012-06-01 2014-06-01",
        expect: "
            > members
            client_id contacts stay_days qualified_on
            2 1 1 2013-01-01
            3 1 1 2013-12-31
            5 1 365 2013-01-01",
        ..Case::default()
    });
}

#[test]
fn a_stay_of_one_day_has_one_day() {
    check(Case {
        study: ONE,
        contacts: "
            client service start end cost
            1 a 2013-05-05 2013-05-05 7",
        expect: "
            > members
            client_id contacts stay_days cost_cents
            1 1 1 7",
        ..Case::default()
    });
}

#[test]
fn an_open_stay_runs_to_a_move_or_a_death_and_else_to_the_newest_day_of_the_store() {
    // The newest day is client 9's visit on 2014-01-10.
    check(Case {
        study: TWO_YEARS,
        clients: "
            client from to died
            1 2010-01-01 2013-12-30 -
            2 2010-01-01 - 2014-01-02
            3 2010-01-01 2014-01-05 2014-01-03
            4 2010-01-01 - -
            5 2010-01-01 2014-12-31 -
            9 2010-01-01 - -",
        contacts: "
            client service start end
            1 a 2013-12-29 open
            2 a 2013-12-29 open
            3 a 2013-12-29 open
            4 a 2013-12-29 open
            5 a 2013-12-29 open
            6 a 2013-12-29 open
            9 a 2014-01-10 -",
        expect: "
            > members
            period client_id stay_days
            2013 1 2
            2013 2 3
            2013 3 3
            2013 4 3
            2013 5 3
            2013 6 3
            2014 2 2
            2014 3 3
            2014 4 10
            2014 5 10
            2014 6 10
            2014 9 0",
        ..Case::default()
    });
}

#[test]
fn an_open_stay_that_begins_after_observation_ended_is_one_day() {
    check(Case {
        study: ONE,
        clients: "
            client from died
            1 2010-01-01 2013-03-01",
        contacts: "
            client service start end
            1 a 2013-03-05 open
            1 b 2013-08-01 -",
        expect: "
            > members
            client_id contacts stay_days
            1 2 1",
        ..Case::default()
    });
}

#[test]
fn the_cost_of_adjacent_periods_adds_up_to_the_cent() {
    // 100 cents over 7 days: up to day d it is 14, 28, 42, 57, 71, 85, 100.
    check(Case {
        study: "
            [study]
            name = \"s\"
            periods = [\"2013-01-01..2013-01-01\", \"2013-01-02..2013-01-03\", \"2013-01-04..2013-01-06\", \"2013-01-07..2013-01-31\"]
            ",
        contacts: "
            client service start end cost
            1 a 2013-01-01 2013-01-07 100",
        expect: "
            > summary
            period cost_cents
            2013-01-01..2013-01-01 14
            2013-01-02..2013-01-03 28
            2013-01-04..2013-01-06 43
            2013-01-07..2013-01-31 15",
        ..Case::default()
    });
}

#[test]
fn a_negative_cost_is_rounded_down_too() {
    // -100 over 3 days: -34, -67, -100.
    check(Case {
        study: "
            [study]
            name = \"s\"
            periods = [\"2013-01-01..2013-01-01\", \"2013-01-02..2013-01-02\", \"2013-01-03..2013-01-31\"]
            ",
        contacts: "
            client service start end cost
            1 a 2013-01-01 2013-01-03 -100",
        expect: "
            > summary
            period cost_cents
            2013-01-01..2013-01-01 -34
            2013-01-02..2013-01-02 -33
            2013-01-03..2013-01-31 -33",
        ..Case::default()
    });
}

#[test]
fn an_unpriced_contact_is_counted_apart_and_a_free_one_is_not() {
    check(Case {
        study: "",
        contacts: "
            client service start cost
            1 a 2013-01-01 -
            1 a 2013-01-02 0
            1 a 2013-01-03 5",
        expect: "
            > summary
            contacts cost_cents unpriced_contacts
            3 5 1",
        ..Case::default()
    });
}

#[test]
fn a_service_without_stays_has_no_days_of_stays_whatever_its_contacts_are() {
    check(Case {
        services: "
            service stays
            visits no
            ward -",
        contacts: "
            client service start end
            1 visits 2013-01-05 2013-01-09
            1 ward 2013-02-01 2013-02-02",
        expect: "
            > service_use
            service clients contacts stay_days
            visits 1 1 0
            ward 1 1 2
            > zeros table=service_use
            measure key_column key_value
            stay_days service visits",
        ..Case::default()
    });
}
