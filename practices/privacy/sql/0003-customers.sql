-- Customers who sign in to the center by a code from a mail.
create table privacy.sign_ins (
  attempt    bytea primary key check (octet_length(attempt) = 32),
  -- the address as it was typed, sealed under a key of the installation, until the code is on its way
  address    bytea,
  language   text not null,
  -- null: nobody, or more than one, is known by the address
  subject_id uuid,
  code       bytea check (octet_length(code) = 32),
  tries      integer not null default 0,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null
);
create index sign_ins_waiting on privacy.sign_ins (created_at) where address is not null;
create index sign_ins_old on privacy.sign_ins (expires_at);

create table privacy.sessions (
  hash       bytea primary key check (octet_length(hash) = 32),
  subject_id uuid not null,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null
);
create index sessions_subject on privacy.sessions (subject_id);

-- How often something was asked for in a quarter of an hour; what is a keyed hash.
create table privacy.counts (
  what   bytea not null check (octet_length(what) = 32),
  part   bigint not null,
  n      integer not null,
  primary key (what, part)
);

-- Which entries of the log are about whom, folded out of the log; by the log's own pseudonyms.
create table privacy.seen (
  pseudonym uuid not null,
  entry     bigint not null,
  primary key (pseudonym, entry)
);
-- Reads of more subjects than an entry names: written before the data leaves.
create table privacy.batches (
  entry      bigint primary key,
  pseudonyms uuid[] not null
);
create index batches_who on privacy.batches using gin (pseudonyms);
create table privacy.cursors (
  what text primary key,
  next bigint not null
);
insert into privacy.cursors (what, next) values ('seen', 0);
