-- As what was asked for itself: it does not become another's.
create trigger grants_of_exercises before update on access.grants for each row
  when (new.exercise is distinct from old.exercise) execute function access.kept_for_ever();
