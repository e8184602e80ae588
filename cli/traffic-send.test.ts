import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { test } from 'node:test';

import { batchesOf } from './traffic-send.ts';

const sent = async (chunks: readonly (string | Buffer)[]) => {
  const batches = [];
  for await (const batch of batchesOf(Readable.from(chunks))) batches.push(batch);
  return { batches, lines: batches.flatMap(({ lines }) => lines), tooLong: batches.reduce((sum, each) => sum + each.tooLong, 0) }; // prettier-ignore
};

test('lines are cut where they end, whatever the chunks are', async () => {
  const bytes = Buffer.from('one\r\n\nzwölf\nlast', 'utf8');
  const { lines, tooLong } = await sent([...bytes].map((byte) => Buffer.of(byte)));
  assert.deepEqual([lines, tooLong], [['one', 'zwölf', 'last'], 0]);
});

test('no batch is more than the server takes, and a line without an end is let go and counted', async () => {
  const many = await sent([`${'x'.repeat(60)}\n`.repeat(12_000)]);
  assert.equal(many.lines.length, 12_000);
  assert.ok(many.batches.every(({ lines }) => lines.length <= 5000));
  // each of these letters is six bytes on its way
  const escaped = await sent([`${'\u0001'.repeat(131_072)}\n`.repeat(4)]);
  assert.equal(escaped.lines.length, 4);
  assert.ok(escaped.batches.every(({ lines }) => JSON.stringify(lines).length < 2 ** 20));
  const endless = await sent([...Array.from({ length: 20 }, () => 'y'.repeat(50_000)), '\nafter\n']);
  assert.deepEqual([endless.lines, endless.tooLong], [['after'], 1]);
});
