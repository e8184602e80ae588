/** What empties no store, and what is refused before there is a database to restore to. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { cp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';

import { makeIdentity } from './keys/identity.ts';
import type { Beat } from './ledger.ts';
import { openContent } from './restore/content.ts';
import { findBackup } from './restore/find.ts';
import { restore, type RestoreNeeds } from './restore/restore.ts';
import { signDocument, signerFromSeed } from './signed.ts';
import { createStores } from './stores.ts';
import { openTarget } from './targets/open-target.ts';
import { openS3 } from './targets/s3.ts';
import { refused } from './testing-database.ts';
import { startS3Double } from './testing.ts';
import type { Running } from './runs.test.ts';

const stranger = signerFromSeed(randomBytes(64));

export function restoreIsRefused(of: () => Running): void {
  test('a store whose clock runs ahead empties no other; the newest stays in any case', async (t) => {
    const { backupsAt, WHO } = of();
    const doubles = await Promise.all(['one', 'two'].map((bucket) => startS3Double(bucket)));
    t.after(() => Promise.all(doubles.map((double) => double.close())));
    const client = { credentials: { accessKeyId: 'a', secretAccessKey: 'b' } };
    const stores = createStores({ data: ['one', 'two'], key: ['one', 'two'], ledger: ['one'] }, async (bucket) =>
      openS3(
        { bucket, prefix: '', endpoint: doubles[bucket === 'one' ? 0 : 1]?.endpoint ?? '', region: 'x' },
        { client },
      ),
    );
    const backups = await backupsAt([], { stores, lockDays: { data: 0, key: 0, ledger: 1 } });
    for (let n = 0; n < 2; n += 1) await backups.take();
    const [one, two] = doubles as [(typeof doubles)[0], (typeof doubles)[0]];

    one.faults.clockHours = 24 * 500;
    assert.deepEqual((await backups.prune(WHO, 'apply')).data, { runs: 0, objects: 0, locked: 0 });
    two.faults.clockHours = 24 * 500;
    const { data, key } = await backups.prune(WHO, 'apply');
    assert.deepEqual([data.runs, key.runs], [1, 1]);
    const left = two.everything().filter(({ name }) => name.includes('/objects/'));
    assert.equal(
      left.length,
      (await backups.standing()).coverage.objects / 2 - 4,
      'objects of the newest, and four manifests',
    );
  });

  test('a restore is refused, before there is a database, for whatever is missing, old, changed or of somebody else', async () => {
    const { backupsAt, directory, forget, askOf, sealer, fresh, top, signer, identity } = of();
    const backups = await backupsAt([directory('good')]);
    for (let n = 0; n < 3; n += 1) {
      forget();
      await backups.tick();
      await backups.take();
    }
    const good = await askOf(directory('good'));
    const needs = {
      sealer,
      clock: () => new Date(),
      onStep: () => {},
      ownMigrations: async () => (await import('./store/catalogue.ts')).appliedMigrations(fresh.db),
      startDatabase: () => assert.fail('a database was made'),
    } as unknown as RestoreNeeds;
    await assert.rejects(restore(needs, good), /a database was made/, 'as it is, nothing is wrong with it');

    let copies = 0;
    const spoilt = async (
      how: (file: (n: number, folder: string) => Promise<string>, at: string) => Promise<unknown>,
    ) => {
      copies += 1;
      const name = `bad-${copies}`;
      await cp(join(top, 'good'), join(top, name), { recursive: true });
      const file = async (n: number, folder: string): Promise<string> => {
        const names = (await readdir(join(top, name, folder))).filter((each) => !each.endsWith('.lock')).toSorted();
        return join(top, name, folder, names.at(n) as string);
      };
      await how(file, join(top, name));
      return askOf(directory(name));
    };
    const rewrite = async (path: string, content: string | Buffer): Promise<void> => {
      await rm(path);
      await writeFile(path, content);
    };
    const textOf = (path: string) => readFile(path, 'utf8');
    const beatOf = async (path: string): Promise<Beat> =>
      JSON.parse((await textOf(path)).split('\n')[0] as string) as Beat;
    const BEATS = 'ledger/beats';
    const ENTRIES = 'ledger/entries';
    const DATA = 'data/manifests';
    const KEY = 'key/manifests';
    const details = async (folder: string, path: string): Promise<string> => {
      const { name } = (JSON.parse((await textOf(path)).split('\n')[0] as string) as { details: { name: string } })
        .details;
      return join(folder, name);
    };
    const cases: [says: string, code: string, how: Parameters<typeof spoilt>[0]][] = [
      ['no ledger', 'LEDGER_MISSING', (_, at) => rm(join(at, 'ledger'), { recursive: true })],
      ['no beat', 'LEDGER_MISSING', (_, at) => rm(join(at, BEATS), { recursive: true })],
      ['the newest entry is hidden', 'LEDGER_STALE', async (file) => rm(await file(-1, ENTRIES))],
      ['the first entry is hidden', 'LEDGER_BROKEN', async (file) => rm(await file(0, ENTRIES))],
      ['an entry in the middle is hidden', 'LEDGER_BROKEN', async (file) => rm(await file(1, ENTRIES))],
      ['the newest beat is old', 'LEDGER_STALE', async (file) => {
        const path = await file(-1, BEATS);
        const at = new Date(Date.now() - 25 * 3_600_000).toISOString();
        await rewrite(path, signDocument({ ...(await beatOf(path)), at }, signer));
      }],
      ['an entry is another', 'SIGNATURE_REFUSED', async (file) => {
        const path = await file(-1, ENTRIES);
        await rewrite(path, (await textOf(path)).replace('"epoch 1"', '"epoch 2"'));
      }],
      ['a signature of the ledger is gone', 'SIGNATURE_REFUSED', async (file) => {
        const path = await file(-1, ENTRIES);
        await rewrite(path, (await textOf(path)).replace(/\nml-dsa-65 .*\n/, '\n'));
      }],
      ['the beat is signed by somebody else', 'SIGNER_UNKNOWN', async (file) => {
        const path = await file(-1, BEATS);
        await rewrite(path, signDocument({ ...(await beatOf(path)) }, stranger));
      }],
      ['a beat where entries are', 'SIGNATURE_REFUSED', async (file) => rewrite(await file(-1, ENTRIES), await readFile(await file(-1, BEATS)))],
      ['the newest backup is hidden', 'STORE_STALE', async (file) => rm(await file(-1, DATA))],
      ['the newest keys are hidden', 'STORE_STALE', async (file) => rm(await file(-1, KEY))],
      ['the newest keys are replaced by older ones', 'STORE_STALE', async (file) => rewrite(await file(-1, KEY), await readFile(await file(0, KEY)))],
      ['a manifest in the middle is hidden', 'CHAIN_BROKEN', async (file) => rm(await file(1, DATA))],
      ['the first manifest is hidden', 'CHAIN_BROKEN', async (file) => rm(await file(0, DATA))],
      ['keys where data are', 'CHAIN_BROKEN', async (file) => rewrite(await file(-1, DATA), await readFile(await file(-1, KEY)))],
      ['a manifest is another', 'SIGNATURE_REFUSED', async (file) => {
        const path = await file(-1, DATA);
        await rewrite(path, (await textOf(path)).replace('"seq":3', '"seq":4'));
      }],
      ['a manifest that nobody signed', 'SIGNATURE_REFUSED', (_, at) => writeFile(join(at, DATA, '0000000004-ff'), '{}\n')],
      ['the details of another backup', 'OBJECT_DAMAGED', async (file, at) =>
        rewrite(await details(at, await file(-1, DATA)), await readFile(await details(at, await file(0, DATA))))],
      ['the details are cut off', 'OBJECT_DAMAGED', async (file, at) => {
        const path = await details(at, await file(-1, DATA));
        await rewrite(path, (await readFile(path)).subarray(0, -1));
      }],
      ['the details of the keys are gone', 'OBJECT_MISSING', async (file, at) => rm(await details(at, await file(-1, KEY)))],
    ]; // prettier-ignore
    for (const [says, code, how] of cases) await assert.rejects(restore(needs, await spoilt(how)), refused(code), says);

    const other = await makeIdentity();
    const asked: [code: string, ask: object][] = [
      ['SIGNER_UNKNOWN', { trusted: stranger.fingerprint }],
      ['KEY_WRONG', { fingerprint: other.fingerprint }],
      ['KEY_WRONG', { identity: other.identity }],
      ['NOTHING_FOUND', { at: new Date(0) }],
      ['LEDGER_MISSING', { stores: { ...good.stores, ledger: await openTarget(directory('empty')) } }],
    ];
    for (const [code, ask] of asked) await assert.rejects(restore(needs, { ...good, ...ask }), refused(code), code);
    const older = { ...needs, ownMigrations: async () => [] };
    await assert.rejects(restore(older, good), refused('SCHEMA_NEWER'));

    // an object with rows, in the place of another and cut off
    const { data } = await findBackup(good);
    for (const change of [
      (bytes: Buffer) => bytes.subarray(0, bytes.length - 40),
      () => readFile(join(top, 'good', data.manifest.details.name)),
    ]) {
      const bad = await spoilt(async (_, at) => {
        for (const { name } of data.manifest.objects)
          await rewrite(join(at, name), await change(await readFile(join(at, name))));
      });
      const content = await openContent({ target: bad.stores.data, sealer, identity: identity.identity }, data);
      const full = content.details.tables.find(({ rows }) => rows > 0)?.table as string;
      await assert.rejects(async () => {
        for await (const _ of content.rowsOf(full)) assert.fail('rows were given away');
      }, refused('OBJECT_DAMAGED'));
    }
  });
}
