/** What time alone does with violations: who was not heard in time, what waits for somebody, what nobody settled, what is forgotten. */
import { transact } from '#platform/db';
import { publicId } from '#platform/ids';

import { USUAL_RULES } from '../standing/standing.ts';
import {
  awayOf,
  deleteViolations,
  holdViolation,
  lockDecided,
  openViolations,
  unheard,
  updateViolation,
  wordsIn,
  type ViolationRow,
} from '../store/violations.ts';
import { settleLate } from './decide.ts';
import { USUAL_REMIND_DAYS } from './ladder.ts';
import { nearTo } from './near.ts';
import type { Opened } from './needs.ts';
import { violationId } from './open.ts';
import { forgottenAt, reminderAt, whereIs } from './times.ts';

export async function sweepViolations(needs: Opened): Promise<void> {
  await tellUnheard(needs);
  await remindOfWaiting(needs);
  await forgetOld(needs);
  // last: what cannot be settled is said, and kept nothing else waiting
  await settleLate(needs);
}

async function tellUnheard({ db, gate, zone, outside }: Opened): Promise<void> {
  const late = await unheard(db);
  if (late.length === 0) return;
  const { tell } = await outside();
  for (const { violation_id } of late)
    await transact(db, async (tx) => {
      const row = await holdViolation(tx, violation_id);
      if (row === null || row.review_told) return;
      if (whereIs(row, await awayOf(tx, row.person_id), zone, gate.now()).state !== 'review') return;
      await updateViolation(tx, row, { review_told: true });
      await tell(tx, { step: 'to-decide', violation: violationId(violation_id), person: publicId('per', row.person_id), until: null, not: nearTo(row) }); // prettier-ignore
    });
}

/** On working days, and of each no oftener than its policy says; of two servers one does. */
async function remindOfWaiting({ db, gate, zone, outside }: Opened): Promise<void> {
  const now = gate.now();
  const today = zone.dayOf(now);
  if (zone.isWeekend(today) || USUAL_RULES.holidays.includes(today)) return;
  const open = await openViolations(db);
  if (open.length === 0) return;
  const library = await gate.library();
  const isDue = async (tx: Parameters<typeof awayOf>[0], row: ViolationRow): Promise<boolean> => {
    const text = library
      .versions('policy', row.policy)
      .find(({ hash }) => hash === row.policy_hash)
      ?.text();
    const away = await awayOf(tx, row.person_id);
    const at = reminderAt(row, away, text?.ladderRemindDays ?? USUAL_REMIND_DAYS, zone, now);
    return at !== null && now >= at;
  };
  let asked: Awaited<ReturnType<typeof outside>> | undefined;
  for (const each of open) {
    if (!(await isDue(db, each))) continue;
    // asked before a connection is held
    const { tell } = (asked ??= await outside());
    await transact(db, async (tx) => {
      const row = await holdViolation(tx, each.violation_id);
      if (row === null || !(await isDue(tx, row))) return;
      await updateViolation(tx, row, { reminded_at: now });
      await tell(tx, { step: 'reminder', violation: violationId(row.violation_id), person: publicId('per', row.person_id), until: null, not: nearTo(row, await wordsIn(tx, [row.violation_id])) }); // prettier-ignore
    });
  }
}

async function forgetOld({ db, gate, audit }: Opened): Promise<void> {
  const now = gate.now();
  await transact(db, async (tx) => {
    const gone = (await lockDecided(tx)).flatMap((row) => {
      const at = forgottenAt(row);
      return at !== null && at < now ? [row.violation_id] : [];
    });
    if (gone.length === 0) return;
    await deleteViolations(tx, gone);
    await audit.appendIn(tx, { action: 'education.violation.forget', actor: { kind: 'system', id: 'violations' }, outcome: 'done', detail: { violations: gone.map(violationId) } }); // prettier-ignore
  });
}
