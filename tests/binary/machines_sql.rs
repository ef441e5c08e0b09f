//! Statements in SQL on several machines: the rows of one, whatever becomes of the workers.

use std::time::Duration;

use super::machines::{Dice, Fault, Region, Worker, between, region};
use super::runner::{Bench, Run, checkout};

/// Statements of each kind that is shared, and some that are not.
const STATEMENTS: &str = "
select service, count(*), sum(cost_cents), avg(cost_cents) from contacts group by service order by service;
select unit, count(distinct service), count(distinct client_id) from contacts group by unit order by unit;
select client_id, service_count(service), count(*) as n from contacts group by client_id order by n desc, client_id limit 20;
select client_id, start_date, service, contact_id from contacts where cost_cents > 20000 order by client_id, start_date, contact_id;
select sex, count(*), sum(cost_cents) from clients left join contacts using (client_id) group by sex order by sex;
select sector, count(*) from services left join contacts using (service) group by sector order by sector;
select count(*) from clients where client_id not in (select client_id from contacts where is_stay);
select r, count(*) from (select row_number() over (partition by client_id order by start_date) as r from contacts) group by r order by r limit 9;
select median(cost_cents) from contacts;
select count(*) from contacts where start_date < current_date;
";

fn sql(bench: &Bench, args: &[&str], workers: &[&str]) -> Run {
    let workers = workers.join(",");
    let with = ["--workers", &workers, "--secret", "m.secret"];
    let with = with.into_iter().filter(|_| !workers.is_empty());
    bench.virta(["sql", "s", "--format", "csv"].into_iter().chain(args.iter().copied()).chain(with))
}

fn workers(region: &Region, count: usize) -> Vec<Worker> {
    (0..count).map(|_| Worker::start(&region.bench, Some("m.secret"))).collect()
}

fn addresses(workers: &[Worker]) -> Vec<&str> {
    workers.iter().map(|worker| worker.address.as_str()).collect()
}

#[test]
fn any_number_of_machines_answers_as_one() {
    let Some(region) = region() else { return };
    let alone = sql(&region.bench, &["-c", STATEMENTS], &[]).ends_with(0).out;
    assert!(alone.lines().count() > 100, "{alone}");
    for count in [1, 2, 3] {
        let workers = workers(region, count);
        assert_eq!(sql(&region.bench, &["-c", STATEMENTS], &addresses(&workers)).ends_with(0).out, alone);
    }
}

#[test]
fn the_questions_that_were_worked_out_by_hand_have_their_answers_on_several_machines() {
    let Some(region) = region() else { return };
    let small = Bench::new();
    let path = |name: &str| checkout().join("fixtures/small").join(name).display().to_string();
    small.virta(["ingest", "s", &path("hoito.toml"), &path("sosiaali.toml")]).ends_with(0);
    small.virta(["study", "s", &path("study.toml")]).ends_with(0);
    std::fs::copy(region.bench.path("m.secret"), small.path("m.secret")).unwrap();
    let text = std::fs::read_to_string(path("questions.slt")).unwrap();
    let text = text.lines().filter(|line| !line.starts_with('#')).collect::<Vec<_>>().join("\n");
    let statements: Vec<String> = text
        .split("\n\n")
        .filter_map(|record| record.trim_start().strip_prefix("query "))
        .filter_map(|record| Some(record.split_once('\n')?.1.split("\n----").next()?.to_owned()))
        .collect();
    assert!(statements.len() > 10, "{}", statements.len());
    let all = statements.join(";\n");
    let workers: Vec<Worker> = (0..2).map(|_| Worker::start(&small, Some("m.secret"))).collect();
    let sorted = |run: Run| {
        let mut lines: Vec<String> = run.ends_with(0).out.lines().map(str::to_owned).collect();
        lines.sort();
        lines
    };
    assert_eq!(sorted(sql(&small, &["-c", &all], &addresses(&workers))), sorted(sql(&small, &["-c", &all], &[])));
}

