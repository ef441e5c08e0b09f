"""Times `virta ingest` beside DuckDB on the same CSV, one after the other on the same machine.

    python3 benches/ingest.py FOLDER [--virta PATH] [--runs 3] [--memory-limit 512MB] [--big FOLDER100]

FOLDER holds what `virta synth FOLDER --bench-rows 10000000` writes. virta reads, checks,
pseudonymises, routes, sorts and commits 64 verified files. DuckDB reads the same `;` CSV with decimal comma and dd.mm.yyyy and
writes one zstd Parquet file sorted by client and day. Both run in a process of their own, in turns; shown are medians, and the
largest peak of memory. `--big` adds one ingest of a folder with ten times the rows, whose time should be ten times as long.
Needs the wheel duckdb; `--without-duckdb` leaves it out.
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


def run(command):
    """Wall and processor seconds, and peak memory in MB, of a command."""
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    if status != 0:
        raise SystemExit(f"this failed: {' '.join(map(str, command))[:200]}")
    return {"seconds": seconds, "cpu_seconds": usage.ru_utime + usage.ru_stime, "peak_mb": usage.ru_maxrss / 1024}


def summary(runs):
    middle = {key: round(statistics.median(r[key] for r in runs), 2) for key in ("seconds", "cpu_seconds")}
    return {**middle, "peak_mb": round(max(r["peak_mb"] for r in runs)), "runs": len(runs)}


def ingest(args, folder, work):
    store = f"{work}/store"
    subprocess.run([args.virta, "init", store], check=True, stdout=subprocess.DEVNULL)
    limit = ["--memory-limit", args.memory_limit] if args.memory_limit else []
    result = run([args.virta, "ingest", store, str(folder / "profile.toml"), *limit])
    result["store_mb"] = sum(file.stat().st_size for file in pathlib.Path(store).rglob("*") if file.is_file()) / 1e6
    shutil.rmtree(store)
    pathlib.Path(f"{store}.key").unlink()
    return result


def duckdb(folder, work):
    parquet = f"{work}/sorted.parquet"
    result = run([sys.executable, "-c", DUCKDB, str(folder / "contacts.csv"), parquet])
    result["store_mb"] = os.path.getsize(parquet) / 1e6
    os.unlink(parquet)
    return result


def line(name, result, csv_mb, disk_mb):
    speed = csv_mb / result["seconds"]
    print(f"{name:<22}{result['seconds']:>9.2f} s{result['cpu_seconds']:>9.2f} s"
          f"{result['peak_mb']:>9.0f} MB{disk_mb:>9.0f} MB{speed:>8.0f} MB/s")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--virta", default="target/release/virta")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--memory-limit")
    parser.add_argument("--big", type=pathlib.Path, metavar="FOLDER", help="a folder with ten times the rows")
    parser.add_argument("--without-duckdb", action="store_true")
    parser.add_argument("--json", action="store_true", help="print one JSON document instead of a table")
    args = parser.parse_args()

    runs = {"virta": [], "DuckDB": []}
    big = None
    with tempfile.TemporaryDirectory(dir=args.folder) as work:
        for _ in range(args.runs):
            runs["virta"].append(ingest(args, args.folder, work))
            if not args.without_duckdb:
                runs["DuckDB"].append(duckdb(args.folder, work))
        if args.big:
            big = ingest(args, args.big, work)
    runs = {name: found for name, found in runs.items() if found}
    results = {name: summary(found) for name, found in runs.items()}
    report = {"csv_mb": round(os.path.getsize(args.folder / "contacts.csv") / 1e6), **results}
    if "DuckDB" in results:
        report["duckdb_time_per_virta_time"] = round(results["DuckDB"]["seconds"] / results["virta"]["seconds"], 2)
    if big:
        report["big"] = {key: round(value, 2) for key, value in big.items()}
        report["big"]["csv_mb"] = round(os.path.getsize(args.big / "contacts.csv") / 1e6)
        report["big_time_per_time"] = round(big["seconds"] / results["virta"]["seconds"], 1)
        report["big_bytes_per_bytes"] = round(report["big"]["csv_mb"] / report["csv_mb"], 1)
    if args.json:
        print(json.dumps(report, indent=2))
        return
    print(f"{'':<22}{'wall':>11}{'processor':>11}{'peak':>12}{'on disk':>12}{'CSV read':>13}")
    for name, result in results.items():
        line(name, result, report["csv_mb"], runs[name][-1]["store_mb"])
    if big:
        line("virta, big", big, report["big"]["csv_mb"], big["store_mb"])
    print()
    if "DuckDB" in results:
        print(f"DuckDB takes {report['duckdb_time_per_virta_time']} times the time of virta")
    if big:
        print(f"{report['big_bytes_per_bytes']} times the bytes take {report['big_time_per_time']} times the time")


if __name__ == "__main__":
    main()
