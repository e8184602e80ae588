-- A checkpoint that stands still for a minute, for witnesses that come and fetch it: docs/formats/audit-storage.md §4.
alter table audit.tree add column offered text;
alter table audit.tree add column offered_at timestamptz;
