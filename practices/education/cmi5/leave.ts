/** Whoever is in a part that is left without a word (cmi5 §9.3.6): from now on nothing more is taken of it. */
import { transact, type Tx } from '#platform/db';
import { isFailure } from '#platform/failure';
import type { Uuid } from '#platform/ids';

import type { Cmi5Package } from '../packages/package.ts';
import type { RunNeeds } from '../packages/runs.ts';
import { endPartSession, openPartSession, type PartSessionRow } from '../store/part-sessions.ts';
import { insertPartStatement, newestSaid } from '../store/part-statements.ts';
import { holdRun, runById, type RunRow } from '../store/runs.ts';
import { ourStatement } from './ours.ts';
import { registrationOf, type Registration } from './registration.ts';

/** What is open in a run: all of it, or only what nobody ended in its time. */
export type Leave = (run: Uuid, which: 'any' | 'over') => Promise<void>;

/** @param read before a connection is held: it may take one */
export function createLeave(needs: RunNeeds, read: (run: RunRow) => Promise<Cmi5Package>): Leave {
  const { db, gate } = needs;
  const readable = async (run: RunRow): Promise<Cmi5Package | null> => {
    try {
      return await read(run);
    } catch (thrown) {
      if (!isFailure(thrown)) throw thrown;
      return null;
    }
  };
  return async (run_id, which) => {
    const known = await runById(db, run_id);
    const text = known === null ? null : await readable(known);
    await transact(db, async (tx) => {
      const run = await holdRun(tx, run_id);
      const session = run === null ? null : await openPartSession(tx, run_id);
      const now = gate.now();
      // another one may have begun since it was looked at
      if (run === null || session === null || (which === 'over' && now < session.ends_at)) return;
      await abandon(tx, session, text === null ? null : registrationOf(needs, run, text), now);
    });
  };
}

/** @param of null: its text is read by nobody any more, so that nothing can be stated. Its run is held. */
export async function abandon(tx: Tx, { session_id, part, began_at }: PartSessionRow, of: Registration | null, at: Date): Promise<void> {
  if (of !== null) {
    const last = await newestSaid(tx, session_id);
    const seconds = last === null ? 0 : Math.max(0, Math.round((last.getTime() - began_at.getTime()) / 1000));
    const result = { duration: `PT${seconds}S` };
    await insertPartStatement(tx, ourStatement(of, { verb: 'abandoned', about: { part }, session: session_id, at, result }));
  }
  await endPartSession(tx, { session_id, state: 'abandoned', ended_at: at });
} // prettier-ignore
