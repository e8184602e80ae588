-- Access that was ended by a decision about somebody (education.violations). They have no role then, and come in to read what was
-- decided, and to appeal; no group and no request gives a role back: somebody does who may, or the appeal.
alter table access.people add column access_ended_at timestamptz;

-- Whether they may act in one that is not theirs for good: it was lent, or they have none and come to ask for one, or to appeal (`-`).
create or replace function access.may_act_as(who uuid, in_role text, standing text[], eligible text[]) returns boolean language sql stable as $$
  select (eligible <> '{}' and in_role = any (access.lent_roles(who, eligible)))
    or (in_role = '-' and standing = '{}'
      and (eligible <> '{}' or exists (select from access.people p where p.person_id = who and p.access_ended_at is not null)))
$$;
