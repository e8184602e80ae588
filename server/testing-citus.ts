/**
 * A stand-in for Citus, which is not installable here: functions of the same names that refuse what Citus refuses, as its
 * documentation says it, and write down what they were asked. Nothing is spread.
 * Source: Citus 13, "Utility Functions", "Determining Application Type", "SQL Support and Workarounds"
 */
import type { Db } from '#platform/db';

const STAND_IN = `
create schema citus_stand_in;
create table citus_stand_in.calls (n serial primary key, said text not null);
create table citus_stand_in.tables (table_name regclass primary key, citus_table_type text not null, distribution_column text, colocated regclass);
create view public.citus_tables as select * from citus_stand_in.tables;

create function citus_stand_in.check_keys(t regclass, c text) returns void language plpgsql as $$
declare bad record;
begin
  if not exists (select from pg_attribute where attrelid = t and attname = c and attnum > 0) then raise exception 'column % of % does not exist', c, t; end if;
  select i.indexrelid::regclass as name into bad from pg_index i where i.indrelid = t and (i.indisunique or i.indisexclusion)
    and not exists (select from pg_attribute a where a.attrelid = t and a.attname = c and a.attnum = any (i.indkey[0:i.indnkeyatts - 1])) limit 1;
  if found then raise exception 'cannot create constraint on %: % does not contain %', t, bad.name, c; end if;
end $$;

create function citus_stand_in.check_rest(t regclass, kind text, beside regclass) returns void language plpgsql as $$
declare bad record;
begin
  if exists (select from pg_trigger where tgrelid = t and not tgisinternal) then raise exception 'cannot distribute % because it has triggers', t; end if;
  select k.conname, k.confrelid::regclass as target into bad from pg_constraint k left join citus_stand_in.tables o on o.table_name = k.confrelid
    where k.conrelid = t and k.contype = 'f' and not (coalesce(o.citus_table_type = 'reference', false) or (kind = 'reference' and o.table_name is null) or coalesce(o.colocated = beside, false)) limit 1;
  if found then raise exception 'cannot create foreign key % of % to %', bad.conname, t, bad.target; end if;
  select k.conname into bad from pg_constraint k where k.confrelid = t and k.contype = 'f' and kind = 'distributed' and not exists (select from citus_stand_in.tables o where o.table_name = k.conrelid) limit 1;
  if found then raise exception 'a local table points to % by %', t, bad.conname; end if;
end $$;

create function public.create_distributed_table(table_name regclass, distribution_column text, distribution_type text default 'hash', colocate_with text default 'default', shard_count int default null) returns void language plpgsql as $$
declare beside regclass := case when colocate_with in ('none', 'default') then table_name else (select o.colocated from citus_stand_in.tables o where o.table_name = colocate_with::regclass) end;
begin
  if beside is null then raise exception 'relation % is not distributed', colocate_with; end if;
  perform citus_stand_in.check_keys(table_name, distribution_column), citus_stand_in.check_rest(table_name, 'distributed', beside);
  insert into citus_stand_in.tables values (table_name, 'distributed', distribution_column, beside);
  insert into citus_stand_in.calls (said) values (format('distributed %s by %s with %s', table_name, distribution_column, colocate_with));
end $$;
create function public.create_reference_table(table_name regclass) returns void language plpgsql as $$
begin
  perform citus_stand_in.check_rest(table_name, 'reference', null);
  insert into citus_stand_in.tables values (table_name, 'reference', '<none>', null);
  insert into citus_stand_in.calls (said) values (format('reference %s', table_name));
end $$;
create function public.truncate_local_data_after_distributing_table(function_name regclass) returns void language plpgsql as $$
begin
  if not exists (select from citus_stand_in.tables o where o.table_name = function_name) then raise exception '% is not spread', function_name; end if;
  if exists (select from pg_constraint k where k.confrelid = function_name and k.contype = 'f' and not exists (select from citus_stand_in.tables o where o.table_name = k.conrelid)) then
    raise exception 'cannot truncate a table referenced in a foreign key constraint by a local table'; end if;
  insert into citus_stand_in.calls (said) values (format('let go %s', function_name));
end $$;`;

export const installStandIn = (db: Db): Promise<unknown> => db.unsafe(STAND_IN);

export async function standInCalls(db: Db): Promise<string[]> {
  return (await db<{ said: string }[]>`select said from citus_stand_in.calls order by n`).map(({ said }) => said);
}
