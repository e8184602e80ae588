/** Deadlines that come near, told to who answers requests: 7 and 2 days before, on the last day, and when it is over. */
import type { Audit } from '#platform/audit';
import { transact, type Db } from '#platform/db';
import { publicId, type Uuid } from '#platform/ids';
import type { Mail } from '#platform/mail';

import { changeRequest, lockRequest, nearDue, type RequestRow } from '../store/requests.ts';
import { requestIdText } from './desk.ts';

/** Days before; -1: over. Each is told once, and only the latest of those that came at once. */
export const ALARM_DAYS = [-1, 0, 2, 7] as const;
const DAY_MS = 86_400_000;
const PAGE = 200;

export const alarmOf = (due: Date, now: Date): (typeof ALARM_DAYS)[number] | null => {
  const left = Math.floor((due.getTime() - now.getTime()) / DAY_MS);
  return ALARM_DAYS.find((days) => left <= days) ?? null;
};

/** Notices and mails are made of the log's entry (practices/access/notices). @returns how many were told */
export function createAlarms({ db, clock, audit, mailState }: Readonly<{ db: Db; clock: () => Date; audit: Pick<Audit, 'appendIn'>; mailState: Mail['stateOf'] }>): () => Promise<number> {
  /** A clock that stands still, and for whom it does, is late for nobody. */
  const stands = async ({ paused_at, paused_mail }: RequestRow): Promise<boolean> =>
    paused_at !== null && (paused_mail === null || (await mailState(db, publicId('mail', paused_mail)))?.state === 'sent');
  const tell = (id: Uuid): Promise<boolean> =>
    transact(db, async (tx) => {
      const row = await lockRequest(tx, id);
      const days = row === null || row.closed_at !== null ? null : alarmOf(row.due_at, clock());
      if (row === null || days === null || (row.alarm !== null && row.alarm <= days)) return false;
      await changeRequest(tx, id, { alarm: days });
      await audit.appendIn(tx, {
        action: 'privacy.request.due', actor: { kind: 'system', id: 'privacy' }, subjects: [row.subject_id], outcome: 'done',
        detail: { request: requestIdText(id), kind: row.kind, days, due: row.due_at.toISOString(), state: row.state },
      });
      return true;
    });
  return async () => {
    let told = 0;
    for (let after: Uuid | null = null; ;) {
      const rows: RequestRow[] = await nearDue(db, new Date(clock().getTime() + 8 * DAY_MS), after, PAGE);
      for (const row of rows) {
        const days = alarmOf(row.due_at, clock());
        if (days === null || (row.alarm !== null && row.alarm <= days) || (await stands(row))) continue;
        if (await tell(row.request_id)) told += 1;
      }
      if (rows.length < PAGE) return told;
      after = rows.at(-1)?.request_id ?? null;
    }
  };
} // prettier-ignore
