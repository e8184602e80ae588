import assert from 'node:assert/strict';
import { chmod, chown, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { createServer as createTls } from 'node:tls';

import { isFailure } from '#platform/failure';
import { describeError } from '#platform/log';
import { farSide, testCertificate } from '#platform/testing';

import { targetConformance } from './conformance.ts';
import { openTarget } from './open-target.ts';
import { openS3 } from './s3.ts';
import { stopping } from '../stopping.ts';
import { createStores } from '../stores.ts';
import { startS3Double, type Misbehaviour } from '../testing.ts';
import { refused } from '../testing-database.ts';

const HOUR = 3_600_000;
/** Whom root may be for a while: root reads and writes whatever the modes say. */
const NOBODY = 65_534;

async function folder(t: TestContext): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'sr-store-'));
  t.after(() => rm(path, { recursive: true, force: true }));
  return path;
}

async function bucket(t: TestContext, options: Parameters<typeof startS3Double>[1] = {}) {
  const double = await startS3Double('vaulted', options);
  t.after(double.close);
  const client = {
    credentials: { accessKeyId: 'AKIDCANARY', secretAccessKey: 'SECRETCANARY', sessionToken: 'TOKENCANARY' },
  };
  const place = { bucket: 'vaulted', prefix: 'here/', endpoint: double.endpoint, region: 'us-east-1' };
  return { double, open: () => openS3(place, { client, attempts: 3, timeoutMs: 10_000 }) };
}

targetConformance('directory', async (t) => openTarget(`directory:${await folder(t)}`));
targetConformance('s3', async (t) => (await bucket(t)).open());

test('a bucket without versions or without object lock is refused before anything is written', async (t) => {
  for (const options of [{ versioning: false }, { lock: false }]) {
    const { open } = await bucket(t, options);
    await assert.rejects(open(), refused('TARGET_UNFIT'));
  }
});

const FAULTS: readonly (readonly [says: string, fault: Misbehaviour, code: string])[] = [
  ['takes the lock and drops it', { dropsLocks: true }, 'LOCK_MISSING'],
  ['keeps a shorter lock', { shortensLocks: true }, 'LOCK_MISSING'],
  ['changes a bit and repeats our checksum', { flipsBits: true }, 'OBJECT_DAMAGED'],
  ['keeps half of it', { truncates: true }, 'OBJECT_DAMAGED'],
  ['hangs up in the middle of reading back', { hangsUp: true }, 'TARGET_UNREACHABLE'],
  ['answers 503 again and again', { unavailable: 50 }, 'TARGET_UNREACHABLE'],
];

test('whatever a store does wrong at a PUT is found in the PUT', async (t) => {
  const { double, open } = await bucket(t);
  const target = await open();
  const put = (name: string) =>
    target.put(name, Buffer.alloc(5000, 7), { lock: { until: new Date(Date.now() + 48 * HOUR) } });

  for (const [index, [says, fault, code]] of FAULTS.entries()) {
    Object.assign(double.faults, fault);
    await assert.rejects(put(`data/${index}`), refused(code), says);
    for (const name of Object.keys(fault)) delete double.faults[name as keyof Misbehaviour];
  }

  await put('data/well');
  double.faults.unavailable = 2;
  assert.equal((await put('data/after-two-503')).sizeBytes, 5000);
});

test('a store that says it deleted and did not, and one that lists late, are found out', async (t) => {
  const { double, open } = await bucket(t);
  const target = await open();
  const stored = await target.put('data/x', Buffer.from('x'), { lock: null });

  double.faults.keepsDeleted = true;
  await assert.rejects(target.remove(stored.name, stored.version), refused('TARGET_UNFIT'));
  double.faults.listsStale = true;
  await target.list('data/');
  await target.put('data/y', Buffer.from('y'), { lock: null });

  assert.deepEqual(
    (await target.list('data/')).map(({ name }) => name),
    ['data/x'],
  );
  assert.equal(String(await target.get('data/y')), 'y', 'what is known by name is had in spite of the list');
});

