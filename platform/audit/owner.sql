-- Gives the log's tables to a role that nobody logs in as, so that the server can add to the log and nothing else.
--
-- For the database's administrator, after the first start of the server:
--   psql "$ADMIN_URL" -c "set strongroom.app = 'strongroom'" -f platform/audit/owner.sql
-- where strongroom is the role in DATABASE_URL. That role must be no superuser and no member of strongroom_log.
-- Before an upgrade that changes the log's tables (the start says DB_MIGRATION_FAILED), give them back and take them again:
--   psql "$ADMIN_URL" -c "set strongroom.app = 'strongroom'" -c "set strongroom.owner = 'strongroom'" -f platform/audit/owner.sql
do $$
declare
  app text := current_setting('strongroom.app');
  owner text := coalesce(nullif(current_setting('strongroom.owner', true), ''), 'strongroom_log');
  thing record;
begin
  if not exists (select from pg_roles where rolname = owner) then
    execute format('create role %I nologin', owner);
  end if;
  if (select rolsuper from pg_roles where rolname = app) then
    raise exception '% is a superuser: nothing would hold it', app;
  end if;
  execute format('alter schema audit owner to %I', owner);
  for thing in select relname from pg_class where relnamespace = 'audit'::regnamespace and relkind in ('r', 'p') loop
    execute format('alter table audit.%I owner to %I', thing.relname, owner);
    execute format('revoke all on audit.%I from %I', thing.relname, app);
  end loop;
  for thing in select oid::regprocedure as name from pg_proc where pronamespace = 'audit'::regnamespace loop
    execute format('alter function %s owner to %I', thing.name, owner);
  end loop;
  execute format('grant usage on schema audit to %I', app);
  execute format('grant select, insert on audit.entries, audit.checkpoints to %I', app);
  execute format('grant select, insert, update on audit.tiles, audit.tree, audit.publisher, audit.witnesses to %I', app);
  execute format('grant select, update on audit.head to %I', app);
end $$;
