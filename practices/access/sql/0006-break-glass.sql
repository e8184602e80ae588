-- Broken glass is looked at by another person within 72 hours; until then whoever broke it gets nothing more.
create table access.glass_reviews (
  grant_id     uuid primary key,
  requested_by text not null,
  scope_hash   bytea not null,
  reviewer     text not null check (reviewer <> requested_by),
  verdict      text not null check (verdict in ('justified', 'unjustified')),
  note         text not null,
  reviewed_at  timestamptz not null default clock_timestamp(),
  foreign key (grant_id, requested_by, scope_hash) references access.grants (grant_id, requested_by, scope_hash)
);
create trigger glass_reviews_kept before update or delete on access.glass_reviews for each row execute function access.kept_for_ever();
create trigger glass_reviews_not_emptied before truncate on access.glass_reviews for each statement execute function access.kept_for_ever();
create index grants_glass on access.grants (holder) where kind = 'breakGlass';

-- Asked in the statements that insert and activate a grant, so that no job has to have run before.
create function access.is_suspended(who uuid) returns boolean language sql stable as $$
  select exists (
    select from access.grants g
    where g.holder = who and g.kind = 'breakGlass' and g.activated_at < clock_timestamp() - interval '72 hours'
      and not exists (select from access.glass_reviews r where r.grant_id = g.grant_id))
$$;

-- A last wall below the code: what is suspended is neither asked for nor activated.
create function access.grant_suspended() returns trigger language plpgsql as $$
begin
  if (tg_op = 'INSERT' or (new.state = 'activated' and old.state <> 'activated')) and access.is_suspended(new.holder) then
    raise exception 'access: the holder is suspended until broken glass was looked at' using errcode = 'SR001';
  end if;
  return new;
end $$;
create trigger grant_suspended before insert or update on access.grants for each row execute function access.grant_suspended();
