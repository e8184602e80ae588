-- Nobody is tried twice for one thing, also when it came to nothing and was forgotten: a mark of person, policy and entry under the
-- key of the words, which says of nobody that there was one.
create table education.violations_tried (
  mark bytea primary key check (octet_length(mark) = 32),
  at   timestamptz not null
);
