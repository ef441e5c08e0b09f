"""Times `virta study` beside DuckDB and Polars on the same contacts, and checks that the answers agree.

    python3 benches/study.py STORE [--virta PATH] [--runs 3] [--only-sorted]

STORE holds contacts of 2012 to 2014 (see benches/README.md for making one). DuckDB reads the store's own Parquet files
(rows sorted by client) and a single Parquet file of the same rows in order of time, as extracts come. Every figure is the
median wall time of whole runs; DuckDB's time is the sum of its eight statements, virta's is process start to tables on disk.
Needs the wheels duckdb and polars.
"""

import argparse
import json
import pathlib
import statistics
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


def run_virta(virta, store, study, extra):
    start = time.perf_counter()
    subprocess.run([virta, "study", store, study, "--json", *extra], check=True, capture_output=True)
    return time.perf_counter() - start


def normal(rows):
    return [tuple(round(float(v), 6) if v is not None else None for v in row) for row in rows]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("store")
    parser.add_argument("--virta", default="target/release/virta")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--only-sorted", action="store_true", help="leave out the rows in order of time")
    args = parser.parse_args()
    study = str(pathlib.Path(__file__).with_name("study.toml"))

    run_virta(args.virta, args.store, study, [])
    virta = statistics.median(run_virta(args.virta, args.store, study, []) for _ in range(args.runs))
    one = statistics.median(run_virta(args.virta, args.store, study, ["--threads", "1"]) for _ in range(args.runs))

    contacts, clients = paths(args.virta, args.store, "contacts"), paths(args.virta, args.store, "clients")
    report = {"virta_seconds": virta, "virta_one_thread_seconds": one, "speed_up_on_two_threads": one / virta}

    ordered = connect(contacts, clients)
    runs = [run_duckdb(ordered) for _ in range(args.runs)]
    seconds = {name: statistics.median(run[0][name] for run in runs) for name in QUERIES}
    report["duckdb_sorted_seconds"] = seconds
    report["ratio_to_duckdb_sorted"] = sum(seconds.values()) / virta

    result = duckdb.connect()
    disagreements = []
    for name, sql in VIRTA.items():
        table = sql.split(" from ")[1].split()[0]
        files = paths(args.virta, args.store, f"eight.{table}")
        mine = result.execute(sql.replace(f" from {table}", f" from read_parquet({files!r})")).fetchall()
        if normal(mine) != normal(runs[0][1][name]):
            disagreements.append({"table": name, "virta": mine[:4], "duckdb": runs[0][1][name][:4]})
    report["disagreements"] = disagreements

    if not args.only_sorted:
        with tempfile.TemporaryDirectory() as folder:
            by_time = f"{folder}/time.parquet"
            ordered.execute(
                f"copy (select client_id, service, start_date, start_time, contact_id, cost_cents from read_parquet({contacts!r}) "
                f"order by start_date, hash(contact_id)) to '{by_time}' (format parquet, compression zstd)"
            )
            db = connect([by_time], clients)
            runs = [run_duckdb(db)[0] for _ in range(args.runs)]
            seconds = {name: statistics.median(run[name] for run in runs) for name in QUERIES}
            report["duckdb_by_time_seconds"] = seconds
            report["ratio_to_duckdb_by_time"] = sum(seconds.values()) / virta

    polars = run_polars(contacts)
    report["polars_sorted_seconds"] = polars
    print(json.dumps(report, indent=2, default=str))
    raise SystemExit(1 if disagreements else 0)


if __name__ == "__main__":
    main()
