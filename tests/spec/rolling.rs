//! Rule 4's rolling windows.

use super::{Case, check};

#[test]
fn the_window_ends_on_a_day_of_the_period_and_may_begin_before_it() {
    // Ten days [d - 9, d]: client 1's four services lie within 2012-12-28..2013-01-06; client 2 needs eleven days.
    check(Case {
        study: "[[cohort]]\nname = \"c\"\nrolling_days = 10\n",
        contacts: "
            client service start
            1 a 2012-12-28
            1 b 2012-12-29
            1 c 2013-01-01
            1 d 2013-01-06
            2 a 2012-12-28
            2 b 2012-12-29
            2 c 2013-01-01
            2 d 2013-01-07",
        expect: "
            > members
            client_id services contacts qualified_on service_set
            1 4 2 2013-01-06 a+b+c+d
            > attrition
            rule | remaining | removed | removed_alone
            users~ | 2 | 0 | 0
            services~ | 1 | 1 | 1",
        ..Case::default()
    });
}

#[test]
fn a_window_of_one_day_asks_for_the_same_day() {
    check(Case {
        study: "[[cohort]]\nname = \"c\"\nmin_services = 2\nrolling_days = 1\n",
        contacts: "
            client service start
            1 a 2013-01-01
            1 b 2013-01-02
            1 c 2013-01-02
            2 a 2013-01-01
            2 b 2013-01-02",
        expect: "
            > members
            client_id service_set qualified_on
            1 b+c 2013-01-02",
        ..Case::default()
    });
}

#[test]
fn the_services_are_those_of_the_earliest_window() {
    // The window of 5 January holds a, b; c comes later and a has gone by then.
    check(Case {
        study: "[[cohort]]\nname = \"c\"\nmin_services = 2\nrolling_days = 7\n",
        contacts: "
            client service start
            1 a 2013-01-01
            1 b 2013-01-05
            1 c 2013-01-10
            1 d 2013-01-11",
        expect: "
            > members
            client_id services contacts service_set qualified_on
            1 2 4 a+b 2013-01-05",
        ..Case::default()
    });
}

#[test]
fn a_window_that_ends_before_the_period_does_not_count() {
    // Both services lie in 2012: the window of 2013-01-01 begins on 2012-12-31 and holds only b.
    check(Case {
        study: "[[cohort]]\nname = \"c\"\nmin_services = 2\nrolling_days = 2\n",
        contacts: "
            client service start
            1 a 2012-12-30
            1 b 2012-12-31
            1 b 2013-06-01",
        expect: "> members\nclient_id",
        ..Case::default()
    });
}

#[test]
fn a_window_full_of_the_days_before_qualifies_on_the_first_day() {
    check(Case {
        study: "[[cohort]]\nname = \"c\"\nmin_services = 2\nrolling_days = 3\n",
        contacts: "
            client service start
            1 a 2012-12-30
            1 b 2012-12-31
            1 b 2013-06-01",
        expect: "
            > members
            client_id service_set qualified_on contacts
            1 a+b 2013-01-01 1",
        ..Case::default()
    });
}

#[test]
fn thresholds_are_reached_within_the_window() {
    // Two contacts of each service in 10 days: a on 1 and 10 January is within, b on 5 and 15 is not; b on 15 and 24 is.
    check(Case {
        study: "[[cohort]]\nname = \"c\"\nmin_services = 2\nrolling_days = 10\n[cohort.heavy]\nmin_contacts = 2\n",
        contacts: "
            client service start
            1 a 2013-01-01
            1 b 2013-01-05
            1 a 2013-01-10
            1 b 2013-01-15
            1 a 2013-01-19
            1 b 2013-01-24
            2 a 2013-01-01
            2 a 2013-01-10
            2 b 2013-01-02
            2 b 2013-01-11
            3 a 2013-01-01
            3 a 2013-01-10
            3 b 2013-01-01
            3 b 2013-01-10",
        expect: "
            > members
            client_id qualified_on service_set
            3 2013-01-10 a+b",
        ..Case::default()
    });
}

#[test]
fn a_stay_is_in_every_window_that_it_touches() {
    // The stay ends on 10 January: windows of 5 days up to 14 January hold it.
    check(Case {
        study: "[[cohort]]\nname = \"c\"\nmin_services = 2\nrolling_days = 5\n",
        contacts: "
            client service start end
            1 a 2012-11-01 2013-01-10
            1 b 2013-01-14 -
            2 a 2012-11-01 2013-01-10
            2 b 2013-01-15 -
            3 a 2013-03-01 2013-03-20
            3 b 2013-02-25 -
            4 a 2013-03-01 2013-03-20
            4 b 2013-02-24 -",
        expect: "
            > members
            client_id qualified_on
            1 2013-01-14
            3 2013-03-01",
        ..Case::default()
    });
}

#[test]
fn days_and_cost_of_a_stay_are_those_inside_the_window() {
    // min_days 4 within 5 days: four days of the stay are in the window of 4 March. Cost is 10 a day.
    check(Case {
        study: "
            [[cohort]]
            name = \"days\"
            min_services = 1
            rolling_days = 5
            heavy = { min_days = 4 }
            [[cohort]]
            name = \"cost\"
            min_services = 1
            rolling_days = 5
            heavy = { min_cost_cents = 50 }
            [[cohort]]
            name = \"more\"
            min_services = 1
            rolling_days = 5
            heavy = { min_cost_cents = 51 }",
        contacts: "
            client service start end cost
            1 a 2013-03-01 2013-03-20 200",
        expect: "
            > members
            cohort qualified_on cost_cents stay_days
            days 2013-03-04 200 20
            cost 2013-03-05 200 20",
        ..Case::default()
    });
}

#[test]
fn a_rolling_year_finds_what_no_calendar_year_holds() {
    // 365 days: from 2012-07-02 to 2013-07-01 it is exactly 365.
    check(Case {
        study: "
            [[cohort]]
            name = \"calendar\"
            min_services = 2
            [[cohort]]
            name = \"rolling\"
            min_services = 2
            rolling_days = 365",
        contacts: "
            client service start
            1 a 2012-07-02
            1 b 2013-07-01
            2 a 2012-07-01
            2 b 2013-07-01",
        expect: "
            > members
            cohort client_id qualified_on
            rolling 1 2013-07-01",
        ..Case::default()
    });
}

#[test]
fn who_only_has_contacts_before_the_period_is_no_user_of_it() {
    check(Case {
        study: "[[cohort]]\nname = \"c\"\nmin_services = 2\nrolling_days = 30\n",
        contacts: "
            client service start
            1 a 2012-12-30
            1 b 2012-12-31",
        expect: "
            > members
            client_id
            > summary
            clients
            0",
        ..Case::default()
    });
}
