import assert from 'node:assert/strict';
import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';

import fc from 'fast-check';

import { openNote as openWith, signNote as signWith } from './note.ts';
import { formatVerifierKey, NOTE_ED25519, noteKeyOf, parseVerifierKey, type NoteKey, type NoteSigner } from './vkey.ts';

// C2SP signed-note, its example of a verifier key and a note
const SPEC_KEY = 'example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k';
const SPEC_NOTE =
  'This is an example message.\n\n— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n';
// golang.org/x/mod sumdb/note: two keys, one with its seed, and what they signed
const PETER_SEED = 'gQoUAtUUbI2E8kQzMPVAgOv5juF9nHT2JS/F1ccoMXM=';
const PETER_KEY = 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW';
const ENOCH_KEY = 'EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop';
const TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";
const PETER_LINE =
  '— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n';
const ENOCH_LINE =
  '— EnochRoot rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/5n2tiOHp+vAF1aGrQ5ovTG01oOTGwnWLox33WWd1RvMc+QQ=\n';

const verifierOf = (key: string): NoteKey => parseVerifierKey(key) as NoteKey;
const newSigner = (name: string): NoteSigner => ({
  name,
  type: NOTE_ED25519,
  privateKey: generateKeyPairSync('ed25519').privateKey,
});
const verifierKey = (signer: NoteSigner): string => formatVerifierKey(noteKeyOf(signer));
const openNote = (note: string, key: NoteKey): string | null => openWith(note, [key])?.text ?? null;
const signNote = (text: string, signer: NoteSigner): string => signWith(text, [signer], new Date());

test("the specification's example note opens with its key", () => {
  assert.equal(openNote(SPEC_NOTE, verifierOf(SPEC_KEY)), 'This is an example message.\n');
});

test('signing gives the bytes that the Go implementation published', () => {
  const der = Buffer.concat([
    Buffer.from('302e020100300506032b657004220420', 'hex'),
    Buffer.from(PETER_SEED, 'base64'),
  ]);
  const signer: NoteSigner = {
    name: 'PeterNeumann',
    type: NOTE_ED25519,
    privateKey: createPrivateKey({ key: der, format: 'der', type: 'pkcs8' }),
  };

  assert.equal(verifierKey(signer), PETER_KEY);
  assert.equal(signNote(TEXT, signer), `${TEXT}\n${PETER_LINE}`);
});

test('a note with two signatures opens with either key', () => {
  const note = `${TEXT}\n${PETER_LINE}${ENOCH_LINE}`;

  assert.equal(openNote(note, verifierOf(PETER_KEY)), TEXT);
  assert.equal(openNote(note, verifierOf(ENOCH_KEY)), TEXT);
  assert.equal(openNote(`${TEXT}\n${ENOCH_LINE}`, verifierOf(PETER_KEY)), null);
});

test('a wrong signature of the key beside a right one is refused', () => {
  const forged = PETER_LINE.replace('JkuBS', 'JkuBT');

  assert.equal(openNote(`${TEXT}\n${forged}${PETER_LINE}`, verifierOf(PETER_KEY)), null);
  assert.equal(openNote(`${TEXT}\n${PETER_LINE}${forged}`, verifierOf(PETER_KEY)), null);
});

test('a signature under another name or key hash does not count', () => {
  const note = `${TEXT}\n${PETER_LINE}`;

  assert.equal(openNote(note.replace('PeterNeumann', 'PeterNewmann'), verifierOf(PETER_KEY)), null);
  assert.equal(openNote(note.replace('x08go', 'x18go'), verifierOf(PETER_KEY)), null);
  const other = newSigner('PeterNeumann');
  assert.equal(openNote(signNote(TEXT, other), verifierOf(PETER_KEY)), null);
});

test('a verifier key whose hash is not that of its key is none', () => {
  for (const wrong of [
    PETER_KEY.replace('c74f20a3', 'c74f20a4'),
    PETER_KEY.replace('PeterNeumann', 'PeterNewmann'),
    PETER_KEY.replace('+ARpc', '+ARpd'),
    PETER_KEY.replace('+ARpc', '+BBpc'),
    PETER_KEY.slice(0, -4),
    'PeterNeumann',
    'PeterNeumann+c74f20a3',
    '',
  ])
    assert.equal(parseVerifierKey(wrong), null, wrong);
});

test('a note cut off anywhere is refused', () => {
  const note = `${TEXT}\n${PETER_LINE}`;
  const verifier = verifierOf(PETER_KEY);

  for (let end = 0; end < note.length; end += 1)
    assert.equal(openNote(note.slice(0, end), verifier), null, String(end));
});

test('a note with any one character changed, added or taken out is refused', () => {
  const signer = newSigner('strongroom/test');
  const verifier = verifierOf(verifierKey(signer));
  const note = signNote('strongroom/test\n12\nsome root\n', signer);

  fc.assert(
    fc.property(
      fc.nat(note.length - 1),
      fc.constantFrom('change', 'add', 'take'),
      fc.constantFrom('A', 'b', '1', '=', '+', '/', '\n', ' ', '\t', '\0', '—', 'ü'),
      (at, how, unit) => {
        const changed = note.slice(0, at) + (how === 'take' ? '' : unit) + note.slice(how === 'add' ? at : at + 1);
        // the only change a verifier may not see: none
        return changed === note || openNote(changed, verifier) === null;
      },
    ),
    { numRuns: 2000 },
  );
});

test('lines that are no signatures, and too many of them, are refused', () => {
  const note = `${TEXT}\n${PETER_LINE}`;
  const verifier = verifierOf(PETER_KEY);

  assert.equal(openNote(`${note}something\n`, verifier), null);
  assert.equal(openNote(`${note}— a b\n`, verifier), null);
  assert.equal(openNote(note + ENOCH_LINE.repeat(15), verifier), TEXT);
  assert.equal(openNote(note + ENOCH_LINE.repeat(100), verifier), null);
  assert.equal(openNote(note + note, verifier), null);
});

test('a log cannot be given a name that its notes could not carry', () => {
  for (const name of ['', 'two words', 'a+b', 'a\u0000b', 'a\nb', 'a\u2003b'])
    assert.throws(() => signNote('text\n', newSigner(name)), TypeError, JSON.stringify(name));
});
