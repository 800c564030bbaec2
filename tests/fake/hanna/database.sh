#!/bin/sh
# What the entry point of the official image of PostgreSQL does with POSTGRES_*: the cluster at the first start.
set -eu
data=/var/lib/postgresql/data
as_postgres() { setpriv --reuid=postgres --regid=postgres --clear-groups "$@"; }
mkdir -p "$data" /run/postgresql && chown postgres:postgres "$data" /run/postgresql && chmod 0700 "$data"
if [ ! -e "$data/PG_VERSION" ]; then
    as_postgres sh -c "umask 077; printf %s \"\$POSTGRES_PASSWORD\" >/tmp/password
        initdb -D $data -U \"\$POSTGRES_USER\" --auth-local=trust --auth-host=scram-sha-256 --pwfile=/tmp/password
        rm /tmp/password"
    echo "host all all all scram-sha-256" >>"$data/pg_hba.conf"
    as_postgres pg_ctl -D "$data" -o "-c listen_addresses= -k /run/postgresql" -w start
    as_postgres createdb -h /run/postgresql -U "$POSTGRES_USER" "$POSTGRES_DB"
    as_postgres pg_ctl -D "$data" -m fast -w stop
fi
exec setpriv --reuid=postgres --regid=postgres --clear-groups \
    postgres -D "$data" -c listen_addresses='*' -k /run/postgresql
