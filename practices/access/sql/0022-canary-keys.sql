-- A key of the assurance runner: it reaches made-up persons alone, whatever its role may.
-- So does a member of staff who was made up for it; they are nobody who could sign in, and count as nobody.
alter table access.people add column canaries_only boolean not null default false;
alter table access.keys add column canaries_only boolean not null default false;
