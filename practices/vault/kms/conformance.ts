/** What every key provider promises, tried against each of them alike. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test, type TestContext } from 'node:test';
import { inspect } from 'node:util';

import { Failure } from '#platform/failure';

import { MAX_WRAP_BYTES, type Kms, type KmsContext, type Wrapped } from './kms.ts';

export type KmsUnderTest = Readonly<{
  kms: Kms;
  /** The same kind of provider with another key. */
  foreign: Kms;
  /** PIN, token, passphrase: texts that no error may show. */
  secrets: readonly string[];
}>;

const CONTEXT: KmsContext = { system: 'strongroom', use: 'first', epoch: '7' };
const REFUSALS = new Set(['KMS_WRONG_CONTEXT', 'KMS_WRONG_KEY']);

/** @param open a fresh pair; it closes and removes what it made through `t.after` */
export function kmsConformance(name: string, open: (t: TestContext) => Promise<KmsUnderTest>): void {
  test(`${name}: conformance of the key provider port`, async (t) => {
    const { kms, foreign, secrets } = await open(t);
    const thrown: unknown[] = [];
    const refused = async (attempt: Promise<unknown>, codes: ReadonlySet<string>, what: string): Promise<void> => {
      const error = await attempt.then(
        () => assert.fail(`${what} was accepted`),
        (caught: unknown) => caught,
      );
      thrown.push(error);
      assert.ok(error instanceof Failure, `${what}: not a failure of the table: ${inspect(error)}`);
      assert.ok(codes.has(error.code), `${what}: ${error.code}`);
    };

    await t.test('bytes of every allowed size come back, and the input stays as it was', async () => {
      for (const size of [1, 2, 16, 31, 32, 33, 64, 1000, MAX_WRAP_BYTES - 1, MAX_WRAP_BYTES]) {
        const bytes = randomBytes(size);
        const before = Buffer.from(bytes);
        const wrapped = await kms.wrap(bytes, CONTEXT);
        assert.equal(wrapped.provider, kms.provider);
        assert.deepEqual(bytes, before);
        assert.deepEqual(Buffer.from(await kms.unwrap(wrapped, CONTEXT)), before);
        if (size >= 16) assert.ok(!Buffer.from(wrapped.blob).includes(before), 'the blob shows the bytes');
      }
    });

    await t.test('nothing and too much are refused', async () => {
      await refused(kms.wrap(new Uint8Array(0), CONTEXT), new Set(['KMS_EMPTY']), 'nothing');
      await refused(kms.wrap(randomBytes(MAX_WRAP_BYTES + 1), CONTEXT), new Set(['KMS_BLOB_TOO_LARGE']), '4,097 bytes');
    });

    await t.test('the same bytes never give the same blob', async () => {
      const bytes = randomBytes(32);
      const blobs = await Promise.all(Array.from({ length: 20 }, () => kms.wrap(bytes, CONTEXT)));
      assert.equal(new Set(blobs.map(({ blob }) => Buffer.from(blob).toString('hex'))).size, 20);
    });

    await t.test('the order of the context does not matter, everything else in it does', async () => {
      const bytes = randomBytes(32);
      const wrapped = await kms.wrap(bytes, CONTEXT);
      const reordered = Object.fromEntries(Object.entries(CONTEXT).reverse());
      assert.deepEqual(Buffer.from(await kms.unwrap(wrapped, reordered)), bytes);
      const others: Record<string, KmsContext> = {
        'no context': {},
        'a changed value': { ...CONTEXT, epoch: '8' },
        'a value in other case': { ...CONTEXT, use: 'First' },
        'a missing entry': { system: 'strongroom', use: 'first' },
        'an added entry': { ...CONTEXT, more: 'x' },
        'a renamed entry': { system: 'strongroom', use: 'first', epoc: '7' },
        'a shifted border': { system: 'strongroom', usef: 'irst', epoch: '7' },
        'swapped values': { system: 'strongroom', use: '7', epoch: 'first' },
      };
      for (const [what, context] of Object.entries(others)) await refused(kms.unwrap(wrapped, context), REFUSALS, what);
      const bare = await kms.wrap(bytes, {});
      assert.deepEqual(Buffer.from(await kms.unwrap(bare, {})), bytes);
      await refused(kms.unwrap(bare, CONTEXT), REFUSALS, 'a context where there was none');
    });

    await t.test('a context beyond ASCII is authenticated as it is', async () => {
      const odd = { 'naïve name': 'wärt ☂ 🗝', quote: `"';,=&%00{}` };
      const wrapped = await kms.wrap(Buffer.from('key'), odd);
      assert.deepEqual(Buffer.from(await kms.unwrap(wrapped, odd)), Buffer.from('key'));
      await refused(kms.unwrap(wrapped, { ...odd, 'naïve name': 'wart ☂ 🗝' }), REFUSALS, 'another letter');
    });

    await t.test('each flipped byte, each cut and each appended byte is refused', async () => {
      const wrapped = await kms.wrap(randomBytes(32), CONTEXT);
      const { blob } = wrapped;
      for (let at = 0; at < blob.length; at++) {
        const flipped = Uint8Array.from(blob);
        flipped[at] = (flipped[at] ?? 0) ^ (1 << (at % 8));
        await refused(kms.unwrap({ ...wrapped, blob: flipped }, CONTEXT), REFUSALS, `a flip at byte ${at}`);
      }
      for (const keep of [0, 1, 12, 16, 28, blob.length >> 1, blob.length - 1]) {
        await refused(
          kms.unwrap({ ...wrapped, blob: blob.subarray(0, keep) }, CONTEXT),
          REFUSALS,
          `${keep} bytes of it`,
        );
      }
      await refused(
        kms.unwrap({ ...wrapped, blob: Buffer.concat([blob, Buffer.of(0)]) }, CONTEXT),
        REFUSALS,
        'one byte more',
      );
    });

    await t.test('a blob of another key, provider or version is refused', async () => {
      const bytes = randomBytes(32);
      const mine = await kms.wrap(bytes, CONTEXT);
      const theirs = await foreign.wrap(bytes, CONTEXT);
      assert.notEqual(mine.keyId, theirs.keyId);
      const forged: Record<string, Wrapped> = {
        'a foreign blob': theirs,
        'a foreign blob under our name': { ...theirs, keyId: mine.keyId, keyVersion: mine.keyVersion },
        'our blob under a foreign name': { ...mine, keyId: theirs.keyId },
        'a blob of another provider': { ...mine, provider: 'other' },
        'a version that is not there': { ...mine, keyVersion: '999' },
        'a version that is no version': { ...mine, keyVersion: '../1' },
      };
      for (const [what, wrapped] of Object.entries(forged)) await refused(kms.unwrap(wrapped, CONTEXT), REFUSALS, what);
      assert.deepEqual(Buffer.from(await foreign.unwrap(theirs, CONTEXT)), bytes);
    });

    await t.test('many at once do not mix', async () => {
      const all = Array.from({ length: 40 }, (_, at) => ({
        bytes: randomBytes(32),
        context: { ...CONTEXT, at: String(at) },
      }));
      const back = await Promise.all(
        all.map(async ({ bytes, context }) => kms.unwrap(await kms.wrap(bytes, context), context)),
      );
      for (const [at, { bytes }] of all.entries()) assert.deepEqual(Buffer.from(back[at] ?? []), bytes);
    });

    await t.test('it describes itself and is well', async () => {
      const wrapped = await kms.wrap(randomBytes(32), CONTEXT);
      const description = await kms.describe();
      assert.deepEqual([description.provider, description.keyId], [kms.provider, wrapped.keyId]);
      assert.ok(description.keyVersion !== '' && wrapped.keyVersion !== '');
      assert.ok(description.protection.length > 20 && description.destruction.length > 20);
      await kms.health();
    });

    if (kms.rotate !== undefined)
      await t.test('after a rotation the newest version wraps and the older still opens', () => rotates(kms, refused));

    await t.test('a closed provider refuses everything, and closing again is nothing', async () => {
      const wrapped = await kms.wrap(randomBytes(32), CONTEXT);
      await kms.close();
      await kms.close();
      const closed = new Set(['KMS_CLOSED']);
      await refused(kms.wrap(randomBytes(32), CONTEXT), closed, 'wrapping');
      await refused(kms.unwrap(wrapped, CONTEXT), closed, 'unwrapping');
      await refused(kms.describe(), closed, 'describing');
      await refused(kms.health(), closed, 'health');
      if (kms.rotate !== undefined) await refused(kms.rotate(), closed, 'rotating');
      if (kms.destroyVersion !== undefined) await refused(kms.destroyVersion(wrapped.keyVersion), closed, 'destroying');
    });

    await t.test('no error shows a key or a credential', async () => {
      const probe = Buffer.from('a key that must not be seen ....');
      const wrapped = await foreign.wrap(probe, CONTEXT);
      await refused(foreign.unwrap(wrapped, { ...CONTEXT, epoch: '8' }), REFUSALS, 'another context');
      await refused(
        foreign.wrap(Buffer.concat(Array.from({ length: 200 }, () => probe)), CONTEXT),
        new Set(['KMS_BLOB_TOO_LARGE']),
        'too much',
      );
      const texts = [probe.toString(), probe.toString('hex'), probe.toString('base64'), ...secrets];
      for (const error of thrown) {
        const shown = inspect(error, { depth: 12, showHidden: true, maxStringLength: null, maxArrayLength: null });
        for (const text of texts) assert.ok(!shown.includes(text), 'an error shows a secret');
      }
    });
  });
}

async function rotates(
  kms: Kms,
  refused: (attempt: Promise<unknown>, codes: ReadonlySet<string>, what: string) => Promise<void>,
): Promise<void> {
  const old = await kms.wrap(Buffer.from('old'), CONTEXT);
  const version = await kms.rotate?.();
  const fresh = await kms.wrap(Buffer.from('new'), CONTEXT);
  assert.equal(fresh.keyVersion, version);
  assert.notEqual(fresh.keyVersion, old.keyVersion);
  assert.deepEqual(Buffer.from(await kms.unwrap(old, CONTEXT)), Buffer.from('old'));
  assert.deepEqual(Buffer.from(await kms.unwrap(fresh, CONTEXT)), Buffer.from('new'));
  await refused(
    kms.unwrap({ ...old, keyVersion: fresh.keyVersion }, CONTEXT),
    REFUSALS,
    'an old blob under the new version',
  );
  if (kms.destroyVersion === undefined) return;
  await kms.destroyVersion(old.keyVersion);
  await refused(kms.unwrap(old, CONTEXT), new Set(['KMS_KEY_DESTROYED']), 'a blob of a destroyed version');
  assert.deepEqual(Buffer.from(await kms.unwrap(fresh, CONTEXT)), Buffer.from('new'));
}
