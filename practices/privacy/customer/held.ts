/**
 * Every table that holds something of a subject, and where it is in their copy; or why not (GDPR art. 15). A table that is
 * not here and turns out to hold something makes server/center-copy.tests.ts red: a new store can neither be forgotten nor hidden.
 */
export type InCopy = 'records' | 'files' | 'events' | 'consents' | 'requests' | 'seen' | 'restriction';
export type Held = Readonly<{ copied: InCopy } | { except: string }>;

const copied = (where: InCopy, ...tables: readonly string[]): [string, Held][] =>
  tables.map((table) => [table, { copied: where }]);
const except = (reason: string, ...tables: readonly string[]): [string, Held][] =>
  tables.map((table) => [table, { except: reason }]);

export const HELD: ReadonlyMap<string, Held> = new Map([
  ...copied('records', 'vault.records'),
  ...copied('files', 'vault.attachments', 'vault.chunks'),
  ...copied('restriction', 'vault.restrictions', 'privacy.lifts'),
  ...copied('events', 'collection.subject_events'),
  ...copied('consents', 'privacy.consent_events'),
  ...copied('requests', 'privacy.requests', 'privacy.request_steps'),
  ...copied('seen', 'privacy.seen', 'privacy.batches'),

  ...except('keys, and what is worked out from records to find them: they say nothing that the records do not', 'vault.keyrings', 'vault.lookups', 'vault.unique_lookups'),
  ...except('when a yes that is in the copy ends, and where its chain ends', 'privacy.consent_expiries', 'privacy.consent_chains'),
  ...except('tokens stand for values that are in the copy; their secrets are not kept', 'vault.tokens'),
  ...except('pieces of uploads that are not done or were replaced: gone within an hour', 'vault.loose_attachments'),
  ...except('which uses of a record have ended: it follows from events and catalogue', 'vault.stopped_uses'),
  ...except('the log itself: what it says of the subject is under `seen`, entry by entry, with proofs', 'audit.entries', 'audit.tiles'),
  ...except('answers to repeated requests of programs: ids, for a day', 'vault.idempotency'),
  ...except('sign-in to the center: gone within half an hour', 'privacy.sessions', 'privacy.sign_ins'),
  ...except('by which link a copy was fetched: gone within two weeks; that it was is under `requests`', 'privacy.copy_links'),
  ...except('mails on their way, such as a code: gone when they are old', 'mail.outbox'),
  ...except('retention works by them: ids and fields, no values; they go with their record', 'collection.coarse_fields', 'collection.retention_items', 'collection.records_written'),
  ...except('which keys and people opened the customer, by day: it is in the copy as `seen`, from the log, with proofs', 'traffic.touches'),
  ...except('an open case names whom it concerns so that they can be told; what is found out in it may concern others (art. 15(4))', 'traffic.case_subjects'),
  ...except('whom a breach concerned is told of it (art. 34); which entries of the log those were is in the copy as `seen`', 'education.scope_subjects'),
  ...except('a planted customer is nobody, and so is who was made up for tests of the system', 'traffic.honey', 'assurance.canaries', 'education.exercise_customers'),
  ...except('a legal hold is told of in the answer to an erasure; its reason may concern others (art. 15(4))', 'collection.holds'),
]); // prettier-ignore
