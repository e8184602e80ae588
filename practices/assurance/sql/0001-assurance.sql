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
  -- of the entries that name the key, and that end it
  key_index  bigint,
  end_index  bigint,
  because    text not null default '',
  -- what the run made outside of this schema, and whoever cleans up has to end
  left_over  jsonb not null default '{}',
  -- which run came after which: a clock that was set back does not make an old result the newest
  ord        bigint not null unique,
  -- by another server than the one that runs it
  stop_asked text
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
  -- of the part that was affected, where it has one
  part_version   text,
  -- known to be used by attackers (KEV)
  exploited      boolean not null default false,
  -- a person said how bad it is: no tool makes it less
  judged         boolean not null default false,
  first_seen_at  timestamptz not null,
  last_seen_at   timestamptz not null,
  due_at         timestamptz not null,
  fixed_at       timestamptz,
  owner          text,
  source         text not null,
  test_id        text,
  accepted_until timestamptz,
  reason         text,
  -- the version that is said not to be affected: of another one nothing is said
  anchor         text,
  -- when people were told that it is overdue
  told_at        timestamptz,
  duplicate_of   uuid references assurance.findings,
  seen           integer not null default 1,
  reopened       integer not null default 0,
  version        integer not null default 1
);
create index findings_open on assurance.findings (due_at) where state in ('new', 'triaged', 'in progress', 'ready for retest', 'accepted');
create index findings_of_test on assurance.findings (test_id) where test_id is not null;
create index findings_of_tool on assurance.findings (source, asset);
create index findings_listed on assurance.findings (due_at, finding_id);

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
  -- what was accepted: one that is worse by now was not
  severity      text not null,
  proposed_by   text not null,
  proposed_at   timestamptz not null,
  decided_by    text,
  decided_at    timestamptz,
  state         text not null check (state in ('proposed', 'approved', 'refused', 'replaced'))
);
create unique index acceptances_one on assurance.acceptances (finding_id) where state = 'proposed';

-- Reports of other tools, as they came; what they hold besides findings is not kept.
create table assurance.reports (
  report_id uuid primary key,
  sha256    text not null,
  source    text not null,
  assets    text[] not null,
  loaded_at timestamptz not null,
  loaded_by text not null,
  findings  integer not null,
  opened    integer not null,
  reopened  integer not null,
  retest    integer not null
);
create index reports_newest on assurance.reports (loaded_at desc);

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
  feed  text not null references assurance.feeds,
  id    text not null,
  -- what is affected, as `npm semver`
  parts text[] not null default '{}',
  body  jsonb not null,
  primary key (feed, id)
);
create index advisories_about on assurance.advisories using gin (parts);
