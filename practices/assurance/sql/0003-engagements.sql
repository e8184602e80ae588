-- Tests by people from outside: what they may do, from where, until when; two people let them.
create table assurance.engagements (
  engagement_id uuid primary key,
  title         text not null,
  tester        text not null,
  scope         text not null,
  rules         text not null,
  -- addresses and networks that the testers come from
  sources       text[] not null,
  starts_at     timestamptz not null,
  until         timestamptz not null,
  proposed_by   text not null,
  proposed_at   timestamptz not null,
  approved_by   text,
  approved_at   timestamptz,
  ended_by      text,
  ended_at      timestamptz,
  -- keys of the testers, by their public ids
  keys          text[] not null default '{}',
  -- its keys and its persons are gone
  cleared_at    timestamptz
);
create index engagements_newest on assurance.engagements (proposed_at desc);
create index engagements_left on assurance.engagements (until) where cleared_at is null;

create table assurance.engagement_findings (
  engagement_id uuid not null references assurance.engagements,
  finding_id    uuid not null references assurance.findings,
  primary key (engagement_id, finding_id)
);
create table assurance.engagement_cases (
  engagement_id uuid not null references assurance.engagements,
  case_id       text not null,
  primary key (engagement_id, case_id)
);
