-- The entry of the log that a pass is proven by; null of those that were passed before it was noted.
alter table education.passes add column entry bigint;
