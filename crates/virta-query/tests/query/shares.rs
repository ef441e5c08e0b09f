//! Statements that several machines answer: what runs where, and the rows of one machine.

use std::ops::Range;
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex, OnceLock};

use arrow::array::{Int64Array, RecordBatch};
use virta_query::{Options, Session, Share, Workers};

use crate::{open, plan, rows, session};

const BUCKETS: u32 = 8;
const PARTITIONS: usize = 2;

/// What becomes of a range.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Well,
    /// The rest is left to the one who asked.
    Lost,
    /// Other columns than those of the step.
    OtherColumns,
    /// Some buckets are missing.
    Gap,
}

/// Another machine, which plans and runs shares in a session of its own.
#[derive(Debug)]
struct Beside {
    session: Session,
    /// Into so many ranges the buckets are cut.
    ranges: u32,
    /// By range.
    fates: Vec<Fate>,
    asked: Arc<Mutex<Vec<Share>>>,
}

impl Beside {
    fn new(ranges: u32, fates: &[Fate]) -> Self {
        let mut options = Options::default();
        options.threads = 3;
        options.partitions = Some(PARTITIONS);
        Beside { session: open(options), ranges, fates: fates.to_vec(), asked: Arc::default() }
    }

    fn range(&self, at: u32) -> Range<u32> {
        at * BUCKETS / self.ranges..(at + 1) * BUCKETS / self.ranges
    }
}

impl Workers for Beside {
    fn run(
        &self,
        share: &Share,
        is_stopped: &dyn Fn() -> bool,
        take: &mut dyn FnMut(Range<u32>, Vec<RecordBatch>) -> bool,
    ) -> Result<(), String> {
        self.asked.lock().unwrap().push(share.clone());
        for at in 0..self.ranges {
            let mut batches = Vec::new();
            let mut keep = |batch| {
                batches.push(batch);
                true
            };
            let ran = self.session.run_share(share, self.range(at), &|_| !is_stopped(), &mut keep);
            ran.map_err(|error| error.to_string())?;
            let goes_on = match self.fates.get(at as usize).copied().unwrap_or(Fate::Well) {
                Fate::Well => take(self.range(at), batches),
                Fate::Lost => return Err("lost".to_owned()),
                Fate::OtherColumns => {
                    let other = Arc::new(Int64Array::from(vec![1])) as _;
                    take(self.range(at), vec![RecordBatch::try_from_iter([("other", other)]).unwrap()])
                }
                Fate::Gap => take(self.range(at + 1), batches),
            };
            if !goes_on {
                return Err("not taken".to_owned());
            }
        }
        Ok(())
    }
}

fn asking(workers: impl Workers + 'static) -> Session {
    let mut options = Options::default();
    options.threads = 2;
    options.partitions = Some(PARTITIONS);
    options.workers = Some(Arc::new(workers));
    open(options)
}

/// A session that has others run its shares in so many ranges.
pub(crate) fn over_workers(ranges: u32) -> Session {
    asking(Beside::new(ranges, &[]))
}

/// The rows of one machine, which must be those of several: in the same order where the question gives one.
pub(crate) fn rows_anywhere(session: &Session, sql: &str) -> Vec<String> {
    static SHARED: OnceLock<Session> = OnceLock::new();
    let alone = rows(session, sql);
    let mut shared = rows(SHARED.get_or_init(|| over_workers(3)), sql);
    let mut expected = alone.clone();
    let sorts_last = sql.rfind("order by").is_some_and(|at| !sql[at..].contains(')'));
    if !sorts_last {
        shared.sort();
        expected.sort();
    }
    assert_eq!(shared, expected, "over workers: {sql}");
    alone
}

/// The steps that workers run, as the plan names them, from the top.
fn shared_steps(session: &Session, sql: &str) -> Vec<String> {
    let plan = plan(session, sql);
    let lines: Vec<&str> = plan.lines().map(|line| line.trim_matches(['|', ' '])).collect();
    let is_leaf = |line: &&str| line.starts_with("FromWorkers") || line.contains("| FromWorkers");
    let name = |line: &str| line.split([':', ' ']).next().unwrap_or_default().to_owned();
    let below = |at: usize| lines[at + 1..].iter().map(|line| name(line)).find(|name| name != "ProjectionExec");
    (0..lines.len()).filter(|at| is_leaf(&lines[*at])).filter_map(below).collect()
}

