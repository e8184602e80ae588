-- Whom a logout token meant, and when: it may come while that person is on the way in, before there is a session to end.
alter table access.logout_tokens
  add column subject   text,
  add column sid       text,
  add column issued_at timestamptz;
create index logout_tokens_by_sid on access.logout_tokens (issuer, sid) where sid is not null;
create index logout_tokens_by_subject on access.logout_tokens (issuer, subject) where sid is null;
