-- Drills: an incident that is made up, played through by people who work here, and scored. What was decided and when stays. None of
-- it is an incident: those stand in education.incidents, and nothing here is ever counted among them.
-- expand-only: allow, because the next statement puts it back wider: what an older server writes, it takes
alter table education.versions drop constraint versions_kind_check;
-- expand-only: allow, because all that an older server writes is still in it
alter table education.versions add constraint versions_kind_check check (kind in ('lesson', 'quiz', 'exercise', 'policy', 'package', 'drill'));
-- expand-only: allow, because the next statement puts it back wider: what an older server writes, it takes
alter table education.requirements drop constraint requirements_kind_check;
-- expand-only: allow, because all that an older server writes is still in it
alter table education.requirements add constraint requirements_kind_check check (kind in ('course', 'policy', 'drill'));
-- expand-only: allow, because the next statement puts it back wider: what an older server writes, it takes
alter table education.assignments drop constraint assignments_kind_check;
-- expand-only: allow, because all that an older server writes is still in it
alter table education.assignments add constraint assignments_kind_check check (kind in ('course', 'policy', 'drill'));
-- expand-only: allow, because the next statement puts it back wider: what an older server writes, it takes
alter table education.revocations drop constraint revocations_kind_check;
-- expand-only: allow, because all that an older server writes is still in it
alter table education.revocations add constraint revocations_kind_check check (kind in ('course', 'policy', 'drill'));
-- expand-only: allow, because the next statement puts it back wider: what an older server writes, it takes
alter table education.exemptions drop constraint exemptions_kind_check;
-- expand-only: allow, because all that an older server writes is still in it
alter table education.exemptions add constraint exemptions_kind_check check (kind in ('course', 'policy', 'drill'));
-- expand-only: allow, because the next statement puts it back wider: what an older server writes, it takes
alter table education.extensions drop constraint extensions_kind_check;
-- expand-only: allow, because all that an older server writes is still in it
alter table education.extensions add constraint extensions_kind_check check (kind in ('course', 'policy', 'drill'));
-- expand-only: allow, because the next statement puts it back wider: what an older server writes, it takes
alter table education.reminders drop constraint reminders_kind_check;
-- expand-only: allow, because all that an older server writes is still in it
alter table education.reminders add constraint reminders_kind_check check (kind in ('course', 'policy', 'drill'));

create table education.drills (
  drill_id   uuid primary key,
  text_id    text not null,
  -- of the text: what a drill is pinned to
  hash       text not null,
  led_by     text not null,
  made_at    timestamptz not null,
  begins_at  timestamptz not null,
  -- waiting that was left out, when all that had come was decided
  skipped_ms bigint not null default 0 check (skipped_ms >= 0),
  ends_at    timestamptz not null check (ends_at >= begins_at),
  -- ids that nobody has, by the names that the text gives them
  actors     jsonb not null,
  -- entries of the log that are its breach
  planted    bigint[] not null,
  state      text not null default 'open' check (state in ('open', 'scored', 'stopped')),
  ended_at   timestamptz,
  score      jsonb,
  check ((state = 'open') = (ended_at is null)),
  check ((state = 'scored') = (score is not null))
);
create index drills_open on education.drills (ends_at) where state = 'open';
create index drills_last on education.drills (begins_at desc, drill_id desc);

create table education.drill_people (
  drill_id  uuid not null references education.drills,
  person_id uuid not null,
  joined_at timestamptz,
  -- null: it is not over, or they looked on
  verdict   text check (verdict in ('passed', 'failed')),
  primary key (drill_id, person_id)
);
create index drill_people_of on education.drill_people (person_id);

create table education.drill_events (
  drill_id uuid not null references education.drills,
  seq      integer not null check (seq > 0),
  kind     text not null check (kind in ('joined', 'decided', 'scope', 'skipped', 'note')),
  at       timestamptz not null,
  by       text not null,
  detail   jsonb not null,
  -- words, as those of incidents: they may tell of somebody
  sealed   bytea,
  primary key (drill_id, seq)
);
create trigger drill_events_stay before update or delete on education.drill_events for each row execute function education.refuse();
create trigger drill_events_whole before truncate on education.drill_events for each statement execute function education.refuse();

create function education.drill_once() returns trigger language plpgsql as $$
begin
  if old.state <> 'open' or (to_jsonb(old) - array['skipped_ms', 'ends_at', 'state', 'ended_at', 'score'])
      is distinct from (to_jsonb(new) - array['skipped_ms', 'ends_at', 'state', 'ended_at', 'score'])
    or new.skipped_ms < old.skipped_ms then
    raise exception 'education: a drill ends once, and nothing else of it changes' using errcode = 'restrict_violation';
  end if;
  return new;
end $$;
create trigger drills_once before update on education.drills for each row execute function education.drill_once();
create trigger drills_stay before delete on education.drills for each row execute function education.refuse();
create trigger drills_whole before truncate on education.drills for each statement execute function education.refuse();

create function education.drill_person_once() returns trigger language plpgsql as $$
begin
  if old.verdict is not null or (old.joined_at is not null and new.joined_at is distinct from old.joined_at)
    or (to_jsonb(old) - array['joined_at', 'verdict']) is distinct from (to_jsonb(new) - array['joined_at', 'verdict']) then
    raise exception 'education: what came of a drill for somebody is written down once' using errcode = 'restrict_violation';
  end if;
  return new;
end $$;
create trigger drill_people_once before update on education.drill_people for each row execute function education.drill_person_once();
create trigger drill_people_stay before delete on education.drill_people for each row execute function education.refuse();
create trigger drill_people_whole before truncate on education.drill_people for each statement execute function education.refuse();
