-- Made-up customers are written down in the transaction that makes them, before the try that they are for. What no try came of
-- is taken down after some minutes. What they asked for is found by whom it is about: `request` is not written any more.
-- expand-only: allow, because an older server writes its try first, and that is taken as before
alter table education.exercise_customers drop constraint exercise_customers_try_id_fkey;
alter table education.exercise_customers add column made_at timestamptz not null default now();
-- nothing of them is left but this row
alter table education.exercise_customers add column gone_at timestamptz;
create index exercise_customers_here on education.exercise_customers (made_at) where gone_at is null;

create function education.go_once() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE' or old.gone_at is not null
    or (to_jsonb(old) - 'gone_at') is distinct from (to_jsonb(new) - 'gone_at') then
    raise exception 'education: % on %.% is refused, evidence stays as it is', tg_op, tg_table_schema, tg_table_name
      using errcode = 'restrict_violation';
  end if;
  return new;
end $$;
create or replace trigger exercise_customers_stay before update or delete on education.exercise_customers
  for each row execute function education.go_once();
update education.exercise_customers c set gone_at = t.tidied_at
  from education.exercise_tries t where t.try_id = c.try_id and t.tidied_at is not null;

-- Tries are evidence: none goes, and only what has ended is tidied, once.
create or replace function education.end_once() returns trigger language plpgsql as $$
begin
  if (to_jsonb(old) - array['state', 'read_to', 'own', 'grade', 'ended_at', 'tidied_at'])
      is distinct from (to_jsonb(new) - array['state', 'read_to', 'own', 'grade', 'ended_at', 'tidied_at'])
    or (old.state <> 'open' and (to_jsonb(old) - 'tidied_at') is distinct from (to_jsonb(new) - 'tidied_at'))
    or (new.state = 'open' and new.tidied_at is not null)
    or (old.tidied_at is not null and new.tidied_at is distinct from old.tidied_at)
    or new.read_to < old.read_to then
    raise exception 'education: a try at an exercise ends once, and nothing else of it changes' using errcode = 'restrict_violation';
  end if;
  return new;
end $$;
create trigger exercise_tries_stay before delete on education.exercise_tries for each row execute function education.refuse();
create trigger exercise_tries_whole before truncate on education.exercise_tries for each statement execute function education.refuse();
