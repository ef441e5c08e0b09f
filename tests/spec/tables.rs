//! Tables of use: services, combinations, sectors, sweeps, overlaps, the watch list.

use super::{Case, check};

const CONTACTS: &str = "
            client service start end cost
            1 a 2013-01-01 - 100
            1 b 2013-01-02 2013-01-04 200
            1 a 2013-02-01 - 100
            2 a 2013-01-01 - 50
            3 c 2013-01-01 - -
            4 b 2013-05-01 - 5
            4 a 2013-05-02 - 5";

#[test]
fn service_use_says_what_share_of_a_services_clients_the_cohort_is() {
    check(Case {
        study: "[[cohort]]\nname = \"c\"\nmin_services = 2\n",
        contacts: CONTACTS,
        expect: "
            > service_use
            cohort service clients contacts stay_days cost_cents cohort_share
            all a 3 4 0 255 1.000
            all b 2 2 3 205 1.000
            all c 1 1 0 - 1.000
            c a 2 3 0 205 0.667
            c b 2 2 3 205 1.000",
        ..Case::default()
    });
}

#[test]
fn users_are_counted_by_their_number_of_services() {
    check(Case {
        study: "",
        contacts: CONTACTS,
        expect: "
            > services_per_client
            services clients contacts cost_cents
            1 2 2 50
            2 2 5 410",
        ..Case::default()
    });
}

#[test]
fn combinations_are_sets_of_services_in_byte_order() {
    check(Case {
        study: "[[cohort]]\nname = \"c\"\nmin_services = 2\n",
        contacts: CONTACTS,
        expect: "
            > combinations
            cohort service_set services clients contacts cost_cents
            all a 1 1 1 50
            all c 1 1 1 -
            all a+b 2 2 5 410
            c a+b 2 2 5 410",
        ..Case::default()
    });
}

#[test]
fn codes_are_sorted_by_bytes_and_not_by_a_locale() {
    check(Case {
        study: "[[cohort]]\nname = \"c\"\nmin_services = 5\n",
        contacts: "
            client service start
            1 ä 2013-01-01
            1 a 2013-01-01
            1 Z 2013-01-01
            1 10 2013-01-01
            1 9 2013-01-01",
        expect: "
            > members
            service_set
            10+9+Z+a+ä",
        ..Case::default()
    });
}

#[test]
fn sector_overlap_has_a_row_for_each_mix_of_sectors() {
    check(Case {
        study: "",
        services: "
            service sector
            s social
            p primary
            h specialised
            o other",
        contacts: "
            client service start cost
            1 s 2013-01-01 1
            1 o 2013-01-01 1
            2 s 2013-01-01 10
            3 s 2013-01-01 100
            3 p 2013-01-01 100
            3 h 2013-01-01 100
            4 o 2013-01-01 1000
            5 h 2013-01-01 -",
        expect: "
            > sector_overlap
            social primary specialised clients cost_cents
            yes no no 2 12
            yes yes yes 1 300
            no no no 1 1000
            no no yes 1 -",
        ..Case::default()
    });
}

#[test]
fn a_sweep_counts_every_pair_of_thresholds() {
    check(Case {
        study: "[sweep]\nmin_services = [1, 2, 3]\nmin_contacts = [1, 2]\ncount_by = [\"service\", \"package\"]\n",
        services: "
            service package
            a x
            b x
            c y",
        contacts: "
            client service start cost
            1 a 2013-01-01 1
            1 b 2013-01-02 1
            1 c 2013-01-03 1
            2 a 2013-01-01 10
            2 a 2013-01-02 10
            2 b 2013-01-03 10
            3 a 2013-01-01 100
            4 d 2013-01-01 1000",
        expect: "
            > sweep
            count_by min_services min_contacts clients cost_cents
            service 1 1 4 1133
            service 2 1 2 33
            service 3 1 1 3
            service 1 2 1 30
            service 2 2 0 0
            service 3 2 0 0
            package 1 1 3 133
            package 2 1 1 3
            package 3 1 0 0
            package 1 2 2 33
            package 2 2 0 0
            package 3 2 0 0",
        ..Case::default()
    });
}

