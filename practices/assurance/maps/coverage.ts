/** How far a catalogue is covered: each of its ids with the tests that speak for it, and how they stand. */
import { MAP_NAMES, idsOf, type MapName } from './catalogues.ts';
import type { Maps } from '../types.ts';

export type Stands = Readonly<{ test: Readonly<{ id: string; maps: Maps }>; state: 'pass' | 'fail' | 'unknown' }>;

export type Covered = Readonly<{
  map: MapName;
  /** How many ids the catalogue has; null where that is not known here. */
  ids: number | null;
  rows: readonly Readonly<{ id: string; tests: readonly string[]; state: 'pass' | 'fail' | 'unknown' }>[];
}>;

/** Ids without a test have no row: nothing is said about them. */
export function coverage(standing: readonly Stands[]): readonly Covered[] {
  return MAP_NAMES.map((map) => {
    const byId = new Map<string, Stands[]>();
    for (const each of standing)
      for (const id of each.test.maps[map] ?? []) byId.set(id, [...(byId.get(id) ?? []), each]);
    const rows = [...byId].map(([id, about]) => ({
      id,
      tests: about.map(({ test }) => test.id),
      state: stateOf(about),
    }));
    const order = idsOf(map);
    return {
      map,
      ids: order?.length ?? null,
      rows: rows.toSorted((one, other) =>
        order === null ? (one.id < other.id ? -1 : 1) : order.indexOf(one.id) - order.indexOf(other.id),
      ),
    };
  });
}

/** A failure of one is one of the id; only fresh passes of all make it pass. */
function stateOf(about: readonly Stands[]): 'pass' | 'fail' | 'unknown' {
  if (about.some(({ state }) => state === 'fail')) return 'fail';
  return about.every(({ state }) => state === 'pass') ? 'pass' : 'unknown';
}
