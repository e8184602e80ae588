-- That a restriction ends is told to its subject before it ends (GDPR art. 18(3)).
create table privacy.lifts (
  subject_id uuid primary key,
  told_at    timestamptz not null default now(),
  ends_at    timestamptz not null,
  -- by which mail; null: by letter or telephone
  mail_id    uuid,
  -- why it ends; of the subject: sealed under a key of theirs
  words      bytea not null,
  actor      text not null,
  check (ends_at > told_at)
);
