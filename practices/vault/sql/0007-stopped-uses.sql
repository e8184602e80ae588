-- Uses of fields that have ended while the field is still held for something else: `field purpose`, or `field *` with the
-- roles that may still see it. Read with every record, so that a use ends at the next read.
create table vault.stopped_uses (
  subject_id uuid not null,
  record_no  bigint not null,
  uses       text[] not null check (cardinality(uses) > 0),
  primary key (subject_id, record_no)
);
