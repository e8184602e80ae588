/**
 * Which plane each table is in. A table that is not here stops every backup, and a test compares this with the catalogue of
 * PostgreSQL: a new table can neither be forgotten nor bring keys to where keys must not be.
 *
 * `data`: as it was at the time of the backup. `key`: what opens it, only ever the newest. `ledger`: what must stay forgotten.
 * `rebuilt`: worked out from the rest by the restore. `none`: of no use after a restore, or dangerous: sessions and links
 * that were ended since would open again.
 */
export type TablePlane = 'data' | 'key' | 'ledger' | 'rebuilt' | 'none';

const tables = (plane: TablePlane, schema: string, ...names: readonly string[]): [string, TablePlane][] =>
  names.map((name) => [`${schema}.${name}`, plane]);

export const PLANES: ReadonlyMap<string, TablePlane> = new Map([
  ...tables('data', 'vault', 'installation', 'collections', 'fields', 'records', 'restrictions', 'tombstones', 'tokens'),
  ...tables('data', 'vault', 'attachments', 'chunks', 'idempotency', 'intake_seen', 'intake_keys', 'stopped_uses'),
  ...tables('key', 'vault', 'epochs', 'identities', 'keyrings'),
  ...tables('rebuilt', 'vault', 'lookups', 'unique_lookups'),
  ...tables('none', 'vault', 'works', 'loose_attachments'),

  ...tables('data', 'audit', 'head', 'entries', 'tiles', 'tree', 'checkpoints', 'witnesses'),
  ...tables('none', 'audit', 'publisher'),

  ...tables('data', 'access', 'keys', 'policy_versions', 'authz', 'people', 'totp', 'recovery_codes', 'passkeys'),
  ...tables('data', 'access', 'grants', 'grant_approvals', 'grant_history', 'glass_reviews', 'workloads', 'federated'),
  ...tables('data', 'access', 'grant_usage', 'holder_usage', 'usage_cursor', 'reviews', 'review_items', 'review_calendar', 'notices', 'notice_cursor'),
  ...tables('data', 'access', 'provisioned', 'groups', 'group_members', 'group_roles'),
  ...tables('data', 'access', 'role_standing', 'role_days', 'role_requests', 'export_requests'),
  ...tables('none', 'access', 'links', 'sessions', 'sign_in_failures', 'challenges', 'logout_tokens', 'tries', 'opened'),

  ...tables('data', 'collection', 'catalog_versions', 'head', 'gate_counts'),
  ...tables('data', 'collection', 'coarse_fields', 'erasures', 'field_orders', 'hold_gate', 'holds', 'subject_events'),
  ...tables('data', 'collection', 'retention_approvals', 'retention_items', 'retention_proofs', 'retention_runs'),
  ...tables('data', 'collection', 'retention_settings', 'field_proposals', 'field_review', 'field_usage', 'records_written'),
  ...tables('data', 'collection', 'scans', 'drift_decisions'),
  ...tables('data', 'collection', 'export_profiles', 'export_runs', 'count_budgets', 'count_answers'),
  // what somebody said since is in the key ring, which comes back as it is now
  ...tables('data', 'privacy', 'consent_chains', 'consent_events', 'consent_expiries', 'notices', 'notice_drifts'),
  ...tables('data', 'privacy', 'requests', 'request_steps', 'lifts', 'seen', 'batches', 'cursors'),
  ...tables('data', 'privacy', 'vendor_lists', 'tcf_settings'),
  ...tables('none', 'privacy', 'counts', 'sessions', 'sign_ins', 'copy_links', 'second_codes', 'used_assertions'),
  ...tables('data', 'traffic', 'rollups', 'rolled', 'baselines', 'cases', 'alerts', 'case_steps', 'suppressions', 'rules', 'playbooks', 'honey'),
  // events are of days; whom somebody touched would come back with customers who are gone
  ...tables('none', 'traffic', 'blocks', 'cursor', 'touches', 'actor_days', 'minutes', 'sensors', 'case_subjects', 'measures', 'deliveries'),
  // who passed and signed what; a sitting or a task that was open then is over
  ...tables('data', 'education', 'versions', 'requirements', 'assignments', 'desks', 'sittings', 'passes', 'acknowledgements'),
  ...tables('data', 'education', 'package_files', 'package_chunks', 'counting', 'course_runs', 'part_sessions', 'part_statements', 'part_documents'),
  ...tables('data', 'education', 'revocations', 'exemptions', 'absences', 'extensions', 'reminders', 'runs', 'shut'),
  ...tables('data', 'education', 'change_head', 'changes'),
  // links of then lead nowhere any more, and what was planned is not sent twice: counts and marks stay
  ...tables('data', 'education', 'campaigns', 'phish_templates', 'phish_marks', 'phish_clusters', 'phish_reports'),
  ...tables('none', 'education', 'phish_targets', 'phish_tokens', 'phish_visits', 'phish_events', 'phish_minutes', 'phish_cluster_keys'),
  // a customer that was made up then is shredded by whoever goes on
  ...tables('data', 'education', 'exercise_tries', 'exercise_customers', 'drills', 'drill_people', 'drill_events'),
  ...tables('data', 'education', 'incidents', 'incident_events', 'scopes', 'scope_subjects'),
  ...tables('data', 'education', 'intake_links', 'intake_reports', 'intake_keys', 'intake_words'),
  ...tables('none', 'education', 'intake_counts'),
  // what was forgotten since a backup is forgotten again by the sweep that follows its restore
  ...tables('data', 'education', 'violations', 'violation_words', 'violation_reads', 'violations_tried', 'revocations_lifted'),
  // what was proven and found; a run that went on then is over, and its canaries with it
  ...tables('data', 'assurance', 'runs', 'results', 'evidence', 'findings', 'finding_events', 'acceptances', 'reports', 'arms', 'switch', 'feeds', 'advisories', 'canaries', 'scans', 'engagements', 'engagement_findings', 'engagement_cases', 'said'),
  // a mail that waited then has been sent since
  ...tables('none', 'mail', 'outbox', 'sender'),

  // a canary that lived when the backup was taken is shredded by whoever goes on
  ...tables('data', 'backups', 'recipients', 'drills', 'canaries'),
  ...tables('none', 'backups', 'drill_runs'),
  ...tables('ledger', 'backups', 'ledger'),
  ...tables('none', 'backups', 'runs', 'objects', 'ledger_sent', 'ledger_fed', 'slot', 'segments'),

  ...tables('none', 'platform', 'migrations'),
]); // prettier-ignore

/**
 * Columns that stay behind: blind indexes. They are made of values under a key, and in a backup they would outlive both the
 * value and its owner's key; the restore makes them anew. They come back as the column's default.
 */
export const LEFT_OUT: ReadonlyMap<string, readonly string[]> = new Map([['vault.records', ['lookups']]]);
