-- Review of fields: who used what for which purpose, folded from the audit log. Names and numbers only.
create table collection.field_usage (
  collection text not null,
  field      text not null,
  purpose    text not null,
  kind       text not null check (kind in ('service', 'staff')),
  day        date not null,
  clear      bigint not null default 0,
  masked     bigint not null default 0,
  records    bigint not null default 0,
  primary key (collection, field, purpose, kind, day)
);
create table collection.records_written (
  collection text not null,
  day        date not null,
  records    bigint not null,
  primary key (collection, day)
);
-- Since when uses are counted: what nobody was seen to need for ninety days was watched for ninety days.
create table collection.field_review (
  only_one   boolean primary key default true check (only_one),
  since      timestamptz not null default now(),
  last_at    timestamptz
);
insert into collection.field_review default values;

create table collection.field_proposals (
  proposal_id uuid primary key,
  collection  text not null,
  field       text not null,
  kind        text not null check (kind in ('never-read', 'one-purpose', 'over-precise', 'mostly-empty', 'always-same', 'duplicate')),
  suggests    text not null check (suggests in ('erase', 'coarsen', 'narrow')),
  evidence    jsonb not null,
  owner       text not null,
  due_at      timestamptz not null,
  state       text not null check (state in ('open', 'kept', 'applied', 'gone')),
  review_at   timestamptz,
  history     jsonb not null default '[]',
  made_at     timestamptz not null
);
create unique index field_proposals_open on collection.field_proposals (collection, field, kind) where state = 'open';
