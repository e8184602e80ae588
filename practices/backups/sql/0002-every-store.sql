-- Each store has its own way to go: one that is named later, or did not answer, is brought what it lacks.

-- Up to which entry of the ledger a store has all of them.
create table backups.ledger_sent (
  store text primary key,
  seq   bigint not null default 0 check (seq >= 0),
  -- whether it was ever given a beat: one that has none then was emptied
  beat  boolean not null default false
);
drop index backups.ledger_unsent;
alter table backups.ledger drop column sent_at;
-- asked every few seconds: when the newest erasure was
create index ledger_erasures on backups.ledger (at) where what = 'erasure';

-- The signed manifest itself. From the moment it is here the backup is finished, whatever happens: two manifests with the
-- same number would break the chain in each store that has both.
alter table backups.runs add column manifest bytea;

-- What was wrong when the object was last read back.
alter table backups.objects add column fault text check (fault in ('damaged', 'missing', 'unlocked'));
