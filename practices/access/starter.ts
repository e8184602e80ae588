/** The document an installation begins with: the shipped roles, and the policies that say what they may. */
import type { DataClass } from '#practices/collection';

import { cedarSchema } from './cedar-schema.ts';
import type { PolicyDocument, Role } from './policy-document.ts';

const role = (says: string, clearUpTo: DataClass | null = null): Role => ({
  says,
  owner: 'security',
  clearUpTo,
  includes: [],
});

const ROLES: Readonly<Record<string, Role>> = {
  application: role('a program that keeps its customers here', 'special'),
  intake: role('a program that only puts in'),
  collector: role('carries sealed forms; can neither open nor read'),
  support: role('helps customers who call', 'internal'),
  billing: role('writes and collects invoices', 'personal'),
  marketing: role('writes to customers who agreed', 'internal'),
  analyst: role('counts and compares', 'internal'),
  engineer: role('runs the system; sees no customer'),
  security: role('watches; sees the log, no customer'),
  dpo: role('answers for the data', 'special'),
  auditor: role('checks; sees the log, no customer'),
  admin: role('manages keys and people; sees no customer'),
  custodian: role('rotates keys; sees no customer'),
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

const READ = ['records.read', 'records.search'];

const POLICIES: Readonly<Record<string, string>> = {
  'application-actions': may('application', [...READ, 'records.write', 'records.delete', 'tokens.create', 'tokens.open', 'intake.submit', 'subjects.find'], '*'),
  'application-reveal': leaves('application', 'reveal', 'special', '*'),
  'application-evaluate': may('application', ['decisions.evaluate']),
  // these two read nothing: their purposes are what they may put in for
  'intake-actions': may('intake', ['records.write', 'intake.submit'], '*'),
  'collector-actions': may('collector', ['intake.submit'], '*'),
  'support-actions': may('support', [...READ, 'subjects.find'], 'service'),
  'support-reveal': leaves('support', 'reveal', 'internal', 'service'),
  'support-mask': leaves('support', 'mask', 'sensitive', 'service'),
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
  'dpo-policies': may('dpo', ['policies.read', 'policies.approve', 'policies.activate', 'decisions.evaluate']),
  'auditor-actions': may('auditor', ['audit.read', 'system.inspect', 'policies.read', 'decisions.evaluate']),
  'admin-actions': may('admin', ['keys.manage', 'people.manage', 'system.inspect', 'audit.read', 'policies.read', 'policies.propose', 'policies.activate', 'decisions.evaluate']),
  'custodian-actions': may('custodian', ['keys.rotate', 'system.inspect']),
  // GDPR art. 5(1)(b); a right of the subject is served from every field, whatever it was collected for
  'purpose-limitation': `@says("the field was not collected for this purpose")
forbid (principal, action in [Action::"reveal", Action::"mask"], resource)
unless { context.declared || context.purpose in Purpose::"legal" };`,
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
