-- What people are told: by the log, entry after entry, and by the calendar. Ids, roles, purposes, numbers: nothing of a customer.
create table access.notices (
  notice_id uuid primary key,
  person_id uuid not null references access.people,
  kind      text not null,
  -- what is told again under the same topic is the same notice, and counted
  topic     text not null check (octet_length(topic) <= 500),
  about     jsonb not null,
  urgent    boolean not null,
  n         bigint not null check (n > 0),
  customers bigint not null,
  first_at  timestamptz not null,
  last_at   timestamptz not null,
  read_at   timestamptz,
  -- queued in the outbox, or not to be
  mailed_at timestamptz,
  unique (person_id, topic)
);
create index notices_newest on access.notices (person_id, last_at desc);
create index notices_unmailed on access.notices (person_id) where mailed_at is null and read_at is null;
-- How far the log was told of. Locked while it works, so that of two servers one tells of an entry.
create table access.notice_cursor (
  only_one boolean primary key default true check (only_one),
  next     bigint not null
);
