-- Change segments: what was committed since the snapshot, read from PostgreSQL's log by a slot.
alter table backups.runs drop constraint runs_plane_check;
alter table backups.runs add constraint runs_plane_check check (plane in ('data', 'key', 'segment'));

-- The slot that is read now. A new one is a new time line: nothing joins segments of the one before.
create table backups.slot (
  one        boolean primary key default true check (one),
  timeline   uuid not null,
  name       text not null,
  made_at    timestamptz not null default now(),
  -- who runs when it is made must have ended before a snapshot may join: its end may be in neither of the two
  after_xid  bigint not null,
  ready_at   timestamptz,
  -- the log is read up to here
  read_lsn   pg_lsn not null,
  read_at    timestamptz not null default now(),
  -- why the one before was given up
  because    text
);

create table backups.segments (
  run_id       uuid primary key references backups.runs,
  timeline     uuid not null,
  seq          bigint not null,
  from_lsn     pg_lsn not null,
  to_lsn       pg_lsn not null,
  -- the newest transaction in it, or before it on this time line
  newest_xid   bigint not null,
  first_at     timestamptz not null,
  last_at      timestamptz not null,
  transactions integer not null,
  changes      bigint not null
);
create index segments_line on backups.segments (timeline, seq);
create index runs_segments on backups.runs (seq desc) where plane = 'segment';

-- Of a backup: the segments that go on from its snapshot, and the first of them.
alter table backups.runs add column timeline uuid;
alter table backups.runs add column segments_from bigint;
