//! Rules 4 and 5: who is a member, and what attrition says.

use super::{Case, check};

#[test]
fn a_member_has_at_least_min_services_and_qualifies_on_the_day_of_the_last_needed_one() {
    check(Case {
        study: "[[cohort]]\nname = \"c\"\nmin_services = 3\n",
        contacts: "
            client service start
            1 a 2013-01-01
            1 b 2013-02-01
            1 a 2013-03-01
            1 c 2013-04-01
            1 d 2013-05-01
            2 a 2013-01-01
            2 b 2013-02-01
            2 b 2013-03-01",
        expect: "
            > members
            client_id services contacts qualified_on service_set
            1 4 5 2013-04-01 a+b+c+d
            > attrition
            step | rule | remaining | removed | removed_alone
            1 | users~ | 2 | 0 | 0
            2 | services~ | 1 | 1 | 1",
        ..Case::default()
    });
}

#[test]
fn the_default_is_four_services_with_one_contact_each() {
    check(Case {
        study: "[[cohort]]\nname = \"c\"\n",
        contacts: "
            client service start
            1 a 2013-01-01
            1 b 2013-01-01
            1 c 2013-01-01
            1 d 2013-01-01
            2 a 2013-01-01
            2 b 2013-01-01
            2 c 2013-01-01",
        expect: "
            > members
            client_id
            1",
        ..Case::default()
    });
}

#[test]
fn contacts_and_cost_of_a_member_are_of_all_services_not_only_the_counted() {
    check(Case {
        study: "[[cohort]]\nname = \"c\"\nmin_services = 1\n[cohort.heavy]\nmin_contacts = 2\n",
        services: "
            service sector emergency
            a social no
            b primary yes",
        contacts: "
            client service start end urgency cost
            1 a 2013-01-01 - - 10
            1 a 2013-01-02 - emergency 20
            1 b 2013-01-03 2013-01-05 - 40
            1 c 2013-02-01 - elective -",
        expect: "
            > members
            client_id services sectors contacts stay_days cost_cents emergency_contacts service_set
            1 1 3 4 3 70 2 a",
        ..Case::default()
    });
}

const SECTORS: &str = "
            service sector
            s social
            p primary
            h specialised
            o other";
const ONE_OF_EACH: &str = "
            client service start
            1 s 2013-01-01
            2 p 2013-01-01
            3 h 2013-01-01
            4 o 2013-01-01
            5 s 2013-01-01
            5 p 2013-01-02
            6 s 2013-01-01
            6 h 2013-01-02
            7 s 2013-01-01
            7 h 2012-12-31";

#[test]
fn required_sectors_must_each_have_been_used_in_the_period() {
    for (sectors, expect) in [
        ("\"social\"", "1\n5\n6\n7"),
        ("\"primary\"", "2\n5"),
        ("\"specialised\"", "3\n6"),
        ("\"other\"", "4"),
        ("\"health\"", "2\n3\n5\n6"),
        ("\"social\", \"health\"", "5\n6"),
        ("\"social\", \"primary\"", "5"),
        ("\"social\", \"primary\", \"specialised\"", ""),
    ] {
        check(Case {
            study: format!("[[cohort]]\nname = \"c\"\nmin_services = 1\nsectors_required = [{sectors}]\n").leak(),
            services: SECTORS,
            contacts: ONE_OF_EACH,
            expect: format!("> members\nclient_id\n{expect}").leak(),
            ..Case::default()
        });
    }
}

#[test]
fn a_required_sector_may_be_used_by_a_service_that_does_not_count() {
    check(Case {
        study: "[[cohort]]\nname = \"c\"\nmin_services = 1\nsectors_required = [\"social\"]\n[cohort.heavy]\nmin_contacts = 2\n",
        services: SECTORS,
        contacts: "
            client service start
            1 s 2013-01-01
            1 p 2013-01-02
            1 p 2013-01-03",
        expect: "
            > members
            client_id service_set sectors
            1 p 2",
        ..Case::default()
    });
}

#[test]
fn municipalities_are_those_of_residence() {
    check(Case {
        study: "[[cohort]]\nname = \"c\"\nmin_services = 1\nmunicipalities = [\"272\", \"109\"]\n",
        clients: "
            client municipality
            1 272
            2 109
            3 091
            4 -",
        contacts: "
            client service start
            1 a 2013-01-01
            2 a 2013-01-01
            3 a 2013-01-01
            4 a 2013-01-01
            5 a 2013-01-01",
        expect: "
            > members
            client_id municipality
            1 272
            2 109
            > attrition
            rule | remaining | removed | removed_alone
            users~ | 5 | 0 | 0
            services~ | 5 | 0 | 0
            municipalities~ | 2 | 3 | 3",
        ..Case::default()
    });
}

