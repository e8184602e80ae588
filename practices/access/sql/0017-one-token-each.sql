-- Each authentication in a session gives it another token; `turn` counts them, so that of two at once one is refused.
alter table access.sessions add column turn integer not null default 0;

-- What a link takes the place of: everything the person signs in with, or the password alone.
alter table access.links add column kind text not null default 'all' check (kind in ('all', 'password'));
