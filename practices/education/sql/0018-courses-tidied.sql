-- What courses leave behind goes by steps, each by an index.
create index part_statements_allowed on education.part_statements (run_id) where kind = 'allowed';
create index part_documents_of_learners on education.part_documents (shelf) where run_id is null;
-- whose files are shown: until its time is over, unless another one began
create index part_sessions_shown on education.part_sessions (ends_at) where state <> 'abandoned';

-- A run that is dropped takes with it all that was in it.
create function education.run_goes() returns trigger language plpgsql as $$
begin
  delete from education.part_statements where run_id = old.run_id;
  delete from education.part_documents where run_id = old.run_id;
  delete from education.part_sessions where run_id = old.run_id;
  return null;
end $$;
create trigger course_runs_go after delete on education.course_runs for each row execute function education.run_goes();

-- As 0012 has it; and a session outlasts its run, which ends as soon as the course is passed.
create or replace function education.chunk_goes() returns trigger language plpgsql as $$
begin
  if tg_op = 'UPDATE'
    or exists (
      select from (select distinct on (text_id) hash from education.versions where kind = 'package' order by text_id, seq desc) newest
      where newest.hash = old.package)
    or exists (select from education.course_runs r where r.hash = old.package and r.state = 'open' and r.ends_at > now())
    or exists (
      select from education.part_sessions s join education.course_runs r using (run_id)
      where r.hash = old.package and s.state <> 'abandoned' and s.ends_at > now()) then
    raise exception 'education: % on %.% is refused, this course is still taken', tg_op, tg_table_schema, tg_table_name
      using errcode = 'restrict_violation';
  end if;
  return old;
end $$;
