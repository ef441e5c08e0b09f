//! `funnel`: step by step.

use super::{Case, check};

const STUDY: &str = "[[funnel]]\nname = \"f\"\n[[funnel.step]]\nwhat = { service = [\"test\"] }\n[[funnel.step]]\nwhat = { plan = \"multi_service_plan\" }\nwithin_days = 60\n[[funnel.step]]\nwhat = { assessment = \"basic\" }\n";

#[test]
fn each_step_comes_on_a_later_day_than_the_one_before_and_soon_enough() {
    // Plans: 1 on the day of the test only, 2 the day after, 3 on the 60th, 4 on the 61st, 5 never. 3 has two tests: from
    // the first one it is 60 days. Assessments: 2 begins a year later, 3 on the day of its plan only.
    // Waits for a plan: 1, 60, 61 and two until the end; from there to an assessment: 364 and until the end.
    check(Case {
        study: STUDY,
        clients: "
            client from
            1 2000-01-01
            2 2000-01-01
            3 2000-01-01
            4 2000-01-01
            5 2000-01-01",
        contacts: "
            client service start
            1 test 2013-03-01
            2 test 2013-03-01
            3 test 2013-03-01
            3 test 2013-04-29
            4 test 2013-03-01
            5 test 2013-03-01
            5 other 2012-03-01",
        plans: "
            client kind from to
            1 multi_service_plan 2013-03-01 -
            2 multi_service_plan 2013-03-02 -
            2 consent 2013-03-01 -
            3 multi_service_plan 2013-04-30 -
            4 multi_service_plan 2013-05-01 -",
        assessments: "
            client tier contacted started completed
            2 basic 2013-01-01 2014-03-01 -
            3 basic 2013-01-01 2013-04-30 -
            3 guidance 2013-01-01 2013-05-30 -
            4 basic 2013-01-01 2013-05-30 -",
        known: "
            source until
            system 2014-12-31",
        expect: "
            > funnel
            name period step what clients share_of_first share_of_previous median_days
            f 2013 1 service~ 5 1 - -
            f 2013 2 plan~ 2 0.4 0.4 61
            f 2013 3 assessment~ 1 0.2 0.5 364",
        ..Case::default()
    });
}

#[test]
fn who_uses_nothing_can_go_through_a_funnel_and_the_population_decides() {
    // 1 has a plan in the period and no contact at all; 2 is too old; 3 has the first event in another period; 4 has a
    // completion only, after the end of observation of 2013-12-31.
    check(Case {
        study: "[study]\nname = \"s\"\nperiods = [\"2013\"]\npopulation = { ages = \"0..64\" }\n[[funnel]]\nname = \"f\"\n[[funnel.step]]\nwhat = { plan = \"consent\" }\n[[funnel.step]]\nwhat = { assessment = \"basic\" }\n",
        clients: "
            client birth
            1 1980-01-01
            2 1940-01-01
            3 1980-01-01
            4 1980-01-01",
        contacts: "
            client service start
            4 a 2013-01-01",
        plans: "
            client kind from to
            1 consent 2013-05-01 -
            2 consent 2013-05-01 -
            3 consent 2012-05-01 -
            4 consent 2013-05-01 -",
        assessments: "
            client tier contacted started completed
            1 basic 2013-05-01 - 2013-06-01
            4 basic 2013-05-01 - 2014-01-01",
        known: "
            source until
            system 2013-12-31",
        expect: "
            > funnel
            step clients
            1 2
            2 1",
        ..Case::default()
    });
}

#[test]
fn a_funnel_begins_in_the_period_and_goes_on_after_it() {
    // Two days: 1 over New Year, 3 and 4 over a leap day; 2 needs three. 3 had another test the day before the period, 5 only
    // after it. 6 died the day after the test and has waited for one day.
    check(Case {
        study: "[study]\nname = \"s\"\nperiods = [\"2012\"]\n[[funnel]]\nname = \"f\"\n[[funnel.step]]\nwhat = { service = [\"test\"] }\n[[funnel.step]]\nwhat = { plan = \"consent\" }\nwithin_days = 2\n",
        clients: "
            client from died
            1 2000-01-01 -
            2 2000-01-01 -
            3 2000-01-01 -
            4 2000-01-01 -
            5 2000-01-01 -
            6 2000-01-01 2012-05-02",
        contacts: "
            client service start
            1 test 2012-12-31
            2 test 2012-12-31
            3 test 2011-12-31
            3 test 2012-02-27
            4 test 2012-02-28
            5 test 2013-01-01
            6 test 2012-05-01",
        plans: "
            client kind from to
            1 consent 2013-01-02 -
            2 consent 2013-01-03 -
            3 consent 2012-02-29 -
            4 consent 2012-03-01 -
            5 consent 2013-01-02 -",
        known: "
            source until
            system 2014-12-31",
        expect: "
            > funnel
            period step clients share_of_first median_days
            2012 1 5 1 -
            2012 2 3 0.6 2",
        ..Case::default()
    });
}
