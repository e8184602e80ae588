import assert from 'node:assert/strict';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import { ml_dsa44 } from '@noble/post-quantum/ml-dsa.js';
import fc from 'fast-check';

import { checkpointText } from './checkpoint.ts';
import { signatureLine } from './cosignature.ts';
import { addLines, openNote, parseLines, signNote, splitNote } from './note.ts';
import {
  COSIGNATURE_ED25519,
  COSIGNATURE_ML_DSA_44,
  formatVerifierKey,
  mlDsa44FromSeed,
  NOTE_ED25519,
  noteKeyOf,
  parseVerifierKey,
  parseVerifierKeys,
  type NoteKey,
  type NoteSigner,
} from './vkey.ts';

// a checkpoint of a running log, cosigned by running witnesses (the test log Arche and the witness Remora, May 2026)
const ARCHE = `arche2025h1.staging.ct.transparency.dev
1432088532
U7WM79jrzyhGZ5/GUBTpM7NzwdyfFx61t3RovgcC4Ro=

— arche2025h1.staging.ct.transparency.dev zTM8sQAAAZ5W0WdjBAMARjBEAiBjW5IQf9pvsYLfQFX6hoGREPMHbdQ3urbllzalApkptQIgIpwtEroeW2BXaHAI4kJXFbon5Ch9MNL5zRNZ55lvGt0=
— arche2025h1.staging.ct.transparency.dev ui8GwCF1+kWqZrxGdhj4aX3gcw7XUlXQQabg/27lefwhUkzbC3NygNI75MdhL1bfTW9g8Ei59RA23oHP7Ry1k3ZFWwQ=
— transparency.dev/DEV:witness-little-garden 2AQqhwAAAABqEiEgzgFIqqhbUoDwjMWE6UP8nd8/KYTzwZ2rhIgcqoXHAwVkjZr4AscylP3v7sEodkRAErumC2q44vdgJY096st5BQ==
— witness1.smartit.nu/witness1 pIyCDwAAAABqEiEghIp82KWebrw7/oHQwlTAm3g2RKS4+eebl8eO0WH+/iEcxZ75W3u5hNI7TOQtmJbqmNWVuE0tgh0XwzdZsDsUAQ==
— remora.n621.de 2net5wAAAABqEiEgPlfF3V06o0Y+fHM+J5J9s27wgxxcOVSpZ/2g/KSiXCg9DEZI+aVCIobWX9sXTynk5XeU/zZ0WBxtqB0DrAWfBw==
— witness.stagemole.eu Z/euoAAAAABqEiEgw0i+7g2ENfDAWHmtRzCfKTHSDwYDJA2NmKeGi9Y8FtEyOUvVr+AJmIY/2TUFucgKi7lI7cUiOvKFYe/TmN9DAg==
`;
const ARCHE_KEY = 'arche2025h1.staging.ct.transparency.dev+ba2f06c0+AU0vHmlGCS/PdN8b2OaGmKprLI8HKM+dJ472xgFYh15f';
const WITNESS_KEYS = [
  'remora.n621.de+da77ade7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2',
  'witness.stagemole.eu+67f7aea0+BEqSG3yu9YrmcM3BHvQYTxwFj3uSWakQepafafpUqklv',
  'witness1.smartit.nu/witness1+a48c820f+BPSFWg9G6KPiO7QPryYO5Xq4oYJJ+kAvLKLSimDhoxMO',
  'transparency.dev/DEV:witness-little-garden+d8042a87+BCtusOxINQNUTN5Oj8HObRkh2yHf/MwYaGX4CPdiVEPM',
];

const keyOf = (text: string): NoteKey => {
  const key = parseVerifierKey(text);
  assert.ok(key, text.slice(0, 40));
  return key;
};
const ed = (name: string, type: 1 | 4 = COSIGNATURE_ED25519): NoteSigner => ({
  name,
  type,
  privateKey: generateKeyPairSync('ed25519').privateKey,
});
const pq = (name: string, seed = randomBytes(32)): NoteSigner => ({
  name,
  type: COSIGNATURE_ML_DSA_44,
  privateKey: mlDsa44FromSeed(seed),
});
const TEXT = checkpointText({ origin: 'example.org/log', size: 12, root: randomBytes(32) });
const AT = new Date('2026-11-24T12:00:00.900Z');

