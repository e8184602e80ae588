/**
 * VEX statements on what is found: who says that a version is not affected, and why, moves the findings about that version.
 * What is said of another version, or of what nobody found, moves nothing and is counted.
 *
 * INVARIANT: nothing is closed as fixed by a statement: it waits for a retest. What a control test found is not moved.
 */
import type { Audit } from '#platform/audit';
import { transact, type Db, type Tx } from '#platform/db';
import { whoActs } from '#platform/two-people';

import { readVex, versionedPart, type VexStatement } from '../advisories/index.ts';
import { namesOf } from '../store/feeds.ts';
import { addEvent, lockOfPart, updateFinding, type FindingRow } from '../store/findings.ts';
import type { FindingState } from '../types.ts';
import type { Person } from './findings.ts';
import { OPEN } from './states.ts';
import { findingId } from './take-in.ts';

export type Settled = Readonly<{
  statements: number;
  notAffected: readonly string[];
  retest: readonly string[];
  reopened: readonly string[];
  /** Statements that are about nothing that was found here. */
  unmatched: number;
  /** One sentence for each that is not taken. */
  refused: readonly string[];
}>;
/** @throws ASSURANCE_ADVISORY_MALFORMED, ASSURANCE_ADVISORY_TOO_LARGE */
export type Settle = (by: Person, bytes: Uint8Array) => Promise<Settled>;

const LISTED = 100;
const REASON_LENGTH = 2000;

export function createSettle({ db, audit, clock }: Readonly<{ db: Db; audit: Pick<Audit, 'appendIn'>; clock: () => Date }>): Settle {
  const move = async (tx: Tx, by: Person, row: FindingRow, to: FindingState, changed: Partial<FindingRow>, note: string): Promise<void> => {
    await updateFinding(tx, { ...row, ...changed, state: to });
    await addEvent(tx, row.finding_id, { at: clock(), by: whoActs({ id: by.actor.id, person: by.person }), what: 'vex', from_state: row.state, to_state: to, note });
    await audit.appendIn(tx, { action: 'assurance.finding.vex', actor: by.actor, outcome: 'done', requestId: by.requestId, detail: { finding: findingId(row.finding_id), from: row.state, to } });
  };
  return async (by, bytes) => {
    const { statements, refused } = readVex(bytes);
    const moved = { notAffected: new Set<string>(), retest: new Set<string>(), reopened: new Set<string>() };
    let unmatched = 0;
    await transact(db, async (tx) => {
      // of several about the same the last one holds, as it does for whoever reads them
      for (const said of statements.toSorted((one, other) => (one.at?.getTime() ?? 0) - (other.at?.getTime() ?? 0))) {
        const { base, version } = versionedPart(said.purl);
        const rows = await lockOfPart(tx, { rules: await namesOf(tx, said.ids), place: base, version });
        if (rows.length === 0) unmatched += 1;
        for (const row of rows) {
          const step = stepOf(said, row, version);
          if (step === null) continue;
          await move(tx, by, row, step.to, step.changed, (said.reason === '' ? said.status : said.reason).slice(0, REASON_LENGTH));
          for (const names of Object.values(moved)) names.delete(findingId(row.finding_id));
          moved[step.counts].add(findingId(row.finding_id));
        }
      }
    });
    return {
      statements: statements.length,
      notAffected: [...moved.notAffected],
      retest: [...moved.retest],
      reopened: [...moved.reopened],
      unmatched,
      refused: refused.slice(0, LISTED),
    };
  };
} // prettier-ignore

type Step = Readonly<{ to: FindingState; counts: 'notAffected' | 'retest' | 'reopened'; changed: Partial<FindingRow> }>;

function stepOf({ status, reason }: VexStatement, row: FindingRow, version: string): Step | null {
  const isOpen = OPEN.includes(row.state);
  if (status === 'not affected' && isOpen) return { to: 'not affected', counts: 'notAffected', changed: { anchor: version, reason: reason.slice(0, REASON_LENGTH) } };
  if (status === 'fixed' && isOpen && row.state !== 'ready for retest') return { to: 'ready for retest', counts: 'retest', changed: {} };
  // what it was closed for holds no more
  if (status === 'affected' && row.state === 'not affected') return { to: 'triaged', counts: 'reopened', changed: { anchor: null, reason: null, told_at: null } };
  return null;
} // prettier-ignore
