-- What protects a request from being taken back by less than asked for it. It only rises, whoever asks for the same, replies or
-- adds to it later: who of them is nearest to the subject, and what each of them has shown.
alter table privacy.requests
  add column nearest text not null default 'subject' check (nearest in ('subject', 'agent', 'unheld')),
  add column surest jsonb not null default '[]';
update privacy.requests set nearest = asker, surest = jsonb_build_array(jsonb_build_object('asker', asker, 'proofs', proofs));
