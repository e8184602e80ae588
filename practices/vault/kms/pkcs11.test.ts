/** Against a SoftHSM token of its own; without the token or the binding the tests are skipped, and say so. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { inspect, promisify } from 'node:util';

import { secret } from '#platform/crypto';
import { isFailure } from '#platform/failure';

import { kmsConformance } from './conformance.ts';
import { openKms } from './open-kms.ts';
import { CK, loadPkcs11 } from './pkcs11-binding.ts';
import { openPkcs11Kms } from './pkcs11.ts';

const MODULE = ['/usr/lib/softhsm/libsofthsm2.so', '/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so'].find((path) =>
  existsSync(path),
);
const PIN = '739155026';
const pin = () => secret(PIN);
const uri = (object: string, token = 'strongroom test'): string =>
  `token=${encodeURIComponent(token)};object=${object}?module-path=${MODULE ?? '/nowhere.so'}`;
const fails = (code: string) => (error: unknown) =>
  isFailure(error, code) && !inspect(error, { depth: 9, showHidden: true }).includes(PIN);

const why = await prepare();

/** @returns why there is nothing to test, or null */
async function prepare(): Promise<string | null> {
  if (MODULE === undefined) return 'SoftHSM is not installed (Debian: softhsm2)';
  const missing = await loadPkcs11().then(
    () => null,
    () => 'pkcs11js is not installed (npm install --no-save pkcs11js@2)',
  );
  if (missing !== null) return missing;
  const folder = await mkdtemp(join(tmpdir(), 'token-'));
  after(() => rm(folder, { recursive: true }));
  await mkdir(join(folder, 'tokens'));
  // SoftHSM finds its tokens through the environment alone; this process has only this test
  process.env.SOFTHSM2_CONF = join(folder, 'softhsm2.conf');
  await writeFile(
    process.env.SOFTHSM2_CONF,
    `directories.tokendir = ${folder}/tokens\nobjectstore.backend = file\nlog.level = ERROR\n`,
  );
  const so = String(Number(PIN) + 1);
  await promisify(execFile)('softhsm2-util', [
    '--init-token',
    '--free',
    '--label',
    'strongroom test',
    '--pin',
    PIN,
    '--so-pin',
    so,
  ]);
  return null;
}

if (why === null) {
  kmsConformance('pkcs11', async (t) => {
    const open = async (object: string) => {
      const kms = await openPkcs11Kms(uri(object), { pin, whenMissing: 'make' });
      t.after(() => kms.close());
      return kms;
    };
    return { kms: await open('mine'), foreign: await open('theirs'), secrets: [PIN] };
  });
}

test(
  'a key made here is used through its setting, and cannot be taken out of the token',
  { skip: why ?? false },
  async (t) => {
    const made = await openPkcs11Kms(uri('kept'), { pin, whenMissing: 'make' });
    const wrapped = await made.wrap(Buffer.from('key'), { use: 'a' });
    await made.close();

    const kms = await openKms(`pkcs11:${uri('kept')}`, { pin });
    t.after(() => kms.close());

    assert.deepEqual(await kms.unwrap(wrapped, { use: 'a' }), Buffer.from('key'));
    assert.match((await kms.describe()).protection, /cannot be taken out/);
    const pkcs11 = (await loadPkcs11()).create();
    pkcs11.load(MODULE ?? '');
    const slot = pkcs11
      .C_GetSlotList(true)
      .find((one) => pkcs11.C_GetTokenInfo(one).label.startsWith('strongroom test'));
    const session = pkcs11.C_OpenSession(slot ?? assert.fail(), CK.CKF_SERIAL_SESSION);
    pkcs11.C_FindObjectsInit(session, [{ type: CK.CKA_LABEL, value: 'kept' }]);
    const [key] = pkcs11.C_FindObjects(session, 1);
    pkcs11.C_FindObjectsFinal(session);
    assert.throws(
      () => pkcs11.C_GetAttributeValue(session, key ?? assert.fail(), [{ type: CK.CKA_VALUE }]),
      /CKR_ATTRIBUTE_SENSITIVE/,
    );
    pkcs11.C_CloseSession(session);
  },
);

