/** What an incident did, by all that the log was asked about it: who asks for less the last time takes nobody out. */
import type { Statements } from '#platform/db';
import type { Uuid } from '#platform/ids';

import { effectsOf, scopesOf, type ScopeLine } from '../store/scopes.ts';
import type { Totals } from './scope.ts';
import { viewOf, type ScopeView } from './scopes.ts';

export type Effects = Omit<Totals, 'byClass'> &
  Readonly<{
    /** People more, at most, who stand in entries that name none. */
    upToMore: number;
    /** What no scope can say, in words. */
    unknown: readonly string[];
    /** Hash of the newest, and when that was asked. */
    scope: string;
    askedAt: string;
    /** All of them, the newest first. */
    scopes: readonly Readonly<Pick<ScopeView, 'id' | 'hash' | 'askedAt' | 'criteria'> & { subjects: number }>[];
  }>;

/** None of an incident about which nothing was asked yet. */
export async function readEffects(db: Statements, incidents: readonly Uuid[]): Promise<ReadonlyMap<Uuid, Effects>> {
  const lines = Map.groupBy(await scopesOf(db, incidents), ({ incident_id }) => incident_id);
  const rows = lines.size === 0 ? [] : await effectsOf(db, [...lines.keys()]);
  return new Map(
    rows.map((row): [Uuid, Effects] => {
      const scopes = (lines.get(row.incident_id) as readonly ScopeLine[]).map(viewOf);
      const newest = scopes[0] as ScopeView;
      const { subjects, in_clear: inClear, masked_only: maskedOnly, entries } = row;
      return [row.incident_id, {
        classes: [...new Set(scopes.flatMap(({ totals }) => totals.classes))].toSorted(),
        subjects, inClear, maskedOnly, knownOnly: subjects - inClear - maskedOnly, entries, firstAt: row.first_at, lastAt: row.last_at,
        upToMore: upToMore(scopes), unknown: [...new Set(scopes.flatMap(({ says }) => says))], scope: newest.hash, askedAt: newest.askedAt,
        scopes: scopes.map(({ id, hash, askedAt, criteria, totals }) => ({ id, hash, askedAt, criteria, subjects: totals.subjects })),
      }];
    }),
  ); // prettier-ignore
}

/** Of several scopes that have the same entries once: how many are in each single one is not kept. */
function upToMore(scopes: readonly ScopeView[]): number {
  const counted = new Set<number>();
  let most = 0;
  for (const { unknown } of scopes.toSorted((a, b) => b.unknown.unnamed.entries.length - a.unknown.unnamed.entries.length)) {
    const { entries, subjectsAtMost } = unknown.unnamed;
    if (entries.every((each) => counted.has(each))) continue;
    most += subjectsAtMost;
    for (const each of entries) counted.add(each);
  }
  return most;
} // prettier-ignore
