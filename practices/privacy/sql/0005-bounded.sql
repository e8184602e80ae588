-- Yeses that end by themselves and that nothing has followed: the clock looks here, and not through all that was ever said.
create table privacy.consent_expiries (
  holder     uuid not null,
  purpose    text not null,
  seq        integer not null,
  expires_at timestamptz not null,
  primary key (holder, purpose)
);
create index consent_expiries_due on privacy.consent_expiries (expires_at);
insert into privacy.consent_expiries (holder, purpose, seq, expires_at)
select e.holder, e.purpose, e.seq, e.expires_at from privacy.consent_events e
where e.expires_at is not null and e.what = 'given' and not exists (
  select from privacy.consent_events l
  where l.holder = e.holder and l.purpose = e.purpose and l.seq > e.seq and l.what <> 'gpc_off');
drop index privacy.consent_events_expiry;
-- What holds for somebody is read with every page of theirs.
create index consent_events_standing on privacy.consent_events (holder, purpose, what, seq desc);
