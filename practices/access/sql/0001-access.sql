create schema if not exists access;

-- API keys: only the hash is kept. A key has 256 random bits, so a fast hash is enough.
create table access.keys (
  key_id      uuid primary key,
  hash        bytea not null unique,
  name        text not null,
  kind        text not null check (kind in ('service', 'staff')),
  role        text not null,
  purposes    text[] not null default '{}',
  classes     text[] not null default '{}',
  collections text[] not null default '{}',
  created_by  text not null,
  created_at  timestamptz not null default now(),
  expires_at  timestamptz,
  revoked_at  timestamptz
);
create unique index keys_first_admin on access.keys (name) where name = 'administrator' and revoked_at is null;
