"""Asks virta and DuckDB the same generated questions over a synthetic store and compares the answers.

    python3 benches/questions.py [--virta PATH] [--seeds 1..10] [--questions 2000] [--clients 400] [--keep DIR] [--show 20]

The questions come from a grammar over the store's own tables: joins, windows, nulls, dates, correlated subqueries, set
operations. Each answer must be equal, row for row in any order, or refused with a reason. Prints how many were equal,
refused (and why) and different; exits with 1 when an answer differs, or more than 3 per cent are refused. Needs the wheel
duckdb.
"""

import argparse
import collections
import json
import math
import pathlib
import random
import subprocess
import sys
import tempfile

import duckdb

COLUMNS = {
    "contacts": {
        "client_id": "id", "service": "text", "provider": "text", "unit": "text", "start_date": "date", "start_time": "time",
        "end_date": "date", "is_stay": "bool", "mode": "text", "urgency": "text", "reason": "text", "cost_cents": "int",
        "source": "text",
    },
    "clients": {
        "client_id": "id", "birth_date": "date", "sex": "text", "municipality": "text", "language": "text",
        "observed_from": "date", "observed_to": "date", "died_on": "date",
    },
    "services": {"service": "text", "package": "text", "sector": "text", "is_emergency": "bool"},
    "plans": {"client_id": "id", "kind": "text", "from_date": "date", "to_date": "date"},
    "assessments": {"client_id": "id", "tier": "text", "contacted_on": "date", "started_on": "date", "completed_on": "date"},
}
KEYS = [
    ("contacts", "clients", "client_id"), ("contacts", "services", "service"), ("clients", "plans", "client_id"),
    ("contacts", "plans", "client_id"), ("clients", "assessments", "client_id"), ("contacts", "assessments", "client_id"),
]
TEXTS = {
    "service": ["gp", "nurse", "home_care", "dental", "physiotherapy", "school_health"], "sex": ["female", "male"],
    "mode": ["visit", "phone", "ward", "home"], "urgency": ["emergency", "elective", "unknown"],
    "sector": ["social", "primary", "specialised"], "tier": ["basic", "guidance"], "municipality": ["564", "091", "272"],
    "kind": ["consent", "responsible_worker"], "language": ["fi", "sv"],
}


