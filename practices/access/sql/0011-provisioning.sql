-- People and groups that an identity provider keeps by SCIM 2.0 (RFC 7643, RFC 7644).

-- Who is provisioned may have no role yet; nobody begins a session without one.
alter table access.people drop constraint people_roles_check;
alter table access.people
  -- those of `roles` that groups give: they end with the membership
  add column group_roles    text[] not null default '{}',
  -- what groups would give, were it not for duties that are kept apart
  add column withheld_roles text[] not null default '{}',
  -- what a review took: no group gives it back
  add column refused_roles  text[] not null default '{}',
  add constraint people_roles_check check (cardinality(roles) <= 20),
  add constraint people_group_roles_check check (group_roles <@ roles);

-- Made by the provider, or linked by an administrator. Nobody else's row is touched by SCIM.
create table access.provisioned (
  person_id    uuid primary key references access.people,
  user_name    text not null check (length(user_name) between 1 and 254),
  external_id  text check (length(external_id) between 1 and 254),
  given_name   text check (length(given_name) between 1 and 100),
  family_name  text check (length(family_name) between 1 and 100),
  formatted    text check (length(formatted) between 1 and 100),
  display_name text check (length(display_name) between 1 and 100),
  -- what the provider says
  active       boolean not null,
  -- disabled by an administrator: the provider does not undo that
  held         boolean not null default false,
  created_by   text not null,
  created_at   timestamptz not null default now(),
  changed_at   timestamptz not null default now(),
  -- gone for the provider; the person, disabled, stays
  deleted_at   timestamptz,
  check (deleted_at is null or not active)
);
create unique index provisioned_by_user_name on access.provisioned (lower(user_name)) where deleted_at is null;
create index provisioned_by_external_id on access.provisioned (external_id);

create table access.groups (
  group_id     uuid primary key,
  display_name text not null check (length(display_name) between 1 and 254),
  external_id  text check (length(external_id) between 1 and 254),
  created_by   text not null,
  created_at   timestamptz not null default now(),
  changed_at   timestamptz not null default now()
);
create unique index groups_by_name on access.groups (lower(display_name));

create table access.group_members (
  group_id  uuid not null references access.groups on delete cascade,
  person_id uuid not null references access.provisioned on delete cascade,
  primary key (group_id, person_id)
);
create index group_members_by_person on access.group_members (person_id);

-- What an administrator says a group means here. A group that is not in here means nothing.
create table access.group_roles (
  group_id  uuid not null references access.groups on delete cascade,
  role      text not null,
  mapped_by text not null,
  mapped_at timestamptz not null default now(),
  primary key (group_id, role)
);
