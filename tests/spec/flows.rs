//! Rule 8 and the tables of order: flows, starts, ends, pathways, months.

use super::{Case, check};

#[test]
fn contacts_follow_each_other_by_day_time_sequence_service_and_id() {
    // Day first; then the time, 00:00 before 09:00 before none; then the sequence, none last; then the service; then
    // the id.
    check(Case {
        study: "[flow]\nmax_steps = 12\n",
        contacts: "
            client service start time sequence id
            1 h 2013-01-02 - 1 9
            1 g 2013-01-01 - - 1
            1 c 2013-01-01 09:00 - 8
            1 b 2013-01-01 09:00 - 7
            1 z 2013-01-01 09:00 -3 10
            1 y 2013-01-01 09:00 10 11
            1 x 2013-01-01 09:00 9 12
            1 d 2013-01-01 23:59 99 6
            1 a 2013-01-01 00:00 100 5
            1 f 2013-01-01 - - 4
            1 e 2013-01-01 - - 3",
        expect: "
            > pathways
            path steps clients
            a-z-x-y-b-c-d-e-f-g-h 11 1
            > flow_starts
            service clients
            a 1
            > flow_ends
            service clients
            h 1",
        ..Case::default()
    });
}

#[test]
fn the_order_of_contacts_is_unknown_when_neither_day_time_nor_sequence_tells_them_apart() {
    // Clients 1, 2 and 3 differ in one of the three, 4 to 6 in none. 7 is tied with the same service only.
    let contacts = "
        client service start time sequence
        1 a 2013-01-01 - -
        1 b 2013-01-02 - -
        2 a 2013-01-01 08:00 -
        2 b 2013-01-01 - -
        3 a 2013-01-01 08:00 1
        3 b 2013-01-01 08:00 -
        4 a 2013-01-01 - -
        4 b 2013-01-01 - -
        5 a 2013-01-01 08:00 -
        5 b 2013-01-01 08:00 -
        6 a 2013-01-01 08:00 2
        6 b 2013-01-01 08:00 2
        7 a 2013-01-01 - -
        7 a 2013-01-01 - -
        7 b 2013-01-02 - -
        7 b 2013-01-02 - -";
    check(Case {
        study: "[flow]\n",
        contacts,
        expect: "
            > flows
            from_service to_service transitions order_unknown clients
            a b 7 3 7
            > flow_starts
            service clients order_unknown
            a 7 3
            > flow_ends
            service clients order_unknown
            b 7 3
            > pathways
            path clients order_unknown
            a-b 7 3",
        ..Case::default()
    });
    check(Case {
        study: "[flow]\nunknown_order = \"skip\"\n",
        contacts,
        expect: "
            > flows
            from_service to_service transitions order_unknown clients
            a b 4 0 4
            > flow_starts
            service clients order_unknown
            a 7 3
            > pathways
            path clients order_unknown
            a-b 7 3",
        ..Case::default()
    });
}

#[test]
fn a_transition_is_unknown_by_its_own_two_contacts_and_an_end_by_those_tied_with_it() {
    // Client 1: a, then b and c together, then d: b to c is unknown, a to b and c to d are not; nor are start and end.
    // Client 2: b, b and c together, then c alone: one of the tied may be first, the last is known.
    check(Case {
        study: "[flow]\n",
        contacts: "
            client service start
            1 a 2013-01-01
            1 b 2013-01-02
            1 c 2013-01-02
            1 d 2013-01-03
            2 b 2013-01-01
            2 b 2013-01-01
            2 c 2013-01-01
            2 c 2013-01-05",
        expect: "
            > flows
            from_service to_service transitions order_unknown clients
            a b 1 0 1
            b c 2 2 2
            c d 1 0 1
            > flow_starts
            service clients order_unknown
            a 1 0
            b 1 1
            > flow_ends
            service clients order_unknown
            c 1 0
            d 1 0
            > pathways
            path clients order_unknown
            a-b-c-d 1 1
            b-c 1 1",
        ..Case::default()
    });
}