class Maker:
    """One question after another, the same for the same seed."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.names = 0

    def one(self, *choices):
        return self.random.choice(choices)

    def chance(self, share):
        return self.random.random() < share

    def alias(self):
        self.names += 1
        return f"t{self.names}"

    def column(self, scope, kinds=None):
        fitting = [f"{alias}.{name}" for alias, table in scope for name, kind in COLUMNS[table].items() if not kinds or kind in kinds]
        return self.random.choice(fitting) if fitting else None

    def literal(self, kind, column=""):
        name = column.split(".")[-1]
        if kind == "date":
            return f"date '{self.one(2012, 2013, 2014)}-{self.random.randint(1, 12):02}-{self.random.randint(1, 28):02}'"
        if kind == "int":
            return str(self.one(0, 1000, 5000, 12000, 30000, 100000))
        if kind == "time":
            return f"time '{self.random.randint(0, 23):02}:{self.one(0, 30):02}'"
        if kind == "bool":
            return self.one("true", "false")
        return "'" + self.one(*TEXTS.get(name, ["a", "x1", "north"])) + "'"

    def kind(self, column, scope):
        alias, name = column.split(".")
        return next(COLUMNS[table][name] for own, table in scope if own == alias)

    def condition(self, scope, depth=0, outer=()):
        roll = self.random.random()
        if roll < 0.08 and depth < 2:
            return f"({self.condition(scope, depth + 1, outer)} {self.one('and', 'or')} {self.condition(scope, depth + 1, outer)})"
        if roll < 0.12 and depth < 2:
            return f"not ({self.condition(scope, depth + 1, outer)})"
        if roll < 0.42 and depth < 2:
            return self.subcondition(scope, depth)
        column = self.column(scope)
        kind = self.kind(column, scope)
        if roll < 0.5:
            return f"{column} is {self.one('', 'not ')}null"
        if kind == "id":
            return f"{column} % {self.one(2, 3, 5)} = {self.one(0, 1)}"
        if kind == "bool":
            return self.one(column, f"not {column}", f"{column} is not true", f"coalesce({column}, false)")
        if roll < 0.6 and kind in ("date", "int"):
            return f"{column} between {self.literal(kind, column)} and {self.literal(kind, column)}"
        if roll < 0.7 and kind == "text":
            return f"{column} {self.one('in', 'not in')} ({self.literal(kind, column)}, {self.literal(kind, column)}{self.one('', ', null')})"
        if roll < 0.74 and kind == "text":
            return f"{column} {self.one('like', 'not like', 'ilike')} '{self.one('a%', '%e%', '_i%', '%')}'"
        if roll < 0.8:
            other = self.column(scope, [kind])
            return f"{column} {self.one('=', '<>', '<', 'is distinct from', 'is not distinct from')} {other}"
        return f"{column} {self.one('=', '<>', '<', '<=', '>', '>=')} {self.literal(kind, column)}"

    def correlation(self, inner, alias, scope):
        """Conditions that tie an inner table to the outer one."""
        shared = []
        for own, table in scope:
            for name, kind in COLUMNS[table].items():
                if name in COLUMNS[inner] and kind in ("id", "text"):
                    shared.append((f"{alias}.{name}", f"{own}.{name}"))
        keys = [pair for pair in shared if pair[0].split(".")[1] in ("client_id", "service")] or shared
        parts = []
        if keys and self.chance(0.9):
            one, other = self.random.choice(keys)
            parts.append(f"{one} = {other}")
        if self.chance(0.3) or not parts:
            mine, theirs = self.column([(alias, inner)], ["date"]), self.column(scope, ["date"])
            if mine and theirs:
                parts.append(f"{mine} {self.one('<', '<=', '>', '>=', '=')} {theirs}")
        if self.chance(0.1):
            mine, theirs = self.column([(alias, inner)], ["text"]), self.column(scope, ["text"])
            if mine and theirs:
                parts.append(f"{mine} {self.one('<>', 'is not distinct from')} {theirs}")
        if self.chance(0.5):
            parts.append(self.condition([(alias, inner)], 2))
        return " and ".join(parts) or "true"

    def inner(self, scope):
        names = [table for _, table in scope]
        fitting = [table for table in COLUMNS if any(k in COLUMNS[table] for n in names for k in COLUMNS[n] if k in ("client_id", "service"))]
        table = self.random.choice(fitting or list(COLUMNS))
        # The largest table comes less often: DuckDB and virta both join it with itself.
        return table, self.alias()

    def subcondition(self, scope, depth):
        table, alias = self.inner(scope)
        where = self.correlation(table, alias, scope) if self.chance(0.8) else self.condition([(alias, table)], 2)
        roll = self.random.random()
        if roll < 0.3:
            what = self.one("1", f"{alias}.*", "count(*)", self.sum(alias, table))
            tail = ""
            if what in ("1",) and self.chance(0.3):
                tail = self.one(" limit 1", " limit 0", " offset 1", " limit 2 offset 1", f" group by {self.column([(alias, table)], ['text'])}")
            elif "(" in what and self.chance(0.3):
                tail = f" having count(*) > {self.one(0, 1, 3)}"
            return f"{self.one('', 'not ')}exists (select {what} from {table} {alias} where {where}{tail})"
        if roll < 0.6:
            operand = self.column(scope, ["id", "text", "date", "int"])
            kind = self.kind(operand, scope)
            value = self.column([(alias, table)], [kind])
            if not value:
                return f"exists (select 1 from {table} {alias} where {where})"
            if self.chance(0.15) and kind in ("int", "date"):
                value = f"{self.one('min', 'max')}({value})"
            if self.chance(0.1):
                operand = self.literal(kind, operand) if kind != "id" else operand
            return f"{operand} {self.one('in', 'not in')} (select {value} from {table} {alias} where {where})"
        if roll < 0.65:
            operand, value = self.column(scope, ["date"]), self.column([(alias, table)], ["date"])
            if operand and value:
                return f"{operand} {self.one('>', '<=', '=', '<>')} {self.one('any', 'all')} (select {value} from {table} {alias} where {where})"
        compared = self.one("=", "<", ">", ">=", "<>")
        return f"{self.value(scope, table, alias, where)} {compared} {self.one(0, 1, 2, 5, 1000)}"

    def sum(self, alias, table):
        number = self.column([(alias, table)], ["int"])
        date = self.column([(alias, table)], ["date"])
        options = ["count(*)", f"count({self.column([(alias, table)])})", f"count(distinct {self.column([(alias, table)], ['text', 'id'])})"]
        if number:
            options += [f"sum({number})", f"min({number})", f"max({number})", f"coalesce(sum({number}), 0)", f"max({number}) + 1", f"count({number}) filter (where {number} > 5000)"]
        if date:
            options += [f"count(distinct {date})", f"count({date}) * 2"]
        return self.random.choice(options)

    def value(self, scope, table, alias, where):
        return f"(select {self.sum(alias, table)} from {table} {alias} where {where})"

    def tables(self):
        if self.chance(0.45):
            table = self.one("contacts", "clients", "services", "plans", "assessments")
            alias = self.alias()
            return f"{table} {alias}", [(alias, table)]
        one, other, key = self.random.choice(KEYS)
        if self.chance(0.4):
            one, other = other, one
        a, b = self.alias(), self.alias()
        join = self.one("join", "left join", "right join", "full join", "join", "left join")
        on = f"{a}.{key} = {b}.{key}"
        if self.chance(0.3):
            on += f" and {self.condition([(self.one(a, b), one)] if False else [(b, other)], 2)}"
        return f"{one} {a} {join} {other} {b} on {on}", [(a, one), (b, other)]

    def scalar(self, scope):
        column = self.column(scope)
        kind = self.kind(column, scope)
        roll = self.random.random()
        if roll < 0.1:
            table, alias = self.inner(scope)
            return self.value(scope, table, alias, self.correlation(table, alias, scope))
        if roll < 0.15:
            return f"case when {self.condition(scope, 1)} then 'yes' when {self.condition(scope, 2)} then 'no' end"
        if kind == "date":
            other = self.column(scope, ["date"])
            return self.one(
                column, f"cast(extract(year from {column}) as bigint)", f"cast(date_trunc('month', {column}) as date)",
                f"{column} - {other}", f"{column} + 30", f"cast({column} + interval '1 month' as date)", f"coalesce({column}, {other})",
                f"cast(date_part('isodow', {column}) as bigint)", f"date_diff('month', {column}, {other})", f"least({column}, {other})",
                f"strftime({column}, '%Y-%m')", f"last_day({column})", f"year({column})", f"week({column})", f"dayname({column})",
            )
        if kind == "int":
            return self.one(column, f"{column} + 1", f"{column} * 2 - 7", f"coalesce({column}, 0)", f"{column} % 100", f"-{column}", f"abs({column} - 5000)", f"nullif({column}, 0)", f"greatest({column}, 100)")
        if kind == "text":
            return self.one(column, f"upper({column})", f"length({column})", f"{column} || '-x'", f"coalesce({column}, 'none')", f"substring({column}, 1, 2)", f"replace({column}, 'e', '_')", f"concat({column}, 'x')", f"left({column}, 2)", f"{column} like 'e%'", f"nullif({column}, 'gp')", f"strpos({column}, 'e')", f"reverse({column})", f"regexp_matches({column}, '^[a-m]')", f"lpad({column}, 12, '.')", f"split_part({column}, '_', 1)")
        if kind == "time":
            return self.one(column, f"cast(extract(hour from {column}) as bigint)", f"{column} is null")
        return column

    def window(self, scope):
        order = self.total(scope)
        by = self.column(scope, ["id", "text", "bool"])
        partition = f"partition by {by} " if self.chance(0.7) else ""
        number = self.column(scope, ["int"]) or self.column(scope, ["id"])
        any_column = self.column(scope)
        if not number:
            return f"rank() over (order by {order})"
        roll = self.random.random()
        if roll < 0.25:
            call = self.one("row_number()", "rank()", "dense_rank()", "ntile(4)", f"lag({any_column})", f"lead({any_column})", f"lag({any_column}, 2)", f"lead({any_column}, 3)", f"first_value({any_column})", f"last_value({any_column})", f"nth_value({any_column}, 2)")
            return f"{call} over ({partition}order by {order})"
        if roll < 0.4:
            ignore = self.one(f"lag({any_column} ignore nulls)", f"lead({any_column} ignore nulls)", f"lag({any_column}, 2 ignore nulls)", f"lead({any_column}, 2 ignore nulls)", f"first_value({any_column} ignore nulls)", f"last_value({any_column} ignore nulls)")
            return f"{ignore} over ({partition}order by {order})"
        if roll < 0.6:
            date = self.column(scope, ["date"])
            frame = self.one("range between interval '30 days' preceding and current row", "range between interval '7 days' preceding and interval '7 days' following", "range between unbounded preceding and current row", "")
            # Sums over a range need one column to be ordered by.
            call = self.one("count(*)", f"sum({number})" if self.kind(number, scope) == "int" else "count(*)", f"count({any_column})", f"min({any_column})", f"max({any_column})")
            if date:
                return f"{call} over ({partition}order by {date} {frame})"
        if roll < 0.66:
            time = self.column(scope, ["time"])
            if time:
                return f"{self.one('count(*)', 'rank()', 'dense_rank()')} over ({partition}order by {time})"
        frame = self.one("rows between 2 preceding and current row", "rows between unbounded preceding and 1 preceding", "rows between 1 following and 3 following", "rows between current row and unbounded following")
        call = self.one("count(*)", f"count({any_column})", f"min({any_column})", f"max({any_column})")
        if self.kind(number, scope) == "int":
            call = self.one(call, f"sum({number})")
        return f"{call} over ({partition}order by {order} {frame})"

    def total(self, scope):
        """An order without ties, as far as the tables have one."""
        parts = []
        for alias, table in scope:
            key = {
                "contacts": ["client_id", "start_date", "start_time", "service", "contact_id"], "clients": ["client_id"], "services": ["service"],
                "plans": ["client_id", "kind", "from_date", "to_date"],
                "assessments": ["client_id", "tier", "contacted_on", "started_on", "completed_on"],
            }[table]
            parts += [f"{alias}.{name}" for name in key]
        self.random.shuffle(parts) if self.chance(0.2) else None
        first = self.column(scope)
        return ", ".join(([f"{first} {self.one('', 'desc', 'asc')}"] if self.chance(0.5) else []) + parts)

    def select(self):
        tables, scope = self.tables()
        where = f" where {' and '.join(self.condition(scope) for _ in range(self.random.randint(1, 2)))}" if self.chance(0.75) else ""
        roll = self.random.random()
        if roll < 0.35:
            keys = [self.scalar(scope) if self.chance(0.3) else self.column(scope, ["text", "bool", "date"]) for _ in range(self.random.randint(0, 2))]
            keys = list(dict.fromkeys(key for key in keys if "select" not in key))
            table = self.random.choice(scope)
            sums = [self.sum(*table) for _ in range(self.random.randint(1, 3))]
            if self.chance(0.15):
                sums.append(f"count(*) filter (where {self.condition(scope, 1)})")
            shown = ", ".join(f"{expr} as c{at}" for at, expr in enumerate(keys + sums))
            group = ""
            if keys:
                kind = self.random.random()
                group = f" group by {', '.join(keys)}" if kind < 0.6 else " group by all" if kind < 0.75 else f" group by {', '.join(str(at + 1) for at in range(len(keys)))}" if kind < 0.9 else f" group by rollup ({', '.join(keys)})"
            having = f" having count(*) > {self.one(0, 1, 2)}" if keys and self.chance(0.25) else ""
            order = " order by " + ", ".join(str(at + 1) for at in range(len(keys + sums))) if self.chance(0.4) else ""
            return f"select {shown} from {tables}{where}{group}{having}{order}"
        if roll < 0.6:
            shown = [self.column(scope), self.window(scope)] + ([self.window(scope)] if self.chance(0.4) else [])
            return f"select {', '.join(f'{expr} as c{at}' for at, expr in enumerate(shown))} from {tables}{where}"
        if roll < 0.72:
            kind = self.random.choice(["text", "id", "date"])
            def side():
                tables, scope = self.tables()
                column = self.column(scope, [kind])
                while not column:
                    tables, scope = self.tables()
                    column = self.column(scope, [kind])
                return f"select {column} as c0 from {tables} where {self.condition(scope, 1)}"
            op = self.one("union", "union all", "except", "intersect", "except all", "intersect all")
            return f"{side()} {op} {side()}"
        if roll < 0.8:
            table, alias = self.inner(scope)
            lateral = self.one("count(*) as n, max(start_date) as v" if table == "contacts" else "count(*) as n", "count(*) as n")
            where_inner = self.correlation(table, alias, scope)
            name = self.alias()
            kind = self.random.random()
            if kind < 0.5:
                join = self.one("cross join lateral ({q}) {n}", "left join lateral ({q}) {n} on true")
                query = f"select {lateral} from {table} {alias} where {where_inner}"
                return f"select {self.column(scope)} as c0, {name}.n as c1 from {tables} {join.format(q=query, n=name)}{where}"
            order = self.total([(alias, table)])
            query = f"select {self.column([(alias, table)])} as n from {table} {alias} where {where_inner} order by {order} limit {self.one(1, 2)}"
            join = self.one("cross join lateral ({q}) {n}", "left join lateral ({q}) {n} on true")
            return f"select {self.column(scope)} as c0, {name}.n as c1 from {tables} {join.format(q=query, n=name)}{where}"
        shown = [self.scalar(scope) for _ in range(self.random.randint(1, 4))]
        distinct = "distinct " if self.chance(0.2) else ""
        limit = ""
        if not distinct and self.chance(0.25):
            limit = f" order by {self.total(scope)} limit {self.one(5, 20)}{self.one('', ' offset 3')}"
        return f"select {distinct}{', '.join(f'{expr} as c{at}' for at, expr in enumerate(shown))} from {tables}{where}{limit}"

    def question(self):
        roll = self.random.random()
        if roll < 0.08:
            name = self.alias()
            inner = self.select()
            return f"with {name} as ({inner}) select count(*) as c0 from {name}"
        if roll < 0.14:
            return f"select c0, count(*) as c1 from ({self.select()}) as q group by c0"
        return self.select()


def cell(value):
    if value is None:
        return None
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return f"{value:.6g}" if math.isfinite(value) else None
    text = str(value)
    try:
        number = float(text)
        return f"{number:.6g}" if "." in text else str(int(text)) if text.lstrip("-").isdigit() and not (text.startswith("0") and len(text) > 1) else text
    except (ValueError, OverflowError):
        pass
    if len(text) == 19 and text[10] in " T" and text.endswith("00:00:00"):
        return text[:10]
    return text.replace("T", " ") if len(text) == 19 and text[10:11] == "T" else text


def rows(table):
    return collections.Counter(tuple(cell(value) for value in row) for row in table)


class Virta:
    """A shell that is asked one question after another."""

    def __init__(self, virta, store):
        self.virta, self.store = virta, store

    def ask(self, sql):
        done = subprocess.run(
            [self.virta, "sql", str(self.store), "--threads", "2", "--format", "json", "-c", sql],
            capture_output=True, text=True, timeout=120,
        )
        if done.returncode == 0:
            return [list(row.values()) for row in json.loads(done.stdout)], None
        return None, done.stderr.strip()


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
    for table in COLUMNS:
        if files[table]:
            paths = ", ".join(f"'{path}'" for path in files[table])
            connection.execute(f"create table {table} as select * from read_parquet([{paths}])")
    return connection


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--virta", default="target/release/virta")
    parser.add_argument("--seeds", default="1..1")
    parser.add_argument("--questions", type=int, default=2000)
    parser.add_argument("--clients", type=int, default=400)
    parser.add_argument("--show", type=int, default=20)
    parser.add_argument("--keep")
    args = parser.parse_args()
    first, last = (int(part) for part in args.seeds.split(".."))
    equal, skipped, refused, different = 0, 0, collections.Counter(), []
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(args.keep or temporary)
        store = folder / "store"
        if not store.exists():
            folder.mkdir(exist_ok=True)
            store = store_of(args.virta, folder, args.clients, 7)
        connection = duckdb_on(args.virta, store)
        virta = Virta(args.virta, store)
        for seed in range(first, last + 1):
            maker = Maker(seed)
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
                    answer, error = virta.ask(sql)
                except subprocess.TimeoutExpired:
                    answer, error = None, "timeout"
                if error is not None:
                    reason = error.splitlines()[0]
                    refused[reason] += 1
                    if refused[reason] == 1 and args.show:
                        print(f"-- refused: {error}\n{sql}\n", flush=True)
                elif rows(answer) == rows(right):
                    equal += 1
                else:
                    different.append(sql)
                    if len(different) <= args.show:
                        less, more = rows(right) - rows(answer), rows(answer) - rows(right)
                        print(f"-- different (seed {seed}): {sum(less.values())} missing {list(less)[:2]}, {sum(more.values())} too many {list(more)[:2]}\n{sql}\n", flush=True)
    asked = equal + sum(refused.values()) + len(different)
    print(f"{asked} asked: {equal} equal, {sum(refused.values())} refused ({100 * sum(refused.values()) / max(1, asked):.1f} %), {len(different)} different; {skipped} skipped")
    for reason, count in refused.most_common(30):
        print(f"  {count:5} {reason}")
    return 1 if different or sum(refused.values()) > 0.03 * asked else 0


if __name__ == "__main__":
    sys.exit(main())
