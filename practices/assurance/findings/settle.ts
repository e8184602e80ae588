/**
 * VEX statements on what is found: who says that a version is not affected, and why, moves the findings about that version.
 * What is said of another version, or of what nobody found, moves nothing and is counted.
 *
 * INVARIANT: nothing is closed as fixed by a statement: it waits for a retest. What a control test found is not moved.
 */
import type { Audit, AuditEvent } from '#platform/audit';
import { transact, type Db, type Tx } from '#platform/db';
import type { Uuid } from '#platform/ids';
import { whoActs } from '#platform/two-people';

import { readVex, versionedPart, type VexStatement } from '../advisories/index.ts';
import { namesOf } from '../store/feeds.ts';
import { addEvent, lockOfPart, statesOf, updateFinding, type FindingRow } from '../store/findings.ts';
import type { FindingState } from '../types.ts';
import type { Feeds } from './feeds.ts';
import type { Person } from './findings.ts';
import { anchorOf, OPEN, versionsIn } from './states.ts';
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
/** @throws ASSURANCE_ADVISORY_MALFORMED, ASSURANCE_ADVISORY_TOO_LARGE; what was settled until it broke off stays, and may be said again */
export type Settle = (by: Person, bytes: Uint8Array) => Promise<Settled>;

/** Statements in one transaction. */
const TOGETHER = 100;
const LISTED = 100;
const REASON_LENGTH = 2000;

type SettleNeeds = Readonly<{
  db: Db;
  audit: Pick<Audit, 'appendIn'>;
  clock: () => Date;
  feeds: Pick<Feeds, 'here' | 'lookAside'>;
}>;
type Part = Readonly<{ said: VexStatement; rules: readonly string[]; place: string; version: string; isHere: boolean }>;
/** How findings were moved, by their ids, the last move of each; and statements about nothing. */
type Moved = Readonly<{ moved: ReadonlyMap<Uuid, Step['counts']>; unmatched: number }>;

export function createSettle({ db, audit, clock, feeds }: SettleNeeds): Settle {
  /** In one transaction; the log is locked from its first entry on, so they come last. */
  const settleSome = async (tx: Tx, by: Person, parts: readonly Part[]): Promise<Moved> => {
    const [moved, entries] = [new Map<Uuid, Step['counts']>(), [] as AuditEvent[]];
    let unmatched = 0;
    for (const { said, ...part } of parts) {
      const rows = await lockOfPart(tx, part);
      if (rows.length === 0) unmatched += 1;
      for (const row of rows) {
        const step = stepOf(said, row, part.version);
        if (step === null) continue;
        await updateFinding(tx, { ...row, ...step.changed, state: step.to });
        const note = (said.reason === '' ? said.status : said.reason).slice(0, REASON_LENGTH);
        await addEvent(tx, row.finding_id, { at: clock(), by: whoActs({ id: by.actor.id, person: by.person }), what: 'vex', from_state: row.state, to_state: step.to, note });
        entries.push({ action: 'assurance.finding.vex', actor: by.actor, outcome: 'done', requestId: by.requestId, detail: { finding: findingId(row.finding_id), from: row.state, to: step.to } });
        moved.set(row.finding_id, step.counts);
      }
    }
    for (const entry of entries) await audit.appendIn(tx, entry);
    return { moved, unmatched };
  };
  return async (by, bytes) => {
    const { statements, refused } = readVex(bytes);
    const here = await feeds.here();
    // of several about the same the last one holds, as it does for whoever reads them
    const sorted = statements.toSorted((one, other) => (one.at?.getTime() ?? 0) - (other.at?.getTime() ?? 0));
    const all = new Map<Uuid, Step['counts']>();
    let unmatched = 0;
    for (let from = 0; from < sorted.length; from += TOGETHER) {
      const parts: Part[] = [];
      for (const said of sorted.slice(from, from + TOGETHER)) {
        const { base, version, whole } = versionedPart(said.purl);
        parts.push({ said, rules: await namesOf(db, said.ids), place: base, version, isHere: here.has(whole) });
      }
      const done = await transact(db, (tx) => settleSome(tx, by, parts));
      for (const [id, counts] of done.moved) all.set(id, counts);
      unmatched += done.unmatched;
    }
    await feeds.lookAside();
    // said of one version, and another one is here too
    const states = new Map((await statesOf(db, [...all.keys()])).map(({ finding_id, state }) => [finding_id, state]));
    const movedAs = (counts: Step['counts']): string[] =>
      [...all].filter(([id, each]) => (each === 'notAffected' && states.get(id) !== 'not affected' ? 'reopened' : each) === counts).map(([id]) => findingId(id));
    return {
      statements: statements.length,
      notAffected: movedAs('notAffected'),
      retest: movedAs('retest'),
      reopened: movedAs('reopened'),
      unmatched,
      refused: refused.slice(0, LISTED),
    };
  };
} // prettier-ignore

type Step = Readonly<{
  to: FindingState;
  counts: 'notAffected' | 'retest' | 'reopened' | 'none';
  changed: Partial<FindingRow>;
}>;

function stepOf({ status, reason }: VexStatement, row: FindingRow, version: string): Step | null {
  const isOpen = OPEN.includes(row.state);
  const others = versionsIn(row.anchor).filter((each) => each !== version);
  if (status === 'not affected' && (isOpen || (row.state === 'not affected' && !versionsIn(row.anchor).includes(version))))
    return { to: 'not affected', counts: 'notAffected', changed: { anchor: anchorOf([...others, version]), reason: reason.slice(0, REASON_LENGTH) } };
  if (status === 'fixed' && isOpen && row.state !== 'ready for retest') return { to: 'ready for retest', counts: 'retest', changed: {} };
  // what it was closed for holds no more
  if (status === 'affected' && row.state === 'not affected') return { to: 'triaged', counts: 'reopened', changed: { anchor: anchorOf(others), reason: null, told_at: null } };
  // open for another version: nothing holds of this one any more
  if (status === 'affected' && others.length < versionsIn(row.anchor).length) return { to: row.state, counts: 'none', changed: { anchor: anchorOf(others) } };
  return null;
} // prettier-ignore
