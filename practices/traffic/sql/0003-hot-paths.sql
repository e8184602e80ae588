-- Who touched most today, who touched anybody lately, and what is too old are asked by day, again and again.
create index touches_day on traffic.touches (day, actor, purpose);
-- How often a playbook acted within the hour is asked with each alert.
create index case_steps_by on traffic.case_steps (by, at) where kind = 'action';
-- A reason of 2,000 characters has up to 8,000 bytes, and a step says the action before it.
alter table traffic.suppressions drop constraint suppressions_reason_check, add check (octet_length(reason) between 1 and 8000);
alter table traffic.case_steps drop constraint case_steps_note_check, add check (octet_length(note) <= 8500);
