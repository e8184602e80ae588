-- From when on a session's proof counts again: what was shown before is as old as proof can be.
alter table access.sessions add column proof_asked_at timestamptz;
