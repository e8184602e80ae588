-- Attachments while they are written, and for a while after they were replaced: their chunks are there, and no row of
-- vault.attachments names them. What is left loose too long is swept.
create table vault.loose_attachments (
  subject_id    uuid not null,
  attachment_id uuid not null,
  record_no     bigint not null,
  why           text not null check (why in ('uploading', 'replaced')),
  -- the key that seals the chunks: it stays in the ring as long as they are there
  key_version   integer not null,
  touched_at    timestamptz not null,
  primary key (subject_id, attachment_id)
);
create index loose_attachments_age on vault.loose_attachments (touched_at);

-- ciphertext does not compress: trying costs time and gains nothing
alter table vault.chunks alter column box set storage external;
