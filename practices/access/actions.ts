/** What can be asked for. A policy names these, and no others: the schema is made of this list. */

/** Actions on customers' data: they are asked for a purpose. */
export const DATA_ACTIONS = [
  'records.read', 'records.search', 'records.write', 'records.export', 'records.delete',
  'tokens.create', 'tokens.open', 'intake.submit', 'subjects.erase', 'subjects.restrict', 'subjects.find',
] as const; // prettier-ignore

/** Actions on the system itself: no customer, and no purpose. */
export const SYSTEM_ACTIONS = [
  'keys.manage', 'people.manage', 'people.provision', 'keys.rotate', 'audit.read', 'system.inspect', 'mail.read',
  'policies.read', 'policies.propose', 'policies.approve', 'policies.activate', 'decisions.evaluate',
  'grants.request', 'grants.breakGlass', 'grants.approve', 'grants.read', 'grants.revoke',
  'reviews.read', 'reviews.begin', 'reviews.decide',
  'catalog.read', 'catalog.propose', 'catalog.approve', 'catalog.activate', 'scans.report', 'scans.read', 'scans.decide',
  'consents.read', 'consents.record', 'notice.read', 'notice.publish', 'rights.read', 'rights.decide', 'rights.assert',
  'events.record', 'retention.read', 'retention.plan', 'retention.approve', 'holds.request', 'holds.approve', 'fields.decide',
  'exports.read', 'exports.run', 'exports.propose', 'exports.approve',
  'backups.read', 'backups.run', 'backups.manage',
  'training.read', 'training.manage', 'training.approve', 'texts.publish', 'reports.send', 'reports.judge',
  'incidents.report', 'incidents.read', 'incidents.manage', 'violations.open', 'violations.review', 'violations.read',
  'traffic.read', 'traffic.send', 'cases.work', 'rules.manage', 'measures.take', 'honey.manage',
  'assurance.read', 'assurance.run', 'assurance.arm', 'findings.work', 'findings.accept', 'findings.report',
] as const; // prettier-ignore

/** Actions after which fields may leave: each field is then decided by its class, as `reveal` and as `mask`. */
export const READING_ACTIONS: readonly Action[] = [
  'records.read',
  'records.search',
  'records.export',
  'tokens.create',
  'tokens.open',
];

export const ACTIONS = [...DATA_ACTIONS, ...SYSTEM_ACTIONS] as const;
export type Action = (typeof ACTIONS)[number];
/** How one field leaves: in clear, or with most of it hidden. */
export const FIELD_ACTIONS = ['reveal', 'mask'] as const;
export type FieldAction = (typeof FIELD_ACTIONS)[number];

export const isAction = (text: string): text is Action => (ACTIONS as readonly string[]).includes(text);
