-- Whom somebody opened a while ago, as a hash that says nothing to who does not have both ids: to be counted, and kept no
-- longer than it counts.
create table access.opened (
  -- a person, or a key or workload that nobody stands behind
  actor text not null,
  what  bytea not null check (octet_length(what) = 16),
  -- to a sixteenth of the window: who opens the same again and again is written down that often
  at    timestamptz not null,
  primary key (actor, what)
);
create index opened_by_at on access.opened (at);

-- Writes down what is about to be opened, and counts: of reads at once, on whichever server, each sees those before it.
create function access.note_opened(who text, whats bytea[], since timestamptz, lately timestamptz, most integer) returns integer
language plpgsql as $$
begin
  perform pg_advisory_xact_lock(hashtextextended('access.opened ' || who, 0));
  insert into access.opened as o (actor, what, at) select who, each, now() from unnest(whats) as each
  on conflict (actor, what) do update set at = excluded.at where o.at <= lately;
  return (select count(*) from (select from access.opened where actor = who and at > since limit most) as counted);
end $$;
