//! The main job in one go.

use super::runner::Bench;

#[test]
fn the_demo_makes_a_region_and_shows_its_cohort() {
    let bench = Bench::empty();
    let run = bench.virta(["demo", "--dir", "d", "--clients", "500"]).ends_with(0);
    // It ends with the next three commands to type.
    let is_command = |line: &&str| line.split_whitespace().next().is_some_and(|word| word.contains("virta"));
    let commands = run.out.lines().filter(is_command).count();
    assert!(commands >= 3, "{}", run.out);
    assert!(run.out.to_lowercase().contains("attrition") || run.out.contains("remaining"), "{}", run.out);
    // A second run in the same folder works too.
    bench.virta(["demo", "--dir", "d", "--clients", "500"]).ends_with(0);
}

#[test]
fn the_demo_does_not_write_into_a_folder_of_somebody_elses() {
    let bench = Bench::empty();
    bench.write("d/precious.txt", "mine");
    let before = super::runner::bytes_under(&bench.path("d"));
    bench.virta(["demo", "--dir", "d", "--clients", "200"]).ends_with(1);
    assert!(before == super::runner::bytes_under(&bench.path("d")));
}
