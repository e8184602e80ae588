-- How sure it is who asks. On a request: what has shown it, without any value of it, and what is needed.
alter table privacy.requests
  add column asker text not null default 'subject' check (asker in ('subject', 'agent', 'unheld')),
  add column proofs jsonb not null default '[]',
  -- of a correction: types of the fields that it names; never which value
  add column corrects text[] not null default '{}',
  -- as it was when it was last looked at; every answer works it out anew
  add column proof_needed text check (proof_needed in ('none', 'reasonable', 'high'));
-- in the center they were signed in by a code from a mail
update privacy.requests r set proofs = jsonb_build_array(jsonb_build_object('means', 'mail-code', 'at', to_char(received_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')))
where exists (select from privacy.request_steps s where s.request_id = r.request_id and s.seq = 1 and s.actor = 'subject');

-- which fields these name is sealed, or in words: taken for what somebody is reached by; closed ones too, since a no can be appealed
update privacy.requests set corrects = '{email,phone}' where kind = 'correction';

-- of who is signed in
alter table privacy.sessions
  add column proofs jsonb not null default '[]',
  -- by which address: a keyed hash; a second code goes to another one
  add column address bytea check (octet_length(address) = 32);
alter table privacy.sign_ins add column address_hash bytea check (octet_length(address_hash) = 32);

-- Codes that go to a second address of who is signed in.
create table privacy.second_codes (
  session    bytea primary key check (octet_length(session) = 32),
  code       bytea not null check (octet_length(code) = 32),
  tries      integer not null default 0,
  expires_at timestamptz not null
);
-- What the company's own sign-in said and was used: once, until it is over anyway.
create table privacy.used_assertions (
  assertion  uuid primary key,
  expires_at timestamptz not null
);
