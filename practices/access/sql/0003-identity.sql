-- People who sign in, what they prove themselves with, and their sessions. Every time in here is the database's own.
create table access.people (
  person_id    uuid primary key,
  -- lower case; what a person signs in with, never in the log
  email        text not null unique check (email = lower(email) and length(email) <= 254),
  name         text not null check (length(name) between 1 and 100),
  roles        text[] not null check (cardinality(roles) between 1 and 20),
  state        text not null check (state in ('invited', 'active', 'disabled')),
  -- grows with every change of what this person is or may; sessions of an earlier epoch are over
  epoch        bigint not null default 1,
  -- Argon2id in PHC format, peppered with a key that is not in this database
  password     text,
  -- long enough to stand alone, without a second factor (SP 800-63B-4, 3.1.1.2)
  stands_alone boolean not null default false,
  created_by   text not null,
  created_at   timestamptz not null default now(),
  check (state <> 'invited' or password is null)
);

-- One-time links: for the first administrator (no person yet), for whoever was invited, for whoever lost all factors.
create table access.links (
  hash       bytea primary key,
  person_id  uuid references access.people,
  created_by text not null,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  used_at    timestamptz
);

-- RFC 6238. `last_step` is the newest step a code was taken of: each code opens one session, once.
create table access.totp (
  person_id    uuid primary key references access.people,
  secret       bytea not null,
  confirmed_at timestamptz,
  last_step    bigint not null default 0
);

create table access.recovery_codes (
  person_id uuid not null references access.people,
  hash      bytea not null,
  used_at   timestamptz,
  primary key (person_id, hash)
);

create table access.sessions (
  session_id         uuid primary key,
  hash               bytea not null unique,
  person_id          uuid not null references access.people,
  epoch              bigint not null,
  -- the one role that is active: two roles of a person never meet in one session
  role               text not null,
  aal                smallint not null check (aal between 1 and 3),
  amr                text[] not null,
  auth_time          timestamptz not null,
  mfa_at             timestamptz,
  phishing_resistant boolean not null,
  device             text not null,
  zone               text not null,
  created_at         timestamptz not null,
  seen_at            timestamptz not null,
  expires_at         timestamptz not null,
  ended_at           timestamptz
);
create index sessions_by_person on access.sessions (person_id) where ended_at is null;

-- Failed sign-ins by account and by address, both as a keyed hash: unknown accounts are slowed down like known ones.
create table access.sign_in_failures (
  what      bytea primary key,
  failures  integer not null,
  failed_at timestamptz not null,
  opens_at  timestamptz not null
);

-- Who stands behind a key: the person who made it, or who made the key that made it.
alter table access.keys add column person_id uuid references access.people;
