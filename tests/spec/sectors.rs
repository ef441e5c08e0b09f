//! `sector_concentration` and `sector_top_overlap`: each sector by itself.

use super::{Case, check};

#[test]
fn a_sector_counts_its_own_use_alone_and_its_top_tenth_is_rounded_up() {
    // Two use social care, 1 for 300 and 2 for 100: Gini 1/4, and the top is one of them with 3/4. 2 and 3 use primary
    // care: 2 for 10 and 3 for 30. Nobody is on top of both; by chance 1 x 1 of 3 users would be.
    check(Case {
        study: "[concentration]\n",
        services: "
            service sector
            s social
            p primary",
        contacts: "
            client service start end cost
            1 s 2013-01-01 2013-01-05 300
            2 s 2013-01-01 - 100
            2 p 2013-01-01 - 10
            3 p 2013-01-01 - 30
            3 p 2013-01-02 - -",
        expect: "
            > sector_concentration
            sector clients contacts days cost_cents gini_cost gini_contacts top10_cost_share
            social 2 2 6 400 0.25 0.00 0.75
            primary 2 3 3 40 0.25 0.17 0.75

            > sector_top_overlap
            sector_a sector_b clients expected
            social primary 0 0.333",
        ..Case::default()
    });
}

#[test]
fn a_sector_without_a_price_has_no_costliest() {
    check(Case {
        study: "[concentration]\n",
        services: "
            service sector
            s social
            p primary",
        contacts: "
            client service start cost
            1 s 2013-01-01 -
            1 p 2013-01-01 10",
        expect: "
            > sector_concentration
            sector cost_cents gini_cost top10_cost_share
            social - - -
            primary 10 0 1

            > sector_top_overlap
            sector_a sector_b clients expected
            social primary - -",
        ..Case::default()
    });
}
