create schema if not exists traffic;

-- What moved, for as long as the settings say. Events lie in blocks, sealed: a log that somebody else wrote may have a
-- customer's value in it. What is searched for stands beside the box: ids, addresses, classes, times.
create table traffic.blocks (
  -- by our own clock: what a sensor claims decides nothing about how long a block is kept
  day       date not null,
  block_id  uuid not null,
  -- with the block's id the order in which detections take them: none that commits later stands before one that was taken
  tx        xid8 not null default pg_current_xact_id(),
  sensor    text not null,
  first_at  timestamptz not null,
  last_at   timestamptz not null,
  n         integer not null check (n > 0),
  classes   integer[] not null,
  actors    text[] not null,
  addresses inet[] not null,
  sealed    bytea not null,
  primary key (day, block_id)
) partition by range (day);
create index blocks_order on traffic.blocks (tx, block_id);
create index blocks_times on traffic.blocks (last_at);
create index blocks_actors on traffic.blocks using gin (actors);
create index blocks_addresses on traffic.blocks using gin (addresses);

-- How far detections have come. Locked while one server takes blocks in, so that none is taken twice.
create table traffic.cursor (
  one      boolean primary key default true check (one),
  tx       xid8 not null,
  block_id uuid not null,
  -- of the newest event that was looked at
  at       timestamptz
);

-- Which customers somebody touched, by day and purpose: ids, and nothing of them. Goes with the customer.
create table traffic.touches (
  subject_id uuid not null,
  day        date not null,
  actor      text not null,
  purpose    text not null,
  first_at   timestamptz not null,
  last_at    timestamptz not null,
  primary key (subject_id, day, actor, purpose)
);
create index touches_actor on traffic.touches (actor, day, purpose, last_at);

-- What plots are made of: one row a minute, sensor and server; servers add to each other's.
create table traffic.minutes (
  minute   timestamptz not null,
  sensor   text not null,
  events   bigint not null,
  failed   bigint not null,
  subjects bigint not null,
  bytes    bigint not null,
  dropped  bigint not null,
  primary key (minute, sensor)
);

-- Each sensor of each server: where it goes on, and how it is.
create table traffic.sensors (
  name      text not null,
  node      text not null,
  cursor    jsonb,
  events    bigint not null default 0,
  malformed bigint not null default 0,
  dropped   bigint not null default 0,
  gaps      bigint not null default 0,
  -- null while it runs well; no customer's value
  problem   text,
  -- false after a stop that was asked for: else the next start says that there is a gap
  running   boolean not null,
  seen_at   timestamptz not null,
  primary key (name, node)
);

-- What detections have learnt, as they wrote it down.
create table traffic.baselines (
  name  text primary key,
  state jsonb not null,
  at    timestamptz not null
);

-- How many different customers in whole days, weeks and months that are over: what today is measured against.
create table traffic.rollups (
  actor   text not null,
  purpose text not null,
  win     text not null check (win in ('day', 'week', 'month', 'new')),
  -- its last day
  ends    date not null,
  n       integer not null,
  primary key (actor, purpose, win, ends)
);
create index rollups_purpose on traffic.rollups (purpose, win, ends);
-- Up to which day they are made.
create table traffic.rolled (
  one  boolean primary key default true check (one),
  ends date not null
);
