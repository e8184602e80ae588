create schema if not exists assurance;

create function assurance.refuse() returns trigger language plpgsql as $$
begin
  raise exception 'what was seen stays as it was seen' using errcode = 'insufficient_privilege';
end $$;

-- Made-up persons whom runs work on: keys of a runner reach these and nobody else.
create table assurance.canaries (
  subject_id uuid primary key,
  run_id     uuid not null,
  planted_at timestamptz not null default now(),
  gone_at    timestamptz
);
create index canaries_left on assurance.canaries (planted_at) where gone_at is null;

create table assurance.runs (
  run_id     uuid primary key,
  asked_by   text not null,
  tests      text[] not null,
  state      text not null check (state in ('running', 'done', 'stopped', 'refused', 'failed')),
  started_at timestamptz not null,
  ended_at   timestamptz,
  beat_at    timestamptz not null,
  version    text not null,
  -- public half of the key that the runner made, written before the first result
  runner_key text,
  signature  text,
  because    text not null default '',
  -- what the run made outside of this schema, and whoever cleans up has to end
  left_over  jsonb not null default '{}'
);
create unique index runs_one on assurance.runs ((true)) where state = 'running';
create index runs_newest on assurance.runs (started_at desc);

create table assurance.results (
  run_id      uuid not null references assurance.runs,
  test_id     text not null,
  seq         integer not null,
  at          timestamptz not null,
  verdict     text not null check (verdict in ('pass', 'fail', 'invalid')),
  prevented   text not null,
  detected    text not null,
  recorded    text not null,
  because     text not null,
  evidence    text[] not null,
  duration_ms integer not null,
  requests    integer not null,
  primary key (run_id, test_id)
);
create index results_of on assurance.results (test_id, at desc);
create trigger results_stay before update or delete on assurance.results for each row execute function assurance.refuse();

-- By the hash of its bytes; none of it is a customer's.
create table assurance.evidence (
  hash    text primary key,
  kind    text not null,
  bytes   bytea not null,
  kept_at timestamptz not null default now(),
  check (hash = encode(sha256(bytes), 'hex'))
);
create trigger evidence_stays before update or delete on assurance.evidence for each row execute function assurance.refuse();

create table assurance.findings (
  finding_id     uuid primary key,
  fingerprint    text not null unique,
  rule           text not null,
  title          text not null,
  description    text not null default '',
  severity       text not null check (severity in ('critical', 'high', 'medium', 'low', 'info')),
  cvss           text,
  state          text not null check (state in ('new', 'triaged', 'in progress', 'ready for retest', 'verified fixed', 'accepted', 'not affected', 'false positive', 'duplicate')),
  asset          text not null,
  place          text not null,
  parameter      text,
  first_seen_at  timestamptz not null,
  last_seen_at   timestamptz not null,
  due_at         timestamptz not null,
  fixed_at       timestamptz,
  owner          text,
  source         text not null,
  test_id        text,
  accepted_until timestamptz,
  reason         text,
  duplicate_of   uuid references assurance.findings,
  seen           integer not null default 1,
  reopened       integer not null default 0,
  version        integer not null default 1
);
create index findings_open on assurance.findings (due_at) where state in ('new', 'triaged', 'in progress', 'ready for retest', 'accepted');
create index findings_of_test on assurance.findings (test_id) where test_id is not null;

create table assurance.finding_events (
  finding_id uuid not null references assurance.findings,
  seq        integer not null,
  at         timestamptz not null,
  by         text not null,
  what       text not null,
  from_state text,
  to_state   text,
  note       text not null default '',
  primary key (finding_id, seq)
);
create trigger finding_events_stay before update or delete on assurance.finding_events for each row execute function assurance.refuse();

-- To live with a finding for a while takes two people and something that stands in for the fix.
create table assurance.acceptances (
  acceptance_id uuid primary key,
  finding_id    uuid not null references assurance.findings,
  until         timestamptz not null,
  control       text not null,
  reason        text not null,
  proposed_by   text not null,
  proposed_at   timestamptz not null,
  decided_by    text,
  decided_at    timestamptz,
  state         text not null check (state in ('proposed', 'approved', 'refused', 'replaced'))
);
create unique index acceptances_one on assurance.acceptances (finding_id) where state = 'proposed';

-- Attack and chaos on a system that people work with: two people, for a time.
create table assurance.arms (
  arm_id      uuid primary key,
  kinds       text[] not null,
  reason      text not null,
  until       timestamptz not null,
  proposed_by text not null,
  proposed_at timestamptz not null,
  approved_by text,
  approved_at timestamptz,
  ended_by    text,
  ended_at    timestamptz
);
create table assurance.switch (
  one    boolean primary key default true check (one),
  pulled boolean not null,
  by     text not null,
  reason text not null,
  at     timestamptz not null
);

-- Records of known weaknesses, as they were loaded.
create table assurance.feeds (
  feed      text primary key check (feed in ('osv', 'kev', 'epss')),
  loaded_at timestamptz not null,
  newest_at timestamptz,
  records   integer not null,
  sha256    text not null,
  loaded_by text not null
);
create table assurance.advisories (
  feed text not null references assurance.feeds,
  id   text not null,
  body jsonb not null,
  primary key (feed, id)
);