test('a server makes no key: a misspelt label is a missing key', { skip: why ?? false }, async () => {
  await assert.rejects(openKms(`pkcs11:${uri('misspelt')}`, { pin }), fails('KMS_KEY_MISSING'));
});

test('the newest version is not destroyed, an older one is for good', { skip: why ?? false }, async (t) => {
  const kms = await openPkcs11Kms(uri('aging'), { pin, whenMissing: 'make' });
  t.after(() => kms.close());

  await assert.rejects(kms.destroyVersion?.('1') ?? Promise.resolve(), fails('KMS_NEWEST_VERSION'));
  const old = await kms.wrap(Buffer.from('old'), {});
  assert.deepEqual([await kms.rotate?.(), await kms.rotate?.()], ['2', '3']);
  await kms.destroyVersion?.('1');
  await assert.rejects(kms.unwrap(old, {}), fails('KMS_KEY_DESTROYED'));
  await assert.rejects(kms.destroyVersion?.('1') ?? Promise.resolve(), fails('KMS_KEY_DESTROYED'));
  await assert.rejects(kms.destroyVersion?.('9') ?? Promise.resolve(), fails('KMS_WRONG_KEY'));

  await kms.health();
});

test('an absent token, library or PIN and a wrong PIN are told apart', { skip: why ?? false }, async () => {
  // no other provider is open here: a process that is logged in already is not asked for a PIN again
  await assert.rejects(openPkcs11Kms(uri('a', 'no such token'), { pin }), fails('KMS_UNREACHABLE'));
  await assert.rejects(openPkcs11Kms('token=a;object=b?module-path=/nowhere.so', { pin }), fails('KMS_UNREACHABLE'));
  await assert.rejects(openPkcs11Kms(uri('a')), fails('KMS_DENIED'));
  await assert.rejects(openPkcs11Kms(uri('a'), { pin: () => secret('000000') }), fails('KMS_DENIED'));
});

test('a token that lost our session is logged into again', { skip: why ?? false }, async (t) => {
  const kms = await openPkcs11Kms(uri('lost'), { pin, whenMissing: 'make' });
  t.after(() => kms.close());
  const wrapped = await kms.wrap(Buffer.from('key'), {});
  const pkcs11 = (await loadPkcs11()).create() as unknown as {
    load: (path: string) => void;
    C_CloseAllSessions: (slot: Buffer) => void;
    C_GetSlotList: (present: boolean) => Buffer[];
  };
  pkcs11.load(MODULE ?? '');

  for (const slot of pkcs11.C_GetSlotList(true)) pkcs11.C_CloseAllSessions(slot);

  assert.deepEqual(await kms.unwrap(wrapped, {}), Buffer.from('key'));
});

test('the token gives back what it wrapped, hundreds of times on one session', { skip: why ?? false }, async (t) => {
  const kms = await openPkcs11Kms(uri('quick'), { pin, whenMissing: 'make' });
  t.after(() => kms.close());
  const start = performance.now();
  for (let i = 0; i < 300; i++) {
    const key = Buffer.alloc(32, i);
    assert.deepEqual(await kms.unwrap(await kms.wrap(key, {}), {}), key);
  }
  t.diagnostic(`${Math.round(300_000 / (performance.now() - start))} wrap+unwrap/s`);
});

test('a setting with a PIN in it, or with less or more than we use, is refused', async () => {
  for (const setting of [
    'token=a;object=b',
    'token=a?module-path=/x.so',
    'token=a;object=b?module-path=/x.so&pin-value=1234',
    'token=a;object=b;serial=1?module-path=/x.so',
    'token=%zz;object=b?module-path=/x.so',
  ]) {
    await assert.rejects(
      openKms(`pkcs11:${setting}`, { pin }),
      (error) => isFailure(error, 'KMS_SETTING_MALFORMED'),
      setting,
    );
  }
});
