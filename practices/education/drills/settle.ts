/** The end of a drill: scored once, by whichever server comes first; what follows for people is in the same transaction. */
import { transact, type Tx } from '#platform/db';
import { isFailure } from '#platform/failure';
import { parsePublicId, publicId, type Uuid } from '#platform/ids';

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
  lostSince,
  overdueDrills,
  passedBefore,
  OVERDUE_AT_ONCE,
  type DrillEvent,
  type DrillRow,
  type OverdueDrill,
} from '../store/drills.ts';
import { customersOf } from '../store/exercises.ts';
import type { Library } from '../texts/library.ts';
import { drillId } from './begin.ts';
import { MINUTE_MS, type Ran } from './drill-clock.ts';
import type { Drill } from './drill.ts';
import type { DrillNeeds } from './needs.ts';
import { concernedIn } from './planted.ts';
import { scoreDrill, type Decided, type FoundScope } from './score.ts';

/** The very version that it is pinned to. @throws EDUCATION_TEXT_NOT_FOUND */
export function drillOf(library: Library, { text_id, hash }: Pick<DrillRow, 'text_id' | 'hash'>): Drill {
  const version = library.versions('drill', text_id).find((each) => each.hash === hash);
  if (version === undefined) throw educationFailure('TEXT_NOT_FOUND');
  return version.text();
}

const isUnread = (thrown: unknown): boolean => isFailure(thrown, 'EDUCATION_TEXT_NOT_FOUND') || isFailure(thrown, 'EDUCATION_TEXT_INVALID'); // prettier-ignore

/** One whose text this program does not read: it can be looked at and stopped, and nothing comes in it. */
export function shownDrill(library: Library, row: DrillRow): Drill {
  try {
    return drillOf(library, row);
  } catch (thrown) {
    if (!isUnread(thrown)) throw thrown;
    const minutes = Math.round((row.ends_at.getTime() - row.begins_at.getTime() + Number(row.skipped_ms)) / MINUTE_MS);
    return { id: row.text_id, hash: row.hash, version: 1, locale: 'en', title: row.text_id, kind: 'other', audience: [], minutes, pace: 1, validityDays: 0, passes: 1, story: '', debrief: '', injects: [] }; // prettier-ignore
  }
}

export const ranOf = ({ begins_at, skipped_ms, ended_at }: DrillRow): Ran => ({
  beginsAt: begins_at,
  skippedMs: Number(skipped_ms),
  endedAt: ended_at,
});

export const decidedOf = (events: readonly DrillEvent[]): readonly Decided[] =>
  events.flatMap(({ kind, detail }) => (kind === 'decided' ? [detail as Decided] : []));

/** What the log was asked about, the last time: that one counts, and when it was asked. */
export function scopeOf(events: readonly DrillEvent[]): FoundScope | null {
  const last = events.findLast(({ kind }) => kind === 'scope');
  return last === undefined ? null : { subjects: new Set(last.detail.subjects as Uuid[]), askedMs: last.detail.elapsedMs as number };
} // prettier-ignore

/** Asked before a transaction, which holds a connection, and from its first entry on the head of the log too. */
export type Known = Readonly<{ library: Library; staff: readonly Person[] }>;

/** One that has the version that it is pinned to, which another server may have published a moment ago. */
export async function libraryFor({ gate }: Pick<DrillNeeds, 'gate'>, row: DrillRow | null): Promise<Library> {
  const library = await gate.library();
  if (row === null || library.versions('drill', row.text_id).some(({ hash }) => hash === row.hash)) return library;
  await gate.refresh();
  return gate.library();
}

