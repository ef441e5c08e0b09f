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


class Wide(Typed):
    """And what people write less often: frames by values, lengths of time, casts between all types, lists, quantiles of anything,
    set operations inside subqueries, conditions of joins that are no equations."""

    def two(self, share=0.5):
        """One small table or two."""
        table, alias = self.one("s", "r"), self.alias()
        if self.chance(share):
            return f"{table} {alias}", [(alias, table)]
        other, second = self.one("s", "r"), self.alias()
        key = self.one("k", "t", "d", "n")
        kind = self.one("join", "left join", "right join", "full join")
        return f"{table} {alias} {kind} {other} {second} on {alias}.{key} = {second}.{key}", [(alias, table), (second, other)]

    def ranges_asked(self):
        """Frames by values and by groups."""
        table, alias = self.one("s", "r"), self.alias()
        scope = [(alias, table)]
        kind, steps = self.random.choice([
            ("int", ["1", "2", "5"]), ("dec", ["1", "0.5", "2.25"]), ("float", ["1", "0.5", "3"]),
            ("stamp", ["interval '1 day'", "interval '5 hours'", "interval '1 month'", "interval '1 year'"]),
            ("date", ["interval '1 day'", "interval '1 month'", "interval '2 months'", "interval '1 year'"]),
        ])
        if self.chance(0.25):
            kind, steps, frame = self.one("int", "text", "date", "bool"), ["1", "2"], "groups"
        else:
            frame = "range"
        by = self.column(scope, [kind])
        if frame == "range" and kind in ("int", "date") and self.chance(0.4):
            by = self.of(kind, scope, 1)
        ends = [f"unbounded preceding", f"{steps[-1]} preceding", f"{steps[0]} preceding", "current row", f"{steps[0]} following", f"{steps[-1]} following", "unbounded following"]
        first = self.random.randint(0, 5)
        last = self.random.randint(max(first, 1), 6)
        partition = f"partition by {self.column(scope, ['text', 'bool', 'int'])} " if self.chance(0.4) else ""
        over = f"over ({partition}order by {by}{self.one('', ' desc', ' nulls first', ' desc nulls last')} {frame} between {ends[first]} and {ends[last]})"
        e = self.of("int", scope, 1)
        calls = [f"count(*) {over}", f"sum({e}) {over}", f"count({self.some(scope, 2)}) {over}", f"min({self.some(scope, 2)}) {over}", f"max({e}) {over}", f"avg({self.column(scope, ['int'])}) {over}", f"bool_or({self.truth(scope, 1, plain=True)}) {over}", f"count(*) filter (where {self.truth(scope, 1, plain=True)}) {over}"]
        return f"select {self.numbered([f'{alias}.n'] + self.random.sample(calls, 2))} from {table} {alias}{self.where(scope, 0.3)}"

    def length(self, days=False):
        """A length of time; hours are not for days."""
        hours = () if days else ("90 minutes", "25 hours")
        return f"interval '{self.one('1 month', '1 month', '2 months', '11 months', '1 year', '4 years', '1 day', '31 days', '6 weeks', '1 month 1 day', '-1 month', '-2 days', *hours)}'"

    def lengths_asked(self):
        """Days and points in time moved by lengths of time, and the lengths between them."""
        text, scope = self.two()
        d, w = (lambda: self.of("date", scope, 2)), (lambda: self.of("stamp", scope, 2))
        i = lambda: f"({self.of('int', scope, 2)} % 40)"
        unit = lambda: self.one("day", "week", "month", "quarter", "year")
        fine = lambda: self.one("second", "minute", "hour", "day", "week", "month", "quarter", "year")
        exprs = [
            lambda: f"{d()} {self.one('+', '-')} {self.length(days=True)}", lambda: f"{w()} {self.one('+', '-')} {self.length()}", lambda: f"{self.length(days=True)} + {d()}",
            lambda: f"{d()} + interval '1 month' {self.one('+', '-')} interval '{self.one('1 month', '1 day')}'", lambda: f"cast({d()} + interval '1 month' as date) - {d()}",
            lambda: f"date_diff('{self.one('second', 'minute', 'hour', 'day', 'month', 'quarter', 'year')}', {w()}, {w()})", lambda: f"date_diff('{self.one('day', 'month', 'quarter', 'year')}', {d()}, {d()})", lambda: f"datediff('{self.one('day', 'month', 'year')}', {d()}, {w()})",
            lambda: f"date_trunc('{fine()}', {w()})", lambda: f"date_trunc('{unit()}', {d()})", lambda: f"date_trunc('month', {d()} + {self.length(days=True)})",
            lambda: f"cast(extract({self.one('year', 'month', 'day', 'hour', 'minute', 'second', 'week', 'isodow', 'dow', 'doy', 'quarter', 'isoyear', 'decade', 'century')} from {w()}) as bigint)",
            lambda: f"cast(date_part('epoch', {w()}) as bigint)", lambda: f"cast(extract(epoch from {w()} - {w()}) as bigint)",
            lambda: f"{w()} - {w()} {self.one('>', '<', '=')} {self.one('interval 1 day', 'interval 0 day')}", lambda: f"{w()} + ({w()} - {w()})",
            lambda: f"{d()} between {d()} and {d()} + {self.length(days=True)}", lambda: f"{w()} < {d()}", lambda: f"{d()} = {w()}", lambda: f"greatest({d()}, {w()})",
            lambda: f"coalesce({w()}, {d()})", lambda: f"case when {self.truth(scope, 2)} then {d()} else {w()} end", lambda: f"{d()} in ({w()}, {d()})",
            lambda: f"make_date({self.one(2011, 2012)}, 2 + {self.one(0, 5)}, 1 + {self.one(0, 27)}) + cast({i()} as integer)", lambda: f"cast({w()} as time)", lambda: f"strftime({w()}, '{self.one('%H:%M', '%d.%m.%Y %H:%M:%S', '%y%m%d', '%j', '%G-%V', '%u', '%B %A', '%I %p')}')",
            lambda: f"monthname({d()})", lambda: f"dayofweek({d()})", lambda: f"year({w()}) * 100 + month({w()})", lambda: f"{d()} + cast({i()} as integer) * interval '1 {self.one('day', 'month', 'week', 'year')}'",
            lambda: f"{w()} - interval '{self.one(1, 3)} {self.one('hours', 'months')}' * cast({i()} as integer)", lambda: f"{d()} + to_days(cast({i()} as integer))", lambda: f"{d()} + to_months(cast({i()} as integer))",
            lambda: f"least({w()}, {d()} + {self.length(days=True)})", lambda: f"last_day({d()} + cast({i()} as integer))", lambda: f"last_day({w()})", lambda: f"cast({w()} + {self.length()} as date)", lambda: f"{d()} - cast({i()} as integer)",
        ]
        shown = [self.random.choice(exprs)() for _ in range(self.one(1, 2, 3))]
        if self.chance(0.2):
            return f"select {self.numbered([shown[0], 'count(*)'])} from {text}{self.where(scope, 0.3)} group by {shown[0]}"
        return f"select {self.numbered(shown)} from {text}{self.where(scope, 0.3)}"

    def casts_asked(self):
        text, scope = self.two(0.7)
        kind = self.one("int", "dec", "float", "text", "text", "date", "stamp", "bool", "time")
        targets = {
            "int": ["varchar", "integer", "smallint", "tinyint", "double", "real", "decimal(12, 2)", "decimal(4, 1)", "boolean"], "dec": ["varchar", "bigint", "integer", "smallint", "double", "decimal(12, 1)", "decimal(5, 3)", "decimal(3, 0)", "boolean"],
            "float": ["varchar", "bigint", "integer", "smallint", "decimal(12, 2)", "decimal(5, 1)", "boolean"], "text": ["bigint", "integer", "double", "decimal(9, 2)", "decimal(5, 0)", "boolean", "date", "timestamp", "time"],
            "date": ["varchar", "timestamp"], "stamp": ["varchar", "date", "time"], "bool": ["varchar", "integer", "bigint", "double", "decimal(5, 2)"], "time": ["varchar"],
        }
        # Texts of numbers, days and truths, some of which are none.
        texts = ["12", "-7", "+5", " 42 ", "3.5", "-0.05", "1e3", ".5", "5.", "", " ", "99999999999", "true", "TRUE", "t", "f", "no", "1", "0", "yes", "2012-02-29", "2013-02-29", "2012-01-31 08:30", "2012-01-31T08:30:00", "2012-01-31 25:00", "08:30", "8:30", "23:59:59.5", "abc", "12.345", "12.355", "0.5", "1.5", "2.5", "-2.5"]
        value = lambda: f"'{self.random.choice(texts)}'" if kind == "text" and self.chance(0.8) else self.column(scope, [kind]) if self.chance(0.6) else self.of(kind, scope, 1)
        if kind == "text" and self.chance(0.4):
            target = self.random.choice(targets[kind])
            fitting = [text for text in texts if "int" not in target or "." not in text and "e" not in text]
            listed = ", ".join(f"('{text}')" for text in self.random.sample(fitting, 8))
            return f"select v as c0, try_cast(v as {target}) as c1 from (values {listed}) q(v)"
        if kind == "time":
            value = lambda: self.column(scope, ["time"])
        shown = []
        for _ in range(self.one(1, 2)):
            one, target = value(), self.random.choice(targets[kind])
            shown.append(f"try_cast({one} as {target})")
            if self.chance(0.3) and target not in ("varchar", "real"):
                shown.append(f"cast(try_cast({one} as {target}) as varchar)" if "decimal" in target or "int" in target else f"try_cast({one} as {target}) is null")
        return f"select {self.numbered(shown)} from {text}{self.where(scope, 0.2)}"

    def texts_asked(self):
        text, scope = self.two(0.8)
        t = lambda: self.one(self.of("text", scope, 2), self.of("text", scope, 2), "'Åbo äö'", "'ßtraße'", "'İstanbul'", "'😀x😀'")
        i = lambda: self.one("0", "1", "2", "-1", "-3", "5", "null", self.column(scope, ["int"]))
        n = lambda: self.one(-2, -1, 0, 1, 2, 5)
        pattern = lambda: self.one("a", "^a", "a$", "^a$", "[aä]", ".", ".*", "^.*$", "", "a|b", "^(a|b)$", "(a|b)c*", "\\\\d+".replace("\\\\", "\\"), "^$", "^[^a]", "å", "B+", "^(a|ab|zz top)$", "a_b", "a.b", "x*")
        exprs = [
            lambda: f"regexp_matches({t()}, '{pattern()}')", lambda: f"not regexp_matches({t()}, '{pattern()}')", lambda: f"regexp_matches({t()}, '{pattern()}', 'i')", lambda: f"regexp_full_match({t()}, '{pattern()}')",
            lambda: f"regexp_replace({t()}, '{pattern()}', '{self.one('-', '', 'ä')}')", lambda: f"regexp_replace({t()}, '{self.one('a', '[a-z]', 'ä', '.')}', '-', 'g')", lambda: f"regexp_extract({t()}, '{self.one('a', '[a-z]+', '([a-zä])(.)', '(.)(.)', '^.*$', 'x?')}')",
            lambda: f"regexp_extract({t()}, '([a-zä])(.)', {self.one(1, 2)})", lambda: f"{t()} like '{self.one('%', '%%', '', '_', 'a', 'a%', '%a', '%a%', '_%', '%_', 'å%', 'A%')}'", lambda: f"{t()} not like '{self.one('%', '', '_', 'a', 'a%', '%a%', '%%a')}'",
            lambda: f"{t()} ilike '{self.one('%', 'A', 'Ä%', '%å%', 'ä', '_B_')}'", lambda: f"{t()} like {t()}", lambda: f"lower({t()})", lambda: f"length({t()})", lambda: f"strlen({t()})", lambda: f"reverse({t()})", lambda: f"substr({t()}, {self.one(1, 2, 5)}, {self.one(0, 1, 2)})", lambda: f"substr({t()}, {self.one(1, 2, 9)})",
            lambda: f"substring({t()}, {self.one(1, 2)}, {self.one(1, 3)})", lambda: f"left({t()}, {n()})", lambda: f"right({t()}, {n()})", lambda: f"lpad({t()}, {self.one(0, 1, 3)}, '{self.one('x', 'äö', '😀')}')", lambda: f"rpad({t()}, {self.one(0, 1, 6)}, '{self.one('x', 'äö')}')",
            lambda: f"strpos({t()}, {t()})", lambda: f"instr({t()}, '{self.one('ä', 'b', '')}')", lambda: f"position('{self.one('ä', 'b', 'o')}' in {t()})", lambda: f"starts_with({t()}, {t()})", lambda: f"ends_with({t()}, '{self.one('a', 'ä', '')}')", lambda: f"contains({t()}, {t()})",
            lambda: f"replace({t()}, {t()}, '-')", lambda: f"translate({t()}, '{self.one('aä', 'abc', 'ö')}', '{self.one('', 'x', 'åäö')}')", lambda: f"split_part({t()}, '{self.one('a', ' ', '_', 'ä')}', {self.one(1, 2, 3, -1)})", lambda: f"string_split({t()}, '{self.one('a', ' ', 'ä')}')",
            lambda: f"trim({t()})", lambda: f"ltrim({t()})", lambda: f"trim({t()}, '{self.one('a', 'äa', ' ')}')", lambda: f"concat({t()}, {self.column(scope, ['int'])}, {self.column(scope, ['date'])})", lambda: f"concat_ws('{self.one('-', '', 'ä')}', {t()}, {self.column(scope, ['int'])}, {t()})",
            lambda: f"{t()} || {self.column(scope, ['int', 'date', 'dec'])}", lambda: f"repeat({t()}, {self.one(0, 2, -1)})", lambda: f"ascii({t()})", lambda: f"chr({self.one(65, 228, 8364, 128512)})", lambda: f"unicode({t()})", lambda: f"levenshtein({t()}, {t()})",
            lambda: f"{t()} {self.one('<', '<=', '>', '=')} {t()}", lambda: f"greatest({t()}, {t()}, {t()})", lambda: f"{t()} between {t()} and {t()}", lambda: f"{t()} in ({t()}, null, {t()})", lambda: f"nullif({t()}, '')", lambda: f"coalesce(nullif({t()}, ''), '-')",
            lambda: f"array_to_string(string_split({t()}, 'a'), '+')", lambda: f"case {t()} when 'a' then 1 when 'ä' then 2 end", lambda: f"left({t()}, cast({i()} as bigint))",
        ]
        shown = [self.random.choice(exprs)() for _ in range(self.one(1, 2, 3))]
        tail = self.ordered(len(shown)) if self.chance(0.3) and not any("split(" in expr for expr in shown) else ""
        return f"select {self.numbered(shown)} from {text}{self.where(scope, 0.2)}{tail}"

    def sets_inside_asked(self):
        """Set operations in subqueries, of several sides, and of sides with different types."""
        text, scope = self.two(0.8)
        kind = self.one("int", "int", "text", "date", "dec")
        wider = {"int": ["int", "dec", "float"], "dec": ["dec", "int", "float"], "date": ["date", "stamp"], "text": ["text"]}[kind]

        def side(tie):
            inner = (self.alias(), self.one("s", "r"))
            where = f" where {self.tied(inner, scope)}" if tie else self.where([inner], 0.5)
            return f"select {self.of(self.one(*wider), [inner], 2)} as v from {inner[1]} {inner[0]}{where}"

        roll = self.random.random()
        if roll < 0.3:
            op = self.one("in", "not in")
            return f"select {self.numbered([f'{scope[0][0]}.n', f'{self.of(kind, scope, 2)} {op} ({side(False)} {self.op()} {side(False)})'])} from {text}"
        if roll < 0.45:
            return f"select {self.numbered([f'{scope[0][0]}.n'])} from {text} where {self.one('', 'not ')}exists ({side(True)} {self.one('union all', 'union')} {side(True)})"
        if roll < 0.6:
            return f"select {self.numbered([self.one('count(*)', 'count(v)', 'count(distinct v)', 'max(v)', 'min(v)')])} from ({side(False)} {self.op()} {side(False)} {self.op()} {side(False)}) q"
        if roll < 0.75:
            return f"select v as c0, count(*) as c1 from ({side(False)} union all ({side(False)} {self.op()} {side(False)})) q group by v{self.one('', ' having count(*) > 1')}"
        if roll < 0.85:
            a, b = (self.alias(), "s"), (self.alias(), "r")
            return f"select {a[0]}.n as c0, {a[0]}.t as c1 from s {a[0]}{self.where([a], 0.4)} {self.one('union', 'union all')} by name select {b[0]}.t as c1, {b[0]}.k as c0 from r {b[0]}{self.where([b], 0.4)}"
        return f"with q as ({side(False)}), z as (select v from q {self.op()} {side(False)}) select {self.numbered(['q.v', 'z.v'])} from q {self.one('join', 'left join', 'full join')} z on q.v = z.v"

    def values_asked(self):
        """Rows written out."""
        columns = [self.one("int", "dec", "float", "text", "date", "mixed") for _ in range(self.one(1, 2))]
        of = {
            "int": ["1", "2", "-7", "0", "null"], "dec": ["1.25", "0.1", "0.2", "2.50", "-0.05", "null"], "float": ["1e3", "0.5e0", "2.5e-1", "null"], "text": ["'a'", "'ä'", "''", "null"],
            "date": ["date '2012-02-29'", "date '2012-01-31'", "null"], "mixed": ["1", "2.5", "0.1", "3", "null"],
        }
        rows = ", ".join(f"({', '.join(self.random.choice(of[kind]) for kind in columns + ['int'])})" for _ in range(self.one(3, 4, 6)))
        names = [f"v{at}" for at in range(len(columns))] + ["i"]
        source = f"(values {rows}) q({', '.join(names)})"
        name, kind = "v0", columns[0]
        number = kind in ("int", "dec", "mixed", "float")
        roll = self.random.random()
        if number and roll < 0.5:
            exprs = [f"sum({name})", f"avg({name})", f"min({name})", f"max({name})", "count(*)", f"count(distinct {name})", f"sum({name} * 2)", f"sum({name} + 0.1)", f"sum(distinct {name})", f"sum({name}) = {self.one('0.3', '2.5', '1.35')}", f"max({name}) filter (where i > 0)", f"cast(sum({name}) as varchar)" if kind == "int" else f"sum({name})"]
            return f"select {self.numbered(self.random.sample(exprs, 2))} from {source}"
        if number and roll < 0.7:
            return f"select {self.numbered([name, f'{name} * 3', f'{name} + 0.1', f'{name} = 0.1', f'{name} * 0.5 + i', f'round({name}, 1)'])} from {source}"
        other = self.alias()
        column = {"int": "k", "dec": "x", "mixed": "x", "float": "f", "text": "t", "date": "d"}[kind]
        return f"select {self.numbered([f'q.{name}', f'{other}.n'])} from {source} {self.one('join', 'left join', 'full join')} s {other} on q.{name} = {other}.{column}"

    def lists_asked(self):
        text, scope = self.two(0.9)
        i = lambda: self.of("int", scope, 2)
        t = lambda: self.column(scope, ["text"])
        exprs = [
            lambda: f"[{i()}, {i()}]", lambda: f"[{i()}, null, {i()}][{self.one(1, 2, 3)}]", lambda: f"list_contains([{i()}, 1], {i()})", lambda: f"array_length([{i()}, {i()}])", lambda: f"len([{t()}, {t()}])", lambda: f"list_distinct([{i()}, {i()}, 1]) is null",
            lambda: f"list_sort([{i()}, {i()}, {i()}])", lambda: f"array_to_string([{t()}, {t()}, 'z'], '-')", lambda: f"list_position([{i()}, {i()}], {i()})", lambda: f"list_concat([{i()}], [{i()}])", lambda: f"[{i()}] = [{i()}]", lambda: f"[{t()}, 'a'] is distinct from ['a', {t()}]",
            lambda: f"list_append([{i()}], {i()})", lambda: f"list_has_any([1, 3], [{i()}, 2])", lambda: f"{i()} = any([{i()}, 1, 2])", lambda: f"list_slice([1, {i()}, 3], {self.one(1, 2)}, {self.one(2, 3)})", lambda: f"flatten([[{i()}], [1, {i()}]])", lambda: f"range({self.one(0, 3)})", lambda: f"generate_series({self.one(1, 2)}, {self.one(1, 4)})",
            lambda: f"list_reverse([{i()}, 1, 2])", lambda: f"([{i()}, {i()}, {i()}])[-1]",
        ]
        roll = self.random.random()
        alias = scope[0][0]
        if roll < 0.35:
            unnested = self.one("[k, a, null]", "[t, u]", "string_split(t, 'a')", "generate_series(1, 3)", "[]::bigint[]", "[d, d + 1]")
            return f"select {self.numbered([self.one('v', 'n'), 'count(*)'])} from (select n, unnest({unnested}) as v from {self.one('s', 'r')}) q group by {1}"
        if roll < 0.6:
            key = self.column(scope, ["text", "bool", "int"])
            agg = self.one(f"array_agg({i()} order by {self.unique(scope)})", f"list({t()} order by {self.unique(scope)} desc)", f"array_length(array_agg({t()}))", f"array_agg({i()} order by {self.unique(scope)}) filter (where {self.truth(scope, 2, plain=True)})", f"list_sort(list(distinct {t()}))", f"coalesce(array_to_string(array_agg({t()} order by {self.unique(scope)}), ','), '')")
            return f"select {self.numbered([key, agg])} from {text} group by {key}"
        return f"select {self.numbered([f'{alias}.n', self.random.choice(exprs)()])} from {text}"

    def quantiles_asked(self):
        text, scope = self.two(0.6)
        key = self.column(scope, ["text", "bool", "int"])
        share = lambda: self.one(0, 0.1, 0.25, 0.5, 0.75, 0.9, 1)
        e = lambda *kinds: self.of(self.one(*kinds), scope, 1)
        filtered = lambda: f" filter (where {self.truth(scope, 2, plain=True)})" if self.chance(0.2) else ""
        exprs = [
            lambda: f"quantile_disc({e('int', 'dec', 'float', 'date', 'text', 'stamp')}, {share()}){filtered()}", lambda: f"percentile_disc({share()}) within group (order by {e('int', 'date', 'text', 'dec')}){filtered()}", lambda: f"quantile_cont(cast({e('int', 'float', 'dec')} as double), {share()}){filtered()}",
            lambda: f"percentile_cont({share()}) within group (order by cast({e('int', 'float', 'dec')} as double){self.one('', ' desc')})", lambda: f"median({e('int', 'float')}){filtered()}", lambda: f"avg({self.one('', 'distinct ')}{e('int', 'dec')}){filtered()}", lambda: f"stddev_{self.one('samp', 'pop')}({e('int', 'float', 'dec')})", lambda: f"var_{self.one('samp', 'pop')}({e('int', 'dec')})",
            lambda: f"count(distinct {e('int', 'text', 'date', 'dec', 'float', 'stamp', 'bool')}){filtered()}", lambda: f"sum(distinct {e('int', 'dec')}){filtered()}", lambda: f"bool_and({self.truth(scope, 1, plain=True)}){filtered()}", lambda: f"bool_or({self.truth(scope, 1, plain=True)}){filtered()}", lambda: f"coalesce(count_if({self.truth(scope, 1, plain=True)}), 0)",
            lambda: f"arg_max({e('int')}, {self.unique(scope)})" if len(scope) == 1 else "count(*)", lambda: f"count(distinct ({e('int')}, {e('text')}))", lambda: f"string_agg(distinct {(c := self.column(scope, ['text']))}, '/' order by {c}{self.one('', ' desc')}){filtered()}", lambda: f"regr_{self.one('slope', 'intercept', 'r2', 'avgx', 'count')}({self.column(scope, ['int'])}, {self.column(scope, ['float'])})",
            lambda: f"corr({self.column(scope, ['int'])}, {self.column(scope, ['float'])})", lambda: f"max({e('bool')})", lambda: f"min({self.column(scope, ['time'])})", lambda: f"sum(case when {self.truth(scope, 1, plain=True)} then 1 else 0 end)", lambda: f"bit_{self.one('and', 'or', 'xor')}({e('int')})", lambda: f"first({e('int')} order by {self.unique(scope)})",
        ]
        shown = [self.random.choice(exprs)() for _ in range(self.one(1, 2, 3))]
        roll = self.random.random()
        having = f" having {self.one('count(*) > 1', 'max(' + self.column(scope, ['int']) + ') > 2', 'bool_or(' + self.truth(scope, 2, plain=True) + ')')}" if self.chance(0.25) else ""
        if roll < 0.3:
            return f"select {self.numbered(shown)} from {text}{self.where(scope, 0.4)}{having}"
        group = self.one(f"group by {key}", f"group by {key}", f"group by rollup ({key})", f"group by cube ({key}, {scope[0][0]}.b)" if not key.endswith(".b") else f"group by {key}", f"group by grouping sets (({key}), ())")
        return f"select {self.numbered([key] + shown)} from {text}{self.where(scope, 0.4)} {group}{having}"

    def joins_asked(self):
        """Conditions that are no equations, or more than that."""
        a, b = (self.alias(), self.one("s", "r")), (self.alias(), self.one("s", "r"))
        both = [a, b]
        kind = self.one("join", "left join", "right join", "full join", "semi join", "anti join")
        key = self.one("k", "t", "d", "n", "b")
        equal = f"{a[0]}.{key} = {b[0]}.{key}"
        on = self.one(
            f"{equal} and {self.truth(both, 1, plain=True)}", f"{equal} and ({self.truth([a], 1, plain=True)} or {self.truth([b], 1, plain=True)})", f"{a[0]}.n between {b[0]}.k and {b[0]}.a", f"{a[0]}.d < {b[0]}.d and {a[0]}.{key} is not distinct from {b[0]}.{key}",
            f"({equal} or {a[0]}.n = {b[0]}.k)", f"{equal} and {a[0]}.n <> {b[0]}.n", f"coalesce({a[0]}.k, {a[0]}.n) = coalesce({b[0]}.k, 0)", f"{equal} and {self.truth([a], 1, plain=True)}", f"{equal} and {self.truth([b], 1, plain=True)}", f"{a[0]}.k + 1 = {b[0]}.n and {a[0]}.t <> {b[0]}.t",
            f"upper({a[0]}.t) = upper({b[0]}.u)", f"{a[0]}.x = {b[0]}.f", f"{a[0]}.n = {b[0]}.x", f"{a[0]}.d = {b[0]}.w", f"{a[0]}.d = cast({b[0]}.w as date)", f"{equal} and {a[0]}.k is null", "true", "1 = 0",
        )
        if kind in ("semi join", "anti join"):
            return f"select {self.numbered([f'{a[0]}.n', self.some([a], 2)])} from {a[1]} {a[0]} {kind} {b[1]} {b[0]} on {on}{self.where([a], 0.3)}"
        shown = [f"{a[0]}.n", f"{b[0]}.n", self.some(both, 1)]
        if self.chance(0.3):
            third = (self.alias(), self.one("s", "r"))
            return f"select {self.numbered(shown + [f'{third[0]}.n'])} from {a[1]} {a[0]} {kind} {b[1]} {b[0]} on {on} {self.one('join', 'left join', 'full join')} {third[1]} {third[0]} on {third[0]}.n = {self.one(a[0], b[0])}.{self.one('k', 'n')}{self.where(both, 0.3)}"
        return f"select {self.numbered(shown)} from {a[1]} {a[0]} {kind} {b[1]} {b[0]} on {on}{self.where(both, 0.4)}"

    def first_of_each_asked(self):
        """Windows that are looked at from outside, and filters that may or may not go inside."""
        table, alias, name = self.one("s", "r"), self.alias(), self.alias()
        scope = [(alias, table)]
        by, key = self.some(scope, 2), self.column(scope, ["text", "bool", "int"])
        call = self.one("row_number()", "rank()", "dense_rank()", f"count(*)", f"sum({self.column(scope, ['int'])})", f"lag({alias}.n)", f"max({self.column(scope, ['date'])})", "ntile(3)", f"first_value({alias}.n)")
        inner = f"select {alias}.n as n, {key} as g, {by} as h, {call} over (partition by {key} order by {by}, {alias}.n) as w from {table} {alias}{self.where(scope, 0.3)}"
        outer = self.one(f"{name}.w is not null", f"{name}.g is {self.one('', 'not ')}null", f"{name}.n > 3", f"{name}.n % 2 = 1 or {name}.g is null", f"{name}.h = {name}.h")
        roll = self.random.random()
        if roll < 0.4:
            return f"select {self.numbered([f'{name}.n', f'{name}.w'])} from ({inner}) {name} where {outer}"
        if roll < 0.6:
            return f"select {self.numbered([f'{name}.g', f'count({name}.w)', f'max({name}.n)'])} from ({inner}) {name} where {outer} group by {name}.g"
        if roll < 0.8:
            self.is_ordered = True
            return f"select {name}.n as c0, {name}.w as c1 from ({inner}) {name} order by {name}.g {self.one('', 'desc')} {self.one('nulls first', 'nulls last')}, {name}.n {self.one('', 'desc')} limit {self.one(2, 5)}{self.one('', ' offset 1')}"
        other = self.alias()
        return f"select {self.numbered([f'{name}.n', f'{name}.w', f'{other}.n'])} from ({inner}) {name} {self.one('join', 'left join', 'full join')} r {other} on {other}.n = {name}.{self.one('n', 'w') if call.startswith(('row', 'rank', 'dense', 'count', 'lag', 'ntile', 'first')) else 'n'}{self.one('', f' where {outer}')}"

    def correlated_asked(self):
        """Subqueries that name the outer query in the select list, in having and in the order, over groups too."""
        text, scope = self.two(0.7)
        inner = (self.alias(), self.one("s", "r"))
        key = self.column(scope, ["text", "int", "bool"])
        kind = self.kind(key, scope)
        mine = self.column([inner], [kind])
        tie = f"{mine} {self.one('=', '=', '<', 'is not distinct from')} {key}" if kind != "bool" else f"{mine} = {key}"
        value = f"(select {self.sum_of(self.one('int', 'text', 'date'), [inner])} from {inner[1]} {inner[0]} where {tie}{self.one('', ' and ' + self.truth([inner], 2, plain=True))})"
        roll = self.random.random()
        if roll < 0.25:
            return f"select {self.numbered([key, value, 'count(*)'])} from {text} group by {key}"
        if roll < 0.45:
            number = f"(select count({self.one('*', inner[0] + '.k', 'distinct ' + inner[0] + '.t')}) from {inner[1]} {inner[0]} where {tie})"
            return f"select {self.numbered([key, 'count(*)'])} from {text} group by {key} having count(*) {self.one('>', '<=', '=')} {number}"
        if roll < 0.6:
            self.is_ordered = True
            return f"select {key} as c0, count(*) as c1 from {text} group by {key} order by {value} {self.one('', 'desc')} {self.one('nulls first', 'nulls last')}, {key} {self.one('nulls first', 'nulls last')}"
        if roll < 0.75:
            limited = f"(select {self.some([inner], 2)} from {inner[1]} {inner[0]} where {tie} order by {self.column([inner], ['int', 'date', 'text'])} {self.one('', 'desc')}, {inner[0]}.n limit 1{self.one('', ' offset 1')})"
            return f"select {self.numbered([self.unique(scope).split(', ')[0], limited])} from {text}{self.where(scope, 0.2)}"
        if roll < 0.9:
            deep = (self.alias(), self.one("s", "r"))
            derived = f"(select {deep[0]}.k as g, count(*) as v from {deep[1]} {deep[0]} where {self.tied(deep, scope)} group by {deep[0]}.k)"
            summed = f"(select {self.one('max(v)', 'count(*)', 'sum(g)', 'min(g)')} from {derived} z{self.one('', ' where v > 1')})"
            return f"select {self.numbered([self.unique(scope).split(', ')[0], summed])} from {text}"
        windowed = f"(select max(v) from (select {self.one('row_number()', 'count(*)', 'rank()')} over (order by {inner[0]}.n) as v from {inner[1]} {inner[0]} where {tie}) z)"
        return f"select {self.numbered([self.unique(scope).split(', ')[0], windowed])} from {text}"

    def compared_asked(self):
        """What an optimiser is glad of: casts, parts of dates and lists beside literals, and the same thing asked twice."""
        text, scope = self.two(0.8)
        op = lambda: self.one("=", "<>", "<", "<=", ">", ">=", "is distinct from", "is not distinct from")
        i, d, w, x, f, t = (self.column(scope, [kind]) for kind in ("int", "date", "stamp", "dec", "float", "text"))
        day = lambda: f"date '{self.one('2012-01-31', '2012-02-29', '2012-02-01', '2012-12-31', '2013-01-01', '2013-03-31')}'"
        moment = lambda: f"timestamp '{self.one('2012-01-31', '2012-02-29', '2012-12-31')} {self.one('00:00:00', '08:30:00', '23:59:59')}'"
        whole = lambda: self.one(0, 1, 2, 3, 5, 7, -7, 12, 100)
        many = lambda one: ", ".join(str(one()) for _ in range(self.one(1, 2, 3, 4)))
        inside = lambda e, one: self.one(f"{e} in ({many(one)})", f"{e} not in ({many(one)})", f"({e} = {one()} or {e} = {one()})", f"({e} <> {one()} and {e} <> {one()})", f"{e} {op()} {one()}", f"{e} between {one()} and {one()}", f"{e} is null", f"not ({e} {op()} {one()})")
        asked = self.random.choice([
            (f"try_cast({i} * {self.one(1, 30, 400)} as {self.one('tinyint', 'smallint')})", whole), (f"cast({d} as timestamp)", moment), (d, moment), (w, day), (f"cast({w} as date)", day), (f"cast({i} as decimal(12, 2))", lambda: self.one("2.5", "1", "5.00", "12.01")),
            (f"cast({x} as double)", lambda: self.one("1.25", "2.5", "7", "0")), (f"cast({i} as double)", lambda: self.one("2.5", "5", "1e0")), (i, lambda: self.one("2.5", "5.0", "1", "12.5")), (x, lambda: self.one("2.5", "1.254", "7", "-0.05", "1.25")), (f, lambda: self.one("0.1", "2.5", "1", "1e6")),
            (f"cast({i} as varchar)", lambda: self.one("'5'", "'05'", "'12'", "'-7'", "'a'", "''")), (f"cast({d} as varchar)", lambda: self.one("'2012-01-31'", "'2012-02-29'", "'2012'", "'3'")), (f"cast({x} as varchar)", lambda: self.one("'1.25'", "'2.50'", "'2.5'", "'7.00'", "'7'")),
            (f"extract(year from {d})", lambda: self.one(2011, 2012, 2013, 2014)), (f"year({d})", lambda: self.one(2012, 2013)), (f"extract(month from {d})", lambda: self.one(1, 2, 12)), (f"date_trunc('{self.one('month', 'year', 'week', 'quarter')}', {d})", day), (f"date_trunc('{self.one('month', 'day', 'hour')}', {w})", moment), (f"cast(date_trunc('month', {w}) as date)", day),
            (f"floor({f})", whole), (f"floor({x})", whole), (f"round({f})", whole), (f"ceil({x})", whole), (f"cast({f} as bigint)", whole), (f"cast({x} as bigint)", whole), (f"try_cast({t} as bigint)", lambda: self.one(42, -17, 12, 1)), (f"cast(({i} > 2) as integer)", lambda: self.one(0, 1, 2)), (f"abs({i})", whole), (f"-{i}", whole), (f"{i} + 1", whole),
            (f"{i} % 3", whole), (f"{i} * 2", whole), (i, whole), (i, whole), (t, lambda: self.one("'a'", "'ä'", "''", "'b'", "'B'")), (f"upper({t})", lambda: self.one("'A'", "'Ä'", "''")), (f"substr({t}, 1, 1)", lambda: self.one("'a'", "'ä'", "''")), (f"coalesce({i}, 3)", whole), (f"case when {i} > 2 then 'x' when {i} > 0 then 'y' end", lambda: self.one("'x'", "'y'", "'z'")), (f"nullif({i}, 5)", whole), (f"length({t})", whole), (f"({i} > 2)", lambda: self.one("true", "false")),
        ])
        e, one = asked
        parts = [inside(e, one) for _ in range(self.one(1, 2, 2, 3))]
        condition = parts[0]
        for part in parts[1:]:
            condition = f"{condition} {self.one('and', 'or')} {part}" if self.chance(0.7) else f"({condition}) {self.one('and', 'or')} not ({part})"
        n = f"{scope[0][0]}.n"
        roll = self.random.random()
        if roll < 0.3:
            return f"select {self.numbered([n, e])} from {text} where {condition}"
        if roll < 0.5:
            return f"select {self.numbered(['count(*)'])} from {text} where not ({condition})"
        if roll < 0.7:
            return f"select {self.numbered([n])} from {text} where ({condition}) is {self.one('', 'not ')}{self.one('null', 'true', 'false')}"
        return f"select {self.numbered([n, condition])} from {text}"

    def guarded_asked(self):
        """Conditions that keep others from failing, and lengths of time that are compared."""
        text, scope = self.two(0.7)
        i, j, t, w = (self.column(scope, [kind]) for kind in ("int", "int", "text", "stamp"))
        n = f"{scope[0][0]}.n"
        condition = self.one(
            f"{i} <> 0 and ({j} % {i}) >= 0", f"{i} = 0 or ({j} % {i}) < 2", f"{i} is not null and {i} <> 0 and abs({j} % {i}) = 1", f"regexp_matches({t}, '^[0-9]+$') and cast({t} as bigint) > 5", f"not regexp_matches({t}, '^-?[0-9]+$') or cast({t} as bigint) < 5",
            f"{w} - timestamp '2013-01-01 00:00:00' {self.one('<', '>=', '=')} {self.length()}", f"{self.length()} {self.one('<', '>', '=', '<>')} {self.length()} and {i} > 1", f"{w} - timestamp '2012-02-29 08:30:00' between interval '0 days' and {self.length()}", f"(select count(*) from r z where z.n = {i}) > 0 and {i} <> 0",
        )
        return self.one(f"select {self.numbered([n])} from {text} where {condition}", f"select {self.numbered([n, condition])} from {text}", f"select {self.numbered([f'count(*) filter (where {condition})'])} from {text}")

    def mixed_sets_asked(self):
        """Sides and groups whose types differ, also of nothing but nulls."""
        a, b = (self.alias(), self.one("s", "r")), (self.alias(), self.one("s", "r"))
        kinds = self.one(("int", "dec"), ("dec", "float"), ("int", "float"), ("date", "stamp"), ("text", "text"), ("dec", "dec"))
        one, other = (self.of(kind, [side], 1) for kind, side in zip(kinds, (a, b)))
        op = self.one("union", "union all", "except", "intersect", "except all", "intersect all")
        sets = f"select {one} as v, {self.one('null', a[0] + '.k', '1')} as z from {a[1]} {a[0]} {op} select {other}, {self.one('null', b[0] + '.a', '2')} from {b[1]} {b[0]}"
        roll = self.random.random()
        if roll < 0.4:
            return f"select v as c0, z as c1 from ({sets}) q"
        if roll < 0.7:
            return f"select v as c0, count(*) as c1, count(z) as c2 from ({sets}) q group by v"
        return f"select q.v as c0, o.n as c1 from ({sets}) q {self.one('join', 'left join')} s o on o.{self.one('x', 'f', 'n') if kinds[0] in ('int', 'dec') else 'd' if kinds[0] == 'date' else 't'} = q.v"

    def groups_of_groups_asked(self):
        """Several groupings, one inside another, and combinations of them in one."""
        text, scope = self.two(0.7)
        g, h = self.column(scope, ["text", "bool", "int"]), self.some(scope, 2)
        if not any(f"{alias}." in h for alias, _ in scope):
            h = self.column(scope, ["date", "text"])
        sums = [self.sum_of(self.one("int", "dec", "date", "text"), scope) for _ in range(2)]
        if self.chance(0.5) and g != h:
            group = self.one(f"{g}, rollup ({h})", f"rollup ({g}), rollup ({h})", f"cube ({g}, {h})", f"grouping sets (({g}, {h}), ({g}), ())", f"rollup ({g}, {h})", f"grouping sets (({g}), ({h}))")
            return f"select {self.numbered([g, h] + sums)} from {text}{self.where(scope, 0.3)} group by {group}{self.one('', ' having count(*) > 1')}"
        inner = f"select {g} as g, {h} as h, count(*) as v, {self.sum_of('int', scope)} as z from {text}{self.where(scope, 0.3)} group by {g}, {h}"
        outer = self.one("sum(v)", "max(z)", "count(distinct h)", "avg(v)", "count(*) filter (where z is null)", "min(h)")
        return f"select {self.numbered(['g', outer, 'count(*)'])} from ({inner}) q group by g{self.one('', ' having sum(v) > 1', ' having count(z) > 0')}"

    def question(self):
        self.is_ordered = False
        if self.chance(0.3):
            return super().question()
        made = self.random.choice([
            self.ranges_asked, self.lengths_asked, self.lengths_asked, self.casts_asked, self.texts_asked, self.texts_asked, self.sets_inside_asked, self.values_asked, self.lists_asked, self.quantiles_asked, self.quantiles_asked, self.joins_asked, self.joins_asked,
            self.first_of_each_asked, self.correlated_asked, self.correlated_asked, self.compared_asked, self.compared_asked, self.compared_asked, self.guarded_asked, self.mixed_sets_asked, self.mixed_sets_asked, self.groups_of_groups_asked,
        ])()
        return made
