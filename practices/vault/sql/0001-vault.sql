-- The vault. Every key of a subject's table starts with subject_id, so that a Citus cluster distributes them by it;
-- lookups are distributed by their value. Small tables are reference tables (docs/scaling.md).
create schema if not exists vault;

-- Which installation this is: part of every additional data, so that rows of another one do not open here.
create table vault.installation (
  only_one     boolean primary key default true check (only_one),
  installation uuid not null,
  created_at   timestamptz not null default now()
);

-- Epoch keys, wrapped by the root key provider.
create table vault.epochs (
  use          text not null check (use in ('data', 'second', 'index', 'token', 'audit')),
  epoch        integer not null check (epoch > 0),
  state        text not null check (state in ('current', 'retiring', 'destroyed')),
  wrapped      bytea,
  provider     text not null,
  key_id       text not null,
  key_version  text not null,
  created_at   timestamptz not null default now(),
  destroyed_at timestamptz,
  primary key (use, epoch),
  check ((state = 'destroyed') = (wrapped is null))
);
create unique index epochs_current on vault.epochs (use) where state = 'current';

-- Private keys of the system itself (log signers, intake), wrapped by the root.
create table vault.identities (
  name         text primary key,
  wrapped      bytea not null,
  provider     text not null,
  key_id       text not null,
  key_version  text not null,
  created_at   timestamptz not null default now()
);

-- Numbers that stand for names in stored bytes; a number is never used again for another name.
create table vault.collections (
  collection_no smallint primary key,
  collection    text not null unique
);
create table vault.fields (
  collection_no smallint not null references vault.collections,
  field_no      integer not null check (field_no between 0 and 65535),
  field         text not null,
  primary key (collection_no, field_no),
  unique (collection_no, field)
);

-- One row holds all keys of one person. Deleting it is the shredding.
create table vault.keyrings (
  subject_id   uuid primary key,
  epoch        integer not null,
  ring         bytea not null,
  second_epoch integer,
  second_ring  bytea,
  seals        bigint not null default 0,
  check ((second_epoch is null) = (second_ring is null))
) with (fillfactor = 90);
create index keyrings_epoch on vault.keyrings (epoch, subject_id);
alter table vault.keyrings alter column ring set storage plain;

create table vault.records (
  subject_id    uuid not null,
  record_no     bigint not null,
  collection_no smallint not null,
  version       integer not null check (version > 0),
  box           bytea not null,
  -- what this record has in vault.lookups and vault.unique_lookups: 16-byte values, so that they are found without a scan
  lookups       bytea not null default '',
  expires_at    timestamptz,
  created_at    timestamptz not null default now(),
  updated_at    timestamptz not null default now(),
  primary key (subject_id, record_no)
) with (fillfactor = 90);
create index records_expiry on vault.records (expires_at) where expires_at is not null;
create index records_collection on vault.records (collection_no, subject_id, record_no);

create table vault.lookups (
  value      bytea not null,
  subject_id uuid not null,
  record_no  bigint not null,
  epoch      smallint not null,
  primary key (value, subject_id, record_no)
);
create table vault.unique_lookups (
  value      bytea primary key,
  subject_id uuid not null,
  record_no  bigint not null,
  epoch      smallint not null
);

create table vault.restrictions (
  subject_id uuid primary key,
  because    text not null check (because in ('accuracy', 'unlawful', 'claim', 'objection')),
  since      timestamptz not null default now(),
  actor      text not null
);

-- What is left of an erased subject: the hash of the id, so that it cannot be made again, and the receipt.
create table vault.tombstones (
  id_hash    bytea primary key,
  erased_at  timestamptz not null default now(),
  epoch      integer not null,
  receipt    jsonb not null
);

create table vault.tokens (
  lookup     bytea primary key,
  subject_id uuid not null,
  record_no  bigint not null,
  field      text not null,
  kind       text not null check (kind in ('random', 'format', 'pairwise')),
  audience   text,
  purpose    text,
  uses_left  integer check (uses_left >= 0),
  expires_at timestamptz,
  created_at timestamptz not null default now()
);
create index tokens_subject on vault.tokens (subject_id);
create index tokens_expiry on vault.tokens (expires_at) where expires_at is not null;

create table vault.attachments (
  subject_id    uuid not null,
  record_no     bigint not null,
  attachment_id uuid not null,
  name_lookup   bytea not null,
  sealed_name   bytea not null,
  key_version   integer not null,
  size_bytes    bigint not null,
  chunks        integer not null,
  head          bytea not null,
  created_at    timestamptz not null default now(),
  primary key (subject_id, record_no, attachment_id),
  unique (subject_id, record_no, name_lookup)
);
create table vault.chunks (
  subject_id    uuid not null,
  attachment_id uuid not null,
  seq           integer not null,
  last          boolean not null,
  box           bytea not null,
  primary key (subject_id, attachment_id, seq)
);

-- Answers already given, so that a repeated request gets the same one. Ids only, no values.
create table vault.idempotency (
  actor        text not null,
  key          text not null,
  request_hash bytea not null,
  status       smallint not null,
  answer       jsonb not null,
  created_at   timestamptz not null default now(),
  primary key (actor, key)
);
create index idempotency_age on vault.idempotency (created_at);

create table vault.intake_seen (
  envelope_id bytea primary key,
  expires_at  timestamptz not null
);

-- Long work: rotation, re-encryption, verification, rebuilding of an index. One row each, resumed from its cursor.
create table vault.works (
  work_id     uuid primary key,
  what        text not null check (what in ('epoch', 'keys', 'root', 'verify')),
  state       text not null check (state in ('running', 'done', 'failed')),
  cursor      text,
  done        bigint not null default 0,
  total       bigint not null default 0,
  result      jsonb not null default '{}',
  started_by  text not null,
  started_at  timestamptz not null default now(),
  updated_at  timestamptz not null default now(),
  finished_at timestamptz
);
create unique index works_one_running on vault.works (what) where state = 'running';
