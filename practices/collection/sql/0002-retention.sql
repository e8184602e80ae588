-- Retention: what happened to subjects, who holds what, what was planned, what went.
create schema if not exists collection;

-- Events of subjects that periods begin at. They go with the subject.
create table collection.subject_events (
  subject_id  uuid not null,
  event       text not null,
  -- of an event about one purpose (consent.withdrawn); empty: about all
  purpose     text not null default '',
  at          timestamptz not null,
  -- `undone`: since then it has not happened after all
  state       text not null check (state in ('happened', 'undone')),
  recorded_at timestamptz not null,
  recorded_by text not null,
  primary key (subject_id, event, purpose, at, state)
);

-- Legal holds. Scope: a subject, one record of it, a collection, or a field of a collection, also of one subject.
create table collection.holds (
  hold_id       uuid primary key,
  matter        text not null,
  subject_id    uuid,
  record_no     bigint,
  collection    text,
  field         text,
  reason        text not null,
  authority     text not null,
  -- who may still see what nothing but the hold keeps
  role          text,
  from_at       timestamptz not null,
  review_by     timestamptz not null,
  state         text not null check (state in ('requested', 'active', 'lifting', 'released', 'refused')),
  requested_by  text not null,
  requested_who text not null,
  requested_at  timestamptz not null,
  approved_by   text,
  approved_at   timestamptz,
  lift_reason   text,
  lift_by       text,
  lift_who      text,
  lift_at       timestamptz,
  released_by   text,
  released_at   timestamptz,
  check (subject_id is not null or collection is not null),
  check (record_no is null or subject_id is not null),
  check (field is null or collection is not null)
);
create index holds_standing on collection.holds (subject_id) where state in ('active', 'lifting');
-- Who takes something away shares this row until the end of its transaction; who places a hold has it alone. So a hold is
-- placed before a deletion looks, or after it is done.
create table collection.hold_gate (only_one boolean primary key default true check (only_one));
insert into collection.hold_gate default values;

-- The account of what went, for ever: a restore is replayed from it. No id stands in it, only HMACs. In the order of the
-- log: the index of the entry that tells of it, and a number within that entry.
create table collection.erasures (
  audit_index bigint not null,
  n           integer not null,
  scope       text not null check (scope in ('subject', 'record', 'fields')),
  subject_mac bytea not null check (length(subject_mac) = 32),
  record_mac  bytea check (length(record_mac) = 32),
  collection  text,
  fields      text[] not null default '{}',
  cause       text not null check (cause in ('request', 'expiry', 'retention')),
  run_id      text,
  rule_hash   text,
  at          timestamptz not null,
  primary key (audit_index, n)
);
create index erasures_subject on collection.erasures (subject_mac);
create index erasures_run on collection.erasures (run_id) where run_id is not null;
create function collection.refuse() returns trigger language plpgsql as $$
begin
  raise exception 'collection: % on %.% is refused, it is append-only', tg_op, tg_table_schema, tg_table_name
    using errcode = 'restrict_violation';
end $$;
create trigger no_change before update or delete on collection.erasures for each row execute function collection.refuse();
create trigger no_truncate before truncate on collection.erasures for each statement execute function collection.refuse();
alter table collection.erasures enable always trigger no_change;
alter table collection.erasures enable always trigger no_truncate;

-- Settings of retention: the newest approved ones hold.
create table collection.retention_settings (
  settings_id  uuid primary key,
  settings     jsonb not null,
  hash         text not null,
  proposed_by  text not null,
  proposed_who text not null,
  proposed_at  timestamptz not null,
  approved_by  text,
  approved_at  timestamptz
);

-- One plan and its run: first read, then approved, then done. A leased row, as docs/adr/0008 has it.
create table collection.retention_runs (
  run_id       uuid primary key,
  state        text not null check (state in ('planning', 'planned', 'approved', 'running', 'done', 'cancelled', 'refused')),
  requested_by text not null,
  -- the time by which things are due
  as_of        timestamptz not null,
  rule_hash    text not null,
  cursor       text,
  -- chained over the items, so that an approval is of these and no others
  plan_hash    text not null,
  plan         jsonb not null,
  needed       smallint not null default 1,
  because      text[] not null default '{}',
  done         jsonb not null default '{}',
  refused      text,
  created_at   timestamptz not null,
  planned_at   timestamptz,
  begun_at     timestamptz,
  finished_at  timestamptz,
  updated_at   timestamptz not null,
  certificate  text
);
create unique index retention_runs_one on collection.retention_runs ((true)) where state in ('planning', 'planned', 'approved', 'running');
create index retention_runs_newest on collection.retention_runs (created_at desc);
-- What a plan is about, until it is done or given up.
create table collection.retention_items (
  run_id     uuid not null,
  subject_id uuid not null,
  record_no  bigint not null,
  actions    text[] not null,
  primary key (run_id, subject_id, record_no)
);
create table collection.retention_approvals (
  run_id    uuid not null,
  who       text not null,
  actor     text not null,
  plan_hash text not null,
  at        timestamptz not null,
  primary key (run_id, who)
);
-- Fields that are coarse already at this version of their record: they need not be opened to be looked at again.
create table collection.coarse_fields (
  subject_id uuid not null,
  record_no  bigint not null,
  field      text not null,
  version    integer not null,
  primary key (subject_id, record_no, field)
);
-- Proofs that nothing is left that should have gone.
create table collection.retention_proofs (
  proof_id uuid primary key,
  at       timestamptz not null,
  ok       boolean not null,
  result   jsonb not null
);
-- What the review of fields decided: from then on the field goes, or becomes coarse, whatever its purposes say.
create table collection.field_orders (
  collection  text not null,
  field       text not null,
  action      text not null check (action in ('erase', 'coarsen')),
  at          timestamptz not null,
  proposal_id uuid not null,
  primary key (collection, field)
);
