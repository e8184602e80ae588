// kind: program
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';

import { unzip } from '#platform/testing';
import { safeName, zipEnd, zipOf } from '#platform/zip';

import { sealedByPassphrase } from './passphrase.ts';

async function* of(...pieces: readonly (string | Buffer)[]): AsyncGenerator<Buffer> {
  for (const piece of pieces) yield await Promise.resolve(Buffer.from(piece));
}
const collect = async (pieces: AsyncIterable<Uint8Array>): Promise<Buffer> => {
  const all: Uint8Array[] = [];
  for await (const piece of pieces) all.push(piece);
  return Buffer.concat(all);
};
async function* files(count: number, large: Buffer) {
  const at = new Date('2026-11-26T10:11:12Z');
  yield { name: 'größe.txt', at, content: of('Größe', ' ', 'x') };
  yield { name: 'large', at, content: of(large, large) };
  for (let n = 0; n < count; n += 1) yield { name: `n/${n}`, at, content: of() };
}

test('what went in comes out, name by name: empty ones and large ones', async () => {
  const large = randomBytes(300_000);

  const found = unzip(await collect(zipOf(files(200, large))));

  assert.equal(found.size, 202);
  assert.equal(String(found.get('größe.txt')), 'Größe x');
  assert.deepEqual(found.get('large'), Buffer.concat([large, large]));
  assert.deepEqual(found.get('n/199'), Buffer.alloc(0));
});

test('what does not fit into the old fields stands in the wide ones', () => {
  const [few, many, far] = [zipEnd(65_534, 9, 9), zipEnd(66_000, 5, 7), zipEnd(3, 2 ** 33, 7)];

  assert.deepEqual([few.length, many.length, far.length], [22, 98, 98]);
  assert.deepEqual([many.readBigUInt64LE(32), many.readBigUInt64LE(48), many.readUInt16LE(76 + 10)], [66_000n, 5n, 0xffff]);
  assert.deepEqual([far.readBigUInt64LE(48), far.readUInt32LE(76 + 16), far.readBigUInt64LE(56 + 8)], [2n ** 33n, 0xffff_ffff, 2n ** 33n + 7n]);
}); // prettier-ignore

test('a file that cannot be read to its end is an error, and no whole archive', async () => {
  const broken = async function* (): AsyncGenerator<Buffer> {
    yield Buffer.from('begun');
    await Promise.resolve();
    throw new Error('it was changed');
  };
  const one = async function* () {
    yield await Promise.resolve({ name: 'a', at: new Date(), content: broken() });
  };

  await assert.rejects(collect(zipOf(one())), /it was changed/);
  await assert.rejects(zipOf(one()).next(), /it was changed/, 'not one byte is sent of what cannot be begun');
});

test('no name leads out of its folder, or is more than a name', () => {
  const names = ['../../etc/passwd', '..\\..\\boot.ini', '/root', 'a\0b', '\u202Egnp.exe', '....', '', 'C:\\x', 'a/b', ' . ', 'x'.repeat(400), '\ud800', 'a\nb'];
  for (const name of names) {
    const safe = safeName(name);
    assert.match(safe, /^[^./\\:\p{C} ][^/\\:\p{C}]{0,99}$/u, JSON.stringify([name, safe]));
    assert.ok(!safe.includes('..'), safe);
  }
  assert.equal(safeName('Vertrag für Ana (2).pdf'), 'Vertrag für Ana (2).pdf');
}); // prettier-ignore

test('what is sealed by a passphrase the age library opens with it, and with no other', async () => {
  const { Decrypter } = await import('age-encryption');
  const plain = randomBytes(200_000);
  const sealed = await collect(await sealedByPassphrase(of(plain), 'a passphrase of many letters'));
  const open = async (passphrase: string): Promise<Buffer> => {
    const decrypter = new Decrypter();
    decrypter.addPassphrase(passphrase);
    return Buffer.from(await decrypter.decrypt(sealed));
  };

  assert.match(String(sealed.subarray(0, 40)), /^age-encryption\.org\/v1\n-> scrypt /);
  assert.deepEqual(await open('a passphrase of many letters'), plain);
  await assert.rejects(open('a passphrase of many letterS'));
});
