import assert from 'node:assert/strict';
import { randomBytes, randomInt } from 'node:crypto';
import { test } from 'node:test';

import { NAME_BYTES, TAG_BYTES } from './seal-tags.ts';
import { createTagTable, type TagTable, type Verdict } from './tag-table.ts';

/** The slow twin: what the table says, said by a Map. */
function twin(): TagTable {
  const known = new Map<string, { digest: string; seen: boolean } | null>();
  const name = (bytes: Buffer): string => bytes.toString('latin1', 0, NAME_BYTES);
  const digest = (bytes: Buffer): string => bytes.toString('latin1', NAME_BYTES);
  return {
    put: (tag, seen) => void known.set(name(tag), { digest: digest(tag), seen: known.get(name(tag))?.seen ?? seen }),
    bury: (bytes) => void known.set(name(bytes), null),
    compare: (tag): Verdict => {
      const found = known.get(name(tag));
      if (found === undefined) return 'unknown';
      if (found === null) return 'deleted';
      found.seen = true;
      return found.digest === digest(tag) ? 'same' : 'changed';
    },
    unseen: () => [...known.values()].filter((each) => each !== null && !each.seen).length,
  };
}

test('whatever is written, buried and compared, the table says what a Map of everything says', () => {
  const [table, slow] = [createTagTable(4), twin()];
  // names that meet in one slot, and some that differ in a single byte
  const names = Array.from({ length: 300 }, (_, n) => {
    const bytes = n % 3 === 0 ? randomBytes(NAME_BYTES) : Buffer.alloc(NAME_BYTES);
    bytes[n % 3 === 1 ? 0 : 7] = n & 255;
    return bytes;
  });
  const digests = [randomBytes(TAG_BYTES - NAME_BYTES), randomBytes(TAG_BYTES - NAME_BYTES)];
  const any = <T>(list: readonly T[]): T => list[randomInt(list.length)] as T;
  for (let turn = 0; turn < 20_000; turn += 1) {
    const tag = Buffer.concat([any(names), any(digests)]);
    const what = randomInt(10);
    if (what < 5) for (const each of [table, slow]) each.put(tag, what === 0);
    else if (what === 5) for (const each of [table, slow]) each.bury(tag.subarray(0, NAME_BYTES));
    else assert.equal(table.compare(tag), slow.compare(tag));
    if (turn % 1000 === 0) assert.equal(table.unseen(), slow.unseen());
  }
  assert.equal(table.unseen(), slow.unseen());
});

test('it grows, and forgets nothing on the way', () => {
  const table = createTagTable(4);
  const tags = Array.from({ length: 5000 }, () => randomBytes(TAG_BYTES));
  for (const tag of tags) table.put(tag, false);

  assert.equal(table.unseen(), 5000);
  for (const tag of tags) assert.equal(table.compare(tag), 'same');
  assert.equal(table.unseen(), 0);
  assert.equal(table.compare(randomBytes(TAG_BYTES)), 'unknown');
});
