//! `co_use`: services that meet a client on one day.

use super::{Case, check};

#[test]
fn two_services_meet_on_the_days_that_have_both() {
    // 1: both on two days, once at one unit; a unit that nobody names is no site. 2: on different days only. By chance 1
    // would have 3 x 2 of 365 days, 2 one of 365.
    check(Case {
        study: "[co_use]\n",
        clients: "
            client from
            1 2000-01-01
            2 2000-01-01",
        contacts: "
            client service start unit
            1 a 2013-05-01 u
            1 b 2013-05-01 u
            1 b 2013-05-01 v
            1 a 2013-05-02 -
            1 b 2013-05-02 -
            1 a 2013-05-03 u
            2 a 2013-05-01 u
            2 b 2013-05-02 u",
        known: "
            source until
            system 2013-12-31",
        expect: "
            > co_use
            service_a service_b clients days same_site_clients same_site_days expected_days
            a b 1 2 1 1 0.019178",
        ..Case::default()
    });
}

#[test]
fn a_stay_is_use_on_each_of_its_days() {
    // Ten days of a ward from before the period, of which five in it; a visit on the last of them and one the day after.
    check(Case {
        study: "[co_use]\n",
        contacts: "
            client service start end
            1 ward 2012-12-27 2013-01-05
            1 a 2013-01-05 -
            1 a 2013-01-06 -",
        known: "
            source until
            system 2013-12-31",
        expect: "
            > co_use
            service_a service_b clients days same_site_clients same_site_days expected_days
            a ward 1 1 - - 0.027397",
        ..Case::default()
    });
}

#[test]
fn chance_is_of_the_days_on_which_the_client_was_there() {
    // Observed for ten days, with both services on five and two of them: one day by chance. 2 is observed on one day but
    // uses services on four: 2 x 2 of 4 days.
    check(Case {
        study: "[co_use]\n",
        clients: "
            client from to
            1 2013-05-01 2013-05-10
            2 2013-05-01 2013-05-01",
        contacts: "
            client service start
            1 a 2013-05-01
            1 a 2013-05-02
            1 a 2013-05-03
            1 a 2013-05-04
            1 a 2013-05-05
            1 b 2013-05-05
            1 b 2013-05-06
            2 a 2013-05-01
            2 a 2013-05-02
            2 b 2013-05-03
            2 b 2013-05-04",
        known: "
            source until
            system 2013-12-31",
        expect: "
            > co_use
            clients days expected_days
            1 1 2.000",
        ..Case::default()
    });
}

#[test]
fn days_by_chance_are_of_the_leap_year_up_to_death_and_from_birth() {
    // 1 was there for the 366 days of 2012: 1 x 1 of 366. 2 died on 3 March, the 63rd day, which ended a ward of three days:
    // 3 x 1 of 63. 3 was born on 30 December: 1 x 1 of 2.
    check(Case {
        study: "[study]\nname = \"s\"\nperiods = [\"2012\"]\n[co_use]\n",
        clients: "
            client birth from died
            1 1980-01-01 2000-01-01 -
            2 1980-01-01 2000-01-01 2012-03-03
            3 2012-12-30 2012-12-30 -",
        contacts: "
            client service start end
            1 a 2012-02-29 -
            1 b 2012-02-29 -
            2 ward 2012-03-01 open
            2 b 2012-03-03 -
            3 a 2012-12-31 -
            3 b 2012-12-31 -",
        known: "
            source until
            system 2013-12-31",
        expect: "
            > co_use
            service_a service_b clients days same_site_clients same_site_days expected_days
            a b 2 2 - - 0.502732
            b ward 1 1 - - 0.047619",
        ..Case::default()
    });
}

#[test]
fn stays_side_by_side_meet_on_their_common_days_and_one_service_twice_is_one() {
    // Two wards of one service overlap, from the 1st to the 10th; housing from the 8th to the 12th: three common days, of
    // which the 8th and 9th are at one unit. A visit on the 9th meets both. With 10, 5 and 1 days of 365.
    check(Case {
        study: "[co_use]\n",
        contacts: "
            client service start end unit
            1 ward 2013-05-01 2013-05-06 v
            1 ward 2013-05-04 2013-05-09 u
            1 ward 2013-05-10 2013-05-10 v
            1 housing 2013-05-08 2013-05-12 u
            1 a 2013-05-09 - -",
        known: "
            source until
            system 2013-12-31",
        expect: "
            > co_use
            service_a service_b clients days same_site_clients same_site_days expected_days
            a housing 1 1 0 0 0.013699
            a ward 1 1 0 0 0.027397
            housing ward 1 3 1 2 0.136986",
        ..Case::default()
    });
}