#[test]
fn a_path_rests_on_the_contacts_up_to_its_last_step_and_those_tied_with_that() {
    // Cut after two steps. Client 1: a tie after the last step. Client 2: the last step itself is tied. Client 3: a
    // later contact of the last step's service is tied, which changes nothing.
    check(Case {
        study: "[flow]\nmax_steps = 2\n",
        contacts: "
            client service start
            1 a 2013-01-01
            1 b 2013-01-02
            1 c 2013-01-03
            1 d 2013-01-03
            2 a 2013-01-01
            2 b 2013-01-02
            2 b 2013-01-02
            2 c 2013-01-02
            3 a 2013-01-01
            3 b 2013-01-02
            3 b 2013-01-03
            3 c 2013-01-03",
        expect: "
            > pathways
            path clients order_unknown
            a-b 3 1",
        ..Case::default()
    });
}

#[test]
fn a_stay_and_a_visit_of_its_first_day_are_tied_wherever_the_stay_ends() {
    // The stay reaches into the period; so does the tie, with a stay of the same day but not with a visit before it.
    check(Case {
        study: "[flow]\n",
        contacts: "
            client service start end
            1 a 2013-03-01 2013-03-09
            1 b 2013-03-01 -
            2 a 2012-12-01 2013-03-09
            2 b 2012-12-01 -
            2 c 2012-12-01 open",
        expect: "
            > flows
            from_service to_service transitions order_unknown median_gap_days
            a b 1 1 -8.0
            a c 1 1 -98.0",
        ..Case::default()
    });
}

#[test]
fn a_flow_may_take_max_gap_days_and_not_one_more() {
    check(Case {
        study: "[flow]\n",
        contacts: "
            client service start
            1 a 2013-01-01
            1 b 2013-04-01
            2 a 2013-01-01
            2 b 2013-04-02",
        expect: "
            > flows
            from_service to_service transitions clients median_gap_days
            a b 1 1 90.0",
        ..Case::default()
    });
    check(Case {
        study: "[flow]\nmax_gap_days = 0\n",
        contacts: "
            client service start
            1 a 2013-01-01
            1 b 2013-01-01
            1 c 2013-01-02",
        expect: "
            > flows
            from_service to_service transitions median_gap_days
            a b 1 0.0",
        ..Case::default()
    });
}

#[test]
fn the_gap_after_a_stay_is_counted_from_its_end() {
    check(Case {
        study: "[flow]\nmax_gap_days = 5\n",
        contacts: "
            client service start end
            1 a 2013-01-01 2013-03-01
            1 b 2013-03-06 -
            2 a 2013-01-01 2013-03-01
            2 b 2013-03-07 -
            3 a 2013-01-01 -
            3 b 2013-01-06 2013-08-01",
        expect: "
            > flows
            from_service to_service transitions clients median_gap_days
            a b 2 2 5.0",
        ..Case::default()
    });
}

#[test]
fn contacts_of_the_same_service_are_no_transition_but_break_none() {
    // a a b b a: a-b and b-a; gaps 1 and 1. Client 2 goes back and forth twice.
    check(Case {
        study: "[flow]\n",
        contacts: "
            client service start
            1 a 2013-01-01
            1 a 2013-01-02
            1 b 2013-01-03
            1 b 2013-01-04
            1 a 2013-01-05
            2 a 2013-01-01
            2 b 2013-01-04
            2 a 2013-01-05
            2 b 2013-01-09",
        expect: "
            > flows
            from_service to_service transitions clients median_gap_days
            a b 3 2 3.0
            b a 2 2 1.0",
        ..Case::default()
    });
}

#[test]
fn the_median_of_an_even_number_of_gaps_is_the_mean_of_the_middle_two() {
    check(Case {
        study: "[flow]\n",
        contacts: "
            client service start
            1 a 2013-01-01
            1 b 2013-01-02
            2 a 2013-01-01
            2 b 2013-01-05
            3 a 2013-01-01
            3 b 2013-01-08
            4 a 2013-01-01
            4 b 2013-02-20",
        expect: "
            > flows
            transitions clients median_gap_days
            4 4 5.5",
        ..Case::default()
    });
}

