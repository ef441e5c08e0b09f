"""Times `virta study` beside DuckDB, Polars and the limit on the same contacts, and checks that the answers agree.

    python3 benches/study.py STORE [--virta PATH] [--runs 5] [--only-sorted] [--no-limit] [--full]
                             [--big STORE [--big-duckdb]]

STORE holds contacts of 2012 to 2014 without stays: `virta synth DIR --bench-rows 10000000`, `virta init`, `virta ingest`.
DuckDB reads the store's own Parquet files (rows sorted by client) and a single Parquet file of the same rows in order of
time, as extracts come. Every figure is the best wall time of so many whole runs: DuckDB's is the sum of its eight
statements, virta's is process start to tables on disk, with the results of the run before taken away first. The limit is
what `limit.rs` measures: decoding the needed columns, and one fused pass in memory. `--full` also times the study of
every table, `--big` the eight tables of a larger store (its DuckDB takes minutes and nine gigabytes). Results of the
studies `eight` and `full` in the stores are replaced. Needs the wheels duckdb and polars.
"""

import argparse
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import time

import duckdb

QUERIES = {
    "cohort": """
        select y, count(*) clients, sum(contacts) contacts, sum(cost) cost from (
            select y, client_id, count(distinct service) n, count(*) contacts, sum(cost_cents) cost
            from c where y in (2013, 2014) group by y, client_id having n >= 4)
        group by y order by y""",
    "heavy cohort": """
        select y, count(*) clients from (
            select y, client_id from (
                select y, client_id, service from c where y in (2013, 2014)
                group by y, client_id, service having count(*) >= 3)
            group by y, client_id having count(*) >= 4)
        group by y order by y""",
    "rolling 365 days": """
        select y, count(*) clients, sum(date_diff('day', date '1970-01-01', qualified_on))::bigint as day_numbers from (
            select y, client_id, min(start_date) qualified_on from (
                select y, client_id, start_date, count(distinct service) over (
                    partition by client_id order by start_date
                    range between interval 364 days preceding and current row) n
                from (select client_id, service, start_date, y from c union all
                      -- A window may be full on the period's first day, without a contact on it.
                      select distinct client_id, null, make_date(y, 1, 1), y from c where y in (2013, 2014)))
            where n >= 4 and y in (2013, 2014) group by y, client_id)
        group by y order by y""",
    "combinations": """
        select y, count(*) sets, max(clients) largest, sum(clients) clients from (
            select y, service_set, count(*) clients from (
                select y, client_id, list_sort(list(distinct service)) service_set
                from c where y in (2013, 2014) group by y, client_id)
            group by y, service_set)
        group by y order by y""",
    "flows": """
        select y, count(*) pairs, sum(transitions) transitions, sum(clients) clients, sum(median_gap) gaps from (
            select y, from_service, to_service, count(*) transitions, count(distinct client_id) clients,
                   median(gap) median_gap from (
                select y, client_id, service to_service, lag(service) over w from_service,
                       start_date - lag(start_date) over w gap
                from c where y in (2013, 2014)
                window w as (partition by y, client_id order by start_date, start_time nulls last, service, contact_id))
            where from_service <> to_service and gap <= 90 group by y, from_service, to_service)
        group by y order by y""",
    "concentration": """
        with t as (select y, client_id, sum(cost_cents) cost from c where y in (2013, 2014) group by y, client_id),
             r as (select y, cost, row_number() over (partition by y order by cost desc) rank,
                          count(*) over (partition by y) n from t)
        select y, p, count(*) clients, sum(cost) cost from r, (select unnest([1, 2, 5, 10, 20, 30, 50]) p)
        where rank <= ceil(n * p / 100.0) group by y, p order by y, p""",
    "persistence": """
        with t as (select y, client_id, count(*) contacts, sum(cost_cents) cost from c
                   where y in (2013, 2014) group by y, client_id),
             d as (select y, client_id, 10 * (row_number() over (
                          partition by y order by cost desc, contacts desc, client_id) - 1)
                          // count(*) over (partition by y) + 1 decile from t)
        select a.decile from_decile, b.decile to_decile, count(*) clients
        from d a join d b on a.client_id = b.client_id and a.y = 2013 and b.y = 2014
        group by 1, 2 order by 1, 2""",
    "cohort with ages": """
        select y, count(*) clients from (
            select y, c.client_id, count(distinct service) n,
                   y - year(any_value(p.birth_date)) age
            from c join p using (client_id) where y in (2013, 2014) group by y, c.client_id
            having n >= 4 and age between 18 and 64)
        group by y order by y""",
}

