/**
 * The decision: may this actor do this, for this purpose, and what of each field leaves in clear, masked or not at all?
 *
 * A pure function of its arguments. Denied unless a rule allows; the narrowest of role, key scope and the field's own
 * declared purposes wins. The rules' names go into the audit log.
 */
import type { CollectionSpec, DataClass, FieldSpec } from '#practices/collection';

import { ROLES, type Action } from './roles.ts';

export const POLICY_VERSION = 'gate-1';
const CLASS_ORDER: readonly DataClass[] = ['public', 'internal', 'personal', 'sensitive', 'special'];

/** Empty lists mean: not narrowed beyond the role. */
export type Scope = Readonly<{
  purposes: readonly string[];
  classes: readonly DataClass[];
  collections: readonly string[];
}>;
export type Actor = Readonly<{
  kind: 'service' | 'staff' | 'system';
  id: string;
  name: string;
  role: string;
  scope: Scope;
  expiresAt: Date | null;
}>;
export type FieldState = 'clear' | 'masked' | 'denied';

export type Ask = Readonly<{
  actor: Actor;
  action: Action;
  purpose?: string | undefined;
  collection?: CollectionSpec | undefined;
  /** Facts about the subject, read with the data. */
  restricted?: boolean;
}>;
export type Decision = Readonly<{
  allow: boolean;
  /** Why not, in words; empty when allowed. */
  because: string;
  policies: readonly string[];
  policyVersion: string;
  /** What happens to one field, when `allow`. */
  field: (spec: FieldSpec) => FieldState;
}>;

/** `service.support` covers itself and everything below it. */
export const covers = (wide: string, narrow: string): boolean =>
  wide === '*' || narrow === wide || narrow.startsWith(`${wide}.`);

const upTo = (limit: DataClass | null, dataClass: DataClass): boolean =>
  limit !== null && CLASS_ORDER.indexOf(dataClass) <= CLASS_ORDER.indexOf(limit);

export function decide({ actor, action, purpose, collection, restricted = false }: Ask): Decision {
  const role = ROLES.get(actor.role);
  const deny = (policy: string, because: string): Decision => ({
    allow: false, because, policies: [policy], policyVersion: POLICY_VERSION, field: () => 'denied',
  }); // prettier-ignore
  if (role === undefined || !role.actions.has(action))
    return deny('role-action', `the role ${actor.role} does not include ${action}`);
  const { scope } = actor;
  if (collection !== undefined && scope.collections.length > 0 && !scope.collections.includes(collection.name)) {
    return deny('key-collections', `the key's scope does not include the collection ${collection.name}`);
  }
  if (purpose !== undefined) {
    if (!role.purposes.some((wide) => covers(wide, purpose)))
      return deny('role-purpose', `the role ${actor.role} does not work for ${purpose}`);
    if (scope.purposes.length > 0 && !scope.purposes.some((wide) => covers(wide, purpose))) {
      return deny('key-purposes', `the key's scope does not include ${purpose}`);
    }
    // GDPR art. 18(2): a restricted subject's data is only stored, or used for legal claims
    if (restricted && !covers('legal', purpose)) return deny('restriction', 'processing of this subject is restricted');
  }
  const field = (spec: FieldSpec): FieldState => {
    if (purpose === undefined || !spec.purposes.some((declared) => covers(declared.id, purpose))) {
      // a right of the subject is served from every field, whatever it was collected for
      if (purpose === undefined || !covers('legal', purpose)) return 'denied';
    }
    if (scope.classes.length > 0 && !scope.classes.includes(spec.class)) return 'denied';
    if (upTo(role.clear, spec.class)) return 'clear';
    return upTo(role.masked, spec.class) ? 'masked' : 'denied';
  };
  return {
    allow: true,
    because: '',
    policies: ['role-action', 'role-purpose', 'role-class', 'purpose-limitation'],
    policyVersion: POLICY_VERSION,
    field,
  };
}
