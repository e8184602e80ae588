/** What of a batch is new, and what is there already: in the database, or earlier in the batch. */
import type { Tx } from '#platform/db';
import { recordIdText } from '#platform/ids';
import type { CollectionSpec } from '#practices/collection';

import type { Existing, Settled } from './change-existing.ts';
import type { CheckedItem } from './check-record.ts';
import { vaultFailure } from './failures.ts';
import type { RecordLookups } from './lookups.ts';
import type { OnDuplicate, PutOutcome } from './put.ts';
import { expiredOf, findUniques, keyOfRecord } from './store/records.ts';

export type Candidate = { at: number; item: CheckedItem; found: RecordLookups };

/** Settles what is there already, in the database or earlier in the batch. @returns what is to be stored and changed */
export async function withoutDuplicates(
  tx: Tx,
  collection: CollectionSpec,
  candidates: readonly Candidate[],
  onDuplicate: OnDuplicate,
  decided: PutOutcome[],
): Promise<{ fresh: Candidate[]; existing: Existing[] }> {
  const taken = await findUniques(
    tx,
    candidates.flatMap(({ found }) => [...found.uniques, ...found.former.flat()]),
  );
  const over = await expiredOf(tx, [...taken.values()]);
  const inBatch = new Set<string>();
  const existing: Existing[] = [];
  const fresh = candidates.filter(({ at, item, found }) => {
    const names = found.uniques.map((value) => value.toString('hex'));
    const holders = [found.uniques, ...found.former].map((under) =>
      under.map((value) => taken.get(value.toString('hex'))),
    );
    const known = item.externalId === null ? undefined : holders.find((under) => under[0] !== undefined)?.[0];
    if (known !== undefined) {
      // whoever is meant by one of the two is not meant by the other
      if (item.subjectId !== null && item.subjectId !== known.subjectId)
        decided[at] = {
          status: 'rejected',
          failure: vaultFailure('DUPLICATE', {
            detail: `the record of the collection ${collection.name} with this external id is of another subject`,
          }),
        };
      // not there any more for whoever reads: to skip it would be to lose what comes
      else if (over.has(keyOfRecord(known.subjectId, known.recordNo)))
        decided[at] = {
          status: 'rejected',
          failure: vaultFailure('DUPLICATE', {
            detail: `the record of the collection ${collection.name} with this external id has expired, and is not taken away yet`,
          }),
        };
      else if (onDuplicate === 'skip')
        decided[at] = { status: 'skipped', id: known, subjectId: known.subjectId, version: 0 };
      else if (onDuplicate === 'update') existing.push({ at, id: known, item });
      else
        decided[at] = {
          status: 'rejected',
          failure: vaultFailure('DUPLICATE', {
            detail: `the collection ${collection.name} has a record with this external id`,
          }),
        };
      return false;
    }
    if (holders.flat().some((holder) => holder !== undefined))
      decided[at] = { status: 'rejected', failure: vaultFailure('NOT_UNIQUE') };
    else if (names.some((name) => inBatch.has(name)))
      decided[at] = {
        status: 'rejected',
        failure: vaultFailure('DUPLICATE', {
          detail: 'an earlier record of this batch has this external id or unique value',
        }),
      };
    else {
      for (const name of names) inBatch.add(name);
      return true;
    }
    return false;
  });
  return { fresh, existing };
}

/** A change of the same batch may have taken a value that a new record brings: no other try of the transaction would find it free. */
export async function stillFree(
  tx: Tx,
  fresh: readonly Candidate[],
  settled: readonly Settled[],
  decided: PutOutcome[],
): Promise<readonly Candidate[]> {
  const changed = new Set(settled.flatMap((each) => ('made' in each ? [recordIdText(each.made.id)] : [])));
  if (changed.size === 0) return fresh;
  const taken = await findUniques(
    tx,
    fresh.flatMap(({ found }) => found.uniques),
  );
  return fresh.filter(({ at, found }) => {
    const holders = found.uniques.flatMap((value) => taken.get(value.toString('hex')) ?? []);
    if (!holders.some((holder) => changed.has(recordIdText(holder)))) return true;
    decided[at] = { status: 'rejected', failure: vaultFailure('NOT_UNIQUE') };
    return false;
  });
}
