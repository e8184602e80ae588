-- When each sensor last brought an event, and how long its silences usually are.
alter table traffic.sensors add column event_at timestamptz, add column pace jsonb;
-- Machines of the system that a feed sees the flows of, and places where data goes on purpose: what leaves them is compared
-- with what the log says was answered, by whichever server looks at events.
alter table traffic.sensors add column own jsonb;
