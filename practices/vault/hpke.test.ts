import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';

import { AEAD_AES_256_GCM, CipherSuite, KDF_HKDF_SHA256, KEM_MLKEM768_X25519 } from 'hpke';

import { isFailure } from '#platform/failure';

import { hpkeOpen, hpkeSeal } from './hpke.ts';
import { newXwingSeed, xwingFromSeed } from './xwing.ts';

const bytes = (text: string): Buffer => Buffer.from(text, 'utf8');
const context = { info: bytes('what it is for'), aad: bytes('what travels beside') };
const refused = (run: () => unknown, why?: string): void =>
  assert.throws(run, (thrown) => isFailure(thrown, 'SEALING_HPKE_REFUSED'), why);

test('the hpke package opens what we seal, and we open what it seals', async () => {
  const suite = new CipherSuite(KEM_MLKEM768_X25519, KDF_HKDF_SHA256, AEAD_AES_256_GCM);
  const seed = newXwingSeed();
  const ours = xwingFromSeed(seed);
  const theirSecret = await suite.DeserializePrivateKey(Uint8Array.from(seed));
  const theirPublic = await suite.DeserializePublicKey(Uint8Array.from(ours.publicKey.bytes));
  const plain = randomBytes(300);

  const fromUs = hpkeSeal(ours.publicKey, plain, context);
  const fromThem = await suite.Seal(theirPublic, plain, context);
  const openedByThem = await suite.Open(theirSecret, fromUs.subarray(0, 1120), fromUs.subarray(1120), context);
  const openedByUs = hpkeOpen(ours, Buffer.concat([fromThem.encapsulatedSecret, fromThem.ciphertext]), context);

  assert.deepEqual(Buffer.from(openedByThem), plain);
  assert.deepEqual(openedByUs, plain);
});

test('sealing adds 1,136 bytes, opens again, and never gives the same bytes twice', () => {
  const key = xwingFromSeed(newXwingSeed());

  for (const size of [0, 1, 1000]) {
    const plain = randomBytes(size);
    const sealed = hpkeSeal(key.publicKey, plain, context);
    assert.equal(sealed.length, size + 1136);
    assert.deepEqual(hpkeOpen(key, sealed, context), plain);
    assert.notDeepEqual(hpkeSeal(key.publicKey, plain, context), sealed);
  }
});

test('another key, info or aad, a shorter or longer box is refused', () => {
  const key = xwingFromSeed(newXwingSeed());
  const sealed = hpkeSeal(key.publicKey, bytes('plain'), context);

  refused(() => hpkeOpen(xwingFromSeed(newXwingSeed()), sealed, context));
  refused(() => hpkeOpen(key, sealed, { ...context, info: bytes('another purpose') }));
  refused(() => hpkeOpen(key, sealed, { ...context, aad: bytes('another header') }));
  for (const size of [0, 15, 1119, 1120, 1135, sealed.length - 1])
    refused(() => hpkeOpen(key, sealed.subarray(0, size), context));
  refused(() => hpkeOpen(key, Buffer.concat([sealed, Buffer.alloc(1)]), context));
});

test('a flip of any byte is refused', () => {
  const key = xwingFromSeed(newXwingSeed());
  const sealed = hpkeSeal(key.publicKey, bytes('plain'), context);

  for (let at = 0; at < sealed.length; at += 1) {
    const flipped = Buffer.from(sealed);
    flipped[at] = (flipped[at] as number) ^ 0x80;
    // X25519 ignores the top bit of a point, so the combiner must catch byte 1,119
    refused(() => hpkeOpen(key, flipped, context), `byte ${at}`);
  }
});
