-- Asked for in an exercise, about its made-up customers: nobody else is shown it, also after the exercise is over.
alter table access.grants add column exercise boolean not null default false;
