//! Pilots: windows around the index date, comparison clients, what changed.

use super::{Case, check};

/// Ten days before and ten after, nobody compared.
const ALONE: &str = "[[pilot]]\nname = \"p\"\nbefore_days = 10\nafter_days = 10\n";

/// The same with up to four comparison clients each of those who used anything in 2012.
const COMPARED: &str = "[study]\nname = \"s\"\nperiods = [\"2012\"]\n[[cohort]]\nname = \"c\"\nmin_services = 1\n\
    [[pilot]]\nname = \"p\"\nbefore_days = 10\nafter_days = 10\ncomparison = { cohort = \"c\", per_client = 4 }\n\
    bootstrap = { draws = 100, seed = 1 }\n";

#[test]
fn the_index_date_is_in_neither_window_and_the_ends_of_both_are_in_them() {
    // Before is 5 to 14 June, after 16 to 25 June; somebody else is there to the year's end, so nothing is cut short.
    check(Case {
        study: ALONE,
        contacts: "
            client service start
            1 a 2013-06-04
            1 a 2013-06-05
            1 b 2013-06-14
            1 a 2013-06-15
            1 a 2013-06-16
            1 a 2013-06-25
            1 a 2013-06-26
            2 a 2013-12-31",
        pilots: "
            client index
            1 2013-06-15",
        expect: "
            > pilot_clients service=-
            role client_id index_date window from_date to_date observed_days services contacts
            pilot 1 2013-06-15 before 2013-06-05 2013-06-14 10 2 2
            pilot 1 2013-06-15 after 2013-06-16 2013-06-25 10 1 2
            > pilot_clients window=before service=b
            client_id services contacts
            1 1 1
            > pilot_baseline measure=contacts service=-
            clients comparison_clients baseline_mean followed_clients before_mean after_mean change difference
            1 - 73.0 1 73.0 73.0 0.0 -
            > pilot_baseline measure=services
            before_mean after_mean change
            2.0 1.0 -1.0
            > pilot_counts
            step clients comparison_clients
            listed 1 -
            known 1 -
            baseline 1 -
            frozen 0 -
            followed 1 -
            complete 1 -
            going_on 0 -
            ended_early 0 -
            not_followed 0 -",
        ..Case::default()
    });
}

#[test]
fn a_stay_through_the_index_date_gives_each_window_its_days_and_cents() {
    // Ten days of 100 cents: five lie before, the index date is nobody's, four lie after.
    check(Case {
        study: ALONE,
        contacts: "
            client service start end cost
            1 ward 2013-06-10 2013-06-19 1000
            2 a 2013-12-31 - -",
        pilots: "
            client index
            1 2013-06-15",
        expect: "
            > pilot_clients service=-
            window contacts stay_days cost_cents
            before 1 5 500
            after 1 4 400
            > pilot_baseline measure=cost_cents
            before_mean after_mean change
            18250.0 14600.0 -3650.0",
        ..Case::default()
    });
}

#[test]
fn who_is_named_by_the_pilots_list_alone_is_not_known_and_has_no_baseline() {
    // A list names a client whom it makes known to the store, without anything about it.
    check(Case {
        study: ALONE,
        clients: "
            client sex
            1 -
            2 female
            4 -",
        contacts: "
            client service start
            1 a 2013-06-10
            3 a 2013-12-31",
        pilots: "
            client index
            1 2013-06-15
            2 2013-06-15
            4 2013-06-15",
        expect: "
            > pilot_clients service=- window=before
            client_id contacts
            1 1
            2 0
            > pilot_baseline measure=contacts service=-
            clients baseline_mean
            2 18.25
            > pilot_counts
            step clients
            listed 3
            known 2
            baseline 2
            frozen 0
            followed 2
            complete 2
            going_on 0
            ended_early 0
            not_followed 0",
        ..Case::default()
    });
}

#[test]
fn leaving_the_pilot_ends_the_follow_up_and_weighs_it() {
    // Client 1 leaves after three days with 3 contacts, a contact a day; before it had 2 in ten days. Client 2 is
    // followed to the end: 1 before, 1 after. After: (3 + 1) contacts in 13 days. Before: what 3 and 10 days would
    // have had, 2 x 3/10 + 1 = 1.6, over the same 13 days.
    check(Case {
        study: ALONE,
        contacts: "
            client service start
            1 a 2013-06-10
            1 a 2013-06-11
            1 a 2013-06-16
            1 a 2013-06-17
            1 a 2013-06-18
            1 a 2013-06-19
            2 a 2013-06-10
            2 a 2013-06-20
            3 a 2013-12-31",
        pilots: "
            client index left
            1 2013-06-15 2013-06-18
            2 2013-06-15 -",
        expect: "
            > pilot_clients service=- window=after
            client_id to_date observed_days contacts
            1 2013-06-18 3 3
            2 2013-06-25 10 1
            > pilot_baseline measure=contacts service=-
            clients baseline_mean before_mean after_mean change
            2 54.75 44.923 112.308 67.385
            > pilot_baseline measure=services
            clients followed_clients
            2 1
            > pilot_counts step=ended_early
            clients
            1",
        ..Case::default()
    });
}

