-- What this installation knows of its backups. The stores are the truth: a restore needs nothing of this.
create schema if not exists backups;

-- Who can open backups: public halves only. `offline`: split among custodians; `drill`: the next drill's, for one backup.
create table backups.recipients (
  recipient   text primary key check (length(recipient) between 1900 and 2100),
  fingerprint text not null unique,
  kind        text not null check (kind in ('offline', 'drill')),
  added_by    text not null,
  added_at    timestamptz not null default now(),
  -- when somebody last showed that the shares make the identity
  proven_at   timestamptz,
  retired_at  timestamptz
);

-- One attempt at a backup of one plane. It is one once its manifest is in the stores: the row follows.
create table backups.runs (
  run_id          uuid primary key,
  plane           text not null check (plane in ('data', 'key')),
  state           text not null check (state in ('running', 'done', 'failed')),
  seq             bigint not null check (seq > 0),
  previous        text,
  manifest_name   text not null unique,
  manifest_sha256 text,
  -- of a data backup: the key backup that was durable before its manifest
  keys_seq        bigint,
  rows            bigint not null default 0,
  bytes           bigint not null default 0,
  sealed_bytes    bigint not null default 0,
  total_bytes     bigint not null default 0,
  objects         integer not null default 0,
  ledger_seq      bigint not null default 0,
  started_by      text not null,
  started_at      timestamptz not null default now(),
  beat_at         timestamptz not null default now(),
  finished_at     timestamptz,
  because         text,
  pruned_at       timestamptz
);
create unique index runs_one_running on backups.runs (plane) where state = 'running';
create unique index runs_chain on backups.runs (plane, seq) where state = 'done';

-- The journal: every name is here before it is in a store, so that nothing is left there that nobody knows of.
create table backups.objects (
  name         text not null,
  store        text not null,
  run_id       uuid not null references backups.runs,
  version      text,
  size_bytes   bigint,
  sha256       text,
  locked_until timestamptz,
  stored_at    timestamptz,
  scrubbed_at  timestamptz,
  removed_at   timestamptz,
  primary key (name, store)
);
create index objects_by_run on backups.objects (run_id);

-- Erasures and restrictions, as a chain: what a restore replays. Subjects are in it as hashes.
create table backups.ledger (
  seq      bigint primary key check (seq > 0),
  what     text not null check (what in ('erasure', 'restriction', 'lift')),
  id_hash  text not null,
  scope    text not null,
  at       timestamptz not null,
  previous text not null,
  hash     text not null unique,
  sent_at  timestamptz
);
create index ledger_by_subject on backups.ledger (id_hash, seq);
create index ledger_unsent on backups.ledger (seq) where sent_at is null;

-- Restores that were tried, and what they proved.
create table backups.drills (
  drill_id    uuid primary key,
  backup_seq  bigint not null,
  passed      boolean not null,
  attestation jsonb not null,
  at          timestamptz not null default now()
);
