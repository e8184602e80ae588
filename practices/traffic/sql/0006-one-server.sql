-- Which server takes events in, and until when it need not be asked whether it still does: the others look at nothing meanwhile.
alter table traffic.cursor add column holder text, add column held_until timestamptz;
