-- Which fields of which records are to become what, and what came of it: of the subject, sealed under a key of theirs.
alter table privacy.requests add column corrections bytea check (corrections is null or kind = 'correction');
