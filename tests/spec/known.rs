//! Rule 0: what a source cannot know ends its open stays and waits, and the study's end ends residence and follow-up. And
//! nobody is observed, or has an age, before birth.

use super::{Case, check};

const TWO_YEARS: &str =
    "[study]\nname = \"s\"\nperiods = [\"2013\", \"2014\"]\n[[cohort]]\nname = \"c\"\nmin_services = 1\n";

#[test]
fn an_open_stay_ends_with_what_its_own_source_knows() {
    // Source y knows 181 days of 2014, x none.
    check(Case {
        study: TWO_YEARS,
        contacts: "
            client service start end source
            1 a 2013-12-30 open x
            2 a 2013-12-30 open y
            3 a 2013-12-30 open x
            3 b 2013-12-30 open y
            4 b 2014-05-01 - y",
        known: "
            source until
            x 2013-12-31
            y 2014-06-30",
        expect: "
            > members
            period client_id contacts stay_days
            2013 1 1 2
            2013 2 1 2
            2013 3 2 4
            2014 2 1 181
            2014 3 1 181
            2014 4 1 0",
        ..Case::default()
    });
}

#[test]
fn a_day_far_in_the_future_in_another_row_moves_nothing() {
    check(Case {
        study: TWO_YEARS,
        clients: "
            client from to died
            1 2010-01-01 - -
            8 2010-01-01 2099-01-01 -
            9 2010-01-01 - 2099-01-01",
        contacts: "
            client service start end
            1 a 2013-12-01 open
            9 a 2013-12-01 2099-01-01",
        known: "
            source until
            system 2013-12-31",
        expect: "
            > members
            period client_id stay_days
            2013 1 31
            2013 9 31
            2014 9 365
            > summary
            period residents person_years
            # Three for a year; nobody is followed after it.
            2013 3 2.9979
            2014 0 0.0",
        ..Case::default()
    });
}

#[test]
fn residence_ends_on_the_newest_day_that_a_source_of_contacts_knows() {
    // 181 days of 2014.
    check(Case {
        study: TWO_YEARS,
        clients: "
            client from
            1 2010-01-01",
        contacts: "
            client service start source
            1 a 2013-03-01 x
            1 a 2013-04-01 y",
        known: "
            source until
            x 2013-06-30
            y 2014-06-30
            unheard 2015-01-01",
        expect: "
            > summary
            period residents person_years
            2013 1 0.9993
            2014 1 0.4956",
        ..Case::default()
    });
}

#[test]
fn a_study_may_set_the_end_of_residence_before_and_after_what_is_known() {
    let case = Case {
        clients: "
            client from
            1 2010-01-01",
        contacts: "
            client service start end
            1 a 2013-09-01 -
            1 b 2013-12-01 open",
        known: "
            source until
            system 2013-12-31",
        ..Case::default()
    };
    check(Case {
        study: "[study]\nname = \"s\"\nperiods = [\"2013\"]\nobserved_until = \"2013-06-30\"\n",
        // What happened after it is use all the same.
        expect: "
            > summary
            contacts residents person_years
            2 1 0.4956
            > service_use
            service contacts stay_days
            a 1 0
            b 1 31",
        ..case
    });
    check(Case {
        study: "[study]\nname = \"s\"\nperiods = [\"2014\"]\nobserved_until = \"2014-06-30\"\n",
        // The source knows no more of the stay for it.
        expect: "
            > summary
            contacts residents person_years
            0 1 0.4956",
        ..case
    });
}

#[test]
fn an_open_case_has_waited_to_what_its_own_source_knows() {
    // From Monday 2 December 2013: Thursday 12 is the seventh working day, the 6th being Independence Day.
    let case = Case {
        study: "[access]\nstart_working_days_max = 7\ncomplete_days_max = 20\n",
        assessments: "
            client tier contacted started completed
            1 basic 2013-12-02 - -",
        ..Case::default()
    };
    check(Case {
        contacts: "
            client service start
            9 a 2014-12-31",
        known: "
            source until
            system 2014-12-31
            cases 2013-12-12",
        expect: "
            > access tier=all municipality=all
            assessments open start_due complete_due
            1 1 0 0",
        ..case
    });
    check(Case {
        contacts: "
            client service start
            9 a 2013-12-02",
        known: "
            source until
            system 2013-12-02
            cases 2013-12-13",
        expect: "
            > access tier=all municipality=all
            assessments open start_due complete_due
            1 1 1 0",
        ..case
    });
    check(Case {
        known: "
            source until
            cases 2013-12-23",
        expect: "
            > access tier=all municipality=all
            assessments open start_due complete_due
            1 1 1 1",
        ..case
    });
}

