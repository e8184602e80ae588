-- Does everybody who has a role still need it? Asked of the role's owner, one holder after the other.
create table access.reviews (
  review_id   uuid primary key,
  role        text not null,
  owner       text not null,
  -- whether the role sees more than internal data in clear: then one holder at a time, and too late means suspended
  shows_clear boolean not null,
  began_by    text not null,
  began_at    timestamptz not null default clock_timestamp(),
  due_at      timestamptz not null,
  closed_by   text,
  closed_at   timestamptz,
  result      text,
  result_hash bytea check (result_hash = sha256(convert_to(result, 'UTF8'))),
  audit_index bigint,
  check ((closed_at is null) = (result is null) and (result is null) = (result_hash is null))
);
create unique index reviews_one_open on access.reviews (role) where closed_at is null;
create table access.review_items (
  review_id  uuid not null references access.reviews,
  holder     uuid not null,
  holder_id  text not null,
  person     text,
  last       timestamptz,
  n          bigint not null,
  peers      integer not null,
  decision   text check (decision in ('keep', 'remove')),
  decided_by text,
  decided_at timestamptz,
  note       text,
  primary key (review_id, holder),
  check ((decision is null) = (decided_by is null)),
  -- nobody decides on themselves
  check (decided_by <> holder_id),
  check (decided_by <> person)
);
create index review_items_open on access.review_items (holder) where decision is null;

create function access.review_rules() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE' or (tg_table_name = 'reviews' and to_jsonb(old) ->> 'closed_at' is not null)
     or (tg_table_name = 'review_items' and to_jsonb(old) ->> 'decision' is not null) then
    raise exception 'access: % is kept for ever', tg_table_name using errcode = 'restrict_violation';
  end if;
  return new;
end $$;
create trigger review_rules before update or delete on access.reviews for each row execute function access.review_rules();
create trigger review_rules before update or delete on access.review_items for each row execute function access.review_rules();

-- Asked in the statement that finds a key or a session: too late is too late at the next read, without any job.
create function access.review_overdue(who uuid, in_role text) returns boolean language sql stable as $$
  select exists (
    select from access.review_items i join access.reviews r using (review_id)
    where i.holder = who and i.decision is null and r.role = in_role and r.shows_clear and r.due_at <= now())
$$;
