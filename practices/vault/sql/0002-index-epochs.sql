-- Rotation of the index branch, and tokens that several records share.

alter table vault.works drop constraint works_what_check;
alter table vault.works add constraint works_what_check check (what in ('epoch', 'keys', 'root', 'index', 'verify'));

-- A pairwise token stands for a value, and several records may hold that value: each keeps a row of its own, so that
-- erasing one of them leaves the others' token alive. Random and format-preserving tokens belong to one field.
alter table vault.tokens drop constraint tokens_pkey;
alter table vault.tokens add primary key (lookup, subject_id, record_no, field);
create unique index tokens_single on vault.tokens (lookup) where kind <> 'pairwise';
