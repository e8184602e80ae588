import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';

import { newSubjectId, uuidv7, type SubjectId } from '#platform/ids';

import { openEpochs } from './epochs.ts';
import { doWork, putOne, testInstallation, type Installation } from './testing.ts';
import { rewrapRings } from './rewrap-rings.ts';
import { epochStore } from './store/keys.ts';
import { insertRings } from './store/rings.ts';
import { pageOfRings, startWork, type HeldRing } from './store/works.ts';
import type { OpenRing } from './subject-keys.ts';
import type { Vault } from './index.ts';

let place: Installation;
before(async () => {
  place = await testInstallation();
});
after(() => place.close());

/** More than two slices hold. */
const MANY = 1_100;
const NO_REST = { stopped: () => false, rests: false };
const secrets = (ring: OpenRing): string[] => ring.entries.map(({ key }) => key.toString('hex'));

/** Subjects with keys and nothing else; every third has keys of class special. @returns their keys */
async function manySubjects({ core }: Vault): Promise<Map<SubjectId, string[]>> {
  const made = Array.from({ length: MANY }, (_, n) => {
    const subjectId = newSubjectId();
    const grown = core.keys.extend(subjectId, null, n % 3 === 0 ? ['personal', 'special'] : ['personal', 'internal']);
    return { subjectId, seals: 1, ...(grown as NonNullable<typeof grown>) };
  });
  await insertRings(
    core.db,
    made.map(({ subjectId, stored, seals }) => ({ subjectId, ring: stored, seals })),
  );
  return new Map(made.map(({ subjectId, ring }) => [subjectId, secrets(ring)]));
}

const allRings = (): Promise<HeldRing[]> => pageOfRings(place.db, null, 1_000_000);
const begin = ({ core }: Vault) => startWork(core.db, uuidv7(), 'epoch', BigInt(MANY), 'test');

test('a new epoch for more rings than a slice holds: the keys stay the same, and none is kept in memory', async () => {
  const vault = await place.server();
  const made = await manySubjects(vault);
  const before = await allRings();
  await vault.core.keys.open(...ringOf(before[0]));

  assert.equal((await doWork(vault, 'epoch'))?.state, 'done');

  assert.equal(vault.core.keys.size(), 1);
  const epoch = vault.core.epochs.current('data').epoch;
  const other = await place.server();
  for (const { subjectId, ring } of await allRings()) {
    assert.equal(ring.epoch, epoch);
    const keys = made.get(subjectId);
    if (keys !== undefined) assert.deepEqual(secrets(await other.core.keys.open(subjectId, ring)), keys);
  }
  await assert.rejects(other.core.keys.open(...ringOf(before[1])), { code: 'VAULT_EPOCH_DESTROYED' });
});

test('who read a ring just before its epoch was destroyed opens it yet; then the key leaves the memory', async () => {
  const vault = await place.server();
  const made = await manySubjects(vault);
  const [subjectId, ring] = ringOf((await allRings()).find((held) => made.has(held.subjectId)));
  const { installation } = vault.core;
  const brief = await openEpochs({ store: epochStore(place.db), kms: await place.kms(), installation, lingersMs: 0 });
  assert.notEqual(brief.known('data', ring.epoch), undefined);

  await doWork(vault, 'epoch');

  const opened = await vault.core.keys.openOnce(subjectId, ring);
  assert.deepEqual(secrets(opened), made.get(subjectId));
  await brief.reload();
  await setTimeout(1);
  await assert.rejects(brief.key('data', ring.epoch), { code: 'VAULT_EPOCH_DESTROYED' });
});

test('stopped on the way, it goes on where the last slice that was written ends', async () => {
  const vault = await place.server();
  await manySubjects(vault);
  await vault.core.epochs.advance('data');
  const work = await begin(vault);
  let asked = 0;

  assert.equal(await rewrapRings(vault.core, work, { ...NO_REST, stopped: () => (asked += 1) > 1 }), false);
  const half = await vault.work(work.work_id);
  assert.ok(half !== null && half.cursor !== null);
  const epoch = vault.core.epochs.current('data').epoch;
  for (const { subjectId, ring } of await allRings()) assert.equal(ring.epoch === epoch, subjectId <= half.cursor);

  assert.equal(await rewrapRings(vault.core, half, NO_REST), true);
  const rings = await allRings();
  assert.ok(rings.every(({ ring }) => ring.epoch === epoch));
  assert.equal(Number((await vault.work(work.work_id))?.done), rings.length);
  await place.db`delete from vault.works where work_id = ${work.work_id}`;
});

test('a server that has not heard of the newest epoch wraps no ring back, and ends', async () => {
  const stale = await place.server();
  const newer = await place.server();
  await manySubjects(newer);
  assert.equal((await doWork(newer, 'epoch'))?.state, 'done');
  const work = await begin(newer);

  assert.equal(await rewrapRings(stale.core, work, NO_REST), true);

  const epoch = newer.core.epochs.current('data').epoch;
  assert.ok((await allRings()).every(({ ring }) => ring.epoch === epoch));
  await place.db`delete from vault.works where work_id = ${work.work_id}`;
});

test('a ring that was changed while it was being wrapped stays as it was changed', async () => {
  const vault = await place.server();
  const id = await putOne(vault, 'changed-1', { last_name: 'Changed' });
  const work = await begin(vault);
  await vault.core.epochs.advance('data');
  const { keys } = vault.core;
  let changed: Buffer | null = null;
  vault.core.keys = {
    ...keys,
    rewrap: async (subjectId, stored) => {
      const wrapped = await keys.rewrap(subjectId, stored);
      if (subjectId === id.subjectId && changed === null) {
        const grown = keys.renew(subjectId, await keys.open(subjectId, stored), ['personal']).stored;
        changed = grown.first;
        await place.db`update vault.keyrings set epoch = ${grown.epoch}, ring = ${grown.first} where subject_id = ${subjectId}`;
      }
      return wrapped;
    },
  };

  assert.equal(await rewrapRings(vault.core, work, NO_REST), true);

  const [row] = await place.db<{ ring: Buffer }[]>`select ring from vault.keyrings where subject_id = ${id.subjectId}`;
  assert.deepEqual(row?.ring, changed);
});

function ringOf(held: HeldRing | undefined): [HeldRing['subjectId'], HeldRing['ring']] {
  if (held === undefined) throw new Error('there is no such ring');
  return [held.subjectId, held.ring];
}
