//! Rules 6 and 10: rankings, ties and statistics.

use super::{Case, check};

/// Ten users with costs 1, 2, ... 10, in another order than their ids.
const TEN: &str = "
            client service start cost
            1 a 2013-01-01 5
            2 a 2013-01-01 10
            3 a 2013-01-01 1
            4 a 2013-01-01 9
            5 a 2013-01-01 2
            6 a 2013-01-01 8
            7 a 2013-01-01 3
            8 a 2013-01-01 7
            9 a 2013-01-01 4
            10 a 2013-01-01 6";

#[test]
fn the_top_share_is_the_smallest_whole_number_of_clients() {
    // 1 % and 2 % and 5 % of ten are one client, 20 % are two, 50 % five. 55 cents in all.
    check(Case {
        study: "[concentration]\n",
        contacts: TEN,
        expect: "
            > concentration denominator=users
            top_percent clients cost_cents cost_share threshold_cents
            1 1 10 0.1818 10
            2 1 10 0.1818 10
            5 1 10 0.1818 10
            10 1 10 0.1818 10
            20 2 19 0.3455 9
            30 3 27 0.4909 8
            50 5 40 0.7273 6",
        ..Case::default()
    });
}

#[test]
fn eleven_clients_have_two_in_the_top_tenth() {
    check(Case {
        study: "[concentration]\n",
        contacts: "
            client service start cost
            1 a 2013-01-01 1
            2 a 2013-01-01 1
            3 a 2013-01-01 1
            4 a 2013-01-01 1
            5 a 2013-01-01 1
            6 a 2013-01-01 1
            7 a 2013-01-01 1
            8 a 2013-01-01 1
            9 a 2013-01-01 1
            10 a 2013-01-01 1
            11 a 2013-01-01 10",
        expect: "
            > concentration top_percent=10
            clients cost_cents threshold_cents cost_share
            2 11 1 0.55
            > concentration top_percent=5
            clients cost_cents
            1 10
            > summary
            gini
            0.4091",
        ..Case::default()
    });
}

#[test]
fn the_lorenz_curve_takes_whole_clients_rounded_down() {
    // Of ten: 9 % is nobody, 10 % the cheapest, 19 % still one, 20 % two, 100 % all.
    check(Case {
        study: "[concentration]\n",
        contacts: TEN,
        expect: "
            > lorenz percentile=0
            cumulative_cost_share
            0.00000
            > lorenz percentile=9
            cumulative_cost_share
            0.00000
            > lorenz percentile=10
            cumulative_cost_share
            0.01818
            > lorenz percentile=19
            cumulative_cost_share
            0.01818
            > lorenz percentile=20
            cumulative_cost_share
            0.05455
            > lorenz percentile=99
            cumulative_cost_share
            0.81818
            > lorenz percentile=100
            cumulative_cost_share
            1.00000
            > summary
            gini
            0.300",
        ..Case::default()
    });
}

#[test]
fn residents_without_use_are_the_cheapest_of_the_residents() {
    // Users: costs 0, 100, 300. Residents: 0, 0, 100 and not client 3, who lives nowhere.
    check(Case {
        study: "[concentration]\n",
        clients: "
            client from
            1 2000-01-01
            2 2000-01-01
            4 2000-01-01",
        contacts: "
            client service start cost
            1 a 2013-01-01 100
            2 a 2013-01-01 -
            3 a 2013-01-01 300",
        expect: "
            > concentration top_percent=50
            denominator clients cost_cents cost_share threshold_cents
            users 2 400 1.00 100
            residents 2 100 1.00 0
            > lorenz percentile=67
            denominator cumulative_cost_share
            users 0.25
            residents 0.00
            > lorenz percentile=100
            denominator cumulative_cost_share
            users 1.00
            residents 1.00
            > summary
            gini
            0.50",
        ..Case::default()
    });
}

#[test]
fn without_any_cost_there_are_no_shares_and_gini_is_0() {
    check(Case {
        study: "[concentration]\n",
        contacts: "
            client service start cost
            1 a 2013-01-01 0
            2 a 2013-01-01 0",
        expect: "
            > concentration top_percent=10
            clients cost_cents cost_share threshold_cents
            1 0 - 0
            > lorenz percentile=50
            cumulative_cost_share
            -
            > summary
            gini
            0.0",
        ..Case::default()
    });
}

#[test]
fn gini_is_0_when_all_are_equal() {
    check(Case {
        study: "",
        contacts: "
            client service start cost
            1 a 2013-01-01 7
            2 a 2013-01-01 7
            3 a 2013-01-01 7",
        expect: "
            > summary
            gini
            0.0",
        ..Case::default()
    });
}