#[test]
fn flows_stay_inside_the_period() {
    check(Case {
        study: "[study]\nname = \"s\"\nperiods = [\"2013\", \"2014\"]\n[flow]\n",
        contacts: "
            client service start
            1 a 2013-12-31
            1 b 2014-01-01
            1 c 2014-01-02",
        expect: "
            > flows
            period from_service to_service
            2014 b c
            > flow_starts
            period service clients
            2013 a 1
            2014 b 1
            > flow_ends
            period service clients
            2013 a 1
            2014 c 1",
        ..Case::default()
    });
}

#[test]
fn flows_of_a_cohort_are_those_of_its_members() {
    check(Case {
        study: "[[cohort]]\nname = \"c\"\nmin_services = 3\n[flow]\n",
        contacts: "
            client service start
            1 a 2013-01-01
            1 b 2013-01-02
            1 c 2013-01-03
            2 a 2013-01-01
            2 b 2013-01-02",
        expect: "
            > flows
            cohort from_service to_service transitions
            all a b 2
            all b c 1
            c a b 1
            c b c 1
            > flow_ends
            cohort service clients
            all b 1
            all c 1
            c c 1",
        ..Case::default()
    });
}

#[test]
fn a_pathway_collapses_repeats_and_then_takes_the_first_steps() {
    check(Case {
        study: "[flow]\nmax_steps = 3\n",
        contacts: "
            client service start
            1 a 2013-01-01
            1 a 2013-01-02
            1 b 2013-01-03
            1 b 2013-01-04
            1 a 2013-12-31
            2 a 2013-01-01
            2 b 2013-01-02
            2 a 2013-01-03
            2 c 2013-01-04
            3 a 2013-01-01
            3 a 2013-01-02
            4 a 2013-01-01
            4 b 2013-01-01",
        expect: "
            > pathways
            path steps clients
            a-b-a 3 2
            a 1 1
            a-b 2 1",
        ..Case::default()
    });
}

#[test]
fn the_state_of_a_month_is_its_only_sector_or_several_or_none() {
    check(Case {
        study: "[study]\nname = \"s\"\nperiod = \"2013-01-15..2013-03-10\"\n[[cohort]]\nname = \"c\"\nmin_services = 2\n[monthly_states]\n",
        services: "
            service sector
            s social
            t social
            p primary
            o other",
        contacts: "
            client service start end
            1 s 2013-01-15 -
            1 t 2013-01-31 -
            1 p 2013-02-01 -
            1 s 2013-02-28 -
            1 s 2013-03-11 -
            2 o 2013-01-14 -
            2 o 2013-01-16 2013-02-01
            3 p 2013-03-10 -
            4 p 2013-03-11 -",
        expect: "
            > monthly_states cohort=all
            month state clients
            2013-01 social 1
            2013-01 other 1
            2013-01 none 1
            2013-02 several 1
            2013-02 other 1
            2013-02 none 1
            2013-03 primary 1
            2013-03 none 2
            > monthly_states cohort=c
            month state clients
            2013-01 social 1
            2013-02 several 1
            2013-03 none 1",
        ..Case::default()
    });
}

#[test]
fn a_month_after_a_move_or_a_death_is_no_month_without_use() {
    // Client 1 dies on 1 February, 2 on 31 January, 3 is known from contacts alone, 4 moves in in March.
    check(Case {
        study: "[study]\nname = \"s\"\nperiod = \"2013-01-01..2013-03-31\"\n[monthly_states]\n",
        services: "
            service sector
            s social",
        clients: "
            client from died
            1 2000-01-01 2013-02-01
            2 2000-01-01 2013-01-31
            4 2013-03-31 -",
        contacts: "
            client service start
            1 s 2013-01-05
            2 s 2013-01-05
            2 s 2013-03-05
            3 s 2013-01-05
            4 s 2013-03-31",
        expect: "
            > monthly_states
            month state clients
            2013-01 social 3
            2013-02 none 2
            2013-03 social 2
            2013-03 none 1",
        ..Case::default()
    });
}