#[test]
fn sources_of_cases_differ_in_what_they_know() {
    check(Case {
        study: "[access]\nstart_working_days_max = 7\ncomplete_days_max = 20\n",
        assessments: "
            client tier contacted started completed source
            1 basic 2013-12-02 - - early
            2 basic 2013-12-02 - - late",
        known: "
            source until
            early 2013-12-12
            late 2013-12-31",
        expect: "
            > access tier=all municipality=all
            assessments open start_due complete_due
            2 2 1 1",
        ..Case::default()
    });
}

#[test]
fn what_happens_after_the_end_that_a_study_sets_is_not_there_yet() {
    check(Case {
        study: "[study]\nname = \"s\"\nperiods = [\"2013\"]\nobserved_until = \"2013-12-12\"\n[access]\n",
        assessments: "
            client tier contacted started completed
            1 basic 2013-12-02 2013-12-12 2013-12-13
            2 basic 2013-12-02 2013-12-13 -",
        plans: "
            client kind from to
            1 consent 2013-12-12 -
            2 consent 2013-12-13 -",
        known: "
            source until
            cases 2014-12-31",
        expect: "
            > access tier=all municipality=all
            assessments open started_in_time start_due complete_due with_consent
            2 1 1 1 0 1",
        ..Case::default()
    });
}

#[test]
fn nobody_has_left_a_period_of_which_nothing_is_known() {
    let case = Case {
        study: "[study]\nname = \"s\"\nperiods = [\"2012\", \"2013\", \"2014\"]\n[persistence]\n",
        clients: "
            client from
            1 2010-01-01
            2 2010-01-01",
        contacts: "
            client service start
            1 a 2012-05-01
            1 a 2013-05-01",
        ..Case::default()
    };
    check(Case {
        known: "
            source until
            system 2013-12-31",
        expect: "
            > persistence
            from_period to_period from_decile to_decile clients
            2012 2013 1 1 1
            2012 2013 no_use no_use 1",
        ..case
    });
    check(Case {
        known: "
            source until
            system 2014-01-01",
        expect: "
            > persistence from_period=2013
            from_period to_period from_decile to_decile clients
            2013 2014 1 no_use 1
            2013 2014 no_use no_use 1",
        ..case
    });
}

#[test]
fn months_after_the_end_are_no_months_without_use() {
    // Client 2 is in no client list.
    check(Case {
        study: "[monthly_states]",
        clients: "
            client from
            1 2010-01-01",
        contacts: "
            client service start
            1 a 2013-01-05
            2 a 2013-01-05",
        known: "
            source until
            system 2013-02-01",
        expect: "
            > monthly_states cohort=all
            month state clients
            2013-01 other 2
            2013-02 none 2",
        ..Case::default()
    });
}

#[test]
fn nothing_follows_an_emergency_after_the_end() {
    check(Case {
        study: "[study]\nname = \"s\"\nperiods = [\"2013\"]\nobserved_until = \"2013-01-10\"\n[emergency]\n",
        contacts: "
            client service start
            1 er 2013-01-08
            1 gp 2013-01-10
            1 home 2013-01-11",
        services: "
            service emergency
            er yes
            gp -
            home -",
        expect: "
            > emergency_next cohort=all
            within_days service clients visits
            7 gp 1 1
            30 gp 1 1",
        ..Case::default()
    });
}

#[test]
fn a_pilot_is_followed_to_the_end() {
    // Ten days after the index date are known, or those that the study leaves.
    let case = Case {
        clients: "
            client from
            1 2010-01-01",
        contacts: "
            client service start
            1 a 2013-05-05
            1 a 2013-06-15",
        pilots: "
            client index
            1 2013-06-10",
        known: "
            source until
            system 2013-06-20",
        ..Case::default()
    };
    check(Case {
        study: "[[pilot]]\nname = \"p\"\nbefore_days = 30\nafter_days = 30\n",
        expect: "
            > pilot_clients window=after
            service observed_days contacts
            - 10 1
            a 10 1",
        ..case
    });
    check(Case {
        study: "[study]\nname = \"s\"\nperiods = [\"2013\"]\nobserved_until = \"2013-06-14\"\n\
                [[pilot]]\nname = \"p\"\nbefore_days = 30\nafter_days = 30\n",
        expect: "
            > pilot_clients window=after
            service observed_days contacts
            - 4 0",
        ..case
    });
}

