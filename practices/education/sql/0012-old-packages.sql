-- What a course that was replaced is made of goes, once it is the newest of no course and nobody is in it. Paths, sizes and hashes
-- stay: what somebody took can be shown to be this very file, by whoever has it.
create function education.chunk_goes() returns trigger language plpgsql as $$
begin
  if tg_op = 'UPDATE'
    or exists (
      select from (select distinct on (text_id) hash from education.versions where kind = 'package' order by text_id, seq desc) newest
      where newest.hash = old.package)
    or exists (select from education.course_runs r where r.hash = old.package and r.state = 'open' and r.ends_at > now()) then
    raise exception 'education: % on %.% is refused, this course is still taken', tg_op, tg_table_schema, tg_table_name
      using errcode = 'restrict_violation';
  end if;
  return old;
end $$;
create or replace trigger package_chunks_stay before update or delete on education.package_chunks
  for each row execute function education.chunk_goes();
create index course_runs_open on education.course_runs (ends_at) where state = 'open';
