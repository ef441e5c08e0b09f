"""Reads the same contacts through the door and from a PostgreSQL server beside it, and prints seconds, the best of three.

python compare.py DOOR_ADDRESS SERVER_ADDRESS    both as postgresql://...; the server gets a table `contacts` when it has none
"""

import sys
import time

import adbc_driver_postgresql.dbapi as adbc
import psycopg

door, server = sys.argv[1:3]
QUESTION = "select * from contacts"


def fill():
    with psycopg.connect(door) as source, psycopg.connect(server) as target:
        if target.execute("select to_regclass('contacts')").fetchone()[0]:
            return
        columns = source.execute(
            "select attname, format_type(atttypid, atttypmod) from pg_attribute where attrelid = 'store.contacts'::regclass "
            "and attnum > 0 order by attnum").fetchall()
        target.execute(f"create table contacts ({', '.join(f'{name} {kind}' for name, kind in columns)})")
        with source.cursor().copy("copy contacts to stdout") as read, target.cursor().copy("copy contacts from stdin") as write:
            for block in read:
                write.write(block)
        target.commit()
        target.autocommit = True
        target.execute("vacuum analyze contacts")


def with_psycopg(address, binary):
    with psycopg.connect(address) as c:
        return len(c.cursor(binary=binary).execute(QUESTION).fetchall())


def with_adbc(address):
    with adbc.connect(address) as c, c.cursor() as cursor:
        cursor.execute(QUESTION)
        return cursor.fetch_arrow_table().num_rows


def with_copy(address):
    with psycopg.connect(address) as c, c.cursor().copy("copy contacts to stdout (format binary)") as rows:
        for _ in rows:
            pass


def best(work):
    times = []
    for _ in range(3):
        begun = time.perf_counter()
        rows = work()
        times.append(time.perf_counter() - begun)
    return min(times), rows


fill()
for name, work in {
    "psycopg, text": lambda address: with_psycopg(address, False),
    "psycopg, binary": lambda address: with_psycopg(address, True),
    "ADBC": with_adbc,
    "binary copy": with_copy,
}.items():
    (own, rows), (other, others) = best(lambda: work(door)), best(lambda: work(server))
    assert rows == others, (rows, others)
    print(f"{name:16} {rows or '':>9} door {own:6.2f} s, PostgreSQL {other:6.2f} s, {other / own:.2f} times as fast", flush=True)
