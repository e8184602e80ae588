-- Mails of phishing exercises that the training team wrote. Each version stays: an exercise keeps the text that it sent.
create table education.phish_templates (
  template_id text not null,
  seq         integer not null check (seq > 0),
  hash        text not null,
  source      text not null,
  -- it is in no new exercise any more
  retired     boolean not null,
  made_by     text not null,
  made_at     timestamptz not null,
  primary key (template_id, seq)
);
create trigger phish_templates_stay before update or delete on education.phish_templates for each row execute function education.refuse();
create trigger phish_templates_whole before truncate on education.phish_templates for each statement execute function education.refuse();
