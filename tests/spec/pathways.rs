//! `pathways` of a study with `[pathways]`: eras, combinations and switches.

use super::check::core;
use super::{Case, check};
use virta_model::settings::Study;
use virta_tests::memory::Cut;
use virta_tests::{World, oracle};

/// One client's stays, and the path that they make.
fn path(keys: &str, stays: &str, path: &str) {
    let rows = stays.split(", ").map(|stay| {
        let words: Vec<&str> = stay.split(' ').collect();
        let day = |number: &str| format!("2013-01-{:02}", number.parse::<u32>().unwrap());
        let end = words.get(2).map_or("-".to_owned(), |last| day(last));
        format!("1 {} {} {end}\n", words[0], day(words[1]))
    });
    let contacts = format!("client service start end\n{}", rows.collect::<String>());
    let steps = path.split('-').count();
    let expect = format!("> pathways\npath steps clients\n{path} {steps} 1");
    let study = format!("[pathways]\n{keys}");
    let lend = |text: String| -> &'static str { Box::leak(text.into_boxed_str()) };
    check(Case {
        study: lend(study),
        contacts: lend(contacts),
        known: "
            source until
            system 2013-12-31",
        expect: lend(expect),
        ..Case::default()
    });
}

#[test]
fn a_service_again_within_the_gap_is_one_era_to_the_latest_end_so_far() {
    path("merge_gap_days = 3\nsteps = \"all\"\n", "a 1, a 4, b 5, a 8", "a-b-a");
    path("merge_gap_days = 2\nsteps = \"all\"\n", "a 1, a 4, b 5, a 8", "a-a-b-a");
    // The visit inside the stay does not make it end earlier.
    path("merge_gap_days = 3\nsteps = \"all\"\n", "a 1 20, a 5, b 22, a 23", "a-a+b-a");
}

#[test]
fn eras_that_meet_on_one_day_do_not_overlap() {
    path("combine_days = 0\n", "a 1 5, b 5 9", "a-b");
    path("combine_days = 0\n", "a 1 5, b 4 9", "a-a+b-b");
    path("combine_days = 0\n", "a 1 5, b 5", "a-b");
    path("combine_days = 0\n", "a 1 5, b 1", "b-a");
    path("", "a 3, b 3", "a-b");
}

#[test]
fn a_piece_shorter_than_the_limit_is_a_switch_and_one_as_long_a_combination() {
    path("combine_days = 3\n", "a 1 10, b 7 20", "a-a+b-b");
    path("combine_days = 4\n", "a 1 10, b 7 20", "a-b");
    path("combine_days = 4\nswitch = \"keep\"\n", "a 1 10, b 7 20", "a-b");
    // Of those that began together the one that ends last has the switch, and then what is left.
    path("combine_days = 9\n", "a 1 9, b 1 9, c 5 20", "b-c");
}

#[test]
fn a_piece_that_is_the_whole_of_an_era_is_a_combination_however_short() {
    path("combine_days = 30\n", "a 1 20, b 5 7", "a-a+b-a");
    path("combine_days = 30\n", "a 1 20, b 5", "a-a+b-a");
    path("combine_days = 30\n", "a 1 9, b 1 20", "a+b-b");
    path("combine_days = 30\nsteps = \"first\"\n", "a 1 20, b 5, c 21", "a-a+b-c");
    // Two visits of one day do not overlap each other.
    path("combine_days = 30\n", "a 1 20, b 5, c 5", "a-a+b-a+c-a");
}

#[test]
fn short_pieces_are_dropped_of_eras_that_overlap_only() {
    path("combine_days = 3\nmin_piece_days = 7\n", "a 1 10, b 7 20, c 25", "b-c");
    path("combine_days = 3\nmin_piece_days = 6\n", "a 1 10, b 7 20, c 25", "a-b-c");
    path("combine_days = 3\nmin_piece_days = 3\n", "a 1 10, b 7 20, c 25", "a-a+b-b-c");
}

#[test]
fn short_contacts_are_left_out_before_they_are_joined() {
    path("min_days = 1\nmerge_gap_days = 4\n", "a 1 2, b 3, a 6", "a-a+b-a");
    path("min_days = 2\nmerge_gap_days = 4\n", "a 1 2, b 3, a 6", "a");
}

