#!/bin/sh
# Run by PostgreSQL's image when it has made the cluster: a role that is no superuser owns the database of the servers.
# psql reads the password from its file; it is in no argument, where the list of processes would show it.
set -eu
psql --quiet --no-psqlrc --set=ON_ERROR_STOP=1 --username="$POSTGRES_USER" --dbname="$POSTGRES_DB" <<'SQL'
\set password `cat /run/secrets/database-password`
set log_statement = 'none';
create role strongroom login nosuperuser nocreatedb createrole noreplication password :'password';
alter database strongroom owner to strongroom;
revoke all on database strongroom from public;
SQL
