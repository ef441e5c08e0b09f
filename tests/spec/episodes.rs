//! `episodes`: contacts of a service joined.

use super::{Case, check};

#[test]
fn contacts_join_while_the_next_begins_at_most_the_gap_after_the_latest_end() {
    // Gap of 3 days. 1: the visits of the 1st and 4th join, that of the 8th does not. 2: the stay reaches to the 20th,
    // so that the visit of the 23rd joins it though the one before was on the 5th. 3: two services never join.
    check(Case {
        study: "[episodes]\ngap_days = 3\n",
        contacts: "
            client service start end cost
            1 a 2013-05-01 - 100
            1 a 2013-05-04 - -
            1 a 2013-05-08 - 10
            2 a 2013-05-01 2013-05-20 1
            2 a 2013-05-05 - -
            2 a 2013-05-23 - -
            3 a 2013-05-01 - -
            3 b 2013-05-02 - 7",
        known: "
            source until
            system 2014-12-31",
        expect: "
            > episodes
            service episodes clients open median_days p90_days days cost_cents
            a 4 3 0 2.5 23 29 111
            b 1 1 0 1 1 1 7",
        ..Case::default()
    });
}

#[test]
fn an_episode_is_whole_in_each_period_in_which_it_has_a_contact() {
    // From December to February: 40 days, in both years. The visits of client 2 lie in 2012 and 2014 and are one episode
    // over 2013, in which the client has no contact.
    check(Case {
        study: "[study]\nname = \"s\"\nperiods = [\"2012\", \"2013\"]\n[episodes]\ngap_days = 400\n",
        contacts: "
            client service start
            1 a 2012-12-28
            1 a 2013-02-05
            2 a 2012-12-30
            2 a 2014-01-10",
        known: "
            source until
            system 2016-12-31",
        expect: "
            > episodes
            period service episodes clients median_days days
            2012 a 2 2 208.5 6
            2013 a 1 1 40 36",
        ..Case::default()
    });
}

#[test]
fn an_episode_that_may_go_on_is_open() {
    // Known to 31 December. 1 ended on the 28th, 3 days before: with a gap of 2 days it is over, and 2 of the 29th
    // could still go on the day that is known last, and did not. 3 of the 30th may go on. 4 is an open stay. 5 was open when
    // the client died, which ended it.
    check(Case {
        study: "[episodes]\ngap_days = 2\n",
        clients: "
            client from died
            1 2000-01-01 -
            2 2000-01-01 -
            3 2000-01-01 -
            4 2000-01-01 -
            5 2000-01-01 2013-06-10",
        contacts: "
            client service start end
            1 a 2013-12-28 -
            2 a 2013-12-29 -
            3 a 2013-12-30 -
            4 ward 2013-12-22 open
            5 ward 2013-06-01 open",
        known: "
            source until
            system 2013-12-31",
        expect: "
            > episodes
            service episodes open median_days p90_days
            a 3 1 1 -
            ward 2 1 10 -",
        ..Case::default()
    });
}

#[test]
fn gaps_are_days_of_the_calendar_also_over_a_leap_day_and_the_end_of_a_period() {
    // Gap of a day. 1: from 28 February to 1 March are two days. 2: with the 29th between them they are one episode of three
    // days. 3: two days, of which the period has one. 4: two contacts of one day.
    check(Case {
        study: "[study]\nname = \"s\"\nperiods = [\"2012\"]\n[episodes]\n",
        contacts: "
            client service start
            1 a 2012-02-28
            1 a 2012-03-01
            2 a 2012-02-28
            2 a 2012-02-29
            2 a 2012-03-01
            3 a 2012-12-31
            3 a 2013-01-01
            4 a 2012-05-01
            4 a 2012-05-01",
        known: "
            source until
            system 2014-12-31",
        expect: "
            > episodes
            service episodes clients open median_days p90_days days
            a 5 4 0 1 3 7",
        ..Case::default()
    });
}
