/**
 * Who was shut off when: an entry for each person and role whose training lapses, and one when it is whole again, by whichever
 * server sees it first, also when nobody asks for anything. What ran for them for a time ends in the same transaction.
 *
 * Nothing is decided here: a server on which this does not run shuts at the same moment.
 */
import type { Audit } from '#platform/audit';
import { transact, type Db, type Statements } from '#platform/db';
import { parsePublicId, publicId } from '#platform/ids';

import type { Covered } from '../standing/coverage.ts';
import { effectIn, inRole, type Duty } from '../standing/duties.ts';
import { askedIn, wantedOf, type Asked } from '../standing/requirements.ts';
import { deleteShut, insertShut, type ShutRow } from '../store/shut.ts';

export type LapseNeeds = Readonly<{
  db: Db;
  audit: Pick<Audit, 'appendIn'>;
  askedByRoles: () => Promise<ReadonlyMap<string, Asked>>;
  /** Ends what runs for somebody in a role, beside broken glass, and says so in the log. @returns what it was */
  endGrants: (tx: Statements, person: string, role: string) => Promise<readonly string[]>;
}>;

type Shut = Readonly<{ row: ShutRow; texts: readonly string[] }>;

/** @param told looked up before `covered` was: what another server told since is not over @returns how many entries were written */
export async function tellLapses({ db, audit, askedByRoles, endGrants }: LapseNeeds, { told, covered }: Readonly<{ told: readonly ShutRow[]; covered: readonly Covered[] }>, now: Date): Promise<number> {
  const asked = await askedByRoles();
  const shut = new Map(covered.flatMap((each) => shutOf(each, asked, now)).map((each) => [keyOf(each.row), each]));
  const known = new Set(told.map(keyOf));
  const actor = { kind: 'system', id: 'training' } as const;
  let written = 0;
  for (const { row, texts } of shut.values()) {
    if (known.has(keyOf(row))) continue;
    const person = publicId('per', row.person_id);
    await transact(db, async (tx) => {
      if (!(await insertShut(tx, row))) return;
      const { role, because } = row;
      const grants = await endGrants(tx, person, role);
      await audit.appendIn(tx, { action: 'education.lapsed', actor, outcome: 'done', detail: { person, role, because, texts, since: row.since.toISOString(), grants: grants.length, ended: grants } });
      written += 1;
    });
  }
  for (const row of told.filter((each) => !shut.has(keyOf(each)))) {
    const person = publicId('per', row.person_id);
    const holds = covered.some((each) => each.person.id === person && each.person.roles.includes(row.role));
    await transact(db, async (tx) => {
      if (!(await deleteShut(tx, row))) return;
      await audit.appendIn(tx, {
        action: holds ? 'education.restored' : 'education.lapse.moot', actor, outcome: 'done',
        detail: { person, role: row.role, because: row.because, since: row.since.toISOString() },
      });
      written += 1;
    });
  }
  return written;
} // prettier-ignore

const keyOf = ({ person_id, role }: ShutRow): string => `${person_id} ${role}`;

/** Roles in which somebody was let in before, and is not any more. Who never passed was never in. */
function shutOf({ person, duties, away }: Covered, asked: ReadonlyMap<string, Asked>, now: Date): Shut[] {
  const person_id = parsePublicId('per', person.id);
  if (person_id === null) return [];
  return person.roles.flatMap((role): Shut[] => {
    const asks = asked.get(role) ?? 'nothing';
    const mine = askedIn(inRole(duties, role), wantedOf(role, asks));
    const shut = mine.filter(({ standing }) => standing.state === 'lapsed' || standing.state === 'revoked');
    const because = whyShut(shut, away && typeof asks !== 'string');
    if (because === null || asks === 'programs' || (because !== 'away' && effectIn(mine) !== 'denied')) return [];
    const texts = shut.map(({ kind, id }) => `${kind} ${id}`);
    return [{ row: { person_id, role, because, since: sinceOf(shut) ?? now }, texts }];
  });
}

function whyShut(shut: readonly Duty[], away: boolean): ShutRow['because'] | null {
  if (shut.length === 0) return away ? 'away' : null;
  return shut.some(({ standing }) => standing.state === 'lapsed') ? 'lapsed' : 'revoked';
}

const sinceOf = (shut: readonly Duty[]): Date | null =>
  shut.flatMap(({ standing }) => standing.lapsesAt ?? []).toSorted((a, b) => a.getTime() - b.getTime())[0] ?? null;
