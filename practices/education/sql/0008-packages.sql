-- Courses made elsewhere (SCORM): their files as they came, who took them, and what the course itself said of it.
-- expand-only: allow, because the next statement puts it back wider: what an older server writes, it takes
alter table education.versions drop constraint versions_kind_check;
-- expand-only: allow, because all that an older server writes is still in it
alter table education.versions add constraint versions_kind_check check (kind in ('lesson', 'quiz', 'exercise', 'policy', 'package'));

-- client: the course said so by itself, in the browser of who took it. sitting_id is its run then.
alter table education.passes add column evidence text not null default 'graded' check (evidence in ('graded', 'client'));

-- package: the hash of all paths and contents.
create table education.package_files (
  package text not null,
  path    text not null,
  sha256  text not null,
  size    bigint not null check (size >= 0),
  primary key (package, path)
);
create table education.package_chunks (
  package text not null,
  path    text not null,
  n       integer not null,
  bytes   bytea not null,
  primary key (package, path, n),
  foreign key (package, path) references education.package_files
);
-- what is in it is compressed mostly, and is read by pieces
alter table education.package_chunks alter column bytes set storage external;

-- Whether passing a course that grades itself is enough for a role: as somebody of the training team has said.
create table education.counting (
  course  text primary key,
  counts  boolean not null,
  said_by text not null,
  said_at timestamptz not null
);

create table education.course_runs (
  run_id     uuid primary key,
  person_id  uuid not null,
  course     text not null,
  hash       text not null,
  -- what opens its files: SHA-256 of the token in their addresses
  token      text not null unique,
  -- the console that shows it, and no other page
  console    text not null,
  began_at   timestamptz not null,
  ends_at    timestamptz not null,
  state      text not null default 'open' check (state in ('open', 'passed', 'failed')),
  ended_at   timestamptz,
  -- where the course is to go on, in its own words
  saved      text,
  check ((state = 'open') = (ended_at is null))
);
create index course_runs_of on education.course_runs (person_id, course, began_at);

create function education.run_once() returns trigger language plpgsql as $$
begin
  if old.state <> 'open' or (to_jsonb(old) - array['token', 'console', 'ends_at', 'state', 'ended_at', 'saved'])
      is distinct from (to_jsonb(new) - array['token', 'console', 'ends_at', 'state', 'ended_at', 'saved']) then
    raise exception 'education: a run ends once, and nothing else of it changes' using errcode = 'restrict_violation';
  end if;
  return new;
end $$;
create trigger course_runs_once before update on education.course_runs for each row execute function education.run_once();
create trigger package_files_stay before update or delete on education.package_files for each row execute function education.refuse();
create trigger package_chunks_stay before update or delete on education.package_chunks for each row execute function education.refuse();
create trigger package_files_whole before truncate on education.package_files for each statement execute function education.refuse();
create trigger package_chunks_whole before truncate on education.package_chunks for each statement execute function education.refuse();
