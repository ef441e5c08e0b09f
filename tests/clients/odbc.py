import pyodbc, sys, datetime
c = pyodbc.connect(f"Driver=PostgreSQL Unicode;Server={sys.argv[1]};Port={sys.argv[2]};Database={sys.argv[5]};Uid={sys.argv[3]};Pwd={sys.argv[4]};SSLmode=require")
cur = c.cursor()
print([r.table_name for r in cur.tables(schema="store")][:4])
print([(r.column_name, r.type_name) for r in cur.columns(table="contacts", schema="store")][:3])
cur.execute("select count(*) from contacts where start_date >= ? and (? is null or service = ?)", datetime.date(2013,1,1), None, None); print(cur.fetchall())
cur.execute("select contact_id, service, start_date from contacts"); print(len(cur.fetchall()))
