-- Reviews by the calendar; what happens when one is late; and more time for it, once, by somebody else.
alter table access.reviews
  -- suspend: who was not decided on sees nothing above internal in clear; alert: people are told
  add column on_overdue      text not null default 'alert' check (on_overdue in ('suspend', 'alert')),
  add column extended_by     text,
  add column extended_at     timestamptz,
  -- what was typed stays here, not in the log
  add column extended_reason text,
  add constraint reviews_extended check ((extended_by is null) = (extended_at is null) and (extended_by is null) = (extended_reason is null)),
  add constraint reviews_extended_by_another check (extended_by <> began_by);
update access.reviews set on_overdue = 'suspend' where shows_clear and closed_at is null;

-- Since when a role is known; its first review is due a period after that.
create table access.review_calendar (
  role  text primary key,
  since timestamptz not null default now()
);

create or replace function access.review_overdue(who uuid, in_role text) returns boolean language sql stable as $$
  select exists (
    select from access.review_items i join access.reviews r using (review_id)
    where i.holder = who and i.decision is null and r.role = in_role and r.on_overdue = 'suspend' and r.due_at <= now())
$$;

-- More time is given once, and a deadline changes in no other way.
create function access.review_deadline() returns trigger language plpgsql as $$
begin
  if new.due_at is distinct from old.due_at and (old.extended_at is not null or new.extended_at is null) then
    raise exception 'access: a review is given more time once' using errcode = 'restrict_violation';
  end if;
  return new;
end $$;
create trigger review_deadline before update on access.reviews for each row execute function access.review_deadline();
