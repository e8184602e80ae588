-- Records that were deleted and fields that were removed since: by HMAC, as the account of what went has them.
alter table backups.ledger drop constraint ledger_what_check;
alter table backups.ledger add constraint ledger_what_check check (what in ('erasure', 'restriction', 'lift', 'record', 'fields'));

-- Up to where that account is in the ledger: of this database's own log, so a restored one begins anew.
create table backups.ledger_fed (
  one   boolean primary key default true check (one),
  after text not null
);

-- asked every few seconds: who is restricted now
create index ledger_restrictions on backups.ledger (id_hash, seq desc) where what in ('restriction', 'lift');