test('a list without a word is no list of nothing, and an answer that never ends is left, long before the time is up', async (t) => {
  const { double, open } = await bucket(t);
  const target = await open();
  await target.put('data/x', Buffer.from('x'), { lock: null });

  double.faults.listsEmpty = true;
  await assert.rejects(target.list('data/'), refused('TARGET_UNREACHABLE'));
  double.faults.endless = true;
  const longer = (thrown: unknown) => refused('TARGET_UNREACHABLE')(thrown) && /longer/.test((thrown as Error).message);
  await assert.rejects(target.get('data/x'), longer);
});

test('whoever stops waits for no store that does not answer, whatever is under way there', async (t) => {
  const { port } = await farSide(t, () => undefined);
  const place = `s3://vaulted?endpoint=http://127.0.0.1:${port}`;
  const client = { credentials: { accessKeyId: 'AKIDCANARY', secretAccessKey: 'SECRETCANARY' } };
  const stores = createStores({ data: [place], key: [], ledger: [] }, (address, { stop }) => openTarget(address, { client, stop })); // prettier-ignore
  const stops = stopping(stores.giveUp, 100);
  const waiting = assert.rejects(stores.of('data'), refused('STOPPED'));
  const begun = performance.now();
  stops.begin();
  await stops.end(new Set([waiting]));
  await assert.rejects(stores.at(place), refused('STOPPED'));
  assert.ok(performance.now() - begun < 10_000, 'its own time is two minutes');
});

test('why a store does not answer is said: nobody listens, a certificate of another, no answer in time', async (t) => {
  const silent = await farSide(t, () => undefined);
  const { cert, key } = testCertificate('elsewhere.example');
  const foreign = createTls({ cert, key }).on('tlsClientError', () => undefined);
  await new Promise<void>((resolve) => void foreign.listen(0, '127.0.0.1', resolve));
  t.after(() => foreign.close());
  const client = { credentials: { accessKeyId: 'AKIDCANARY', secretAccessKey: 'SECRETCANARY' } };
  const cases = [
    ['http://127.0.0.1:1', /\(ECONNREFUSED\)/],
    [`https://127.0.0.1:${(foreign.address() as AddressInfo).port}`, /\(DEPTH_ZERO_SELF_SIGNED_CERT\)/],
    [`http://127.0.0.1:${silent.port}`, /in time/],
  ] as const;
  for (const [endpoint, why] of cases)
    await assert.rejects(
      openTarget(`s3://vaulted?endpoint=${endpoint}`, { client, attempts: 1, timeoutMs: 1000 }),
      why,
    );
});

test('a store that repeats what it was sent brings no credentials into an error or the log', async (t) => {
  const { double, open } = await bucket(t);
  const target = await open();
  double.faults.repeats = true;
  const asks = [
    () => target.get('data/x'),
    () => target.list('data/'),
    () => target.put('data/x', Buffer.from('x'), { lock: null }),
  ];
  for (const ask of asks)
    await assert.rejects(ask(), (thrown: Error) => {
      assert.ok(!/CANARY|Signature/.test(JSON.stringify(describeError(thrown))), thrown.message);
      return isFailure(thrown, 'BACKUPS_TARGET_DENIED');
    });
});

test('retention goes by the clock of the store: one set forward here shortens nothing', async (t) => {
  const { double, open } = await bucket(t);
  const target = await open();
  const stored = await target.put('data/x', Buffer.from('x'), { lock: { until: new Date(Date.now() + HOUR) } });

  t.mock.timers.enable({ apis: ['Date'], now: Date.now() + 400 * 24 * HOUR });
  double.faults.clockHours = -400 * 24;
  await assert.rejects(target.remove(stored.name, stored.version), refused('OBJECT_LOCKED'));
  double.faults.clockHours = -400 * 24 + 2;
  await target.remove(stored.name, stored.version);
});

