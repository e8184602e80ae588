/** The document an installation begins with: the shipped roles, and the policies that say what they may. */
import type { DataClass } from '#practices/collection';

import { READING_ACTIONS } from './actions.ts';
import { cedarSchema } from './cedar-schema.ts';
import type { Eligible, PolicyDocument, Role } from './policy-document.ts';

const role = (says: string, clearUpTo: DataClass | null = null): Role => ({
  says,
  owner: 'security',
  clearUpTo,
  includes: [],
});

/** What a role may ask for: up to a class, for purposes below one. */
const eligible = (clearUpTo: DataClass, purpose: string, more: Partial<Eligible> = {}): Eligible => ({
  clearUpTo,
  purposes: [purpose],
  maxMinutes: 60,
  maxReads: 50,
  approvers: ['dpo', 'security'],
  needed: 1,
  ...more,
});

/** What is asked of whoever sees customers: short, and nothing that their work does not need. */
const taught = (...more: readonly string[]): Pick<Role, 'requires'> => ({
  requires: { courses: ['handling-personal-data', ...more], policies: ['customer-data'] },
});
const PROGRAMS = { programs: true } as const;

const ROLES: Readonly<Record<string, Role>> = {
  application: { ...role('a program that keeps its customers here', 'special'), ...PROGRAMS },
  intake: { ...role('a program that only puts in'), ...PROGRAMS },
  'customer-sign-in': {
    ...role('the server that signs customers in to the company; says so, and may nothing else'),
    ...PROGRAMS,
  },
  collector: { ...role('carries sealed forms; can neither open nor read'), ...PROGRAMS },
  support: {
    ...role('helps customers who call', 'internal'),
    ...taught('purpose-and-minimum'),
    grants: { jit: eligible('sensitive', 'service') },
  },
  'on-call': {
    ...role('helps when nobody else can', 'internal'),
    includes: ['support'],
    grants: { breakGlass: eligible('sensitive', 'service', { needed: 0 }) },
  },
  billing: {
    ...role('writes and collects invoices', 'personal'),
    ...taught('purpose-and-minimum'),
    grants: { jit: eligible('sensitive', 'service.billing') },
  },
  marketing: { ...role('writes to customers who agreed', 'internal'), ...taught('sharing-and-export') },
  analyst: { ...role('counts and compares', 'internal'), ...taught('sharing-and-export') },
  center: { ...role('the privacy center, for the customer who is signed in', 'special'), ...PROGRAMS },
  engineer: role('runs the system; sees no customer'),
  security: role('watches; sees the log, no customer'),
  dpo: { ...role('answers for the data', 'special'), ...taught('privacy-rights') },
  auditor: role('checks; sees the log, no customer'),
  admin: role('manages keys and people; sees no customer'),
  custodian: role('rotates keys; sees no customer'),
  provisioner: role('an identity provider that keeps people and groups by SCIM; may nothing else'),
};

const NO_PURPOSE = 'context.purpose == Purpose::"-"';
const inRole = (name: string): string => `principal in Role::"${name}"`;
const inActions = (actions: readonly string[]): string =>
  `action in [${actions.map((action) => `Action::"${action}"`).join(', ')}]`;

/** A role's actions, for purposes below one; without one for none at all, with `*` for each. */
const may = (name: string, actions: readonly string[], purpose?: string): string =>
  `permit (${inRole(name)}, ${inActions(actions)}, resource)${
    purpose === '*'
      ? ''
      : purpose === undefined
        ? `\nwhen { ${NO_PURPOSE} }`
        : `\nwhen { ${NO_PURPOSE} || context.purpose in Purpose::"${purpose}" }`
  };`;

/** How fields leave, up to a class. */
const leaves = (name: string, how: 'reveal' | 'mask', limit: DataClass, purpose: string): string =>
  `permit (${inRole(name)}, action == Action::"${how}", resource in DataClass::"${limit}")${
    purpose === '*' ? '' : `\nwhen { context.purpose in Purpose::"${purpose}" }`
  };`;

