-- What somebody of this system did on a day, by purpose: counted as it is written, so that it need not be opened to be counted.
create table traffic.actor_days (
  actor   text not null,
  day     date not null,
  purpose text not null,
  events  bigint not null,
  failed  bigint not null,
  primary key (actor, day, purpose)
);
create index actor_days_day on traffic.actor_days (day);
