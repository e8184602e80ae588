-- Who a person is for another provider (OpenID Connect Core §2: issuer and subject, never an address).
create table access.federated (
  issuer    text not null,
  subject   text not null check (length(subject) <= 255),
  person_id uuid not null references access.people,
  linked_at timestamptz not null default now(),
  primary key (issuer, subject)
);
create index federated_by_person on access.federated (person_id);
