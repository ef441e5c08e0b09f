//! Cohort rules about time: peaks and sequences.

use super::{Case, check};

#[test]
fn a_peak_has_so_many_contacts_within_so_many_days_of_the_period() {
    // 1 has three within 30 days: the 1st and the 30th are 30 days. 2 has them within 31. 3 has two and one of December.
    // 4 has two of them on one day. 5 has one service only and no peak, 6 two services and none.
    check(Case {
        study: "[[cohort]]\nname = \"c\"\nmin_services = 1\n[cohort.peak]\nwithin_days = 30\nmin_contacts = 3\n",
        contacts: "
            client service start
            1 a 2013-05-01
            1 a 2013-05-10
            1 a 2013-05-30
            2 a 2013-05-01
            2 a 2013-05-10
            2 a 2013-05-31
            3 a 2012-12-31
            3 a 2013-01-01
            3 a 2013-01-02
            4 a 2013-05-01
            4 b 2013-05-01
            4 a 2013-05-02
            5 a 2013-05-01
            6 a 2013-05-01
            6 b 2013-05-01",
        expect: "
            > members
            client_id qualified_on
            1 2013-05-30
            4 2013-05-02

            > attrition
            rule remaining removed removed_alone
            users~ 6 0 0
            services~ 6 0 0
            peak~ 2 4 4",
        ..Case::default()
    });
}

#[test]
fn a_peak_instead_of_services_is_part_of_their_rule() {
    // 1 has the services on 1 July and the peak on 2 May: the earlier counts. 2 has the services only, 3 the peak only, 4
    // neither. The second of two peaks is enough for 3.
    check(Case {
        study: "[[cohort]]\nname = \"c\"\nmin_services = 2\n[[cohort.peak]]\nwithin_days = 2\nmin_contacts = 2\nemergency = true\ncombine = \"any\"\n[[cohort.peak]]\nwithin_days = 365\nmin_contacts = 3\nemergency = true\ncombine = \"any\"\n",
        services: "
            service emergency
            er yes",
        contacts: "
            client service start urgency
            1 er 2013-05-01 -
            1 er 2013-05-02 -
            1 a 2013-07-01 -
            2 a 2013-05-01 -
            2 b 2013-05-02 -
            3 a 2013-01-01 emergency
            3 a 2013-05-01 emergency
            3 a 2013-12-31 emergency
            4 a 2013-05-01 -
            4 a 2013-05-02 emergency
            4 a 2013-05-03 -",
        expect: "
            > members
            client_id services service_set qualified_on
            1 2 a+er 2013-05-02
            2 2 a+b 2013-05-02
            3 1 a 2013-12-31

            > attrition
            step remaining
            1 4
            2 3",
        ..Case::default()
    });
}

#[test]
fn a_stay_belongs_to_every_window_that_it_overlaps() {
    // A stay from before the period and two visits: within 10 days of each other as long as the stay goes on.
    check(Case {
        study: "[[cohort]]\nname = \"c\"\nmin_services = 1\n[cohort.peak]\nwithin_days = 10\nmin_contacts = 3\n",
        contacts: "
            client service start end
            1 ward 2012-06-01 2013-05-01
            1 a 2013-05-05 -
            1 a 2013-05-10 -
            2 ward 2012-06-01 2013-04-30
            2 a 2013-05-05 -
            2 a 2013-05-10 -",
        expect: "
            > members
            client_id qualified_on
            1 2013-05-10",
        ..Case::default()
    });
}

#[test]
fn a_sequence_is_one_contact_and_another_on_a_later_day() {
    // 30 days after and 31, on the same day, the day after, in the wrong order, and after the period's end.
    check(Case {
        study: "[[cohort]]\nname = \"c\"\nmin_services = 1\n[[cohort.sequence]]\nfirst = { emergency = true }\nthen = { sector = [\"social\"] }\nwithin_days = 30\n",
        services: "
            service sector emergency
            er primary yes
            work social -",
        contacts: "
            client service start
            1 er 2013-05-01
            1 work 2013-05-31
            2 er 2013-05-01
            2 work 2013-06-01
            3 er 2013-05-01
            3 work 2013-05-01
            4 er 2013-05-01
            4 work 2013-05-01
            4 work 2013-05-02
            5 work 2013-05-01
            5 er 2013-05-02
            6 er 2013-12-31
            6 work 2014-01-01
            7 er 2013-05-01
            7 er 2013-05-31
            7 work 2013-05-31",
        expect: "
            > members
            client_id qualified_on
            1 2013-05-31
            4 2013-05-02
            7 2013-05-31

            > attrition
            rule remaining removed removed_alone
            users~ 7 0 0
            services~ 7 0 0
            sequence~ 3 4 4",
        ..Case::default()
    });
}

