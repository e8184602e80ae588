/** A root key that is lost or is not the one of this database: the start is refused, no other is made, nothing changes. */
import assert from 'node:assert/strict';
import { cp, mkdir, mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { openKms } from '#practices/vault';

import {
  clientsFor,
  freePort,
  launch,
  openHomes,
  startServer,
  type Homes,
  type RunningServer,
} from './running-server.ts';
import { assertLogVerifies, behind, valuesOf } from './soundness.ts';

let homes: Homes;
before(async () => {
  homes = await openHomes();
});
after(() => homes.remove());

type Fault = Readonly<{ does: (keys: string, foreign: string) => Promise<unknown>; says: RegExp }>;

const missing = (name: string): RegExp =>
  new RegExp(`^the root key file .*/keys/${name} is missing\n {2}KMS_ROOT_MISSING: put it back `);
const wrong = (root: string, setting: string): RegExp =>
  new RegExp(`^the ${root} root key does not open epoch .*\n {2}VAULT_ROOT_KEY_WRONG: point ${setting} at `);

const FAULTS: Readonly<Record<string, Fault>> = {
  'the first root is missing': {
    does: (keys) => rm(join(keys, 'root-a.json')),
    says: missing('root-a.json'),
  },
  'the second root is missing': {
    does: (keys) => rm(join(keys, 'root-b.json')),
    says: missing('root-b.json'),
  },
  'their folder is missing': {
    does: (keys) => rm(keys, { recursive: true }),
    says: missing('root-a.json'),
  },
  'the first root is of another installation': {
    does: (keys, foreign) => cp(foreign, join(keys, 'root-a.json')),
    says: wrong('first', 'STRONGROOM_KMS'),
  },
  'the second root is of another installation': {
    does: (keys, foreign) => cp(foreign, join(keys, 'root-b.json')),
    says: wrong('second', 'STRONGROOM_KMS_SECOND'),
  },
  'the two roots are exchanged': {
    does: async (keys) => {
      await rename(join(keys, 'root-a.json'), join(keys, 'root-c.json'));
      await rename(join(keys, 'root-b.json'), join(keys, 'root-a.json'));
      await rename(join(keys, 'root-c.json'), join(keys, 'root-b.json'));
    },
    says: wrong('first', 'STRONGROOM_KMS'),
  },
};

/** All that a new root could have been used for: every epoch and every identity, with what wrapped them. */
const wrappedIn = (server: RunningServer): Promise<unknown> =>
  behind(
    server.home,
    (db) => db`
    select use, epoch::text, state, key_id, encode(wrapped, 'hex') as wrapped from vault.epochs
    union all select 'identity', name, '', key_id, encode(wrapped, 'hex') from vault.identities order by 1, 2`,
  );

/** Names and content of the folder, but for the lock files beside. */
async function filesOf(folder: string): Promise<Record<string, string>> {
  const names = (await readdir(folder).catch(() => [])).filter((name) => !name.endsWith('.lock'));
  return Object.fromEntries(
    await Promise.all(names.toSorted().map(async (name) => [name, await readFile(join(folder, name), 'utf8')])),
  );
}

test('a lost or wrong root refuses the start and is never made anew; put back, it opens all that was sealed', async (t) => {
  const home = await homes.next();
  const port = await freePort();
  const keys = join(home, 'keys');
  const away = await mkdtemp(join(tmpdir(), 'sr-roots-'));
  t.after(() => rm(away, { recursive: true, force: true }));
  const foreign = join(away, 'foreign.json');
  await (await openKms(`file:${foreign}`, { whenMissing: 'make' })).close();
  let server = await startServer({ home, port });
  const { once } = await clientsFor(server, 'application');
  const { id } = await once.records.create({ collection: 'customer', fields: { last_name: 'Ørsted' } });
  const wrapped = await wrappedIn(server);
  await server.kill('SIGTERM');
  await cp(keys, join(away, 'backup'), { recursive: true });

  for (const [name, { does, says }] of Object.entries(FAULTS)) {
    await t.test(`${name}: refused in words, and left as it is`, async () => {
      await does(keys, foreign);
      const before = await filesOf(keys);

      const refused = launch({ home, port });
      const ended = await refused.ended;

      assert.equal(ended.code, 1, refused.err());
      assert.match(refused.err(), says);
      assert.doesNotMatch(refused.err(), /\n\s+at /);
      assert.deepEqual(await filesOf(keys), before);
    });
    await rm(keys, { recursive: true, force: true });
    await mkdir(keys, { mode: 0o700 });
    await cp(join(away, 'backup'), keys, { recursive: true });
  }

  server = await startServer({ home, port });
  assert.deepEqual(await wrappedIn(server), wrapped);
  assert.equal(valuesOf(await once.records.get(id)).last_name, 'Ørsted');
  await assertLogVerifies(server);
  await server.kill('SIGTERM');
});
