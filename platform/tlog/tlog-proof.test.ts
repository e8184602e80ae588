import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';

import fc from 'fast-check';

import { checkpointText } from './checkpoint.ts';
import { leafHash, rootOf } from './merkle.ts';
import { inclusionProof } from './merkle-proofs.ts';
import { signNote } from './note.ts';
import { formatProof, parseProof, provesEntry } from './tlog-proof.ts';
import { NOTE_ED25519, type NoteSigner } from './vkey.ts';

const SIGNER: NoteSigner = {
  name: 'example.org/log',
  type: NOTE_ED25519,
  privateKey: generateKeyPairSync('ed25519').privateKey,
};
const ENTRIES = Array.from({ length: 11 }, (_, i) => Buffer.from(`entry ${i}`));
const LEAVES = ENTRIES.map((entry) => leafHash(entry));

async function proofOf(index: number, extra: Buffer | null): Promise<string> {
  const hashes = await inclusionProof(index, 11, (start, end) => Promise.resolve(rootOf(LEAVES.slice(start, end))));
  const note = signNote(checkpointText({ origin: SIGNER.name, size: 11, root: rootOf(LEAVES) }), [SIGNER], new Date());
  return formatProof({ index, hashes, note, extra });
}

test('a proof is written as the specification shows it, and read back the same', async () => {
  const text = await proofOf(6, Buffer.from('more'));
  const proof = parseProof(text);

  assert.match(
    text,
    /^c2sp\.org\/tlog-proof@v1\nextra bW9yZQ==\nindex 6\n([A-Za-z0-9+/]{43}=\n){4}\nexample\.org\/log\n11\n\S+\n\n— example\.org\/log \S+\n$/,
  );
  assert.equal(proof?.index, 6);
  assert.equal(proof.extra?.toString(), 'more');
  assert.equal(formatProof(proof), text);
});

test('it proves its entry and no other, with and without extra data', async () => {
  for (const extra of [null, Buffer.alloc(0), Buffer.from('x')]) {
    for (const index of ENTRIES.keys()) {
      const proof = parseProof(await proofOf(index, extra));
      assert.ok(proof);
      for (const [at, entry] of ENTRIES.entries()) assert.equal(provesEntry(proof, entry), at === index);
    }
  }
});

test('any other spelling is none, and no change proves the entry still', async () => {
  const text = await proofOf(6, null);
  const lines = text.split('\n');
  for (const wrong of [
    '',
    text.slice(0, -1),
    text.replace('@v1', '@v2'),
    text.replace('index 6', 'index 06'),
    text.replace('index 6', 'index -6'),
    text.replace('index 6', 'Index 6'),
    text.replace('index 6\n', ''),
    text.replace('index 6', 'extra !\nindex 6'),
    text.replace('index 6', 'extra bW9yZQ\nindex 6'),
    text.replace('index 6', 'index 6\nAAAA'),
    text.replaceAll('\n', '\r\n'),
    text.replace('index 6\n', `index 6\n${`${'A'.repeat(43)}=\n`.repeat(60)}`),
  ])
    assert.equal(parseProof(wrong), null, wrong.slice(0, 60));
  const [taken, doubled] = [lines.toSpliced(3, 1).join('\n'), lines.toSpliced(3, 0, lines[3] as string).join('\n')];
  for (const changed of [taken, doubled, text.replace('index 6', 'index 7')]) {
    const proof = parseProof(changed);
    assert.ok(proof === null || !provesEntry(proof, ENTRIES[6] as Buffer));
  }
});

test('no text makes the reader do anything but read or refuse', async () => {
  const text = await proofOf(3, Buffer.from('x'));
  fc.assert(
    fc.property(fc.nat(text.length), fc.nat(40), fc.string(), (at, cut, piece) => {
      const proof = parseProof(text.slice(0, at) + piece + text.slice(at + cut));
      if (proof !== null) provesEntry(proof, Buffer.from('entry 3'));
    }),
  );
});
