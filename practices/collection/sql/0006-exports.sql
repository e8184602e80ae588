-- Exports for analysis: what may leave, how, for whom; what left; what was counted, and what is left of each budget.
create table collection.export_profiles (
  profile_id   uuid primary key,
  name         text not null,
  kind         text not null check (kind in ('records', 'counts')),
  recipient    text not null,
  purpose      text not null,
  -- not jsonb: the order of its fields is the order of the columns
  profile      json not null,
  hash         text not null,
  state        text not null check (state in ('proposed', 'approved', 'retired')),
  proposed_by  text not null,
  proposed_who text not null,
  proposed_at  timestamptz not null,
  approved_by  text,
  approved_at  timestamptz
);
create unique index export_profiles_name on collection.export_profiles (name, state) where state <> 'retired';
-- one budget for one recipient and purpose
create unique index export_profiles_budget on collection.export_profiles (recipient, purpose) where state = 'approved' and kind = 'counts';

-- One run of a profile: numbers only.
create table collection.export_runs (
  run_id       uuid primary key,
  profile_id   uuid not null,
  requested_by text not null,
  state        text not null check (state in ('preparing', 'sending', 'sent', 'cut', 'refused')),
  report       jsonb not null default '{}',
  refused      text,
  begun_at     timestamptz not null,
  finished_at  timestamptz
);
create index export_runs_newest on collection.export_runs (begun_at desc);

-- What a recipient has spent for a purpose, in thousandths of ε. It only ever grows.
create table collection.count_budgets (
  recipient   text not null,
  purpose     text not null,
  spent_milli bigint not null default 0 check (spent_milli >= 0),
  primary key (recipient, purpose)
);
-- Answers as they were given: the same question gets the same one again. Counts with noise, of nobody.
create table collection.count_answers (
  answer_id     uuid primary key,
  recipient     text not null,
  purpose       text not null,
  query_hash    text not null,
  query         jsonb not null,
  epsilon_milli integer not null check (epsilon_milli > 0),
  cells         jsonb not null,
  spent_milli   bigint not null,
  asked_by      text not null,
  at            timestamptz not null,
  unique (recipient, purpose, query_hash)
);
