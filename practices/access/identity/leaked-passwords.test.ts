import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { createLeaked } from './leaked-passwords.ts';

let folder: string;
before(async () => void (folder = await mkdtemp(join(tmpdir(), 'sr-leaked-'))));
after(() => rm(folder, { recursive: true, force: true }));

const hashOf = (text: string): string => createHash('sha1').update(text).digest('hex').toUpperCase();
const file = async (name: string, lines: readonly string[], end = '\r\n'): Promise<string> => {
  const path = join(folder, name);
  await writeFile(path, lines.map((line) => `${line}${end}`).join(''));
  return path;
};
const unreadable = { code: 'ACCESS_LEAKED_UNREADABLE' };
const words = Array.from({ length: 3000 }, (_, n) => `leaked password ${n}`);

test('each password of the file is found, and none that is not in it, whatever the lines look like', async () => {
  const counted = words.map((word, n) => `${hashOf(word)}:${10 ** (n % 9)}`).toSorted();
  const shapes = {
    'as the tool writes it': await file('counted', counted),
    'without counts, small letters': await file(
      'bare',
      words.map((word) => hashOf(word).toLowerCase()).toSorted(),
      '\n',
    ),
    'cut to 20 characters': await file('cut', words.map((word) => hashOf(word).slice(0, 20)).toSorted(), '\n'),
  };
  for (const [shape, path] of Object.entries(shapes)) {
    const isLeaked = createLeaked(path);
    for (const word of words.filter((_, n) => n % 7 === 0))
      assert.equal(await isLeaked(word), true, `${shape}: ${word}`);
    for (let n = 0; n < 300; n += 1) assert.equal(await isLeaked(`not leaked ${n}`), false, shape);
  }
  // the first and the last line, one line alone, and no line feed at the end
  const path = join(folder, 'one');
  for (const line of [counted[0], counted.at(-1)] as string[]) {
    const word = words.find((each) => line.startsWith(hashOf(each))) as string;
    assert.equal(await createLeaked(shapes['as the tool writes it'])(word), true);
    await writeFile(path, line);
    assert.deepEqual([await createLeaked(path)(word), await createLeaked(path)('another')], [true, false]);
  }
});

test('a password is found as it was typed, and in the form that is kept', async () => {
  const isLeaked = createLeaked(await file('forms', [hashOf('ﬁnal answer, not kept')]));
  assert.equal(await isLeaked('ﬁnal answer, not kept'), true);
  const kept = createLeaked(await file('kept', [hashOf('final answer, kept')]));
  assert.equal(await kept('ﬁnal answer, kept'), true);
});

test('a file that is none of this kind is a failure, and not a no', async () => {
  const junk = [['no hash here'], ['x'.repeat(5000)], [hashOf('a').slice(0, 5)], ['']];
  for (const lines of junk)
    await assert.rejects(createLeaked(await file('junk', lines, '\n'))('ZZZZZZ'), unreadable, lines[0]?.slice(0, 20));
  await assert.rejects(createLeaked(join(folder, 'not-there'))('x'), unreadable);
  await writeFile(join(folder, 'empty'), '');
  await assert.rejects(createLeaked(join(folder, 'empty'))('x'), unreadable);
  assert.equal(await createLeaked(null)('x'), false);
});
