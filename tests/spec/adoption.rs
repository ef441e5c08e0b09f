//! `adoption`: month by month.

use super::{Case, check};

#[test]
fn a_month_counts_who_is_there_and_what_is_in_force_on_any_of_its_days() {
    // 1 has a worker to 1 February and from 31 March on; a first plan on 28 February, and another in March. 2 moves away on
    // 31 January. 3 is no member. The first contact of 1 is on 15 January: an assessment within 30 days, on 14 February, is
    // enough, and one on the 15th would not be. That of 2 led to one on the same day.
    check(Case {
        study: "[study]\nname = \"s\"\nperiods = [\"2013-01-01..2013-03-31\"]\n[[cohort]]\nname = \"c\"\nmin_services = 2\n[adoption]\n",
        clients: "
            client municipality county from to
            1 272 pohja 2000-01-01 -
            2 091 etelä 2000-01-01 2013-01-31
            3 091 etelä 2000-01-01 -",
        contacts: "
            client service start provider
            1 a 2013-01-15 p
            1 b 2013-02-01 q
            2 a 2013-01-01 p
            2 b 2013-01-01 -
            3 a 2013-01-01 p",
        plans: "
            client kind from to
            1 responsible_worker 2013-01-31 2013-02-01
            1 responsible_worker 2013-03-31 -
            1 multi_service_plan 2013-02-28 2013-02-28
            1 multi_service_plan 2013-03-01 -",
        assessments: "
            client tier contacted started completed
            1 basic 2013-01-01 2013-02-14 -
            2 basic 2013-01-01 2013-01-01 -",
        known: "
            source until
            system 2013-12-31",
        expect: "
            > adoption municipality=all provider=all wellbeing_county=all
            month eligible with_responsible_worker with_plan with_consent first_plans one_contact
            2013-01 2 1 0 - 0 2
            2013-02 1 1 1 - 1 0
            2013-03 1 1 1 - 0 0

            > adoption month=2013-01
            wellbeing_county municipality provider eligible one_contact
            all all all 2 2
            etelä all all 1 1
            etelä 091 all 1 1
            pohja all all 1 1
            pohja 272 all 1 1
            all all p 2 2
            all all q 1 1",
        ..Case::default()
    });
}

#[test]
fn one_contact_is_enough_within_the_days_that_the_study_sets() {
    for (days, enough) in [("30", "1"), ("29", "0")] {
        let study = format!("[adoption]\none_contact_days = {days}\n[study]\nname = \"s\"\nperiods = [\"2013\"]\n");
        let expect =
            format!("> adoption month=2013-01 provider=all municipality=all\nmonth one_contact\n2013-01 {enough}\n");
        check(Case {
            study: Box::leak(study.into_boxed_str()),
            contacts: "
                client service start
                1 a 2013-01-01",
            plans: "
                client kind from to
                1 multi_service_plan 2013-01-31 -",
            known: "
                source until
                system 2013-12-31",
            expect: Box::leak(expect.into_boxed_str()),
            ..Case::default()
        });
    }
}

#[test]
fn a_month_after_the_end_of_observation_is_not_there_and_a_shared_one_counts_once() {
    check(Case {
        study: "[study]\nname = \"s\"\nperiods = [\"2013-01-01..2013-01-20\", \"2013-01-10..2013-03-31\"]\nobserved_until = \"2013-02-10\"\n[adoption]\n",
        contacts: "
            client service start
            1 a 2013-01-15
            2 a 2013-02-01",
        plans: "
            client kind from to
            1 consent 2013-01-25 -
            2 consent 2013-02-11 -",
        expect: "
            > adoption municipality=all provider=all
            month eligible with_consent
            2013-01 2 0
            2013-02 2 1",
        ..Case::default()
    });
}

#[test]
fn a_month_has_who_is_there_on_any_of_its_days() {
    // 1 is there throughout. 2 has a consent on the leap day alone. 3 died on the first of March, 4 moved away on the last of
    // February, 5 was born on the first of March. 6 is on no client list.
    check(Case {
        study: "[study]\nname = \"s\"\nperiods = [\"2012-02-01..2012-03-31\", \"2012-04-01..2012-04-30\"]\n[adoption]\n",
        clients: "
            client birth from to died
            1 1980-01-01 2000-01-01 - -
            2 1980-01-01 2000-01-01 - -
            3 1980-01-01 2000-01-01 - 2012-03-01
            4 1980-01-01 2000-01-01 2012-02-29 -
            5 2012-03-01 2012-03-01 - -",
        contacts: "
            client service start
            1 a 2012-02-10
            1 a 2012-04-10
            2 a 2012-02-10
            3 a 2012-02-10
            4 a 2012-02-10
            5 a 2012-03-10
            6 a 2012-03-10",
        plans: "
            client kind from to
            2 consent 2012-02-29 2012-02-29",
        known: "
            source until
            system 2012-12-31",
        expect: "
            > adoption municipality=all provider=all
            month eligible with_consent with_plan
            2012-02 5 1 -
            2012-03 5 0 -
            2012-04 1 0 -",
        ..Case::default()
    });
}