#[test]
fn steps_are_all_or_changes_or_each_label_once() {
    let stays = "a 1, b 3, a 5, a 8, b 9";
    path("merge_gap_days = 0\nsteps = \"all\"\nmax_steps = 9\n", stays, "a-b-a-a-b");
    path("merge_gap_days = 0\nsteps = \"changes\"\n", stays, "a-b-a-b");
    path("merge_gap_days = 0\nsteps = \"first\"\n", stays, "a-b");
    path("merge_gap_days = 0\nmax_steps = 2\n", stays, "a-b");
    path("merge_gap_days = 0\nservices = [\"b\", \"z\"]\nsteps = \"all\"\n", stays, "b-b");
}

#[test]
fn a_window_runs_from_its_day_and_a_client_without_it_has_no_path() {
    // From the first ward: 1 on 10 January, with ten days; the visit of the 19th is in it, that of the 20th is not, and of
    // the stay before only what is left. 2 has no ward.
    check(Case {
        study: "[pathways]\nwindow = { from = \"ward\", days = 10 }\nshow_none = true\nservices = [\"a\", \"b\", \"c\"]\n",
        contacts: "
            client service start end
            1 ward 2013-01-10 -
            1 a 2013-01-01 2013-01-11
            1 b 2013-01-19 -
            1 c 2013-01-20 -
            2 a 2013-01-01 -
            3 ward 2013-05-01 -",
        known: "
            source until
            system 2013-12-31",
        expect: "
            > pathways
            path steps clients
            a-b 2 1
            none 0 1",
        ..Case::default()
    });
}

#[test]
fn a_window_from_qualified_on_is_each_cohorts_own() {
    // Two services on 3 January, three on 5: what comes after differs. Everybody qualifies for nothing.
    check(Case {
        study: "[pathways]\nwindow = { from = \"qualified_on\", days = 3 }\nmerge_gap_days = 0\n[[cohort]]\nname = \"two\"\nmin_services = 2\n[[cohort]]\nname = \"three\"\nmin_services = 3\n",
        contacts: "
            client service start
            1 a 2013-01-01
            1 b 2013-01-03
            1 c 2013-01-05
            1 d 2013-01-06
            2 a 2013-01-01",
        expect: "
            > pathways
            cohort path clients
            two b-c 1
            three c-d 1",
        ..Case::default()
    });
}

#[test]
fn a_window_from_the_index_date_is_of_the_pilots_clients() {
    check(Case {
        study: "[pathways]\nwindow = { from = \"index_date\", days = 5 }\n[[pilot]]\nname = \"p\"\n",
        clients: "
            client from
            1 2000-01-01
            2 2000-01-01",
        contacts: "
            client service start
            1 a 2013-03-01
            1 b 2013-03-05
            1 c 2013-03-06
            2 a 2013-03-01",
        pilots: "
            client index
            1 2013-03-01",
        expect: "
            > pathways
            cohort path clients
            all a-b 1",
        ..Case::default()
    });
}

#[test]
fn steps_of_the_same_days_have_an_unknown_order() {
    // 1: two visits on one day. 2: the tie comes after the last step that is shown. 3: a stay and a visit on its first day
    // are told apart by their ends.
    check(Case {
        study: "[pathways]\nmax_steps = 1\n",
        contacts: "
            client service start end
            1 a 2013-01-01 -
            1 b 2013-01-01 -
            2 a 2013-01-01 -
            2 b 2013-01-02 -
            2 c 2013-01-02 -
            3 a 2013-01-01 -
            3 b 2013-01-01 2013-01-03",
        expect: "
            > pathways
            path clients order_unknown
            a 3 1",
        ..Case::default()
    });
}

#[test]
fn eras_are_cut_by_the_period_death_and_the_calendar() {
    // Gap of a day. 1 and 2 tell 28 February from 1 March in a leap year. 3 has two stays from before the period, which begin
    // with it. 4 is in a ward to the end of the period and has a visit on that day, which the ward's last day does not
    // overlap. 5 died in a ward two days before a visit was recorded.
    check(Case {
        study: "[study]\nname = \"s\"\nperiods = [\"2012\"]\n[pathways]\nmerge_gap_days = 1\nsteps = \"all\"\n",
        clients: "
            client from died
            1 2000-01-01 -
            2 2000-01-01 -
            3 2000-01-01 -
            4 2000-01-01 -
            5 2000-01-01 2012-05-04",
        contacts: "
            client service start end
            1 a 2012-02-28 -
            1 a 2012-03-01 -
            2 a 2012-02-28 -
            2 a 2012-02-29 -
            2 a 2012-03-01 -
            3 a 2011-06-01 2012-01-05
            3 b 2011-12-01 2012-01-03
            4 ward 2012-12-30 open
            4 a 2012-12-31 -
            5 ward 2012-05-01 open
            5 a 2012-05-06 -",
        known: "
            source until
            system 2013-06-30",
        expect: "
            > pathways
            path steps clients
            a 1 1
            a-a 2 1
            a+b-a 2 1
            ward-a 2 2",
        ..Case::default()
    });
}

