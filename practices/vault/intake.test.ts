import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ml_kem768 } from '@noble/post-quantum/ml-kem.js';

import { isFailure } from '#platform/failure';
import { uuidBytes, uuidv7 } from '#platform/ids';
import { lengthPrefixed } from '#platform/crypto';

import { sealForm as sealInBrowser } from '@strongroom/sdk/intake';
import { hpkeSeal } from './hpke.ts';
import { encodeIntakeHeader } from './intake-format.ts';
import { intakeKeyId, openForm, readIntakeHeader, sealForm, type IntakeForm } from './intake.ts';
import { newXwingSeed, xwingFromSeed } from './xwing.ts';

const now = new Date('2026-11-24T12:00:00Z');
const tomorrow = new Date('2026-11-25T12:00:00Z');
const form: IntakeForm = {
  collection: 'patients',
  subject: 'customer-17',
  purpose: 'service.signup',
  fields: { name: 'Zoë Ærø', born: '1980-02-03', weight: 71.5, consent: true, allergies: ['nuts', null] },
};
function setting() {
  const secret = xwingFromSeed(newXwingSeed());
  const key = { installation: uuidv7(), publicKey: secret.publicKey.bytes };
  return {
    secret,
    key,
    reader: { installation: key.installation, keys: [xwingFromSeed(newXwingSeed()), secret], now },
  };
}
const refused = (run: () => unknown, code: string, why?: string): void =>
  assert.throws(run, (thrown) => isFailure(thrown, code), why);

test('a form sealed by the vault, by the SDK with native ML-KEM, or with another ML-KEM opens alike', async () => {
  const { key, reader } = setting();
  const mlKem768 = (publicKey: Uint8Array) => {
    const { cipherText, sharedSecret } = ml_kem768.encapsulate(publicKey);
    return { ciphertext: cipherText, sharedSecret };
  };

  const envelopes = [
    sealForm(key, form, tomorrow),
    await sealInBrowser(key, form, { now: () => now }),
    await sealInBrowser(key, form, { now: () => now, mlKem768 }),
  ];

  for (const envelope of envelopes) {
    const opened = openForm(envelope, reader);
    assert.deepEqual(opened.form, form);
    assert.deepEqual(opened.expiresAt, tomorrow);
    assert.deepEqual(Buffer.from(opened.keyId), intakeKeyId(key.publicKey));
    assert.equal(envelope.length, 61 + 8 + 1120 + 512 + 16);
  }
  assert.equal(new Set(envelopes.map((envelope) => openForm(envelope, reader).envelopeId)).size, 3);
});

test('the header tells id, expiry and collection before opening, and nothing of the fields', () => {
  const { key, reader } = setting();
  const envelope = sealForm(key, form, tomorrow);

  const header = readIntakeHeader(envelope);

  assert.equal(header.envelopeId, openForm(envelope, reader).envelopeId);
  assert.equal(header.collection, 'patients');
  assert.deepEqual(header.expiresAt, tomorrow);
  for (const word of ['customer-17', 'service.signup', 'born', '1980']) assert.equal(envelope.includes(word), false);
});

test('a flip of any byte of an envelope is refused', () => {
  const { key, reader } = setting();
  const envelope = sealForm(key, form, tomorrow);

  for (let at = 0; at < envelope.length; at += 1) {
    const flipped = Buffer.from(envelope);
    flipped[at] = (flipped[at] as number) ^ 1;
    assert.throws(
      () => openForm(flipped, reader),
      (thrown) => isFailure(thrown) && thrown.code.startsWith('SEALING_ENVELOPE'),
      `byte ${at}`,
    );
  }
  for (const size of [0, 60, 61, 69, 1200, envelope.length - 1]) {
    refused(() => openForm(envelope.subarray(0, size), reader), 'SEALING_ENVELOPE_UNKNOWN');
  }
  refused(() => openForm(Buffer.concat([envelope, Buffer.alloc(512)]), reader), 'SEALING_ENVELOPE_REFUSED');
});

test('an envelope of an unknown version, another installation or an unknown key is refused', () => {
  const { key, reader } = setting();
  const envelope = sealForm(key, form, tomorrow);
  const newer = Buffer.from(envelope);
  newer[3] = 2;

  refused(() => openForm(newer, reader), 'SEALING_ENVELOPE_UNKNOWN');
  refused(() => openForm(envelope, { ...reader, installation: uuidv7() }), 'SEALING_ENVELOPE_FOREIGN');
  refused(() => openForm(envelope, { ...reader, keys: reader.keys.slice(0, 1) }), 'SEALING_ENVELOPE_FOREIGN');
});

