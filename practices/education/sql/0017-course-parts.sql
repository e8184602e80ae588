-- cmi5: sessions of a course's parts, what was stated in them, and what the parts keep. A run is the registration.
create table education.part_sessions (
  session_id uuid primary key,
  run_id     uuid not null,
  person_id  uuid not null,
  part       integer not null check (part >= 0),
  -- Review: it was done before, and is only looked at
  mode       text not null check (mode in ('Normal', 'Review')),
  -- SHA-256 of what opens its files, of what is exchanged once, and of what it was exchanged for
  token      text not null unique,
  exchange   text not null unique,
  auth       text unique,
  console    text not null,
  began_at   timestamptz not null,
  ends_at    timestamptz not null,
  state      text not null default 'open' check (state in ('open', 'terminated', 'abandoned')),
  ended_at   timestamptz,
  check ((state = 'open') = (ended_at is null))
);
-- whoever begins a part leaves the other one
create unique index part_sessions_one on education.part_sessions (run_id) where state = 'open';
create index part_sessions_of on education.part_sessions (run_id, began_at);
create index part_sessions_open on education.part_sessions (ends_at) where state = 'open';

create table education.part_statements (
  run_id       uuid not null,
  statement_id uuid not null,
  -- of its run, from 1: in which order it came
  seq          integer not null,
  session_id   uuid not null,
  -- null: of a block, or of the course
  part         integer,
  -- defined: one of cmi5, by the part; allowed: another one of it; ours: made here
  kind         text not null check (kind in ('defined', 'allowed', 'ours')),
  verb         text not null,
  object       text not null,
  said_at      timestamptz not null,
  stored_at    timestamptz not null,
  -- of what was sent, whatever the order of its properties
  sha256       text not null,
  statement    text not null,
  primary key (run_id, statement_id)
);
create unique index part_statements_in on education.part_statements (run_id, seq);

create table education.part_documents (
  -- of which run and part, or of which person and course
  shelf      text not null,
  name       text not null,
  person_id  uuid not null,
  run_id     uuid,
  type       text not null,
  bytes      bytea not null check (octet_length(bytes) <= 262144),
  updated_at timestamptz not null,
  primary key (shelf, name)
);
create index part_documents_of on education.part_documents (run_id);

create function education.session_once() returns trigger language plpgsql as $$
begin
  if old.state <> 'open' or (old.auth is not null and new.auth is distinct from old.auth)
    or (to_jsonb(old) - array['auth', 'state', 'ended_at']) is distinct from (to_jsonb(new) - array['auth', 'state', 'ended_at']) then
    raise exception 'education: a session ends once, and nothing else of it changes' using errcode = 'restrict_violation';
  end if;
  return new;
end $$;
create trigger part_sessions_once before update on education.part_sessions for each row execute function education.session_once();

-- What was stated stays as it was. It goes with its run; what it was done by stays as long as that.
create function education.statement_goes() returns trigger language plpgsql as $$
begin
  if tg_op = 'UPDATE'
    or exists (select from education.course_runs r where r.run_id = old.run_id and (r.state = 'open' or old.kind <> 'allowed')) then
    raise exception 'education: % on %.% is refused, statements stay', tg_op, tg_table_schema, tg_table_name
      using errcode = 'restrict_violation';
  end if;
  return old;
end $$;
create trigger part_statements_stay before update or delete on education.part_statements
  for each row execute function education.statement_goes();
create trigger part_statements_whole before truncate on education.part_statements for each statement execute function education.refuse();
