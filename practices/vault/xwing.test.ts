import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import { ml_kem768_x25519 as nobleXwing } from '@noble/post-quantum/hybrid.js';

import { isFailure } from '#platform/failure';

import { newXwingSeed, xwingDecapsulate, xwingEncapsulate, xwingFromSeed, xwingPublicKey } from './xwing.ts';

type Vector = Record<
  'seed' | 'eseed' | 'publicKeyStart' | 'publicKeyEnd' | 'ciphertextStart' | 'ciphertextEnd' | 'sharedSecret',
  string
>;
const hex = (text: string): Buffer => Buffer.from(text, 'hex');
const draft = JSON.parse(
  readFileSync(new URL('../../vectors/xwing/draft-connolly-xwing-08.json', import.meta.url), 'utf8'),
) as { vectors: Vector[] };

test('X-Wing gives the public keys and shared secrets of the draft', () => {
  for (const vector of draft.vectors) {
    const key = xwingFromSeed(hex(vector.seed));
    const publicHex = Buffer.from(key.publicKey.bytes).toString('hex');
    // the draft's randomness goes in by the twin: OpenSSL draws its own
    const { cipherText, sharedSecret } = nobleXwing.encapsulate(key.publicKey.bytes, hex(vector.eseed));
    const cipherHex = Buffer.from(cipherText).toString('hex');

    const opened = xwingDecapsulate(key, cipherText);

    assert.ok(publicHex.startsWith(vector.publicKeyStart) && publicHex.endsWith(vector.publicKeyEnd));
    assert.ok(cipherHex.startsWith(vector.ciphertextStart) && cipherHex.endsWith(vector.ciphertextEnd));
    assert.equal(opened.toString('hex'), vector.sharedSecret);
    assert.equal(Buffer.from(sharedSecret).toString('hex'), vector.sharedSecret);
  }
  assert.equal(draft.vectors.length, 3);
});

test('the seeds of the vectors are the SHAKE-128 stream the draft names', () => {
  const stream = createHash('shake128', { outputLength: 288 }).digest('hex');

  assert.equal(draft.vectors.map(({ seed, eseed }) => seed + eseed).join(''), stream);
});

test('we and noble open what the other encapsulated', () => {
  const seed = newXwingSeed();
  const ours = xwingFromSeed(seed);
  const theirs = nobleXwing.keygen(seed);

  const fromUs = xwingEncapsulate(xwingPublicKey(theirs.publicKey));
  const fromThem = nobleXwing.encapsulate(ours.publicKey.bytes);

  assert.deepEqual(Buffer.from(theirs.publicKey), Buffer.from(ours.publicKey.bytes));
  assert.deepEqual(Buffer.from(nobleXwing.decapsulate(fromUs.encapsulated, theirs.secretKey)), fromUs.sharedSecret);
  assert.deepEqual(xwingDecapsulate(ours, fromThem.cipherText), Buffer.from(fromThem.sharedSecret));
});

test('each encapsulation carries a new secret', () => {
  const key = xwingFromSeed(newXwingSeed());
  const secrets = new Set(
    Array.from({ length: 50 }, () => xwingEncapsulate(key.publicKey).sharedSecret.toString('hex')),
  );

  assert.equal(secrets.size, 50);
});

test('a flip of any byte of the encapsulated key gives another secret or is refused', () => {
  const key = xwingFromSeed(newXwingSeed());
  const { encapsulated, sharedSecret } = xwingEncapsulate(key.publicKey);

  for (let at = 0; at < encapsulated.length; at += 1) {
    const flipped = Buffer.from(encapsulated);
    flipped[at] = (flipped[at] as number) ^ 1;
    assert.notDeepEqual(xwingDecapsulate(key, flipped), sharedSecret, `byte ${at}`);
  }
});

test('keys and encapsulations of another length, out of range or of low order are refused', () => {
  const key = xwingFromSeed(newXwingSeed());
  const refused = (run: () => unknown): void =>
    assert.throws(run, (thrown) => isFailure(thrown, 'SEALING_KEY_INVALID'));
  const outOfRange = Uint8Array.from(key.publicKey.bytes).fill(0xff, 0, 3);
  const lowOrder = Uint8Array.from(key.publicKey.bytes).fill(0, 1184);
  const lowOrderSent = Buffer.from(xwingEncapsulate(key.publicKey).encapsulated).fill(0, 1088);

  refused(() => xwingFromSeed(new Uint8Array(31)));
  refused(() => xwingFromSeed(new Uint8Array(64)));
  refused(() => xwingPublicKey(key.publicKey.bytes.subarray(1)));
  refused(() => xwingEncapsulate(xwingPublicKey(outOfRange)));
  refused(() => xwingEncapsulate(xwingPublicKey(lowOrder)));
  refused(() => xwingDecapsulate(key, new Uint8Array(1119)));
  refused(() => xwingDecapsulate(key, lowOrderSent));
});
