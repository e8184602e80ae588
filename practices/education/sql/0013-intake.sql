-- What people report who give no name. No column says who it was, from where, or by which browser; words are sealed, each report's
-- under a key of its own, and go with it.
create table education.intake_links (
  link_id  uuid primary key,
  made_at  timestamptz not null,
  made_by  text not null,
  -- replaced by another one, or taken back: nothing is taken by it any more
  ended_at timestamptz
);
create unique index intake_links_one on education.intake_links ((ended_at is null)) where ended_at is null;

create table education.intake_reports (
  report_id   uuid primary key,
  -- SHA-256 of the receipt, which is kept nowhere
  receipt     bytea not null unique check (octet_length(receipt) = 32),
  link_id     uuid not null references education.intake_links,
  kind        text not null check (kind in ('lost-device', 'wrong-recipient', 'clicked', 'strange', 'other')),
  state       text not null check (state in ('received', 'looking', 'closed')),
  -- who has to say something now
  turn        text not null check (turn in ('team', 'reporter', 'nobody')),
  -- it became this one, and is closed with it
  incident_id uuid references education.incidents,
  received_at timestamptz not null,
  moved_at    timestamptz not null
);
create index intake_waiting on education.intake_reports (turn) where turn = 'team';
create index intake_received on education.intake_reports (state) where state = 'received';

create table education.intake_keys (
  report_id uuid primary key references education.intake_reports on delete cascade,
  sealed    bytea not null
);
create table education.intake_words (
  report_id uuid not null references education.intake_reports on delete cascade,
  seq       integer not null check (seq > 0),
  said_by   text not null check (said_by in ('reporter', 'team')),
  at        timestamptz not null,
  -- of the team: who wrote it
  by        text check ((by is null) = (said_by = 'reporter')),
  -- of a form that was sent twice
  once      bytea,
  sealed    bytea not null,
  primary key (report_id, seq),
  unique (report_id, once)
);

-- Quarters of an hour, of links and of bins of sources: a bin is one of 4,096, so that a row stands for a million addresses.
create table education.intake_counts (
  what text not null,
  part bigint not null,
  n    integer not null,
  primary key (what, part)
);
