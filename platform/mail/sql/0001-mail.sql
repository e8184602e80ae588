-- The outbox: what is to be sent, sealed, until it was. Afterwards only that there was such a mail, when, and what came of it.
create table mail.outbox (
  mail_id      uuid primary key,
  -- practice, dot, what for: never anything of a person
  kind         text not null check (kind ~ '^[a-z][a-z0-9-]*\.[a-z][a-z0-9-]*$' and octet_length(kind) <= 60),
  -- held: no mail server was set when it was queued; it leaves never
  state        text not null check (state in ('queued', 'held', 'sent', 'refused', 'given-up')),
  urgent       boolean not null,
  -- keyed hash of what the caller called it: queued twice, it is one mail
  dedupe       bytea unique check (octet_length(dedupe) = 32),
  -- keyed hash of the address, for the limit of mails to one; gone an hour after the mail
  recipient    bytea check (octet_length(recipient) = 32),
  -- address, subject, bodies: docs/formats/outbox.md
  sealed       bytea,
  queued_at    timestamptz not null default clock_timestamp(),
  due_at       timestamptz not null default clock_timestamp(),
  -- of the server that sends it; it may have died
  lease        uuid,
  leased_until timestamptz,
  attempts     integer not null default 0,
  -- in our words, with the server's number: its text quotes addresses
  problem      text,
  done_at      timestamptz,
  check ((sealed is null) = (state not in ('queued', 'held'))),
  check ((done_at is null) = (state in ('queued', 'held'))),
  check ((lease is null) = (leased_until is null) and (lease is null or state = 'queued'))
);
alter table mail.outbox alter column sealed set storage external;
create index outbox_due on mail.outbox (urgent desc, due_at) where state = 'queued';
create index outbox_recipient on mail.outbox (recipient) where recipient is not null;
create index outbox_done on mail.outbox (done_at) where done_at is not null;
create index outbox_held on mail.outbox (mail_id) where state = 'held';

-- How many mails may leave now, over all servers, and how it goes with the mail server. Its row lock orders the claims.
create table mail.sender (
  only_one    boolean primary key default true check (only_one),
  tokens      double precision not null,
  refilled_at timestamptz not null default clock_timestamp(),
  problem     text,
  problem_at  timestamptz,
  sent_at     timestamptz
);
insert into mail.sender (tokens) values (10);
