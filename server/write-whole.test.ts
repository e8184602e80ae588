import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

import { writeWhole, writeWholeOrInPlace } from './write-whole.ts';

const isRoot = process.getuid?.() === 0;

test('a file that is mounted by itself is written in place, and nothing is left beside it', { skip: !isRoot }, async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'sr-whole-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const [path, from] = [join(folder, 'catalog.yaml'), join(folder, 'from')];
  await writeFile(path, '');
  await writeFile(from, 'what was there before, and is longer');
  try {
    execFileSync('mount', ['--bind', from, path], { stdio: 'ignore' });
  } catch {
    return t.diagnostic('nothing can be mounted here');
  }
  try {
    await assert.rejects(writeWhole(path, 'new', 0o600), { code: 'EBUSY' });

    const kept = join(folder, 'kept');
    await writeWholeOrInPlace(path, 'new', 0o600, kept);

    assert.equal(await readFile(from, 'utf8'), 'new');
    assert.deepEqual((await readdir(folder)).toSorted(), ['catalog.yaml', 'from', 'kept']);
    await writeWholeOrInPlace(path, 'newer', 0o600, kept);
    assert.equal(await readFile(kept, 'utf8'), 'what was there before, and is longer', 'the first is kept');
  } finally {
    execFileSync('umount', [path]);
  }
}); // prettier-ignore

test('any other failure is told, and nothing is written', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'sr-whole-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  await assert.rejects(writeWholeOrInPlace(join(folder, 'none', 'file'), 'new', 0o600, join(folder, 'kept')), {
    code: 'ENOENT',
  });
});