#[test]
fn the_plan_says_what_workers_run() {
    let session = over_workers(2);
    let mut wrong = Vec::new();
    for (sql, steps) in [
        // Sums of parts.
        (
            "select service, count(*), sum(cost_cents), avg(cost_cents) from contacts group by service",
            vec!["CodeGroups"],
        ),
        ("select max(cost_cents) from contacts where is_stay", vec!["AggregateExec"]),
        ("select count(distinct service) from contacts", vec!["CodeGroups"]),
        ("select unit, count(distinct service) from contacts group by unit", vec!["CodeGroups"]),
        // Answers for each client.
        ("select client_id, count(*) from contacts group by client_id", vec!["ClientGroups"]),
        ("select client_id, median(cost_cents) from contacts group by client_id", vec!["ClientGroups"]),
        (
            "select avg(n) from (select client_id, count(*) as n from contacts group by client_id)",
            vec!["AggregateExec"],
        ),
        (
            "select r, count(*) from (select row_number() over (partition by client_id order by start_date) as r from contacts) group by r",
            vec!["AggregateExec"],
        ),
        // Filters.
        ("select client_id, service from contacts where cost_cents > 9000", vec!["StoreScan"]),
        ("select client_id from contacts where cost_cents > 9000 order by cost_cents, client_id", vec!["StoreScan"]),
        (
            "select service, median(cost_cents) from contacts where cost_cents > 9000 group by 1 order by 2 desc limit 3",
            vec!["StoreScan"],
        ),
        // Joins by client, and to what every machine knows.
        ("select sex, count(*) from contacts join clients using (client_id) group by sex", vec!["CodeGroups"]),
        (
            "select count(*) from clients c where exists (select 1 from contacts k where k.client_id = c.client_id and k.is_stay)",
            vec!["AggregateExec"],
        ),
        (
            "select count(*) from clients c where not exists (select 1 from contacts k where k.client_id = c.client_id and k.is_stay)",
            vec!["AggregateExec"],
        ),
        ("select sector, count(*) from contacts join services using (service) group by sector", vec!["CodeGroups"]),
        // Two steps of one statement.
        (
            "select a.n, b.n from (select count(service) as n from contacts where is_stay) a cross join (select count(*) as n from clients where sex = 'male') b",
            vec!["AggregateExec", "AggregateExec"],
        ),
        // What is left here: what needs all rows at once, what depends on their order, what would only be copied, what ends
        // early or keeps the first rows of an order, what is drawn, and what is one client's.
        ("select median(cost_cents) from contacts", vec![]),
        ("select stddev(cost_cents) from contacts", vec![]),
        ("select service_count(service) from contacts", vec![]),
        ("select service, array_agg(client_id) from contacts group by service", vec![]),
        ("select * from contacts", vec![]),
        ("select client_id, start_date from contacts order by start_date, client_id", vec![]),
        ("select client_id from contacts where cost_cents > 9000 limit 3", vec![]),
        ("select client_id from contacts where cost_cents > 9000 order by start_date desc, client_id limit 3", vec![]),
        ("select count(*) from contacts where random() < 0.5", vec![]),
        ("select count(*) from contacts where client_id = 5", vec![]),
        ("select count(*) from services where sector = 'primary'", vec![]),
        ("select count(*) from heavy_users.members where cohort = 'x'", vec![]),
        (
            "select count(*) from contacts a join contacts b on a.service = b.service and a.cost_cents > b.cost_cents",
            vec![],
        ),
        ("select row_number() over (order by cost_cents) from contacts", vec![]),
        ("select sum(x) from (select random() as x from contacts)", vec![]),
    ] {
        let found = shared_steps(&session, sql);
        if found != steps {
            wrong.push(format!("{found:?} instead of {steps:?}: {sql}\n{}", plan(&session, sql)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn without_workers_the_plan_says_nothing_of_them() {
    let sql = "select service, count(*) from contacts group by service";
    assert!(!plan(&session(2), sql).contains("orkers"));
    assert!(plan(&over_workers(2), sql).contains("what stands below FromWorkers"));
    assert!(plan(&over_workers(2), "select 1").contains("Workers: nothing. Here: all of it."));
}

#[test]
fn several_machines_find_the_rows_of_one() {
    let alone = session(2);
    for sql in [
        "select service, count(*), sum(cost_cents), avg(cost_cents), min(start_date), max(unit) from contacts group by service",
        "select unit, count(distinct service), count(distinct client_id) from contacts group by unit",
        "select client_id, service_count(service), count(*) from contacts group by client_id order by client_id",
        "select client_id, start_date, service from contacts where cost_cents > 9000 order by client_id, start_date, service",
        "select service, count(*) from contacts group by grouping sets ((service), ())",
        "select service, count(*) filter (where is_stay) from contacts group by service having count(*) > 100",
        "select mode(service), bool_or(is_stay) from contacts",
        "select sex, count(*), sum(cost_cents) from clients left join contacts using (client_id) group by sex",
        "select k.service, count(*) from contacts k right join clients c on c.client_id = k.client_id and k.is_stay group by 1",
        "select count(*), count(a.client_id), count(b.client_id) from (select client_id from contacts where is_stay) a full join (select client_id from clients where sex = 'male') b using (client_id)",
        "select count(*) from clients where client_id in (select client_id from contacts where cost_cents > 9000)",
        "select count(*) from clients where client_id not in (select client_id from contacts where cost_cents > 9000)",
        "select sector, count(*) from services left join contacts using (service) group by sector",
        "select client_id, n from (select client_id, count(*) as n from contacts group by client_id) where n > (select avg(n) from (select count(*) as n from contacts group by client_id)) order by n desc, client_id limit 7",
        "select count(*) from (select client_id, lag(start_date) over (partition by client_id order by start_date, start_time) as before, start_date from contacts) where start_date - before < 7",
        "with recursive n(i) as (select 1 union all select i + 1 from n where i < 3) select i, count(*) from n join contacts on is_stay = (i = 2) group by i",
        "select count(*) from contacts where start_date < current_date and now() > timestamp '2020-01-01'",
        "select count(*) from (select client_id from contacts where is_stay union all select client_id from clients where sex = 'male')",
        "select count(*) from (select client_id from contacts where is_stay union select client_id from clients where sex = 'male')",
        "select c.client_id, k.n from clients c join lateral (select count(*) as n from contacts k where k.client_id = c.client_id and k.is_stay) k on true where c.sex = 'male' order by n desc, 1 limit 5",
        "select extract(year from start_date) as y, count(distinct client_id) from contacts group by y order by y",
        "select reverse(service) as s, count(*) from contacts group by s order by s",
    ] {
        let mut expected = rows(&alone, sql);
        assert!(!expected.is_empty(), "{sql}");
        let is_sorted = sql.contains(" order by client_id") || sql.ends_with("order by y") || sql.contains("limit");
        for ranges in [1, 2, 3, 8] {
            let mut found = rows(&over_workers(ranges), sql);
            if !is_sorted {
                found.sort();
                expected.sort();
            }
            assert_eq!(found, expected, "{sql} in {ranges} ranges");
        }
    }
}

#[test]
fn what_workers_do_not_give_is_worked_out_here() {
    let questions = [
        "select service, count(*) from contacts group by service order by service",
        "select client_id, service from contacts where cost_cents > 9000 order by client_id, service, cost_cents",
    ];
    for sql in questions {
        let expected = rows(&session(2), sql);
        for fate in [Fate::Lost, Fate::OtherColumns, Fate::Gap] {
            for at in 0..3 {
                let mut fates = vec![Fate::Well; at];
                fates.push(fate);
                let beside = Beside::new(3, &fates);
                let asked = Arc::clone(&beside.asked);
                assert_eq!(rows(&asking(beside), sql), expected, "{fate:?} at {at}: {sql}");
                assert!(!asked.lock().unwrap().is_empty(), "{sql}");
            }
        }
    }
}

#[test]
fn a_machine_that_plans_otherwise_is_not_believed() {
    let sql = "select client_id, count(*) from contacts group by client_id order by client_id";
    let beside = Beside::new(2, &[]);
    let asked = Arc::clone(&beside.asked);
    let expected = rows(&asking(beside), sql);
    let share = asked.lock().unwrap().first().unwrap().clone();
    let run = |session: &Session, share: &Share| {
        let mut count = 0;
        let take = &mut |batch: RecordBatch| {
            count += batch.num_rows();
            true
        };
        session.run_share(share, 0..BUCKETS, &|_| true, take).map(|()| count)
    };
    let mut options = Options::default();
    options.partitions = Some(PARTITIONS);
    let good = open(options);
    assert_eq!(run(&good, &share).unwrap(), expected.len());
    let others = [
        Share { plan: share.plan.replace("count", "sum"), ..share.clone() },
        Share { number: 1, ..share.clone() },
        Share { statement: "select 1".to_owned(), ..share.clone() },
        Share { statement: "describe contacts".to_owned(), ..share.clone() },
    ];
    for other in others {
        let error = run(&good, &other).unwrap_err();
        assert!(error.to_string().contains("plans the statement otherwise"), "{error}");
    }
    let refused = Share { statement: "drop table contacts".to_owned(), ..share };
    assert!(run(&good, &refused).is_err());
}

#[test]
fn a_statement_fails_as_on_one_machine() {
    for sql in [
        "select sum(9223372036854775807) from contacts where is_stay",
        "select service, sum(cost_cents + 9223372036854775807) from contacts group by service",
        "select service, sum(cast(service as int)) from contacts group by service",
        "select sum(1 / (cost_cents - cost_cents)) from contacts",
        "select cuont(*) from contacts where is_stay",
    ] {
        let error = |session: &Session| {
            let answer = session.query(sql).and_then(virta_query::Answer::collect);
            answer.expect_err(sql).explain(sql)
        };
        assert_eq!(error(&over_workers(3)), error(&session(2)), "{sql}");
    }
}

#[test]
fn views_and_lists_of_a_session_stay_here() {
    let beside = Beside::new(2, &[]);
    let asked = Arc::clone(&beside.asked);
    let session = asking(beside);
    session.query("create temp view stays as select * from contacts where is_stay").unwrap().collect().unwrap();
    let mine = RecordBatch::try_from_iter([("unit", Arc::new(Int64Array::from(vec![1, 2])) as _)]).unwrap();
    session.add_list("mine", vec![mine]).unwrap();
    rows(&session, "select service, count(*) from stays group by service");
    rows(
        &session,
        "select service, count(*) from contacts join mine on contacts.unit = cast(mine.unit as text) group by service",
    );
    assert!(asked.lock().unwrap().is_empty());
    rows(&session, "select service, count(*) from contacts group by service");
    assert!(!asked.lock().unwrap().is_empty());
}

#[test]
fn joins_of_large_tables_find_every_client_in_its_partition() {
    let folder = tempfile::tempdir().unwrap();
    let store = crate::region::build(&folder.path().join("store"), 100_000, 9, BUCKETS, false);
    let open = |workers: Option<Beside>| {
        let mut options = Options::default();
        options.threads = 2;
        options.partitions = Some(PARTITIONS);
        options.workers = workers.map(|workers| Arc::new(workers) as _);
        Session::open(&store.current().unwrap(), &[], options).unwrap()
    };
    for sql in [
        "select sex, count(*) from clients where not exists (select 1 from contacts k where k.client_id = clients.client_id and k.cost_cents > 5000) group by sex order by sex",
        "select count(*), sum(k.cost_cents) from clients c join contacts k on k.client_id = c.client_id and k.cost_cents > length(c.municipality)",
        "select count(*), count(k.client_id) from clients c left join contacts k on k.client_id = c.client_id and k.is_stay",
    ] {
        let alone = open(None);
        assert!(plan(&alone, sql).contains("mode=Partitioned"), "{}", plan(&alone, sql));
        for ranges in [1, 3, 8] {
            let beside = Beside { session: open(None), ranges, fates: Vec::new(), asked: Arc::default() };
            let asked = Arc::clone(&beside.asked);
            assert_eq!(rows(&open(Some(beside)), sql), rows(&alone, sql), "{sql} in {ranges} ranges");
            assert!(!asked.lock().unwrap().is_empty(), "{sql}");
        }
    }
}

/// Workers that answer nothing until nobody waits any more.
#[derive(Debug)]
struct Silent(Sender<()>);

impl Workers for Silent {
    fn run(
        &self,
        _: &Share,
        is_stopped: &dyn Fn() -> bool,
        _: &mut dyn FnMut(Range<u32>, Vec<RecordBatch>) -> bool,
    ) -> Result<(), String> {
        while !is_stopped() {
            std::thread::yield_now();
        }
        self.0.send(()).map_err(|error| error.to_string())
    }
}

#[test]
fn workers_are_told_when_nobody_wants_the_answer_any_more() {
    let (sender, ended) = channel();
    let session = asking(Silent(sender));
    let mut answer = session.query("select service, count(*) from contacts group by service").unwrap();
    let waiting = answer.next_batch();
    drop(waiting);
    // A statement begins when its first row is asked for, at the latest.
    drop(answer);
    let second = session.query("select client_id from contacts where is_stay").unwrap();
    drop(second);
    drop(session);
    // Whichever of them had begun has ended.
    for _ in ended.iter() {}
}
