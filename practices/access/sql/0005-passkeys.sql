-- WebAuthn credentials of people, and the challenges that are out.
create table access.passkeys (
  passkey_id    uuid primary key,
  person_id     uuid not null references access.people,
  credential_id bytea not null unique check (octet_length(credential_id) between 1 and 1023),
  -- COSE
  public_key    bytea not null check (octet_length(public_key) <= 4096),
  -- grows with each use where the authenticator counts; one that goes back is a copy
  counter       bigint not null,
  transports    text[] not null,
  backed_up     boolean not null,
  name          text not null check (length(name) between 1 and 100),
  created_at    timestamptz not null default now(),
  used_at       timestamptz
);
create index passkeys_by_person on access.passkeys (person_id);

-- Each is answered once, by the very session or sign-in attempt it was made for.
create table access.challenges (
  challenge  bytea primary key,
  use        text not null check (use in ('register', 'sign-in', 'step-up')),
  bound_to   bytea not null,
  expires_at timestamptz not null
);
