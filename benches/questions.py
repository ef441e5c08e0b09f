"""Asks virta and DuckDB the same generated questions over a synthetic store and compares the answers.

    python3 benches/questions.py [--virta PATH] [--seeds 1..10] [--questions 2000] [--clients 400] [--keep DIR] [--show 20]
                                 [--workers 2]

The questions come from a grammar (grammar.py) over the store's own tables and two small ones: joins, windows, nulls, dates,
correlated subqueries, set operations. Each answer must be equal, row for row, in order where the question has one, or
refused with a reason in no words of the engine. Prints how many were equal, refused (and why) and different; exits with 1
when an answer differs, a reason speaks of the engine, or more than 3 per cent are refused. Needs the wheel duckdb.

With --workers each question is asked of so many workers on this machine, too, and must have the very answer that it has
without them, or the same refusal; how many had a part that workers ran is printed. The program needs the feature cluster.
"""

import argparse
import collections
import json
import math
import pathlib
import subprocess
import sys
import tempfile

import duckdb

import grammar


OF_THE_ENGINE = [
    "DataFusion", "datafusion", "Aggregate", "Int64", "Utf8", "Dictionary", "LogicalPlan", "ROLLUP (", "schema", "Schema", "Expr", "Projection",
    "TableScan", "<subquery>", "virta_", "panicked", "Execution", "Internal", "Arrow", "::", "__", "engine failed", "Unsupported", "Struct(", "List(",
]


def cell(value):
    if isinstance(value, (list, tuple)):
        return tuple(cell(item) for item in value)
    if value is None:
        return None
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return fraction(value)
    text = str(value)
    if text.lstrip("-").isdigit() and not (text.startswith("0") and len(text) > 1):
        return str(int(text))
    if "." in text:
        try:
            return fraction(float(text))
        except (ValueError, OverflowError):
            pass
    if len(text) == 19 and text[10] in " T" and text.endswith("00:00:00"):
        return text[:10]
    return text.replace("T", " ") if len(text) == 19 and text[10:11] == "T" else text


def fraction(number):
    """To six digits, and a whole number as one; what is no number is null."""
    if not math.isfinite(number):
        return None
    whole = round(number)
    return str(whole) if abs(number - whole) < 1e-9 * max(1, abs(number)) else f"{number * (1 + 1e-12):.6g}"


def in_order(table):
    return [tuple(cell(value) for value in row) for row in table]


def rows(table):
    return collections.Counter(in_order(table))


class Virta:
    """A shell that is asked one question after another."""

    def __init__(self, virta, store, lists):
        self.virta, self.store = virta, store
        self.lists = [part for path in lists for part in ("--with", str(path))]

    def ask(self, sql, threads, *more):
        done = subprocess.run(
            [self.virta, "sql", str(self.store), "--threads", str(threads), "--format", "json", *self.lists, *more, "-c", sql],
            capture_output=True, text=True, timeout=120,
        )
        if done.returncode == 0:
            return [list(row.values()) for row in json.loads(done.stdout)], None
        return None, done.stderr.strip()


class Workers:
    """Workers on this machine, over the stores in a folder."""

    def __init__(self, virta, folder, count):
        command = [virta, "worker", "--listen", "127.0.0.1:0", "--stores", str(folder), "--threads", "1"]
        self.running = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(count)]
        addresses = [running.stdout.readline().removeprefix("worker: ").split(",")[0] for running in self.running]
        self.option = ["--workers", ",".join(addresses)]
        self.shared, self.different = 0, []

    def compare(self, virta, sql, threads, alone, is_ordered):
        """Asks once more, of the workers; `alone` is the answer and the error without them."""
        answer, error = virta.ask(sql, threads, *self.option)
        plan, _ = virta.ask(f"explain {sql}", threads, *self.option)
        self.shared += "FromWorkers" in str(plan)
        sort = (lambda table: table) if is_ordered else (lambda table: sorted(table, key=str))
        if error != alone[1] or (answer is not None and sort(answer) != sort(alone[0])):
            self.different.append(sql)
            print(f"-- different over workers: {error}\n{sql}\n", flush=True)

    def end(self):
        for running in self.running:
            running.kill()
            running.wait()


def store_of(virta, folder, clients, seed):
    extracts, store = folder / "extracts", folder / "store"
    run = lambda *args: subprocess.run([virta, *args], check=True, capture_output=True, text=True)
    run("synth", str(extracts), "--clients", str(clients), "--years", "2012..2014", "--seed", str(seed))
    run("init", str(store))
    run("ingest", str(store), *[str(path) for path in sorted((extracts / "profiles").glob("*.toml"))])
    return store


