/** Who stands how: for the training team, and for what goes on by itself. */
import { setImmediate } from 'node:timers/promises';

import type { Db } from '#platform/db';
import { parsePublicId } from '#platform/ids';

import { rowsByPerson, rowsOf } from '../store/duties.ts';
import { dutiesOf, isAway, type Duty } from './duties.ts';
import type { Gate } from './gate.ts';
import { stillAsked, wantedKeys, type Person, type RequirementNeeds } from './requirements.ts';
import type { Zone } from './zone.ts';

export type Covered = Readonly<{ person: Person; duties: readonly Duty[]; away: boolean }>;
/** By id, from the one after `after`. */
export type Page = Readonly<{ after: string; limit: number }>;
export type CoveredPage = Readonly<{ covered: readonly Covered[]; next: string | null }>;

const AT_A_TIME = 200;

type CoverageNeeds = Pick<RequirementNeeds, 'people' | 'askedByRoles'> & Readonly<{ db: Db; gate: Gate; zone: Zone }>;

export async function coverageOf(
  { db, gate, zone, people, askedByRoles }: CoverageNeeds,
  page: Page | null = null,
): Promise<CoveredPage> {
  const [library, everybody, asked] = await Promise.all([gate.library(), people(), askedByRoles()]);
  const wantedNow = wantedKeys(asked);
  const sorted = page === null ? everybody : everybody.filter(({ id }) => id > page.after).toSorted((a, b) => (a.id < b.id ? -1 : 1));
  const wanted = page === null ? everybody : sorted.slice(0, page.limit);
  const ids = wanted.flatMap(({ id }) => parsePublicId('per', id) ?? []);
  const of = rowsByPerson(await rowsOf(db, page === null ? null : ids));
  const now = gate.now();
  const covered: Covered[] = [];
  for (const person of wanted) {
    const rows = of(parsePublicId('per', person.id) ?? '');
    // what a role asked for, that the person does not have any more, is nobody's business
    const duties = stillAsked(dutiesOf(rows, library, zone, now), person.roles, wantedNow);
    covered.push({ person, duties, away: isAway(rows, now) });
    // requests of others go on meanwhile
    if (covered.length % AT_A_TIME === 0) await setImmediate();
  }
  return { covered, next: sorted.length > wanted.length ? (wanted.at(-1)?.id ?? null) : null };
} // prettier-ignore
