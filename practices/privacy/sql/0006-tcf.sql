-- IAB TCF. Lists of vendors as a controller mirrors them; a version never changes once it is here.
create table privacy.vendor_lists (
  version   integer primary key check (version between 1 and 4095),
  hash      bytea not null check (octet_length(hash) = 32),
  list      jsonb not null,
  stored_at timestamptz not null,
  stored_by text not null
);

-- What stands for what; the newest holds, and the earlier ones say what held before.
create table privacy.tcf_settings (
  seq          integer primary key check (seq > 0),
  settings     jsonb not null,
  list_version integer not null references privacy.vendor_lists,
  -- of that list, the part that the settings name: what a string is made of
  list         jsonb not null,
  set_at       timestamptz not null,
  set_by       text not null
);
create trigger tcf_settings_stay before update or delete on privacy.tcf_settings
  for each row execute function privacy.refuse();
