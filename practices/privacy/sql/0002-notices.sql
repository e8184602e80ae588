-- Published notices, content-addressed; the newest one holds.
create table privacy.notices (
  hash         bytea primary key check (octet_length(hash) = 32),
  facts        jsonb not null,
  texts        jsonb not null,
  languages    text[] not null check (cardinality(languages) > 0),
  published_at timestamptz not null,
  published_by text not null
);
create index notices_newest on privacy.notices (published_at desc);

-- What was published and was not what is enforced any more: each is in the log once.
create table privacy.notice_drifts (
  notice  bytea not null references privacy.notices,
  facts   bytea not null,
  seen_at timestamptz not null default now(),
  primary key (notice, facts)
);
