-- The head and the signed tree are rows that must never be gone, not even all at once.
create trigger no_truncate before truncate on audit.head for each statement execute function audit.refuse();
create trigger no_truncate before truncate on audit.tree for each statement execute function audit.refuse();
alter table audit.head enable always trigger no_truncate;
alter table audit.tree enable always trigger no_truncate;
