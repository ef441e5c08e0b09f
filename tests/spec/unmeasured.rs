//! What is not measured is null, never 0: costs of contacts that have no price.

use super::{Case, check};

const STUDY: &str = "[[cohort]]\nname = \"c\"\nmin_services = 2\n[concentration]\n[top_users]\nby = \"cost_cents\"\n\
                     [sweep]\nmin_services = [1, 2, 3]\nmin_contacts = [1]\n";

#[test]
fn a_cost_none_of_whose_contacts_has_a_price_is_null_and_of_some_it_is_their_sum() {
    // Service a is free, b has no price, of c one contact has.
    check(Case {
        study: STUDY,
        contacts: "
            client service start cost
            1 a 2013-05-01 0
            2 b 2013-05-01 -
            2 b 2013-05-02 -
            2 c 2013-05-03 -
            3 c 2013-05-01 70",
        services: "
            service sector
            a social
            b primary
            c specialised",
        expect: "
            > service_use cohort=all
            service clients contacts cost_cents
            a 1 1 0
            b 1 2 -
            c 2 2 70
            > service_use cohort=c
            service cost_cents
            b -
            c -
            > members
            client_id cost_cents
            2 -
            > services_per_client
            services clients cost_cents
            1 2 70
            2 1 -
            > combinations cohort=all
            service_set cost_cents
            a 0
            c 70
            b+c -
            > sector_overlap cohort=all
            social primary specialised cost_cents
            yes no no 0
            no yes yes -
            no no yes 70
            > sweep
            min_services clients cost_cents
            1 3 70
            2 1 -
            3 0 0
            > profile cohort=c dimension=all
            clients cost_cents share_of_users share_of_cost
            1 - 0.33 -
            > top_users source=all
            rank client_id measure contacts cost_cents
            1 3 70 1 70
            2 2 - 3 -
            3 1 0 1 0
            > concentration top_percent=50
            clients cost_cents cost_share threshold_cents
            2 70 1.00 0
            > summary
            cost_cents unpriced_contacts gini
            70 3 0.67",
        ..Case::default()
    });
}

#[test]
fn without_any_price_no_cost_is_measured_and_no_inequality() {
    check(Case {
        study: STUDY,
        clients: "
            client municipality county
            1 272 pohja
            2 272 pohja
            3 272 pohja",
        contacts: "
            client service start
            1 a 2013-05-01
            2 b 2013-05-01
            2 a 2013-05-01",
        expect: "
            > concentration denominator=residents top_percent=10
            clients cost_cents cost_share threshold_cents
            1 - - -
            > concentration denominator=users top_percent=1
            clients cost_cents cost_share threshold_cents
            1 - - -
            > lorenz denominator=users percentile=100
            cumulative_cost_share
            -
            > regions cohort=all level=municipality
            residents clients cost_cents cost_per_resident_cents
            3 2 - -
            > regions cohort=c level=municipality
            residents clients cost_cents
            3 1 -
            > summary
            clients cost_cents unpriced_contacts gini
            2 - 3 -",
        ..Case::default()
    });
}

#[test]
fn nobody_costs_nothing() {
    // Nobody in 2013: no contact is without a price. A stay keeps its price in the part of it that lies in the period.
    check(Case {
        study: "[study]\nname = \"s\"\nperiods = [\"2013\", \"2014\"]\n[concentration]\n[sweep]\nmin_services = [1]\nmin_contacts = [1]\n",
        contacts: "
            client service start end cost
            1 a 2014-12-31 2015-01-01 0",
        expect: "
            > summary
            period clients cost_cents gini
            2013 0 0 0.00
            2014 1 0 0.00
            > sweep
            period clients cost_cents
            2013 0 0
            2014 1 0
            > concentration denominator=users top_percent=1
            period clients cost_cents
            2013 0 0
            2014 1 0",
        ..Case::default()
    });
}

const PILOT: &str = "[[cohort]]\nname = \"c\"\nmin_services = 1\n[[pilot]]\nname = \"p\"\nbefore_days = 10\n\
                     after_days = 10\n";

#[test]
fn a_pilots_costs_and_providers_are_null_where_no_contact_of_the_window_tells_any() {
    // 1 has neither a price nor a provider before, both after; 2 has no contact before, which is 0, and none tells after.
    check(Case {
        study: PILOT,
        contacts: "
            client service provider start cost
            1 a - 2013-06-10 -
            1 a - 2013-06-11 -
            1 b x 2013-06-17 500
            1 a - 2013-06-18 -
            2 a - 2013-06-17 -
            3 a - 2013-12-31 -",
        pilots: "
            client index
            1 2013-06-15
            2 2013-06-15",
        expect: "
            > pilot_clients
            client_id window service contacts cost_cents providers
            1 before - 2 - -
            1 before a 2 - -
            1 after - 2 500 1
            1 after a 1 - -
            1 after b 1 500 1
            2 before - 0 0 0
            2 after - 1 - -
            2 after a 1 - -
            > pilot_baseline measure=cost_cents
            clients baseline_mean before_mean after_mean change
            2 - - 9125.0 -
            > pilot_baseline measure=providers
            clients baseline_mean before_mean after_mean change
            2 - - 0.5 -
            > pilot_baseline measure=stay_days
            clients baseline_mean before_mean after_mean change
            2 0.0 0.0 0.0 0.0",
        ..Case::default()
    });
}

#[test]
fn a_difference_is_null_where_one_side_has_no_price_and_the_others_contacts_count_as_nothing() {
    // Whoever is compared has no price before the index date; the pilot's clients have. Of these 1 has one, 2 none.
    check(Case {
        study: "[study]\nname = \"s\"\nperiods = [\"2012\"]\n[[cohort]]\nname = \"c\"\nmin_services = 1\n\
                [[pilot]]\nname = \"p\"\nbefore_days = 10\nafter_days = 10\ncomparison = { cohort = \"c\", per_client = 1 }\n",
        contacts: "
            client service start cost
            1 a 2013-06-10 200
            1 a 2013-06-17 100
            2 a 2013-06-10 -
            2 a 2013-06-17 100
            3 a 2012-05-05 900
            3 a 2013-06-10 -
            3 a 2013-06-17 300
            4 a 2012-05-05 900
            4 a 2013-06-10 -
            4 a 2013-06-17 300
            5 a 2013-12-31 -",
        pilots: "
            client index
            1 2013-06-15
            2 2013-06-15",
        expect: "
            > pilot_baseline measure=cost_cents
            baseline_mean comparison_baseline_mean before_mean comparison_before_mean comparison_after_mean
            3650.0 - 3650.0 - 10950.0
            > pilot_baseline measure=cost_cents
            change comparison_change difference
            0.0 - -
            > pilot_balance variable=cost_cents
            clients comparison_clients pool_clients mean comparison_mean pool_mean difference_after
            2 0 0 100.0 - - -
            > pilot_balance variable=contacts
            clients comparison_clients pool_clients mean comparison_mean
            2 2 2 1.0 1.0",
        ..Case::default()
    });
}
