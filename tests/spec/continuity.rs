//! `continuity`: how the contacts of a client fall on providers.

use super::{Case, check};

#[test]
fn three_contacts_with_a_provider_are_enough_and_two_are_not() {
    // 1: two with p, one with q: the usual one has 2/3, and of three pairs of contacts one has the same provider: 1/3.
    // 2: all four with p: 1 and 1. 3: two with a provider and one without. 4: three with three: 1/3 and 0.
    check(Case {
        study: "[continuity]\n[[cohort]]\nname = \"none\"\nmin_services = 9\n",
        contacts: "
            client service start provider
            1 a 2013-01-01 p
            1 a 2013-02-01 p
            1 b 2013-03-01 q
            2 a 2013-01-01 p
            2 a 2013-01-01 p
            2 a 2013-01-02 p
            2 a 2013-01-03 p
            3 a 2013-01-01 p
            3 a 2013-01-02 p
            3 a 2013-01-03 -
            4 a 2013-01-01 p
            4 a 2013-01-02 q
            4 a 2013-01-03 r",
        expect: "
            > continuity
            cohort providers_median usual_provider_share bice_boxerman clients
            all 2 0.6667 0.4444 3
            none - - - 0",
        ..Case::default()
    });
}

#[test]
fn a_stay_from_before_the_period_is_a_contact_of_it() {
    // 1: a stay from the year before and one visit with p, one with q: 2/3, and one of three pairs. 2 has two contacts only.
    check(Case {
        study: "[continuity]\n",
        contacts: "
            client service start end provider
            1 ward 2012-12-01 2013-01-01 p
            1 a 2013-02-01 - p
            1 a 2013-02-01 - q
            2 a 2013-02-01 - p
            2 a 2013-02-02 - p
            2 a 2014-01-01 - p",
        expect: "
            > continuity
            providers_median usual_provider_share bice_boxerman clients
            2 0.6667 0.3333 1",
        ..Case::default()
    });
}
