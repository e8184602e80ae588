/** Whoever adds a kind of mail gives it words. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { glob } from 'node:fs/promises';
import { test } from 'node:test';

import { mailKind } from './mail-kinds.ts';

const ROOT = new URL('../../', import.meta.url).pathname;

test('every kind of mail that is queued has words', async () => {
  const kinds = new Set<string>();
  for await (const file of glob(['practices/**/*.ts', 'server/*.ts'], { cwd: ROOT, exclude: ['**/*.test.ts', '**/*.tests.ts'] }))
    for (const [, kind = ''] of readFileSync(`${ROOT}${file}`, 'utf8').matchAll(/kind: (?:\w+ \? )?'([a-z]+\.[a-z-]+)'/g)) kinds.add(kind);
  assert.ok(kinds.size >= 13, [...kinds].join());
  assert.deepEqual([...kinds].filter((kind) => mailKind(kind) === kind), []);
  assert.equal(mailKind('others.word'), 'others.word');
}); // prettier-ignore
