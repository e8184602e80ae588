/**
 * Of the ledger: single records that were deleted and fields that were removed. The account of what went has them by HMAC; from
 * there they come into the ledger, and a restore takes them away again.
 */
import type { Tx } from '#platform/db';

import type { LedgerEntry } from './ledger.ts';
import { fedTo, knownParts, noteFed } from './store/ledger.ts';

/** `seq`: its place in the account. `record`: 64 hex digits, HMAC of its id. No fields: all of it. */
export type GonePart = Readonly<{ seq: string; record: string; fields: readonly string[]; at: string }>;
/** Behind this place of the account, in its order. `to`: up to where it was read; `more`: it goes on. */
export type PartsSince = (
  after: string,
  limit: number,
) => Promise<Readonly<{ parts: readonly GonePart[]; to: string; more: boolean }>>;

const PAGE = 1000;
/** Of one call, so that nobody waits too long for the lock. */
const PAGES = 20;

type Fresh = Pick<LedgerEntry, 'what' | 'idHash' | 'scope' | 'at'>;

export async function freshParts(tx: Tx, partsSince: PartsSince): Promise<Fresh[]> {
  const found: Fresh[] = [];
  const begun = await fedTo(tx);
  let after = begun;
  for (let page = 0; page < PAGES; page += 1) {
    const { parts, to, more } = await partsSince(after, PAGE);
    after = to;
    // after a restore the account is read from its beginning: most of it is there
    const known = parts.length === 0 ? new Set() : await knownParts(tx, parts.map(({ record }) => record)); // prettier-ignore
    for (const { seq, record, fields, at } of parts) {
      const scope = [seq, ...(fields.length === 0 ? [] : [fields.join(',')])].join(' ');
      if (!known.has(`${record} ${scope}`))
        found.push({ what: fields.length === 0 ? 'record' : 'fields', idHash: record, scope, at });
    }
    if (!more) break;
  }
  if (after !== begun) await noteFed(tx, after);
  return found;
}

/** @returns null for an entry of another kind */
export function partOf({ what, idHash, scope, at }: LedgerEntry): GonePart | null {
  if (what !== 'record' && what !== 'fields') return null;
  const [seq = '', names = ''] = scope.split(' ');
  return { seq, record: idHash, fields: names === '' ? [] : names.split(','), at };
}
