"""Questions from a grammar over the store's own tables and two small ones that hold nulls, negative numbers, ends of months
and letters outside ASCII. The same seed gives the same questions."""

import random

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
    "s": {
        "n": "int", "k": "int", "a": "int", "t": "text", "u": "text", "d": "date", "c": "time", "b": "bool", "x": "dec", "f": "float",
        "w": "stamp",
    },
}
COLUMNS["r"] = COLUMNS["s"]
SMALL = {
    "s": """(1, 1, -7, 'a', 'b', '2012-01-31', '00:00', true, 1.25, 0.5, '2012-01-31 23:59:59'), (2, 2, 5, 'ä', 'ä', '2012-02-29', '08:30', false, -0.05, -1.5, '2012-02-29 08:30'),
        (3, 2, null, 'B', 'b', '2013-12-30', '23:59:59', null, 2.50, 2.5, '2013-03-31 03:30'), (4, null, 0, null, 'a', null, null, true, null, null, null),
        (5, 5, 3, '', 'a', '2012-02-29', '12:00', false, 99.99, 3.5, '2012-12-31 00:00'), (6, 5, 3, 'Åbo', 'b', '2014-12-31', '12:00', true, 0, 0, '2014-12-31 12:00:01'),
        (7, -1, 12, 'a_b', null, '2013-03-31', null, null, 0.125, 1e6, '2013-03-31 00:00'), (8, 1, -1, 'a', 'Ä', '2012-01-31', '08:30', true, -1.25, -0.25, null),
        (9, null, 7, 'zz top', 'a', '2013-01-01', '00:00', false, 7, null, '2000-01-01 00:00'), (10, 3, null, ' 42 ', 'b', null, '16:45', null, null, 0.1, '2013-01-15 10:00'),
        (11, 9, 100, '2013-02-30', null, '2012-12-31', '16:45', true, 3.33, -7.75, '2012-02-29 08:30')""",
    "r": """(1, 1, 4, 'a', 'ä', '2012-02-29', '08:30', true, 1.25, 0.5, '2012-02-29 08:30'), (2, 1, null, 'ab', 'a', null, '12:00', false, 0.5, null, '2012-03-01 00:00'),
        (3, null, 0, 'ä', null, '2012-01-31', null, null, null, 1.5, null), (4, 5, -7, null, 'b', '2013-03-31', '00:00', true, -3.5, -1.5, '2013-03-31 03:30'),
        (5, 7, 12, '', 'b', '2013-12-30', '16:45', null, 100, 2.5, '2014-12-31 12:00:01'), (6, 2, 5, 'b', 'A', '2012-03-01', '23:59:59', false, 2.50, 1e6, '2011-06-30 06:00'),
        (7, 2, 5, 'Åbo', 'a', '2014-12-31', '08:30', false, null, 0.1, '2012-01-31 23:59:59'), (8, null, 3, '-17', 'a', '2012-01-31', null, true, 0.01, -0.25, '2013-01-01 00:00'),
        (9, 3, 1, 'B', 'Ä', '2013-02-28', '12:00', null, 7, 0, '2013-01-15 10:00')""",
}
SMALL_TYPES = "n bigint, k bigint, a bigint, t varchar, u varchar, d date, c time, b boolean, x decimal(12, 2), f double, w timestamp"
KEYS = [
    ("contacts", "clients", "client_id"), ("contacts", "services", "service"), ("clients", "plans", "client_id"),
    ("contacts", "plans", "client_id"), ("clients", "assessments", "client_id"), ("contacts", "assessments", "client_id"),
]
TEXTS = {
    "service": ["gp", "nurse", "home_care", "dental", "physiotherapy", "school_health"], "sex": ["female", "male"],
    "mode": ["visit", "phone", "ward", "home"], "urgency": ["emergency", "elective", "unknown"],
    "sector": ["social", "primary", "specialised"], "tier": ["basic", "guidance"], "municipality": ["564", "091", "272"],
    "kind": ["consent", "responsible_worker"], "language": ["fi", "sv"], "t": ["a", "ä", "B", "", "Åbo", "ab", "12", "2012-02-29"],
    "u": ["a", "b", "ä", "Ä", "zz"],
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
        if kind == "dec":
            return self.one("0", "1.25", "-3.5", "2.50", "99.99")
        if kind == "float":
            return self.one("0.5", "-1.5", "2.5", "1e3", "0.1")
        if kind == "stamp":
            return f"timestamp '{self.one(2012, 2013)}-{self.one('01-31', '02-28', '12-31')} {self.one('00:00:00', '08:30:00', '23:59:59')}'"
        if kind == "int" and name in ("k", "a", "n", "y"):
            return str(self.one(0, 1, 2, 3, 5, -7, 12))
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
            on += f" and {self.condition([(b, other)], 2)}"
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


class Typed(Maker):
    """Questions whose expressions are built by kind: also about the small tables, where nulls and ties are many."""

    def scope_of(self, small=0.6):
        """Tables to choose from, joined in some way."""
        if self.chance(small):
            first = self.one("s", "r")
            scope = [(self.alias(), first)]
            text = f"{first} {scope[0][0]}"
            for _ in range(self.one(0, 0, 0, 1, 1, 2)):
                text, scope = self.joined(text, scope, self.one("s", "r"), self.one("k", "k", "t", "d", "n", "b"))
            return text, scope
        if self.chance(0.5):
            return self.tables()
        text, scope = self.tables()
        known = [table for _, table in scope]
        keys = [(one, other, key) for one, other, key in KEYS if one in known and other != "s" and other not in known]
        if keys:
            one, other, key = self.random.choice(keys)
            text, scope = self.joined(text, scope, other, key, next(alias for alias, table in scope if table == one))
        return text, scope

    def joined(self, text, scope, table, key, own=None):
        alias = self.alias()
        own = own or self.random.choice(scope)[0]
        kind = self.one("join", "left join", "right join", "full join", "inner join", "left join")
        both = scope + [(alias, table)]
        on = f"{own}.{key} = {alias}.{key}"
        roll = self.random.random()
        if roll < 0.1 and kind != "full join":
            on += f" and {self.truth(both, 2, plain=True)}"
        elif roll < 0.2 and kind != "full join":
            on += f" and {self.truth([(alias, table)], 2, plain=True)}"
        elif roll < 0.3 and kind != "full join" and table in ("s", "r"):
            on = f"{self.column([(own, dict(scope)[own])], ['int', 'date'])} {self.one('<', '<=', '<>')} {alias}.{self.one('n', 'd')}"
            left, right = on.split(" ", 1)[0], on.rsplit(" ", 1)[1]
            if self.kind(left, both) != self.kind(right, both):
                on = f"{own}.{key} = {alias}.{key}"
        elif roll < 0.36 and table in ("s", "r") and kind != "full join":
            on = f"{own}.{key} is not distinct from {alias}.{key}"
        elif roll < 0.42 and table in ("s", "r"):
            on = f"coalesce({own}.{key}, {self.literal(COLUMNS[table][key], 'x.' + key)}) = {alias}.{key}"
        return f"{text} {kind} {table} {alias} on {on}", both

    # Expressions by kind.

    def of(self, kind, scope, depth=0):
        column = self.column(scope, [kind])
        if kind == "int" and self.chance(0.1):
            key = self.column(scope, ["id"])
            # Sums of the keys themselves would be out of range.
            column = f"({key} % 1000)" if key else column
        if depth >= 2 or self.chance(0.35):
            if column and self.chance(0.85):
                return column
            return self.literal(kind, column or "x.y")
        return getattr(self, kind if kind not in ("int",) else "whole")(scope, depth + 1)

    def whole(self, scope, depth):
        i = lambda: self.of("int", scope, depth)
        t, d, b = (lambda: self.of("text", scope, depth)), (lambda: self.of("date", scope, depth)), (lambda: self.truth(scope, depth))
        roll = self.random.randint(0, 30)
        return [
            lambda: f"({i()} + {i()})", lambda: f"({i()} - {i()})", lambda: f"({i()} * {self.one(-3, 2, 7)})",
            lambda: f"({i()} % {self.one(3, 7, -4)})", lambda: f"(- {i()})", lambda: f"abs({i()})",
            lambda: f"case when {b()} then {i()} else {i()} end", lambda: f"case when {b()} then {i()} end",
            lambda: f"coalesce({i()}, {i()})", lambda: f"nullif({i()}, {i()})", lambda: f"greatest({i()}, {i()})",
            lambda: f"least({i()}, {i()}, {i()})", lambda: f"length({t()})", lambda: f"strpos({t()}, {self.literal('text', 'x.t')})",
            lambda: f"cast({self.of('float', scope, depth)} as bigint)", lambda: f"cast({self.of('dec', scope, depth)} as bigint)",
            lambda: f"cast(extract({self.one('year', 'month', 'day', 'quarter', 'week', 'isodow', 'dow', 'doy')} from {d()}) as bigint)",
            lambda: f"({d()} - {d()})", lambda: f"date_diff('{self.one('day', 'month', 'quarter', 'year')}', {d()}, {d()})",
            lambda: f"try_cast({self.column(scope, ['text']) or t()} as bigint)", lambda: f"cast({b()} as integer)", lambda: f"sign({i()})",
            lambda: f"case {self.column(scope, ['text'])} when {self.literal('text', 'x.t')} then {i()} when {self.literal('text', 'x.u')} then {i()} else 0 end" if self.column(scope, ["text"]) else i(),
            lambda: f"cast(extract({self.one('hour', 'minute', 'day', 'month')} from {self.of('stamp', scope, depth)}) as bigint)",
            lambda: f"({i()} & {self.one(3, 6)})", lambda: f"({i()} | {self.one(1, 8)})",
            lambda: f"(select {self.sum_of('int', [inner := (self.alias(), self.one('s', 'r'))])} from {inner[1]} {inner[0]} where {self.tied(inner, scope)})",
            lambda: f"cast(floor({self.of('float', scope, depth)}) as bigint)", lambda: f"cast(ceil({self.of('dec', scope, depth)}) as bigint)",
            lambda: f"bit_length({t()})", lambda: f"ascii({t()})",
        ][roll]()

    def tied(self, inner, scope):
        """A condition of a subquery that may name the outer query."""
        alias, table = inner
        parts = []
        for _ in range(self.one(0, 1, 1, 2)):
            kind = self.one("int", "text", "date", "bool")
            mine, outer = self.column([inner], [kind]), self.column(scope, [kind])
            if mine and outer:
                parts.append(f"{mine} {self.one('=', '=', '=', '<', '>=', '<>', 'is not distinct from')} {outer}")
        if self.chance(0.4):
            parts.append(self.truth([inner], 2, plain=True))
        if self.chance(0.1):
            parts.append(self.truth([inner] + scope, 2, plain=True))
        return " and ".join(parts) or "true"

    def dec(self, scope, depth):
        x, i = (lambda: self.of("dec", scope, depth)), (lambda: self.of("int", scope, depth))
        return [
            lambda: f"({x()} + {x()})", lambda: f"({x()} - {x()})", lambda: f"({x()} * {self.one('2', '-0.5', '1.25')})", lambda: f"round({x()}, {self.one(0, 1)})",
            lambda: f"abs({x()})", lambda: f"(- {x()})", lambda: f"cast({i()} as decimal(12, 2))", lambda: f"coalesce({x()}, {x()})", lambda: f"({x()} + {i()})",
            lambda: f"case when {self.truth(scope, depth)} then {x()} else {x()} end", lambda: f"nullif({x()}, {x()})", lambda: f"cast({x()} as decimal(12, 1))",
            lambda: f"({x()} % 3)", lambda: f"greatest({x()}, {x()})", lambda: f"floor({x()})", lambda: f"ceil({x()})",
            lambda: f"cast({self.of('float', scope, depth)} as decimal(12, 2))", lambda: f"try_cast({self.of('text', scope, depth)} as decimal(9, 1))",
        ][self.random.randint(0, 17)]()

    def float(self, scope, depth):
        f, i = (lambda: self.of("float", scope, depth)), (lambda: self.of("int", scope, depth))
        return [
            lambda: f"({f()} + {f()})", lambda: f"({f()} - {f()})", lambda: f"({f()} * {f()})", lambda: f"({f()} / nullif({f()}, 0))", lambda: f"abs({f()})",
            lambda: f"round({f()})", lambda: f"round({f()}, 1)", lambda: f"floor({f()})", lambda: f"ceil({f()})", lambda: f"trunc({f()})",
            lambda: f"sqrt(abs({f()}))", lambda: f"cast({i()} as double)", lambda: f"(cast({i()} as double) / 3)", lambda: f"({i()} / 4.0)", lambda: f"ln(nullif(abs({f()}), 0))",
            lambda: f"power({f()}, 2)", lambda: f"coalesce({f()}, {i()})", lambda: f"try_cast({self.of('text', scope, depth)} as double)", lambda: f"({f()} % 2)",
            lambda: f"nullif({f()}, 0.5)", lambda: f"cast({self.of('dec', scope, depth)} as double)", lambda: f"greatest({f()}, {i()})", lambda: f"sign({f()})",
        ][self.random.randint(0, 22)]()

    def text(self, scope, depth):
        t, i = (lambda: self.of("text", scope, depth)), (lambda: self.of("int", scope, depth))
        n = lambda: self.one(-2, -1, 0, 1, 2, 5)
        return [
            lambda: f"({t()} || {t()})", lambda: f"upper({t()})", lambda: f"lower({t()})", lambda: f"substr({t()}, {self.one(1, 2, 3)}, {self.one(0, 1, 2, 9)})",
            lambda: f"substring({t()}, {self.one(1, 2)})", lambda: f"left({t()}, {n()})", lambda: f"right({t()}, {n()})", lambda: f"lpad({t()}, {self.one(1, 4, 7)}, '{self.one('.', 'ä-')}')",
            lambda: f"rpad({t()}, {self.one(1, 4, 7)}, '{self.one('.', 'ö-')}')", lambda: f"replace({t()}, '{self.one('a', 'ä', 'x')}', '{self.one('', '--', 'å')}')", lambda: f"trim({t()})",
            lambda: f"ltrim({t()}, 'aä')", lambda: f"rtrim({t()}, 'bö')", lambda: f"reverse({t()})", lambda: f"concat({t()}, {t()}, 'x')", lambda: f"concat_ws('-', {t()}, {t()})",
            lambda: f"repeat({t()}, {self.one(0, 1, 3)})", lambda: f"split_part({t()}, '{self.one('_', ' ', 'ä')}', {self.one(1, 2, -1)})",
            lambda: f"regexp_replace({t()}, '[a-m]', '{self.one('', '*')}')", lambda: f"regexp_replace({t()}, '[aä]', '.', 'g')", lambda: f"translate({t()}, 'abä', 'xy')",
            lambda: f"cast({i()} as varchar)", lambda: f"cast({self.of('date', scope, depth)} as varchar)", lambda: f"cast({self.truth(scope, depth)} as varchar)",
            lambda: f"strftime({self.of('date', scope, depth)}, '{self.one('%Y-%m', '%d.%m.%Y', '%Y/%j')}')", lambda: f"case when {self.truth(scope, depth)} then {t()} else {t()} end",
            lambda: f"coalesce({t()}, {t()})", lambda: f"nullif({t()}, {t()})", lambda: f"greatest({t()}, {t()})", lambda: f"least({t()}, {t()})",
            lambda: f"substring({t()} from {self.one(1, 2)} for 2)", lambda: f"regexp_extract({t()}, '{self.one('[a-z]+', '([a-z])(.)')}', {self.one(0, 0, 0)})", lambda: f"cast({self.of('dec', scope, depth)} as varchar)",
            lambda: f"replace({t()}, 'b', 'bb')", lambda: f"dayname({self.of('date', scope, depth)})", lambda: f"cast({self.of('stamp', scope, depth)} as varchar)", lambda: f"case when {self.truth(scope, depth)} then {t()} end",
            lambda: f"ifnull({t()}, 'none')",
        ][self.random.randint(0, 37)]()

    def date(self, scope, depth):
        d = lambda: self.of("date", scope, depth)
        return [
            lambda: f"({d()} + {self.one(1, 30, 366)})", lambda: f"({d()} - {self.one(1, 31)})",
            lambda: f"cast({d()} {self.one('+', '-')} interval '{self.one('1 month', '1 year', '3 months', '13 months', '10 days', '2 weeks')}' as date)",
            lambda: f"cast(date_trunc('{self.one('month', 'year', 'quarter', 'week')}', {d()}) as date)", lambda: f"last_day({d()})", lambda: f"coalesce({d()}, {d()})",
            lambda: f"least({d()}, {d()})", lambda: f"greatest({d()}, {d()})", lambda: f"case when {self.truth(scope, depth)} then {d()} end", lambda: f"nullif({d()}, {d()})",
            lambda: f"cast({self.of('stamp', scope, depth)} as date)", lambda: f"try_cast({self.of('text', scope, depth)} as date)", d,
        ][self.random.randint(0, 12)]()

    def stamp(self, scope, depth):
        w = lambda: self.of("stamp", scope, depth)
        return [
            lambda: f"cast({self.of('date', scope, depth)} as timestamp)", lambda: f"({w()} {self.one('+', '-')} interval '{self.one('1 hour', '90 minutes', '1 month', '1 day', '1 year 2 days')}')",
            lambda: f"date_trunc('{self.one('hour', 'day', 'month', 'minute')}', {w()})", lambda: f"coalesce({w()}, {w()})", lambda: f"greatest({w()}, {w()})",
            lambda: f"case when {self.truth(scope, depth)} then {w()} end",
        ][self.random.randint(0, 5)]()

    def bool(self, scope, depth):
        return self.truth(scope, depth)

    def truth(self, scope, depth=0, plain=False):
        """A condition; a plain one has no subquery."""
        self.plain_only = getattr(self, "plain_only", 0) + plain
        try:
            return self.a_truth(scope, depth)
        finally:
            self.plain_only -= plain

    def a_truth(self, scope, depth):
        roll = self.random.random()
        if depth < 2 and roll < 0.18:
            op = self.one("and", "or", "and", "or", "=", "<>", "is distinct from")
            return f"(({self.truth(scope, depth + 1)}) {op} ({self.truth(scope, depth + 1)}))"
        if depth < 2 and roll < 0.26:
            return f"(not ({self.truth(scope, depth + 1)}))"
        if depth < 2 and roll < 0.3:
            return f"(({self.truth(scope, depth + 1)}) is {self.one('', 'not ')}{self.one('true', 'false', 'null')})"
        if roll < 0.36 and not self.plain_only:
            inner = (self.alias(), self.one("s", "r"))
            return f"{self.one('', 'not ')}exists (select {self.one('1', inner[0] + '.n')} from {inner[1]} {inner[0]} where {self.tied(inner, scope)})"
        if roll < 0.44 and not self.plain_only:
            inner = (self.alias(), self.one("s", "r"))
            kind = self.one("int", "text", "date", "dec")
            return f"{self.of(kind, scope, 1)} {self.one('in', 'not in')} (select {self.of(kind, [inner], 1)} from {inner[1]} {inner[0]} where {self.tied(inner, scope)})"
        if roll < 0.47 and not self.plain_only:
            inner = (self.alias(), self.one("s", "r"))
            return f"({self.of('int', scope, 2)}, {self.of('text', scope, 2)}) {self.one('in', 'not in')} (select {inner[0]}.{self.one('k', 'a', 'n')}, {inner[0]}.{self.one('t', 'u')} from {inner[1]} {inner[0]} where {self.tied(inner, scope)})"
        if roll < 0.5 and not self.plain_only:
            inner = (self.alias(), self.one("s", "r"))
            kind = self.one("int", "date", "text")
            return f"{self.of(kind, scope, 1)} {self.one('<', '>=', '=', '<>', '>')} {self.one('any', 'all')} (select {self.of(kind, [inner], 2)} from {inner[1]} {inner[0]} where {self.tied(inner, scope)})"
        kind = self.one("int", "int", "text", "text", "date", "dec", "float", "stamp", "bool", "time")
        if kind == "bool":
            column = self.column(scope, ["bool"])
            return self.one(column, f"{column} is not true", f"coalesce({column}, false)", f"{column} = {self.one('true', 'false')}", f"not {column}") if column else "true"
        if kind == "time":
            column = self.column(scope, ["time"])
            return f"{column} {self.one('<', '>=', '=')} {self.literal('time')}" if column else "1 = 1"
        e = lambda: self.of(kind, scope, max(depth, 1))
        roll = self.random.random()
        if kind == "text" and roll < 0.35:
            return self.one(
                f"{e()} {self.one('like', 'not like', 'ilike', 'not ilike')} '{self.one('a%', '%ä%', '_b%', '%', '', 'Å%', '%e', '__', '%a_b%')}'",
                f"starts_with({e()}, '{self.one('a', 'ä', '')}')", f"contains({e()}, '{self.one('b', 'Ä', '')}')", f"regexp_matches({e()}, '{self.one('^[a-m]', 'ä$', 'b+')}')",
                f"{e()} like 'a!%%' escape '!'", f"{e()} <> ''",
            )
        if roll < 0.15:
            return f"{e()} is {self.one('', 'not ')}null"
        if roll < 0.3:
            return f"{e()} {self.one('', 'not ')}between {e()} and {e()}"
        if roll < 0.45:
            column = self.column(scope, [kind]) or "x.y"
            return f"{e()} {self.one('in', 'not in')} ({', '.join(self.one(self.literal(kind, column), self.literal(kind, column), 'null', e()) for _ in range(self.one(1, 2, 3)))})"
        if roll < 0.5:
            # DuckDB takes nulls in rows that are compared for values.
            known = lambda: f"(coalesce({e()}, {self.literal(kind, 'x.y')}), coalesce({self.of('int', scope, 2)}, 0))"
            return f"{known()} {self.one('=', '<', '<>', '>=')} {known()}"
        return f"{e()} {self.one('=', '<>', '<', '<=', '>', '>=', 'is distinct from', 'is not distinct from')} {e()}"

    # Aggregates by kind.

    def unique(self, scope):
        """Columns that tell all rows of small tables apart, as an order without ties."""
        return ", ".join(f"{alias}.n" for alias, _ in scope)

    def is_small(self, scope):
        return all(table in ("s", "r") for _, table in scope)

    def sum_of(self, kind, scope):
        e = lambda kind: self.of(kind, scope, 1)
        distinct = self.one("", "", "distinct ")
        choices = {
            "int": [
                lambda: "count(*)", lambda: f"count({distinct}{e(self.one('int', 'text', 'date', 'dec'))})", lambda: f"sum({distinct}{e('int')})", lambda: f"min({e('int')})", lambda: f"max({e('int')})",
                lambda: f"coalesce(sum({e('int')}), 0)", lambda: f"bit_xor({e('int')})", lambda: f"bit_and({e('int')})", lambda: f"bit_or({e('int')})", lambda: f"count(*) filter (where {self.truth(scope, 1, plain=True)})",
                lambda: f"quantile_disc({e('int')}, {self.one(0.25, 0.5, 0.9)})", lambda: f"max({e('int')}) - min({e('int')})",
            ],
            "float": [
                lambda: f"avg({distinct}{e(self.one('int', 'float', 'dec'))})", lambda: f"{self.one('stddev', 'stddev_samp', 'stddev_pop', 'var_pop', 'var_samp', 'variance')}({e(self.one('int', 'float'))})",
                lambda: f"median({e(self.one('int', 'float'))})", lambda: f"quantile_cont({e(self.one('int', 'float'))}, {self.one(0.1, 0.5, 0.75)})", lambda: f"min({e('float')})", lambda: f"sum({e('float')})",
                lambda: f"{self.one('corr', 'covar_pop', 'covar_samp', 'regr_slope', 'regr_count')}({number}, {other})" if (number := self.column(scope, ['int'])) and (other := self.column(scope, ['float'])) else f"regr_count({e('int')}, {e('float')})", lambda: f"percentile_cont({self.one(0.25, 0.5)}) within group (order by {e('int')})",
            ],
            "dec": [lambda: f"sum({distinct}{e('dec')})", lambda: f"min({e('dec')})", lambda: f"max({e('dec')})", lambda: f"coalesce(sum({e('dec')}), 0)"],
            "text": [lambda: f"min({e('text')})", lambda: f"max({e('text')})", lambda: f"string_agg(distinct {(c := self.column(scope, ['text']))}, '|' order by {c} {self.one('', 'desc')})"],
            "date": [lambda: f"min({e('date')})", lambda: f"max({e('date')})", lambda: f"max({e('stamp')})"],
            "bool": [lambda: f"bool_and({self.truth(scope, 1, plain=True)})", lambda: f"bool_or({self.truth(scope, 1, plain=True)})", lambda: f"max({self.truth(scope, 1, plain=True)})"],
        }
        if self.is_small(scope):
            order = self.unique(scope)
            desc = ", ".join(f"{alias}.n desc" for alias, _ in scope)
            choices["text"] += [
                lambda: f"string_agg({e('text')}, ',' order by {order})", lambda: f"first({e('text')} order by {order})", lambda: f"last({e('text')} order by {order})",
                lambda: f"arg_max({e('text')}, {scope[0][0]}.n)" if len(scope) == 1 else f"max({e('text')})", lambda: f"string_agg({e('text')}, ',' order by {e('int')} {self.one('', 'desc')} {self.one('', 'nulls first')}, {desc})",
            ]
            choices["int"] += [lambda: f"first({e('int')} order by {desc})", lambda: f"arg_min({e('int')}, {scope[0][0]}.n)" if len(scope) == 1 else "count(*)"]
            choices["list"] = [lambda: f"array_agg({e('int')} order by {order})", lambda: f"list({e('text')} order by {desc})", lambda: f"array_agg(distinct {(c := self.column(scope, ['int', 'text']))} order by {c})"]
        text = self.random.choice(choices[kind if kind in choices else "int"])()
        simple = "filter" not in text and text.endswith(")") and text.count("(") > 0 and not text.startswith(("coalesce", "percentile", "regr_count")) and " - min" not in text
        if simple and self.chance(0.15):
            text += f" filter (where {self.truth(scope, 1, plain=True)})"
        return text

    def some_sum(self, scope):
        kinds = ["int", "int", "float", "dec", "text", "date", "bool"] + (["list"] if self.is_small(scope) else [])
        return self.sum_of(self.random.choice(kinds), scope)

    def some(self, scope, depth=0):
        return self.of(self.one("int", "int", "text", "text", "date", "dec", "float", "stamp", "bool"), scope, depth)

    # Questions.

    def numbered(self, exprs):
        return ", ".join(f"{expr} as c{at}" for at, expr in enumerate(exprs))

    def where(self, scope, share=0.6):
        return f" where {' and '.join(self.truth(scope) for _ in range(self.one(1, 1, 2)))}" if self.chance(share) else ""

    def ordered(self, count):
        """An order by every column, so that the rows' order can be compared."""
        self.is_ordered = True
        places = list(range(1, count + 1))
        self.random.shuffle(places)
        by = ", ".join(f"c{at - 1} {self.one('', 'asc', 'desc')} {self.one('', '', 'nulls first', 'nulls last')}" for at in places)
        limit = self.one("", "", f" limit {self.one(1, 3, 10)}", f" limit 4 offset {self.one(1, 2)}", " offset 2")
        return f" order by {by}{limit}"

    def rows_asked(self):
        text, scope = self.scope_of()
        shown = [self.some(scope) for _ in range(self.random.randint(1, 4))]
        distinct = self.one("", "", "distinct ")
        tail = self.ordered(len(shown)) if self.chance(0.5) else ""
        return f"select {distinct}{self.numbered(shown)} from {text}{self.where(scope)}{tail}"

    def groups_asked(self):
        text, scope = self.scope_of()
        keys = list(dict.fromkeys(self.some(scope, self.one(0, 2, 2)) for _ in range(self.one(0, 1, 1, 2, 3))))
        keys = [key for key in keys if "select" not in key and any(f"{alias}." in key for alias, _ in scope)]
        sums = [self.some_sum(scope) for _ in range(self.one(1, 1, 2, 3))]
        roll = self.random.random()
        listed = ", ".join(keys)
        group = f" group by {listed}" if keys else ""
        if keys and roll < 0.12:
            group = f" group by rollup ({listed})"
        elif keys and roll < 0.2:
            group = f" group by cube ({listed})"
        elif keys and roll < 0.32:
            sets = [f"({', '.join(key for key in keys if self.chance(0.5))})" for _ in range(self.one(1, 2, 3))]
            if all(any(key in chosen for chosen in sets) for key in keys):
                group = f" group by grouping sets ({', '.join(sets)})"
        elif roll < 0.4:
            group = " group by all"
        elif keys and roll < 0.5:
            group = f" group by {', '.join(str(at + 1) for at in range(len(keys)))}"
        is_sets = "rollup" in group or "cube" in group or "sets" in group
        if is_sets and self.chance(0.4):
            sums.append(f"grouping({self.random.choice(keys)})")
        number = self.sum_of("int", scope)
        kept = self.one(f"count(*) > {self.one(0, 1, 3)}", f"{number} > 0", f"max({self.of('int', scope, 2)}) is not null")
        having = f" having {kept}" if self.chance(0.25) else ""
        tail = self.ordered(len(keys + sums)) if self.chance(0.4) else ""
        if any(word in expr for expr in sums for word in ("array_agg", "list(")):
            tail, self.is_ordered = "", False
        return f"select {self.numbered(keys + sums)} from {text}{self.where(scope)}{group}{having}{tail}"

    def frame(self):
        if self.chance(0.7):
            ends = ["unbounded preceding", "2 preceding", "1 preceding", "current row", "1 following", "3 following", "unbounded following"]
            first = self.random.randint(0, 5)
            last = self.random.randint(max(first, 1), 6)
            return f" {self.one('rows', 'rows', 'groups')} between {ends[first]} and {ends[last]}"
        return self.one("", " range between unbounded preceding and current row", " range between current row and unbounded following", " range unbounded preceding")

    def windows_asked(self):
        text, scope = self.scope_of(0.85)
        if not self.is_small(scope):
            return self.select()
        shown = [self.unique(scope).split(", ")[0]]
        named = f" window w as ({self.partition(scope)}order by {self.unique(scope)})" if self.chance(0.15) else ""
        for _ in range(self.one(1, 1, 2)):
            shown.append(self.a_window(scope, named))
        qualify = f" qualify {self.a_window(scope, '', ranks=True)} <= {self.one(1, 2)}" if self.chance(0.2) else ""
        where = self.where(scope, 0.4)
        tail = self.ordered(len(shown)) if self.chance(0.3) else ""
        return f"select {self.numbered(shown)} from {text}{where}{named}{qualify}{tail}"

    def partition(self, scope):
        return f"partition by {', '.join(self.some(scope, 2) for _ in range(self.one(1, 1, 2)))} " if self.chance(0.6) else ""

    def a_window(self, scope, named, ranks=False):
        partition, total = self.partition(scope), self.unique(scope)
        nulls = self.one("", "", " nulls first", " desc", " desc nulls last")
        by = f"{self.some(scope, 2)}{nulls}"
        ties, order = by, f"{by}, {total}"
        if ranks:
            return f"{self.one('row_number()', 'rank()')} over ({partition}order by {order})"
        over = lambda order, frame="": f"over ({partition}order by {order}{frame})"
        if named and self.chance(0.7):
            over = lambda order, frame="": f"over (w{frame})" if self.chance(0.5) and frame else "over w"
        e = self.some(scope, 1)
        i = self.of("int", scope, 1)
        number = lambda: self.one(self.of("int", scope, 1), self.of("dec", scope, 1), self.of("float", scope, 2))
        week = "interval '7 days' following"
        roll = self.random.randint(0, 17)
        return [
            lambda: f"row_number() {over(order)}", lambda: f"{self.one('rank()', 'dense_rank()', 'percent_rank()', 'cume_dist()')} {over(ties)}", lambda: f"ntile({self.one(2, 3, 5)}) {over(order)}",
            lambda: f"{self.one('lag', 'lead')}({e}, {self.one(1, 2, 3)}) {over(order)}", lambda: f"{self.one('lag', 'lead')}({i}, {self.one(1, 2)}, {self.one('-1', '0', 'null')}) {over(order)}",
            lambda: f"{self.one('lag', 'lead')}({e} ignore nulls) {over(order)}", lambda: f"{self.one('lag', 'lead')}({e}, {self.one(2, 3)} ignore nulls) {over(order)}",
            lambda: f"{self.one('first_value', 'last_value')}({e}{self.one('', ' ignore nulls')}) {over(order, self.frame())}", lambda: f"nth_value({e}, {self.one(1, 2, 3)}) {over(order, self.frame())}",
            lambda: f"{self.one('sum', 'avg', 'min', 'max', 'count')}({number()}) {over(order, self.frame())}", lambda: f"{self.one('sum', 'min', 'max', 'count')}({number()}) {over(order, self.frame())}",
            lambda: f"count(*) {over(ties, self.one('', ' range between unbounded preceding and current row', ' range between current row and unbounded following'))}",
            lambda: f"sum({i}) filter (where {self.truth(scope, 1, plain=True)}) {over(order, self.frame())}",
            lambda: f"{self.one('sum', 'min', 'max', 'count')}({i}) over ({partition or 'partition by 1 '}order by {self.column(scope, ['int'])}{self.one('', ' desc')} range between {self.one(0, 1, 3)} preceding and {self.one('current row', '2 following', 'unbounded following')})",
            lambda: f"{self.one('count', 'min', 'max')}({e}) over ({partition or 'partition by 1 '}order by {self.column(scope, ['date'])}{self.one('', ' desc')} range between interval '{self.one('30 days', '1 month')}' preceding and {self.one('current row', week)})",
            lambda: f"{self.one('sum', 'max', 'count', 'avg')}({i}) over ({partition.strip()})", lambda: f"string_agg({self.of('text', scope, 2)}, ',') {over(order, self.frame())}",
            lambda: f"bool_and({self.truth(scope, 1, plain=True)}) {over(order)}",
        ][roll]()

    def over_groups_asked(self):
        """Windows over groups."""
        text, scope = self.scope_of()
        key = self.some(scope, 2)
        if not any(f"{alias}." in key for alias, _ in scope):
            key = self.column(scope)
        extra = self.one(f"rank() over (order by count(*) desc, {key})", "sum(count(*)) over ()", f"sum(count(*)) over (order by {key} rows unbounded preceding)", f"lag(count(*)) over (order by {key})", f"round(100.0 * count(*) / sum(count(*)) over (), 1)", f"max(sum({self.of('int', scope, 2)})) over ()")
        return f"select {self.numbered([key, 'count(*)', extra])} from {text}{self.where(scope)} group by {key}"

    def sets_asked(self):
        kinds = [self.one("int", "text", "date", "dec", "bool", "float") for _ in range(self.one(1, 1, 2))]
        wider = {"int": ["int", "dec", "float"], "dec": ["dec", "int"], "date": ["date", "date", "stamp"]}

        def side(depth=0):
            text, scope = self.scope_of(0.75)
            shown = [self.of(self.one(*wider.get(kind, [kind])), scope, 1) if self.chance(0.9) else "null" for kind in kinds]
            one = f"select {self.numbered(shown)} from {text}{self.where(scope, 0.5)}"
            if depth == 0 and self.chance(0.2):
                return f"({one} {self.op()} {side(1)})"
            if self.is_small(scope) and self.chance(0.1):
                return f"({one} order by {self.unique(scope)} limit {self.one(2, 5)})"
            return one

        tail = self.ordered(len(kinds)) if self.chance(0.4) else ""
        return f"{side()} {self.op()} {side()}{tail}"

    def op(self):
        return self.one("union", "union all", "except", "intersect", "except all", "intersect all", "union all")

    def derived_asked(self):
        """Queries in the from clause, joined with a table or with one another."""
        text, scope = self.scope_of()
        key = self.column(scope, ["int", "text"])
        name, other = self.alias(), self.alias()
        inner = f"select {key} as g, {self.sum_of('int', scope)} as v, {self.sum_of(self.one('float', 'date', 'text'), scope)} as z from {text}{self.where(scope, 0.4)} group by {key}"
        table = self.one("s", "r")
        column = f"{other}.{self.one('t', 'u') if self.kind(key, scope) == 'text' else self.one('k', 'a', 'n')}"
        kind = self.one("join", "left join", "right join", "full join", "semi join", "anti join")
        if kind in ("semi join", "anti join"):
            return f"select {self.numbered([f'{other}.n', self.some([(other, table)])])} from {table} {other} {kind} ({inner}) {name} on {column} = {name}.g"
        if self.chance(0.3):
            return f"with {name} as ({inner}), x as (select g, sum(v) as v from {name} group by g) select {self.numbered([f'{name}.g', f'{name}.v', 'x.v', f'{name}.z'])} from {name} {self.one('join', 'left join', 'full join')} x on {name}.g = x.g {self.one('', 'and x.v > 0', 'where x.v is not null')}"
        return f"select {self.numbered([f'{name}.g', f'{name}.v', f'{name}.z', f'{other}.n'])} from {table} {other} {kind} ({inner}) {name} on {column} = {name}.g{self.one('', f' where {name}.v > 1', f' where {name}.v is null', f' where coalesce({name}.v, 0) <> {other}.n')}"

    def using_asked(self):
        a, b = self.alias(), self.alias()
        keys = self.one("k", "t", "k, t", "n", "b, k")
        kind = self.one("join", "left join", "right join", "full join")
        first = keys.split(", ")[0]
        return f"select {self.numbered([first, f'{a}.{first}', f'{b}.{first}', f'{a}.n', f'{b}.n', f'{b}.u'])} from s {a} {kind} r {b} using ({keys}){self.one('', f' where {first} is not null', f' where {a}.n is null', f' where {first} = {b}.{first}')}"

    def distinct_on_asked(self):
        table = self.one("s", "r")
        alias = self.alias()
        scope = [(alias, table)]
        keys = list(dict.fromkeys(self.column(scope, ["int", "text", "bool", "date"]) for _ in range(self.one(1, 1, 2))))
        by = ", ".join(f"{key} {self.one('', 'desc', 'nulls first')}" for key in keys)
        return f"select distinct on ({', '.join(keys)}) {self.numbered(keys + [f'{alias}.n', self.some(scope)])} from {table} {alias}{self.where(scope, 0.4)} order by {by}, {self.some(scope, 1)} {self.one('', 'desc')}, {alias}.n"

    def recursive_asked(self):
        table, alias = self.one("s", "r"), self.alias()
        if self.chance(0.5):
            return f"with recursive x(i, v) as (select 1, cast({self.one(0, 5)} as bigint) union all select i + 1, v + {self.one('i', '2 * i', 'v')} from x where i < {self.one(1, 6, 12)}) select x.i as c0, x.v as c1, {alias}.n as c2 from x {self.one('join', 'left join')} {table} {alias} on {alias}.n = x.i"
        return f"with recursive x(i, j) as (select n, k from {table} where n <= {self.one(2, 4)} union {self.one('', 'all ')}select {alias}.n, {alias}.k from {table} {alias} join x on {alias}.n = x.i + {self.one(1, 2)}) select i as c0, count(*) as c1, max(j) as c2 from x group by i"

    def nested_asked(self):
        """Subqueries in subqueries, the innermost of which may name the outermost query."""
        text, scope = self.scope_of(0.7)
        one, two = (self.alias(), self.one("s", "r")), (self.alias(), self.one("s", "r"))
        deep = f"{self.one('', 'not ')}exists (select 1 from {two[1]} {two[0]} where {self.tied(two, [one] + (scope if self.chance(0.5) else []))})"
        if self.chance(0.4):
            deep = f"{self.of('int', [one], 2)} {self.one('in', 'not in')} (select {self.of('int', [two], 2)} from {two[1]} {two[0]} where {self.tied(two, [one] + scope)})"
        elif self.chance(0.4):
            deep = f"{self.of('int', [one], 2)} {self.one('<', '=', '>=')} (select {self.sum_of('int', [two])} from {two[1]} {two[0]} where {self.tied(two, [one] + scope)})"
        outer = f"{self.one('', 'not ')}exists (select 1 from {one[1]} {one[0]} where {self.tied(one, scope)} and {deep})"
        if self.chance(0.5):
            outer = f"(select {self.sum_of('int', [one])} from {one[1]} {one[0]} where {self.tied(one, scope)} and {deep}) {self.one('>', '=', 'is distinct from')} {self.one(0, 1, 2)}"
        return f"select {self.numbered([self.some(scope, 2), self.some(scope, 2)])} from {text} where {outer}"

    def subquery_places_asked(self):
        """Subqueries in the select list, the order, having, case, and aggregates over them."""
        text, scope = self.scope_of(0.8)
        inner = (self.alias(), self.one("s", "r"))
        value = f"(select {self.sum_of(self.one('int', 'text', 'date', 'float', 'dec'), [inner])} from {inner[1]} {inner[0]} where {self.tied(inner, scope)})"
        found = self.truth(scope)
        roll = self.random.random()
        if roll < 0.3:
            return f"select {self.numbered([self.column(scope), value, f'case when {found} then 1 else 0 end'])} from {text}{self.where(scope, 0.3)}"
        if roll < 0.5:
            key = self.column(scope, ["text", "bool", "int"])
            return f"select {self.numbered([key, f'count(*) filter (where {found})', f'sum(case when {found} then 1 end)'])} from {text} group by {key}"
        if roll < 0.65:
            key = self.column(scope, ["text", "int"])
            other = (self.alias(), self.one("s", "r"))
            tied = f" where {other[0]}.{self.one('t', 'u')} = {key}" if self.kind(key, scope) == "text" and self.chance(0.5) else ""
            return f"select {self.numbered([key, 'count(*)'])} from {text} group by {key} having count(*) > (select {self.one('avg', 'min', 'count')}({other[0]}.a) from {other[1]} {other[0]}{tied})"
        if roll < 0.8 and self.is_small(scope):
            limited = f"(select {self.some([inner], 1)} from {inner[1]} {inner[0]} where {self.tied(inner, scope)} order by {self.some([inner], 2)} {self.one('', 'desc', 'nulls first')}, {inner[0]}.n limit 1)"
            return f"select {self.numbered([self.unique(scope).split(', ')[0], limited])} from {text}{self.where(scope, 0.3)}"
        if self.is_small(scope):
            self.is_ordered = True
            return f"select {self.unique(scope).split(', ')[0]} as c0 from {text} order by {value} {self.one('', 'desc')} {self.one('', 'nulls first')}, {self.unique(scope)}"
        return f"select count(*) as c0, sum({value}) as c1 from {text}" if "sum(" in value[:14] or "count(" in value[:14] else f"select count({value}) as c0 from {text}"

    def lateral_asked(self):
        text, scope = self.scope_of(0.8)
        inner, name = (self.alias(), self.one("s", "r")), self.alias()
        join = self.one("cross join lateral ({q}) {n}", "left join lateral ({q}) {n} on true", ", lateral ({q}) {n}")
        roll = self.random.random()
        if roll < 0.5:
            q = f"select {self.some_sum([inner])} as v, {self.sum_of('int', [inner])} as z from {inner[1]} {inner[0]} where {self.tied(inner, scope)}"
        elif roll < 0.8:
            q = f"select {self.some([inner], 1)} as v, {inner[0]}.n as z from {inner[1]} {inner[0]} where {self.tied(inner, scope)} order by {self.some([inner], 2)} {self.one('', 'desc')}, {inner[0]}.n limit {self.one(1, 2)}{self.one('', ' offset 1')}"
        else:
            key = self.column([inner], ["text", "bool", "int"])
            q = f"select {key} as v, count(*) as z from {inner[1]} {inner[0]} where {self.tied(inner, scope)} group by {key}{self.one('', ' having count(*) > 1')}"
        return f"select {self.numbered([self.column(scope), f'{name}.v', f'{name}.z'])} from {text} {join.format(q=q, n=name)}{self.where(scope, 0.3)}"

    def asof_asked(self):
        a, b = self.alias(), self.alias()
        key = self.one("d", "w", "n")
        tie = self.one("", f" and {a}.t = {b}.t", f" and {a}.k = {b}.k")
        right = f"(select * from r qualify row_number() over (partition by {key}, t, k order by n) = 1)"
        return f"select {self.numbered([f'{a}.n', f'{b}.{key}'])} from s {a} asof {self.one('', 'left ')}join {right} {b} on {a}.{key} {self.one('>=', '>', '<=', '<')} {b}.{key}{tie}"

    def unpivot_asked(self):
        roll = self.random.random()
        table, alias = self.one("s", "r"), self.alias()
        scope = [(alias, table)]
        if roll < 0.4:
            return f"select {self.numbered([f'{alias}.n', 'q.i'])} from {table} {alias} cross join (select unnest(generate_series(1, {self.one(2, 3)})) as i) q where {self.truth(scope)}"
        if roll < 0.7:
            return f"select * from (select n, unnest([{self.one('k', 'a')}, n, null]) as v from {table}) q where v is {self.one('not ', '')}null"
        return f"select * from (select {self.one('t', 'b')} as g, {self.one('a', 'k')} as v, u from {table}) pivot ({self.one('sum(v)', 'count(*)', 'max(v)')} for u in ('{self.one('a', 'b')}', 'ä')) order by g"

    def question(self):
        self.is_ordered = False
        roll = self.random.random()
        if roll < 0.25:
            return super().question()
        made = self.random.choice([
            self.rows_asked, self.rows_asked, self.rows_asked, self.groups_asked, self.groups_asked, self.groups_asked, self.windows_asked, self.windows_asked, self.over_groups_asked, self.sets_asked, self.sets_asked,
            self.derived_asked, self.using_asked, self.distinct_on_asked, self.recursive_asked, self.nested_asked, self.subquery_places_asked, self.subquery_places_asked, self.lateral_asked, self.asof_asked, self.unpivot_asked,
        ])()
        if "order by" in made and self.is_ordered:
            return made
        self.is_ordered = False
        if self.chance(0.06) and made.startswith("select") and " as c0" in made and "qualify" not in made:
            return f"select c0, count(*) as c1 from ({made}) as q group by c0"
        return made
