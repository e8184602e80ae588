-- Phishing exercises. Who gets one works here: the foreign key has no other people. No address, no IP, no user agent, and
-- nothing that somebody typed has a column.
create table education.campaigns (
  campaign_id uuid primary key,
  name        text not null check (length(name) between 1 and 100),
  template    text not null,
  -- the whole text as it was sent: its cues are told afterwards
  source      text not null,
  level       text not null check (level in ('least', 'moderate', 'very')),
  -- groups: nothing is kept of one person. Counts of fewer than ten people are shown in neither
  mode        text not null check (mode in ('people', 'groups')),
  state       text not null default 'running' check (state in ('running', 'stopped', 'counted')),
  from_at     timestamptz not null,
  until_at    timestamptz not null check (until_at > from_at),
  made_by     text not null,
  made_at     timestamptz not null,
  stopped_by  text,
  stopped_at  timestamptz,
  -- in groups: a day after its end nothing ties a link to a mail any more
  untied      boolean not null default false,
  -- what is left when the rows below went
  counts      jsonb,
  check ((state = 'counted') = (counts is not null)),
  check ((stopped_at is null) = (stopped_by is null) and (stopped_at is null) <= (state <> 'stopped'))
);

create table education.phish_targets (
  campaign_id uuid not null references education.campaigns,
  person_id   uuid not null references access.people,
  -- the role that brought them in; empty for who was named, and in groups for roles of fewer than ten together
  role        text not null,
  zone        text not null,
  due_at      timestamptz not null,
  state       text not null default 'planned' check (state in ('planned', 'queued', 'sent', 'lost', 'stopped')),
  mail_id     text,
  primary key (campaign_id, person_id),
  check (state <> 'queued' or mail_id is not null)
);
create index phish_targets_due on education.phish_targets (due_at) where state in ('planned', 'queued');
create index phish_targets_of on education.phish_targets (person_id, due_at);

-- 128 random bits are in the link; here is their SHA-256.
create table education.phish_tokens (
  token_hash  bytea primary key check (octet_length(token_hash) = 32),
  campaign_id uuid not null references education.campaigns,
  -- null in groups
  person_id   uuid references access.people,
  -- null once a group is untied
  mail_id     text,
  role        text not null,
  -- both to the day once a group is untied
  queued_at   timestamptz not null,
  -- when the mail server took it; null while that is not known, and in groups
  sent_at     timestamptz
);
create index phish_tokens_of on education.phish_tokens (campaign_id);
create index phish_tokens_mail on education.phish_tokens (mail_id);

-- What the page's script said of one visit, for an hour: what it means is written below.
create table education.phish_visits (
  token_hash bytea not null references education.phish_tokens on delete cascade,
  visit      text not null check (length(visit) = 22),
  deed       text not null check (deed in ('script', 'visible', 'pointer', 'key', 'submit')),
  fields     text[] not null check (fields <@ array['name', 'email', 'password', 'code', 'phone']),
  ms         integer not null check (ms >= 0),
  at         timestamptz not null,
  primary key (token_hash, visit, deed)
);

-- The first of its kind, to the hour.
create table education.phish_events (
  token_hash bytea not null references education.phish_tokens on delete cascade,
  kind       text not null check (kind in ('fetch', 'click', 'submit', 'report')),
  class      text not null check (class in ('human', 'robot', 'unknown')),
  hour       timestamptz not null check (hour = date_trunc('hour', hour, 'UTC')),
  -- of a report: since the mail was taken
  minutes    integer check ((minutes is not null) <= (kind = 'report')),
  primary key (token_hash, kind, class)
);

-- Minutes of reports of an untied group, to five: no link stands beside them.
create table education.phish_minutes (
  campaign_id uuid not null references education.campaigns,
  minutes     integer not null check (minutes % 5 = 0)
);
create index phish_minutes_of on education.phish_minutes (campaign_id);

-- What counts for one person's tier and history, to the hour: longer than the rows above, and never in groups.
create table education.phish_marks (
  person_id   uuid not null references access.people,
  campaign_id uuid not null references education.campaigns,
  kind        text not null check (kind in ('click', 'submit', 'report')),
  hour        timestamptz not null,
  primary key (person_id, campaign_id, kind)
);

-- Mails that people reported and that were no exercise, those that are one together.
create table education.phish_clusters (
  cluster_id uuid primary key,
  verdict    text not null default 'open' check (verdict in ('open', 'phish', 'harmless')),
  first_at   timestamptz not null,
  last_at    timestamptz not null,
  -- what the security team reads of the first of them, sealed
  sealed     bytea,
  decided_by text,
  decided_at timestamptz,
  check ((verdict = 'open') = (decided_by is null))
);
create index phish_clusters_last on education.phish_clusters (last_at desc);
create table education.phish_cluster_keys (
  key        bytea not null check (octet_length(key) = 32),
  cluster_id uuid not null references education.phish_clusters on delete cascade,
  -- one that was found harmless shares keys with later ones that are not it
  primary key (key, cluster_id)
);
create index phish_cluster_keys_of on education.phish_cluster_keys (cluster_id);
create table education.phish_reports (
  report_id   uuid primary key,
  cluster_id  uuid not null references education.phish_clusters on delete cascade,
  reporter    uuid references access.people,
  channel     text not null check (channel in ('button', 'add-in', 'mail')),
  reported_at timestamptz not null
);
create index phish_reports_of on education.phish_reports (cluster_id);
