-- The audit log: docs/formats/audit-storage.md. Entries are only ever added.
create schema if not exists audit;

-- How many entries there are. Its row lock orders the appends: taken by the one statement that inserts them.
create table audit.head (
  only_one boolean primary key default true check (only_one),
  size bigint not null check (size >= 0)
);
insert into audit.head (size) values (0);

create table audit.entries (
  index bigint primary key check (index >= 0),
  bytes bytea not null check (octet_length(bytes) between 1 and 61440)
);
alter table audit.entries alter column bytes set storage external;

-- Hashes of the tree, 32 bytes each, up to 256 in a tile. A partial tile grows; hashes in it never change.
create table audit.tiles (
  level smallint not null check (level between 0 and 63),
  index bigint not null check (index >= 0),
  hashes bytea not null check (octet_length(hashes) between 32 and 8192 and octet_length(hashes) % 32 = 0),
  primary key (level, index)
);

-- What was signed last, and what was published last (with its cosignatures). Replaced by compare-and-set on the size.
create table audit.tree (
  only_one boolean primary key default true check (only_one),
  size bigint not null check (size >= 0),
  signed text not null,
  published text not null
);

-- One signed checkpoint an hour, kept for ever: the log must stay consistent with each.
create table audit.checkpoints (
  size bigint primary key check (size >= 0),
  signed_at timestamptz not null,
  note text not null
);

create function audit.refuse() returns trigger language plpgsql as $$
begin
  raise exception 'audit: % on %.% is refused, the log is append-only', tg_op, tg_table_schema, tg_table_name
    using errcode = 'restrict_violation';
end $$;

create function audit.only_grow() returns trigger language plpgsql as $$
begin
  if new.level <> old.level or new.index <> old.index
     or substring(new.hashes from 1 for octet_length(old.hashes)) <> old.hashes then
    raise exception 'audit: tile %/% may only grow', old.level, old.index using errcode = 'restrict_violation';
  end if;
  return new;
end $$;

create function audit.only_forward() returns trigger language plpgsql as $$
begin
  if new.size < old.size then
    raise exception 'audit: the size of % may not go back', tg_table_name using errcode = 'restrict_violation';
  end if;
  return new;
end $$;

create trigger no_change before update or delete on audit.entries for each row execute function audit.refuse();
create trigger no_truncate before truncate on audit.entries for each statement execute function audit.refuse();
create trigger no_change before update or delete on audit.checkpoints for each row execute function audit.refuse();
create trigger no_truncate before truncate on audit.checkpoints for each statement execute function audit.refuse();
create trigger no_delete before delete on audit.tiles for each row execute function audit.refuse();
create trigger no_truncate before truncate on audit.tiles for each statement execute function audit.refuse();
create trigger only_grow before update on audit.tiles for each row execute function audit.only_grow();
create trigger no_delete before delete on audit.head for each row execute function audit.refuse();
create trigger only_forward before update on audit.head for each row execute function audit.only_forward();
create trigger no_delete before delete on audit.tree for each row execute function audit.refuse();
create trigger only_forward before update on audit.tree for each row execute function audit.only_forward();

-- `always`: also where session_replication_role is set to replica.
alter table audit.entries enable always trigger no_change;
alter table audit.entries enable always trigger no_truncate;
alter table audit.checkpoints enable always trigger no_change;
alter table audit.checkpoints enable always trigger no_truncate;
alter table audit.tiles enable always trigger no_delete;
alter table audit.tiles enable always trigger no_truncate;
alter table audit.tiles enable always trigger only_grow;
alter table audit.head enable always trigger no_delete;
alter table audit.head enable always trigger only_forward;
alter table audit.tree enable always trigger no_delete;
alter table audit.tree enable always trigger only_forward;

-- An owner can give these back to itself, and a superuser needs none: the triggers stand behind, the signatures behind both.
revoke all on all tables in schema audit from public;
do $$ begin
  execute format('revoke update, delete, truncate on audit.entries, audit.checkpoints from %I', current_user);
  execute format('revoke delete, truncate on audit.tiles, audit.head, audit.tree from %I', current_user);
end $$;
