-- Links of one mail each, by which a copy is fetched once. The address holds the id, sealed; here is what makes it work.
create table privacy.copy_links (
  link_id    uuid primary key,
  request_id uuid not null references privacy.requests,
  subject_id uuid not null,
  -- of the code that is told another way: a keyed hash
  code       bytea not null check (octet_length(code) = 32),
  tries      integer not null default 0,
  made_at    timestamptz not null default now(),
  expires_at timestamptz not null,
  used_at    timestamptz
);
create unique index copy_links_request on privacy.copy_links (request_id);
create index copy_links_old on privacy.copy_links (expires_at);
