-- What was said in VEX of one version of a part, by each name of the weakness: it holds for what is found later, until something
-- newer is said.
create table assurance.said (
  place    text not null,
  version  text not null,
  name     text not null,
  status   text not null check (status in ('not affected', 'fixed', 'affected', 'under investigation')),
  reason   text not null,
  said_at  timestamptz not null,
  taken_at timestamptz not null,
  taken_by text not null,
  primary key (place, name, version)
);