VIRTA = {
    "cohort": "select period::int y, count(*), sum(contacts), sum(cost_cents) from members where cohort = 'four' group by y order by y",
    "heavy cohort": "select period::int y, count(*) from members where cohort = 'heavy' group by y order by y",
    "rolling 365 days": "select period::int y, count(*), sum(date_diff('day', date '1970-01-01', qualified_on))::bigint from members "
    "where cohort = 'rolling' group by y order by y",
    "combinations": "select period::int y, count(*), max(clients), sum(clients) from combinations "
    "where cohort = 'all' group by y order by y",
    "flows": "select period::int y, count(*), sum(transitions), sum(clients), sum(median_gap_days) from flows "
    "where cohort = 'all' group by y order by y",
    "concentration": "select period::int y, top_percent, clients, cost_cents from concentration "
    "where denominator = 'users' order by 1, 2",
    "persistence": "select from_decile::int a, to_decile::int b, clients from persistence "
    "where from_decile not in ('no_use', 'left') and to_decile not in ('no_use', 'left') and clients > 0 order by 1, 2",
    "cohort with ages": "select period::int y, count(*) from members where cohort = 'working-age' group by y order by y",
}


def paths(virta, store, table):
    listed = subprocess.run([virta, "paths", store, table], check=True, capture_output=True, text=True).stdout
    return listed.split()


def connect(contacts, clients):
    db = duckdb.connect()
    db.execute(f"create view p as select * from read_parquet({clients!r})")
    db.execute(
        "create view c as select client_id, service, start_date, start_time, contact_id, cost_cents, "
        f"year(start_date) y from read_parquet({contacts!r})"
    )
    return db


def run_duckdb(db):
    seconds, answers = {}, {}
    for name, sql in QUERIES.items():
        start = time.perf_counter()
        answers[name] = [tuple(row) for row in db.execute(sql).fetchall()]
        seconds[name] = time.perf_counter() - start
    return seconds, answers


def run_polars(contacts):
    import polars as pl

    c = pl.scan_parquet(contacts).select("client_id", "service", "start_date", "cost_cents")
    c = c.with_columns(y=pl.col("start_date").dt.year()).filter(pl.col("y").is_in([2013, 2014]))
    per_client = c.group_by("y", "client_id").agg(
        n=pl.col("service").n_unique(), contacts=pl.len(), cost=pl.col("cost_cents").sum()
    )
    plans = {
        "cohort": per_client.filter(pl.col("n") >= 4).group_by("y").len(),
        "heavy cohort": c.group_by("y", "client_id", "service").len().filter(pl.col("len") >= 3)
        .group_by("y", "client_id").len().filter(pl.col("len") >= 4).group_by("y").len(),
        "combinations": c.group_by("y", "client_id").agg(s=pl.col("service").cast(pl.String).unique().sort())
        .with_columns(s=pl.col("s").list.join("+")).group_by("y", "s").len(),
        "concentration": per_client.with_columns(
            rank=pl.col("cost").rank("ordinal", descending=True).over("y"), of=pl.len().over("y")
        ).filter(pl.col("rank") <= pl.col("of") / 10).group_by("y").agg(pl.col("cost").sum()),
        "persistence": per_client.with_columns(
            d=10 * (pl.col("cost").rank("ordinal", descending=True).over("y") - 1) // pl.len().over("y")
        ).group_by("client_id").agg(pl.col("d").min(), to=pl.col("d").max()).group_by("d", "to").len(),
    }
    seconds = {}
    for name, plan in plans.items():
        start = time.perf_counter()
        plan.collect()
        seconds[name] = time.perf_counter() - start
    return seconds


HERE = pathlib.Path(__file__).parent


