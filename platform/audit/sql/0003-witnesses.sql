-- Checkpoints are signed first and published later, with the cosignatures that came: docs/formats/audit-storage.md §1.
alter table audit.tree alter column published drop not null;
-- What was published last with a quorum of witnesses.
alter table audit.tree add column witnessed text;

-- Sizes stand in the second line of a note. What is no note is not this trigger's matter: the verifier finds it.
create function audit.note_size(note text) returns bigint language sql immutable as $$
  select case when split_part(note, E'\n', 2) ~ '^[0-9]{1,16}$' then split_part(note, E'\n', 2)::bigint end
$$;
create function audit.only_published_forward() returns trigger language plpgsql as $$
begin
  if audit.note_size(new.published) < audit.note_size(old.published)
     or audit.note_size(new.witnessed) < audit.note_size(old.witnessed) then
    raise exception 'audit: what was published may not go back' using errcode = 'restrict_violation';
  end if;
  return new;
end $$;
create trigger published_forward before update on audit.tree for each row execute function audit.only_published_forward();
alter table audit.tree enable always trigger published_forward;

-- Which server asks the witnesses: one at a time, until its time is over.
create table audit.publisher (
  only_one boolean primary key default true check (only_one),
  holder text not null,
  until timestamptz not null
);

-- How it went with each witness. Nothing here is believed: cosignatures are in the notes.
create table audit.witnesses (
  url text primary key,
  size bigint not null default 0 check (size >= 0),
  cosigned_at timestamptz,
  failures int not null default 0 check (failures >= 0),
  failed_at timestamptz,
  problem text
);
revoke all on audit.publisher, audit.witnesses from public;
