//! Rule 3: when a service counts.

use super::{Case, check};

#[test]
fn a_service_counts_from_min_contacts_on() {
    check(Case {
        study: "[[cohort]]\nname = \"c\"\nmin_services = 1\n[cohort.heavy]\nmin_contacts = 3\n",
        contacts: "
            client service start
            1 a 2013-01-01
            1 a 2013-02-01
            1 a 2013-03-01
            1 b 2013-04-01
            2 a 2013-01-01
            2 a 2013-02-01
            2 b 2013-02-02
            3 a 2012-12-31
            3 a 2013-02-01
            3 a 2013-03-01",
        expect: "
            > members
            client_id services contacts service_set qualified_on
            1 1 4 a 2013-03-01",
        ..Case::default()
    });
}

#[test]
fn contacts_of_one_day_are_contacts_of_their_own() {
    check(Case {
        study: "[[cohort]]\nname = \"c\"\nmin_services = 1\n[cohort.heavy]\nmin_contacts = 2\n",
        contacts: "
            client service start
            1 a 2013-01-01
            1 a 2013-01-01",
        expect: "
            > members
            client_id contacts qualified_on
            1 2 2013-01-01",
        ..Case::default()
    });
}

#[test]
fn min_days_counts_a_visit_as_a_day_and_a_stay_as_its_days_in_the_period() {
    // Client 1: 2 stay days and a visit. Client 2: 2 days. Client 3: the stay has 2 of its 4 days in 2013.
    check(Case {
        study: "[[cohort]]\nname = \"c\"\nmin_services = 1\n[cohort.heavy]\nmin_days = 3\n",
        contacts: "
            client service start end
            1 a 2013-01-01 2013-01-02
            1 a 2013-02-01 -
            2 a 2013-01-01 2013-01-02
            3 a 2012-12-30 2013-01-02
            4 a 2012-12-30 2013-01-03
            5 a 2013-12-29 2014-01-05
            6 a 2013-12-30 2014-01-05",
        expect: "
            > members
            client_id qualified_on
            1 2013-02-01
            4 2013-01-03
            5 2013-12-31",
        ..Case::default()
    });
}

#[test]
fn min_cost_is_reached_at_the_very_cent() {
    check(Case {
        study: "[[cohort]]\nname = \"c\"\nmin_services = 1\n[cohort.heavy]\nmin_cost_cents = 1000\n",
        contacts: "
            client service start cost
            1 a 2013-01-01 999
            1 a 2013-06-01 1
            2 a 2013-01-01 999
            3 a 2013-01-01 1000
            4 a 2013-01-01 -
            4 b 2013-01-01 700
            4 c 2013-01-01 700",
        expect: "
            > members
            client_id services qualified_on
            1 1 2013-06-01
            3 1 2013-01-01",
        ..Case::default()
    });
}

#[test]
fn a_spread_cost_reaches_its_threshold_on_a_day_of_the_stay() {
    // 100 a day: 500 on the fifth day of the period, the sixth of the stay.
    check(Case {
        study: "[[cohort]]\nname = \"c\"\nmin_services = 1\n[cohort.heavy]\nmin_cost_cents = 500\n",
        contacts: "
            client service start end cost
            1 a 2012-12-31 2013-01-09 1000
            2 a 2012-12-31 2013-01-04 500",
        expect: "
            > members
            client_id cost_cents qualified_on
            1 900 2013-01-05",
        ..Case::default()
    });
}

#[test]
fn every_threshold_set_must_be_reached_by_the_same_service() {
    check(Case {
        study: "[[cohort]]\nname = \"c\"\nmin_services = 1\n[cohort.heavy]\nmin_contacts = 2\nmin_days = 3\nmin_cost_cents = 100\n",
        contacts: "
            client service start end cost
            1 a 2013-01-01 2013-01-02 100
            1 a 2013-02-01 - -
            2 a 2013-01-01 2013-01-05 100
            3 a 2013-01-01 - 50
            3 a 2013-01-02 - 50
            4 a 2013-01-01 2013-01-03 99
            4 a 2013-02-01 - -",
        expect: "
            > members
            client_id qualified_on
            1 2013-02-01",
        ..Case::default()
    });
}

#[test]
fn a_percentile_counts_use_strictly_above_it() {
    // Contacts of a: 1, 2, 3, 4. The 50th percentile is 2 (two of four do not exceed it): 3 and 4 are above.
    let contacts = "
            client service start
            1 a 2013-01-01
            2 a 2013-01-01
            2 a 2013-01-02
            3 a 2013-01-01
            3 a 2013-01-02
            3 a 2013-01-03
            4 a 2013-01-01
            4 a 2013-01-02
            4 a 2013-01-03
            4 a 2013-01-04";
    let study = |percentile: u32| -> &'static str {
        format!("[[cohort]]\nname = \"c\"\nmin_services = 1\n[cohort.heavy]\npercentile = {percentile}\n").leak()
    };
    check(Case {
        study: study(50),
        contacts,
        expect: "
            > members
            client_id qualified_on
            3 2013-01-03
            4 2013-01-03",
        ..Case::default()
    });
    // The 51st percentile is 3, since two of four are fewer than 51 %.
    check(Case {
        study: study(51),
        contacts,
        expect: "
            > members
            client_id qualified_on
            4 2013-01-04",
        ..Case::default()
    });
    // At least one value is below every percentile from 1 to 25: 1.
    check(Case {
        study: study(25),
        contacts,
        expect: "
            > members
            client_id qualified_on
            2 2013-01-02
            3 2013-01-02
            4 2013-01-02",
        ..Case::default()
    });
    // From 76 on it is the greatest value, which nobody exceeds.
    check(Case { study: study(76), contacts, expect: "> members\nclient_id", ..Case::default() });
}

