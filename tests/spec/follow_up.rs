//! `follow_up`: an event and what comes after it.

use super::{Case, check};

const STUDY: &str =
    "[[follow]]\nname = \"f\"\nfirst = { emergency = true }\nthen = { service = [\"work\"] }\nwithin_days = [7, 30]\n";

const SERVICES: &str = "
    service emergency
    er yes
    work -";

#[test]
fn an_event_is_followed_from_the_day_after_it_to_the_last_day_of_the_limit() {
    // 1 on the day itself and the day after, 2 on the 7th, 3 on the 8th, 4 on the 30th, 5 on the 31st, 6 the day before, 7
    // in the year after. Known to the end of 2014, so that 6 has waited 700 days or so.
    check(Case {
        study: STUDY,
        services: SERVICES,
        contacts: "
            client service start
            1 er 2013-03-01
            1 work 2013-03-01
            1 work 2013-03-02
            2 er 2013-03-01
            2 work 2013-03-08
            3 er 2013-03-01
            3 work 2013-03-09
            4 er 2013-03-01
            4 work 2013-03-31
            5 er 2013-03-01
            5 work 2013-04-01
            6 er 2013-03-01
            6 work 2013-02-28
            7 er 2013-12-31
            7 work 2014-01-05",
        known: "
            source until
            system 2014-12-31",
        expect: "
            > follow_up cohort=all
            name events clients followed_7 followed_30 median_days p90_days
            f 7 7 3 5 8 -",
        ..Case::default()
    });
}

#[test]
fn each_event_counts_and_one_contact_can_follow_several() {
    // Three visits of one client, of which two on one day: 5, 5 and 1 days. The stay began before the period and is no
    // event of it.
    check(Case {
        study: STUDY,
        services: SERVICES,
        contacts: "
            client service start end urgency
            1 er 2013-03-01 - -
            1 er 2013-03-01 - -
            1 ward 2013-03-05 - emergency
            1 work 2013-03-06 - -
            2 er 2012-12-20 2013-01-10 -
            2 work 2013-01-11 - -",
        expect: "
            > follow_up cohort=all
            events clients followed_7 followed_30 median_days p90_days
            3 1 3 3 5 5",
        ..Case::default()
    });
}

#[test]
fn what_is_not_followed_waits_to_the_end_of_observation() {
    // Of 2 nothing is known after 5 days (moved), of 3 after 20 (died), of 4 to the end of what is known, 30 days. 1 was
    // followed after 10 days: of three who had waited so long one, so that two thirds still wait.
    check(Case {
        study: "[[follow]]\nname = \"f\"\nfirst = { service = [\"er\"] }\nthen = { service = [\"work\"] }\nwithin_days = [5, 90]\n",
        clients: "
            client from to died
            1 2000-01-01 - -
            2 2000-01-01 2013-03-06 -
            3 2000-01-01 - 2013-03-21
            4 2000-01-01 - -
            5 2000-01-01 - -",
        contacts: "
            client service start
            1 er 2013-03-01
            1 work 2013-03-11
            2 er 2013-03-01
            3 er 2013-03-01
            4 er 2013-03-01
            5 er 2013-03-01
            5 work 2013-03-29",
        known: "
            source until
            system 2013-03-31",
        expect: "
            > follow_up cohort=all
            events followed_5 followed_90 median_days p90_days
            5 0 2 28 -",
        ..Case::default()
    });
}

#[test]
fn nothing_after_the_end_that_the_study_sets_follows() {
    check(Case {
        study: "[study]\nname = \"s\"\nperiods = [\"2013\"]\nobserved_until = \"2013-03-10\"\n[[follow]]\nname = \"f\"\nfirst = { service = [\"er\"] }\nthen = { service = [\"work\"] }\n",
        services: SERVICES,
        contacts: "
            client service start
            1 er 2013-03-01
            1 work 2013-03-10
            2 er 2013-03-01
            2 work 2013-03-11
            3 er 2013-05-01
            3 work 2013-05-02",
        expect: "
            > follow_up
            events clients followed_7 followed_30
            3 3 0 1",
        ..Case::default()
    });
}

#[test]
fn each_cohort_and_each_follow_up_has_its_row_and_its_own_limits() {
    check(Case {
        study: "[[cohort]]\nname = \"c\"\nmin_services = 2\n[[follow]]\nname = \"f\"\nfirst = { service = [\"a\"] }\nthen = { service = [\"b\"] }\nwithin_days = [1]\n[[follow]]\nname = \"g\"\nfirst = { service = [\"b\"] }\nthen = { service = [\"b\"] }\nwithin_days = [3]\n",
        contacts: "
            client service start
            1 a 2013-03-01
            1 b 2013-03-02
            1 b 2013-03-05
            2 a 2013-03-01",
        expect: "
            > follow_up
            cohort name events clients followed_1 followed_3
            all f 2 2 1 -
            all g 2 1 - 1
            c f 1 1 1 -
            c g 2 1 - 1",
        ..Case::default()
    });
}

#[test]
fn days_after_an_event_are_days_of_the_calendar_and_death_ends_the_wait() {
    // From 28 February 2012: 6 March is the 7th day after and 7 March the 8th. From 29 February to the 28th of the year after
    // it is 365 days. 4 died after two days: of the three who had waited longer, two thirds, one third and nobody still
    // wait after 7, 8 and 365 days.
    check(Case {
        study: "[study]\nname = \"s\"\nperiods = [\"2012\"]\n[[follow]]\nname = \"f\"\nfirst = { service = [\"er\"] }\nthen = { service = [\"work\"] }\nwithin_days = [7, 30]\n",
        clients: "
            client from died
            1 2000-01-01 -
            2 2000-01-01 -
            3 2000-01-01 -
            4 2000-01-01 2012-05-03",
        contacts: "
            client service start
            1 er 2012-02-28
            1 work 2012-03-06
            2 er 2012-02-28
            2 work 2012-03-07
            3 er 2012-02-29
            3 work 2013-02-28
            4 er 2012-05-01",
        known: "
            source until
            system 2014-12-31",
        expect: "
            > follow_up
            events clients followed_7 followed_30 median_days p90_days
            4 4 1 2 8 365",
        ..Case::default()
    });
}