#[test]
fn overlap_compares_each_two_definitions() {
    check(Case {
        study: "
            [[cohort]]
            name = \"broad\"
            min_services = 1
            [[cohort]]
            name = \"narrow\"
            min_services = 2
            [[cohort]]
            name = \"often\"
            min_services = 1
            heavy = { min_contacts = 2 }
            [[cohort]]
            name = \"nobody\"
            min_services = 9
            [[cohort]]
            name = \"none\"
            min_services = 10",
        contacts: CONTACTS,
        expect: "
            > definition_overlap
            cohort_a cohort_b both only_a only_b jaccard
            broad narrow 2 2 0 0.50
            broad often 1 3 0 0.25
            broad nobody 0 4 0 0.00
            broad none 0 4 0 0.00
            narrow often 1 1 0 0.50
            narrow nobody 0 2 0 0.00
            narrow none 0 2 0 0.00
            often nobody 0 1 0 0.00
            often none 0 1 0 0.00
            nobody none 0 0 0 -",
        ..Case::default()
    });
}

#[test]
fn the_first_segment_that_fits_has_the_client() {
    check(Case {
        study: "[[segment]]\nname = \"second\"\nany_service = [\"b\"]\n[[segment]]\nname = \"first\"\nany_service = [\"a\", \"b\", \"never\"]\n",
        contacts: CONTACTS,
        expect: "
            > profile dimension=segment
            value clients contacts cost_cents
            second 2 5 410
            first 1 1 50
            other 1 1 -",
        ..Case::default()
    });
}

#[test]
fn the_watch_list_has_who_is_one_service_short_and_rising() {
    // Threshold 3. Client 1 went from 1 to 2, client 2 stayed at 2, client 3 fell from 3 to 2, client 4 is a member,
    // client 5 went from none to 1, client 6 from none to 2.
    check(Case {
        study: "[study]\nname = \"s\"\nperiod = \"2013\"\n[[cohort]]\nname = \"c\"\nmin_services = 3\n",
        contacts: "
            client service start cost
            1 a 2012-05-01 -
            1 a 2013-05-01 10
            1 b 2013-06-01 20
            2 a 2012-01-02 -
            2 b 2012-12-31 -
            2 a 2013-05-01 -
            2 b 2013-06-01 -
            3 a 2012-05-01 -
            3 b 2012-05-01 -
            3 c 2012-05-01 -
            3 a 2013-05-01 -
            3 b 2013-06-01 -
            4 a 2013-05-01 -
            4 b 2013-05-01 -
            4 c 2013-05-01 -
            5 a 2013-05-01 -
            6 a 2013-05-01 -
            6 b 2013-05-01 -
            6 b 2013-05-02 -",
        expect: "
            > near_members
            client_id services services_before contacts cost_cents service_set qualified_on
            1 2 1 2 30 a+b -
            6 2 0 3 - a+b -",
        ..Case::default()
    });
}

#[test]
fn the_watch_list_asks_for_every_other_rule() {
    check(Case {
        study: "[[cohort]]\nname = \"c\"\nmin_services = 2\nage = { min = 18, max = 64 }\nmunicipalities = [\"272\"]\n",
        clients: "
            client birth municipality
            1 1980-01-01 272
            2 2005-01-01 272
            3 1980-01-01 091
            4 - 272",
        contacts: "
            client service start
            1 a 2013-05-01
            2 a 2013-05-01
            3 a 2013-05-01
            4 a 2013-05-01",
        expect: "
            > near_members
            client_id age municipality services_before
            1 33 272 0",
        ..Case::default()
    });
}

#[test]
fn the_period_before_is_the_studys_own_or_as_many_days() {
    // January follows the named period of 40 days, in which client 1 used b; of 31 days it would not.
    check(Case {
        study: "[study]\nname = \"s\"\nperiods = [\"2012-11-22..2012-12-31\", \"2013-01-01..2013-01-31\"]\n[[cohort]]\nname = \"c\"\nmin_services = 2\n",
        contacts: "
            client service start
            1 b 2012-11-30
            1 a 2013-01-05
            2 b 2012-11-21
            2 a 2013-01-05",
        expect: "
            > near_members
            period client_id services_before
            2012-11-22..2012-12-31 1 0
            2013-01-01..2013-01-31 2 0",
        ..Case::default()
    });
    check(Case {
        study: "[study]\nname = \"s\"\nperiods = [\"2013-01-01..2013-01-31\"]\n[[cohort]]\nname = \"c\"\nmin_services = 2\n",
        contacts: "
            client service start
            1 b 2012-11-30
            1 a 2013-01-05
            2 b 2012-12-01
            2 a 2013-01-05",
        expect: "
            > near_members
            client_id services_before
            1 0",
        ..Case::default()
    });
}
