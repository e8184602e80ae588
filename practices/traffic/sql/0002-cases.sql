-- Alerts that belong together, with who works on them and what was done.
create table traffic.cases (
  case_id   uuid primary key,
  -- about whom; alerts about the same while it is open join it
  about     text not null check (octet_length(about) <= 500),
  title     text not null,
  severity  smallint not null check (severity between 1 and 5),
  state     text not null check (state in ('open', 'working', 'closed')),
  verdict   text check (verdict in ('true-positive', 'benign', 'false-positive')),
  owner     text,
  entity    jsonb not null,
  attack    text[] not null,
  rules     text[] not null,
  alerts    bigint not null,
  customers bigint not null,
  opened_at timestamptz not null,
  last_at   timestamptz not null,
  closed_at timestamptz,
  check ((state = 'closed') = (closed_at is not null))
);
create unique index cases_open on traffic.cases (about) where state <> 'closed';
create index cases_newest on traffic.cases (last_at desc);

create table traffic.alerts (
  alert_uid  text primary key check (octet_length(alert_uid) <= 200),
  case_id    uuid not null references traffic.cases,
  rule       text not null,
  title      text not null,
  severity   smallint not null,
  key        text not null check (octet_length(key) <= 500),
  at         timestamptz not null,
  found_at   timestamptz not null,
  reason     text not null,
  measure    jsonb,
  attack     text[] not null,
  -- the events that show it, sealed under the alert's id: they stay with the case when the blocks are gone
  alert_id   uuid not null,
  evidence   bytea not null
);
create index alerts_of_case on traffic.alerts (case_id, found_at);
create index alerts_newest on traffic.alerts (found_at);
create index alerts_of_rule on traffic.alerts (rule, found_at);

-- Whom it concerns. Goes with the customer.
create table traffic.case_subjects (
  subject_id uuid not null,
  case_id    uuid not null references traffic.cases,
  primary key (subject_id, case_id)
);
create index case_subjects_case on traffic.case_subjects (case_id);

-- What people and the system did, in order.
create table traffic.case_steps (
  case_id uuid not null references traffic.cases,
  step_id uuid not null,
  at      timestamptz not null,
  by      text not null,
  kind    text not null,
  note    text not null check (octet_length(note) <= 8000),
  primary key (case_id, step_id)
);

-- What nobody wants to hear of for a while, and why.
create table traffic.suppressions (
  suppression_id uuid primary key,
  rule           text not null,
  -- null: of everybody
  about          text,
  until          timestamptz not null,
  reason         text not null check (octet_length(reason) between 1 and 2000),
  by             text not null,
  made_at        timestamptz not null,
  ended_at       timestamptz,
  hits           bigint not null default 0
);
create index suppressions_live on traffic.suppressions (rule) where ended_at is null;

-- Rules of this installation, and what became of those that are shipped.
create table traffic.rules (
  rule   text primary key,
  -- Sigma YAML of a rule of our own; null: a shipped one
  text   text,
  state  text not null check (state in ('on', 'off', 'suspended')),
  reason text not null,
  by     text not null,
  at     timestamptz not null
);

-- Sessions, keys, actors and addresses that are held back, until when and why.
create table traffic.measures (
  measure_id uuid primary key,
  kind       text not null check (kind in ('throttle', 'block-address')),
  target     text not null check (octet_length(target) <= 200),
  until      timestamptz not null,
  case_id    uuid references traffic.cases,
  reason     text not null,
  by         text not null,
  made_at    timestamptz not null,
  ended_at   timestamptz,
  ended_by   text
);
create index measures_live on traffic.measures (until) where ended_at is null;

-- What is done by itself when a rule fires; `shadow` says what it would have done.
create table traffic.playbooks (
  playbook_id uuid primary key,
  -- of one rule, or of all from a severity on
  rule        text,
  severity    smallint not null,
  action      text not null,
  seconds     integer not null,
  mode        text not null check (mode in ('shadow', 'on', 'off')),
  per_hour    integer not null check (per_hour > 0),
  by          text not null,
  at          timestamptz not null
);

-- Honey: customers and tokens that nobody has a reason to touch.
create table traffic.honey (
  honey_id   uuid primary key,
  subject_id uuid unique,
  -- of a token that was planted elsewhere: what it hashes to
  token_hash bytea unique,
  note       text not null,
  by         text not null,
  planted_at timestamptz not null,
  ended_at   timestamptz,
  check ((subject_id is null) <> (token_hash is null))
);

-- What is to be said to others: written with the case, sent after it.
create table traffic.deliveries (
  delivery_id uuid primary key,
  channel     text not null check (channel in ('webhook', 'syslog', 'action')),
  sealed      bytea not null,
  due_at      timestamptz not null,
  attempts    integer not null default 0,
  problem     text,
  made_at     timestamptz not null
);
create index deliveries_due on traffic.deliveries (due_at);
