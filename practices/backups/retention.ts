/**
 * Which backups go: of the data plane what grandfather, father and son do not keep; of the key plane everything older than the
 * horizon but the newest, since a key that was shredded lives on in older versions. Manifests stay: the chain is whole.
 *
 * INVARIANT: ages go by the store's clock, and what is locked stays.
 */
import type { Db } from '#platform/db';

import { segmentsBefore } from './store/segments.ts';
import { livingRuns, objectsOfRun, prunedRun, type ObjectRow, type RunPlane, type RunRow } from './store/journal.ts';
import type { Stores } from './stores.ts';
import { beside, removeUnlocked } from './sweep.ts';

export type Keeping = Readonly<{
  /** All backups of so many days, one a day, a week, a month for so long. */
  allDays: number;
  days: number;
  weeks: number;
  months: number;
  /** Change segments are kept so long: any time of then can be restored to. */
  segmentDays: number;
  /** Key backups are gone after so many days. */
  horizonDays: number;
}>;
export const KEEPING: Keeping = { allDays: 2, days: 30, weeks: 12, months: 13, segmentDays: 30, horizonDays: 14 };

const DAY_MS = 86_400_000;

/** @param runs newest first @returns those that may go; the newest never does */
export function superfluous(runs: readonly RunRow[], now: Date, keep: Keeping): RunRow[] {
  const taken = new Set<string>();
  return runs.filter((run, n) => {
    const age = (now.getTime() - run.started_at.getTime()) / DAY_MS;
    const at = run.started_at.toISOString();
    if (run.plane === 'key') return n > 0 && age > keep.horizonDays;
    if (n === 0 || age <= keep.allDays) return false;
    const week = `w${Math.floor(run.started_at.getTime() / (7 * DAY_MS))}`;
    const kept = [
      age <= keep.days ? `d${at.slice(0, 10)}` : null,
      age <= keep.weeks * 7 ? week : null,
      age <= keep.months * 31 ? `m${at.slice(0, 7)}` : null,
    ].filter((slot) => slot !== null && !taken.has(slot));
    for (const slot of kept) taken.add(slot as string);
    return kept.length === 0;
  });
}

export type Pruned = Readonly<{ runs: number; objects: number; locked: number }>;

type PruneNeeds = Readonly<{ db: Db; stores: Stores; keep: Keeping }>;
type Beside = ReturnType<typeof beside>;

/**
 * A plane or a store that fails keeps nothing in the others from going: keys above all must not outlive their horizon.
 * @param mode `dry-run` says what would go
 * @throws the first failure, after all were tried
 */
export async function prune(needs: PruneNeeds, mode: 'dry-run' | 'apply'): Promise<Record<RunPlane, Pruned>> {
  const unless = beside();
  const plane = async (which: RunPlane): Promise<Pruned> => {
    let done: Pruned = { runs: 0, objects: 0, locked: 0 };
    await unless.failed(which, async () => {
      done = await pruneRuns(needs, which, mode, unless);
      done = added(done, await pruneSegments(needs, which, mode, unless));
    });
    return done;
  };
  const [data, key] = [await plane('data'), await plane('key')];
  unless.end();
  return { data, key };
}

async function pruneRuns(
  needs: PruneNeeds,
  which: RunPlane,
  mode: 'dry-run' | 'apply',
  unless: Beside,
): Promise<Pruned> {
  const done = { runs: 0, objects: 0, locked: 0 };
  const runs = await livingRuns(needs.db, which);
  if (runs.length < 2) return done;
  // the clock that is behind: a store whose own runs ahead empties no other
  const clocks = (await needs.stores.of(which)).map(async ({ target }) => (await target.now()).getTime());
  const now = new Date(Math.min(...(await Promise.all(clocks))));
  for (const run of superfluous(runs, now, needs.keep)) {
    const objects = (await objectsOfRun(needs.db, run.run_id)).filter(({ name }) => name !== run.manifest_name);
    if (mode === 'dry-run') {
      done.runs += 1;
      done.objects += objects.length;
      continue;
    }
    const gone = await removeAll(needs, objects, unless);
    done.objects += gone;
    done.locked += objects.length - gone;
    if (gone < objects.length) continue;
    await prunedRun(needs.db, run.run_id);
    done.runs += 1;
  }
  return done;
}

/** @returns how many are gone */
async function removeAll(needs: PruneNeeds, objects: readonly ObjectRow[], unless: Beside): Promise<number> {
  let gone = 0;
  for (const object of objects)
    await unless.failed(object.store, async () => {
      if (await removeUnlocked(needs, object)) gone += 1;
    });
  return gone;
}

const added = (a: Pruned, b: Pruned): Pruned => ({
  runs: a.runs,
  objects: a.objects + b.objects,
  locked: a.locked + b.locked,
});

/** Of a segment keys go at the horizon, like any keys; the rest later, with its manifest. */
async function pruneSegments(
  needs: PruneNeeds,
  plane: RunPlane,
  mode: 'dry-run' | 'apply',
  unless: Beside,
): Promise<Pruned> {
  const { db, stores, keep } = needs;
  const done = { runs: 0, objects: 0, locked: 0 };
  const clocks = (await stores.of(plane)).map(async ({ target }) => (await target.now()).getTime());
  const days = plane === 'key' ? keep.horizonDays : keep.segmentDays;
  const at = new Date(Math.min(...(await Promise.all(clocks))) - days * DAY_MS);
  const prefix = `${plane}/`;
  for (let after = 0n; ;) {
    const page = await segmentsBefore(db, { at, after, prefix, limit: 500 });
    const last = page.at(-1);
    if (last === undefined) return done;
    after = last.seq;
    for (const { run_id: run } of page) {
      const objects = (await objectsOfRun(db, run)).filter(({ name }) => name.startsWith(prefix));
      const gone = mode === 'dry-run' ? objects.length : await removeAll(needs, objects, unless);
      done.objects += gone;
      done.locked += objects.length - gone;
      if (mode === 'apply' && gone === objects.length && plane === 'data') await prunedRun(db, run);
    }
  }
}
