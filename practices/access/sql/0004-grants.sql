-- Grants: permission that ends. pending → approved → activated → expired, used-up or revoked; or denied, cancelled, expired before.
-- What was asked for is one text with one hash, and every approval names that hash.
create table access.grants (
  grant_id     uuid primary key,
  kind         text not null check (kind in ('jit', 'breakGlass')),
  -- a key or a person; requested_by is the same as public id
  holder       uuid not null,
  requested_by text not null,
  role         text not null,
  scope        text not null check (octet_length(scope) <= 65536),
  scope_hash   bytea not null check (scope_hash = sha256(convert_to(scope, 'UTF8'))),
  reads        integer not null check (reads between 1 and 10000 and reads = (scope::jsonb ->> 'reads')::integer),
  seconds      integer not null check (seconds between 1 and 28800 and seconds = (scope::jsonb ->> 'seconds')::integer),
  reason       text not null,
  incident     text,
  -- approvals without which it does not become approved; glass is broken without, and looked at afterwards
  needed       integer not null check (needed between 0 and 5),
  extends      uuid references access.grants,
  state        text not null check (state in ('pending', 'approved', 'denied', 'cancelled', 'activated', 'expired', 'used-up', 'revoked')),
  requested_at timestamptz not null default clock_timestamp(),
  -- a request that waits for approvers, or an approval for its activation, waits until then
  waits_until  timestamptz not null,
  activated_at timestamptz,
  until        timestamptz,
  reads_used   integer not null default 0 check (reads_used between 0 and reads),
  changed_by   text not null,
  changed_at   timestamptz not null default clock_timestamp(),
  note         text not null default '',
  check ((kind = 'breakGlass') = (incident is not null)),
  check ((kind = 'breakGlass') = (needed = 0)),
  check (kind <> 'breakGlass' or seconds <= 3600),
  check ((activated_at is null) = (until is null)),
  check (state not in ('activated', 'used-up', 'revoked') or until is not null),
  check (state <> 'used-up' or reads_used = reads),
  unique (grant_id, requested_by, scope_hash)
);
create index grants_held on access.grants (holder) where state = 'activated';
create index grants_waiting on access.grants (waits_until) where state in ('pending', 'approved');
create index grants_ending on access.grants (until) where state = 'activated';

-- By the keys below: of this very scope, and never by who asked for it.
create table access.grant_approvals (
  grant_id     uuid not null,
  requested_by text not null,
  scope_hash   bytea not null,
  approver     text not null check (approver <> requested_by),
  role         text not null,
  approved_at  timestamptz not null default clock_timestamp(),
  primary key (grant_id, approver),
  foreign key (grant_id, requested_by, scope_hash) references access.grants (grant_id, requested_by, scope_hash)
);

-- Every state a grant was ever in. Written by trigger, so that no statement can leave it out.
create table access.grant_history (
  grant_id uuid not null references access.grants,
  step     integer not null,
  state    text not null,
  by       text not null,
  note     text not null,
  at       timestamptz not null,
  primary key (grant_id, step)
);

create function access.grant_rules() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE' then
    raise exception 'access: grants are kept for ever' using errcode = 'restrict_violation';
  end if;
  if tg_op = 'INSERT' then
    if new.state <> 'pending' then
      raise exception 'access: a grant begins as a request' using errcode = 'restrict_violation';
    end if;
    return new;
  end if;
  if (new.grant_id, new.kind, new.holder, new.requested_by, new.role, new.scope, new.scope_hash, new.reads, new.seconds, new.reason, new.incident, new.needed, new.extends, new.requested_at)
     is distinct from (old.grant_id, old.kind, old.holder, old.requested_by, old.role, old.scope, old.scope_hash, old.reads, old.seconds, old.reason, old.incident, old.needed, old.extends, old.requested_at)
     or (old.until is not null and (new.activated_at, new.until) is distinct from (old.activated_at, old.until))
     or new.reads_used < old.reads_used then
    raise exception 'access: what was asked for and approved does not change' using errcode = 'restrict_violation';
  end if;
  if new.state = old.state then
    if new.reads_used > old.reads_used and old.state <> 'activated' then
      raise exception 'access: only an active grant is used' using errcode = 'restrict_violation';
    end if;
    return new;
  end if;
  if not (case old.state
    when 'pending' then new.state in ('approved', 'denied', 'cancelled', 'expired')
    when 'approved' then new.state in ('activated', 'cancelled', 'expired')
    when 'activated' then new.state in ('expired', 'used-up', 'revoked')
    else false end) then
    raise exception 'access: a grant that is % does not become %', old.state, new.state using errcode = 'restrict_violation';
  end if;
  if new.state = 'approved' and (
    (select count(*) from access.grant_approvals where grant_id = new.grant_id) < new.needed
    -- special categories (GDPR art. 9): two approvers, one of them the dpo
    or (new.scope::jsonb -> 'classes' ? 'special' and (
      (select count(*) from access.grant_approvals where grant_id = new.grant_id) < 2
      or not exists (select from access.grant_approvals where grant_id = new.grant_id and role = 'dpo')))) then
    raise exception 'access: the approvals are not enough' using errcode = 'restrict_violation';
  end if;
  return new;
end $$;
create trigger grant_rules before insert or update or delete on access.grants for each row execute function access.grant_rules();

create function access.grant_remember() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' or new.state <> old.state then
    insert into access.grant_history (grant_id, step, state, by, note, at)
    select new.grant_id, count(*), new.state, new.changed_by, new.note, clock_timestamp() from access.grant_history where grant_id = new.grant_id;
  end if;
  return null;
end $$;
create trigger grant_remember after insert or update on access.grants for each row execute function access.grant_remember();

create function access.kept_for_ever() returns trigger language plpgsql as $$
begin
  raise exception 'access: % is kept for ever', tg_table_name using errcode = 'restrict_violation';
end $$;
create trigger grant_history_kept before update or delete on access.grant_history for each row execute function access.kept_for_ever();
create trigger grant_approvals_kept before update or delete on access.grant_approvals for each row execute function access.kept_for_ever();

create trigger grants_not_emptied before truncate on access.grants for each statement execute function access.kept_for_ever();
create trigger grant_history_not_emptied before truncate on access.grant_history for each statement execute function access.kept_for_ever();
create trigger grant_approvals_not_emptied before truncate on access.grant_approvals for each statement execute function access.kept_for_ever();

-- What somebody holds now, by the database's clock: called in the statement that finds a key or a session.
create function access.held_grants(who uuid) returns jsonb language sql stable as $$
  select coalesce(jsonb_agg(jsonb_build_object('id', grant_id, 'kind', kind, 'role', role, 'scope', scope) order by activated_at desc), '[]')
  from access.grants where holder = who and state = 'activated' and until > now() and reads_used < reads
$$;
