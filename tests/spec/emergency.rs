//! Emergency bands, hours and what follows.

use super::{Case, check};

#[test]
fn the_definitions_of_a_frequent_user_stand_side_by_side() {
    let mut contacts = "client service start urgency\n9 a 2013-01-01 urgent\n".to_owned();
    for (client, visits) in [(1, 1), (2, 2), (3, 3), (4, 4), (5, 5), (6, 9), (7, 10), (8, 11)] {
        for day in 1..=visits {
            contacts += &format!("{client} a 2013-01-{day:02} emergency\n");
        }
    }
    // 45 visits of 8 clients.
    check(Case {
        study: "[emergency]\n",
        contacts: contacts.leak(),
        expect: "
            > emergency_bands
            band clients visits share_of_clients share_of_visits
            1 1 1 0.125 0.022
            2 1 2 0.125 0.044
            3 1 3 0.125 0.067
            4-9 3 18 0.375 0.400
            10+ 2 21 0.250 0.467
            >=4 5 39 0.625 0.867
            >4 4 35 0.500 0.778
            >=10 2 21 0.250 0.467",
        ..Case::default()
    });
}

#[test]
fn an_emergency_is_an_urgency_or_a_service() {
    check(Case {
        study: "[[cohort]]\nname = \"c\"\nmin_services = 1\n[emergency]\n",
        services: "
            service emergency
            e yes
            a no",
        contacts: "
            client service start urgency
            1 e 2013-01-01 elective
            1 a 2013-01-02 emergency
            1 a 2013-01-03 urgent
            1 e 2012-12-31 emergency",
        expect: "
            > members
            contacts emergency_contacts
            3 2
            > emergency_bands cohort=c band=2
            clients visits
            1 2",
        ..Case::default()
    });
}

#[test]
fn visits_are_spread_over_weekdays_and_hours() {
    // 2013-01-01 is a Tuesday, 2013-01-06 a Sunday, 2013-01-07 a Monday.
    check(Case {
        study: "[emergency]\n",
        services: "
            service emergency
            e yes",
        contacts: "
            client service start time
            1 e 2013-01-01 00:00
            1 e 2013-01-08 00:59
            2 e 2013-01-01 00:30
            2 e 2013-01-01 01:00
            2 e 2013-01-06 23:59
            2 e 2013-01-07 -",
        expect: "
            > emergency_hours
            weekday hour clients visits
            2 0 2 3
            2 1 1 1
            7 23 1 1
            1 - 1 1",
        ..Case::default()
    });
}

#[test]
fn what_follows_within_seven_and_thirty_days_is_counted_once_a_visit() {
    // Visit on 1 January: b on the 7th day, c on the 8th, d on the 30th, f on the 31st. The same day does not follow.
    check(Case {
        study: "[emergency]\n",
        services: "
            service emergency
            e yes",
        contacts: "
            client service start
            1 e 2013-01-01
            1 a 2013-01-01
            1 b 2013-01-08
            1 b 2013-01-08
            1 c 2013-01-09
            1 d 2013-01-31
            1 f 2013-02-01
            2 e 2013-12-31
            2 e 2014-01-01
            2 b 2014-01-02",
        expect: "
            > emergency_next
            within_days service clients visits share_of_visits
            7 b 2 2 1.0
            7 e 1 1 0.5
            30 b 2 2 1.0
            30 c 1 1 0.5
            30 d 1 1 0.5
            30 e 1 1 0.5",
        ..Case::default()
    });
}
