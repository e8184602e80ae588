/** The end of a drill: scored once, by whichever server comes first; what follows for people is in the same transaction. */
import { transact, type Tx } from '#platform/db';
import { parsePublicId, type Uuid } from '#platform/ids';

import type { By } from '../by.ts';
import { educationFailure } from '../failures.ts';
import { isCrowd } from '../standing/bulk-guard.ts';
import type { Person } from '../standing/requirements.ts';
import { noteChange } from '../store/changes.ts';
import {
  drillEvents,
  endDrill,
  findDrill,
  giveVerdict,
  holdDrill,
  overdueDrills,
  type DrillEvent,
  type DrillRow,
} from '../store/drills.ts';
import { customersOf } from '../store/exercises.ts';
import type { Library } from '../texts/library.ts';
import { drillId } from './begin.ts';
import { MINUTE_MS, type Ran } from './drill-clock.ts';
import type { Drill } from './drill.ts';
import type { DrillNeeds } from './needs.ts';
import { concernedIn } from './planted.ts';
import { scoreDrill, type Decided, type DrillScore, type FoundScope } from './score.ts';

/** The very version that it is pinned to. @throws EDUCATION_TEXT_NOT_FOUND */
export function drillOf(library: Library, { text_id, hash }: Pick<DrillRow, 'text_id' | 'hash'>): Drill {
  const version = library.versions('drill', text_id).find((each) => each.hash === hash);
  if (version === undefined) throw educationFailure('TEXT_NOT_FOUND');
  return version.text();
}

export const ranOf = ({ begins_at, skipped_ms, ended_at }: DrillRow): Ran => ({
  beginsAt: begins_at,
  skippedMs: Number(skipped_ms),
  endedAt: ended_at,
});

export const decidedOf = (events: readonly DrillEvent[]): readonly Decided[] =>
  events.flatMap(({ kind, detail }) => (kind === 'decided' ? [detail as Decided] : []));

/** What the log was asked about, the last time that counts. */
export function scopeOf(events: readonly DrillEvent[]): FoundScope | null {
  const asked = events.filter(({ kind }) => kind === 'scope');
  const [first, last] = [asked[0], asked.at(-1)];
  if (first === undefined || last === undefined) return null;
  return { subjects: new Set(last.detail.subjects as Uuid[]), firstMs: first.detail.elapsedMs as number };
}

/** Asked before a transaction, which holds a connection, and from its first entry on the head of the log too. */
export type Known = Readonly<{ library: Library; staff: readonly Person[] }>;
export const knownOf = async ({ gate, people }: DrillNeeds): Promise<Known> => ({
  library: await gate.library(),
  staff: await people(),
});

/** Of a drill that is held. @param by null: its time is over */
export async function scoreIn({ audit, gate, stage }: DrillNeeds, tx: Tx, { library, staff }: Known, by: By | null, row: DrillRow): Promise<DrillScore> {
  const drill = drillOf(library, row);
  const events = await drillEvents(tx, row.drill_id);
  const customers = await customersOf(tx, row.drill_id);
  const score = scoreDrill(drill, decidedOf(events), scopeOf(events), concernedIn(drill, customers, stage.pseudonymOf));
  // a server that was away for an hour ends it at the moment at which it was over
  const now = gate.now();
  const at = now < row.ends_at ? now : row.ends_at;
  await endDrill(tx, row.drill_id, { state: 'scored', at, score });
  // who came when half of it was over has looked on
  const took = events.flatMap(({ kind, detail }) => (kind === 'joined' && (detail.elapsedMs as number) <= (drill.minutes * MINUTE_MS) / 2 ? [parsePublicId('per', detail.person as string) as Uuid] : []));
  await giveVerdict(tx, row.drill_id, took, score.passed ? 'passed' : 'failed');
  const id = drillId(row.drill_id);
  await audit.appendIn(tx, {
    action: 'education.drill.end', actor: by?.actor ?? { kind: 'system', id: 'education' }, outcome: 'done', ...(by === null ? {} : { requestId: by.requestId }),
    detail: {
      drill: id, text: row.text_id, hash: row.hash, state: score.passed ? 'passed' : 'failed', total: round(score.total), people: took.length,
      decided: score.decisions.filter(({ chose }) => chose !== null).length, right: score.decisions.filter(({ right }) => right).length, of: score.decisions.length,
      ...(score.scope === null ? {} : { precision: round(score.scope.precision), recall: round(score.scope.recall) }),
    },
  });
  // a team that failed together is shut off together, where its roles ask for the drill: somebody looks at that
  if (!score.passed && isCrowd(took.length, staff.length))
    await audit.appendIn(tx, { action: 'education.revocations.many', actor: { kind: 'system', id: 'bulk guard' }, outcome: 'done', detail: { people: took.length, of: staff.length, by: id } });
  for (const person of took) await noteChange(tx, person);
  return score;
} // prettier-ignore

const round = (part: number): number => Math.round(part * 1000) / 1000;

/** Scores it, where its time is over. Holds nothing while it is not. */
export async function settle(needs: DrillNeeds, id: Uuid): Promise<void> {
  const isDue = (row: DrillRow | null): row is DrillRow => row?.state === 'open' && needs.gate.now() >= row.ends_at;
  if (!isDue(await findDrill(needs.db, id))) return;
  const known = await knownOf(needs);
  await transact(needs.db, async (tx) => {
    const row = await holdDrill(tx, id);
    if (isDue(row)) await scoreIn(needs, tx, known, null, row);
  });
}

/** One that cannot be scored keeps no other from it. @returns how many were over @throws what the first of those threw */
export async function sweepDrills(needs: DrillNeeds): Promise<number> {
  const overdue = await overdueDrills(needs.db, needs.gate.now());
  const thrown: unknown[] = [];
  for (const id of overdue) await settle(needs, id).catch((cause: unknown) => thrown.push(cause));
  if (thrown.length > 0) throw thrown[0];
  return overdue.length;
}
