-- Who reports is counted by the hour, so that nobody fills what is never deleted.
create index incident_reports on education.incident_events (who, known_at) where seq = 1;
