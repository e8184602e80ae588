-- A restore that is tried by the schedule: one at a time, on whatever server. What it proved is in drills.
create table backups.drill_runs (
  drill_id    uuid primary key,
  state       text not null check (state in ('running', 'passed', 'failed')),
  step        text not null,
  backup_seq  bigint,
  started_by  text not null,
  started_at  timestamptz not null default now(),
  beat_at     timestamptz not null default now(),
  finished_at timestamptz,
  because     text
);
create unique index drill_runs_one_running on backups.drill_runs ((true)) where state = 'running';
create index drill_runs_newest on backups.drill_runs (started_at desc);

-- Persons who do not exist, until they are shredded: also those that a server which was killed, or a backup, left behind.
create table backups.canaries (
  subject_id  uuid primary key,
  drill_id    uuid not null,
  planted_at  timestamptz not null default now(),
  shredded_at timestamptz
);
create index canaries_living on backups.canaries (planted_at) where shredded_at is null;