#[test]
fn a_municipality_is_what_it_had_become_by_the_year_in_which_the_period_ends() {
    // 476 merged into 297 on 1 January 2015.
    check(Case {
        study: "[study]\nname = \"s\"\nperiods = [\"2014\", \"2014-07-01..2015-06-30\"]\n[[cohort]]\nname = \"c\"\nmin_services = 1\n\
                municipalities = [\"297\"]\n[[cohort]]\nname = \"old\"\nmin_services = 1\nmunicipalities = [\"476\"]\n",
        clients: "
            client municipality
            1 476
            2 297
            3 091",
        contacts: "
            client service start
            1 a 2014-08-01
            2 a 2014-08-01
            3 a 2014-08-01",
        expect: "
            > members cohort=c period=2014
            client_id municipality
            2 297
            > members cohort=old period=2014
            client_id municipality
            1 476
            > members cohort=c period=2014-07-01..2015-06-30
            client_id municipality
            1 297
            2 297
            > members cohort=old period=2014-07-01..2015-06-30
            client_id municipality
            1 297
            2 297
            > profile cohort=all period=2014 dimension=municipality
            value clients residents
            091 1 1
            297 1 1
            476 1 1
            > profile cohort=all period=2014-07-01..2015-06-30 dimension=municipality
            value clients residents
            091 1 1
            297 2 2
            > regions cohort=all period=2014 level=municipality
            region clients residents
            091 1 1
            297 1 1
            476 1 1
            > regions cohort=all period=2014-07-01..2015-06-30 level=municipality
            region clients residents
            091 1 1
            297 2 2",
        ..Case::default()
    });
}

#[test]
fn washout_asks_for_a_gap_of_one_day_more() {
    // First contact 2013-06-01. 2012-06-01 is 365 days before it, 2012-05-31 is 366.
    check(Case {
        study: "[[cohort]]\nname = \"c\"\nmin_services = 1\nwashout_days = 365\n",
        contacts: "
            client service start end
            1 a 2013-06-01 -
            1 a 2012-06-01 -
            2 a 2013-06-01 -
            2 a 2012-05-31 -
            3 a 2013-06-01 -
            4 a 2013-06-01 -
            4 b 2012-01-01 2012-05-31
            5 a 2013-06-01 -
            5 b 2012-01-01 2012-06-01
            6 a 2013-06-01 -
            6 a 2013-06-01 -
            6 a 2013-06-02 -",
        expect: "
            > members
            client_id
            2
            3
            4
            6
            > attrition
            rule | remaining | removed | removed_alone
            users~ | 6 | 0 | 0
            services~ | 6 | 0 | 0
            washout~ | 4 | 2 | 2",
        ..Case::default()
    });
}

#[test]
fn washout_looks_before_a_stay_that_began_before_the_period() {
    // The first contact of the period is the stay from 2012-12-01; the visit of November is 11 days before it.
    check(Case {
        study: "[[cohort]]\nname = \"c\"\nmin_services = 1\nwashout_days = 10\n[[cohort]]\nname = \"d\"\nmin_services = 1\nwashout_days = 11\n",
        contacts: "
            client service start end
            1 a 2012-12-01 2013-01-01
            1 b 2012-11-20 -",
        expect: "
            > members
            cohort client_id
            c 1",
        ..Case::default()
    });
}

#[test]
fn a_washout_of_nothing_removes_nobody() {
    check(Case {
        study: "[[cohort]]\nname = \"c\"\nmin_services = 1\nwashout_days = 0\n",
        contacts: "
            client service start
            1 a 2012-12-31
            1 a 2013-01-01",
        expect: "
            > members
            client_id
            1",
        ..Case::default()
    });
}

#[test]
fn observed_days_are_days_of_residence_in_the_period() {
    check(Case {
        study: "[[cohort]]\nname = \"c\"\nmin_services = 1\nobserved_days_min = 10\n",
        clients: "
            client from to died
            1 2000-01-01 - -
            2 2000-01-01 2013-01-10 -
            3 2000-01-01 2013-01-09 -
            4 2013-12-22 - -
            5 2013-12-23 - -
            6 2000-01-01 2013-05-05 2013-01-09
            7 2000-01-01 - 2013-01-10
            8 2000-01-01 2012-12-31 -",
        contacts: "
            client service start
            1 a 2013-01-05
            2 a 2013-01-05
            3 a 2013-01-05
            4 a 2013-01-05
            5 a 2013-01-05
            6 a 2013-01-05
            7 a 2013-01-05
            8 a 2013-01-05
            9 a 2013-01-05",
        known: "
            source until
            system 2014-12-31",
        expect: "
            > members
            client_id
            1
            2
            4
            7",
        ..Case::default()
    });
}

