/**
 * VEX statements on what is found: who says that a version is not affected, and why, moves the findings about that version.
 * What is said of another version, or of what nobody found, moves nothing, is counted, and is kept: it holds for what is found
 * later (said.ts), until something newer is said.
 *
 * INVARIANT: nothing is closed as fixed by a statement: it waits for a retest. What a control test found is not moved.
 */
import { createHash } from 'node:crypto';

import type { Audit, AuditEvent } from '#platform/audit';
import { transact, type Db, type Tx } from '#platform/db';
import type { Uuid } from '#platform/ids';
import { whoActs } from '#platform/two-people';

import { readVex, versionedPart, type VexStatement } from '../advisories/index.ts';
import { namesOf } from '../store/feeds.ts';
import { addEvent, lockOfPart, statesOf, updateFinding, type FindingRow } from '../store/findings.ts';
import { keepSaid, lockSaid, saidOf } from '../store/said.ts';
import type { FindingState } from '../types.ts';
import type { Feeds } from './feeds.ts';
import type { Person } from './findings.ts';
import { anchorOf, OPEN, versionsIn } from './states.ts';
import { findingId } from './take-in.ts';

export type Settled = Readonly<{
  /** That were taken. */
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
type Part = Readonly<{ said: VexStatement; at: Date; rules: readonly string[]; place: string; version: string; isHere: boolean }>; // prettier-ignore
/** How findings were moved, by their ids, the last move of each; statements about nothing; those that came too late. */
type Moved = Readonly<{ moved: ReadonlyMap<Uuid, Step['counts']>; unmatched: number; late: readonly string[] }>;

export function createSettle({ db, audit, clock, feeds }: SettleNeeds): Settle {
  /** In one transaction; the log is locked from its first entry on, so they come last. */
  const settleSome = async (tx: Tx, by: Person, parts: readonly Part[], sha256: string): Promise<Moved> => {
    await lockSaid(tx);
    const [moved, entries] = [new Map<Uuid, Step['counts']>(), [] as AuditEvent[]];
    const late: string[] = [];
    let unmatched = 0;
    for (const { said, at, ...part } of parts) {
      const holds = (await saidOf(tx, { place: part.place, names: part.rules })).get(part.version);
      if (holds !== undefined && holds.said_at > at) {
        late.push(`${said.ids[0] ?? ''} about ${said.purl.slice(0, 200)} is older than what was said of it since`);
        continue;
      }
      await keepSaid(tx, said.ids.map((name) => ({ place: part.place, version: part.version, name, status: said.status, reason: said.reason.slice(0, REASON_LENGTH), said_at: at, taken_at: clock(), taken_by: whoActs({ id: by.actor.id, person: by.person }) })));
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
    // also of what nobody has found yet: it may hide something on the day when it is found
    await audit.appendIn(tx, { action: 'assurance.vex.take', actor: by.actor, outcome: 'done', requestId: by.requestId, detail: { sha256, statements: parts.length - late.length, unmatched } });
    for (const entry of entries) await audit.appendIn(tx, entry);
    return { moved, unmatched, late };
  };
  return async (by, bytes) => {
    const { statements, refused } = readVex(bytes);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    const here = await feeds.here();
    // what says no time is said now; and nothing is said later than now: it would hold against all that comes
    const now = clock();
    const timed = statements.map((said) => ({ said, at: said.at === null || said.at > now ? now : said.at }));
    // of several about the same the last one holds, as it does for whoever reads them
    const sorted = timed.toSorted((one, other) => one.at.getTime() - other.at.getTime());
    const late: string[] = [];
    const all = new Map<Uuid, Step['counts']>();
    let unmatched = 0;
    try {
      for (let from = 0; from < sorted.length; from += TOGETHER) {
        const parts: Part[] = [];
        for (const { said, at } of sorted.slice(from, from + TOGETHER)) {
          const { base, version, whole } = versionedPart(said.purl);
          parts.push({ said, at, rules: await namesOf(db, said.ids), place: base, version, isHere: here.has(whole) });
        }
        const done = await transact(db, (tx) => settleSome(tx, by, parts, sha256));
        for (const [id, counts] of done.moved) all.set(id, counts);
        unmatched += done.unmatched;
        late.push(...done.late);
      }
    } finally {
      // also of what was settled before it broke off: another version may be here too
      await feeds.lookAside();
    }
    // said of one version, and another one is here too
    const states = new Map((await statesOf(db, [...all.keys()])).map(({ finding_id, state }) => [finding_id, state]));
    const movedAs = (counts: Step['counts']): string[] =>
      [...all].filter(([id, each]) => (each === 'notAffected' && states.get(id) !== 'not affected' ? 'reopened' : each) === counts).map(([id]) => findingId(id));
    return {
      statements: statements.length - late.length,
      notAffected: movedAs('notAffected'),
      retest: movedAs('retest'),
      reopened: movedAs('reopened'),
      unmatched,
      refused: [...refused, ...late].slice(0, LISTED),
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
  // what it was closed for holds no more, or is not known any more
  const isOpenAgain = status === 'affected' || status === 'under investigation';
  if (isOpenAgain && row.state === 'not affected') return { to: 'triaged', counts: 'reopened', changed: { anchor: anchorOf(others), reason: null, told_at: null } };
  // open for another version: nothing holds of this one any more
  if (isOpenAgain && others.length < versionsIn(row.anchor).length) return { to: row.state, counts: 'none', changed: { anchor: anchorOf(others) } };
  return null;
} // prettier-ignore
