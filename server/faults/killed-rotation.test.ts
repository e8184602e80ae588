import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { subjectIdText, type SubjectId } from '#platform/ids';
import type { RotationKind, Strongroom } from '@strongroom/sdk';

import {
  clientsFor,
  freePort,
  openHomes,
  postgresOf,
  killPostgres,
  randomOf,
  startServer,
  until,
  type Homes,
} from './running-server.ts';
import {
  assertContiguous,
  assertLogVerifies,
  assertNothingOrphaned,
  assertRecordsVerify,
  behind,
  valuesOf,
} from './soundness.ts';

let homes: Homes;
before(async () => {
  homes = await openHomes();
});
after(() => homes.remove());

const KINDS: readonly RotationKind[] = ['epoch', 'keys', 'index', 'root'];
const SUBJECTS = 300;

type OldRing = { subject_id: SubjectId; epoch: number; ring: Buffer; second_epoch: number; second_ring: Buffer };

/** How far all works together have come, in subjects. */
async function progress(custodian: Strongroom, ids: readonly string[]): Promise<{ done: number; states: string[] }> {
  const works = await Promise.all(ids.map((id) => custodian.rotations.get(id)));
  return { done: works.reduce((sum, work) => sum + work.done, 0), states: works.map(({ state }) => state) };
}

test('rotation of epoch, keys, index and root: killed on the way it goes on and finishes, and every record opens', async (t) => {
  const seed = Date.now() % 1_000_000;
  t.diagnostic(`seed ${seed}`);
  const random = randomOf(seed);
  const home = await homes.next();
  const port = await freePort();
  let server = await startServer({ home, port });
  const { patient: application } = await clientsFor(server, 'application');
  const { patient: custodian } = await clientsFor(server, 'custodian');
  const { patient: engineer } = await clientsFor(server, 'engineer');
  const people = Array.from({ length: SUBJECTS }, (_, n) => ({
    last_name: `Turning${n}`,
    email: `turning-${n}@example.org`,
    ...(n % 3 === 0 ? { care_notes: `note ${n}` } : {}),
  }));
  const { results } = await application.records.batch({
    collection: 'customer',
    records: people.map((fields) => ({ fields })),
  });
  const expected = new Map(results.map(({ id }, n) => [id as string, people[n] as Record<string, unknown>]));
  const [before] = await behind(
    home,
    (db) => db<OldRing[]>`
    select subject_id, epoch, ring, second_epoch, second_ring from vault.keyrings where second_ring is not null limit 1`,
  );

  const ids: string[] = [];
  for (const kind of KINDS) ids.push((await custodian.rotations.start(kind)).id);
  for (const [victim, from, to] of [
    ['server', 0, 0.5],
    ['PostgreSQL', 0.4, 0.9],
  ] as const) {
    const moment = SUBJECTS * 3 * (from + random() * (to - from));
    await until(`${moment} subjects are done`, async () => {
      const { done, states } = await progress(custodian, ids);
      return done >= moment || states.every((state) => state === 'done');
    });
    await sleep(random() * 30);
    if (victim === 'server') {
      await server.kill();
      server = await startServer({ home, port });
    } else await killPostgres(server);
    await behind(home, assertNothingOrphaned);
    const late = { last_name: `Late${victim}`, email: `late-${victim.toLowerCase()}@example.org` };
    expected.set((await application.records.create({ collection: 'customer', fields: late })).id, late);
  }
  await until('all works have ended', async () =>
    (await progress(custodian, ids)).states.every((state) => state !== 'running'),
  );

  assert.deepEqual(
    (await progress(custodian, ids)).states,
    KINDS.map(() => 'done'),
  );
  const all = [...expected.keys()];
  const { records } = await application.records.read(all, { purpose: 'legal.request' });
  for (const record of records) assert.deepEqual(valuesOf(record), expected.get(record.id));
  assert.equal(records.length, all.length);
  const found = await application.search.page({ collection: 'customer', where: { email: 'Turning-0@example.org' } });
  assert.deepEqual(
    found.records.map(({ id }) => id),
    [results[0]?.id],
  );
  await behind(home, async (db) => {
    await assertContiguous(db);
    await assertNothingOrphaned(db);
    const epochs = await db<{ use: string; state: string; n: number }[]>`
      select use, state, count(*)::int as n from vault.epochs where use in ('data', 'second', 'index') and state <> 'destroyed' group by use, state order by use`;
    assert.deepEqual(
      epochs.map((row) => ({ ...row })),
      ['data', 'index', 'second'].map((use) => ({ use, state: 'current', n: 1 })),
    );
  });
  await assertRecordsVerify(engineer);
  await assertLogVerifies(server);

  // a ring from before, as a backup or a replica holds it: the key of its epoch is gone, so it opens nothing
  await behind(home, (db) => {
    const { subject_id: subject, ...old } = before as OldRing;
    return db`update vault.keyrings set ${db(old)} where subject_id = ${subject}`;
  });
  // who runs keeps the key for a minute; who starts has it from nowhere
  await server.kill();
  server = await startServer({ home, port });
  const shadowed = results.find(({ subjectId }) => subjectId === subjectIdText((before as OldRing).subject_id));
  await assert.rejects(application.records.get(shadowed?.id as string), { code: 'VAULT_EPOCH_DESTROYED' });
  await server.kill('SIGTERM');
  assert.deepEqual(await postgresOf(home), []);
});