/// Two women of one town; the second is born on 1 March 2015 and nothing says since when she lives there.
const BORN: Case = Case {
    study: "",
    clients: "
        client birth sex municipality county from
        1 1980-01-01 female 272 k 2010-01-01
        2 2015-03-01 female 272 k -",
    contacts: "
        client service start cost
        1 a 2013-05-01 100
        1 a 2014-05-01 100
        1 a 2015-05-01 100",
    known: "
        source until
        system 2016-12-31",
    services: "",
    pilots: "",
    agreements: "",
    feedback: "",
    assessments: "",
    plans: "",
    expect: "",
};

#[test]
fn nobody_is_a_resident_before_birth() {
    // 365 days of a common year; 306 from 1 March on. One contact of one resident, then of two.
    check(Case {
        study: "[study]\nname = \"s\"\nperiods = [\"2013\", \"2014\", \"2015\"]\n[concentration]\n[persistence]\n",
        expect: "
            > summary
            period clients residents person_years
            2013 1 1 0.9993
            2014 1 1 0.9993
            2015 1 2 1.8371
            > profile cohort=all dimension=age_band
            period value clients residents
            2013 25-34 1 1
            2014 25-34 1 1
            2015 35-44 1 1
            > profile cohort=all dimension=municipality
            period value clients residents
            2013 272 1 1
            2014 272 1 1
            2015 272 1 2
            > regions cohort=all level=municipality
            period region clients residents clients_per_1000 standardised_clients_per_1000
            2013 272 1 1 1000.0 1000.0
            2014 272 1 1 1000.0 1000.0
            2015 272 1 2 500.0 500.0
            > persistence
            from_period to_period from_decile to_decile clients
            2013 2014 1 1 1
            2014 2015 1 1 1
            > concentration denominator=residents top_percent=50
            period clients
            2013 1
            2014 1
            2015 1",
        ..BORN
    });
}

#[test]
fn residence_that_begins_before_birth_begins_with_it_as_far_as_it_is_known() {
    // 306 days from March 2015 on; a birth year alone begins with the year.
    check(Case {
        study: "[study]\nname = \"s\"\nperiods = [\"2014\", \"2015\"]\n[[cohort]]\nname = \"c\"\nmin_services = 1\n\
                observed_days_min = 307\n",
        clients: "
            client birth from
            1 2015-03-01 2001-01-01
            2 2015-03 2001-01-01
            3 2015 2001-01-01",
        contacts: "
            client service start
            1 a 2015-05-01
            2 a 2015-05-01
            3 a 2015-05-01",
        known: "
            source until
            system 2015-12-31",
        expect: "
            > summary
            period residents person_years
            2014 0 0.0
            2015 3 2.6749
            > members
            client_id age
            3 0",
        ..Case::default()
    });
}

#[test]
fn the_unborn_have_no_age_and_fall_by_the_age_rule() {
    check(Case {
        study: "
            [[cohort]]
            name = \"end\"
            min_services = 1
            age = { min = 0, max = 17 }
            [[cohort]]
            name = \"first\"
            min_services = 1
            age = { min = 0, max = 17, at = \"first_contact\" }
            [[cohort]]
            name = \"any\"
            min_services = 1",
        clients: "
            client birth
            1 2013-09-01
            2 2000-05-05
            3 2014-02-01",
        contacts: "
            client service start
            1 clinic 2013-03-01
            2 clinic 2013-03-01
            3 clinic 2013-03-01",
        expect: "
            > members
            cohort client_id age
            end 1 0
            end 2 13
            first 2 12
            any 1 0
            any 2 13
            any 3 -
            > attrition cohort=end
            rule | remaining | removed | removed_alone
            users~ | 3 | 0 | 0
            services~ | 3 | 0 | 0
            age unknown | 3 | 0 | 0
            age: 0 to 17 | 2 | 1 | 1
            > attrition cohort=first
            rule | remaining | removed | removed_alone
            users~ | 3 | 0 | 0
            services~ | 3 | 0 | 0
            age unknown | 3 | 0 | 0
            age: 0 to 17 | 1 | 2 | 2
            > profile cohort=any dimension=age_band
            value clients
            0-17 2
            - 1",
        ..Case::default()
    });
}
