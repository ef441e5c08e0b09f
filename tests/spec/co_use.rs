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
