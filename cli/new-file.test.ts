/** A file that a command writes is there when all of it is, and takes no other's place. */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { refuseBegun, writeWhole } from './new-file.ts';

let folder: string;
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'sr-new-file-'));
});
after(() => rmSync(folder, { recursive: true, force: true }));

async function* pieces(then: () => void): AsyncGenerator<Buffer> {
  yield Buffer.from('one\n');
  then();
  yield Buffer.from('two\n');
}

test('until all of it is there it has another name, and then it is of its owner alone', async () => {
  const out = join(folder, 'whole');
  let early = true;
  const bytes = await writeWhole(out, pieces(() => (early = existsSync(out)))); // prettier-ignore
  assert.deepEqual([bytes, early, readFileSync(out, 'utf8')], [8, false, 'one\ntwo\n']);
  assert.equal(statSync(out).mode & 0o777, 0o600);
  assert.deepEqual(readdirSync(folder), ['whole']);
});

test('what breaks off leaves nothing, and what came under its name meanwhile stays', async () => {
  const out = join(folder, 'broken');
  const breaks = (): void => {
    throw new Error('broke off');
  };
  await assert.rejects(writeWhole(out, pieces(breaks)), /broke off/);
  assert.ok(!existsSync(out) && !existsSync(`${out}.part`));
  const came = (): void => writeFileSync(out, 'another');
  await assert.rejects(writeWhole(out, pieces(came)), { code: 'EEXIST' });
  assert.deepEqual([readFileSync(out, 'utf8'), existsSync(`${out}.part`)], ['another', false]);
  await assert.rejects(refuseBegun(out), /is there already/);
});

test('what is being written by another is neither gone over nor taken away', async () => {
  const out = join(folder, 'busy');
  writeFileSync(`${out}.part`, 'another');
  await assert.rejects(refuseBegun(out), /was stopped or still runs/);
  await assert.rejects(writeWhole(out, pieces(() => {})), { code: 'EEXIST' }); // prettier-ignore
  assert.deepEqual([existsSync(out), readFileSync(`${out}.part`, 'utf8')], [false, 'another']);
});
