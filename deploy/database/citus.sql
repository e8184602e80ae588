-- Strongroom over several nodes: which tables Citus spreads, by what, which it copies to every node, and which stay.
-- Applied by `strongroom db distribute`, which leaves out what is done already; psql can run it once as well. docs/scaling.md
--
-- Every table of the database is named here once: server/distribute.test.ts compares, and holds the keys against it.
-- What was in a table before it was spread stays on the coordinator, unseen, until it is let go: shredded keys with it.

-- What belongs to one customer lies together, and is read and written together.
select create_distributed_table('vault.keyrings', 'subject_id', colocate_with => 'none');
select truncate_local_data_after_distributing_table('vault.keyrings');
select create_distributed_table('vault.records', 'subject_id', colocate_with => 'vault.keyrings');
select truncate_local_data_after_distributing_table('vault.records');
select create_distributed_table('vault.restrictions', 'subject_id', colocate_with => 'vault.keyrings');
select truncate_local_data_after_distributing_table('vault.restrictions');
select create_distributed_table('vault.stopped_uses', 'subject_id', colocate_with => 'vault.keyrings');
select truncate_local_data_after_distributing_table('vault.stopped_uses');
select create_distributed_table('vault.attachments', 'subject_id', colocate_with => 'vault.keyrings');
select truncate_local_data_after_distributing_table('vault.attachments');
select create_distributed_table('vault.chunks', 'subject_id', colocate_with => 'vault.keyrings');
select truncate_local_data_after_distributing_table('vault.chunks');
select create_distributed_table('vault.loose_attachments', 'subject_id', colocate_with => 'vault.keyrings');
select truncate_local_data_after_distributing_table('vault.loose_attachments');
select create_distributed_table('collection.coarse_fields', 'subject_id', colocate_with => 'vault.keyrings');
select truncate_local_data_after_distributing_table('collection.coarse_fields');
select create_distributed_table('collection.subject_events', 'subject_id', colocate_with => 'vault.keyrings');
select truncate_local_data_after_distributing_table('collection.subject_events');

-- A search and a token know a value, and not whose it is.
select create_distributed_table('vault.lookups', 'value', colocate_with => 'none');
select truncate_local_data_after_distributing_table('vault.lookups');
select create_distributed_table('vault.unique_lookups', 'value', colocate_with => 'vault.lookups');
select truncate_local_data_after_distributing_table('vault.unique_lookups');
select create_distributed_table('vault.tokens', 'lookup', colocate_with => 'vault.lookups');
select truncate_local_data_after_distributing_table('vault.tokens');

-- One row at a time, by what is asked.
select create_distributed_table('vault.tombstones', 'id_hash', colocate_with => 'none');
select truncate_local_data_after_distributing_table('vault.tombstones');
select create_distributed_table('vault.idempotency', 'key', colocate_with => 'none');
select truncate_local_data_after_distributing_table('vault.idempotency');
select create_distributed_table('vault.intake_seen', 'envelope_id', colocate_with => 'none');
select truncate_local_data_after_distributing_table('vault.intake_seen');
select create_distributed_table('privacy.seen', 'pseudonym', colocate_with => 'none');
select truncate_local_data_after_distributing_table('privacy.seen');

-- Small, and joined with what is spread: a copy on every node. Fields before the collections that they point to: what the latter
-- had is not let go while a table of one node points to it.
select create_reference_table('vault.epochs');
select truncate_local_data_after_distributing_table('vault.epochs');
select create_reference_table('vault.fields');
select truncate_local_data_after_distributing_table('vault.fields');
select create_reference_table('vault.collections');
select truncate_local_data_after_distributing_table('vault.collections');

