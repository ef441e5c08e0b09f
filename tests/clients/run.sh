#!/usr/bin/env bash
# The real clients against the door: connects with password and TLS, lists tables and columns, asks, reads many rows,
# runs a prepared statement with days and nulls, cancels. Each client that is not installed is said to be left out.
#
# DBeaver, Excel and Power BI are no programs for a script. For DBeaver stand the metadata calls of its JDBC driver (Meta.java),
# for Excel and Power BI psqlODBC with the catalogue calls that they make (odbc.py); for RPostgres, where R is not installed,
# psql and psycopg, which speak through the same library, libpq.
#
#   tests/clients/run.sh [--short] [STORE]  a store with a study heavy-users; without one `virta demo` makes it
#
# With --short only psql and Python's clients, by the python3 that is found first: both must be there.
#
# What is needed: `apt-get install postgresql-client libpostgresql-jdbc-java odbc-postgresql unixodbc default-jdk-headless`,
# R with RPostgres and dbplyr, and Python, for which an environment is made under target/clients.
set -euo pipefail
cd "$(dirname "$0")/../.."
here=tests/clients
work=target/clients
virta=${VIRTA_BIN:-target/release/virta}
mkdir -p "$work"
short=
if [ "${1:-}" = --short ]; then short=1; shift; fi
store=${1:-}
if [ -z "$store" ]; then
    [ -d "$work/demo/region" ] || "$virta" demo --dir "$work/demo" --clients 3000 > "$work/demo.log"
    store=$work/demo/region
fi
python=$work/python/bin/python
if [ -n "$short" ]; then
    python=python3
elif [ ! -x "$python" ]; then
    python3 -m venv "$work/python"
    "$work/python/bin/pip" install -q 'psycopg[binary]' sqlalchemy pandas adbc-driver-postgresql polars pyarrow pyodbc
fi
password='a long password'
printf '%s\n' "$password" > "$work/password"
rm -f "$work/users.toml"
"$virta" users "$work/users.toml" add aino --role data_unit --password-file "$work/password"
"$virta" users "$work/users.toml" add paula --role researcher --sees protected --password-file "$work/password"
openssl req -x509 -newkey rsa:2048 -nodes -keyout "$work/door.key" -out "$work/door.crt" -days 2 -subj /CN=localhost \
    -addext subjectAltName=DNS:localhost,IP:127.0.0.1 2> /dev/null
"$virta" serve "$store" --users "$work/users.toml" --postgres 127.0.0.1:0 \
    --tls-cert "$work/door.crt" --tls-key "$work/door.key" > "$work/serve.log" &
door=$!
trap 'kill $door' EXIT
until grep -q 127.0.0.1: "$work/serve.log"; do sleep 0.1; done
port=$(sed -n 's/.*127\.0\.0\.1:\([0-9]*\),.*/\1/p' "$work/serve.log")
name=$(basename "$store")
failed=0
client() {
    printf '\n== %s\n' "$1"
    shift
    timeout 300 "$@" || { failed=1; echo "FAILED"; }
}
with() { command -v "$1" > /dev/null || { echo "== $1 is not installed: left out"; return 1; }; }
export PGPASSWORD=$password
if [ -n "$short" ] || with psql; then
    at="host=localhost port=$port dbname=$name user=aino sslmode=verify-full sslrootcert=$work/door.crt"
    for command in '\dn+' '\dt store.*' '\d+ contacts' '\du' '\l' '\dd' '\dL' '\dFp' 'select count(*) from contacts'; do
        client "psql $command" psql -v ON_ERROR_STOP=1 "$at" -c "$command"
    done
    client 'psql, protected' psql "${at/aino/paula}" -c 'select * from heavy_users.service_use limit 3'
fi
client python "$python" "$here/clients.py" localhost "$port" aino "$password" "$name" "$work/door.crt"
if [ -n "$short" ]; then
    "$virta" verify "$store"
    exit $failed
fi
jar=/usr/share/java/postgresql.jar
if with javac && [ -f $jar ]; then
    client 'JDBC, as DBeaver asks' java -cp $jar "$here/Meta.java" "jdbc:postgresql://localhost:$port/$name" aino "$password"
fi
if with odbcinst && odbcinst -q -d 2> /dev/null | grep -q 'PostgreSQL Unicode'; then
    client psqlODBC "$python" "$here/odbc.py" localhost "$port" aino "$password" "$name"
fi
if with Rscript && Rscript -e 'quit(status = !requireNamespace("RPostgres"))' > /dev/null 2>&1; then
    client 'R: RPostgres, dbplyr' Rscript "$here/rpostgres.R" localhost "$port" aino "$password" "$name" "$work/door.crt"
fi
"$virta" verify "$store"
exit $failed
