/** Grants that an actor holds at the moment it is looked up, and which of them a question can use. */
import { parseSubjectId, publicId, type SubjectId, type Uuid } from '#platform/ids';
import type { DataClass } from '#practices/collection';

import type { Action } from '../actions.ts';
import { upTo } from '../classes.ts';
import { covers } from '../facts.ts';
import type { PolicyDocument } from '../policy-document.ts';
import { readScope, type GrantKind } from './scope.ts';

export type HeldGrant = Readonly<{
  id: string;
  kind: GrantKind;
  /** It was asked for in this role, and holds in no other. */
  role: string;
  purpose: string;
  classes: readonly DataClass[];
  subjects: ReadonlySet<SubjectId>;
}>;
/** As the statement that finds a key gives it. */
export type HeldRow = Readonly<{ id: Uuid; kind: GrantKind; role: string; scope: string }>;

export const grantIdText = (id: Uuid): string => publicId('grt', id);

export function asHeld({ id, kind, role, scope }: HeldRow): HeldGrant {
  const { purpose, classes, subjects } = readScope(scope);
  const ids = subjects.flatMap((each) => parseSubjectId(each) ?? []);
  return { id: grantIdText(id), kind, role, purpose, classes, subjects: new Set(ids) };
}

/**
 * Reads of one record. A search or an export would spend reads on customers nobody meant, so they use no grant.
 */
const USING: readonly Action[] = ['records.read', 'tokens.open'];

export type GrantQuestion = Readonly<{
  role: string;
  action: Action;
  purpose: string | undefined;
  subject: SubjectId | undefined;
}>;

/** INVARIANT: only for its role, its purpose and its subjects, and as long as the role may still ask for such a grant. */
export function usableGrants(
  held: readonly HeldGrant[],
  document: PolicyDocument,
  { role, action, purpose, subject }: GrantQuestion,
): readonly HeldGrant[] {
  if (purpose === undefined || subject === undefined || !USING.includes(action)) return [];
  const eligible = document.roles[role]?.grants;
  return held.filter(
    (grant) =>
      grant.role === role &&
      grant.subjects.has(subject) &&
      covers(grant.purpose, purpose) &&
      eligible?.[grant.kind]?.purposes.some((wide) => covers(wide, purpose)) === true,
  );
}

/** Whether a grant is about a class, and the role's document still lets it be. */
export const grantCovers = (grant: HeldGrant, document: PolicyDocument, dataClass: DataClass): boolean =>
  grant.classes.includes(dataClass) &&
  upTo(document.roles[grant.role]?.grants?.[grant.kind]?.clearUpTo ?? null, dataClass);
