"""Times the questions of queries/*.sql through `virta sql` beside DuckDB on the same files, and checks that the answers agree.

    python3 benches/sql.py STORE [--virta PATH] [--runs 3] [--threads 2] [--memory-limit 256MB] [--only 08]

Both read the same Parquet files in one process each and write every answer as CSV; a figure is the best of the runs, the first
of which also pays for what is done once: virta checks every file against its checksum there. DuckDB's views are made from
`virta paths`; a study's tables are read from the store's results folder. Needs the wheel duckdb.
"""

import argparse
import csv
import json
import math
import pathlib
import re
import subprocess
import tempfile
import time

import duckdb

HERE = pathlib.Path(__file__).parent


def questions(store, only):
    connection = duckdb_on(store, 2, None)
    clients = [row[0] for row in connection.execute("select client_id from clients order by client_id").fetchall()]
    some = clients[len(clients) // 2 :: max(1, len(clients) // 100)][:50]
    for path in sorted((HERE / "queries").glob("*.sql")):
        if only and not path.name.startswith(only):
            continue
        text = path.read_text().strip()
        yield path.stem, text.replace("{clients}", ", ".join(map(str, some))).replace("{client}", str(some[0]))


def duckdb_on(store, threads, memory_limit):
    connection = duckdb.connect()
    connection.execute(f"set threads = {threads}")
    if memory_limit:
        connection.execute(f"set memory_limit = '{memory_limit}'")
    snapshot = json.loads((store / "CURRENT").read_text())["content"]["snapshots"][0]
    tables = json.loads((store / "snapshots" / f"{snapshot}.json").read_text())["content"]["tables"]
    for table, files in tables.items():
        if "." in table or not files:
            continue
        names = [
            f"{file['bucket']:05}-{file['blake3']}.parquet" if file["bucket"] is not None else f"all-{file['blake3']}.parquet"
            for file in files
        ]
        paths = ", ".join(f"'{store / 'data' / table / name}'" for name in names)
        connection.execute(f"create view {table} as select * from read_parquet([{paths}])")
    for study in (store / "results").glob("*/CURRENT"):
        run = study.parent / json.loads(study.read_text())["content"]["result"]
        schema = re.sub(r"[^a-z0-9]", "_", study.parent.name.lower())
        connection.execute(f'create schema "{schema}"')
        for file in run.glob("*.parquet"):
            connection.execute(f"""create view "{schema}".{file.stem} as select * from read_parquet('{file}')""")
    return connection


def run_duckdb(store, asked, folder, args):
    connection = duckdb_on(store, args.threads, args.memory_limit)
    times = {}
    for name, sql in asked * args.runs:
        began = time.perf_counter()
        try:
            connection.execute(f"copy ({sql}) to '{folder / name}.duckdb.csv' (header true)")
        except duckdb.OutOfMemoryException:
            continue
        times.setdefault(name, []).append(time.perf_counter() - began)
    return times


OUT_OF_MEMORY = "the query needs more memory than its limit"


def run_virta(store, asked, folder, args):
    """One shell for all questions; its timer tells each one's seconds, writing the answer included.

    A shell that is not on a terminal ends at its first error, so after a question that needs more memory than the limit the next
    shell goes on with the one after it.
    """
    command = [args.virta, "sql", str(store), "--threads", str(args.threads)]
    if args.memory_limit:
        command += ["--memory-limit", args.memory_limit]
    left, times = asked * args.runs, {}
    while left:
        lines = [".mode csv", ".timer on"]
        for name, sql in left:
            lines += [f".output {folder / name}.virta.csv", f"{sql};"]
        done = subprocess.run(command, input="\n".join(lines), capture_output=True, text=True)
        seconds = [float(found) for found in re.findall(r"rows?, ([0-9.]+) s", done.stderr)]
        for (name, _), took in zip(left, seconds):
            times.setdefault(name, []).append(took)
        left = left[len(seconds) :]
        if left and OUT_OF_MEMORY not in done.stderr:
            raise SystemExit(f"{left[0][0]}: {done.stderr.splitlines()[-3:]}")
        left = left[1:]
    return times


def answer(path):
    """Rows as they stand, numbers to nine digits: the two print the same number in several ways."""

    def cell(text):
        try:
            number = float(text)
        except ValueError:
            return text
        return text.lstrip("0") if number == int(number) and abs(number) > 2**53 else f"{number:.9g}"

    with open(path, newline="") as file:
        return [[cell(text) for text in row] for row in csv.reader(file)][1:]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("store", type=pathlib.Path)
    parser.add_argument("--virta", default="target/release/virta")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--memory-limit")
    parser.add_argument("--only")
    args = parser.parse_args()
    store = args.store.resolve()
    asked = list(questions(store, args.only))
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        virta = run_virta(store, asked, folder, args)
        duck = run_duckdb(store, asked, folder, args)
        ratios = []
        print(f"{'question':26} {'virta s':>8} {'DuckDB s':>8} {'ratio':>6}")
        for name, _ in asked:
            if name not in virta or name not in duck:
                who = " and ".join(who for who, times in (("virta", virta), ("DuckDB", duck)) if name not in times)
                print(f"{name:26} more memory than the limit: {who}")
                continue
            ours, theirs = min(virta[name]), min(duck[name])
            ratios.append(theirs / max(ours, 0.001))
            same = answer(f"{folder / name}.virta.csv") == answer(f"{folder / name}.duckdb.csv")
            print(f"{name:26} {ours:8.3f} {theirs:8.3f} {ratios[-1]:6.2f}{'' if same else '  ANSWERS DIFFER'}")
        mean = math.exp(sum(map(math.log, ratios)) / len(ratios))
        print(f"geometric mean of DuckDB / virta: {mean:.2f}; worst {min(ratios):.2f}")


if __name__ == "__main__":
    main()
