-- Violations: that somebody here may have broken a rule, what they said to it, what two people decided, and what came of an appeal.
-- Words lie sealed. Unlike other evidence these rows end: a sanction that is kept for ever is one that never ends.
create table education.violations (
  violation_id uuid primary key,
  person_id    uuid not null,
  policy       text not null,
  -- of the very text that held
  policy_hash  text not null,
  intent       boolean not null,
  -- the hardest that it touches
  rung         text not null check (rung in ('coaching', 'course-again', 'access-removal', 'hr-referral')),
  course       text,
  -- of the log: what proves it
  entry        bigint not null check (entry >= 0),
  entry_hash   bytea not null check (octet_length(entry_hash) = 32),
  event_at     timestamptz not null,
  -- incidents, findings and cases named beside it
  about        text[] not null,
  -- who is too near to decide
  apart        text[] not null,
  opened_by    text not null,
  opened_at    timestamptz not null,
  stated_at    timestamptz,
  -- reviewers were told that it is theirs
  review_told  boolean not null default false,
  -- two who were to decide said two things
  differs_at   timestamptz,
  outcome      text check (outcome in ('none', 'coaching', 'course-again', 'access-removal', 'hr-referral')),
  decided_at   timestamptz,
  effects      jsonb,
  appealed_at  timestamptz,
  appeal       text check (appeal in ('granted', 'refused')),
  answered_at  timestamptz,
  -- of what there is to read: who decides has read all of it
  version      integer not null check (version > 0),
  -- nobody is tried twice for one thing
  unique (person_id, policy, entry),
  check ((outcome is null) = (decided_at is null)),
  check ((outcome is null) = (effects is null)),
  check ((appeal is null) = (answered_at is null)),
  check (appealed_at is null or (outcome is not null and outcome <> 'none')),
  check (appeal is null or appealed_at is not null)
);
create index violations_of on education.violations (person_id, policy);
create index violations_open on education.violations (opened_at) where outcome is null;

create table education.violation_words (
  violation_id uuid not null references education.violations on delete cascade,
  seq          integer not null check (seq > 0),
  kind         text not null check (kind in ('opened', 'statement', 'vote', 'appeal', 'answer')),
  at           timestamptz not null,
  -- the person, whatever key or session they had
  who          text not null,
  choice       text,
  sealed       bytea,
  primary key (violation_id, seq),
  check ((choice is not null) = (kind in ('vote', 'answer')))
);
-- one person decides once: neither twice in a review, nor first in it and then on the appeal
create unique index violation_words_deciders on education.violation_words (violation_id, who) where kind in ('vote', 'answer');
create unique index violation_words_once on education.violation_words (violation_id, kind) where kind in ('opened', 'statement', 'appeal', 'answer');

-- Up to where somebody has read it.
create table education.violation_reads (
  violation_id uuid not null references education.violations on delete cascade,
  who          text not null,
  version      integer not null,
  primary key (violation_id, who)
);

-- What was taken back by a decision that did not hold.
create table education.revocations_lifted (
  revocation_id uuid primary key references education.revocations,
  lifted_at     timestamptz not null,
  lifted_by     text not null
);
create trigger revocations_lifted_stay before update or delete on education.revocations_lifted for each row execute function education.refuse();
create trigger revocations_lifted_whole before truncate on education.revocations_lifted for each statement execute function education.refuse();

create function education.violation_once() returns trigger language plpgsql as $$
begin
  if (to_jsonb(old) - array['stated_at', 'review_told', 'differs_at', 'outcome', 'decided_at', 'effects', 'appealed_at', 'appeal', 'answered_at', 'version'])
      is distinct from (to_jsonb(new) - array['stated_at', 'review_told', 'differs_at', 'outcome', 'decided_at', 'effects', 'appealed_at', 'appeal', 'answered_at', 'version'])
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
create trigger violations_once before update on education.violations for each row execute function education.violation_once();
create trigger violation_words_stay before update on education.violation_words for each row execute function education.refuse();
