-- When all subjects' keys were renewed: what was sealed before opens under no key that is kept, and a restore says so at once.
alter table backups.ledger drop constraint ledger_what_check;
alter table backups.ledger add constraint ledger_what_check
  check (what in ('erasure', 'restriction', 'lift', 'record', 'fields', 'renewal'));
create index ledger_renewals on backups.ledger (seq) where what = 'renewal';
