"""Times `virta ingest` beside DuckDB on the same CSV: from the file to sorted Parquet.

    python3 benches/ingest.py FOLDER [--virta PATH] [--runs 3] [--memory-limit 512MB]

FOLDER holds contacts.csv and profile.toml as `virta synth FOLDER --bench-rows N` writes them. virta parses, checks, pseudonymises,
routes, sorts, writes and commits 64 verified files; DuckDB parses the same `;` CSV with decimal comma and dd.mm.yyyy and writes one
zstd Parquet file sorted by client and day. Medians of whole runs; peak memory is the process's. Needs the wheel duckdb.
"""

import argparse
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

DUCKDB = """
import duckdb, sys
duckdb.connect().execute(f'''
    copy (select client, service, strptime(start, '%d.%m.%Y')::date start_date, provider,
                 round(replace(cost, ',', '.')::decimal(12, 2) * 100)::bigint cost_cents
          from read_csv({sys.argv[1]!r}, delim = ';', header = true, all_varchar = true)
          order by client, start_date)
    to {sys.argv[2]!r} (format parquet, compression zstd)''')
"""


def timed(command):
    """Wall seconds and peak memory in MB of a command."""
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if status != 0:
        raise SystemExit(f"{command[0]} {command[1]} failed")
    return time.perf_counter() - start, usage.ru_maxrss / 1024


def medians(runs):
    return {"seconds": statistics.median(r[0] for r in runs), "peak_mb": max(r[1] for r in runs)}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--virta", default="target/release/virta")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--memory-limit")
    parser.add_argument("--without-duckdb", action="store_true")
    args = parser.parse_args()
    csv, profile = str(args.folder / "contacts.csv"), str(args.folder / "profile.toml")
    limit = ["--memory-limit", args.memory_limit] if args.memory_limit else []

    virta, duckdb = [], []
    with tempfile.TemporaryDirectory(dir=args.folder) as work:
        for run in range(args.runs):
            store = f"{work}/store{run}"
            subprocess.run([args.virta, "init", store], check=True, stdout=subprocess.DEVNULL)
            virta.append(timed([args.virta, "ingest", store, profile, *limit]))
            shutil.rmtree(store)
            if not args.without_duckdb:
                duckdb.append(timed([sys.executable, "-c", DUCKDB, csv, f"{work}/sorted.parquet"]))
    report = {"csv_mb": os.path.getsize(csv) / 1e6, "virta": medians(virta)}
    if duckdb:
        report["duckdb"] = medians(duckdb)
        report["ratio"] = report["duckdb"]["seconds"] / report["virta"]["seconds"]
    print(json.dumps(report, indent=2))


if __name__ == "__main__":
    main()
