/** Sightings on their way into the database, and what is noted of them: the finding's own history, and the log. */
import type { Audit } from '#platform/audit';
import type { Tx } from '#platform/db';
import { publicId, uuidv7, type Uuid } from '#platform/ids';

import {
  addEvent,
  findFinding,
  insertFinding,
  lockByFingerprint,
  updateFinding,
  type FindingRow,
} from '../store/findings.ts';
import type { FindingState } from '../types.ts';
import { newRow, seenAgain, type Seen, type Sighting } from './sightings.ts';

export type ByWhom = Readonly<{
  actor: Readonly<{ kind: 'service' | 'staff' | 'system'; id: string; role?: string | undefined }>;
  requestId?: string | undefined;
}>;
export const ASSURANCE: ByWhom = { actor: { kind: 'system', id: 'assurance' } };

export const findingId = (id: Uuid): string => publicId('fnd', id);

export type TakenIn = Readonly<{ id: Uuid; what: Seen['what'] }>;

/** One sighting. The log is told by `noteSightings`, once for all of a transaction. */
export async function takeIn(tx: Tx, sighting: Sighting, by: ByWhom, at: Date): Promise<TakenIn> {
  const fresh = newRow(sighting, uuidv7(at.getTime()), at);
  if (await insertFinding(tx, fresh)) {
    await addEvent(tx, fresh.finding_id, { at, by: by.actor.id, what: 'opened', from_state: null, to_state: 'new', note: '' });
    return { id: fresh.finding_id, what: 'opened' };
  }
  const row = (await lockByFingerprint(tx, sighting.fingerprint)) as FindingRow;
  // a report that has the words of a control test: what the test found is the test's alone
  if (row.test_id !== null && sighting.testId === null) return { id: row.finding_id, what: 'seen again' };
  const original = row.duplicate_of === null ? null : ((await findFinding(tx, row.duplicate_of))?.state ?? null);
  const seen = seenAgain(row, sighting, at, original);
  await updateFinding(tx, seen.row);
  // each time that nothing came of it would be a line for each night
  if (seen.what !== 'seen again')
    await addEvent(tx, row.finding_id, { at, by: by.actor.id, what: seen.what, from_state: row.state, to_state: seen.row.state, note: seen.note });
  return { id: row.finding_id, what: seen.what };
} // prettier-ignore

/** Ids in one entry of the log. */
const LISTED = 200;

export async function noteSightings(audit: Pick<Audit, 'appendIn'>, tx: Tx, taken: readonly TakenIn[], by: ByWhom, source: string): Promise<void> {
  const changed = taken.filter(({ what }) => what !== 'seen again');
  for (let from = 0; from < changed.length; from += LISTED) {
    const some = changed.slice(from, from + LISTED);
    const of = (...whats: Seen['what'][]): string[] => some.filter(({ what }) => whats.includes(what)).map(({ id }) => findingId(id));
    await audit.appendIn(tx, {
      action: 'assurance.finding.seen', actor: by.actor, outcome: 'done', ...(by.requestId === undefined ? {} : { requestId: by.requestId }),
      detail: { source, opened: of('opened'), reopened: of('reopened', 'acceptance ended'), cameBack: of('came back'), worse: of('worse') },
    });
  }
} // prettier-ignore

/** One change of state that no person made, in history and log. */
export async function moveBySystem(
  { audit, at }: Readonly<{ audit: Pick<Audit, 'appendIn'>; at: Date }>,
  tx: Tx,
  row: FindingRow,
  to: FindingState,
  { what, note, changed = {} }: Readonly<{ what: string; note: string; changed?: Partial<FindingRow> }>,
): Promise<void> {
  await updateFinding(tx, { ...row, ...changed, state: to });
  await addEvent(tx, row.finding_id, { at, by: ASSURANCE.actor.id, what, from_state: row.state, to_state: to, note });
  await audit.appendIn(tx, { ...ASSURANCE, action: 'assurance.finding.move', outcome: 'done', detail: { finding: findingId(row.finding_id), from: row.state, to, what } });
} // prettier-ignore
