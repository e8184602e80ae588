-- Sessions that began at an OpenID Connect provider: who that is there, and which session there (`sid`), where it says so.
alter table access.sessions
  add column issuer  text,
  add column subject text,
  add column sid     text,
  add check ((issuer is null) = (subject is null)),
  add check (sid is null or issuer is not null);
create index sessions_by_provider on access.sessions (issuer, sid) where ended_at is null and sid is not null;

-- Logout tokens that were taken: each ends sessions once (OpenID Connect Back-Channel Logout 1.0 §2.6).
create table access.logout_tokens (
  issuer     text not null,
  jti        text not null check (length(jti) <= 255),
  expires_at timestamptz not null,
  primary key (issuer, jti)
);
