-- The catalogue as versions: proposed → approved by another → active → retired. Documents: docs/formats/catalog.md.
create schema if not exists collection;

create table collection.catalog_versions (
  version_id    uuid primary key,
  -- the text of catalog.yaml
  document      text not null check (char_length(document) <= 4194304),
  document_hash bytea not null check (document_hash = sha256(convert_to(document, 'UTF8'))),
  -- of the canonical form: what the document means (docs/formats/catalog.md §6)
  hash          bytea not null check (octet_length(hash) = 32),
  state         text not null check (state in ('proposed', 'approved', 'active', 'retired')),
  -- active when this one was proposed: what its differences were shown against
  based_on      uuid references collection.catalog_versions,
  note          text not null,
  proposed_by   text not null,
  proposed_at   timestamptz not null,
  approved_by   text,
  approved_at   timestamptz,
  activated_by  text,
  activated_at  timestamptz,
  retired_at    timestamptz,
  check (approved_by is distinct from proposed_by),
  -- what an installation begins with, before it holds anything, is the file that lies there
  check (state = 'proposed' or approved_by is not null or proposed_by = 'system')
);
create unique index catalog_versions_one_active on collection.catalog_versions ((true)) where state = 'active';

create function collection.catalog_history() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE' then
    raise exception 'collection: versions of the catalogue are kept for ever' using errcode = 'restrict_violation';
  end if;
  if (new.version_id, new.document, new.document_hash, new.hash, new.based_on, new.note, new.proposed_by, new.proposed_at)
     is distinct from (old.version_id, old.document, old.document_hash, old.hash, old.based_on, old.note, old.proposed_by, old.proposed_at)
     or (old.approved_by is not null and (new.approved_by, new.approved_at) is distinct from (old.approved_by, old.approved_at)) then
    raise exception 'collection: what was proposed and approved does not change' using errcode = 'restrict_violation';
  end if;
  return new;
end $$;
create trigger catalog_history before update or delete on collection.catalog_versions
  for each row execute function collection.catalog_history();

-- What holds now. Read before every request, and held by every transaction that stores values.
create table collection.head (
  only_one        boolean primary key default true check (only_one),
  -- grows with every version that becomes active: of two that are read, the greater is the newer
  epoch           bigint not null,
  catalog_version uuid references collection.catalog_versions
);
insert into collection.head (epoch) values (0);

-- What the gate found, by day: names of fields and kinds of findings, never a value.
create table collection.gate_counts (
  day        date not null,
  collection text not null,
  -- '-' for a field that is not declared: its name came from outside
  field      text not null,
  finding    text not null,
  mode       text not null check (mode in ('observe', 'warn', 'enforce')),
  -- what came of it; in observe and warn, `would` says what enforce had done
  outcome    text not null check (outcome in ('passed', 'coarsened', 'masked', 'refused', 'quarantined')),
  would      text not null check (would in ('pass', 'coarsen', 'mask', 'refuse', 'quarantine')),
  times      bigint not null check (times > 0),
  primary key (day, collection, field, finding, mode, outcome, would)
);