#[test]
fn a_follow_up_beyond_the_data_is_censored_and_said() {
    // The newest day of anybody is 20 June: five days of follow-up are known. Client 2 begins that day and has none.
    // Client 3 begins later than the data: not even the window before is known.
    check(Case {
        study: ALONE,
        contacts: "
            client service start
            1 a 2013-06-10
            1 a 2013-06-20
            2 a 2013-06-11
            3 a 2013-06-12",
        pilots: "
            client index
            1 2013-06-15
            2 2013-06-20
            3 2013-06-22
            4 2013-06-15",
        expect: "
            > pilot_clients client_id=1 window=after service=-
            observed_days contacts
            5 1
            > pilot_counts
            step clients
            listed 4
            known 3
            baseline 2
            frozen 0
            followed 1
            complete 0
            going_on 1
            ended_early 0
            not_followed 1
            > pilot_baseline measure=contacts service=-
            clients baseline_mean followed_clients after_mean
            2 36.5 1 73.0",
        ..Case::default()
    });
}

#[test]
fn who_is_most_alike_is_matched_first_and_another_age_band_never() {
    // 2 shares sex, age band and municipality with 1; 3 lives elsewhere; 4 is a man; 5 is 70; 6 takes part in another
    // pilot; 7 moved in during the window; 8 used nothing in 2012.
    // Each comparison client had two contacts before; after they have 2, 1 and 0: a change of -1, where 1 goes from four
    // to one. Per 365 days: -109.5 less -36.5.
    check(Case {
        study: COMPARED,
        clients: "
            client birth sex municipality from
            1 1980 female 272 -
            2 1990 female 272 -
            3 1960 female 109 -
            4 1980 male 272 -
            5 1943 female 272 -
            6 1980 female 272 -
            7 1980 female 272 2013-06-06
            8 1980 female 272 -",
        contacts: "
            client service start
            1 a 2012-01-01
            2 a 2012-01-01
            3 a 2012-01-01
            4 a 2012-01-01
            5 a 2012-01-01
            6 a 2012-01-01
            7 a 2012-01-01
            8 a 2013-06-07
            1 a 2013-06-06
            1 a 2013-06-07
            1 a 2013-06-08
            1 a 2013-06-09
            1 a 2013-06-20
            2 a 2013-06-06
            2 a 2013-06-07
            2 a 2013-06-20
            2 a 2013-06-21
            3 a 2013-06-06
            3 a 2013-06-07
            3 a 2013-06-20
            4 a 2013-06-06
            4 a 2013-06-07
            5 a 2013-12-31",
        pilots: "
            pilot client index
            p 1 2013-06-15
            q 6 2013-06-15",
        expect: "
            > pilot_clients window=before service=-
            role client_id matched_with match_level pool_period index_date contacts
            pilot 1 - - - 2013-06-15 4
            comparison 2 1 1 2012 2013-06-15 2
            comparison 3 1 2 2012 2013-06-15 2
            comparison 4 1 3 2012 2013-06-15 2
            > pilot_counts
            step clients comparison_clients
            listed 1 -
            known 1 -
            baseline 1 -
            frozen 0 -
            unmatched 0 -
            matched 1 3
            matched_fully 0 0
            same_sex_age_municipality 1 1
            same_sex_age 1 1
            same_age 1 1
            followed 1 3
            complete 1 3
            going_on 0 0
            ended_early 0 0
            not_followed 0 0
            > pilot_baseline measure=contacts service=-
            clients comparison_clients change comparison_change difference interval_low
            1 3 -109.5 -36.5 -73.0 -",
        ..Case::default()
    });
}

#[test]
fn nobody_is_given_twice() {
    // Two want somebody, one is there.
    check(Case {
        study: COMPARED,
        contacts: "
            client service start
            1 a 2013-06-10
            2 a 2013-06-10
            3 a 2012-05-05
            3 a 2013-12-31",
        pilots: "
            client index
            1 2013-06-15
            2 2013-06-15",
        expect: "
            > pilot_counts step=unmatched
            clients
            1
            > pilot_counts step=matched
            clients comparison_clients
            1 1",
        ..Case::default()
    });
}

