-- What customers ask for, with clocks.
create table privacy.requests (
  request_id   uuid primary key,
  subject_id   uuid not null,
  kind         text not null check (kind in ('access', 'copy', 'correction', 'erasure', 'restriction', 'objection', 'review', 'doubt')),
  regime       text not null,
  state        text not null check (state in ('received', 'review', 'extended', 'fulfilled', 'partly', 'refused', 'withdrawn', 'duplicate')),
  -- of the subject: sealed under a key of theirs
  words        bytea,
  answer       bytea,
  entry        bigint,
  duplicate_of uuid references privacy.requests,
  received_at  timestamptz not null,
  due_at       timestamptz not null,
  extended     boolean not null default false,
  first_eyes   text,
  closed_at    timestamptz,
  check ((state in ('fulfilled', 'partly', 'refused', 'withdrawn', 'duplicate')) = (closed_at is not null))
);
create index requests_open on privacy.requests (due_at) where closed_at is null;
create index requests_subject on privacy.requests (subject_id, received_at);
create unique index requests_one_open on privacy.requests (subject_id, kind) where closed_at is null and kind <> 'doubt';

create table privacy.request_steps (
  request_id uuid not null references privacy.requests,
  seq        integer not null,
  step       text not null,
  actor      text not null,
  at         timestamptz not null,
  entry      bigint not null,
  primary key (request_id, seq)
);
create trigger request_steps_stay before update or delete on privacy.request_steps
  for each row execute function privacy.refuse();
