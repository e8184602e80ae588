-- Attempts to come in that were not followed by coming in, of each way and each address, as a keyed hash: counted for a
-- while, then forgotten.
create table access.tries (
  what      bytea primary key,
  tries     integer not null check (tries >= 0),
  forget_at timestamptz not null
);
create index tries_by_forget_at on access.tries (forget_at);
