/** Several handles and processes on one file, and what a crash leaves. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';

import { openFileKms } from './file.ts';
import { whileLocked } from './root-disk.ts';
import type { Running } from './file.test.ts';

export function handlesAreSeveral(of: () => Running): void {
  test('changes from many handles at once are all kept, while others wrap', async (t) => {
    const { fileOf, parsed } = of();
    const path = await fileOf(t);
    const handles = await Promise.all(Array.from({ length: 8 }, () => openFileKms(path)));
    for (let round = 0; round < 7; round++) await handles[0]?.rotate?.();
    const wrapped = await Promise.all(Array.from({ length: 8 }, async () => handles[1]?.wrap(Buffer.from('key'), {})));

    await Promise.all([
      ...handles.slice(0, 4).map((kms, at) => kms.destroyVersion?.(String(at + 1))),
      ...handles.slice(4).map((kms) => kms.rotate?.()),
      ...handles.flatMap((kms) =>
        wrapped.map(async (blob) => assert.deepEqual(await kms.unwrap(blob ?? assert.fail(), {}), Buffer.from('key'))),
      ),
    ]);

    const { versions } = await parsed(path);
    assert.equal(versions.length, 12);
    assert.deepEqual(
      versions.filter(({ root }) => root === null).map(({ version }) => version),
      ['1', '2', '3', '4'],
    );
    const reader = await openFileKms(path);
    for (const kms of handles)
      assert.deepEqual(await reader.unwrap(await kms.wrap(Buffer.from('x'), {}), {}), Buffer.from('x'));
  });

  test('two processes that rotate at once both have their version', async (t) => {
    const { fileOf, parsed } = of();
    const path = await fileOf(t);
    const program = `import { openFileKms } from ${JSON.stringify(import.meta.resolve('./file.ts'))};
    const kms = await openFileKms(${JSON.stringify(path)});
    for (let i = 0; i < 10; i++) await kms.rotate();`;
    const run = () => promisify(execFile)(process.execPath, ['--input-type=module', '-e', program]);

    await Promise.all([run(), run()]);

    assert.equal((await parsed(path)).versions.length, 21);
  });

  test('drafts that a crash left are swept at the next start, and nothing else is', async (t) => {
    const { fileOf } = of();
    const path = await fileOf(t);
    const draft = `${path}.0123456789ab.new`;
    const other = `${path}.backup.new`;
    await writeFile(draft, await readFile(path));
    await writeFile(other, '');

    await whileLocked(path, async () => {
      // somebody else's draft, perhaps a live one: left alone, and the start goes on
      await writeFile(draft, await readFile(path));
      await openFileKms(path);
      assert.ok((await readdir(join(path, '..'))).includes('root.json.0123456789ab.new'));
    });
    await openFileKms(path);

    assert.deepEqual((await readdir(join(path, '..'))).toSorted(), [
      'root.json',
      'root.json.backup.new',
      'root.json.lock',
    ]);
  });

  test('a process killed in the middle of a change leaves no lock, and the file as it was', async (t) => {
    const { fileOf } = of();
    const path = await fileOf(t);
    const before = await readFile(path, 'utf8');
    const program = `import { whileLocked } from ${JSON.stringify(import.meta.resolve('./root-disk.ts'))};
    import { writeFileSync } from 'node:fs';
    await whileLocked(${JSON.stringify(path)}, async () => {
      writeFileSync(${JSON.stringify(`${path}.abcdef012345.new`)}, 'half');
      process.kill(process.pid, 'SIGKILL');
      await new Promise(() => {});
    });`;

    await assert.rejects(promisify(execFile)(process.execPath, ['--input-type=module', '-e', program]), {
      signal: 'SIGKILL',
    });
    assert.ok((await readdir(join(path, '..'))).includes('root.json.abcdef012345.new'));
    const kms = await openFileKms(path);

    assert.equal(await readFile(path, 'utf8'), before);
    assert.ok(!(await readdir(join(path, '..'))).includes('root.json.abcdef012345.new'));
    assert.equal(await kms.rotate?.(), '2');
  });

  test('a change waits for the lock and says so when it waited in vain', async (t) => {
    const { fileOf, fails } = of();
    const path = await fileOf(t);

    await whileLocked(path, () =>
      assert.rejects(
        whileLocked(path, async () => {}, 30),
        fails('KMS_FILE_BUSY'),
      ),
    );

    await whileLocked(path, async () => {}, 0);
  });
}
