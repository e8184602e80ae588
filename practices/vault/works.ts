/**
 * Long works, while serving: a new epoch for all key rings, new keys for all records, new wrapping under the root.
 *
 * A work is a row with a cursor. Whoever holds its lease does one slice after another; a server that is killed stops
 * renewing the lease and another one, or the same after its restart, goes on at the cursor. Every slice may run twice.
 */
import { setTimeout as sleep } from 'node:timers/promises';

import { transact } from '#platform/db';
import { isFailure } from '#platform/failure';
import { publicId, uuidv7, type SubjectId } from '#platform/ids';

import { collectionByNo, eventOf, fenceEpochs, placeOf, requireAction, type Caller, type Core } from './core.ts';
import { keepBox, packRecord, unpackRecord } from './record-box.ts';
import { keyOfEntry, planField } from './seal-record.ts';
import { encodeTags, sealTag } from './seal-tags.ts';
import { destroyUnusedEpochs } from './store/keys.ts';
import { loadRecords, lockRings, replaceBox, updateRing } from './store/records.ts';
import {
  advanceWork,
  claimWork,
  countRings,
  finishWork,
  pageOfRings,
  recordNosOf,
  startWork,
  swapRings,
  type WorkKind,
  type WorkRow,
} from './store/works.ts';
import type { KeyClass } from './types.ts';

export type WorkView = Readonly<{
  id: string;
  what: WorkKind;
  state: string;
  done: number;
  total: number;
  startedAt: string;
  finishedAt: string | null;
  result: Record<string, unknown>;
}>;

const PAGE = 250;
const LEASE_MS = 15_000;
/** A pause after each slice, as a share of the slice's time: readers keep the greater part of the machine. */
const REST = 0.5;

export function workView(row: WorkRow): WorkView {
  return {
    id: publicId('work', row.work_id),
    what: row.what,
    state: row.state,
    done: Number(row.done),
    total: Number(row.total),
    startedAt: row.started_at.toISOString(),
    finishedAt: row.finished_at?.toISOString() ?? null,
    result: row.result,
  };
}

/** Starts a work, or gives back the one of its kind that runs. Writers use the new epoch at once. */
export async function beginWork(core: Core, caller: Caller, what: WorkKind): Promise<WorkRow> {
  await requireAction(core, caller, { action: 'keys.rotate' });
  const total = await countRings(core.db);
  const row = await startWork(core.db, uuidv7(core.clock().getTime()), what, total, caller.actor.id);
  await core.audit.append(
    eventOf(caller, {
      action: 'vault.rotate',
      outcome: 'done',
      detail: { what, work: publicId('work', row.work_id), subjects: Number(total) },
    }),
  );
  return row;
}

/** Does what is to be done until `stopped`; call it at start and whenever a work was begun. */
export async function runWorks(core: Core, stopped: () => boolean): Promise<void> {
  for (;;) {
    if (stopped()) return;
    const work = await claimWork(core.db, LEASE_MS);
    if (work === null) return;
    try {
      await run(core, work, stopped);
    } catch (thrown) {
      // only what the vault itself refuses ends a work; a lost connection, key provider or log leaves it running: its
      // lease ends, and it is taken up again
      if (!isFailure(thrown) || !thrown.code.startsWith('VAULT_')) throw thrown;
      await finishWork(core.db, work.work_id, 'failed', { code: thrown.code });
    }
  }
}

async function run(core: Core, work: WorkRow, stopped: () => boolean): Promise<void> {
  if (work.what === 'root') {
    await finishWork(core.db, work.work_id, 'done', { epochs: await core.epochs.rewrapAll() });
    return;
  }
  if (work.what === 'epoch' && work.cursor === null) {
    await core.epochs.advance('data');
    await core.epochs.advance('second');
  }
  let cursor = work.cursor;
  for (;;) {
    if (stopped()) return;
    const began = performance.now();
    const page = await pageOfRings(core.db, cursor, PAGE);
    const last = page.at(-1);
    if (last === undefined) break;
    if (work.what === 'epoch') await rewrap(core, page);
    else for (const { subjectId } of page) await renewSubject(core, subjectId);
    cursor = last.subjectId;
    await advanceWork(core.db, work.work_id, cursor, page.length);
    await sleep((performance.now() - began) * REST);
  }
  const destroyed = work.what === 'epoch' ? await destroyUnusedEpochs(core.db) : 0;
  await core.epochs.reload();
  await finishWork(
    core.db,
    work.work_id,
    'done',
    work.what === 'epoch' ? { epoch: core.epochs.current('data').epoch, destroyed } : {},
  );
}

