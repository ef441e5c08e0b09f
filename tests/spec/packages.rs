//! Service packages: what providers did against what was agreed, and what clients say.

use super::{Case, check};

const SERVICES: &str = "
            service package
            home_help home
            nursing home
            housing living
            dentist -";

#[test]
fn contacts_days_and_cost_go_to_their_provider_and_package() {
    // Client 1's stay lies with 30 and 31 December in 2013: 2 of 4 days, 200 of 400 cents.
    check(Case {
        study: "[packages]",
        services: SERVICES,
        contacts: "
            client service provider start end cost
            1 home_help north 2013-01-05 - 1000
            1 nursing north 2013-01-05 - 501
            2 nursing north 2013-02-01 - -
            2 nursing south 2013-02-01 - 300
            1 housing north 2013-12-30 2014-01-02 400
            3 dentist south 2013-03-01 - 70
            3 home_help - 2013-03-02 - -",
        expect: "
            > packages
            provider package clients contacts days cost_cents unpriced_contacts cost_per_client_cents cost_per_contact_cents
            north home 2 3 3 1501 1 751 500
            south home 1 1 1 300 0 300 300
            north living 1 1 2 200 0 200 200
            south - 1 1 1 70 0 70 70
            - home 1 1 1 - 1 - -",
        ..Case::default()
    });
}

#[test]
fn actual_is_held_against_agreed_in_the_unit_of_the_agreement() {
    check(Case {
        study: "[packages]",
        services: SERVICES,
        contacts: "
            client service provider start end cost
            1 home_help north 2013-01-05 - 1000
            1 home_help north 2013-01-06 - 1000
            2 housing north 2013-05-01 2013-05-10 5000
            3 home_help south 2013-01-05 - 900",
        agreements: "
            provider package from to volume price unit
            north home 2013-01-01 2013-12-31 3 900 contacts
            north living 2013-01-01 2013-12-31 8 600 days
            south home 2013-01-01 2013-12-31 1 900 clients
            west home 2013-01-01 2013-12-31 5 100 contacts
            south living 2013-01-01 2013-12-31 - 100 days",
        expect: "
            > packages
            provider package contacts agreed_volume volume_unit agreed_unit_cost_cents agreed_cost_cents volume_difference unit_cost_difference_cents cost_difference_cents
            north home 2 3 contacts 900 2700 -1 100 -700
            north living 1 8 days 600 4800 2 -100 200
            south home 1 1 clients 900 900 0 0 0
            # Agreed and not used: a use of 0 is known, a price of nothing is not.
            west home 0 5 contacts 100 500 -5 - -500
            south living 0 - days 100 - - - -",
        ..Case::default()
    });
}

#[test]
fn an_agreement_across_periods_counts_by_days_and_adds_up_to_the_whole() {
    // July 2012 to June 2014 is 730 days: 184 in 2012, 365 in 2013, 181 in 2014. Of 100: up to day 184 25, up to day 549
    // 75, up to day 730 100.
    check(Case {
        study: "[study]\nname = \"s\"\nperiods = [\"2011\", \"2012\", \"2013\", \"2014\"]\n[packages]",
        agreements: "
            provider package from to volume price unit
            north home 2012-07-01 2014-06-30 100 10 contacts",
        expect: "
            > packages
            period clients agreed_volume agreed_cost_cents volume_difference cost_cents
            2012 0 25 250 -25 0
            2013 0 50 500 -50 0
            2014 0 25 250 -25 0",
        ..Case::default()
    });
}

#[test]
fn agreements_of_one_unit_add_up_and_those_of_several_have_no_common_volume() {
    // 10 x 100 + 30 x 200 = 7000 for 40: 175 each.
    check(Case {
        study: "[packages]",
        agreements: "
            provider package from to volume price unit
            north home 2013-01-01 2013-06-30 10 100 contacts
            north home 2013-07-01 2013-12-31 30 200 contacts
            south home 2013-01-01 2013-06-30 10 100 contacts
            south home 2013-07-01 2013-12-31 30 200 days
            west home 2013-01-01 2013-06-30 10 100 contacts
            west home 2013-07-01 2013-12-31 - 100 contacts",
        expect: "
            > packages
            provider agreed_volume volume_unit agreed_unit_cost_cents agreed_cost_cents cost_difference_cents
            north 40 contacts 175 7000 -7000
            south - - - 7000 -7000
            west - contacts 100 - -",
        ..Case::default()
    });
}

#[test]
fn an_agreement_that_only_touches_the_period_is_there_and_one_beside_it_is_not() {
    check(Case {
        study: "[packages]",
        agreements: "
            provider package from to volume price unit
            a home 2012-01-01 2012-12-31 12 1 contacts
            b home 2012-01-01 2013-01-01 367 1 contacts
            c home 2013-12-31 2014-12-31 366 1 contacts
            d home 2014-01-01 2014-12-31 12 1 contacts",
        expect: "
            > packages
            provider agreed_volume
            b 1
            c 1",
        ..Case::default()
    });
}

#[test]
fn feedback_is_of_one_questionnaire_and_of_the_period() {
    // survey: 3, 4, 2, 5 -> 3.5. Client 1 rises from 3 to 4 and client 2 from 2 to 5: a mean change of 2.
    check(Case {
        study: "[packages]",
        feedback: "
            client provider package instrument on score
            1 north home survey 2013-01-01 3
            1 north home survey 2013-06-01 4
            2 north home survey 2013-12-31 5
            2 north home survey 2013-01-01 2
            3 north home other 2013-02-01 1
            3 north home survey 2012-12-31 1
            3 north home survey 2014-01-01 1
            4 south home survey 2013-05-05 2.5",
        expect: "
            > packages
            provider clients cost_cents instrument answers answering_clients feedback_mean repeat_clients feedback_change
            north 0 0 survey 4 2 3.50 2 2.00
            south 0 0 survey 1 1 2.50 - -",
        ..Case::default()
    });
}

#[test]
fn answers_of_one_day_are_one_point_of_a_clients_change() {
    // First day 2 and 4: 3. Last day 5. Client 2 answered twice on one day only.
    check(Case {
        study: "[packages]",
        feedback: "
            client provider package on score
            1 north home 2013-01-01 2
            1 north home 2013-01-01 4
            1 north home 2013-03-01 1
            1 north home 2013-06-01 5
            2 north home 2013-01-01 2
            2 north home 2013-01-01 5",
        expect: "
            > packages
            answers answering_clients repeat_clients feedback_change
            6 2 1 2.0",
        ..Case::default()
    });
}

#[test]
fn only_the_population_is_counted() {
    check(Case {
        study: "[study]\nname = \"s\"\nperiods = [\"2013\"]\npopulation = { ages = \"18..64\" }\n[packages]",
        clients: "
            client birth
            1 1980
            2 2000",
        services: SERVICES,
        contacts: "
            client service provider start cost
            1 nursing north 2013-01-05 100
            2 nursing north 2013-01-05 50
            3 nursing north 2013-01-05 25",
        feedback: "
            client provider package on score
            1 north home 2013-01-01 2
            2 north home 2013-01-01 4
            9 north home 2013-01-01 4",
        expect: "
            > packages
            clients contacts cost_cents answers
            1 1 100 1",
        ..Case::default()
    });
}