test('a real checkpoint opens with the key of its log and those of its witnesses, at the time they gave', () => {
  const keys = [ARCHE_KEY, ...WITNESS_KEYS].map(keyOf);

  const opened = openNote(ARCHE, keys);

  assert.equal(opened?.signed.size, 5);
  assert.equal(opened.signed.get(keys[0] as NoteKey), null);
  for (const key of keys.slice(1)) assert.equal(opened.signed.get(key)?.toISOString(), '2026-05-23T21:50:24.000Z');
});

test('a cosignature holds for its own text and time only', () => {
  const [key] = WITNESS_KEYS.map(keyOf) as [NoteKey];
  const line = ARCHE.split('\n').find((one) => one.startsWith('— remora')) as string;
  const bytes = Buffer.from(line.split(' ')[2] as string, 'base64');
  bytes.writeUInt8(bytes.readUInt8(11) ^ 1, 11);

  assert.equal(openNote(ARCHE.replace('1432088532', '1432088533'), [key]), null);
  assert.equal(openNote(ARCHE.replace(line, `— remora.n621.de ${bytes.toString('base64')}`), [key]), null);
});

test('a checkpoint of another implementation, signed with ML-DSA-44 at no time, opens with its key', () => {
  const read = (kind: string): string =>
    readFileSync(new URL(`../../vectors/tlog/torchwood-ml-dsa-44.${kind}`, import.meta.url), 'utf8');
  const key = keyOf(read('vkey').trim());

  assert.equal(key.type, COSIGNATURE_ML_DSA_44);
  assert.deepEqual([...(openNote(read('note'), [key])?.signed ?? [])], [[key, null]]);
  assert.equal(openNote(read('note').replace('\n1\n', '\n2\n'), [key]), null);
});

test('ML-DSA-44: an independent implementation makes the same key and accepts what is signed over the specified bytes', () => {
  const seed = randomBytes(32);
  const signer = pq('example.org/witness', seed);
  const { raw } = noteKeyOf(signer);
  const line = signatureLine(TEXT, signer, AT);
  const [{ bytes } = { bytes: Buffer.alloc(0) }] = parseLines(line) ?? [];
  const u64 = (value: number): Buffer => Buffer.from(value.toString(16).padStart(16, '0'), 'hex');
  const seconds = Math.floor(AT.getTime() / 1000);

  const peer = ml_dsa44.keygen(seed);
  const message = Buffer.concat([
    Buffer.from('737562747265652f76310a00', 'hex'),
    Buffer.from('\u0013example.org/witness'),
    u64(seconds),
    Buffer.from('\u000fexample.org/log'),
    u64(0),
    u64(12),
    Buffer.from(TEXT.split('\n')[2] as string, 'base64'),
  ]);

  assert.equal(Buffer.compare(peer.publicKey, raw), 0);
  assert.equal(bytes.length, 8 + 2420);
  assert.equal(bytes.readBigUInt64BE(0), BigInt(seconds));
  assert.equal(ml_dsa44.verify(bytes.subarray(8), message, peer.publicKey), true);
  assert.equal(ml_dsa44.verify(bytes.subarray(8), Buffer.concat([message, Buffer.from('x')]), peer.publicKey), false);
  const theirs = Buffer.concat([noteKeyOf(signer).keyId, u64(seconds), ml_dsa44.sign(message, peer.secretKey)]);
  const note = `${TEXT}\n— example.org/witness ${theirs.toString('base64')}\n`;
  assert.equal(openNote(note, [noteKeyOf(signer)])?.text, TEXT);
});

test('a note signed by all three kinds of key opens with each, and says when', () => {
  const signers = [ed('example.org/log', NOTE_ED25519), ed('w/ed'), pq('w/pq')];
  const keys = signers.map(noteKeyOf);
  const note = signNote(TEXT, signers, AT);

  const opened = openNote(note, keys);

  assert.deepEqual(
    [...(opened?.signed.values() ?? [])].map((at) => at?.toISOString() ?? null),
    [null, '2026-11-24T12:00:00.000Z', '2026-11-24T12:00:00.000Z'],
  );
  for (const key of keys) assert.deepEqual(parseVerifierKey(formatVerifierKey(key))?.raw, key.raw);
});

