-- Incidents: what happened, who knew it when, what was decided and told (GDPR art. 33(5)). Words are sealed; what was written
-- down is not changed any more.
create table education.incidents (
  incident_id uuid primary key,
  receipt     text not null unique,
  kind        text not null check (kind in ('account-taken-over', 'lost-device', 'wrong-recipient', 'export-leaked', 'ransomware', 'phishing-wave', 'other')),
  severity    text not null check (severity in ('low', 'medium', 'high', 'critical')),
  phase       text not null check (phase in ('triage', 'contain', 'scope', 'decide', 'notify', 'recover', 'learn', 'closed')),
  owner       text,
  -- which clocks of incidents/breach-clocks.ts count for it
  clocks      text[] not null,
  -- of the newest of its events: who changes it has seen that one
  version     integer not null check (version > 0),
  reported_at timestamptz not null,
  last_at     timestamptz not null
);
create index incidents_last on education.incidents (last_at desc, incident_id);

create table education.incident_events (
  incident_id uuid not null references education.incidents,
  seq         integer not null check (seq > 0),
  kind        text not null check (kind in ('reported', 'note', 'fact', 'phase', 'owner', 'severity', 'kind', 'clocks', 'task', 'scope', 'proposed', 'approved', 'refused')),
  happened_at timestamptz not null,
  known_at    timestamptz not null check (happened_at <= known_at),
  by          text not null,
  -- the person behind a key, where there is one
  who         text not null,
  sealed      bytea,
  detail      jsonb not null,
  primary key (incident_id, seq)
);
create trigger incident_events_stay before update or delete on education.incident_events for each row execute function education.refuse();
create trigger incident_events_all_stay before truncate on education.incident_events for each statement execute function education.refuse();

-- What was found in the log at a time. Who was concerned stands by pseudonym, as in the log itself.
create table education.scopes (
  scope_id    uuid primary key,
  incident_id uuid not null references education.incidents,
  criteria    jsonb not null,
  log_size    bigint not null,
  asked_by    text not null,
  asked_at    timestamptz not null,
  hash        text not null,
  totals      jsonb not null,
  unknown     jsonb not null,
  entries     bigint[] not null
);
create index scopes_of on education.scopes (incident_id, asked_at);
create table education.scope_subjects (
  scope_id  uuid not null references education.scopes,
  pseudonym uuid not null,
  found     jsonb not null,
  primary key (scope_id, pseudonym)
);
create trigger scopes_stay before update or delete on education.scopes for each row execute function education.refuse();
create trigger scopes_all_stay before truncate on education.scopes for each statement execute function education.refuse();
create trigger scope_subjects_stay before update or delete on education.scope_subjects for each row execute function education.refuse();
create trigger scope_subjects_all_stay before truncate on education.scope_subjects for each statement execute function education.refuse();