async function rewrap(core: Core, page: Awaited<ReturnType<typeof pageOfRings>>): Promise<void> {
  await transact(core.db, async (tx) => {
    const current = core.epochs.current('data').epoch;
    const second = core.epochs.current('second').epoch;
    const swaps = [];
    for (const { subjectId, ring } of page) {
      if (ring.epoch === current && (ring.secondEpoch === null || ring.secondEpoch === second)) continue;
      const open = core.keys.openNow(subjectId, ring) ?? (await core.keys.open(subjectId, ring));
      swaps.push({ subjectId, from: ring, to: core.keys.rewrap(subjectId, open) });
    }
    if (swaps.length === 0) return;
    await fenceEpochs(
      core,
      tx,
      swaps.map(({ to }) => to),
    );
    await swapRings(tx, swaps);
  });
}

/** Gives one subject new keys of all classes, seals all its fields under them, and drops the old keys: one transaction. */
async function renewSubject(core: Core, subjectId: SubjectId): Promise<void> {
  await transact(core.db, async (tx) => {
    const held = (await lockRings(tx, [subjectId])).get(subjectId);
    if (held === undefined) return;
    const before = await core.keys.open(subjectId, held.ring);
    const classes = new Set(
      before.keys
        .map((key) => key.keyClass)
        .filter((each): each is KeyClass => each !== 'attachment' && each !== 'audit'),
    );
    const renewed = core.keys.renew(subjectId, before, classes);
    const ids = (await recordNosOf(tx, subjectId)).map((recordNo) => ({ subjectId, recordNo }));
    const tags: Buffer[] = [];
    const unnamed = new Set<string>();
    for (const stored of await loadRecords(tx, ids)) {
      if (stored === null) continue;
      const collection = collectionByNo(core, stored.collectionNo);
      const specs = core.fieldsByNo(collection);
      core.cipher.bind(placeOf(core, collection, stored.id));
      const plans = unpackRecord(stored.box).map((entry) => {
        const spec = specs.get(entry.fieldNo);
        if (spec === undefined) {
          // the catalogue does not name this field any more: it is kept as it is, and so is its key
          const key = keyOfEntry(before, entry);
          unnamed.add(`${key.keyClass}/${key.version}`);
          return keepBox(entry);
        }
        const value = core.cipher.open(entry.box, spec.name, keyOfEntry(before, entry));
        return planField(core, collection, renewed.ring, spec, value);
      });
      const box = packRecord(plans);
      await replaceBox(tx, stored.id, stored.version, box);
      tags.push(sealTag(core.epochs.current('audit').key, stored.id, stored.version, box));
    }
    // old keys of these classes seal nothing any more; keys of attachments and of the log's personal parts stay
    const newest = new Map<KeyClass, number>();
    for (const key of renewed.ring.keys) newest.set(key.keyClass, Math.max(newest.get(key.keyClass) ?? 0, key.version));
    const kept = core.keys.drop(
      subjectId,
      renewed.ring,
      (key) =>
        !classes.has(key.keyClass) ||
        key.version === newest.get(key.keyClass) ||
        unnamed.has(`${key.keyClass}/${key.version}`),
    );
    await fenceEpochs(core, tx, [kept.stored]);
    await updateRing(tx, { subjectId, ring: kept.stored }, tags.length);
    await core.audit.appendIn(tx, {
      action: 'vault.reencrypt', actor: { kind: 'system', id: 'rotation' }, subjects: [subjectId], outcome: 'done',
      detail: { records: tags.length, seals: encodeTags(tags) },
    }); // prettier-ignore
  });
}
