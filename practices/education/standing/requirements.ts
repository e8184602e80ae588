/**
 * What roles ask for becomes what people have to do. Who had the role before it asked has time for it; to whom the role is
 * new it opens with it. Both are decided when it is first seen, and stay.
 */
import type { Audit } from '#platform/audit';
import { transact, type Db, type Statements } from '#platform/db';
import { parsePublicId, type Uuid } from '#platform/ids';

import { asByPerson, type Duty } from './duties.ts';
import { noteChange } from '../store/changes.ts';
import {
  insertAssignments,
  insertRequirement,
  requirementKeys,
  type AssignmentRow,
  type DutyKind,
} from '../store/duties.ts';

export type Requires = Readonly<{ courses: readonly string[]; policies: readonly string[]; drills?: readonly string[] }>; // prettier-ignore
export type Asked = 'nothing' | 'programs' | Requires;
export type Person = Readonly<{ id: string; name: string; email: string; roles: readonly string[] }>;

export type RequirementNeeds = Readonly<{
  db: Db;
  now: () => Date;
  audit: Pick<Audit, 'appendIn'>;
  /** By the policies that hold now. */
  askedByRoles: () => Promise<ReadonlyMap<string, Asked>>;
  /** Who works here, and was not disabled. */
  people: () => Promise<readonly Person[]>;
}>;

type Wanted = Readonly<{ role: string; kind: DutyKind; text_id: string }>;

export const wantedOf = (role: string, asked: Asked): readonly Wanted[] =>
  typeof asked === 'string'
    ? []
    : [
        ...asked.courses.map((text_id) => ({ role, kind: 'course' as const, text_id })),
        ...asked.policies.map((text_id) => ({ role, kind: 'policy' as const, text_id })),
        ...(asked.drills ?? []).map((text_id) => ({ role, kind: 'drill' as const, text_id })),
      ];
/** What a role asked for once, and asks no more, counts no more; what a person assigned does. */
export const askedIn = (duties: readonly Duty[], wanted: readonly Wanted[]): readonly Duty[] =>
  duties.flatMap((duty) => (wanted.some((each) => each.kind === duty.kind && each.text_id === duty.id) ? [duty] : asByPerson(duty))); // prettier-ignore
const keyOf = ({ role, kind, text_id }: Wanted): string => `${role} ${kind} ${text_id}`;
const allWanted = (asked: ReadonlyMap<string, Asked>): readonly Wanted[] =>
  [...asked].flatMap(([role, each]) => wantedOf(role, each));
/** What roles ask for now, for `stillAsked` of many people. */
export const wantedKeys = (asked: ReadonlyMap<string, Asked>): ReadonlySet<string> =>
  new Set(allWanted(asked).map(keyOf));
/** Of these roles alone, and while they ask for it. */
export const stillAsked = (duties: readonly Duty[], mine: readonly string[], wanted: ReadonlySet<string>): readonly Duty[] =>
  duties.flatMap((duty) => {
    const roles = duty.roles.filter((role) => mine.includes(role) && wanted.has(keyOf({ role, kind: duty.kind, text_id: duty.id })));
    return roles.length > 0 ? [{ ...duty, roles }] : asByPerson(duty);
  }); // prettier-ignore

/** @returns whether there was something new */
export async function syncRequirements(needs: RequirementNeeds): Promise<boolean> {
  const { db, now, audit } = needs;
  const wanted = allWanted(await needs.askedByRoles());
  const known = await requirementKeys(db);
  const fresh = wanted.filter((each) => !known.has(keyOf(each)));
  if (fresh.length === 0) return false;
  const people = await needs.people();
  return transact(db, async (tx) => {
    const since = now();
    const seen: string[] = [];
    const rows: AssignmentRow[] = [];
    for (const each of fresh) {
      // servers that see it at once: one of them says who had the role
      if (!(await insertRequirement(tx, { ...each, since }))) continue;
      seen.push(keyOf(each));
      rows.push(...people.filter(({ roles }) => roles.includes(each.role)).flatMap(({ id }) => assignment(id, each, 'had', since)));
    }
    if (seen.length === 0) return false;
    const made = await insertAssignments(tx, rows);
    await noteChange(tx, null);
    await audit.appendIn(tx, {
      action: 'education.require', actor: { kind: 'system', id: 'policies' }, outcome: 'done', detail: { requirements: seen, people: new Set(made.map(({ person_id }) => person_id)).size },
    });
    return true;
  });
} // prettier-ignore

/** To whom a role is new: what it asks for, from this moment on. */
export async function assignNew(
  { db, now, audit }: Pick<RequirementNeeds, 'db' | 'now' | 'audit'>,
  person: string,
  missing: readonly Wanted[],
): Promise<void> {
  await transact(db, async (tx: Statements) => {
    const at = now();
    const made = await insertAssignments(tx, missing.flatMap((each) => assignment(person, each, 'new', at)));
    if (made.length === 0) return;
    await noteChange(tx, parsePublicId('per', person));
    await audit.appendIn(tx, {
      action: 'education.assign', actor: { kind: 'system', id: 'policies' }, outcome: 'done',
      detail: { person, role: made[0]?.role ?? '', texts: made.map(({ kind, text_id }) => `${kind} ${text_id}`) },
    });
  });
} // prettier-ignore

/** Nothing for who is no person. */
export function assignment(
  person: string,
  { role, kind, text_id }: Wanted,
  came: 'had' | 'new',
  at: Date,
): AssignmentRow[] {
  const person_id: Uuid | null = parsePublicId('per', person);
  return person_id === null ? [] : [{ person_id, role, kind, text_id, came, assigned_at: at, assigned_by: 'policies' }];
}