test('damage after the PUT is found at every reading', async (t) => {
  const { double, open } = await bucket(t);
  const target = await open();
  const stored = await target.put('data/x', Buffer.alloc(1000, 1), { lock: null });

  for (const change of [
    (bytes: Buffer) => bytes.subarray(0, 999),
    (bytes: Buffer) => Buffer.concat([bytes, Buffer.of(0)]),
    (bytes: Buffer) => Buffer.from(bytes).fill(2, 500, 501),
  ]) {
    double.damage('data/x', change);
    await assert.rejects(target.get(stored.name, stored), refused('OBJECT_DAMAGED'));
  }
});

test('what is put over an object, or a mark that it was deleted, hides nothing that was written before', async (t) => {
  const { double, open } = await bucket(t);
  const target = await open();
  const lock = { until: new Date(Date.now() + HOUR) };
  const stored = await target.put('data/x', Buffer.from('kept'), { lock });
  for (const cover of [Buffer.from('of somebody else'), null]) {
    double.cover(cover);

    assert.equal(String(await target.get('data/x', { sha256: stored.sha256 })), 'kept');
    assert.equal(
      (await target.list('data/'))[0]?.version,
      stored.version,
      'the oldest is ours: names are written once',
    );
  }
  await assert.rejects(target.get('data/x', { sha256: '00'.repeat(32) }), refused('OBJECT_DAMAGED'));
});

test('a directory that a write was cut off in has no part of an object, and the name can be written again', async (t) => {
  const path = await folder(t);
  const target = await openTarget(`directory:${path}`);
  await mkdir(join(path, 'data'));
  await writeFile(join(path, 'data', '.part-0011223344556677'), 'half');
  await writeFile(join(path, 'data', 'x.lock'), '2020-01-01T00:00:00.000Z\n');

  assert.deepEqual(await target.list(''), []);
  await target.put('data/x', Buffer.from('whole'), { lock: { until: new Date(Date.now() + HOUR) } });

  assert.deepEqual(
    (await target.list('')).map(({ name }) => name),
    ['data/x'],
  );
  await assert.rejects(target.remove('data/x', null), refused('OBJECT_LOCKED'));
  assert.deepEqual((await readdir(join(path, 'data'))).toSorted(), ['.part-0011223344556677', 'x', 'x.lock']);
});

test('a directory that is for reading only is read, its time too: who restores may have no more than that', async (t) => {
  const path = await folder(t);
  const target = await openTarget(`directory:${path}`);
  await target.put('data/x', Buffer.from('whole'), { lock: null });
  const isRoot = process.geteuid?.() === 0;
  if (isRoot) for (const each of [path, join(path, 'data'), join(path, 'data', 'x')]) await chown(each, NOBODY, NOBODY);
  await chmod(path, 0o500);
  if (isRoot) process.seteuid?.(NOBODY);
  try {
    const back = await openTarget(`directory:${path}`);
    assert.equal(String(await back.get('data/x')), 'whole');
    assert.ok(Math.abs((await back.now()).getTime() - Date.now()) < HOUR);
    await assert.rejects(back.put('new/x', Buffer.from('x'), { lock: null }), refused('TARGET_UNREACHABLE'));
  } finally {
    if (isRoot) process.seteuid?.(0);
    await chmod(path, 0o700);
  }
});

test('a store that cannot be written to says so, and an address that is none is refused', async (t) => {
  const path = await folder(t);
  await writeFile(join(path, 'file'), '');
  await assert.rejects(openTarget(`directory:${path}/file`), refused('TARGET_UNREACHABLE'));
  await chmod(path, 0o700);
  for (const bad of [
    'directory:x',
    'ftp://x',
    's3://a',
    's3://bucket?endpoint=http://example.org',
    's3://k:s@bucket/x',
    's3://bucket/x?acl=public',
    '',
  ])
    await assert.rejects(openTarget(bad), refused('TARGET_MALFORMED'), bad);
});
