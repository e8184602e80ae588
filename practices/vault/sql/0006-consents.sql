-- What the subject last said to each purpose: {"marketing.newsletter": ["given", ms, until ms or null]}. The privacy
-- practice keeps the ledger; this is what reads are decided by, in the same row as the keys.
alter table vault.keyrings add column consents jsonb check (jsonb_typeof(consents) = 'object');