def run_virta(virta, store, study, *extra):
    """Seconds, seconds of processor and largest memory in MB of one run that finds no results of an earlier one."""
    shutil.rmtree(pathlib.Path(store, "results", pathlib.Path(study).stem.replace("study", "eight")), ignore_errors=True)
    start = time.perf_counter()
    process = subprocess.Popen([virta, "study", store, study, "--json", *extra], stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    if status:
        raise SystemExit(f"virta study ended with {status}")
    return {"seconds": seconds, "processor": usage.ru_utime + usage.ru_stime, "megabytes": usage.ru_maxrss / 1024}


def best_virta(args, store, study, *extra):
    run_virta(args.virta, store, study, *extra)
    runs = [run_virta(args.virta, store, study, *extra) for _ in range(args.runs)]
    return {figure: min(run[figure] for run in runs) if figure != "megabytes" else max(run[figure] for run in runs)
            for figure in runs[0]}


def limit(args, store):
    command = ["cargo", "bench", "--quiet", "--profile", "release", "-p", "virta-benches", "--bench", "limit", "--"]
    if args.limit:
        command = [args.limit]
    out = subprocess.run([*command, store, "0", str(args.runs)], check=True, capture_output=True, text=True).stdout
    return json.loads(out)


def check_limit(found, answers):
    """What the limit's pass found, held against DuckDB's answers."""
    mine, theirs = [], []
    for at, year in enumerate(found):
        mine.append((year["four"], year["four_cost"], year["heavy"], year["rolling"], year["rolling_days"], year["aged"],
                     year["sets"], year["transitions"], year["flow_clients"], year["top_ten_percent"]))
        top = [row for row in answers["concentration"] if row[1] == 10][at]
        theirs.append((answers["cohort"][at][1], answers["cohort"][at][3], answers["heavy cohort"][at][1],
                       *answers["rolling 365 days"][at][1:], answers["cohort with ages"][at][1],
                       answers["combinations"][at][1], *answers["flows"][at][2:4], top[3]))
    return [] if normal(mine) == normal(theirs) else [{"limit": mine, "duckdb": theirs}]


def normal(rows):
    return [tuple(round(float(v), 6) if v is not None else None for v in row) for row in rows]


def best(runs):
    return {name: min(run[name] for run in runs) for name in runs[0]}


def by_time_file(db, contacts, folder):
    path = f"{folder}/time.parquet"
    db.execute(
        f"copy (select client_id, service, start_date, start_time, contact_id, cost_cents from read_parquet({contacts!r}) "
        f"order by start_date, hash(contact_id)) to '{path}' (format parquet, compression zstd)"
    )
    return path


def disagreements(args, store, answers):
    db, found = duckdb.connect(), []
    for name, sql in VIRTA.items():
        table = sql.split(" from ")[1].split()[0]
        files = paths(args.virta, store, f"eight.{table}")
        mine = db.execute(sql.replace(f" from {table}", f" from read_parquet({files!r})")).fetchall()
        if normal(mine) != normal(answers[name]):
            found.append({"table": name, "virta": mine[:4], "duckdb": answers[name][:4]})
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("store")
    parser.add_argument("--virta", default="target/release/virta")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--duckdb-runs", type=int, default=1)
    parser.add_argument("--only-sorted", action="store_true", help="leave out the rows in order of time")
    parser.add_argument("--no-limit", action="store_true", help="leave out the limit")
    parser.add_argument("--limit", help="the built program of limit.rs, instead of asking cargo for it")
    parser.add_argument("--full", action="store_true", help="also the study of every table")
    parser.add_argument("--big", metavar="STORE", help="also the eight tables of a larger store")
    parser.add_argument("--big-duckdb", action="store_true", help="also DuckDB on the larger store")
    args = parser.parse_args()
    eight = str(HERE / "study.toml")

    two = best_virta(args, args.store, eight)
    one = best_virta(args, args.store, eight, "--threads", "1")
    report = {
        "runs": args.runs,
        "processors": os.cpu_count(),
        "virta": two,
        "virta_one_thread": one,
        "speed_up": one["seconds"] / two["seconds"],
    }
    # All of virta's runs come before DuckDB's: a child is charged with the memory that its parent has when it begins.
    if args.full:
        report["full"] = best_virta(args, args.store, str(HERE / "full.toml"))
        report["full_to_eight"] = report["full"]["seconds"] / two["seconds"]
    if args.big:
        report["big"] = best_virta(args, args.big, eight)
        if not args.no_limit:
            report["big_limit"] = limit(args, args.big)
    if not args.no_limit:
        report["limit"] = limit(args, args.store)
        whole = report["limit"]["decode_seconds"] + report["limit"]["pass_seconds"]
        report["ratio_to_limit"] = two["seconds"] / whole

    contacts, clients = paths(args.virta, args.store, "contacts"), paths(args.virta, args.store, "clients")
    ordered = connect(contacts, clients)
    runs = [run_duckdb(ordered) for _ in range(args.duckdb_runs)]
    report["duckdb_sorted_seconds"] = best([seconds for seconds, _ in runs])
    report["ratio_to_duckdb_sorted"] = sum(report["duckdb_sorted_seconds"].values()) / two["seconds"]
    answers = runs[0][1]
    report["disagreements"] = disagreements(args, args.store, answers)
    if not args.no_limit:
        report["disagreements"] += check_limit(report["limit"].pop("answers"), answers)

    if not args.only_sorted:
        with tempfile.TemporaryDirectory() as folder:
            db = connect([by_time_file(ordered, contacts, folder)], clients)
            report["duckdb_by_time_seconds"] = best([run_duckdb(db)[0] for _ in range(args.duckdb_runs)])
        report["ratio_to_duckdb_by_time"] = sum(report["duckdb_by_time_seconds"].values()) / two["seconds"]

    report["polars_sorted_seconds"] = run_polars(contacts)
    if args.big and args.big_duckdb:
        files = [paths(args.virta, args.big, table) for table in ("contacts", "clients")]
        report["big_duckdb_sorted_seconds"], answers = run_duckdb(connect(*files))
        report["big_ratio_to_duckdb_sorted"] = sum(report["big_duckdb_sorted_seconds"].values()) / report["big"]["seconds"]
        report["disagreements"] += disagreements(args, args.big, answers)
    print(json.dumps(report, indent=2, default=str))
    raise SystemExit(1 if report["disagreements"] else 0)


if __name__ == "__main__":
    main()
