-- New keys give a file new chunks under a new attachment id, which is bound into their sealing. What the outside calls it
-- stays: the id that it was first given.
alter table vault.attachments add column public_id uuid;
update vault.attachments set public_id = attachment_id;
alter table vault.attachments alter column public_id set not null;
create unique index attachments_public on vault.attachments (subject_id, public_id);
