-- Education. What was published, who must do what since when, and what they did. How somebody stands follows from these rows
-- and the time, and is written nowhere.
create schema if not exists education;

create function education.refuse() returns trigger language plpgsql as $$
begin
  raise exception 'education: % on %.% is refused, evidence stays as it is', tg_op, tg_table_schema, tg_table_name
    using errcode = 'restrict_violation';
end $$;

-- Texts as they were published: the newest of a text holds.
create table education.versions (
  kind         text not null check (kind in ('lesson', 'quiz', 'exercise', 'policy')),
  text_id      text not null,
  seq          integer not null check (seq > 0),
  hash         text not null,
  locale       text not null,
  material     boolean not null,
  source       text not null,
  published_by text not null,
  published_at timestamptz not null,
  primary key (kind, text_id, seq)
);

-- What roles ask for, since this installation first saw it.
create table education.requirements (
  role     text not null,
  kind     text not null check (kind in ('course', 'policy')),
  text_id  text not null,
  since    timestamptz not null,
  primary key (role, kind, text_id)
);

-- Who has to do what. `role` is empty where a person assigned it.
create table education.assignments (
  person_id   uuid not null,
  role        text not null,
  kind        text not null check (kind in ('course', 'policy')),
  text_id     text not null,
  -- had: the person had the role before it asked for this
  came        text not null check (came in ('had', 'new')),
  assigned_at timestamptz not null,
  assigned_by text not null,
  primary key (person_id, role, kind, text_id)
);

-- Tries at a quiz: what is asked follows from seed and seen. Graded once.
create table education.sittings (
  sitting_id  uuid primary key,
  person_id   uuid not null,
  course      text not null,
  lesson_hash text not null,
  quiz        text not null,
  quiz_hash   text not null,
  seed        text not null,
  seen        text[] not null,
  asked       text[] not null,
  began_at    timestamptz not null,
  ends_at     timestamptz not null,
  verdict     text not null default 'open' check (verdict in ('open', 'passed', 'failed')),
  graded_at   timestamptz,
  -- which questions were answered rightly; never what was answered
  answered    boolean[],
  check ((verdict = 'open') = (graded_at is null)),
  check ((verdict = 'open') = (answered is null))
);
create index sittings_of on education.sittings (person_id, quiz, began_at);

create function education.grade_once() returns trigger language plpgsql as $$
begin
  if old.verdict <> 'open' or (to_jsonb(old) - array['verdict', 'graded_at', 'answered'])
      is distinct from (to_jsonb(new) - array['verdict', 'graded_at', 'answered']) then
    raise exception 'education: a sitting is graded once, and nothing else of it changes' using errcode = 'restrict_violation';
  end if;
  return new;
end $$;
create trigger sittings_once before update on education.sittings for each row execute function education.grade_once();

-- Its row is held while somebody begins a try: two that begin at once are one after the other.
create table education.desks (
  person_id uuid not null,
  quiz      text not null,
  primary key (person_id, quiz)
);

-- Courses that were passed.
create table education.passes (
  pass_id     uuid primary key,
  person_id   uuid not null,
  course      text not null,
  lesson_hash text not null,
  sitting_id  uuid not null unique,
  passed_at   timestamptz not null
);
create index passes_of on education.passes (person_id, course);

-- What was signed: which text, in which language, and the entry of the log that proves it.
create table education.acknowledgements (
  ack_id      uuid primary key,
  person_id   uuid not null,
  policy      text not null,
  seq         integer not null,
  hash        text not null,
  locale      text not null,
  session_id  text not null,
  entry       bigint not null,
  signed_at   timestamptz not null
);
create index acknowledgements_of on education.acknowledgements (person_id, policy);

create table education.revocations (
  revocation_id uuid primary key,
  person_id     uuid not null,
  kind          text not null check (kind in ('course', 'policy')),
  text_id       text not null,
  because       text not null,
  revoked_by    text not null,
  revoked_at    timestamptz not null
);
create index revocations_of on education.revocations (person_id);

-- Exemptions are asked for by one person, and hold once another has approved them.
create table education.exemptions (
  exemption_id uuid primary key,
  person_id    uuid not null,
  kind         text not null check (kind in ('course', 'policy')),
  text_id      text not null,
  until        timestamptz not null,
  because      text not null,
  asked_by     text not null,
  asked_at     timestamptz not null,
  approved_by  text,
  approved_at  timestamptz,
  ended_at     timestamptz,
  check (until > asked_at),
  check ((approved_by is null) = (approved_at is null)),
  check (approved_by <> asked_by)
);
create index exemptions_of on education.exemptions (person_id);

-- Leave: clocks stand still. The end may be told later.
create table education.absences (
  absence_id uuid primary key,
  person_id  uuid not null,
  from_at    timestamptz not null,
  until_at   timestamptz,
  told_by    text not null,
  told_at    timestamptz not null,
  check (until_at is null or until_at > from_at)
);
create index absences_of on education.absences (person_id);

-- Grace that was given once more, for this very end.
create table education.extensions (
  person_id   uuid not null,
  kind        text not null check (kind in ('course', 'policy')),
  text_id     text not null,
  due_at      timestamptz not null,
  extended_at timestamptz not null,
  primary key (person_id, kind, text_id, due_at)
);

create table education.reminders (
  person_id uuid not null,
  kind      text not null check (kind in ('course', 'policy')),
  text_id   text not null,
  due_at    timestamptz not null,
  days      integer not null,
  sent_at   timestamptz not null,
  primary key (person_id, kind, text_id, due_at, days)
);

-- When each loop ran last, by its own clock.
create table education.runs (
  name   text primary key,
  ran_at timestamptz not null
);

-- What changed how somebody stands: servers forget what they remember of the person. Null: of everybody. The row of the
-- head puts changes into one order.
create table education.change_head (
  one boolean primary key default true check (one),
  n    bigint not null
);
insert into education.change_head (n) values (0);
create table education.changes (
  n         bigint primary key,
  person_id uuid,
  at        timestamptz not null default now()
);

create trigger versions_stay before update or delete on education.versions for each row execute function education.refuse();
create trigger passes_stay before update or delete on education.passes for each row execute function education.refuse();
create trigger acknowledgements_stay before update or delete on education.acknowledgements for each row execute function education.refuse();
create trigger revocations_stay before update or delete on education.revocations for each row execute function education.refuse();
create trigger extensions_stay before update or delete on education.extensions for each row execute function education.refuse();
create trigger versions_whole before truncate on education.versions for each statement execute function education.refuse();
create trigger passes_whole before truncate on education.passes for each statement execute function education.refuse();
create trigger acknowledgements_whole before truncate on education.acknowledgements for each statement execute function education.refuse();
create trigger revocations_whole before truncate on education.revocations for each statement execute function education.refuse();
