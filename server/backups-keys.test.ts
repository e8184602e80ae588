/** The ceremony's files: nobody is trusted whose shares are not there. */
import assert from 'node:assert/strict';
import { mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';

import { combineIdentity } from '#practices/backups';

import { backupsCommand } from './backups-command.ts';

async function folderOf(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'sr-ceremony-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}
const init = (out: string): Promise<number> => backupsCommand(['keys', 'init', '--out', out]);

test('the recipient is the one whose shares stand beside it, and all of it is for the owner only', async (t) => {
  const folder = join(await folderOf(t), 'ceremony');
  assert.equal(await init(folder), 0);

  const there = (await readdir(folder)).toSorted();
  assert.deepEqual(there, ['recipient.txt', ...[1, 2, 3, 4, 5].map((n) => `share-${n}.txt`), 'sheets.pdf', 'sheets.txt']);
  for (const name of there) assert.equal((await stat(join(folder, name))).mode & 0o777, 0o600, name);
  const texts = await Promise.all([5, 1, 3].map((n) => readFile(join(folder, `share-${n}.txt`), 'utf8')));
  const { recipient } = await combineIdentity(texts.map((text) => text.trim()));
  assert.equal(await readFile(join(folder, 'recipient.txt'), 'utf8'), `${recipient}\n`);
}); // prettier-ignore

test('where a file of another ceremony is there already nothing is made: a recipient without shares least of all', async (t) => {
  for (const name of ['share-4.txt', 'sheets.pdf', 'recipient.txt']) {
    const folder = await folderOf(t);
    await writeFile(join(folder, name), 'of another');
    assert.equal(await init(folder), 2);
    assert.deepEqual(await readdir(folder), [name]);
    assert.equal(await readFile(join(folder, name), 'utf8'), 'of another');
  }
});
