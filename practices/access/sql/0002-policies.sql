-- Policies as versions: draft → validated → approved by another → active → retired. Documents: docs/formats/policy-document.md.
create table access.policy_versions (
  version_id   uuid primary key,
  document     text not null check (octet_length(document) <= 1048576),
  hash         bytea not null check (hash = sha256(convert_to(document, 'UTF8'))),
  state        text not null check (state in ('draft', 'validated', 'approved', 'active', 'retired')),
  -- active when this one was proposed: what its differences were shown against
  based_on     uuid references access.policy_versions,
  note         text not null,
  proposed_by  text not null,
  proposed_at  timestamptz not null,
  approved_by  text,
  approved_at  timestamptz,
  activated_by text,
  activated_at timestamptz,
  retired_at   timestamptz,
  -- the document that an installation begins with is the program's own, and has no second person
  check (approved_by is distinct from proposed_by),
  check (state in ('draft', 'validated') or approved_by is not null or proposed_by = 'system')
);
create unique index policy_versions_one_active on access.policy_versions ((true)) where state = 'active';

create function access.policy_history() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE' then
    raise exception 'access: versions of policies are kept for ever' using errcode = 'restrict_violation';
  end if;
  if (new.version_id, new.document, new.hash, new.based_on, new.note, new.proposed_by, new.proposed_at)
     is distinct from (old.version_id, old.document, old.hash, old.based_on, old.note, old.proposed_by, old.proposed_at)
     or (old.approved_by is not null and (new.approved_by, new.approved_at) is distinct from (old.approved_by, old.approved_at)) then
    raise exception 'access: what was proposed and approved does not change' using errcode = 'restrict_violation';
  end if;
  return new;
end $$;
create trigger policy_history before update or delete on access.policy_versions for each row execute function access.policy_history();

-- What holds now. Read in the statement that finds a key: a change here holds at the next request on every server.
create table access.authz (
  only_one       boolean primary key default true check (only_one),
  -- grows with every change of what anybody may
  epoch          bigint not null,
  policy_version uuid references access.policy_versions
);
insert into access.authz (epoch) values (1);