#[test]
fn long_paths_of_many_services_are_told_apart_at_every_step() {
    // So many services that seven steps fit into no number: 1 and 2 differ in the seventh only, 3 goes as 1 does, 4 ends
    // after six. 5 uses seventy services.
    let mut contacts = String::from("client service start\n");
    let mut visits = |client: u32, services: &[u32]| {
        for (day, service) in services.iter().enumerate() {
            contacts += &format!("{client} s{service:02} {}\n", virta_model::Day(15_706 + day as i32));
        }
    };
    visits(1, &[1, 2, 3, 4, 5, 6, 7]);
    visits(2, &[1, 2, 3, 4, 5, 6, 8]);
    visits(3, &[1, 2, 3, 4, 5, 6, 7]);
    visits(4, &[1, 2, 3, 4, 5, 6]);
    visits(5, &(10..80).collect::<Vec<_>>());
    for section in ["[pathways]\nmax_steps = 7\n", "[flow]\nmax_steps = 20\n"] {
        let last = match section.starts_with("[flow]") {
            true => (10..30).map(|service| format!("s{service}")).collect::<Vec<_>>().join("-"),
            false => "s10-s11-s12-s13-s14-s15-s16".to_owned(),
        };
        let steps = last.split('-').count();
        let expect = format!(
            "> pathways\npath steps clients\ns01-s02-s03-s04-s05-s06 6 1\ns01-s02-s03-s04-s05-s06-s07 7 2\n\
             s01-s02-s03-s04-s05-s06-s08 7 1\n{last} {steps} 1"
        );
        check(Case { study: section, contacts: contacts.clone().leak(), expect: expect.leak(), ..Case::default() });
    }
}

/// People with stays and visits of five services over a year, from a seed.
fn crowd(people: i64) -> World {
    let mut state = 7u64;
    let mut below = |bound: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % bound
    };
    let mut rows = String::from("client service start end\n");
    let first = virta_tests::world::day("2012-11-01").0;
    for client in 1..=people {
        for _ in 0..1 + below(12) {
            let service = ["a", "b", "c", "d", "e"][below(5) as usize];
            let start = first + below(420) as i32;
            let days = [0, 0, 0, 1, 3, 10, 40][below(7) as usize];
            let end = if days == 0 { "-".to_owned() } else { virta_model::Day(start + days).to_string() };
            rows += &format!("{client} {service} {} {end}\n", virta_model::Day(start));
        }
    }
    World::parse("", &rows, "").with_known("source until\nsystem 2014-02-28")
}

#[test]
fn three_thousand_people_have_the_paths_that_are_drawn_on_a_line_of_days() {
    let world = crowd(3000);
    let study = |keys: &&str| {
        let study = format!("[study]\nname = \"s\"\nperiods = [\"2013\"]\n[pathways]\n{keys}");
        Study::parse(&study).unwrap()
    };
    let studies: Vec<Study> = [
        "",
        "switch = \"keep\"\nsteps = \"all\"\nmax_steps = 9\n",
        "merge_gap_days = 5\ncombine_days = 4\nmin_piece_days = 2\nsteps = \"first\"\n",
        "merge_gap_days = 0\ncombine_days = 8\nmin_days = 2\nshow_none = true\n",
        "window = { from = \"first_contact\", days = 60 }\nmerge_gap_days = 10\ncombine_days = 20\n",
    ]
    .iter()
    .map(study)
    .collect();
    for (study, mut drawn) in studies.iter().zip(oracle::pathways(&studies, &world)) {
        let cut = Cut { bucket_count: 1, batch_rows: 1000 };
        let mut found = core(study, &world, cut, 2);
        let [drawn, found] = [&mut drawn, &mut found].map(|tables| {
            let mut rows = std::mem::take(tables.get_mut("pathways").unwrap());
            rows.sort_by_key(|row| format!("{row:?}"));
            rows
        });
        assert!(drawn.len() > 100, "the people have too few paths to say anything");
        let differs = drawn.iter().zip(&found).find(|(a, b)| a != b);
        assert!(differs.is_none() && drawn.len() == found.len(), "{:?}: {differs:?}", study.pathways);
    }
}
