-- What scans of other databases and files found: names, counts and reasons, no value. docs/practices/collection.md.
create table collection.scans (
  scan_id     uuid primary key,
  -- where it was read, without account and password
  source      text not null,
  -- '' for the whole source, else the one table that was looked at
  scope       text not null,
  kind        text not null check (kind in ('postgres', 'mysql', 'csv', 'json', 'text')),
  started_at  timestamptz not null,
  seconds     double precision not null,
  received_at timestamptz not null,
  received_by text not null,
  hash        bytea not null check (octet_length(hash) = 32),
  tables      integer not null,
  columns     integer not null,
  missing     integer not null,
  -- columns with something personal, by class; and of them how many are certain
  found       jsonb not null,
  certain     integer not null,
  report      jsonb not null,
  -- which collection and fields the source is, where names do not tell; null: names tell
  binding     jsonb,
  unique (source, scope, started_at)
);

-- What a person said of a difference. The newest counts; none is ever changed or deleted.
create table collection.drift_decisions (
  decision_id uuid primary key,
  drift_key   text not null check (drift_key ~ '^[0-9a-f]{32}$'),
  -- no reference: a decision outlives the scan it was made on
  scan_id     uuid not null,
  decision    text not null check (decision in ('ignored', 'resolved', 'reopened')),
  reason      text not null,
  -- what it was decided on: another type or class later is another question
  type        text,
  class       text,
  review_at   timestamptz check ((decision = 'ignored') = (review_at is not null)),
  decided_by  text not null,
  decided_at  timestamptz not null
);
create index drift_decisions_newest on collection.drift_decisions (drift_key, decided_at desc, decision_id desc);