/** Of a drill that is held. @param by null: its time is over */
export async function scoreIn({ audit, gate, stage }: DrillNeeds, tx: Tx, { library, staff }: Known, by: By | null, row: DrillRow): Promise<void> {
  const drill = drillOf(library, row);
  const events = await drillEvents(tx, row.drill_id);
  const customers = await customersOf(tx, row.drill_id);
  const score = scoreDrill(drill, decidedOf(events), scopeOf(events), concernedIn(drill, customers, stage.pseudonymOf));
  const id = drillId(row.drill_id);
  const now = gate.now();
  const at = now < row.ends_at ? now : row.ends_at;
  // nobody answered whoever was in it: that is no failure of theirs
  if (!score.passed && now.getTime() - row.ends_at.getTime() > AWAY_MS) {
    await endDrill(tx, row.drill_id, { state: 'stopped', at, score: null });
    await audit.appendIn(tx, { action: 'education.drill.stop', actor: { kind: 'system', id: 'education' }, outcome: 'done', detail: { drill: id, because: 'no server ran when it ended' } });
    return;
  }
  await endDrill(tx, row.drill_id, { state: 'scored', at, score });
  const took = tookPart(events, drill);
  const hadPassed = score.passed ? [] : await passedBefore(tx, row.text_id, took);
  // small ones that fail within a day add up; whoever has left since is missed by nobody
  const here = new Set(staff.map(({ id }) => id));
  const lately = hadPassed.length === 0 ? [] : await lostSince(tx, new Date(now.getTime() - DAY_MS));
  const losing = [...new Set([...hadPassed, ...lately.filter((each) => here.has(publicId('per', each)))])];
  const crowd = crowdOf(losing, staff);
  // who decided nothing has shown nothing
  const whose = score.passed ? took.filter((person) => hasActed(events, publicId('per', person))) : crowd === null ? took : [];
  await giveVerdict(tx, row.drill_id, whose, score.passed ? 'passed' : 'failed');
  // held before the head of the log, as everywhere
  for (const person of whose) await noteChange(tx, person);
  await audit.appendIn(tx, {
    action: 'education.drill.end', actor: by?.actor ?? { kind: 'system', id: 'education' }, outcome: 'done', ...(by === null ? {} : { requestId: by.requestId }),
    detail: {
      drill: id, text: row.text_id, hash: row.hash, state: score.passed ? 'passed' : 'failed', total: round(score.total), people: took.length,
      decided: score.decisions.filter(({ chose }) => chose !== null).length, right: score.decisions.filter(({ right }) => right).length, of: score.decisions.length,
      ...(score.scope === null ? {} : { precision: round(score.scope.precision), recall: round(score.scope.recall) }),
    },
  });
  // a team that failed together is shut off by no drill: somebody looks at it
  if (crowd !== null)
    await audit.appendIn(tx, { action: 'education.drill.failed.many', actor: { kind: 'system', id: 'bulk guard' }, outcome: 'done', detail: { people: losing.length, text: row.text_id, by: id, ...crowd } });
} // prettier-ignore

/** Who came when half of it was over has looked on. */
const tookPart = (events: readonly DrillEvent[], { minutes }: Drill): Uuid[] =>
  events.flatMap(({ kind, detail }) => (kind === 'joined' && (detail.elapsedMs as number) <= (minutes * MINUTE_MS) / 2 ? [parsePublicId('per', detail.person as string) as Uuid] : [])); // prettier-ignore

const hasActed = (events: readonly DrillEvent[], person: string): boolean =>
  events.some(({ kind, by }) => by === person && (kind === 'decided' || kind === 'scope'));

/** Whether those who would lose something are too many of all, or of one role. @returns of how many, and in which role */
function crowdOf(losing: readonly Uuid[], staff: readonly Person[]): Readonly<{ of: number; role?: string }> | null {
  if (isCrowd(losing.length, staff.length)) return { of: staff.length };
  const who = new Set(losing.map((each) => publicId('per', each)));
  for (const role of new Set(staff.flatMap(({ roles }) => roles))) {
    const of = staff.filter(({ roles }) => roles.includes(role));
    if (isCrowd(of.filter(({ id }) => who.has(id)).length, of.length)) return { of: of.length, role };
  }
  return null;
}

/** Longer than a server that begins anew is away. */
const AWAY_MS = 5 * MINUTE_MS;
const DAY_MS = 86_400_000;
const round = (part: number): number => Math.round(part * 1000) / 1000;

/** Scores it, where its time is over. Holds nothing while it is not. @returns it as it is then */
export async function settle(needs: DrillNeeds, id: Uuid): Promise<DrillRow | null> {
  const isDue = (row: DrillRow | null): row is DrillRow => row?.state === 'open' && needs.gate.now() >= row.ends_at;
  const found = await findDrill(needs.db, id);
  if (!isDue(found)) return found;
  const known: Known = { library: await libraryFor(needs, found), staff: await needs.people() };
  await transact(needs.db, async (tx) => {
    const row = await holdDrill(tx, id);
    if (isDue(row)) await scoreIn(needs, tx, known, null, row);
  });
  return findDrill(needs.db, id);
}

/** Before it is looked at, or stopped: one that cannot be scored is shown as it is. */
export const settleOr = (needs: DrillNeeds, id: Uuid): Promise<DrillRow | null> =>
  settle(needs, id).catch((thrown: unknown) => {
    if (!isUnread(thrown)) throw thrown;
    return findDrill(needs.db, id);
  });

/** One that cannot be scored keeps no other from it. @returns how many were over @throws what the first of those threw */
export async function sweepDrills(needs: DrillNeeds): Promise<number> {
  const thrown: unknown[] = [];
  let [count, after]: [number, OverdueDrill | null] = [0, null];
  do {
    const overdue: readonly OverdueDrill[] = await overdueDrills(needs.db, needs.gate.now(), after);
    for (const { drill_id } of overdue) await settle(needs, drill_id).catch((cause: unknown) => thrown.push(cause));
    count += overdue.length;
    after = overdue.length < OVERDUE_AT_ONCE ? null : (overdue.at(-1) as OverdueDrill);
  } while (after !== null);
  if (thrown.length > 0) throw thrown[0];
  return count;
}
