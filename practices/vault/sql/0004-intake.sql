-- Keys that forms are sealed to. The secret of each is the identity `intake/<key id in hex>`, wrapped by the root; the
-- public half is worked out from it, never read from here.
create table vault.intake_keys (
  key_id        bytea primary key check (length(key_id) = 16),
  made_at       timestamptz not null,
  -- senders are told to use it until then
  publish_until timestamptz not null,
  -- envelopes sealed to it are opened until then; after that the secret is deleted
  accept_until  timestamptz not null check (accept_until >= publish_until),
  -- where the audit log has its fingerprint
  audit_index   bigint not null
);
create index intake_seen_expiry on vault.intake_seen (expires_at);