#[test]
fn kinds_of_contacts_are_told_by_service_package_sector_mode_and_urgency() {
    // Each cohort keeps those who have one contact of its kind.
    check(Case {
        study: "[[cohort]]\nname = \"phone\"\nmin_services = 1\n[cohort.peak]\nwithin_days = 1\nmin_contacts = 1\nmode = [\"phone\", \"remote\"]\n\
                [[cohort]]\nname = \"package\"\nmin_services = 1\n[cohort.peak]\nwithin_days = 1\nmin_contacts = 1\npackage = [\"k\"]\n\
                [[cohort]]\nname = \"both\"\nmin_services = 1\n[cohort.peak]\nwithin_days = 1\nmin_contacts = 1\nsector = [\"health\"]\nemergency = true\n",
        services: "
            service package sector
            a k primary
            b - social",
        contacts: "
            client service start mode urgency
            1 a 2013-05-01 phone -
            2 b 2013-05-01 remote emergency
            3 b 2013-05-01 - -
            4 a 2013-05-01 visit emergency",
        expect: "
            > members
            cohort client_id
            phone 1
            phone 2
            package 1
            package 4
            both 4",
        ..Case::default()
    });
}

#[test]
fn a_peak_counts_days_of_the_calendar_and_does_not_go_over_the_end_of_a_period() {
    // From 28 February to 1 March is three days in a leap year and two in a common one. New Year's Eve and New Year's Day
    // are of two periods.
    check(Case {
        study: "[study]\nname = \"s\"\nperiods = [\"2012\", \"2013\"]\n[[cohort]]\nname = \"c\"\nmin_services = 1\n[cohort.peak]\nwithin_days = 2\nmin_contacts = 2\n",
        contacts: "
            client service start
            1 a 2012-02-28
            1 a 2012-03-01
            2 a 2012-02-28
            2 a 2012-02-29
            3 a 2013-02-28
            3 a 2013-03-01
            4 a 2012-12-31
            4 a 2013-01-01
            5 a 2012-12-30
            5 a 2012-12-31",
        expect: "
            > members
            period client_id qualified_on
            2012 2 2012-02-29
            2012 5 2012-12-31
            2013 3 2013-03-01",
        ..Case::default()
    });
}

#[test]
fn an_open_stay_is_in_the_windows_up_to_death_and_no_further() {
    // 1 and 2 died on 10 May, which ended their stays: three days reach from there to the 12th and not to the 13th. Nothing
    // ended that of 3.
    check(Case {
        study: "[[cohort]]\nname = \"c\"\nmin_services = 1\n[cohort.peak]\nwithin_days = 3\nmin_contacts = 2\n",
        clients: "
            client from died
            1 2000-01-01 2013-05-10
            2 2000-01-01 2013-05-10
            3 2000-01-01 -",
        contacts: "
            client service start end
            1 ward 2013-05-01 open
            1 a 2013-05-12 -
            2 ward 2013-05-01 open
            2 a 2013-05-13 -
            3 ward 2013-05-01 open
            3 a 2013-12-31 -",
        known: "
            source until
            system 2013-12-31",
        expect: "
            > members
            client_id qualified_on
            1 2013-05-12
            3 2013-12-31",
        ..Case::default()
    });
}

#[test]
fn both_contacts_of_a_sequence_begin_in_the_period() {
    // The stay of 1 began the year before; 2 and 3 tell a leap year's 28 February from 29 and 1 March; of 5 the second is a
    // day late.
    check(Case {
        study: "[study]\nname = \"s\"\nperiods = [\"2012\"]\n[[cohort]]\nname = \"c\"\nmin_services = 1\n[[cohort.sequence]]\nfirst = { service = [\"ward\"] }\nthen = { service = [\"a\"] }\nwithin_days = 1\n",
        contacts: "
            client service start end
            1 ward 2011-12-31 2012-01-05
            1 a 2012-01-01 -
            2 ward 2012-02-28 2012-03-05
            2 a 2012-02-29 -
            3 ward 2012-02-28 2012-02-28
            3 a 2012-03-01 -
            4 ward 2012-12-30 -
            4 a 2012-12-31 -
            5 ward 2012-12-31 -
            5 a 2013-01-01 -",
        expect: "
            > members
            client_id qualified_on
            2 2012-02-29
            4 2012-12-31",
        ..Case::default()
    });
}