#[test]
fn comparison_clients_come_from_a_period_that_ended_before_the_index_date() {
    // The year 2012 ends the day before 1's index date; on 2's index date it still goes on.
    let case = |pilots| Case {
        study: COMPARED,
        contacts: "
            client service start
            1 a 2012-12-25
            2 a 2012-12-25
            3 a 2012-05-05
            3 a 2013-12-31",
        pilots,
        ..Case::default()
    };
    check(Case {
        expect: "
            > pilot_clients role=comparison window=before service=-
            client_id pool_period
            2 2012
            3 2012",
        ..case("client index\n1 2013-01-01")
    });
    check(Case {
        expect: "
            > pilot_counts step=unmatched
            clients
            1
            > pilot_clients role=comparison
            client_id",
        ..case("client index\n2 2012-12-31")
    });
}

#[test]
fn a_client_listed_twice_begins_once_at_the_earlier_date() {
    check(Case {
        study: ALONE,
        contacts: "
            client service start
            1 a 2013-06-10
            1 a 2013-12-31",
        pilots: "
            client index left
            1 2013-06-20 -
            1 2013-06-15 -
            1 2013-06-15 2013-06-17",
        expect: "
            > pilot_clients window=after service=-
            index_date to_date
            2013-06-15 2013-06-17",
        ..Case::default()
    });
}

#[test]
fn balance_divides_by_the_spread_of_the_pilot_and_of_everybody_who_could_be_drawn() {
    // Contacts before: 2 and 4 in the pilot (mean 3, variance 2), 2 and 2 among those who could be drawn (variance 0).
    // The divisor is the root of (2 + 0) / 2 = 1.
    check(Case {
        study: COMPARED,
        contacts: "
            client service start
            1 a 2013-06-10
            1 a 2013-06-11
            2 a 2013-06-10
            2 a 2013-06-11
            2 a 2013-06-12
            2 a 2013-06-13
            3 a 2012-05-05
            3 a 2013-06-10
            3 a 2013-06-11
            4 a 2012-05-05
            4 a 2013-06-10
            4 a 2013-06-11
            5 a 2013-12-31",
        pilots: "
            client index
            1 2013-06-15
            2 2013-06-15",
        expect: "
            > pilot_balance variable=contacts
            clients comparison_clients pool_clients mean comparison_mean pool_mean difference_before difference_after
            2 2 2 3.0 2.0 2.0 1.0 1.0",
        ..Case::default()
    });
}

#[test]
fn interval_is_given_from_five_sets_on_and_not_where_all_are_the_same() {
    // Five clients of the pilot and five others, all with a contact before. Each pilot client's after differs: 0, 1, 2,
    // 3 and 4 contacts; the others stay as they were. The gains are -1, 0, 1, 2, 3: their mean is 1 in ten days.
    check(Case {
        study: "[study]\nname = \"s\"\nperiods = [\"2012\"]\n[[cohort]]\nname = \"c\"\nmin_services = 1\n\
            [[pilot]]\nname = \"p\"\nbefore_days = 10\nafter_days = 10\ncomparison = { cohort = \"c\", per_client = 1 }\n\
            bootstrap = { draws = 200, seed = 5 }\n",
        contacts: "
            client service start
            1 a 2013-06-10
            2 a 2013-06-10
            2 a 2013-06-20
            3 a 2013-06-10
            3 a 2013-06-20
            3 a 2013-06-21
            4 a 2013-06-10
            4 a 2013-06-20
            4 a 2013-06-21
            4 a 2013-06-22
            5 a 2013-06-10
            5 a 2013-06-20
            5 a 2013-06-21
            5 a 2013-06-22
            5 a 2013-06-23
            6 a 2012-05-05
            6 a 2013-06-10
            6 a 2013-06-20
            7 a 2012-05-05
            7 a 2013-06-10
            7 a 2013-06-20
            8 a 2012-05-05
            8 a 2013-06-10
            8 a 2013-06-20
            9 a 2012-05-05
            9 a 2013-06-10
            9 a 2013-06-20
            10 a 2012-05-05
            10 a 2013-06-10
            10 a 2013-06-20
            11 b 2013-12-31",
        pilots: "
            client index
            1 2013-06-15
            2 2013-06-15
            3 2013-06-15
            4 2013-06-15
            5 2013-06-15",
        expect: "
            > pilot_baseline measure=contacts service=-
            clients change comparison_change difference
            5 36.5 0.0 36.5
            > pilot_baseline measure=stay_days
            difference interval_low interval_high
            0.0 - -",
        ..Case::default()
    });
}
