//! Regions side by side: rates, and rates as if they had the same ages and sexes.

use super::{Case, check};

/// Region x has three young women and one old woman, y one young and three old.
const CLIENTS: &str = "
            client birth sex municipality county
            1 1990 female 091 x
            2 1990 female 091 x
            3 1990 female 091 x
            4 1940 female 091 x
            5 1990 female 272 y
            6 1940 female 272 y
            7 1940 female 272 y
            8 1940 female 272 y";

#[test]
fn rates_are_per_thousand_residents() {
    check(Case {
        study: "[[cohort]]\nname = \"two\"\nmin_services = 2\n",
        clients: CLIENTS,
        contacts: "
            client service start cost
            1 a 2013-01-01 100
            1 b 2013-01-02 50
            4 a 2013-01-01 101
            5 a 2013-01-01 -",
        expect: "
            > regions cohort=all level=municipality
            region residents clients contacts cost_cents clients_per_1000 contacts_per_1000 cost_per_resident_cents
            091 4 2 3 251 500.0 750.0 63
            272 4 1 1 - 250.0 250.0 -
            > regions cohort=two
            level region residents clients contacts clients_per_1000 standardised_clients_per_1000
            # One of three young women of x, weighted with half of everybody: 1/3 x 4/8.
            wellbeing_county x 4 1 2 250.0 166.7
            wellbeing_county y 4 0 0 0.0 0.0
            municipality 091 4 1 2 250.0 166.7
            municipality 272 4 0 0 0.0 0.0",
        ..Case::default()
    });
}

#[test]
fn a_difference_that_comes_from_ages_alone_is_gone_when_standardised() {
    // In both regions no young woman is a client and every old one is: 1 of 4 against 3 of 4. Half of all are old.
    check(Case {
        study: "",
        clients: CLIENTS,
        contacts: "
            client service start cost
            4 a 2013-01-01 100
            6 a 2013-01-01 100
            7 a 2013-01-01 100
            8 a 2013-01-01 100",
        expect: "
            > regions level=wellbeing_county
            region clients_per_1000 standardised_clients_per_1000 standardised_contacts_per_1000 standardised_cost_per_resident_cents
            x 250.0 500.0 500.0 50
            y 750.0 500.0 500.0 50",
        ..Case::default()
    });
}

#[test]
fn a_region_without_a_resident_of_some_age_and_sex_has_no_standardised_rate() {
    check(Case {
        study: "",
        clients: "
            client birth sex municipality county
            1 1990 female 091 x
            2 1990 female 272 y
            3 1940 male 272 y
            # In no stratum: they are residents and clients, and weigh nothing.
            4 - male 091 x
            5 1990 unknown 091 x",
        contacts: "
            client service start cost
            1 a 2013-01-01 100
            2 a 2013-01-01 100
            4 a 2013-01-01 100",
        expect: "
            > regions level=municipality
            region residents clients clients_per_1000 standardised_clients_per_1000
            091 3 2 666.7 -
            # Women 1 of 1, weight 2; men 0 of 1, weight 1.
            272 2 1 500.0 666.7",
        ..Case::default()
    });
}

#[test]
fn a_region_where_nobody_is_observed_any_more_has_no_rate() {
    check(Case {
        study: "",
        clients: "
            client birth sex municipality county to
            1 1990 female 091 x 2012-12-31
            2 1990 female 272 y -",
        contacts: "
            client service start cost
            1 a 2013-01-01 100
            3 a 2013-01-01 100",
        expect: "
            > regions level=municipality
            region residents clients clients_per_1000 cost_per_resident_cents standardised_clients_per_1000
            091 0 1 - - -
            272 1 0 0.0 0 0.0",
        ..Case::default()
    });
}

#[test]
fn bands_of_age_end_where_they_say() {
    // 17 and 18, 34 and 35, 49 and 50, 64 and 65, 79 and 80 at the end of 2013; only the first of each pair is a client,
    // and stands in a band of its own: in y only the elder live, so x's bands of 0-17 to 65-79 are those of the younger.
    check(Case {
        study: "",
        clients: "
            client birth sex municipality county
            1 1996 male 091 x
            2 1979 male 091 x
            3 1964 male 091 x
            4 1949 male 091 x
            5 1934 male 091 x
            6 1933 male 091 x
            7 1995 male 272 y
            8 1978 male 272 y
            9 1963 male 272 y
            10 1948 male 272 y
            11 1934 male 272 y
            12 1996 male 272 y
            13 1933 male 272 y",
        contacts: "
            client service start
            1 a 2013-01-01
            13 a 2013-01-01",
        expect: "
            > regions level=municipality
            region residents clients clients_per_1000 standardised_clients_per_1000
            # Strata in all: 0-17 2, 18-34 2, 35-49 2, 50-64 2, 65-79 3, 80+ 2, 13 men. x: 1/1 x 2 / 13; y: 1/1 x 2 / 13.
            091 6 1 166.7 153.8
            272 7 1 142.9 153.8",
        ..Case::default()
    });
}
