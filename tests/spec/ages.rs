//! Rule 2: ages at every birthday's edge.

use super::{Case, check};

const ADULTS: &str = "[[cohort]]\nname = \"c\"\nmin_services = 1\nage = { min = 18, max = 64 }\n";

#[test]
fn a_birthday_on_the_last_day_of_the_period_counts() {
    check(Case {
        study: ADULTS,
        clients: "
            client birth
            1 1995-12-31
            2 1996-01-01
            3 1949-01-01
            4 1948-12-31",
        contacts: "
            client service start
            1 a 2013-05-01
            2 a 2013-05-01
            3 a 2013-05-01
            4 a 2013-05-01",
        expect: "
            > members
            client_id age
            1 18
            3 64",
        ..Case::default()
    });
}

#[test]
fn the_age_at_the_start_of_the_period_is_a_year_less_for_most() {
    check(Case {
        study: "[[cohort]]\nname = \"c\"\nmin_services = 1\nage = { min = 18, max = 64, at = \"period_start\" }\n",
        clients: "
            client birth
            1 1995-01-01
            2 1995-01-02
            3 1948-01-02
            4 1948-01-01",
        contacts: "
            client service start
            1 a 2013-05-01
            2 a 2013-05-01
            3 a 2013-05-01
            4 a 2013-05-01",
        expect: "
            > members
            client_id age
            1 18
            3 64",
        ..Case::default()
    });
}

#[test]
fn the_age_at_the_first_contact_uses_the_first_contact_of_the_period() {
    // Client 3's contact of 2012 is not of the period; client 4's stay is, and began when the client was 17.
    check(Case {
        study: "[[cohort]]\nname = \"c\"\nmin_services = 1\nage = { min = 18, at = \"first_contact\" }\n",
        clients: "
            client birth
            1 1995-05-01
            2 1995-05-02
            3 1995-03-01
            4 1995-01-01",
        contacts: "
            client service start end
            1 a 2013-05-01 -
            1 a 2013-06-01 -
            2 a 2013-05-01 -
            2 a 2013-06-01 -
            3 a 2012-05-01 -
            3 a 2013-03-01 -
            4 a 2012-12-31 2013-02-01
            4 a 2013-03-01 -",
        expect: "
            > members
            client_id age
            1 18
            3 18
            > attrition
            rule | remaining | removed | removed_alone
            users~ | 4 | 0 | 0
            services~ | 4 | 0 | 0
            age unknown | 4 | 0 | 0
            age~ | 2 | 2 | 2",
        ..Case::default()
    });
}

#[test]
fn who_is_born_on_29_february_turns_older_on_1_march_in_common_years() {
    // 2013 is a common year: 17 on 28 February 2014 minus one; 2012 is a leap year.
    check(Case {
        study: "
            [study]
            name = \"s\"
            periods = [\"2013-01-01..2013-02-28\", \"2013-01-01..2013-03-01\", \"2012-01-01..2012-02-28\", \"2012-01-01..2012-02-29\"]
            [[cohort]]
            name = \"c\"
            min_services = 1
            ",
        clients: "
            client birth
            1 1996-02-29",
        contacts: "
            client service start
            1 a 2013-01-05
            1 a 2012-01-05",
        expect: "
            > members
            period age
            2013-01-01..2013-02-28 16
            2013-01-01..2013-03-01 17
            2012-01-01..2012-02-28 15
            2012-01-01..2012-02-29 16",
        ..Case::default()
    });
}

#[test]
fn with_year_precision_the_age_is_the_difference_of_the_years() {
    check(Case {
        study: "[study]\nname = \"s\"\nperiod = \"2013-01-01..2013-06-30\"\n[[cohort]]\nname = \"c\"\nmin_services = 1\nage = { min = 18 }\n",
        clients: "
            client birth
            1 1995
            2 1996
            3 1995-07
            4 1995-06
            5 1995-06-30
            6 1995-07-01",
        contacts: "
            client service start
            1 a 2013-05-01
            2 a 2013-05-01
            3 a 2013-05-01
            4 a 2013-05-01
            5 a 2013-05-01
            6 a 2013-05-01",
        expect: "
            > members
            client_id age
            1 18
            4 18
            5 18",
        ..Case::default()
    });
}

#[test]
fn an_unknown_age_fails_an_age_rule_and_is_told_apart() {
    check(Case {
        study: ADULTS,
        clients: "
            client birth sex
            1 1980-01-01 female
            2 - male
            3 2010-01-01 female",
        contacts: "
            client service start
            1 a 2013-05-01
            2 a 2013-05-01
            3 a 2013-05-01
            4 a 2013-05-01",
        expect: "
            > members
            client_id age
            1 33
            > attrition
            step | rule | remaining | removed | removed_alone
            1 | users~ | 4 | 0 | 0
            2 | services~ | 4 | 0 | 0
            3 | age unknown | 2 | 2 | 2
            4 | age~ | 1 | 1 | 1",
        ..Case::default()
    });
}

#[test]
fn without_an_age_rule_an_unknown_age_is_no_hindrance() {
    check(Case {
        study: "[[cohort]]\nname = \"c\"\nmin_services = 1\n",
        contacts: "
            client service start
            1 a 2013-05-01",
        expect: "
            > members
            client_id age sex municipality
            1 - - -",
        ..Case::default()
    });
}
