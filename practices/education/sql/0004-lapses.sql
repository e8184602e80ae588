-- Whom training has shut off in which role, as it was told: the log has an entry for each beginning and end. Nothing is decided by
-- it: how somebody stands follows from what they did and from the time.
create table education.shut (
  person_id uuid not null,
  role      text not null,
  since     timestamptz not null,
  because   text not null check (because in ('lapsed', 'revoked', 'away')),
  primary key (person_id, role)
);
