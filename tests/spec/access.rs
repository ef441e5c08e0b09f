//! Access: waits by the Finnish calendar, open cases, time limits, coverage.

use super::{Case, check};

#[test]
fn waits_are_working_days_and_the_limit_is_reached_on_its_last_day() {
    // From Monday 4 February 2013: Wednesday 13 is the seventh working day, Thursday 14 the eighth; a Saturday start
    // after Friday counts as the Friday's; the same day is 0.
    check(Case {
        study: "[access]",
        assessments: "
            client tier contacted started completed
            1 basic 2013-02-04 2013-02-13 2013-05-05
            2 basic 2013-02-04 2013-02-14 2013-05-06
            3 basic 2013-02-04 2013-02-04 2013-02-04
            4 basic 2013-02-04 2013-02-09 2013-02-09",
        expect: "
            > access tier=all municipality=all
            clients assessments open start_median_working_days start_p90_working_days start_due started_in_time started_in_time_share complete_median_days complete_p90_days complete_due completed_in_time
            # Starts after 0, 4, 7 and 8 working days; complete after 0, 5, 90 and 91 days.
            4 4 0 5.5 8 4 3 0.75 47.5 91 4 3",
        ..Case::default()
    });
}

#[test]
fn easter_is_no_working_time() {
    // Wednesday 27 March 2013 to Wednesday 3 April: Thursday, Tuesday, Wednesday.
    check(Case {
        study: "[access]",
        assessments: "
            client tier contacted started completed
            1 basic 2013-03-27 2013-04-03 -",
        expect: "
            > access tier=all municipality=all
            start_median_working_days
            3.0",
        ..Case::default()
    });
}

#[test]
fn an_open_case_counts_as_waiting_and_is_not_dropped() {
    // Seen to 31 December 2013. Starts after 1 and 3 working days; two wait from 2 December on, 17 working days (3 to 5, 9 to
    // 13, 16 to 20 and 23 December; 27, 30 and 31). S(1) = 3/4, S(3) = 1/2 exactly and nobody starts later.
    check(Case {
        study: "[access]",
        contacts: "
            client service start
            9 a 2013-12-31",
        assessments: "
            client tier contacted started completed
            1 basic 2013-12-02 2013-12-03 -
            2 basic 2013-12-02 2013-12-05 -
            3 basic 2013-12-02 - -
            4 basic 2013-12-02 - -",
        expect: "
            > access tier=all municipality=all
            assessments open start_median_working_days start_p90_working_days start_due started_in_time started_in_time_share complete_median_days complete_due
            4 2 3.0 - 4 2 0.50 - 0",
        ..Case::default()
    });
}

#[test]
fn a_median_that_is_not_reached_is_null() {
    check(Case {
        study: "[access]",
        assessments: "
            client tier contacted started completed
            1 basic 2013-12-02 2013-12-03 -
            2 basic 2013-12-02 - -
            3 basic 2013-12-02 - -",
        expect: "
            > access tier=all municipality=all
            assessments open start_median_working_days start_due
            3 2 - 1",
        ..Case::default()
    });
}

#[test]
fn a_case_is_decided_when_it_has_waited_longer_than_the_limit() {
    // Seen to Wednesday 13 February. From Monday 4 seven working days have passed, which may still be in time; from
    // Friday 1 eight.
    check(Case {
        study: "[access]",
        contacts: "
            client service start
            9 a 2013-02-13",
        assessments: "
            client tier contacted started completed
            1 basic 2013-02-04 - -
            2 basic 2013-02-01 - -
            3 basic 2013-02-05 2013-02-06 -",
        expect: "
            > access tier=all municipality=all
            open start_due started_in_time
            2 2 1",
        ..Case::default()
    });
}

#[test]
fn waiting_ends_with_the_clients_observation() {
    // Client 1 died on 5 February, a working day after the contact; client 2 started after two working days. Of the one
    // still at risk then, all have started: S(2) = 0.
    check(Case {
        study: "[access]",
        clients: "
            client died
            1 2013-02-05
            2 -",
        contacts: "
            client service start
            9 a 2013-12-31",
        assessments: "
            client tier contacted started completed
            1 basic 2013-02-04 - -
            2 basic 2013-02-04 2013-02-06 -",
        expect: "
            > access tier=all municipality=all
            open start_median_working_days start_p90_working_days start_due
            1 2.0 2 1",
        ..Case::default()
    });
}

#[test]
fn a_completed_assessment_without_a_start_began_when_it_was_completed_at_the_latest() {
    check(Case {
        study: "[access]",
        assessments: "
            client tier contacted started completed
            1 basic 2013-02-04 - 2013-02-06
            2 basic 2013-02-04 2013-02-01 2013-02-06",
        expect: "
            > access tier=all municipality=all
            open start_median_working_days complete_median_days
            # 2, and a start before the contact is 0.
            0 1.0 2.0",
        ..Case::default()
    });
}

#[test]
fn rows_are_by_tier_and_by_where_the_clients_live() {
    check(Case {
        study: "[access]",
        clients: "
            client municipality county
            1 091 south
            2 109 south
            3 272 west
            4 - -",
        assessments: "
            client tier contacted started completed
            1 basic 2013-02-04 - -
            1 guidance 2013-03-04 - -
            2 basic 2013-12-31 - -
            3 multidisciplinary 2013-01-01 - -
            4 basic 2013-02-04 - -
            2 basic 2012-12-31 - -
            2 basic 2014-01-01 - -",
        expect: "
            > access
            tier municipality wellbeing_county clients assessments
            all all all 4 5
            all all south 2 3
            all all west 1 1
            all 091 south 1 2
            all 109 south 1 1
            all 272 west 1 1
            all - - 1 1
            guidance all all 1 1
            guidance all south 1 1
            guidance 091 south 1 1
            basic all all 3 3
            basic all south 2 2
            basic 091 south 1 1
            basic 109 south 1 1
            basic - - 1 1
            multidisciplinary all all 1 1
            multidisciplinary all west 1 1
            multidisciplinary 272 west 1 1",
        ..Case::default()
    });
}

#[test]
fn covered_from_the_first_contact_to_the_periods_end() {
    check(Case {
        study: "[access]",
        assessments: "
            client tier contacted started completed
            1 basic 2013-02-04 - -
            2 basic 2013-02-04 - -
            3 basic 2013-02-04 - -
            4 basic 2013-02-04 - -",
        plans: "
            client kind from to
            # Ended on the day of the contact; the day before; begins on the last day of the period; the day after.
            1 responsible_worker 2012-01-01 2013-02-04
            2 responsible_worker 2012-01-01 2013-02-03
            3 responsible_worker 2013-12-31 -
            4 responsible_worker 2014-01-01 -
            1 consent 2010-01-01 2010-01-02
            9 consent 2013-03-01 -",
        expect: "
            > access tier=all municipality=all
            clients with_responsible_worker responsible_worker_share with_plan plan_share with_consent consent_share
            # Nobody's plans are known: not measured. Consents are known, and nobody here has one.
            4 2 0.50 - - 0 0.00",
        ..Case::default()
    });
}

#[test]
fn the_limits_can_be_set() {
    check(Case {
        study: "[access]\nstart_working_days_max = 1\ncomplete_days_max = 5\n",
        assessments: "
            client tier contacted started completed
            1 basic 2013-02-04 2013-02-05 2013-02-09
            2 basic 2013-02-04 2013-02-06 2013-02-10",
        expect: "
            > access tier=all municipality=all
            start_due started_in_time complete_due completed_in_time completed_in_time_share
            2 1 2 1 0.5",
        ..Case::default()
    });
}
