-- The gate passes, makes coarser, masks or refuses; nothing is put aside for later, so no row says so.
alter table collection.gate_counts
  drop constraint gate_counts_outcome_check,
  drop constraint gate_counts_would_check,
  add constraint gate_counts_outcome_check check (outcome in ('passed', 'coarsened', 'masked', 'refused')),
  add constraint gate_counts_would_check check (would in ('pass', 'coarsen', 'mask', 'refuse'));
