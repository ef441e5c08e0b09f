//! Rule 7: users and residents, moves and deaths.

use super::{Case, check};

#[test]
fn residents_are_observed_on_some_day_of_the_period() {
    // Person-years of 2013: client 1 365, 2 1, 3 0, 4 1, 5 0, 6 365, 7 0 days (known from contacts alone) = 732 / 365.25.
    check(Case {
        study: "",
        clients: "
            client from to died sex
            1 2000-01-01 - - female
            2 2000-01-01 2013-01-01 - female
            3 2000-01-01 2012-12-31 - female
            4 2013-12-31 - - female
            5 2014-01-01 - - female
            6 - - - male",
        contacts: "
            client service start
            1 a 2013-05-01
            3 a 2013-05-01
            7 a 2013-05-01",
        known: "
            source until
            system 2014-12-31",
        expect: "
            > summary
            clients residents person_years contacts
            3 4 2.00411 3",
        ..Case::default()
    });
}

#[test]
fn death_ends_observation_on_its_day() {
    // 10 days and 9 days.
    check(Case {
        study: "",
        clients: "
            client from to died
            1 2000-01-01 - 2013-01-10
            2 2000-01-01 2013-01-09 2013-02-01
            3 2000-01-01 - 2012-12-31",
        contacts: "client service start",
        expect: "
            > summary
            clients residents person_years
            0 2 0.052019",
        ..Case::default()
    });
}

#[test]
fn without_a_client_list_residents_are_null_and_not_zero() {
    check(Case {
        study: "[concentration]\n",
        contacts: "
            client service start cost
            1 a 2013-05-01 100",
        expect: "
            > summary
            clients residents person_years
            1 - -
            > profile dimension=all
            value clients residents
            all 1 -
            > concentration top_percent=1
            denominator clients
            users 1
            > lorenz percentile=100
            denominator cumulative_cost_share
            users 1.0",
        ..Case::default()
    });
}

#[test]
fn shares_are_of_all_users_and_of_all_their_cost() {
    check(Case {
        study: "[[cohort]]\nname = \"c\"\nmin_services = 2\n[[segment]]\nname = \"x\"\nany_service = [\"b\"]\n[[segment]]\nname = \"y\"\nany_service = [\"a\", \"b\"]\n",
        clients: "
            client birth sex municipality county language
            1 1980-01-01 female 272 pohja fi
            2 1950-01-01 male 109 häme sv
            3 2000-01-01 female 272 pohja fi
            4 1930-01-01 unknown - - -
            5 - female 272 pohja fi",
        contacts: "
            client service start cost
            1 a 2013-05-01 100
            1 b 2013-05-01 200
            2 a 2013-05-01 300
            3 c 2013-05-01 400
            6 c 2013-05-01 -",
        expect: "
            > profile cohort=all
            dimension value clients residents contacts cost_cents share_of_users share_of_cost
            all all 4 5 5 1000 1.00 1.00
            age_band 0-17 1 1 1 400 0.25 0.40
            age_band 25-34 1 1 2 300 0.25 0.30
            age_band 55-64 1 1 1 300 0.25 0.30
            age_band - 1 1 1 - 0.25 -
            sex female 2 3 3 700 0.50 0.70
            sex male 1 1 1 300 0.25 0.30
            sex - 1 0 1 - 0.25 -
            municipality 272 2 3 3 700 0.50 0.70
            municipality 109 1 1 1 300 0.25 0.30
            municipality - 1 1 1 - 0.25 -
            wellbeing_county pohja 2 3 3 700 0.50 0.70
            wellbeing_county häme 1 1 1 300 0.25 0.30
            wellbeing_county - 1 1 1 - 0.25 -
            language fi 2 3 3 700 0.50 0.70
            language sv 1 1 1 300 0.25 0.30
            language - 1 1 1 - 0.25 -
            segment x 1 1 2 300 0.25 0.30
            segment y 1 1 1 300 0.25 0.30
            segment other 2 3 2 400 0.50 0.40
            > profile cohort=c
            dimension value clients residents cost_cents share_of_users share_of_cost
            all all 1 5 300 0.25 0.30
            age_band 25-34 1 1 300 0.25 0.30
            sex female 1 3 300 0.25 0.30
            municipality 272 1 3 300 0.25 0.30
            wellbeing_county pohja 1 3 300 0.25 0.30
            language fi 1 3 300 0.25 0.30
            segment x 1 1 300 0.25 0.30",
        ..Case::default()
    });
}

#[test]
fn an_age_band_takes_in_both_its_ends() {
    check(Case {
        study: "",
        clients: "
            client birth
            1 1996-01-01
            2 1995-12-31
            3 1989-01-01
            4 1988-12-31
            5 1929-01-01
            6 1928-12-31
            7 2013-06-01",
        contacts: "
            client service start
            1 a 2013-07-01
            2 a 2013-07-01
            3 a 2013-07-01
            4 a 2013-07-01
            5 a 2013-07-01
            6 a 2013-07-01
            7 a 2013-07-01",
        expect: "
            > profile dimension=age_band
            value clients residents
            0-17 2 2
            18-24 2 2
            25-34 1 1
            75-84 1 1
            85+ 1 1",
        ..Case::default()
    });
}

#[test]
fn age_bands_are_those_of_the_population() {
    let clients = "
        client birth
        1 1998-12-31
        2 1997-12-31
        3 1995-12-31
        4 1988-12-31
        5 1987-12-31";
    let contacts = "
        client service start
        1 a 2013-07-01
        2 a 2013-07-01
        3 a 2013-07-01
        4 a 2013-07-01
        5 a 2013-07-01";
    check(Case {
        study: "[study]\nname = \"s\"\nperiod = \"2013\"\npopulation = { ages = \"16..25\" }\n",
        clients,
        contacts,
        expect: "
            > profile dimension=age_band
            value clients residents
            16-17 1 1
            18-24 1 1
            25 1 1",
        ..Case::default()
    });
    check(Case {
        study: "[study]\nname = \"s\"\nperiod = \"2013\"\npopulation = { ages = \"0..17\" }\n",
        clients,
        contacts,
        expect: "
            > profile dimension=age_band
            value clients residents
            13-17 2 2",
        ..Case::default()
    });
}