#[test]
fn deciles_follow_ranks_by_cost_then_contacts_then_id() {
    // 2013: eleven users; decile = floor(10 (r - 1) / 11) + 1: ranks 1 and 2 are both in the first.
    // All cost 0 but client 11 (1 cent); clients 1 and 2 differ in contacts: 2 has two and ranks before 1.
    // 2014: only clients 1, 2, 11 have use, ranked 1 (5 cents), 11, 2: deciles 1, 4, 7.
    check(Case {
        study: "[study]\nname = \"s\"\nperiods = [\"2013\", \"2014\"]\n[persistence]\n",
        contacts: "
            client service start cost
            1 a 2013-01-01 -
            2 a 2013-01-01 -
            2 a 2013-01-02 -
            3 a 2013-01-01 -
            4 a 2013-01-01 -
            5 a 2013-01-01 -
            6 a 2013-01-01 -
            7 a 2013-01-01 -
            8 a 2013-01-01 -
            9 a 2013-01-01 -
            10 a 2013-01-01 -
            11 a 2013-01-01 1
            1 a 2014-01-01 5
            2 a 2014-01-01 1
            11 a 2014-01-01 1
            11 a 2014-01-02 -",
        expect: "
            > persistence
            from_decile to_decile clients
            1 4 1
            1 7 1
            2 1 1
            3 no_use 1
            4 no_use 1
            5 no_use 1
            6 no_use 1
            7 no_use 1
            8 no_use 1
            9 no_use 1
            10 no_use 1",
        ..Case::default()
    });
}

#[test]
fn who_died_or_moved_has_left_and_is_not_without_use() {
    // Clients 1 to 4 use in 2013. 1 dies on the last day of 2013, 2 on the first of 2014, 3 moves, 4 stays.
    // 5 lives there and uses nothing, then something; 6 never; 7 moves there in 2014 and is no part of 2013.
    check(Case {
        study: "[study]\nname = \"s\"\nperiods = [\"2013\", \"2014\"]\n[persistence]\n",
        clients: "
            client from to died
            1 2000-01-01 - 2013-12-31
            2 2000-01-01 - 2014-01-01
            3 2000-01-01 2013-06-30 -
            4 2000-01-01 - -
            5 2000-01-01 - -
            6 2000-01-01 - -
            7 2014-03-01 - -",
        contacts: "
            client service start cost
            1 a 2013-01-01 400
            2 a 2013-01-01 300
            3 a 2013-01-01 200
            4 a 2013-01-01 100
            5 a 2014-01-01 100
            7 a 2014-04-01 50",
        expect: "
            > persistence
            from_decile to_decile clients
            1 left 1
            3 no_use 1
            6 left 1
            8 no_use 1
            no_use 1 1
            no_use no_use 1",
        ..Case::default()
    });
}

#[test]
fn top_users_rank_by_measure_then_cost_then_contacts_then_id() {
    let contacts = "
            client service start end cost source
            1 a 2013-01-01 - 10 x
            1 a 2013-01-02 - 10 x
            2 a 2013-01-01 - 30 x
            2 a 2013-01-02 - - y
            3 a 2013-01-01 - 20 y
            3 a 2013-01-02 - - y
            4 a 2013-01-01 2013-01-09 20 y
            5 a 2013-01-01 - 20 y";
    check(Case {
        study: "[top_users]\nn = 3\n",
        contacts,
        expect: "
            > top_users
            source rank client_id measure contacts stay_days cost_cents tied_at_cut
            all 1 2 2 2 0 30 no
            all 2 1 2 2 0 20 no
            all 3 3 2 2 0 20 no
            x 1 1 2 2 0 20 no
            x 2 2 1 1 0 30 no
            y 1 3 2 2 0 20 yes
            y 2 4 1 1 9 20 yes
            y 3 5 1 1 0 20 yes",
        ..Case::default()
    });
    check(Case {
        study: "[top_users]\nn = 2\nby = \"cost_cents\"\n",
        contacts,
        expect: "
            > top_users source=all
            rank client_id measure contacts tied_at_cut
            1 2 30 2 yes
            2 1 20 2 yes
            > top_users source=x
            rank client_id measure tied_at_cut
            1 2 30 no
            2 1 20 no",
        ..Case::default()
    });
    check(Case {
        study: "[top_users]\nn = 1\nby = \"days\"\n",
        contacts,
        expect: "
            > top_users source=all
            rank client_id measure stay_days tied_at_cut
            1 4 9 9 no",
        ..Case::default()
    });
}

#[test]
fn a_list_that_holds_everybody_cuts_no_tie() {
    check(Case {
        study: "[top_users]\nn = 2\n",
        contacts: "
            client service start
            1 a 2013-01-01
            2 a 2013-01-01",
        expect: "
            > top_users source=all
            rank client_id tied_at_cut
            1 1 no
            2 2 no",
        ..Case::default()
    });
}
