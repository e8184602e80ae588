-- Scanners of other people, run against this very system: one at a time.
create table assurance.scans (
  scan_id    uuid primary key,
  scanner    text not null,
  state      text not null check (state in ('running', 'done', 'invalid')),
  because    text not null default '',
  asked_by   text not null,
  started_at timestamptz not null,
  ended_at   timestamptz,
  report_id  uuid references assurance.reports,
  findings   integer not null default 0,
  opened     integer not null default 0
);
create unique index scans_one on assurance.scans ((true)) where state = 'running';
create index scans_newest on assurance.scans (scanner, started_at desc);
