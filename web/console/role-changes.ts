/** What a document changes about roles, against another: said as a person would. */
import type { PolicyDocument } from '@strongroom/sdk';

export type Roles = PolicyDocument['roles'];
export type Role = Roles[string];
export type Eligible = NonNullable<NonNullable<Role['grants']>['jit']>;
export type RoleChange = Readonly<{
  role: string;
  /** `role`: it is new, or gone. */
  what: string;
  from: string;
  to: string;
}>;

const NOTHING = 'none';
const listed = (names: readonly string[]): string => (names.length === 0 ? NOTHING : names.toSorted().join(', '));

export function eligibleText(eligible: Eligible | undefined): string {
  if (eligible === undefined) return NOTHING;
  const { clearUpTo, purposes, maxMinutes, maxReads, approvers, needed } = eligible;
  return `up to ${clearUpTo} for ${listed(purposes)}; ${maxMinutes} minutes, ${maxReads} reads; ${needed} of ${listed(approvers)}`;
}

/** Each member of a role, as text: two roles that differ, differ in one of these. */
const MEMBERS: Readonly<Record<string, (role: Role) => string>> = {
  description: ({ says }) => says,
  owner: ({ owner }) => owner,
  'highest class in clear': ({ clearUpTo }) => clearUpTo ?? NOTHING,
  includes: ({ includes }) => listed(includes),
  'may ask for': ({ grants }) => eligibleText(grants?.jit),
  'break-glass': ({ grants }) => eligibleText(grants?.breakGlass),
};

export function roleChanges(before: Roles, after: Roles): readonly RoleChange[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].toSorted();
  return names.flatMap((role): RoleChange[] => {
    const [old, made] = [before, after].map((roles) => (Object.hasOwn(roles, role) ? roles[role] : undefined));
    if (old === undefined || made === undefined)
      return [
        { role, what: 'role', from: old === undefined ? NOTHING : 'there', to: made === undefined ? 'gone' : 'new' },
      ];
    return Object.entries(MEMBERS).flatMap(([what, textOf]) => {
      const [from, to] = [textOf(old), textOf(made)];
      return from === to ? [] : [{ role, what, from, to }];
    });
  });
}

export type PolicyChange = Readonly<{ id: string; from: string | null; to: string | null }>;
export function policyChanges(
  before: PolicyDocument['policies'],
  after: PolicyDocument['policies'],
): readonly PolicyChange[] {
  const ids = [...new Set([...Object.keys(before), ...Object.keys(after)])].toSorted();
  return ids.flatMap((id) => {
    const [from = null, to = null] = [before, after].map((texts) => (Object.hasOwn(texts, id) ? texts[id] : undefined));
    return from === to ? [] : [{ id, from, to }];
  });
}
