-- What permissions were used for, folded from the audit log. Names and numbers only: nothing of a customer.
create table access.grant_usage (
  role    text not null,
  action  text not null,
  class   text not null,
  purpose text not null,
  -- how fields of the class leave under the policies that hold; null: not any more, or only under a grant
  outcome text check (outcome in ('clear', 'masked')),
  -- seen to be permitted since
  since   timestamptz not null default clock_timestamp(),
  last    timestamptz,
  n       bigint not null default 0,
  primary key (role, action, class, purpose)
);
-- By who has it: what a review of a role shows.
create table access.holder_usage (
  holder text not null,
  role   text not null,
  last   timestamptz not null,
  n      bigint not null,
  primary key (holder, role)
);
-- Where the fold is. Locked while it works, so that of two servers one counts an entry.
create table access.usage_cursor (
  only_one       boolean primary key default true check (only_one),
  next           bigint not null,
  policy_version uuid
);
insert into access.usage_cursor (next) values (0);
