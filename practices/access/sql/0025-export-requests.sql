-- Asking for somebody else's yes to exports of one's own, where that is asked of one for a time. Anybody may ask: that a request is
-- there says nothing of why.
create table access.export_requests (
  request_id  uuid primary key,
  person_id   uuid not null references access.people,
  purpose     text not null,
  reason      text not null,
  asked_at    timestamptz not null default now(),
  waits_until timestamptz not null,
  state       text not null default 'pending' check (state in ('pending', 'approved', 'denied', 'ended')),
  decided_by  text,
  decided_at  timestamptz,
  -- exports for the purpose are open until then
  until       timestamptz,
  check ((state in ('approved', 'denied')) <= (decided_by is not null)),
  check ((state = 'approved') <= (until is not null))
);
create unique index export_requests_pending on access.export_requests (person_id, purpose) where state = 'pending';
create index export_requests_of on access.export_requests (person_id, asked_at desc);
