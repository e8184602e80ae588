-- Privacy. What subjects said to purposes: a ledger that only grows, one chain of hashes for each holder.
create schema if not exists privacy;

-- The end of each chain; its row orders the events of one holder.
create table privacy.consent_chains (
  holder uuid primary key,
  kind   text not null check (kind in ('subject', 'anonymous')),
  seq    integer not null check (seq > 0),
  hash   bytea not null check (octet_length(hash) = 32)
);

create table privacy.consent_events (
  holder     uuid not null,
  seq        integer not null check (seq > 0),
  event_id   uuid not null,
  what       text not null check (what in ('given', 'refused', 'withdrawn', 'expired', 'objected', 'gpc_on', 'gpc_off')),
  purpose    text not null,
  at         timestamptz not null,
  expires_at timestamptz,
  -- the record (docs/formats/consent-event.md), sealed under a key of the subject; as it is where the holder is nobody known
  record     bytea not null,
  sealed     boolean not null,
  prev       bytea not null check (octet_length(prev) = 32),
  hash       bytea not null check (octet_length(hash) = 32),
  primary key (holder, seq),
  unique (holder, event_id)
);
create index consent_events_expiry on privacy.consent_events (expires_at) where expires_at is not null;

create function privacy.refuse() returns trigger language plpgsql as $$
begin
  raise exception 'privacy: % on %.% is refused, the ledger is append-only', tg_op, tg_table_schema, tg_table_name
    using errcode = 'restrict_violation';
end $$;
create trigger consent_events_stay before update or delete on privacy.consent_events
  for each row execute function privacy.refuse();
create trigger consent_events_whole before truncate on privacy.consent_events
  for each statement execute function privacy.refuse();