test('an envelope is refused from its expiry on, and when it would live longer than 30 days', () => {
  const { key, reader } = setting();
  const day = 86_400_000;

  refused(() => openForm(sealForm(key, form, tomorrow), { ...reader, now: tomorrow }), 'SEALING_ENVELOPE_EXPIRED');
  refused(() => openForm(sealForm(key, form, new Date(now.getTime() + 31 * day)), reader), 'SEALING_ENVELOPE_EXPIRED');
  assert.ok(openForm(sealForm(key, form, new Date(now.getTime() + 30 * day)), reader));
});

test('the length of an envelope tells the size of the form only to a power of two', () => {
  const { key } = setting();
  const sizes = new Set<number>();
  for (let letters = 0; letters < 65_000; letters += 1_000) {
    sizes.add(sealForm(key, { ...form, fields: { text: 'x'.repeat(letters) } }, tomorrow).length - 61 - 8 - 1136);
  }

  assert.deepEqual([...sizes], [512, 2048, 4096, 8192, 16_384, 32_768, 65_536]);
  refused(() => sealForm(key, { ...form, fields: { text: 'x'.repeat(65_500) } }, tomorrow), 'SEALING_FORM_INVALID');
});

test('what a hostile sender seals in wrong form is refused after opening', () => {
  const { key, secret, reader } = setting();
  const keyId = intakeKeyId(key.publicKey);
  const sealRaw = (text: string, lengthMore = 0, padWith = 0): Buffer => {
    const padded = Buffer.alloc(512, padWith);
    padded.writeUInt32BE(Buffer.byteLength(text) + lengthMore);
    padded.write(text, 4);
    const aad = encodeIntakeHeader({
      installation: key.installation,
      keyId,
      envelopeId: uuidv7(),
      expiresAt: tomorrow,
      collection: 'patients',
    });
    const info = lengthPrefixed('strongroom/intake/1', uuidBytes(key.installation), keyId);
    return Buffer.concat([aad, hpkeSeal(secret.publicKey, padded, { info, aad })]);
  };
  const many = JSON.stringify({
    purpose: 'p',
    fields: Object.fromEntries(Array.from({ length: 40 }, (_, n) => [`f${n}`, 1])),
  });

  assert.ok(openForm(sealRaw('{"purpose":"p","fields":{}}'), reader));
  assert.ok(openForm(sealRaw(many), reader));
  for (const text of [
    '',
    '{',
    'null',
    '[]',
    '{"purpose":"p"}',
    '{"purpose":"","fields":{}}',
    '{"purpose":1,"fields":{}}',
    '{"purpose":"p","fields":[]}',
    '{"purpose":"p","fields":{},"admin":true}',
    '{"purpose":"p","fields":{"__proto__":1}}',
    '{"purpose":"p","fields":{},"subject":null}',
    // as every other body of the API: two of these would be one id in UTF-8
    '{"purpose":"p","fields":{},"subject":"a\\ud800"}',
    '{"purpose":"p","fields":{},"subject":"a\\u0000"}',
  ]) {
    refused(() => openForm(sealRaw(text), reader), 'SEALING_FORM_INVALID', text);
  }
  refused(() => openForm(sealRaw('{"purpose":"p","fields":{}}', 500), reader), 'SEALING_FORM_INVALID');
  refused(() => openForm(sealRaw('{"purpose":"p","fields":{}}', 0, 1), reader), 'SEALING_FORM_INVALID');
});

test('a failure to open never quotes the form', () => {
  const { key } = setting();
  try {
    sealForm(key, { ...form, fields: { 'not a name': 'secret-value' } }, tomorrow);
    assert.fail('must refuse');
  } catch (thrown) {
    assert.doesNotMatch(JSON.stringify([String(thrown), (thrown as Error).stack]), /secret-value|not a name/);
  }
});

test('the SDK refuses a key or form it cannot seal', async () => {
  const { key } = setting();

  await assert.rejects(sealInBrowser({ ...key, publicKey: key.publicKey.subarray(1) }, form), TypeError);
  await assert.rejects(sealInBrowser({ ...key, installation: 'x' }, form), TypeError);
  await assert.rejects(sealInBrowser(key, { ...form, collection: '../etc' }), TypeError);
  await assert.rejects(sealInBrowser(key, form, { lifetimeSeconds: 31 * 86_400 }), TypeError);
  await assert.rejects(sealInBrowser(key, { ...form, fields: { text: 'x'.repeat(65_536) } }), TypeError);
  await assert.rejects(
    sealInBrowser(key, form, { mlKem768: () => ({ ciphertext: new Uint8Array(5), sharedSecret: new Uint8Array(32) }) }),
    TypeError,
  );
});
