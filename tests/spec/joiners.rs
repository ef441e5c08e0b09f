//! `joiners`: who joins a cohort, stays in it and leaves it.

use super::{Case, check};

const STUDY: &str =
    "[study]\nname = \"s\"\nperiods = [\"2013\", \"2014\"]\n[[cohort]]\nname = \"c\"\nmin_services = 3\n[joiners]\n";

#[test]
fn everybody_known_in_either_period_has_a_state_in_both() {
    // 1 joins from a near member, 2 stays, 3 becomes another user, 4 uses nothing in 2014, 5 begins in 2014, 6 and 7 are
    // residents without use, 7 of 2013 only. Near members have more services than in the year before: 1 in 2013.
    check(Case {
        study: STUDY,
        clients: "
            client from to
            1 2000-01-01 -
            2 2000-01-01 -
            3 2000-01-01 -
            4 2000-01-01 -
            5 2000-01-01 -
            6 2000-01-01 -
            7 2000-01-01 2013-12-31",
        contacts: "
            client service start cost
            1 a 2013-02-01 1
            1 b 2013-03-01 2
            1 a 2014-02-01 4
            1 b 2014-02-01 8
            1 c 2014-02-01 16
            2 a 2013-01-01 32
            2 b 2013-01-01 64
            2 c 2013-01-01 128
            2 a 2014-01-01 256
            2 b 2014-01-01 512
            2 c 2014-01-01 1024
            3 a 2013-01-01 1
            3 b 2013-01-01 1
            3 c 2013-01-01 1
            3 a 2014-12-31 2048
            4 a 2013-12-31 1
            5 a 2014-01-01 4096",
        expect: "
            > joiners
            cohort from_period to_period from_state to_state clients cost_cents
            c 2013 2014 near member 1 28
            c 2013 2014 member member 1 1792
            c 2013 2014 member user 1 2048
            c 2013 2014 user no_use 1 0
            c 2013 2014 no_use user 1 4096
            c 2013 2014 no_use no_use 1 0
            c 2013 2014 no_use left 1 0",
        ..Case::default()
    });
}

#[test]
fn who_moves_dies_or_is_born_is_not_without_use() {
    // On both sides of the edge: 1 and 3 are gone on the last day of 2013, 2 and 4 live there on the first of 2014; 5 comes
    // on the first day of 2014, 6 on the last of 2013; 7 is born in 2014; 8 uses services after moving away.
    check(Case {
        study: STUDY,
        clients: "
            client birth from to died
            1 1950-01-01 - 2013-12-31 -
            2 1950-01-01 - 2014-01-01 -
            3 1950-01-01 - - 2013-12-31
            4 1950-01-01 - - 2014-01-01
            5 1950-01-01 2014-01-01 - -
            6 1950-01-01 2013-12-31 - -
            7 2014-05-01 2014-05-01 - -
            8 1950-01-01 - 2013-06-30 -",
        contacts: "
            client service start
            8 a 2014-03-01",
        known: "
            source until
            system 2014-12-31",
        expect: "
            > joiners
            from_state to_state clients
            no_use left 2
            no_use no_use 3
            not_yet no_use 2
            no_use user 1",
        ..Case::default()
    });
}

#[test]
fn who_grows_into_the_population_was_not_yet_in_it_and_who_grows_out_has_left() {
    // 18 to 64 years at the end of each period. 1 turns 18 in 2014, 2 in 2015; 3 turns 65 in 2014, 4 in 2013. 5 has no
    // known age, and belongs to no population of ages.
    check(Case {
        study: "[study]\nname = \"s\"\nperiods = [\"2013\", \"2014\"]\npopulation = { ages = \"18..64\" }\n[[cohort]]\nname = \"c\"\nmin_services = 1\n[joiners]\n",
        clients: "
            client birth sex
            1 1996-12-31 male
            2 1997-01-01 male
            3 1949-12-31 male
            4 1948-12-31 male
            5 - male",
        contacts: "
            client service start cost
            1 a 2013-05-01 1
            1 a 2014-05-01 2
            2 a 2014-05-01 4
            3 a 2014-05-01 8
            4 a 2013-05-01 16
            5 a 2014-05-01 32",
        expect: "
            > joiners
            from_state to_state clients cost_cents
            not_yet member 1 2
            no_use left 1 0",
        ..Case::default()
    });
}

#[test]
fn people_known_from_contacts_alone_have_no_use_where_they_have_none() {
    check(Case {
        study: STUDY,
        contacts: "
            client service start
            1 a 2013-05-01
            2 a 2014-05-01
            3 a 2012-05-01",
        expect: "
            > joiners
            from_state to_state clients cost_cents
            user no_use 1 0
            no_use user 1 -",
        ..Case::default()
    });
}

#[test]
fn periods_follow_each_other_in_time_and_each_cohort_has_its_own_states() {
    check(Case {
        study: "[study]\nname = \"s\"\nperiods = [\"2014\", \"2012\", \"2013\"]\n[[cohort]]\nname = \"one\"\nmin_services = 1\n[[cohort]]\nname = \"two\"\nmin_services = 2\n[joiners]\n",
        clients: "
            client from
            1 2000-01-01",
        contacts: "
            client service start
            1 a 2012-05-01
            1 a 2013-05-01
            1 b 2013-05-01
            1 a 2014-05-01",
        expect: "
            > joiners
            cohort from_period to_period from_state to_state
            one 2012 2013 member member
            one 2013 2014 member member
            two 2012 2013 near member
            two 2013 2014 member user",
        ..Case::default()
    });
}

#[test]
fn a_study_of_one_period_has_no_joiners() {
    check(Case {
        study: "[[cohort]]\nname = \"c\"\nmin_services = 1\n[joiners]\n",
        contacts: "
            client service start
            1 a 2013-05-01",
        expect: "
            > joiners
            from_state",
        ..Case::default()
    });
}