-- What stays on the coordinator, and why.
-- local: one row orders all appends, and what follows from it: an order over nodes would be another log
--   audit.checkpoints audit.entries audit.head audit.publisher audit.tiles audit.tree audit.witnesses
-- local: grows with customers, and a trigger keeps it as it was written: Citus refuses triggers on distributed tables
--   privacy.consent_events
-- local: grows with customers, and is written in one transaction with privacy.consent_events
--   privacy.consent_chains privacy.consent_expiries
-- local: grows with customers, and a trigger keeps it as it was written
--   collection.erasures
-- local: who works here and what they may: thousands of rows, asked as one with each request
--   access.authz access.challenges access.export_requests access.federated access.glass_reviews access.grant_approvals access.grant_history
--   access.grant_usage access.grants access.group_members access.group_roles access.groups access.holder_usage access.keys access.links
--   access.logout_tokens access.notice_cursor access.notices access.opened access.passkeys access.people access.policy_versions
--   access.provisioned access.recovery_codes access.review_calendar access.review_items access.reviews access.role_days access.role_requests
--   access.role_standing access.sessions access.sign_in_failures access.totp access.tries access.usage_cursor access.workloads
-- local: asked by who did it, over all customers, and kept for days
--   traffic.touches
-- local: alerts, cases and counts: kept for days, and cases have foreign keys
--   traffic.actor_days traffic.alerts traffic.baselines traffic.blocks traffic.case_steps traffic.case_subjects traffic.cases
--   traffic.cursor traffic.deliveries traffic.honey traffic.measures traffic.minutes traffic.playbooks traffic.rolled traffic.rollups
--   traffic.rules traffic.sensors traffic.suppressions
-- local: the system’s own keys and long works: a few rows, locked as one
--   vault.identities vault.installation vault.intake_keys vault.works
-- local: a queue that is empty most of the time
--   mail.outbox mail.sender
-- local: the journal of backups, in the order that it was written
--   backups.canaries backups.drill_runs backups.drills backups.ledger backups.ledger_fed backups.ledger_sent backups.objects
--   backups.recipients backups.runs backups.segments backups.slot
-- local: versions, plans and counts of the catalogue; items of a plan go with it
--   collection.catalog_versions collection.count_answers collection.count_budgets collection.drift_decisions collection.export_profiles
--   collection.export_runs collection.field_orders collection.field_proposals collection.field_review collection.field_usage
--   collection.gate_counts collection.head collection.hold_gate collection.holds collection.records_written collection.retention_approvals
--   collection.retention_items collection.retention_proofs collection.retention_runs collection.retention_settings collection.scans
-- local: notices, requests and sessions of customers: those that are open, with foreign keys and triggers
--   privacy.batches privacy.copy_links privacy.counts privacy.cursors privacy.lifts privacy.notice_drifts privacy.notices
--   privacy.request_steps privacy.requests privacy.second_codes privacy.sessions privacy.sign_ins privacy.tcf_settings
--   privacy.used_assertions privacy.vendor_lists
-- local: people, what they learn, exercises, incidents and violations
--   education.absences education.acknowledgements education.assignments education.campaigns education.change_head education.changes
--   education.counting education.course_runs education.desks education.drill_events education.drill_people education.drills
--   education.exemptions education.exercise_customers education.exercise_tries education.extensions education.incident_events
--   education.incidents education.intake_counts education.intake_keys education.intake_links education.intake_reports education.intake_words
--   education.package_chunks education.package_files education.part_documents education.part_sessions education.part_statements education.passes
--   education.phish_cluster_keys
--   education.phish_clusters education.phish_events education.phish_marks education.phish_minutes education.phish_reports
--   education.phish_targets education.phish_templates education.phish_tokens education.phish_visits education.reminders education.requirements
--   education.revocations education.revocations_lifted education.runs education.scope_subjects education.scopes education.shut
--   education.sittings education.versions education.violation_reads education.violation_words education.violations education.violations_tried
-- local: runs, results, findings and scans of this system
--   assurance.acceptances assurance.advisories assurance.arms assurance.canaries assurance.engagement_cases assurance.engagement_findings
--   assurance.engagements assurance.evidence assurance.feeds assurance.finding_events assurance.findings assurance.reports assurance.results
--   assurance.runs assurance.said assurance.scans assurance.switch
-- local: which migrations were applied
--   platform.migrations
