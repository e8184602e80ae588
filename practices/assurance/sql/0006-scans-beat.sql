-- When the server of a scan last said that it goes on; null: an older server, which does not say so.
alter table assurance.scans add column beat_at timestamptz;