/** How fields leave under a grant of a kind, up to a class. */
const under = (grant: keyof NonNullable<Role['grants']>, name: string, limit: DataClass, purpose: string): string =>
  `@requestable("${grant}")
permit (${inRole(name)}, action == Action::"reveal", resource in DataClass::"${limit}")
when { context.grant == Grant::"${grant}" && context.purpose in Purpose::"${purpose}" };`;

/** Many customers in a short time: not one more in clear. */
const notMany = (name: string): string =>
  `@says("that are very many customers in a short time") @notify("security")
forbid (${inRole(name)}, action == Action::"reveal", resource)
when { context.volume == Volume::"extreme" };`;

const READ = ['records.read', 'records.search'];

const POLICIES: Readonly<Record<string, string>> = {
  'application-actions': may('application', [...READ, 'records.write', 'records.delete', 'tokens.create', 'tokens.open', 'intake.submit', 'subjects.find'], '*'),
  'application-reveal': leaves('application', 'reveal', 'special', '*'),
  'application-events': may('application', ['events.record']),
  'application-evaluate': may('application', ['decisions.evaluate']),
  // these two read nothing: their purposes are what they may put in for
  'intake-actions': may('intake', ['records.write', 'intake.submit'], '*'),
  'collector-actions': may('collector', ['intake.submit'], '*'),
  'support-actions': may('support', [...READ, 'subjects.find'], 'service'),
  'support-reveal': leaves('support', 'reveal', 'internal', 'service'),
  'support-mask': leaves('support', 'mask', 'sensitive', 'service'),
  'support-jit': under('jit', 'support', 'sensitive', 'service'),
  'support-ask': may('support', ['grants.request']),
  'support-extreme': notMany('support'),
  'billing-extreme': notMany('billing'),
  'on-call-glass': under('breakGlass', 'on-call', 'sensitive', 'service'),
  'on-call-break': may('on-call', ['grants.breakGlass']),
  'billing-jit': under('jit', 'billing', 'sensitive', 'service.billing'),
  'billing-ask': may('billing', ['grants.request']),
  'billing-actions': may('billing', [...READ, 'tokens.open', 'subjects.find'], 'service.billing'),
  'billing-reveal': leaves('billing', 'reveal', 'personal', 'service.billing'),
  'billing-mask': leaves('billing', 'mask', 'sensitive', 'service.billing'),
  'marketing-actions': may('marketing', [...READ, 'records.export', 'tokens.create'], 'marketing'),
  'marketing-reveal': leaves('marketing', 'reveal', 'internal', 'marketing'),
  'marketing-mask': leaves('marketing', 'mask', 'personal', 'marketing'),
  'analyst-actions': may('analyst', [...READ, 'records.export', 'tokens.create'], 'analytics'),
  'analyst-reveal': leaves('analyst', 'reveal', 'internal', 'analytics'),
  'analyst-mask': leaves('analyst', 'mask', 'personal', 'analytics'),
  'engineer-actions': may('engineer', ['system.inspect']),
  'security-actions': may('security', ['system.inspect', 'audit.read', 'policies.read', 'policies.propose', 'policies.approve', 'policies.activate', 'decisions.evaluate']),
  'dpo-actions': may('dpo', [...READ, 'records.export', 'records.delete', 'subjects.erase', 'subjects.restrict', 'subjects.find', 'audit.read', 'system.inspect'], '*'),
  'dpo-reveal': leaves('dpo', 'reveal', 'special', '*'),
  'security-grants': may('security', ['grants.approve', 'grants.read', 'grants.revoke', 'reviews.read', 'reviews.begin', 'reviews.decide']),
  'dpo-grants': may('dpo', ['grants.approve', 'grants.read', 'grants.revoke', 'reviews.read', 'reviews.begin']),
  'dpo-retention': may('dpo', ['events.record', 'retention.read', 'retention.plan', 'retention.approve', 'holds.request', 'holds.approve', 'fields.decide']),
  'security-retention': may('security', ['retention.read', 'retention.approve', 'holds.approve']),
  'dpo-exports': may('dpo', ['exports.read', 'exports.run', 'exports.propose', 'exports.approve']),
  'analyst-exports': may('analyst', ['exports.read', 'exports.run', 'exports.propose']),
  'security-exports': may('security', ['exports.read', 'exports.approve']),
  'auditor-exports': may('auditor', ['exports.read']),
  'auditor-retention': may('auditor', ['retention.read']),
  'admin-retention': may('admin', ['retention.read']),
  'auditor-grants': may('auditor', ['grants.read', 'reviews.read']),
  // a person shows who it is, now and with what cannot be passed on; what a program may is in its key
  'grants-strong': `@says("this needs a passkey used a moment ago") @stepUp("900")
forbid (principal, action in [Action::"grants.approve", Action::"grants.breakGlass", Action::"catalog.approve", Action::"policies.approve", Action::"retention.approve", Action::"holds.approve", Action::"exports.approve", Action::"rights.decide"], resource)
when { context.kind == Kind::"staff" && !(context.phishingResistant && context.mfa == Mfa::"fresh") };`,
  // nobody answers for a key: behind broken glass there is a person
  'glass-by-people': `@says("a key cannot break glass: a person does, signed in")
forbid (principal, action == Action::"grants.breakGlass", resource)
when { context.kind == Kind::"service" };`,
  // GDPR art. 15: what is held about somebody is shown to that person
  'center-actions': may('center', READ, 'legal'),
  'center-reveal': leaves('center', 'reveal', 'special', 'legal'),
  'privacy-record': may('application', ['consents.read', 'consents.record']),
  // whoever has it comes in as any customer: no program has it beside what it does else
  'customer-sign-in-actions': may('customer-sign-in', ['rights.assert']),
  'privacy-dpo': may('dpo', ['consents.read', 'consents.record', 'notice.read', 'notice.publish', 'rights.read', 'rights.decide']),
  // a correction that its subject asked for is asked for a purpose, and no other write is
  'privacy-correct': `permit (principal in Role::"dpo", action == Action::"records.write", resource)
when { context.purpose in Purpose::"legal" };`,
  'privacy-auditor': may('auditor', ['consents.read', 'notice.read', 'rights.read']),
  'dpo-policies': may('dpo', ['policies.read', 'policies.approve', 'policies.activate', 'decisions.evaluate']),
  'auditor-actions': may('auditor', ['audit.read', 'system.inspect', 'policies.read', 'decisions.evaluate']),
  'admin-actions': may('admin', ['keys.manage', 'people.manage', 'system.inspect', 'audit.read', 'mail.read', 'policies.read', 'policies.propose', 'policies.activate', 'decisions.evaluate']),
  'dpo-catalog': may('dpo', ['catalog.read', 'catalog.propose', 'catalog.approve', 'catalog.activate', 'scans.report', 'scans.read', 'scans.decide']),
  'security-catalog': may('security', ['catalog.read', 'catalog.approve', 'scans.read']),
  'admin-catalog': may('admin', ['catalog.read', 'catalog.propose', 'catalog.activate', 'scans.report', 'scans.read']),
  'engineer-catalog': may('engineer', ['catalog.read', 'catalog.propose', 'scans.report', 'scans.read']),
  'auditor-catalog': may('auditor', ['catalog.read', 'scans.read']),
  'custodian-actions': may('custodian', ['keys.rotate', 'system.inspect']),
  // who takes backups is not who says whom they are sealed to
  'engineer-backups': may('engineer', ['backups.read', 'backups.run']),
  'custodian-backups': may('custodian', ['backups.read', 'backups.manage']),
  'security-backups': may('security', ['backups.read']),
  'dpo-backups': may('dpo', ['backups.read']),
  'auditor-backups': may('auditor', ['backups.read']),
  'admin-backups': may('admin', ['backups.read']),
  // what moved names who did it: those who watch, and those who check them
  'security-traffic': may('security', ['traffic.read', 'cases.work', 'rules.manage', 'measures.take', 'honey.manage']),
  'engineer-traffic': may('engineer', ['traffic.read', 'traffic.send', 'cases.work']),
  'dpo-traffic': may('dpo', ['traffic.read', 'cases.work']),
  'admin-traffic': may('admin', ['traffic.read', 'measures.take']),
  'auditor-traffic': may('auditor', ['traffic.read']),
  'security-assurance': may('security', ['assurance.read', 'assurance.run', 'assurance.arm', 'findings.report', 'findings.work', 'findings.accept']),
  'engineer-assurance': may('engineer', ['assurance.read', 'assurance.run', 'findings.report', 'findings.work']),
  'dpo-assurance': may('dpo', ['assurance.read', 'assurance.arm', 'findings.accept']),
  'auditor-assurance': may('auditor', ['assurance.read']),
  'admin-assurance': may('admin', ['assurance.read', 'assurance.arm']),
  'dpo-training': may('dpo', ['training.read', 'training.manage', 'training.approve', 'texts.publish', 'reports.judge']),
  'security-training': may('security', ['training.read', 'training.manage', 'training.approve', 'texts.publish', 'reports.judge']),
  // a person who is signed in reports without it; a mail program's add-in has a key
  ...Object.fromEntries(
    ['support', 'on-call', 'billing', 'marketing', 'analyst', 'engineer', 'security', 'dpo', 'auditor', 'admin', 'custodian', 'application'].map((name) => [`${name}-incident`, may(name, ['incidents.report'])]),
  ),
  'dpo-incidents': may('dpo', ['incidents.read', 'incidents.manage']),
  'security-incidents': may('security', ['incidents.read', 'incidents.manage']),
  // about people: who opens one decides nothing in it, and no manager is shown any
  'dpo-violations': may('dpo', ['violations.open', 'violations.review', 'violations.read']),
  'security-violations': may('security', ['violations.open', 'violations.review', 'violations.read']),
  'auditor-incidents': may('auditor', ['incidents.read']),
  'application-reports': may('application', ['reports.send']),
  'dpo-reports': may('dpo', ['reports.send']),
  'security-reports': may('security', ['reports.send']),
  'support-reports': may('support', ['reports.send']),
  'admin-training': may('admin', ['training.read', 'training.manage']),
  'auditor-training': may('auditor', ['training.read']),
  'provisioner-actions': may('provisioner', ['people.provision']),
  // GDPR art. 5(1)(b); a right of the subject is served from every field, whatever it was collected for
  'purpose-limitation': `@says("the field was not collected for this purpose")
forbid (principal, action in [Action::"reveal", Action::"mask"], resource)
unless { context.declared || context.purpose in Purpose::"legal" };`,
  // GDPR art. 6(1)(a), 7(3), 21(3): nobody's data serves a purpose that needs a yes without one, nor any purpose after a no
  consent: `@says("this subject does not agree to this purpose")
forbid (principal, action in [${READING_ACTIONS.map((action) => `Action::"${action}"`).join(', ')}], resource)
when { context.consent == Consent::"withdrawn" || (context.needsConsent && context.consent != Consent::"given") };`,
  // GDPR art. 18(2): a restricted subject's data is only stored, or used for legal claims
  restriction: `@says("processing of this subject is restricted")
forbid (principal, action, resource)
when { context.restricted && !(${NO_PURPOSE}) && !(context.purpose in Purpose::"legal") };`,
}; // prettier-ignore

export const starterDocument = (): PolicyDocument => ({
  format: 'strongroom/policies/1',
  schema: cedarSchema(),
  roles: ROLES,
  policies: POLICIES,
});
