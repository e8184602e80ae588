-- Of what came by letter or telephone: who asked, by which way, and the role of who noted it; null: asked in the center.
alter table privacy.requests add column noted jsonb;
-- what was answered is looked through page by page, the newest first
create index requests_closed on privacy.requests (closed_at desc, request_id desc) where closed_at is not null;