#[test]
fn explain_says_what_runs_where() {
    let Some(region) = region() else { return };
    let workers = workers(region, 1);
    let counted = "select service, count(*) from contacts group by service";
    for (statement, says) in [
        (format!("explain {counted}"), "FromWorkers: 64 buckets by the workers"),
        (format!("explain {counted}"), "Workers: what stands below FromWorkers. Here: the rest."),
        (format!("explain analyze {counted}"), "FromWorkers: 64 buckets by the workers"),
        ("explain select median(cost_cents) from contacts".to_owned(), "Workers: nothing. Here: all of it."),
    ] {
        let explained = sql(&region.bench, &["-c", &statement], &addresses(&workers)).ends_with(0).out;
        assert!(explained.contains(says), "{statement}: {explained}");
    }
}

#[test]
fn a_statement_that_fails_says_on_several_machines_what_it_says_on_one() {
    let Some(region) = region() else { return };
    let workers = workers(region, 2);
    for statement in [
        "select service, sum(cost_cents + 9223372036854775807) from contacts group by service",
        "select count(*) from contacts where cast(service as int) = 1",
        "select cuont(*) from contacts",
        "drop table contacts",
    ] {
        let alone = sql(&region.bench, &["-c", statement], &[]).ends_with(1).err;
        assert_eq!(sql(&region.bench, &["-c", statement], &addresses(&workers)).ends_with(1).err, alone, "{statement}");
    }
}

#[test]
fn machines_that_are_set_up_wrongly_answer_no_statement() {
    let Some(region) = region() else { return };
    let other = Worker::start(&region.bench, Some("other.secret"));
    let ask = |workers: &[&str]| sql(&region.bench, &["-c", "select 1"], workers).ends_with(1);
    ask(&[&other.address]).says(&["holds another secret", "fix: "]);
    ask(&["127.0.0.1:9"]).says(&["no worker can be reached", "fix: "]);
    ask(&["nonsense"]).says(&["no address of a worker"]);
}

#[test]
fn whatever_becomes_of_the_workers_the_rows_are_those_of_one_machine() {
    let Some(region) = region() else { return };
    let alone = sql(&region.bench, &["-c", STATEMENTS], &[]).ends_with(0).out;
    for seed in 0..6 {
        let mut dice = Dice(seed);
        let faults = [dice.fault(), dice.fault(), Fault::Nothing];
        let workers = workers(region, 3);
        let addresses: Vec<String> = faults
            .iter()
            .zip(&workers)
            .enumerate()
            .map(|(at, (fault, worker))| match fault {
                Fault::Cut(_) | Fault::Flipped(_) => between(&worker.address, *fault),
                Fault::NotThere => format!("127.0.0.1:{}", 9 + at),
                _ => worker.address.clone(),
            })
            .collect();
        let wait = Duration::from_millis(dice.roll(400));
        let run = std::thread::scope(|scope| {
            let addresses: Vec<&str> = addresses.iter().map(String::as_str).collect();
            let running = scope.spawn(move || sql(&region.bench, &["-c", STATEMENTS], &addresses));
            std::thread::sleep(wait);
            for (fault, worker) in faults.iter().zip(&workers) {
                match fault {
                    Fault::Killed => worker.signal("-KILL"),
                    Fault::Stopped | Fault::Slow => worker.signal("-STOP"),
                    _ => {}
                }
            }
            std::thread::sleep(Duration::from_millis(200));
            for (_, worker) in faults.iter().zip(&workers).filter(|(fault, _)| matches!(fault, Fault::Slow)) {
                worker.signal("-CONT");
            }
            running.join().unwrap()
        });
        assert_eq!(run.code, 0, "seed {seed}, {faults:?}: {}", run.err);
        assert_eq!(run.out, alone, "seed {seed}, {faults:?}");
    }
}
