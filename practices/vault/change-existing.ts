/**
 * The records of a batch that are there already, with onDuplicate: update. They change in the batch's own transaction, so
 * that its answer can be kept under its idempotency key: a batch that is repeated changes nothing a second time.
 */
import type { Tx } from '#platform/db';
import { isFailure, type Failure } from '#platform/failure';
import type { RecordId } from '#platform/ids';

import type { CheckConsent } from './check-consent.ts';
import type { CheckedItem, CheckValue } from './check-record.ts';
import type { Caller, Core } from './core.ts';
import { changeEvent, changeRecord, type MadeChange } from './patch.ts';
import { lockRings } from './store/rings.ts';
import type { FieldValue } from './types.ts';

export type Existing = Readonly<{ at: number; id: RecordId; item: CheckedItem }>;
export type Settled = Readonly<{ at: number; made: MadeChange }> | Readonly<{ at: number; failure: Failure }>;

/**
 * One after the other. INVARIANT: changeRecord refuses before it writes anything of the record, so that one that is refused
 * leaves nothing behind and the others go on. The entry in the log is written by `logChanges`.
 */
export async function changeExisting(
  core: Core,
  tx: Tx,
  caller: Caller,
  existing: readonly Existing[],
  checkConsent: CheckConsent,
): Promise<readonly Settled[]> {
  // all rings at first and in order, so that two batches on the same subjects wait for each other instead of colliding
  await lockRings(tx, [...new Set(existing.map(({ id }) => id.subjectId))]);
  const settled: Settled[] = [];
  for (const { at, id, item } of existing) {
    const expiresAt = item.expiresAt?.toISOString();
    const change = { fields: Object.fromEntries(item.fields), ...(expiresAt === undefined ? {} : { expiresAt }) };
    try {
      settled.push({
        at,
        made: await changeRecord(core, tx, caller, { id, seen: null, change, checkValue: keepValue, checkConsent }),
      });
    } catch (thrown) {
      if (!isFailure(thrown)) throw thrown;
      settled.push({ at, failure: thrown });
    }
  }
  return settled;
}

/** Last in the transaction: the head of the log stays locked until its end. @returns null when nothing was changed */
export async function logChanges(
  core: Core,
  tx: Tx,
  caller: Caller,
  collection: string,
  settled: readonly Settled[],
): Promise<bigint | null> {
  const made = settled.flatMap((each) => ('made' in each ? [each.made] : []));
  if (made.length === 0) return null;
  return (await core.audit.appendIn(tx, changeEvent(caller, collection, made))).index;
}

/** These values were checked, and read from text where they came as text, before they were found to be updates. */
const keepValue: CheckValue = (_spec, value) => ({ ok: true, value: value as FieldValue });
