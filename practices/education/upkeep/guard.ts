/** Before many of a role lose access at once: the grace is given once more, and who owns the role is told. */
import type { Audit } from '#platform/audit';
import { transact, type Db } from '#platform/db';
import { parsePublicId, type Uuid } from '#platform/ids';

import { bulkLapses, type BulkLapse, type Member } from '../standing/bulk-guard.ts';
import type { Covered } from '../standing/coverage.ts';
import { inRole } from '../standing/duties.ts';
import { noteChange } from '../store/changes.ts';
import { holdRun, insertExtensions, noteRun } from '../store/duties.ts';

type GuardNeeds = Readonly<{
  db: Db;
  audit: Pick<Audit, 'appendIn'>;
  covered: () => Promise<readonly Covered[]>;
  /** Somebody must look while there is time. */
  onBulk: (lapse: Omit<BulkLapse, 'extend'> & Readonly<{ extended: number }>) => void;
}>;

export async function guardBulk({ db, audit, covered, onBulk }: GuardNeeds, now: Date): Promise<readonly BulkLapse[]> {
  const told: Parameters<GuardNeeds['onBulk']>[0][] = [];
  // before the rows are held: with many people it takes a while
  const all = await covered();
  const found = await transact(db, async (tx) => {
    told.length = 0;
    // after a clock that was ahead for a while, the last run is in the future: it still looks back a day
    const lastRun = new Date(Math.min((await holdRun(tx, 'bulk guard', now)).getTime(), now.getTime() - DAY_MS));
    const members = all.flatMap(({ person, duties }) =>
      person.roles.map((role): Member => {
        const ends = inRole(duties, role).filter(({ standing }) => standing.lapsesAt !== null);
        // the first end is the one that shuts the role
        const first = ends.toSorted((a, b) => Number(a.standing.lapsesAt) - Number(b.standing.lapsesAt))[0];
        return { person: person.id, role, lapsesAt: first?.standing.lapsesAt ?? null, graceExtended: first?.extended ?? false };
      }),
    );
    const lapses = bulkLapses(members, lastRun, now);
    for (const lapse of lapses) {
      const extend = new Set(lapse.extend);
      const rows = all.filter(({ person }) => extend.has(person.id)).flatMap(({ person, duties }) =>
        inRole(duties, lapse.role)
          .filter(({ standing, extended }) => !extended && standing.dueAt !== null && standing.lapsesAt !== null && standing.lapsesAt > lastRun && standing.lapsesAt.getTime() <= now.getTime() + DAY_MS)
          .map(({ kind, id, standing }) => ({ person_id: parsePublicId('per', person.id) as Uuid, kind, text_id: id, due_at: standing.dueAt as Date, extended_at: now })),
      );
      const extended = await insertExtensions(tx, rows);
      if (extended === 0) continue;
      told.push({ role: lapse.role, lapsing: lapse.lapsing, of: lapse.of, extended });
      await noteChange(tx, null);
      await audit.appendIn(tx, {
        action: 'education.grace.extend', actor: { kind: 'system', id: 'bulk guard' }, outcome: 'done',
        detail: { role: lapse.role, lapsing: lapse.lapsing, of: lapse.of, people: [...extend] },
      });
    }
    await noteRun(tx, 'bulk guard', now);
    return lapses;
  });
  told.forEach(onBulk);
  return found;
} // prettier-ignore

const DAY_MS = 86_400_000;