test('one key under two names or of two kinds is two keys: a signature of one is none of the other', () => {
  const { privateKey } = generateKeyPairSync('ed25519');
  const plain: NoteSigner = { name: 'a', type: NOTE_ED25519, privateKey };
  const stamped: NoteSigner = { name: 'a', type: COSIGNATURE_ED25519, privateKey };

  assert.equal(openNote(signNote(TEXT, [plain], AT), [noteKeyOf(stamped)]), null);
  assert.equal(openNote(signNote(TEXT, [stamped], AT), [noteKeyOf(plain)]), null);
  // the ML-DSA-44 message has the cosigner's name in it, so renaming its line does not help either
  const seed = randomBytes(32);
  const [here, there] = [noteKeyOf(pq('here', seed)), noteKeyOf(pq('there', seed))];
  const [{ bytes } = { bytes: Buffer.alloc(0) }] = parseLines(signatureLine(TEXT, pq('here', seed), AT)) ?? [];
  const moved = `${TEXT}\n— there ${Buffer.concat([there.keyId, bytes]).toString('base64')}\n`;
  assert.equal(openNote(signNote(TEXT, [pq('here', seed)], AT), [here])?.text, TEXT);
  assert.equal(openNote(moved, [there]), null);
});

test('ML-DSA-44 does not sign what it would not cover: extension lines, names beyond 255 bytes, no checkpoint', () => {
  const signer = pq('example.org/w');
  const long = checkpointText({ origin: 'o'.repeat(256), size: 1, root: randomBytes(32) });

  for (const text of [`${TEXT}an extension\n`, long, 'words\n'])
    assert.throws(() => signatureLine(text, signer, AT), TypeError);
  assert.throws(() => signatureLine(TEXT, pq('n'.repeat(256)), AT), TypeError);
  // and a line made for the text without the extension is not taken for one with it
  const line = signatureLine(TEXT, signer, AT);
  assert.equal(openNote(`${TEXT}an extension\n\n${line}`, [noteKeyOf(signer)]), null);
});

test('a cosigned note with any one character changed, added or taken out is refused', () => {
  const signers = [ed('w/ed'), pq('w/pq')];
  const keys = signers.map(noteKeyOf);
  const note = signNote(TEXT, signers, AT);
  fc.assert(
    fc.property(fc.nat(note.length - 1), fc.constantFrom('A', '7', '\n', ' '), fc.boolean(), (at, unit, add) => {
      const changed = note.slice(0, at) + unit + note.slice(add ? at : at + 1);
      // a name that is no longer known is a line left alone: then at least one of the two is gone
      return changed === note || (openNote(changed, keys)?.signed.size ?? 0) < 2;
    }),
    { numRuns: 400 },
  );
});

test('bytes that are no key are none, whatever they are', () => {
  const good = formatVerifierKey(noteKeyOf(pq('a')));
  fc.assert(
    fc.property(fc.nat(good.length - 1), fc.constantFrom('A', '+', '=', 'é', ' '), (at, unit) => {
      const changed = good.slice(0, at) + unit + good.slice(at + 1);
      return changed === good || parseVerifierKey(changed) === null;
    }),
    { numRuns: 300 },
  );
  fc.assert(fc.property(fc.string(), (text) => parseVerifierKey(text) === null));
});

test("a log's keys are one on a line, of one name", () => {
  const [one, other] = [noteKeyOf(ed('a', NOTE_ED25519)), noteKeyOf(pq('a'))].map(formatVerifierKey);
  const stranger = formatVerifierKey(noteKeyOf(ed('b', NOTE_ED25519)));

  assert.equal(parseVerifierKeys(`${one}\n${other}\n`)?.length, 2);
  for (const wrong of ['', `${one}\n${stranger}`, `${one}\n\n${other}`, `${one} ${other}`])
    assert.equal(parseVerifierKeys(wrong), null);
});

test('lines are added to a note once for each key; what is no line is not added', () => {
  const [log, witness] = [ed('log', NOTE_ED25519), ed('w')];
  const note = signNote(TEXT, [log], AT);
  const line = signatureLine(TEXT, witness, AT);
  const later = signatureLine(TEXT, witness, new Date(AT.getTime() + 5000));

  const once = addLines(note, [line, later]);

  assert.equal(once, note + line);
  assert.equal(addLines(once, [later]), once);
  assert.equal(addLines(note, ['— w\n']), note);
  assert.equal(splitNote(once)?.signatures.length, 2);
});
