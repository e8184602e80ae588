/** Mails before something ends: 30, 14, 7 and 1 days, each once, and after days of silence the most urgent one alone. */
import { transact, type Db, type Tx } from '#platform/db';
import { isFailure } from '#platform/failure';
import { parsePublicId, type Uuid } from '#platform/ids';
import { subjectLine, type Mail, type MailToQueue } from '#platform/mail';

import type { Covered } from '../standing/coverage.ts';
import { reminderDue } from '../standing/reminders.ts';
import type { Zone } from '../standing/zone.ts';
import { insertReminder, remindersSent } from '../store/duties.ts';
import { titleOfDuty, type Library } from '../texts/library.ts';

const DOES = {
  course: { does: 'Learn', at: 'learn' },
  policy: { does: 'Sign', at: 'sign' },
  drill: { does: 'Take the drill', at: 'drills' },
} as const;

type RemindNeeds = Readonly<{ db: Db; zone: Zone; mail: Pick<Mail, 'queue'>; origin: string | null }>;

/** @returns how many mails were queued */
export async function remind(needs: RemindNeeds, covered: readonly Covered[], library: Library, now: Date): Promise<number> {
  const { db, zone, mail, origin } = needs;
  const keyOf = (person: string, kind: string, id: string, dueAt: Date): string => `${person} ${kind} ${id} ${dueAt.getTime()}`;
  const sent = Map.groupBy(await remindersSent(db), (each) => keyOf(each.person_id, each.kind, each.text_id, each.due_at));
  let queued = 0;
  for (const { person, duties } of covered) {
    const person_id = parsePublicId('per', person.id) as Uuid;
    for (const { kind, id, standing } of duties) {
      const { dueAt, state } = standing;
      if (dueAt === null || (state !== 'due' && state !== 'passed')) continue;
      const before = sent.get(keyOf(person_id, kind, id, dueAt)) ?? [];
      const days = reminderDue(dueAt, before.map((each) => each.days), zone, now);
      if (days === null) continue;
      const title = titleOfDuty(library, kind, id);
      const { does, at } = DOES[kind];
      const place = `${origin ?? ''}/console/${at === 'drills' ? at : `${at}/${id}`}`;
      await transact(db, async (tx) => {
        // of two servers one sends it
        if (!(await insertReminder(tx, { person_id, kind, text_id: id, due_at: dueAt, days, sent_at: now }))) return;
        const isQueued = await mailed(mail, tx, {
          to: person.email, kind: 'education.reminder', dedupeKey: null,
          subject: subjectLine(`${does} until ${zone.dayOf(new Date(dueAt.getTime() - 1))}: ${title}`),
          text: `${does}: ${title}\n\nIt is due on ${zone.dayOf(new Date(dueAt.getTime() - 1))}. ${kind === 'drill' ? 'Half an hour is enough' : 'A few minutes are enough'}: ${place}\n\nAfterwards you have some working days in which customers' data is masked, and then none of it is open until it is done.\n`,
        });
        if (isQueued) queued += 1;
      });
    }
  }
  return queued;
} // prettier-ignore

/** Nobody waits for theirs behind somebody to whom no mail can be written: the console shows it to them. */
async function mailed(mail: RemindNeeds['mail'], tx: Tx, reminder: MailToQueue): Promise<boolean> {
  try {
    await mail.queue(tx, reminder);
    return true;
  } catch (thrown) {
    if (isFailure(thrown, 'MAIL_INVALID')) return false;
    throw thrown;
  }
}
