/** Values of a declined correction, kept for an appeal that nobody made: they go when its time is over. */
import { transact, type Db } from '#platform/db';
import { isFailure } from '#platform/failure';

import { changeRequest, withValues, type RequestRow } from '../store/requests.ts';
import { APPEAL_WITHIN_DAYS } from './clocks.ts';
import { named } from './corrections.ts';
import { requestIdText, type Desk } from './desk.ts';
import { isAsSeen } from './other-eyes.ts';

const AT_A_TIME = 100;

/** @returns of how many they are gone */
export function createForget({ db, clock, desk }: Readonly<{ db: Db; clock: () => Date; desk: Desk }>): () => Promise<number> {
  const withoutValues = async (row: RequestRow): Promise<Buffer | null> => {
    try {
      const items = await desk.corrections(row);
      return items === null ? null : await desk.seal(row.subject_id, JSON.stringify(items.map(named)));
    } catch (thrown) {
      // erased meanwhile: with the key the values are gone too
      if (isFailure(thrown, 'PRIVACY_SUBJECT_NOT_FOUND')) return null;
      throw thrown;
    }
  };
  const isGone = async (seen: RequestRow): Promise<boolean> => {
    const corrections = await withoutValues(seen);
    return transact(db, async (tx) => {
      const row = await desk.found(tx, requestIdText(seen.request_id));
      if (!isAsSeen(row, seen)) return false;
      await changeRequest(tx, row.request_id, { ...(corrections === null ? {} : { corrections }), values_kept: false });
      return true;
    });
  };
  return async () => {
    const over = new Date(clock().getTime() - APPEAL_WITHIN_DAYS * 86_400_000);
    const faults: unknown[] = [];
    let gone = 0;
    for (const seen of await withValues(db, over, AT_A_TIME)) {
      try {
        if (await isGone(seen)) gone += 1;
      } catch (thrown) {
        faults.push(thrown);
      }
    }
    // what does not open keeps nobody else's
    if (faults.length > 0) throw faults[0];
    return gone;
  };
} // prettier-ignore
