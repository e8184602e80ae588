-- Who may decide is reminded of what waits for them; when that was done last.
alter table education.violations add column reminded_at timestamptz;

create or replace function education.violation_once() returns trigger language plpgsql as $$
declare
  changing constant text[] := array['stated_at', 'review_told', 'reminded_at', 'differs_at', 'outcome', 'decided_at', 'effects', 'appealed_at', 'appeal', 'answered_at', 'version'];
begin
  if (to_jsonb(old) - changing) is distinct from (to_jsonb(new) - changing)
    or (old.stated_at is not null and new.stated_at is distinct from old.stated_at)
    or (old.differs_at is not null and new.differs_at is distinct from old.differs_at)
    or (old.outcome is not null and (new.outcome, new.decided_at, new.stated_at) is distinct from (old.outcome, old.decided_at, old.stated_at))
    or (old.appealed_at is not null and new.appealed_at is distinct from old.appealed_at)
    or (old.appeal is not null and (new.appeal, new.answered_at) is distinct from (old.appeal, old.answered_at))
    or new.version < old.version then
    raise exception 'education: what was said, decided and answered about a violation is written down once' using errcode = 'restrict_violation';
  end if;
  return new;
end $$;
