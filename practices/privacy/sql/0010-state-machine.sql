-- The whole machine of a request: taken back, asked back, appealed; deadlines that are told; the mail that carries an answer.
alter table privacy.requests drop constraint requests_state_check, drop constraint requests_check;
alter table privacy.requests
  add constraint requests_state_check check (state in ('received', 'review', 'extended', 'waiting', 'appealed', 'fulfilled', 'partly', 'refused', 'withdrawn', 'duplicate')),
  add constraint requests_closed_check check ((state in ('fulfilled', 'partly', 'refused', 'withdrawn', 'duplicate')) = (closed_at is not null)),
  -- of the mails about it
  add column language text not null default 'en',
  -- what was asked and said about it since, and the answer that an appeal is against; of the subject: sealed under a key of theirs
  add column talk bytea,
  -- the clock stands still since then; null: it runs
  add column paused_at timestamptz check (paused_at is null or state = 'waiting'),
  -- by which mail they were asked; a clock stands still for nobody who was not
  add column paused_mail uuid,
  add column paused_days integer not null default 0,
  -- who declined it: somebody else decides on an appeal
  add column refused_by text,
  add column appealed_at timestamptz,
  -- what an appeal is against: that stands again when the appeal is taken back
  add column answered_as text check (answered_as in ('partly', 'refused')),
  -- values of a correction that were declined and can be appealed for are still in it
  add column values_kept boolean not null default false,
  -- of which deadline people were told last, in days before it; -1: it is over
  add column alarm smallint,
  -- by which the answer goes
  add column mail_id uuid;
update privacy.requests r set refused_by = (
  select s.actor from privacy.request_steps s where s.request_id = r.request_id and s.step in ('refused', 'partly') order by s.seq desc limit 1)
where r.state in ('refused', 'partly');
update privacy.requests set values_kept = true where corrections is not null and state in ('refused', 'partly');
create index requests_values on privacy.requests (closed_at) where values_kept;
create index requests_mailed on privacy.requests (closed_at desc) where mail_id is not null;
