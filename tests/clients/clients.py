"""psycopg, SQLAlchemy with pandas, ADBC and polars: python clients.py HOST PORT USER PASSWORD DATABASE CERTIFICATE"""

import datetime
import sys
import threading
import time

import adbc_driver_postgresql.dbapi as adbc
import pandas as pd
import polars as pl
import psycopg
import sqlalchemy as sa

host, port, user, password, database, certificate = sys.argv[1:7]
address = f"{user}:{password.replace(' ', '%20')}@{host}:{port}/{database}?sslmode=verify-full&sslrootcert={certificate}"
since = datetime.date(2013, 1, 1)

with psycopg.connect(f"postgresql://{address}") as c:
    cursor = c.cursor()
    (contacts,) = cursor.execute("select count(*) from contacts").fetchone()
    print("psycopg:", contacts, "contacts")
    question = "select count(*) from contacts where start_date >= %s and (%s::text is null or service = %s)"
    (recent,) = cursor.execute(question, (since, None, None)).fetchone()
    assert 0 < recent < contacts
    values = "select 1.50::decimal(10,2), true, date '2014-01-31', time '12:00:01', null, array[1,2], 1.5, %s::date, %s"
    for binary in (False, True):
        row = c.cursor(binary=binary).execute(values, (None, "x")).fetchone()
        assert str(row[0]) == "1.50" and row[1:] == (
            True, datetime.date(2014, 1, 31), datetime.time(12, 0, 1), None, [1, 2], 1.5, None, "x"), row
    assert cursor.execute("select count(*) from contacts where client_id = any(%s)", ([1, 2],)).fetchone() == (0,)
    with c.cursor(name="piece by piece") as long:
        long.itersize = 1000
        assert sum(1 for _ in long.execute("select contact_id from contacts")) == contacts
    with c.cursor().copy("copy (select contact_id, service, start_date from contacts) to stdout (format binary)") as copy:
        copy.set_types(["int8", "text", "date"])
        assert sum(1 for _ in copy.rows()) == contacts
    begun = time.time()
    threading.Timer(0.5, c.cancel).start()
    try:
        cursor.execute("select count(*) from contacts a cross join contacts b where a.contact_id < b.contact_id")
        raise SystemExit("it was not cancelled")
    except psycopg.errors.QueryCanceled:
        print(f"cancelled after {time.time() - begun - 0.5:.3f} s")

engine = sa.create_engine(f"postgresql+psycopg://{address}")
looks = sa.inspect(engine)
assert {"store", "heavy_users"} <= set(looks.get_schema_names())
assert "contacts" in looks.get_table_names(schema="store")
columns = {column["name"]: column for column in looks.get_columns("clients", schema="store")}
assert columns["birth_date"]["comment"] and not columns["client_id"]["nullable"]
assert looks.get_pk_constraint("clients", schema="store")["constrained_columns"] == []
question = "select service, count(*) as n from contacts where start_date >= :d group by service order by n desc limit 3"
print(pd.read_sql(sa.text(question), engine, params={"d": since}))
clients = sa.Table("clients", sa.MetaData(), autoload_with=engine, schema="store")
with engine.connect() as c:
    print("SQLAlchemy:", c.execute(sa.select(sa.func.count()).select_from(clients)).scalar(), "clients")

with adbc.connect(f"postgresql://{address}") as c:
    with c.cursor() as cursor:
        cursor.execute("select * from contacts")
        table = cursor.fetch_arrow_table()
        assert table.num_rows == contacts
        cursor.execute("select count(*) from contacts where start_date >= $1", (since,))
        assert cursor.fetchall() == [(recent,)]
    assert c.adbc_get_objects(depth="tables").read_all().num_rows > 0
    print("ADBC:", c.adbc_get_table_schema("clients", db_schema_filter="store").names)
print(pl.read_database_uri("select service, cost_cents from contacts limit 3", f"postgresql://{address}", engine="adbc"))
