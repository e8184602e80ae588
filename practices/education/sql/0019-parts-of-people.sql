-- Whoever begins a part leaves those of other courses, and begins so many in an hour.
create index part_sessions_in on education.part_sessions (person_id) where state = 'open';
create index part_sessions_by on education.part_sessions (person_id, began_at);
