/**
 * A policy document: everything that decisions follow from, as one text with one hash.
 * Source: docs/formats/policy-document.md
 */
import { createHash } from 'node:crypto';

import type { DataClass } from '#practices/collection';

/** What a role may ask for beyond what it may: being eligible is not being allowed. */
export type Eligible = Readonly<{
  /** Highest class a grant may let leave in clear. */
  clearUpTo: DataClass;
  /** Purposes it may be asked for, with those below. */
  purposes: readonly string[];
  maxMinutes: number;
  maxReads: number;
  /** Roles whose holders approve it; for broken glass, look at it afterwards. */
  approvers: readonly string[];
  /** How many of them; 0 for broken glass. */
  needed: number;
}>;

/** A job's responsibility. What it may is said by policies; what it never may, here. */
export type Role = Readonly<{
  says: string;
  /** Who answers for the role. */
  owner: string;
  /** Highest class that any policy may let leave in clear; null: none. A document in which a policy goes beyond is refused. */
  clearUpTo: DataClass | null;
  /** Roles whose permissions this one has as well. */
  includes: readonly string[];
  /** What its holders may ask for; `breakGlass` makes it a role that is on call. */
  grants?: Readonly<{ jit?: Eligible; breakGlass?: Eligible }>;
  /** What its holders have to have passed and signed; ids of the education practice. */
  requires?: Readonly<{ courses: readonly string[]; policies: readonly string[]; drills?: readonly string[] }>;
  /** For keys and workloads alone: a person in it sees no customer. */
  programs?: true;
}>;

export type PolicyDocument = Readonly<{
  format: 'strongroom/policies/1';
  /** Cedar schema, as it was when the document was made. */
  schema: string;
  roles: Readonly<Record<string, Role>>;
  /** Stable id → one Cedar policy. */
  policies: Readonly<Record<string, string>>;
}>;

/** One spelling for one document: members in the order of their names. */
export function documentText(document: PolicyDocument): string {
  const sorted = <T>(members: Readonly<Record<string, T>>): Record<string, T> =>
    Object.fromEntries(Object.entries(members).toSorted(([a], [b]) => (a < b ? -1 : 1)));
  const roles = Object.fromEntries(
    Object.entries(sorted(document.roles)).map(
      ([name, { says, owner, clearUpTo, includes, grants, requires, programs }]) => [
        name,
        {
          says,
          owner,
          clearUpTo,
          includes: includes.toSorted(),
          ...(grants === undefined ? {} : { grants: grantsText(grants) }),
          ...(requires === undefined ? {} : { requires: requiresText(requires) }),
          ...(programs === undefined ? {} : { programs }),
        },
      ],
    ),
  );
  return JSON.stringify({
    format: document.format,
    schema: document.schema,
    roles,
    policies: sorted(document.policies),
  });
}

function grantsText(grants: NonNullable<Role['grants']>): NonNullable<Role['grants']> {
  const one = ({ clearUpTo, purposes, maxMinutes, maxReads, approvers, needed }: Eligible): Eligible => ({
    clearUpTo,
    purposes: purposes.toSorted(),
    maxMinutes,
    maxReads,
    approvers: approvers.toSorted(),
    needed,
  });
  return {
    ...(grants.jit === undefined ? {} : { jit: one(grants.jit) }),
    ...(grants.breakGlass === undefined ? {} : { breakGlass: one(grants.breakGlass) }),
  };
}

const requiresText = ({ courses, policies, drills }: NonNullable<Role['requires']>): NonNullable<Role['requires']> => ({
  courses: courses.toSorted(),
  policies: policies.toSorted(),
  ...(drills === undefined ? {} : { drills: drills.toSorted() }),
});

/** SHA-256 of the document's text, 64 hex digits. */
export const documentHash = (text: string): string => createHash('sha256').update(text).digest('hex');

/** A role with all roles it includes, itself first. Circles end. */
export function rolesOf(document: PolicyDocument, name: string): string[] {
  const found = new Set<string>();
  const visit = (each: string): void => {
    const role = Object.hasOwn(document.roles, each) ? document.roles[each] : undefined;
    if (role === undefined || found.has(each)) return;
    found.add(each);
    role.includes.forEach(visit);
  };
  visit(name);
  return [...found];
}
