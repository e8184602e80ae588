import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

import fc from 'fast-check';

import { filesWith } from './index.ts';

test('finds what a plain search finds, also across the edge of two chunks and at both ends of a file', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'sr-words-'));
  try {
    const word = 'anna@example.org';
    const edge = Buffer.alloc((1 << 20) + 400, 'x');
    for (const [name, at] of [
      ['first', 0],
      ['edge', (1 << 20) - 7],
      ['last', edge.length - word.length],
    ] as const) {
      const bytes = Buffer.from(edge);
      bytes.write(word, at);
      await writeFile(join(folder, name), bytes);
    }
    await writeFile(join(folder, 'none'), edge);

    const { files, bytes, found } = await filesWith(folder, ['not there', word]);

    assert.equal(files, 4);
    assert.equal(bytes, 4 * edge.length);
    assert.deepEqual(found.map((each) => `${each.file.slice(folder.length + 1)} ${each.word}`).toSorted(), [
      'edge 1',
      'first 1',
      'last 1',
    ]);

    const letters = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), minLength: 2, maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(letters, { maxLength: 6 }),
        fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 60 }),
        async (words, text) => {
          await writeFile(join(folder, 'random'), text);
          const seen = (await filesWith(folder, words)).found.filter(({ file }) => file.endsWith('random'));
          assert.deepEqual(
            seen.map((each) => each.word).toSorted((a, b) => a - b),
            words.flatMap((each, place) => (text.includes(each) ? [place] : [])),
          );
        },
      ),
      { numRuns: 20 },
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

test('what was not looked at is counted, and a word is told of once for each file', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'sr-words-'));
  try {
    await writeFile(join(folder, 'one'), Buffer.from('canary canary'.padEnd((1 << 20) + 10, 'x') + 'canary'));
    await writeFile(join(folder, 'two'), Buffer.from('canary'));

    const { files, left, found } = await filesWith(folder, ['canary'], { mostBytes: 1 });

    assert.deepEqual([files, left, found.length], [1, 1, 1]);
    assert.equal((await filesWith(folder, ['canary'])).found.length, 2);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
