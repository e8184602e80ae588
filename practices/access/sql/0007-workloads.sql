-- Programs that prove who they are by a short-lived token of an issuer that was trusted for them (RFC 7519), in place of a key.
create table access.workloads (
  workload_id uuid primary key,
  name        text not null check (length(name) between 1 and 100),
  issuer      text not null,
  -- exactly: no patterns, so nobody gets in by a name that only looks alike
  subject     text not null,
  audience    text not null,
  -- RFC 7517: the issuer's keys, or where they are published
  jwks        jsonb,
  jwks_url    text,
  role        text not null,
  purposes    text[] not null default '{}',
  classes     text[] not null default '{}',
  collections text[] not null default '{}',
  created_by  text not null,
  person_id   uuid references access.people,
  created_at  timestamptz not null default now(),
  revoked_at  timestamptz,
  check ((jwks is null) <> (jwks_url is null))
);
create unique index workloads_by_subject on access.workloads (issuer, subject) where revoked_at is null;

-- From where a key may be used; empty: from anywhere. Last use is written down once a minute.
alter table access.keys add column networks text[] not null default '{}';
alter table access.keys add column used_at timestamptz;