#[test]
fn a_percentile_is_of_each_service_and_each_period_apart() {
    check(Case {
        study: "[study]\nname = \"s\"\nperiods = [\"2013\", \"2014\"]\n[[cohort]]\nname = \"c\"\nmin_services = 1\n[cohort.heavy]\npercentile = 50\n",
        contacts: "
            client service start
            1 a 2013-01-01
            2 a 2013-01-01
            2 a 2013-01-02
            1 b 2013-03-01
            1 b 2013-03-02
            1 b 2013-03-03
            2 b 2013-03-01
            1 a 2014-01-01
            1 a 2014-01-02
            1 a 2014-01-03
            2 a 2014-01-01
            2 a 2014-01-02",
        expect: "
            > members
            period client_id service_set
            2013 1 b
            2013 2 a
            2014 1 a",
        ..Case::default()
    });
}

const LEVELS: &str = "
            client service start provider unit
            1 a 2013-01-01 p1 u1
            1 b 2013-01-02 p1 u2
            1 c 2013-01-03 p2 u2
            1 d 2013-01-04 - -
            2 a 2013-01-01 p1 u1
            2 b 2013-01-02 p1 u1
            3 d 2013-01-01 p1 -";
const LEVEL_SERVICES: &str = "
            service package sector
            a children social
            b children primary
            c adults primary
            d - other";

#[test]
fn count_by_counts_services_packages_sectors_units_or_providers() {
    let study = |level: &str| -> &'static str {
        format!("[[cohort]]\nname = \"c\"\ncount_by = \"{level}\"\nmin_services = 2\n").leak()
    };
    for (level, expect) in [
        ("service", "1 4 a+b+c+d 2013-01-02\n2 2 a+b 2013-01-02"),
        ("package", "1 2 adults+children 2013-01-03"),
        ("sector", "1 3 other+primary+social 2013-01-02\n2 2 primary+social 2013-01-02"),
        ("unit", "1 2 u1+u2 2013-01-02"),
        ("provider", "1 2 p1+p2 2013-01-03"),
    ] {
        check(Case {
            study: study(level),
            contacts: LEVELS,
            services: LEVEL_SERVICES,
            expect: format!("> members\nclient_id services service_set qualified_on\n{expect}").leak(),
            ..Case::default()
        });
    }
}

#[test]
fn a_contact_without_a_provider_counts_as_no_provider() {
    check(Case {
        study: "[[cohort]]\nname = \"c\"\ncount_by = \"provider\"\nmin_services = 1\n",
        contacts: "
            client service start provider
            1 a 2013-01-01 -
            2 a 2013-01-01 p",
        expect: "
            > members
            client_id service_set
            2 p
            > summary
            clients
            2",
        ..Case::default()
    });
}

#[test]
fn the_contacts_of_a_package_are_those_of_all_its_services() {
    check(Case {
        study: "[[cohort]]\nname = \"c\"\ncount_by = \"package\"\nmin_services = 1\n[cohort.heavy]\nmin_contacts = 3\n",
        services: LEVEL_SERVICES,
        contacts: "
            client service start
            1 a 2013-01-01
            1 b 2013-01-02
            1 a 2013-01-03
            2 a 2013-01-01
            2 c 2013-01-02
            2 b 2013-01-03",
        expect: "
            > members
            client_id service_set qualified_on
            1 children 2013-01-03",
        ..Case::default()
    });
}

#[test]
fn more_services_than_bits_in_a_word_are_all_counted() {
    let contacts: String = (0..200)
        .flat_map(|n| [format!("1 s{n:03} 2013-01-01\n"), format!("2 s{:03} 2013-01-01\n", n % 130)])
        .collect::<String>();
    let contacts: &'static str =
        format!("client service start\n{contacts}3 s199 2013-02-02\n3 s063 2013-02-01\n3 s064 2013-02-01\n").leak();
    check(Case {
        study: "[[cohort]]\nname = \"many\"\nmin_services = 131\n[[cohort]]\nname = \"three\"\nmin_services = 3\n",
        contacts,
        expect: "
            > members cohort=many
            client_id services contacts
            1 200 200
            > members cohort=three client_id=3
            client_id service_set qualified_on
            3 s063+s064+s199 2013-02-02
            > services_per_client
            services clients contacts
            3 1 3
            130 1 200
            200 1 200",
        ..Case::default()
    });
}

#[test]
fn a_contact_that_counts_as_nothing_does_not_qualify() {
    check(Case {
        study: "[[cohort]]\nname = \"c\"\ncount_by = \"provider\"\nmin_services = 1\n",
        contacts: "
            client service start provider
            1 a 2013-01-01 -
            1 a 2013-03-01 p",
        expect: "
            > members
            service_set qualified_on
            p 2013-03-01",
        ..Case::default()
    });
}
