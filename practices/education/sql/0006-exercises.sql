-- Exercises that are graded from the log: who began which at which entry, for whom it is made, and what came of it.
create table education.exercise_tries (
  try_id        uuid primary key,
  person_id     uuid not null,
  exercise      text not null,
  -- of the text: what a try is pinned to
  hash          text not null,
  -- in which it was begun, and is done
  role          text not null,
  -- tells what is made up for it from what is for others at the same time
  number        smallint not null check (number between 0 and 999),
  -- entries of the log at or before this one are none of it
  started_entry bigint not null,
  began_at      timestamptz not null,
  ends_at       timestamptz not null,
  -- entries that were planted, by the names that the text gives them
  planted       jsonb not null default '[]',
  state         text not null default 'open' check (state in ('open', 'passed', 'failed', 'given-up', 'over')),
  -- the log was looked through up to here, and these entries of it are the learner's own
  read_to       bigint not null,
  own           bigint[] not null default '{}',
  -- which step is shown by which entry, and what spoilt it
  grade         jsonb,
  ended_at      timestamptz,
  -- nothing of it is left: made-up customers, requests, grants
  tidied_at     timestamptz,
  check ((state = 'open') = (ended_at is null)),
  check (state <> 'open' or grade is null)
);
-- one at a time
create unique index exercise_tries_open on education.exercise_tries (person_id) where state = 'open';
create unique index exercise_tries_number on education.exercise_tries (number) where tidied_at is null;
create index exercise_tries_of on education.exercise_tries (person_id, exercise, began_at);

-- Made-up persons, also of tries that are over: whoever meets one of them in the log sees that it is nobody.
create table education.exercise_customers (
  subject_id uuid primary key,
  try_id     uuid not null references education.exercise_tries,
  name       text not null,
  -- that was asked for in their name
  request    text
);
create index exercise_customers_of on education.exercise_customers (try_id);

create function education.end_once() returns trigger language plpgsql as $$
begin
  if (to_jsonb(old) - array['state', 'read_to', 'own', 'grade', 'ended_at', 'tidied_at'])
      is distinct from (to_jsonb(new) - array['state', 'read_to', 'own', 'grade', 'ended_at', 'tidied_at'])
    or (old.state <> 'open' and (to_jsonb(old) - 'tidied_at') is distinct from (to_jsonb(new) - 'tidied_at'))
    or new.read_to < old.read_to then
    raise exception 'education: a try at an exercise ends once, and nothing else of it changes' using errcode = 'restrict_violation';
  end if;
  return new;
end $$;
create trigger exercise_tries_once before update on education.exercise_tries for each row execute function education.end_once();
create trigger exercise_customers_stay before update or delete on education.exercise_customers for each row execute function education.refuse();
create trigger exercise_customers_whole before truncate on education.exercise_customers for each statement execute function education.refuse();
