/**
 * Of the ledger: renewals of all subjects' keys (`rotate keys`). A restore joins rows as they were with keys as they are now, and
 * a renewal drops the keys that older rows are sealed under: the ledger says from when to when one went on, so that a restore
 * to before its end is refused before there is a database, not by the proof at the end.
 */
import { createHash } from 'node:crypto';

import type { Statements } from '#platform/db';

import { backupsFailure } from './failures.ts';
import type { LedgerEntry } from './ledger.ts';
import { knownRenewals } from './store/ledger.ts';

/** Every one that runs, and those that ended since; `id` says nothing of anybody. */
export type Renewal = Readonly<{ id: string; begunAt: Date; endedAt: Date | null }>;
type Fresh = Pick<LedgerEntry, 'what' | 'idHash' | 'scope' | 'at'>;

const hashOf = (id: string): string => createHash('sha256').update(`strongroom/renewal/1\n${id}`).digest('hex');

/** What the ledger does not know of yet. One that is not there any more (it came with a restore) ended now at the latest. */
export async function freshRenewals(db: Statements, renewals: readonly Renewal[], now: Date): Promise<Fresh[]> {
  const known = await knownRenewals(db);
  const entry = (idHash: string, scope: 'begun' | 'ended', at: Date): Fresh[] =>
    known.get(idHash)?.has(scope) === true ? [] : [{ what: 'renewal', idHash, scope, at: at.toISOString() }];
  const there = new Map(renewals.map((each) => [hashOf(each.id), each]));
  const left = [...known.keys()].filter((idHash) => !there.has(idHash));
  return [
    ...[...there].flatMap(([idHash, { begunAt, endedAt }]) => [
      ...entry(idHash, 'begun', begunAt),
      ...(endedAt === null ? [] : entry(idHash, 'ended', endedAt)),
    ]),
    ...left.flatMap((idHash) => entry(idHash, 'ended', now)),
  ];
}

/**
 * @param to the time that is restored to; null: everything there is, keys and rows to the same end
 * @throws BACKUPS_KEYS_RENEWED
 */
export function refuseRenewed(entries: readonly Fresh[], to: Date | null): void {
  if (to === null) return;
  const ends = new Map<string, string | null>();
  for (const { what, idHash, scope, at } of entries)
    if (what === 'renewal') ends.set(idHash, scope === 'ended' ? at : (ends.get(idHash) ?? null));
  const under = [...ends.values()].filter((end) => end === null || Date.parse(end) > to.getTime());
  if (under.length === 0) return;
  const last = under.includes(null)
    ? null
    : (under.reduce((a, b) => (a !== null && b !== null && a > b ? a : b)) as string);
  throw backupsFailure('KEYS_RENEWED', {
    detail:
      last === null
        ? `when the system was lost, all keys were being renewed: rows of ${to.toISOString()} do not open with them`
        : `all keys were renewed until ${last}: rows of ${to.toISOString()} were sealed under keys that are gone since`,
    ...(last === null
      ? {}
      : { hint: `restore to ${last} or later: with --at, or without it to the newest time there is` }),
  });
}
