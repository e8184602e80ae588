-- Roles that somebody has and did not use for long: not standing any more, but to be asked for, for a time.
alter table access.people
  add column eligible_roles text[] not null default '{}',
  add constraint people_eligible_check check (cardinality(eligible_roles) <= 20 and not eligible_roles && roles);

-- Days on which a role stood unused, counted one by one as they come: a clock that steps, or a system that stood still, is
-- one day at most.
create table access.role_standing (
  person_id uuid not null references access.people on delete cascade,
  role      text not null,
  idle_days integer not null default 0 check (idle_days >= 0),
  -- uses, when it was last counted
  uses      bigint not null,
  primary key (person_id, role)
);
create table access.role_days (
  only_one   boolean primary key default true check (only_one),
  counted_at timestamptz not null default now()
);
insert into access.role_days default values;

-- What a person asked for: one of the roles that they are eligible for, until a time, or for good.
create table access.role_requests (
  request_id  uuid primary key,
  person_id   uuid not null references access.people,
  asked_by    text not null,
  role        text not null,
  -- null: for good
  seconds     integer check (seconds between 300 and 28800),
  reason      text not null,
  asked_at    timestamptz not null default now(),
  waits_until timestamptz not null,
  state       text not null default 'pending' check (state in ('pending', 'lent', 'given', 'denied', 'ended')),
  decided_by  text,
  decided_at  timestamptz,
  until       timestamptz,
  check ((decided_by is null) = (decided_at is null)),
  check (state in ('pending', 'ended') or decided_by is not null),
  check (state <> 'lent' or until is not null),
  check ((state = 'given') <= (seconds is null)),
  -- nobody decides on what they asked for
  check (decided_by <> asked_by)
);
create unique index role_requests_one_open on access.role_requests (person_id, role) where state = 'pending';
create index role_requests_lent on access.role_requests (person_id) where state = 'lent';

create function access.role_request_rules() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE' then
    raise exception 'access: requests for roles are kept for ever' using errcode = 'restrict_violation';
  end if;
  if (new.request_id, new.person_id, new.asked_by, new.role, new.seconds, new.reason, new.asked_at) is distinct from
     (old.request_id, old.person_id, old.asked_by, old.role, old.seconds, old.reason, old.asked_at)
     or (old.until is not null and new.until > old.until)
     or not (case old.state when 'pending' then new.state in ('lent', 'given', 'denied', 'ended') when 'lent' then new.state = 'ended' else false end) then
    raise exception 'access: a request for a role that is % does not become %', old.state, new.state using errcode = 'restrict_violation';
  end if;
  return new;
end $$;
create trigger role_request_rules before update or delete on access.role_requests for each row execute function access.role_request_rules();

-- Roles that somebody may act in for a time; asked in the statements that find and begin a session.
create function access.lent_roles(who uuid, eligible text[]) returns text[] language sql stable as $$
  select case when eligible = '{}' then '{}' else array(
    select distinct role from access.role_requests where person_id = who and state = 'lent' and until > now() and role = any (eligible) order by role)
  end
$$;
-- Whether they may act in one that is not theirs for good: it was lent, or they have none and come to ask for one (`-`).
create function access.may_act_as(who uuid, in_role text, standing text[], eligible text[]) returns boolean language sql stable as $$
  select eligible <> '{}' and (in_role = any (access.lent_roles(who, eligible)) or (in_role = '-' and standing = '{}'))
$$;