def duckdb_on(virta, store):
    listed = subprocess.run([virta, "paths", str(store)], check=True, capture_output=True, text=True).stdout
    files = collections.defaultdict(list)
    for line in listed.splitlines():
        table, path = line.split("\t")
        files[table].append(path)
    connection = duckdb.connect()
    for table in grammar.COLUMNS:
        if files[table]:
            paths = ", ".join(f"'{path}'" for path in files[table])
            connection.execute(f"create table {table} as select * from read_parquet([{paths}])")
    return connection


def small_tables(connection, folder):
    """The small tables in DuckDB, and files of them for virta."""
    paths = []
    for table, rows in grammar.SMALL.items():
        paths.append(folder / f"{table}.parquet")
        connection.execute(f"create table {table} ({grammar.SMALL_TYPES})")
        connection.execute(f"insert into {table} values {rows}")
        connection.execute(f"copy {table} to '{paths[-1]}' (format parquet)")
    return paths


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--virta", default="target/release/virta")
    parser.add_argument("--seeds", default="1..1")
    parser.add_argument("--questions", type=int, default=2000)
    parser.add_argument("--clients", type=int, default=400)
    parser.add_argument("--show", type=int, default=20)
    parser.add_argument("--keep")
    parser.add_argument("--workers", type=int, default=0)
    args = parser.parse_args()
    first, last = (int(part) for part in args.seeds.split(".."))
    equal, skipped, refused, spoken, different = 0, 0, collections.Counter(), collections.Counter(), []
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(args.keep or temporary)
        store = folder / "store"
        if not store.exists():
            folder.mkdir(exist_ok=True)
            store = store_of(args.virta, folder, args.clients, 7)
        connection = duckdb_on(args.virta, store)
        virta = Virta(args.virta, store, small_tables(connection, folder))
        workers = Workers(args.virta, folder, args.workers) if args.workers else None
        for seed in range(first, last + 1):
            maker = grammar.Wide(seed)
            for _ in range(args.questions // (last - first + 1)):
                sql = maker.question()
                try:
                    right = connection.execute(sql).fetchall()
                except duckdb.Error as error:
                    # The grammar made a question that DuckDB cannot answer: it tells nothing.
                    skipped += 1
                    if args.show and skipped <= 5:
                        print(f"-- DuckDB: {str(error).splitlines()[0]}\n{sql}\n", file=sys.stderr)
                    continue
                try:
                    answer, error = virta.ask(sql, 1 + seed % 2)
                except subprocess.TimeoutExpired:
                    answer, error = None, "timeout"
                if workers:
                    workers.compare(virta, sql, 1 + seed % 2, (answer, error), maker.is_ordered)
                if error is not None:
                    reason = error.splitlines()[0]
                    # The query itself stands below the reason.
                    said = [line for line in error.splitlines() if " | " not in line]
                    if any(word in line for line in said for word in OF_THE_ENGINE):
                        spoken[reason] += 1
                    refused[reason] += 1
                    if refused[reason] <= 3 and args.show:
                        print(f"-- refused: {error}\n{sql}\n", flush=True)
                elif rows(answer) == rows(right) and (not maker.is_ordered or in_order(answer) == in_order(right)):
                    equal += 1
                else:
                    different.append(sql)
                    if len(different) <= args.show:
                        less, more = rows(right) - rows(answer), rows(answer) - rows(right)
                        print(f"-- different (seed {seed}): {sum(less.values())} missing {list(less)[:2]}, {sum(more.values())} too many {list(more)[:2]}\n{sql}\n", flush=True)
        if workers:
            workers.end()
    asked = equal + sum(refused.values()) + len(different)
    print(f"{asked} asked: {equal} equal, {sum(refused.values())} refused ({100 * sum(refused.values()) / max(1, asked):.1f} %), {len(different)} different; {skipped} skipped")
    for reason, count in refused.most_common(30):
        print(f"  {count:5} {reason}")
    for reason, count in spoken.items():
        print(f"  {count:5} with words of the engine: {reason}")
    if workers:
        print(f"over {args.workers} workers: {workers.shared} shared, {len(workers.different)} different")
        different += workers.different
    return 1 if different or spoken or sum(refused.values()) > 0.03 * asked else 0


if __name__ == "__main__":
    sys.exit(main())