#[test]
fn members_of_an_earlier_cohort_can_be_excluded() {
    check(Case {
        study: "
            [[cohort]]
            name = \"three\"
            min_services = 3
            [[cohort]]
            name = \"two\"
            min_services = 2
            exclude_cohorts = [\"three\"]
            [[cohort]]
            name = \"one\"
            min_services = 1
            exclude_cohorts = [\"three\", \"two\"]",
        contacts: "
            client service start
            1 a 2013-01-01
            1 b 2013-01-02
            1 c 2013-01-03
            2 a 2013-01-01
            2 b 2013-01-02
            3 a 2013-01-01",
        expect: "
            > members
            cohort client_id
            three 1
            two 2
            one 3
            > attrition cohort=one
            rule | remaining | removed | removed_alone
            users~ | 3 | 0 | 0
            services~ | 3 | 0 | 0
            not in three | 2 | 1 | 1
            not in two | 1 | 1 | 1
            > definition_overlap
            cohort_a cohort_b both only_a only_b jaccard
            three two 0 1 1 0.00
            three one 0 1 1 0.00
            two one 0 1 1 0.00",
        ..Case::default()
    });
}

#[test]
fn attrition_removes_in_sequence_and_alone() {
    // 1 passes all; 2 is too young and has one service; 3 lives elsewhere; 4 is too young; 5 has no birth date.
    check(Case {
        study: "
            [[cohort]]
            name = \"c\"
            min_services = 2
            age = { min = 18 }
            municipalities = [\"272\"]
            washout_days = 30",
        clients: "
            client birth municipality
            1 1980-01-01 272
            2 2005-01-01 272
            3 1980-01-01 109
            4 2005-01-01 109
            5 - 272",
        contacts: "
            client service start
            1 a 2013-02-01
            1 b 2013-02-02
            2 a 2013-02-01
            3 a 2013-02-01
            3 b 2013-02-02
            4 a 2013-02-01
            4 b 2013-02-02
            5 a 2013-01-15
            5 b 2013-02-02
            5 b 2012-12-31",
        expect: "
            > attrition
            step | rule | remaining | removed | removed_alone
            1 | users~ | 5 | 0 | 0
            2 | services~ | 4 | 1 | 1
            3 | age unknown | 3 | 1 | 1
            4 | age~ | 2 | 1 | 2
            5 | municipalities~ | 1 | 1 | 2
            6 | washout~ | 1 | 0 | 1
            > members
            client_id
            1",
        ..Case::default()
    });
}

#[test]
fn with_several_periods_the_steps_of_attrition_go_on() {
    check(Case {
        study: "[study]\nname = \"s\"\nperiods = [\"2013\", \"2014\"]\n[[cohort]]\nname = \"c\"\nmin_services = 2\n",
        contacts: "
            client service start
            1 a 2013-02-01
            1 b 2013-02-02
            2 a 2013-02-01
            1 a 2014-02-01",
        expect: "
            > attrition
            step | rule | remaining | removed | removed_alone
            1 | 2013: users~ | 2 | 0 | 0
            2 | 2013: services~ | 1 | 1 | 1
            3 | 2014: users~ | 1 | 0 | 0
            4 | 2014: services~ | 0 | 1 | 1",
        ..Case::default()
    });
}

#[test]
fn a_cohort_of_nobody_and_an_empty_period_are_answers() {
    check(Case {
        study: "[study]\nname = \"s\"\nperiods = [\"2013\", \"1999\"]\n[[cohort]]\nname = \"c\"\nmin_services = 2\n",
        contacts: "
            client service start cost
            1 a 2013-02-01 5",
        expect: "
            > members
            client_id
            > attrition
            rule | remaining | removed | removed_alone
            2013: users~ | 1 | 0 | 0
            2013: services~ | 0 | 1 | 1
            1999: users~ | 0 | 0 | 0
            1999: services~ | 0 | 0 | 0
            > summary
            period clients residents contacts cost_cents gini
            2013 1 - 1 5 0.00
            1999 0 - 0 0 0.00",
        ..Case::default()
    });
}

#[test]
fn a_study_of_an_empty_store_gives_zeros() {
    check(Case {
        study: "[[cohort]]\nname = \"c\"\n[flow]\n[concentration]\n[persistence]\n[emergency]\n[monthly_states]\n[top_users]\n[sweep]\nmin_services = [2]\nmin_contacts = [1]\n",
        expect: "
            > summary
            clients residents person_years contacts cost_cents unpriced_contacts gini
            0 - - 0 0 0 0.0
            > attrition
            rule remaining removed removed_alone
            users~ 0 0 0
            services~ 0 0 0
            > sweep
            min_services min_contacts clients cost_cents
            2 1 0 0",
        ..Case::default()
    });
}

#[test]
fn the_population_is_asked_at_the_end_of_the_period() {
    check(Case {
        study: "[study]\nname = \"s\"\nperiod = \"2013\"\npopulation = { ages = \"18..64\" }\n[[cohort]]\nname = \"c\"\nmin_services = 1\n",
        clients: "
            client birth
            1 1995-12-31
            2 1996-01-01
            3 1949-01-01
            4 1948-12-31
            5 -
            6 1980-01-01",
        contacts: "
            client service start
            1 a 2013-05-01
            2 a 2013-05-01
            3 a 2013-05-01
            4 a 2013-05-01
            5 a 2013-05-01",
        expect: "
            > summary
            clients residents
            2 3
            > members
            client_id
            1
            3
            > attrition
            rule remaining
            users~ 2
            services~ 2",
        ..Case::default()
    });
}
